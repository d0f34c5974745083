/* Every graph of golden/meta.tsv is as TensorFlow parses it.
 *
 *     test_meta tests/data/golden
 */
#include "manifest.h"

static const char *folder;
static tfckpt_meta *meta;
static tfckpt_meta_summary *summary;
static int64_t graph;
/* How many of each the rows of this graph had so far. */
static int64_t collections, signatures;
static int files, graphs, savers;

static int64_t number(const char *column) { return strtoll(column, NULL, 10); }

/* Whether a text is that of a column, where "-" stands for an empty one. */
static void expect_text(const char *found, size_t len, const char *column) {
    const char *expected = strcmp(column, "-") == 0 ? "" : column;
    CHECK(found != NULL && strlen(found) == len);
    if (strcmp(found, expected) != 0) fail(__FILE__, __LINE__, "'%s', not '%s'", found, expected);
}

static void expect_number(int64_t found, const char *column) {
    if (strcmp(column, "-") != 0) CHECK(found == number(column));
}

/* The nodes of a saver are as many and as large as the summary says. */
static void check_saver_nodes(int64_t index) {
    const tfckpt_meta_saver *saver = tfckpt_meta_summary_saver(summary, index);
    tfckpt_meta_nodes *nodes;
    int64_t size = 0;
    OK(tfckpt_meta_list_saver_nodes(meta, graph, index, &nodes, &err));
    CHECK(tfckpt_meta_nodes_count(nodes) == tfckpt_meta_saver_node_count(saver));
    CHECK(strcmp(tfckpt_meta_nodes_name(nodes, 0, NULL),
                 tfckpt_meta_saver_first_node(saver, NULL)) == 0);
    for (int64_t i = 0; i < tfckpt_meta_nodes_count(nodes); i++) {
        size += tfckpt_meta_nodes_byte_size(nodes, i);
        CHECK(tfckpt_meta_nodes_op(nodes, i, NULL) != NULL);
    }
    CHECK(size == tfckpt_meta_saver_byte_size(saver));
    tfckpt_meta_nodes_free(nodes);
    savers++;
}

static void check_savers(void) {
    int64_t named = 0;
    for (int64_t i = 0; i < tfckpt_meta_summary_saver_count(summary); i++) {
        const tfckpt_meta_saver *saver = tfckpt_meta_summary_saver(summary, i);
        named += tfckpt_meta_saver_used_by(saver) == TFCKPT_SAVER_USE_SAVER_DEF;
        check_saver_nodes(i);
    }
    CHECK(named == 1);
}

static void check_parts(void) {
    int64_t sum = 0;
    for (int32_t part = TFCKPT_META_PART_NODES; part <= TFCKPT_META_PART_REST; part++) {
        sum += tfckpt_meta_summary_part_size(summary, part);
    }
    CHECK(sum == tfckpt_meta_summary_byte_size(summary));
    CHECK(tfckpt_meta_summary_part_size(summary, TFCKPT_META_PART_REST + 1) == 0);
    CHECK(tfckpt_meta_summary_part_size(summary, -1) == 0);
}

static void check_variables(void) {
    tfckpt_meta_variables *variables;
    OK(tfckpt_meta_list_variables(meta, graph, &variables, &err));
    CHECK(tfckpt_meta_variables_count(variables) == tfckpt_meta_summary_variable_count(summary));
    for (int64_t i = 0; i < tfckpt_meta_variables_count(variables); i++) {
        int64_t rank = tfckpt_meta_variables_rank(variables, i);
        CHECK(tfckpt_meta_variables_name(variables, i, NULL)[0] != '\0');
        CHECK(tfckpt_dtype_name(tfckpt_meta_variables_dtype(variables, i)) != NULL);
        CHECK((rank < 0) == (tfckpt_meta_variables_dims(variables, i) == NULL));
    }
    tfckpt_meta_variables_free(variables);
}

static void end_graph(void) {
    if (summary == NULL) return;
    CHECK(tfckpt_meta_summary_collection_count(summary) >= collections);
    CHECK(tfckpt_meta_summary_signature_count(summary) == signatures);
    check_parts();
    check_variables();
    check_savers();
    tfckpt_meta_summary_free(summary);
    summary = NULL;
    graph++;
}

static void end_file(void) {
    end_graph();
    CHECK(meta == NULL || tfckpt_meta_graph_count(meta) == graph);
    tfckpt_meta_free(meta);
    meta = NULL;
}

static void begin_file(struct manifest *row) {
    end_file();
    testing("%s", row->column[1]);
    char *path = text("%s/%s", folder, row->column[1]);
    OK(tfckpt_meta_open(path, &meta, &err));
    CHECK(strcmp(tfckpt_meta_path(meta), path) == 0);
    CHECK(tfckpt_meta_byte_size(meta) == number(row->column[2]));
    bool is_meta = strcmp(row->column[3], "-") == 0;
    CHECK(tfckpt_meta_schema_version(meta) == (is_meta ? -1 : number(row->column[3])));
    CHECK(tfckpt_meta_graph_count(meta) == number(row->column[4]));
    free(path);
    graph = 0;
    files++;
}

static void check_tags(const char *tags) {
    int64_t count = tfckpt_meta_summary_tag_count(summary);
    CHECK((count == 0) == (strcmp(tags, "-") == 0));
    for (int64_t i = 0; i < count; i++) {
        CHECK(is_among(tfckpt_meta_summary_tag(summary, i, NULL), tags));
    }
}

