// How much memory a run takes at most, beyond what there was before it.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace bench {

// The growth of this process's own memory over `run`, at its peak, in bytes: pages of
// files, such as the code of a library that is used for the first time, don't count.
double peak_growth(const std::function<void()>& run);

// Runs this program with other arguments, and returns the number that it prints;
// nothing where it fails.
std::optional<double> number_from_child(const std::vector<std::string>& arguments);

}  // namespace bench
