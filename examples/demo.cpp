/// Reads all of a checkpoint and writes a new one with the same in it:
///
///     demo CHECKPOINT COPY
///
/// CHECKPOINT leads to one that TensorFlow wrote: its prefix (model/ckpt-100), one of its
/// files, or the directory of a SavedModel. COPY is the prefix of the new one, which must
/// not be there yet. Exits with 1 where anything is wrong or differs.
#include <cstddef>
#include <cstdint>
#include <exception>
#include <iostream>
#include <stdexcept>
#include <string>
#include <vector>

#include <tfckpt/tfckpt.hpp>

namespace {

using tfckpt::DType;
using tfckpt::Reader;
using tfckpt::Slice;
using tfckpt::Strings;
using tfckpt::TensorRef;
using tfckpt::Writer;

void list(const Reader& reader) {
    std::cout << reader.prefix() << " has " << reader.size() << " tensors:\n";
    for (const TensorRef& tensor : reader.tensors()) {
        std::cout << "  " << tensor.name() << ": " << tfckpt::dtype_name(tensor.dtype()) << ' '
                  << to_string(tensor.shape());
        if (tensor.byte_size()) std::cout << ", " << *tensor.byte_size() << " bytes";
        if (tensor.slice_count() > 0) std::cout << ", in " << tensor.slice_count() << " slices";
        std::cout << '\n';
    }
}

/// Checks every byte of the index and of the data against their checksums.
void verify(const std::string& path) {
    const tfckpt::Report report = tfckpt::verify(path);
    for (const tfckpt::Error& problem : report.problems()) std::cerr << problem.what() << '\n';
    if (!report.ok()) throw std::runtime_error(path + " is damaged");
    std::cout << "Verified " << path << ": " << report.byte_count()
              << " stored bytes, no checksum is wrong.\n";
}

/// A large tensor may be stored as slices, on several machines perhaps. What is stored
/// whole is one slice here, so that both are read and written alike.
std::vector<Slice> parts_of(const TensorRef& tensor) {
    std::vector<Slice> parts = tensor.slices();
    if (parts.empty()) parts.push_back(Slice::whole(tensor.dims().size()));
    return parts;
}

/// Whether the elements are byte strings. A variant, which may hold anything (the state of
/// an iterator, a list of tensors), is one too: a serialized message.
bool has_strings(const TensorRef& tensor) {
    return tensor.dtype() == DType::kString || tensor.dtype() == DType::kVariant;
}

void copy_part(const Reader& from, const TensorRef& tensor, const Slice& part, Writer& to) {
    if (tensor.dtype() == DType::kString) {
        const Strings strings = from.read_strings_slice(tensor.name(), part);
        to.add_strings_slice(tensor.name(), tensor.shape(), part, strings);
    } else if (tensor.dtype() == DType::kVariant) {
        const Strings variants = from.read_strings_slice(tensor.name(), part);
        to.add_variants_slice(tensor.name(), tensor.shape(), part, variants);
    } else {
        // std::byte stands for elements of any type; who knows it asks for read<float>.
        const auto bytes = from.read_slice<std::byte>(tensor.name(), part);
        to.add_slice(tensor.name(), tensor.dtype(), tensor.shape(), part, bytes);
    }
}

/// Whatever is read is checked on the way. Nothing can be seen of the copy before all of it
/// is there and safe on the disk, which is what finish() does.
void copy(const Reader& from, const std::string& prefix) {
    Writer to = Writer::create(prefix);
    for (const TensorRef& tensor : from.tensors()) {
        for (const Slice& part : parts_of(tensor)) copy_part(from, tensor, part, to);
    }
    to.finish();
    std::cout << "Wrote " << prefix << ".\n";
}

[[noreturn]] void differs(const TensorRef& tensor) {
    throw std::runtime_error(std::string(tensor.name()) + " is another in the copy");
}

/// Counts the bytes of a part, which must be the same in both.
std::size_t compare_part(const Reader& one, const Reader& other, const TensorRef& tensor,
                         const Slice& part) {
    if (has_strings(tensor)) {
        const Strings a = one.read_strings_slice(tensor.name(), part);
        const Strings b = other.read_strings_slice(tensor.name(), part);
        if (a != b) differs(tensor);
        return a.data().size();
    }
    const auto a = one.read_slice<std::byte>(tensor.name(), part);
    const auto b = other.read_slice<std::byte>(tensor.name(), part);
    if (a != b) differs(tensor);
    return a.size();
}

void compare(const Reader& one, const Reader& other) {
    if (one.size() != other.size()) throw std::runtime_error("the copy has not all tensors");
    std::size_t bytes = 0;
    for (const TensorRef& tensor : one.tensors()) {
        const tfckpt::Tensor copied = other.at(tensor.name());
        if (copied.dtype() != tensor.dtype() || copied.shape() != tensor.shape()) differs(tensor);
        for (const Slice& part : parts_of(tensor)) bytes += compare_part(one, other, tensor, part);
    }
    std::cout << one.size() << " tensors with " << bytes << " bytes: all the same in both.\n";
}

void run(const std::string& checkpoint, const std::string& prefix) {
    const Reader original = Reader::open(checkpoint);
    list(original);
    verify(checkpoint);
    copy(original, prefix);
    verify(prefix);
    compare(original, Reader::open(prefix));
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 3) {
        std::cerr << "usage: demo CHECKPOINT COPY\n";
        return 2;
    }
    try {
        run(argv[1], argv[2]);
        return 0;
    } catch (const std::exception& error) {
        std::cerr << "demo: " << error.what() << '\n';
        return 1;
    }
}
