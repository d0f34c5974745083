/* Writing the V1 format. */
#include "api.h"

static const int64_t TWO[] = {2};
static const float VALUES[] = {1.5f, -2.0f};

static tfckpt_writer_options *v1_options(int64_t files) {
    tfckpt_writer_options *options = tfckpt_writer_options_new();
    OK(tfckpt_writer_options_set_format(options, TFCKPT_FORMAT_V1, &err));
    OK(tfckpt_writer_options_set_shards(options, files, &err));
    return options;
}

static tfckpt_writer *create_v1(const char *prefix, int64_t files) {
    tfckpt_writer_options *options = v1_options(files);
    tfckpt_writer *writer;
    OK(tfckpt_writer_create(prefix, options, &writer, &err));
    tfckpt_writer_options_free(options);
    return writer;
}

static bool is_in_v1(int32_t dtype) {
    static const int32_t held[] = {
        TFCKPT_DT_FLOAT,     TFCKPT_DT_DOUBLE, TFCKPT_DT_INT32, TFCKPT_DT_UINT8,
        TFCKPT_DT_INT16,     TFCKPT_DT_INT8,   TFCKPT_DT_INT64, TFCKPT_DT_COMPLEX64,
        TFCKPT_DT_BOOL,      TFCKPT_DT_QINT8,  TFCKPT_DT_HALF,  TFCKPT_DT_QUINT8,
        TFCKPT_DT_COMPLEX128, TFCKPT_DT_QINT32, TFCKPT_DT_UINT16,
    };
    for (size_t i = 0; i < sizeof held / sizeof held[0]; i++) {
        if (held[i] == dtype) return true;
    }
    return false;
}

static void test_every_dtype(void) {
    tfckpt_writer *writer = create_v1(scratch("v1_dtypes/ckpt"), 1);
    uint8_t bytes[32];
    testing("every dtype, in V1");
    for (size_t i = 0; i < sizeof bytes; i++) bytes[i] = (uint8_t)(i * 83 + 7);
    for (int32_t dtype = 1; dtype <= TFCKPT_DT_FLOAT4_E2M1FN; dtype++) {
        const char *name = tfckpt_dtype_name(dtype);
        const void *data = dtype == TFCKPT_DT_BOOL ? "\1\0" : (const char *)bytes;
        size_t size = 2 * tfckpt_dtype_size(dtype);
        EXPECT(is_in_v1(dtype) ? TFCKPT_OK : TFCKPT_UNSUPPORTED,
               tfckpt_writer_add(writer, name, strlen(name), dtype, TWO, 1, data, size, &err));
        CHECK(err == NULL || strcmp(tfckpt_error_tensor(err, NULL), name) == 0);
    }
    finish_writer(writer);
    CHECK(count_files(scratch("v1_dtypes")) == 1);
    tfckpt_reader *reader = open_reader(scratch("v1_dtypes/ckpt"));
    CHECK(tfckpt_reader_format(reader) == TFCKPT_FORMAT_V1);
    for (int32_t dtype = 1; dtype <= TFCKPT_DT_FLOAT4_E2M1FN; dtype++) {
        if (!is_in_v1(dtype)) continue;
        const void *data = dtype == TFCKPT_DT_BOOL ? "\1\0" : (const char *)bytes;
        check_bytes(reader, tfckpt_dtype_name(dtype), data, 2 * tfckpt_dtype_size(dtype));
    }
    tfckpt_reader_free(reader);
}

