//! Names of tensors, and paths, as text. They are any bytes, in practice UTF-8.

use std::borrow::Cow;
use std::fmt::Write;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// A name in JSON: as it is where it is UTF-8; else with `\xNN` for each byte
/// that isn't, and besides in base 64.
pub fn json(name: &[u8]) -> (Cow<'_, str>, Option<String>) {
    match std::str::from_utf8(name) {
        Ok(name) => (name.into(), None),
        Err(_) => (with_bad_bytes_escaped(name).into(), Some(base64(name))),
    }
}

fn with_bad_bytes_escaped(name: &[u8]) -> String {
    let mut text = String::new();
    for chunk in name.utf8_chunks() {
        text.push_str(chunk.valid());
        put_bytes(&mut text, chunk.invalid());
    }
    text
}

fn put_bytes(text: &mut String, bytes: &[u8]) {
    for byte in bytes {
        let _ = write!(text, "\\x{byte:02x}");
    }
}

/// A name, or a string value, on one line of text: control characters, bytes
/// that are not UTF-8 and backslashes are escaped. [`parse`] is the way back.
pub fn display(name: &[u8]) -> String {
    let mut text = String::with_capacity(name.len());
    for chunk in name.utf8_chunks() {
        chunk.valid().chars().for_each(|c| put_char(&mut text, c));
        put_bytes(&mut text, chunk.invalid());
    }
    text
}

fn put_char(text: &mut String, c: char) {
    match c {
        '\\' => text.push_str("\\\\"),
        '\n' => text.push_str("\\n"),
        '\r' => text.push_str("\\r"),
        '\t' => text.push_str("\\t"),
        c if c.is_control() => put_bytes(text, c.encode_utf8(&mut [0; 4]).as_bytes()),
        c => text.push(c),
    }
}

/// A path, as [`display`].
pub fn path(path: &Path) -> String {
    display(path.as_os_str().as_bytes())
}

/// The bytes that [`display`] shows as `text`; `None` where it never shows that.
pub fn parse(text: &[u8]) -> Option<Vec<u8>> {
    let mut name = Vec::with_capacity(text.len());
    let mut rest = text.iter().copied();
    while let Some(byte) = rest.next() {
        if byte != b'\\' {
            name.push(byte);
            continue;
        }
        name.push(match rest.next()? {
            b'\\' => b'\\',
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'x' => (hex_digit(rest.next()?)? << 4) | hex_digit(rest.next()?)?,
            _ => return None,
        });
    }
    Some(name)
}

fn hex_digit(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).map(|value| value as u8)
}

/// Base 64 of RFC 4648, with padding.
fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let digit = |bits: u32| char::from(DIGITS[(bits & 63) as usize]);
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for group in bytes.chunks(3) {
        let byte = |at: usize| u32::from(group.get(at).copied().unwrap_or(0));
        let bits = (byte(0) << 16) | (byte(1) << 8) | byte(2);
        text.push(digit(bits >> 18));
        text.push(digit(bits >> 12));
        text.push(if group.len() > 1 { digit(bits >> 6) } else { '=' });
        text.push(if group.len() > 2 { digit(bits) } else { '=' });
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_leads_back_to_the_name() {
        for name in
            [&b"a/b"[..], b"new\nline", b"back\\x41", b"\0\x7f\xff\xfe", "模型\u{85}".as_bytes()]
        {
            let text = display(name);
            assert!(!text.chars().any(char::is_control), "{text}");
            assert_eq!(parse(text.as_bytes()).as_deref(), Some(name), "{text}");
        }
        for text in ["\\", "\\q", "\\x4", "\\xzz"] {
            assert_eq!(parse(text.as_bytes()), None);
        }
    }

    #[test]
    fn json_says_when_a_name_is_not_utf8() {
        assert_eq!(json("é\\".as_bytes()), ("é\\".into(), None));
        let (name, bytes) = json(b"latin1/\xe9t\xe9");
        assert_eq!((&*name, bytes.as_deref()), ("latin1/\\xe9t\\xe9", Some("bGF0aW4xL+l06Q==")));
    }

    #[test]
    fn base64_pads() {
        let texts = [&b""[..], b"f", b"fo", b"foo", b"foob"].map(base64);
        assert_eq!(texts, ["", "Zg==", "Zm8=", "Zm9v", "Zm9vYg=="]);
    }
}
