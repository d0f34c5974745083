/* Writing whole tensors. */
#include "api.h"

static const int64_t TWO[] = {2};
static const float VALUES[] = {1.5f, -2.0f};

static void test_every_dtype(void) {
    tfckpt_writer *writer = create_writer(scratch("dtypes/ckpt"));
    uint8_t bytes[32];
    testing("every dtype");
    for (size_t i = 0; i < sizeof bytes; i++) bytes[i] = (uint8_t)(i * 7 % 2);
    for (int32_t dtype = 1; dtype <= TFCKPT_DT_FLOAT4_E2M1FN; dtype++) {
        const char *name = tfckpt_dtype_name(dtype);
        size_t size = 2 * tfckpt_dtype_size(dtype);
        EXPECT(size > 0 ? TFCKPT_OK : TFCKPT_UNSUPPORTED,
               tfckpt_writer_add(writer, name, strlen(name), dtype, TWO, 1, bytes, size, &err));
    }
    finish_writer(writer);
    tfckpt_reader *reader = open_reader(scratch("dtypes/ckpt"));
    for (int32_t dtype = 1; dtype <= TFCKPT_DT_FLOAT4_E2M1FN; dtype++) {
        size_t size = 2 * tfckpt_dtype_size(dtype);
        if (size > 0) check_bytes(reader, tfckpt_dtype_name(dtype), bytes, size);
    }
    tfckpt_reader_free(reader);
}

static void test_add_misuse(void) {
    tfckpt_writer *writer = create_writer(scratch("misuse/ckpt"));
    int64_t negative[] = {-2}, huge[] = {INT64_MAX, INT64_MAX}, zero[] = {0};
    size_t len;
    testing("add");
#define ADD(...) tfckpt_writer_add(writer, __VA_ARGS__, &err)
    OK(ADD(NAME("a"), TFCKPT_DT_FLOAT, TWO, 1, VALUES, 8));
    EXPECT(TFCKPT_ALREADY_EXISTS, ADD(NAME("a"), TFCKPT_DT_FLOAT, TWO, 1, VALUES, 8));
    CHECK(strcmp(tfckpt_error_tensor(err, &len), "a") == 0 && len == 1);
    INVALID(ADD(NAME(""), TFCKPT_DT_FLOAT, TWO, 1, VALUES, 8));
    INVALID(ADD(NULL, 0, TFCKPT_DT_FLOAT, TWO, 1, VALUES, 8));
    INVALID(ADD(NULL, 1, TFCKPT_DT_FLOAT, TWO, 1, VALUES, 8));
    INVALID(ADD(NAME("b"), 0, TWO, 1, VALUES, 8));
    INVALID(ADD(NAME("b"), 34, TWO, 1, VALUES, 8));
    EXPECT(TFCKPT_UNSUPPORTED, ADD(NAME("b"), 101, TWO, 1, VALUES, 8));
    INVALID(ADD(NAME("b"), TFCKPT_DT_FLOAT, TWO, 1, VALUES, 7));
    INVALID(ADD(NAME("b"), TFCKPT_DT_FLOAT, TWO, 1, NULL, 0));
    INVALID(ADD(NAME("b"), TFCKPT_DT_FLOAT, TWO, 1, NULL, 8));
    INVALID(ADD(NAME("b"), TFCKPT_DT_FLOAT, NULL, 1, VALUES, 8));
    INVALID(ADD(NAME("b"), TFCKPT_DT_FLOAT, TWO, 255, VALUES, 8));
    INVALID(ADD(NAME("b"), TFCKPT_DT_FLOAT, TWO, SIZE_MAX, VALUES, 8));
    INVALID(ADD(NAME("b"), TFCKPT_DT_FLOAT, negative, 1, VALUES, 8));
    INVALID(ADD(NAME("b"), TFCKPT_DT_FLOAT, huge, 2, VALUES, 8));
    OK(ADD(NAME("scalar"), TFCKPT_DT_FLOAT, NULL, 0, VALUES, 4));
    OK(ADD(NAME("empty"), TFCKPT_DT_FLOAT, zero, 1, NULL, 0));
    OK(ADD("nul\0in it", 9, TFCKPT_DT_FLOAT, TWO, 1, VALUES, 8));
#undef ADD
    finish_writer(writer);

    tfckpt_reader *reader = open_reader(scratch("misuse/ckpt"));
    tfckpt_tensor *tensor;
    int64_t count;
    OK(tfckpt_reader_count(reader, &count, &err));
    CHECK(count == 4);
    check_bytes(reader, "a", VALUES, 8);
    check_bytes(reader, "scalar", VALUES, 4);
    check_bytes(reader, "empty", NULL, 0);
    OK(tfckpt_reader_find(reader, "nul\0in it", 9, &tensor, &err));
    CHECK(memcmp(tfckpt_tensor_name(tensor, &len), "nul\0in it", 10) == 0 && len == 9);
    tfckpt_tensor_free(tensor);
    tfckpt_reader_free(reader);
}

