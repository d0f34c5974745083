/// What a process does that serves a model: it takes memory for all weights at once, then
/// fills it from a checkpoint, on several threads, and tells how far it is.
///
///     restore CHECKPOINT [THREADS]
#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <exception>
#include <future>
#include <iostream>
#include <stdexcept>
#include <string>
#include <vector>

#include <tfckpt/tfckpt.hpp>

namespace {

using tfckpt::DType;
using tfckpt::Progress;
using tfckpt::Reader;
using tfckpt::ReadRequest;
using tfckpt::Shape;
using tfckpt::Span;
using tfckpt::TensorRef;

/// A tensor of the model, and where it is in the model's memory.
struct Weight {
    std::string name;
    DType dtype;
    Shape shape;
    Span<std::byte> bytes;
};

/// The weights one behind the other, as they would be on a device.
class Model {
public:
    explicit Model(const Reader& reader) {
        std::vector<std::size_t> begins;
        std::size_t size = 0;
        for (const TensorRef& tensor : reader.tensors()) {
            // Strings have no size before they are read. They are no weights.
            if (!tensor.byte_size()) continue;
            const auto bytes = static_cast<std::size_t>(*tensor.byte_size());
            // A file may say anything. (Who knows his model compares the shapes instead.)
            if (bytes > kMostMemory - size) throw std::runtime_error("no memory for so large a model");
            begins.push_back(size);
            weights_.push_back({std::string(tensor.name()), tensor.dtype(), tensor.shape(),
                                Span<std::byte>(nullptr, bytes)});
            size += aligned(bytes);
        }
        memory_.resize(size / sizeof(Block));
        std::byte* const memory = reinterpret_cast<std::byte*>(memory_.data());
        for (std::size_t i = 0; i < weights_.size(); i++) {
            weights_[i].bytes = {memory + begins[i], weights_[i].bytes.size()};
        }
    }

    [[nodiscard]] const std::vector<Weight>& weights() const { return weights_; }
    [[nodiscard]] std::size_t size() const { return memory_.size() * sizeof(Block); }

private:
    static constexpr std::size_t kMostMemory = std::size_t{16} << 30;

    /// What vector instructions like an address to be a multiple of.
    struct alignas(64) Block {
        std::byte bytes[64];
    };

    static std::size_t aligned(std::size_t size) {
        return (size + sizeof(Block) - 1) / sizeof(Block) * sizeof(Block);
    }

    std::vector<Block> memory_;
    std::vector<Weight> weights_;
};

void tell(const Progress& progress) {
    std::cout << "  " << progress.done() << " of " << progress.total() << " bytes\n" << std::flush;
}

/// Reads the weights, in the order of the files, on all the threads, into the memory where
/// they are to stay; and tells every second how far it is. (To give up, another thread would
/// call progress.cancel().)
void restore(const Reader& reader, const Model& model, std::size_t threads) {
    const Progress progress;
    tfckpt::ReadOptions options;
    options.threads = threads;
    options.progress = &progress;
    std::vector<ReadRequest> requests;
    for (const Weight& weight : model.weights()) requests.emplace_back(weight.name, weight.bytes);

    auto reading = std::async(std::launch::async, [&] { reader.read_many(requests, options); });
    while (reading.wait_for(std::chrono::seconds(1)) != std::future_status::ready) tell(progress);
    reading.get();
    tell(progress);
}

/// Something to show that they are there.
void serve(const Model& model) {
    for (const Weight& weight : model.weights()) {
        if (weight.dtype != DType::kFloat || weight.bytes.empty()) continue;
        const auto* values = reinterpret_cast<const float*>(weight.bytes.data());
        const std::size_t count = weight.bytes.size() / sizeof(float);
        std::cout << weight.name << ' ' << to_string(weight.shape) << " is up to "
                  << *std::max_element(values, values + count) << '\n';
    }
}

void run(const std::string& checkpoint, std::size_t threads) {
    const Reader reader = Reader::open(checkpoint);
    const Model model(reader);
    std::cout << "Weights: " << model.weights().size() << ", their memory: " << model.size()
              << " bytes\n";
    restore(reader, model, threads);
    serve(model);
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 2 && argc != 3) {
        std::cerr << "usage: restore CHECKPOINT [THREADS]\n";
        return 2;
    }
    try {
        run(argv[1], argc == 3 ? std::strtoul(argv[2], nullptr, 10) : 4);
        return 0;
    } catch (const std::exception& error) {
        std::cerr << "restore: " << error.what() << '\n';
        return 1;
    }
}
