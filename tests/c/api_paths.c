/* Any path opens, and what leads nowhere says what stands there. */
#define _XOPEN_SOURCE 700

#include <sys/stat.h>
#include <unistd.h>

#include "api.h"

static void write_text(const char *path, const char *content) {
    FILE *file = fopen(path, "wb");
    CHECK(file != NULL && fputs(content, file) >= 0 && fclose(file) == 0);
}

static void copy_file(const char *from, const char *to) {
    char buffer[4096];
    FILE *in = fopen(from, "rb"), *out = fopen(to, "wb");
    CHECK(in != NULL && out != NULL);
    for (size_t n; (n = fread(buffer, 1, sizeof buffer, in)) > 0;) {
        CHECK(fwrite(buffer, 1, n, out) == n);
    }
    CHECK(fclose(in) == 0 && fclose(out) == 0);
}

/* Checks that a path leads to the checkpoint at a prefix. */
static void leads_to(const char *path, const char *prefix, int32_t format) {
    tfckpt_reader *reader = open_reader(path);
    testing("the path %s", path);
    CHECK(strcmp(tfckpt_reader_prefix(reader), prefix) == 0);
    CHECK(tfckpt_reader_format(reader) == format);
    tfckpt_reader_free(reader);
}

/* The error of a path that leads nowhere. */
static void leads_nowhere(const char *path, tfckpt_status status, const char *words) {
    tfckpt_reader *reader = NULL;
    testing("the path %s", path);
    EXPECT(status, tfckpt_reader_open(path, NULL, &reader, &err));
    CHECK(reader == NULL && tfckpt_error_file(err) != NULL);
    if (strstr(tfckpt_error_message(err), words) == NULL) {
        fail(__FILE__, __LINE__, "'%s' has not '%s'", tfckpt_error_message(err), words);
    }
}

static void test_names(void) {
    static const char *const names[] = {"model-7",         "a[b]*-7", "with space", "?????",
                                        "\xe6\xa8\xa1-7",  "caf\xe9", "-rf",        "x.index",
                                        "p-00000-of-00002"};
    static const char *const ends[] = {"", "/", ".index", ".data-00000-of-00001", ".meta"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char *dir = text("%s/names_%zu", scratch("."), i);
        char *prefix = text("%s/%s", dir, names[i]);
        write_floats(prefix, "a", 1);
        for (size_t j = 0; j < sizeof ends / sizeof *ends; j++) {
            char *path = text("%s%s", prefix, ends[j]);
            leads_to(path, prefix, TFCKPT_FORMAT_V2);
            free(path);
        }
        leads_to(dir, prefix, TFCKPT_FORMAT_V2);
        char *state = text("%s/checkpoint", dir);
        char *said = text("model_checkpoint_path: \"%s\"\n", names[i]);
        write_text(state, said);
        leads_to(state, prefix, TFCKPT_FORMAT_V2);
        leads_to(dir, prefix, TFCKPT_FORMAT_V2);
        free(said);
        free(state);
        free(prefix);
        free(dir);
    }
}

static void test_formats(void) {
    const char *model = data("golden/saved_model/module");
    char *prefix = text("%s/variables/variables", model);
    char *variables = text("%s/variables", model);
    leads_to(model, prefix, TFCKPT_FORMAT_V2);
    leads_to(variables, prefix, TFCKPT_FORMAT_V2);
    free(variables);
    free(prefix);
    const char *set = "golden/v1_saver/sharded/model.ckpt-300-?????" "-of-00003";
    leads_to(data("golden/v1_saver/sharded"), data(set), TFCKPT_FORMAT_V1);
    leads_to(data("golden/v1_saver/sharded/model.ckpt-300"), data(set), TFCKPT_FORMAT_V1);
    leads_to(data("golden/v1_saver/sharded/model.ckpt-300.meta"), data(set), TFCKPT_FORMAT_V1);
    leads_to(data("golden/v1_saver/sharded/model.ckpt-300-00002-of-00003"), data(set),
             TFCKPT_FORMAT_V1);
    tfckpt_reader *reader = open_reader(data("golden/v1_saver/sharded"));
    CHECK(tfckpt_reader_num_shards(reader) == 3 && !tfckpt_reader_is_big_endian(reader));
    tfckpt_reader_free(reader);
    leads_to(data("golden/v1_saver/single/model.ckpt-200"),
             data("golden/v1_saver/single/model.ckpt-200"), TFCKPT_FORMAT_V1);
}

