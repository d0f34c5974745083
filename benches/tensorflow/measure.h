// Measures a case: both sides in turns, so that what changes on the machine meanwhile
// changes both.
#pragma once

#include <optional>
#include <vector>

#include "case.h"

namespace bench {

// Seconds of each run, sorted.
class Times {
public:
    explicit Times(std::vector<double> seconds);

    double median() const;
    double min() const { return seconds_.front(); }
    double max() const { return seconds_.back(); }
    const std::vector<double>& sorted() const { return seconds_; }

private:
    std::vector<double> seconds_;
};

struct Result {
    Times tensorflow;
    Times tfckpt;
    // The most memory a first run took beyond the buffers it was given, in bytes.
    std::optional<double> tensorflow_memory;
    std::optional<double> tfckpt_memory;

    // How many times as fast as TensorFlow tfckpt is.
    double ratio() const { return tensorflow.median() / tfckpt.median(); }
};

// One run of each side to warm up, then `rounds` of both in turns. At least one round.
Result measure(const Case& one, int rounds);

}  // namespace bench
