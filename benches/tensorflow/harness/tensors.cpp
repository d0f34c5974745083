#include "tensors.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <new>
#include <numeric>
#include <random>
#include <stdexcept>

namespace bench {
namespace {

constexpr size_t kPage = 4096;
constexpr size_t kHugePage = 2 << 20;

uint8_t* allocate(size_t bytes, size_t alignment) {
    const size_t pages = std::max<size_t>(1, (bytes + alignment - 1) / alignment);
    void* memory = std::aligned_alloc(alignment, pages * alignment);
    if (memory == nullptr) throw std::bad_alloc();
    return static_cast<uint8_t*>(memory);
}

// A number that looks random, another for each `n`.
uint32_t word(uint64_t n) { return static_cast<uint32_t>(((n + 1) * 0x9e3779b97f4a7c15u) >> 32); }

}  // namespace

void Free::operator()(void* memory) const { std::free(memory); }

Memory touched_memory(size_t bytes) {
    Memory memory(allocate(bytes, kPage));
    std::memset(memory.get(), 0, bytes);
    return memory;
}

Memory fresh_memory(size_t bytes) {
    Memory memory(allocate(bytes, kHugePage));
    // A kernel without huge pages gives small ones.
    (void)::madvise(memory.get(), bytes, MADV_HUGEPAGE);
    return memory;
}

Order shuffled(size_t count) {
    Order order(count);
    std::iota(order.begin(), order.end(), size_t{0});
    std::shuffle(order.begin(), order.end(), std::mt19937_64(7));
    return order;
}

std::string tensor_name(const std::string& group, size_t i) {
    char rest[48];
    std::snprintf(rest, sizeof rest, "/block_%05zu/kernel_%03zu", i / 100, i % 100);
    return group + rest;
}

TensorSet::TensorSet(size_t count, size_t bytes_each, const std::string& group)
    : bytes_each_(bytes_each), memory_(touched_memory(count * bytes_each)) {
    names_.reserve(count);
    for (size_t i = 0; i < count; ++i) names_.push_back(tensor_name(group, i));
}

void TensorSet::clear() { std::memset(memory_.get(), 0, bytes()); }

void TensorSet::fill() {
    auto* words = reinterpret_cast<uint32_t*>(memory_.get());
    for (size_t i = 0; i < bytes() / sizeof *words; ++i) words[i] = word(i);
}

void TensorSet::expect_filled() const { bench::expect_filled(memory_.get(), bytes()); }

void expect_filled(const uint8_t* memory, size_t bytes, size_t start) {
    const uint64_t first = start / sizeof(uint32_t);
    for (size_t i = 0; i < bytes / sizeof(uint32_t); ++i) {
        uint32_t value;
        std::memcpy(&value, memory + i * sizeof value, sizeof value);
        if (value != word(first + i)) throw std::logic_error("the values are wrong");
    }
}

}  // namespace bench
