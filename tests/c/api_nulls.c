/* NULL in the place of every handle and every out. */
#include "api.h"

static void test_getters(void) {
    size_t len = 7;
    testing("getters of NULL");
    CHECK(tfckpt_error_status(NULL) == TFCKPT_OK);
    CHECK(tfckpt_error_message(NULL) == NULL && tfckpt_error_file(NULL) == NULL);
    CHECK(tfckpt_error_tensor(NULL, &len) == NULL && len == 0);
    CHECK(tfckpt_error_shard(NULL) == -1 && tfckpt_error_offset(NULL) == -1);
    CHECK(tfckpt_error_name_count(NULL) == 0 && tfckpt_error_name(NULL, 0, NULL) == NULL);

    CHECK(tfckpt_reader_prefix(NULL) == NULL && tfckpt_reader_num_shards(NULL) == 0);
    CHECK(!tfckpt_reader_is_big_endian(NULL) && tfckpt_reader_format(NULL) == 0);

    len = 7;
    CHECK(tfckpt_tensor_name(NULL, &len) == NULL && len == 0);
    CHECK(tfckpt_tensor_name(NULL, NULL) == NULL);
    CHECK(tfckpt_tensor_dtype(NULL) == 0 && tfckpt_tensor_rank(NULL) == 0);
    CHECK(tfckpt_tensor_dims(NULL) == NULL && tfckpt_tensor_num_elements(NULL) == 0);
    CHECK(tfckpt_tensor_byte_size(NULL) == -1);
    CHECK(tfckpt_tensor_shard(NULL) == -1 && tfckpt_tensor_offset(NULL) == -1);
    CHECK(tfckpt_tensor_stored_size(NULL) == -1 && tfckpt_tensor_crc32c(NULL) == 0);
    CHECK(tfckpt_tensor_slice_count(NULL) == 0);
    CHECK(tfckpt_tensor_slice_starts(NULL, 0) == NULL);
    CHECK(tfckpt_tensor_slice_lengths(NULL, 0) == NULL);

    CHECK(tfckpt_tensors_count(NULL) == 0 && tfckpt_tensors_names(NULL) == NULL);
    CHECK(tfckpt_tensors_name_offsets(NULL) == NULL && tfckpt_tensors_dtypes(NULL) == NULL);
    CHECK(tfckpt_tensors_dims(NULL) == NULL && tfckpt_tensors_dim_offsets(NULL) == NULL);
    CHECK(tfckpt_tensors_shards(NULL) == NULL && tfckpt_tensors_offsets(NULL) == NULL);
    CHECK(tfckpt_tensors_stored_sizes(NULL) == NULL && tfckpt_tensors_crc32cs(NULL) == NULL);
    CHECK(tfckpt_tensors_slice_counts(NULL) == NULL);
    CHECK(tfckpt_tensors_slice_starts(NULL) == NULL);
    CHECK(tfckpt_tensors_slice_lengths(NULL) == NULL);

    CHECK(tfckpt_strings_count(NULL) == 0 && tfckpt_strings_offsets(NULL) == NULL);
    CHECK(tfckpt_strings_data(NULL) == NULL && tfckpt_strings_data_size(NULL) == 0);
    CHECK(tfckpt_view_data(NULL) == NULL && tfckpt_view_size(NULL) == 0);
    CHECK(tfckpt_view_alignment(NULL) == 0 && tfckpt_view_dtype(NULL) == 0);

    CHECK(!tfckpt_report_is_ok(NULL) && tfckpt_report_problem_count(NULL) == 0);
    CHECK(tfckpt_report_problem(NULL, 0) == NULL);
    CHECK(tfckpt_report_tensor_count(NULL) == 0 && tfckpt_report_byte_count(NULL) == 0);
}

