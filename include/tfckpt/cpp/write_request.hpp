/// @file
/// What is to be written, when many tensors are written at once. Part of tfckpt.hpp, whose rules hold here.

#ifndef TFCKPT_CPP_WRITE_REQUEST_HPP
#define TFCKPT_CPP_WRITE_REQUEST_HPP

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "dtype.hpp"
#include "read_request.hpp"
#include "shape.hpp"
#include "span.hpp"

namespace tfckpt {

/// One of the tensors that Writer::add_many writes.
class WriteRequest {
public:
    /// All of a tensor: a contiguous range of as many elements as the shape has, in memory
    /// that must stay until the call.
    template <class R, std::enable_if_t<detail::is_contiguous<const R> && detail::is_lasting<R>,
                                        int> = 0>
    WriteRequest(std::string_view name, Shape shape, R&& data)
        : WriteRequest(name, dtype_of_v<detail::element_t<const R>>, std::move(shape),
                       std::forward<R>(data)) {}

    /// The same with a dtype that is named.
    template <class R, std::enable_if_t<detail::is_contiguous<const R> && detail::is_lasting<R>,
                                        int> = 0>
    WriteRequest(std::string_view name, DType dtype, Shape shape, R&& data)
        : name_(name), dtype_(dtype), shape_(std::move(shape)), data_(as_bytes(data)) {}

    /// A slice of a tensor that is stored in several: the shape is that of the whole tensor,
    /// the data those of the slice.
    template <class R, std::enable_if_t<detail::is_contiguous<const R> && detail::is_lasting<R>,
                                        int> = 0>
    WriteRequest(std::string_view name, Shape shape, Slice slice, R&& data)
        : WriteRequest(name, dtype_of_v<detail::element_t<const R>>, std::move(shape),
                       std::move(slice), std::forward<R>(data)) {}

    /// The same with a dtype that is named.
    template <class R, std::enable_if_t<detail::is_contiguous<const R> && detail::is_lasting<R>,
                                        int> = 0>
    WriteRequest(std::string_view name, DType dtype, Shape shape, Slice slice, R&& data)
        : WriteRequest(name, dtype, std::move(shape), std::forward<R>(data)) {
        slice_ = std::move(slice);
        has_slice_ = true;
    }

    /// The name of the tensor.
    [[nodiscard]] const std::string& name() const noexcept { return name_; }
    /// The type of its elements.
    [[nodiscard]] DType dtype() const noexcept { return dtype_; }
    /// The dimensions of the whole tensor.
    [[nodiscard]] const Shape& shape() const noexcept { return shape_; }
    /// The slice of it; none for all of it.
    template <class T = Slice>
    [[nodiscard]] std::optional<T> slice() const {
        return has_slice_ ? std::optional<T>(slice_) : std::nullopt;
    }
    /// The memory that it is written from.
    [[nodiscard]] Span<const std::byte> data() const noexcept { return data_; }

private:
    friend class Writer;

    std::string name_;
    DType dtype_;
    Shape shape_;
    Slice slice_;
    bool has_slice_ = false;
    Span<const std::byte> data_;
};

}  // namespace tfckpt

#endif
