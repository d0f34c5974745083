/// Reading, of a checkpoint that is made for it.
#include <array>
#include <iterator>
#include <thread>

#include "support.hpp"

namespace {

using tfckpt::DType;
using tfckpt::Reader;
using tfckpt::ReadOptions;
using tfckpt::Slice;

const std::vector<float> kMatrix = {1, 2, 3, 4, 5, 6};

class ReaderTest : public test::Folder {
protected:
    void SetUp() override {
        tfckpt::WriterOptions packed;
        packed.alignment = 1;
        auto writer = tfckpt::Writer::create(path("ckpt"), packed);
        // One byte, which leaves all behind it unaligned.
        writer.add("a/flag", {}, std::array<bool, 1>{true});
        writer.add("a/matrix", {2, 3}, kMatrix);
        writer.add_slice("b/parts", {2, 2}, {{0, 0}, {1, 2}}, {1.0, 2.0});
        writer.add_slice("b/parts", {2, 2}, {{1, 0}, {1, 2}}, {3.0, 4.0});
        writer.add_strings("c/words", {3}, {"one", "", "three"});
        writer.add("d/odd bools", DType::kBool, {3}, std::array<std::uint8_t, 3>{0, 1, 7});
        writer.add("empty", {0, 4}, std::vector<float>());
        writer.finish();
    }

