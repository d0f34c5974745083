#include "index.h"

#include "handles.h"

namespace ours {
namespace {

Cursor list(const Reader& reader) {
    tfckpt_cursor* cursor = nullptr;
    check([&](auto err) { return tfckpt_reader_list(reader.get(), nullptr, 0, &cursor, err); });
    return Cursor(cursor);
}

// So many are listed with one call.
constexpr int64_t kAtOnce = 1000;

uint64_t name_length(const int64_t* offsets, int64_t i) {
    return static_cast<uint64_t>(offsets[i + 1] - offsets[i]);
}

uint64_t dtype_and_elements(const tfckpt_tensor* tensor) {
    return static_cast<uint64_t>(tfckpt_tensor_dtype(tensor)) +
           static_cast<uint64_t>(tfckpt_tensor_num_elements(tensor));
}

// Names, types and elements of tensors that were listed.
uint64_t sum_of(const tfckpt_tensors* tensors, int64_t count) {
    const int64_t* names = tfckpt_tensors_name_offsets(tensors);
    const int32_t* dtypes = tfckpt_tensors_dtypes(tensors);
    const int64_t* dims = tfckpt_tensors_dims(tensors);
    const int64_t* dim_offsets = tfckpt_tensors_dim_offsets(tensors);
    uint64_t sum = 0;
    for (int64_t i = 0; i < count; ++i) {
        uint64_t elements = 1;
        for (int64_t d = dim_offsets[i]; d < dim_offsets[i + 1]; ++d) elements *= dims[d];
        sum += name_length(names, i) + static_cast<uint64_t>(dtypes[i]) + elements;
    }
    return sum;
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

uint64_t list_names(const std::string& prefix) {
    const Reader reader = open_reader(prefix);
    const Cursor cursor = list(reader);
    uint64_t sum = 0;
    for (;;) {
        const tfckpt_strings* names = nullptr;
        check([&](auto err) {
            return tfckpt_cursor_next_names(cursor.get(), kAtOnce, &names, err);
        });
        const int64_t count = tfckpt_strings_count(names);
        const int64_t* offsets = tfckpt_strings_offsets(names);
        if (count == 0) return sum;
        for (int64_t i = 0; i < count; ++i) sum += name_length(offsets, i);
    }
}

uint64_t list_tensors(const std::string& prefix) {
    const Reader reader = open_reader(prefix);
    const Cursor cursor = list(reader);
    uint64_t sum = 0;
    for (;;) {
        tfckpt_tensors* taken = nullptr;
        check([&](auto err) {
            return tfckpt_cursor_next_many(cursor.get(), kAtOnce, &taken, err);
        });
        const Listing tensors(taken);
        const int64_t count = tfckpt_tensors_count(taken);
        if (count == 0) return sum;
        sum += sum_of(taken, count);
    }
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
