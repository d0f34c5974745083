/* Object graphs: read, searched, made. */
#include "api.h"

static tfckpt_object_graph *read_graph(const char *path) {
    tfckpt_reader *reader = open_reader(data(path));
    tfckpt_object_graph *graph;
    testing("object graph of %s", path);
    OK(tfckpt_reader_read_object_graph(reader, &graph, &err));
    tfckpt_reader_free(reader);
    return graph;
}

static bool is(const char *string, const char *wanted) {
    return string != NULL && strcmp(string, wanted) == 0;
}

static void check_found(const tfckpt_object_graph *graph, const char *name, const char *key) {
    tfckpt_attribute *found;
    size_t len;
    OK(tfckpt_object_graph_find(graph, name, strlen(name), &found, &err));
    CHECK(is(tfckpt_attribute_key(found, &len), key) && len == strlen(key));
    tfckpt_attribute_free(found);
}

static void test_names(void) {
    tfckpt_object_graph *graph = read_graph("golden/object_based/keras/ckpt-50");
    const char *key = "optimizer/_trainable_variables/0/.ATTRIBUTES/VARIABLE_VALUE";
    tfckpt_attribute *found = NULL;
    check_found(graph, key, key);
    check_found(graph, "optimizer/_trainable_variables/0", key);
    check_found(graph, "model/_functional/_operations/1/_kernel", key);
    check_found(graph, "sequential/hidden/kernel", key);
    EXPECT(TFCKPT_NOT_FOUND, tfckpt_object_graph_find(graph, NAME("nothing"), &found, &err));
    CHECK(is(tfckpt_error_tensor(err, NULL), "nothing"));
    INVALID(tfckpt_object_graph_find(graph, NAME("\xff"), &found, &err));
    CHECK(found == NULL);

    CHECK(tfckpt_object_graph_is_optimizer_state(
        graph, NAME("optimizer/_iterations/.ATTRIBUTES/VARIABLE_VALUE")));
    CHECK(!tfckpt_object_graph_is_optimizer_state(graph, key, strlen(key)));
    CHECK(tfckpt_object_graph_find_node(graph, NAME("")) == 0);
    CHECK(tfckpt_object_graph_find_node(graph, NAME("model/optimizer")) == 2);
    CHECK(tfckpt_object_graph_find_node(graph, NAME("model/nothing")) == -1);
    tfckpt_object_graph_free(graph);
}

static void test_name_of_several(void) {
    tfckpt_object_graph *graph = read_graph("golden/saved_model/keras");
    tfckpt_attribute *found = NULL;
    INVALID(tfckpt_object_graph_find(graph, NAME("sequential/norm/gamma"), &found, &err));
    CHECK(tfckpt_error_name_count(err) == 2 && found == NULL);
    CHECK(is(tfckpt_error_name(err, 1, NULL), "variables/2/.ATTRIBUTES/VARIABLE_VALUE"));
    tfckpt_object_graph_free(graph);
}

static tfckpt_object *object_at(const tfckpt_object_graph *graph, int64_t node) {
    tfckpt_object *object;
    OK(tfckpt_object_graph_object_at(graph, node, &object, &err));
    return object;
}