static void test_links(void) {
    write_floats(scratch("linked/real/ckpt-1"), "a", 1);
    CHECK(symlink("real", scratch("linked/link")) == 0);
    leads_to(scratch("linked/link"), scratch("linked/link/ckpt-1"), TFCKPT_FORMAT_V2);
    leads_to(scratch("linked/link/"), scratch("linked/link/ckpt-1"), TFCKPT_FORMAT_V2);
}

static void test_nowhere(void) {
    static const char pointer[] = "version https://git-lfs.github.com/spec/v1\nsize 3\n";
    tfckpt_reader *reader;
    write_floats(scratch("lost/ckpt-1"), "a", 1);
    leads_nowhere(scratch("lost/ckpt-2"), TFCKPT_NOT_FOUND, "ckpt-2.index: no such file");
    leads_nowhere(scratch("lost/ckpt-2.meta"), TFCKPT_NOT_FOUND, "ckpt-2.index: no such file");
    leads_nowhere("", TFCKPT_NOT_FOUND, "the path is empty");
    leads_nowhere(scratch("lost/ckpt-11"), TFCKPT_NOT_FOUND, "/lost stands ckpt-1");
    leads_nowhere(scratch("lsot/ckpt-1"), TFCKPT_NOT_FOUND, "there is no directory");
    leads_nowhere(data("README.md"), TFCKPT_DATA_LOSS, "neither a V1 checkpoint");
    leads_nowhere(data("golden"), TFCKPT_NOT_FOUND, "a directory without a checkpoint");
    write_text(scratch("lost/page"), "<!doctype html><html>404</html>");
    leads_nowhere(scratch("lost/page"), TFCKPT_DATA_LOSS, "an HTML page");
    write_text(scratch("lost/ckpt-1.data-00000-of-00001"), pointer);
    reader = open_reader(scratch("lost/ckpt-1"));
    float value;
    EXPECT(TFCKPT_DATA_LOSS, tfckpt_reader_read(reader, NAME("a"), NULL, &value, sizeof value, &err));
    CHECK(strstr(tfckpt_error_message(err), "a Git LFS pointer") != NULL);
    tfckpt_reader_free(reader);
    write_text(scratch("lost/ckpt-1.index"), pointer);
    leads_nowhere(scratch("lost/ckpt-1"), TFCKPT_DATA_LOSS, "a Git LFS pointer");
}

static void test_missing_shard(void) {
    CHECK(mkdir(scratch("parts"), 0777) == 0);
    copy_file(data("golden/v1_saver/sharded/model.ckpt-300-00000-of-00003"),
              scratch("parts/m-00000-of-00003"));
    copy_file(data("golden/v1_saver/sharded/model.ckpt-300-00002-of-00003"),
              scratch("parts/m-00002-of-00003"));
    leads_nowhere(scratch("parts/m"), TFCKPT_NOT_FOUND, "1 is missing: m-00001-of-00003");
    CHECK(tfckpt_error_shard(err) == 1);
    CHECK(ends_with(tfckpt_error_file(err), "parts/m-00001-of-00003"));
    leads_nowhere(scratch("parts/m-00002-of-00003"), TFCKPT_NOT_FOUND, "m-00001-of-00003");
    leads_nowhere(scratch("parts"), TFCKPT_NOT_FOUND, "m-00001-of-00003");
    tfckpt_reader *reader = open_reader(data("hostile/shard_missing/ckpt"));
    tfckpt_report *report;
    OK(tfckpt_checkpoint_verify(data("hostile/shard_missing/ckpt"), NULL, &report, &err));
    CHECK(tfckpt_report_problem_count(report) > 0);
    CHECK(tfckpt_error_shard(tfckpt_report_problem(report, 0)) >= 0);
    tfckpt_report_free(report);
    tfckpt_reader_free(reader);
}

void test_paths(void) {
    test_names();
    test_formats();
    test_links();
    test_nowhere();
    test_missing_shard();
}
