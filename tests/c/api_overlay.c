/* Several checkpoints read as one. */
#include "api.h"

static void add(tfckpt_overlay *overlay, const char *path) {
    OK(tfckpt_overlay_add(overlay, path, NULL, &err));
}

static tfckpt_reader *open_overlay(const tfckpt_overlay *overlay) {
    tfckpt_reader *reader;
    OK(tfckpt_overlay_open(overlay, &reader, &err));
    CHECK(tfckpt_reader_format(reader) == TFCKPT_FORMAT_OVERLAY);
    CHECK(strcmp(tfckpt_reader_prefix(reader), "") == 0);
    return reader;
}

static void check_float(const tfckpt_reader *reader, const char *name, float value) {
    check_bytes(reader, name, &value, sizeof value);
}

static void check_names(const tfckpt_reader *reader, const char *prefix, const char *names) {
    char found[256] = "";
    const tfckpt_tensor *tensor;
    tfckpt_cursor *cursor;
    OK(tfckpt_reader_list(reader, prefix, strlen(prefix), &cursor, &err));
    for (;;) {
        OK(tfckpt_cursor_next(cursor, &tensor, &err));
        if (tensor == NULL) break;
        strcat(found, tfckpt_tensor_name(tensor, NULL));
        strcat(found, " ");
    }
    tfckpt_cursor_free(cursor);
    if (strcmp(found, names) != 0) fail(__FILE__, __LINE__, "'%s' and not '%s'", found, names);
}

static void test_conflicts(void) {
    tfckpt_overlay *overlay = tfckpt_overlay_new();
    tfckpt_reader *reader = NULL;
    size_t len;
    testing("overlay: conflicts");
    INVALID(tfckpt_overlay_open(overlay, &reader, &err));
    write_floats(scratch("over_a"), "pqr", 1);
    write_floats(scratch("over_b"), "qrs", 2);
    add(overlay, scratch("over_a"));
    add(overlay, scratch("over_b"));
    INVALID(tfckpt_overlay_open(overlay, &reader, &err));
    CHECK(reader == NULL && tfckpt_error_name_count(err) == 2);
    CHECK(strcmp(tfckpt_error_name(err, 0, &len), "q") == 0 && len == 1);
    CHECK(strcmp(tfckpt_error_name(err, 1, NULL), "r") == 0);
    INVALID(tfckpt_overlay_set_on_conflict(overlay, 3, &err));
    for (int32_t on_conflict = TFCKPT_ON_CONFLICT_FIRST; on_conflict <= TFCKPT_ON_CONFLICT_LAST;
         on_conflict++) {
        OK(tfckpt_overlay_set_on_conflict(overlay, on_conflict, &err));
        reader = open_overlay(overlay);
        check_names(reader, "", "p q r s ");
        check_float(reader, "p", 1);
        check_float(reader, "q", on_conflict == TFCKPT_ON_CONFLICT_FIRST ? 1 : 2);
        check_float(reader, "s", 2);
        CHECK(tfckpt_reader_num_shards(reader) == 2);
        tfckpt_reader_free(reader);
    }
    tfckpt_overlay_free(overlay);
}

