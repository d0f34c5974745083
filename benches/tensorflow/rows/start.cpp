// A process that has nothing yet, up to its first tensor.
#include <cstdio>
#include <numeric>
#include <stdexcept>

#include "../harness/process.h"
#include "rows.h"
#include "sides.h"

namespace bench {
namespace {

constexpr char kBundle[] = "start";
const Size kSize{kBundle, 16, 64};

struct Started {
    double inside = 0;
    unsigned sum = 0;
};

// The program prints what it saw itself.
Started start(const std::string& library, const std::string& prefix) {
    const std::string dir = own_directory();
    const std::string text =
        output_of(dir + "/start", {"start", dir + "/start-" + library + ".so", prefix,
                                   tensor_name("encoder", 0), std::to_string(kSize.bytes_each())});
    Started started;
    if (std::sscanf(text.c_str(), "%lf %u", &started.inside, &started.sum) != 2) {
        throw std::runtime_error("what did the program print? " + text);
    }
    return started;
}

unsigned expected_sum() {
    TensorSet set(kSize.count, kSize.bytes_each());
    set.fill();
    return std::accumulate(set.data(0), set.data(1), 0u);
}

void add(Race& race, const std::string& library, const std::string& prefix) {
    auto last = std::make_shared<Started>();
    const auto check = [last, expected = expected_sum()] {
        if (last->sum != expected) throw std::logic_error("the values are wrong");
    };
    race.contestants.push_back({library,
                                [=] {
                                    *last = start(library, prefix);
                                    return last->inside;
                                },
                                check});
    race.contestants.push_back(
        {library + "-process", timed([=] { *last = start(library, prefix); }), check});
}

Race start_race(const Places& places, double) {
    const std::string prefix = written_files(places.disk, kSize).prefix;
    Race race;
    race.bytes = kSize.bytes_each();
    add(race, "tensorflow", prefix);
    add(race, "tfckpt", prefix);
    return race;
}

}  // namespace

Subject start_rows() {
    const std::string what = "dlopen, open, read one small tensor";
    Row process{"start-process", "a process from its start to its end: " + what, "tfckpt-process",
                "tensorflow-process"};
    return {{"start",
             {{"start", what, "tfckpt", "tensorflow", "", "", 100, 0.005}, process},
             start_race}};
}

}  // namespace bench
