/// Object graphs: read, searched, made.
#include <algorithm>

#include "support.hpp"

#ifdef __cpp_lib_ranges
#include <ranges>
#endif

namespace {

using tfckpt::ObjectGraph;
using tfckpt::ObjectGraphBuilder;
using tfckpt::Reader;
using tfckpt::Role;

ObjectGraph read_graph(const char* checkpoint) {
    return Reader::open(test::data(checkpoint)).read_object_graph();
}

std::vector<std::string> paths_of(const tfckpt::Object& object) {
    const auto paths = object.paths();
    return {paths.begin(), paths.end()};
}

TEST(ObjectGraph, KnowsATensorByAllItsNames) {
    const auto graph = read_graph("golden/object_based/keras/ckpt-50");
    const std::string key = "optimizer/_trainable_variables/0/.ATTRIBUTES/VARIABLE_VALUE";
    for (const std::string& name : {key, std::string("optimizer/_trainable_variables/0"),
                                    std::string("model/_functional/_operations/1/_kernel"),
                                    std::string("sequential/hidden/kernel")}) {
        const auto found = graph.find(name);
        ASSERT_TRUE(found) << name;
        EXPECT_EQ(found->key(), key);
        EXPECT_EQ(found->name(), "VARIABLE_VALUE");
        EXPECT_EQ(found->full_name(), "sequential/hidden/kernel");
        EXPECT_EQ(graph.find_node("optimizer/_trainable_variables/0"), found->node());
    }
    EXPECT_FALSE(graph.find("nothing"));
    FAILS_AS(kInvalidArgument, graph.find("\xff"));
    EXPECT_EQ(graph.find_node(""), ObjectGraph::kRoot);
    EXPECT_EQ(graph.find_node("model/nothing"), std::nullopt);
    EXPECT_EQ(graph.find_node("\xff"), std::nullopt);
    EXPECT_FALSE(graph.is_optimizer_state(key));
    EXPECT_TRUE(
        graph.is_optimizer_state("optimizer/_iterations/.ATTRIBUTES/VARIABLE_VALUE"));
}

TEST(ObjectGraph, ListsTheKeysOfANameOfSeveral) {
    const auto graph = read_graph("golden/saved_model/keras");
    const auto error =
        test::error_of([&] { static_cast<void>(graph.find("sequential/norm/gamma")); });
    ASSERT_TRUE(error);
    EXPECT_EQ(error->code(), tfckpt::Status::kInvalidArgument);
    EXPECT_EQ(error->names().size(), 2u);
}

TEST(ObjectGraph, KnowsWhatATensorIsOf) {
    const auto graph = read_graph("golden/variant/iterator/ckpt");
    const auto owner = graph.find_owner("iterator/.ATTRIBUTES/ITERATOR_STATE");
    ASSERT_TRUE(owner);
    EXPECT_EQ(owner->key(), "iterator/.ATTRIBUTES/ITERATOR");
    EXPECT_EQ(owner->node(), 1);
    EXPECT_FALSE(graph.find_owner("\xff"));
}

TEST(ObjectGraph, HasObjects) {
    const auto graph = read_graph("golden/object_based/slots/ckpt");
    EXPECT_EQ(graph.size(), 21);
    const auto adam = graph.at(1);
    EXPECT_EQ(adam.node(), 1);
    EXPECT_EQ(adam.role(), Role::kObject);
    EXPECT_EQ(adam.has_values(), true);
    EXPECT_EQ(paths_of(adam), std::vector<std::string>{"adam"});
    EXPECT_TRUE(adam.attributes().empty());
    EXPECT_EQ(adam.saver(), std::nullopt);
    ASSERT_EQ(adam.children().size(), 2u);
    EXPECT_EQ(adam.children()[1].name, "beta2_power");
    EXPECT_EQ(adam.children()[1].node, 5);
    ASSERT_EQ(adam.slots().size(), 4u);
    EXPECT_EQ(adam.slots()[2].name, "v");
    EXPECT_EQ(adam.slots()[2].variable, 6);

    const auto slot = graph.at(adam.slots()[2].node);
    EXPECT_EQ(slot.role(), Role::kSlot);
    EXPECT_EQ(slot.paths()[0], "net/w/.OPTIMIZER_SLOT/adam/v");
    ASSERT_EQ(slot.attributes().size(), 1u);
    EXPECT_EQ(slot.attributes()[0].full_name(), "w/Adam_1");
    EXPECT_EQ(slot.attributes()[0].node(), 17);
    FAILS_AS(kInvalidArgument, graph.at(21));
    FAILS_AS(kInvalidArgument, graph.at(-1));
}

TEST(ObjectGraph, IsWalkedThrough) {
    const auto graph = read_graph("golden/object_based/slots/ckpt");
    std::int64_t node = 0, variables = 0;
    for (const auto& object : graph.objects()) {
        EXPECT_EQ(object.node(), node++);
        for (const auto child : object.children()) EXPECT_LT(child.node, graph.size());
        for (const auto attribute : object.attributes()) {
            variables += attribute.name() == "VARIABLE_VALUE";
        }
    }
    EXPECT_EQ(node, graph.size());
    EXPECT_GT(variables, 6);
}

TEST(ObjectGraph, HasListsThatAreRanges) {
    const auto graph = read_graph("golden/object_based/slots/ckpt");
    const auto adam = graph.at(1);
    const auto slots = adam.slots();
    EXPECT_EQ(std::distance(slots.begin(), slots.end()), 4);
    const auto of_v = [](const tfckpt::SlotVariable& slot) { return slot.name == "v"; };
    EXPECT_EQ(std::count_if(slots.begin(), slots.end(), of_v), 2);
    auto at = slots.begin();
    EXPECT_EQ((*at++).node, slots[0].node);
    EXPECT_EQ((*at).node, slots[1].node);
    EXPECT_NE(at, slots.begin());
#ifdef __cpp_lib_ranges
    using Slots = tfckpt::List<tfckpt::SlotVariable, tfckpt_object>;
    static_assert(std::ranges::forward_range<Slots> && std::ranges::borrowed_range<Slots>);
    static_assert(
        std::ranges::input_range<tfckpt::List<tfckpt::Object, tfckpt_object_graph>>);
    EXPECT_EQ(std::ranges::count_if(adam.slots(), of_v), 2);
    EXPECT_EQ(std::ranges::find_if(adam.slots(), of_v), std::ranges::next(slots.begin(), 2));
#endif
}

TEST(ObjectGraph, IsNotInEveryCheckpoint) {
    FAILS_AS(kNotFound, read_graph("hostile/good_v2/ckpt"));
}

TEST(ObjectGraph, MovesAndIsThenEmpty) {
    auto graph = read_graph("golden/object_based/slots/ckpt");
    auto object = graph.at(1);
    auto attribute = graph.find("net/w");
    const auto moved = std::move(graph);
    EXPECT_EQ(moved.size(), 21);
    EXPECT_EQ(graph.size(), 0);
    EXPECT_EQ(graph.find_node(""), std::nullopt);
    EXPECT_TRUE(graph.objects().empty());
    FAILS_AS(kInvalidArgument, graph.at(0));
    FAILS_AS(kInvalidArgument, graph.find("net/w"));
    FAILS_AS(kInvalidArgument, graph.without_optimizer_state());
    const auto moved_object = std::move(object);
    EXPECT_EQ(object.node(), -1);
    EXPECT_EQ(object.has_values(), std::nullopt);
    EXPECT_EQ(object.saver(), std::nullopt);
    EXPECT_TRUE(object.paths().empty() && object.children().empty());
    EXPECT_TRUE(object.slots().empty() && object.attributes().empty());
    const auto moved_attribute = std::move(*attribute);
    EXPECT_TRUE(attribute->key().empty() && attribute->node() == -1);
}

class ObjectGraphBuilderTest : public test::Folder {};

TEST_F(ObjectGraphBuilderTest, MakesWhatIsReadBack) {
    ObjectGraphBuilder builder;
    const auto net = builder.add_object(builder.kRoot, "net");
    const auto optimizer = builder.add_node();
    builder.add_child(builder.kRoot, "optimizer", optimizer);
    const auto counter = builder.add_save_counter();
    const auto kernel = builder.add_variable(net, "a/b.c", "kernel");
    const auto slot = builder.add_slot(optimizer, kernel, "m", "kernel/m");
    const auto made = builder.build();

    auto writer = tfckpt::Writer::create(path("ckpt"));
    for (const auto node : {counter, kernel, slot}) {
        writer.add(made.at(node).attributes()[0].key(), {}, {node});
    }
    writer.add_object_graph(made);
    FAILS_AS(kAlreadyExists, writer.add_object_graph(made));
    writer.finish();

    const auto reader = Reader::open(path("ckpt"));
    const auto graph = reader.read_object_graph();
    const auto found = graph.find("kernel");
    ASSERT_TRUE(found);
    EXPECT_EQ(found->key(), "net/a.Sb..c/.ATTRIBUTES/VARIABLE_VALUE");
    EXPECT_EQ(reader.read<std::int64_t>(found->key()), std::vector<std::int64_t>{kernel});
    EXPECT_EQ(graph.at(counter).role(), Role::kSaveCounter);

    const auto pruned = graph.without_optimizer_state();
    EXPECT_EQ(pruned.size(), 5);
    EXPECT_FALSE(pruned.find("kernel/m"));
}

TEST_F(ObjectGraphBuilderTest, RefusesWhatMakesNoSense) {
    ObjectGraphBuilder builder;
    const auto one = builder.add_object(builder.kRoot, "one");
    builder.add_attribute(one, "STATE");
    FAILS_AS(kInvalidArgument, builder.add_attribute(one, "STATE"));
    FAILS_AS(kInvalidArgument, builder.add_child(builder.kRoot, "x", 99));
    FAILS_AS(kInvalidArgument, builder.add_object(-1, "x"));
    FAILS_AS(kInvalidArgument, builder.add_variable(builder.kRoot, "\xff", "x"));
    FAILS_AS(kInvalidArgument, builder.add_slot(one, 99, "m", "m"));
    EXPECT_EQ(builder.build().size(), 2);
    builder.add_child(builder.kRoot, "one", builder.add_node());
    FAILS_AS(kInvalidArgument, builder.build());
    const auto moved = std::move(builder);
    FAILS_AS(kInvalidArgument, builder.add_node());
    FAILS_AS(kInvalidArgument, builder.build());
}

}  // namespace
