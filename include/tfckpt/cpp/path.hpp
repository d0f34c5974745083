/// @file
/// Paths of files and directories. Part of tfckpt.hpp, whose rules hold here.

#ifndef TFCKPT_CPP_PATH_HPP
#define TFCKPT_CPP_PATH_HPP

#include <cstddef>
#include <initializer_list>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "error.hpp"

namespace tfckpt {

namespace detail {

/// Whether it is a string of some kind, or turns into one as a std::filesystem::path.
template <class T>
inline constexpr bool is_path =
    std::is_convertible_v<const T&, std::string_view> || std::is_convertible_v<const T&, std::string>;

/// A copy of it.
template <class T>
std::string path_text(const T& path) {
    if constexpr (std::is_convertible_v<const T&, std::string_view>) {
        return std::string(static_cast<std::string_view>(path));
    } else {
        return path;
    }
}

}  // namespace detail

/// A path as functions take it: a copy of any string, or of a std::filesystem::path. Made by
/// the call it is given to.
class Path {
public:
    /// Throws Status::kInvalidArgument for a path with a NUL byte in it, which no file has.
    template <class T, std::enable_if_t<detail::is_path<T>, int> = 0>
    Path(const T& path) : text_(detail::path_text(path)) {
        detail::c_path(text_);
    }

    /// It, with a NUL behind it; borrowed.
    [[nodiscard]] const char* c_str() const noexcept { return text_.c_str(); }

private:
    std::string text_;
};

/// Several paths as functions take them: in braces, or copies of any range of strings or of
/// std::filesystem::path. Made by the call it is given to.
class Paths {
public:
    /// Paths in braces.
    Paths(std::initializer_list<Path> paths) {
        const Path* path = paths.begin();
        texts_.resize(paths.size());
        for (std::string& text : texts_) text = (path++)->c_str();
    }

    /// Those of a range.
    template <class R, class T = std::decay_t<decltype(*std::begin(std::declval<const R&>()))>,
              std::enable_if_t<detail::is_path<T> && !detail::is_path<R>, int> = 0>
    Paths(const R& paths) {
        for (const auto& path : paths) texts_.emplace_back(Path(path).c_str());
    }

    /// Each as Path::c_str.
    [[nodiscard]] std::vector<const char*> c_strs() const {
        std::vector<const char*> c_strs(texts_.size());
        for (std::size_t i = 0; i < texts_.size(); i++) c_strs[i] = texts_[i].c_str();
        return c_strs;
    }

private:
    std::vector<std::string> texts_;
};

}  // namespace tfckpt

#endif
