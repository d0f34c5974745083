#include "tensors.h"

#include <atomic>
#include <numeric>

#include "../harness/threads.h"
#include "tensorflow.h"
#include "tensorflow/c/c_api.h"

namespace theirs {
namespace {

bench::Order in_order(size_t count) {
    bench::Order order(count);
    std::iota(order.begin(), order.end(), size_t{0});
    return order;
}

tf::Tensor wrap(const bench::TensorSet& set, size_t i) {
    return borrow(set.data(i), set.bytes_each(), {set.elements_each()});
}

}  // namespace

std::string version() { return TF_Version(); }

struct Tensors::Impl {
    const bench::TensorSet& set;
    bench::Order order;
    // In that order.
    std::vector<tf::Tensor> tensors;
};

Tensors::Tensors(const bench::TensorSet& set) : Tensors(set, in_order(set.count())) {}

Tensors::Tensors(const bench::TensorSet& set, const bench::Order& order)
    : impl_(new Impl{set, order, {}}) {
    impl_->tensors.reserve(order.size());
    for (const size_t i : order) impl_->tensors.push_back(wrap(set, i));
}

Tensors::~Tensors() = default;

void Tensors::read(const std::string& prefix, int threads) const {
    std::atomic<size_t> next{0};
    bench::run_on_threads(threads, [&](int) {
        tf::BundleReader reader(tf::Env::Default(), prefix);
        check(reader.status());
        for (size_t at = next++; at < impl_->tensors.size(); at = next++) {
            check(reader.Lookup(impl_->set.name(impl_->order[at]), &impl_->tensors[at]));
        }
    });
}

void Tensors::write(const std::string& prefix) const {
    tf::BundleWriter writer(tf::Env::Default(), prefix);
    check(writer.status());
    for (size_t at = 0; at < impl_->tensors.size(); ++at) {
        check(writer.Add(impl_->set.name(impl_->order[at]), impl_->tensors[at]));
    }
    check(writer.Finish());
}

struct Loaded::Impl {
    std::vector<tf::Tensor> tensors;
};

Loaded::Loaded() : impl_(new Impl) {}
Loaded::~Loaded() = default;

void Loaded::load(const std::string& prefix, const bench::TensorSet& set) {
    tf::BundleReader reader(tf::Env::Default(), prefix);
    check(reader.status());
    for (size_t i = 0; i < set.count(); ++i) {
        tf::Tensor tensor(tf::DT_FLOAT, tf::TensorShape({set.elements_each()}));
        check(reader.Lookup(set.name(i), &tensor));
        impl_->tensors.push_back(std::move(tensor));
    }
}

void Loaded::drop() { impl_->tensors.clear(); }

void Loaded::expect_filled() const {
    size_t start = 0;
    for (const tf::Tensor& tensor : impl_->tensors) {
        bench::expect_filled(static_cast<const uint8_t*>(tensor.data()), tensor.TotalBytes(),
                             start);
        start += tensor.TotalBytes();
    }
}

void write_matrix(const std::string& prefix, const Matrix& matrix, void* data) {
    const tf::TensorShape shape({matrix.rows, matrix.columns});
    tf::BundleWriter writer(tf::Env::Default(), prefix);
    check(writer.status());
    const size_t bytes = static_cast<size_t>(shape.num_elements()) * sizeof(float);
    check(writer.Add(matrix.name, borrow(data, bytes, shape)));
    check(writer.Finish());
}

void read_rows(const std::string& prefix, const Matrix& matrix, int64_t first, int64_t count,
               void* dst) {
    tf::BundleReader reader(tf::Env::Default(), prefix);
    check(reader.status());
    const tf::TensorShape shape({count, matrix.columns});
    tf::Tensor rows = borrow(dst, static_cast<size_t>(shape.num_elements()) * sizeof(float), shape);
    tf::TensorSlice slice(2);
    slice.set_start(0, first);
    slice.set_length(0, count);
    check(reader.LookupSlice(matrix.name, slice, &rows));
}

}  // namespace theirs
