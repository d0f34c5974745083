/* Every checkpoint that TensorFlow wrote reads as TensorFlow reads it.
 *
 *     test_golden tests/data/golden
 */
#include "manifest.h"

static const char *folder;
static int checkpoints, tensors, slices, views;

/* A tensor of the checkpoint at hand, for the reading of all at once. */
struct whole {
    char *name;
    size_t name_len;
    void *data;
    size_t size;
};
static struct whole *wholes;
static size_t whole_count, whole_capacity;

static tfckpt_reader *reader;
static tfckpt_cursor *cursor;
static bool big_endian;
static bool is_v1;
static int64_t position;

/* The tensor at hand. */
static char *name;
static size_t name_len;
static bool has_strings;

static int64_t number(const char *column) { return strtoll(column, NULL, 10); }

/* Any of its files leads to a V1 checkpoint that has several. */
static void check_files(const char *path) {
    char *shard = text("%s", path);
    char *pattern = strstr(shard, "?????");
    for (int i = 0; pattern != NULL && i < tfckpt_reader_num_shards(reader); i++) {
        tfckpt_reader *same;
        CHECK(i < 10);
        memcpy(pattern, "0000", 4);
        pattern[4] = (char)('0' + i);
        OK(tfckpt_reader_open(shard, NULL, &same, &err));
        CHECK(strcmp(tfckpt_reader_prefix(same), path) == 0);
        tfckpt_reader_free(same);
    }
    free(shard);
}

static void begin_checkpoint(struct manifest *row) {
    char *path = text("%s/%s", folder, row->column[1]);
    testing("%s", path);
    checkpoints++;
    position = 0;
    is_v1 = strcmp(row->column[2], "V1") == 0;
    OK(tfckpt_reader_open(path, NULL, &reader, &err));
    CHECK(tfckpt_reader_format(reader) == (is_v1 ? TFCKPT_FORMAT_V1 : TFCKPT_FORMAT_V2));
    check_files(path);
    CHECK(strcmp(tfckpt_reader_prefix(reader), path) == 0);
    CHECK(tfckpt_reader_num_shards(reader) == number(row->column[3]));
    big_endian = strcmp(row->column[4], "BIG") == 0;
    CHECK(tfckpt_reader_is_big_endian(reader) == big_endian);
    int64_t count;
    OK(tfckpt_reader_count(reader, &count, &err));
    CHECK(count == number(row->column[5]));
    OK(tfckpt_reader_list(reader, NULL, 0, &cursor, &err));
    free(path);
}

/* Reads all tensors of the checkpoint again, last one first, in one call. */
static void read_all_at_once(const tfckpt_reader *from, size_t threads) {
    tfckpt_read_request *requests = take(whole_count * sizeof *requests);
    memset(requests, 0, whole_count * sizeof *requests);
    for (size_t i = 0; i < whole_count; i++) {
        const struct whole *whole = &wholes[whole_count - 1 - i];
        requests[i].name = whole->name;
        requests[i].name_len = whole->name_len;
        requests[i].dst = take(whole->size);
        requests[i].dst_len = whole->size;
    }
    tfckpt_read_options *options = tfckpt_read_options_new();
    tfckpt_read_options_set_threads(options, threads);
    OK(tfckpt_reader_read_many(from, requests, whole_count, options, &err));
    for (size_t i = 0; i < whole_count; i++) {
        const struct whole *whole = &wholes[whole_count - 1 - i];
        CHECK(memcmp(requests[i].dst, whole->data, whole->size) == 0);
        free(requests[i].dst);
    }
    tfckpt_read_options_free(options);
    free(requests);
}

static void read_all_mapped(void) {
    tfckpt_reader *mapped;
    tfckpt_reader_options *options = tfckpt_reader_options_new();
    tfckpt_reader_options_set_mapped(options, true);
    OK(tfckpt_reader_open(tfckpt_reader_prefix(reader), options, &mapped, &err));
    tfckpt_reader_options_free(options);
    read_all_at_once(mapped, 1);
    tfckpt_reader_free(mapped);
}

static void end_checkpoint(void) {
    if (reader == NULL) return;
    testing("%s", tfckpt_reader_prefix(reader));
    const tfckpt_tensor *none;
    OK(tfckpt_cursor_next(cursor, &none, &err));
    CHECK(none == NULL);
    read_all_at_once(reader, 1);
    read_all_at_once(reader, 2);
    read_all_mapped();
    for (; whole_count > 0; whole_count--) {
        free(wholes[whole_count - 1].name);
        free(wholes[whole_count - 1].data);
    }
    tfckpt_cursor_free(cursor);
    tfckpt_reader_free(reader);
    reader = NULL;
}