static void test_names(void) {
    tfckpt_overlay *overlay = tfckpt_overlay_new();
    tfckpt_reader *reader;
    testing("overlay: names");
    INVALID(tfckpt_overlay_map_name(overlay, NAME("a"), NAME("b"), &err));
    INVALID(tfckpt_overlay_set_keep_unmapped(overlay, false, &err));
    write_floats(scratch("over_c"), "xyz", 3);
    add(overlay, scratch("over_c"));
    OK(tfckpt_overlay_map_name(overlay, NAME("x"), NAME("one"), &err));
    OK(tfckpt_overlay_map_pattern(overlay, NAME("x*"), NAME("two/*x"), &err));
    OK(tfckpt_overlay_map_prefix(overlay, NAME("y"), NAME("three"), &err));
    OK(tfckpt_overlay_set_keep_unmapped(overlay, false, &err));
    INVALID(tfckpt_overlay_map_pattern(overlay, NAME("x"), NAME("*"), &err));
    INVALID(tfckpt_overlay_map_name(overlay, NULL, 0, NAME("a"), &err));
    write_floats(scratch("over_d"), "xyz", 4);
    add(overlay, scratch("over_d"));
    OK(tfckpt_overlay_map_prefix(overlay, NULL, 0, NAME("d/"), &err));
    reader = open_overlay(overlay);
    /* The reader needs the overlay no more. */
    tfckpt_overlay_free(overlay);
    check_names(reader, "", "d/x d/y d/z one three two/x ");
    check_names(reader, "t", "three two/x ");
    check_float(reader, "two/x", 3);
    check_float(reader, "d/x", 4);
    tfckpt_tensor *tensor;
    OK(tfckpt_reader_tensor_at(reader, 3, &tensor, &err));
    CHECK(strcmp(tfckpt_tensor_name(tensor, NULL), "one") == 0);
    CHECK(tfckpt_tensor_offset(tensor) >= 0);
    tfckpt_tensor_free(tensor);
    EXPECT(TFCKPT_NOT_FOUND, tfckpt_reader_find(reader, NAME("x"), &tensor, &err));
    tfckpt_reader_free(reader);

    overlay = tfckpt_overlay_new();
    add(overlay, scratch("over_c"));
    OK(tfckpt_overlay_map_name(overlay, NAME("none"), NAME("one"), &err));
    EXPECT(TFCKPT_NOT_FOUND, tfckpt_overlay_open(overlay, &reader, &err));
    EXPECT(TFCKPT_NOT_FOUND, tfckpt_overlay_add(overlay, scratch("none"), NULL, &err));
    tfckpt_overlay_free(overlay);
}

/* V1 beside V2, read in one call. */
static void test_formats(void) {
    tfckpt_overlay *overlay = tfckpt_overlay_new();
    testing("overlay: V1 and V2");
    add(overlay, data("hostile/good_v1/model.ckpt"));
    OK(tfckpt_overlay_map_prefix(overlay, NULL, 0, NAME("old/"), &err));
    add(overlay, data("hostile/good_v2/ckpt"));
    tfckpt_reader *reader = open_overlay(overlay);
    tfckpt_overlay_free(overlay);
    float old[6], new[24];
    tfckpt_read_request requests[2];
    memset(requests, 0, sizeof requests);
    requests[0].name = "gamma/table", requests[0].name_len = 11;
    requests[0].dst = new, requests[0].dst_len = sizeof new;
    requests[1].name = "old/a", requests[1].name_len = 5;
    requests[1].dst = old, requests[1].dst_len = sizeof old;
    OK(tfckpt_reader_read_many(reader, requests, 2, NULL, &err));
    check_bytes(reader, "old/a", old, sizeof old);
    check_bytes(reader, "gamma/table", new, sizeof new);
    requests[0].name = "none", requests[0].name_len = 4;
    requests[1].name = "also", requests[1].name_len = 4;
    EXPECT(TFCKPT_NOT_FOUND, tfckpt_reader_read_many(reader, requests, 2, NULL, &err));
    CHECK(tfckpt_error_name_count(err) == 2);
    tfckpt_view *view;
    EXPECT(TFCKPT_UNSUPPORTED, tfckpt_reader_view(reader, NAME("old/a"), NULL, &view, &err));
    OK(tfckpt_reader_view(reader, NAME("alpha/kernel"), NULL, &view, &err));
    tfckpt_view_free(view);
    tfckpt_reader_free(reader);
}

