// Views: tensors where they lie in the mapped file.
#include <atomic>

#include "../harness/threads.h"
#include "handles.h"
#include "tensors.h"

namespace ours {
namespace {

View view_of(const Reader& reader, const std::string& name) {
    tfckpt_view* view = nullptr;
    check([&](auto err) {
        return tfckpt_reader_view(reader.get(), name.data(), name.size(), nullptr, &view, err);
    });
    return View(view);
}

}  // namespace

void view_all(const std::string& prefix, const bench::TensorSet& set, int threads,
              const ViewSeen& seen) {
    const Reader reader = open_reader(prefix);
    std::atomic<size_t> next{0};
    bench::run_on_threads(threads, [&](int) {
        for (size_t i = next++; i < set.count(); i = next++) {
            const View view = view_of(reader, set.name(i));
            seen(i, static_cast<const uint8_t*>(tfckpt_view_data(view.get())),
                 tfckpt_view_size(view.get()));
        }
    });
}

}  // namespace ours
