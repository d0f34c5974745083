/* The state file: what it says, the latest checkpoint, repair. */
#define _POSIX_C_SOURCE 200809L

#include <unistd.h>

#include "api.h"

/* A path in a folder of the test, good until the sixth next call. */
static const char *in(const char *folder, const char *name) {
    char *path = text("%s/%s", folder, name);
    const char *joined = scratch(path);
    free(path);
    return joined;
}

static void write_file(const char *path, const char *content) {
    FILE *file = fopen(path, "wb");
    CHECK(file != NULL && fputs(content, file) >= 0 && fclose(file) == 0);
}

/* Flips a bit at the beginning of a file. */
static void damage(const char *path) {
    FILE *file = fopen(path, "r+b");
    CHECK(file != NULL);
    int byte = fgetc(file);
    rewind(file);
    CHECK(fputc(byte ^ 1, file) != EOF && fclose(file) == 0);
}

static tfckpt_state_options *options_for(const char *file_name) {
    tfckpt_state_options *options = tfckpt_state_options_new();
    OK(tfckpt_state_options_set_file_name(options, file_name, &err));
    return options;
}

static void test_state(void) {
    tfckpt_state *state;
    size_t len;
    testing("state");
    OK(tfckpt_state_read(data("golden/object_based/keras"), NULL, &state, &err));
    CHECK(strcmp(tfckpt_state_latest(state, &len), "ckpt-50") == 0 && len == 7);
    CHECK(tfckpt_state_count(state) == 3);
    CHECK(strcmp(tfckpt_state_path(state, 0, &len), "ckpt-30") == 0 && len == 7);
    CHECK(strcmp(tfckpt_state_path(state, 2, NULL), "ckpt-50") == 0);
    CHECK(tfckpt_state_path(state, 3, &len) == NULL && len == 0);
    CHECK(tfckpt_state_path(state, -1, NULL) == NULL);
    CHECK(tfckpt_state_timestamp(state, 0) > 1.7e9);
    CHECK(tfckpt_state_timestamp(state, 0) < tfckpt_state_timestamp(state, 2));
    CHECK(tfckpt_state_timestamp(state, 3) == -1 && tfckpt_state_timestamp(state, -1) == -1);
    CHECK(tfckpt_state_last_preserved_timestamp(state) > 1.7e9);
    tfckpt_state_free(state);

    tfckpt_state_options *options = options_for("checkpoint.best");
    OK(tfckpt_state_read(data("golden/tf1_saver/absolute"), options, &state, &err));
    CHECK(ends_with(tfckpt_state_latest(state, NULL), "/best.ckpt-50"));
    CHECK(tfckpt_state_timestamp(state, 0) == -1);
    CHECK(tfckpt_state_last_preserved_timestamp(state) == -1);
    tfckpt_state_options_free(options);
    tfckpt_state_free(state);
}

static void test_hostile(void) {
    tfckpt_state *state = NULL;
    tfckpt_latest *latest = NULL;
    testing("hostile state");
    EXPECT(TFCKPT_DATA_LOSS,
           tfckpt_state_read(data("hostile/state_bad_text_proto"), NULL, &state, &err));
    CHECK(strstr(tfckpt_error_message(err), "line 1, column 24") != NULL);
    CHECK(tfckpt_error_offset(err) == 23);
    CHECK(ends_with(tfckpt_error_file(err), "state_bad_text_proto/checkpoint"));
    EXPECT(TFCKPT_DATA_LOSS,
           tfckpt_directory_latest(data("hostile/state_no_model_path"), NULL, &latest, &err));
    EXPECT(TFCKPT_DATA_LOSS,
           tfckpt_directory_latest_valid(data("hostile/state_binary"), NULL, &latest, &err));
    /* Bytes that are not UTF-8, and a NUL, which no file has in its name. */
    OK(tfckpt_state_read(data("hostile/state_not_utf8"), NULL, &state, &err));
    CHECK(strcmp(tfckpt_state_latest(state, NULL), "caf\xe9") == 0);
    tfckpt_state_free(state);
    write_floats(scratch("nul/ckpt-1"), "a", 1);
    write_file(scratch("nul/checkpoint"), "model_checkpoint_path: \"a\\000b\"\n");
    OK(tfckpt_state_read(scratch("nul"), NULL, &state, &err));
    size_t len;
    CHECK(memcmp(tfckpt_state_latest(state, &len), "a\0b", 4) == 0 && len == 3);
    tfckpt_state_free(state);
    EXPECT(TFCKPT_NOT_FOUND, tfckpt_directory_latest(scratch("nul"), NULL, &latest, &err));
    CHECK(latest == NULL);
}