/* Readers that are open already, one of them an overlay. */
static void test_readers(void) {
    tfckpt_overlay *inner = tfckpt_overlay_new(), *outer = tfckpt_overlay_new();
    testing("overlay: readers");
    write_floats(scratch("over_e"), "x", 5);
    write_floats(scratch("over_f"), "y", 6);
    add(inner, scratch("over_e"));
    OK(tfckpt_overlay_map_prefix(inner, NULL, 0, NAME("inner/"), &err));
    tfckpt_reader *overlaid = open_overlay(inner), *open = open_reader(scratch("over_f"));
    tfckpt_overlay_free(inner);
    OK(tfckpt_overlay_add_reader(outer, overlaid, &err));
    OK(tfckpt_overlay_map_prefix(outer, NULL, 0, NAME("outer/"), &err));
    OK(tfckpt_overlay_add_reader(outer, open, &err));
    tfckpt_reader_free(overlaid);
    tfckpt_reader_free(open);
    INVALID(tfckpt_overlay_add_reader(outer, NULL, &err));
    tfckpt_reader *reader = open_overlay(outer);
    tfckpt_overlay_free(outer);
    check_names(reader, "", "outer/inner/x y ");
    check_float(reader, "outer/inner/x", 5);
    check_float(reader, "y", 6);
    tfckpt_reader_free(reader);
}

/* A merge of V1 and V2 writes everything anew. */
static void test_merge_of_formats(void) {
    const char *sources[] = {data("hostile/good_v1/model.ckpt"), data("hostile/good_v2/ckpt")};
    testing("merge V1 and V2");
    OK(tfckpt_checkpoint_merge(scratch("over_merged"), sources, 2, NULL, &err));
    tfckpt_reader *reader = open_reader(scratch("over_merged"));
    CHECK(tfckpt_reader_format(reader) == TFCKPT_FORMAT_V2);
    tfckpt_tensor *tensor;
    OK(tfckpt_reader_find(reader, NAME("a"), &tensor, &err));
    tfckpt_tensor_free(tensor);
    OK(tfckpt_reader_find(reader, NAME("gamma/table"), &tensor, &err));
    CHECK(tfckpt_tensor_slice_count(tensor) == 2);
    tfckpt_tensor_free(tensor);
    tfckpt_reader_free(reader);
    tfckpt_merge_options *options = tfckpt_merge_options_new();
    OK(tfckpt_merge_options_set_transfer(options, TFCKPT_TRANSFER_MOVE, &err));
    INVALID(tfckpt_checkpoint_merge(scratch("over_moved"), sources, 2, options, &err));
    tfckpt_merge_options_free(options);
}

static void write_rows(const char *prefix, int64_t start, int64_t rows, float value) {
    static const int64_t dims[] = {4, 6};
    const int64_t starts[] = {start, 0}, lengths[] = {rows, -1};
    float values[24];
    for (int i = 0; i < 24; i++) values[i] = value;
    tfckpt_writer *writer = create_writer(prefix);
    OK(tfckpt_writer_add_slice(writer, NAME("parts"), TFCKPT_DT_FLOAT, dims, 2, starts, lengths,
                               values, (size_t)rows * 6 * sizeof(float), &err));
    finish_writer(writer);
}

/* 0, 1, 2... for the first row, which V1 has, then value for those of V2. */
static void check_rows(const tfckpt_reader *reader, const char *name, float value) {
    float all[24], some[9];
    const int64_t starts[] = {0, 2}, lengths[] = {3, 3};
    for (int i = 0; i < 24; i++) all[i] = i < 6 ? (float)i : value;
    check_bytes(reader, name, all, sizeof all);
    tfckpt_read_request request;
    memset(&request, 0, sizeof request);
    request.name = name, request.name_len = strlen(name);
    request.starts = starts, request.lengths = lengths, request.rank = 2;
    request.dst = some, request.dst_len = sizeof some;
    OK(tfckpt_reader_read_many(reader, &request, 1, NULL, &err));
    CHECK(some[0] == 2 && some[2] == 4 && some[3] == value && some[8] == value);
    memset(some, 0, sizeof some);
    OK(tfckpt_reader_read_slice(reader, name, strlen(name), starts, lengths, 2, NULL, some,
                                sizeof some, &err));
    CHECK(some[0] == 2 && some[2] == 4 && some[3] == value && some[8] == value);
}

