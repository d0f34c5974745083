/// @file
/// Handles that free themselves. Part of tfckpt.hpp, whose rules hold here.

#ifndef TFCKPT_CPP_HANDLE_HPP
#define TFCKPT_CPP_HANDLE_HPP

#include <cstddef>
#include <memory>
#include <string_view>

#include "../tfckpt.h"

namespace tfckpt::detail {

/// Frees a handle with the function of its type; no state, so that an owning
/// pointer is as large as a plain one.
template <auto Free>
struct Deleter {
    template <class T>
    void operator()(T* handle) const noexcept {
        Free(handle);
    }
};

template <class T, auto Free>
using Handle = std::unique_ptr<T, Deleter<Free>>;

/// A string of the C API, where NULL is an empty one.
inline std::string_view text(const char* data, std::size_t size) noexcept {
    return data == nullptr ? std::string_view() : std::string_view(data, size);
}

inline std::string_view text(const char* data) noexcept {
    return data == nullptr ? std::string_view() : std::string_view(data);
}

}  // namespace tfckpt::detail

#endif
