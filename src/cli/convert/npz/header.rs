//! The header of a `.npy`.
//!
//! ```text
//! \x93NUMPY  major minor  length: u16, from version 2 on u32
//! {'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }   …spaces… \n
//! ```
//! It is a Python expression, of which only this form is ever written: other keys,
//! expressions and escapes are refused. Then come the elements.

use std::io::Read;

use tfckpt::Result;

use super::zip::from_io;
use crate::convert::error::{data_loss, unsupported};

const MAGIC: &[u8; 6] = b"\x93NUMPY";
/// What goes before the text in version 1.
const PREFIX: usize = MAGIC.len() + 4;
/// Where elements begin is a multiple of this.
const ALIGNMENT: usize = 64;
/// Room that NumPy leaves for the first dimension to grow: the digits of an `i64`
/// with a sign, and one more.
const MOST_DIGITS: usize = 21;
/// A longer text is none of an array of plain elements.
const MAX_TEXT: u64 = 64 << 10;

/// What a header says.
#[derive(Debug, PartialEq)]
pub struct Header {
    /// The type of the elements.
    pub descr: String,
    /// Whether the first dimension varies fastest.
    pub fortran_order: bool,
    pub shape: Vec<i64>,
    /// How many bytes the header has.
    pub len: u64,
}

impl Header {
    /// Reads the header, and no more.
    ///
    /// # Errors
    /// `Unsupported` for what NumPy writes and no tensor can be; `DataLoss`.
    pub fn read(mut source: &mut dyn Read) -> Result<Self> {
        let mut prefix = Vec::with_capacity(PREFIX);
        (&mut source).take(PREFIX as u64).read_to_end(&mut prefix).map_err(from_io)?;
        let &[b'\x93', b'N', b'U', b'M', b'P', b'Y', major, minor, low, high] = &*prefix else {
            return Err(unsupported("is no array: it does not begin as a .npy file does"));
        };
        let (text_len, prefix_len) = match (major, minor) {
            (1, 0) => (u64::from(u16::from_le_bytes([low, high])), PREFIX),
            (2 | 3, 0) => {
                let mut rest = [0; 2];
                source.read_exact(&mut rest).map_err(from_io)?;
                let len = u32::from_le_bytes([low, high, rest[0], rest[1]]);
                (u64::from(len), PREFIX + rest.len())
            }
            _ => return Err(unsupported(format!("is of version {major}.{minor} of the format"))),
        };
        if text_len > MAX_TEXT {
            let message =
                format!("its header has {text_len} bytes; that of plain elements is short");
            return Err(unsupported(message));
        }
        let mut text = vec![0; text_len as usize];
        source.read_exact(&mut text).map_err(from_io)?;
        let mut header = Parser { text: &text, at: 0 }.header()?;
        header.len = prefix_len as u64 + text_len;
        Ok(header)
    }

    /// The header of an array of this type and shape, as NumPy writes it.
    pub fn bytes(descr: &str, shape: &[i64]) -> Vec<u8> {
        let dims: Vec<String> = shape.iter().map(i64::to_string).collect();
        let comma = if dims.len() == 1 { "," } else { "" };
        let mut text = format!(
            "{{'descr': '{descr}', 'fortran_order': False, 'shape': ({}{comma}), }}",
            dims.join(", ")
        );
        let growth = dims.first().map_or(0, |first| MOST_DIGITS.saturating_sub(first.len()));
        text.push_str(&" ".repeat(growth));
        // Where it would end at a multiple, NumPy goes on to the next.
        let end = ((PREFIX + text.len() + 1) / ALIGNMENT + 1) * ALIGNMENT;
        text.push_str(&" ".repeat(end - PREFIX - text.len() - 1));
        text.push('\n');
        // At most 64 dimensions, and so far below what two bytes can say.
        let len = (text.len() as u16).to_le_bytes();
        [&MAGIC[..], &[1, 0], &len, text.as_bytes()].concat()
    }
}