/* A tensor of which V1 has the first row, and V2 the others. */
static void test_slices(void) {
    const char *first = data("hostile/v1_slices_not_covering/model.ckpt");
    tfckpt_overlay *overlay = tfckpt_overlay_new();
    tfckpt_reader *reader = NULL;
    tfckpt_tensor *tensor;
    tfckpt_view *view;
    testing("overlay: slices of one tensor");
    write_rows(scratch("over_rows"), 1, 3, 7);
    add(overlay, first);
    OK(tfckpt_overlay_map_name(overlay, NAME("parts"), NAME("joined"), &err));
    OK(tfckpt_overlay_set_keep_unmapped(overlay, false, &err));
    add(overlay, scratch("over_rows"));
    OK(tfckpt_overlay_map_prefix(overlay, NAME("parts"), NAME("joined"), &err));
    reader = open_overlay(overlay);
    check_names(reader, "", "joined ");
    check_rows(reader, "joined", 7);
    OK(tfckpt_reader_find(reader, NAME("joined"), &tensor, &err));
    CHECK(tfckpt_tensor_slice_count(tensor) == 2 && tfckpt_tensor_offset(tensor) == -1);
    tfckpt_tensor_free(tensor);
    EXPECT(TFCKPT_UNSUPPORTED, tfckpt_reader_view(reader, NAME("joined"), NULL, &view, &err));
    tfckpt_reader_free(reader);

    write_rows(scratch("over_more"), 2, 2, 9);
    add(overlay, scratch("over_more"));
    OK(tfckpt_overlay_map_name(overlay, NAME("parts"), NAME("joined"), &err));
    INVALID(tfckpt_overlay_open(overlay, &reader, &err));
    CHECK(tfckpt_error_name_count(err) == 1);
    CHECK(strcmp(tfckpt_error_name(err, 0, NULL), "joined") == 0);
    OK(tfckpt_overlay_set_on_conflict(overlay, TFCKPT_ON_CONFLICT_FIRST, &err));
    reader = open_overlay(overlay);
    check_rows(reader, "joined", 7);
    tfckpt_reader_free(reader);
    OK(tfckpt_overlay_set_on_conflict(overlay, TFCKPT_ON_CONFLICT_LAST, &err));
    reader = open_overlay(overlay);
    tfckpt_overlay_free(overlay);
    float row[6];
    const int64_t starts[] = {1, 0}, lengths[] = {1, -1};
    OK(tfckpt_reader_read_slice(reader, NAME("joined"), starts, lengths, 2, NULL, row, sizeof row,
                                &err));
    CHECK(row[0] == 7 && row[5] == 7);
    tfckpt_reader_free(reader);
}

static void test_merge_of_slices(void) {
    const char *sources[] = {data("hostile/v1_slices_not_covering/model.ckpt"),
                             scratch("over_rows")};
    testing("merge slices of V1 and V2");
    OK(tfckpt_checkpoint_merge(scratch("over_joined"), sources, 2, NULL, &err));
    tfckpt_reader *reader = open_reader(scratch("over_joined"));
    check_rows(reader, "parts", 7);
    tfckpt_reader_free(reader);
    tfckpt_report *report;
    OK(tfckpt_checkpoint_verify(scratch("over_joined"), NULL, &report, &err));
    CHECK(tfckpt_report_problem_count(report) == 0);
    tfckpt_report_free(report);
}

void test_overlay(void) {
    test_conflicts();
    test_names();
    test_formats();
    test_slices();
    test_merge_of_slices();
    test_readers();
    test_merge_of_formats();
}
