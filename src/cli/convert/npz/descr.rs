//! The types of arrays: what `descr` says in the header of a `.npy`.

use tfckpt::tensor::DType;

use crate::convert::elements::{self, LITTLE};

/// The types that NumPy has too, by kind and size.
const PLAIN: [(&str, DType); 14] = [
    ("b1", DType::BOOL),
    ("i1", DType::INT8),
    ("i2", DType::INT16),
    ("i4", DType::INT32),
    ("i8", DType::INT64),
    ("u1", DType::UINT8),
    ("u2", DType::UINT16),
    ("u4", DType::UINT32),
    ("u8", DType::UINT64),
    ("f2", DType::HALF),
    ("f4", DType::FLOAT),
    ("f8", DType::DOUBLE),
    ("c8", DType::COMPLEX64),
    ("c16", DType::COMPLEX128),
];

/// What the elements of an array are.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    /// Numbers, or truth values.
    Plain(DType),
    /// Strings of bytes, each filled up with zeros.
    Bytes,
    /// Strings of characters, each character four bytes and each string filled up
    /// with zeros.
    Text,
}

/// What the elements of an array are, and how they are stored.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Descr {
    pub kind: Kind,
    /// How many bytes an element has.
    pub size: usize,
    /// Whether they are in the byte order that this machine does not have.
    foreign: bool,
}

impl Descr {
    /// What `text` says; `None` where no tensor can be of that type.
    pub fn parse(text: &str) -> Option<Self> {
        let order = text.chars().next()?;
        let rest = text.strip_prefix(['<', '>', '=', '|']).unwrap_or(text);
        let foreign = order == if LITTLE { '>' } else { '<' };
        let (kind, size) = parse_kind(rest)?;
        Some(Self { kind, size, foreign })
    }

    /// The type that a tensor of such elements has.
    pub fn dtype(self) -> DType {
        match self.kind {
            Kind::Plain(dtype) => dtype,
            Kind::Bytes | Kind::Text => DType::STRING,
        }
    }

    /// How many bytes a block of whole elements has that is no larger than `most`, if
    /// an element is not.
    pub fn block(self, most: usize) -> u64 {
        let elements = most.checked_div(self.size).unwrap_or(0).max(1);
        elements as u64 * self.size as u64
    }

    /// Brings elements into this machine's byte order.
    pub fn to_native(self, elements: &mut [u8]) {
        let unit = match self.kind {
            Kind::Plain(dtype) => elements::swap_unit(dtype),
            Kind::Bytes => 1,
            Kind::Text => 4,
        };
        if self.foreign {
            elements::swap(elements, unit);
        }
    }
}

fn parse_kind(text: &str) -> Option<(Kind, usize)> {
    if let Some(&(_, dtype)) = PLAIN.iter().find(|(name, _)| *name == text) {
        return Some((Kind::Plain(dtype), dtype.size()?));
    }
    let (kind, character) = match text.get(..1)? {
        "S" => (Kind::Bytes, 1),
        "U" => (Kind::Text, 4),
        _ => return None,
    };
    let digits = text.get(1..).filter(|digits| digits.bytes().all(|b| b.is_ascii_digit()))?;
    Some((kind, digits.parse::<usize>().ok()?.checked_mul(character)?))
}

/// What is written for elements of a plain type, the low byte first; `None` where
/// NumPy has no such type.
pub fn of(dtype: DType) -> Option<String> {
    let (name, _) = PLAIN.iter().find(|(_, plain)| *plain == dtype)?;
    let order = if elements::swap_unit(dtype) == 1 { '|' } else { '<' };
    Some(format!("{order}{name}"))
}

/// What is written for strings of at most `size` bytes.
pub fn of_bytes(size: u64) -> String {
    format!("|S{size}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        for (_, dtype) in PLAIN {
            let descr = Descr::parse(&of(dtype).unwrap()).unwrap();
            assert_eq!((descr.kind, Some(descr.size)), (Kind::Plain(dtype), dtype.size()));
            let mut bytes: Vec<u8> = (0..16).collect();
            descr.to_native(&mut bytes);
            assert_eq!(bytes[0] == 0, LITTLE || descr.size == 1, "{dtype}");
        }
        for dtype in [DType::BFLOAT16, DType::STRING, DType::QINT8, DType::INT4] {
            assert_eq!(of(dtype), None);
        }
        assert_eq!(of(DType::BOOL).unwrap(), "|b1");
        assert_eq!(of(DType::COMPLEX64).unwrap(), "<c8");
    }

    #[test]
    fn strings_have_a_size() {
        let size = |text: &str| Descr::parse(text).map(|descr| (descr.kind, descr.size));
        assert_eq!(size(&of_bytes(7)), Some((Kind::Bytes, 7)));
        assert_eq!(size("<U3"), Some((Kind::Text, 12)));
        assert_eq!(size("S0"), Some((Kind::Bytes, 0)));
        let block = |text: &str| Descr::parse(text).unwrap().block(1000);
        assert_eq!(["S0", "S7", "S1000", "S1001", "<c16"].map(block), [0, 994, 1000, 1001, 992]);
        let too_large = format!("<U{}", usize::MAX);
        for text in ["", "<", "S", "S+1", "S-1", "U1x", &too_large, "<V2", "|O", "<M8[ns]", "<f16"]
        {
            assert_eq!(size(text), None, "{text}");
        }
    }

    #[test]
    fn the_other_byte_order_is_turned_round() {
        let mut text = [0, 0, 0, b'a', 0, 0, 0, b'b'];
        Descr::parse(">U2").unwrap().to_native(&mut text);
        assert_eq!(u32::from_ne_bytes([text[0], text[1], text[2], text[3]]), u32::from(b'a'));
        let mut complex = [1, 2, 3, 4, 5, 6, 7, 8];
        Descr::parse(if LITTLE { ">c8" } else { "<c8" }).unwrap().to_native(&mut complex);
        assert_eq!(complex, [4, 3, 2, 1, 8, 7, 6, 5]);
    }
}
