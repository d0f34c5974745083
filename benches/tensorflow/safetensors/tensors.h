// The same tensors, read and written by safetensors' Rust crate. It has no checksums.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "../harness/tensors.h"

namespace safetensors {

// A set's tensors. Making them is not part of what is measured.
class Tensors {
public:
    explicit Tensors(const bench::TensorSet& set);
    ~Tensors();

    // Maps the file and copies all tensors out of it.
    void read(const std::string& path) const;

    // Writes all tensors into one file.
    void write(const std::string& path, bool sync) const;

    // Reads the whole file into new memory, which stays until it is dropped.
    void load(const std::string& path) const;
    void drop() const;
    // Throws where the values are not those of the set when it is filled.
    void expect_filled() const;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

// Maps the file and looks at each word of each tensor; their sum.
uint64_t view(const std::string& path);

// Maps the file and goes over its tensors; the sum of the lengths of their names, the
// bits of their types and their elements.
uint64_t list(const std::string& path);

}  // namespace safetensors
