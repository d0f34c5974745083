//! Names and paths in messages. They are any bytes, in practice UTF-8.

use std::fmt::{self, Display, Write};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// A name for people, on one line: letters of any language as they are; control
/// characters, which could drive a terminal, bytes that are not UTF-8 and backslashes
/// are escaped, so that two names never look alike.
pub(crate) fn shown(name: &[u8]) -> impl Display + '_ {
    Shown(name)
}

/// A path, as [`shown`].
pub(crate) fn shown_path(path: &Path) -> impl Display + '_ {
    Shown(path.as_os_str().as_bytes())
}

struct Shown<'a>(&'a [u8]);

impl Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for chunk in self.0.utf8_chunks() {
            chunk.valid().chars().try_for_each(|c| put_char(f, c))?;
            put_bytes(f, chunk.invalid())?;
        }
        Ok(())
    }
}

fn put_char(f: &mut fmt::Formatter<'_>, c: char) -> fmt::Result {
    match c {
        '\\' => f.write_str("\\\\"),
        '\n' => f.write_str("\\n"),
        '\r' => f.write_str("\\r"),
        '\t' => f.write_str("\\t"),
        c if c.is_control() => put_bytes(f, c.encode_utf8(&mut [0; 4]).as_bytes()),
        c => f.write_char(c),
    }
}

fn put_bytes(f: &mut fmt::Formatter<'_>, bytes: &[u8]) -> fmt::Result {
    bytes.iter().try_for_each(|byte| write!(f, "\\x{byte:02x}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_stay_and_all_else_is_escaped() {
        for (name, text) in [
            (&b"a/b"[..], "a/b"),
            ("模型/é".as_bytes(), "模型/é"),
            (b"\x1b[31m\nx", "\\x1b[31m\\nx"),
            (b"\xff\\xff", "\\xff\\\\xff"),
            ("\u{85}".as_bytes(), "\\xc2\\x85"),
        ] {
            assert_eq!(shown(name).to_string(), text);
        }
    }
}
