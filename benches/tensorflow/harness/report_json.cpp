// The report as JSON.
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "../ours/tensors.h"
#include "../theirs/tensors.h"
#include "machine.h"
#include "report.h"

namespace bench {
namespace {

// In quotes. All that comes here is ASCII, or a path.
std::string quoted(const std::string& text) {
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') out += '\\';
        out += static_cast<unsigned char>(c) < 0x20 ? '?' : c;
    }
    return out + '"';
}

std::string number(double value) {
    std::ostringstream out;
    out.precision(9);
    out << value;
    return out.str();
}

std::string number(const std::optional<double>& value) { return value ? number(*value) : "null"; }

std::string boolean(const std::optional<bool>& value) {
    return !value ? "null" : *value ? "true" : "false";
}

std::string json_of(const std::string& contestant, const std::optional<Times>& times) {
    if (!times) return "null";
    std::string seconds;
    for (const double time : times->sorted()) {
        seconds += (seconds.empty() ? "" : ", ") + number(time);
    }
    return "{\"contestant\": " + quoted(contestant) + ", \"median\": " + number(times->median()) +
           ", \"seconds\": [" + seconds + "]}";
}

std::string json_of(const Measured& it) {
    const Row& row = it.row;
    return "    {\"name\": " + quoted(row.name) + ", \"what\": " + quoted(row.what) +
           ",\n     \"ratio_to_pip_wheel\": " + number(it.ratio()) +
           ", \"quickest_ratio_to_pip_wheel\": " + number(it.quickest_ratio()) +
           ", \"goal\": " + number(row.goal) + ", \"goal_seconds\": " + number(row.goal_seconds) +
           ", \"met\": " + boolean(it.met()) + ",\n     \"bytes\": " + std::to_string(it.bytes) +
           ", \"bytes_per_second\": " + number(it.bytes_per_second()) +
           ", \"share_of_limit\": " + number(it.share_of_limit()) +
           ", \"safetensors_ratio_to_pip_wheel\": " + number(it.safetensors_ratio()) +
           ",\n     \"tensorflow\": " + json_of(row.tensorflow, it.tensorflow) +
           ",\n     \"tfckpt\": " + json_of(row.tfckpt, it.tfckpt) +
           ",\n     \"safetensors\": " + json_of(row.safetensors, it.safetensors) +
           ",\n     \"limit\": " + json_of(row.limit, it.limit) + "}";
}

std::string json_of(const MeasuredMemory& it) {
    return "    {\"name\": " + quoted(it.row.name) + ", \"what\": " + quoted(it.row.what) +
           ", \"tensorflow_bytes\": " + number(it.tensorflow) +
           ", \"tfckpt_bytes\": " + number(it.tfckpt) +
           ", \"goal_bytes\": " + number(it.row.goal_bytes) +
           ", \"met\": " + boolean(it.met()) + "}";
}

template <typename Rows>
std::string json_list(const Rows& rows) {
    std::string list;
    for (const auto& row : rows) list += (list.empty() ? "" : ",\n") + json_of(row);
    return "[\n" + list + "\n  ]";
}

}  // namespace

void write_json(const std::string& path, const Options& options, const Report& report) {
    std::ofstream file(path);
    file << "{\n  \"tensorflow\": " << quoted(theirs::version())
         << ",\n  \"tensorflow_build\": \"pip wheel\",\n  \"tfckpt\": " << quoted(ours::version())
         << ",\n  \"machine\": " << quoted(machine_line(options.dir))
         << ",\n  \"date\": " << quoted(today()) << ",\n  \"rounds\": " << options.rounds
         << ",\n  \"scale\": " << options.scale << ",\n  \"rows\": " << json_list(report.rows)
         << ",\n  \"memory\": " << json_list(report.memory_rows) << "\n}\n";
    file.close();
    if (!file) throw std::runtime_error("cannot write " + path);
}

}  // namespace bench
