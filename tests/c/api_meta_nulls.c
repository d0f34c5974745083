/* NULL in the place of what graphs have. */
#include "api.h"

static void test_summary(void) {
    size_t len = 7;
    CHECK(tfckpt_meta_path(NULL) == NULL && tfckpt_meta_byte_size(NULL) == 0);
    CHECK(tfckpt_meta_schema_version(NULL) == -1 && tfckpt_meta_graph_count(NULL) == 0);
    CHECK(tfckpt_meta_summary_byte_size(NULL) == 0 && tfckpt_meta_summary_part_size(NULL, 0) == 0);
    CHECK(tfckpt_meta_summary_tensorflow_version(NULL, &len) == NULL && len == 0);
    CHECK(tfckpt_meta_summary_tensorflow_git_version(NULL, NULL) == NULL);
    CHECK(tfckpt_meta_summary_graph_version(NULL, NULL) == NULL);
    CHECK(tfckpt_meta_summary_tag_count(NULL) == 0 && tfckpt_meta_summary_tag(NULL, 0, NULL) == NULL);
    CHECK(tfckpt_meta_summary_stripped_op_count(NULL) == 0);
    CHECK(!tfckpt_meta_summary_has_stripped_default_attrs(NULL));
    CHECK(tfckpt_meta_summary_producer(NULL) == 0 && tfckpt_meta_summary_min_consumer(NULL) == 0);
    CHECK(tfckpt_meta_summary_ops(NULL) == NULL && tfckpt_meta_summary_function_ops(NULL) == NULL);
    CHECK(tfckpt_meta_summary_function_count(NULL) == 0);
    CHECK(tfckpt_meta_summary_gradient_count(NULL) == 0);
    CHECK(tfckpt_meta_summary_constants(NULL) == NULL);
    CHECK(tfckpt_meta_summary_variable_count(NULL) == 0);
    CHECK(tfckpt_meta_summary_saver_count(NULL) == 0 && tfckpt_meta_summary_saver(NULL, 0) == NULL);
    CHECK(tfckpt_meta_summary_saver_def(NULL) == NULL);
    CHECK(tfckpt_meta_summary_collection_count(NULL) == 0);
    CHECK(tfckpt_meta_summary_collection(NULL, 0) == NULL);
    CHECK(tfckpt_meta_summary_signature_count(NULL) == 0);
    CHECK(tfckpt_meta_summary_signature(NULL, 0) == NULL);
    CHECK(tfckpt_meta_summary_asset_count(NULL) == 0);
    CHECK(tfckpt_meta_summary_object_graph_node_count(NULL) == -1);
}

static void test_borrowed(void) {
    size_t len = 7;
    CHECK(tfckpt_meta_ops_total(NULL) == 0 && tfckpt_meta_ops_count(NULL) == 0);
    CHECK(tfckpt_meta_ops_name(NULL, 0, &len) == NULL && len == 0);
    CHECK(tfckpt_meta_ops_node_count(NULL, 0) == 0 && tfckpt_meta_ops_byte_size(NULL, 0) == 0);
    CHECK(tfckpt_meta_constants_count(NULL) == 0 && tfckpt_meta_constants_byte_size(NULL) == 0);
    CHECK(tfckpt_meta_constants_largest_count(NULL) == 0);
    CHECK(tfckpt_meta_constants_largest_name(NULL, 0, NULL) == NULL);
    CHECK(tfckpt_meta_constants_largest_byte_size(NULL, 0) == 0);
    CHECK(tfckpt_meta_saver_scope(NULL, NULL) == NULL);
    CHECK(tfckpt_meta_saver_first_node(NULL, NULL) == NULL);
    CHECK(tfckpt_meta_saver_node_count(NULL) == 0 && tfckpt_meta_saver_byte_size(NULL) == 0);
    CHECK(tfckpt_meta_saver_save_op_count(NULL) == 0);
    CHECK(tfckpt_meta_saver_restore_op_count(NULL) == 0);
    CHECK(tfckpt_meta_saver_merge_op_count(NULL) == 0 && tfckpt_meta_saver_used_by(NULL) == 0);
    CHECK(tfckpt_meta_saver_def_filename_tensor_name(NULL, NULL) == NULL);
    CHECK(tfckpt_meta_saver_def_save_tensor_name(NULL, NULL) == NULL);
    CHECK(tfckpt_meta_saver_def_restore_op_name(NULL, NULL) == NULL);
    CHECK(tfckpt_meta_saver_def_max_to_keep(NULL) == 0 && !tfckpt_meta_saver_def_is_sharded(NULL));
    CHECK(tfckpt_meta_saver_def_keep_checkpoint_every_n_hours(NULL) == 0);
    CHECK(tfckpt_meta_saver_def_version(NULL) == 0);
    CHECK(tfckpt_meta_collection_key(NULL, NULL) == NULL);
    CHECK(tfckpt_meta_collection_kind(NULL) == 0 && tfckpt_meta_collection_value_count(NULL) == 0);
    CHECK(tfckpt_meta_collection_byte_size(NULL) == 0);
    CHECK(tfckpt_meta_signature_key(NULL, NULL) == NULL);
    CHECK(tfckpt_meta_signature_method_name(NULL, NULL) == NULL);
    CHECK(tfckpt_meta_signature_byte_size(NULL) == 0);
    CHECK(tfckpt_meta_signature_input_count(NULL) == 0);
    CHECK(tfckpt_meta_signature_input(NULL, 0) == NULL);
    CHECK(tfckpt_meta_signature_output_count(NULL) == 0);
    CHECK(tfckpt_meta_signature_output(NULL, 0) == NULL);
    CHECK(tfckpt_meta_tensor_key(NULL, NULL) == NULL && tfckpt_meta_tensor_name(NULL, NULL) == NULL);
    CHECK(tfckpt_meta_tensor_dtype(NULL) == 0 && tfckpt_meta_tensor_rank(NULL) == 0);
    CHECK(tfckpt_meta_tensor_dims(NULL) == NULL);
}

