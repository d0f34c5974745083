#include "report.h"

#include <cstdio>
#include <fstream>
#include <ostream>
#include <stdexcept>

#include "ours.h"
#include "theirs.h"

namespace bench {
namespace {

std::string format(const char* how, double value) {
    char text[64];
    std::snprintf(text, sizeof text, how, value);
    return text;
}

std::string milliseconds(const Times& times) {
    char text[96];
    std::snprintf(text, sizeof text, "%8.1f (%.1f to %.1f)", times.median() * 1e3,
                  times.min() * 1e3, times.max() * 1e3);
    return text;
}

std::string mebibytes(const std::optional<double>& bytes) {
    return bytes ? format("%.1f", *bytes / (1 << 20)) : "-";
}

// In quotes. All that comes here is ASCII, or a path.
std::string quoted(const std::string& text) {
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') out += '\\';
        out += static_cast<unsigned char>(c) < 0x20 ? '?' : c;
    }
    return out + '"';
}

std::string json_of(const Times& times, const std::optional<double>& memory) {
    std::string seconds;
    for (const double time : times.sorted()) {
        seconds += (seconds.empty() ? "" : ", ") + format("%.6f", time);
    }
    return "{\"median\": " + format("%.6f", times.median()) + ", \"seconds\": [" + seconds +
           "], \"peak_memory\": " + (memory ? format("%.0f", *memory) : "null") + "}";
}

std::string json_of(const Row& row) {
    const Result& result = row.result;
    return "    {\"name\": " + quoted(row.name) + ", \"what\": " + quoted(row.what) +
           ",\n     \"ratio\": " + format("%.3f", result.ratio()) +
           ",\n     \"tensorflow\": " + json_of(result.tensorflow, result.tensorflow_memory) +
           ",\n     \"tfckpt\": " + json_of(result.tfckpt, result.tfckpt_memory) + "}";
}

}  // namespace

void print_head(const Options& options) {
    std::printf("TensorFlow %s, tfckpt %s; %d rounds in turns after one to warm up, scale %g\n",
                theirs::version().c_str(), ours::version().c_str(), options.rounds, options.scale);
    std::printf("times in ms: median (min to max); memory: MiB at most, beyond the buffers\n\n");
    std::printf("%-20s %-32s %-32s %6s   %-15s %s\n", "case", "TensorFlow", "tfckpt", "ratio",
                "memory TF, ours", "what");
    std::fflush(stdout);
}

void print_row(const Row& row) {
    const Result& result = row.result;
    const std::string memory =
        mebibytes(result.tensorflow_memory) + ", " + mebibytes(result.tfckpt_memory);
    std::printf("%-20s %-32s %-32s %6.2f   %-15s %s\n", row.name.c_str(),
                milliseconds(result.tensorflow).c_str(), milliseconds(result.tfckpt).c_str(),
                result.ratio(), memory.c_str(), row.what.c_str());
    std::fflush(stdout);
}

void write_json(const std::string& path, const Options& options, const std::vector<Row>& rows) {
    std::ofstream file(path);
    file << "{\n  \"tensorflow\": " << quoted(theirs::version())
         << ",\n  \"tfckpt\": " << quoted(ours::version()) << ",\n  \"rounds\": " << options.rounds
         << ",\n  \"scale\": " << options.scale << ",\n  \"cases\": [\n";
    for (size_t i = 0; i < rows.size(); ++i) {
        file << json_of(rows[i]) << (i + 1 < rows.size() ? ",\n" : "\n");
    }
    file << "  ]\n}\n";
    file.close();
    if (!file) throw std::runtime_error("cannot write " + path);
}

}  // namespace bench
