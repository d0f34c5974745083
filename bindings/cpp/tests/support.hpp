/// What the tests share: the test data, folders to write to, and how failures are
/// expected.
#ifndef SUPPORT_HPP
#define SUPPORT_HPP

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <ostream>
#include <stdexcept>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <stdlib.h>
#include <tfckpt/tfckpt.hpp>

namespace tfckpt {

// How GoogleTest shows them.
inline void PrintTo(Status status, std::ostream* out) { *out << status_name(status); }
inline void PrintTo(DType dtype, std::ostream* out) { *out << dtype_name(dtype); }
inline void PrintTo(const Shape& shape, std::ostream* out) { *out << to_string(shape); }

}  // namespace tfckpt

namespace test {

namespace fs = std::filesystem;

/// A path below tests/data.
inline fs::path data(const fs::path& path) {
    const char* folder = getenv("TFCKPT_TEST_DATA");
    return (folder == nullptr ? "tests/data" : folder) / path;
}

/// A folder of a test's own, which goes away with it.
class Folder : public testing::Test {
protected:
    Folder() {
        std::string name = (fs::temp_directory_path() / "tfckpt-XXXXXX").string();
        if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp " + name);
        folder_ = name;
    }
    ~Folder() override {
        std::error_code ignored;
        fs::remove_all(folder_, ignored);
    }

    [[nodiscard]] fs::path path(const fs::path& name = {}) const { return folder_ / name; }

    /// The files that there are, temporary ones too.
    [[nodiscard]] std::vector<std::string> files() const {
        std::vector<std::string> names;
        for (const auto& entry : fs::recursive_directory_iterator(folder_)) {
            if (!entry.is_directory()) names.push_back(entry.path().filename());
        }
        std::sort(names.begin(), names.end());
        return names;
    }

private:
    fs::path folder_;
};

inline std::string bytes_of(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    EXPECT_TRUE(file.is_open()) << path;
    return {std::istreambuf_iterator<char>(file), {}};
}

/// The error that something throws, if it does.
template <class Act>
std::optional<tfckpt::Error> error_of(const Act& act) {
    try {
        act();
        return std::nullopt;
    } catch (const tfckpt::Error& error) {
        return error;
    }
}

template <class Act>
tfckpt::Status status_of(const Act& act) {
    const auto error = error_of(act);
    return error ? error->code() : tfckpt::Status::kOk;
}

/// A checkpoint of scalars.
inline void write_floats(const fs::path& prefix,
                         const std::vector<std::pair<const char*, float>>& tensors) {
    auto writer = tfckpt::Writer::create(prefix);
    for (const auto& [name, value] : tensors) writer.add(name, {}, {value});
    writer.finish();
}

inline std::vector<std::string> names_of(const tfckpt::Reader& reader) {
    std::vector<std::string> names;
    for (const auto& tensor : reader.tensors()) names.emplace_back(tensor.name());
    return names;
}

template <class T>
std::vector<T> to_vector(tfckpt::Span<const T> span) {
    return {span.begin(), span.end()};
}

}  // namespace test

/// Expects that an expression throws an Error of that status: FAILS_AS(kNotFound, ...).
#define FAILS_AS(status, ...)                                                 \
    EXPECT_EQ(test::status_of([&] { static_cast<void>(__VA_ARGS__); }),       \
              tfckpt::Status::status)                                         \
        << #__VA_ARGS__

#endif
