// A tensor of very many short strings.
#include "../harness/strings.h"

#include "../limit/limit.h"
#include "../ours/strings.h"
#include "../theirs/strings.h"
#include "rows.h"
#include "sides.h"

namespace bench {
namespace {

constexpr char kBundle[] = "strings";
constexpr char kWritten[] = "written";

struct StringSides {
    explicit StringSides(size_t count) : set(count), tensorflow(set) {}

    StringSet set;
    theirs::StringTensor tensorflow;
    ours::StringTensor tfckpt;
};

std::shared_ptr<StringSides> make_sides(double scale) {
    return std::make_shared<StringSides>(scaled(5000000, scale));
}

// The data file has a length for each string, of one byte, and the strings.
size_t bytes_of(const StringSet& set) { return set.count() + set.data.size(); }

Contestant data_bytes(const std::string& path) {
    const size_t bytes = file_size(path);
    const std::shared_ptr<uint8_t> memory = touched_memory(bytes);
    return {"pread", timed([=] { limit::read(path, memory.get(), bytes, 1); })};
}

Race read_race(const Places& places, double scale) {
    const auto sides = make_sides(scale);
    const std::string prefix = places.disk.bundle(
        kBundle, [&](const std::string& path) { sides->tensorflow.write(path); });
    const std::string data = prefix + ".data-00000-of-00001";
    Race race;
    race.bytes = file_size(data);
    race.fresh_bytes += 4 * race.bytes;
    race.before_round = [&workspace = places.disk] { workspace.refill(kBundle); };
    race.contestants = {
        {"tensorflow", timed([=] { sides->tensorflow.read(prefix); }),
         [=] { sides->tensorflow.expect(sides->set); }, [=] { sides->tensorflow.clear(); }},
        {"tfckpt", timed([=] { sides->tfckpt.read(prefix); }),
         [=] { sides->tfckpt.expect(sides->set); }, [=] { sides->tfckpt.drop(); }},
        data_bytes(data),
    };
    return race;
}

Race write_race(const Places& places, double scale) {
    const auto sides = make_sides(scale);
    const Workspace& workspace = places.disk;
    const std::string prefix = workspace.path(kWritten);
    const size_t bytes = bytes_of(sides->set);
    const auto before = [&workspace, bytes] {
        workspace.remove(kWritten);
        workspace.settle();
        workspace.claim_pages(bytes * 2);
    };
    const auto check = [=] {
        theirs::StringTensor read{StringSet(sides->set.count())};
        read.clear();
        read.read(prefix);
        read.expect(sides->set);
    };
    const std::shared_ptr<uint8_t> memory = touched_memory(bytes);
    Race race;
    race.bytes = bytes;
    race.fresh_bytes += 4 * bytes;
    race.contestants = {
        {"tensorflow", timed([=] { sides->tensorflow.write(prefix); }), check, before},
        {"tfckpt", timed([=] { ours::StringTensor::write(prefix, sides->set); }), check, before},
        {"write",
         timed([=] { limit::write(prefix + ".raw", memory.get(), bytes, 1, false); }),
         [] {},
         before},
    };
    return race;
}

}  // namespace

Subject string_rows() {
    return {
        {"strings-read",
         {{"read-strings", "read a tensor of 5,000,000 short strings", "tfckpt", "tensorflow", "",
           "pread", 16}},
         read_race},
        {"strings-write",
         {{"write-strings", "write a tensor of 5,000,000 short strings", "tfckpt", "tensorflow",
           "", "write", 14}},
         write_race},
    };
}

}  // namespace bench
