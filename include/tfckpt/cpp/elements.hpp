/// @file
/// Elements of a tensor, mapped or read. Part of tfckpt.hpp, whose rules hold here.

#ifndef TFCKPT_CPP_ELEMENTS_HPP
#define TFCKPT_CPP_ELEMENTS_HPP

#include <cstddef>
#include <type_traits>
#include <utility>
#include <vector>

#include "span.hpp"
#include "view.hpp"

namespace tfckpt {

/// The elements of a tensor, which Reader::view_or_read gives: where they lie in the mapped
/// file, or where that can't be, a copy. A range of const T; needs its Reader no more.
template <class T>
class Elements {
public:
    static_assert(!std::is_same_v<T, bool>, "a file may have other than 0 and 1: read<bool>()");

    /// Those of a view, for which View::is<T>() holds.
    explicit Elements(View view) : view_(std::move(view)), elements_(view_.as<T>()) {}
    /// A copy.
    explicit Elements(std::vector<T> copy) noexcept
        : view_(nullptr), copy_(std::move(copy)), elements_(copy_) {}

    // A move leaves both in their place in memory, and the other empty.
    /// Takes them from another, which then has none.
    Elements(Elements&& other) noexcept
        : view_(std::move(other.view_)),
          copy_(std::move(other.copy_)),
          elements_(std::exchange(other.elements_, {})) {}
    /// Takes them from another, which then has none.
    Elements& operator=(Elements&& other) noexcept {
        view_ = std::move(other.view_);
        copy_ = std::move(other.copy_);
        elements_ = std::exchange(other.elements_, {});
        return *this;
    }

    /// Whether they lie in the mapped file. Should another process cut that short, touching
    /// the bytes that are gone raises SIGBUS.
    [[nodiscard]] bool is_mapped() const noexcept { return view_.get() != nullptr; }

    /// The first element.
    [[nodiscard]] const T* data() const noexcept { return elements_.data(); }
    /// How many elements there are.
    [[nodiscard]] std::size_t size() const noexcept { return elements_.size(); }
    /// Whether there are none.
    [[nodiscard]] bool empty() const noexcept { return elements_.empty(); }
    /// The first element.
    [[nodiscard]] const T* begin() const noexcept { return elements_.begin(); }
    /// Behind the last element.
    [[nodiscard]] const T* end() const noexcept { return elements_.end(); }
    /// The element at index, which must be below size().
    [[nodiscard]] const T& operator[](std::size_t index) const noexcept { return elements_[index]; }

private:
    View view_;
    std::vector<T> copy_;
    Span<const T> elements_;
};

}  // namespace tfckpt

#endif