static void test_objects(void) {
    tfckpt_object_graph *graph = read_graph("golden/object_based/slots/ckpt");
    tfckpt_object *adam = object_at(graph, 1), *variable = object_at(graph, 6), *slot;
    tfckpt_object *none = NULL;
    CHECK(tfckpt_object_graph_count(graph) == 21);
    CHECK(is(tfckpt_object_path(adam, 0, NULL), "adam") && tfckpt_object_path_count(adam) == 1);
    CHECK(tfckpt_object_node(adam) == 1 && tfckpt_object_node(variable) == 6);
    CHECK(tfckpt_object_role(adam) == TFCKPT_ROLE_OBJECT);
    CHECK(tfckpt_object_has_values(adam) == 1 && tfckpt_object_attribute_count(adam) == 0);
    CHECK(tfckpt_object_child_count(adam) == 2 && tfckpt_object_child_node(adam, 1) == 5);
    CHECK(is(tfckpt_object_child_name(adam, 1, NULL), "beta2_power"));
    CHECK(tfckpt_object_slot_count(adam) == 4 && is(tfckpt_object_slot_name(adam, 2, NULL), "v"));
    CHECK(tfckpt_object_slot_variable(adam, 2) == 6 && tfckpt_object_slot_node(adam, 2) == 17);
    CHECK(tfckpt_object_saver_name(adam, NULL) == NULL);
    CHECK(tfckpt_object_saver_object_name(adam, NULL) == NULL);

    slot = object_at(graph, tfckpt_object_slot_node(adam, 2));
    CHECK(is(tfckpt_object_path(slot, 0, NULL), "net/w/.OPTIMIZER_SLOT/adam/v"));
    CHECK(tfckpt_object_role(slot) == TFCKPT_ROLE_SLOT);
    CHECK(tfckpt_object_role(variable) == TFCKPT_ROLE_VARIABLE);
    CHECK(is(tfckpt_attribute_name(tfckpt_object_attribute(slot, 0), NULL), "VARIABLE_VALUE"));
    CHECK(is(tfckpt_attribute_full_name(tfckpt_object_attribute(slot, 0), NULL), "w/Adam_1"));
    CHECK(tfckpt_attribute_node(tfckpt_object_attribute(slot, 0)) == 17);
    CHECK(tfckpt_object_attribute(slot, 1) == NULL && tfckpt_object_path(slot, 1, NULL) == NULL);
    CHECK(tfckpt_object_child_node(slot, -1) == -1 && tfckpt_object_slot_node(slot, 0) == -1);
    INVALID(tfckpt_object_graph_object_at(graph, 21, &none, &err));
    INVALID(tfckpt_object_graph_object_at(graph, -1, &none, &err));
    tfckpt_object_graph_free(graph);
    CHECK(is(tfckpt_object_path(slot, 0, NULL), "net/w/.OPTIMIZER_SLOT/adam/v"));
    tfckpt_object_free(slot);
    tfckpt_object_free(variable);
    tfckpt_object_free(adam);
}

static void test_owner(void) {
    tfckpt_object_graph *graph = read_graph("golden/variant/iterator/ckpt");
    tfckpt_attribute *owner = NULL;
    const char *tensor = "iterator/.ATTRIBUTES/ITERATOR_STATE";
    OK(tfckpt_object_graph_find_owner(graph, tensor, strlen(tensor), &owner, &err));
    CHECK(is(tfckpt_attribute_key(owner, NULL), "iterator/.ATTRIBUTES/ITERATOR"));
    CHECK(tfckpt_attribute_node(owner) == 1);
    tfckpt_attribute_free(owner);
    EXPECT(TFCKPT_NOT_FOUND, tfckpt_object_graph_find_owner(graph, "\xff", 1, &owner, &err));
    tfckpt_object_graph_free(graph);
}

static void test_no_graph(void) {
    tfckpt_reader *reader = open_reader(data("hostile/good_v2/ckpt"));
    tfckpt_object_graph *graph = NULL;
    testing("a checkpoint without an object graph");
    EXPECT(TFCKPT_NOT_FOUND, tfckpt_reader_read_object_graph(reader, &graph, &err));
    CHECK(graph == NULL);
    tfckpt_reader_free(reader);
}

static void add(tfckpt_writer *writer, const tfckpt_object_graph *graph, int64_t node, int64_t value) {
    tfckpt_object *object = object_at(graph, node);
    size_t len;
    const char *key = tfckpt_attribute_key(tfckpt_object_attribute(object, 0), &len);
    OK(tfckpt_writer_add(writer, key, len, TFCKPT_DT_INT64, NULL, 0, &value, sizeof value, &err));
    tfckpt_object_free(object);
}

