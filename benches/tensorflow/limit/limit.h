// What the machine can do: the same bytes moved with nothing else done to them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace limit {

// Copies memory to memory.
void copy(uint8_t* dst, const uint8_t* src, size_t bytes, int threads);

// Looks at each word of memory; their sum.
uint64_t scan(const uint8_t* src, size_t bytes, int threads);

// Reads the first bytes of a file, which is in the page cache, with positioned reads of
// 1 MiB.
void read(const std::string& path, uint8_t* dst, size_t bytes, int threads);

// Writes a new file for each thread, PATH.0, PATH.1..., in pieces of 1 MiB into room
// that was set aside before. Synced, each piece is on its way to the disk as soon as it
// is there.
void write(const std::string& path, const uint8_t* src, size_t bytes, int threads, bool sync);

// Copies the first bytes of a file, which is in the page cache, to a new file for each thread,
// as write() does.
void copy_file(const std::string& dst, const std::string& src, size_t bytes, int threads);

}  // namespace limit
