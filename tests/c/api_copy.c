/* A checkpoint into another, and a tensor by any of its names. */
#define _POSIX_C_SOURCE 200809L

#include <sys/stat.h>

#include "api.h"

static const char *const KEY = "optimizer/_trainable_variables/0/.ATTRIBUTES/VARIABLE_VALUE";

static int64_t links_of(const char *path) {
    struct stat state;
    return stat(path, &state) == 0 ? (int64_t)state.st_nlink : -1;
}

static int64_t count_of(const char *path) {
    tfckpt_reader *reader = open_reader(path);
    int64_t count;
    OK(tfckpt_reader_count(reader, &count, &err));
    tfckpt_reader_free(reader);
    return count;
}

static void check_float(const char *path, const char *name, float value) {
    tfckpt_reader *reader = open_reader(path);
    check_bytes(reader, name, &value, sizeof value);
    tfckpt_reader_free(reader);
}

static void check_sound(const char *path) {
    tfckpt_report *report;
    OK(tfckpt_checkpoint_verify(path, NULL, &report, &err));
    CHECK(tfckpt_report_is_ok(report));
    tfckpt_report_free(report);
}

static FILE *open_file(const char *prefix, const char *end) {
    char *name = text("%s%s", prefix, end);
    FILE *file = fopen(name, "rb");
    CHECK(file != NULL);
    free(name);
    return file;
}

static void check_same_files(const char *one, const char *other) {
    static const char *const ends[] = {".index", ".data-00000-of-00001"};
    for (size_t i = 0; i < 2; i++) {
        FILE *a = open_file(one, ends[i]), *b = open_file(other, ends[i]);
        int byte;
        do {
            byte = getc(a);
            CHECK(byte == getc(b));
        } while (byte != EOF);
        fclose(a);
        fclose(b);
    }
}

static void test_parts(int32_t how, const char *folder) {
    tfckpt_copy_options *options = tfckpt_copy_options_new();
    char *src = text("%s/src", scratch(folder)), *dst = text("%s/dst", scratch(folder));
    char *shard = text("%s.data-00000-of-00001", dst);
    testing("copy by %s", folder);
    write_floats(src, "abcd", 3);
    tfckpt_copy_options_set_sync(options, false);
    OK(tfckpt_copy_options_set_data(options, how, &err));
    OK(tfckpt_copy_options_add_filter(options, NAME("[ab]"), &err));
    OK(tfckpt_copy_options_add_filter(options, NAME("d"), &err));
    OK(tfckpt_copy_options_map_name(options, NAME("a"), NAME("first"), &err));
    OK(tfckpt_copy_options_map_pattern(options, NAME("b*"), NAME("new/b*"), &err));
    OK(tfckpt_copy_options_map_prefix(options, NAME(""), NAME("x/"), &err));
    OK(tfckpt_checkpoint_copy(dst, src, options, &err));
    CHECK(count_of(dst) == 3 && count_of(src) == 4);
    check_float(dst, "first", 3);
    check_float(dst, "new/b", 3);
    check_float(dst, "x/d", 3);
    check_sound(dst);
    CHECK(links_of(shard) == (how == TFCKPT_COPY_DATA_LINK ? 2 : 1));

    EXPECT(TFCKPT_ALREADY_EXISTS, tfckpt_checkpoint_copy(dst, src, options, &err));
    tfckpt_copy_options_set_replace(options, true);
    OK(tfckpt_checkpoint_copy(dst, src, options, &err));
    INVALID(tfckpt_checkpoint_copy(src, src, options, &err));
    CHECK(count_files(scratch(folder)) == 4);
    tfckpt_copy_options_free(options);
    free(src);
    free(dst);
    free(shard);
}

