/* A directory whose newest checkpoints are kept, and what crashes leave in one. */
#define _POSIX_C_SOURCE 200809L

#include <sys/stat.h>

#include "api.h"

static const int64_t ONE[] = {1};
static const float VALUE = 1.5f;

static tfckpt_manager *open_manager(const char *dir, const tfckpt_manager_options *options) {
    tfckpt_manager *manager;
    OK(tfckpt_manager_open(dir, options, &manager, &err));
    return manager;
}

static tfckpt_writer *begin_save(const tfckpt_manager *manager) {
    tfckpt_writer *writer;
    OK(tfckpt_manager_save(manager, &writer, &err));
    OK(tfckpt_writer_add(writer, NAME("a"), TFCKPT_DT_FLOAT, ONE, 1, &VALUE, sizeof VALUE, &err));
    return writer;
}

static bool is_there(const char *path) {
    struct stat state;
    return stat(path, &state) == 0;
}

static void test_saves(void) {
    tfckpt_manager_options *options = tfckpt_manager_options_new();
    testing("saves of a manager");
    OK(tfckpt_manager_options_set_max_to_keep(options, 2, &err));
    tfckpt_manager *manager = open_manager(scratch("managed"), options);
    CHECK(tfckpt_manager_latest(manager) == NULL && tfckpt_manager_count(manager) == 0);
    CHECK(!is_there(scratch("managed")));
    for (int64_t step = 1; step <= 3; step++) {
        tfckpt_writer *writer = begin_save(manager);
        CHECK(tfckpt_writer_step(writer) == step);
        CHECK(tfckpt_writer_removed_count(writer) == 0);
        OK(tfckpt_writer_finish(writer, &err));
        CHECK(strcmp(tfckpt_writer_prefix(writer), tfckpt_manager_latest(manager)) == 0);
        CHECK(tfckpt_writer_removed_count(writer) == (step == 3 ? 1 : 0));
        CHECK(tfckpt_writer_removal_problem_count(writer) == 0);
        CHECK(tfckpt_writer_removal_problem(writer, 0) == NULL);
        if (step == 3) {
            CHECK(strcmp(tfckpt_writer_removed(writer, 0), scratch("managed/ckpt-1")) == 0);
        }
        CHECK(tfckpt_writer_removed(writer, 1) == NULL);
        INVALID(tfckpt_writer_finish(writer, &err));
        tfckpt_writer_free(writer);
    }
    CHECK(!is_there(scratch("managed/ckpt-1.index")) && is_there(scratch("managed/ckpt-3.index")));
    CHECK(tfckpt_manager_count(manager) == 2);
    const char *oldest = tfckpt_manager_checkpoint(manager, 0);
    CHECK(strcmp(oldest, scratch("managed/ckpt-2")) == 0);
    CHECK(strcmp(tfckpt_manager_checkpoint(manager, 1), scratch("managed/ckpt-3")) == 0);
    CHECK(tfckpt_manager_checkpoint(manager, 2) == NULL);
    CHECK(tfckpt_manager_checkpoint(manager, -1) == NULL);
    /* What was borrowed stays good when it is kept no more. */
    finish_writer(begin_save(manager));
    CHECK(strcmp(oldest, scratch("managed/ckpt-2")) == 0);
    CHECK(strcmp(tfckpt_manager_checkpoint(manager, 0), scratch("managed/ckpt-3")) == 0);
    tfckpt_manager_free(manager);

    manager = open_manager(scratch("managed"), options);
    CHECK(tfckpt_manager_count(manager) == 2);
    CHECK(strcmp(tfckpt_manager_latest(manager), scratch("managed/ckpt-4")) == 0);
    tfckpt_manager_free(manager);
    tfckpt_manager_options_free(options);
}

static void test_steps(void) {
    tfckpt_manager_options *options = tfckpt_manager_options_new();
    tfckpt_writer_options *writer_options = tfckpt_writer_options_new();
    tfckpt_writer *writer = NULL, *other;
    testing("steps of a manager");
    OK(tfckpt_manager_options_set_checkpoint_name(options, "sub/model", &err));
    OK(tfckpt_manager_options_set_file_name(options, "latest", &err));
    OK(tfckpt_manager_options_set_keep_checkpoint_every_n_hours(options, 0.5, &err));
    tfckpt_manager *manager = open_manager(scratch("steps"), options);
    OK(tfckpt_manager_save_step(manager, 0, &writer, &err));
    CHECK(tfckpt_writer_step(writer) == 0);
    OK(tfckpt_manager_save_step(manager, 70, &other, &err));
    /* A writer stays good without its manager. */
    tfckpt_manager_free(manager);
    finish_writer(other);
    finish_writer(writer);
    CHECK(is_there(scratch("steps/sub/model-0.index")) && is_there(scratch("steps/latest")));

    manager = open_manager(scratch("steps"), options);
    writer = NULL;
    EXPECT(TFCKPT_ALREADY_EXISTS, tfckpt_manager_save_step(manager, 70, &writer, &err));
    INVALID(tfckpt_manager_save_step(manager, -1, &writer, &err));
    CHECK(writer == NULL);
    OK(tfckpt_manager_save(manager, &writer, &err));
    CHECK(tfckpt_writer_step(writer) == 71);
    CHECK(ends_with(tfckpt_writer_prefix(writer), "steps/sub/model-71"));
    /* Abandoned, it leaves nothing behind. */
    tfckpt_writer_free(writer);
    CHECK(count_files(scratch("steps/sub")) == 4);
    tfckpt_manager_free(manager);

    tfckpt_writer_options_set_replace(writer_options, true);
    tfckpt_writer_options_set_sync(writer_options, false);
    OK(tfckpt_manager_options_set_writer_options(options, writer_options, &err));
    manager = open_manager(scratch("steps"), options);
    OK(tfckpt_manager_save_step(manager, 70, &writer, &err));
    finish_writer(writer);
    tfckpt_manager_free(manager);
    tfckpt_manager_options_free(options);
    tfckpt_writer_options_free(writer_options);
}

