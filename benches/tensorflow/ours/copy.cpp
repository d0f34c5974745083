#include "copy.h"

#include "handles.h"

namespace ours {
namespace {

using CopyOptions = Handle<tfckpt_copy_options, tfckpt_copy_options_free>;

}  // namespace

void copy(const std::string& dst, const std::string& src, int threads) {
    const CopyOptions options(tfckpt_copy_options_new());
    tfckpt_copy_options_set_sync(options.get(), false);
    tfckpt_copy_options_set_threads(options.get(), static_cast<size_t>(threads));
    check([&](auto err) { return tfckpt_copy_options_set_shards(options.get(), threads, err); });
    check([&](auto err) {
        return tfckpt_checkpoint_copy(dst.c_str(), src.c_str(), options.get(), err);
    });
}

}  // namespace ours
