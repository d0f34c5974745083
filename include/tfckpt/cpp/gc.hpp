/// @file
/// What writers that came to no good end have left. Part of tfckpt.hpp, whose rules hold here.

#ifndef TFCKPT_CPP_GC_HPP
#define TFCKPT_CPP_GC_HPP

#include <cstdint>
#include <string>
#include <vector>

#include "../tfckpt.h"
#include "error.hpp"
#include "handle.hpp"
#include "path.hpp"
#include "setting.hpp"

namespace tfckpt {

/// What gc() removes.
struct GcOptions {
    /// Whether to remove, too, what saves of TensorFlow have left: files called
    /// *.tempstate... and *.tmp..., and directories of parts that were never merged.
    /// It does not tell whether it is still at work on them, so their age decides.
    /// Default: false.
    Setting<bool> tensorflow = {};
    /// Whether to remove, too, data files that no index names: what a save, a replacement
    /// or a removal leaves that a crash cut off between data and index. They may as well
    /// be of another program's save, or of a download, whose index is still to come, so
    /// their age decides. Default: false.
    Setting<bool> orphans = {};
    /// How many seconds ago a file must have been written last, if nothing else tells
    /// whether its writer lives: that is so for TensorFlow's files, for orphans, and for ours
    /// where the file system has no locks. Not negative. Default: a day.
    Setting<std::int64_t> min_age = {};
    /// Whether to tell only what would be removed. Default: false.
    Setting<bool> dry_run = {};
};

namespace detail {

/// Options as the C API has them.
inline auto to_c(const GcOptions& options) {
    Handle<tfckpt_gc_options, tfckpt_gc_options_free> c(tfckpt_gc_options_new());
    if (options.tensorflow) tfckpt_gc_options_set_tensorflow(c.get(), *options.tensorflow);
    if (options.orphans) tfckpt_gc_options_set_orphans(c.get(), *options.orphans);
    if (options.min_age) {
        Call call;
        call.check(tfckpt_gc_options_set_min_age(c.get(), *options.min_age, call.error()));
    }
    if (options.dry_run) tfckpt_gc_options_set_dry_run(c.get(), *options.dry_run);
    return c;
}

}  // namespace detail

/// What gc() did.
class Collected {
public:
    /// Takes what a call of the C API gave.
    explicit Collected(tfckpt_collected* owned) noexcept : collected_(owned) {}

    /// The paths of the files and directories that were removed, or would be; copies,
    /// as those of the next two.
    template <class T = std::string>
    [[nodiscard]] std::vector<T> removed() const {
        return detail::texts<T>(get(), tfckpt_collected_removed_count(get()),
                                tfckpt_collected_removed);
    }

    /// The files that were left to writers that live.
    template <class T = std::string>
    [[nodiscard]] std::vector<T> in_use() const {
        return detail::texts<T>(get(), tfckpt_collected_in_use_count(get()),
                                tfckpt_collected_in_use);
    }

    /// The files that were too young to say that they are forgotten.
    template <class T = std::string>
    [[nodiscard]] std::vector<T> too_young() const {
        return detail::texts<T>(get(), tfckpt_collected_too_young_count(get()),
                                tfckpt_collected_too_young);
    }

    /// What could not be looked at or removed, and why; copies.
    template <class T = Error>
    [[nodiscard]] std::vector<T> problems() const {
        return detail::problems<T>(get(), tfckpt_collected_problem_count(get()),
                                   tfckpt_collected_problem);
    }

    /// For calls of the C API; borrowed.
    [[nodiscard]] const tfckpt_collected* get() const noexcept { return collected_.get(); }

private:
    detail::Handle<tfckpt_collected, tfckpt_collected_free> collected_;
};

/// Removes the temporary files in a directory that no writer will ever finish. A
/// writer holds a lock as long as it lives, and a crash releases it: files go as soon
/// as they are stale, and never under a writer's hands. Checkpoints, whole or not, are
/// not touched. Throws Status::kNotFound where there is no such directory; that a
/// single file could not be removed is no failure, and is listed.
inline Collected gc(const Path& dir, const GcOptions& options = {}) {
    const auto c_options = detail::to_c(options);
    tfckpt_collected* collected = nullptr;
    detail::Call call;
    call.check(tfckpt_directory_gc(dir.c_str(), c_options.get(), &collected, call.error()));
    return Collected(collected);
}

}  // namespace tfckpt

#endif