static void test_slices(void) {
    tfckpt_writer *writer = create_writer(scratch("slices/ckpt"));
    int64_t dims[] = {4}, first[] = {0}, second[] = {2}, third[] = {3}, whole[] = {-1};
    int64_t five[] = {5};
    float all[] = {1, 2, 3, 4};
    testing("add_slice");
#define ADD(name, dtype, dims, starts, lengths, data, size) \
    tfckpt_writer_add_slice(writer, name, dtype, dims, 1, starts, lengths, data, size, &err)
    OK(ADD(NAME("s"), TFCKPT_DT_FLOAT, dims, second, TWO, all + 2, 8));
    INVALID(ADD(NAME("s"), TFCKPT_DT_INT32, dims, first, TWO, all, 8));
    INVALID(ADD(NAME("s"), TFCKPT_DT_FLOAT, five, first, TWO, all, 8));
    INVALID(ADD(NAME("s"), TFCKPT_DT_FLOAT, dims, third, TWO, all, 8));
    INVALID(ADD(NAME("s"), TFCKPT_DT_FLOAT, dims, first, TWO, all, 16));
    INVALID(ADD(NAME("s"), TFCKPT_DT_FLOAT, dims, NULL, TWO, all, 8));
    INVALID(ADD(NAME("s"), TFCKPT_DT_FLOAT, dims, first, NULL, all, 8));
    EXPECT(TFCKPT_ALREADY_EXISTS, ADD(NAME("s"), TFCKPT_DT_FLOAT, dims, second, TWO, all, 8));
    OK(ADD(NAME("s"), TFCKPT_DT_FLOAT, dims, first, TWO, all, 8));
    OK(ADD(NAME("whole"), TFCKPT_DT_FLOAT, dims, first, whole, all, 16));
#undef ADD
    finish_writer(writer);

    tfckpt_reader *reader = open_reader(scratch("slices/ckpt"));
    tfckpt_tensor *tensor;
    check_bytes(reader, "s", BYTES(all));
    check_bytes(reader, "whole", BYTES(all));
    OK(tfckpt_reader_find(reader, NAME("s"), &tensor, &err));
    CHECK(tfckpt_tensor_slice_count(tensor) == 2);
    CHECK(tfckpt_tensor_slice_starts(tensor, 0)[0] == 2);
    CHECK(tfckpt_tensor_slice_lengths(tensor, 1)[0] == 2);
    tfckpt_tensor_free(tensor);
    OK(tfckpt_reader_find(reader, NAME("whole"), &tensor, &err));
    CHECK(tfckpt_tensor_slice_count(tensor) == 0);
    tfckpt_tensor_free(tensor);
    tfckpt_reader_free(reader);
}

static tfckpt_write_request request_of(const char *name, const int64_t *dims, const void *data,
                                       size_t size) {
    tfckpt_write_request request;
    memset(&request, 0, sizeof request);
    request.name = name;
    request.name_len = strlen(name);
    request.dtype = TFCKPT_DT_FLOAT;
    request.dims = dims;
    request.rank = 1;
    request.data = data;
    request.data_len = size;
    return request;
}

