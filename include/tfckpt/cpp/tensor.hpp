/// @file
/// What a tensor is, and where its bytes are. Part of tfckpt.hpp, whose rules hold here.

#ifndef TFCKPT_CPP_TENSOR_HPP
#define TFCKPT_CPP_TENSOR_HPP

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "../tfckpt.h"
#include "dtype.hpp"
#include "handle.hpp"
#include "shape.hpp"
#include "span.hpp"

namespace tfckpt {

namespace detail {

/// What can be asked of a tensor, whoever owns it.
template <class Self>
class TensorFacts {
public:
    /// Its name; borrowed.
    [[nodiscard]] std::string_view name() const noexcept {
        std::size_t size = 0;
        const char* data = tfckpt_tensor_name(raw(), &size);
        return text(data, size);
    }

    /// The type of its elements.
    [[nodiscard]] DType dtype() const noexcept {
        return static_cast<DType>(tfckpt_tensor_dtype(raw()));
    }

    /// Its dimensions; a copy.
    [[nodiscard]] Shape shape() const { return dims(); }

    /// Its dimensions; borrowed.
    [[nodiscard]] Span<const std::int64_t> dims() const noexcept {
        return {tfckpt_tensor_dims(raw()), tfckpt_tensor_rank(raw())};
    }

    /// How many elements it has; 1 for a scalar.
    [[nodiscard]] std::int64_t num_elements() const noexcept {
        return tfckpt_tensor_num_elements(raw());
    }

    /// How many bytes its elements take in memory; none where they have no fixed
    /// size.
    template <class T = std::int64_t>
    [[nodiscard]] std::optional<T> byte_size() const noexcept {
        return unless_negative<T>(tfckpt_tensor_byte_size(raw()));
    }

    /// The data shard that has its bytes, counted from 0; none for a tensor that is
    /// stored as slices, and in V1. So with the next three.
    template <class T = std::int32_t>
    [[nodiscard]] std::optional<T> shard() const noexcept {
        return unless_negative<T>(tfckpt_tensor_shard(raw()));
    }

    /// Where in that shard its bytes begin.
    template <class T = std::int64_t>
    [[nodiscard]] std::optional<T> offset() const noexcept {
        return unless_negative<T>(tfckpt_tensor_offset(raw()));
    }

    /// How many bytes it has there.
    template <class T = std::int64_t>
    [[nodiscard]] std::optional<T> stored_size() const noexcept {
        return unless_negative<T>(tfckpt_tensor_stored_size(raw()));
    }

    /// The masked CRC-32C of its bytes there.
    template <class T = std::uint32_t>
    [[nodiscard]] std::optional<T> crc32c() const noexcept {
        if (tfckpt_tensor_shard(raw()) < 0) return std::nullopt;
        return std::optional<T>(tfckpt_tensor_crc32c(raw()));
    }

    /// In how many slices it is stored; 0 for a tensor that is stored whole.
    [[nodiscard]] std::int64_t slice_count() const noexcept {
        return tfckpt_tensor_slice_count(raw());
    }

    /// The slices in which it is stored; empty for a tensor that is stored whole.
    template <class T = Slice>
    [[nodiscard]] std::vector<T> slices() const {
        std::vector<T> slices;
        const std::size_t rank = tfckpt_tensor_rank(raw());
        for (std::int64_t i = 0; i < slice_count(); i++) {
            const std::int64_t* starts = tfckpt_tensor_slice_starts(raw(), i);
            const std::int64_t* lengths = tfckpt_tensor_slice_lengths(raw(), i);
            slices.push_back(T{{starts, starts + rank}, {lengths, lengths + rank}});
        }
        return slices;
    }

private:
    [[nodiscard]] const tfckpt_tensor* raw() const noexcept {
        return static_cast<const Self*>(this)->get();
    }
};

}  // namespace detail

/// What a tensor is and where its bytes are, borrowed from the Cursor that stands
/// on it: good until that takes its next step.
class TensorRef : public detail::TensorFacts<TensorRef> {
public:
    /// One of the C API.
    explicit TensorRef(const tfckpt_tensor* tensor) noexcept : tensor_(tensor) {}

    /// For calls of the C API; borrowed.
    [[nodiscard]] const tfckpt_tensor* get() const noexcept { return tensor_; }

private:
    const tfckpt_tensor* tensor_;
};

/// What a tensor is and where its bytes are: a snapshot that needs its Reader no
/// more.
class Tensor : public detail::TensorFacts<Tensor> {
public:
    /// Takes what a call of the C API gave.
    explicit Tensor(tfckpt_tensor* owned) noexcept : tensor_(owned) {}

    /// For calls of the C API; borrowed.
    [[nodiscard]] const tfckpt_tensor* get() const noexcept { return tensor_.get(); }

private:
    detail::Handle<tfckpt_tensor, tfckpt_tensor_free> tensor_;
};

}  // namespace tfckpt

#endif
