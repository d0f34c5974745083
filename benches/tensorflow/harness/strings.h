// The elements of a large string tensor.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace bench {

extern const char kStringsName[];

// `count` short strings, one behind the other: string i is the bytes from offsets[i] up
// to offsets[i + 1].
struct StringSet {
    explicit StringSet(size_t count);

    size_t count() const { return offsets.size() - 1; }
    std::string_view operator[](size_t i) const {
        return std::string_view(data).substr(static_cast<size_t>(offsets[i]),
                                             static_cast<size_t>(offsets[i + 1] - offsets[i]));
    }

    std::vector<int64_t> offsets;
    std::string data;
};

}  // namespace bench