static void test_misuse(void) {
    tfckpt_writer *writer = create_v1(scratch("v1_misuse/ckpt"), 1);
    int64_t negative[] = {-2}, huge[] = {INT64_MAX, INT64_MAX}, zero[] = {0}, nine[9];
    int64_t too_long[] = {(int64_t)1 << 31};
    testing("add, in V1");
    for (int i = 0; i < 9; i++) nine[i] = 1;
#define ADD(...) tfckpt_writer_add(writer, __VA_ARGS__, &err)
    OK(ADD(NAME("a"), TFCKPT_DT_FLOAT, TWO, 1, VALUES, 8));
    EXPECT(TFCKPT_ALREADY_EXISTS, ADD(NAME("a"), TFCKPT_DT_FLOAT, TWO, 1, VALUES, 8));
    CHECK(strcmp(tfckpt_error_tensor(err, NULL), "a") == 0);
    INVALID(ADD(NAME(""), TFCKPT_DT_FLOAT, TWO, 1, VALUES, 8));
    INVALID(ADD(NAME("b"), 0, TWO, 1, VALUES, 8));
    EXPECT(TFCKPT_UNSUPPORTED, ADD(NAME("b"), 101, TWO, 1, VALUES, 8));
    INVALID(ADD(NAME("b"), TFCKPT_DT_FLOAT, TWO, 1, VALUES, 7));
    INVALID(ADD(NAME("b"), TFCKPT_DT_FLOAT, TWO, 1, NULL, 8));
    INVALID(ADD(NAME("b"), TFCKPT_DT_FLOAT, negative, 1, VALUES, 8));
    INVALID(ADD(NAME("b"), TFCKPT_DT_FLOAT, huge, 2, VALUES, 8));
    EXPECT(TFCKPT_UNSUPPORTED, ADD(NAME("b"), TFCKPT_DT_FLOAT, nine, 9, VALUES, 4));
    CHECK(strstr(tfckpt_error_message(err), "9 dimensions") != NULL);
    EXPECT(TFCKPT_UNSUPPORTED, ADD(NAME("b\xff"), TFCKPT_DT_FLOAT, TWO, 1, VALUES, 8));
    EXPECT(TFCKPT_UNSUPPORTED, ADD(NAME("b"), TFCKPT_DT_BOOL, too_long, 1, "x", 1));
    CHECK(strcmp(tfckpt_error_tensor(err, NULL), "b") == 0);
    OK(ADD(NAME("eight"), TFCKPT_DT_FLOAT, nine, 8, VALUES, 4));
    OK(ADD(NAME("scalar"), TFCKPT_DT_FLOAT, NULL, 0, VALUES, 4));
    OK(ADD(NAME("empty"), TFCKPT_DT_FLOAT, zero, 1, NULL, 0));
    OK(ADD("nul\0in it", 9, TFCKPT_DT_FLOAT, TWO, 1, VALUES, 8));
#undef ADD
    finish_writer(writer);

    tfckpt_reader *reader = open_reader(scratch("v1_misuse/ckpt"));
    int64_t count;
    OK(tfckpt_reader_count(reader, &count, &err));
    CHECK(count == 5);
    check_bytes(reader, "a", VALUES, 8);
    check_bytes(reader, "scalar", VALUES, 4);
    check_bytes(reader, "empty", NULL, 0);
    tfckpt_reader_free(reader);
}

