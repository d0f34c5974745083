/// @file
/// All that is wrong with a checkpoint. Part of tfckpt.hpp, whose rules hold here.

#ifndef TFCKPT_CPP_VERIFY_HPP
#define TFCKPT_CPP_VERIFY_HPP

#include <cstdint>
#include <string>
#include <vector>

#include "../tfckpt.h"
#include "error.hpp"
#include "handle.hpp"
#include "options.hpp"
#include "path.hpp"
#include "reader.hpp"

namespace tfckpt {

/// All that verify() found to be wrong.
class Report {
public:
    /// Takes what a call of the C API gave.
    explicit Report(tfckpt_report* owned) noexcept : report_(owned) {}

    /// Whether nothing is wrong.
    [[nodiscard]] bool ok() const noexcept { return tfckpt_report_is_ok(report_.get()); }

    /// What is wrong, each with its place; copies.
    template <class T = Error>
    [[nodiscard]] std::vector<T> problems() const {
        return detail::problems<T>(get(), tfckpt_report_problem_count(get()),
                                   tfckpt_report_problem);
    }

    /// How many tensors were looked at.
    [[nodiscard]] std::int64_t tensor_count() const noexcept {
        return tfckpt_report_tensor_count(report_.get());
    }

    /// How many bytes of tensors were read and found right: as stored, or in V1 as in
    /// memory.
    [[nodiscard]] std::int64_t byte_count() const noexcept {
        return tfckpt_report_byte_count(report_.get());
    }

    /// For calls of the C API; borrowed.
    [[nodiscard]] const tfckpt_report* get() const noexcept { return report_.get(); }

private:
    detail::Handle<tfckpt_report, tfckpt_report_free> report_;
};

/// Reads and checks every block of the index, or of the files of V1, and every stored
/// byte of every tensor, and reports all that is wrong. The path is as of
/// Reader::open.
/// Throws only where the checkpoint cannot be opened: all other damage is in the
/// report.
[[nodiscard]] inline Report verify(const Path& path, const ReaderOptions& options = {}) {
    const auto c_options = detail::to_c(options);
    tfckpt_report* report = nullptr;
    detail::Call call;
    call.check(tfckpt_checkpoint_verify(path.c_str(), c_options.get(), &report, call.error()));
    return Report(report);
}

/// The same for a checkpoint that is open; of an overlay, all of each checkpoint. Of the
/// options progress, threads and max_in_flight count, this one for V1. Throws where that cancels
/// it, Status::kCancelled, and not because of damage.
[[nodiscard]] inline Report verify(const Reader& reader, const ReadOptions& options = {}) {
    const auto c_options = detail::to_c(options);
    tfckpt_report* report = nullptr;
    detail::Call call;
    call.check(tfckpt_reader_verify(reader.get(), c_options.get(), &report, call.error()));
    return Report(report);
}

}  // namespace tfckpt

#endif