/// Reads the text of a header.
struct Parser<'t> {
    text: &'t [u8],
    at: usize,
}

impl<'t> Parser<'t> {
    fn header(&mut self) -> Result<Header> {
        let (mut descr, mut fortran_order, mut shape) = (None, None, None);
        self.expect(b'{')?;
        while !self.take(b'}') {
            let key = self.string()?;
            self.expect(b':')?;
            let is_new = match &*key {
                "descr" => descr.replace(self.descr()?).is_none(),
                "fortran_order" => fortran_order.replace(self.truth()?).is_none(),
                "shape" => shape.replace(self.shape()?).is_none(),
                _ => false,
            };
            if !is_new {
                return Err(self.wrong(&format!("the key '{}'", key.escape_debug())));
            }
            if !self.take(b',') {
                self.expect(b'}')?;
                break;
            }
        }
        if self.peek().is_some() {
            return Err(self.wrong("more"));
        }
        let (Some(descr), Some(fortran_order), Some(shape)) = (descr, fortran_order, shape) else {
            return Err(data_loss("its header lacks one of 'descr', 'fortran_order' and 'shape'"));
        };
        Ok(Header { descr, fortran_order, shape, len: 0 })
    }

    /// The next character that is no space.
    fn peek(&mut self) -> Option<u8> {
        while self.text.get(self.at).is_some_and(u8::is_ascii_whitespace) {
            self.at += 1;
        }
        self.text.get(self.at).copied()
    }

    fn take(&mut self, wanted: u8) -> bool {
        let is_there = self.peek() == Some(wanted);
        self.at += usize::from(is_there);
        is_there
    }

    fn expect(&mut self, wanted: u8) -> Result<()> {
        let is_there = self.take(wanted);
        is_there.then_some(()).ok_or_else(|| {
            let found = self
                .text
                .get(self.at)
                .map_or("its end".to_string(), |&byte| format!("'{}'", byte.escape_ascii()));
            self.wrong(&format!("{found} instead of '{}'", char::from(wanted)))
        })
    }

    fn wrong(&self, what: &str) -> tfckpt::Error {
        data_loss(format!("its header has {what} at character {}", self.at))
    }

    fn run(&mut self, fits: impl Fn(&u8) -> bool) -> &'t [u8] {
        self.peek();
        let rest = self.text.get(self.at..).unwrap_or_default();
        let len = rest.iter().take_while(|byte| fits(byte)).count();
        self.at += len;
        &rest[..len]
    }

    fn string(&mut self) -> Result<String> {
        let quote = if self.take(b'"') {
            b'"'
        } else {
            self.expect(b'\'')?;
            b'\''
        };
        let text = self.run(|&byte| byte != quote && byte != b'\\' && byte.is_ascii_graphic());
        let text = String::from_utf8_lossy(text).into_owned();
        self.expect(quote)?;
        Ok(text)
    }

    fn descr(&mut self) -> Result<String> {
        match self.peek() {
            Some(b'[' | b'(') => Err(unsupported("has elements of several fields")),
            _ => self.string(),
        }
    }

    fn truth(&mut self) -> Result<bool> {
        match self.run(u8::is_ascii_alphabetic) {
            b"True" => Ok(true),
            b"False" => Ok(false),
            _ => Err(self.wrong("neither True nor False")),
        }
    }

    fn shape(&mut self) -> Result<Vec<i64>> {
        self.expect(b'(')?;
        let mut dims = Vec::new();
        while !self.take(b')') {
            dims.push(self.dim()?);
            // A comma makes it a tuple, where there is one dimension.
            if !self.take(b',') {
                if dims.len() == 1 {
                    return Err(self.wrong("no tuple"));
                }
                self.expect(b')')?;
                break;
            }
        }
        Ok(dims)
    }

    fn dim(&mut self) -> Result<i64> {
        let digits = std::str::from_utf8(self.run(u8::is_ascii_digit)).unwrap_or_default();
        let dim = digits.parse().ok();
        // As Python 2 wrote it.
        self.take(b'L');
        dim.ok_or_else(|| self.wrong("no dimension"))
    }
}

