#include "tensors.h"

#include <numeric>
#include <vector>

#include "handles.h"

namespace ours {
namespace {

bench::Order in_order(size_t count) {
    bench::Order order(count);
    std::iota(order.begin(), order.end(), size_t{0});
    return order;
}

tfckpt_read_request request_of(const bench::TensorSet& set, size_t i) {
    tfckpt_read_request request = {};
    request.name = set.name(i).data();
    request.name_len = set.name(i).size();
    request.dst = set.data(i);
    request.dst_len = set.bytes_each();
    return request;
}

tfckpt_write_request write_of(const bench::TensorSet& set, size_t i, const int64_t& elements) {
    tfckpt_write_request request = {};
    request.name = set.name(i).data();
    request.name_len = set.name(i).size();
    request.dtype = TFCKPT_DT_FLOAT;
    request.dims = &elements;
    request.rank = 1;
    request.data = set.data(i);
    request.data_len = set.bytes_each();
    return request;
}

void read_many(const Reader& reader, const std::vector<tfckpt_read_request>& requests,
               int threads) {
    const ReadOptions options(tfckpt_read_options_new());
    tfckpt_read_options_set_threads(options.get(), static_cast<size_t>(threads));
    check([&](auto err) {
        return tfckpt_reader_read_many(reader.get(), requests.data(), requests.size(),
                                       options.get(), err);
    });
}

}  // namespace

std::string version() { return tfckpt_version(); }

struct Tensors::Impl {
    const bench::TensorSet& set;
    bench::Order order;
    int64_t elements;
    std::vector<tfckpt_read_request> requests;
    std::vector<tfckpt_write_request> writes;
};

Tensors::Tensors(const bench::TensorSet& set) : Tensors(set, in_order(set.count())) {}

Tensors::Tensors(const bench::TensorSet& set, const bench::Order& order)
    : impl_(new Impl{set, order, set.elements_each(), {}, {}}) {
    impl_->requests.reserve(order.size());
    impl_->writes.reserve(order.size());
    for (const size_t i : order) {
        impl_->requests.push_back(request_of(set, i));
        impl_->writes.push_back(write_of(set, i, impl_->elements));
    }
}

Tensors::~Tensors() = default;

void Tensors::read(const std::string& prefix, const ReadHow& how) const {
    read_many(open_reader(prefix, how.mapped), impl_->requests, how.threads);
}

void Tensors::write(const std::string& prefix, const WriteHow& how) const {
    const Writer writer = create_writer(prefix, how.sync, how.threads);
    const WriteOptions options(tfckpt_write_options_new());
    tfckpt_write_options_set_threads(options.get(), static_cast<size_t>(how.threads));
    const std::vector<tfckpt_write_request>& requests = impl_->writes;
    check([&](auto err) {
        return tfckpt_writer_add_many(writer.get(), requests.data(), requests.size(),
                                      options.get(), err);
    });
    finish(writer);
}

bench::Memory Tensors::load(const std::string& prefix, int threads) const {
    const Reader reader = open_reader(prefix);
    const bench::TensorSet& set = impl_->set;
    bench::Memory memory = bench::fresh_memory(set.bytes());
    std::vector<tfckpt_read_request> requests = impl_->requests;
    for (size_t at = 0; at < requests.size(); ++at) {
        requests[at].dst = memory.get() + impl_->order[at] * set.bytes_each();
    }
    read_many(reader, requests, threads);
    return memory;
}

void read_rows(const std::string& prefix, const Rows& rows, bool verify, void* dst, size_t bytes) {
    const Reader reader = open_reader(prefix);
    const ReadOptions options(tfckpt_read_options_new());
    tfckpt_read_options_set_verify(options.get(), verify);
    const int64_t starts[] = {rows.first, 0};
    const int64_t lengths[] = {rows.count, -1};
    check([&](auto err) {
        return tfckpt_reader_read_slice(reader.get(), rows.name.data(), rows.name.size(), starts,
                                        lengths, 2, options.get(), dst, bytes, err);
    });
}

}  // namespace ours
