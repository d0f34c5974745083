/// @file
/// The objects of a checkpoint, and which tensors are theirs. Part of tfckpt.hpp, whose rules hold here.

#ifndef TFCKPT_CPP_OBJECT_GRAPH_HPP
#define TFCKPT_CPP_OBJECT_GRAPH_HPP

#include <cstdint>
#include <optional>
#include <string_view>

#include "../tfckpt.h"
#include "error.hpp"
#include "handle.hpp"
#include "list.hpp"
#include "object.hpp"

namespace tfckpt {

/// The objects of a checkpoint that tf.train.Checkpoint or Keras wrote, and which
/// tensors are theirs. Reader::read_object_graph reads one, ObjectGraphBuilder makes
/// one, Writer::add_object_graph writes it. It never changes: any number of threads
/// may use one at once.
///
/// Each object is a node with a number, from 0, which is the root. A variable has
/// three names: its path from the root, the local names of objects with / between
/// them; its key, which is the name of its tensor, made of the shortest path when it
/// was saved; and its full name, which name-based savers take. In paths and keys a dot
/// within a local name is written .. and a slash .S. All are UTF-8.
class ObjectGraph {
public:
    /// The number of the root.
    static constexpr std::int64_t kRoot = 0;

    /// Takes what a call of the C API gave.
    explicit ObjectGraph(tfckpt_object_graph* owned) noexcept : graph_(owned) {}

    /// How many objects there are.
    [[nodiscard]] std::int64_t size() const noexcept { return tfckpt_object_graph_count(get()); }

    /// The object of a number. Throws Status::kInvalidArgument where there is none.
    [[nodiscard]] Object at(std::int64_t node) const { return object_at(get(), node); }

    /// All objects, by their numbers.
    [[nodiscard]] List<Object, tfckpt_object_graph> objects() const noexcept {
        return {get(), size(), object_at};
    }

    /// The number of the object that a path leads to, by any way; none where it leads
    /// to none. The root has the empty path.
    template <class T = std::int64_t>
    [[nodiscard]] std::optional<T> find_node(std::string_view path) const noexcept {
        return detail::unless_negative<T>(
            tfckpt_object_graph_find_node(get(), path.data(), path.size()));
    }

    /// What a name means: a key; else the path of an object that has one tensor, or
    /// such a path with /.ATTRIBUTES/ and the name of the attribute behind it, or a
    /// full name. None where it means nothing. Throws Status::kInvalidArgument where it
    /// means several tensors, with their keys in Error::names(), and for what is not
    /// UTF-8. To find a tensor of a reader by any of its names see Reader::resolve.
    template <class T = Attribute>
    [[nodiscard]] std::optional<T> find(std::string_view name) const {
        return find<T>(tfckpt_object_graph_find, name);
    }

    /// What a tensor is of: most tensors have the key as their name, those of iterators
    /// and tables begin with it. None where it is of none.
    template <class T = Attribute>
    [[nodiscard]] std::optional<T> find_owner(std::string_view tensor) const {
        return find<T>(tfckpt_object_graph_find_owner, tensor);
    }

    /// Whether a tensor is an optimizer's alone: what it keeps for the variables, its
    /// counters, its learning rate. The variables that it optimizes are not.
    [[nodiscard]] bool is_optimizer_state(std::string_view tensor) const noexcept {
        return tfckpt_object_graph_is_optimizer_state(get(), tensor.data(), tensor.size());
    }

    /// The graph for a copy of the checkpoint without the tensors that
    /// is_optimizer_state() tells. Its objects have other numbers.
    [[nodiscard]] ObjectGraph without_optimizer_state() const {
        tfckpt_object_graph* graph = nullptr;
        detail::Call call;
        call.check(tfckpt_object_graph_without_optimizer_state(get(), &graph, call.error()));
        return ObjectGraph(graph);
    }

    /// For calls of the C API; borrowed.
    [[nodiscard]] const tfckpt_object_graph* get() const noexcept { return graph_.get(); }

private:
    static Object object_at(const tfckpt_object_graph* graph, std::int64_t node) {
        tfckpt_object* object = nullptr;
        detail::Call call;
        call.check(tfckpt_object_graph_object_at(graph, node, &object, call.error()));
        return Object(object);
    }

    template <class T, class Find>
    std::optional<T> find(const Find& find, std::string_view name) const {
        tfckpt_attribute* attribute = nullptr;
        detail::Call call;
        call.check(find(get(), name.data(), name.size(), &attribute, call.error()),
                   TFCKPT_NOT_FOUND);
        return detail::unless_null<T>(attribute);
    }

    detail::Handle<tfckpt_object_graph, tfckpt_object_graph_free> graph_;
};

}  // namespace tfckpt

#endif
