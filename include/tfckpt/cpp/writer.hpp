/// @file
/// A checkpoint being written. Part of tfckpt.hpp, whose rules hold here.

#ifndef TFCKPT_CPP_WRITER_HPP
#define TFCKPT_CPP_WRITER_HPP

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "../tfckpt.h"
#include "dtype.hpp"
#include "error.hpp"
#include "handle.hpp"
#include "object_graph.hpp"
#include "options.hpp"
#include "path.hpp"
#include "shape.hpp"
#include "span.hpp"
#include "strings.hpp"
#include "write_request.hpp"

namespace tfckpt {

/// A checkpoint being written. Nothing of it can be seen at its prefix until
/// finish() has returned; one that dies before is abandoned and leaves no file
/// behind. Values go to disk as they come: memory is needed for the index, and a
/// buffer for each shard. In the V1 format they must be sorted by name, and all of
/// them stay in memory until finish(), encoded.
///
/// Tensors come with the dtype of their elements (see dtype_of), or with one that
/// is named; then the bytes of the elements are taken for values of that.
class Writer {
public:
    /// Begins a checkpoint, whose files will be PREFIX.index and PREFIX.data-...; of
    /// the V1 format PREFIX itself, or with several shards PREFIX-00000-of-00002 and so
    /// on. Directories that are missing are created. Throws Status::kAlreadyExists
    /// where there is a checkpoint of that prefix, unless the options say to replace
    /// it; Status::kInvalidArgument for options that the format has no use for.
    [[nodiscard]] static Writer create(const Path& prefix,
                                       const WriterOptions& options = {}) {
        const auto c_options = detail::to_c(options);
        tfckpt_writer* writer = nullptr;
        detail::Call call;
        call.check(tfckpt_writer_create(prefix.c_str(), c_options.get(), &writer, call.error()));
        return Writer(writer);
    }

    /// Takes what a call of the C API gave.
    explicit Writer(tfckpt_writer* owned) noexcept : writer_(owned) {}

    /// Adds a tensor: a contiguous range of as many elements as the shape has.
    /// Throws Status::kInvalidArgument for another number of them and for an empty
    /// name; Status::kAlreadyExists for a name that was added before; Status::kIo,
    /// after which the writer can only die.
    template <class R, std::enable_if_t<detail::is_contiguous<const R>, int> = 0>
    void add(std::string_view name, const Shape& shape, const R& data) {
        add(name, dtype_of_v<detail::element_t<const R>>, shape, data);
    }

    /// The same with elements in braces.
    template <class T>
    void add(std::string_view name, const Shape& shape, std::initializer_list<T> data) {
        add(name, dtype_of_v<T>, shape, data);
    }

    /// Adds a tensor of a dtype that is named. Throws Status::kUnsupported for one
    /// whose elements have no fixed size, and for what the V1 format can't hold.
    template <class R, std::enable_if_t<detail::is_contiguous<const R>, int> = 0>
    void add(std::string_view name, DType dtype, const Shape& shape, const R& data) {
        const auto bytes = as_bytes(data);
        detail::Call call;
        call.check(tfckpt_writer_add(writer_.get(), name.data(), name.size(), number(dtype),
                                     shape.data(), shape.size(), bytes.data(), bytes.size(),
                                     call.error()));
    }

    /// The same with elements in braces.
    template <class T>
    void add(std::string_view name, DType dtype, const Shape& shape,
             std::initializer_list<T> data) {
        add(name, dtype, shape, Span<const T>(data));
    }

    /// Adds a slice of a tensor that is stored in several; the shape is that of the
    /// whole tensor, the data those of the slice. Slices may come in any order, and
    /// among other tensors, but must not overlap. One that is the whole tensor is
    /// stored as an ordinary tensor. Throws Status::kInvalidArgument where the slice
    /// reaches outside, or dtype or shape are not those of the slices before;
    /// otherwise as add().
    template <class R, std::enable_if_t<detail::is_contiguous<const R>, int> = 0>
    void add_slice(std::string_view name, const Shape& shape, const Slice& slice, const R& data) {
        add_slice(name, dtype_of_v<detail::element_t<const R>>, shape, slice, data);
    }

    /// The same with elements in braces.
    template <class T>
    void add_slice(std::string_view name, const Shape& shape, const Slice& slice,
                   std::initializer_list<T> data) {
        add_slice(name, dtype_of_v<T>, shape, slice, data);
    }