static void test_add_many(void) {
    static float large[1 << 20];
    static const int64_t million[] = {1 << 20}, first[] = {0}, second[] = {1}, one[] = {1};
    tfckpt_writer *writer = create_writer(scratch("many/ckpt"));
    tfckpt_write_options *options = tfckpt_write_options_new();
    tfckpt_progress *progress = tfckpt_progress_new();
    testing("add_many");
    for (size_t i = 0; i < 1 << 20; i++) large[i] = (float)i;
    tfckpt_write_options_set_threads(options, SIZE_MAX);
    tfckpt_write_options_set_max_in_flight(options, 0);
    tfckpt_write_options_set_progress(options, progress);
    tfckpt_write_request all[] = {
        request_of("large", million, BYTES(large)), request_of("a", TWO, BYTES(VALUES)),
        request_of("s", TWO, VALUES + 1, 4), request_of("s", TWO, VALUES, 4),
    };
    all[2].starts = second;
    all[3].starts = first;
    all[2].lengths = all[3].lengths = one;
#define ADD(requests, count) tfckpt_writer_add_many(writer, requests, count, options, &err)
    OK(ADD(NULL, 0));
    OK(ADD(all, 4));
    CHECK(tfckpt_progress_done(progress) == sizeof large + 16);
    CHECK(tfckpt_progress_total(progress) == sizeof large + 16);
    INVALID(ADD(NULL, 1));
    INVALID(ADD(all, SIZE_MAX / 2));
    EXPECT(TFCKPT_ALREADY_EXISTS, ADD(all + 1, 1));

    /* All or none. */
    tfckpt_write_request bad[] = {request_of("b", TWO, BYTES(VALUES)), all[1]};
    EXPECT(TFCKPT_ALREADY_EXISTS, ADD(bad, 2));
    bad[1].name_len = 0;
    INVALID(ADD(bad, 2));
    bad[1] = request_of("c", TWO, VALUES, 4);
    INVALID(ADD(bad, 2));
    bad[1] = request_of("c", TWO, NULL, 8);
    INVALID(ADD(bad, 2));
    bad[1] = request_of("c", NULL, BYTES(VALUES));
    INVALID(ADD(bad, 2));
    bad[1] = request_of("c", TWO, BYTES(VALUES));
    bad[1].dtype = TFCKPT_DT_STRING;
    EXPECT(TFCKPT_UNSUPPORTED, ADD(bad, 2));
    bad[1].dtype = 0;
    INVALID(ADD(bad, 2));
    bad[1].dtype = TFCKPT_DT_FLOAT;
    bad[1].starts = first;
    INVALID(ADD(bad, 2));
    bad[1].starts = NULL;
    bad[1].lengths = one;
    INVALID(ADD(bad, 2));
    bad[1].lengths = NULL;
    bad[1].reserved[1] = bad;
    INVALID(ADD(bad, 2));
    bad[1].reserved[1] = NULL;
    OK(tfckpt_writer_add_many(writer, bad, 2, NULL, &err));

    tfckpt_progress_cancel(progress);
    bad[0].name = "d";
    EXPECT(TFCKPT_CANCELLED, ADD(bad, 1));
#undef ADD
    tfckpt_progress_free(progress);
    tfckpt_write_options_free(options);
    finish_writer(writer);

    tfckpt_reader *reader = open_reader(scratch("many/ckpt"));
    int64_t count;
    OK(tfckpt_reader_count(reader, &count, &err));
    CHECK(count == 5);
    check_bytes(reader, "large", BYTES(large));
    check_bytes(reader, "a", BYTES(VALUES));
    check_bytes(reader, "b", BYTES(VALUES));
    check_bytes(reader, "c", BYTES(VALUES));
    check_bytes(reader, "s", BYTES(VALUES));
    tfckpt_reader_free(reader);
}

/* A string or a variant tensor, whole and in slices. */
static void check_strings(const tfckpt_reader *reader, const char *name) {
    static const int64_t offsets[] = {0, 2, 2, 3};
    tfckpt_strings *strings;
    OK(tfckpt_reader_read_strings(reader, name, strlen(name), NULL, &strings, &err));
    CHECK(tfckpt_strings_count(strings) == 3 && tfckpt_strings_data_size(strings) == 3);
    CHECK(memcmp(tfckpt_strings_offsets(strings), offsets, sizeof offsets) == 0);
    CHECK(memcmp(tfckpt_strings_data(strings), "abc", 3) == 0);
    tfckpt_strings_free(strings);
}

