#include "index.h"

#include "handles.h"

namespace ours {
namespace {

Cursor list(const Reader& reader) {
    tfckpt_cursor* cursor = nullptr;
    check([&](auto err) { return tfckpt_reader_list(reader.get(), nullptr, 0, &cursor, err); });
    return Cursor(cursor);
}

// The sum of `measure` over all tensors.
template <typename Measure>
uint64_t sum_over(const std::string& prefix, Measure measure) {
    const Reader reader = open_reader(prefix);
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

uint64_t dtype_and_elements(const tfckpt_tensor* tensor) {
    return static_cast<uint64_t>(tfckpt_tensor_dtype(tensor)) +
           static_cast<uint64_t>(tfckpt_tensor_num_elements(tensor));
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

void open(const std::string& prefix) { open_reader(prefix); }

uint64_t list_names(const std::string& prefix) { return sum_over(prefix, name_length); }

uint64_t list_tensors(const std::string& prefix) {
    return sum_over(prefix, [](const tfckpt_tensor* tensor) {
        return name_length(tensor) + dtype_and_elements(tensor);
    });
}

uint64_t look_up(const std::string& prefix, const std::vector<std::string>& names) {
    const Reader reader = open_reader(prefix);
    uint64_t sum = 0;
    for (const std::string& name : names) {
        tfckpt_tensor* tensor = nullptr;
        check([&](auto err) {
            return tfckpt_reader_find(reader.get(), name.data(), name.size(), &tensor, err);
        });
        sum += dtype_and_elements(Tensor(tensor).get());
    }
    return sum;
}

void merge_by_move(const std::string& dst, const std::vector<std::string>& sources) {
    merge(dst, sources, TFCKPT_TRANSFER_MOVE);
}

void merge_by_link(const std::string& dst, const std::vector<std::string>& sources) {
    merge(dst, sources, TFCKPT_TRANSFER_LINK);
}

}  // namespace ours
