// Measures this library against TensorFlow, both in one process, in turns.
#include <cstdio>
#include <exception>
#include <stdexcept>

#include "case.h"
#include "measure.h"
#include "memory.h"
#include "options.h"
#include "report.h"

namespace bench {
namespace {

using Subject = std::vector<Entry>;

std::vector<Subject> all_subjects() {
    return {bulk_cases(), small_cases(), list_cases(), merge_cases()};
}

Entry find(const std::string& name) {
    for (const Subject& subject : all_subjects()) {
        for (const Entry& entry : subject) {
            if (entry.name == name) return entry;
        }
    }
    throw std::invalid_argument("no case is called " + name);
}

// In a child: the files are there already, and nothing has run before.
void print_own_memory(const Options& options) {
    const Workspace workspace(options.dir);
    const Case one = find(options.child_case).make(workspace, options.scale);
    const Side side = options.child_side == "tensorflow" ? Side::kTensorFlow : Side::kTfckpt;
    one.before();
    std::printf("%.0f\n", peak_growth(one.run(side)));
}

std::optional<double> memory_of(const Entry& entry, const char* side, const Options& options) {
    if (!options.memory || !entry.has_own_memory) return {};
    return number_from_child({"bench", "--scale", options.scale_text, "--child-case", entry.name,
                              "--child-side", side, options.dir});
}

Row run(const Entry& entry, const Workspace& workspace, const Options& options) {
    // The buffers are gone before the children have theirs.
    Result result = measure(entry.make(workspace, options.scale), options.rounds);
    result.tensorflow_memory = memory_of(entry, "tensorflow", options);
    result.tfckpt_memory = memory_of(entry, "tfckpt", options);
    return {entry.name, entry.what, std::move(result)};
}

void run_all(const Options& options) {
    const Workspace workspace(options.dir);
    std::vector<Row> rows;
    print_head(options);
    for (const Subject& subject : all_subjects()) {
        for (const Entry& entry : subject) {
            if (entry.name.find(options.only) == std::string::npos) continue;
            rows.push_back(run(entry, workspace, options));
            print_row(rows.back());
        }
        workspace.clear();
    }
    if (rows.empty()) throw std::invalid_argument("no case has '" + options.only + "' in its name");
    if (!options.json.empty()) write_json(options.json, options, rows);
}

}  // namespace
}  // namespace bench

int main(int argc, char** argv) {
    try {
        const bench::Options options = bench::parse(argc, argv);
        if (options.child_case.empty()) bench::run_all(options);
        else bench::print_own_memory(options);
        return 0;
    } catch (const std::invalid_argument& error) {
        std::fprintf(stderr, "bench: %s\n%s", error.what(), bench::kUsage);
        return 2;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "bench: %s\n", error.what());
        return 1;
    }
}
