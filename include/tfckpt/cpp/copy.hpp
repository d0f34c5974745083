/// @file
/// A checkpoint into another. Part of tfckpt.hpp, whose rules hold here.

#ifndef TFCKPT_CPP_COPY_HPP
#define TFCKPT_CPP_COPY_HPP

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "../tfckpt.h"
#include "dtype.hpp"
#include "error.hpp"
#include "handle.hpp"
#include "path.hpp"
#include "progress.hpp"
#include "reader.hpp"
#include "setting.hpp"

namespace tfckpt {

/// What becomes of the data of a copy.
enum class CopyData : std::int32_t {
    /// It is written anew: every byte is checked on the way, what was left out takes
    /// no room, and the copy is little-endian.
    kRewrite = TFCKPT_COPY_DATA_REWRITE,
    /// Only the index is written; the data files are copied as they are, unchecked,
    /// with all that is in them.
    kCopy = TFCKPT_COPY_DATA_COPY,
    /// Only the index is written; the data files get a second name, as hard links: no
    /// bytes are moved, and either checkpoint may be removed without harm to the
    /// other. Status::kIo where the file system has no links, or the copy is to be on
    /// another.
    kLink = TFCKPT_COPY_DATA_LINK,
};

/// Gives tensors of a copy other names.
class NameRule {
public:
    /// The tensor `from` becomes `to`.
    [[nodiscard]] static NameRule name(std::string_view from, std::string_view to) {
        return {tfckpt_copy_options_map_name, from, to};
    }

    /// All names that begin with `from` begin with `to` instead. Either may be empty.
    [[nodiscard]] static NameRule prefix(std::string_view from, std::string_view to) {
        return {tfckpt_copy_options_map_prefix, from, to};
    }

    /// All names that are as `from` become `to`. A `*` in it stands for anything, `/`
    /// included, and in `to` for what that was; a backslash takes the meaning from what
    /// follows.
    [[nodiscard]] static NameRule pattern(std::string_view from, std::string_view to) {
        return {tfckpt_copy_options_map_pattern, from, to};
    }

    /// Adds it to options of the C API.
    tfckpt_status add_to(tfckpt_copy_options* options, tfckpt_error** err) const {
        return map_(options, from_.data(), from_.size(), to_.data(), to_.size(), err);
    }

private:
    using Map = decltype(&tfckpt_copy_options_map_name);

    NameRule(Map map, std::string_view from, std::string_view to)
        : map_(map), from_(from), to_(to) {}