    [[nodiscard]] Reader open() const { return Reader::open(path("ckpt")); }
};

TEST_F(ReaderTest, OpensWhatLeadsToACheckpoint) {
    for (const char* name : {"ckpt", "ckpt.index", "ckpt.data-00000-of-00001"}) {
        EXPECT_EQ(Reader::open(path(name)).prefix(), path("ckpt").string()) << name;
    }
    EXPECT_EQ(open().num_shards(), 1);
    EXPECT_FALSE(open().is_big_endian());
    EXPECT_EQ(open().size(), 6);
}

TEST_F(ReaderTest, SaysWhatCannotBeOpened) {
    const auto error = test::error_of([&] { static_cast<void>(Reader::open(path("none"))); });
    ASSERT_TRUE(error);
    EXPECT_EQ(error->code(), tfckpt::Status::kNotFound);
    EXPECT_NE(error->file().find("none"), std::string::npos);
    EXPECT_NE(std::string(error->what()).find(error->file()), std::string::npos);
    EXPECT_EQ(error->shard(), std::nullopt);
    EXPECT_EQ(error->offset(), std::nullopt);
    EXPECT_TRUE(error->tensor().empty() && error->names().empty());

    FAILS_AS(kInvalidArgument, Reader::open(path("ckpt").string() + std::string("\0x", 2)));
    FAILS_AS(kNotFound, tfckpt::verify(path("none")));
}

TEST_F(ReaderTest, OpensWithOptions) {
    tfckpt::ReaderOptions options;
    options.mapped = true;
    options.index_cache = 0;
    EXPECT_EQ(Reader::open(path("ckpt"), options).read<float>("a/matrix"), kMatrix);
    options.max_block = 16;
    FAILS_AS(kResourceLimit, Reader::open(path("ckpt"), options).size());
}

TEST_F(ReaderTest, HasLimits) {
    tfckpt::ReaderOptions options;
    options.max_tensors = 5;
    options.max_tensor_bytes = 0;
    const auto reader = Reader::open(path("ckpt"), options);
    FAILS_AS(kResourceLimit, reader.size());
    FAILS_AS(kResourceLimit, reader.read<float>("a/matrix"));
    FAILS_AS(kResourceLimit, reader.read_strings("c/words"));
    options.max_index = 50;
    FAILS_AS(kResourceLimit, Reader::open(path("ckpt"), options));
}

TEST_F(ReaderTest, WalksInTheOrderOfNames) {
    const auto reader = open();
    std::vector<std::string> names;
    for (const auto& tensor : reader.tensors()) names.emplace_back(tensor.name());
    EXPECT_EQ(names, (std::vector<std::string>{"a/flag", "a/matrix", "b/parts", "c/words",
                                               "d/odd bools", "empty"}));
    names.clear();
    for (const auto tensor : reader.tensors("a/")) names.emplace_back(tensor.name());
    EXPECT_EQ(names, (std::vector<std::string>{"a/flag", "a/matrix"}));
    for (const auto& tensor : reader.tensors("none")) ADD_FAILURE() << tensor.name();

    auto cursor = reader.tensors();
    EXPECT_EQ(std::distance(cursor.begin(), cursor.end()), 6);
    EXPECT_FALSE(cursor.next());
    EXPECT_EQ(reader.tensors("c").begin()->dtype(), DType::kString);
}

TEST_F(ReaderTest, WalksOverNamesAlone) {
    const auto reader = open();
    auto cursor = reader.tensors();
    EXPECT_EQ(cursor.next_name(), "a/flag");
    EXPECT_EQ(cursor.next()->name(), "a/matrix");
    EXPECT_EQ(cursor.next_name(), "b/parts");
    for (int i = 3; i < 6; ++i) EXPECT_TRUE(cursor.next_name());
    EXPECT_FALSE(cursor.next_name());
}

TEST_F(ReaderTest, WalksOverManyNamesAtOnce) {
    const auto reader = open();
    auto cursor = reader.tensors();
    const auto three = cursor.next_names(3);
    EXPECT_EQ(std::vector<std::string>(three.begin(), three.end()),
              (std::vector<std::string>{"a/flag", "a/matrix", "b/parts"}));
    EXPECT_TRUE(cursor.next_name());
    const auto rest = cursor.next_names(100);
    ASSERT_EQ(rest.size(), 2u);
    EXPECT_EQ(rest.data(), std::string(rest[0]) + std::string(rest[1]));
    EXPECT_TRUE(cursor.next_names(1).empty());
    FAILS_AS(kInvalidArgument, cursor.next_names(0));
}

TEST_F(ReaderTest, WalksOverManyAtOnce) {
    const auto reader = open();
    auto cursor = reader.tensors();
    const auto two = cursor.next_many(2);
    ASSERT_EQ(two.size(), 2u);
    EXPECT_EQ(two.name(1), "a/matrix");
    EXPECT_EQ(two.dtype(1), DType::kFloat);
    EXPECT_EQ(test::to_vector(two.dims(1)), (std::vector<std::int64_t>{2, 3}));
    EXPECT_EQ(two.shards()[1], 0);
    EXPECT_EQ(two.offsets()[1], 1);
    EXPECT_EQ(two.stored_sizes()[1], 24);
    EXPECT_EQ(two.crc32cs()[1], reader.at("a/matrix").crc32c());
    EXPECT_EQ(two.slice_counts()[1], 0);

    const auto rest = cursor.next_many(100);
    ASSERT_EQ(rest.size(), 4u);
    EXPECT_EQ(rest.name(0), "b/parts");
    EXPECT_EQ(rest.offsets()[0], -1);
    EXPECT_EQ(test::to_vector(rest.slice_counts()), (std::vector<std::int64_t>{2, 0, 0, 0}));
    EXPECT_EQ(test::to_vector(rest.slice_starts()), (std::vector<std::int64_t>{0, 0, 1, 0}));
    EXPECT_EQ(test::to_vector(rest.slice_lengths()), (std::vector<std::int64_t>{1, 2, 1, 2}));
    EXPECT_TRUE(cursor.next_many(1).empty());
    FAILS_AS(kInvalidArgument, cursor.next_many(0));
}

TEST_F(ReaderTest, FindsTensors) {
    const auto reader = open();
    const auto tensor = reader.find("a/matrix");
    ASSERT_TRUE(tensor);
    EXPECT_EQ(tensor->dtype(), DType::kFloat);
    EXPECT_EQ(tensor->shape(), tfckpt::Shape({2, 3}));
    EXPECT_EQ(test::to_vector(tensor->dims()), (std::vector<std::int64_t>{2, 3}));
    EXPECT_EQ(tensor->num_elements(), 6);
    EXPECT_EQ(tensor->byte_size(), 24);
    EXPECT_EQ(tensor->shard(), 0);
    EXPECT_EQ(tensor->offset(), 1);
    EXPECT_EQ(tensor->stored_size(), 24);
    EXPECT_TRUE(tensor->crc32c());
    EXPECT_TRUE(tensor->slices().empty());

    EXPECT_FALSE(reader.find("none"));
    EXPECT_FALSE(reader.find(""));
    FAILS_AS(kNotFound, reader.at("none"));
    EXPECT_EQ(reader.at(1).name(), "a/matrix");
    FAILS_AS(kInvalidArgument, reader.at(6));
    FAILS_AS(kInvalidArgument, reader.at(-1));
}

TEST_F(ReaderTest, KnowsTheSlicesOfATensor) {
    const auto tensor = open().at("b/parts");
    EXPECT_EQ(tensor.slice_count(), 2);
    EXPECT_EQ(tensor.slices()[1], (Slice{{1, 0}, {1, 2}}));
    EXPECT_EQ(tensor.shard(), std::nullopt);
    EXPECT_EQ(tensor.offset(), std::nullopt);
    EXPECT_EQ(tensor.stored_size(), std::nullopt);
    EXPECT_EQ(tensor.crc32c(), std::nullopt);
    EXPECT_EQ(open().at("c/words").byte_size(), std::nullopt);
}

TEST_F(ReaderTest, WhatItGaveOutlivesIt) {
    std::optional<Reader> reader = open();
    const auto tensor = reader->at("a/matrix");
    auto cursor = reader->tensors("c");
    const auto words = reader->read_strings("c/words");
    const auto view = reader->view("a/matrix");
    reader.reset();
    EXPECT_EQ(tensor.name(), "a/matrix");
    EXPECT_EQ(cursor.next()->name(), "c/words");
    EXPECT_EQ(words[2], "three");
    EXPECT_EQ(view.bytes().size(), 24u);
}

TEST_F(ReaderTest, ReadsIntoVectors) {
    const auto reader = open();
    EXPECT_EQ(reader.read<float>("a/matrix"), kMatrix);
    EXPECT_EQ(reader.read<double>("b/parts"), (std::vector<double>{1, 2, 3, 4}));
    EXPECT_EQ(reader.read<bool>("a/flag"), std::vector<bool>{true});
    EXPECT_TRUE(reader.read<float>("empty").empty());
    const auto bytes = reader.read<std::byte>("a/matrix");
    EXPECT_EQ(bytes, test::to_vector(tfckpt::as_bytes(kMatrix)));
}

TEST_F(ReaderTest, RefusesAnotherDtype) {
    const auto reader = open();
    const auto error = test::error_of([&] { static_cast<void>(reader.read<int>("a/matrix")); });
    ASSERT_TRUE(error);
    EXPECT_EQ(error->code(), tfckpt::Status::kInvalidArgument);
    EXPECT_EQ(error->tensor(), "a/matrix");
    EXPECT_STREQ(error->what(), "tensor 'a/matrix': its dtype is DT_FLOAT, not DT_INT32");
    FAILS_AS(kNotFound, reader.read<float>("none"));
    FAILS_AS(kInvalidArgument, reader.read<float>("c/words"));
    FAILS_AS(kInvalidArgument, reader.read<std::byte>("c/words"));
    FAILS_AS(kInvalidArgument, reader.read_strings("a/matrix"));
}

TEST_F(ReaderTest, ReadsIntoMemoryThatIsThere) {
    const auto reader = open();
    std::vector<float> vector(7, 9);
    reader.read_into("a/matrix", vector);
    EXPECT_EQ(vector, (std::vector<float>{1, 2, 3, 4, 5, 6, 9}));

    float array[6] = {};
    reader.read_into("a/matrix", array);
    EXPECT_EQ(array[5], 6);
    reader.read_into("a/matrix", vector.data() + 1, vector.size() - 1);
    EXPECT_EQ(vector[6], 6);
    reader.read_into("a/matrix", tfckpt::Span(vector));
    reader.read_into("a/matrix", tfckpt::as_writable_bytes(vector));
    EXPECT_EQ(vector[0], 1);
    reader.read_into("empty", std::vector<float>());

    FAILS_AS(kBufferTooSmall, reader.read_into("a/matrix", array, 5));
    std::vector<int> wrong(6);
    FAILS_AS(kInvalidArgument, reader.read_into("a/matrix", wrong));
}

TEST_F(ReaderTest, ReadsSlices) {
    const auto reader = open();
    const Slice column{{0, 1}, {Slice::kAll, 1}};
    EXPECT_EQ(reader.read_slice<float>("a/matrix", column), (std::vector<float>{2, 5}));
    EXPECT_EQ(reader.read_slice<double>("b/parts", column), (std::vector<double>{2, 4}));
    EXPECT_EQ(reader.read_slice<float>("a/matrix", Slice::whole(2)), kMatrix);
    EXPECT_EQ(reader.read_slice<bool>("a/flag", {}), std::vector<bool>{true});
    std::array<float, 2> row{};
    reader.read_slice_into("a/matrix", {{1, 1}, {1, 2}}, row);
    EXPECT_EQ(row, (std::array<float, 2>{5, 6}));

    FAILS_AS(kInvalidArgument, reader.read_slice<float>("a/matrix", {{0, 1}, {2, 3}}));
    FAILS_AS(kInvalidArgument, reader.read_slice<float>("a/matrix", {{0}, {2}}));
    FAILS_AS(kInvalidArgument, reader.read_slice<float>("a/matrix", {}));
    FAILS_AS(kInvalidArgument, reader.read_slice<float>("a/matrix", {{0, 0}, {2}}));
}

TEST_F(ReaderTest, MakesBoolsOfAllBytes) {
    const auto reader = open();
    const std::vector<bool> wanted{false, true, true};
    EXPECT_EQ(reader.read<bool>("d/odd bools"), wanted);
    bool bools[3], many[3];
    reader.read_into("d/odd bools", bools);
    reader.read_many({{"d/odd bools", many}});
    for (std::size_t i = 0; i < 3; i++) EXPECT_TRUE(bools[i] == wanted[i] && many[i] == wanted[i]);
    EXPECT_EQ(reader.read<std::byte>("d/odd bools")[2], std::byte(7));
}

TEST_F(ReaderTest, ReadsManyAtOnce) {
    const auto reader = open();
    std::vector<float> matrix(6);
    double corner[1];
    std::byte flag[1];
    ReadOptions options;
    options.threads = 3;
    options.max_in_flight = 1;
    reader.read_many({{"b/parts", {{1, 1}, {1, 1}}, corner}, {"a/matrix", matrix}, {"a/flag", flag}},
                     options);
    EXPECT_EQ(matrix, kMatrix);
    EXPECT_EQ(corner[0], 4);
    EXPECT_EQ(flag[0], std::byte(1));
    reader.read_many({});
}

TEST_F(ReaderTest, ReadsIntoPartsOfALargerArray) {
    const auto reader = open();
    // Four rows of five, of which the matrix takes columns 1 to 3, the slice a column of two.
    std::vector<float> array(20, -1);
    const auto from = [&](std::size_t first) { return tfckpt::Span(&array[first], 20 - first); };
    constexpr std::int64_t kRow = 5 * sizeof(float), kFloat = sizeof(float);
    std::vector<double> parts(6, -1);
    reader.read_many({tfckpt::ReadRequest("a/matrix", from(1)).set_strides({kRow, kFloat}),
                      tfckpt::ReadRequest("b/parts", {{0, 1}, {2, 1}}, parts)
                          .set_strides({3 * sizeof(double), sizeof(double)})});
    EXPECT_EQ(array, (std::vector<float>{-1, 1,  2,  3,  -1, -1, 4,  5,  6,  -1,
                                         -1, -1, -1, -1, -1, -1, -1, -1, -1, -1}));
    EXPECT_EQ(parts, (std::vector<double>{2, -1, -1, 4, -1, -1}));

    const auto read = [&](std::vector<std::int64_t> strides) {
        reader.read_many(
            {tfckpt::ReadRequest("a/matrix", from(0)).set_strides(std::move(strides))});
    };
    FAILS_AS(kInvalidArgument, read({kRow}));
    FAILS_AS(kInvalidArgument, read({-kRow, kFloat}));
    FAILS_AS(kInvalidArgument, read({kRow, 1}));
    FAILS_AS(kBufferTooSmall, read({20 * kRow, kFloat}));
    FAILS_AS(kInvalidArgument,
             reader.read_many({tfckpt::ReadRequest("b/parts", {{0, 1}, {2, 1}}, parts)
                                   .set_strides({sizeof(double)})}));
}

TEST_F(ReaderTest, NamesAllThatAreMissing) {
    const auto reader = open();
    std::vector<float> a(6), b(6), c(6);
    const auto error = test::error_of([&] {
        reader.read_many({{"no/2", a}, {"a/matrix", b}, {"no/1", c}});
    });
    ASSERT_TRUE(error);
    EXPECT_EQ(error->code(), tfckpt::Status::kNotFound);
    EXPECT_EQ(error->names(), (std::vector<std::string>{"no/1", "no/2"}));

    std::vector<int> wrong(6);
    FAILS_AS(kInvalidArgument, reader.read_many({{"a/matrix", wrong}}));
    FAILS_AS(kInvalidArgument, reader.read_many({{"a/matrix", a}, {"a/matrix", a}}));
    FAILS_AS(kInvalidArgument, reader.read_many({{"a/matrix", {{0}, {1, 2}}, a}}));
    FAILS_AS(kInvalidArgument, reader.read_many({{"a/matrix", Slice(), a}}));
    FAILS_AS(kBufferTooSmall, reader.read_many({{"a/matrix", tfckpt::Span(a.data(), 5)}}));
}

TEST_F(ReaderTest, ReadsStrings) {
    const auto reader = open();
    const auto words = reader.read_strings("c/words");
    EXPECT_EQ(words.size(), 3u);
    EXPECT_FALSE(words.empty());
    EXPECT_EQ(words[0], "one");
    EXPECT_EQ(std::vector<std::string>(words.begin(), words.end()),
              (std::vector<std::string>{"one", "", "three"}));
    EXPECT_EQ(words.data(), "onethree");
    EXPECT_EQ(words.begin()[2], "three");
    EXPECT_EQ(*(words.end() - 2), "");
    EXPECT_EQ(words.end() - words.begin(), 3);
    EXPECT_TRUE(words.begin() < words.end() && words.begin() + 3 >= words.end());
    auto walk = words.end();
    EXPECT_EQ(*--walk, "three");
    EXPECT_EQ(*walk--, "three");
    EXPECT_EQ(*walk++, "");
    EXPECT_EQ(test::to_vector(words.offsets()), (std::vector<std::int64_t>{0, 3, 3, 8}));
    EXPECT_TRUE(words == reader.read_strings("c/words"));
    const auto last = reader.read_strings_slice("c/words", {{1}, {2}});
    EXPECT_TRUE(words != last);
    EXPECT_EQ(last.size(), 2u);
    EXPECT_EQ(last[1], "three");
    FAILS_AS(kInvalidArgument, reader.read_strings_slice("c/words", {{1}, {3}}));
    FAILS_AS(kNotFound, reader.read_strings("none"));
}

TEST_F(ReaderTest, ViewsWhereTheBytesLie) {
    const auto reader = open();
    const auto flag = reader.view("a/flag");
    EXPECT_EQ(flag.dtype(), DType::kBool);
    EXPECT_EQ(flag.alignment(), 4096u);
    EXPECT_EQ(flag.bytes()[0], std::byte(1));
    EXPECT_EQ(flag.as<std::byte>().size(), 1u);
    FAILS_AS(kInvalidArgument, flag.as<std::int8_t>());

    // It begins at byte 1 of the file.
    const auto matrix = reader.view("a/matrix");
    EXPECT_EQ(matrix.alignment(), 1u);
    EXPECT_FALSE(matrix.is<float>());
    FAILS_AS(kUnsupported, matrix.as<float>());
    EXPECT_EQ(test::to_vector(matrix.bytes()), test::to_vector(tfckpt::as_bytes(kMatrix)));

    EXPECT_TRUE(reader.view("empty").as<float>().empty());
    FAILS_AS(kUnsupported, reader.view("b/parts"));
    FAILS_AS(kUnsupported, reader.view("c/words"));
    FAILS_AS(kNotFound, reader.view("none"));
}

TEST_F(ReaderTest, ViewsAlignedTensorsAsTheirElements) {
    auto writer = tfckpt::Writer::create(path("aligned"));
    writer.add("flag", {}, {true});
    writer.add("matrix", {2, 3}, kMatrix);
    writer.finish();
    const auto view = Reader::open(path("aligned")).view("matrix");
    EXPECT_GE(view.alignment(), alignof(float));
    ASSERT_TRUE(view.is<float>());
    EXPECT_FALSE(view.is<std::int32_t>());
    EXPECT_EQ(test::to_vector(view.as<float>()), kMatrix);
}

TEST_F(ReaderTest, ViewsOrReads) {
    auto writer = tfckpt::Writer::create(path("aligned"));
    writer.add("flag", {}, {true});
    writer.add("matrix", {2, 3}, kMatrix);
    writer.finish();
    auto mapped = Reader::open(path("aligned")).view_or_read<float>("matrix");
    EXPECT_TRUE(mapped.is_mapped());
    EXPECT_EQ(std::vector<float>(mapped.begin(), mapped.end()), kMatrix);

    const auto reader = open();
    auto copied = reader.view_or_read<float>("a/matrix");  // Not aligned.
    EXPECT_FALSE(copied.is_mapped());
    EXPECT_EQ(std::vector<float>(copied.begin(), copied.end()), kMatrix);
    const auto parts = reader.view_or_read<double>("b/parts");  // Stored as slices.
    EXPECT_FALSE(parts.is_mapped());
    EXPECT_EQ(parts[3], 4.0);
    EXPECT_TRUE(reader.view_or_read<std::byte>("a/matrix").is_mapped());
    EXPECT_TRUE(reader.view_or_read<float>("empty").empty());

    // Both kinds stay where they are when what has them moves.
    const float* const data = mapped.data();
    auto moved = std::move(mapped);
    EXPECT_EQ(moved.data(), data);
    EXPECT_TRUE(mapped.empty());
    moved = std::move(copied);
    EXPECT_FALSE(moved.is_mapped());
    EXPECT_EQ(moved[5], 6.f);
    EXPECT_EQ(copied.size(), 0u);

    FAILS_AS(kInvalidArgument, reader.view_or_read<double>("a/matrix"));
    FAILS_AS(kInvalidArgument, reader.view_or_read<float>("c/words"));
    FAILS_AS(kInvalidArgument, reader.view_or_read<std::byte>("c/words"));
    FAILS_AS(kNotFound, reader.view_or_read<float>("none"));
}

TEST_F(ReaderTest, ReadsOrViewsBigEndianAndV1) {
    tfckpt::WriterOptions big;
    big.big_endian = true;
    tfckpt::WriterOptions v1;
    v1.format = tfckpt::Format::kV1;
    for (const auto& options : {big, v1}) {
        auto writer = tfckpt::Writer::create(path("other"), options);
        writer.add("matrix", {2, 3}, kMatrix);
        writer.finish();
        const auto elements = Reader::open(path("other")).view_or_read<float>("matrix");
        EXPECT_FALSE(elements.is_mapped());
        EXPECT_EQ(std::vector<float>(elements.begin(), elements.end()), kMatrix);
        for (const auto& file : files()) {
            if (file.rfind("other", 0) == 0) std::filesystem::remove(path(file));
        }
    }
}

TEST_F(ReaderTest, NoticesDamageUnlessToldNotToLook) {
    const std::string data = path("ckpt.data-00000-of-00001");
    std::string bytes = test::bytes_of(data);
    bytes[1] = static_cast<char>(bytes[1] ^ 1);
    std::ofstream(data, std::ios::binary) << bytes;

    const auto reader = open();
    const auto error = test::error_of([&] { static_cast<void>(reader.read<float>("a/matrix")); });
    ASSERT_TRUE(error);
    EXPECT_EQ(error->code(), tfckpt::Status::kDataLoss);
    EXPECT_EQ(error->file(), data);
    EXPECT_EQ(error->tensor(), "a/matrix");
    EXPECT_EQ(error->shard(), 0);
    EXPECT_EQ(error->offset(), 1);
    FAILS_AS(kDataLoss, reader.view("a/matrix"));

    ReadOptions unverified;
    unverified.verify = false;
    EXPECT_EQ(reader.read<float>("a/matrix", unverified)[1], 2);
    EXPECT_EQ(reader.view("a/matrix", unverified).bytes().size(), 24u);

    const auto report = tfckpt::verify(path("ckpt"));
    EXPECT_FALSE(report.ok());
    EXPECT_EQ(report.tensor_count(), 6);
    ASSERT_EQ(report.problems().size(), 1u);
    EXPECT_EQ(report.problems()[0].tensor(), "a/matrix");
    EXPECT_EQ(report.problems()[0].code(), tfckpt::Status::kDataLoss);
}

TEST_F(ReaderTest, ReportsThatAllIsWell) {
    const auto report = tfckpt::verify(path("ckpt"));
    EXPECT_TRUE(report.ok());
    EXPECT_TRUE(report.problems().empty());
    EXPECT_EQ(report.tensor_count(), 6);
    EXPECT_GT(report.byte_count(), 24 + 32);
}

TEST_F(ReaderTest, IsSharedByThreads) {
    const auto reader = open();
    const auto read = [&] {
        for (int i = 0; i < 100; i++) {
            if (reader.read<float>("a/matrix") != kMatrix || reader.size() != 6) std::abort();
            for (const auto& tensor : reader.tensors()) {
                if (!reader.find(tensor.name())) std::abort();
            }
        }
    };
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; i++) threads.emplace_back(read);
    for (auto& thread : threads) thread.join();
}

