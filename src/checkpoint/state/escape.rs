//! Strings of the text format, from and to the bytes they stand for.

/// What is wrong with an escape, and at which byte of the string it begins.
pub(super) struct BadEscape {
    pub(super) offset: usize,
    pub(super) message: &'static str,
}

/// The bytes that `text`, the inside of a quoted string, stands for. A backslash
/// before a character that makes no escape with it stands for itself.
pub(super) fn unescape(text: &[u8]) -> Result<Vec<u8>, BadEscape> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((&byte, behind)) = rest.split_first() {
        if byte != b'\\' {
            bytes.push(byte);
            rest = behind;
            continue;
        }
        let offset = text.len() - rest.len();
        rest = unescape_one(behind, &mut bytes).map_err(|message| BadEscape { offset, message })?;
    }
    Ok(bytes)
}

/// Appends what the escape at the front of `rest`, its backslash taken off, stands
/// for, and returns what comes behind.
fn unescape_one<'a>(rest: &'a [u8], bytes: &mut Vec<u8>) -> Result<&'a [u8], &'static str> {
    let (&letter, behind) = rest.split_first().ok_or("a backslash with nothing behind it")?;
    let simple = match letter {
        b'a' => 0x07,
        b'b' => 0x08,
        b'f' => 0x0c,
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        b'v' => 0x0b,
        b'\\' | b'\'' | b'"' => letter,
        b'0'..=b'7' => return octal(rest, bytes),
        b'x' => return hex(behind, bytes),
        b'u' => return unicode(behind, 4, bytes),
        b'U' => return unicode(behind, 8, bytes),
        b'N' => return Err("named characters are not understood"),
        _ => {
            bytes.push(b'\\');
            return Ok(rest);
        }
    };
    bytes.push(simple);
    Ok(behind)
}

fn octal<'a>(rest: &'a [u8], bytes: &mut Vec<u8>) -> Result<&'a [u8], &'static str> {
    let (value, behind) = number(rest, 8, 3);
    bytes.push(u8::try_from(value).map_err(|_| "an octal escape above \\377")?);
    Ok(behind)
}

fn hex<'a>(rest: &'a [u8], bytes: &mut Vec<u8>) -> Result<&'a [u8], &'static str> {
    let (value, behind) = number(rest, 16, 2);
    if behind.len() == rest.len() {
        return Err("\\x without a hexadecimal digit");
    }
    bytes.push(u8::try_from(value).map_err(|_| "a hexadecimal escape above \\xff")?);
    Ok(behind)
}

fn unicode<'a>(
    rest: &'a [u8],
    digits: usize,
    bytes: &mut Vec<u8>,
) -> Result<&'a [u8], &'static str> {
    let (value, behind) = number(rest, 16, digits);
    if rest.len() - behind.len() != digits {
        return Err("\\u takes 4 hexadecimal digits, \\U 8");
    }
    let char = char::from_u32(value).ok_or("there is no such Unicode character")?;
    bytes.extend_from_slice(char.encode_utf8(&mut [0; 4]).as_bytes());
    Ok(behind)
}

/// The number at the front of `rest`, of at most `max` (8) digits; 0 where there
/// is none. Also what comes behind.
fn number(rest: &[u8], radix: u32, max: usize) -> (u32, &[u8]) {
    let digits = rest.iter().take(max).map_while(|&byte| char::from(byte).to_digit(radix));
    let (value, count) = digits.fold((0u32, 0), |(value, count), digit| {
        (value.wrapping_mul(radix).wrapping_add(digit), count + 1)
    });
    (value, rest.get(count..).unwrap_or_default())
}

/// Appends `bytes` as TensorFlow writes the inside of a string: UTF-8 as it is,
/// escaped what is neither that nor printable, and the quotes.
pub(super) fn escape(bytes: &[u8], text: &mut Vec<u8>) {
    for chunk in bytes.utf8_chunks() {
        for byte in chunk.valid().bytes() {
            match byte {
                b'\n' => text.extend_from_slice(b"\\n"),
                b'\r' => text.extend_from_slice(b"\\r"),
                b'\t' => text.extend_from_slice(b"\\t"),
                b'"' | b'\'' | b'\\' => text.extend_from_slice(&[b'\\', byte]),
                0..0x20 | 0x7f => escape_octal(byte, text),
                _ => text.push(byte),
            }
        }
        chunk.invalid().iter().for_each(|&byte| escape_octal(byte, text));
    }
}

/// Always three digits, so that one that follows is not taken for a part of it.
fn escape_octal(byte: u8, text: &mut Vec<u8>) {
    text.extend_from_slice(format!("\\{byte:03o}").as_bytes());
}
