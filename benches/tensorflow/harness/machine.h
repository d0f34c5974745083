// Where it was measured, and when.
#pragma once

#include <string>

namespace bench {

// Processor, how many of it, memory, kernel, and the file system of a directory.
std::string machine_line(const std::string& dir);

// As 2026-01-31.
std::string today();

}  // namespace bench
