/// @file
/// A checkpoint open for reading. Part of tfckpt.hpp, whose rules hold here.

#ifndef TFCKPT_CPP_READER_HPP
#define TFCKPT_CPP_READER_HPP

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "../tfckpt.h"
#include "cursor.hpp"
#include "dtype.hpp"
#include "elements.hpp"
#include "error.hpp"
#include "format.hpp"
#include "handle.hpp"
#include "object_graph.hpp"
#include "options.hpp"
#include "path.hpp"
#include "read_request.hpp"
#include "shape.hpp"
#include "span.hpp"
#include "strings.hpp"
#include "tensor.hpp"
#include "view.hpp"

namespace tfckpt {

/// A checkpoint open for reading. It never changes: any number of threads may use
/// one at once.
class Reader {
public:
    /// Opens a checkpoint, V2 or V1. The path is one of
    /// - its prefix;
    /// - one of its files: PREFIX.index, PREFIX.data-..., PREFIX.meta, a V1 file, any
    ///   of the files of a V1 checkpoint that has several, or the pattern that state
    ///   files name it by (STEM-?????-of-00003);
    /// - a state file ("checkpoint"): the latest checkpoint that it names;
    /// - a directory: its latest; without a state file, the SavedModel that it is, or
    ///   the only checkpoint in it.
    ///
    /// It is taken literally first. Reads little of the checkpoint, but opens its files,
    /// of more than 64 data shards each when it is first read: what is open can be read
    /// to the end, though a manager or somebody else removes the checkpoint. Throws
    /// Status::kNotFound where there is none, or a file of V1 is missing;
    /// Status::kUnsupported for a version that asks for another reader;
    /// Status::kDataLoss for an index that is damaged, a file that is none of a
    /// checkpoint, or a state file that leads to none.
    [[nodiscard]] static Reader open(const Path& path, const ReaderOptions& options = {}) {
        const auto c_options = detail::to_c(options);
        tfckpt_reader* reader = nullptr;
        detail::Call call;
        call.check(tfckpt_reader_open(path.c_str(), c_options.get(), &reader, call.error()));
        return Reader(reader);
    }

    /// Takes what a call of the C API gave.
    explicit Reader(tfckpt_reader* owned) noexcept : reader_(owned) {}

    /// In which format it is.
    [[nodiscard]] Format format() const noexcept {
        return static_cast<Format>(tfckpt_reader_format(reader_.get()));
    }

    /// The prefix of its files: their path without .index or .data-...; borrowed. Of V1
    /// the path of its file, or where it has several a pattern, STEM-?????-of-00003; of
    /// an overlay it is empty.
    [[nodiscard]] std::string_view prefix() const noexcept {
        return detail::text(tfckpt_reader_prefix(reader_.get()));
    }

    /// How many files have its values: data shards, or the files of V1.
    [[nodiscard]] std::int64_t num_shards() const noexcept {
        return tfckpt_reader_num_shards(reader_.get());
    }

    /// Whether its files have values highest byte first. Reading turns them round;
    /// only views show them as they are. False for V1, and for overlays, which may have
    /// either.
    [[nodiscard]] bool is_big_endian() const noexcept {
        return tfckpt_reader_is_big_endian(reader_.get());
    }

    /// How many tensors there are. The first call reads all of the index; throws
    /// Status::kDataLoss where that is damaged.
    [[nodiscard]] std::int64_t size() const {
        std::int64_t count = 0;
        detail::Call call;
        call.check(tfckpt_reader_count(reader_.get(), &count, call.error()));
        return count;
    }

    /// A walk over the tensors whose names begin with a prefix, or all of them.
    [[nodiscard]] Cursor tensors(std::string_view prefix = {}) const {
        tfckpt_cursor* cursor = nullptr;
        detail::Call call;
        call.check(tfckpt_reader_list(reader_.get(), prefix.data(), prefix.size(), &cursor,
                                      call.error()));
        return Cursor(cursor);
    }

