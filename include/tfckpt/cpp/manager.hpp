/// @file
/// A directory of checkpoints of which the newest are kept. Part of tfckpt.hpp, whose rules hold here.

#ifndef TFCKPT_CPP_MANAGER_HPP
#define TFCKPT_CPP_MANAGER_HPP

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "../tfckpt.h"
#include "error.hpp"
#include "handle.hpp"
#include "options.hpp"
#include "path.hpp"
#include "setting.hpp"
#include "writer.hpp"

namespace tfckpt {

/// How a manager names, keeps and writes checkpoints.
struct ManagerOptions {
    /// Checkpoints are called NAME-STEP. It may begin with directories below the
    /// manager's; it must not be empty or lead elsewhere. Default: "ckpt".
    std::optional<std::string> checkpoint_name = std::nullopt;
    /// What the state file is called; it must not be empty or lead out of the
    /// directory. TensorFlow's manager knows it as "checkpoint" alone. Default:
    /// "checkpoint".
    std::optional<std::string> file_name = std::nullopt;
    /// How many checkpoints there are at most before the oldest is removed, 1 or more.
    /// One of the V1 format is let go of instead, as TensorFlow does: it is no longer
    /// listed, and its files stay. Default: no limit, and nothing is ever removed.
    Setting<std::int64_t> max_to_keep = {};
    /// A checkpoint whose turn it is to be removed stays for good if it was saved so
    /// many hours or more after the last that stayed; 0 for none to stay. Default: 0.
    Setting<double> keep_checkpoint_every_n_hours = {};
    /// How checkpoints are written. If it says to replace, a step that was saved
    /// already may be saved again, as TensorFlow always does. Whether it says to sync
    /// holds for the state file too. Not for the V1 format.
    WriterOptions writer_options = {};
};

namespace detail {

/// Options as the C API has them.
inline auto to_c(const ManagerOptions& options) {
    Handle<tfckpt_manager_options, tfckpt_manager_options_free> c(tfckpt_manager_options_new());
    Call call;
    if (options.checkpoint_name) {
        const char* name = c_path(*options.checkpoint_name);
        call.check(tfckpt_manager_options_set_checkpoint_name(c.get(), name, call.error()));
    }
    if (options.file_name) {
        const char* name = c_path(*options.file_name);
        call.check(tfckpt_manager_options_set_file_name(c.get(), name, call.error()));
    }
    if (options.max_to_keep) {
        const std::int64_t number = *options.max_to_keep;
        call.check(tfckpt_manager_options_set_max_to_keep(c.get(), number, call.error()));
    }
    if (options.keep_checkpoint_every_n_hours) {
        call.check(tfckpt_manager_options_set_keep_checkpoint_every_n_hours(
            c.get(), *options.keep_checkpoint_every_n_hours, call.error()));
    }
    const auto writer_options = to_c(options.writer_options);
    call.check(tfckpt_manager_options_set_writer_options(c.get(), writer_options.get(),
                                                         call.error()));
    return c;
}

}  // namespace detail

/// A directory of checkpoints: saves the next, keeps the state file, and removes the
/// oldest, by the rules of TensorFlow's CheckpointManager. The two may take turns in
/// one directory.
///
/// Several saves may be under way at once; each counts from when it is finished. Of
/// the managers of one directory, in this or other processes, one at a time should be
/// saving.
///
///     tfckpt::ManagerOptions options;
///     options.max_to_keep = 3;
///     const auto manager = tfckpt::Manager::open("model", options);
///     auto writer = manager.save();
///     writer.add("w", {2, 3}, values);
///     writer.finish();
class Manager {
public:
    /// Manages a directory, and takes over what its state file says. Nothing is
    /// created before the first save. Throws Status::kDataLoss where there is a state
    /// file but it does not parse: repair() makes a new one.
    [[nodiscard]] static Manager open(const Path& dir, const ManagerOptions& options = {}) {
        const auto c_options = detail::to_c(options);
        tfckpt_manager* manager = nullptr;
        detail::Call call;
        call.check(tfckpt_manager_open(dir.c_str(), c_options.get(), &manager, call.error()));
        return Manager(manager);
    }

    /// Takes what a call of the C API gave.
    explicit Manager(tfckpt_manager* owned) noexcept : manager_(owned) {}

    /// The prefix of the latest checkpoint, as of opening or of the last save that was
    /// finished; none where there was no state file. It need not be there: see
    /// tfckpt::latest.
    template <class T = std::string>
    [[nodiscard]] std::optional<T> latest() const {
        return detail::unless_null<T>(tfckpt_manager_latest(get()));
    }

    /// The prefixes of the checkpoints that it keeps until they are too many, from the
    /// oldest to the newest; copies. Those that stay for good are not among them. A
    /// save that another thread finishes meanwhile may make it miss some.
    template <class T = std::string>
    [[nodiscard]] std::vector<T> checkpoints() const {
        return detail::texts<T>(get(), tfckpt_manager_count(get()), tfckpt_manager_checkpoint);
    }

    /// Begins the next checkpoint; its step is one more than any in the directory. Its
    /// Writer::finish makes the checkpoint appear, makes it the latest in the state
    /// file, then removes those that are too old; it succeeds where these could not be
    /// removed, which Writer::removal_problems tells. Where it fails because of the
    /// state file, the checkpoint stays, and the message says so. Throws as
    /// Writer::create. The writer needs the manager no more.
    [[nodiscard]] Writer save() const {
        tfckpt_writer* writer = nullptr;
        detail::Call call;
        call.check(tfckpt_manager_save(get(), &writer, call.error()));
        return Writer(writer);
    }

    /// Begins the checkpoint of a step, from 0 on. Throws Status::kAlreadyExists where
    /// that step was saved before, unless the options say to replace it. Otherwise as
    /// save().
    [[nodiscard]] Writer save_step(std::int64_t step) const {
        tfckpt_writer* writer = nullptr;
        detail::Call call;
        call.check(tfckpt_manager_save_step(get(), step, &writer, call.error()));
        return Writer(writer);
    }

    /// For calls of the C API; borrowed.
    [[nodiscard]] const tfckpt_manager* get() const noexcept { return manager_.get(); }

private:
    detail::Handle<tfckpt_manager, tfckpt_manager_free> manager_;
};

}  // namespace tfckpt

#endif
