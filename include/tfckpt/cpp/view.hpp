/// @file
/// Values where they lie, in the mapped file. Part of tfckpt.hpp, whose rules hold here.

#ifndef TFCKPT_CPP_VIEW_HPP
#define TFCKPT_CPP_VIEW_HPP

#include <cstddef>
#include <string>
#include <type_traits>

#include "../tfckpt.h"
#include "dtype.hpp"
#include "error.hpp"
#include "handle.hpp"
#include "span.hpp"

namespace tfckpt {

/// The elements of a tensor in its mapped data file, without a copy. Needs its
/// Reader no more. Should another process cut the file short, touching the bytes
/// that are gone raises SIGBUS.
class View {
public:
    /// Takes what a call of the C API gave.
    explicit View(tfckpt_view* owned) noexcept : view_(owned) {}

    /// The type of its elements.
    [[nodiscard]] DType dtype() const noexcept {
        return static_cast<DType>(tfckpt_view_dtype(view_.get()));
    }

    /// The bytes as stored; borrowed.
    [[nodiscard]] Span<const std::byte> bytes() const noexcept {
        return {static_cast<const std::byte*>(tfckpt_view_data(view_.get())),
                tfckpt_view_size(view_.get())};
    }

    /// The largest power of two, 4096 at most, that the address of the first byte
    /// is a multiple of. Files that TensorFlow wrote promise nothing.
    [[nodiscard]] std::size_t alignment() const noexcept {
        return tfckpt_view_alignment(view_.get());
    }

    /// Whether as<T>() works.
    template <class T>
    [[nodiscard]] bool is() const noexcept {
        if constexpr (!std::is_same_v<T, std::byte>) {
            if (dtype() != dtype_of_v<T>) return false;
        }
        return bytes().empty() || alignment() >= alignof(T);
    }

    /// The elements; borrowed. Throws Status::kInvalidArgument where T is not the
    /// dtype's, Status::kUnsupported where the bytes are not aligned for T: read
    /// them then, which copies. Not for bool, since a file may have bytes other
    /// than 0 and 1.
    template <class T>
    [[nodiscard]] Span<const T> as() const {
        static_assert(!std::is_same_v<T, bool>, "take bytes(): a file may have other than 0 and 1");
        detail::expect_dtype(detail::wanted_dtype<T>(), dtype());
        if (!bytes().empty() && alignment() < alignof(T)) {
            throw Error(Status::kUnsupported,
                        "the view is aligned to " + std::to_string(alignment()) + " bytes, not " +
                            std::to_string(alignof(T)));
        }
        return {reinterpret_cast<const T*>(bytes().data()), bytes().size() / sizeof(T)};
    }

    /// For calls of the C API; borrowed.
    [[nodiscard]] const tfckpt_view* get() const noexcept { return view_.get(); }

private:
    detail::Handle<tfckpt_view, tfckpt_view_free> view_;
};

}  // namespace tfckpt

#endif
