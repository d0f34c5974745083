/// Every damaged checkpoint is an error with its status and its place.
#include <algorithm>

#include "manifest.hpp"
#include "support.hpp"

namespace {

using tfckpt::DType;
using tfckpt::Error;
using tfckpt::Reader;

std::string path_of(const manifest::Case& hostile) {
    return test::data("hostile") / hostile.prefix;
}

class Hostile : public testing::TestWithParam<manifest::Case> {};

void expect_status(const std::string& verdict, const std::optional<Error>& error) {
    const auto status = tfckpt::status_name(error ? error->code() : tfckpt::Status::kOk);
    EXPECT_TRUE(manifest::allows(verdict, status))
        << status << " is not " << verdict << ": " << (error ? error->what() : "");
}

/// Holds the outcome of an act against the verdict on it.
void expect(const std::string& verdict, const std::optional<Error>& error) {
    expect_status(verdict, error);
    if (!error) return;
    const auto file = test::fs::path(error->file()).lexically_relative(test::data("hostile"));
    EXPECT_TRUE(manifest::allows(Hostile::GetParam().files, file.string())) << error->what();
}

void expect_list(const Reader& reader, const manifest::Case& hostile) {
    auto cursor = reader.tensors();
    bool failed = false;
    for (bool more = true; more;) {
        const auto error = test::error_of([&] { more = cursor.next().has_value(); });
        if (error) expect(hostile.list, error);
        failed |= error.has_value();
    }
    if (!failed) expect(hostile.list, std::nullopt);
}

std::string content(const Reader& reader, const std::string& name) {
    const DType dtype = reader.at(name).dtype();
    return dtype == DType::kString || dtype == DType::kVariant
               ? manifest::digest(reader.read_strings(name))
               : manifest::digest(reader.read<std::byte>(name));
}

void expect_tensor(const Reader& reader, const manifest::HostileTensor& row) {
    SCOPED_TRACE(row.name);
    expect(row.info, test::error_of([&] { static_cast<void>(reader.at(row.name)); }));
    std::string sha256;
    const auto error = test::error_of([&] { sha256 = content(reader, row.name); });
    expect(row.read, error);
    if (error) {
        EXPECT_EQ(error->tensor(), row.name);
    } else if (row.sha256 != "-") {
        EXPECT_EQ(sha256, row.sha256);
    }
}

/// The report has the right problems, and names all tensors that can't be read.
void expect_report(const manifest::Case& hostile) {
    const auto report = tfckpt::verify(path_of(hostile));
    const auto problems = report.problems();
    EXPECT_EQ(report.ok(), problems.empty());
    if (problems.empty()) expect(hostile.verify, std::nullopt);
    for (const Error& problem : problems) expect(hostile.verify, problem);
    // Nobody knows which names a damaged part of the index had.
    if (!manifest::allows(hostile.list, "OK")) return;
    for (const auto& row : hostile.tensors) {
        const auto names_it = [&](const Error& problem) { return problem.tensor() == row.name; };
        EXPECT_TRUE(manifest::allows(row.read, "OK") ||
                    std::any_of(problems.begin(), problems.end(), names_it))
            << row.name;
    }
}

/// A state file that leads nowhere.
void expect_state(const manifest::Case& hostile) {
    const std::string file = path_of(hostile);
    const std::string dir = test::fs::path(file).parent_path();
    const auto error = test::error_of([&] { static_cast<void>(tfckpt::State::read(dir)); });
    expect_status(hostile.open, error);
    EXPECT_EQ(error ? error->file() : file, file);
    expect_status(hostile.list, test::error_of([&] {
        if (!tfckpt::latest(dir)) throw Error(tfckpt::Status::kNotFound, "no state file");
    }));
}

TEST_P(Hostile, FailsAsItShould) {
    const manifest::Case& hostile = GetParam();
    std::optional<Reader> reader;
    const auto error = test::error_of([&] { reader = Reader::open(path_of(hostile)); });
    if (hostile.kind == "state") {
        ASSERT_TRUE(error);
        EXPECT_EQ(tfckpt::status_name(error->code()), hostile.list) << error->what();
        expect_state(hostile);
        return;
    }
    expect(hostile.open, error);
    if (error) {
        // Then it is also what is found when all of it is verified.
        expect(hostile.verify, error);
        return;
    }
    expect_list(*reader, hostile);
    for (const auto& row : hostile.tensors) expect_tensor(*reader, row);
    expect_report(hostile);
}

std::string name_of(const testing::TestParamInfo<manifest::Case>& info) {
    return manifest::test_name(info.param.name);
}

INSTANTIATE_TEST_SUITE_P(All, Hostile, testing::ValuesIn(manifest::hostile()), name_of);

}  // namespace
