// A thing that both libraries do, to be measured.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "workspace.h"

namespace bench {

enum class Side { kTensorFlow, kTfckpt };

// A case made ready: files written, memory touched.
struct Case {
    // What is measured, each time.
    std::function<void()> tensorflow;
    std::function<void()> tfckpt;
    // Before each run, not measured: takes away what the last one left, makes anew
    // what it used up.
    std::function<void()> before = [] {};
    // After the first run of each side: throws where it did not do its work.
    std::function<void()> check = [] {};

    const std::function<void()>& run(Side side) const {
        return side == Side::kTensorFlow ? tensorflow : tfckpt;
    }
};

// A case by its name. It is made ready only when it is its turn.
struct Entry {
    std::string name;
    // What one run does, at full size.
    std::string what;
    std::function<Case(const Workspace&, double scale)> make;
    // Whether all memory it takes is its own. Pages of a mapped file are not.
    bool has_own_memory = true;
};

// `count` made smaller, but not nothing.
size_t scaled(size_t count, double scale);

// The cases by subject; those of one subject share files.
std::vector<Entry> bulk_cases();
std::vector<Entry> small_cases();
std::vector<Entry> list_cases();
std::vector<Entry> merge_cases();

}  // namespace bench
