/* Reading values. */
#include <pthread.h>

#include "api.h"

/* float[4,6] in two slices, 0 to 23. */
static const int64_t DIMS[] = {4, 6};
static float grid[24];
static const int32_t NUMBERS[] = {5, 6, 7};
static const int64_t OFFSETS[] = {0, 1, 1, 4};
static const char LETTERS[] = {'a', 'b', 'c', 'd'};

static void write_values(const char *prefix, bool big_endian) {
    tfckpt_writer *writer;
    tfckpt_writer_options *options = tfckpt_writer_options_new();
    tfckpt_writer_options_set_big_endian(options, big_endian);
    OK(tfckpt_writer_options_set_shards(options, 2, &err));
    OK(tfckpt_writer_create(prefix, options, &writer, &err));
    tfckpt_writer_options_free(options);
    int64_t upper[] = {0, 0}, lower[] = {2, 0}, half[] = {2, -1}, three[] = {3};
    for (int i = 0; i < 24; i++) grid[i] = (float)i;
    OK(tfckpt_writer_add_slice(writer, NAME("grid"), TFCKPT_DT_FLOAT, DIMS, 2, lower, half,
                               grid + 12, 48, &err));
    OK(tfckpt_writer_add(writer, NAME("numbers"), TFCKPT_DT_INT32, three, 1, BYTES(NUMBERS), &err));
    OK(tfckpt_writer_add_strings(writer, NAME("words"), three, 1, OFFSETS, BYTES(LETTERS), &err));
    OK(tfckpt_writer_add_slice(writer, NAME("grid"), TFCKPT_DT_FLOAT, DIMS, 2, upper, half, grid,
                               48, &err));
    finish_writer(writer);
}

static void test_read(const tfckpt_reader *reader) {
    float values[24];
    testing("read");
    check_bytes(reader, "grid", BYTES(grid));
    check_bytes(reader, "numbers", BYTES(NUMBERS));
    EXPECT(TFCKPT_NOT_FOUND, tfckpt_reader_read(reader, NAME("gird"), NULL, BYTES(values), &err));
    EXPECT(TFCKPT_BUFFER_TOO_SMALL, tfckpt_reader_read(reader, NAME("grid"), NULL, values, 95, &err));
    EXPECT(TFCKPT_BUFFER_TOO_SMALL, tfckpt_reader_read(reader, NAME("grid"), NULL, NULL, 0, &err));
    INVALID(tfckpt_reader_read(reader, NAME("grid"), NULL, NULL, 96, &err));
    INVALID(tfckpt_reader_read(reader, NAME("grid"), NULL, values, SIZE_MAX, &err));
    INVALID(tfckpt_reader_read(reader, NAME("words"), NULL, BYTES(values), &err));
    INVALID(tfckpt_reader_read(reader, NULL, 4, NULL, BYTES(values), &err));
}

static void test_read_slice(const tfckpt_reader *reader) {
    int64_t starts[] = {1, 2}, lengths[] = {2, 3}, whole[] = {-1, -1}, origin[] = {0, 0};
    float values[24];
    testing("read_slice");
    OK(tfckpt_reader_read_slice(reader, NAME("grid"), starts, lengths, 2, NULL, values, 24, &err));
    static const float expected[] = {8, 9, 10, 14, 15, 16};
    CHECK(memcmp(values, expected, sizeof expected) == 0);
    tfckpt_read_options *options = tfckpt_read_options_new();
    tfckpt_read_options_set_verify(options, false);
    OK(tfckpt_reader_read_slice(reader, NAME("grid"), starts, lengths, 2, options, values, 24,
                                &err));
    CHECK(memcmp(values, expected, sizeof expected) == 0);
    tfckpt_read_options_free(options);
    OK(tfckpt_reader_read_slice(reader, NAME("grid"), origin, whole, 2, NULL, BYTES(values), &err));
    CHECK(memcmp(values, grid, sizeof grid) == 0);

#define SLICE(starts, lengths, rank) \
    tfckpt_reader_read_slice(reader, NAME("grid"), starts, lengths, rank, NULL, BYTES(values), &err)
    int64_t negative[] = {-1, 0}, beyond[] = {3, 0}, absurd[] = {INT64_MAX, INT64_MAX};
    int64_t minus_two[] = {-2, 1};
    INVALID(SLICE(starts, lengths, 1));
    INVALID(SLICE(NULL, NULL, 0));
    INVALID(SLICE(starts, NULL, 2));
    INVALID(SLICE(NULL, lengths, 2));
    INVALID(SLICE(starts, lengths, 255));
    INVALID(SLICE(starts, lengths, SIZE_MAX));
    INVALID(SLICE(negative, lengths, 2));
    INVALID(SLICE(beyond, lengths, 2));
    INVALID(SLICE(starts, absurd, 2));
    INVALID(SLICE(origin, minus_two, 2));
    /* All of a dimension begins at 0. */
    INVALID(SLICE(starts, whole, 2));
    INVALID(SLICE((const int64_t *)((const char *)starts + 1), lengths, 1));
#undef SLICE
}

