/// @file
/// A state file anew, from what is really there. Part of tfckpt.hpp, whose rules hold here.

#ifndef TFCKPT_CPP_REPAIR_HPP
#define TFCKPT_CPP_REPAIR_HPP

#include <string>
#include <string_view>
#include <vector>

#include "../tfckpt.h"
#include "error.hpp"
#include "handle.hpp"
#include "latest.hpp"
#include "path.hpp"
#include "state.hpp"

namespace tfckpt {

/// What repair() made of a state file.
class Repaired {
public:
    /// Takes what a call of the C API gave.
    explicit Repaired(tfckpt_repaired* owned) noexcept : repaired_(owned) {}

    /// Whether the file had to be written.
    [[nodiscard]] bool changed() const noexcept { return tfckpt_repaired_changed(get()); }

    /// What the file says now; borrowed.
    [[nodiscard]] StateRef state() const noexcept { return StateRef(tfckpt_repaired_state(get())); }

    /// The prefix of the latest checkpoint; borrowed.
    [[nodiscard]] std::string_view latest() const noexcept {
        return detail::text(tfckpt_repaired_latest(get()));
    }

    /// The prefixes of the whole checkpoints that the file did not name; copies.
    template <class T = std::string>
    [[nodiscard]] std::vector<T> added() const {
        return detail::texts<T>(get(), tfckpt_repaired_added_count(get()), tfckpt_repaired_added);
    }

    /// What is not, or no longer, in the file: checkpoints that are missing or
    /// damaged, and the old file itself where it could not be read; copies.
    template <class T = Skipped>
    [[nodiscard]] std::vector<T> dropped() const {
        return detail::skipped<T>(get(), tfckpt_repaired_dropped_count(get()),
                                  tfckpt_repaired_dropped_path, tfckpt_repaired_dropped_problem);
    }

    /// For calls of the C API; borrowed.
    [[nodiscard]] const tfckpt_repaired* get() const noexcept { return repaired_.get(); }

private:
    detail::Handle<tfckpt_repaired, tfckpt_repaired_free> repaired_;
};

/// Rewrites the state file of a directory so that it names the checkpoints that are
/// there and whole, by paths relative to it, and no others. No checkpoint is touched.
/// Those that the file named before keep their order and times, and the newest of
/// them is the latest. Those that it did not name come before them, by step and time,
/// and so that no manager takes them for its own to remove. Throws Status::kNotFound
/// where no checkpoint is whole: the file is then left as it is.
inline Repaired repair(const Path& dir, const StateOptions& options = {}) {
    const auto c_options = detail::to_c(options);
    tfckpt_repaired* repaired = nullptr;
    detail::Call call;
    call.check(tfckpt_directory_repair(dir.c_str(), c_options.get(), &repaired, call.error()));
    return Repaired(repaired);
}

}  // namespace tfckpt

#endif