static void test_rewriting(void) {
    tfckpt_copy_options *options = tfckpt_copy_options_new();
    const char *src = scratch("cast/src"), *dst = scratch("cast/dst");
    const uint16_t half = 0x3e00;
    testing("copy with a cast");
    write_floats(src, "ab", 1.5f);
    OK(tfckpt_copy_options_set_cast(options, TFCKPT_DT_HALF, &err));
    OK(tfckpt_copy_options_set_shards(options, 2, &err));
    OK(tfckpt_copy_options_set_alignment(options, 64, &err));
    OK(tfckpt_checkpoint_copy(dst, src, options, &err));
    tfckpt_reader *reader = open_reader(dst);
    CHECK(tfckpt_reader_num_shards(reader) == 2);
    check_bytes(reader, "b", &half, sizeof half);
    tfckpt_reader_free(reader);

    INVALID(tfckpt_copy_options_set_data(options, TFCKPT_COPY_DATA_LINK, &err));
    CHECK(strstr(tfckpt_error_message(err), "values are to be cast") != NULL);
    OK(tfckpt_copy_options_set_cast(options, 0, &err));
    OK(tfckpt_copy_options_set_shards(options, 0, &err));
    OK(tfckpt_copy_options_set_alignment(options, 0, &err));
    OK(tfckpt_copy_options_set_data(options, TFCKPT_COPY_DATA_LINK, &err));
    INVALID(tfckpt_copy_options_set_shards(options, 1, &err));
    const char *v1 = data("hostile/good_v1/model.ckpt");
    INVALID(tfckpt_checkpoint_copy(scratch("cast/v1"), v1, options, &err));
    OK(tfckpt_checkpoint_copy(scratch("cast/v1"), v1, NULL, &err));
    tfckpt_copy_options_free(options);
}

static void test_threads(void) {
    static float large[3 << 17];
    static const int64_t dims[] = {3 << 17};
    tfckpt_copy_options *options = tfckpt_copy_options_new();
    tfckpt_progress *progress = tfckpt_progress_new();
    const char *src = scratch("threads/src"), *one = scratch("threads/one");
    const char *many = scratch("threads/many");
    testing("copy on threads");
    tfckpt_writer *writer = create_writer(src);
    for (size_t i = 0; i < 3 << 17; i++) large[i] = (float)i;
    for (char name = 'a'; name < 'f'; name++) {
        OK(tfckpt_writer_add(writer, &name, 1, TFCKPT_DT_FLOAT, dims, 1, BYTES(large), &err));
    }
    OK(tfckpt_writer_finish(writer, &err));
    tfckpt_writer_free(writer);
    OK(tfckpt_checkpoint_copy(one, src, NULL, &err));
    tfckpt_copy_options_set_threads(options, SIZE_MAX);
    tfckpt_copy_options_set_max_in_flight(options, 0);
    tfckpt_copy_options_set_progress(options, progress);
    OK(tfckpt_checkpoint_copy(many, src, options, &err));
    CHECK(tfckpt_progress_done(progress) == 5 * sizeof large);
    CHECK(tfckpt_progress_total(progress) == 5 * sizeof large);
    check_same_files(one, many);
    tfckpt_progress_cancel(progress);
    const char *none = scratch("threads/none");
    EXPECT(TFCKPT_CANCELLED, tfckpt_checkpoint_copy(none, src, options, &err));
    CHECK(count_files(scratch("threads")) == 6);
    tfckpt_progress_free(progress);
    tfckpt_copy_options_free(options);
}

static void test_refusals(void) {
    tfckpt_copy_options *options = tfckpt_copy_options_new();
    const char *dst = scratch("refused/dst");
    char *src = text("%s", data("hostile/good_v2/ckpt"));
    testing("copies that are refused");
    INVALID(tfckpt_copy_options_set_data(options, 3, &err));
    INVALID(tfckpt_copy_options_set_data(options, -1, &err));
    INVALID(tfckpt_copy_options_set_cast(options, TFCKPT_DT_INT32, &err));
    INVALID(tfckpt_copy_options_set_cast(options, 77, &err));
    INVALID(tfckpt_copy_options_set_cast(options, TFCKPT_DT_FLOAT4_E2M1FN, &err));
    INVALID(tfckpt_copy_options_set_shards(options, -1, &err));
    INVALID(tfckpt_copy_options_set_shards(options, 1001, &err));
    INVALID(tfckpt_copy_options_set_alignment(options, 3, &err));
    INVALID(tfckpt_copy_options_add_filter(options, NAME("[a"), &err));
    INVALID(tfckpt_copy_options_map_name(options, NAME("a"), NAME(""), &err));
    INVALID(tfckpt_copy_options_map_pattern(options, NAME("a"), NAME("b*"), &err));

    EXPECT(TFCKPT_NOT_FOUND, tfckpt_checkpoint_copy(dst, data("none"), options, &err));
    tfckpt_copy_options_set_drop_optimizer_state(options, true);
    INVALID(tfckpt_checkpoint_copy(dst, src, options, &err));
    tfckpt_copy_options_set_drop_optimizer_state(options, false);
    OK(tfckpt_copy_options_map_pattern(options, NAME("alpha/*"), NAME("one"), &err));
    INVALID(tfckpt_checkpoint_copy(dst, src, options, &err));
    CHECK(tfckpt_error_name_count(err) == 1);
    CHECK(strcmp(tfckpt_error_name(err, 0, NULL), "one") == 0);
    OK(tfckpt_copy_options_add_filter(options, NAME("nothing"), &err));
    EXPECT(TFCKPT_NOT_FOUND, tfckpt_checkpoint_copy(dst, src, options, &err));
    CHECK(count_files(scratch("refused")) <= 0);
    tfckpt_copy_options_free(options);
    free(src);
}

