/* Opening, looking up, listing. */
#include "api.h"

#define GOOD "hostile/good_v2/ckpt"

static const char *const NAMES[] = {"alpha/kernel", "alpha/names", "beta/count",
                                    "beta/mask",    "gamma/table", "zeta/last"};
enum { COUNT = sizeof NAMES / sizeof NAMES[0] };

static bool is_named(const tfckpt_tensor *tensor, const char *name) {
    size_t len;
    const char *own = tfckpt_tensor_name(tensor, &len);
    return own != NULL && len == strlen(name) && strcmp(own, name) == 0;
}

static void test_lookup(const tfckpt_reader *reader) {
    tfckpt_tensor *tensor = NULL;
    testing("find");
    OK(tfckpt_reader_find(reader, NAME("gamma/table"), &tensor, &err));
    CHECK(is_named(tensor, "gamma/table"));
    CHECK(tfckpt_tensor_dtype(tensor) == TFCKPT_DT_FLOAT && tfckpt_tensor_rank(tensor) == 2);
    CHECK(tfckpt_tensor_dims(tensor)[0] == 4 && tfckpt_tensor_dims(tensor)[1] == 6);
    CHECK(tfckpt_tensor_num_elements(tensor) == 24 && tfckpt_tensor_byte_size(tensor) == 96);
    CHECK(tfckpt_tensor_slice_count(tensor) == 2);
    CHECK(tfckpt_tensor_slice_starts(tensor, 2) == NULL);
    CHECK(tfckpt_tensor_slice_lengths(tensor, -1) == NULL);
    tfckpt_tensor_free(tensor);

    tensor = NULL;
    EXPECT(TFCKPT_NOT_FOUND, tfckpt_reader_find(reader, NAME("gamma/tabl"), &tensor, &err));
    CHECK(tensor == NULL && ends_with(tfckpt_error_file(err), "ckpt.index"));
    size_t len;
    CHECK(strcmp(tfckpt_error_tensor(err, &len), "gamma/tabl") == 0 && len == 10);
    /* The header's key is no tensor, nor is one of a stored slice. */
    EXPECT(TFCKPT_NOT_FOUND, tfckpt_reader_find(reader, NULL, 0, &tensor, &err));
    INVALID(tfckpt_reader_find(reader, NULL, 3, &tensor, &err));
    CHECK(strstr(tfckpt_error_message(err), "name is NULL, but its length is 3") != NULL);
    INVALID(tfckpt_reader_find(reader, "a", SIZE_MAX, &tensor, &err));
}

static void test_positions(const tfckpt_reader *reader) {
    tfckpt_tensor *tensor = NULL;
    int64_t count = -1;
    testing("positions");
    OK(tfckpt_reader_count(reader, &count, &err));
    CHECK(count == COUNT);
    for (int64_t i = 0; i < count; i++) {
        OK(tfckpt_reader_tensor_at(reader, i, &tensor, &err));
        CHECK(is_named(tensor, NAMES[i]));
        tfckpt_tensor_free(tensor);
    }
    tensor = NULL;
    INVALID(tfckpt_reader_tensor_at(reader, count, &tensor, &err));
    INVALID(tfckpt_reader_tensor_at(reader, -1, &tensor, &err));
    INVALID(tfckpt_reader_tensor_at(reader, INT64_MIN, &tensor, &err));
    CHECK(tensor == NULL);
}

static int list(const tfckpt_reader *reader, const char *prefix, size_t len) {
    const tfckpt_tensor *tensor;
    tfckpt_cursor *cursor;
    int count = -1;
    OK(tfckpt_reader_list(reader, prefix, len, &cursor, &err));
    do {
        OK(tfckpt_cursor_next(cursor, &tensor, &err));
        count++;
    } while (tensor != NULL);
    /* The end stays the end. */
    OK(tfckpt_cursor_next(cursor, &tensor, &err));
    CHECK(tensor == NULL);
    tfckpt_cursor_free(cursor);
    return count;
}

static void test_list(const tfckpt_reader *reader) {
    testing("list");
    CHECK(list(reader, NULL, 0) == COUNT);
    CHECK(list(reader, NAME("")) == COUNT);
    CHECK(list(reader, NAME("beta/")) == 2);
    CHECK(list(reader, NAME("zeta/last")) == 1);
    CHECK(list(reader, NAME("b\xff")) == 0 && list(reader, NAME("zz")) == 0);
    tfckpt_cursor *cursor = NULL;
    INVALID(tfckpt_reader_list(reader, NULL, 1, &cursor, &err));
}

