/// @file
/// One object of a graph, and what of it is saved. Part of tfckpt.hpp, whose rules hold here.

#ifndef TFCKPT_CPP_OBJECT_HPP
#define TFCKPT_CPP_OBJECT_HPP

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "../tfckpt.h"
#include "handle.hpp"
#include "list.hpp"

namespace tfckpt {

/// What an object is in the checkpoint. Later versions of the library may add some.
enum class Role : std::int32_t {
    /// Nothing of its own is there: a model, a list.
    kObject = TFCKPT_ROLE_OBJECT,
    /// A variable that is none of the following.
    kVariable = TFCKPT_ROLE_VARIABLE,
    /// A variable that an optimizer keeps for another one, in a slot.
    kSlot = TFCKPT_ROLE_SLOT,
    /// Any other variable that is an optimizer's alone. Optimizers of Keras from 2.11
    /// on have no slots: what they keep is this.
    kOptimizerState = TFCKPT_ROLE_OPTIMIZER_STATE,
    /// The variable in which tf.train.Checkpoint counts how often it was saved.
    kSaveCounter = TFCKPT_ROLE_SAVE_COUNTER,
    /// No variable: an iterator, a table, Python state.
    kOther = TFCKPT_ROLE_OTHER,
};

/// A reference of an object to another.
struct Child {
    /// The local name; borrowed.
    std::string_view name;
    /// The number of the object that it leads to.
    std::int64_t node;
};

/// A variable that an optimizer keeps for another one.
struct SlotVariable {
    /// The name of the slot: "m", "momentum"; borrowed.
    std::string_view name;
    /// The number of the variable that it is kept for.
    std::int64_t variable;
    /// Its own number.
    std::int64_t node;
};

/// The function that saved an object, where that was not TensorFlow's own.
struct RegisteredSaver {
    /// The name under which it was registered; borrowed.
    std::string_view name;
    /// The name by which it knows the object; borrowed.
    std::string_view object_name;
};

namespace detail {

/// What can be asked of an attribute, whoever owns it.
template <class Self>
class AttributeFacts {
public:
    /// The number of the object that it is of.
    [[nodiscard]] std::int64_t node() const noexcept { return tfckpt_attribute_node(raw()); }

    /// Its name within the object; "VARIABLE_VALUE" for a variable. Borrowed, as the
    /// next two.
    [[nodiscard]] std::string_view name() const noexcept {
        std::size_t size = 0;
        const char* data = tfckpt_attribute_name(raw(), &size);
        return text(data, size);
    }

    /// What a name-based saver would call the variable; empty for what is none.
    /// Several may have the same.
    [[nodiscard]] std::string_view full_name() const noexcept {
        std::size_t size = 0;
        const char* data = tfckpt_attribute_full_name(raw(), &size);
        return text(data, size);
    }

    /// Its key. A variable's tensor has that name; those of iterators and tables have
    /// names that begin with it.
    [[nodiscard]] std::string_view key() const noexcept {
        std::size_t size = 0;
        const char* data = tfckpt_attribute_key(raw(), &size);
        return text(data, size);
    }

private:
    [[nodiscard]] const tfckpt_attribute* raw() const noexcept {
        return static_cast<const Self*>(this)->get();
    }
};

}  // namespace detail

/// Something of an object that is in the checkpoint, borrowed from the Object.
class AttributeRef : public detail::AttributeFacts<AttributeRef> {
public:
    /// One of the C API.
    explicit AttributeRef(const tfckpt_attribute* attribute) noexcept : attribute_(attribute) {}

    /// For calls of the C API; borrowed.
    [[nodiscard]] const tfckpt_attribute* get() const noexcept { return attribute_; }

private:
    const tfckpt_attribute* attribute_;
};

/// Something of an object that is in the checkpoint: a snapshot that needs its graph
/// no more.
class Attribute : public detail::AttributeFacts<Attribute> {
public:
    /// Takes what a call of the C API gave.
    explicit Attribute(tfckpt_attribute* owned) noexcept : attribute_(owned) {}

