// Tensors of numbers, read and written by TensorFlow: BundleReader and BundleWriter,
// called from C++ as its own kernels do.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "../harness/tensors.h"

namespace theirs {

std::string version();

// A set's tensors as TensorFlow's own, around the same memory. Making them is not
// part of what is measured.
class Tensors {
public:
    // In the order of their numbers.
    explicit Tensors(const bench::TensorSet& set);
    Tensors(const bench::TensorSet& set, const bench::Order& order);
    ~Tensors();

    // Opens the bundle and reads all tensors. Each thread has a BundleReader of its
    // own, as in RestoreV2.
    void read(const std::string& prefix, int threads) const;

    // Writes all tensors into one bundle.
    void write(const std::string& prefix) const;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

// Tensors in memory that TensorFlow takes for them.
class Loaded {
public:
    Loaded();
    ~Loaded();

    // Opens the bundle and reads the tensors of the set, which stay until they are
    // dropped.
    void load(const std::string& prefix, const bench::TensorSet& set);
    void drop();
    // Throws where the values are not those of the set when it is filled.
    void expect_filled() const;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

// A matrix of floats in one bundle, as a tensor that is stored whole.
struct Matrix {
    std::string name;
    int64_t rows;
    int64_t columns;
};
void write_matrix(const std::string& prefix, const Matrix& matrix, void* data);

// Opens the bundle and reads rows of the matrix.
void read_rows(const std::string& prefix, const Matrix& matrix, int64_t first, int64_t count,
               void* dst);

}  // namespace theirs