static void test_what_cannot_be_removed(void) {
    tfckpt_manager_options *options = tfckpt_manager_options_new();
    testing("what a manager cannot remove");
    OK(tfckpt_manager_options_set_max_to_keep(options, 1, &err));
    tfckpt_manager *manager = open_manager(scratch("stuck"), options);
    finish_writer(begin_save(manager));
    /* A directory in the place of a file. */
    CHECK(remove(scratch("stuck/ckpt-1.index")) == 0);
    CHECK(mkdir(scratch("stuck/ckpt-1.index"), 0777) == 0);
    tfckpt_writer *writer = begin_save(manager);
    OK(tfckpt_writer_finish(writer, &err));
    CHECK(tfckpt_writer_removed_count(writer) == 0);
    CHECK(tfckpt_writer_removal_problem_count(writer) == 1);
    CHECK(ends_with(tfckpt_error_file(tfckpt_writer_removal_problem(writer, 0)), "ckpt-1.index"));
    CHECK(tfckpt_manager_count(manager) == 2);
    tfckpt_writer_free(writer);
    tfckpt_manager_free(manager);
    tfckpt_manager_options_free(options);
}

static void test_damaged_state(void) {
    tfckpt_manager *manager = NULL;
    testing("a manager of a damaged state file");
    EXPECT(TFCKPT_DATA_LOSS,
           tfckpt_manager_open(data("hostile/state_bad_text_proto"), NULL, &manager, &err));
    CHECK(manager == NULL);
}

static void test_manager_misuse(void) {
    tfckpt_manager_options *options = tfckpt_manager_options_new();
    tfckpt_manager *manager = NULL;
    tfckpt_writer *writer = NULL;
    testing("a manager misused");
    INVALID(tfckpt_manager_options_set_max_to_keep(options, 0, &err));
    INVALID(tfckpt_manager_options_set_max_to_keep(options, -2, &err));
    OK(tfckpt_manager_options_set_max_to_keep(options, -1, &err));
    INVALID(tfckpt_manager_options_set_max_to_keep(NULL, 1, &err));
    INVALID(tfckpt_manager_options_set_keep_checkpoint_every_n_hours(options, -1, &err));
    INVALID(tfckpt_manager_options_set_keep_checkpoint_every_n_hours(options, 1e308 * 10, &err));
    INVALID(tfckpt_manager_options_set_keep_checkpoint_every_n_hours(NULL, 1, &err));
    INVALID(tfckpt_manager_options_set_checkpoint_name(options, "", &err));
    INVALID(tfckpt_manager_options_set_checkpoint_name(options, "../ckpt", &err));
    INVALID(tfckpt_manager_options_set_checkpoint_name(options, NULL, &err));
    INVALID(tfckpt_manager_options_set_checkpoint_name(NULL, "ckpt", &err));
    INVALID(tfckpt_manager_options_set_file_name(options, "/checkpoint", &err));
    INVALID(tfckpt_manager_options_set_file_name(NULL, "checkpoint", &err));
    INVALID(tfckpt_manager_options_set_writer_options(NULL, NULL, &err));
    OK(tfckpt_manager_options_set_writer_options(options, NULL, &err));
    INVALID(tfckpt_manager_open(NULL, options, &manager, &err));
    INVALID(tfckpt_manager_open(scratch("misused"), options, NULL, &err));
    INVALID(tfckpt_manager_save(NULL, &writer, &err));
    INVALID(tfckpt_manager_save_step(NULL, 1, &writer, &err));
    CHECK(manager == NULL && writer == NULL);
    manager = open_manager(scratch("misused"), options);
    INVALID(tfckpt_manager_save(manager, NULL, &err));
    INVALID(tfckpt_manager_save_step(manager, 1, NULL, &err));
    CHECK(count_files(scratch("misused")) <= 0);
    tfckpt_manager_free(manager);
    CHECK(tfckpt_manager_latest(NULL) == NULL && tfckpt_manager_count(NULL) == 0);
    CHECK(tfckpt_manager_checkpoint(NULL, 0) == NULL);
    CHECK(tfckpt_writer_prefix(NULL) == NULL && tfckpt_writer_step(NULL) == -1);
    CHECK(tfckpt_writer_removed_count(NULL) == 0 && tfckpt_writer_removed(NULL, 0) == NULL);
    CHECK(tfckpt_writer_removal_problem_count(NULL) == 0);
    CHECK(tfckpt_writer_removal_problem(NULL, 0) == NULL);
    tfckpt_manager_free(NULL);
    tfckpt_manager_options_free(NULL);
    tfckpt_manager_options_free(options);
    writer = create_writer(scratch("misused/alone"));
    CHECK(tfckpt_writer_step(writer) == -1);
    CHECK(strcmp(tfckpt_writer_prefix(writer), scratch("misused/alone")) == 0);
    tfckpt_writer_free(writer);
}