static void test_read_size(const tfckpt_reader *reader) {
    int64_t starts[] = {1, 2}, lengths[] = {2, 3};
    size_t size = 7;
    testing("read_size");
    OK(tfckpt_reader_read_size(reader, NAME("grid"), NULL, NULL, 0, &size, &err));
    CHECK(size == sizeof grid);
    OK(tfckpt_reader_read_size(reader, NAME("grid"), starts, lengths, 2, &size, &err));
    CHECK(size == 24);
    INVALID(tfckpt_reader_read_size(reader, NAME("grid"), starts, lengths, 1, &size, &err));
    INVALID(tfckpt_reader_read_size(reader, NAME("grid"), NULL, lengths, 2, &size, &err));
    INVALID(tfckpt_reader_read_size(reader, NAME("words"), NULL, NULL, 0, &size, &err));
    EXPECT(TFCKPT_NOT_FOUND,
           tfckpt_reader_read_size(reader, NAME("gird"), NULL, NULL, 0, &size, &err));
    CHECK(size == 24);
}

static void test_check(const tfckpt_reader *reader) {
    testing("check");
    OK(tfckpt_reader_check(reader, NAME("grid"), &err));
    OK(tfckpt_reader_check(reader, NAME("numbers"), &err));
    INVALID(tfckpt_reader_check(reader, NAME("words"), &err));
    INVALID(tfckpt_reader_check(reader, NULL, 4, &err));
    EXPECT(TFCKPT_NOT_FOUND, tfckpt_reader_check(reader, NAME("gird"), &err));
}

static tfckpt_read_request request(const char *name, void *dst, size_t dst_len) {
    tfckpt_read_request request = {0};
    request.name = name;
    request.name_len = strlen(name);
    request.dst = dst;
    request.dst_len = dst_len;
    return request;
}