    /// For calls of the C API; borrowed.
    [[nodiscard]] const tfckpt_attribute* get() const noexcept { return attribute_.get(); }

private:
    detail::Handle<tfckpt_attribute, tfckpt_attribute_free> attribute_;
};

/// An object: a snapshot that needs its graph no more.
class Object {
public:
    /// Takes what a call of the C API gave.
    explicit Object(tfckpt_object* owned) noexcept : object_(owned) {}

    /// Its number.
    [[nodiscard]] std::int64_t node() const noexcept { return tfckpt_object_node(get()); }

    /// What it is in the checkpoint.
    [[nodiscard]] Role role() const noexcept { return static_cast<Role>(tfckpt_object_role(get())); }

    /// Whether it, or an object that is reached from it, has something in the
    /// checkpoint; none where the checkpoint is too old to say.
    template <class T = bool>
    [[nodiscard]] std::optional<T> has_values() const noexcept {
        return detail::unless_negative<T>(tfckpt_object_has_values(get()));
    }

    /// The paths by which it is known: first the shortest, which keys are made of; then
    /// for each other reference to it the shortest that ends with that. None where
    /// nothing leads to it. What an optimizer keeps in a slot has the path
    /// VARIABLE/.OPTIMIZER_SLOT/OPTIMIZER/SLOT.
    [[nodiscard]] List<std::string_view, tfckpt_object> paths() const noexcept {
        return {get(), tfckpt_object_path_count(get()), path_at};
    }

    /// The objects to which it refers, in the order in which they were tracked. Of
    /// several with the same name the last counts.
    [[nodiscard]] List<Child, tfckpt_object> children() const noexcept {
        return {get(), tfckpt_object_child_count(get()), child_at};
    }

    /// What of it is in the checkpoint: one thing for a variable.
    [[nodiscard]] List<AttributeRef, tfckpt_object> attributes() const noexcept {
        return {get(), tfckpt_object_attribute_count(get()), attribute_at};
    }

    /// The variables that it keeps in slots for others; of optimizers alone.
    [[nodiscard]] List<SlotVariable, tfckpt_object> slots() const noexcept {
        return {get(), tfckpt_object_slot_count(get()), slot_at};
    }

    /// The function that saved it; none where that was TensorFlow's own.
    template <class T = RegisteredSaver>
    [[nodiscard]] std::optional<T> saver() const noexcept {
        std::size_t size = 0, object_size = 0;
        const char* name = tfckpt_object_saver_name(get(), &size);
        const char* object_name = tfckpt_object_saver_object_name(get(), &object_size);
        if (name == nullptr) return std::nullopt;
        return T{detail::text(name, size), detail::text(object_name, object_size)};
    }

    /// For calls of the C API; borrowed.
    [[nodiscard]] const tfckpt_object* get() const noexcept { return object_.get(); }

private:
    static std::string_view path_at(const tfckpt_object* object, std::int64_t index) {
        std::size_t size = 0;
        const char* data = tfckpt_object_path(object, index, &size);
        return detail::text(data, size);
    }

    static Child child_at(const tfckpt_object* object, std::int64_t index) {
        std::size_t size = 0;
        const char* name = tfckpt_object_child_name(object, index, &size);
        return {detail::text(name, size), tfckpt_object_child_node(object, index)};
    }

    static AttributeRef attribute_at(const tfckpt_object* object, std::int64_t index) {
        return AttributeRef(tfckpt_object_attribute(object, index));
    }

    static SlotVariable slot_at(const tfckpt_object* object, std::int64_t index) {
        std::size_t size = 0;
        const char* name = tfckpt_object_slot_name(object, index, &size);
        return {detail::text(name, size), tfckpt_object_slot_variable(object, index),
                tfckpt_object_slot_node(object, index)};
    }

    detail::Handle<tfckpt_object, tfckpt_object_free> object_;
};

}  // namespace tfckpt

#endif
