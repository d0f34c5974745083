//! Patterns over names, which are bytes.

use std::os::unix::ffi::OsStringExt;

use clap::builder::{OsStringValueParser, TypedValueParser};

/// A pattern: `*` stands for any run of bytes, `/` included; `?` for one
/// character; `[a-z_]` and `[!a-z]` for one byte of a set, or not of it; `\`
/// takes the meaning from what follows.
#[derive(Clone, Debug)]
pub struct Glob(Vec<Token>);

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Byte(u8),
    Character,
    Set { negated: bool, ranges: Vec<(u8, u8)> },
    Run,
}

impl Glob {
    pub fn new(pattern: &[u8]) -> Result<Self, String> {
        let mut rest = pattern;
        let mut tokens = Vec::new();
        while let Some((&byte, tail)) = rest.split_first() {
            rest = tail;
            tokens.push(match byte {
                b'*' => Token::Run,
                b'?' => Token::Character,
                b'[' => take_set(&mut rest)?,
                b'\\' => Token::Byte(take(&mut rest).ok_or("it ends with a lone '\\'")?),
                byte => Token::Byte(byte),
            });
        }
        Ok(Self(tokens))
    }

    /// How an argument becomes one.
    pub fn parser() -> impl TypedValueParser<Value = Self> {
        OsStringValueParser::new().try_map(|pattern| Self::new(&pattern.into_vec()))
    }

    /// Whether it stands for all of `name`.
    pub fn matches(&self, name: &[u8]) -> bool {
        let (mut at, mut from) = (0, 0);
        // Where to go on when the latest run has to take a byte more.
        let mut retry = None;
        while at < self.0.len() || from < name.len() {
            if self.0.get(at) == Some(&Token::Run) {
                retry = Some((at, from + 1));
                at += 1;
                continue;
            }
            if let Some(len) = self.0.get(at).and_then(|token| token.take(&name[from..])) {
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
        self.0.iter().map_while(byte).collect()
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

fn take(rest: &mut &[u8]) -> Option<u8> {
    let (&byte, tail) = rest.split_first()?;
    *rest = tail;
    Some(byte)
}

/// Takes a set up to its `]`, which may stand first in it.
fn take_set(rest: &mut &[u8]) -> Result<Token, String> {
    let unclosed = || "'[' without ']'; write '\\[' for the bracket itself".to_string();
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
        Glob::new(pattern.as_bytes()).unwrap().matches(name)
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
            assert!(Glob::new(pattern.as_bytes()).is_err(), "{pattern}");
        }
    }

    #[test]
    fn the_prefix_ends_where_choice_begins() {
        let prefix = |pattern: &[u8]| Glob::new(pattern).unwrap().literal_prefix();
        assert_eq!(prefix(b"a/b\\*c*d"), b"a/b*c");
        assert_eq!(prefix(b"*x"), b"");
    }
}
