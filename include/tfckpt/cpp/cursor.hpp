/// @file
/// Walks over the tensors of a checkpoint. Part of tfckpt.hpp, whose rules hold here.

#ifndef TFCKPT_CPP_CURSOR_HPP
#define TFCKPT_CPP_CURSOR_HPP

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "../tfckpt.h"
#include "error.hpp"
#include "handle.hpp"
#include "strings.hpp"
#include "tensor.hpp"
#include "tensors.hpp"

namespace tfckpt {

/// A walk over tensors in the order of their names, byte by byte. It can be walked
/// once, and needs its Reader no more.
///
///     for (const auto& tensor : reader.tensors()) std::cout << tensor.name() << '\n';
///
/// A step onto an entry or a part of the index that is damaged throws
/// Status::kDataLoss; next() then goes on behind that, and always comes to an end.
class Cursor {
public:
    class iterator;

    /// Takes what a call of the C API gave.
    explicit Cursor(tfckpt_cursor* owned) noexcept : cursor_(owned) {}

    /// Goes to the next tensor; none behind the last.
    template <class T = TensorRef>
    std::optional<T> next() {
        return detail::unless_null<T>(step());
    }

    /// Goes to the next tensor, and looks at no more than its name, which is borrowed until
    /// the next call of this; none behind the last. An entry that is damaged is not noticed.
    template <class T = std::string_view>
    std::optional<T> next_name() {
        const char* name = nullptr;
        std::size_t size = 0;
        detail::Call call;
        call.check(tfckpt_cursor_next_name(cursor_.get(), &name, &size, call.error()));
        if (name == nullptr) return std::nullopt;
        return T(name, size);
    }

    /// Goes over the next tensors at once, and looks at no more than their names, max of
    /// them at most, which are borrowed until the next call of this; none behind the last.
    /// This is the fastest way to list what there is; a max of 1,000 is a good one. Throws
    /// Status::kInvalidArgument for a max below 1. Names before damage come first, and the
    /// next call throws.
    [[nodiscard]] StringsRef next_names(std::int64_t max) {
        const tfckpt_strings* names = nullptr;
        detail::Call call;
        call.check(tfckpt_cursor_next_names(cursor_.get(), max, &names, call.error()));
        return StringsRef(names);
    }

    /// Goes over the next tensors at once, max of them at most; none behind the last.
    /// Throws Status::kInvalidArgument for a max below 1. Tensors before damage come
    /// first, and the next call throws.
    [[nodiscard]] Tensors next_many(std::int64_t max) {
        tfckpt_tensors* tensors = nullptr;
        detail::Call call;
        call.check(tfckpt_cursor_next_many(cursor_.get(), max, &tensors, call.error()));
        return Tensors(tensors);
    }

    /// Goes to the next tensor, the first in the beginning.
    [[nodiscard]] iterator begin();
    /// Behind the last tensor.
    [[nodiscard]] iterator end() noexcept;

private:
    const tfckpt_tensor* step() {
        const tfckpt_tensor* tensor = nullptr;
        detail::Call call;
        call.check(tfckpt_cursor_next(cursor_.get(), &tensor, call.error()));
        return tensor;
    }

    detail::Handle<tfckpt_cursor, tfckpt_cursor_free> cursor_;
};

/// An input iterator; good for as long as its Cursor stays where it is in memory.
/// Going on throws as Cursor::next does.
class Cursor::iterator {
public:
    /// @cond
    using iterator_category = std::input_iterator_tag;
    using value_type = TensorRef;
    using difference_type = std::ptrdiff_t;
    using pointer = const TensorRef*;
    using reference = const TensorRef&;
    /// @endcond

    /// The end of any walk.
    iterator() noexcept = default;
    /// At the next tensor of a walk.
    explicit iterator(Cursor& cursor) : cursor_(&cursor) { ++*this; }

    /// The tensor.
    reference operator*() const noexcept { return tensor_; }
    /// The tensor.
    pointer operator->() const noexcept { return &tensor_; }
    /// Goes on to the next.
    iterator& operator++() {
        tensor_ = TensorRef(cursor_->step());
        return *this;
    }
    /// Goes on to the next.
    void operator++(int) { ++*this; }

    /// Whether both are at the end, or neither is.
    friend bool operator==(const iterator& a, const iterator& b) noexcept {
        return (a.tensor_.get() == nullptr) == (b.tensor_.get() == nullptr);
    }
    /// Whether one of them is at the end.
    friend bool operator!=(const iterator& a, const iterator& b) noexcept { return !(a == b); }

private:
    Cursor* cursor_ = nullptr;
    TensorRef tensor_{nullptr};
};

inline Cursor::iterator Cursor::begin() { return iterator(*this); }
inline Cursor::iterator Cursor::end() noexcept { return {}; }

}  // namespace tfckpt

#endif