    /// The tensor of a name, if there is one. Throws Status::kDataLoss where its
    /// entry is damaged.
    template <class T = Tensor>
    [[nodiscard]] std::optional<T> find(std::string_view name) const {
        tfckpt_tensor* tensor = nullptr;
        detail::Call call;
        call.check(tfckpt_reader_find(reader_.get(), name.data(), name.size(), &tensor,
                                      call.error()),
                   TFCKPT_NOT_FOUND);
        return detail::unless_null<T>(tensor);
    }

    /// The tensor that a name means: the one that is called so; or else, where the
    /// checkpoint has an object graph, that of the object with this path, or of the
    /// variable with this full name. Throws Status::kNotFound where it means none;
    /// Status::kInvalidArgument where it means several, with all their names. The
    /// graph is read at the first call that needs it.
    [[nodiscard]] Tensor resolve(std::string_view name) const {
        tfckpt_tensor* tensor = nullptr;
        detail::Call call;
        call.check(tfckpt_reader_resolve(reader_.get(), name.data(), name.size(), &tensor,
                                         call.error()));
        return Tensor(tensor);
    }

    /// The tensor of a name. Throws Status::kNotFound where there is none.
    [[nodiscard]] Tensor at(std::string_view name) const {
        tfckpt_tensor* tensor = nullptr;
        detail::Call call;
        call.check(tfckpt_reader_find(reader_.get(), name.data(), name.size(), &tensor,
                                      call.error()));
        return Tensor(tensor);
    }

    /// The tensor at a position, counted from 0 in the order of names. Throws
    /// Status::kInvalidArgument where there is none. To go through all of them
    /// tensors() is quicker.
    [[nodiscard]] Tensor at(std::int64_t position) const {
        tfckpt_tensor* tensor = nullptr;
        detail::Call call;
        call.check(tfckpt_reader_tensor_at(reader_.get(), position, &tensor, call.error()));
        return Tensor(tensor);
    }

    /// Reads a tensor. Its dtype must be that of T, or T std::byte: then the bytes
    /// of the elements are read, whatever they are. Throws Status::kNotFound where
    /// there is no such tensor or its shard is missing; Status::kInvalidArgument for
    /// another dtype, and for strings and variants; Status::kUnsupported for types
    /// without values in a file; Status::kDataLoss where bytes are damaged or
    /// missing.
    template <class T>
    [[nodiscard]] std::vector<T> read(std::string_view name,
                                      const ReadOptions& options = {}) const {
        return take<T>(name, nullptr, options);
    }

    /// Reads a tensor into the front of memory that is there already: a contiguous
    /// range of T, or of std::byte for any dtype. Throws Status::kBufferTooSmall;
    /// otherwise as read().
    template <class R, std::enable_if_t<detail::is_writable<R>, int> = 0>
    void read_into(std::string_view name, R&& dst, const ReadOptions& options = {}) const {
        fill(name, nullptr, Span(dst), options);
    }

    /// The same for `size` elements from `dst` on.
    template <class T>
    void read_into(std::string_view name, T* dst, std::size_t size,
                   const ReadOptions& options = {}) const {
        fill(name, nullptr, Span(dst, size), options);
    }

    /// Reads a slice of a tensor. Throws Status::kInvalidArgument where it reaches
    /// outside; otherwise as read().
    template <class T>
    [[nodiscard]] std::vector<T> read_slice(std::string_view name, const Slice& slice,
                                            const ReadOptions& options = {}) const {
        return take<T>(name, &slice, options);
    }

    /// Reads a slice of a tensor, as read_into().
    template <class R, std::enable_if_t<detail::is_writable<R>, int> = 0>
    void read_slice_into(std::string_view name, const Slice& slice, R&& dst,
                         const ReadOptions& options = {}) const {
        fill(name, &slice, Span(dst), options);
    }

    /// The same for `size` elements from `dst` on.
    template <class T>
    void read_slice_into(std::string_view name, const Slice& slice, T* dst, std::size_t size,
                         const ReadOptions& options = {}) const {
        fill(name, &slice, Span(dst, size), options);
    }

