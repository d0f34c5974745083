/// @file
/// Shapes, and parts of them. Part of tfckpt.hpp, whose rules hold here.

#ifndef TFCKPT_CPP_SHAPE_HPP
#define TFCKPT_CPP_SHAPE_HPP

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "error.hpp"
#include "span.hpp"

namespace tfckpt {

/// The dimensions of a tensor, outermost first: `{2, 3}`; `{}` is a scalar.
class Shape {
public:
    /// A scalar.
    Shape() = default;

    /// Dimensions in braces.
    Shape(std::initializer_list<std::int64_t> dims) : dims_(dims) {}

    /// Copies dimensions from any contiguous range of std::int64_t.
    template <class R,
              std::enable_if_t<detail::is_contiguous_of<const R, const std::int64_t>, int> = 0>
    Shape(const R& dims) : dims_(std::data(dims), std::data(dims) + std::size(dims)) {}

    /// How many dimensions there are.
    [[nodiscard]] std::size_t size() const noexcept { return dims_.size(); }
    /// The outermost dimension.
    [[nodiscard]] const std::int64_t* data() const noexcept { return dims_.data(); }
    /// The outermost dimension.
    [[nodiscard]] const std::int64_t* begin() const noexcept { return data(); }
    /// Behind the innermost dimension.
    [[nodiscard]] const std::int64_t* end() const noexcept { return data() + size(); }
    /// The dimension at index, which must be below size().
    [[nodiscard]] std::int64_t operator[](std::size_t index) const noexcept { return dims_[index]; }

    /// Whether both have the same dimensions.
    friend bool operator==(const Shape& a, const Shape& b) noexcept { return a.dims_ == b.dims_; }
    /// Whether they have not.
    friend bool operator!=(const Shape& a, const Shape& b) noexcept { return !(a == b); }

private:
    std::vector<std::int64_t> dims_;
};

/// "[2,3]".
[[nodiscard]] inline std::string to_string(const Shape& shape) {
    std::string text = "[";
    for (const std::int64_t dim : shape) {
        if (text.size() > 1) text += ',';
        text += std::to_string(dim);
    }
    return text += ']';
}

/// A part of a tensor: of each dimension `lengths` elements from `starts` on.
///
///     const tfckpt::Slice rows_10_to_19{{10, 0}, {10, tfckpt::Slice::kAll}};
struct Slice {
    /// The length that means all of a dimension; its start is 0 then.
    static constexpr std::int64_t kAll = -1;

    /// Where in each dimension it begins.
    std::vector<std::int64_t> starts;
    /// How many elements of each dimension it has.
    std::vector<std::int64_t> lengths;

    /// All of a tensor that has `rank` dimensions.
    [[nodiscard]] static Slice whole(std::size_t rank) {
        return {std::vector<std::int64_t>(rank, 0), std::vector<std::int64_t>(rank, kAll)};
    }

    /// Whether both say the same.
    friend bool operator==(const Slice& a, const Slice& b) noexcept {
        return a.starts == b.starts && a.lengths == b.lengths;
    }
    /// Whether they don't.
    friend bool operator!=(const Slice& a, const Slice& b) noexcept { return !(a == b); }
};

namespace detail {

/// What is no number of elements.
inline constexpr auto kNoSize = static_cast<std::size_t>(-1);

/// How many elements a slice of a tensor has; kNoSize for what makes no sense: the call
/// that is given it says why.
inline std::size_t num_elements(Span<const std::int64_t> dims, const Slice& slice) {
    if (slice.starts.size() != dims.size() || slice.lengths.size() != dims.size()) return kNoSize;
    std::size_t count = 1;
    for (std::size_t i = 0; i < dims.size(); i++) {
        const std::int64_t start = slice.starts[i];
        const std::int64_t length = slice.lengths[i] == Slice::kAll ? dims[i] : slice.lengths[i];
        if (start < 0 || length < 0 || start > dims[i] || length > dims[i] - start) return kNoSize;
        const auto factor = static_cast<std::size_t>(length);
        if (factor != 0 && count > kNoSize / factor) return kNoSize;
        count *= factor;
    }
    return count;
}

/// The two arrays of a slice, as the C API has them: not NULL even where they are
/// empty, since a slice that is NULL is a whole tensor.
class SliceArrays {
public:
    /// Those of a slice, which has to outlive them.
    explicit SliceArrays(const Slice& slice)
        : starts_(pointer(slice.starts)),
          lengths_(pointer(slice.lengths)),
          rank_(slice.starts.size()) {
        if (slice.starts.size() != slice.lengths.size()) {
            refuse("a slice with " + std::to_string(slice.starts.size()) + " starts and " +
                   std::to_string(slice.lengths.size()) + " lengths");
        }
    }

    /// Those of a slice, or of all of a tensor where that is nullptr.
    static SliceArrays of(const Slice* slice) {
        return slice == nullptr ? SliceArrays() : SliceArrays(*slice);
    }

    /// Where in each dimension it begins.
    const std::int64_t* starts() const noexcept { return starts_; }
    /// How many elements of each dimension it has.
    const std::int64_t* lengths() const noexcept { return lengths_; }
    /// How many dimensions both have.
    std::size_t rank() const noexcept { return rank_; }

private:
    SliceArrays() = default;

    static const std::int64_t* pointer(const std::vector<std::int64_t>& array) noexcept {
        static constexpr std::int64_t nothing = 0;
        return array.empty() ? &nothing : array.data();
    }

    const std::int64_t* starts_ = nullptr;
    const std::int64_t* lengths_ = nullptr;
    std::size_t rank_ = 0;
};

}  // namespace detail

}  // namespace tfckpt

#endif
