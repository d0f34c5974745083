// The command line.
#pragma once

#include <string>

namespace bench {

struct Options {
    int rounds = 5;
    double scale = 1;
    // As it was given: a child's must be the same to the last digit.
    std::string scale_text = "1";
    // Rows whose name has this in it; all where it is empty.
    std::string only;
    std::string json;
    bool memory = true;
    std::string dir;
    // A directory of a file system in memory, or empty.
    std::string tmpfs;
    // Set in a child that measures its own memory: a group, and one contestant of it.
    std::string child_group;
    std::string child_contestant;
};

extern const char kUsage[];

// Throws std::invalid_argument.
Options parse(int argc, char** argv);

}  // namespace bench
