// Very many tensors, read in one call.
#include "../limit/limit.h"
#include "rows.h"
#include "sides.h"

namespace bench {
namespace {

Race in_order_race(const Places& places, const Size& size) {
    Readers readers(places.disk, size);
    readers.add("tensorflow", [](const Sides& sides, const Files& files) {
        sides.tensorflow.read(files.prefix, 1);
    });
    for (const int threads : {1, 2}) {
        readers.add(threads == 1 ? "tfckpt" : "tfckpt-2",
                    [=](const Sides& sides, const Files& files) {
                        sides.tfckpt.read(files.prefix, {threads, false});
                    });
    }
    readers.add("safetensors", [](const Sides& sides, const Files& files) {
        sides.safetensors.read(files.safetensors);
    });
    readers.add("pread", [](const Sides& sides, const Files& files) {
        limit::read(files.data(), sides.set.data(0), sides.set.bytes(), 1);
    });
    return readers.race();
}

// The same tensors, asked for in another order than they lie in the file.
struct Unordered {
    Unordered(const TensorSet& set, const Order& order)
        : tensorflow(set, order), tfckpt(set, order) {}

    theirs::Tensors tensorflow;
    ours::Tensors tfckpt;
};

Race random_race(const Places& places, double scale) {
    Readers readers(places.disk, small(scale));
    const TensorSet& set = readers.sides()->set;
    const auto unordered = std::make_shared<Unordered>(set, shuffled(set.count()));
    readers.add("tensorflow", [=](const Sides&, const Files& files) {
        unordered->tensorflow.read(files.prefix, 1);
    });
    readers.add("tfckpt", [=](const Sides&, const Files& files) {
        unordered->tfckpt.read(files.prefix, {1, false});
    });
    readers.add("pread", [](const Sides& sides, const Files& files) {
        limit::read(files.data(), sides.set.data(0), sides.set.bytes(), 1);
    });
    return readers.race();
}

Race small_race(const Places& places, double scale) { return in_order_race(places, small(scale)); }

Race scalar_race(const Places& places, double scale) {
    return in_order_race(places, scalars(scale));
}

Row reading(std::string name, std::string what, std::string tfckpt, std::optional<double> goal,
            std::string safetensors = {}) {
    return {std::move(name),        std::move(what), std::move(tfckpt), "tensorflow",
            std::move(safetensors), "pread",         goal};
}

}  // namespace

Subject small_rows() {
    const std::string what = "read 100,000 x 1 KiB in one call, ";
    return {
        {"small",
         {reading("read-small", what + "1 thread", "tfckpt", 7, "safetensors"),
          reading("read-small-2", what + "2 threads", "tfckpt-2", {}, "safetensors")},
         small_race},
        {"small-random",
         {reading("read-small-random", what + "asked for in random order", "tfckpt", 150)},
         random_race},
    };
}

Subject scalar_rows() {
    return {{"scalars",
             {reading("read-scalars", "read 1,000,000 x 4 B in one call", "tfckpt", 12)},
             scalar_race}};
}

}  // namespace bench
