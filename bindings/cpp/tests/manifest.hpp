/// The manifests of tests/data, which its README describes.
#ifndef MANIFEST_HPP
#define MANIFEST_HPP

#include <cstddef>
#include <cstdint>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include <tfckpt/tfckpt.hpp>

namespace manifest {

/// Whether a word is among those that a column allows.
bool allows(const std::string& column, std::string_view word);

// golden/manifest.tsv

struct Slice {
    tfckpt::Slice slice;
    std::string sha256;
};

struct Tensor {
    std::string name;
    tfckpt::DType dtype;
    tfckpt::Shape shape;
    std::string sha256;  ///< Empty where the slices don't make up the tensor.
    std::optional<std::int64_t> shard, offset, size, crc32c;
    std::vector<Slice> slices;
};

struct Checkpoint {
    std::string prefix;
    bool is_v1;
    bool is_big_endian;
    std::int64_t shards;
    std::vector<Tensor> tensors;
};

std::vector<Checkpoint> golden();

// hostile/manifest.tsv; the columns with statuses are as they are there.

struct HostileTensor {
    std::string name, info, read, sha256;
};

struct Case {
    std::string name, kind, prefix, open, list, verify, files;
    std::vector<HostileTensor> tensors;
};

std::vector<Case> hostile();

/// What GoogleTest calls the test of a prefix or a case.
std::string test_name(std::string name);

inline void PrintTo(const Checkpoint& checkpoint, std::ostream* out) { *out << checkpoint.prefix; }
inline void PrintTo(const Case& hostile, std::ostream* out) { *out << hostile.name; }

/// The SHA-256 of a tensor's content, as tests/data/README.md defines it.
std::string digest(tfckpt::Span<const std::byte> bytes);
std::string digest(const tfckpt::Strings& strings);

}  // namespace manifest

#endif
