// A checkpoint into another, by this library.
#pragma once

#include <string>

namespace ours {

// Reads, checks and writes all of it, on so many threads and into as many shards; nothing is
// synced.
void copy(const std::string& dst, const std::string& src, int threads);

}  // namespace ours
