// Few tensors and many, written.
#include "../limit/limit.h"
#include "rows.h"
#include "sides.h"
#include "writers.h"

namespace bench {
namespace {

template <Size (*size)(double), bool sync>
Race write_race(const Places& places, double scale) {
    Writers writers(places.disk, size(scale), sync);
    writers.add_all();
    return writers.race();
}

Race random_race(const Places& places, double scale) {
    Writers writers(places.disk, scalars(scale), false);
    writers.add_unordered();
    return writers.race();
}

Row writing(std::string name, std::string what, int threads, std::optional<double> goal,
            std::string safetensors = "safetensors") {
    const std::string more = threads == 1 ? "" : "-2";
    return {std::move(name),        std::move(what), "tfckpt" + more, "tensorflow",
            std::move(safetensors), "write" + more,  goal};
}

Group bulk_group() {
    const std::string what = "write 16 x 64 MiB, not synced, ";
    Group group{"write-bulk",
                {writing("write-bulk", what + "1 thread", 1, 3.5),
                 writing("write-bulk-2", what + "2 threads", 2, 5)},
                write_race<bulk, false>};
    group.memory_rows = {{"memory-write", what + "2 threads", 8 * kMiB, "tfckpt-2"}};
    return group;
}

Group scalar_group() {
    const std::string what = "write 1,000,000 x 4 B";
    Group group{"write-scalars",
                {writing("write-scalars", what, 1, 25, "")},
                write_race<scalars, false>};
    group.memory_rows = {{"memory-write-scalars", what, 64 * kMiB}};
    return group;
}

}  // namespace

Subject write_rows() {
    return {
        bulk_group(),
        {"write-bulk-synced",
         {writing("write-bulk-synced-2", "write 16 x 64 MiB, synced, 2 threads", 2, 2.5)},
         write_race<bulk, true>},
        {"write-middle",
         {writing("write-1mib-2", "write 1,000 x 1 MiB, not synced, 2 threads", 2, 5)},
         write_race<middle, false>},
        {"write-small",
         {writing("write-small", "write 100,000 x 1 KiB", 1, 7)},
         write_race<small, false>},
        scalar_group(),
        {"write-scalars-random",
         {writing("write-scalars-random", "write 1,000,000 x 4 B in random order of names", 1, 15,
                  "")},
         random_race},
    };
}

}  // namespace bench
