/// @file
/// The types of elements. Part of tfckpt.hpp, whose rules hold here.

#ifndef TFCKPT_CPP_DTYPE_HPP
#define TFCKPT_CPP_DTYPE_HPP

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "../tfckpt.h"
#include "error.hpp"
#include "handle.hpp"
#include "span.hpp"

namespace tfckpt {

/// The types of elements, under the numbers of TensorFlow's DataType. A tensor may
/// have one that is not listed: those of later versions, and a reference, whose
/// number is 100 higher.
enum class DType : std::int32_t {
    kFloat = TFCKPT_DT_FLOAT,
    kDouble = TFCKPT_DT_DOUBLE,
    kInt32 = TFCKPT_DT_INT32,
    kUInt8 = TFCKPT_DT_UINT8,
    kInt16 = TFCKPT_DT_INT16,
    kInt8 = TFCKPT_DT_INT8,
    /// Bytes, as many as each element likes: see Strings.
    kString = TFCKPT_DT_STRING,
    kComplex64 = TFCKPT_DT_COMPLEX64,
    kInt64 = TFCKPT_DT_INT64,
    kBool = TFCKPT_DT_BOOL,
    kQInt8 = TFCKPT_DT_QINT8,
    kQUInt8 = TFCKPT_DT_QUINT8,
    kQInt32 = TFCKPT_DT_QINT32,
    /// The upper half of a float.
    kBFloat16 = TFCKPT_DT_BFLOAT16,
    kQInt16 = TFCKPT_DT_QINT16,
    kQUInt16 = TFCKPT_DT_QUINT16,
    kUInt16 = TFCKPT_DT_UINT16,
    kComplex128 = TFCKPT_DT_COMPLEX128,
    /// IEEE 754, 2 bytes.
    kHalf = TFCKPT_DT_HALF,
    /// A handle of a running program: there are no values of it in a file.
    kResource = TFCKPT_DT_RESOURCE,
    /// Any object, each element as a serialized VariantTensorDataProto: see
    /// Strings.
    kVariant = TFCKPT_DT_VARIANT,
    kUInt32 = TFCKPT_DT_UINT32,
    kUInt64 = TFCKPT_DT_UINT64,
    kFloat8E5M2 = TFCKPT_DT_FLOAT8_E5M2,
    kFloat8E4M3FN = TFCKPT_DT_FLOAT8_E4M3FN,
    kFloat8E4M3FNUZ = TFCKPT_DT_FLOAT8_E4M3FNUZ,
    kFloat8E4M3B11FNUZ = TFCKPT_DT_FLOAT8_E4M3B11FNUZ,
    kFloat8E5M2FNUZ = TFCKPT_DT_FLOAT8_E5M2FNUZ,
    /// This and those below: 1 byte each, of which 4 or 2 bits are used.
    kInt4 = TFCKPT_DT_INT4,
    kUInt4 = TFCKPT_DT_UINT4,
    kInt2 = TFCKPT_DT_INT2,
    kUInt2 = TFCKPT_DT_UINT2,
    kFloat4E2M1FN = TFCKPT_DT_FLOAT4_E2M1FN,
};

/// The name of a type as TensorFlow has it: "DT_FLOAT"; empty for a number that is
/// no type.
[[nodiscard]] inline std::string_view dtype_name(DType dtype) noexcept {
    return detail::text(tfckpt_dtype_name(static_cast<std::int32_t>(dtype)));
}

/// Bytes of one element; 0 where elements have no fixed size (strings, variants)
/// or no values in a file.
[[nodiscard]] inline std::size_t dtype_size(DType dtype) noexcept {
    return tfckpt_dtype_size(static_cast<std::int32_t>(dtype));
}

/// The type of a name, such as "DT_FLOAT". Throws Status::kInvalidArgument for a
/// name that is none.
[[nodiscard]] inline DType dtype_from_name(std::string_view name) {
    std::int32_t dtype = 0;
    detail::Call call;
    call.check(tfckpt_dtype_from_name(name.data(), name.size(), &dtype, call.error()));
    return static_cast<DType>(dtype);
}

namespace detail {

/// What is no type: the number that TensorFlow calls DT_INVALID.
inline constexpr DType kNoDType{};

/// Whether it is a type of characters, which are no numbers.
template <class T>
inline constexpr bool is_character =
    std::is_same_v<T, char> || std::is_same_v<T, wchar_t> ||
#ifdef __cpp_char8_t
    std::is_same_v<T, char8_t> ||
#endif
    std::is_same_v<T, char16_t> || std::is_same_v<T, char32_t>;

/// The integer of a size in bytes.
constexpr DType integer_dtype(std::size_t size, bool is_signed) {
    switch (size) {
        case 1: return is_signed ? DType::kInt8 : DType::kUInt8;
        case 2: return is_signed ? DType::kInt16 : DType::kUInt16;
        case 4: return is_signed ? DType::kInt32 : DType::kUInt32;
        case 8: return is_signed ? DType::kInt64 : DType::kUInt64;
        default: return kNoDType;
    }
}

// What a complex number consists of. Known by its looks: <complex> takes long to
// compile, and std::complex is not the only one.
/// @cond
template <class T, class = void>
struct part_of_complex {
    using type = void;
};
template <class T>
struct part_of_complex<
    T, std::void_t<typename T::value_type, decltype(std::declval<const T&>().real()),
                   decltype(std::declval<const T&>().imag())>> {
    using part = typename T::value_type;
    using type = std::conditional_t<sizeof(T) == 2 * sizeof(part), part, void>;
};
/// @endcond

/// The dtype of a type of the language, if it has one.
template <class T>
constexpr DType builtin_dtype() {
    using Part = typename part_of_complex<T>::type;
    if constexpr (std::is_same_v<T, bool>) return DType::kBool;
    else if constexpr (std::is_same_v<T, float>) return DType::kFloat;
    else if constexpr (std::is_same_v<T, double>) return DType::kDouble;
    else if constexpr (std::is_same_v<Part, float>) return DType::kComplex64;
    else if constexpr (std::is_same_v<Part, double>) return DType::kComplex128;
    else if constexpr (std::is_integral_v<T> && !is_character<T>)
        return integer_dtype(sizeof(T), std::is_signed_v<T>);
    else return kNoDType;
}

}  // namespace detail

/// The dtype of values of type T. Known are bool, float, double, complex numbers of
/// these two, and the integers but for characters. Specialize it for a type of your
/// own, which must be trivially copyable and of the dtype's element size:
///
///     template <>
///     struct tfckpt::dtype_of<my::bfloat16> {
///         static constexpr tfckpt::DType value = tfckpt::DType::kBFloat16;
///     };
///
/// A std::byte has none; it is taken for a byte of an element of any dtype.
template <class T, class = void>
struct dtype_of {
    /// The dtype, or none.
    static constexpr DType value = detail::builtin_dtype<T>();
};

namespace detail {

/// The dtype of values of type T; does not compile where there is none.
template <class T>
constexpr DType checked_dtype() {
    constexpr DType value = dtype_of<T>::value;
    static_assert(value != kNoDType,
                  "no dtype is known for this type: name one, or specialize tfckpt::dtype_of");
    static_assert(std::is_trivially_copyable_v<T>, "values are read and written as bytes");
    return value;
}

}  // namespace detail

/// The dtype of values of type T; does not compile where there is none.
template <class T>
inline constexpr DType dtype_of_v = detail::checked_dtype<std::remove_cv_t<T>>();

namespace detail {

/// Its name, or its number.
inline std::string to_string(DType dtype) {
    const std::string_view name = dtype_name(dtype);
    return name.empty() ? "number " + std::to_string(static_cast<std::int32_t>(dtype))
                        : std::string(name);
}

/// Refuses to take elements of one dtype for those of another, which may be none:
/// then any is right.
inline void expect_dtype(DType wanted, DType dtype, std::string_view tensor = {}) {
    if (wanted == kNoDType || dtype == wanted) return;
    refuse("its dtype is " + to_string(dtype) + ", not " + to_string(wanted), tensor);
}

/// The dtype that elements of type T must have; none for bytes, which are of any.
/// Refuses a dtype_of that is wrong about the size.
template <class T>
DType wanted_dtype() {
    if constexpr (std::is_same_v<T, std::byte>) {
        return kNoDType;
    } else {
        constexpr DType wanted = dtype_of_v<T>;
        if (dtype_size(wanted) != sizeof(T)) {
            refuse("elements of " + to_string(wanted) + " have " +
                   std::to_string(dtype_size(wanted)) + " bytes, the type for them has " +
                   std::to_string(sizeof(T)));
        }
        return wanted;
    }
}

/// Makes bools of bytes: a file may have any, but a C++ bool is 0 or 1.
inline void make_bools(Span<std::byte> bytes) noexcept {
    for (std::byte& byte : bytes) byte = std::byte(byte != std::byte(0));
}

}  // namespace detail

}  // namespace tfckpt

#endif
