#include "manifest.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "support.hpp"

extern "C" {
#include "../../../tests/c/sha256.h"
}

namespace manifest {
namespace {

using Row = std::vector<std::string>;

std::vector<std::string> split(const std::string& text, char separator) {
    std::vector<std::string> parts;
    std::istringstream stream(text);
    for (std::string part; std::getline(stream, part, separator);) parts.push_back(part);
    return parts;
}

std::vector<Row> rows(const std::string& folder) {
    std::ifstream file(test::data(folder) / "manifest.tsv");
    if (!file) throw std::runtime_error("there is no manifest in " + test::data(folder).string());
    std::vector<Row> rows;
    for (std::string line; std::getline(file, line);) rows.push_back(split(line, '\t'));
    return rows;
}

/// Undoes the escapes of a name.
std::string unescape(const std::string& text) {
    std::string name;
    for (std::size_t i = 0; i < text.size(); i++) {
        if (text[i] != '\\') {
            name += text[i];
        } else {
            name += static_cast<char>(std::stoi(text.substr(i + 2, 2), nullptr, 16));
            i += 3;
        }
    }
    return name;
}

std::optional<std::int64_t> number(const std::string& column) {
    return column == "-" ? std::nullopt : std::optional<std::int64_t>(std::stoll(column));
}

/// Parses "[2,3]".
tfckpt::Shape shape(const std::string& column) {
    std::vector<std::int64_t> dims;
    for (const auto& dim : split(column.substr(1, column.size() - 2), ',')) {
        dims.push_back(std::stoll(dim));
    }
    return dims;
}

/// Parses "0,3:-".
tfckpt::Slice slice(const std::string& column) {
    tfckpt::Slice slice;
    for (const auto& part : split(column, ':')) {
        const bool whole = part == "-";
        slice.starts.push_back(whole ? 0 : std::stoll(part));
        slice.lengths.push_back(whole ? tfckpt::Slice::kAll
                                      : std::stoll(part.substr(part.find(',') + 1)));
    }
    return slice;
}

Checkpoint checkpoint(const Row& row) {
    return {row.at(1), row.at(2) == "V1", row.at(4) == "BIG", std::stoll(row.at(3)), {}};
}

Tensor tensor(const Row& row) {
    return {unescape(row.at(1)),
            tfckpt::DType{std::stoi(row.at(2))},
            shape(row.at(3)),
            row.at(5) == "-" ? "" : row.at(5),
            number(row.at(6)),
            number(row.at(7)),
            number(row.at(8)),
            number(row.at(9)),
            {}};
}

/// A SHA-256 in the making.
class Sha256 {
public:
    Sha256() { sha256_begin(&sha_); }

    void add(const void* data, std::size_t size) { sha256_add(&sha_, data, size); }

    std::string end() {
        std::array<char, 65> hex;
        sha256_end(&sha_, hex.data());
        return hex.data();
    }

private:
    sha256 sha_;
};

}  // namespace

bool allows(const std::string& column, std::string_view word) {
    const auto words = split(column, '|');
    return std::find(words.begin(), words.end(), word) != words.end();
}

std::vector<Checkpoint> golden() {
    std::vector<Checkpoint> checkpoints;
    for (const Row& row : rows("golden")) {
        if (row.at(0) == "checkpoint") {
            checkpoints.push_back(checkpoint(row));
        } else if (row.at(0) == "tensor") {
            checkpoints.back().tensors.push_back(tensor(row));
        } else {
            checkpoints.back().tensors.back().slices.push_back({slice(row.at(1)), row.at(5)});
        }
    }
    return checkpoints;
}

std::vector<Case> hostile() {
    std::vector<Case> cases;
    for (const Row& row : rows("hostile")) {
        if (row.at(0) == "case") {
            cases.push_back({row.at(1), row.at(2), row.at(3), row.at(4), row.at(5), row.at(6),
                             row.at(7), {}});
        } else {
            cases.back().tensors.push_back(
                {unescape(row.at(1)), row.at(2), row.at(3), row.at(4)});
        }
    }
    return cases;
}

std::string test_name(std::string name) {
    for (char& c : name) {
        if (std::isalnum(static_cast<unsigned char>(c)) == 0) c = '_';
    }
    return name;
}

std::string digest(tfckpt::Span<const std::byte> bytes) {
    Sha256 sha;
    sha.add(bytes.data(), bytes.size());
    return sha.end();
}

std::string digest(const tfckpt::Strings& strings) {
    Sha256 sha;
    for (const std::string_view string : strings) {
        std::array<std::uint8_t, 8> length;
        for (std::size_t i = 0; i < length.size(); i++) {
            length[i] = static_cast<std::uint8_t>(string.size() >> 8 * i);
        }
        sha.add(length.data(), length.size());
        sha.add(string.data(), string.size());
    }
    return sha.end();
}

}  // namespace manifest