static void test_read_many(const tfckpt_reader *reader) {
    int64_t starts[] = {3, 5}, lengths[] = {1, 1};
    float values[24], corner[1];
    int32_t numbers[3];
    testing("read_many");
    tfckpt_read_options *options = tfckpt_read_options_new();
    tfckpt_read_options_set_threads(options, SIZE_MAX);
    tfckpt_read_options_set_max_in_flight(options, 0);
    tfckpt_read_request all[] = {request("numbers", BYTES(numbers)),
                                 request("grid", BYTES(values)), request("grid", BYTES(corner))};
    all[2].starts = starts;
    all[2].lengths = lengths;
    all[2].rank = 2;
    OK(tfckpt_reader_read_many(reader, all, 3, options, &err));
    CHECK(memcmp(numbers, NUMBERS, sizeof numbers) == 0);
    CHECK(memcmp(values, grid, sizeof grid) == 0 && corner[0] == 23);
    OK(tfckpt_reader_read_many(reader, NULL, 0, options, &err));
    tfckpt_read_options_free(options);

    INVALID(tfckpt_reader_read_many(reader, NULL, 3, NULL, &err));
    INVALID(tfckpt_reader_read_many(reader, all, SIZE_MAX / 2, NULL, &err));
    all[2].rank = 1;
    INVALID(tfckpt_reader_read_many(reader, all, 3, NULL, &err));
    all[2].starts = NULL;
    INVALID(tfckpt_reader_read_many(reader, all, 3, NULL, &err));
    all[2] = request("grid", BYTES(values));
    INVALID(tfckpt_reader_read_many(reader, all, 3, NULL, &err));
    CHECK(strstr(tfckpt_error_message(err), "overlap") != NULL);
    all[2] = request("grid", (char *)values + 95, 96);
    INVALID(tfckpt_reader_read_many(reader, all, 3, NULL, &err));
    all[2].reserved[0] = values;
    INVALID(tfckpt_reader_read_many(reader, all + 2, 1, NULL, &err));
    all[2] = request("grid", values, 4);
    EXPECT(TFCKPT_BUFFER_TOO_SMALL, tfckpt_reader_read_many(reader, all + 2, 1, NULL, &err));
    all[2] = request("words", BYTES(values));
    INVALID(tfckpt_reader_read_many(reader, all + 2, 1, NULL, &err));
    all[2] = request("grid", NULL, 96);
    INVALID(tfckpt_reader_read_many(reader, all + 2, 1, NULL, &err));
}

/* Columns of one array, from a whole tensor, a slice and a row of another. */
static void test_strides(const tfckpt_reader *reader) {
    float array[4][8];
    int32_t numbers[9];
    int64_t row[] = {32, 4}, starts[] = {1, 0}, lengths[] = {2, -1}, third[] = {12};
    testing("read_many into a part of an array");
    for (int i = 0; i < 32; i++) array[i / 8][i % 8] = -1;
    for (int i = 0; i < 9; i++) numbers[i] = -1;
    tfckpt_read_request all[] = {request("grid", array[0] + 1, sizeof array - 4),
                                 request("numbers", BYTES(numbers))};
    all[0].starts = starts;
    all[0].lengths = lengths;
    all[0].rank = 2;
    all[0].dst_strides = row;
    all[1].rank = 1;
    all[1].dst_strides = third;
    OK(tfckpt_reader_read_many(reader, all, 2, NULL, &err));
    for (int i = 0; i < 32; i++) {
        bool is_there = i < 16 && i % 8 > 0 && i % 8 < 7;
        CHECK(array[i / 8][i % 8] == (is_there ? grid[(i / 8 + 1) * 6 + i % 8 - 1] : -1));
    }
    for (int i = 0; i < 9; i++) CHECK(numbers[i] == (i % 3 == 0 ? NUMBERS[i / 3] : -1));

    all[0].starts = all[0].lengths = NULL;
    all[0].dst_len = 3 * 32 + 6 * 4;
    OK(tfckpt_reader_read_many(reader, all, 1, NULL, &err));
    for (int i = 0; i < 4; i++) CHECK(memcmp(array[i] + 1, grid + 6 * i, 24) == 0);
    CHECK(array[0][7] == -1 && array[3][7] == -1);
    all[0].dst_len -= 1;
    EXPECT(TFCKPT_BUFFER_TOO_SMALL, tfckpt_reader_read_many(reader, all, 1, NULL, &err));
    all[0].dst_len += 1;

    testing("strides that can't be");
    int64_t refused[][2] = {{20, 4}, {32, 2}, {-32, 4}, {32, 0}, {34, 4}, {INT64_MAX, 4}};
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        all[0].dst_strides = refused[i];
        INVALID(tfckpt_reader_read_many(reader, all, 1, NULL, &err));
    }
    all[0].dst_strides = row;
    for (all[0].rank = 0; all[0].rank < 4; all[0].rank++) {
        if (all[0].rank != 2) INVALID(tfckpt_reader_read_many(reader, all, 1, NULL, &err));
    }
    all[0].rank = SIZE_MAX;
    INVALID(tfckpt_reader_read_many(reader, all, 1, NULL, &err));
    all[0].rank = 2;
    all[1] = request("numbers", array[0] + 5, 12);
    INVALID(tfckpt_reader_read_many(reader, all, 2, NULL, &err));
    CHECK(strstr(tfckpt_error_message(err), "overlap") != NULL);
}

