/* Graphs: what is in one, what made it grow, and how it is cut back. */
#include "api.h"

static tfckpt_meta *open_meta(const char *path) {
    tfckpt_meta *meta;
    OK(tfckpt_meta_open(path, &meta, &err));
    return meta;
}

static tfckpt_meta_summary *summarize(const tfckpt_meta *meta) {
    tfckpt_meta_summary *summary;
    OK(tfckpt_meta_summarize(meta, 0, &summary, &err));
    return summary;
}

static bool is(const char *found, const char *expected) { return strcmp(found, expected) == 0; }

static void test_open(void) {
    const char *paths[] = {"relative", "relative/checkpoint", "relative/model.ckpt-50",
                           "relative/model.ckpt-50.index", "relative/model.ckpt-50.meta"};
    tfckpt_meta *meta = NULL;
    testing("graphs: every path leads to one");
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        char *path = text("golden/tf1_saver/%s", paths[i]);
        meta = open_meta(data(path));
        CHECK(ends_with(tfckpt_meta_path(meta), "tf1_saver/relative/model.ckpt-50.meta"));
        CHECK(tfckpt_meta_byte_size(meta) == 39188 && tfckpt_meta_schema_version(meta) == -1);
        CHECK(tfckpt_meta_graph_count(meta) == 1);
        tfckpt_meta_free(meta);
        free(path);
    }
    meta = open_meta(data("golden/saved_model/keras"));
    CHECK(tfckpt_meta_schema_version(meta) == 1 && tfckpt_meta_graph_count(meta) == 1);
    tfckpt_meta_free(meta);
    meta = NULL;
    EXPECT(TFCKPT_NOT_FOUND, tfckpt_meta_open(data("golden/all_dtypes/ckpt"), &meta, &err));
    EXPECT(TFCKPT_NOT_FOUND, tfckpt_meta_open(scratch("no.meta"), &meta, &err));
    INVALID(tfckpt_meta_open(NULL, &meta, &err));
    INVALID(tfckpt_meta_open(scratch("no.meta"), NULL, &err));
    CHECK(meta == NULL);
}

static void test_summary(void) {
    testing("graphs: a summary");
    tfckpt_meta *meta = open_meta(data("golden/meta_growth/new_saver/model.ckpt-2.meta"));
    tfckpt_meta_summary *summary = summarize(meta);
    tfckpt_meta_free(meta);
    /* The summary needs the file no more. */
    CHECK(tfckpt_meta_summary_byte_size(summary) == 8075);
    CHECK(tfckpt_meta_summary_part_size(summary, TFCKPT_META_PART_NODES) == 6764);
    CHECK(tfckpt_meta_summary_part_size(summary, TFCKPT_META_PART_INFO) == 869);
    CHECK(tfckpt_meta_summary_part_size(summary, TFCKPT_META_PART_SAVER_DEF) == 76);
    CHECK(tfckpt_meta_summary_part_size(summary, TFCKPT_META_PART_COLLECTIONS) == 358);
    CHECK(tfckpt_meta_summary_part_size(summary, TFCKPT_META_PART_REST) == 8);
    CHECK(is(tfckpt_meta_summary_tensorflow_version(summary, NULL), "2.21.0"));
    CHECK(tfckpt_meta_summary_tensorflow_git_version(summary, NULL)[0] == 'v');
    CHECK(is(tfckpt_meta_summary_graph_version(summary, NULL), ""));
    CHECK(tfckpt_meta_summary_tag_count(summary) == 0);
    CHECK(tfckpt_meta_summary_tag(summary, 0, NULL) == NULL);
    CHECK(tfckpt_meta_summary_stripped_op_count(summary) ==
          tfckpt_meta_ops_count(tfckpt_meta_summary_ops(summary)));
    CHECK(!tfckpt_meta_summary_has_stripped_default_attrs(summary));
    CHECK(tfckpt_meta_summary_producer(summary) > 1000);
    CHECK(tfckpt_meta_summary_min_consumer(summary) >= 0);
    CHECK(tfckpt_meta_summary_function_count(summary) == 0);
    CHECK(tfckpt_meta_summary_gradient_count(summary) == 0);
    CHECK(tfckpt_meta_summary_variable_count(summary) == 2);
    CHECK(tfckpt_meta_summary_asset_count(summary) == 0);
    CHECK(tfckpt_meta_summary_object_graph_node_count(summary) == -1);
    CHECK(tfckpt_meta_summary_signature_count(summary) == 0);
    CHECK(tfckpt_meta_summary_signature(summary, 0) == NULL);
    CHECK(tfckpt_meta_summary_collection_count(summary) == 2);
    CHECK(tfckpt_meta_summary_collection(summary, 2) == NULL);
    tfckpt_meta_summary_free(summary);
}

