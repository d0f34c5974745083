// Measures a race: all contestants in turns, so that what changes on the machine
// meanwhile changes all of them.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "race.h"

namespace bench {

// Seconds of each run, sorted.
class Times {
public:
    explicit Times(std::vector<double> seconds);

    double median() const;
    double min() const { return seconds_.front(); }
    double max() const { return seconds_.back(); }
    const std::vector<double>& sorted() const { return seconds_; }

private:
    std::vector<double> seconds_;
};

// By the contestants' names.
using Results = std::map<std::string, Times>;

// One run of each of the contestants called `names` to warm up, which is checked, then
// `rounds` of all in turns; each round another one begins. At least one round.
Results measure(const Race& race, const std::set<std::string>& names, int rounds);

// Throws std::logic_error where there is none of that name.
const Contestant& find(const Race& race, const std::string& name);

}  // namespace bench