static void test_lists(void) {
    CHECK(tfckpt_meta_variables_count(NULL) == 0);
    CHECK(tfckpt_meta_variables_name(NULL, 0, NULL) == NULL);
    CHECK(tfckpt_meta_variables_op(NULL, 0, NULL) == NULL);
    CHECK(tfckpt_meta_variables_shared_name(NULL, 0, NULL) == NULL);
    CHECK(tfckpt_meta_variables_dtype(NULL, 0) == 0 && tfckpt_meta_variables_rank(NULL, 0) == 0);
    CHECK(tfckpt_meta_variables_dims(NULL, 0) == NULL);
    CHECK(tfckpt_meta_nodes_count(NULL) == 0 && tfckpt_meta_nodes_name(NULL, 0, NULL) == NULL);
    CHECK(tfckpt_meta_nodes_op(NULL, 0, NULL) == NULL);
    CHECK(tfckpt_meta_nodes_byte_size(NULL, 0) == 0);
}

static void test_diff(void) {
    CHECK(tfckpt_meta_diff_text(NULL, NULL) == NULL);
    CHECK(tfckpt_meta_diff_before(NULL) == NULL && tfckpt_meta_diff_after(NULL) == NULL);
    CHECK(tfckpt_meta_diff_change_count(NULL) == 0 && tfckpt_meta_diff_change(NULL, 0) == NULL);
    CHECK(tfckpt_meta_diff_constants(NULL) == NULL);
    CHECK(tfckpt_meta_change_text(NULL, NULL) == NULL && tfckpt_meta_change_kind(NULL) == 0);
    CHECK(tfckpt_meta_change_subject(NULL) == 0 && tfckpt_meta_change_name(NULL, NULL) == NULL);
    CHECK(tfckpt_meta_change_item_count(NULL) == 0 && tfckpt_meta_change_saver_count(NULL) == 0);
    CHECK(tfckpt_meta_change_size_before(NULL) == 0 && tfckpt_meta_change_size_after(NULL) == 0);
    CHECK(tfckpt_meta_change_constant_size(NULL) == 0);
    CHECK(tfckpt_meta_change_example_count(NULL) == 0);
    CHECK(tfckpt_meta_change_example(NULL, 0, NULL) == NULL);
    CHECK(tfckpt_meta_stripped_size_before(NULL) == 0 && tfckpt_meta_stripped_size_after(NULL) == 0);
    CHECK(tfckpt_meta_stripped_saver_count(NULL) == 0);
    CHECK(tfckpt_meta_stripped_cut_count(NULL, 0) == 0);
    CHECK(tfckpt_meta_stripped_cut_size(NULL, 0) == 0);
}

static void test_setters_and_free(void) {
    tfckpt_meta_strip_options_set_savers(NULL, true);
    tfckpt_meta_strip_options_set_collections(NULL, true);
    tfckpt_meta_strip_options_set_constants(NULL, 1);
    tfckpt_meta_strip_options_set_training(NULL, true);
    tfckpt_meta_strip_options_set_sync(NULL, true);
    tfckpt_meta_strip_options_set_replace(NULL, true);
    tfckpt_meta_strip_options_set_dry_run(NULL, true);
    tfckpt_meta_free(NULL);
    tfckpt_meta_summary_free(NULL);
    tfckpt_meta_variables_free(NULL);
    tfckpt_meta_nodes_free(NULL);
    tfckpt_meta_diff_free(NULL);
    tfckpt_meta_strip_options_free(NULL);
    tfckpt_meta_stripped_free(NULL);
}

void test_meta_nulls(void) {
    testing("NULL in the place of what graphs have");
    test_summary();
    test_borrowed();
    test_lists();
    test_diff();
    test_setters_and_free();
}
