/// @file
/// Borrowed memory. Part of tfckpt.hpp, whose rules hold here.

#ifndef TFCKPT_CPP_SPAN_HPP
#define TFCKPT_CPP_SPAN_HPP

#include <cstddef>
#include <string_view>
#include <type_traits>
#include <utility>

#if __cplusplus >= 202002L && defined(__has_include)
#if __has_include(<span>)
#include <span>
#endif
#endif

namespace tfckpt {

namespace detail {

/// What is contiguous: has std::data and std::size. Of such, the element.
template <class R>
using element_t =
    std::remove_pointer_t<decltype(std::size(std::declval<R&>()), std::data(std::declval<R&>()))>;

/// Whether it is contiguous.
template <class R, class = void>
inline constexpr bool is_contiguous = false;
template <class R>
inline constexpr bool is_contiguous<R, std::void_t<element_t<R>>> = true;

/// Whether a contiguous range is one of T: only const may be added on the way.
template <class R, class T, class = void>
inline constexpr bool is_contiguous_of = false;
template <class R, class T>
inline constexpr bool is_contiguous_of<R, T, std::void_t<element_t<R>>> =
    std::is_convertible_v<element_t<R> (*)[], T (*)[]>;

/// Whether it is contiguous, and its elements can be written to.
template <class R, class = void>
inline constexpr bool is_writable = false;
template <class R>
inline constexpr bool is_writable<R, std::void_t<element_t<R>>> =
    !std::is_const_v<element_t<R>>;

}  // namespace detail

/// Borrowed memory: `size` elements from `data` on. It is std::span as far as that
/// is needed here, and the two turn into each other; but it is the same type in
/// C++17 and C++20, so that objects compiled as one and as the other may be linked.
template <class T>
class Span {
public:
    /// @cond
    using element_type = T;
    using value_type = std::remove_cv_t<T>;
    using size_type = std::size_t;
    using difference_type = std::ptrdiff_t;
    using pointer = T*;
    using reference = T&;
    using iterator = T*;
    /// @endcond

    /// No elements.
    constexpr Span() noexcept = default;
    /// `size` elements from `data` on.
    constexpr Span(T* data, std::size_t size) noexcept : data_(data), size_(size) {}

    /// The elements of a std::vector, a std::array, an array, a std::span, ...
    template <class R, std::enable_if_t<detail::is_contiguous_of<R, T>, int> = 0>
    constexpr Span(R&& range) noexcept : data_(std::data(range)), size_(std::size(range)) {}

    /// The first element.
    [[nodiscard]] constexpr T* data() const noexcept { return data_; }
    /// How many elements there are.
    [[nodiscard]] constexpr std::size_t size() const noexcept { return size_; }
    /// How many bytes they have.
    [[nodiscard]] constexpr std::size_t size_bytes() const noexcept { return size_ * sizeof(T); }
    /// Whether there are none.
    [[nodiscard]] constexpr bool empty() const noexcept { return size_ == 0; }
    /// The first element.
    [[nodiscard]] constexpr T* begin() const noexcept { return data_; }
    /// Behind the last element.
    [[nodiscard]] constexpr T* end() const noexcept { return data_ + size_; }
    /// The element at index, which must be below size().
    [[nodiscard]] constexpr T& operator[](std::size_t index) const noexcept {
        return data_[index];
    }

private:
    T* data_ = nullptr;
    std::size_t size_ = 0;
};

/// @cond
template <class T>
Span(T*, std::size_t) -> Span<T>;
template <class R>
Span(R&&) -> Span<detail::element_t<R>>;
/// @endcond

/// The bytes of a contiguous range.
template <class R, std::enable_if_t<detail::is_contiguous<const R>, int> = 0>
[[nodiscard]] Span<const std::byte> as_bytes(const R& range) noexcept {
    const Span elements(range);
    static_assert(std::is_trivially_copyable_v<typename decltype(elements)::value_type>,
                  "values are read and written as bytes");
    return {reinterpret_cast<const std::byte*>(elements.data()), elements.size_bytes()};
}

/// The bytes of a contiguous range, to be written to: Reader::read_into then takes
/// any dtype, as for every std::byte.
template <class R, std::enable_if_t<detail::is_writable<R>, int> = 0>
[[nodiscard]] Span<std::byte> as_writable_bytes(R&& range) noexcept {
    const Span elements(range);
    static_assert(std::is_trivially_copyable_v<typename decltype(elements)::value_type>,
                  "values are read and written as bytes");
    return {reinterpret_cast<std::byte*>(elements.data()), elements.size_bytes()};
}

}  // namespace tfckpt

#if defined(__cpp_lib_span) && defined(__cpp_lib_ranges)
// What it points to outlives it, as with std::span.
template <class T>
inline constexpr bool std::ranges::enable_borrowed_range<tfckpt::Span<T>> = true;
#endif

#endif