static void test_ops(void) {
    testing("graphs: ops and constants");
    tfckpt_meta *meta = open_meta(data("golden/meta_growth/new_saver/model.ckpt-2.meta"));
    tfckpt_meta_summary *summary = summarize(meta);
    tfckpt_meta_free(meta);
    const tfckpt_meta_ops *ops = tfckpt_meta_summary_ops(summary);
    int64_t nodes = 0, size = 0;
    for (int64_t i = 0; i < tfckpt_meta_ops_count(ops); i++) {
        size_t len;
        const char *name = tfckpt_meta_ops_name(ops, i, &len);
        CHECK(strlen(name) == len);
        CHECK(!is(name, "SaveV2") || tfckpt_meta_ops_node_count(ops, i) == 3);
        CHECK(i == 0 || strcmp(tfckpt_meta_ops_name(ops, i - 1, NULL), name) < 0);
        nodes += tfckpt_meta_ops_node_count(ops, i);
        size += tfckpt_meta_ops_byte_size(ops, i);
    }
    CHECK(nodes == 56 && tfckpt_meta_ops_total(ops) == 56 && size == 6764);
    CHECK(tfckpt_meta_ops_name(ops, -1, NULL) == NULL);
    CHECK(tfckpt_meta_ops_total(tfckpt_meta_summary_function_ops(summary)) == 0);
    const tfckpt_meta_constants *constants = tfckpt_meta_summary_constants(summary);
    CHECK(tfckpt_meta_constants_count(constants) == 17);
    CHECK(tfckpt_meta_constants_byte_size(constants) == 327);
    CHECK(tfckpt_meta_constants_largest_count(constants) == 10);
    CHECK(tfckpt_meta_constants_largest_name(constants, 0, NULL)[0] != '\0');
    CHECK(tfckpt_meta_constants_largest_byte_size(constants, 0) >=
          tfckpt_meta_constants_largest_byte_size(constants, 9));
    CHECK(tfckpt_meta_constants_largest_name(constants, 10, NULL) == NULL);
    tfckpt_meta_summary_free(summary);
}

