/* Reports. */
#include "api.h"

static tfckpt_report *verify(const char *path) {
    tfckpt_report *report;
    testing("verify %s", path);
    OK(tfckpt_checkpoint_verify(data(path), NULL, &report, &err));
    return report;
}

static void test_good(void) {
    tfckpt_report *report = verify("hostile/good_v2/ckpt.index");
    CHECK(tfckpt_report_is_ok(report) && tfckpt_report_problem_count(report) == 0);
    CHECK(tfckpt_report_problem(report, 0) == NULL);
    CHECK(tfckpt_report_tensor_count(report) == 6 && tfckpt_report_byte_count(report) == 212);
    tfckpt_report_free(report);
}

static void test_one_problem(void) {
    tfckpt_report *report = verify("hostile/data_flipped_bit/ckpt");
    const tfckpt_error *problem = tfckpt_report_problem(report, 0);
    size_t len;
    CHECK(!tfckpt_report_is_ok(report) && tfckpt_report_problem_count(report) == 1);
    CHECK(tfckpt_error_status(problem) == TFCKPT_DATA_LOSS);
    CHECK(strcmp(tfckpt_error_tensor(problem, &len), "alpha/kernel") == 0 && len == 12);
    CHECK(tfckpt_error_shard(problem) == 0);
    CHECK(ends_with(tfckpt_error_file(problem), "data_flipped_bit/ckpt.data-00000-of-00001"));
    CHECK(strstr(tfckpt_error_message(problem), "alpha/kernel") != NULL);
    CHECK(tfckpt_report_problem(report, 1) == NULL && tfckpt_report_problem(report, -1) == NULL);
    CHECK(tfckpt_report_tensor_count(report) == 6);
    CHECK(tfckpt_report_byte_count(report) == 212 - 48);
    tfckpt_report_free(report);
}

static void test_many_problems(void) {
    tfckpt_report *report = verify("hostile/shard_missing/ckpt");
    CHECK(tfckpt_report_problem_count(report) == 2);
    for (int64_t i = 0; i < 2; i++) {
        const tfckpt_error *problem = tfckpt_report_problem(report, i);
        CHECK(tfckpt_error_status(problem) == TFCKPT_NOT_FOUND);
        CHECK(tfckpt_error_shard(problem) == 1);
    }
    tfckpt_report_free(report);
}

static void test_what_cannot_be_opened(void) {
    tfckpt_report *report = NULL;
    tfckpt_reader_options *options = tfckpt_reader_options_new();
    testing("verify what cannot be opened");
    EXPECT(TFCKPT_NOT_FOUND, tfckpt_checkpoint_verify(data("nothing"), NULL, &report, &err));
    EXPECT(TFCKPT_DATA_LOSS,
           tfckpt_checkpoint_verify(data("hostile/block_bad_crc/ckpt"), NULL, &report, &err));
    tfckpt_reader_options_set_max_block(options, 1);
    EXPECT(TFCKPT_RESOURCE_LIMIT,
           tfckpt_checkpoint_verify(data("hostile/good_v2/ckpt"), options, &report, &err));
    CHECK(report == NULL);
    tfckpt_reader_options_free(options);
}

void test_verify(void) {
    test_good();
    test_one_problem();
    test_many_problems();
    test_what_cannot_be_opened();
}