static void begin_graph(struct manifest *row) {
    size_t len;
    end_graph();
    OK(tfckpt_meta_summarize(meta, graph, &summary, &err));
    check_tags(row->column[1]);
    const char *version = tfckpt_meta_summary_tensorflow_version(summary, &len);
    expect_text(version, len, row->column[2]);
    expect_number(tfckpt_meta_ops_total(tfckpt_meta_summary_ops(summary)), row->column[3]);
    expect_number(tfckpt_meta_summary_function_count(summary), row->column[4]);
    int64_t nodes = tfckpt_meta_summary_object_graph_node_count(summary);
    CHECK(nodes == (strcmp(row->column[5], "-") == 0 ? -1 : number(row->column[5])));
    CHECK(tfckpt_meta_summary_producer(summary) > 0);
    CHECK(tfckpt_meta_summary_stripped_op_count(summary) > 0);
    collections = signatures = 0;
    graphs++;
}

/* How many nodes of the graph and of its functions are of one of these ops. */
static int64_t count_ops(const char *wanted) {
    const tfckpt_meta_ops *both[] = {tfckpt_meta_summary_ops(summary),
                                     tfckpt_meta_summary_function_ops(summary)};
    int64_t count = 0;
    for (int side = 0; side < 2; side++) {
        for (int64_t i = 0; i < tfckpt_meta_ops_count(both[side]); i++) {
            if (is_among(tfckpt_meta_ops_name(both[side], i, NULL), wanted)) {
                count += tfckpt_meta_ops_node_count(both[side], i);
            }
        }
    }
    return count;
}

static void check_ops(struct manifest *row) {
    const char *ops[] = {"Save|SaveSlices|SaveV2", "Restore|RestoreSlice|RestoreV2",
                         "MergeV2Checkpoints", "Variable|VariableV2|VarHandleOp",
                         "Assign|AssignVariableOp"};
    for (int i = 0; i < 5; i++) expect_number(count_ops(ops[i]), row->column[i + 1]);
}

static void check_saver_def(struct manifest *row) {
    const tfckpt_meta_saver_def *def = tfckpt_meta_summary_saver_def(summary);
    size_t len;
    const char *found = tfckpt_meta_saver_def_filename_tensor_name(def, &len);
    expect_text(found, len, row->column[1]);
    found = tfckpt_meta_saver_def_save_tensor_name(def, &len);
    expect_text(found, len, row->column[2]);
    found = tfckpt_meta_saver_def_restore_op_name(def, &len);
    expect_text(found, len, row->column[3]);
    expect_number(tfckpt_meta_saver_def_max_to_keep(def), row->column[4]);
    expect_number(tfckpt_meta_saver_def_is_sharded(def), row->column[5]);
    double hours = tfckpt_meta_saver_def_keep_checkpoint_every_n_hours(def);
    expect_number((int64_t)hours, row->column[6]);
    if (row->column[7][0] == 'V') {
        CHECK(tfckpt_meta_saver_def_version(def) == number(row->column[7] + 1));
    }
}

static void check_collection(struct manifest *row) {
    const tfckpt_meta_collection *found = tfckpt_meta_summary_collection(summary, collections++);
    size_t len;
    const char *key = tfckpt_meta_collection_key(found, &len);
    unescape(row->column[1]);
    expect_text(key, len, row->column[1]);
    CHECK(tfckpt_meta_collection_value_count(found) == number(row->column[2]));
    CHECK(tfckpt_meta_collection_kind(found) != TFCKPT_COLLECTION_KIND_NONE);
    CHECK(tfckpt_meta_collection_byte_size(found) > 0);
}

static void check_tensor(const tfckpt_meta_tensor *tensor, const char *keys) {
    CHECK(is_among(tfckpt_meta_tensor_key(tensor, NULL), keys));
    CHECK(tfckpt_meta_tensor_name(tensor, NULL) != NULL);
    CHECK((tfckpt_meta_tensor_rank(tensor) < 0) == (tfckpt_meta_tensor_dims(tensor) == NULL));
}

static void check_signature(struct manifest *row) {
    const tfckpt_meta_signature *found = tfckpt_meta_summary_signature(summary, signatures++);
    size_t len;
    const char *name = tfckpt_meta_signature_key(found, &len);
    unescape(row->column[1]);
    expect_text(name, len, row->column[1]);
    name = tfckpt_meta_signature_method_name(found, &len);
    expect_text(name, len, row->column[2]);
    int64_t inputs = tfckpt_meta_signature_input_count(found);
    int64_t outputs = tfckpt_meta_signature_output_count(found);
    CHECK((inputs == 0) == (strcmp(row->column[3], "-") == 0));
    CHECK((outputs == 0) == (strcmp(row->column[4], "-") == 0));
    for (int64_t i = 0; i < inputs; i++) {
        check_tensor(tfckpt_meta_signature_input(found, i), row->column[3]);
    }
    for (int64_t i = 0; i < outputs; i++) {
        check_tensor(tfckpt_meta_signature_output(found, i), row->column[4]);
    }
    CHECK(tfckpt_meta_signature_byte_size(found) > 0);
}

int main(int argc, char **argv) {
    struct manifest row;
    CHECK(argc == 2);
    folder = argv[1];
    manifest_open(&row, folder, "meta.tsv");
    while (manifest_next(&row)) {
        if (manifest_is(&row, "file")) {
            begin_file(&row);
        } else if (manifest_is(&row, "graph")) {
            begin_graph(&row);
        } else if (manifest_is(&row, "ops")) {
            check_ops(&row);
        } else if (manifest_is(&row, "saver_def")) {
            check_saver_def(&row);
        } else if (manifest_is(&row, "collection")) {
            check_collection(&row);
        } else {
            CHECK(manifest_is(&row, "signature"));
            check_signature(&row);
        }
    }
    end_file();
    manifest_close(&row);
    forget_error();
    printf("%d files, %d graphs, %d savers\n", files, graphs, savers);
    CHECK(files > 45 && graphs == files && savers > 100);
    return 0;
}