static void test_savers(void) {
    testing("graphs: savers");
    tfckpt_meta *meta = open_meta(data("golden/meta_growth/new_saver/model.ckpt-2.meta"));
    tfckpt_meta_summary *summary = summarize(meta);
    const char *scopes[] = {"save", "save_1", "save_2"};
    CHECK(tfckpt_meta_summary_saver_count(summary) == 3);
    for (int64_t i = 0; i < 3; i++) {
        const tfckpt_meta_saver *saver = tfckpt_meta_summary_saver(summary, i);
        CHECK(is(tfckpt_meta_saver_scope(saver, NULL), scopes[i]));
        CHECK(tfckpt_meta_saver_node_count(saver) == 15);
        CHECK(tfckpt_meta_saver_byte_size(saver) > 1700);
        CHECK(tfckpt_meta_saver_save_op_count(saver) == 1);
        CHECK(tfckpt_meta_saver_restore_op_count(saver) == 1);
        CHECK(tfckpt_meta_saver_merge_op_count(saver) == 0);
        CHECK(tfckpt_meta_saver_used_by(saver) ==
              (i < 2 ? TFCKPT_SAVER_USE_DEAD : TFCKPT_SAVER_USE_SAVER_DEF));
    }
    CHECK(tfckpt_meta_summary_saver(summary, 3) == NULL);
    const tfckpt_meta_saver_def *def = tfckpt_meta_summary_saver_def(summary);
    CHECK(is(tfckpt_meta_saver_def_restore_op_name(def, NULL), "save_2/restore_all"));
    CHECK(tfckpt_meta_saver_def_max_to_keep(def) == 5 && !tfckpt_meta_saver_def_is_sharded(def));
    CHECK(tfckpt_meta_saver_def_version(def) == 2);
    CHECK(tfckpt_meta_saver_def_keep_checkpoint_every_n_hours(def) == 10000);
    tfckpt_meta_nodes *nodes = NULL;
    OK(tfckpt_meta_list_saver_nodes(meta, 0, 1, &nodes, &err));
    CHECK(tfckpt_meta_nodes_count(nodes) == 15);
    CHECK(is(tfckpt_meta_nodes_name(nodes, 0, NULL), "save_1/filename/input"));
    CHECK(is(tfckpt_meta_nodes_op(nodes, 0, NULL), "Const"));
    CHECK(tfckpt_meta_nodes_byte_size(nodes, 0) > 0);
    CHECK(tfckpt_meta_nodes_name(nodes, 15, NULL) == NULL);
    tfckpt_meta_nodes_free(nodes);
    nodes = NULL;
    INVALID(tfckpt_meta_list_saver_nodes(meta, 0, 3, &nodes, &err));
    INVALID(tfckpt_meta_list_saver_nodes(meta, 0, -1, &nodes, &err));
    INVALID(tfckpt_meta_list_saver_nodes(meta, 1, 0, &nodes, &err));
    INVALID(tfckpt_meta_list_saver_nodes(NULL, 0, 0, &nodes, &err));
    INVALID(tfckpt_meta_list_saver_nodes(meta, 0, 0, NULL, &err));
    CHECK(nodes == NULL);
    tfckpt_meta_summary_free(summary);
    tfckpt_meta_free(meta);
}

static void test_variables(void) {
    testing("graphs: variables");
    tfckpt_meta *meta = open_meta(data("golden/tf115/model/model.ckpt-3.meta"));
    tfckpt_meta_variables *variables = NULL;
    OK(tfckpt_meta_list_variables(meta, 0, &variables, &err));
    CHECK(tfckpt_meta_variables_count(variables) == 16);
    CHECK(is(tfckpt_meta_variables_name(variables, 0, NULL), "dense/w"));
    CHECK(is(tfckpt_meta_variables_op(variables, 0, NULL), "VariableV2"));
    CHECK(is(tfckpt_meta_variables_shared_name(variables, 0, NULL), ""));
    CHECK(tfckpt_meta_variables_dtype(variables, 0) == TFCKPT_DT_FLOAT);
    CHECK(tfckpt_meta_variables_rank(variables, 0) == 2);
    const int64_t *dims = tfckpt_meta_variables_dims(variables, 0);
    CHECK(dims[0] == 4 && dims[1] == 3);
    CHECK(tfckpt_meta_variables_name(variables, 16, NULL) == NULL);
    tfckpt_meta_variables_free(variables);
    variables = NULL;
    INVALID(tfckpt_meta_list_variables(meta, -1, &variables, &err));
    INVALID(tfckpt_meta_list_variables(NULL, 0, &variables, &err));
    INVALID(tfckpt_meta_list_variables(meta, 0, NULL, &err));
    CHECK(variables == NULL);
    tfckpt_meta_free(meta);
}

