//! Patterns over names, which are bytes.

use crate::error::{Error, Result};

/// A pattern for whole names: `*` stands for any run of bytes, `/` included; `?`
/// for one character; `[a-z_]` and `[!a-z]` for one byte of a set, or not of it;
/// `\` takes the meaning from what follows.
///
/// ```
/// use tfckpt::checkpoint::Glob;
///
/// let glob = Glob::new("model/*/kernel")?;
/// assert!(glob.matches(b"model/encoder/dense_1/kernel"));
/// assert!(!glob.matches(b"model/encoder/kernel/m"));
/// # Ok::<(), tfckpt::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Glob {
    text: Vec<u8>,
    tokens: Vec<Token>,
}

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Byte(u8),
    Character,
    Set { negated: bool, ranges: Vec<(u8, u8)> },
    Run,
}

impl Glob {
    /// The pattern that `text` is.
    ///
    /// # Errors
    /// `InvalidArgument` for a set that does not end, and for a `\` at the end.
    pub fn new(text: impl AsRef<[u8]>) -> Result<Self> {
        let text = text.as_ref();
        let mut rest = text;
        let mut tokens = Vec::new();
        while let Some((&byte, tail)) = rest.split_first() {
            rest = tail;
            tokens.push(match byte {
                b'*' => Token::Run,
                b'?' => Token::Character,
                b'[' => take_set(&mut rest)?,
                b'\\' => Token::Byte(take(&mut rest).ok_or_else(lone_backslash)?),
                byte => Token::Byte(byte),
            });
        }
        Ok(Self { text: text.to_vec(), tokens })
    }

    /// The pattern as it was given.
    pub fn text(&self) -> &[u8] {
        &self.text
    }

    /// Whether it stands for all of `name`.
    pub fn matches(&self, name: &[u8]) -> bool {
        let (mut at, mut from) = (0, 0);
        // Where to go on when the latest run has to take a byte more.
        let mut retry = None;
        while at < self.tokens.len() || from < name.len() {
            if self.tokens.get(at) == Some(&Token::Run) {
                retry = Some((at, from + 1));
                at += 1;
                continue;
            }
            if let Some(len) = self.tokens.get(at).and_then(|token| token.take(&name[from..])) {
                (at, from) = (at + 1, from + len);
                continue;
            }
            match retry {
                Some((run, next)) if next <= name.len() => (at, from) = (run, next),
                _ => return false,
            }
        }
        true
    }

    /// What every name begins with that it stands for.
    pub fn literal_prefix(&self) -> Vec<u8> {
        let byte = |token: &Token| match token {
            Token::Byte(byte) => Some(*byte),
            _ => None,
        };
        self.tokens.iter().map_while(byte).collect()
    }
}

impl Token {
    /// How many bytes of `rest` it stands for, if it does.
    fn take(&self, rest: &[u8]) -> Option<usize> {
        let first = *rest.first()?;
        match self {
            Self::Byte(byte) => (first == *byte).then_some(1),
            Self::Set { negated, ranges } => {
                let inside = ranges.iter().any(|&(low, high)| (low..=high).contains(&first));
                (inside != *negated).then_some(1)
            }
            Self::Character => Some(character_len(rest)),
            Self::Run => None,
        }
    }
}

/// The length of the first character; of what is not UTF-8 each byte is one.
fn character_len(rest: &[u8]) -> usize {
    let head = &rest[..rest.len().min(4)];
    let first = head.utf8_chunks().next().and_then(|chunk| chunk.valid().chars().next());
    first.map_or(1, char::len_utf8)
}

fn lone_backslash() -> Error {
    Error::invalid("it ends with a lone '\\'")
}

fn take(rest: &mut &[u8]) -> Option<u8> {
    let (&byte, tail) = rest.split_first()?;
    *rest = tail;
    Some(byte)
}

/// Takes a set up to its `]`, which may stand first in it.
fn take_set(rest: &mut &[u8]) -> Result<Token> {
    let unclosed = || Error::invalid("'[' without ']'; write '\\[' for the bracket itself");
    let negated = matches!(rest.first(), Some(b'!' | b'^'));
    if negated {
        take(rest);
    }
    let mut ranges = Vec::new();
    loop {
        let low = match take(rest).ok_or_else(unclosed)? {
            b']' if !ranges.is_empty() => return Ok(Token::Set { negated, ranges }),
            b'\\' => take(rest).ok_or_else(unclosed)?,
            low => low,
        };
        let high = match **rest {
            [b'-', high, ..] if high != b']' => {
                *rest = &rest[2..];
                high
            }
            _ => low,
        };
        ranges.push((low, high));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &str, name: &[u8]) -> bool {
        Glob::new(pattern).unwrap().matches(name)
    }

    #[test]
    fn patterns() {
        for (pattern, name) in [
            ("", ""),
            ("*", ""),
            ("*", "a/b"),
            ("a*/b", "a/x/b"),
            ("*/kernel", "model/dense/kernel"),
            ("**a", "aaa"),
            ("a*b*c", "abbbcbc"),
            ("d?nse_[0-9]", "dense_1"),
            ("[!a-z]x", "Ax"),
            ("[]-]", "]"),
            ("[]-]", "-"),
            ("\\*\\[", "*["),
            ("?é?", "模é型"),
        ] {
            assert!(matches(pattern, name.as_bytes()), "{pattern} {name}");
        }
        for (pattern, name) in [
            ("", "a"),
            ("a", ""),
            ("a", "ab"),
            ("?", ""),
            ("*/kernel", "model/kernel_1"),
            ("a*b*c", "abbbcb"),
            ("[!a-z]x", "ax"),
            ("\\*", "a"),
        ] {
            assert!(!matches(pattern, name.as_bytes()), "{pattern} {name}");
        }
        assert!(matches("?\u{e9}*", b"\xff\xc3\xa9\xff"));
    }

    #[test]
    fn what_is_no_pattern() {
        for pattern in ["[", "[a", "[]", "a\\", "[!]"] {
            assert!(Glob::new(pattern).is_err(), "{pattern}");
        }
    }

    #[test]
    fn the_prefix_ends_where_choice_begins() {
        let prefix = |pattern: &[u8]| Glob::new(pattern).unwrap().literal_prefix();
        assert_eq!(prefix(b"a/b\\*c*d"), b"a/b*c");
        assert_eq!(prefix(b"*x"), b"");
    }
}
