// How much memory a run takes at most, beyond what there was before it.
#pragma once

#include <functional>

namespace bench {

// The growth of this process's own memory over `run`, at its peak, in bytes: pages of
// files, such as the code of a library that is used for the first time, don't count.
double peak_growth(const std::function<double()>& run);

}  // namespace bench