static void test_setters_and_free(void) {
    testing("setters and free of NULL");
    tfckpt_reader_options_set_mapped(NULL, true);
    tfckpt_reader_options_set_index_cache(NULL, 1);
    tfckpt_reader_options_set_max_block(NULL, 1);
    tfckpt_reader_options_set_max_index(NULL, 1);
    tfckpt_reader_options_set_max_tensors(NULL, 1);
    tfckpt_reader_options_set_max_tensor_bytes(NULL, 1);
    tfckpt_read_options_set_verify(NULL, true);
    tfckpt_read_options_set_threads(NULL, 1);
    tfckpt_read_options_set_max_in_flight(NULL, 1);
    tfckpt_write_options_set_threads(NULL, 1);
    tfckpt_write_options_set_max_in_flight(NULL, 1);
    tfckpt_write_options_set_progress(NULL, NULL);
    tfckpt_writer_options_set_big_endian(NULL, true);
    tfckpt_writer_options_set_sync(NULL, true);
    tfckpt_writer_options_set_replace(NULL, true);
    tfckpt_merge_options_set_sync(NULL, true);
    tfckpt_merge_options_set_threads(NULL, 1);
    tfckpt_merge_options_set_max_in_flight(NULL, 1);
    INVALID(tfckpt_writer_options_set_format(NULL, TFCKPT_FORMAT_V1, &err));
    INVALID(tfckpt_writer_options_set_shards(NULL, 1, &err));
    INVALID(tfckpt_writer_options_set_alignment(NULL, 1, &err));
    INVALID(tfckpt_merge_options_set_on_conflict(NULL, 0, &err));
    INVALID(tfckpt_merge_options_set_transfer(NULL, 0, &err));
    tfckpt_copy_options_set_drop_optimizer_state(NULL, true);
    tfckpt_copy_options_set_sync(NULL, true);
    tfckpt_copy_options_set_replace(NULL, true);
    tfckpt_copy_options_set_threads(NULL, 1);
    tfckpt_copy_options_set_max_in_flight(NULL, 1);
    INVALID(tfckpt_copy_options_add_filter(NULL, NAME("a"), &err));
    INVALID(tfckpt_copy_options_map_name(NULL, NAME("a"), NAME("b"), &err));
    INVALID(tfckpt_copy_options_map_prefix(NULL, NAME("a"), NAME("b"), &err));
    INVALID(tfckpt_copy_options_map_pattern(NULL, NAME("a"), NAME("b"), &err));
    INVALID(tfckpt_copy_options_set_data(NULL, 0, &err));
    INVALID(tfckpt_copy_options_set_cast(NULL, 0, &err));
    INVALID(tfckpt_copy_options_set_shards(NULL, 0, &err));
    INVALID(tfckpt_copy_options_set_alignment(NULL, 0, &err));
    INVALID(tfckpt_overlay_set_on_conflict(NULL, 0, &err));
    INVALID(tfckpt_overlay_set_keep_unmapped(NULL, true, &err));

    tfckpt_progress_set_callback(NULL, NULL, NULL);
    tfckpt_error_free(NULL);
    tfckpt_reader_options_free(NULL);
    tfckpt_read_options_free(NULL);
    tfckpt_write_options_free(NULL);
    tfckpt_writer_options_free(NULL);
    tfckpt_merge_options_free(NULL);
    tfckpt_overlay_free(NULL);
    tfckpt_copy_options_free(NULL);
    tfckpt_reader_free(NULL);
    tfckpt_cursor_free(NULL);
    tfckpt_tensor_free(NULL);
    tfckpt_tensors_free(NULL);
    tfckpt_strings_free(NULL);
    tfckpt_view_free(NULL);
    tfckpt_writer_free(NULL);
    tfckpt_report_free(NULL);
}

