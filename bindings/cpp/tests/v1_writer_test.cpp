/// Writing the V1 format.
#include <array>
#include <complex>

#include "support.hpp"

namespace {

using tfckpt::DType;
using tfckpt::Format;
using tfckpt::Reader;
using tfckpt::Slice;
using tfckpt::Writer;
using tfckpt::WriterOptions;

class V1WriterTest : public test::Folder {
protected:
    static WriterOptions v1() {
        WriterOptions options;
        options.format = Format::kV1;
        return options;
    }

    [[nodiscard]] Writer create(const WriterOptions& options = v1()) const {
        return Writer::create(path("ckpt"), options);
    }

    [[nodiscard]] Reader open() const { return Reader::open(path("ckpt")); }
};

TEST_F(V1WriterTest, HoldsWhatV1Holds) {
    auto writer = create();
    writer.add("bool", {2}, {true, false});
    writer.add("complex", {1}, std::vector<std::complex<float>>{{1, -2}});
    writer.add("half", DType::kHalf, {2}, std::array<std::uint16_t, 2>{0x3c00, 0xfc00});
    writer.add("quantized", DType::kQInt8, {3}, std::array<std::int8_t, 3>{-128, 0, 127});
    writer.add("scalar", {}, {std::int64_t{-42}});
    writer.add_slice("sliced", {4}, Slice{{2}, {2}}, {3.0, 4.0});
    writer.add_slice("sliced", {4}, Slice{{0}, {2}}, {1.0, 2.0});
    writer.add_strings("strings", {3}, {"ab", "", "c"});
    writer.begin("streamed", DType::kInt16, {3});
    writer.append(std::array<std::int16_t, 2>{-1, 2});
    writer.append(std::array<std::int16_t, 1>{3});
    writer.end();
    writer.finish();
    EXPECT_EQ(files(), std::vector<std::string>{"ckpt"});

    const auto reader = open();
    EXPECT_EQ(tfckpt_reader_format(reader.get()), TFCKPT_FORMAT_V1);
    EXPECT_EQ(reader.read<bool>("bool"), (std::vector<bool>{true, false}));
    EXPECT_EQ(reader.read<std::complex<float>>("complex")[0], std::complex<float>(1, -2));
    EXPECT_EQ(reader.at("half").dtype(), DType::kHalf);
    EXPECT_EQ(reader.at("quantized").byte_size(), 3);
    EXPECT_EQ(reader.read<std::int64_t>("scalar"), std::vector<std::int64_t>{-42});
    EXPECT_EQ(reader.read<double>("sliced"), (std::vector<double>{1, 2, 3, 4}));
    EXPECT_EQ(reader.at("sliced").slice_count(), 2);
    EXPECT_EQ(reader.read_strings("strings")[0], "ab");
    EXPECT_EQ(reader.read<std::int16_t>("streamed"), (std::vector<std::int16_t>{-1, 2, 3}));
}

TEST_F(V1WriterTest, RefusesWhatV1DoesNotHold) {
    auto writer = create();
    const std::array<std::uint16_t, 1> bits{0};
    FAILS_AS(kUnsupported, writer.add("a", DType::kBFloat16, {1}, bits));
    FAILS_AS(kUnsupported, writer.add_variants("a", {1}, {"x"}));
    FAILS_AS(kUnsupported, writer.add("a", {1, 1, 1, 1, 1, 1, 1, 1, 1}, {1.0f}));
    FAILS_AS(kUnsupported, writer.add_slice("a", {4}, Slice{{2}, {0}}, std::vector<float>()));
    const auto error = test::error_of([&] { writer.add("b", DType::kQInt16, {1}, bits); });
    ASSERT_TRUE(error);
    EXPECT_EQ(error->tensor(), "b");

    auto options = v1();
    options.alignment = 64;
    FAILS_AS(kInvalidArgument, create(options));
    options = v1();
    options.big_endian = true;
    FAILS_AS(kInvalidArgument, create(options));
    options = {};
    options.format = Format::kOverlay;
    FAILS_AS(kInvalidArgument, create(options));
}

TEST_F(V1WriterTest, SpreadsOverFiles) {
    auto options = v1();
    options.shards = 2;
    auto writer = create(options);
    writer.add("a", {1}, {1});
    writer.add("b", {1}, {2});
    writer.finish();
    EXPECT_EQ(files(), (std::vector<std::string>{"ckpt-00000-of-00002", "ckpt-00001-of-00002"}));
    EXPECT_EQ(open().num_shards(), 2);
    EXPECT_EQ(open().read<int>("b"), std::vector<int>{2});

    FAILS_AS(kAlreadyExists, create());
    options = v1();
    options.replace = true;
    auto other = create(options);
    other.add("c", {1}, {3});
    other.finish();
    EXPECT_EQ(files(), std::vector<std::string>{"ckpt"});
    EXPECT_EQ(open().read<int>("c"), std::vector<int>{3});
}

TEST_F(V1WriterTest, LeavesNothingWhenAbandoned) {
    {
        auto writer = create();
        writer.add("a", {1}, {1.0f});
    }
    EXPECT_TRUE(files().empty());
}

}  // namespace