static void test_strings(void) {
    tfckpt_writer *writer = create_writer(scratch("strings/ckpt"));
    int64_t dims[] = {3}, offsets[] = {0, 2, 2, 3}, front[] = {0}, one[] = {1}, two[] = {2};
    int64_t zero[] = {0}, falling[] = {0, 2, 1, 3}, late[] = {1, 2, 2, 3}, huge[] = {INT64_MAX};
    testing("strings");
    int64_t tail[] = {0, 0, 1};
    OK(tfckpt_writer_add_strings(writer, NAME("s"), dims, 1, offsets, "abc", 3, &err));
    OK(tfckpt_writer_add_strings_slice(writer, NAME("s/2"), dims, 1, one, two, tail, "c", 1, &err));
    OK(tfckpt_writer_add_strings_slice(writer, NAME("s/2"), dims, 1, front, one, offsets, "ab", 2,
                                       &err));
    OK(tfckpt_writer_add_variants(writer, NAME("v"), dims, 1, offsets, "abc", 3, &err));
    OK(tfckpt_writer_add_variants_slice(writer, NAME("v/2"), dims, 1, one, two, tail, "c", 1,
                                        &err));
    OK(tfckpt_writer_add_variants_slice(writer, NAME("v/2"), dims, 1, front, one, offsets, "ab", 2,
                                        &err));
    OK(tfckpt_writer_add_strings(writer, NAME("none"), zero, 1, offsets, NULL, 0, &err));
    INVALID(tfckpt_writer_add_strings(writer, NAME("x"), zero, 1, NULL, NULL, 0, &err));
    INVALID(tfckpt_writer_add_strings(writer, NAME("x"), dims, 1, NULL, "abc", 3, &err));
    INVALID(tfckpt_writer_add_strings(writer, NAME("x"), dims, 1, falling, "abc", 3, &err));
    INVALID(tfckpt_writer_add_strings(writer, NAME("x"), dims, 1, late, "abc", 3, &err));
    INVALID(tfckpt_writer_add_strings(writer, NAME("x"), dims, 1, offsets, "abcd", 4, &err));
    INVALID(tfckpt_writer_add_strings(writer, NAME("x"), huge, 1, offsets, "abc", 3, &err));
    INVALID(tfckpt_writer_add_strings_slice(writer, NAME("x"), dims, 1, two, two, tail, "c", 1,
                                            &err));
    finish_writer(writer);

    tfckpt_reader *reader = open_reader(scratch("strings/ckpt"));
    tfckpt_strings *none;
    check_strings(reader, "s");
    check_strings(reader, "s/2");
    check_strings(reader, "v");
    check_strings(reader, "v/2");
    OK(tfckpt_reader_read_strings(reader, NAME("none"), NULL, &none, &err));
    CHECK(tfckpt_strings_count(none) == 0 && tfckpt_strings_offsets(none)[0] == 0);
    CHECK(tfckpt_strings_data_size(none) == 0);
    tfckpt_strings_free(none);
    tfckpt_reader_free(reader);
}

static int64_t offset_of(const tfckpt_reader *reader, const char *name) {
    tfckpt_tensor *tensor;
    OK(tfckpt_reader_find(reader, name, strlen(name), &tensor, &err));
    int64_t offset = tfckpt_tensor_offset(tensor);
    tfckpt_tensor_free(tensor);
    return offset;
}

/* One byte, and behind it a small and a large tensor. */
static void test_alignment(void) {
    static const struct {
        size_t alignment;
        int64_t small, large;
    } cases[] = {{0, 4, 64}, {1, 1, 9}, {16, 16, 32}, {4096, 4096, 8192}};
    static float large[1024];
    int64_t many[] = {1024};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        tfckpt_writer_options *options = tfckpt_writer_options_new();
        tfckpt_writer *writer;
        char *prefix = text("%s-%zu", scratch("aligned"), cases[i].alignment);
        testing("alignment %zu", cases[i].alignment);
        OK(tfckpt_writer_options_set_alignment(options, cases[i].alignment, &err));
        OK(tfckpt_writer_create(prefix, options, &writer, &err));
        tfckpt_writer_options_free(options);
        OK(tfckpt_writer_add(writer, NAME("byte"), TFCKPT_DT_UINT8, NULL, 0, "x", 1, &err));
        OK(tfckpt_writer_add(writer, NAME("small"), TFCKPT_DT_FLOAT, TWO, 1, VALUES, 8, &err));
        OK(tfckpt_writer_add(writer, NAME("large"), TFCKPT_DT_FLOAT, many, 1, BYTES(large), &err));
        finish_writer(writer);
        tfckpt_reader *reader = open_reader(prefix);
        CHECK(offset_of(reader, "small") == cases[i].small);
        CHECK(offset_of(reader, "large") == cases[i].large);
        check_bytes(reader, "small", VALUES, 8);
        tfckpt_reader_free(reader);
        free(prefix);
    }
}