/// A moved-from handle refuses all there is to do with it.
TEST_F(ReaderTest, MovesAndIsThenEmpty) {
    auto reader = open();
    const auto moved = std::move(reader);
    EXPECT_EQ(moved.size(), 6);
    EXPECT_EQ(reader.prefix(), "");
    EXPECT_EQ(reader.num_shards(), 0);
    FAILS_AS(kInvalidArgument, reader.size());
    FAILS_AS(kInvalidArgument, reader.tensors());
    FAILS_AS(kInvalidArgument, reader.find("a/matrix"));
    FAILS_AS(kInvalidArgument, reader.read<float>("a/matrix"));
    reader = open();
    EXPECT_EQ(reader.size(), 6);

    auto words = reader.read_strings("c/words");
    const auto moved_words = std::move(words);
    EXPECT_EQ(moved_words.size(), 3u);
    EXPECT_TRUE(words.empty() && words.offsets().empty() && words.data().empty());
    EXPECT_EQ(words.begin(), words.end());

    auto tensor = reader.at(1);
    const auto moved_tensor = std::move(tensor);
    EXPECT_EQ(moved_tensor.name(), "a/matrix");
    EXPECT_TRUE(tensor.name().empty() && tensor.shape() == tfckpt::Shape());

    auto cursor = reader.tensors();
    auto moved_cursor = std::move(cursor);
    EXPECT_EQ(moved_cursor.next()->name(), "a/flag");
    FAILS_AS(kInvalidArgument, cursor.next());

    auto view = reader.view("a/flag");
    const auto moved_view = std::move(view);
    EXPECT_TRUE(view.bytes().empty());
    EXPECT_EQ(moved_view.bytes().size(), 1u);
}

}  // namespace
