// Some rows of a matrix that is stored as one tensor.
#include "../limit/limit.h"
#include "rows.h"
#include "sides.h"

namespace bench {
namespace {

constexpr char kBundle[] = "matrix";
constexpr int64_t kColumns = 1 << 14;
constexpr size_t kRowBytes = kColumns * sizeof(float);

theirs::Matrix matrix_of(double scale) {
    return {"embedding/table", static_cast<int64_t>(scaled(1 << 14, scale)), kColumns};
}

// One in a hundred, from the middle.
struct Wanted {
    explicit Wanted(const theirs::Matrix& matrix)
        : first(matrix.rows / 2), count(std::max<int64_t>(1, matrix.rows / 100)) {}

    size_t start() const { return static_cast<size_t>(first) * kRowBytes; }
    size_t bytes() const { return static_cast<size_t>(count) * kRowBytes; }

    int64_t first;
    int64_t count;
};

void write_filled(const std::string& path, const theirs::Matrix& matrix) {
    TensorSet set(1, static_cast<size_t>(matrix.rows) * kRowBytes);
    set.fill();
    theirs::write_matrix(path, matrix, set.data(0));
}

Race slice_race(const Places& places, double scale) {
    const theirs::Matrix matrix = matrix_of(scale);
    const Wanted wanted(matrix);
    const std::string prefix = places.disk.bundle(
        kBundle, [&](const std::string& path) { write_filled(path, matrix); });
    const std::shared_ptr<uint8_t> memory = touched_memory(wanted.bytes());
    const auto check = [=] {
        expect_filled(memory.get(), wanted.bytes(), wanted.start());
        std::fill_n(memory.get(), wanted.bytes(), uint8_t{0});
    };
    const auto ours = [=](bool verify) {
        return timed([=] {
            ours::read_rows(prefix, {matrix.name, wanted.first, wanted.count}, verify, memory.get(),
                            wanted.bytes());
        });
    };
    const std::string data = prefix + ".data-00000-of-00001";
    Race race;
    race.bytes = wanted.bytes();
    // TensorFlow reads all of the tensor, into memory of its own.
    race.fresh_bytes += static_cast<uint64_t>(matrix.rows) * kRowBytes;
    race.before_round = [&workspace = places.disk] { workspace.refill(kBundle); };
    race.contestants = {
        {"tensorflow", timed([=] {
             theirs::read_rows(prefix, matrix, wanted.first, wanted.count, memory.get());
         }),
         check},
        {"tfckpt", ours(true), check},
        {"tfckpt-unverified", ours(false), check},
        {"pread", timed([=] { limit::read(data, memory.get(), wanted.bytes(), 1); })},
    };
    return race;
}

}  // namespace

Subject slice_rows() {
    const std::string what = "1 % of the rows of a tensor of 1 GiB, ";
    Group group{"slice",
                {{"slice", what + "verified", "tfckpt", "tensorflow", "", "", 8},
                 {"slice-unverified", what + "unverified", "tfckpt-unverified", "tensorflow", "",
                  "pread", 250}},
                slice_race};
    group.memory_rows = {{"memory-slice", what + "verified", 16 * kMiB}};
    return {group};
}

}  // namespace bench