static void test_signatures(void) {
    testing("graphs: signatures and collections");
    tfckpt_meta *meta = open_meta(data("golden/saved_model/module"));
    tfckpt_meta_summary *summary = summarize(meta);
    tfckpt_meta_free(meta);
    CHECK(is(tfckpt_meta_summary_tag(summary, 0, NULL), "serve"));
    CHECK(tfckpt_meta_summary_asset_count(summary) == 1);
    CHECK(tfckpt_meta_summary_function_count(summary) == 9);
    CHECK(tfckpt_meta_ops_total(tfckpt_meta_summary_function_ops(summary)) > 9);
    CHECK(tfckpt_meta_summary_signature_count(summary) == 3);
    const tfckpt_meta_signature *lookup = tfckpt_meta_summary_signature(summary, 1);
    CHECK(is(tfckpt_meta_signature_key(lookup, NULL), "lookup"));
    CHECK(is(tfckpt_meta_signature_method_name(lookup, NULL), "tensorflow/serving/predict"));
    CHECK(tfckpt_meta_signature_byte_size(lookup) > 50);
    CHECK(tfckpt_meta_signature_input_count(lookup) == 1);
    CHECK(tfckpt_meta_signature_output_count(lookup) == 1);
    const tfckpt_meta_tensor *word = tfckpt_meta_signature_input(lookup, 0);
    CHECK(is(tfckpt_meta_tensor_key(word, NULL), "word"));
    CHECK(is(tfckpt_meta_tensor_name(word, NULL), "lookup_word:0"));
    CHECK(tfckpt_meta_tensor_dtype(word) == TFCKPT_DT_STRING);
    CHECK(tfckpt_meta_tensor_rank(word) == 1 && tfckpt_meta_tensor_dims(word)[0] == -1);
    const tfckpt_meta_tensor *id = tfckpt_meta_signature_output(lookup, 0);
    CHECK(is(tfckpt_meta_tensor_key(id, NULL), "id"));
    CHECK(tfckpt_meta_signature_input(lookup, 1) == NULL);
    CHECK(tfckpt_meta_signature_output(lookup, -1) == NULL);
    tfckpt_meta_summary_free(summary);

    meta = open_meta(data("golden/tf115/model/model.ckpt-3.meta"));
    summary = summarize(meta);
    tfckpt_meta_free(meta);
    const tfckpt_meta_collection *contexts = tfckpt_meta_summary_collection(summary, 0);
    CHECK(is(tfckpt_meta_collection_key(contexts, NULL), "cond_context"));
    CHECK(tfckpt_meta_collection_kind(contexts) == TFCKPT_COLLECTION_KIND_BYTES);
    CHECK(tfckpt_meta_collection_value_count(contexts) == 2);
    CHECK(tfckpt_meta_collection_byte_size(contexts) > 100);
    tfckpt_meta_summary_free(summary);
}

static void test_diff(void) {
    testing("graphs: why one is larger");
    tfckpt_meta *before = open_meta(data("golden/meta_growth/new_saver/model.ckpt-0.meta"));
    tfckpt_meta *after = open_meta(data("golden/meta_growth/new_saver/model.ckpt-5.meta"));
    tfckpt_meta_diff *diff = NULL;
    OK(tfckpt_meta_compare(before, 0, after, 0, &diff, &err));
    CHECK(tfckpt_meta_summary_byte_size(tfckpt_meta_diff_before(diff)) == 4415);
    CHECK(tfckpt_meta_summary_byte_size(tfckpt_meta_diff_after(diff)) == 13556);
    CHECK(strstr(tfckpt_meta_diff_text(diff, NULL), "9,141 bytes more: 4,415 bytes became") != NULL);
    CHECK(tfckpt_meta_diff_change_count(diff) == 2);
    const tfckpt_meta_change *savers = tfckpt_meta_diff_change(diff, 0);
    CHECK(tfckpt_meta_change_kind(savers) == TFCKPT_CHANGE_KIND_ADDED);
    CHECK(tfckpt_meta_change_subject(savers) == TFCKPT_CHANGE_SUBJECT_SAVERS);
    CHECK(tfckpt_meta_change_name(savers, NULL) == NULL);
    CHECK(tfckpt_meta_change_item_count(savers) == 75);
    CHECK(tfckpt_meta_change_saver_count(savers) == 5);
    CHECK(tfckpt_meta_change_size_before(savers) == 0);
    CHECK(tfckpt_meta_change_size_after(savers) == 9135);
    CHECK(tfckpt_meta_change_constant_size(savers) == 365);
    CHECK(tfckpt_meta_change_example_count(savers) == 3);
    CHECK(is(tfckpt_meta_change_example(savers, 1, NULL), "save_2"));
    CHECK(tfckpt_meta_change_example(savers, 3, NULL) == NULL);
    CHECK(strstr(tfckpt_meta_change_text(savers, NULL), "5 savers came on top") != NULL);
    const tfckpt_meta_change *def = tfckpt_meta_diff_change(diff, 1);
    CHECK(tfckpt_meta_change_kind(def) == TFCKPT_CHANGE_KIND_CHANGED);
    CHECK(tfckpt_meta_change_subject(def) == TFCKPT_CHANGE_SUBJECT_PART);
    CHECK(is(tfckpt_meta_change_name(def, NULL), "saver_def"));
    CHECK(tfckpt_meta_diff_change(diff, 2) == NULL);
    CHECK(tfckpt_meta_constants_count(tfckpt_meta_diff_constants(diff)) == 25);
    tfckpt_meta_diff_free(diff);

    OK(tfckpt_meta_compare(after, 0, after, 0, &diff, &err));
    CHECK(tfckpt_meta_diff_change_count(diff) == 0);
    tfckpt_meta_diff_free(diff);
    diff = NULL;
    INVALID(tfckpt_meta_compare(before, 1, after, 0, &diff, &err));
    INVALID(tfckpt_meta_compare(before, 0, after, -1, &diff, &err));
    INVALID(tfckpt_meta_compare(NULL, 0, after, 0, &diff, &err));
    INVALID(tfckpt_meta_compare(before, 0, NULL, 0, &diff, &err));
    INVALID(tfckpt_meta_compare(before, 0, after, 0, NULL, &err));
    CHECK(diff == NULL);
    tfckpt_meta_free(before);
    tfckpt_meta_free(after);
}

