// The C API's handles as C++ owns them, and its errors as exceptions.
#pragma once

#include <tfckpt/tfckpt.h>

#include <memory>
#include <stdexcept>
#include <string>

namespace ours {

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
using Tensor = Handle<tfckpt_tensor, tfckpt_tensor_free>;
using Listing = Handle<tfckpt_tensors, tfckpt_tensors_free>;
using Strings = Handle<tfckpt_strings, tfckpt_strings_free>;
using View = Handle<tfckpt_view, tfckpt_view_free>;
using Writer = Handle<tfckpt_writer, tfckpt_writer_free>;
using WriteOptions = Handle<tfckpt_write_options, tfckpt_write_options_free>;
using WriterOptions = Handle<tfckpt_writer_options, tfckpt_writer_options_free>;
using MergeOptions = Handle<tfckpt_merge_options, tfckpt_merge_options_free>;

Reader open_reader(const std::string& prefix, bool mapped = false);
Writer create_writer(const std::string& prefix, bool sync, int shards = 1);
void finish(const Writer& writer);

}  // namespace ours
