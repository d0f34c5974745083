/// @file
/// The latest checkpoint of a directory. Part of tfckpt.hpp, whose rules hold here.

#ifndef TFCKPT_CPP_LATEST_HPP
#define TFCKPT_CPP_LATEST_HPP

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "../tfckpt.h"
#include "error.hpp"
#include "handle.hpp"
#include "path.hpp"
#include "state.hpp"

namespace tfckpt {

/// Something that was passed over.
struct Skipped {
    /// The prefix of a checkpoint, or the path of the state file.
    std::string path;
    /// Why.
    Error problem;
};

namespace detail {

/// Copies of what a handle tells was passed over.
template <class T, class Of, class PathAt, class ProblemAt>
std::vector<T> skipped(const Of* of, std::int64_t count, const PathAt& path_at,
                       const ProblemAt& problem_at) {
    std::vector<T> skipped;
    for (std::int64_t i = 0; i < count; i++) {
        std::size_t size = 0;
        const char* path = path_at(of, i, &size);
        skipped.push_back(T{std::string(text(path, size)), Error(*problem_at(of, i))});
    }
    return skipped;
}

}  // namespace detail

/// The latest checkpoint of a directory, and what was passed over on the way to it.
class Latest {
public:
    /// Takes what a call of the C API gave.
    explicit Latest(tfckpt_latest* owned) noexcept : latest_(owned) {}

    /// Its prefix, which Reader::open takes; borrowed. Of a V1 checkpoint in several
    /// files it is their pattern, with ?????.
    [[nodiscard]] std::string_view prefix() const noexcept {
        return detail::text(tfckpt_latest_prefix(latest_.get()));
    }

    /// What was passed over, in that order; copies. None where the checkpoint is what
    /// the state file says.
    template <class T = Skipped>
    [[nodiscard]] std::vector<T> skipped() const {
        return detail::skipped<T>(get(), tfckpt_latest_skipped_count(get()),
                                  tfckpt_latest_skipped_path, tfckpt_latest_skipped_problem);
    }

    /// For calls of the C API; borrowed.
    [[nodiscard]] const tfckpt_latest* get() const noexcept { return latest_.get(); }

private:
    detail::Handle<tfckpt_latest, tfckpt_latest_free> latest_;
};

namespace detail {

/// Whether there is a state file, sound or not.
inline bool has_state(const char* dir, const tfckpt_state_options* options) noexcept {
    tfckpt_state* state = nullptr;
    const tfckpt_status status = tfckpt_state_read(dir, options, &state, nullptr);
    tfckpt_state_free(state);
    return status != TFCKPT_NOT_FOUND;
}

/// The latest checkpoint of a directory, as a function of the C API finds it. That it
/// finds none is no failure where there is no state file either.
template <class T, class Find>
std::optional<T> find_latest(const Find& find, const Path& dir,
                                  const StateOptions& options) {
    const auto c_options = to_c(options);
    tfckpt_latest* latest = nullptr;
    Call call;
    const tfckpt_status status = find(dir.c_str(), c_options.get(), &latest, call.error());
    const bool is_new = status == TFCKPT_NOT_FOUND && !has_state(dir.c_str(), c_options.get());
    if (!is_new) call.check(status);
    return unless_null<T>(latest);
}

}  // namespace detail

/// The latest checkpoint by the state file of a directory; none where there is no
/// state file, which is how a directory begins. Where the file names a path at which
/// there is nothing any more, but the checkpoint lies beside the file, the directory
/// has moved, and that is it. Throws Status::kNotFound where the file names a
/// checkpoint that is not there: no reason to start anew. Otherwise as State::read.
template <class T = Latest>
[[nodiscard]] std::optional<T> latest(const Path& dir,
                                                  const StateOptions& options = {}) {
    return detail::find_latest<T>(tfckpt_directory_latest, dir, options);
}

/// The newest checkpoint of a directory that is whole: the latest by the state file;
/// if that is not whole, the others in the file from the newest to the oldest; then
/// those that the directory holds besides, by step and time. It lists what was passed
/// over, a state file that is missing or damaged included. None where there is
/// neither a state file nor a checkpoint. Throws Status::kNotFound where the file names
/// checkpoints, but there are none; Status::kDataLoss where there are some but none is
/// whole, or where the state file is damaged.
template <class T = Latest>
[[nodiscard]] std::optional<T> latest_valid(const Path& dir,
                                                        const StateOptions& options = {}) {
    return detail::find_latest<T>(tfckpt_directory_latest_valid, dir, options);
}

}  // namespace tfckpt

#endif
