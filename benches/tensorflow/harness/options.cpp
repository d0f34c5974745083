#include "options.h"

#include <functional>
#include <map>
#include <stdexcept>

namespace bench {

const char kUsage[] =
    "usage: bench [--rounds N] [--scale FACTOR] [--only PART_OF_A_NAME] [--json FILE]\n"
    "             [--no-memory] [--tmpfs DIRECTORY] DIRECTORY\n";

Options parse(int argc, char** argv) {
    Options options;
    int at = 1;
    auto value = [&]() -> std::string {
        if (at >= argc) throw std::invalid_argument(std::string(argv[at - 1]) + " needs a value");
        return argv[at++];
    };
    const std::map<std::string, std::function<void()>> known = {
        {"--rounds", [&] { options.rounds = std::stoi(value()); }},
        {"--scale", [&] { options.scale = std::stod(options.scale_text = value()); }},
        {"--only", [&] { options.only = value(); }},
        {"--json", [&] { options.json = value(); }},
        {"--no-memory", [&] { options.memory = false; }},
        {"--tmpfs", [&] { options.tmpfs = value(); }},
        {"--child-group", [&] { options.child_group = value(); }},
        {"--child-contestant", [&] { options.child_contestant = value(); }},
    };
    while (at < argc) {
        const std::string argument = argv[at++];
        const auto found = known.find(argument);
        if (found != known.end()) found->second();
        else if (argument.rfind("--", 0) == 0) throw std::invalid_argument("what is " + argument);
        else options.dir = argument;
    }
    if (options.dir.empty()) throw std::invalid_argument("which directory?");
    if (options.rounds < 1) throw std::invalid_argument("at least one round");
    if (!(options.scale > 0 && options.scale <= 1)) throw std::invalid_argument("a scale up to 1");
    return options;
}

}  // namespace bench
