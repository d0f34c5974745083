// Tensors that the benchmark writes and reads: all of one size, in one piece of memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace bench {

// `count` float vectors of `bytes_each` bytes. Every page of the memory has been
// touched, so that no run pays for the first use of it.
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
    // Whether the values are those of fill().
    bool is_filled() const;

private:
    struct Free {
        void operator()(void* memory) const;
    };

    std::vector<std::string> names_;
    size_t bytes_each_;
    std::unique_ptr<uint8_t, Free> memory_;
};

}  // namespace bench
