/// @file
/// How checkpoints are opened, read, written and merged. Part of tfckpt.hpp, whose rules hold here.

#ifndef TFCKPT_CPP_OPTIONS_HPP
#define TFCKPT_CPP_OPTIONS_HPP

#include <cstddef>
#include <cstdint>

#include "../tfckpt.h"
#include "error.hpp"
#include "format.hpp"
#include "handle.hpp"
#include "progress.hpp"
#include "setting.hpp"

namespace tfckpt {

/// How a checkpoint is opened.
struct ReaderOptions {
    /// Whether data shards are read through a mapping of the file. That saves a
    /// copy within the operating system; but a file that another process cuts short
    /// then raises SIGBUS instead of giving an error. Default: false.
    Setting<bool> mapped = {};
    /// How many bytes of the index are kept in memory. Default: 64 MiB.
    Setting<std::size_t> index_cache = {};
    /// The largest block of the index, in bytes, that is taken into memory; a
    /// larger one is Status::kResourceLimit. In V1 blocks have the values in them.
    /// Default: 1 GiB; of V1 4 GiB, as there are no larger ones.
    Setting<std::size_t> max_block = {};
    /// The largest index, in bytes of its file, that is opened; a larger one is
    /// Status::kResourceLimit. Of V1, whose files have the values in them, the largest
    /// file. Default: any size.
    Setting<std::size_t> max_index = {};
    /// How many tensors a checkpoint may have; of more, V1 is not opened, and V2 neither
    /// counted nor read by position: Status::kResourceLimit. Default: 2^28.
    Setting<std::int64_t> max_tensors = {};
    /// For how many bytes of values one call may take memory: what reads tensors and
    /// strings into memory of its own is Status::kResourceLimit above it. Default: as many
    /// as the files have.
    Setting<std::size_t> max_tensor_bytes = {};
};

/// How values are read.
struct ReadOptions {
    /// Whether bytes are checked against their CRC-32C. A CRC is over all of a
    /// stored tensor, so checking a slice reads all the stored pieces that it
    /// touches; without, only the wanted ranges are read, and damage in them is not
    /// seen. Default: true.
    Setting<bool> verify = {};
    /// On how many threads a call reads or checks, the caller's included, one long tensor
    /// too; more than 256 count as 256. The others are started for the call and end with it.
    /// Default: 1.
    Setting<std::size_t> threads = {};
    /// How many bytes Reader::read_many may hold at once besides the memory it
    /// fills. Default: 8 MiB.
    Setting<std::size_t> max_in_flight = {};
    /// Who watches, if anybody does. It counts bytes as they are stored; where slices are
    /// read without a check, and of V1, as they are in memory.
    const Progress* progress = nullptr;
};

/// How a checkpoint is written.
struct WriterOptions {
    /// In which format: Format::kV2, or Format::kV1 for programs that read no other.
    /// V1 holds the types that TensorFlow's V1 savers took, neither variants nor
    /// bfloat16 among them; it takes no alignment and no big-endian values. Default:
    /// Format::kV2.
    Setting<Format> format = {};
    /// Over how many data shards the tensors are spread, 1 to 1000; of V1, over how
    /// many files. Each tensor, or slice of one, goes to the one with the fewest bytes
    /// so far. Default: 1.
    Setting<std::int64_t> shards = {};
    /// At what multiple of bytes a tensor begins in its shard: a power of two up to
    /// 1 MiB, or 0 for 64 where a tensor has 4 KiB or more and the size of an
    /// element where it has fewer. 1 gives the very bytes that TensorFlow writes.
    /// Default: 0.
    Setting<std::size_t> alignment = {};
    /// Whether values are stored highest byte first. Default: false.
    Setting<bool> big_endian = {};
    /// Whether Writer::finish returns only when everything is on stable storage.
    /// Without, a power cut may leave a checkpoint that is not whole. Default: true.
    Setting<bool> sync = {};
    /// Whether a checkpoint of that format that is there already is replaced. At every
    /// instant of a crash one of the two is there, whole; only of V1 in several files, and
    /// where the file system has no hard links, it may be neither, though never a mixture.
    /// Default: false.
    Setting<bool> replace = {};
};

/// How many tensors are written at once.
struct WriteOptions {
    /// On how many threads Writer::add_many writes, the caller's included; more than 256
    /// count as 256. What they write into one file waits for each other, so with as many
    /// shards as threads they get on best. The bytes of the files don't depend on it.
    /// Default: 1.
    Setting<std::size_t> threads = {};
    /// How many bytes Writer::add_many may hold at once besides the values, of all threads
    /// together; 32 KiB for each it takes anyway. Default: 8 MiB.
    Setting<std::size_t> max_in_flight = {};
    /// Who watches, if anybody does. It counts bytes of values that were written.
    const Progress* progress = nullptr;
};

/// What happens where two sources have a tensor of the same name, or the same elements
/// of a partitioned one.
enum class OnConflict : std::int32_t {
    /// The call fails, and the error lists all such names.
    kError = TFCKPT_ON_CONFLICT_ERROR,
    /// The tensor of the source that was named first is taken.
    kFirst = TFCKPT_ON_CONFLICT_FIRST,
    /// The tensor of the source that was named last is taken.
    kLast = TFCKPT_ON_CONFLICT_LAST,
};

/// What becomes of the data files of the sources of a merge.
enum class Transfer : std::int32_t {
    /// They are copied.
    kCopy = TFCKPT_TRANSFER_COPY,
    /// They get a second name, as hard links; copied where that is not possible.
    kLink = TFCKPT_TRANSFER_LINK,
    /// As links; then, when the merged checkpoint is on stable storage, the sources
    /// are removed.
    kMove = TFCKPT_TRANSFER_MOVE,
};

/// How checkpoints are merged.
struct MergeOptions {
    /// Default: OnConflict::kError.
    Setting<OnConflict> on_conflict = {};
    /// Default: Transfer::kCopy.
    Setting<Transfer> transfer = {};
    /// Whether merge() returns only when the result is on stable storage. A move is
    /// always synced. Default: true.
    Setting<bool> sync = {};
    /// On how many threads data files are copied, or values written anew, the caller's
    /// included; more than 256 count as 256. What comes of it doesn't depend on that.
    /// Default: 1.
    Setting<std::size_t> threads = {};
    /// How many bytes of data a merge may hold at once, as of CopyOptions::max_in_flight.
    /// Default: 64 MiB.
    Setting<std::size_t> max_in_flight = {};
    /// Who watches, if anybody does. It counts the bytes of data files, be they copied or
    /// linked; where values are written anew, these.
    const Progress* progress = nullptr;
};

namespace detail {

/// Options as the C API has them.
inline auto to_c(const ReaderOptions& options) {
    Handle<tfckpt_reader_options, tfckpt_reader_options_free> c(tfckpt_reader_options_new());
    if (options.mapped) tfckpt_reader_options_set_mapped(c.get(), *options.mapped);
    if (options.index_cache) tfckpt_reader_options_set_index_cache(c.get(), *options.index_cache);
    if (options.max_block) tfckpt_reader_options_set_max_block(c.get(), *options.max_block);
    if (options.max_index) tfckpt_reader_options_set_max_index(c.get(), *options.max_index);
    if (options.max_tensors) tfckpt_reader_options_set_max_tensors(c.get(), *options.max_tensors);
    if (options.max_tensor_bytes) {
        tfckpt_reader_options_set_max_tensor_bytes(c.get(), *options.max_tensor_bytes);
    }
    return c;
}

/// Options as the C API has them.
inline auto to_c(const ReadOptions& options) {
    Handle<tfckpt_read_options, tfckpt_read_options_free> c(tfckpt_read_options_new());
    if (options.verify) tfckpt_read_options_set_verify(c.get(), *options.verify);
    if (options.threads) tfckpt_read_options_set_threads(c.get(), *options.threads);
    if (options.max_in_flight) {
        tfckpt_read_options_set_max_in_flight(c.get(), *options.max_in_flight);
    }
    if (options.progress) tfckpt_read_options_set_progress(c.get(), options.progress->get());
    return c;
}

/// Options as the C API has them.
inline auto to_c(const WriterOptions& options) {
    Handle<tfckpt_writer_options, tfckpt_writer_options_free> c(tfckpt_writer_options_new());
    Call call;
    if (options.format) {
        const auto format = static_cast<std::int32_t>(*options.format);
        call.check(tfckpt_writer_options_set_format(c.get(), format, call.error()));
    }
    if (options.shards) {
        call.check(tfckpt_writer_options_set_shards(c.get(), *options.shards, call.error()));
    }
    if (options.alignment) {
        call.check(tfckpt_writer_options_set_alignment(c.get(), *options.alignment, call.error()));
    }
    if (options.big_endian) tfckpt_writer_options_set_big_endian(c.get(), *options.big_endian);
    if (options.sync) tfckpt_writer_options_set_sync(c.get(), *options.sync);
    if (options.replace) tfckpt_writer_options_set_replace(c.get(), *options.replace);
    return c;
}

/// Options as the C API has them.
inline auto to_c(const WriteOptions& options) {
    Handle<tfckpt_write_options, tfckpt_write_options_free> c(tfckpt_write_options_new());
    if (options.threads) tfckpt_write_options_set_threads(c.get(), *options.threads);
    if (options.max_in_flight) {
        tfckpt_write_options_set_max_in_flight(c.get(), *options.max_in_flight);
    }
    if (options.progress) tfckpt_write_options_set_progress(c.get(), options.progress->get());
    return c;
}

/// Options as the C API has them.
inline auto to_c(const MergeOptions& options) {
    Handle<tfckpt_merge_options, tfckpt_merge_options_free> c(tfckpt_merge_options_new());
    Call call;
    if (options.on_conflict) {
        const auto on_conflict = static_cast<std::int32_t>(*options.on_conflict);
        call.check(tfckpt_merge_options_set_on_conflict(c.get(), on_conflict, call.error()));
    }
    if (options.transfer) {
        const auto transfer = static_cast<std::int32_t>(*options.transfer);
        call.check(tfckpt_merge_options_set_transfer(c.get(), transfer, call.error()));
    }
    if (options.sync) tfckpt_merge_options_set_sync(c.get(), *options.sync);
    if (options.threads) tfckpt_merge_options_set_threads(c.get(), *options.threads);
    if (options.max_in_flight) {
        tfckpt_merge_options_set_max_in_flight(c.get(), *options.max_in_flight);
    }
    if (options.progress) tfckpt_merge_options_set_progress(c.get(), options.progress->get());
    return c;
}

}  // namespace detail

}  // namespace tfckpt

#endif
