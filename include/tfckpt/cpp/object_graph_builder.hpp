/// @file
/// Object graphs being made. Part of tfckpt.hpp, whose rules hold here.

#ifndef TFCKPT_CPP_OBJECT_GRAPH_BUILDER_HPP
#define TFCKPT_CPP_OBJECT_GRAPH_BUILDER_HPP

#include <cstdint>
#include <string_view>

#include "../tfckpt.h"
#include "error.hpp"
#include "handle.hpp"
#include "object_graph.hpp"

namespace tfckpt {

/// An object graph being made, for a checkpoint that tf.train.Checkpoint restores.
/// Objects are added with the references between them, as the Python program has
/// them. They are numbered in the order in which they are added, from 0, the root,
/// which is there from the start. The graph is byte for byte TensorFlow's when they
/// come in its order: breadth first, slots last. Names are UTF-8.
///
///     tfckpt::ObjectGraphBuilder builder;
///     const auto net = builder.add_object(builder.kRoot, "net");
///     const auto kernel = builder.add_variable(net, "kernel", "net/kernel");
///     const tfckpt::ObjectGraph graph = builder.build();
///     writer.add(graph.at(kernel).attributes()[0].key(), {2, 3}, values);
///     writer.add_object_graph(graph);
///
/// What adds something throws Status::kInvalidArgument where an object that it is
/// given is not there.
class ObjectGraphBuilder {
public:
    /// The number of the root.
    static constexpr std::int64_t kRoot = ObjectGraph::kRoot;

    /// A graph of nothing but the root.
    ObjectGraphBuilder() noexcept : builder_(tfckpt_object_graph_builder_new()) {}

    /// Takes what a call of the C API gave.
    explicit ObjectGraphBuilder(tfckpt_object_graph_builder* owned) noexcept : builder_(owned) {}

    /// Adds an object that nothing refers to yet; its number.
    std::int64_t add_node() {
        std::int64_t node = 0;
        detail::Call call;
        call.check(tfckpt_object_graph_builder_add_node(get(), &node, call.error()));
        return node;
    }

    /// Adds a reference of parent to child under a local name, mostly that of a Python
    /// attribute, or a number in a list. An object may be referred to by any number of
    /// others, itself included.
    void add_child(std::int64_t parent, std::string_view name, std::int64_t child) {
        detail::Call call;
        call.check(tfckpt_object_graph_builder_add_child(get(), parent, name.data(), name.size(),
                                                         child, call.error()));
    }

    /// Adds an object, and a reference of parent to it; its number.
    std::int64_t add_object(std::int64_t parent, std::string_view name) {
        std::int64_t node = 0;
        detail::Call call;
        call.check(tfckpt_object_graph_builder_add_object(get(), parent, name.data(), name.size(),
                                                          &node, call.error()));
        return node;
    }

    /// Adds something of an object that is in the checkpoint: for a variable
    /// "VARIABLE_VALUE", with the name that it has in the program; for other objects
    /// that is empty. Throws Status::kInvalidArgument where the object has an attribute
    /// of that name.
    void add_attribute(std::int64_t node, std::string_view name, std::string_view full_name = {}) {
        detail::Call call;
        call.check(tfckpt_object_graph_builder_add_attribute(get(), node, name.data(), name.size(),
                                                             full_name.data(), full_name.size(),
                                                             call.error()));
    }

    /// Adds a variable, and a reference of parent to it; its number.
    std::int64_t add_variable(std::int64_t parent, std::string_view name,
                              std::string_view full_name) {
        std::int64_t node = 0;
        detail::Call call;
        call.check(tfckpt_object_graph_builder_add_variable(get(), parent, name.data(), name.size(),
                                                            full_name.data(), full_name.size(),
                                                            &node, call.error()));
        return node;
    }

    /// Adds the variable that an optimizer keeps for another one in its slot of that
    /// name; its number.
    std::int64_t add_slot(std::int64_t optimizer, std::int64_t variable, std::string_view name,
                          std::string_view full_name) {
        std::int64_t node = 0;
        detail::Call call;
        call.check(tfckpt_object_graph_builder_add_slot(get(), optimizer, variable, name.data(),
                                                        name.size(), full_name.data(),
                                                        full_name.size(), &node, call.error()));
        return node;
    }

    /// Adds the variable in which tf.train.Checkpoint counts how often it was saved, and
    /// which its restore() looks for: a scalar DType::kInt64. Its number.
    std::int64_t add_save_counter() {
        std::int64_t node = 0;
        detail::Call call;
        call.check(tfckpt_object_graph_builder_add_save_counter(get(), &node, call.error()));
        return node;
    }

    /// Makes the keys, and of all a graph; numbers stay as they are. Throws
    /// Status::kInvalidArgument where an object has two children of the same name, or
    /// something that is to be in the checkpoint is not reached from the root. More may
    /// be added after that, for another graph.
    [[nodiscard]] ObjectGraph build() const {
        tfckpt_object_graph* graph = nullptr;
        detail::Call call;
        call.check(tfckpt_object_graph_builder_build(builder_.get(), &graph, call.error()));
        return ObjectGraph(graph);
    }

    /// For calls of the C API; borrowed.
    [[nodiscard]] tfckpt_object_graph_builder* get() noexcept { return builder_.get(); }

private:
    detail::Handle<tfckpt_object_graph_builder, tfckpt_object_graph_builder_free> builder_;
};

}  // namespace tfckpt

#endif