static void test_options(void) {
    tfckpt_writer_options *options = tfckpt_writer_options_new();
    testing("writer options");
    INVALID(tfckpt_writer_options_set_shards(options, 0, &err));
    INVALID(tfckpt_writer_options_set_shards(options, -1, &err));
    INVALID(tfckpt_writer_options_set_shards(options, 1001, &err));
    INVALID(tfckpt_writer_options_set_shards(options, INT64_MAX, &err));
    INVALID(tfckpt_writer_options_set_alignment(options, 3, &err));
    INVALID(tfckpt_writer_options_set_alignment(options, (size_t)1 << 21, &err));
    INVALID(tfckpt_writer_options_set_alignment(options, SIZE_MAX, &err));
    /* What was refused has changed nothing. */
    tfckpt_writer *writer;
    OK(tfckpt_writer_create(scratch("options/ckpt"), options, &writer, &err));
    finish_writer(writer);
    tfckpt_reader *reader = open_reader(scratch("options/ckpt"));
    CHECK(tfckpt_reader_num_shards(reader) == 1);
    tfckpt_reader_free(reader);
    tfckpt_writer_options_free(options);
}

static void test_replace(void) {
    tfckpt_writer_options *options = tfckpt_writer_options_new();
    const char *prefix = scratch("replace/ckpt");
    tfckpt_writer *writer = NULL;
    float value = 7;
    testing("replace");
    write_floats(prefix, "a", 1);
    EXPECT(TFCKPT_ALREADY_EXISTS, tfckpt_writer_create(prefix, NULL, &writer, &err));
    CHECK(writer == NULL);
    tfckpt_writer_options_set_replace(options, true);
    tfckpt_writer_options_set_sync(options, false);
    OK(tfckpt_writer_create(prefix, options, &writer, &err));
    tfckpt_writer_options_free(options);
    OK(tfckpt_writer_add(writer, NAME("b"), TFCKPT_DT_FLOAT, NULL, 0, &value, 4, &err));
    tfckpt_reader *reader = open_reader(prefix);
    check_bytes(reader, "a", &(float){1}, 4);
    tfckpt_reader_free(reader);
    finish_writer(writer);
    reader = open_reader(prefix);
    check_bytes(reader, "b", &value, 4);
    tfckpt_reader_free(reader);
    CHECK(count_files(scratch("replace")) == 2);
}

static void test_end(void) {
    testing("abandon");
    tfckpt_writer *writer = create_writer(scratch("abandoned/deep/ckpt"));
    OK(tfckpt_writer_add(writer, NAME("a"), TFCKPT_DT_FLOAT, TWO, 1, VALUES, 8, &err));
    CHECK(count_files(scratch("abandoned/deep")) > 0);
    tfckpt_writer_free(writer);
    CHECK(count_files(scratch("abandoned/deep")) <= 0);

    testing("after finish");
    writer = create_writer(scratch("finished/ckpt"));
    OK(tfckpt_writer_finish(writer, &err));
    CHECK(count_files(scratch("finished")) == 2);
    INVALID(tfckpt_writer_finish(writer, &err));
    CHECK(strstr(tfckpt_error_message(err), "has ended") != NULL);
    INVALID(tfckpt_writer_add(writer, NAME("a"), TFCKPT_DT_FLOAT, TWO, 1, VALUES, 8, &err));
    INVALID(tfckpt_writer_begin(writer, NAME("a"), TFCKPT_DT_FLOAT, TWO, 1, &err));
    INVALID(tfckpt_writer_cancel(writer, &err));
    tfckpt_writer_free(writer);
    CHECK(count_files(scratch("finished")) == 2);

    testing("a finish that fails");
    writer = create_writer(scratch("failed/ckpt"));
    write_floats(scratch("failed/ckpt"), "a", 1);
    EXPECT(TFCKPT_ALREADY_EXISTS, tfckpt_writer_finish(writer, &err));
    CHECK(count_files(scratch("failed")) == 2);
    INVALID(tfckpt_writer_finish(writer, &err));
    tfckpt_writer_free(writer);

    writer = NULL;
    INVALID(tfckpt_writer_create("/", NULL, &writer, &err));
    INVALID(tfckpt_writer_create("", NULL, &writer, &err));
    CHECK(writer == NULL);
}

void test_writer(void) {
    test_every_dtype();
    test_add_misuse();
    test_slices();
    test_add_many();
    test_strings();
    test_alignment();
    test_options();
    test_replace();
    test_end();
}
