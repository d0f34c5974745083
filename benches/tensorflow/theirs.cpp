#include "theirs.h"

#include <atomic>
#include <exception>
#include <mutex>
#include <stdexcept>
#include <thread>

#include "tensorflow/c/c_api.h"
#include "tensorflow/core/framework/allocation_description.pb.h"
#include "tensorflow/core/framework/tensor.h"
#include "tensorflow/core/platform/env.h"
#include "tensorflow/core/protobuf/tensor_bundle.pb.h"
#include "tensorflow/core/util/tensor_bundle/tensor_bundle.h"

namespace tf = tensorflow;

namespace theirs {
namespace {

void check(const absl::Status& status) {
    if (!status.ok()) throw std::runtime_error("TensorFlow: " + status.ToString());
}

// Memory that somebody else owns.
class Borrowed : public tf::TensorBuffer {
public:
    Borrowed(void* data, size_t size) : TensorBuffer(data), size_(size) {}

    size_t size() const override { return size_; }
    tf::TensorBuffer* root_buffer() override { return this; }
    bool OwnsMemory() const override { return false; }
    void FillAllocationDescription(tf::AllocationDescription* proto) const override {
        proto->set_requested_bytes(static_cast<int64_t>(size_));
    }

private:
    size_t size_;
};

tf::Tensor wrap(const bench::TensorSet& set, size_t i) {
    auto* buffer = new Borrowed(set.data(i), set.bytes_each());
    tf::Tensor tensor(tf::DT_FLOAT, tf::TensorShape({set.elements_each()}), buffer);
    // The tensor holds it from here on.
    buffer->Unref();
    return tensor;
}

// Stands on the first entry behind the header.
void seek_to_first(tf::BundleReader& reader) {
    check(reader.status());
    reader.Seek(tf::kHeaderEntryKey);
    reader.Next();
}

// Runs `work` on `threads` threads, this one among them, and hands on what one threw.
template <typename Work>
void run_on_threads(int threads, Work work) {
    std::exception_ptr failure;
    std::mutex mutex;
    auto guarded = [&] {
        try {
            work();
        } catch (...) {
            std::lock_guard<std::mutex> lock(mutex);
            failure = std::current_exception();
        }
    };
    std::vector<std::thread> others;
    for (int i = 1; i < threads; ++i) others.emplace_back(guarded);
    guarded();
    for (std::thread& other : others) other.join();
    if (failure) std::rethrow_exception(failure);
}

}  // namespace

std::string version() { return TF_Version(); }

struct Tensors::Impl {
    const bench::TensorSet& set;
    std::vector<tf::Tensor> tensors;
};

Tensors::Tensors(const bench::TensorSet& set) : impl_(new Impl{set, {}}) {
    impl_->tensors.reserve(set.count());
    for (size_t i = 0; i < set.count(); ++i) impl_->tensors.push_back(wrap(set, i));
}

Tensors::~Tensors() = default;

void Tensors::read(const std::string& prefix, int threads) const {
    std::atomic<size_t> next{0};
    run_on_threads(threads, [&] {
        tf::BundleReader reader(tf::Env::Default(), prefix);
        check(reader.status());
        for (size_t i = next++; i < impl_->tensors.size(); i = next++) {
            check(reader.Lookup(impl_->set.name(i), &impl_->tensors[i]));
        }
    });
}

void Tensors::write(const std::string& prefix) const {
    tf::BundleWriter writer(tf::Env::Default(), prefix);
    check(writer.status());
    for (size_t i = 0; i < impl_->tensors.size(); ++i) {
        check(writer.Add(impl_->set.name(i), impl_->tensors[i]));
    }
    check(writer.Finish());
}

uint64_t list_names(const std::string& prefix) {
    tf::BundleReader reader(tf::Env::Default(), prefix);
    uint64_t sum = 0;
    for (seek_to_first(reader); reader.Valid(); reader.Next()) sum += reader.key().size();
    return sum;
}

uint64_t list_tensors(const std::string& prefix) {
    tf::BundleReader reader(tf::Env::Default(), prefix);
    uint64_t sum = 0;
    tf::BundleEntryProto entry;
    for (seek_to_first(reader); reader.Valid(); reader.Next()) {
        const absl::string_view value = reader.value();
        if (!entry.ParseFromArray(value.data(), static_cast<int>(value.size()))) {
            throw std::runtime_error("TensorFlow: an entry that is none");
        }
        const tf::TensorShape shape(entry.shape());
        sum += reader.key().size() + static_cast<uint64_t>(entry.dtype()) +
               static_cast<uint64_t>(shape.num_elements());
    }
    return sum;
}

void merge(const std::string& dst, const std::vector<std::string>& sources) {
    const std::vector<tf::tstring> prefixes(sources.begin(), sources.end());
    check(tf::MergeBundles(tf::Env::Default(), prefixes, dst));
}

}  // namespace theirs
