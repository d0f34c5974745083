/* What a directory holds. */
#define _POSIX_C_SOURCE 200809L

#include <sys/stat.h>

#include "api.h"

static void write_text(const char *path, const char *content) {
    FILE *file = fopen(path, "wb");
    CHECK(file != NULL && fputs(content, file) >= 0 && fclose(file) == 0);
}

static tfckpt_survey *look(const char *dir, const tfckpt_state_options *options) {
    tfckpt_survey *survey;
    OK(tfckpt_directory_survey(dir, options, &survey, &err));
    return survey;
}

/* The index of the file of this name. */
static int64_t file_at(const tfckpt_survey *survey, const char *name) {
    for (int64_t i = 0; i < tfckpt_survey_file_count(survey); i++) {
        if (ends_with(tfckpt_survey_file_path(survey, i), name)) return i;
    }
    fail(__FILE__, __LINE__, "%s is not listed", name);
    return -1;
}

static void check_file(const tfckpt_survey *survey, const char *name, int32_t kind,
                       int64_t checkpoint, const char *note) {
    int64_t at = file_at(survey, name);
    CHECK(tfckpt_survey_file_kind(survey, at) == kind);
    CHECK(tfckpt_survey_file_checkpoint(survey, at) == checkpoint);
    const char *said = tfckpt_survey_file_note(survey, at);
    CHECK((said == NULL) == (note == NULL));
    CHECK(note == NULL || strstr(said, note) != NULL);
}

static void test_directory(void) {
    tfckpt_state_options *options = tfckpt_state_options_new();
    testing("survey");
    write_floats(scratch("surveyed/ckpt-1"), "a", 1);
    write_floats(scratch("surveyed/ckpt-2"), "ab", 1);
    write_text(scratch("surveyed/checkpoint"),
               "model_checkpoint_path: \"ckpt-3\"\nall_model_checkpoint_paths: \"ckpt-2\"\n");
    CHECK(remove(scratch("surveyed/ckpt-1.data-00000-of-00001")) == 0);
    write_text(scratch("surveyed/gone-9.meta"), "a graph");
    write_text(scratch("surveyed/page"), "<!doctype html>");
    write_text(scratch("surveyed/ckpt-2.index.tempstate7"), "");
    CHECK(mkdir(scratch("surveyed/logs"), 0777) == 0);
    tfckpt_survey *survey = look(scratch("surveyed"), NULL);
    CHECK(tfckpt_survey_state_problem(survey) == NULL);
    CHECK(tfckpt_survey_checkpoint_count(survey) == 3 && tfckpt_survey_latest(survey) == 2);
    for (int64_t i = 0; i < 3; i++) {
        char *name = text("surveyed/ckpt-%d", (int)i + 1);
        CHECK(ends_with(tfckpt_survey_checkpoint_prefix(survey, i), name));
        CHECK(tfckpt_survey_checkpoint_step(survey, i) == i + 1);
        CHECK(tfckpt_survey_checkpoint_is_listed(survey, i) == (i > 0));
        CHECK(tfckpt_survey_checkpoint_format(survey, i) == (i < 2 ? TFCKPT_FORMAT_V2 : 0));
        CHECK((tfckpt_survey_checkpoint_modified(survey, i) > 0) == (i < 2));
        CHECK(tfckpt_survey_checkpoint_problem_count(survey, i) == (i == 1 ? 0 : 1));
        free(name);
    }
    const tfckpt_error *problem = tfckpt_survey_checkpoint_problem(survey, 0, 0);
    CHECK(tfckpt_error_status(problem) == TFCKPT_NOT_FOUND && tfckpt_error_shard(problem) == 0);
    CHECK(ends_with(tfckpt_error_file(problem), "ckpt-1.data-00000-of-00001"));
    CHECK(tfckpt_survey_file_count(survey) == 8);
    check_file(survey, "/checkpoint", TFCKPT_FILE_STATE, -1, NULL);
    check_file(survey, "/ckpt-1.index", TFCKPT_FILE_INDEX, 0, NULL);
    check_file(survey, "/ckpt-2.data-00000-of-00001", TFCKPT_FILE_DATA, 1, NULL);
    check_file(survey, "/ckpt-2.index.tempstate7", TFCKPT_FILE_TEMPORARY, -1, NULL);
    check_file(survey, "/gone-9.meta", TFCKPT_FILE_META, -1, "its checkpoint is missing");
    check_file(survey, "/logs", TFCKPT_FILE_DIRECTORY, -1, NULL);
    check_file(survey, "/page", TFCKPT_FILE_OTHER, -1, "an HTML page");
    CHECK(tfckpt_survey_file_byte_size(survey, file_at(survey, "/page")) == 15);
    CHECK(tfckpt_survey_file_byte_size(survey, file_at(survey, "/logs")) == -1);
    tfckpt_survey_free(survey);

    /* By another state file, and without reading the values. */
    OK(tfckpt_state_options_set_file_name(options, "page", &err));
    tfckpt_state_options_set_verify(options, false);
    survey = look(scratch("surveyed"), options);
    CHECK(tfckpt_survey_checkpoint_count(survey) == 2 && tfckpt_survey_latest(survey) == -1);
    CHECK(tfckpt_error_status(tfckpt_survey_state_problem(survey)) == TFCKPT_DATA_LOSS);
    check_file(survey, "/checkpoint", TFCKPT_FILE_STATE, -1, NULL);
    tfckpt_survey_free(survey);
    tfckpt_state_options_free(options);

    survey = look(data("golden/v1_saver/sharded"), NULL);
    CHECK(tfckpt_survey_checkpoint_format(survey, 0) == TFCKPT_FORMAT_V1);
    check_file(survey, "-00001-of-00003", TFCKPT_FILE_V1, 0, NULL);
    tfckpt_survey_free(survey);
}

