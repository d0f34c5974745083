// What is measured of TensorFlow: BundleReader, BundleWriter and MergeBundles, called
// from C++ as its own kernels do. The only place that knows TensorFlow's headers.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "tensors.h"

namespace theirs {

std::string version();

// A set's tensors as TensorFlow's own, around the same memory. Making them is not
// part of what is measured.
class Tensors {
public:
    explicit Tensors(const bench::TensorSet& set);
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

// Opens the bundle and walks along its keys; the sum of their lengths.
uint64_t list_names(const std::string& prefix);

// Opens the bundle and takes name, dtype and shape of every tensor; the sum of the
// names' lengths, the numbers of the dtypes and the elements.
uint64_t list_tensors(const std::string& prefix);

// The data files of the sources are renamed; their indices are deleted.
void merge(const std::string& dst, const std::vector<std::string>& sources);

}  // namespace theirs