static void test_no_handle(void) {
    tfckpt_reader *reader = NULL;
    tfckpt_cursor *cursor = NULL;
    tfckpt_tensor *tensor = NULL;
    const tfckpt_tensor *borrowed = NULL;
    tfckpt_tensors *tensors = NULL;
    tfckpt_strings *strings = NULL;
    const tfckpt_strings *names = NULL;
    tfckpt_view *view = NULL;
    tfckpt_writer *writer = NULL;
    tfckpt_report *report = NULL;
    tfckpt_read_request request = {0};
    tfckpt_write_request to_write = {0};
    int64_t count = 7;
    size_t size = 7;
    const char *name = NULL;
    float value = 0;
    testing("calls without a handle");
    INVALID(tfckpt_reader_open(NULL, NULL, &reader, &err));
    CHECK(strstr(tfckpt_error_message(err), "path is NULL") != NULL);
    INVALID(tfckpt_reader_count(NULL, &count, &err));
    INVALID(tfckpt_reader_tensor_at(NULL, 0, &tensor, &err));
    INVALID(tfckpt_reader_find(NULL, NAME("a"), &tensor, &err));
    INVALID(tfckpt_reader_resolve(NULL, NAME("a"), &tensor, &err));
    INVALID(tfckpt_reader_copy(NULL, scratch("no_handle"), NULL, &err));
    INVALID(tfckpt_reader_list(NULL, NULL, 0, &cursor, &err));
    INVALID(tfckpt_cursor_next(NULL, &borrowed, &err));
    INVALID(tfckpt_cursor_next_many(NULL, 1, &tensors, &err));
    INVALID(tfckpt_cursor_next_name(NULL, &name, &size, &err));
    INVALID(tfckpt_cursor_next_names(NULL, 1, &names, &err));
    INVALID(tfckpt_reader_read(NULL, NAME("a"), NULL, &value, 4, &err));
    INVALID(tfckpt_reader_read_slice(NULL, NAME("a"), NULL, NULL, 0, NULL, &value, 4, &err));
    INVALID(tfckpt_reader_read_size(NULL, NAME("a"), NULL, NULL, 0, &size, &err));
    INVALID(tfckpt_reader_check(NULL, NAME("a"), &err));
    INVALID(tfckpt_reader_read_many(NULL, &request, 1, NULL, &err));
    INVALID(tfckpt_reader_read_strings(NULL, NAME("a"), NULL, &strings, &err));
    INVALID(
        tfckpt_reader_read_strings_slice(NULL, NAME("a"), NULL, NULL, 0, NULL, &strings, &err));
    INVALID(tfckpt_reader_view(NULL, NAME("a"), NULL, &view, &err));
    INVALID(tfckpt_writer_create(NULL, NULL, &writer, &err));
    INVALID(tfckpt_writer_add(NULL, NAME("a"), TFCKPT_DT_FLOAT, NULL, 0, &value, 4, &err));
    INVALID(tfckpt_writer_add_slice(NULL, NAME("a"), TFCKPT_DT_FLOAT, NULL, 0, NULL, NULL, &value,
                                    4, &err));
    INVALID(tfckpt_writer_add_many(NULL, &to_write, 1, NULL, &err));
    INVALID(tfckpt_writer_add_strings(NULL, NAME("a"), NULL, 0, &count, NULL, 0, &err));
    INVALID(tfckpt_writer_add_strings_slice(NULL, NAME("a"), NULL, 0, NULL, NULL, &count, NULL, 0,
                                            &err));
    INVALID(tfckpt_writer_add_variants(NULL, NAME("a"), NULL, 0, &count, NULL, 0, &err));
    INVALID(tfckpt_writer_add_variants_slice(NULL, NAME("a"), NULL, 0, NULL, NULL, &count, NULL, 0,
                                             &err));
    INVALID(tfckpt_writer_begin(NULL, NAME("a"), TFCKPT_DT_FLOAT, NULL, 0, &err));
    INVALID(
        tfckpt_writer_begin_slice(NULL, NAME("a"), TFCKPT_DT_FLOAT, NULL, 0, NULL, NULL, &err));
    INVALID(tfckpt_writer_append(NULL, &value, 4, &err));
    INVALID(tfckpt_writer_end(NULL, &err));
    INVALID(tfckpt_writer_cancel(NULL, &err));
    INVALID(tfckpt_writer_finish(NULL, &err));
    INVALID(tfckpt_checkpoint_merge(NULL, NULL, 0, NULL, &err));
    INVALID(tfckpt_checkpoint_copy(NULL, data("hostile/good_v2/ckpt"), NULL, &err));
    INVALID(tfckpt_checkpoint_copy(scratch("no_handle"), NULL, NULL, &err));
    INVALID(tfckpt_overlay_add(NULL, data("hostile/good_v2/ckpt"), NULL, &err));
    INVALID(tfckpt_overlay_add_reader(NULL, NULL, &err));
    INVALID(tfckpt_overlay_map_name(NULL, NAME("a"), NAME("b"), &err));
    INVALID(tfckpt_overlay_map_prefix(NULL, NAME("a"), NAME("b"), &err));
    INVALID(tfckpt_overlay_map_pattern(NULL, NAME("a"), NAME("b"), &err));
    INVALID(tfckpt_overlay_open(NULL, &reader, &err));
    INVALID(tfckpt_checkpoint_verify(NULL, NULL, &report, &err));
    CHECK(reader == NULL && cursor == NULL && tensor == NULL && borrowed == NULL);
    CHECK(tensors == NULL);
    CHECK(strings == NULL && view == NULL && writer == NULL && report == NULL && count == 7);
    CHECK(size == 7);
}

