/// Every checkpoint that TensorFlow wrote reads as TensorFlow reads it.
#include <algorithm>
#include <complex>

#include "manifest.hpp"
#include "support.hpp"

namespace {

using manifest::digest;
using tfckpt::DType;
using tfckpt::Reader;

std::string path_of(const manifest::Checkpoint& checkpoint) {
    return test::data("golden") / checkpoint.prefix;
}

class Golden : public testing::TestWithParam<manifest::Checkpoint> {};

template <class Facts>
void expect_facts(const Facts& tensor, const manifest::Tensor& row) {
    EXPECT_EQ(tensor.name(), row.name);
    EXPECT_EQ(tensor.dtype(), row.dtype);
    EXPECT_EQ(tensor.shape(), row.shape);
    EXPECT_EQ(tensor.shard(), row.shard);
    EXPECT_EQ(tensor.offset(), row.offset);
    EXPECT_EQ(tensor.stored_size(), row.size);
    EXPECT_EQ(tensor.crc32c(), row.crc32c);
    ASSERT_EQ(static_cast<std::size_t>(tensor.slice_count()), row.slices.size());
    for (std::size_t i = 0; i < row.slices.size(); i++) {
        EXPECT_EQ(tensor.slices()[i], row.slices[i].slice);
    }
}

bool has_strings(const manifest::Tensor& row) {
    return row.dtype == DType::kString || row.dtype == DType::kVariant;
}

/// The same bytes come out as values of type T.
template <class T>
void expect_values(const Reader& reader, const manifest::Tensor& row) {
    const auto bytes = reader.read<std::byte>(row.name);
    const auto values = reader.read<T>(row.name);
    ASSERT_EQ(values.size() * sizeof(T), bytes.size());
    if constexpr (std::is_same_v<T, bool>) {
        for (std::size_t i = 0; i < values.size(); i++) {
            EXPECT_EQ(values[i], bytes[i] != std::byte(0));
        }
    } else {
        EXPECT_EQ(test::to_vector(tfckpt::as_bytes(values)), bytes);
    }
    using Other = std::conditional_t<std::is_same_v<T, float>, double, float>;
    FAILS_AS(kInvalidArgument, reader.read<Other>(row.name));
}

void expect_typed(const Reader& reader, const manifest::Tensor& row) {
    switch (row.dtype) {
        case DType::kFloat: return expect_values<float>(reader, row);
        case DType::kDouble: return expect_values<double>(reader, row);
        case DType::kInt8: return expect_values<std::int8_t>(reader, row);
        case DType::kInt16: return expect_values<std::int16_t>(reader, row);
        case DType::kInt32: return expect_values<std::int32_t>(reader, row);
        case DType::kInt64: return expect_values<std::int64_t>(reader, row);
        case DType::kUInt8: return expect_values<std::uint8_t>(reader, row);
        case DType::kUInt16: return expect_values<std::uint16_t>(reader, row);
        case DType::kUInt32: return expect_values<std::uint32_t>(reader, row);
        case DType::kUInt64: return expect_values<std::uint64_t>(reader, row);
        case DType::kBool: return expect_values<bool>(reader, row);
        case DType::kComplex64: return expect_values<std::complex<float>>(reader, row);
        case DType::kComplex128: return expect_values<std::complex<double>>(reader, row);
        default: FAILS_AS(kInvalidArgument, reader.read<float>(row.name));
    }
}

void expect_content(const Reader& reader, const manifest::Tensor& row) {
    if (has_strings(row)) {
        EXPECT_EQ(digest(reader.read_strings(row.name)), row.sha256);
        FAILS_AS(kInvalidArgument, reader.read<std::byte>(row.name));
        FAILS_AS(kUnsupported, reader.view(row.name));
    } else {
        EXPECT_EQ(digest(reader.read<std::byte>(row.name)), row.sha256);
        FAILS_AS(kInvalidArgument, reader.read_strings(row.name));
        reader.check(row.name);
        expect_typed(reader, row);
    }
}

/// The slices that are stored don't make up the tensor.
void expect_gap(const Reader& reader, const manifest::Tensor& row) {
    if (has_strings(row)) {
        FAILS_AS(kDataLoss, reader.read_strings(row.name));
    } else {
        FAILS_AS(kDataLoss, reader.read<std::byte>(row.name));
        FAILS_AS(kDataLoss, reader.check(row.name));
    }
}

void expect_slice(const Reader& reader, const manifest::Tensor& row,
                  const manifest::Slice& slice) {
    const std::string content =
        has_strings(row) ? digest(reader.read_strings_slice(row.name, slice.slice))
                         : digest(reader.read_slice<std::byte>(row.name, slice.slice));
    EXPECT_EQ(content, slice.sha256);
}

void expect_view(const Reader& reader, const manifest::Tensor& row) {
    const auto error = test::error_of([&] {
        EXPECT_EQ(digest(reader.view(row.name).bytes()), row.sha256);
    });
    if (error) {
        EXPECT_EQ(error->code(), tfckpt::Status::kUnsupported);
        EXPECT_TRUE(reader.is_big_endian() || !row.slices.empty());
    }
}

TEST_P(Golden, ListsAndReads) {
    const auto reader = Reader::open(path_of(GetParam()));
    EXPECT_EQ(reader.prefix(), path_of(GetParam()));
    EXPECT_EQ(reader.num_shards(), GetParam().shards);
    EXPECT_EQ(reader.is_big_endian(), GetParam().is_big_endian);
    EXPECT_EQ(reader.size(), static_cast<std::int64_t>(GetParam().tensors.size()));

    auto cursor = reader.tensors();
    std::int64_t position = 0;
    for (const manifest::Tensor& row : GetParam().tensors) {
        SCOPED_TRACE(row.name);
        const auto listed = cursor.next();
        ASSERT_TRUE(listed);
        expect_facts(*listed, row);
        expect_facts(reader.at(position++), row);
        expect_facts(reader.at(row.name), row);
        if (row.sha256.empty()) {
            expect_gap(reader, row);
        } else {
            expect_content(reader, row);
            if (!has_strings(row)) expect_view(reader, row);
        }
        for (const auto& slice : row.slices) expect_slice(reader, row, slice);
    }
    EXPECT_FALSE(cursor.next());
}

TEST_P(Golden, ReadsAllAtOnce) {
    const auto reader = Reader::open(path_of(GetParam()));
    std::vector<std::vector<std::byte>> contents;
    std::vector<const manifest::Tensor*> rows;
    for (const manifest::Tensor& row : GetParam().tensors) {
        if (has_strings(row) || row.sha256.empty()) continue;
        rows.push_back(&row);
        contents.emplace_back(static_cast<std::size_t>(*reader.at(row.name).byte_size()));
    }
    std::vector<tfckpt::ReadRequest> requests;
    for (std::size_t i = rows.size(); i-- > 0;) requests.emplace_back(rows[i]->name, contents[i]);
    tfckpt::ReadOptions options;
    options.threads = 2;
    reader.read_many(requests, options);
    for (std::size_t i = 0; i < rows.size(); i++) {
        EXPECT_EQ(digest(contents[i]), rows[i]->sha256) << rows[i]->name;
    }
}

TEST_P(Golden, Verifies) {
    const auto report = tfckpt::verify(path_of(GetParam()));
    EXPECT_EQ(report.tensor_count(), static_cast<std::int64_t>(GetParam().tensors.size()));
    std::size_t gaps = 0;
    for (const auto& row : GetParam().tensors) gaps += row.sha256.empty();
    EXPECT_EQ(report.problems().size(), gaps);
    EXPECT_EQ(report.ok(), gaps == 0);
}

std::vector<manifest::Checkpoint> checkpoints(bool v1) {
    auto checkpoints = manifest::golden();
    const auto other = [&](const auto& checkpoint) { return checkpoint.is_v1 != v1; };
    checkpoints.erase(std::remove_if(checkpoints.begin(), checkpoints.end(), other),
                      checkpoints.end());
    return checkpoints;
}

std::string name_of(const testing::TestParamInfo<manifest::Checkpoint>& info) {
    return manifest::test_name(info.param.prefix);
}

INSTANTIATE_TEST_SUITE_P(All, Golden, testing::ValuesIn(checkpoints(false)), name_of);

TEST(GoldenV1, IsReadByTheSameReader) {
    for (const auto& checkpoint : checkpoints(true)) {
        std::string path = path_of(checkpoint);
        const auto shard = path.find("?????");
        if (shard != std::string::npos) path.replace(shard, 5, "00000");
        const auto tensors = static_cast<std::int64_t>(checkpoint.tensors.size());
        EXPECT_EQ(static_cast<std::int64_t>(Reader::open(path).size()), tensors) << path;
        const auto report = tfckpt::verify(path);
        EXPECT_TRUE(report.ok()) << path;
        EXPECT_EQ(report.tensor_count(), tensors) << path;
    }
}

}  // namespace