static void check_resolved(const tfckpt_reader *reader, const char *name, const char *wanted) {
    tfckpt_tensor *tensor;
    OK(tfckpt_reader_resolve(reader, name, strlen(name), &tensor, &err));
    CHECK(strcmp(tfckpt_tensor_name(tensor, NULL), wanted) == 0);
    tfckpt_tensor_free(tensor);
}

/* The object graph of the copy leads to the tensors that are left. */
static void test_objects(void) {
    tfckpt_copy_options *options = tfckpt_copy_options_new();
    tfckpt_reader *reader = open_reader(data("golden/object_based/keras/ckpt-50"));
    tfckpt_tensor *tensor = NULL;
    const char *dst = scratch("objects");
    testing("copy of objects, and names of all kinds");
    const char *path = "model/_functional/_operations/1/_kernel";
    check_resolved(reader, KEY, KEY);
    check_resolved(reader, path, KEY);
    check_resolved(reader, "sequential/hidden/kernel", KEY);
    EXPECT(TFCKPT_NOT_FOUND, tfckpt_reader_resolve(reader, NAME("model/nothing"), &tensor, &err));
    EXPECT(TFCKPT_NOT_FOUND, tfckpt_reader_resolve(reader, NAME("\xff"), &tensor, &err));

    tfckpt_copy_options_set_drop_optimizer_state(options, true);
    OK(tfckpt_copy_options_map_prefix(options, NAME(""), NAME("my/"), &err));
    OK(tfckpt_reader_copy(reader, dst, options, &err));
    tfckpt_reader_free(reader);
    reader = open_reader(dst);
    check_resolved(reader, path, "my/optimizer/_trainable_variables/0/.ATTRIBUTES/VARIABLE_VALUE");
    EXPECT(TFCKPT_NOT_FOUND,
           tfckpt_reader_resolve(reader, NAME("optimizer/_iterations"), &tensor, &err));
    tfckpt_reader_free(reader);

    reader = open_reader(data("golden/saved_model/keras"));
    INVALID(tfckpt_reader_resolve(reader, NAME("sequential/norm/gamma"), &tensor, &err));
    CHECK(tfckpt_error_name_count(err) == 2 && tensor == NULL);
    tfckpt_reader_free(reader);
    tfckpt_copy_options_free(options);
}

/* Several checkpoints become one, each with names of its own, and nothing is moved. */
static void test_overlay_copy(void) {
    tfckpt_copy_options *options = tfckpt_copy_options_new();
    tfckpt_overlay *overlay = tfckpt_overlay_new();
    tfckpt_reader *reader;
    char *one = text("%s", scratch("all/one")), *two = text("%s", scratch("all/two"));
    char *all = text("%s", scratch("all/all"));
    testing("copy of an overlay");
    write_floats(one, "ab", 1);
    write_floats(two, "bc", 2);
    OK(tfckpt_overlay_add(overlay, one, NULL, &err));
    OK(tfckpt_overlay_map_prefix(overlay, NAME(""), NAME("one/"), &err));
    OK(tfckpt_overlay_add(overlay, two, NULL, &err));
    OK(tfckpt_overlay_open(overlay, &reader, &err));
    OK(tfckpt_copy_options_set_data(options, TFCKPT_COPY_DATA_LINK, &err));
    OK(tfckpt_reader_copy(reader, all, options, &err));
    tfckpt_reader_free(reader);
    tfckpt_overlay_free(overlay);
    tfckpt_copy_options_free(options);
    CHECK(count_of(all) == 4);
    check_float(all, "one/b", 1);
    check_float(all, "b", 2);
    check_sound(all);
    CHECK(links_of(scratch("all/two.data-00000-of-00001")) == 2);
    free(one);
    free(two);
    free(all);
}

void test_copy(void) {
    test_parts(TFCKPT_COPY_DATA_REWRITE, "rewrite");
    test_parts(TFCKPT_COPY_DATA_COPY, "data_copy");
    test_parts(TFCKPT_COPY_DATA_LINK, "data_link");
    test_rewriting();
    test_threads();
    test_refusals();
    test_objects();
    test_overlay_copy();
}
