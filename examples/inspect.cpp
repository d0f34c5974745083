/// Looks into a checkpoint:
///
///     inspect CHECKPOINT            what it holds, by dtype, and its largest tensors
///     inspect CHECKPOINT TENSOR     what is known of a tensor, and its first values
///
/// Reads the index and no more, or that tensor alone: the size of the checkpoint does not
/// matter.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <iomanip>
#include <iostream>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <tfckpt/tfckpt.hpp>

namespace {

using tfckpt::DType;
using tfckpt::Reader;
using tfckpt::Slice;
using tfckpt::Tensor;
using tfckpt::TensorRef;

struct Total {
    std::int64_t tensors = 0, elements = 0, bytes = 0;
};

struct Large {
    std::int64_t bytes;
    std::string name, shape;
};

void print_totals(const std::map<std::string_view, Total>& by_dtype) {
    std::cout << "dtype         tensors  elements     bytes\n";
    for (const auto& [dtype, total] : by_dtype) {
        std::cout << std::left << std::setw(12) << dtype << std::right << std::setw(9)
                  << total.tensors << std::setw(10) << total.elements << std::setw(10)
                  << total.bytes << '\n';
    }
}

void print_largest(std::vector<Large> tensors) {
    const std::size_t shown = std::min<std::size_t>(tensors.size(), 3);
    const auto end = tensors.begin() + static_cast<std::ptrdiff_t>(shown);
    std::partial_sort(tensors.begin(), end, tensors.end(), [](const Large& a, const Large& b) {
        return a.bytes != b.bytes ? a.bytes > b.bytes : a.name < b.name;
    });
    std::cout << "The largest:\n";
    for (auto tensor = tensors.begin(); tensor != end; ++tensor) {
        std::cout << "  " << tensor->name << ' ' << tensor->shape << ": " << tensor->bytes << '\n';
    }
}

void summarize(const Reader& reader) {
    std::map<std::string_view, Total> by_dtype;
    std::vector<Large> tensors;
    for (const TensorRef& tensor : reader.tensors()) {
        // What has no fixed element size, such as strings, counts with none.
        const std::int64_t bytes = tensor.byte_size().value_or(0);
        Total& total = by_dtype[tfckpt::dtype_name(tensor.dtype())];
        total.tensors += 1;
        total.elements += tensor.num_elements();
        total.bytes += bytes;
        // The name is borrowed from the walk, which goes on: so it is copied.
        tensors.push_back({bytes, std::string(tensor.name()), to_string(tensor.shape())});
    }
    print_totals(by_dtype);
    print_largest(std::move(tensors));
}

/// Of each dimension but the last the first element, and of that some.
Slice first_values(const Tensor& tensor) {
    constexpr std::int64_t most = 5;
    Slice slice;
    for (const std::int64_t dim : tensor.dims()) {
        slice.starts.push_back(0);
        slice.lengths.push_back(std::min<std::int64_t>(dim, 1));
    }
    if (!slice.lengths.empty()) {
        slice.lengths.back() = std::min(tensor.dims()[slice.lengths.size() - 1], most);
    }
    return slice;
}

template <class T>
void print_as(const Reader& reader, const Tensor& tensor) {
    for (const auto value : reader.read_slice<T>(tensor.name(), first_values(tensor))) {
        std::cout << ' ' << +value;  // The sign makes a number of an 8 bit integer.
    }
}

void print_strings(const Reader& reader, const Tensor& tensor) {
    for (const auto value : reader.read_strings_slice(tensor.name(), first_values(tensor))) {
        std::cout << " '" << value.substr(0, 20) << "' (" << value.size() << " bytes)";
    }
}

/// The dtype is known when the program runs, the type in C++ when it is compiled.
void print_values(const Reader& reader, const Tensor& tensor) {
    switch (tensor.dtype()) {
        case DType::kFloat: return print_as<float>(reader, tensor);
        case DType::kDouble: return print_as<double>(reader, tensor);
        case DType::kBool: return print_as<bool>(reader, tensor);
        case DType::kInt8: return print_as<std::int8_t>(reader, tensor);
        case DType::kUInt8: return print_as<std::uint8_t>(reader, tensor);
        case DType::kInt32: return print_as<std::int32_t>(reader, tensor);
        case DType::kInt64: return print_as<std::int64_t>(reader, tensor);
        case DType::kString: return print_strings(reader, tensor);
        default: std::cout << " of a type that this program does not print";
    }
}

void describe(const Reader& reader, const std::string& name) {
    const Tensor tensor = reader.at(name);
    std::cout << tensor.name() << ": " << tfckpt::dtype_name(tensor.dtype()) << ' '
              << to_string(tensor.shape()) << '\n';
    if (tensor.slice_count() > 0) {
        std::cout << "  stored in " << tensor.slice_count() << " slices\n";
    } else if (tensor.shard()) {
        std::cout << "  stored in shard " << *tensor.shard();
        if (tensor.offset()) std::cout << ", from byte " << *tensor.offset();
        std::cout << '\n';
    }
    std::cout << "  begins";
    print_values(reader, tensor);
    std::cout << '\n';
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 2 && argc != 3) {
        std::cerr << "usage: inspect CHECKPOINT [TENSOR]\n";
        return 2;
    }
    try {
        const Reader reader = Reader::open(argv[1]);
        argc == 2 ? summarize(reader) : describe(reader, argv[2]);
        return 0;
    } catch (const std::exception& error) {
        std::cerr << "inspect: " << error.what() << '\n';
        return 1;
    }
}