#[cfg(test)]
mod tests {
    use tfckpt::ErrorKind;

    use super::*;

    fn read(text: &str) -> Result<Header> {
        let len = (text.len() as u32).to_le_bytes();
        let bytes = [&MAGIC[..], &[2, 0], &len, text.as_bytes(), b"elements"].concat();
        let mut rest = &*bytes;
        let header = Header::read(&mut rest);
        assert!(header.is_err() || rest == b"elements");
        header
    }

    #[test]
    fn what_is_written_is_read() {
        for shape in [&[][..], &[0], &[7], &[2, 3], &[i64::MAX, 0], &[1; 64]] {
            let bytes = Header::bytes("<f4", shape);
            assert_eq!(bytes.len() % ALIGNMENT, 0);
            let header = Header::read(&mut &*bytes).unwrap();
            let len = bytes.len() as u64;
            let expected =
                Header { descr: "<f4".into(), fortran_order: false, shape: shape.to_vec(), len };
            assert_eq!(header, expected);
        }
    }

    #[test]
    fn any_order_spaces_and_old_numbers() {
        let header = read(r#" {"shape":( 3L ,4L),'fortran_order' : True,"descr":'|b1'} "#).unwrap();
        assert_eq!((header.descr.as_str(), header.fortran_order), ("|b1", true));
        assert_eq!(header.shape, [3, 4]);
    }

    #[test]
    fn what_is_no_header() {
        for text in [
            "",
            "{}",
            "{",
            "{'descr': '<f4', 'fortran_order': False}",
            "{'descr': '<f4', 'fortran_order': False, 'shape': ()} x",
            "{'descr': '<f4', 'fortran_order': False, 'shape': (), 'x': 1}",
            "{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': ()}",
            "{'descr': '<f4', 'fortran_order': 0, 'shape': ()}",
            "{'descr': '<f4', 'fortran_order': False, 'shape': 3}",
            "{'descr': '<f4', 'fortran_order': False, 'shape': (3)}",
            "{'descr': '<f4', 'fortran_order': False, 'shape': (-3,)}",
            "{'descr': '<f4', 'fortran_order': False, 'shape': (,)}",
            "{'descr': '<f4', 'fortran_order': False, 'shape': (9223372036854775808,)}",
            "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 2",
            "{'descr': '<f\\x34', 'fortran_order': False, 'shape': ()}",
            "{'descr': '<f4\", 'fortran_order': False, 'shape': ()}",
            "{'descr': f4, 'fortran_order': False, 'shape': ()}",
        ] {
            assert_eq!(read(text).unwrap_err().kind(), ErrorKind::DataLoss, "{text}");
        }
        let deep = format!("{{'shape': {}", "(".repeat(60_000));
        assert_eq!(read(&deep).unwrap_err().kind(), ErrorKind::DataLoss);
    }

    #[test]
    fn what_no_tensor_can_be() {
        for bytes in
            [&b""[..], b"\x93NUMP", b"PK\x03\x04 and so on", b"\x93NUMPY\x04\x00\x02\x00{}"]
        {
            let error = Header::read(&mut &*bytes).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Unsupported, "{bytes:?}");
        }
        let fields = "{'descr': [('a', '<i4')], 'fortran_order': False, 'shape': (2,), }";
        assert_eq!(read(fields).unwrap_err().kind(), ErrorKind::Unsupported);
        let long = " ".repeat(MAX_TEXT as usize + 1);
        assert_eq!(read(&long).unwrap_err().kind(), ErrorKind::Unsupported);
        let cut = Header::bytes("<f4", &[2]);
        assert_eq!(Header::read(&mut &cut[..60]).unwrap_err().kind(), ErrorKind::DataLoss);
    }
}
