#include "tensors.h"

#include <vector>

namespace safetensors {
namespace {

// As benches/safetensors/src has them.
extern "C" {
struct RawTensors {
    const char* const* names;
    size_t count;
    size_t floats;
    uint8_t* memory;
};
struct Written;
struct LoadedFile;

void safetensors_read(const char* path, const RawTensors* tensors);
uint64_t safetensors_view(const char* path);
uint64_t safetensors_list(const char* path);
LoadedFile* safetensors_load(const char* path);
const uint8_t* safetensors_loaded_data(const LoadedFile* loaded, const RawTensors* tensors,
                                       size_t i);
void safetensors_loaded_free(LoadedFile* loaded);
Written* safetensors_prepare(const RawTensors* tensors);
void safetensors_write(const char* path, const Written* written, bool sync);
void safetensors_written_free(Written* written);
}

struct FreeWritten {
    void operator()(Written* written) const { safetensors_written_free(written); }
};
struct FreeLoaded {
    void operator()(LoadedFile* loaded) const { safetensors_loaded_free(loaded); }
};

}  // namespace

struct Tensors::Impl {
    std::vector<const char*> names;
    RawTensors raw;
    std::unique_ptr<Written, FreeWritten> written;
    std::unique_ptr<LoadedFile, FreeLoaded> loaded;
};

Tensors::Tensors(const bench::TensorSet& set) : impl_(new Impl{}) {
    for (size_t i = 0; i < set.count(); ++i) impl_->names.push_back(set.name(i).c_str());
    impl_->raw = {impl_->names.data(), set.count(), set.bytes_each() / sizeof(float), set.data(0)};
    impl_->written.reset(safetensors_prepare(&impl_->raw));
}

Tensors::~Tensors() = default;

void Tensors::read(const std::string& path) const {
    safetensors_read(path.c_str(), &impl_->raw);
}

void Tensors::write(const std::string& path, bool sync) const {
    safetensors_write(path.c_str(), impl_->written.get(), sync);
}

void Tensors::load(const std::string& path) const {
    impl_->loaded.reset(safetensors_load(path.c_str()));
}

void Tensors::drop() const { impl_->loaded.reset(); }

void Tensors::expect_filled() const {
    const size_t bytes = impl_->raw.floats * sizeof(float);
    for (size_t i = 0; i < impl_->raw.count; ++i) {
        bench::expect_filled(safetensors_loaded_data(impl_->loaded.get(), &impl_->raw, i), bytes,
                             i * bytes);
    }
}

uint64_t view(const std::string& path) { return safetensors_view(path.c_str()); }

uint64_t list(const std::string& path) { return safetensors_list(path.c_str()); }

}  // namespace safetensors
