#include "tensorflow/core/framework/allocation_description.pb.h"
#include "tensorflow.h"

namespace theirs {
namespace {

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

}  // namespace

tf::Tensor borrow(void* data, size_t bytes, const tf::TensorShape& shape) {
    auto* buffer = new Borrowed(data, bytes);
    tf::Tensor tensor(tf::DT_FLOAT, shape, buffer);
    // The tensor holds it from here on.
    buffer->Unref();
    return tensor;
}

}  // namespace theirs
