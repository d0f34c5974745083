// Measures this library against TensorFlow, safetensors and the machine itself, all in
// one process, in turns.
#include <cstdio>
#include <exception>
#include <stdexcept>

#include "harness/measure.h"
#include "harness/memory.h"
#include "harness/options.h"
#include "harness/process.h"
#include "harness/race.h"
#include "harness/report.h"
#include "rows/rows.h"

namespace bench {
namespace {

// What the rows on a file system in memory need there.
constexpr uint64_t kMemoryRoom = uint64_t{5} << 29;

std::vector<Subject> all_subjects() {
    return {bulk_rows(),   middle_rows(), small_rows(), scalar_rows(),      index_rows(),
            string_rows(), slice_rows(),  write_rows(), memory_file_rows(), copy_rows(),
            merge_rows(),  start_rows()};
}

Group find_group(const std::string& name) {
    for (const Subject& subject : all_subjects()) {
        for (const Group& group : subject) {
            if (group.name == name) return group;
        }
    }
    throw std::invalid_argument("no group is called " + name);
}

// In a child: the files are there already, and nothing has run before.
void print_own_memory(const Options& options) {
    const Workspace disk(options.dir);
    const Race race = find_group(options.child_group).make({disk, nullptr}, options.scale);
    const Contestant& one = find(race, options.child_contestant);
    one.before();
    std::printf("%.0f\n", peak_growth(one.run));
}

double memory_of(const Group& group, const std::string& contestant, const Options& options) {
    return std::stod(output_of(own_path(), {"bench", "--scale", options.scale_text, "--child-group",
                                            group.name, "--child-contestant", contestant,
                                            options.dir}));
}

// Everything that is run, and what comes of it.
class Session {
public:
    explicit Session(const Options& options) : options_(options), disk_(options.dir) {
        if (!options.tmpfs.empty()) tmpfs_.emplace(options.tmpfs);
    }

    void run(const Subject& subject) {
        for (const Group& group : subject) {
            run_rows(group);
            run_memory_rows(group);
        }
        disk_.clear();
        if (tmpfs_) tmpfs_->clear();
    }

    const Report& report() const { return report_; }

private:
    bool wanted(const std::string& name) const {
        return name.find(options_.only) != std::string::npos;
    }

    // The goals are for all of the work.
    Row judged(Row row) const {
        if (options_.scale < 1) {
            row.goal.reset();
            row.goal_seconds.reset();
        }
        return row;
    }

    bool has_memory_room() const {
        return tmpfs_ && static_cast<double>(tmpfs_->room()) >=
                             static_cast<double>(kMemoryRoom) * options_.scale;
    }

    std::vector<Row> wanted_rows(const Group& group) const {
        std::vector<Row> rows;
        for (const Row& row : group.rows) {
            if (wanted(row.name)) rows.push_back(judged(row));
        }
        if (rows.empty() || !group.needs_memory_files || has_memory_room()) return rows;
        std::printf("%s: no room in memory\n", group.name.c_str());
        return {};
    }

    // The buffers are gone before anything else is done.
    void run_rows(const Group& group) {
        const std::vector<Row> rows = wanted_rows(group);
        if (rows.empty()) return;
        const Race race = group.make({disk_, tmpfs_ ? &*tmpfs_ : nullptr}, options_.scale);
        std::set<std::string> names;
        for (const Row& row : rows) {
            names.insert({row.tfckpt, row.tensorflow, row.safetensors, row.limit});
        }
        names.erase("");
        const Results results = measure(race, names, options_.rounds);
        for (const Row& row : rows) {
            report_.rows.push_back(measured(row, race, results));
            print_row(report_.rows.back());
        }
    }

    void run_memory_rows(const Group& group) {
        for (const MemoryRow& row : group.memory_rows) {
            if (!options_.memory || !wanted(row.name)) continue;
            report_.memory_rows.push_back({row, memory_of(group, row.tfckpt, options_),
                                           memory_of(group, row.tensorflow, options_)});
            print_row(report_.memory_rows.back());
        }
    }

    const Options& options_;
    Workspace disk_;
    std::optional<Workspace> tmpfs_;
    Report report_;
};

void run_all(const Options& options) {
    Session session(options);
    print_head(options);
    for (const Subject& subject : all_subjects()) session.run(subject);
    const Report& report = session.report();
    if (report.rows.empty() && report.memory_rows.empty()) {
        throw std::invalid_argument("no row has '" + options.only + "' in its name");
    }
    print_foot(report);
    if (!options.json.empty()) write_json(options.json, options, report);
}

}  // namespace
}  // namespace bench

int main(int argc, char** argv) {
    try {
        const bench::Options options = bench::parse(argc, argv);
        if (options.child_group.empty()) bench::run_all(options);
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