static void check_tensor(const tfckpt_tensor *tensor, struct manifest *row) {
    struct dims shape;
    size_t len;
    CHECK(memcmp(tfckpt_tensor_name(tensor, &len), name, name_len + 1) == 0 && len == name_len);
    CHECK(tfckpt_tensor_dtype(tensor) == number(row->column[2]));
    parse_shape(row->column[3], &shape);
    CHECK(tfckpt_tensor_rank(tensor) == shape.rank);
    CHECK(memcmp(tfckpt_tensor_dims(tensor), shape.first, shape.rank * sizeof shape.first[0]) == 0);
    if (strcmp(row->column[6], "-") == 0) {
        /* V1 has no places, and its slices are counted where they come. */
        CHECK(is_v1 || tfckpt_tensor_slice_count(tensor) > 0);
        CHECK(tfckpt_tensor_shard(tensor) == -1 && tfckpt_tensor_offset(tensor) == -1);
        CHECK(tfckpt_tensor_stored_size(tensor) == -1 && tfckpt_tensor_crc32c(tensor) == 0);
        return;
    }
    CHECK(tfckpt_tensor_slice_count(tensor) == 0);
    CHECK(tfckpt_tensor_shard(tensor) == number(row->column[6]));
    CHECK(tfckpt_tensor_offset(tensor) == number(row->column[7]));
    CHECK(tfckpt_tensor_stored_size(tensor) == number(row->column[8]));
    CHECK((int64_t)tfckpt_tensor_crc32c(tensor) == number(row->column[9]));
}

/* Looks at the tensor in each of the three ways to it. */
static void check_info(struct manifest *row, tfckpt_tensor **found) {
    const tfckpt_tensor *listed;
    tfckpt_tensor *counted;
    OK(tfckpt_cursor_next(cursor, &listed, &err));
    check_tensor(listed, row);
    OK(tfckpt_reader_tensor_at(reader, position++, &counted, &err));
    check_tensor(counted, row);
    tfckpt_tensor_free(counted);
    OK(tfckpt_reader_find(reader, name, name_len, found, &err));
    check_tensor(*found, row);
}

static void check_strings(struct manifest *row) {
    tfckpt_strings *strings;
    char hex[65];
    OK(tfckpt_reader_read_strings(reader, name, name_len, NULL, &strings, &err));
    digest_strings(strings, hex);
    CHECK(strcmp(hex, row->column[5]) == 0);
    tfckpt_strings_free(strings);
    INVALID(tfckpt_reader_read(reader, name, name_len, NULL, NULL, 0, &err));
    tfckpt_view *view = NULL;
    EXPECT(TFCKPT_UNSUPPORTED, tfckpt_reader_view(reader, name, name_len, NULL, &view, &err));
    CHECK(view == NULL);
}

static void keep(void *data, size_t size) {
    if (whole_count == whole_capacity) {
        whole_capacity = whole_capacity * 2 + 16;
        wholes = realloc(wholes, whole_capacity * sizeof *wholes);
    }
    struct whole *whole = &wholes[whole_count++];
    whole->name = take(name_len + 1);
    memcpy(whole->name, name, name_len + 1);
    whole->name_len = name_len;
    whole->data = data;
    whole->size = size;
}

/* Whether a view is right to end so. A tensor in slices can be seen where one of
 * them is all of it. */
static bool is_right_for_view(const tfckpt_tensor *tensor, tfckpt_status status) {
    if (big_endian && tfckpt_dtype_size(tfckpt_tensor_dtype(tensor)) > 1) {
        return status == TFCKPT_UNSUPPORTED;
    }
    bool sliced = tfckpt_tensor_slice_count(tensor) > 0;
    if (is_v1) return status == TFCKPT_UNSUPPORTED;
    return status == TFCKPT_OK || (status == TFCKPT_UNSUPPORTED && sliced);
}

static void check_view(const tfckpt_tensor *tensor, const void *data, size_t size) {
    tfckpt_view *view = NULL;
    forget_error();
    CHECK(is_right_for_view(tensor,
                            tfckpt_reader_view(reader, name, name_len, NULL, &view, &err)));
    if (view == NULL) return;
    CHECK(tfckpt_view_size(view) == size && memcmp(tfckpt_view_data(view), data, size) == 0);
    CHECK((uintptr_t)tfckpt_view_data(view) % tfckpt_view_alignment(view) == 0);
    tfckpt_view_free(view);
    views++;
}

static void check_values(const tfckpt_tensor *tensor, struct manifest *row) {
    size_t size = (size_t)number(row->column[4]);
    void *data = take(size + 8);
    char hex[65];
    CHECK(tfckpt_tensor_byte_size(tensor) == (int64_t)size);
    memset(data, 0xA5, size + 8);
    /* A longer buffer than needed is left alone behind the tensor. */
    OK(tfckpt_reader_read(reader, name, name_len, NULL, data, size + 8, &err));
    CHECK(memcmp((char *)data + size, "\xA5\xA5\xA5\xA5\xA5\xA5\xA5\xA5", 8) == 0);
    digest_bytes(data, size, hex);
    CHECK(strcmp(hex, row->column[5]) == 0);
    if (size > 0) {
        EXPECT(TFCKPT_BUFFER_TOO_SMALL,
               tfckpt_reader_read(reader, name, name_len, NULL, data, size - 1, &err));
    }
    check_view(tensor, data, size);
    keep(data, size);
}