static void test_slices_and_strings(int64_t files) {
    char *prefix = text("%s/ckpt", scratch(files == 1 ? "v1_slices" : "v1_files"));
    tfckpt_writer *writer = create_v1(prefix, files);
    int64_t dims[] = {4}, five[] = {5}, at[] = {0, 2, 3}, length[] = {0, 1, 2};
    int64_t offsets[] = {0, 2, 2, 3, 3}, tail[] = {0, 1, 1}, more[] = {0, 2, 2, 3, 3, 3};
    int64_t fewer[] = {3};
    int32_t all[] = {1, -2, 3, INT32_MIN};
    testing("slices and strings, in V1 of %d files", (int)files);
#define ADD(name, dtype, dims, starts, lengths, data, size) \
    tfckpt_writer_add_slice(writer, name, dtype, dims, 1, starts, lengths, data, size, &err)
    OK(ADD(NAME("s"), TFCKPT_DT_INT32, dims, &at[1], &length[2], all + 2, 8));
    INVALID(ADD(NAME("s"), TFCKPT_DT_FLOAT, dims, &at[0], &length[2], all, 8));
    INVALID(ADD(NAME("s"), TFCKPT_DT_INT32, five, &at[0], &length[2], all, 8));
    INVALID(ADD(NAME("s"), TFCKPT_DT_INT32, dims, &at[2], &length[2], all, 8));
    EXPECT(TFCKPT_ALREADY_EXISTS,
           ADD(NAME("s"), TFCKPT_DT_INT32, dims, &at[1], &length[2], all, 8));
    EXPECT(TFCKPT_UNSUPPORTED, ADD(NAME("s"), TFCKPT_DT_INT32, dims, at, &length[0], NULL, 0));
    OK(ADD(NAME("s"), TFCKPT_DT_INT32, dims, &at[0], &length[2], all, 8));
#undef ADD
    OK(tfckpt_writer_add_strings(writer, NAME("t"), dims, 1, offsets, "abc", 3, &err));
    OK(tfckpt_writer_add_strings_slice(writer, NAME("u"), dims, 1, &at[1], &length[2], tail, "c",
                                       1, &err));
    OK(tfckpt_writer_add_strings_slice(writer, NAME("u"), dims, 1, &at[0], &length[2], offsets,
                                       "ab", 2, &err));
    INVALID(tfckpt_writer_add_strings(writer, NAME("x"), five, 1, more, "abcd", 4, &err));
    INVALID(tfckpt_writer_add_strings(writer, NAME("x"), fewer, 1, more, "abc", 2, &err));
    EXPECT(TFCKPT_UNSUPPORTED,
           tfckpt_writer_add_variants(writer, NAME("v"), dims, 1, offsets, "abc", 3, &err));
    CHECK(strcmp(tfckpt_error_tensor(err, NULL), "v") == 0);
    EXPECT(TFCKPT_UNSUPPORTED,
           tfckpt_writer_add_variants_slice(writer, NAME("v"), dims, 1, &at[1], &length[2], tail,
                                            "c", 1, &err));
    finish_writer(writer);

    tfckpt_reader *reader = open_reader(prefix);
    tfckpt_tensor *tensor;
    CHECK(tfckpt_reader_num_shards(reader) == files);
    check_bytes(reader, "s", BYTES(all));
    OK(tfckpt_reader_find(reader, NAME("s"), &tensor, &err));
    CHECK(tfckpt_tensor_slice_count(tensor) == 2);
    tfckpt_tensor_free(tensor);
    for (const char *name = "tu"; *name != '\0'; name++) {
        tfckpt_strings *strings;
        OK(tfckpt_reader_read_strings(reader, name, 1, NULL, &strings, &err));
        CHECK(tfckpt_strings_count(strings) == 4);
        CHECK(memcmp(tfckpt_strings_offsets(strings), offsets, sizeof offsets) == 0);
        CHECK(memcmp(tfckpt_strings_data(strings), "abc", 3) == 0);
        tfckpt_strings_free(strings);
    }
    tfckpt_reader_free(reader);
    free(prefix);
}

