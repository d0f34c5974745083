/// What holds before anything is read: types, traits, spans, shapes.
#include <array>
#include <complex>
#include <filesystem>
#include <memory>
#include <type_traits>

#include "support.hpp"

#ifdef __cpp_lib_ranges
#include <ranges>
#endif

namespace mine {

struct bfloat16 {
    std::uint16_t bits;
};
/// A half as libraries have it: with operators, and no aggregate.
class half {
public:
    half() = default;
    explicit half(std::uint16_t bits) : bits_(bits) {}
    friend bool operator==(half a, half b) { return a.bits_ == b.bits_; }

private:
    std::uint16_t bits_ = 0;
};
/// Has four bytes where a half has two.
struct wide_half {
    float value;
};
/// Complex, of a kind that is not in the standard library.
struct complex {
    using value_type = float;
    float re, im;
    float real() const { return re; }
    float imag() const { return im; }
};

}  // namespace mine

template <>
struct tfckpt::dtype_of<mine::bfloat16> {
    static constexpr tfckpt::DType value = tfckpt::DType::kBFloat16;
};
template <>
struct tfckpt::dtype_of<mine::half> {
    static constexpr tfckpt::DType value = tfckpt::DType::kHalf;
};
template <>
struct tfckpt::dtype_of<mine::wide_half> {
    static constexpr tfckpt::DType value = tfckpt::DType::kHalf;
};

