/// A checkpoint into another, and a tensor by any of its names.
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "support.hpp"

namespace {

using tfckpt::CopyData;
using tfckpt::CopyOptions;
using tfckpt::NameRule;
using tfckpt::Reader;
using tfckpt::Writer;

class CopyTest : public test::Folder {
protected:
    CopyTest() {
        auto writer = Writer::create(path("src"));
        for (const char* name : {"a", "b", "c"}) writer.add(name, {2}, std::vector{1.5f, 2.0f});
        writer.finish();
    }

    [[nodiscard]] std::vector<std::string> names(const std::string& name) const {
        const auto reader = Reader::open(path(name));
        std::vector<std::string> names;
        for (const auto& tensor : reader.tensors()) names.emplace_back(tensor.name());
        return names;
    }

    [[nodiscard]] std::uintmax_t links() const {
        return std::filesystem::hard_link_count(path("src.data-00000-of-00001"));
    }
};

TEST_F(CopyTest, CopiesAllOfIt) {
    tfckpt::copy(path("dst"), path("src"));
    EXPECT_EQ(names("dst"), names("src"));
    EXPECT_TRUE(tfckpt::verify(path("dst")).ok());
    FAILS_AS(kAlreadyExists, tfckpt::copy(path("dst"), path("src")));
    CopyOptions options;
    options.replace = true;
    tfckpt::copy(path("dst"), path("src"), options);
    FAILS_AS(kInvalidArgument, tfckpt::copy(path("src"), path("src"), options));
}

TEST_F(CopyTest, TakesPartsUnderOtherNames) {
    for (const CopyData data : {CopyData::kRewrite, CopyData::kCopy, CopyData::kLink}) {
        const std::string name = "dst" + std::to_string(static_cast<int>(data));
        CopyOptions options;
        options.data = data;
        options.sync = false;
        options.filters = {"[ab]", "c"};
        options.names = {NameRule::name("a", "first"), NameRule::pattern("b*", "x/b*"),
                         NameRule::prefix("", "y/")};
        tfckpt::copy(path(name), path("src"), options);
        EXPECT_EQ(names(name), (std::vector<std::string>{"first", "x/b", "y/c"}));
        const auto reader = Reader::open(path(name));
        EXPECT_EQ(reader.read<float>("x/b"), (std::vector{1.5f, 2.0f}));
        EXPECT_EQ(links(), data == CopyData::kLink ? 2 : 1);
    }
}

TEST_F(CopyTest, CastsAndSpreads) {
    CopyOptions options;
    options.cast = tfckpt::DType::kHalf;
    options.shards = 2;
    options.alignment = 64;
    tfckpt::copy(path("dst"), path("src"), options);
    const auto reader = Reader::open(path("dst"));
    EXPECT_EQ(reader.num_shards(), 2);
    EXPECT_EQ(reader.at("a").dtype(), tfckpt::DType::kHalf);
    options.data = CopyData::kCopy;
    FAILS_AS(kInvalidArgument, tfckpt::copy(path("kept"), path("src"), options));
}

TEST_F(CopyTest, ThreadsMakeNoDifference) {
    auto writer = Writer::create(path("large"));
    const std::vector<float> values(3 << 19, 1.5f);
    for (const char* name : {"a", "b", "c"}) writer.add(name, {3 << 19}, values);
    writer.finish();
    tfckpt::copy(path("one"), path("large"));
    tfckpt::Progress progress;
    CopyOptions options;
    options.threads = 3;
    options.max_in_flight = 1 << 20;
    options.progress = &progress;
    tfckpt::copy(path("many"), path("large"), options);
    for (const char* file : {".index", ".data-00000-of-00001"}) {
        EXPECT_EQ(test::bytes_of(path(std::string("one") + file)),
                  test::bytes_of(path(std::string("many") + file)));
    }
    EXPECT_EQ(progress.done(), 18u << 20);
    progress.cancel();
    FAILS_AS(kCancelled, tfckpt::copy(path("none"), path("large"), options));
}

TEST_F(CopyTest, ObjectsFollowTheirTensors) {
    const auto keras = Reader::open(test::data("golden/object_based/keras/ckpt-50"));
    const std::string kernel = "model/_functional/_operations/1/_kernel";
    CopyOptions options;
    options.drop_optimizer_state = true;
    options.names = {NameRule::prefix("", "my/")};
    tfckpt::copy(path("dst"), keras, options);
    const auto reader = Reader::open(path("dst"));
    EXPECT_EQ(reader.resolve(kernel).name(), "my/" + std::string(keras.resolve(kernel).name()));
    EXPECT_EQ(reader.read<float>(reader.resolve("sequential/hidden/kernel").name()),
              keras.read<float>(keras.resolve(kernel).name()));
    FAILS_AS(kNotFound, reader.resolve("optimizer/_iterations"));
    FAILS_AS(kInvalidArgument, tfckpt::copy(path("none"), path("src"), options));
}

TEST_F(CopyTest, ResolvesOneMeaningAlone) {
    const auto reader = Reader::open(test::data("golden/saved_model/keras"));
    const auto error = test::error_of([&] {
        static_cast<void>(reader.resolve("sequential/norm/gamma"));
    });
    ASSERT_TRUE(error);
    EXPECT_EQ(error->code(), tfckpt::Status::kInvalidArgument);
    EXPECT_EQ(error->names().size(), 2u);
}

TEST_F(CopyTest, RefusesWhatMakesNoSense) {
    const auto refused = [&](const CopyOptions& options) {
        return test::status_of([&] { tfckpt::copy(path("dst"), path("src"), options); });
    };
    CopyOptions options;
    options.filters = {"[a"};
    EXPECT_EQ(refused(options), tfckpt::Status::kInvalidArgument);
    options.filters = {"nothing"};
    EXPECT_EQ(refused(options), tfckpt::Status::kNotFound);
    options = {};
    options.names = {NameRule::pattern("*", "one")};
    EXPECT_EQ(refused(options), tfckpt::Status::kInvalidArgument);
    options.names = {NameRule::name("", "one")};
    EXPECT_EQ(refused(options), tfckpt::Status::kInvalidArgument);
    options = {};
    options.data = CopyData{7};
    EXPECT_EQ(refused(options), tfckpt::Status::kInvalidArgument);
    options.data = std::nullopt;
    options.cast = tfckpt::DType::kInt8;
    EXPECT_EQ(refused(options), tfckpt::Status::kInvalidArgument);
    options.cast = std::nullopt;
    options.shards = 0;
    EXPECT_EQ(refused(options), tfckpt::Status::kOk);
    FAILS_AS(kInvalidArgument, tfckpt::copy(std::string("a\0", 2), path("src")));
}

}  // namespace