static void test_latest(void) {
    tfckpt_latest *latest = NULL;
    tfckpt_state *state = NULL;
    testing("latest");
    OK(tfckpt_directory_latest(data("golden/object_based/keras"), NULL, &latest, &err));
    CHECK(strcmp(tfckpt_latest_prefix(latest), data("golden/object_based/keras/ckpt-50")) == 0);
    CHECK(tfckpt_latest_skipped_count(latest) == 0 && tfckpt_latest_skipped_problem(latest, 0) == NULL);
    tfckpt_reader_free(open_reader(tfckpt_latest_prefix(latest)));
    tfckpt_latest_free(latest);
    latest = NULL;
    /* That the file names what has moved, and what is not there at all. */
    OK(tfckpt_directory_latest(data("golden/tf1_saver/absolute"), NULL, &latest, &err));
    CHECK(ends_with(tfckpt_latest_prefix(latest), "tf1_saver/absolute/model.ckpt-50"));
    tfckpt_latest_free(latest);
    latest = NULL;
    const char *nowhere = data("hostile/state_points_nowhere");
    EXPECT(TFCKPT_NOT_FOUND, tfckpt_directory_latest(nowhere, NULL, &latest, &err));
    CHECK(strstr(tfckpt_error_message(err), "names this checkpoint, but there is none") != NULL);
    CHECK(ends_with(tfckpt_error_file(err), "state_points_nowhere/ckpt-9"));
    OK(tfckpt_state_read(nowhere, NULL, &state, &err));
    tfckpt_state_free(state);
    state = NULL;
    const char *none = data("hostile/state_missing");
    EXPECT(TFCKPT_NOT_FOUND, tfckpt_directory_latest(none, NULL, &latest, &err));
    CHECK(strstr(tfckpt_error_message(err), "no state file") != NULL);
    CHECK(ends_with(tfckpt_error_file(err), "state_missing/checkpoint"));
    EXPECT(TFCKPT_NOT_FOUND, tfckpt_state_read(none, NULL, &state, &err));
    EXPECT(TFCKPT_NOT_FOUND, tfckpt_directory_latest_valid(none, NULL, &latest, &err));
    CHECK(latest == NULL && state == NULL);
}

/* Three checkpoints in a folder, and a state file that names the last two. */
static void prepare(const char *folder) {
    write_floats(in(folder, "ckpt-1"), "a", 1);
    write_floats(in(folder, "ckpt-2"), "a", 2);
    write_floats(in(folder, "ckpt-3"), "a", 3);
    write_file(in(folder, "checkpoint"),
               "model_checkpoint_path: \"ckpt-3\"\n"
               "all_model_checkpoint_paths: \"ckpt-2\"\n"
               "all_model_checkpoint_paths: \"ckpt-3\"\n"
               "all_model_checkpoint_timestamps: 20.5\n"
               "all_model_checkpoint_timestamps: 30.5\n"
               "last_preserved_timestamp: 9.25\n");
}