static void test_no_out(void) {
    testing("calls without an out");
    tfckpt_reader *reader = open_reader(data("hostile/good_v2/ckpt"));
    tfckpt_cursor *cursor;
    OK(tfckpt_reader_list(reader, NULL, 0, &cursor, &err));
    INVALID(tfckpt_reader_open(data("hostile/good_v2/ckpt"), NULL, NULL, &err));
    CHECK(strstr(tfckpt_error_message(err), "out is NULL") != NULL);
    INVALID(tfckpt_reader_count(reader, NULL, &err));
    INVALID(tfckpt_reader_tensor_at(reader, 0, NULL, &err));
    INVALID(tfckpt_reader_find(reader, NAME("beta/count"), NULL, &err));
    INVALID(tfckpt_reader_resolve(reader, NAME("beta/count"), NULL, &err));
    INVALID(tfckpt_reader_copy(reader, NULL, NULL, &err));
    INVALID(tfckpt_reader_list(reader, NULL, 0, NULL, &err));
    INVALID(tfckpt_cursor_next(cursor, NULL, &err));
    INVALID(tfckpt_cursor_next_many(cursor, 1, NULL, &err));
    INVALID(tfckpt_cursor_next_name(cursor, NULL, NULL, &err));
    INVALID(tfckpt_cursor_next_names(cursor, 1, NULL, &err));
    INVALID(tfckpt_reader_read_size(reader, NAME("beta/count"), NULL, NULL, 0, NULL, &err));
    INVALID(tfckpt_reader_read_strings(reader, NAME("alpha/names"), NULL, NULL, &err));
    INVALID(tfckpt_reader_read_strings_slice(reader, NAME("alpha/names"), NULL, NULL, 0, NULL,
                                             NULL, &err));
    INVALID(tfckpt_reader_view(reader, NAME("beta/count"), NULL, NULL, &err));
    INVALID(tfckpt_writer_create(scratch("no_out"), NULL, NULL, &err));
    INVALID(tfckpt_checkpoint_verify(data("hostile/good_v2/ckpt"), NULL, NULL, &err));
    tfckpt_cursor_free(cursor);
    tfckpt_reader_free(reader);
    tfckpt_overlay *overlay = tfckpt_overlay_new();
    INVALID(tfckpt_overlay_add(overlay, NULL, NULL, &err));
    OK(tfckpt_overlay_add(overlay, data("hostile/good_v2/ckpt"), NULL, &err));
    INVALID(tfckpt_overlay_map_name(overlay, NULL, 1, NAME("b"), &err));
    INVALID(tfckpt_overlay_open(overlay, NULL, &err));
    tfckpt_overlay_free(overlay);
}

void test_nulls(void) {
    test_getters();
    test_setters_and_free();
    test_no_handle();
    test_no_out();
}