static void write_file(const char *path) {
    FILE *file = fopen(path, "wb");
    CHECK(file != NULL && fclose(file) == 0);
}

static void test_gc(void) {
    tfckpt_gc_options *options = tfckpt_gc_options_new();
    tfckpt_collected *collected;
    testing("gc");
    write_floats(scratch("litter/ckpt"), "a", 1);
    tfckpt_writer *writer = create_writer(scratch("litter/next"));
    write_file(scratch("litter/ckpt.index.tempstate17"));
    tfckpt_gc_options_set_tensorflow(options, true);
    OK(tfckpt_directory_gc(scratch("litter"), options, &collected, &err));
    CHECK(tfckpt_collected_removed_count(collected) == 0);
    CHECK(tfckpt_collected_removed(collected, 0) == NULL);
    CHECK(tfckpt_collected_in_use_count(collected) >= 1);
    CHECK(tfckpt_collected_in_use(collected, 0) != NULL);
    CHECK(tfckpt_collected_too_young_count(collected) == 1);
    CHECK(ends_with(tfckpt_collected_too_young(collected, 0), "ckpt.index.tempstate17"));
    CHECK(tfckpt_collected_problem_count(collected) == 0);
    CHECK(tfckpt_collected_problem(collected, 0) == NULL);
    tfckpt_collected_free(collected);

    OK(tfckpt_gc_options_set_min_age(options, 0, &err));
    tfckpt_gc_options_set_dry_run(options, true);
    for (int round = 0; round < 2; round++) {
        OK(tfckpt_directory_gc(scratch("litter"), options, &collected, &err));
        CHECK(tfckpt_collected_removed_count(collected) == 1);
        CHECK(ends_with(tfckpt_collected_removed(collected, 0), "ckpt.index.tempstate17"));
        tfckpt_collected_free(collected);
        CHECK(is_there(scratch("litter/ckpt.index.tempstate17")) == (round == 0));
        tfckpt_gc_options_set_dry_run(options, false);
    }
    finish_writer(writer);
    CHECK(count_files(scratch("litter")) == 4);

    write_file(scratch("litter/lost.data-00000-of-00001"));
    for (int round = 0; round < 2; round++) {
        OK(tfckpt_directory_gc(scratch("litter"), options, &collected, &err));
        CHECK(tfckpt_collected_removed_count(collected) == round);
        tfckpt_collected_free(collected);
        tfckpt_gc_options_set_orphans(options, true);
    }
    CHECK(!is_there(scratch("litter/lost.data-00000-of-00001")));
    CHECK(count_files(scratch("litter")) == 4);
    tfckpt_gc_options_free(options);
}

static void test_gc_misuse(void) {
    tfckpt_gc_options *options = tfckpt_gc_options_new();
    tfckpt_collected *collected = NULL;
    testing("gc misused");
    INVALID(tfckpt_gc_options_set_min_age(options, -1, &err));
    INVALID(tfckpt_gc_options_set_min_age(NULL, 1, &err));
    tfckpt_gc_options_set_tensorflow(NULL, true);
    tfckpt_gc_options_set_orphans(NULL, true);
    tfckpt_gc_options_set_dry_run(NULL, true);
    INVALID(tfckpt_directory_gc(NULL, options, &collected, &err));
    INVALID(tfckpt_directory_gc(scratch("."), options, NULL, &err));
    EXPECT(TFCKPT_NOT_FOUND,
           tfckpt_directory_gc(scratch("nowhere"), options, &collected, &err));
    CHECK(collected == NULL);
    CHECK(tfckpt_collected_removed_count(NULL) == 0 && tfckpt_collected_removed(NULL, 0) == NULL);
    CHECK(tfckpt_collected_in_use_count(NULL) == 0 && tfckpt_collected_in_use(NULL, 0) == NULL);
    CHECK(tfckpt_collected_too_young_count(NULL) == 0);
    CHECK(tfckpt_collected_too_young(NULL, 0) == NULL);
    CHECK(tfckpt_collected_problem_count(NULL) == 0 && tfckpt_collected_problem(NULL, 0) == NULL);
    tfckpt_collected_free(NULL);
    tfckpt_gc_options_free(NULL);
    tfckpt_gc_options_free(options);
}

void test_manager(void) {
    test_saves();
    test_steps();
    test_what_cannot_be_removed();
    test_damaged_state();
    test_manager_misuse();
    test_gc();
    test_gc_misuse();
}