static void test_latest_valid(void) {
    tfckpt_latest *latest;
    tfckpt_state_options *options = tfckpt_state_options_new();
    size_t len;
    testing("latest_valid");
    prepare("valid");
    damage(scratch("valid/ckpt-3.data-00000-of-00001"));
    CHECK(unlink(scratch("valid/ckpt-2.index")) == 0);
    OK(tfckpt_directory_latest_valid(scratch("valid"), NULL, &latest, &err));
    CHECK(strcmp(tfckpt_latest_prefix(latest), scratch("valid/ckpt-1")) == 0);
    CHECK(tfckpt_latest_skipped_count(latest) == 2);
    CHECK(strcmp(tfckpt_latest_skipped_path(latest, 0, &len), scratch("valid/ckpt-3")) == 0);
    CHECK(len == strlen(scratch("valid/ckpt-3")));
    const tfckpt_error *damaged = tfckpt_latest_skipped_problem(latest, 0);
    CHECK(tfckpt_error_status(damaged) == TFCKPT_DATA_LOSS);
    CHECK(strcmp(tfckpt_error_tensor(damaged, NULL), "a") == 0);
    CHECK(tfckpt_error_status(tfckpt_latest_skipped_problem(latest, 1)) == TFCKPT_NOT_FOUND);
    CHECK(tfckpt_latest_skipped_problem(latest, 2) == NULL && tfckpt_latest_skipped_problem(latest, -1) == NULL);
    CHECK(tfckpt_latest_skipped_path(latest, 2, &len) == NULL && len == 0);
    tfckpt_latest_free(latest);
    /* What a flipped bit does to no length. */
    tfckpt_state_options_set_verify(options, false);
    OK(tfckpt_directory_latest_valid(scratch("valid"), options, &latest, &err));
    CHECK(strcmp(tfckpt_latest_prefix(latest), scratch("valid/ckpt-3")) == 0);
    tfckpt_latest_free(latest);
    tfckpt_state_options_free(options);
}

static void test_repair(void) {
    tfckpt_repaired *repaired;
    testing("repair");
    prepare("repair");
    damage(scratch("repair/ckpt-3.data-00000-of-00001"));
    OK(tfckpt_directory_repair(scratch("repair"), NULL, &repaired, &err));
    CHECK(tfckpt_repaired_changed(repaired));
    CHECK(strcmp(tfckpt_repaired_latest(repaired), scratch("repair/ckpt-2")) == 0);
    CHECK(tfckpt_repaired_added_count(repaired) == 1);
    CHECK(strcmp(tfckpt_repaired_added(repaired, 0), scratch("repair/ckpt-1")) == 0);
    CHECK(tfckpt_repaired_added(repaired, 1) == NULL);
    CHECK(tfckpt_repaired_dropped_count(repaired) == 1);
    CHECK(ends_with(tfckpt_repaired_dropped_path(repaired, 0, NULL), "/ckpt-3"));
    CHECK(tfckpt_error_status(tfckpt_repaired_dropped_problem(repaired, 0)) == TFCKPT_DATA_LOSS);
    CHECK(tfckpt_repaired_dropped_problem(repaired, 1) == NULL);
    const tfckpt_state *state = tfckpt_repaired_state(repaired);
    CHECK(strcmp(tfckpt_state_latest(state, NULL), "ckpt-2") == 0);
    CHECK(tfckpt_state_count(state) == 2 && tfckpt_state_timestamp(state, 0) == 9.25);
    tfckpt_repaired_free(repaired);

    tfckpt_state_options *options = tfckpt_state_options_new();
    tfckpt_state_options_set_sync(options, false);
    OK(tfckpt_directory_repair(scratch("repair"), options, &repaired, &err));
    CHECK(!tfckpt_repaired_changed(repaired) && tfckpt_repaired_added_count(repaired) == 0);
    tfckpt_repaired_free(repaired);
    /* Another name for the file, and of what lies there one series alone. */
    write_floats(scratch("repair/best-9"), "a", 9);
    OK(tfckpt_state_options_set_file_name(options, "other", &err));
    OK(tfckpt_state_options_set_checkpoint_name(options, "ckpt", &err));
    OK(tfckpt_directory_repair(scratch("repair"), options, &repaired, &err));
    CHECK(strcmp(tfckpt_repaired_latest(repaired), scratch("repair/ckpt-2")) == 0);
    CHECK(tfckpt_state_count(tfckpt_repaired_state(repaired)) == 2);
    CHECK(ends_with(tfckpt_repaired_dropped_path(repaired, 0, NULL), "/other"));
    tfckpt_repaired_free(repaired);
    tfckpt_state_options_free(options);

    repaired = NULL;
    EXPECT(TFCKPT_NOT_FOUND,
           tfckpt_directory_repair(data("hostile/state_missing"), NULL, &repaired, &err));
    CHECK(repaired == NULL);
}