    /// Reads all that is stored of a tensor, checks it, and keeps nothing of it: parts of
    /// it may then be read without a check, by ReadOptions::verify. Of V2 it takes no
    /// memory to speak of. Throws as read().
    void check(std::string_view name) const {
        detail::Call call;
        call.check(tfckpt_reader_check(reader_.get(), name.data(), name.size(), call.error()));
    }

    /// Reads many tensors, or slices of them, in the order in which they lie in the
    /// files, whatever order they are asked for in. The memory of two requests must
    /// not overlap. Status::kNotFound lists in Error::names() all that there are no
    /// tensors of; otherwise the error is the first that was met. What is in all of
    /// the memory after it is not defined.
    template <class T = ReadRequest>
    void read_many(const std::vector<T>& requests, const ReadOptions& options = {}) const {
        std::vector<decltype(to_c(requests.front()))> c_requests;
        c_requests.reserve(requests.size());
        for (const auto& request : requests) c_requests.push_back(to_c(request));
        const auto c_options = detail::to_c(options);
        detail::Call call;
        call.check(tfckpt_reader_read_many(reader_.get(), c_requests.data(), c_requests.size(),
                                           c_options.get(), call.error()));
        for (const auto& request : requests) {
            if (request.dtype_ == DType::kBool) detail::make_bools(request.dst());
        }
    }

    /// Reads a string or variant tensor. Throws Status::kInvalidArgument for types
    /// of a fixed element size; otherwise as read().
    [[nodiscard]] Strings read_strings(std::string_view name,
                                       const ReadOptions& options = {}) const {
        const auto c_options = detail::to_c(options);
        tfckpt_strings* strings = nullptr;
        detail::Call call;
        call.check(tfckpt_reader_read_strings(reader_.get(), name.data(), name.size(),
                                              c_options.get(), &strings, call.error()));
        return Strings(strings);
    }

    /// Reads a slice of a string or variant tensor. Throws Status::kInvalidArgument
    /// where it reaches outside; otherwise as read_strings().
    [[nodiscard]] Strings read_strings_slice(std::string_view name, const Slice& slice,
                                             const ReadOptions& options = {}) const {
        const auto c_options = detail::to_c(options);
        const detail::SliceArrays arrays(slice);
        tfckpt_strings* strings = nullptr;
        detail::Call call;
        call.check(tfckpt_reader_read_strings_slice(reader_.get(), name.data(), name.size(),
                                                    arrays.starts(), arrays.lengths(),
                                                    arrays.rank(), c_options.get(), &strings,
                                                    call.error()));
        return Strings(strings);
    }

    /// Maps a tensor. The CRC is checked once, now, unless the options say not to.
    /// Throws Status::kUnsupported for V1, for a foreign byte order, for a tensor that
    /// is stored as slices, and for types without a fixed element size; otherwise as
    /// read().
    [[nodiscard]] View view(std::string_view name, const ReadOptions& options = {}) const {
        const auto c_options = detail::to_c(options);
        tfckpt_view* view = nullptr;
        detail::Call call;
        call.check(tfckpt_reader_view(reader_.get(), name.data(), name.size(), c_options.get(),
                                      &view, call.error()));
        return View(view);
    }

    /// The elements of a tensor, mapped where view() and View::is<T>() say that this can
    /// be, and read where not: for V1, in a foreign byte order, stored as slices, or not
    /// aligned. Not for bool. Throws as read().
    template <class T>
    [[nodiscard]] Elements<T> view_or_read(std::string_view name,
                                           const ReadOptions& options = {}) const {
        expect<T>(name);
        tfckpt_view* view = nullptr;
        const auto c_options = detail::to_c(options);
        detail::Call call;
        call.check(tfckpt_reader_view(reader_.get(), name.data(), name.size(), c_options.get(),
                                      &view, call.error()),
                   TFCKPT_UNSUPPORTED);
        View mapped(view);
        if (view != nullptr && mapped.is<T>()) return Elements<T>(std::move(mapped));
        return Elements<T>(read<T>(name, options));
    }

