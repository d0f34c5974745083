// What was measured, for people and for programs.
#pragma once

#include <string>
#include <vector>

#include "measure.h"
#include "options.h"

namespace bench {

struct Row {
    std::string name;
    std::string what;
    Result result;
};

void print_head(const Options& options);
void print_row(const Row& row);

// Writes everything, each single time included.
void write_json(const std::string& path, const Options& options, const std::vector<Row>& rows);

}  // namespace bench
