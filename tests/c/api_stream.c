/* Writing tensors in pieces. */
#include "api.h"

enum { COUNT = 50000 };
static int64_t values[COUNT];

/* Appends all values in pieces that end anywhere. */
static void append_all(tfckpt_writer *writer) {
    const char *next = (const char *)values;
    size_t left = sizeof values, piece = 1;
    while (left > 0) {
        size_t size = piece < left ? piece : left;
        OK(tfckpt_writer_append(writer, next, size, &err));
        next += size;
        left -= size;
        piece = piece * 3 % 100003;
    }
}

static void test_pieces(bool big_endian) {
    tfckpt_writer_options *options = tfckpt_writer_options_new();
    const char *prefix = scratch(big_endian ? "pieces/big" : "pieces/little");
    int64_t dims[] = {COUNT}, twice[] = {2, COUNT}, second[] = {1, 0}, row[] = {1, -1};
    tfckpt_writer *writer;
    testing("pieces, %s endian", big_endian ? "big" : "little");
    for (int i = 0; i < COUNT; i++) values[i] = (int64_t)i * 0x0102030405;
    tfckpt_writer_options_set_big_endian(options, big_endian);
    OK(tfckpt_writer_create(prefix, options, &writer, &err));
    tfckpt_writer_options_free(options);

    OK(tfckpt_writer_begin(writer, NAME("streamed"), TFCKPT_DT_INT64, dims, 1, &err));
    append_all(writer);
    OK(tfckpt_writer_end(writer, &err));
    OK(tfckpt_writer_add(writer, NAME("at once"), TFCKPT_DT_INT64, dims, 1, BYTES(values), &err));
    OK(tfckpt_writer_begin_slice(writer, NAME("rows"), TFCKPT_DT_INT64, twice, 2, second, row,
                                 &err));
    append_all(writer);
    OK(tfckpt_writer_end(writer, &err));
    finish_writer(writer);

    tfckpt_reader *reader = open_reader(prefix);
    check_bytes(reader, "streamed", BYTES(values));
    check_bytes(reader, "at once", BYTES(values));
    int64_t *read = take(sizeof values);
    OK(tfckpt_reader_read_slice(reader, NAME("rows"), second, row, 2, NULL, read, sizeof values,
                                &err));
    CHECK(memcmp(read, values, sizeof values) == 0);
    free(read);
    tfckpt_tensor *streamed, *at_once;
    OK(tfckpt_reader_find(reader, NAME("streamed"), &streamed, &err));
    OK(tfckpt_reader_find(reader, NAME("at once"), &at_once, &err));
    CHECK(tfckpt_tensor_crc32c(streamed) == tfckpt_tensor_crc32c(at_once));
    tfckpt_tensor_free(streamed);
    tfckpt_tensor_free(at_once);
    tfckpt_reader_free(reader);
}

static void test_order(void) {
    tfckpt_writer *writer = create_writer(scratch("order/ckpt"));
    int64_t two[] = {2}, five[] = {5};
    testing("order of calls");
    INVALID(tfckpt_writer_append(writer, "x", 1, &err));
    INVALID(tfckpt_writer_append(writer, NULL, 0, &err));
    INVALID(tfckpt_writer_end(writer, &err));
    OK(tfckpt_writer_cancel(writer, &err));

    INVALID(tfckpt_writer_begin(writer, NAME("a"), 99, two, 1, &err));
    INVALID(tfckpt_writer_begin(writer, NAME("a"), TFCKPT_DT_INT8, NULL, 1, &err));
    INVALID(tfckpt_writer_begin(writer, NAME(""), TFCKPT_DT_INT8, two, 1, &err));
    EXPECT(TFCKPT_UNSUPPORTED,
           tfckpt_writer_begin(writer, NAME("a"), TFCKPT_DT_STRING, two, 1, &err));
    INVALID(tfckpt_writer_begin_slice(writer, NAME("a"), TFCKPT_DT_INT8, two, 1, two, two, &err));
    INVALID(tfckpt_writer_begin_slice(writer, NAME("a"), TFCKPT_DT_INT8, two, 1, NULL, two, &err));

    OK(tfckpt_writer_begin(writer, NAME("a"), TFCKPT_DT_INT8, two, 1, &err));
    INVALID(tfckpt_writer_begin(writer, NAME("b"), TFCKPT_DT_INT8, two, 1, &err));
    INVALID(tfckpt_writer_add(writer, NAME("b"), TFCKPT_DT_INT8, two, 1, "xy", 2, &err));
    INVALID(tfckpt_writer_append(writer, "xyz", 3, &err));
    OK(tfckpt_writer_append(writer, "x", 1, &err));
    INVALID(tfckpt_writer_append(writer, NULL, 1, &err));
    INVALID(tfckpt_writer_end(writer, &err));
    OK(tfckpt_writer_append(writer, NULL, 0, &err));
    OK(tfckpt_writer_append(writer, "y", 1, &err));
    OK(tfckpt_writer_end(writer, &err));
    EXPECT(TFCKPT_ALREADY_EXISTS,
           tfckpt_writer_begin(writer, NAME("a"), TFCKPT_DT_INT8, two, 1, &err));

    OK(tfckpt_writer_begin(writer, NAME("b"), TFCKPT_DT_INT8, two, 1, &err));
    OK(tfckpt_writer_append(writer, "x", 1, &err));
    OK(tfckpt_writer_cancel(writer, &err));
    OK(tfckpt_writer_begin(writer, NAME("b"), TFCKPT_DT_INT8, five, 1, &err));
    OK(tfckpt_writer_append(writer, "12345", 5, &err));
    OK(tfckpt_writer_end(writer, &err));
    finish_writer(writer);

    tfckpt_reader *reader = open_reader(scratch("order/ckpt"));
    check_bytes(reader, "a", "xy", 2);
    check_bytes(reader, "b", "12345", 5);
    tfckpt_reader_free(reader);
}

static void test_open_end(void) {
    int64_t two[] = {2};
    testing("finish with a tensor that was begun");
    tfckpt_writer *writer = create_writer(scratch("open_end/ckpt"));
    OK(tfckpt_writer_begin(writer, NAME("a"), TFCKPT_DT_INT8, two, 1, &err));
    INVALID(tfckpt_writer_finish(writer, &err));
    CHECK(strcmp(tfckpt_error_tensor(err, NULL), "a") == 0);
    CHECK(count_files(scratch("open_end")) <= 0);
    tfckpt_writer_free(writer);

    testing("free with a tensor that was begun");
    writer = create_writer(scratch("open_end/ckpt"));
    OK(tfckpt_writer_begin(writer, NAME("a"), TFCKPT_DT_INT8, two, 1, &err));
    tfckpt_writer_free(writer);
    CHECK(count_files(scratch("open_end")) <= 0);
}

void test_stream(void) {
    test_pieces(false);
    test_pieces(true);
    test_order();
    test_open_end();
}