static void test_misuse(void) {
    tfckpt_survey *survey = NULL;
    testing("survey misused");
    EXPECT(TFCKPT_NOT_FOUND, tfckpt_directory_survey(scratch("nowhere"), NULL, &survey, &err));
    INVALID(tfckpt_directory_survey(NULL, NULL, &survey, &err));
    INVALID(tfckpt_directory_survey(scratch("."), NULL, NULL, &err));
    CHECK(survey == NULL);
    CHECK(tfckpt_survey_state_problem(NULL) == NULL && tfckpt_survey_latest(NULL) == -1);
    CHECK(tfckpt_survey_checkpoint_count(NULL) == 0 && tfckpt_survey_file_count(NULL) == 0);
    survey = look(data("golden/v1_saver/single"), NULL);
    for (int i = 0; i < 3; i++) {
        const tfckpt_survey *from = i == 0 ? NULL : survey;
        int64_t at = i == 1 ? -1 : i == 2 ? tfckpt_survey_file_count(survey) : 0;
        CHECK(tfckpt_survey_checkpoint_prefix(from, at) == NULL);
        CHECK(tfckpt_survey_checkpoint_format(from, at) == 0);
        CHECK(tfckpt_survey_checkpoint_step(from, at) == -1);
        CHECK(tfckpt_survey_checkpoint_modified(from, at) < 0);
        CHECK(!tfckpt_survey_checkpoint_is_listed(from, at));
        CHECK(tfckpt_survey_checkpoint_problem_count(from, at) == 0);
        CHECK(tfckpt_survey_checkpoint_problem(from, at, 0) == NULL);
        CHECK(tfckpt_survey_file_path(from, at) == NULL);
        CHECK(tfckpt_survey_file_kind(from, at) == TFCKPT_FILE_OTHER);
        CHECK(tfckpt_survey_file_checkpoint(from, at) == -1);
        CHECK(tfckpt_survey_file_byte_size(from, at) == -1);
        CHECK(tfckpt_survey_file_note(from, at) == NULL);
    }
    CHECK(tfckpt_survey_checkpoint_problem(survey, 0, 0) == NULL);
    tfckpt_survey_free(survey);
    tfckpt_survey_free(NULL);
}

void test_survey(void) {
    test_directory();
    test_misuse();
}