/* Each tensor of a batch is what a lookup says it is; how many they are. */
static int64_t check_batch(const tfckpt_reader *reader, const tfckpt_tensors *tensors) {
    const int64_t *name = tfckpt_tensors_name_offsets(tensors);
    const int64_t *dim = tfckpt_tensors_dim_offsets(tensors);
    const int64_t *starts = tfckpt_tensors_slice_starts(tensors);
    const int64_t *lengths = tfckpt_tensors_slice_lengths(tensors);
    int64_t count = tfckpt_tensors_count(tensors);
    CHECK(name[0] == 0 && dim[0] == 0);
    for (int64_t i = 0; i < count; i++) {
        tfckpt_tensor *tensor = NULL;
        OK(tfckpt_reader_find(reader, tfckpt_tensors_names(tensors) + name[i],
                              (size_t)(name[i + 1] - name[i]), &tensor, &err));
        size_t rank = tfckpt_tensor_rank(tensor);
        CHECK(tfckpt_tensors_dtypes(tensors)[i] == tfckpt_tensor_dtype(tensor));
        CHECK((size_t)(dim[i + 1] - dim[i]) == rank);
        CHECK(memcmp(tfckpt_tensors_dims(tensors) + dim[i], tfckpt_tensor_dims(tensor),
                     rank * sizeof(int64_t)) == 0);
        CHECK(tfckpt_tensors_shards(tensors)[i] == tfckpt_tensor_shard(tensor));
        CHECK(tfckpt_tensors_offsets(tensors)[i] == tfckpt_tensor_offset(tensor));
        CHECK(tfckpt_tensors_stored_sizes(tensors)[i] == tfckpt_tensor_stored_size(tensor));
        CHECK(tfckpt_tensors_crc32cs(tensors)[i] == tfckpt_tensor_crc32c(tensor));
        CHECK(tfckpt_tensors_slice_counts(tensors)[i] == tfckpt_tensor_slice_count(tensor));
        for (int64_t s = 0; s < tfckpt_tensor_slice_count(tensor); s++) {
            CHECK(memcmp(starts, tfckpt_tensor_slice_starts(tensor, s), rank * 8) == 0);
            CHECK(memcmp(lengths, tfckpt_tensor_slice_lengths(tensor, s), rank * 8) == 0);
            starts += rank;
            lengths += rank;
        }
        tfckpt_tensor_free(tensor);
    }
    return count;
}

/* Goes over the next tensors, and holds each against a lookup. */
static int64_t next_many(tfckpt_cursor *cursor, const tfckpt_reader *reader, int64_t max) {
    tfckpt_tensors *tensors = NULL;
    OK(tfckpt_cursor_next_many(cursor, max, &tensors, &err));
    int64_t count = check_batch(reader, tensors);
    tfckpt_tensors_free(tensors);
    return count;
}

static void test_next_many(const tfckpt_reader *reader) {
    const tfckpt_tensor *tensor;
    tfckpt_tensors *tensors = NULL;
    tfckpt_cursor *cursor;
    testing("next many");
    OK(tfckpt_reader_list(reader, NULL, 0, &cursor, &err));
    CHECK(next_many(cursor, reader, 2) == 2);
    OK(tfckpt_cursor_next(cursor, &tensor, &err));
    CHECK(is_named(tensor, NAMES[2]));
    CHECK(next_many(cursor, reader, INT64_MAX) == COUNT - 3);
    CHECK(next_many(cursor, reader, 1) == 0);
    INVALID(tfckpt_cursor_next_many(cursor, 0, &tensors, &err));
    INVALID(tfckpt_cursor_next_many(cursor, -1, &tensors, &err));
    CHECK(tensors == NULL);
    tfckpt_cursor_free(cursor);
}

/* Names alone, and what may be walked over between them. */
static void test_next_name(const tfckpt_reader *reader) {
    const tfckpt_tensor *tensor;
    tfckpt_cursor *cursor;
    const char *name;
    size_t len;
    testing("next name");
    OK(tfckpt_reader_list(reader, NULL, 0, &cursor, &err));
    OK(tfckpt_cursor_next(cursor, &tensor, &err));
    for (int i = 1; i < COUNT; i++) {
        if (i == 2) {
            CHECK(next_many(cursor, reader, 1) == 1);
            continue;
        }
        OK(tfckpt_cursor_next_name(cursor, &name, i % 2 ? &len : NULL, &err));
        CHECK(strcmp(name, NAMES[i]) == 0);
        CHECK(i % 2 == 0 || len == strlen(NAMES[i]));
    }
    CHECK(is_named(tensor, NAMES[0]));
    for (int i = 0; i < 2; i++) {
        OK(tfckpt_cursor_next_name(cursor, &name, &len, &err));
        CHECK(name == NULL && len == 0);
    }
    tfckpt_cursor_free(cursor);
    OK(tfckpt_reader_list(reader, NAME("beta/"), &cursor, &err));
    OK(tfckpt_cursor_next_name(cursor, &name, &len, &err));
    CHECK(len > 5 && memcmp(name, "beta/", 5) == 0 && name[len] == 0);
    tfckpt_cursor_free(cursor);
}

