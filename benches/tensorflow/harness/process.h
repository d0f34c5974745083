// Other programs, run and listened to.
#pragma once

#include <string>
#include <vector>

namespace bench {

// Runs a program, arguments[0] its name, to its end and returns what it printed. Throws
// where it fails.
std::string output_of(const std::string& path, const std::vector<std::string>& arguments);

// Where this program is, with the programs beside it.
std::string own_path();
std::string own_directory();

}  // namespace bench