static tfckpt_meta_stripped *strip(const char *src, const char *dst,
                                   const tfckpt_meta_strip_options *options) {
    tfckpt_meta_stripped *stripped;
    OK(tfckpt_meta_strip(src, dst, options, &stripped, &err));
    return stripped;
}

static int64_t size_of(const char *path) {
    tfckpt_meta *meta = open_meta(path);
    int64_t size = tfckpt_meta_byte_size(meta);
    tfckpt_meta_free(meta);
    return size;
}

static void test_strip(void) {
    const char *last = data("golden/meta_growth/reimport/model.ckpt-5.meta");
    const char *out = scratch("stripped.meta");
    tfckpt_meta_strip_options *options = tfckpt_meta_strip_options_new();
    testing("graphs: strip");
    tfckpt_meta_strip_options_set_dry_run(options, true);
    tfckpt_meta_stripped *planned = strip(last, out, options);
    tfckpt_meta *meta = NULL;
    EXPECT(TFCKPT_NOT_FOUND, tfckpt_meta_open(out, &meta, &err));
    tfckpt_meta_stripped *stripped = strip(last, out, NULL);
    CHECK(tfckpt_meta_stripped_size_before(stripped) == 120173);
    CHECK(tfckpt_meta_stripped_size_after(stripped) == 4415 && size_of(out) == 4415);
    CHECK(tfckpt_meta_stripped_saver_count(stripped) == 31);
    CHECK(tfckpt_meta_stripped_cut_count(stripped, TFCKPT_META_CUT_SAVER_NODES) == 465);
    CHECK(tfckpt_meta_stripped_cut_size(stripped, TFCKPT_META_CUT_SAVER_NODES) == 60421);
    CHECK(tfckpt_meta_stripped_cut_count(stripped, TFCKPT_META_CUT_COPIES) == 341);
    CHECK(tfckpt_meta_stripped_cut_count(stripped, TFCKPT_META_CUT_COLLECTION_VALUES) == 124);
    CHECK(tfckpt_meta_stripped_cut_count(stripped, TFCKPT_META_CUT_CONSTANTS + 1) == 0);
    CHECK(tfckpt_meta_stripped_cut_size(stripped, -1) == 0);
    for (int32_t cut = 0; cut <= TFCKPT_META_CUT_CONSTANTS; cut++) {
        CHECK(tfckpt_meta_stripped_cut_size(planned, cut) ==
              tfckpt_meta_stripped_cut_size(stripped, cut));
    }
    tfckpt_meta_stripped_free(planned);
    tfckpt_meta_stripped_free(stripped);

    stripped = NULL;
    EXPECT(TFCKPT_ALREADY_EXISTS, tfckpt_meta_strip(last, out, NULL, &stripped, &err));
    tfckpt_meta_strip_options_set_dry_run(options, false);
    tfckpt_meta_strip_options_set_replace(options, true);
    tfckpt_meta_strip_options_set_sync(options, false);
    tfckpt_meta_strip_options_set_savers(options, false);
    tfckpt_meta_strip_options_set_collections(options, false);
    OK(tfckpt_meta_strip_options_set_copies(options, TFCKPT_META_COPIES_KEEP, &err));
    stripped = strip(last, out, options);
    CHECK(tfckpt_meta_stripped_size_after(stripped) == 120173 && size_of(out) == 120173);
    tfckpt_meta_stripped_free(stripped);

    stripped = NULL;
    EXPECT(TFCKPT_UNSUPPORTED,
           tfckpt_meta_strip(data("golden/saved_model/keras"), out, options, &stripped, &err));
    EXPECT(TFCKPT_NOT_FOUND, tfckpt_meta_strip(scratch("no"), out, options, &stripped, &err));
    INVALID(tfckpt_meta_strip_options_set_copies(options, 3, &err));
    INVALID(tfckpt_meta_strip_options_set_copies(NULL, 0, &err));
    INVALID(tfckpt_meta_strip(NULL, out, options, &stripped, &err));
    INVALID(tfckpt_meta_strip(last, NULL, options, &stripped, &err));
    INVALID(tfckpt_meta_strip(last, out, options, NULL, &err));
    CHECK(stripped == NULL && size_of(out) == 120173);
    tfckpt_meta_strip_options_free(options);
}

