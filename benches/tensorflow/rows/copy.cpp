// A checkpoint into another, all of it read, checked and written anew.
#include "../limit/limit.h"
#include "../ours/copy.h"
#include "rows.h"
#include "sides.h"

namespace bench {
namespace {

const char kCopied[] = "copied";

template <Size (*size_of)(double)>
Race copy_race(const Places& places, double scale) {
    const Workspace& workspace = places.disk;
    const Size size = size_of(scale);
    const Files files = written_files(workspace, size);
    const std::string dst = workspace.path(kCopied);
    auto sides = std::make_shared<Sides>(size);
    Race race;
    race.bytes = size.bytes();
    race.fresh_bytes += size.bytes();
    race.rounds_factor = 2;
    race.before_round = [&workspace, size] { workspace.refill(size.bundle); };
    const auto before = [&workspace] {
        workspace.remove(kCopied);
        workspace.settle();
    };
    const auto check = [=] {
        sides->set.clear();
        sides->tensorflow.read(dst, 1);
        sides->set.expect_filled();
    };
    const auto add = [&](const std::string& name, std::function<void()> copy,
                         std::function<void()> check) {
        race.contestants.push_back({name, timed(std::move(copy)), std::move(check), before});
    };
    add("tensorflow",
        [=] {
            sides->tensorflow.read(files.prefix, 1);
            sides->tensorflow.write(dst);
        },
        check);
    for (const int threads : {1, 2}) {
        const std::string more = threads == 1 ? "" : "-2";
        add("tfckpt" + more, [=] { ours::copy(dst, files.prefix, threads); }, check);
        add("copy" + more,
            [=] { limit::copy_file(dst, files.data(), size.bytes(), threads); }, [] {});
    }
    return race;
}

Row copying(std::string name, std::string what, int threads) {
    const std::string more = threads == 1 ? "" : "-2";
    return {std::move(name), std::move(what), "tfckpt" + more, "tensorflow", "", "copy" + more, {}};
}

}  // namespace

// TensorFlow copies nothing by itself: its tensors are read, and written again.
Subject copy_rows() {
    const std::string bulk_copy = "copy 16 x 64 MiB, verified, not synced, ";
    const std::string small_copy = "copy 100,000 x 1 KiB, verified, not synced, ";
    return {{"copy-bulk",
             {copying("copy-bulk", bulk_copy + "1 thread", 1),
              copying("copy-bulk-2", bulk_copy + "2 threads", 2)},
             copy_race<bulk>},
            {"copy-small",
             {copying("copy-small", small_copy + "1 thread", 1),
              copying("copy-small-2", small_copy + "2 threads", 2)},
             copy_race<small>}};
}

}  // namespace bench