/* The next names at once, and with what they are compared. */
static int64_t next_names(tfckpt_cursor *cursor, int64_t max, int first) {
    const tfckpt_strings *names;
    OK(tfckpt_cursor_next_names(cursor, max, &names, &err));
    int64_t count = tfckpt_strings_count(names);
    const int64_t *offsets = tfckpt_strings_offsets(names);
    const char *data = tfckpt_strings_data(names);
    for (int64_t i = 0; i < count; i++) {
        const char *name = NAMES[first + i];
        CHECK((size_t)(offsets[i + 1] - offsets[i]) == strlen(name));
        CHECK(memcmp(data + offsets[i], name, strlen(name)) == 0);
    }
    CHECK(offsets[0] == 0 && (size_t)offsets[count] == tfckpt_strings_data_size(names));
    return count;
}

static void test_next_names(const tfckpt_reader *reader) {
    const tfckpt_strings *names = NULL;
    tfckpt_cursor *cursor;
    testing("next names");
    OK(tfckpt_reader_list(reader, NULL, 0, &cursor, &err));
    CHECK(next_names(cursor, 2, 0) == 2);
    CHECK(next_many(cursor, reader, 1) == 1);
    CHECK(next_names(cursor, 1, 3) == 1);
    CHECK(next_names(cursor, INT64_MAX, 4) == COUNT - 4);
    CHECK(next_names(cursor, 1, COUNT) == 0);
    INVALID(tfckpt_cursor_next_names(cursor, 0, &names, &err));
    INVALID(tfckpt_cursor_next_names(cursor, -1, &names, &err));
    CHECK(names == NULL);
    tfckpt_cursor_free(cursor);
}

/* What came from a reader needs it no more. */
static void test_outliving(void) {
    tfckpt_reader *reader = open_reader(data(GOOD));
    const tfckpt_tensor *listed;
    tfckpt_cursor *cursor;
    tfckpt_tensor *tensor;
    tfckpt_strings *strings;
    tfckpt_view *view;
    testing("outliving the reader");
    OK(tfckpt_reader_list(reader, NULL, 0, &cursor, &err));
    OK(tfckpt_reader_find(reader, NAME("beta/mask"), &tensor, &err));
    OK(tfckpt_reader_read_strings(reader, NAME("alpha/names"), NULL, &strings, &err));
    OK(tfckpt_reader_view(reader, NAME("beta/mask"), NULL, &view, &err));
    tfckpt_reader_free(reader);
    for (int i = 0; i < COUNT; i++) {
        OK(tfckpt_cursor_next(cursor, &listed, &err));
        CHECK(is_named(listed, NAMES[i]));
    }
    CHECK(is_named(tensor, "beta/mask") && tfckpt_view_size(view) == 7);
    CHECK(((const uint8_t *)tfckpt_view_data(view))[0] <= 1);
    CHECK(tfckpt_strings_count(strings) == 4);
    tfckpt_view_free(view);
    tfckpt_strings_free(strings);
    tfckpt_tensor_free(tensor);
    tfckpt_cursor_free(cursor);
}

/* Goes through a checkpoint that has damage in its index; counts the errors, and
 * returns how many tensors there were all the same. */
static int list_damaged(const char *path, int *errors) {
    tfckpt_reader *reader = open_reader(data(path));
    const tfckpt_tensor *tensor;
    tfckpt_cursor *cursor;
    int count = 0;
    *errors = 0;
    testing("list %s", path);
    OK(tfckpt_reader_list(reader, NULL, 0, &cursor, &err));
    for (;;) {
        forget_error();
        tfckpt_status status = tfckpt_cursor_next(cursor, &tensor, &err);
        CHECK(status == TFCKPT_OK || status == TFCKPT_DATA_LOSS);
        if (status == TFCKPT_OK && tensor == NULL) break;
        *errors += status != TFCKPT_OK;
        count += status == TFCKPT_OK;
    }
    tfckpt_cursor_free(cursor);
    tfckpt_reader_free(reader);
    return count;
}

