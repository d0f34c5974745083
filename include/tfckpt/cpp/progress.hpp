/// @file
/// How far calls are, and the word to call them off. Part of tfckpt.hpp, whose rules hold here.

#ifndef TFCKPT_CPP_PROGRESS_HPP
#define TFCKPT_CPP_PROGRESS_HPP

#include <cstdint>

#include "../tfckpt.h"
#include "handle.hpp"

namespace tfckpt {

/// How far calls are, and the word to call them off. Options have a pointer to it, which
/// must be good until the call begins; while that runs, the call itself calls a function of
/// yours, or other threads ask how far it is, or cancel it:
///
///     tfckpt::Progress progress;
///     tfckpt::ReadOptions options;
///     options.progress = &progress;
///     auto reading = std::async([&] { reader.read_many(requests, options); });
///     while (reading.wait_for(100ms) != std::future_status::ready) {
///         show(progress.done(), progress.total());
///     }
///
/// A progress may see several calls, one after the other or at once: each adds the bytes
/// that it is going to read to the total when it knows them, and to what is done what it
/// has read. Any number of threads may use one at once.
class Progress {
public:
    /// A progress of nothing yet.
    Progress() : progress_(tfckpt_progress_new()) {}

    /// Takes what a call of the C API gave.
    explicit Progress(tfckpt_progress* owned) noexcept : progress_(owned) {}

    /// Has a callback called while calls with this progress go on, from now on, in the place
    /// of the one before: `bool callback(std::uint64_t done, std::uint64_t total)`, which
    /// returns whether the call goes on; false is as cancel(). It is borrowed, and must be
    /// there until another is set or the progress dies.
    ///
    ///     auto show = [&](std::uint64_t done, std::uint64_t total) { return print(done, total); };
    ///     progress.set_callback(show);
    ///
    /// It is called only from threads that made such a call, from within that call, whatever
    /// other threads help with it; never twice at once, and at most every 10 ms: a call that
    /// is over sooner may never call it. It may cancel the progress and ask for anything of
    /// it, but not set another, and must not throw: that would end the program.
    template <class Callback>
    void set_callback(Callback& callback) const noexcept {
        const auto call = [](void* user, std::uint64_t done, std::uint64_t total) noexcept -> bool {
            return (*static_cast<Callback*>(user))(done, total);
        };
        const void* user = &callback;
        tfckpt_progress_set_callback(get(), call, const_cast<void*>(user));
    }

    /// Has none called any more, when this returns.
    void clear_callback() const noexcept { tfckpt_progress_set_callback(get(), nullptr, nullptr); }

    /// Calls off what goes on and all that comes: every call that this is given to throws
    /// Status::kCancelled, when it has read what it is at, 4 MiB at most, or of V1 a
    /// stored slice. A copy or a merge leaves nothing behind then. A call that is as good
    /// as over may yet succeed. There is no way back: take a new progress.
    void cancel() const noexcept { tfckpt_progress_cancel(get()); }

    /// Whether it was cancelled.
    [[nodiscard]] bool is_cancelled() const noexcept {
        return tfckpt_progress_is_cancelled(get());
    }

    /// How many bytes are done. A total that is asked for afterwards is no less. When a
    /// call has succeeded it has added as much to this as to the total, unless it was a
    /// check that has found damage.
    [[nodiscard]] std::uint64_t done() const noexcept { return tfckpt_progress_done(get()); }

    /// How many bytes there are to be done, as far as it is known: 0 until a call has
    /// found its tensors. Reads from an overlay add to it checkpoint by checkpoint.
    [[nodiscard]] std::uint64_t total() const noexcept { return tfckpt_progress_total(get()); }

    /// For calls of the C API; borrowed.
    [[nodiscard]] const tfckpt_progress* get() const noexcept { return progress_.get(); }

private:
    detail::Handle<tfckpt_progress, tfckpt_progress_free> progress_;
};

}  // namespace tfckpt

#endif
