/// @file
/// Fields of options. Part of tfckpt.hpp, whose rules hold here.

#ifndef TFCKPT_CPP_SETTING_HPP
#define TFCKPT_CPP_SETTING_HPP

#include <optional>
#include <type_traits>

namespace tfckpt {

/// A field of options: a number, a bool or an enum, or empty for the default of the
/// library. It is set as a `T` is. (std::optional does the same, but for so many types
/// takes a tenth of the time that the header takes to compile.)
template <class T>
class Setting {
public:
    static_assert(std::is_arithmetic_v<T> || std::is_enum_v<T>, "it is copied as it is");

    /// Empty.
    constexpr Setting() noexcept = default;
    /// Empty.
    constexpr Setting(std::nullopt_t) noexcept {}
    /// Set.
    constexpr Setting(T value) noexcept : value_(value), is_set_(true) {}
    /// As something that may be there is.
    template <class U, std::enable_if_t<std::is_same_v<U, T>, int> = 0>
    constexpr Setting(const std::optional<U>& value) noexcept {
        if (value) *this = *value;
    }

    /// Whether it is set.
    [[nodiscard]] constexpr bool has_value() const noexcept { return is_set_; }
    /// Whether it is set.
    constexpr explicit operator bool() const noexcept { return is_set_; }
    /// What it is set to, if it is.
    constexpr T operator*() const noexcept { return value_; }

private:
    T value_{};
    bool is_set_ = false;
};

}  // namespace tfckpt

#endif
