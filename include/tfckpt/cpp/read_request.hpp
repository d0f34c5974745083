/// @file
/// What is to be read, when many tensors are read at once. Part of tfckpt.hpp, whose rules hold here.

#ifndef TFCKPT_CPP_READ_REQUEST_HPP
#define TFCKPT_CPP_READ_REQUEST_HPP

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "dtype.hpp"
#include "shape.hpp"
#include "span.hpp"

namespace tfckpt {

namespace detail {

/// Whether its elements are there even after the statement that it stands in: those of a
/// span are, those of a vector that was made there aren't.
template <class R>
inline constexpr bool is_lasting =
    std::is_lvalue_reference_v<R> || std::is_trivially_destructible_v<std::decay_t<R>>;

}  // namespace detail

/// One of the tensors that Reader::read_many reads.
class ReadRequest {
public:
    /// All of the tensor `name`, into dst: a contiguous range of elements, or of
    /// std::byte, in memory that must stay until the call.
    template <class R, std::enable_if_t<detail::is_writable<R> && detail::is_lasting<R>, int> = 0>
    ReadRequest(std::string_view name, R&& dst)
        : name_(name),
          dst_(as_writable_bytes(dst)),
          dtype_(detail::wanted_dtype<detail::element_t<R>>()) {}

    /// A slice of it.
    template <class R, std::enable_if_t<detail::is_writable<R> && detail::is_lasting<R>, int> = 0>
    ReadRequest(std::string_view name, Slice slice, R&& dst)
        : ReadRequest(name, std::forward<R>(dst)) {
        slice_ = std::move(slice);
        has_slice_ = true;
    }

    /// Says how many bytes lie between the first of neighbours along each dimension of what
    /// is read, in dst, outermost first: it is then a part of a larger array, whose other
    /// bytes stay as they are. Each is a multiple of the element size, and no less than what
    /// neighbours along it take. Without, dst is packed.
    ///
    ///     // Two halves of a matrix of 1000 columns of floats, side by side: by two calls, as
    ///     // what one writes to, from its first byte to its last, must not overlap.
    ///     reader.read_many({ReadRequest("left", matrix).set_strides({4000, 4})});
    ///     reader.read_many({ReadRequest("right", matrix_from_500).set_strides({4000, 4})});
    ReadRequest& set_strides(std::vector<std::int64_t> bytes) {
        strides_ = std::move(bytes);
        return *this;
    }

    /// The name of the tensor.
    [[nodiscard]] const std::string& name() const noexcept { return name_; }
    /// The slice of it; none for all of it.
    template <class T = Slice>
    [[nodiscard]] std::optional<T> slice() const {
        return has_slice_ ? std::optional<T>(slice_) : std::nullopt;
    }
    /// The memory that it is read into.
    [[nodiscard]] Span<std::byte> dst() const noexcept { return dst_; }
    /// The dtype that the tensor must have; none where any will do.
    template <class T = DType>
    [[nodiscard]] std::optional<T> dtype() const noexcept {
        if (dtype_ == detail::kNoDType) return std::nullopt;
        return dtype_;
    }

private:
    friend class Reader;

    std::string name_;
    Slice slice_;
    std::vector<std::int64_t> strides_;
    bool has_slice_ = false;
    Span<std::byte> dst_;
    DType dtype_;
};

}  // namespace tfckpt

#endif