static void test_misuse(void) {
    tfckpt_state_options *options = tfckpt_state_options_new();
    tfckpt_state *state = NULL;
    tfckpt_latest *latest = NULL;
    tfckpt_repaired *repaired = NULL;
    size_t len = 7;
    testing("state misused");
    INVALID(tfckpt_state_options_set_file_name(options, "", &err));
    INVALID(tfckpt_state_options_set_file_name(options, NULL, &err));
    INVALID(tfckpt_state_options_set_file_name(NULL, "x", &err));
    INVALID(tfckpt_state_options_set_checkpoint_name(options, NULL, &err));
    INVALID(tfckpt_state_options_set_checkpoint_name(options, "", &err));
    INVALID(tfckpt_state_options_set_checkpoint_name(NULL, "x", &err));
    tfckpt_state_options_set_verify(NULL, true);
    tfckpt_state_options_set_sync(NULL, true);
    INVALID(tfckpt_state_read(NULL, options, &state, &err));
    INVALID(tfckpt_state_read(data("golden"), options, NULL, &err));
    INVALID(tfckpt_directory_latest(NULL, options, &latest, &err));
    INVALID(tfckpt_directory_latest(data("golden"), options, NULL, &err));
    INVALID(tfckpt_directory_latest_valid(NULL, options, &latest, &err));
    INVALID(tfckpt_directory_repair(NULL, options, &repaired, &err));
    CHECK(state == NULL && latest == NULL && repaired == NULL);
    CHECK(tfckpt_state_latest(NULL, &len) == NULL && len == 0);
    CHECK(tfckpt_state_count(NULL) == 0 && tfckpt_state_path(NULL, 0, &len) == NULL);
    CHECK(tfckpt_state_timestamp(NULL, 0) == -1);
    CHECK(tfckpt_state_last_preserved_timestamp(NULL) == -1);
    CHECK(tfckpt_latest_prefix(NULL) == NULL && tfckpt_latest_skipped_count(NULL) == 0);
    CHECK(tfckpt_latest_skipped_problem(NULL, 0) == NULL);
    CHECK(tfckpt_latest_skipped_path(NULL, 0, NULL) == NULL);
    CHECK(!tfckpt_repaired_changed(NULL) && tfckpt_repaired_state(NULL) == NULL);
    CHECK(tfckpt_repaired_latest(NULL) == NULL && tfckpt_repaired_added_count(NULL) == 0);
    CHECK(tfckpt_repaired_added(NULL, 0) == NULL && tfckpt_repaired_dropped_count(NULL) == 0);
    CHECK(tfckpt_repaired_dropped_path(NULL, 0, NULL) == NULL);
    CHECK(tfckpt_repaired_dropped_problem(NULL, 0) == NULL);
    tfckpt_state_options_free(options);
    tfckpt_state_options_free(NULL);
    tfckpt_state_free(NULL);
    tfckpt_latest_free(NULL);
    tfckpt_repaired_free(NULL);
}

void test_state_file(void) {
    test_state();
    test_hostile();
    test_latest();
    test_latest_valid();
    test_repair();
    test_misuse();
}