    Map map_;
    std::string from_;
    std::string to_;
};

/// How a checkpoint is copied.
struct CopyOptions {
    /// Only tensors whose whole names one of these globs fits are copied; all where
    /// there are none. `*` stands for anything, `/` included, `?` for one character,
    /// `[a-z_]` and `[!a-z]` for one byte of a set or not of it; a backslash takes the
    /// meaning from what follows.
    std::vector<std::string> filters = {};
    /// New names. Of several rules that fit a tensor the first counts; one that none
    /// fits keeps its name.
    std::vector<NameRule> names = {};
    /// Whether to leave out what is an optimizer's alone, as the object graph tells.
    /// Default: false.
    Setting<bool> drop_optimizer_state = {};
    /// What becomes of the data. It can stay as it is where it comes from V2, and there
    /// is neither a cast nor a number of shards nor an alignment. Default:
    /// CopyData::kRewrite.
    Setting<CopyData> data = {};
    /// The floating type that tensors of all other floating types are turned into.
    /// Values are rounded once, to the nearest, ties to even; what is too large becomes
    /// infinity, or NaN in types without infinity.
    Setting<DType> cast = {};
    /// Over how many data shards the tensors are spread, 1 to 1000. Default: as many as
    /// the source has.
    Setting<std::int64_t> shards = {};
    /// At what multiple of bytes a tensor begins: see WriterOptions::alignment.
    Setting<std::size_t> alignment = {};
    /// Whether a copy returns only when it is on stable storage. Default: true.
    Setting<bool> sync = {};
    /// Whether a checkpoint that is at the destination already is replaced: see
    /// WriterOptions::replace. Default: false.
    Setting<bool> replace = {};
    /// On how many threads a copy is made, the caller's included; more than 256 count as
    /// 256. The bytes of the files don't depend on it. Default: 1.
    Setting<std::size_t> threads = {};
    /// How many bytes of data a copy may hold at once, of all threads together; some
    /// 100 KiB for each it takes anyway, and of V1 a stored slice. Default: 64 MiB.
    Setting<std::size_t> max_in_flight = {};
    /// Who watches, if anybody does. It counts the bytes of values as they are stored, or
    /// where the data stays as it is those of data files, be they copied or linked.
    const Progress* progress = nullptr;
};

namespace detail {

/// Options as the C API has them.
inline auto to_c(const CopyOptions& options) {
    Handle<tfckpt_copy_options, tfckpt_copy_options_free> c(tfckpt_copy_options_new());
    Call call;
    for (const std::string& filter : options.filters) {
        call.check(tfckpt_copy_options_add_filter(c.get(), filter.data(), filter.size(),
                                                  call.error()));
    }
    for (const NameRule& rule : options.names) call.check(rule.add_to(c.get(), call.error()));
    if (options.shards) {
        call.check(tfckpt_copy_options_set_shards(c.get(), *options.shards, call.error()));
    }
    if (options.alignment) {
        call.check(tfckpt_copy_options_set_alignment(c.get(), *options.alignment, call.error()));
    }
    if (options.cast) {
        const auto cast = static_cast<std::int32_t>(*options.cast);
        call.check(tfckpt_copy_options_set_cast(c.get(), cast, call.error()));
    }
    if (options.data) {
        const auto data = static_cast<std::int32_t>(*options.data);
        call.check(tfckpt_copy_options_set_data(c.get(), data, call.error()));
    }
    if (options.drop_optimizer_state) {
        tfckpt_copy_options_set_drop_optimizer_state(c.get(), *options.drop_optimizer_state);
    }
    if (options.sync) tfckpt_copy_options_set_sync(c.get(), *options.sync);
    if (options.replace) tfckpt_copy_options_set_replace(c.get(), *options.replace);
    if (options.threads) tfckpt_copy_options_set_threads(c.get(), *options.threads);
    if (options.max_in_flight) {
        tfckpt_copy_options_set_max_in_flight(c.get(), *options.max_in_flight);
    }
    if (options.progress) tfckpt_copy_options_set_progress(c.get(), options.progress->get());
    return c;
}

}  // namespace detail

/// Copies a checkpoint into a new one of V2, at the prefix dst. The path src is as of
/// Reader::open. The copy appears whole or not at all, and nothing ever happens to the
/// source. Partitioned tensors stay partitioned; where slices are missing, as in one
/// part of a sharded save, those that are there are copied.
///
/// An object graph comes along and stays true, so that tf.train.Checkpoint restores what
/// is there: what it says of tensors that are left out goes, and its keys follow the
/// names. A name that can be no key, because it does not end as before from
/// /.ATTRIBUTES/ on, is lost to it. Filters and rules are not for it; it is left out
/// where nothing that it is about is copied.
///
/// Throws Status::kInvalidArgument where src and dst are the same; where data is to stay
/// as it is and can't; where several tensors would have the same name, with all such
/// names; where there is no object graph to tell optimizer state; Status::kNotFound for
/// a filter or a rule that fits no tensor; Status::kAlreadyExists where there is a
/// checkpoint at dst.
inline void copy(const Path& dst, const Path& src, const CopyOptions& options = {}) {
    const auto c_options = detail::to_c(options);
    detail::Call call;
    call.check(tfckpt_checkpoint_copy(dst.c_str(), src.c_str(), c_options.get(), call.error()));
}

/// Copies what a reader reads, as the other copy() does: of an overlay, the tensors of
/// all its checkpoints, under the names that they have there. Where the data stays as it
/// is these are all of V2, and Status::kInvalidArgument if their byte orders or versions
/// differ.
inline void copy(const Path& dst, const Reader& reader, const CopyOptions& options = {}) {
    const auto c_options = detail::to_c(options);
    detail::Call call;
    call.check(tfckpt_reader_copy(reader.get(), dst.c_str(), c_options.get(), call.error()));
}

}  // namespace tfckpt

#endif
