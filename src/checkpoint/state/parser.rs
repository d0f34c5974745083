//! From the text of a state file to a [`State`].
//!
//! It takes what the parser of TensorFlow takes, and means by it the same: of a
//! field that is there twice the last counts, a list may stand in brackets, fields
//! may be set apart by commas or semicolons, strings that follow each other are
//! one. Beyond that it takes paths that are not UTF-8.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::path::PathBuf;

use super::State;
use super::escape::unescape;
use super::lexer::{Kind, Lexer, Token};
use crate::error::{Error, Result};

/// How much of an unexpected word an error shows.
const SHOWN: usize = 40;

pub(super) fn parse(text: &[u8]) -> Result<State> {
    let mut lexer = Lexer::new(text);
    let token = lexer.next();
    let mut parser = Parser { text, lexer, token, state: State::default() };
    while parser.token.kind != Kind::End {
        parser.field()?;
    }
    Ok(parser.state)
}

struct Parser<'a> {
    text: &'a [u8],
    lexer: Lexer<'a>,
    /// The word that comes next.
    token: Token,
    state: State,
}

impl Parser<'_> {
    fn field(&mut self) -> Result<()> {
        let name = self.word();
        match name {
            b"model_checkpoint_path" => {
                self.begin_value()?;
                self.state.model_checkpoint_path = self.path()?;
            }
            b"last_preserved_timestamp" => {
                self.begin_value()?;
                self.state.last_preserved_timestamp = self.float()?;
            }
            b"all_model_checkpoint_paths" => {
                let paths = self.list(Self::path)?;
                self.state.all_model_checkpoint_paths.extend(paths);
            }
            b"all_model_checkpoint_timestamps" => {
                let timestamps = self.list(Self::float)?;
                self.state.all_model_checkpoint_timestamps.extend(timestamps);
            }
            _ if self.token.kind == Kind::Word => {
                return Err(self
                    .error(&format!("there is no field '{}' in a checkpoint state", shown(name))));
            }
            _ => return Err(self.unexpected("the name of a field")),
        }
        if !self.take_sign(b',') {
            self.take_sign(b';');
        }
        Ok(())
    }

    /// Takes the name of the field and the colon.
    fn begin_value(&mut self) -> Result<()> {
        self.advance();
        if self.take_sign(b':') { Ok(()) } else { Err(self.unexpected("a colon")) }
    }

    /// The values of a repeated field: one, or several in brackets.
    fn list<T>(&mut self, value: fn(&mut Self) -> Result<T>) -> Result<Vec<T>> {
        self.begin_value()?;
        if !self.take_sign(b'[') {
            return Ok(vec![value(self)?]);
        }
        let mut values = Vec::new();
        if self.take_sign(b']') {
            return Ok(values);
        }
        loop {
            values.push(value(self)?);
            if self.take_sign(b']') {
                return Ok(values);
            }
            if !self.take_sign(b',') {
                return Err(self.unexpected("a comma or a closing bracket"));
            }
        }
    }

    fn path(&mut self) -> Result<PathBuf> {
        if !matches!(self.token.kind, Kind::Text | Kind::OpenText) {
            return Err(self.unexpected("a path in quotes"));
        }
        let mut path = Vec::new();
        while matches!(self.token.kind, Kind::Text | Kind::OpenText) {
            path.extend(self.quoted()?);
            self.advance();
        }
        Ok(OsString::from_vec(path).into())
    }

    /// The bytes that the quoted string which comes next stands for.
    fn quoted(&self) -> Result<Vec<u8>> {
        if self.token.kind == Kind::OpenText {
            return Err(self.error("this string has no closing quote on its line"));
        }
        let start = self.token.range.start + 1;
        let inside = self.text.get(start..self.token.range.end - 1).unwrap_or_default();
        unescape(inside).map_err(|bad| self.error_at(start + bad.offset, bad.message))
    }

    fn float(&mut self) -> Result<f64> {
        let value = match self.token.kind {
            Kind::Word => float(self.word()),
            _ => None,
        };
        let value = value.ok_or_else(|| self.unexpected("a number of seconds"))?;
        self.advance();
        Ok(value)
    }

    /// The bytes of the word that comes next.
    fn word(&self) -> &[u8] {
        self.text.get(self.token.range.clone()).unwrap_or_default()
    }

    fn advance(&mut self) {
        self.token = self.lexer.next();
    }

    fn take_sign(&mut self, sign: u8) -> bool {
        let there = self.token.kind == Kind::Sign(sign);
        if there {
            self.advance();
        }
        there
    }

    fn unexpected(&self, wanted: &str) -> Error {
        match self.token.kind {
            Kind::End => self.error(&format!("the file ends where {wanted} should be")),
            _ => self.error(&format!("'{}' where {wanted} should be", shown(self.word()))),
        }
    }

    fn error(&self, message: &str) -> Error {
        self.error_at(self.token.range.start, message)
    }

    fn error_at(&self, offset: usize, message: &str) -> Error {
        let before = self.text.get(..offset).unwrap_or(self.text);
        let line_start = before.iter().rposition(|&byte| byte == b'\n').map_or(0, |at| at + 1);
        let line = 1 + before.iter().filter(|&&byte| byte == b'\n').count();
        let column = 1 + String::from_utf8_lossy(&before[line_start..]).chars().count();
        Error::data_loss(format!("line {line}, column {column}: {message}"))
            .at_offset(offset as u64)
    }
}

/// A word as an error shows it: on one line, and not too long.
fn shown(word: &[u8]) -> String {
    let more = if word.len() > SHOWN { "…" } else { "" };
    let word = whole_letters(word.get(..SHOWN).unwrap_or(word));
    format!("{}{more}", crate::shown::shown(word))
}

/// Without the beginning of a letter at the end.
fn whole_letters(word: &[u8]) -> &[u8] {
    match std::str::from_utf8(word) {
        Err(error) if error.error_len().is_none() => &word[..error.valid_up_to()],
        _ => word,
    }
}

/// What TensorFlow takes for a double: decimal, without a leading zero before
/// another digit, with underscores between digits, and with any `f` behind it.
fn float(word: &[u8]) -> Option<f64> {
    let text = std::str::from_utf8(word).ok()?;
    let digits = text.strip_prefix('-').unwrap_or(text).as_bytes();
    if let [b'0', second, ..] = digits {
        if second.is_ascii_digit() {
            return None;
        }
    }
    plain_float(text)
        .or_else(|| plain_float(text.strip_suffix(['f', 'F'])?))
        .or_else(|| plain_float(text.trim_end_matches(['f', 'F'])))
}

fn plain_float(text: &str) -> Option<f64> {
    if !text.contains('_') {
        return text.parse().ok();
    }
    let bytes = text.as_bytes();
    let between_digits = bytes.iter().enumerate().all(|(at, &byte)| {
        let digit_at = |at: Option<usize>| {
            at.and_then(|at| bytes.get(at)).is_some_and(|byte| byte.is_ascii_digit())
        };
        byte != b'_' || digit_at(at.checked_sub(1)) && digit_at(at.checked_add(1))
    });
    between_digits.then(|| text.replace('_', "").parse().ok()).flatten()
}