/* The stored slices don't make up the tensor. */
static void check_gap(const tfckpt_tensor *tensor) {
    if (has_strings) {
        tfckpt_strings *strings;
        EXPECT(TFCKPT_DATA_LOSS,
               tfckpt_reader_read_strings(reader, name, name_len, NULL, &strings, &err));
        return;
    }
    size_t size = (size_t)tfckpt_tensor_byte_size(tensor);
    void *data = take(size);
    EXPECT(TFCKPT_DATA_LOSS, tfckpt_reader_read(reader, name, name_len, NULL, data, size, &err));
    free(data);
}

static void check_tensor_row(struct manifest *row, tfckpt_tensor **tensor, int64_t *slice) {
    free(name);
    name = text("%s", row->column[1]);
    name_len = unescape(name);
    testing("%s %s", tfckpt_reader_prefix(reader), row->column[1]);
    tensors++;
    *slice = 0;
    tfckpt_tensor_free(*tensor);
    check_info(row, tensor);
    int64_t dtype = number(row->column[2]);
    has_strings = dtype == TFCKPT_DT_STRING || dtype == TFCKPT_DT_VARIANT;
    CHECK((tfckpt_tensor_byte_size(*tensor) == -1) == has_strings);
    if (strcmp(row->column[5], "-") == 0) {
        check_gap(*tensor);
    } else if (has_strings) {
        check_strings(row);
    } else {
        check_values(*tensor, row);
    }
}

static bool is_whole(const tfckpt_tensor *tensor, const struct dims *slice) {
    for (size_t i = 0; i < slice->rank; i++) {
        int64_t length = slice->second[i];
        bool whole = length == -1 || length == tfckpt_tensor_dims(tensor)[i];
        if (!whole || slice->first[i] != 0) return false;
    }
    return true;
}

static void check_slice_row(struct manifest *row, const tfckpt_tensor *tensor, int64_t index) {
    struct dims slice;
    char hex[65];
    size_t rank = tfckpt_tensor_rank(tensor);
    parse_slice(row->column[1], &slice);
    if (rank == 0) slice.rank = 0;
    CHECK(slice.rank == rank);
    /* The one slice of a V1 tensor that is all of it is not told. */
    bool told = !is_v1 || tfckpt_tensor_slice_count(tensor) > 0;
    CHECK(told || (index == 0 && is_whole(tensor, &slice)));
    const int64_t *starts = told ? tfckpt_tensor_slice_starts(tensor, index) : slice.first;
    const int64_t *lengths = told ? tfckpt_tensor_slice_lengths(tensor, index) : slice.second;
    CHECK(memcmp(starts, slice.first, rank * sizeof *starts) == 0);
    CHECK(memcmp(lengths, slice.second, rank * sizeof *lengths) == 0);
    slices++;
    if (has_strings) {
        tfckpt_strings *strings;
        OK(tfckpt_reader_read_strings_slice(reader, name, name_len, starts, lengths, rank, NULL,
                                            &strings, &err));
        digest_strings(strings, hex);
        tfckpt_strings_free(strings);
    } else {
        size_t size = (size_t)number(row->column[4]);
        void *data = take(size);
        OK(tfckpt_reader_read_slice(reader, name, name_len, starts, lengths, rank, NULL, data,
                                    size, &err));
        digest_bytes(data, size, hex);
        free(data);
    }
    CHECK(strcmp(hex, row->column[5]) == 0);
}

int main(int argc, char **argv) {
    struct manifest row;
    tfckpt_tensor *tensor = NULL;
    int64_t slice = 0;
    CHECK(argc == 2);
    folder = argv[1];
    manifest_open(&row, folder, "manifest.tsv");
    while (manifest_next(&row)) {
        if (manifest_is(&row, "checkpoint")) {
            end_checkpoint();
            begin_checkpoint(&row);
        } else if (manifest_is(&row, "tensor")) {
            check_tensor_row(&row, &tensor, &slice);
        } else {
            check_slice_row(&row, tensor, slice++);
        }
    }
    end_checkpoint();
    manifest_close(&row);
    tfckpt_tensor_free(tensor);
    forget_error();
    free(name);
    free(wholes);
    printf("%d checkpoints, %d tensors, %d slices, %d views\n", checkpoints, tensors, slices,
           views);
    CHECK(checkpoints > 100 && tensors > 9000 && slices > 400 && views > 9000);
    return 0;
}