static void test_stream_and_end(void) {
    static int16_t values[5000];
    int64_t dims[] = {5000};
    testing("pieces, in V1");
    for (int i = 0; i < 5000; i++) values[i] = (int16_t)(i * 13 - 30000);
    tfckpt_writer *writer = create_v1(scratch("v1_stream/ckpt"), 1);
    INVALID(tfckpt_writer_append(writer, "x", 1, &err));
    INVALID(tfckpt_writer_end(writer, &err));
    EXPECT(TFCKPT_UNSUPPORTED,
           tfckpt_writer_begin(writer, NAME("b"), TFCKPT_DT_STRING, dims, 1, &err));
    EXPECT(TFCKPT_UNSUPPORTED,
           tfckpt_writer_begin(writer, NAME("b"), TFCKPT_DT_BFLOAT16, dims, 1, &err));
    OK(tfckpt_writer_begin(writer, NAME("gone"), TFCKPT_DT_INT16, dims, 1, &err));
    OK(tfckpt_writer_append(writer, values, 3, &err));
    OK(tfckpt_writer_cancel(writer, &err));
    OK(tfckpt_writer_begin(writer, NAME("a"), TFCKPT_DT_INT16, dims, 1, &err));
    INVALID(tfckpt_writer_begin(writer, NAME("b"), TFCKPT_DT_INT16, dims, 1, &err));
    INVALID(tfckpt_writer_add(writer, NAME("b"), TFCKPT_DT_FLOAT, TWO, 1, VALUES, 8, &err));
    OK(tfckpt_writer_append(writer, values, 4001, &err));
    INVALID(tfckpt_writer_end(writer, &err));
    CHECK(strcmp(tfckpt_error_tensor(err, NULL), "a") == 0);
    OK(tfckpt_writer_append(writer, (const char *)values + 4001, 5999, &err));
    INVALID(tfckpt_writer_append(writer, "x", 1, &err));
    OK(tfckpt_writer_end(writer, &err));
    finish_writer(writer);
    CHECK(count_files(scratch("v1_stream")) == 1);
    tfckpt_reader *reader = open_reader(scratch("v1_stream/ckpt"));
    check_bytes(reader, "a", BYTES(values));
    tfckpt_reader_free(reader);

    testing("finish of V1 with a tensor that was begun");
    writer = create_v1(scratch("v1_open_end/ckpt"), 2);
    OK(tfckpt_writer_begin(writer, NAME("a"), TFCKPT_DT_INT16, dims, 1, &err));
    INVALID(tfckpt_writer_finish(writer, &err));
    CHECK(count_files(scratch("v1_open_end")) <= 0);
    INVALID(tfckpt_writer_finish(writer, &err));
    tfckpt_writer_free(writer);

    testing("abandon V1");
    writer = create_v1(scratch("v1_abandoned/deep/ckpt"), 2);
    OK(tfckpt_writer_add(writer, NAME("a"), TFCKPT_DT_FLOAT, TWO, 1, VALUES, 8, &err));
    CHECK(count_files(scratch("v1_abandoned/deep")) > 0);
    tfckpt_writer_free(writer);
    CHECK(count_files(scratch("v1_abandoned")) <= 0);
}

static void test_slices_that_overlap(void) {
    int64_t dims[] = {3}, at[] = {0, 1}, length[] = {2};
    tfckpt_writer *writer = create_v1(scratch("v1_overlap/ckpt"), 2);
    testing("slices that overlap, in V1");
    for (int i = 0; i < 2; i++) {
        OK(tfckpt_writer_add_slice(writer, NAME("a"), TFCKPT_DT_FLOAT, dims, 1, &at[i], length,
                                   VALUES, 8, &err));
    }
    INVALID(tfckpt_writer_finish(writer, &err));
    CHECK(strcmp(tfckpt_error_tensor(err, NULL), "a") == 0);
    tfckpt_writer_free(writer);
    CHECK(count_files(scratch("v1_overlap")) <= 0);
}

static void test_options(void) {
    tfckpt_writer_options *options = v1_options(1);
    tfckpt_writer *writer = NULL;
    testing("options of V1");
    INVALID(tfckpt_writer_options_set_format(options, 0, &err));
    INVALID(tfckpt_writer_options_set_format(options, TFCKPT_FORMAT_OVERLAY, &err));
    INVALID(tfckpt_writer_options_set_format(options, 99, &err));
    OK(tfckpt_writer_options_set_alignment(options, 64, &err));
    INVALID(tfckpt_writer_create(scratch("v1_options/ckpt"), options, &writer, &err));
    OK(tfckpt_writer_options_set_alignment(options, 0, &err));
    tfckpt_writer_options_set_big_endian(options, true);
    INVALID(tfckpt_writer_create(scratch("v1_options/ckpt"), options, &writer, &err));
    CHECK(writer == NULL && count_files(scratch("v1_options")) < 0);

    tfckpt_manager_options *manager_options = tfckpt_manager_options_new();
    EXPECT(TFCKPT_UNSUPPORTED,
           tfckpt_manager_options_set_writer_options(manager_options, options, &err));
    tfckpt_manager_options_free(manager_options);
    OK(tfckpt_writer_options_set_format(options, TFCKPT_FORMAT_V2, &err));
    OK(tfckpt_writer_create(scratch("v1_options/ckpt"), options, &writer, &err));
    finish_writer(writer);
    CHECK(count_files(scratch("v1_options")) == 2);
    tfckpt_writer_options_free(options);
}