static void test_builder(void) {
    tfckpt_object_graph_builder *builder = tfckpt_object_graph_builder_new();
    tfckpt_object_graph *graph, *pruned;
    tfckpt_writer *writer = create_writer(scratch("object_graph"));
    tfckpt_reader *reader;
    int64_t net, optimizer, kernel, counter, slot, value = 7;
    testing("a graph that is made");
    OK(tfckpt_object_graph_builder_add_object(builder, 0, NAME("net"), &net, &err));
    OK(tfckpt_object_graph_builder_add_node(builder, &optimizer, &err));
    OK(tfckpt_object_graph_builder_add_child(builder, 0, NAME("optimizer"), optimizer, &err));
    OK(tfckpt_object_graph_builder_add_save_counter(builder, &counter, &err));
    OK(tfckpt_object_graph_builder_add_variable(builder, net, NAME("a/b.c"), NAME("kernel"), &kernel,
                                         &err));
    OK(tfckpt_object_graph_builder_add_slot(builder, optimizer, kernel, NAME("m"), NAME("kernel/m"),
                                     &slot, &err));
    CHECK(net == 1 && optimizer == 2 && counter == 3 && kernel == 4 && slot == 5);
    OK(tfckpt_object_graph_builder_build(builder, &graph, &err));

    add(writer, graph, counter, 1);
    add(writer, graph, kernel, value);
    add(writer, graph, slot, 9);
    OK(tfckpt_writer_add_object_graph(writer, graph, &err));
    EXPECT(TFCKPT_ALREADY_EXISTS, tfckpt_writer_add_object_graph(writer, graph, &err));
    finish_writer(writer);
    tfckpt_object_graph_free(graph);

    reader = open_reader(scratch("object_graph"));
    OK(tfckpt_reader_read_object_graph(reader, &graph, &err));
    check_found(graph, "kernel", "net/a.Sb..c/.ATTRIBUTES/VARIABLE_VALUE");
    check_bytes(reader, "net/a.Sb..c/.ATTRIBUTES/VARIABLE_VALUE", &value, sizeof value);
    check_found(graph, "kernel/m", "net/a.Sb..c/.OPTIMIZER_SLOT/optimizer/m/.ATTRIBUTES/VARIABLE_VALUE");
    OK(tfckpt_object_graph_without_optimizer_state(graph, &pruned, &err));
    CHECK(tfckpt_object_graph_count(pruned) == 5);
    CHECK(tfckpt_object_graph_find_node(pruned, NAME("net/a.Sb..c")) == 4);
    tfckpt_object_graph_free(pruned);
    tfckpt_object_graph_free(graph);
    tfckpt_reader_free(reader);

    INVALID(tfckpt_object_graph_builder_add_attribute(builder, kernel, NAME("VARIABLE_VALUE"), NULL, 0,
                                               &err));
    INVALID(tfckpt_object_graph_builder_add_child(builder, 0, NAME("x"), 99, &err));
    INVALID(tfckpt_object_graph_builder_add_child(builder, -1, NAME("x"), 0, &err));
    OK(tfckpt_object_graph_builder_add_attribute(builder, net, NAME("STATE"), NULL, 0, &err));
    OK(tfckpt_object_graph_builder_add_child(builder, 0, NAME("net"), kernel, &err));
    graph = NULL;
    INVALID(tfckpt_object_graph_builder_build(builder, &graph, &err));
    CHECK(graph == NULL && strstr(tfckpt_error_message(err), "two children 'net'") != NULL);
    tfckpt_object_graph_builder_free(builder);
}

