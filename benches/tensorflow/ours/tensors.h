// Tensors of numbers, read and written by this library: its C API, as any program
// uses it.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "../harness/tensors.h"

namespace ours {

std::string version();

struct ReadHow {
    int threads = 1;
    bool mapped = false;
};

struct WriteHow {
    int threads = 1;
    bool sync = false;
};

// A set's tensors as requests to read and to write them. Making them is not part of
// what is measured.
class Tensors {
public:
    // In the order of their numbers.
    explicit Tensors(const bench::TensorSet& set);
    Tensors(const bench::TensorSet& set, const bench::Order& order);
    ~Tensors();

    // Opens the bundle and reads all tensors in one call; checksums are checked.
    void read(const std::string& prefix, const ReadHow& how) const;

    // Writes all tensors into one bundle in one call, into as many shards as threads.
    void write(const std::string& prefix, const WriteHow& how) const;

    // Opens the bundle and reads all into memory that nobody has touched, which comes
    // back: the tensors one behind the other.
    bench::Memory load(const std::string& prefix, int threads) const;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

// Is told of the tensor of number i and of its bytes, on any of the threads.
using ViewSeen = std::function<void(size_t i, const uint8_t* data, size_t size)>;

// Opens the bundle and takes a view of each of the set's tensors, on so many threads of
// the caller; checksums are checked.
void view_all(const std::string& prefix, const bench::TensorSet& set, int threads,
              const ViewSeen& seen);

// Opens the bundle and reads rows of a matrix of floats.
struct Rows {
    std::string name;
    int64_t first;
    int64_t count;
};
void read_rows(const std::string& prefix, const Rows& rows, bool verify, void* dst, size_t bytes);

}  // namespace ours