    /// Reads the object graph. Throws Status::kNotFound where there is none, because a
    /// name-based saver wrote the checkpoint; Status::kDataLoss where it is damaged;
    /// Status::kResourceLimit where it has more than 64 MiB or 4 Mi nodes.
    [[nodiscard]] ObjectGraph read_object_graph() const {
        tfckpt_object_graph* graph = nullptr;
        detail::Call call;
        call.check(tfckpt_reader_read_object_graph(reader_.get(), &graph, call.error()));
        return ObjectGraph(graph);
    }

    /// For calls of the C API; borrowed.
    [[nodiscard]] const tfckpt_reader* get() const noexcept { return reader_.get(); }

private:
    /// Refuses a tensor whose elements are not of type T.
    template <class T>
    void expect(std::string_view name) const {
        if constexpr (!std::is_same_v<T, std::byte>) {
            detail::expect_dtype(detail::wanted_dtype<T>(), at(name).dtype(), name);
        }
    }

    /// What was read into new memory.
    template <class T>
    std::vector<T> take(std::string_view name, const Slice* slice,
                        const ReadOptions& options) const {
        expect<T>(name);
        // A std::vector<bool> has bits, which can't be read into.
        using Stored = std::conditional_t<std::is_same_v<T, bool>, unsigned char, T>;
        std::vector<Stored> values(read_size(name, slice) / sizeof(T));
        read_bytes(name, slice, as_writable_bytes(values), options);
        if constexpr (std::is_same_v<T, bool>) {
            detail::make_bools(as_writable_bytes(values));
            return {values.begin(), values.end()};
        } else {
            return values;
        }
    }

    /// How many bytes a read takes, which the files really have.
    std::size_t read_size(std::string_view name, const Slice* slice) const {
        const auto arrays = detail::SliceArrays::of(slice);
        std::size_t size = 0;
        detail::Call call;
        call.check(tfckpt_reader_read_size(reader_.get(), name.data(), name.size(), arrays.starts(),
                                           arrays.lengths(), arrays.rank(), &size, call.error()));
        return size;
    }

    template <class T>
    void fill(std::string_view name, const Slice* slice, Span<T> dst,
              const ReadOptions& options) const {
        expect<T>(name);
        read_bytes(name, slice, as_writable_bytes(dst), options);
        if constexpr (std::is_same_v<T, bool>) detail::make_bools(as_writable_bytes(dst));
    }

    void read_bytes(std::string_view name, const Slice* slice, Span<std::byte> dst,
                    const ReadOptions& options) const {
        const auto c_options = detail::to_c(options);
        if (slice == nullptr) {
            detail::Call call;
            call.check(tfckpt_reader_read(reader_.get(), name.data(), name.size(), c_options.get(),
                                          dst.data(), dst.size(), call.error()));
            return;
        }
        const detail::SliceArrays arrays(*slice);
        detail::Call call;
        call.check(tfckpt_reader_read_slice(reader_.get(), name.data(), name.size(),
                                            arrays.starts(), arrays.lengths(), arrays.rank(),
                                            c_options.get(), dst.data(), dst.size(), call.error()));
    }

    template <class T>
    tfckpt_read_request to_c(const T& request) const {
        if (request.dtype_ != detail::kNoDType) {
            // One that there is no tensor of is for the call to report, with all others.
            const auto tensor = find(request.name());
            if (tensor) detail::expect_dtype(request.dtype_, tensor->dtype(), request.name());
        }
        tfckpt_read_request c{};
        c.name = request.name().data();
        c.name_len = request.name().size();
        c.dst = request.dst().data();
        c.dst_len = request.dst().size();
        const auto arrays = detail::SliceArrays::of(request.has_slice_ ? &request.slice_ : nullptr);
        c.starts = arrays.starts();
        c.lengths = arrays.lengths();
        c.rank = arrays.rank();
        if (!request.strides_.empty()) {
            if (request.has_slice_ && request.strides_.size() != c.rank) {
                detail::refuse("strides of " + std::to_string(request.strides_.size()) +
                                   " dimensions, for a slice of " + std::to_string(c.rank),
                               request.name());
            }
            c.dst_strides = request.strides_.data();
            c.rank = request.strides_.size();
        }
        return c;
    }

    detail::Handle<tfckpt_reader, tfckpt_reader_free> reader_;
};

}  // namespace tfckpt

#endif
