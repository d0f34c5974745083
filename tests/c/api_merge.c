/* Several checkpoints into one. */
#define _POSIX_C_SOURCE 200809L

#include <sys/stat.h>

#include "api.h"

/* Merges the checkpoints a and b of a folder of this name into its merged. */
static tfckpt_status merge(const char *folder, const tfckpt_merge_options *options) {
    char *names[3];
    static const char *const ends[] = {"a", "b", "merged"};
    for (int i = 0; i < 3; i++) names[i] = text("%s/%s", scratch(folder), ends[i]);
    const char *sources[] = {names[0], names[1]};
    tfckpt_status status = tfckpt_checkpoint_merge(names[2], sources, 2, options, &err);
    for (int i = 0; i < 3; i++) free(names[i]);
    return status;
}

static const char *in(const char *folder, const char *name) {
    char *path = text("%s/%s", folder, name);
    const char *joined = scratch(path);
    free(path);
    return joined;
}

static void check_float(const char *path, const char *name, float value) {
    tfckpt_reader *reader = open_reader(path);
    check_bytes(reader, name, &value, sizeof value);
    tfckpt_reader_free(reader);
}

static int64_t links_of(const char *path) {
    struct stat state;
    return stat(path, &state) == 0 ? (int64_t)state.st_nlink : -1;
}

static void test_transfer(int32_t transfer, const char *folder) {
    tfckpt_merge_options *options = tfckpt_merge_options_new();
    testing("merge by %s", folder);
    write_floats(in(folder, "a"), "xy", 1);
    write_floats(in(folder, "b"), "z", 2);
    OK(tfckpt_merge_options_set_transfer(options, transfer, &err));
    tfckpt_merge_options_set_sync(options, false);
    tfckpt_merge_options_set_threads(options, SIZE_MAX);
    tfckpt_merge_options_set_max_in_flight(options, 0);
    OK(merge(folder, options));
    tfckpt_merge_options_free(options);
    check_float(in(folder, "merged"), "x", 1);
    check_float(in(folder, "merged"), "y", 1);
    check_float(in(folder, "merged"), "z", 2);
    bool moved = transfer == TFCKPT_TRANSFER_MOVE;
    CHECK(count_files(scratch(folder)) == (moved ? 3 : 7));
    CHECK(links_of(in(folder, "merged.data-00000-of-00002")) ==
          (transfer == TFCKPT_TRANSFER_LINK ? 2 : 1));
    if (!moved) check_float(in(folder, "b"), "z", 2);
}

static void test_conflicts(void) {
    tfckpt_merge_options *options = tfckpt_merge_options_new();
    size_t len;
    testing("merge with conflicts");
    write_floats(scratch("conflict/a"), "pqr", 1);
    write_floats(scratch("conflict/b"), "qrs", 2);
    INVALID(merge("conflict", NULL));
    CHECK(tfckpt_error_name_count(err) == 2);
    CHECK(strcmp(tfckpt_error_name(err, 0, &len), "q") == 0 && len == 1);
    CHECK(strcmp(tfckpt_error_name(err, 1, &len), "r") == 0);
    CHECK(count_files(scratch("conflict")) == 4);

    OK(tfckpt_merge_options_set_on_conflict(options, TFCKPT_ON_CONFLICT_FIRST, &err));
    OK(merge("conflict", options));
    check_float(scratch("conflict/merged"), "q", 1);
    check_float(scratch("conflict/merged"), "s", 2);
    EXPECT(TFCKPT_ALREADY_EXISTS, merge("conflict", options));

    write_floats(scratch("conflict_last/a"), "pqr", 1);
    write_floats(scratch("conflict_last/b"), "qrs", 2);
    OK(tfckpt_merge_options_set_on_conflict(options, TFCKPT_ON_CONFLICT_LAST, &err));
    OK(merge("conflict_last", options));
    check_float(scratch("conflict_last/merged"), "p", 1);
    check_float(scratch("conflict_last/merged"), "q", 2);
    OK(tfckpt_merge_options_set_on_conflict(options, TFCKPT_ON_CONFLICT_ERROR, &err));
    tfckpt_merge_options_free(options);
}

static void test_options(void) {
    tfckpt_merge_options *options = tfckpt_merge_options_new();
    testing("merge options");
    INVALID(tfckpt_merge_options_set_on_conflict(options, 3, &err));
    INVALID(tfckpt_merge_options_set_on_conflict(options, -1, &err));
    INVALID(tfckpt_merge_options_set_transfer(options, 3, &err));
    INVALID(tfckpt_merge_options_set_transfer(options, INT32_MIN, &err));
    tfckpt_merge_options_free(options);
}

static void test_sources(void) {
    char *good = text("%s", data("hostile/good_v2/ckpt.index"));
    char *no_index = text("%s", data("hostile/index_missing/ckpt"));
    char *no_shard = text("%s", data("hostile/shard_missing/ckpt"));
    const char *sources[] = {good, NULL, no_index, no_shard};
    testing("merge sources");
    INVALID(tfckpt_checkpoint_merge(scratch("sources/ckpt"), NULL, 0, NULL, &err));
    INVALID(tfckpt_checkpoint_merge(scratch("sources/ckpt"), NULL, 2, NULL, &err));
    INVALID(tfckpt_checkpoint_merge(scratch("sources/ckpt"), sources, 2, NULL, &err));
    CHECK(strstr(tfckpt_error_message(err), "source is NULL") != NULL);
    INVALID(tfckpt_checkpoint_merge(NULL, sources, 1, NULL, &err));
    EXPECT(TFCKPT_NOT_FOUND,
           tfckpt_checkpoint_merge(scratch("sources/ckpt"), sources + 2, 1, NULL, &err));
    EXPECT(TFCKPT_NOT_FOUND,
           tfckpt_checkpoint_merge(scratch("sources/ckpt"), sources + 3, 1, NULL, &err));
    CHECK(count_files(scratch("sources")) <= 0);
    OK(tfckpt_checkpoint_merge(scratch("sources/ckpt"), sources, 1, NULL, &err));
    CHECK(count_files(scratch("sources")) == 2);
    free(good);
    free(no_index);
    free(no_shard);
}

void test_merge(void) {
    test_transfer(TFCKPT_TRANSFER_COPY, "copy");
    test_transfer(TFCKPT_TRANSFER_LINK, "link");
    test_transfer(TFCKPT_TRANSFER_MOVE, "move");
    test_conflicts();
    test_options();
    test_sources();
}