/* Writes a V1 checkpoint of one float. */
static tfckpt_status write_v1(const char *prefix, int64_t files, bool replace, float value) {
    tfckpt_writer_options *options = v1_options(files);
    tfckpt_writer *writer;
    tfckpt_writer_options_set_replace(options, replace);
    forget_error();
    tfckpt_status status = tfckpt_writer_create(prefix, options, &writer, &err);
    tfckpt_writer_options_free(options);
    if (status != TFCKPT_OK) return status;
    OK(tfckpt_writer_add(writer, NAME("a"), TFCKPT_DT_FLOAT, NULL, 0, &value, 4, &err));
    finish_writer(writer);
    return TFCKPT_OK;
}

static void check_v1(const char *prefix, int64_t files, float value) {
    tfckpt_reader *reader = open_reader(prefix);
    CHECK(tfckpt_reader_format(reader) == TFCKPT_FORMAT_V1);
    CHECK(tfckpt_reader_num_shards(reader) == files);
    check_bytes(reader, "a", &value, sizeof value);
    tfckpt_reader_free(reader);
}

static void test_replace(void) {
    char *prefix = text("%s/ckpt", scratch("v1_replace"));
    testing("replace V1");
    OK(write_v1(prefix, 1, false, 1));
    EXPECT(TFCKPT_ALREADY_EXISTS, write_v1(prefix, 1, false, 2));
    EXPECT(TFCKPT_ALREADY_EXISTS, write_v1(prefix, 3, false, 2));
    check_v1(prefix, 1, 1);
    OK(write_v1(prefix, 3, true, 3));
    check_v1(prefix, 3, 3);
    CHECK(count_files(scratch("v1_replace")) == 3);
    OK(write_v1(prefix, 1, true, 4));
    check_v1(prefix, 1, 4);
    CHECK(count_files(scratch("v1_replace")) == 1);

    /* What is no V1 checkpoint stays: a V2 one, another file, a folder. */
    CHECK(remove(prefix) == 0);
    write_floats(prefix, "a", 5);
    EXPECT(TFCKPT_ALREADY_EXISTS, write_v1(prefix, 1, true, 6));
    CHECK(ends_with(tfckpt_error_file(err), "ckpt.index"));
    char *other = text("%s/other", scratch("v1_replace"));
    FILE *file = fopen(other, "w");
    CHECK(file != NULL && fputs("no checkpoint", file) >= 0 && fclose(file) == 0);
    EXPECT(TFCKPT_ALREADY_EXISTS, write_v1(other, 1, true, 6));
    EXPECT(TFCKPT_ALREADY_EXISTS, write_v1(scratch("v1_replace"), 1, true, 6));
    CHECK(count_files(scratch("v1_replace")) == 3);
    free(other);
    free(prefix);

    tfckpt_writer *writer = create_v1(scratch("v1_race/ckpt"), 1);
    OK(write_v1(scratch("v1_race/ckpt"), 1, false, 7));
    EXPECT(TFCKPT_ALREADY_EXISTS, tfckpt_writer_finish(writer, &err));
    tfckpt_writer_free(writer);
    check_v1(scratch("v1_race/ckpt"), 1, 7);
    CHECK(count_files(scratch("v1_race")) == 1);
}

void test_v1_writer(void) {
    test_every_dtype();
    test_misuse();
    test_slices_and_strings(1);
    test_slices_and_strings(3);
    test_stream_and_end();
    test_slices_that_overlap();
    test_options();
    test_replace();
}
