#include "strings.h"

namespace bench {

const char kStringsName[] = "vocabulary/words";

StringSet::StringSet(size_t count) : offsets{0} {
    offsets.reserve(count + 1);
    for (size_t i = 0; i < count; ++i) {
        // Of 3 to 16 bytes.
        const uint64_t bits = (i + 1) * 0x9e3779b97f4a7c15u;
        for (size_t at = 0; at < 3 + (bits >> 32) % 14; ++at) {
            data += static_cast<char>('a' + (bits >> (4 * at % 60)) % 26);
        }
        offsets.push_back(static_cast<int64_t>(data.size()));
    }
}

}  // namespace bench