static void test_strip_more(void) {
    const char *trained = data("golden/tf115/model/model.ckpt-3");
    const char *out = scratch("served.meta");
    tfckpt_meta_strip_options *options = tfckpt_meta_strip_options_new();
    testing("graphs: strip what was asked for");
    tfckpt_meta_strip_options_set_training(options, true);
    tfckpt_meta_strip_options_set_constants(options, 1024);
    OK(tfckpt_meta_strip_options_set_copies(options, TFCKPT_META_COPIES_ALL, &err));
    tfckpt_meta_stripped *stripped = strip(trained, out, options);
    CHECK(tfckpt_meta_stripped_cut_count(stripped, TFCKPT_META_CUT_TRAINING) > 50);
    CHECK(tfckpt_meta_stripped_cut_count(stripped, TFCKPT_META_CUT_CONSTANTS) == 1);
    CHECK(tfckpt_meta_stripped_cut_count(stripped, TFCKPT_META_CUT_FUNCTIONS) == 0);
    CHECK(tfckpt_meta_stripped_size_after(stripped) <
          tfckpt_meta_stripped_size_before(stripped) - 20000);
    tfckpt_meta_stripped_free(stripped);
    tfckpt_meta_strip_options_free(options);
}

static void test_damage(void) {
    tfckpt_meta *meta;
    tfckpt_meta_summary *summary = NULL;
    const char *path = scratch("damaged.meta");
    /* A graph of one node whose name has more bytes than there are. */
    const unsigned char bytes[] = {0x12, 4, 0x0a, 2, 0x0a, 9};
    testing("graphs: damage");
    FILE *file = fopen(path, "wb");
    CHECK(file != NULL && fwrite(bytes, sizeof bytes, 1, file) == 1 && fclose(file) == 0);
    meta = open_meta(path);
    EXPECT(TFCKPT_DATA_LOSS, tfckpt_meta_summarize(meta, 0, &summary, &err));
    CHECK(is(tfckpt_error_file(err), path) && tfckpt_error_offset(err) == 4);
    INVALID(tfckpt_meta_summarize(meta, 1, &summary, &err));
    INVALID(tfckpt_meta_summarize(meta, -1, &summary, &err));
    INVALID(tfckpt_meta_summarize(meta, 0, NULL, &err));
    INVALID(tfckpt_meta_summarize(NULL, 0, &summary, &err));
    CHECK(summary == NULL);
    tfckpt_meta_free(meta);
    file = fopen(path, "wb");
    CHECK(file != NULL && fputs("graph_def {\n", file) >= 0 && fclose(file) == 0);
    EXPECT(TFCKPT_DATA_LOSS, tfckpt_meta_open(path, &meta, &err));
    CHECK(strstr(tfckpt_error_message(err), "text file") != NULL);
}

void test_meta(void) {
    test_open();
    test_summary();
    test_ops();
    test_savers();
    test_variables();
    test_signatures();
    test_diff();
    test_strip();
    test_strip_more();
    test_damage();
}
