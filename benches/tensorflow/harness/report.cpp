#include "report.h"

#include <cstdio>

#include "../ours/tensors.h"
#include "../theirs/tensors.h"
#include "machine.h"

namespace bench {
namespace {

std::string format(const char* how, double value) {
    char text[64];
    std::snprintf(text, sizeof text, how, value);
    return text;
}

// Three digits that count.
std::string short_number(double value) {
    return format(value < 0.995 ? "%.3f" : value < 9.95 ? "%.2f" : value < 99.5 ? "%.1f" : "%.0f",
                  value);
}

std::string milliseconds(const Times& times) { return short_number(times.median() * 1e3); }

std::string with_spread(const Times& times) {
    return milliseconds(times) + " (" + short_number(times.min() * 1e3) + "-" +
           short_number(times.max() * 1e3) + ")";
}

std::string goal_of(const Measured& row) {
    if (!row.met()) return "-";
    return format("%gx", row.row.goal.value_or(0)) + (*row.met() ? " met" : " missed");
}

std::optional<Times> times_of(const std::string& name, const Results& results) {
    if (name.empty()) return {};
    return results.at(name);
}


}  // namespace

std::optional<double> Measured::safetensors_ratio() const {
    if (!safetensors) return {};
    return tensorflow.median() / safetensors->median();
}

std::optional<double> Measured::share_of_limit() const {
    if (!limit) return {};
    return limit->median() / tfckpt.median();
}

std::optional<bool> Measured::met() const {
    if (!row.goal && !row.goal_seconds) return {};
    const bool ratio_met = !row.goal || ratio() >= *row.goal;
    return ratio_met && (!row.goal_seconds || tfckpt.median() < *row.goal_seconds);
}

Measured measured(const Row& row, const Race& race, const Results& results) {
    return {row,
            race.bytes,
            results.at(row.tfckpt),
            results.at(row.tensorflow),
            times_of(row.safetensors, results),
            times_of(row.limit, results)};
}

void print_head(const Options& options) {
    std::printf("TensorFlow %s (pip wheel), tfckpt %s; %d rounds in turns after one to warm up, "
                "scale %g\n%s\n",
                theirs::version().c_str(), ours::version().c_str(), options.rounds, options.scale,
                machine_line(options.dir).c_str());
    std::printf("times in ms: median (quickest-slowest); ratios are to the pip wheel, of medians "
                "and of the quickest runs;\nof the limit: how long it takes, and the share of its "
                "speed\n\n");
    std::printf("%-22s %-20s %-20s %7s %9s %-11s %-14s %-12s %6s  %s\n", "row", "TensorFlow",
                "tfckpt", "ratio", "quickest", "goal", "safetensors", "limit", "GB/s", "what");
    std::fflush(stdout);
}

void print_row(const Measured& row) {
    const auto safetensors = row.safetensors_ratio();
    const auto share = row.share_of_limit();
    const std::string beside =
        safetensors ? milliseconds(*row.safetensors) + " " + short_number(*safetensors) + "x" : "-";
    const std::string limit =
        share ? milliseconds(*row.limit) + " " + format("%.0f%%", *share * 100) : "-";
    std::printf("%-22s %-20s %-20s %6sx %8sx %-11s %-14s %-12s %6s  %s\n", row.row.name.c_str(),
                with_spread(row.tensorflow).c_str(), with_spread(row.tfckpt).c_str(),
                short_number(row.ratio()).c_str(), short_number(row.quickest_ratio()).c_str(),
                goal_of(row).c_str(), beside.c_str(), limit.c_str(),
                short_number(row.bytes_per_second() / 1e9).c_str(), row.row.what.c_str());
    std::fflush(stdout);
}

void print_row(const MeasuredMemory& row) {
    const std::string goal =
        format("<= %g MiB", row.row.goal_bytes / kMiB) + (row.met() ? " met" : " missed");
    std::printf("%-22s %-20s %-20s %17s %-46s %s\n", row.row.name.c_str(),
                format("%.1f MiB", row.tensorflow / kMiB).c_str(),
                format("%.1f MiB", row.tfckpt / kMiB).c_str(), "", goal.c_str(),
                row.row.what.c_str());
    std::fflush(stdout);
}

void print_foot(const Report& report) {
    int goals = 0, met = 0;
    for (const Measured& row : report.rows) {
        goals += row.met().has_value();
        met += row.met().value_or(false);
    }
    for (const MeasuredMemory& row : report.memory_rows) {
        ++goals;
        met += row.met();
    }
    if (goals > 0) std::printf("\n%d of %d goals met\n", met, goals);
}

}  // namespace bench
