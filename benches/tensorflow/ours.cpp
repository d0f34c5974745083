#include "ours.h"

#include <tfckpt/tfckpt.h>

#include <stdexcept>

namespace ours {
namespace {

// Calls the library with a place for its error, and throws what comes there.
template <typename Call>
void check(Call call) {
    tfckpt_error* error = nullptr;
    if (call(&error) == TFCKPT_OK) return;
    const std::string message = tfckpt_error_message(error);
    tfckpt_error_free(error);
    throw std::runtime_error("tfckpt: " + message);
}

template <typename T, void (*free_handle)(T*)>
struct Free {
    void operator()(T* handle) const { free_handle(handle); }
};
template <typename T, void (*free_handle)(T*)>
using Handle = std::unique_ptr<T, Free<T, free_handle>>;

using Reader = Handle<tfckpt_reader, tfckpt_reader_free>;
using ReaderOptions = Handle<tfckpt_reader_options, tfckpt_reader_options_free>;
using ReadOptions = Handle<tfckpt_read_options, tfckpt_read_options_free>;
using Cursor = Handle<tfckpt_cursor, tfckpt_cursor_free>;
using Writer = Handle<tfckpt_writer, tfckpt_writer_free>;
using WriterOptions = Handle<tfckpt_writer_options, tfckpt_writer_options_free>;
using MergeOptions = Handle<tfckpt_merge_options, tfckpt_merge_options_free>;

Reader open(const std::string& prefix, bool mapped = false) {
    const ReaderOptions options(tfckpt_reader_options_new());
    tfckpt_reader_options_set_mapped(options.get(), mapped);
    tfckpt_reader* reader = nullptr;
    check([&](auto err) {
        return tfckpt_reader_open(prefix.c_str(), options.get(), &reader, err);
    });
    return Reader(reader);
}

Cursor list(const Reader& reader) {
    tfckpt_cursor* cursor = nullptr;
    check([&](auto err) { return tfckpt_reader_list(reader.get(), nullptr, 0, &cursor, err); });
    return Cursor(cursor);
}

// The sum of `measure` over all tensors.
template <typename Measure>
uint64_t sum_over(const std::string& prefix, Measure measure) {
    const Reader reader = open(prefix);
    const Cursor cursor = list(reader);
    uint64_t sum = 0;
    for (;;) {
        const tfckpt_tensor* tensor = nullptr;
        check([&](auto err) { return tfckpt_cursor_next(cursor.get(), &tensor, err); });
        if (tensor == nullptr) return sum;
        sum += measure(tensor);
    }
}

uint64_t name_length(const tfckpt_tensor* tensor) {
    size_t length = 0;
    tfckpt_tensor_name(tensor, &length);
    return length;
}

Writer create(const std::string& prefix, bool sync) {
    const WriterOptions options(tfckpt_writer_options_new());
    tfckpt_writer_options_set_sync(options.get(), sync);
    tfckpt_writer* writer = nullptr;
    check([&](auto err) {
        return tfckpt_writer_create(prefix.c_str(), options.get(), &writer, err);
    });
    return Writer(writer);
}

void merge(const std::string& dst, const std::vector<std::string>& sources, int32_t transfer) {
    const MergeOptions options(tfckpt_merge_options_new());
    check([&](auto err) {
        return tfckpt_merge_options_set_transfer(options.get(), transfer, err);
    });
    tfckpt_merge_options_set_sync(options.get(), false);
    std::vector<const char*> paths;
    for (const std::string& source : sources) paths.push_back(source.c_str());
    check([&](auto err) {
        return tfckpt_checkpoint_merge(dst.c_str(), paths.data(), paths.size(), options.get(), err);
    });
}

}  // namespace

std::string version() { return tfckpt_version(); }

struct Tensors::Impl {
    const bench::TensorSet& set;
    std::vector<tfckpt_read_request> requests;
};

Tensors::Tensors(const bench::TensorSet& set) : impl_(new Impl{set, {}}) {
    impl_->requests.reserve(set.count());
    for (size_t i = 0; i < set.count(); ++i) {
        tfckpt_read_request request = {};
        request.name = set.name(i).data();
        request.name_len = set.name(i).size();
        request.dst = set.data(i);
        request.dst_len = set.bytes_each();
        impl_->requests.push_back(request);
    }
}

Tensors::~Tensors() = default;

void Tensors::read(const std::string& prefix, const ReadHow& how) const {
    const Reader reader = open(prefix, how.mapped);
    const ReadOptions options(tfckpt_read_options_new());
    tfckpt_read_options_set_threads(options.get(), static_cast<size_t>(how.threads));
    const std::vector<tfckpt_read_request>& requests = impl_->requests;
    check([&](auto err) {
        return tfckpt_reader_read_many(reader.get(), requests.data(), requests.size(),
                                       options.get(), err);
    });
}

void Tensors::write(const std::string& prefix, bool sync) const {
    const bench::TensorSet& set = impl_->set;
    const Writer writer = create(prefix, sync);
    const int64_t elements = set.elements_each();
    for (size_t i = 0; i < set.count(); ++i) {
        const std::string& name = set.name(i);
        check([&](auto err) {
            return tfckpt_writer_add(writer.get(), name.data(), name.size(), TFCKPT_DT_FLOAT,
                                     &elements, 1, set.data(i), set.bytes_each(), err);
        });
    }
    check([&](auto err) { return tfckpt_writer_finish(writer.get(), err); });
}

uint64_t list_names(const std::string& prefix) { return sum_over(prefix, name_length); }

uint64_t list_tensors(const std::string& prefix) {
    return sum_over(prefix, [](const tfckpt_tensor* tensor) {
        return name_length(tensor) + static_cast<uint64_t>(tfckpt_tensor_dtype(tensor)) +
               static_cast<uint64_t>(tfckpt_tensor_num_elements(tensor));
    });
}

void merge_by_move(const std::string& dst, const std::vector<std::string>& sources) {
    merge(dst, sources, TFCKPT_TRANSFER_MOVE);
}

void merge_by_link(const std::string& dst, const std::vector<std::string>& sources) {
    merge(dst, sources, TFCKPT_TRANSFER_LINK);
}

}  // namespace ours
