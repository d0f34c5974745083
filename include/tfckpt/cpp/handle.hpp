/// @file
/// Handles that free themselves. Part of tfckpt.hpp, whose rules hold here.

#ifndef TFCKPT_CPP_HANDLE_HPP
#define TFCKPT_CPP_HANDLE_HPP

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "../tfckpt.h"

namespace tfckpt::detail {

/// Frees a handle with the function of its type; no state, so that an owning
/// pointer is as large as a plain one.
template <auto Free>
struct Deleter {
    /// Frees it.
    template <class T>
    void operator()(T* handle) const noexcept {
        Free(handle);
    }
};

/// A handle of the C API that is owned.
template <class T, auto Free>
using Handle = std::unique_ptr<T, Deleter<Free>>;

/// A string of the C API, where NULL is an empty one.
inline std::string_view text(const char* data, std::size_t size) noexcept {
    return data == nullptr ? std::string_view() : std::string_view(data, size);
}

/// The same for a string that ends with a NUL.
inline std::string_view text(const char* data) noexcept {
    return data == nullptr ? std::string_view() : std::string_view(data);
}

/// Copies of the strings that a handle lists.
template <class Of, class At>
std::vector<std::string> texts(const Of* of, std::int64_t count, const At& at) {
    std::vector<std::string> texts;
    for (std::int64_t i = 0; i < count; i++) {
        // A manager's list may have become shorter meanwhile.
        if (const char* text = at(of, i)) texts.emplace_back(text);
    }
    return texts;
}

/// A number of the C API, where one below 0 stands for none.
template <class T>
std::optional<T> unless_negative(T value) noexcept {
    return value < 0 ? std::nullopt : std::optional(value);
}

}  // namespace tfckpt::detail

#endif
