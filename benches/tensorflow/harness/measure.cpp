#include "measure.h"

#include <algorithm>
#include <chrono>
#include <stdexcept>

#include "memory.h"

namespace bench {
namespace {

void warm_up(const Contestant& one) {
    one.before();
    one.run();
    try {
        one.check();
    } catch (const std::exception& error) {
        throw std::runtime_error(one.name + ": " + error.what());
    }
}

}  // namespace

Run timed(std::function<void()> work) {
    return [work = std::move(work)] {
        const auto start = std::chrono::steady_clock::now();
        work();
        return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    };
}

Times::Times(std::vector<double> seconds) : seconds_(std::move(seconds)) {
    std::sort(seconds_.begin(), seconds_.end());
}

double Times::median() const {
    const size_t half = seconds_.size() / 2;
    return seconds_.size() % 2 == 1 ? seconds_[half] : (seconds_[half - 1] + seconds_[half]) / 2;
}

const Contestant& find(const Race& race, const std::string& name) {
    for (const Contestant& one : race.contestants) {
        if (one.name == name) return one;
    }
    throw std::logic_error("no contestant is called " + name);
}

Results measure(const Race& race, const std::set<std::string>& names, int rounds) {
    std::vector<const Contestant*> in;
    for (const std::string& name : names) in.push_back(&find(race, name));
    race.before_round();
    for (const Contestant* one : in) warm_up(*one);
    std::map<std::string, std::vector<double>> seconds;
    for (int round = 0; round < rounds * race.rounds_factor; ++round) {
        race.before_round();
        for (size_t i = 0; i < in.size(); ++i) {
            const Contestant& one = *in[(static_cast<size_t>(round) + i) % in.size()];
            one.before();
            claim_from_host(race.fresh_bytes);
            seconds[one.name].push_back(one.run());
        }
    }
    Results results;
    for (auto& [name, each] : seconds) results.emplace(name, Times(std::move(each)));
    return results;
}

size_t scaled(size_t count, double scale) {
    return std::max<size_t>(1, static_cast<size_t>(static_cast<double>(count) * scale));
}

}  // namespace bench
