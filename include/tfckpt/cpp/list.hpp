/// @file
/// Lists that an object has. Part of tfckpt.hpp, whose rules hold here.

#ifndef TFCKPT_CPP_LIST_HPP
#define TFCKPT_CPP_LIST_HPP

#include <cstddef>
#include <cstdint>

#include "iterator.hpp"
#include "span.hpp"

namespace tfckpt {

/// What an object has several of, in its order: a range whose items are made as they
/// are asked for. It is good for as long as the object it came from, and so is what
/// its items borrow. `Of` is the handle of the C API that they are asked from.
template <class T, class Of>
class List {
public:
    class iterator;
    /// An item.
    using value_type = T;
    /// Makes the item at an index.
    using At = T (*)(const Of* of, std::int64_t index);

    /// `size` items of a handle.
    List(const Of* of, std::int64_t size, At at) noexcept : of_(of), size_(size), at_(at) {}

    /// How many items there are.
    [[nodiscard]] std::size_t size() const noexcept { return static_cast<std::size_t>(size_); }
    /// Whether there are none.
    [[nodiscard]] bool empty() const noexcept { return size_ == 0; }

    /// The item at index, which must be below size().
    [[nodiscard]] T operator[](std::size_t index) const {
        return at_(of_, static_cast<std::int64_t>(index));
    }

    /// The first item.
    [[nodiscard]] iterator begin() const noexcept { return {of_, 0, at_}; }
    /// Behind the last item.
    [[nodiscard]] iterator end() const noexcept { return {of_, size_, at_}; }

private:
    const Of* of_;
    std::int64_t size_;
    At at_;
};

/// Makes each item as it is asked for. Good for as long as the list is, whose own
/// place in memory does not matter.
template <class T, class Of>
class List<T, Of>::iterator : public detail::RandomAccess<List<T, Of>::iterator, T> {
public:
    /// Of no list.
    iterator() noexcept = default;
    /// At an index of a list.
    iterator(const Of* of, std::int64_t index, At at) noexcept : of_(of), index_(index), at_(at) {}

    /// The item.
    T operator*() const { return at_(of_, index_); }
    /// Goes so many steps on.
    iterator& operator+=(std::ptrdiff_t steps) noexcept {
        index_ += steps;
        return *this;
    }
    /// How many steps it is to another of the same list.
    [[nodiscard]] std::ptrdiff_t distance_to(const iterator& other) const noexcept {
        return static_cast<std::ptrdiff_t>(other.index_ - index_);
    }

private:
    const Of* of_ = nullptr;
    std::int64_t index_ = 0;
    At at_ = nullptr;
};

}  // namespace tfckpt

#if defined(__cpp_lib_span) && defined(__cpp_lib_ranges)
// What it stands for outlives it.
template <class T, class Of>
inline constexpr bool std::ranges::enable_borrowed_range<tfckpt::List<T, Of>> = true;
#endif

#endif
