// What is measured of this library: its C API, as any program uses it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "tensors.h"

namespace ours {

std::string version();

struct ReadHow {
    int threads = 1;
    bool mapped = false;
};

// A set's tensors as requests to read them. Making them is not part of what is
// measured.
class Tensors {
public:
    explicit Tensors(const bench::TensorSet& set);
    ~Tensors();

    // Opens the bundle and reads all tensors in one call; checksums are checked.
    void read(const std::string& prefix, const ReadHow& how) const;

    // Writes all tensors into one bundle.
    void write(const std::string& prefix, bool sync) const;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

// Opens the bundle and walks along its tensors; the sum of the lengths of their names.
uint64_t list_names(const std::string& prefix);

// Opens the bundle and takes name, dtype and shape of every tensor; the sum of the
// names' lengths, the numbers of the dtypes and the elements.
uint64_t list_tensors(const std::string& prefix);

// The data files of the sources move to `dst`, and all is on the disk.
void merge_by_move(const std::string& dst, const std::vector<std::string>& sources);

// The data files of the sources get second names; nothing is synced.
void merge_by_link(const std::string& dst, const std::vector<std::string>& sources);

}  // namespace ours