static void test_null_graphs(void) {
    tfckpt_reader *reader = open_reader(data("golden/object_based/slots/ckpt"));
    tfckpt_object_graph_builder *builder = tfckpt_object_graph_builder_new();
    tfckpt_object_graph *graph = NULL;
    tfckpt_object *object = NULL;
    tfckpt_attribute *attribute = NULL;
    int64_t node = 0;
    size_t len = 7;
    testing("NULL for graphs, objects, attributes, builders");
    INVALID(tfckpt_reader_read_object_graph(NULL, &graph, &err));
    INVALID(tfckpt_reader_read_object_graph(reader, NULL, &err));
    INVALID(tfckpt_object_graph_object_at(NULL, 0, &object, &err));
    INVALID(tfckpt_object_graph_find(NULL, NAME("x"), &attribute, &err));
    INVALID(tfckpt_object_graph_find_owner(NULL, NAME("x"), &attribute, &err));
    INVALID(tfckpt_object_graph_without_optimizer_state(NULL, &graph, &err));
    INVALID(tfckpt_writer_add_object_graph(NULL, NULL, &err));
    CHECK(tfckpt_object_graph_count(NULL) == 0);
    CHECK(tfckpt_object_graph_find_node(NULL, NAME("x")) == -1);
    CHECK(!tfckpt_object_graph_is_optimizer_state(NULL, NAME("x")));

    CHECK(tfckpt_object_node(NULL) == -1);
    CHECK(tfckpt_object_role(NULL) == TFCKPT_ROLE_OBJECT && tfckpt_object_has_values(NULL) == -1);
    CHECK(tfckpt_object_path_count(NULL) == 0 && tfckpt_object_path(NULL, 0, &len) == NULL);
    CHECK(len == 0 && tfckpt_object_child_count(NULL) == 0);
    CHECK(tfckpt_object_child_name(NULL, 0, NULL) == NULL);
    CHECK(tfckpt_object_child_node(NULL, 0) == -1 && tfckpt_object_attribute_count(NULL) == 0);
    CHECK(tfckpt_object_attribute(NULL, 0) == NULL && tfckpt_object_slot_count(NULL) == 0);
    CHECK(tfckpt_object_slot_name(NULL, 0, NULL) == NULL);
    CHECK(tfckpt_object_slot_variable(NULL, 0) == -1 && tfckpt_object_slot_node(NULL, 0) == -1);
    CHECK(tfckpt_object_saver_name(NULL, NULL) == NULL && tfckpt_object_saver_object_name(NULL, NULL) == NULL);
    CHECK(tfckpt_attribute_node(NULL) == -1 && tfckpt_attribute_name(NULL, NULL) == NULL);
    CHECK(tfckpt_attribute_full_name(NULL, NULL) == NULL);
    CHECK(tfckpt_attribute_key(NULL, NULL) == NULL);

    INVALID(tfckpt_object_graph_builder_add_node(NULL, &node, &err));
    INVALID(tfckpt_object_graph_builder_add_node(builder, NULL, &err));
    INVALID(tfckpt_object_graph_builder_add_child(NULL, 0, NAME("x"), 0, &err));
    INVALID(tfckpt_object_graph_builder_add_object(NULL, 0, NAME("x"), &node, &err));
    INVALID(tfckpt_object_graph_builder_add_attribute(NULL, 0, NAME("x"), NULL, 0, &err));
    INVALID(tfckpt_object_graph_builder_add_variable(NULL, 0, NAME("x"), NULL, 0, &node, &err));
    INVALID(tfckpt_object_graph_builder_add_slot(NULL, 0, 0, NAME("x"), NULL, 0, &node, &err));
    INVALID(tfckpt_object_graph_builder_add_save_counter(NULL, &node, &err));
    INVALID(tfckpt_object_graph_builder_build(NULL, &graph, &err));
    CHECK(graph == NULL && object == NULL && attribute == NULL && node == 0);

    tfckpt_object_graph_free(NULL);
    tfckpt_object_free(NULL);
    tfckpt_attribute_free(NULL);
    tfckpt_object_graph_builder_free(NULL);
    tfckpt_object_graph_builder_free(builder);
    tfckpt_reader_free(reader);
}

void test_object_graph(void) {
    test_names();
    test_name_of_several();
    test_objects();
    test_owner();
    test_no_graph();
    test_builder();
    test_null_graphs();
}
