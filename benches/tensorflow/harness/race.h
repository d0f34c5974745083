// Work that several contestants do, to be measured in turns.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "workspace.h"

namespace bench {

// One run, and the seconds it took.
using Run = std::function<double()>;

// A run with a stopwatch around it.
Run timed(std::function<void()> work);

// One way to do the work.
struct Contestant {
    std::string name;
    Run run;
    // After the first run: throws where it did not do its work.
    std::function<void()> check = [] {};
    // Before each run, not measured: takes away what the last one left, makes anew
    // what it used up.
    std::function<void()> before = [] {};
};

// A group made ready: files written, memory touched.
struct Race {
    std::vector<Contestant> contestants;
    // What one run moves.
    uint64_t bytes = 0;
    // Before each round, not measured: gives all contestants the same page cache.
    std::function<void()> before_round = [] {};
    // The most memory that one run takes anew, for values and for pages of files.
    uint64_t fresh_bytes = uint64_t{256} << 20;
    // What takes much fresh memory is at the mercy of whoever gives it out, and runs so
    // many times as often.
    int rounds_factor = 1;
};

// A line of the table: two contestants, and what else to hold them against.
struct Row {
    std::string name;
    // What one run does, at full size.
    std::string what;
    std::string tfckpt = "tfckpt";
    std::string tensorflow = "tensorflow";
    // Empty where there is none.
    std::string safetensors = {};
    std::string limit = {};
    // How many times as fast as TensorFlow it is meant to be.
    std::optional<double> goal = {};
    // How many seconds it may take.
    std::optional<double> goal_seconds = {};
};

// A line about the most memory that a first run takes, beyond the caller's buffers.
struct MemoryRow {
    std::string name;
    std::string what;
    double goal_bytes = 0;
    std::string tfckpt = "tfckpt";
    std::string tensorflow = "tensorflow";
};

// Where a group's files may go.
struct Places {
    const Workspace& disk;
    // In memory; nullptr where there is none with room.
    const Workspace* memory;
};

// Rows that are measured together. It is made ready only when it is its turn.
struct Group {
    std::string name;
    std::vector<Row> rows;
    std::function<Race(const Places&, double scale)> make;
    std::vector<MemoryRow> memory_rows = {};
    bool needs_memory_files = false;
};

// Groups that share files, which are removed behind them.
using Subject = std::vector<Group>;

// `count` made smaller, but not nothing.
size_t scaled(size_t count, double scale);

constexpr double kMiB = 1 << 20;

}  // namespace bench
