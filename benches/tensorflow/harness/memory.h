// Memory of this process, and of the machine.
#pragma once

#include <cstdint>
#include <functional>

namespace bench {

// The growth of this process's own memory over `run`, at its peak, in bytes: pages of
// files, such as the code of a library that is used for the first time, don't count.
double peak_growth(const std::function<double()>& run);

// Takes so much memory and gives it back: the host of a virtual machine may have taken
// what is free there, and to get it again costs many times what using it does. What
// runs next finds this much that is really there.
void claim_from_host(uint64_t bytes);

}  // namespace bench