    /// Adds a slice of a dtype that is named.
    template <class R, std::enable_if_t<detail::is_contiguous<const R>, int> = 0>
    void add_slice(std::string_view name, DType dtype, const Shape& shape, const Slice& slice,
                   const R& data) {
        const auto bytes = as_bytes(data);
        const auto arrays = slice_of(shape, slice);
        detail::Call call;
        call.check(tfckpt_writer_add_slice(writer_.get(), name.data(), name.size(), number(dtype),
                                           shape.data(), shape.size(), arrays.starts(),
                                           arrays.lengths(), bytes.data(), bytes.size(),
                                           call.error()));
    }

    /// The same with elements in braces.
    template <class T>
    void add_slice(std::string_view name, DType dtype, const Shape& shape, const Slice& slice,
                   std::initializer_list<T> data) {
        add_slice(name, dtype, shape, slice, Span<const T>(data));
    }

    /// Adds a string tensor, of as many elements as the shape has. Otherwise as
    /// add().
    void add_strings(std::string_view name, const Shape& shape, const StringList& strings) {
        add_list(tfckpt_writer_add_strings, name, shape, strings);
    }

    /// Adds a slice of a string tensor. Otherwise as add_slice().
    void add_strings_slice(std::string_view name, const Shape& shape, const Slice& slice,
                           const StringList& strings) {
        add_list_slice(tfckpt_writer_add_strings_slice, name, shape, slice, strings);
    }

    /// Adds a variant tensor, each element a serialized VariantTensorDataProto.
    /// Otherwise as add_strings().
    void add_variants(std::string_view name, const Shape& shape, const StringList& variants) {
        add_list(tfckpt_writer_add_variants, name, shape, variants);
    }

    /// Adds a slice of a variant tensor. Otherwise as add_strings_slice().
    void add_variants_slice(std::string_view name, const Shape& shape, const Slice& slice,
                            const StringList& variants) {
        add_list_slice(tfckpt_writer_add_variants_slice, name, shape, slice, variants);
    }

    /// Adds an object graph. The tensors are added by their keys as any others, and
    /// tf.train.Checkpoint looks for all that the graph names. Throws as add().
    void add_object_graph(const ObjectGraph& graph) {
        detail::Call call;
        call.check(tfckpt_writer_add_object_graph(writer_.get(), graph.get(), call.error()));
    }

    /// Adds many tensors, or slices of them, on as many threads as the options say. The files
    /// are the same as if each had been added by add() or add_slice(), one after the other.
    /// Throws as these, for the first request that is refused: none of them is added then, or
    /// in the V1 format those before it. Nothing is written before all were checked; after
    /// Status::kIo, and Status::kCancelled by the progress of the options, the writer can only
    /// die.
    template <class T = WriteRequest>
    void add_many(const std::vector<T>& requests, const WriteOptions& options = {}) {
        std::vector<decltype(to_c(requests.front()))> c_requests;
        c_requests.reserve(requests.size());
        for (const auto& request : requests) c_requests.push_back(to_c(request));
        const auto c_options = detail::to_c(options);
        detail::Call call;
        call.check(tfckpt_writer_add_many(writer_.get(), c_requests.data(), c_requests.size(),
                                          c_options.get(), call.error()));
    }

    /// Begins a tensor whose elements come in pieces, with append(). Until end() or
    /// cancel() nothing else can be added. Otherwise as add().
    void begin(std::string_view name, DType dtype, const Shape& shape) {
        detail::Call call;
        call.check(tfckpt_writer_begin(writer_.get(), name.data(), name.size(), number(dtype),
                                       shape.data(), shape.size(), call.error()));
    }

    /// Begins a slice of a tensor. Otherwise as add_slice().
    void begin_slice(std::string_view name, DType dtype, const Shape& shape, const Slice& slice) {
        const auto arrays = slice_of(shape, slice);
        detail::Call call;
        call.check(tfckpt_writer_begin_slice(writer_.get(), name.data(), name.size(), number(dtype),
                                             shape.data(), shape.size(), arrays.starts(),
                                             arrays.lengths(), call.error()));
    }

    /// Adds the next elements of the tensor that was begun: a contiguous range,
    /// whose bytes are taken as they are and may end within an element. Throws
    /// Status::kInvalidArgument where they are more than it takes, or none was
    /// begun.
    template <class R, std::enable_if_t<detail::is_contiguous<const R>, int> = 0>
    void append(const R& data) {
        const auto bytes = as_bytes(data);
        detail::Call call;
        call.check(tfckpt_writer_append(writer_.get(), bytes.data(), bytes.size(), call.error()));
    }

    /// Ends the tensor that was begun. Throws Status::kInvalidArgument where
    /// elements of it are missing, which can still be appended, or none was begun.
    void end() {
        detail::Call call;
        call.check(tfckpt_writer_end(writer_.get(), call.error()));
    }

