// Tensors that the benchmark writes and reads: all of one size, in one piece of memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace bench {

struct Free {
    void operator()(void* memory) const;
};

// Memory of which every page has been touched, so that no run pays for the first use
// of it.
using Memory = std::unique_ptr<uint8_t, Free>;
Memory touched_memory(size_t bytes);

// Memory of which no page has been, and that the kernel may give out in huge ones.
Memory fresh_memory(size_t bytes);

// In which order tensors are asked for, or given: their numbers.
using Order = std::vector<size_t>;
Order shuffled(size_t count);

// `count` float vectors of `bytes_each` bytes, in touched memory.
class TensorSet {
public:
    // Names begin with `group`, and sort in the order of their numbers.
    TensorSet(size_t count, size_t bytes_each, const std::string& group = "encoder");

    size_t count() const { return names_.size(); }
    size_t bytes_each() const { return bytes_each_; }
    size_t bytes() const { return count() * bytes_each_; }
    int64_t elements_each() const { return static_cast<int64_t>(bytes_each_ / sizeof(float)); }

    const std::string& name(size_t i) const { return names_[i]; }
    uint8_t* data(size_t i) const { return memory_.get() + i * bytes_each_; }

    // Puts values there that look random.
    void fill();
    // Zeros everything.
    void clear();
    // Throws where the values are not those of fill().
    void expect_filled() const;

private:
    std::vector<std::string> names_;
    size_t bytes_each_;
    Memory memory_;
};

// Throws where `memory` is not what the first bytes of a filled set are, from the byte
// `start` on, a multiple of four.
void expect_filled(const uint8_t* memory, size_t bytes, size_t start = 0);

// The name of the tensor of number i.
std::string tensor_name(const std::string& group, size_t i);

}  // namespace bench
