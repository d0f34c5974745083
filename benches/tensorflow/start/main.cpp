// A fresh process that loads a library, opens a bundle and reads a small tensor.
//
//   start LIBRARY PREFIX NAME BYTES
//
// prints the seconds from before dlopen() to after the read, and the sum of the bytes.
#include <dlfcn.h>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <numeric>
#include <vector>

#include "plugin.h"

int main(int argc, char** argv) {
    if (argc != 5) return 2;
    std::vector<uint8_t> bytes(std::strtoul(argv[4], nullptr, 10));
    const auto start = std::chrono::steady_clock::now();
    void* library = ::dlopen(argv[1], RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) {
        std::fprintf(stderr, "start: %s\n", ::dlerror());
        return 1;
    }
    const auto read = reinterpret_cast<decltype(&read_one)>(::dlsym(library, "read_one"));
    if (read == nullptr || read(argv[2], argv[3], bytes.data(), bytes.size()) != 0) return 1;
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    std::printf("%.9f %u\n", took.count(), std::accumulate(bytes.begin(), bytes.end(), 0u));
    std::fflush(stdout);
    // What a library does at the end is not what this is about.
    std::_Exit(0);
}
