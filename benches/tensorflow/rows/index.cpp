// An index with very many entries: opened, gone through, looked into.
#include <stdexcept>

#include "../limit/limit.h"
#include "../ours/index.h"
#include "../theirs/index.h"
#include "rows.h"
#include "sides.h"

namespace bench {
namespace {

constexpr size_t kLookups = 2000;
// An open is over before a clock can tell.
constexpr int kOpens = 50;
// More than the whole index takes.
constexpr int kCacheMebibytes = 256;

using Listing = uint64_t (*)(const std::string& prefix);

// One that must come to the sum that TensorFlow came to.
Contestant summing(std::string name, std::function<uint64_t()> work, uint64_t expected) {
    auto sum = std::make_shared<uint64_t>(0);
    return {std::move(name), timed([=] { *sum = work(); }), [=] {
                if (*sum != expected) throw std::logic_error("it found something else");
            }};
}

// The index as bytes and nothing else.
Contestant index_bytes(const Files& files) {
    const size_t bytes = file_size(files.index());
    const std::shared_ptr<uint8_t> memory = touched_memory(bytes);
    return {"pread", timed([=] { limit::read(files.index(), memory.get(), bytes, 1); })};
}

Race index_race(const Places& places, const Files& files) {
    Race race;
    race.bytes = file_size(files.index());
    race.before_round = [&workspace = places.disk] { workspace.refill("scalars"); };
    race.contestants.push_back(index_bytes(files));
    return race;
}

void add_listing(Race& race, const Files& files, const std::string& name, Listing tensorflow,
                 Listing tfckpt) {
    const std::string& prefix = files.prefix;
    const uint64_t expected = tensorflow(prefix);
    race.contestants.push_back(
        summing("tensorflow-" + name, [=] { return tensorflow(prefix); }, expected));
    race.contestants.push_back(summing("tfckpt-" + name, [=] { return tfckpt(prefix); }, expected));
}

// Where nothing of it is kept, each listing counts from opening the file.
Race list_race(const Places& places, double scale) {
    const Files files = written_files(places.disk, scalars(scale));
    Race race = index_race(places, files);
    add_listing(race, files, "names", theirs::list_names, ours::list_names);
    add_listing(race, files, "tensors", theirs::list_tensors, ours::list_tensors);
    race.contestants.push_back(
        {"safetensors", timed([=] { safetensors::list(files.safetensors); })});
    return race;
}

Run opened(void (*open)(const std::string&), const std::string& prefix) {
    const Run many = timed([=] {
        for (int i = 0; i < kOpens; ++i) open(prefix);
    });
    return [=] { return many() / kOpens; };
}

Race open_race(const Places& places, double scale) {
    const Files files = written_files(places.disk, scalars(scale));
    Race race = index_race(places, files);
    race.contestants.push_back({"tensorflow", opened(theirs::open, files.prefix)});
    race.contestants.push_back({"tfckpt", opened(ours::open, files.prefix)});
    return race;
}

std::vector<std::string> some_names(size_t count) {
    std::vector<std::string> names;
    for (const size_t i : shuffled(count)) {
        if (names.size() == kLookups) break;
        names.push_back(tensor_name("encoder", i));
    }
    return names;
}

Race lookup_race(const Places& places, double scale) {
    const Size size = scalars(scale);
    const Files files = written_files(places.disk, size);
    const std::vector<std::string> names = some_names(size.count);
    const uint64_t expected = names.size() * 2;
    Race race = index_race(places, files);
    race.contestants.push_back(summing(
        "tensorflow", [=] { return theirs::look_up(files.prefix, names); }, expected));
    race.contestants.push_back(summing(
        "tensorflow-cached",
        [=] {
            theirs::set_index_cache(kCacheMebibytes);
            const uint64_t sum = theirs::look_up(files.prefix, names);
            theirs::set_index_cache(0);
            return sum;
        },
        expected));
    race.contestants.push_back(
        summing("tfckpt", [=] { return ours::look_up(files.prefix, names); }, expected));
    return race;
}

Row listing(std::string name, std::string what, const std::string& kind, double goal) {
    return {std::move(name), std::move(what), "tfckpt-" + kind, "tensorflow-" + kind,
            "safetensors",   "pread",         goal};
}

Group list_group() {
    const std::string what = "open, list 1,000,000 ";
    return {"list",
            {listing("list-names", what + "names", "names", 4.5),
             listing("list-tensors", what + "names, dtypes, shapes", "tensors", 8)},
            list_race};
}

Group lookup_group() {
    const std::string what = "open, 2,000 random look-ups in 1,000,000 entries";
    return {"lookup",
            {{"lookup", what, "tfckpt", "tensorflow", "", "", 50},
             {"lookup-cached", what + ", TF_TABLE_INDEX_CACHE_SIZE_IN_MB set", "tfckpt",
              "tensorflow-cached", "", "", 1.3}},
            lookup_race};
}

}  // namespace

Subject index_rows() {
    return {list_group(),
            {"open",
             {{"open", "open 1,000,000 entries", "tfckpt", "tensorflow", "", "", 4}},
             open_race},
            lookup_group()};
}

}  // namespace bench
