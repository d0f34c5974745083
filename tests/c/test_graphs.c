/* Every object graph of golden/object_graphs.tsv is as TensorFlow parses it, and each
 * name leads to what it should.
 *
 *     test_graphs tests/data/golden
 */
#include "manifest.h"

static const char *folder;
static tfckpt_reader *reader;
static tfckpt_object_graph *graph;
static tfckpt_object *object;
static int64_t node;
/* How many of each the rows of this object had so far. */
static int64_t children, attributes, slots;
static int graphs, nodes, keys;

static int64_t number(const char *column) { return strtoll(column, NULL, 10); }

/* A name of the manifest, in place; its length goes to *len. */
static const char *name_of(char *column, size_t *len) {
    if (strcmp(column, "-") == 0) *column = '\0';
    *len = unescape(column);
    return column;
}

static bool is(const char *name, size_t len, const char *other, size_t other_len) {
    return len == other_len && memcmp(name, other, len) == 0;
}

static void end_object(void) {
    if (object == NULL) return;
    /* Of children with the same name the manifest has one. */
    CHECK(tfckpt_object_child_count(object) >= children);
    CHECK(tfckpt_object_attribute_count(object) == attributes);
    CHECK(tfckpt_object_slot_count(object) == slots);
    tfckpt_object_free(object);
    object = NULL;
}

static void end_graph(void) {
    end_object();
    CHECK(graph == NULL || tfckpt_object_graph_count(graph) == node + 1);
    tfckpt_object_graph_free(graph);
    tfckpt_reader_free(reader);
    graph = NULL;
    reader = NULL;
}

static void begin_graph(struct manifest *row) {
    end_graph();
    testing("%s", row->column[1]);
    char *path = text("%s/%s", folder, row->column[1]);
    OK(tfckpt_reader_open(path, NULL, &reader, &err));
    OK(tfckpt_reader_read_object_graph(reader, &graph, &err));
    CHECK(tfckpt_object_graph_count(graph) == number(row->column[2]));
    free(path);
    graphs++;
}

/* Each path leads back to the object. */
static void check_paths(void) {
    int64_t count = tfckpt_object_path_count(object);
    CHECK(count > 0);
    for (int64_t i = 0; i < count; i++) {
        size_t len;
        const char *path = tfckpt_object_path(object, i, &len);
        CHECK(tfckpt_object_graph_find_node(graph, path, len) == node);
    }
}

static void begin_object(struct manifest *row) {
    end_object();
    children = attributes = slots = 0;
    node = number(row->column[1]);
    OK(tfckpt_object_graph_object_at(graph, node, &object, &err));
    CHECK(tfckpt_object_node(object) == node);
    const char *has_values = row->column[2];
    int32_t expected = strcmp(has_values, "-") == 0 ? -1 : (int32_t)number(has_values);
    CHECK(tfckpt_object_has_values(object) == expected);
    check_paths();
    nodes++;
}

/* The last child of that name is the one. */
static void check_child(struct manifest *row) {
    size_t len, other_len;
    const char *name = name_of(row->column[1], &len);
    int64_t at = tfckpt_object_child_count(object) - 1;
    for (; at >= 0; at--) {
        const char *other = tfckpt_object_child_name(object, at, &other_len);
        if (is(other, other_len, name, len)) break;
    }
    CHECK(at >= 0 && tfckpt_object_child_node(object, at) == number(row->column[2]));
    children++;
}

/* What finds an attribute by a name has this key. */
static void check_found(tfckpt_attribute *found, const char *key, size_t key_len) {
    size_t len;
    const char *found_key = tfckpt_attribute_key(found, &len);
    CHECK(is(found_key, len, key, key_len));
    tfckpt_attribute_free(found);
}

static void check_lookups(const char *full_name, size_t full_len, const char *key, size_t len) {
    tfckpt_attribute *found;
    OK(tfckpt_object_graph_find(graph, key, len, &found, &err));
    CHECK(tfckpt_attribute_node(found) == node);
    check_found(found, key, len);
    if (full_len > 0) {
        forget_error();
        tfckpt_status status = tfckpt_object_graph_find(graph, full_name, full_len, &found, &err);
        if (status == TFCKPT_OK) {
            check_found(found, key, len);
        } else {
            /* Several variables may have the same. */
            CHECK(status == TFCKPT_INVALID_ARGUMENT && tfckpt_error_name_count(err) > 1);
        }
    }
    size_t path_len;
    const char *path = tfckpt_object_path(object, 0, &path_len);
    CHECK(len > path_len && memcmp(key, path, path_len) == 0);
    CHECK(strncmp(key + path_len, "/.ATTRIBUTES/", 13) == 0);
    if (tfckpt_object_attribute_count(object) > 1) return;
    OK(tfckpt_object_graph_find(graph, path, path_len, &found, &err));
    check_found(found, key, len);
}

static void check_attribute(struct manifest *row) {
    size_t name_len, full_len, key_len, len;
    const char *name = name_of(row->column[1], &name_len);
    const char *full_name = name_of(row->column[2], &full_len);
    const char *key = name_of(row->column[3], &key_len);
    const tfckpt_attribute *attribute = tfckpt_object_attribute(object, attributes++);
    const char *other = tfckpt_attribute_name(attribute, &len);
    CHECK(is(other, len, name, name_len) && tfckpt_attribute_node(attribute) == node);
    other = tfckpt_attribute_full_name(attribute, &len);
    CHECK(is(other, len, full_name, full_len));
    other = tfckpt_attribute_key(attribute, &len);
    CHECK(is(other, len, key, key_len));
    check_lookups(full_name, full_len, key, key_len);
    keys++;
    if (strcmp(name, "VARIABLE_VALUE") != 0) return;
    tfckpt_tensor *tensor;
    tfckpt_attribute *owner;
    OK(tfckpt_reader_find(reader, key, key_len, &tensor, &err));
    CHECK(tensor != NULL);
    tfckpt_tensor_free(tensor);
    OK(tfckpt_object_graph_find_owner(graph, key, key_len, &owner, &err));
    check_found(owner, key, key_len);
}

static void check_slot(struct manifest *row) {
    size_t name_len, len;
    const char *name = name_of(row->column[1], &name_len);
    const char *other = tfckpt_object_slot_name(object, slots, &len);
    CHECK(is(other, len, name, name_len));
    CHECK(tfckpt_object_slot_variable(object, slots) == number(row->column[2]));
    CHECK(tfckpt_object_slot_node(object, slots) == number(row->column[3]));
    slots++;
}

int main(int argc, char **argv) {
    struct manifest row;
    CHECK(argc == 2);
    folder = argv[1];
    manifest_open(&row, folder, "object_graphs.tsv");
    while (manifest_next(&row)) {
        if (manifest_is(&row, "graph")) {
            begin_graph(&row);
        } else if (manifest_is(&row, "node")) {
            begin_object(&row);
        } else if (manifest_is(&row, "child")) {
            check_child(&row);
        } else if (manifest_is(&row, "attribute")) {
            check_attribute(&row);
        } else {
            CHECK(manifest_is(&row, "slot"));
            check_slot(&row);
        }
    }
    end_graph();
    manifest_close(&row);
    forget_error();
    printf("%d graphs, %d objects, %d keys\n", graphs, nodes, keys);
    CHECK(graphs >= 12 && nodes > 200 && keys > 100);
    return 0;
}
