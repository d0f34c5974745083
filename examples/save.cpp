/// A training loop that saves every 10 steps, keeps the newest 3 checkpoints, and goes on from
/// the newest that is whole when it is started again:
///
///     save DIRECTORY STEPS
///
/// tf.train.latest_checkpoint(DIRECTORY) finds them too.
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <numeric>
#include <string>

#include <tfckpt/tfckpt.hpp>

namespace {

using tfckpt::Manager;
using tfckpt::Reader;
using tfckpt::Writer;

constexpr std::int64_t kSaveEvery = 10;

/// Learns to compute a weighted sum. Besides the weights a training has to save all that it
/// would be another training without: the optimizer's state and the step.
struct Model {
    std::array<float, 4> weights{};
    std::array<float, 4> momentum{};
    std::int64_t step = 0;
};

/// One step of gradient descent, on an input that depends on the step alone.
void train(Model& model) {
    constexpr std::array<float, 4> truth{0.5f, -1, 2, 0.25f};
    std::array<float, 4> input{};
    for (std::size_t i = 0; i < input.size(); i++) {
        input[i] = static_cast<float>((model.step + 1) * static_cast<std::int64_t>(i + 2) % 7 - 3) / 3;
    }
    const auto sum = [&](const std::array<float, 4>& weights) {
        return std::inner_product(input.begin(), input.end(), weights.begin(), 0.0f);
    };
    const float error = sum(model.weights) - sum(truth);
    for (std::size_t i = 0; i < input.size(); i++) {
        model.momentum[i] = 0.5f * model.momentum[i] + error * input[i];
        model.weights[i] -= 0.1f * model.momentum[i];
    }
    model.step++;
}

/// A crash at any moment leaves the checkpoints before as they are: nothing is seen of this one
/// until finish() makes it appear, whole. After that the manager removes what is too old.
void save(const Manager& manager, const Model& model) {
    Writer writer = manager.save_step(model.step);
    writer.add("weights", {4}, model.weights);
    writer.add("weights/Momentum", {4}, model.momentum);
    writer.add("global_step", {}, {model.step});
    writer.finish();
    std::cout << "saved " << writer.prefix() << '\n';
    for (const std::string& removed : writer.removed()) std::cout << "removed " << removed << '\n';
    // Not worth to end a training for: it is tried again after the next save.
    for (const tfckpt::Error& problem : writer.removal_problems()) {
        std::cerr << "not removed: " << problem.what() << '\n';
    }
}

/// The newest checkpoint that is whole, if there is one. Where the machine went down, the last
/// may not be.
Model restore(const std::string& directory) {
    Model model;
    const auto latest = tfckpt::latest_valid(directory);
    if (!latest) return model;
    for (const tfckpt::Skipped& skipped : latest->skipped()) {
        std::cerr << "passed over " << skipped.path << ": " << skipped.problem.what() << '\n';
    }
    const Reader reader = Reader::open(latest->prefix());
    reader.read_many({{"weights", model.weights}, {"weights/Momentum", model.momentum}});
    reader.read_into("global_step", &model.step, 1);
    std::cout << "going on from step " << model.step << '\n';
    return model;
}

void run(const std::string& directory, std::int64_t steps) {
    tfckpt::ManagerOptions options;
    options.checkpoint_name = "model";
    options.max_to_keep = 3;
    options.writer_options.shards = 2;
    // A checkpoint that was passed over is saved anew when its step comes again.
    options.writer_options.replace = true;
    Model model = restore(directory);
    const Manager manager = Manager::open(directory, options);
    while (model.step < steps) {
        train(model);
        if (model.step % kSaveEvery == 0) save(manager, model);
    }
    std::cout << "step " << model.step << ':';
    for (const float weight : model.weights) std::cout << ' ' << std::round(weight * 100) / 100;
    std::cout << '\n';
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 3) {
        std::cerr << "usage: save DIRECTORY STEPS\n";
        return 2;
    }
    try {
        run(argv[1], std::strtoll(argv[2], nullptr, 10));
        return 0;
    } catch (const std::exception& error) {
        std::cerr << "save: " << error.what() << '\n';
        return 1;
    }
}
