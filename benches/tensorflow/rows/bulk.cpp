// A gibibyte in few tensors or in many: read, viewed, loaded into new memory.
#include <atomic>
#include <stdexcept>

#include "../limit/limit.h"
#include "rows.h"
#include "sides.h"

namespace bench {
namespace {

void add_reads(Readers& readers) {
    for (const int threads : {1, 2}) {
        const std::string more = threads == 1 ? "" : "-2";
        readers.add("tensorflow" + more, [=](const Sides& sides, const Files& files) {
            sides.tensorflow.read(files.prefix, threads);
        });
        readers.add("tfckpt" + more, [=](const Sides& sides, const Files& files) {
            sides.tfckpt.read(files.prefix, {threads, false});
        });
        readers.add("tfckpt-mapped" + more, [=](const Sides& sides, const Files& files) {
            sides.tfckpt.read(files.prefix, {threads, true});
        });
        readers.add("pread" + more, [=](const Sides& sides, const Files& files) {
            limit::read(files.data(), sides.set.data(0), sides.set.bytes(), threads);
        });
    }
    readers.add("safetensors", [](const Sides& sides, const Files& files) {
        sides.safetensors.read(files.safetensors);
    });
}

// Memory to memory, beside reads of as much.
void add_memory_limits(Readers& readers) {
    const size_t bytes = readers.sides()->set.bytes();
    const std::shared_ptr<uint8_t> source = touched_memory(bytes);
    for (const int threads : {1, 2}) {
        const std::string more = threads == 1 ? "" : "-2";
        readers.add_unchecked("memcpy" + more, [=](const Sides& sides, const Files&) {
            limit::copy(sides.set.data(0), source.get(), bytes, threads);
        });
        readers.add_unchecked("scan" + more, [=](const Sides&, const Files&) {
            if (limit::scan(source.get(), bytes, threads) != 0) throw std::logic_error("not zeros");
        });
    }
}

// The first run of each compares the bytes; the others only check what the library
// itself does.
void add_views(Readers& readers) {
    for (const int threads : {1, 2}) {
        auto first = std::make_shared<std::atomic<bool>>(true);
        readers.add_unchecked(
            threads == 1 ? "view" : "view-2", [=](const Sides& sides, const Files& files) {
                const bool compare = first->exchange(false);
                ours::view_all(files.prefix, sides.set, threads,
                               [&](size_t i, const uint8_t* data, size_t size) {
                                   if (size != sides.set.bytes_each()) {
                                       throw std::logic_error("a view of another size");
                                   }
                                   if (compare) expect_filled(data, size, i * size);
                               });
            });
    }
    readers.add_unchecked("safetensors-view", [](const Sides&, const Files& files) {
        safetensors::view(files.safetensors);
    });
}

Race bulk_race(const Places& places, double scale) {
    Readers readers(places.disk, bulk(scale));
    add_reads(readers);
    add_memory_limits(readers);
    add_views(readers);
    return readers.race();
}

Race middle_race(const Places& places, double scale) {
    Readers readers(places.disk, middle(scale));
    add_reads(readers);
    add_memory_limits(readers);
    return readers.race();
}

// What stays of a load until the next one.
struct Loads {
    theirs::Loaded tensorflow;
    Memory memory;
};

void expect_loaded(const Loads& loads, const TensorSet& set) {
    expect_filled(loads.memory.get(), set.bytes());
}

Race load_race(const Places& places, double scale) {
    const Size size = bulk(scale);
    const Files files = written_files(places.disk, size);
    auto sides = std::make_shared<Sides>(size);
    auto loads = std::make_shared<Loads>();
    Race race;
    race.bytes = size.bytes();
    race.fresh_bytes += size.bytes();
    race.rounds_factor = 2;
    race.before_round = [&workspace = places.disk, size] { workspace.refill(size.bundle); };
    const auto drop = [=] {
        loads->tensorflow.drop();
        loads->memory.reset();
        sides->safetensors.drop();
    };
    const auto check_memory = [=] { expect_loaded(*loads, sides->set); };
    race.contestants.push_back(
        {"tensorflow", timed([=] { loads->tensorflow.load(files.prefix, sides->set); }),
         [=] { loads->tensorflow.expect_filled(); }, drop});
    race.contestants.push_back(
        {"safetensors", timed([=] { sides->safetensors.load(files.safetensors); }),
         [=] { sides->safetensors.expect_filled(); }, drop});
    for (const int threads : {1, 2}) {
        const std::string more = threads == 1 ? "" : "-2";
        race.contestants.push_back(
            {"tfckpt" + more,
             timed([=] { loads->memory = sides->tfckpt.load(files.prefix, threads); }),
             check_memory, drop});
        race.contestants.push_back({"pread" + more, timed([=] {
                                        loads->memory = fresh_memory(size.bytes());
                                        limit::read(files.data(), loads->memory.get(),
                                                    size.bytes(), threads);
                                    }),
                                    check_memory, drop});
    }
    return race;
}

Row row(std::string name, std::string what, std::string tfckpt, std::string limit,
        std::optional<double> goal, std::string safetensors = "safetensors") {
    return {std::move(name), std::move(what), std::move(tfckpt), "tensorflow",
            std::move(safetensors), std::move(limit), goal};
}

Group bulk_group() {
    const std::string what = "read 16 x 64 MiB, ";
    Group group{"bulk",
                {row("read-bulk", what + "1 thread", "tfckpt", "pread", 3.5),
                 row("read-bulk-2", what + "2 threads", "tfckpt-2", "pread-2", 5),
                 row("read-bulk-2-2", what + "TensorFlow with 2 threads too", "tfckpt-2", "pread-2",
                     {}),
                 row("read-bulk-mapped", what + "mapped, 1 thread", "tfckpt-mapped", "memcpy", 6),
                 row("read-bulk-mapped-2", what + "mapped, 2 threads", "tfckpt-mapped-2",
                     "memcpy-2", 7.5),
                 row("view-bulk", "view 16 x 64 MiB, verified once, 1 thread", "view", "scan", 8,
                     "safetensors-view"),
                 row("view-bulk-2", "view 16 x 64 MiB, verified once, 2 threads", "view-2",
                     "scan-2", 11, "safetensors-view")},
                bulk_race};
    group.rows[2].tensorflow = "tensorflow-2";
    group.memory_rows = {{"memory-read", what + "2 threads", 8 * kMiB, "tfckpt-2"}};
    return group;
}

Group load_group() {
    const std::string what = "load 16 x 64 MiB into new memory, ";
    return {"load",
            {row("load-bulk", what + "1 thread", "tfckpt", "pread", 6),
             row("load-bulk-2", what + "2 threads", "tfckpt-2", "pread-2", 8.5)},
            load_race};
}

Group middle_group() {
    const std::string what = "read 1,000 x 1 MiB, ";
    return {"middle",
            {row("read-1mib-2", what + "2 threads", "tfckpt-2", "pread-2", 5.5),
             row("read-1mib-mapped-2", what + "mapped, 2 threads", "tfckpt-mapped-2", "memcpy-2",
                 8)},
            middle_race};
}

}  // namespace

Subject bulk_rows() { return {bulk_group(), load_group()}; }

Subject middle_rows() { return {middle_group()}; }

}  // namespace bench
