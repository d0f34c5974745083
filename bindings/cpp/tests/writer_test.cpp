/// Writing, and merging.
#include <array>
#include <complex>
#include <list>

#include "manifest.hpp"
#include "support.hpp"

namespace {

using tfckpt::DType;
using tfckpt::Reader;
using tfckpt::Shape;
using tfckpt::Slice;
using tfckpt::Writer;

class WriterTest : public test::Folder {
protected:
    [[nodiscard]] Writer create() const { return Writer::create(path("ckpt")); }
    [[nodiscard]] Reader open() const { return Reader::open(path("ckpt")); }
};

TEST_F(WriterTest, KnowsTheDtypeOfElements) {
    auto writer = create();
    const std::int16_t array[] = {1, 2};
    writer.add("array", {2}, array);
    writer.add("braces", {2}, {1.5f, 2.5f});
    writer.add("complex", {1}, std::vector<std::complex<double>>{{1, 2}});
    writer.add("scalar", {}, {std::int64_t{42}});
    writer.add("span", {1}, tfckpt::Span<const std::int16_t>(array + 1, 1));
    writer.add("std::array", std::vector<std::int64_t>{1, 2}, std::array<bool, 2>{true, false});
    writer.finish();

    const auto reader = open();
    EXPECT_EQ(reader.read<std::int16_t>("array"), (std::vector<std::int16_t>{1, 2}));
    EXPECT_EQ(reader.read<float>("braces"), (std::vector<float>{1.5, 2.5}));
    EXPECT_EQ(reader.read<std::complex<double>>("complex")[0], std::complex<double>(1, 2));
    EXPECT_EQ(reader.read<std::int64_t>("scalar"), std::vector<std::int64_t>{42});
    EXPECT_EQ(reader.at("scalar").shape(), Shape());
    EXPECT_EQ(reader.read<std::int16_t>("span"), std::vector<std::int16_t>{2});
    EXPECT_EQ(reader.read<bool>("std::array"), (std::vector<bool>{true, false}));
    EXPECT_EQ(reader.at("std::array").shape(), Shape({1, 2}));
}

TEST_F(WriterTest, TakesADtypeThatIsNamed) {
    const std::vector<std::uint16_t> bits{0x3f80, 0x4000};
    auto writer = create();
    writer.add("bfloat16", DType::kBFloat16, {2}, bits);
    writer.add("bytes", DType::kFloat, {1}, tfckpt::as_bytes(bits));
    writer.add("float8", DType::kFloat8E5M2, {2}, std::array<std::uint8_t, 2>{1, 2});
    writer.add("quantized", DType::kQInt32, {1}, {std::int32_t{5}});
    FAILS_AS(kUnsupported, writer.add("resource", DType::kResource, {2}, bits));
    FAILS_AS(kInvalidArgument, writer.add("none", DType{}, {2}, bits));
    writer.finish();

    const auto reader = open();
    EXPECT_EQ(reader.at("bfloat16").dtype(), DType::kBFloat16);
    std::vector<std::uint16_t> read(2);
    reader.read_into("bfloat16", tfckpt::as_writable_bytes(read));
    EXPECT_EQ(read, bits);
    EXPECT_EQ(reader.at("float8").dtype(), DType::kFloat8E5M2);
    EXPECT_EQ(reader.at("quantized").byte_size(), 4);
    EXPECT_FALSE(reader.find("resource"));
}

TEST_F(WriterTest, AddsManyAtOnce) {
    const std::vector<float> floats = {1, 2, 3, 4};
    const std::vector<std::uint16_t> bits = {0x3f80, 0x4000};
    const double corner[] = {5};
    auto one_by_one = Writer::create(path("one by one"));
    one_by_one.add("floats", {2, 2}, floats);
    one_by_one.add("bits", DType::kBFloat16, {2}, bits);
    one_by_one.add_slice("parts", {2}, {{0}, {1}}, corner);
    one_by_one.add_slice("parts", DType::kDouble, {2}, {{1}, {1}}, corner);
    one_by_one.finish();

    const tfckpt::Progress progress;
    tfckpt::WriteOptions options;
    options.threads = 2;
    options.max_in_flight = 1 << 20;
    options.progress = &progress;
    auto writer = create();
    writer.add_many({{"floats", {2, 2}, floats},
                     {"bits", DType::kBFloat16, {2}, bits},
                     {"parts", {2}, Slice{{0}, {1}}, corner},
                     {"parts", DType::kDouble, {2}, Slice{{1}, {1}}, tfckpt::as_bytes(corner)}},
                    options);
    EXPECT_EQ(progress.done(), 36U);
    EXPECT_EQ(progress.total(), 36U);
    writer.add_many({});
    writer.finish();
    for (const char* file : {".index", ".data-00000-of-00001"}) {
        EXPECT_EQ(test::bytes_of(path(std::string("ckpt") + file)),
                  test::bytes_of(path(std::string("one by one") + file)));
    }
}

TEST_F(WriterTest, AddsNoneOfManyWhereOneIsWrong) {
    const std::vector<float> floats = {1, 2, 3, 4};
    auto writer = create();
    const auto add = [&](tfckpt::WriteRequest wrong) {
        writer.add_many({{"right", {4}, floats}, std::move(wrong)});
    };
    FAILS_AS(kInvalidArgument, add({"wrong", {5}, floats}));
    FAILS_AS(kInvalidArgument, add({"wrong", {2, 2}, Slice{{0}, {2}}, floats}));
    FAILS_AS(kInvalidArgument, add({"", {4}, floats}));
    FAILS_AS(kAlreadyExists, add({"right", {4}, floats}));
    FAILS_AS(kUnsupported, add({"resource", DType::kResource, {4}, floats}));
    EXPECT_EQ(test::error_of([&] { add({"wrong", {5}, floats}); })->tensor(), "wrong");
    writer.add("right", {4}, floats);
    writer.finish();
    EXPECT_EQ(open().size(), 1);

    const tfckpt::Progress progress;
    progress.cancel();
    tfckpt::WriteOptions options;
    options.progress = &progress;
    auto cancelled = Writer::create(path("cancelled"));
    FAILS_AS(kCancelled, cancelled.add_many({{"right", {4}, floats}}, options));
}

TEST_F(WriterTest, RefusesWhatMakesNoSense) {
    auto writer = create();
    const std::vector<float> four(4);
    FAILS_AS(kInvalidArgument, writer.add("", {4}, four));
    FAILS_AS(kInvalidArgument, writer.add("wrong", {5}, four));
    FAILS_AS(kInvalidArgument, writer.add("wrong", {-4}, four));
    FAILS_AS(kInvalidArgument, writer.add("wrong", {INT64_MAX, INT64_MAX}, four));
    FAILS_AS(kInvalidArgument, writer.add("wrong", Shape(std::vector<std::int64_t>(255, 1)), four));
    writer.add("right", {4}, four);
    FAILS_AS(kAlreadyExists, writer.add("right", {4}, four));
    writer.finish();
    EXPECT_EQ(open().size(), 1);
}

TEST_F(WriterTest, TakesAnyName) {
    const std::string name("\0\xff/ \n'", 6);
    auto writer = create();
    writer.add(name, {}, {1.0f});
    writer.finish();
    EXPECT_EQ(open().read<float>(name), std::vector<float>{1});
    EXPECT_EQ(open().tensors().begin()->name(), name);
    const auto error = test::error_of([&] { static_cast<void>(open().read<int>(name)); });
    ASSERT_TRUE(error);
    EXPECT_EQ(error->tensor(), name);
    EXPECT_NE(std::string(error->what()).find("'\\x00\\xff/ \\x0a\\x27'"), std::string::npos);
}

TEST_F(WriterTest, PutsSlicesTogether) {
    auto writer = create();
    const Shape shape{2, 3};
    writer.add_slice("a", shape, {{0, 2}, {2, 1}}, std::vector<int>{3, 6});
    writer.add("between", {}, {1.0f});
    writer.add_slice("a", shape, {{0, 0}, {Slice::kAll, 2}}, {1, 2, 4, 5});
    writer.add_slice("b", DType::kHalf, {2}, {{0}, {1}}, std::array<std::uint16_t, 1>{7});
    writer.add_slice("b", DType::kHalf, {2}, {{1}, {1}}, std::array<std::uint16_t, 1>{8});
    FAILS_AS(kInvalidArgument, writer.add_slice("a", shape, {{0, 3}, {1, 1}}, {1}));
    FAILS_AS(kInvalidArgument, writer.add_slice("a", shape, {{0}, {1}}, {1}));
    FAILS_AS(kInvalidArgument, writer.add_slice("a", shape, {{0, 0}, {1}}, {1}));
    FAILS_AS(kInvalidArgument, writer.add_slice("a", {2, 4}, {{0, 3}, {1, 1}}, {1}));
    FAILS_AS(kInvalidArgument, writer.add_slice("a", shape, {{0, 0}, {1, 1}}, {1.0f}));
    writer.finish();

    EXPECT_EQ(open().read<int>("a"), (std::vector<int>{1, 2, 3, 4, 5, 6}));
    EXPECT_EQ(open().at("a").slice_count(), 2);
    EXPECT_EQ(open().at("b").byte_size(), 4);
}

TEST_F(WriterTest, RefusesSlicesThatOverlap) {
    auto writer = create();
    writer.add_slice("a", {3}, {{0}, {2}}, {1, 2});
    const auto overlap = [&] {
        writer.add_slice("a", {3}, {{1}, {2}}, {2, 3});
        writer.finish();
    };
    EXPECT_EQ(test::status_of(overlap), tfckpt::Status::kInvalidArgument);
}

TEST_F(WriterTest, WritesStrings) {
    auto writer = create();
    const std::list<std::string> list{"x", std::string("\0y", 2)};
    const char* const pointers[] = {"p", "q"};
    writer.add_strings("braces", {2, 1}, {"one", "two"});
    writer.add_strings("empty", {0}, std::vector<std::string>());
    writer.add_strings("list", {2}, list);
    writer.add_strings("pointers", {2}, pointers);
    writer.add_strings("scalar", {}, {"alone"});
    writer.add_strings_slice("sliced", {2}, {{1}, {1}}, {"second"});
    writer.add_strings_slice("sliced", {2}, {{0}, {1}}, {"first"});
    FAILS_AS(kInvalidArgument, writer.add_strings("few", {3}, {"one", "two"}));
    FAILS_AS(kInvalidArgument, writer.add_strings("many", {}, {"one", "two"}));
    FAILS_AS(kInvalidArgument, writer.add_strings("wrong", {-1}, {"one"}));
    FAILS_AS(kInvalidArgument, writer.add_strings_slice("few", {4}, {{0}, {3}}, {"one"}));
    FAILS_AS(kInvalidArgument, writer.add_strings_slice("wrong", {4}, {{4}, {1}}, {"one"}));
    writer.finish();

    const auto reader = open();
    EXPECT_EQ(reader.read_strings("braces")[1], "two");
    EXPECT_TRUE(reader.read_strings("empty").empty());
    EXPECT_EQ(reader.read_strings("list")[1], list.back());
    EXPECT_EQ(reader.read_strings("pointers").data(), "pq");
    EXPECT_EQ(reader.read_strings("scalar").data(), "alone");
    EXPECT_EQ(reader.read_strings("sliced").data(), "firstsecond");
    EXPECT_FALSE(reader.find("few"));
}

TEST_F(WriterTest, PassesStringsAndVariantsOn) {
    const auto from = Reader::open(test::data("golden/variant/lists/ckpt"));
    auto writer = create();
    std::vector<std::string> names;
    for (const auto& tensor : from.tensors()) {
        if (tensor.dtype() != DType::kVariant) continue;
        names.emplace_back(tensor.name());
        writer.add_variants(tensor.name(), tensor.shape(), from.read_strings(tensor.name()));
    }
    ASSERT_FALSE(names.empty());
    writer.add_variants_slice("sliced", {2}, {{0}, {1}}, {""});
    FAILS_AS(kInvalidArgument, writer.add_variants("few", {2}, {""}));
    writer.finish();
    for (const auto& name : names) {
        EXPECT_EQ(open().read_strings(name).data(), from.read_strings(name).data());
    }
}

TEST_F(WriterTest, StreamsTensorsInPieces) {
    auto writer = create();
    FAILS_AS(kInvalidArgument, writer.append(std::vector<float>(1)));
    FAILS_AS(kInvalidArgument, writer.end());
    writer.begin("big", DType::kFloat, {3});
    FAILS_AS(kInvalidArgument, writer.add("other", {}, {1.0f}));
    writer.append(std::vector<float>{1, 2});
    FAILS_AS(kInvalidArgument, writer.end());
    FAILS_AS(kInvalidArgument, writer.append(std::vector<float>(2)));
    const float last = 3;
    const tfckpt::Span bytes = tfckpt::as_bytes(tfckpt::Span(&last, 1));
    writer.append(tfckpt::Span(bytes.data(), 1));
    writer.append(tfckpt::Span(bytes.data() + 1, 3));
    writer.end();

    writer.begin("given up", DType::kFloat, {3});
    writer.append(std::vector<float>{1, 2});
    writer.cancel();
    writer.cancel();
    writer.begin_slice("sliced", DType::kInt32, {2}, {{1}, {1}});
    writer.append(std::array<int, 1>{8});
    writer.end();
    writer.begin("unfinished", DType::kFloat, {1});
    writer.cancel();
    writer.finish();

    EXPECT_EQ(open().size(), 2);
    EXPECT_EQ(open().read<float>("big"), (std::vector<float>{1, 2, 3}));
    EXPECT_EQ(open().read_slice<int>("sliced", {{1}, {1}}), std::vector<int>{8});
    FAILS_AS(kDataLoss, open().read<int>("sliced"));
}

TEST_F(WriterTest, LeavesNothingBehindUnlessFinished) {
    {
        auto writer = create();
        writer.add("a", {4}, std::vector<float>(4));
        EXPECT_FALSE(files().empty());
    }
    EXPECT_TRUE(files().empty());
    {
        auto writer = create();
        writer.begin("a", DType::kFloat, {4});
        FAILS_AS(kInvalidArgument, writer.finish());
        EXPECT_TRUE(files().empty());
        FAILS_AS(kInvalidArgument, writer.add("a", {}, {1.0f}));
    }
    try {
        auto writer = create();
        writer.add("a", {}, {1.0f});
        throw std::logic_error("something else goes wrong");
    } catch (const std::logic_error&) {
    }
    EXPECT_TRUE(files().empty());
}

TEST_F(WriterTest, TakesNothingMoreWhenFinished) {
    auto writer = create();
    writer.add("a", {}, {1.0f});
    writer.finish();
    FAILS_AS(kInvalidArgument, writer.finish());
    FAILS_AS(kInvalidArgument, writer.add("b", {}, {1.0f}));
    EXPECT_EQ(files(), (std::vector<std::string>{"ckpt.data-00000-of-00001", "ckpt.index"}));
}

TEST_F(WriterTest, Moves) {
    auto writer = create();
    writer.add("a", {}, {1.0f});
    auto moved = std::move(writer);
    FAILS_AS(kInvalidArgument, writer.add("b", {}, {1.0f}));
    FAILS_AS(kInvalidArgument, writer.finish());
    moved.add("b", {}, {1.0f});
    // What it held before is abandoned.
    auto other = Writer::create(path("other"));
    other = std::move(moved);
    other.finish();
    EXPECT_EQ(open().size(), 2);
    FAILS_AS(kNotFound, Reader::open(path("other")));
}

TEST_F(WriterTest, ReplacesOnlyWhenTold) {
    auto writer = create();
    writer.add("old", {}, {1.0f});
    writer.finish();
    const auto error = test::error_of([&] { static_cast<void>(create()); });
    ASSERT_TRUE(error);
    EXPECT_EQ(error->code(), tfckpt::Status::kAlreadyExists);
    EXPECT_NE(error->file().find("ckpt"), std::string::npos);

    tfckpt::WriterOptions options;
    options.replace = true;
    options.sync = false;
    writer = Writer::create(path("ckpt"), options);
    writer.add("new", {}, {2.0f});
    writer.finish();
    EXPECT_TRUE(open().find("new") && !open().find("old"));
}

TEST_F(WriterTest, TakesOptions) {
    tfckpt::WriterOptions options;
    options.shards = 3;
    options.big_endian = true;
    options.alignment = 256;
    auto writer = Writer::create(path("ckpt"), options);
    for (const char* name : {"a", "b", "c", "d"}) writer.add(name, {2}, {1.5f, 2.5f});
    writer.finish();
    const auto reader = open();
    EXPECT_EQ(reader.num_shards(), 3);
    EXPECT_TRUE(reader.is_big_endian());
    EXPECT_EQ(reader.read<float>("d"), (std::vector<float>{1.5, 2.5}));
    EXPECT_EQ(*reader.at("d").offset() % 256, 0);
    FAILS_AS(kUnsupported, reader.view("d"));

    options.shards = 0;
    FAILS_AS(kInvalidArgument, Writer::create(path("none"), options));
    options.shards = 1;
    options.alignment = 3;
    FAILS_AS(kInvalidArgument, Writer::create(path("none"), options));
    FAILS_AS(kInvalidArgument, Writer::create(std::string("a\0b", 3)));
}

/// Packed, and in the same order, a copy has the very bytes of TensorFlow's files.
TEST_F(WriterTest, WritesWhatTensorFlowWrites) {
    const auto prefix = test::data("golden/object_based/keras/ckpt-50");
    const auto from = Reader::open(prefix);
    std::vector<tfckpt::Tensor> tensors;
    for (std::int64_t i = 0; i < from.size(); i++) tensors.push_back(from.at(i));
    std::sort(tensors.begin(), tensors.end(),
              [](const auto& a, const auto& b) { return a.offset() < b.offset(); });

    tfckpt::WriterOptions packed;
    packed.alignment = 1;
    auto writer = Writer::create(path("ckpt"), packed);
    for (const auto& tensor : tensors) {
        if (tensor.dtype() == DType::kString) {
            writer.add_strings(tensor.name(), tensor.shape(), from.read_strings(tensor.name()));
        } else {
            writer.add(tensor.name(), tensor.dtype(), tensor.shape(),
                       from.read<std::byte>(tensor.name()));
        }
    }
    writer.finish();
    for (const char* end : {".index", ".data-00000-of-00001"}) {
        EXPECT_EQ(test::bytes_of(path("ckpt").string() + end),
                  test::bytes_of(prefix.string() + end));
    }
}

class MergeTest : public test::Folder {
protected:
    void SetUp() override {
        write("one", "a", 1);
        write("two", "b", 2);
        write("three", "a", 3);
    }

