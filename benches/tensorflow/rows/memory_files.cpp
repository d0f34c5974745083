// The bulk rows where files are in memory.
#include "../limit/limit.h"
#include "rows.h"
#include "sides.h"
#include "writers.h"

namespace bench {
namespace {

Race read_race(const Places& places, double scale) {
    Readers readers(*places.memory, bulk(scale));
    readers.add("tensorflow", [](const Sides& sides, const Files& files) {
        sides.tensorflow.read(files.prefix, 1);
    });
    readers.add("safetensors", [](const Sides& sides, const Files& files) {
        sides.safetensors.read(files.safetensors);
    });
    for (const int threads : {1, 2}) {
        const std::string more = threads == 1 ? "" : "-2";
        readers.add("tfckpt" + more, [=](const Sides& sides, const Files& files) {
            sides.tfckpt.read(files.prefix, {threads, false});
        });
        readers.add("pread" + more, [=](const Sides& sides, const Files& files) {
            limit::read(files.data(), sides.set.data(0), sides.set.bytes(), threads);
        });
    }
    return readers.race();
}

Race write_race(const Places& places, double scale) {
    places.memory->clear();
    Writers writers(*places.memory, bulk(scale), false);
    writers.add_all();
    return writers.race();
}

Row row(std::string name, std::string what, const std::string& limit, int threads, double goal) {
    const std::string more = threads == 1 ? "" : "-2";
    return {std::move(name), std::move(what), "tfckpt" + more, "tensorflow",
            "safetensors",   limit + more,    goal};
}

}  // namespace

Subject memory_file_rows() {
    const std::string read = "read 16 x 64 MiB on tmpfs, ";
    const std::string write = "write 16 x 64 MiB on tmpfs, ";
    Group reads{"tmpfs-read",
                {row("tmpfs-read", read + "1 thread", "pread", 1, 2.6),
                 row("tmpfs-read-2", read + "2 threads", "pread", 2, 3.5)},
                read_race};
    Group writes{"tmpfs-write",
                 {row("tmpfs-write", write + "1 thread", "write", 1, 1.8),
                  row("tmpfs-write-2", write + "2 threads", "write", 2, 1.8)},
                 write_race};
    reads.needs_memory_files = writes.needs_memory_files = true;
    return {reads, writes};
}

}  // namespace bench
