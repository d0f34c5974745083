//! Element types, under TensorFlow's numbers and names.

use std::fmt;

/// The number above which a type is a reference to the type 100 below it.
const REFERENCE: i32 = 100;

/// The type of a tensor's elements: a number of TensorFlow's `DataType` enum.
///
/// A `DType` is always one that TensorFlow knows, a reference type (`_REF`)
/// included; numbers that it doesn't know are refused by
/// [`from_number`](DType::from_number).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DType(i32);

macro_rules! dtypes {
    ($($name:ident = $number:literal, $size:expr, $swap:literal;)*) => {
        impl DType {
            $(
                #[doc = concat!("`DT_", stringify!($name), "`, number ", stringify!($number), ".")]
                pub const $name: Self = Self($number);
            )*

            /// Every type there is, by number, reference types left out.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// Name, that of a reference to it, bytes that a change of byte order turns
            /// round, of a type that is no reference.
            #[inline]
            fn row(number: i32) -> Option<(&'static str, &'static str, usize)> {
                match number {
                    $($number => Some((
                        concat!("DT_", stringify!($name)),
                        concat!("DT_", stringify!($name), "_REF"),
                        $swap,
                    )),)*
                    _ => None,
                }
            }

            /// Bytes of an element.
            #[inline]
            fn size_of(number: i32) -> Option<usize> {
                match number {
                    $($number => $size,)*
                    _ => None,
                }
            }
        }
    };
}

// Types of less than a byte take a byte for each element, on disk as in memory.
// A complex number is two numbers, each with the byte order of its half.
dtypes! {
    FLOAT = 1, Some(4), 4;
    DOUBLE = 2, Some(8), 8;
    INT32 = 3, Some(4), 4;
    UINT8 = 4, Some(1), 1;
    INT16 = 5, Some(2), 2;
    INT8 = 6, Some(1), 1;
    STRING = 7, None, 1;
    COMPLEX64 = 8, Some(8), 4;
    INT64 = 9, Some(8), 8;
    BOOL = 10, Some(1), 1;
    QINT8 = 11, Some(1), 1;
    QUINT8 = 12, Some(1), 1;
    QINT32 = 13, Some(4), 4;
    BFLOAT16 = 14, Some(2), 2;
    QINT16 = 15, Some(2), 2;
    QUINT16 = 16, Some(2), 2;
    UINT16 = 17, Some(2), 2;
    COMPLEX128 = 18, Some(16), 8;
    HALF = 19, Some(2), 2;
    RESOURCE = 20, None, 1;
    VARIANT = 21, None, 1;
    UINT32 = 22, Some(4), 4;
    UINT64 = 23, Some(8), 8;
    FLOAT8_E5M2 = 24, Some(1), 1;
    FLOAT8_E4M3FN = 25, Some(1), 1;
    FLOAT8_E4M3FNUZ = 26, Some(1), 1;
    FLOAT8_E4M3B11FNUZ = 27, Some(1), 1;
    FLOAT8_E5M2FNUZ = 28, Some(1), 1;
    INT4 = 29, Some(1), 1;
    UINT4 = 30, Some(1), 1;
    INT2 = 31, Some(1), 1;
    UINT2 = 32, Some(1), 1;
    FLOAT4_E2M1FN = 33, Some(1), 1;
}

impl DType {
    /// The type with this number, if TensorFlow has one.
    #[inline]
    pub fn from_number(number: i32) -> Option<Self> {
        let plain = if number > REFERENCE { number - REFERENCE } else { number };
        Self::row(plain).map(|_| Self(number))
    }

    /// The type with this name: `DT_FLOAT`, `DT_FLOAT_REF`.
    pub fn from_name(name: &str) -> Option<Self> {
        let (plain, offset) = match name.strip_suffix("_REF") {
            Some(plain) => (plain, REFERENCE),
            None => (name, 0),
        };
        let found = Self::ALL.iter().find(|dtype| dtype.name() == plain)?;
        Some(Self(found.0 + offset))
    }

    /// Its number in the `DataType` enum.
    pub fn number(self) -> i32 {
        self.0
    }

    /// Its name in the `DataType` enum: `DT_FLOAT`.
    pub fn name(self) -> &'static str {
        match (self.plain(), self.is_reference()) {
            (Some((name, ..)), false) => name,
            (Some((_, reference, ..)), true) => reference,
            (None, _) => "DT_INVALID",
        }
    }

    /// Bytes of one element; `None` where elements have no fixed size (strings,
    /// variants) or no form on disk (resources, references).
    #[inline]
    pub fn size(self) -> Option<usize> {
        // A reference has another number.
        Self::size_of(self.0)
    }

    /// Whether it stands for a mutable reference to another type. No checkpoint
    /// holds values of such a type.
    pub fn is_reference(self) -> bool {
        self.0 > REFERENCE
    }

    /// Whether its elements are stored as [`Strings`](super::Strings): strings
    /// and variants.
    pub fn is_variable_length(self) -> bool {
        self == Self::STRING || self == Self::VARIANT
    }

    /// Bytes of the unit that a change of byte order turns round; 1 where byte
    /// order has no meaning.
    pub(crate) fn swap_unit(self) -> usize {
        self.plain().map_or(1, |row| row.2)
    }

    fn plain(self) -> Option<(&'static str, &'static str, usize)> {
        Self::row(if self.is_reference() { self.0 - REFERENCE } else { self.0 })
    }
}

impl fmt::Display for DType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Debug for DType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Turns round every `unit` bytes of `data`.
pub(crate) fn swap_bytes(data: &mut [u8], unit: usize) {
    if unit > 1 {
        data.chunks_exact_mut(unit).for_each(<[u8]>::reverse);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_names_come_back() {
        assert_eq!(DType::ALL.len(), 33);
        for &dtype in DType::ALL {
            assert_eq!(DType::from_number(dtype.number()), Some(dtype));
            assert_eq!(DType::from_name(dtype.name()), Some(dtype));
            let reference = DType::from_number(dtype.number() + 100).unwrap();
            assert!(reference.is_reference());
            assert_eq!(reference.size(), None);
            assert_eq!(DType::from_name(reference.name()), Some(reference));
        }
    }

    #[test]
    fn unknown_numbers_are_refused() {
        for number in [i32::MIN, -1, 0, 34, 99, 100, 134, 201, i32::MAX] {
            assert_eq!(DType::from_number(number), None, "{number}");
        }
        assert_eq!(DType::from_name("float"), None);
        assert_eq!(DType::from_name("DT_INVALID"), None);
    }

    #[test]
    fn complex_swaps_each_half() {
        let mut data = [1, 2, 3, 4, 5, 6, 7, 8];
        swap_bytes(&mut data, DType::COMPLEX64.swap_unit());
        assert_eq!(data, [4, 3, 2, 1, 8, 7, 6, 5]);
    }
}