namespace {

using tfckpt::DType;
using tfckpt::dtype_of_v;
using tfckpt::Shape;
using tfckpt::Slice;
using tfckpt::Span;

static_assert(dtype_of_v<float> == DType::kFloat && dtype_of_v<const double> == DType::kDouble);
static_assert(dtype_of_v<std::int8_t> == DType::kInt8 && dtype_of_v<std::uint8_t> == DType::kUInt8);
static_assert(dtype_of_v<short> == DType::kInt16 && dtype_of_v<unsigned> == DType::kUInt32);
static_assert(dtype_of_v<long long> == dtype_of_v<std::int64_t>);
static_assert(dtype_of_v<bool> == DType::kBool);
static_assert(dtype_of_v<std::complex<float>> == DType::kComplex64);
static_assert(dtype_of_v<std::complex<double>> == DType::kComplex128);
static_assert(dtype_of_v<mine::complex> == DType::kComplex64);
static_assert(dtype_of_v<mine::bfloat16> == DType::kBFloat16);

constexpr DType none{};
static_assert(tfckpt::dtype_of<char>::value == none && tfckpt::dtype_of<std::byte>::value == none);
static_assert(tfckpt::dtype_of<char16_t>::value == none);
static_assert(tfckpt::dtype_of<std::string>::value == none);
static_assert(tfckpt::dtype_of<std::array<float, 2>>::value == none);
static_assert(tfckpt::dtype_of<std::complex<long double>>::value == none);

template <class T, class... Args>
constexpr bool makes = std::is_constructible_v<T, Args...>;

static_assert(std::is_convertible_v<std::vector<float>&, Span<float>>);
static_assert(std::is_convertible_v<const std::vector<float>&, Span<const float>>);
static_assert(std::is_convertible_v<Span<float>, Span<const float>>);
static_assert(!makes<Span<float>, const std::vector<float>&>);
static_assert(!makes<Span<const float>, const std::vector<double>&>);
static_assert(!makes<Span<bool>, std::vector<bool>&>);

// Memory to be read into must not be gone when it is read into.
using tfckpt::ReadRequest;
static_assert(makes<ReadRequest, std::string, std::vector<float>&>);
static_assert(makes<ReadRequest, const char*, float (&)[3]>);
static_assert(makes<ReadRequest, std::string, Slice, Span<float>>);
static_assert(!makes<ReadRequest, std::string, std::vector<float>>);
static_assert(!makes<ReadRequest, std::string, const std::vector<float>&>);

// Any kind of string is a path or a name.
using tfckpt::Path;
using tfckpt::Paths;
static_assert(std::is_convertible_v<const char*, Path> && std::is_convertible_v<char[3], Path>);
static_assert(std::is_convertible_v<std::string_view, Path>);
static_assert(std::is_convertible_v<const std::string&, Path>);
static_assert(std::is_convertible_v<std::filesystem::path, Path>);
static_assert(!std::is_convertible_v<int, Path> && !std::is_convertible_v<Path, Paths>);
static_assert(std::is_convertible_v<std::vector<std::string_view>, Paths>);
static_assert(std::is_convertible_v<std::vector<std::filesystem::path>, Paths>);
static_assert(std::is_convertible_v<const char* (&)[2], Paths>);
static_assert(!std::is_convertible_v<std::string, Paths>);
static_assert(makes<ReadRequest, std::string_view, float (&)[3]>);

// Handles move, have the size of a pointer, and don't copy.
template <class T>
constexpr bool is_handle = sizeof(T) == sizeof(void*) && !std::is_copy_constructible_v<T> &&
                           !std::is_copy_assignable_v<T> &&
                           std::is_nothrow_move_constructible_v<T> &&
                           std::is_nothrow_move_assignable_v<T> &&
                           std::is_nothrow_destructible_v<T>;
static_assert(is_handle<tfckpt::Reader> && is_handle<tfckpt::Writer>);
static_assert(is_handle<tfckpt::Tensor> && is_handle<tfckpt::Cursor>);
static_assert(is_handle<tfckpt::Strings> && is_handle<tfckpt::Report>);
static_assert(is_handle<tfckpt::View> && is_handle<tfckpt::Overlay>);
static_assert(is_handle<tfckpt::State> && is_handle<tfckpt::Latest>);
static_assert(is_handle<tfckpt::Repaired> && is_handle<tfckpt::Collected>);
static_assert(is_handle<tfckpt::Manager> && is_handle<tfckpt::ObjectGraph>);
static_assert(is_handle<tfckpt::Object> && is_handle<tfckpt::Attribute>);
static_assert(is_handle<tfckpt::ObjectGraphBuilder> && is_handle<tfckpt::Meta>);
static_assert(is_handle<tfckpt::MetaSummary> && is_handle<tfckpt::MetaDiff>);
static_assert(is_handle<tfckpt::MetaStripped> && is_handle<tfckpt::Survey>);

// What borrows nothing and owns no handle moves as well.
static_assert(std::is_nothrow_move_constructible_v<tfckpt::Elements<float>> &&
              std::is_nothrow_move_assignable_v<tfckpt::Elements<float>> &&
              !std::is_copy_constructible_v<tfckpt::Elements<float>>);

// An exception that throws when it is copied would end the program.
static_assert(std::is_nothrow_copy_constructible_v<tfckpt::Error>);
static_assert(std::is_base_of_v<std::runtime_error, tfckpt::Error>);

#ifdef __cpp_lib_span
static_assert(std::is_convertible_v<std::span<float>, Span<float>>);
static_assert(std::is_convertible_v<std::span<float>, Span<const float>>);
static_assert(std::is_convertible_v<Span<float>, std::span<float>>);
static_assert(std::is_convertible_v<Span<const float>, std::span<const float>>);
static_assert(!std::is_convertible_v<Span<const float>, std::span<float>>);
#endif
#ifdef __cpp_lib_ranges
static_assert(std::ranges::contiguous_range<Span<float>>);
static_assert(std::ranges::borrowed_range<Span<float>>);
static_assert(std::ranges::input_range<tfckpt::Cursor>);
static_assert(std::ranges::input_range<const tfckpt::Strings>);
using ObjectPaths = tfckpt::List<std::string_view, tfckpt_object>;
static_assert(std::ranges::random_access_range<const tfckpt::Strings>);
static_assert(std::ranges::sized_range<const tfckpt::Strings>);
static_assert(std::ranges::random_access_range<ObjectPaths>);
static_assert(std::ranges::borrowed_range<ObjectPaths>);
static_assert(std::ranges::contiguous_range<const tfckpt::Elements<float>>);
#endif

TEST(DType, HasItsName) {
    EXPECT_EQ(tfckpt::dtype_name(DType::kFloat), "DT_FLOAT");
    EXPECT_EQ(tfckpt::dtype_name(DType::kFloat8E4M3FN), "DT_FLOAT8_E4M3FN");
    EXPECT_EQ(tfckpt::dtype_name(DType{101}), "DT_FLOAT_REF");
    EXPECT_EQ(tfckpt::dtype_name(none), "");
    EXPECT_EQ(tfckpt::dtype_from_name("DT_BFLOAT16"), DType::kBFloat16);
    FAILS_AS(kInvalidArgument, tfckpt::dtype_from_name("FLOAT"));
    FAILS_AS(kInvalidArgument, tfckpt::dtype_from_name({}));
    for (std::int32_t number = 1; number <= 33; number++) {
        const std::string name(tfckpt::dtype_name(DType{number}));
        EXPECT_EQ(tfckpt::dtype_from_name(name), DType{number}) << number;
    }
}

TEST(DType, HasItsSize) {
    EXPECT_EQ(tfckpt::dtype_size(DType::kComplex128), 16u);
    EXPECT_EQ(tfckpt::dtype_size(DType::kInt4), 1u);
    EXPECT_EQ(tfckpt::dtype_size(DType::kString), 0u);
    EXPECT_EQ(tfckpt::dtype_size(none), 0u);
}

TEST(DType, OfOnesOwnTypeMustBeOfItsSize) {
    EXPECT_EQ(tfckpt::detail::wanted_dtype<mine::bfloat16>(), DType::kBFloat16);
    FAILS_AS(kInvalidArgument, tfckpt::detail::wanted_dtype<mine::wide_half>());
}

class OwnTypeTest : public test::Folder {};

TEST_F(OwnTypeTest, IsReadAndWrittenAsAnyOther) {
    const std::vector<mine::half> values{mine::half(0x3c00), mine::half(0xc000)};
    const std::string_view name("own\0type", 8);
    auto writer = tfckpt::Writer::create(path("ckpt"));
    writer.add(name, {2}, values);
    writer.add("braces", {1}, {mine::half(0x3c00)});
    writer.add_slice("parts", {2}, {{0}, {1}}, Span(values.data(), 1));
    writer.add_slice("parts", {2}, {{1}, {1}}, Span(values.data() + 1, 1));
    writer.begin("pieces", dtype_of_v<mine::half>, {2});
    writer.append(values);
    writer.end();
    writer.finish();

    const auto reader = tfckpt::Reader::open(path("ckpt"));
    EXPECT_EQ(reader.at(name).dtype(), DType::kHalf);
    EXPECT_EQ(reader.read<mine::half>(name), values);
    EXPECT_EQ(reader.read<mine::half>("pieces"), values);
    EXPECT_EQ(reader.read_slice<mine::half>("parts", {{1}, {1}})[0], values[1]);
    EXPECT_EQ(reader.view(name).as<mine::half>()[1], values[1]);
    EXPECT_EQ(reader.view_or_read<mine::half>("parts")[1], values[1]);

    std::array<mine::half, 2> into, part, many;
    reader.read_into(name, into.data(), into.size());
    reader.read_slice_into(name, {{1}, {1}}, part.data(), 1);
    reader.read_many({{name, many}});
    EXPECT_EQ(into[1], values[1]);
    EXPECT_EQ(part[0], values[1]);
    EXPECT_EQ(many, into);
    FAILS_AS(kInvalidArgument, reader.read<mine::bfloat16>(name));
}

TEST(Setting, IsEmptyOrSet) {
    tfckpt::ReadOptions options;
    EXPECT_FALSE(options.threads || options.verify.has_value());
    options.threads = 0;
    options.verify = false;
    ASSERT_TRUE(options.threads && options.verify);
    EXPECT_FALSE(*options.verify);
    options.threads = std::nullopt;
    options.verify = std::optional<bool>(true);
    EXPECT_FALSE(options.threads);
    EXPECT_TRUE(*options.verify);
    options.verify = std::optional<bool>();
    EXPECT_FALSE(options.verify);
}

TEST(Status, HasItsName) {
    EXPECT_EQ(tfckpt::status_name(tfckpt::Status::kDataLoss), "DATA_LOSS");
    EXPECT_EQ(tfckpt::status_name(tfckpt::Status{1000}), "");
}

TEST(Span, SeesWhatIsThere) {
    std::vector<int> values{1, 2, 3};
    const Span span(values);
    static_assert(std::is_same_v<decltype(span), const Span<int>>);
    span[1] = 7;
    EXPECT_EQ(values[1], 7);
    EXPECT_EQ(span.size_bytes(), 3 * sizeof(int));
    EXPECT_EQ(test::to_vector<int>(span), values);
    EXPECT_EQ(Span(values.data(), 2).size(), 2u);
    const int array[] = {4, 5};
    static_assert(std::is_same_v<decltype(Span(array)), Span<const int>>);
    EXPECT_EQ(tfckpt::as_bytes(array).size(), sizeof array);
    EXPECT_TRUE(Span<int>().empty());
}

TEST(Shape, IsMadeOfDimensions) {
    const Shape shape{2, 3};
    EXPECT_EQ(shape.size(), 2u);
    EXPECT_EQ(shape[1], 3);
    EXPECT_EQ(to_string(shape), "[2,3]");
    EXPECT_EQ(to_string(Shape()), "[]");
    EXPECT_EQ(shape, Shape(std::vector<std::int64_t>{2, 3}));
    EXPECT_EQ(shape, Shape(Span<const std::int64_t>(shape)));
    EXPECT_NE(shape, Shape({2, 3, 1}));
}

TEST(Slice, CountsItsElements) {
    using tfckpt::detail::num_elements;
    const Shape shape{4, 5};
    EXPECT_EQ(num_elements(shape, Slice::whole(2)), 20u);
    EXPECT_EQ(num_elements(shape, {{1, 0}, {2, Slice::kAll}}), 10u);
    EXPECT_EQ(num_elements(shape, {{4, 0}, {0, 5}}), 0u);
    EXPECT_EQ(num_elements({}, {}), 1u);
    for (const Slice& wrong : std::vector<Slice>{{{0}, {4}},
                                                 {{0, 0}, {5, 5}},
                                                 {{-1, 0}, {1, 1}},
                                                 {{0, 0}, {-2, 1}},
                                                 {{1, 0}, {Slice::kAll, 1}},
                                                 {{INT64_MAX, 0}, {INT64_MAX, 1}}}) {
        EXPECT_EQ(num_elements(shape, wrong), tfckpt::detail::kNoSize);
    }
    EXPECT_EQ(num_elements(Shape{INT64_MAX, INT64_MAX}, Slice::whole(2)),
              tfckpt::detail::kNoSize);
    EXPECT_EQ(num_elements(Shape{-1}, Slice::whole(1)), tfckpt::detail::kNoSize);
}

TEST(Version, IsThatOfTheHeader) {
    EXPECT_EQ(tfckpt::version(), std::to_string(TFCKPT_VERSION_MAJOR) + "." +
                                     std::to_string(TFCKPT_VERSION_MINOR) + "." +
                                     std::to_string(TFCKPT_VERSION_PATCH));
    EXPECT_EQ(tfckpt::abi_version(), TFCKPT_ABI_VERSION);
}

}  // namespace
