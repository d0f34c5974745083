#include "measure.h"

#include <algorithm>
#include <chrono>

namespace bench {
namespace {

double seconds_of(const std::function<void()>& run) {
    const auto start = std::chrono::steady_clock::now();
    run();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

void warm_up(const Case& one, Side side) {
    one.before();
    one.run(side)();
    one.check();
}

}  // namespace

Times::Times(std::vector<double> seconds) : seconds_(std::move(seconds)) {
    std::sort(seconds_.begin(), seconds_.end());
}

double Times::median() const {
    const size_t half = seconds_.size() / 2;
    return seconds_.size() % 2 == 1 ? seconds_[half] : (seconds_[half - 1] + seconds_[half]) / 2;
}

Result measure(const Case& one, int rounds) {
    warm_up(one, Side::kTensorFlow);
    warm_up(one, Side::kTfckpt);
    std::vector<double> tensorflow, tfckpt;
    for (int round = 0; round < rounds; ++round) {
        one.before();
        tensorflow.push_back(seconds_of(one.tensorflow));
        one.before();
        tfckpt.push_back(seconds_of(one.tfckpt));
    }
    return Result{Times(std::move(tensorflow)), Times(std::move(tfckpt)), {}, {}};
}

size_t scaled(size_t count, double scale) {
    return std::max<size_t>(1, static_cast<size_t>(static_cast<double>(count) * scale));
}

}  // namespace bench
