//! Strings in elements of one size.

use tfckpt::Result;

use crate::convert::error::data_loss;

/// A string of bytes without what fills it up. So a zero at its end can't be told
/// from that.
pub fn from_bytes(element: &[u8]) -> &[u8] {
    let len = element.iter().rposition(|&byte| byte != 0).map_or(0, |last| last + 1);
    &element[..len]
}

/// A string of characters as UTF-8, without what fills it up.
pub fn from_text(element: &[u8]) -> Result<String> {
    let mut codes: Vec<u32> =
        element.chunks_exact(4).map(|c| u32::from_ne_bytes([c[0], c[1], c[2], c[3]])).collect();
    while codes.last() == Some(&0) {
        codes.pop();
    }
    let character = |code: u32| {
        char::from_u32(code).ok_or_else(|| data_loss(format!("{code:#x} is no character")))
    };
    codes.into_iter().map(character).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fills_up_is_left_out() {
        assert_eq!(from_bytes(b"a\0b\0\0"), b"a\0b");
        assert_eq!(from_bytes(b"\0\0"), b"");
        let text = |codes: &[u32]| {
            from_text(&codes.iter().flat_map(|code| code.to_ne_bytes()).collect::<Vec<_>>())
        };
        assert_eq!(text(&[0x6a21, 0, 0x1f600, 0]).unwrap(), "模\0😀");
        assert_eq!(text(&[]).unwrap(), "");
        for code in [0xd800, 0x11_0000, u32::MAX] {
            assert!(text(&[97, code]).unwrap_err().message().contains("is no character"));
        }
    }
}
