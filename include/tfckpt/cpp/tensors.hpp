/// @file
/// What many tensors are, side by side in arrays. Part of tfckpt.hpp, whose rules hold here.

#ifndef TFCKPT_CPP_TENSORS_HPP
#define TFCKPT_CPP_TENSORS_HPP

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "../tfckpt.h"
#include "dtype.hpp"
#include "handle.hpp"
#include "span.hpp"

namespace tfckpt {

/// What many tensors are, and where their bytes are: the quickest way through millions
/// of them. Needs its Cursor and its Reader no more; all that it gives is borrowed.
class Tensors {
public:
    /// Takes what a call of the C API gave.
    explicit Tensors(tfckpt_tensors* owned) noexcept : tensors_(owned) {}

    /// How many there are.
    [[nodiscard]] std::size_t size() const noexcept {
        return static_cast<std::size_t>(tfckpt_tensors_count(get()));
    }
    /// Whether there are none.
    [[nodiscard]] bool empty() const noexcept { return size() == 0; }

    /// The name of the tensor at index, which must be below size().
    [[nodiscard]] std::string_view name(std::size_t index) const noexcept {
        const std::int64_t* const offset = tfckpt_tensors_name_offsets(get()) + index;
        return {tfckpt_tensors_names(get()) + offset[0],
                static_cast<std::size_t>(offset[1] - offset[0])};
    }

    /// The type of its elements.
    [[nodiscard]] DType dtype(std::size_t index) const noexcept {
        return static_cast<DType>(tfckpt_tensors_dtypes(get())[index]);
    }

    /// Its dimensions.
    [[nodiscard]] Span<const std::int64_t> dims(std::size_t index) const noexcept {
        const std::int64_t* const offset = tfckpt_tensors_dim_offsets(get()) + index;
        return {tfckpt_tensors_dims(get()) + offset[0],
                static_cast<std::size_t>(offset[1] - offset[0])};
    }

    /// The data shard of each; -1 for a tensor that is stored as slices, and in V1. So
    /// with the next two.
    [[nodiscard]] Span<const std::int32_t> shards() const noexcept {
        return {tfckpt_tensors_shards(get()), size()};
    }
    /// Where in its shard each begins.
    [[nodiscard]] Span<const std::int64_t> offsets() const noexcept {
        return {tfckpt_tensors_offsets(get()), size()};
    }
    /// How many bytes each has there.
    [[nodiscard]] Span<const std::int64_t> stored_sizes() const noexcept {
        return {tfckpt_tensors_stored_sizes(get()), size()};
    }
    /// The masked CRC-32C of these bytes; 0 where there are none.
    [[nodiscard]] Span<const std::uint32_t> crc32cs() const noexcept {
        return {tfckpt_tensors_crc32cs(get()), size()};
    }

    /// In how many slices each is stored; 0 for one that is stored whole.
    [[nodiscard]] Span<const std::int64_t> slice_counts() const noexcept {
        return {tfckpt_tensors_slice_counts(get()), size()};
    }
    /// Where in each dimension the slices begin: those of all tensors, one slice behind
    /// the other, each with as many numbers as its tensor has dimensions.
    [[nodiscard]] Span<const std::int64_t> slice_starts() const noexcept {
        return {tfckpt_tensors_slice_starts(get()), slice_numbers()};
    }
    /// How many elements of each dimension they have, Slice::kAll for all of them.
    [[nodiscard]] Span<const std::int64_t> slice_lengths() const noexcept {
        return {tfckpt_tensors_slice_lengths(get()), slice_numbers()};
    }

    /// For calls of the C API; borrowed.
    [[nodiscard]] const tfckpt_tensors* get() const noexcept { return tensors_.get(); }

private:
    /// How many numbers say where slices begin.
    [[nodiscard]] std::size_t slice_numbers() const noexcept {
        std::size_t numbers = 0;
        for (std::size_t i = 0; i < size(); i++) {
            numbers += static_cast<std::size_t>(slice_counts()[i]) * dims(i).size();
        }
        return numbers;
    }

    detail::Handle<tfckpt_tensors, tfckpt_tensors_free> tensors_;
};

}  // namespace tfckpt

#endif