static void test_missing_names(const tfckpt_reader *reader) {
    int32_t numbers[3];
    size_t len;
    testing("read_many of names that are missing");
    tfckpt_read_request some[] = {request("b", NULL, 0), request("numbers", BYTES(numbers)),
                                  request("c/d", NULL, 0)};
    EXPECT(TFCKPT_NOT_FOUND, tfckpt_reader_read_many(reader, some, 3, NULL, &err));
    CHECK(tfckpt_error_name_count(err) == 2);
    CHECK(strcmp(tfckpt_error_name(err, 0, NULL), "b") == 0);
    CHECK(strcmp(tfckpt_error_name(err, 1, &len), "c/d") == 0 && len == 3);
    CHECK(tfckpt_error_name(err, 2, &len) == NULL && len == 0);
    CHECK(tfckpt_error_name(err, -1, NULL) == NULL);
}

static void test_strings(const tfckpt_reader *reader) {
    int64_t last[] = {2}, one[] = {1}, two[] = {2};
    tfckpt_strings *strings = NULL;
    testing("read_strings");
    OK(tfckpt_reader_read_strings(reader, NAME("words"), NULL, &strings, &err));
    CHECK(tfckpt_strings_count(strings) == 3 && tfckpt_strings_data_size(strings) == 4);
    CHECK(memcmp(tfckpt_strings_offsets(strings), OFFSETS, sizeof OFFSETS) == 0);
    CHECK(memcmp(tfckpt_strings_data(strings), LETTERS, 4) == 0);
    tfckpt_strings_free(strings);
    OK(tfckpt_reader_read_strings_slice(reader, NAME("words"), last, one, 1, NULL, &strings, &err));
    CHECK(tfckpt_strings_count(strings) == 1 && tfckpt_strings_data_size(strings) == 3);
    CHECK(memcmp(tfckpt_strings_data(strings), "bcd", 3) == 0);
    tfckpt_strings_free(strings);
    int64_t second[] = {1};
    OK(tfckpt_reader_read_strings_slice(reader, NAME("words"), second, one, 1, NULL, &strings,
                                        &err));
    CHECK(tfckpt_strings_count(strings) == 1 && tfckpt_strings_data_size(strings) == 0);
    CHECK(tfckpt_strings_data(strings) != NULL);
    tfckpt_strings_free(strings);
    strings = NULL;
    INVALID(tfckpt_reader_read_strings(reader, NAME("grid"), NULL, &strings, &err));
    EXPECT(TFCKPT_NOT_FOUND,
           tfckpt_reader_read_strings(reader, NAME("word"), NULL, &strings, &err));
    INVALID(
        tfckpt_reader_read_strings_slice(reader, NAME("words"), last, two, 1, NULL, &strings, &err));
    INVALID(
        tfckpt_reader_read_strings_slice(reader, NAME("words"), NULL, one, 1, NULL, &strings, &err));
    CHECK(strings == NULL);
}

static void test_view(const tfckpt_reader *reader, bool big_endian) {
    tfckpt_view *view = NULL;
    testing("view");
    EXPECT(TFCKPT_UNSUPPORTED, tfckpt_reader_view(reader, NAME("grid"), NULL, &view, &err));
    EXPECT(TFCKPT_UNSUPPORTED, tfckpt_reader_view(reader, NAME("words"), NULL, &view, &err));
    EXPECT(TFCKPT_NOT_FOUND, tfckpt_reader_view(reader, NAME("number"), NULL, &view, &err));
    INVALID(tfckpt_reader_view(reader, NULL, 1, NULL, &view, &err));
    if (big_endian) {
        EXPECT(TFCKPT_UNSUPPORTED, tfckpt_reader_view(reader, NAME("numbers"), NULL, &view, &err));
        return;
    }
    OK(tfckpt_reader_view(reader, NAME("numbers"), NULL, &view, &err));
    CHECK(tfckpt_view_size(view) == 12 && tfckpt_view_alignment(view) >= 4);
    CHECK(tfckpt_view_dtype(view) == TFCKPT_DT_INT32);
    CHECK(memcmp(tfckpt_view_data(view), NUMBERS, 12) == 0);
    tfckpt_view_free(view);
}

