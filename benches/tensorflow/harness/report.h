// What was measured, for people and for programs.
#pragma once

#include <string>
#include <vector>

#include "measure.h"
#include "options.h"
#include "race.h"

namespace bench {

// A row with what its contestants took.
struct Measured {
    Row row;
    uint64_t bytes;
    Times tfckpt;
    Times tensorflow;
    std::optional<Times> safetensors;
    std::optional<Times> limit;

    // How many times as fast as TensorFlow tfckpt is, and safetensors.
    double ratio() const { return tensorflow.median() / tfckpt.median(); }
    // The same of the quickest runs, which are what the work takes where nothing else
    // goes on.
    double quickest_ratio() const { return tensorflow.min() / tfckpt.min(); }
    std::optional<double> safetensors_ratio() const;
    double bytes_per_second() const { return static_cast<double>(bytes) / tfckpt.median(); }
    // Of the speed of the limit.
    std::optional<double> share_of_limit() const;
    // Nothing where there is no goal.
    std::optional<bool> met() const;
};

// A row of memory, in bytes.
struct MeasuredMemory {
    MemoryRow row;
    double tfckpt;
    double tensorflow;

    bool met() const { return tfckpt <= row.goal_bytes; }
};

struct Report {
    std::vector<Measured> rows;
    std::vector<MeasuredMemory> memory_rows;
};

Measured measured(const Row& row, const Race& race, const Results& results);

void print_head(const Options& options);
void print_row(const Measured& row);
void print_row(const MeasuredMemory& row);
void print_foot(const Report& report);

// Writes everything, each single time included.
void write_json(const std::string& path, const Options& options, const Report& report);

}  // namespace bench