/* The same at once: the tensors before damage, then the error, then those behind it. */
static void test_damage_among_many(void) {
    tfckpt_reader *reader = open_reader(data("hostile/strings_size_zero/ckpt"));
    tfckpt_tensors *tensors = NULL;
    const tfckpt_tensor *tensor;
    tfckpt_cursor *cursor;
    testing("next many over damage");
    for (int by_one = 0; by_one < 2; by_one++) {
        OK(tfckpt_reader_list(reader, NULL, 0, &cursor, &err));
        int64_t before = next_many(cursor, reader, COUNT);
        CHECK(before == 1);
        EXPECT(TFCKPT_DATA_LOSS, by_one ? tfckpt_cursor_next(cursor, &tensor, &err)
                                        : tfckpt_cursor_next_many(cursor, 9, &tensors, &err));
        CHECK(tensors == NULL);
        CHECK(next_many(cursor, reader, COUNT) == COUNT - 2);
        CHECK(next_many(cursor, reader, COUNT) == 0);
        tfckpt_cursor_free(cursor);
    }
    tfckpt_reader_free(reader);
}

static void test_damage(void) {
    int errors;
    CHECK(list_damaged("hostile/entry_dtype_unknown/ckpt", &errors) == COUNT - 1 && errors == 1);
    int sound = list_damaged("hostile/second_block_flipped_byte/ckpt", &errors);
    CHECK(0 < sound && sound < COUNT && errors == 1);
    test_damage_among_many();
}

/* What each limit refuses one below what there is, and lets through at it. */
static void test_limits(void) {
    const char *v1 = data("hostile/good_v1/model.ckpt");
    tfckpt_reader_options *options = tfckpt_reader_options_new();
    tfckpt_reader *reader = NULL;
    tfckpt_tensor *tensor = NULL;
    tfckpt_strings *strings = NULL;
    int64_t count;
    size_t bytes;
    testing("limits");
    tfckpt_reader_options_set_max_index(options, 100);
    EXPECT(TFCKPT_RESOURCE_LIMIT, tfckpt_reader_open(data(GOOD), options, &reader, &err));
    tfckpt_reader_options_set_max_index(options, 1 << 20);
    tfckpt_reader_options_set_max_tensors(options, -1);
    EXPECT(TFCKPT_RESOURCE_LIMIT, tfckpt_reader_open(v1, options, &reader, &err));
    tfckpt_reader_options_set_max_tensors(options, COUNT - 1);
    tfckpt_reader_options_set_max_tensor_bytes(options, 47);
    OK(tfckpt_reader_open(data(GOOD), options, &reader, &err));
    EXPECT(TFCKPT_RESOURCE_LIMIT, tfckpt_reader_count(reader, &count, &err));
    EXPECT(TFCKPT_RESOURCE_LIMIT, tfckpt_reader_tensor_at(reader, 0, &tensor, &err));
    EXPECT(TFCKPT_RESOURCE_LIMIT, tfckpt_reader_read_size(reader, NAME("alpha/kernel"), NULL,
                                                          NULL, 0, &bytes, &err));
    tfckpt_reader_free(reader);

    tfckpt_reader_options_set_max_tensors(options, COUNT);
    tfckpt_reader_options_set_max_tensor_bytes(options, 48);
    OK(tfckpt_reader_open(data(GOOD), options, &reader, &err));
    OK(tfckpt_reader_count(reader, &count, &err));
    OK(tfckpt_reader_read_size(reader, NAME("alpha/kernel"), NULL, NULL, 0, &bytes, &err));
    CHECK(count == COUNT && bytes == 48);
    tfckpt_reader_free(reader);

    tfckpt_reader_options_set_max_tensor_bytes(options, 10);
    OK(tfckpt_reader_open(data(GOOD), options, &reader, &err));
    EXPECT(TFCKPT_RESOURCE_LIMIT,
           tfckpt_reader_read_strings(reader, NAME("alpha/names"), NULL, &strings, &err));
    tfckpt_reader_free(reader);
    tfckpt_reader_options_free(options);
}

static void test_options(void) {
    tfckpt_reader_options *options = tfckpt_reader_options_new();
    tfckpt_reader *reader = NULL;
    testing("reader options");
    tfckpt_reader_options_set_max_block(options, 1);
    EXPECT(TFCKPT_RESOURCE_LIMIT, tfckpt_reader_open(data(GOOD), options, &reader, &err));
    tfckpt_reader_options_set_max_block(options, 1 << 20);
    tfckpt_reader_options_set_index_cache(options, 0);
    tfckpt_reader_options_set_mapped(options, true);
    OK(tfckpt_reader_open(data(GOOD), options, &reader, &err));
    tfckpt_reader_options_free(options);
    test_lookup(reader);
    test_list(reader);
    tfckpt_reader_free(reader);
}

void test_reader(void) {
    tfckpt_reader *reader = open_reader(data(GOOD));
    test_lookup(reader);
    test_positions(reader);
    test_list(reader);
    test_next_many(reader);
    test_next_name(reader);
    test_next_names(reader);
    tfckpt_reader_free(reader);
    test_outliving();
    test_damage();
    test_options();
    test_limits();
}
