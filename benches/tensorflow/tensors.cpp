#include "tensors.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <new>

namespace bench {
namespace {

constexpr size_t kPage = 4096;

std::string name_of(const std::string& group, size_t i) {
    char rest[48];
    std::snprintf(rest, sizeof rest, "/block_%05zu/kernel_%03zu", i / 100, i % 100);
    return group + rest;
}

uint8_t* allocate(size_t bytes) {
    const size_t pages = std::max<size_t>(1, (bytes + kPage - 1) / kPage);
    void* memory = std::aligned_alloc(kPage, pages * kPage);
    if (memory == nullptr) throw std::bad_alloc();
    return static_cast<uint8_t*>(memory);
}

// A number that looks random, another for each `n`.
uint32_t word(uint64_t n) { return static_cast<uint32_t>(((n + 1) * 0x9e3779b97f4a7c15u) >> 32); }

}  // namespace

void TensorSet::Free::operator()(void* memory) const { std::free(memory); }

TensorSet::TensorSet(size_t count, size_t bytes_each, const std::string& group)
    : bytes_each_(bytes_each), memory_(allocate(count * bytes_each)) {
    names_.reserve(count);
    for (size_t i = 0; i < count; ++i) names_.push_back(name_of(group, i));
    clear();
}

void TensorSet::clear() { std::memset(memory_.get(), 0, bytes()); }

void TensorSet::fill() {
    auto* words = reinterpret_cast<uint32_t*>(memory_.get());
    for (size_t i = 0; i < bytes() / sizeof *words; ++i) words[i] = word(i);
}

bool TensorSet::is_filled() const {
    const auto* words = reinterpret_cast<const uint32_t*>(memory_.get());
    for (size_t i = 0; i < bytes() / sizeof *words; ++i) {
        if (words[i] != word(i)) return false;
    }
    return true;
}

}  // namespace bench
