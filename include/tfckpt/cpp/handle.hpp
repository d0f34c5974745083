/// @file
/// Handles that free themselves. Part of tfckpt.hpp, whose rules hold here.

#ifndef TFCKPT_CPP_HANDLE_HPP
#define TFCKPT_CPP_HANDLE_HPP

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "../tfckpt.h"

namespace tfckpt::detail {

/// A handle of the C API that is owned, and freed by the function of its type. No
/// larger than a pointer. (std::unique_ptr does the same, but for so many types takes a
/// third of the time that the header takes to compile.)
template <class T, auto Free>
class Handle {
public:
    /// Takes what a call of the C API gave, which may be nullptr.
    explicit Handle(T* owned) noexcept : handle_(owned) {}

    /// Takes it from another, which then has none.
    Handle(Handle&& other) noexcept : handle_(other.release()) {}

    /// Frees what it has and takes that of another.
    Handle& operator=(Handle&& other) noexcept {
        T* const taken = other.release();
        Free(handle_);
        handle_ = taken;
        return *this;
    }

    ~Handle() { Free(handle_); }

    /// The handle, or nullptr; borrowed.
    [[nodiscard]] T* get() const noexcept { return handle_; }

private:
    T* release() noexcept {
        T* const released = handle_;
        handle_ = nullptr;
        return released;
    }

    T* handle_;
};

/// A string of the C API, where NULL is an empty one.
inline std::string_view text(const char* data, std::size_t size) noexcept {
    return data == nullptr ? std::string_view() : std::string_view(data, size);
}

/// The same for a string that ends with a NUL.
inline std::string_view text(const char* data) noexcept {
    return data == nullptr ? std::string_view() : std::string_view(data);
}

/// Copies of the strings that a handle lists.
template <class T, class Of, class At>
std::vector<T> texts(const Of* of, std::int64_t count, const At& at) {
    std::vector<T> texts;
    for (std::int64_t i = 0; i < count; i++) {
        // A manager's list may have become shorter meanwhile.
        if (const char* text = at(of, i)) texts.emplace_back(text);
    }
    return texts;
}

/// A number of the C API, where one below 0 stands for none.
template <class T, class Number>
std::optional<T> unless_negative(Number number) noexcept {
    std::optional<T> value;
    if (!(number < 0)) value.emplace(static_cast<T>(number));
    return value;
}

/// A T of what the C API gave, which may be nullptr.
template <class T, class Given>
std::optional<T> unless_null(Given* given) {
    std::optional<T> value;
    if (given != nullptr) value.emplace(given);
    return value;
}

}  // namespace tfckpt::detail

#endif