    void write(const char* prefix, const char* name, float value) const {
        auto writer = Writer::create(path(prefix));
        writer.add(name, {}, {value});
        writer.finish();
    }

    [[nodiscard]] std::vector<std::string> paths(std::vector<const char*> names) const {
        return {names.begin(), names.end()};
    }
};

TEST_F(MergeTest, BringsSourcesTogether) {
    tfckpt::merge(path("all"), {path("one"), path("two")});
    const auto reader = Reader::open(path("all"));
    EXPECT_EQ(reader.num_shards(), 2);
    EXPECT_EQ(reader.read<float>("a"), std::vector<float>{1});
    EXPECT_EQ(reader.read<float>("b"), std::vector<float>{2});
    FAILS_AS(kAlreadyExists, tfckpt::merge(path("all"), {path("one"), path("two")}));
}

TEST_F(MergeTest, NamesConflicts) {
    const auto error = test::error_of([&] {
        tfckpt::merge(path("all"), {path("one"), path("two"), path("three")});
    });
    ASSERT_TRUE(error);
    EXPECT_EQ(error->code(), tfckpt::Status::kInvalidArgument);
    EXPECT_EQ(error->names(), std::vector<std::string>{"a"});
    FAILS_AS(kNotFound, Reader::open(path("all")));

    tfckpt::MergeOptions options;
    options.on_conflict = tfckpt::OnConflict::kLast;
    options.transfer = tfckpt::Transfer::kLink;
    options.sync = false;
    tfckpt::merge(path("all"), {path("one"), path("three")}, options);
    EXPECT_EQ(Reader::open(path("all")).read<float>("a"), std::vector<float>{3});
}

TEST_F(MergeTest, ThreadsMakeNoDifference) {
    tfckpt::merge(path("a"), {path("one"), path("two")});
    tfckpt::MergeOptions options;
    options.threads = 3;
    options.max_in_flight = 1 << 20;
    tfckpt::merge(path("b"), {path("one"), path("two")}, options);
    for (const char* file : {".index", ".data-00000-of-00002", ".data-00001-of-00002"}) {
        EXPECT_EQ(test::bytes_of(path(std::string("a") + file)),
                  test::bytes_of(path(std::string("b") + file)));
    }
}

TEST_F(MergeTest, MovesWhatItIsToldTo) {
    tfckpt::MergeOptions options;
    options.transfer = tfckpt::Transfer::kMove;
    tfckpt::merge(path("all"), {path("one"), path("two")}, options);
    FAILS_AS(kNotFound, Reader::open(path("one")));
    EXPECT_EQ(Reader::open(path("all")).size(), 2);
    EXPECT_EQ(Reader::open(path("three")).size(), 1);
}

TEST_F(MergeTest, RefusesWhatMakesNoSense) {
    FAILS_AS(kInvalidArgument, tfckpt::merge(path("all"), {}));
    FAILS_AS(kNotFound, tfckpt::merge(path("all"), {path("one"), path("none")}));
    FAILS_AS(kInvalidArgument, tfckpt::merge(std::string("a\0", 2), {path("one")}));
    tfckpt::MergeOptions options;
    options.on_conflict = tfckpt::OnConflict{7};
    FAILS_AS(kInvalidArgument, tfckpt::merge(path("all"), {path("one")}, options));
    options = {};
    options.transfer = tfckpt::Transfer{7};
    FAILS_AS(kInvalidArgument, tfckpt::merge(path("all"), {path("one")}, options));
}

}  // namespace
