/// @file
/// What a state file says. Part of tfckpt.hpp, whose rules hold here.

#ifndef TFCKPT_CPP_STATE_HPP
#define TFCKPT_CPP_STATE_HPP

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
#include "setting.hpp"

namespace tfckpt {

/// Which state file of a directory is meant, and how its checkpoints are looked at.
struct StateOptions {
    /// What the state file is called; not empty. Default: "checkpoint".
    std::optional<std::string> file_name = std::nullopt;
    /// Whether latest_valid(), repair() and survey() read every byte of a checkpoint and
    /// check it before they call it whole. Without, they read its index and see that no
    /// data is missing: that takes as little time for large tensors as for small, and
    /// shows what was cut short, but not what was changed. Default: true.
    Setting<bool> verify = {};
    /// Of the checkpoints that the state file does not name, repair() then takes up
    /// only those that are called NAME-STEP; not empty. Default: all.
    std::optional<std::string> checkpoint_name = std::nullopt;
    /// Whether repair() returns only when the new state file is on stable storage.
    /// Default: true.
    Setting<bool> sync = {};
};

namespace detail {

/// Options as the C API has them.
inline auto to_c(const StateOptions& options) {
    Handle<tfckpt_state_options, tfckpt_state_options_free> c(tfckpt_state_options_new());
    Call call;
    if (options.file_name) {
        const char* name = c_path(*options.file_name);
        call.check(tfckpt_state_options_set_file_name(c.get(), name, call.error()));
    }
    if (options.verify) tfckpt_state_options_set_verify(c.get(), *options.verify);
    if (options.checkpoint_name) {
        const char* name = c_path(*options.checkpoint_name);
        call.check(tfckpt_state_options_set_checkpoint_name(c.get(), name, call.error()));
    }
    if (options.sync) tfckpt_state_options_set_sync(c.get(), *options.sync);
    return c;
}

}  // namespace detail

/// A checkpoint that a state file lists.
template <template <class> class Optional = std::optional>
struct BasicRecordedCheckpoint {
    /// Its prefix as it stands in the file, relative to its directory or absolute.
    std::string path;
    /// When it was saved, in seconds since the epoch; none where the file does not
    /// say.
    Optional<double> timestamp;
};

/// A checkpoint that a state file lists.
using RecordedCheckpoint = BasicRecordedCheckpoint<>;

namespace detail {

/// What can be asked of a state, whoever owns it.
template <class Self>
class StateFacts {
public:
    /// The path of the latest checkpoint as it stands in the file; borrowed.
    /// tfckpt::latest() leads from it to where the checkpoint is.
    [[nodiscard]] std::string_view latest() const noexcept {
        std::size_t size = 0;
        const char* data = tfckpt_state_latest(raw(), &size);
        return text(data, size);
    }

    /// The checkpoints that it lists, from the oldest to the newest; copies.
    template <class T = RecordedCheckpoint>
    [[nodiscard]] std::vector<T> checkpoints() const {
        std::vector<T> checkpoints;
        for (std::int64_t i = 0; i < tfckpt_state_count(raw()); i++) {
            std::size_t size = 0;
            const char* path = tfckpt_state_path(raw(), i, &size);
            checkpoints.push_back(T{std::string(text(path, size)),
                                    unless_negative<double>(tfckpt_state_timestamp(raw(), i))});
        }
        return checkpoints;
    }

    /// When the last checkpoint was saved that a manager keeps for good, in seconds
    /// since the epoch; none where the file does not say.
    template <class T = double>
    [[nodiscard]] std::optional<T> last_preserved_timestamp() const noexcept {
        return unless_negative<T>(tfckpt_state_last_preserved_timestamp(raw()));
    }

private:
    [[nodiscard]] const tfckpt_state* raw() const noexcept {
        return static_cast<const Self*>(this)->get();
    }
};

}  // namespace detail

/// What a state file says, borrowed from the Repaired that it came from.
class StateRef : public detail::StateFacts<StateRef> {
public:
    /// One of the C API.
    explicit StateRef(const tfckpt_state* state) noexcept : state_(state) {}

    /// For calls of the C API; borrowed.
    [[nodiscard]] const tfckpt_state* get() const noexcept { return state_; }

private:
    const tfckpt_state* state_;
};

/// What a state file says: the file called "checkpoint" in which a directory keeps
/// which of its checkpoints is the latest, and which there are. It does not change
/// with the file. Any bytes may be in its paths, and nothing need be there.
class State : public detail::StateFacts<State> {
public:
    /// Reads the state file of a directory. Throws Status::kNotFound where there is
    /// none; Status::kDataLoss, with its line, column and byte, for what does not
    /// parse, and for a file that does not say which checkpoint is the latest;
    /// Status::kResourceLimit for a file of more than 64 MiB.
    [[nodiscard]] static State read(const Path& dir, const StateOptions& options = {}) {
        const auto c_options = detail::to_c(options);
        tfckpt_state* state = nullptr;
        detail::Call call;
        call.check(tfckpt_state_read(dir.c_str(), c_options.get(), &state, call.error()));
        return State(state);
    }

    /// Takes what a call of the C API gave.
    explicit State(tfckpt_state* owned) noexcept : state_(owned) {}

    /// For calls of the C API; borrowed.
    [[nodiscard]] const tfckpt_state* get() const noexcept { return state_.get(); }

private:
    detail::Handle<tfckpt_state, tfckpt_state_free> state_;
};

}  // namespace tfckpt

#endif
