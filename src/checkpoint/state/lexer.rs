//! The words of the text format: names, numbers, strings and single signs.

use std::ops::Range;

/// What a [`Token`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A name or a number; the parser knows which of them it wants.
    Word,
    /// A string with both its quotes.
    Text,
    /// A string whose line ends before it does.
    OpenText,
    /// One byte of anything else.
    Sign(u8),
    /// The end of the file.
    End,
}

/// One word, and which bytes of the file it is.
#[derive(Clone, Debug)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) range: Range<usize>,
}

/// Goes through the words of a file.
#[derive(Debug)]
pub(super) struct Lexer<'a> {
    text: &'a [u8],
    at: usize,
}

impl<'a> Lexer<'a> {
    pub(super) fn new(text: &'a [u8]) -> Self {
        Self { text, at: 0 }
    }

    /// The next word. At the end of the file it is [`Kind::End`] again and again.
    pub(super) fn next(&mut self) -> Token {
        self.skip_blanks();
        let start = self.at;
        let kind = match self.peek(0) {
            None => Kind::End,
            Some(quote @ (b'"' | b'\'')) => self.take_text(quote),
            Some(byte) if byte.is_ascii_alphabetic() || byte == b'_' => self.take_word(false),
            Some(byte) if byte.is_ascii_digit() || matches!(byte, b'+' | b'-') => {
                self.take_word(true)
            }
            Some(b'.') if self.peek(1).is_some_and(|byte| byte.is_ascii_digit()) => {
                self.take_word(true)
            }
            Some(byte) => {
                self.at += 1;
                Kind::Sign(byte)
            }
        };
        Token { kind, range: start..self.at }
    }

    fn peek(&self, ahead: usize) -> Option<u8> {
        self.text.get(self.at.checked_add(ahead)?).copied()
    }

    fn skip_blanks(&mut self) {
        while let Some(byte) = self.peek(0) {
            if byte == b'#' {
                self.skip_line();
            } else if byte.is_ascii() {
                if !is_blank(char::from(byte)) {
                    return;
                }
                self.at += 1;
            } else {
                match first_char(&self.text[self.at..]) {
                    Some(char) if is_blank(char) => self.at += char.len_utf8(),
                    _ => return,
                }
            }
        }
    }

    fn skip_line(&mut self) {
        while self.peek(0).is_some_and(|byte| byte != b'\n') {
            self.at += 1;
        }
    }

    /// A number may have dots in it, a name not.
    fn take_word(&mut self, dots: bool) -> Kind {
        while self.peek(0).is_some_and(|byte| {
            byte.is_ascii_alphanumeric()
                || matches!(byte, b'_' | b'+' | b'-')
                || dots && byte == b'.'
        }) {
            self.at += 1;
        }
        Kind::Word
    }

    fn take_text(&mut self, quote: u8) -> Kind {
        self.at += 1;
        loop {
            match self.peek(0) {
                None | Some(b'\n') => return Kind::OpenText,
                Some(b'\\') if self.peek(1).is_some_and(|byte| byte != b'\n') => self.at += 2,
                Some(byte) => {
                    self.at += 1;
                    if byte == quote {
                        return Kind::Text;
                    }
                }
            }
        }
    }
}

/// What TensorFlow takes for white space: that of Unicode, and four control
/// characters besides.
fn is_blank(char: char) -> bool {
    char.is_whitespace() || matches!(char, '\x1c'..='\x1f')
}

/// The character at the front of bytes that may not be UTF-8.
fn first_char(bytes: &[u8]) -> Option<char> {
    let front = bytes.get(..4).unwrap_or(bytes);
    let valid = match std::str::from_utf8(front) {
        Ok(text) => text,
        Err(error) => std::str::from_utf8(front.get(..error.valid_up_to())?).ok()?,
    };
    valid.chars().next()
}