    /// Gives up the tensor that was begun, if one was: it will not be in the
    /// checkpoint, and its name is free again.
    void cancel() {
        detail::Call call;
        call.check(tfckpt_writer_cancel(writer_.get(), call.error()));
    }

    /// Makes the checkpoint appear at its prefix, whole, and on stable storage
    /// unless the options say otherwise. Whether it returns or throws, the writer
    /// then takes nothing more; where it throws, no file is left behind. Throws
    /// Status::kInvalidArgument where slices overlap or a tensor was begun and not
    /// ended; Status::kAlreadyExists where a checkpoint has appeared there
    /// meanwhile.
    void finish() {
        detail::Call call;
        call.check(tfckpt_writer_finish(writer_.get(), call.error()));
    }

    /// The prefix of the checkpoint; borrowed.
    [[nodiscard]] std::string_view prefix() const noexcept {
        return detail::text(tfckpt_writer_prefix(writer_.get()));
    }

    /// The step that a Manager saves it as; none for a writer that is not a manager's.
    template <class T = std::int64_t>
    [[nodiscard]] std::optional<T> step() const noexcept {
        return detail::unless_negative<T>(tfckpt_writer_step(writer_.get()));
    }

    /// The prefixes of the old checkpoints that the Manager has removed, once finish()
    /// has returned; copies.
    template <class T = std::string>
    [[nodiscard]] std::vector<T> removed() const {
        return detail::texts<T>(writer_.get(), tfckpt_writer_removed_count(writer_.get()),
                                tfckpt_writer_removed);
    }

    /// What stood in the way of removing others, once finish() has returned; copies.
    /// Those are kept, and the next save tries again.
    template <class T = Error>
    [[nodiscard]] std::vector<T> removal_problems() const {
        return detail::problems<T>(writer_.get(),
                                   tfckpt_writer_removal_problem_count(writer_.get()),
                                   tfckpt_writer_removal_problem);
    }

    /// For calls of the C API; borrowed.
    [[nodiscard]] tfckpt_writer* get() noexcept { return writer_.get(); }

private:
    static std::int32_t number(DType dtype) noexcept { return static_cast<std::int32_t>(dtype); }

    static detail::SliceArrays slice_of(const Shape& shape, const Slice& slice) {
        detail::SliceArrays arrays(slice);
        if (arrays.rank() != shape.size()) {
            detail::refuse("a slice of " + std::to_string(arrays.rank()) +
                           " dimensions, of a tensor of shape " + to_string(shape));
        }
        return arrays;
    }

    template <class T>
    static tfckpt_write_request to_c(const T& request) {
        tfckpt_write_request c{};
        c.name = request.name_.data();
        c.name_len = request.name_.size();
        c.dtype = number(request.dtype_);
        c.dims = request.shape_.data();
        c.rank = request.shape_.size();
        if (request.has_slice_) {
            const auto arrays = slice_of(request.shape_, request.slice_);
            c.starts = arrays.starts();
            c.lengths = arrays.lengths();
        }
        c.data = request.data_.data();
        c.data_len = request.data_.size();
        return c;
    }

    template <class Add>
    void add_list(const Add& add, std::string_view name, const Shape& shape,
                  const StringList& list) {
        expect_size(list, shape, Slice::whole(shape.size()));
        detail::Call call;
        call.check(add(writer_.get(), name.data(), name.size(), shape.data(), shape.size(),
                       list.offsets().data(), list.data().data(), list.data().size(),
                       call.error()));
    }

    template <class Add>
    void add_list_slice(const Add& add, std::string_view name, const Shape& shape,
                        const Slice& slice, const StringList& list) {
        const auto arrays = slice_of(shape, slice);
        expect_size(list, shape, slice);
        detail::Call call;
        call.check(add(writer_.get(), name.data(), name.size(), shape.data(), shape.size(),
                       arrays.starts(), arrays.lengths(), list.offsets().data(), list.data().data(),
                       list.data().size(), call.error()));
    }

    /// Refuses a list that has not as many elements as are to be written: the C API
    /// goes by the shape alone when it reads the offsets.
    static void expect_size(const StringList& list, const Shape& shape, const Slice& slice) {
        const std::size_t wanted = detail::num_elements(shape, slice);
        if (wanted != detail::kNoSize && list.size() != wanted) {
            detail::refuse(std::to_string(list.size()) + " strings, where " +
                           std::to_string(wanted) + " are wanted");
        }
    }

    detail::Handle<tfckpt_writer, tfckpt_writer_free> writer_;
};

}  // namespace tfckpt

#endif