/* Reads without checking do not see what reads that check refuse. */
static void test_unverified(void) {
    tfckpt_reader *reader = open_reader(data("hostile/data_flipped_bit/ckpt"));
    tfckpt_read_options *options = tfckpt_read_options_new();
    tfckpt_view *view = NULL;
    float values[12];
    size_t len;
    testing("reads without verify");
    EXPECT(TFCKPT_DATA_LOSS,
           tfckpt_reader_read(reader, NAME("alpha/kernel"), NULL, BYTES(values), &err));
    CHECK(strcmp(tfckpt_error_tensor(err, &len), "alpha/kernel") == 0 && len == 12);
    CHECK(tfckpt_error_shard(err) == 0 && tfckpt_error_offset(err) >= 0);
    CHECK(ends_with(tfckpt_error_file(err), ".data-00000-of-00001"));
    EXPECT(TFCKPT_DATA_LOSS, tfckpt_reader_view(reader, NAME("alpha/kernel"), NULL, &view, &err));
    tfckpt_read_options_set_verify(options, false);
    OK(tfckpt_reader_read(reader, NAME("alpha/kernel"), options, BYTES(values), &err));
    OK(tfckpt_reader_view(reader, NAME("alpha/kernel"), options, &view, &err));
    CHECK(memcmp(tfckpt_view_data(view), values, sizeof values) == 0);
    tfckpt_view_free(view);
    tfckpt_read_options_free(options);
    tfckpt_reader_free(reader);
}

static void *read_and_list(void *shared) {
    const tfckpt_reader *reader = shared;
    for (int i = 0; i < 50; i++) {
        const tfckpt_tensor *tensor = NULL;
        tfckpt_cursor *cursor = NULL;
        float values[24];
        bool fine = tfckpt_reader_read(reader, NAME("grid"), NULL, BYTES(values), NULL) == 0;
        fine &= memcmp(values, grid, sizeof grid) == 0;
        fine &= tfckpt_reader_list(reader, NAME("n"), &cursor, NULL) == 0;
        fine &= tfckpt_cursor_next(cursor, &tensor, NULL) == 0 && tensor != NULL;
        tfckpt_cursor_free(cursor);
        if (!fine) return NULL;
    }
    return shared;
}

static void test_threads(tfckpt_reader *reader) {
    pthread_t threads[4];
    testing("one reader in several threads");
    for (int i = 0; i < 4; i++) {
        CHECK(pthread_create(&threads[i], NULL, read_and_list, reader) == 0);
    }
    for (int i = 0; i < 4; i++) {
        void *result;
        CHECK(pthread_join(threads[i], &result) == 0 && result == reader);
    }
}

void test_values(void) {
    for (int big_endian = 0; big_endian < 2; big_endian++) {
        const char *prefix = scratch(big_endian ? "values/big" : "values/little");
        write_values(prefix, big_endian);
        tfckpt_reader *reader = open_reader(prefix);
        CHECK(tfckpt_reader_is_big_endian(reader) == (big_endian == 1));
        CHECK(tfckpt_reader_num_shards(reader) == 2);
        test_read(reader);
        test_read_slice(reader);
        test_read_size(reader);
        test_check(reader);
        test_read_many(reader);
        test_strides(reader);
        test_missing_names(reader);
        test_strings(reader);
        test_view(reader, big_endian);
        test_threads(reader);
        tfckpt_reader_free(reader);
    }
    test_unverified();
}
