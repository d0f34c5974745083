//! New names for old.

use crate::error::{Error, Result};
use crate::shown::shown;

/// A rule that gives tensors new names: those that it fits, which are all of one
/// name, or all that begin and end in some way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NameRule {
    text: Vec<u8>,
    from: Side,
    to: Side,
}

/// What stands before the `*`, and behind it if there is one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Side {
    before: Vec<u8>,
    behind: Option<Vec<u8>>,
}

impl NameRule {
    /// The tensor named `from` becomes `to`.
    ///
    /// # Errors
    /// `InvalidArgument` where either is empty.
    pub fn name(from: impl AsRef<[u8]>, to: impl AsRef<[u8]>) -> Result<Self> {
        Self::new(Side::name(from.as_ref()), Side::name(to.as_ref()))
    }

    /// Names that begin with `from` begin with `to` instead. Either may be empty:
    /// every name begins with nothing.
    pub fn prefix(from: impl AsRef<[u8]>, to: impl AsRef<[u8]>) -> Self {
        let (from, to) = (Side::prefix(from.as_ref()), Side::prefix(to.as_ref()));
        Self { text: text_of(&from, &to), from, to }
    }

    /// Names that are as `from` become `to`. A `*` in `from` stands for any run of
    /// bytes, `/` included, and in `to` for what that was; a `\` takes the meaning
    /// from what follows.
    ///
    /// # Errors
    /// `InvalidArgument` where either is empty or has more than one `*`, or `to`
    /// has one and `from` has none.
    pub fn pattern(from: impl AsRef<[u8]>, to: impl AsRef<[u8]>) -> Result<Self> {
        let (from, _) = take_side(from.as_ref(), false)?;
        let (to, _) = take_side(to.as_ref(), false)?;
        Self::new(from, to)
    }

    /// The pattern rule that `FROM=TO` is. A `\` takes the meaning from a `=` too.
    ///
    /// # Errors
    /// Those of [`pattern`](NameRule::pattern), or where there is no `=`.
    pub fn parse(text: impl AsRef<[u8]>) -> Result<Self> {
        let text = text.as_ref();
        let (from, to) = take_side(text, true)?;
        let to = to.ok_or_else(|| Error::invalid("there is no '='; a rule is 'FROM=TO'"))?;
        let (to, _) = take_side(to, false)?;
        Ok(Self { text: text.to_vec(), ..Self::new(from, to)? })
    }

    fn new(from: Side, to: Side) -> Result<Self> {
        if from.is_empty() || to.is_empty() {
            return Err(Error::invalid("a tensor needs a name"));
        }
        if to.behind.is_some() && from.behind.is_none() {
            return Err(Error::invalid("there is a '*' in TO, but none in FROM"));
        }
        Ok(Self { text: text_of(&from, &to), from, to })
    }

    /// Refuses rules that were of no use.
    pub(crate) fn refuse_unused(rules: &[Self], used: &[bool]) -> Result<()> {
        let unused = rules.iter().zip(used).filter(|(_, used)| !**used);
        let unused: Vec<String> =
            unused.map(|(rule, _)| format!("'{}'", shown(rule.text()))).collect();
        if unused.is_empty() {
            return Ok(());
        }
        Err(Error::not_found(format!("rules that fit no tensor's name: {}", unused.join(", "))))
    }

    /// The rule as `FROM=TO`: as it was given, where it was.
    pub fn text(&self) -> &[u8] {
        &self.text
    }

    /// The new name of `name`; `None` where the rule does not fit it.
    pub fn apply(&self, name: &[u8]) -> Option<Vec<u8>> {
        let rest = name.strip_prefix(&*self.from.before)?;
        let run = match &self.from.behind {
            Some(behind) => rest.strip_suffix(&**behind)?,
            None if rest.is_empty() => rest,
            None => return None,
        };
        let mut new = self.to.before.clone();
        if let Some(behind) = &self.to.behind {
            new.extend_from_slice(run);
            new.extend_from_slice(behind);
        }
        Some(new)
    }
}

impl Side {
    fn name(name: &[u8]) -> Self {
        Self { before: name.to_vec(), behind: None }
    }

    fn prefix(prefix: &[u8]) -> Self {
        Self { before: prefix.to_vec(), behind: Some(Vec::new()) }
    }

    fn is_empty(&self) -> bool {
        self.before.is_empty() && self.behind.is_none()
    }

    fn put(&self, text: &mut Vec<u8>) {
        put_escaped(text, &self.before);
        if let Some(behind) = &self.behind {
            text.push(b'*');
            put_escaped(text, behind);
        }
    }
}

fn text_of(from: &Side, to: &Side) -> Vec<u8> {
    let mut text = Vec::new();
    from.put(&mut text);
    text.push(b'=');
    to.put(&mut text);
    text
}

fn put_escaped(text: &mut Vec<u8>, bytes: &[u8]) {
    for &byte in bytes {
        if matches!(byte, b'=' | b'*' | b'\\') {
            text.push(b'\\');
        }
        text.push(byte);
    }
}

/// Takes a side of a rule, up to a `=` if there may be one; with it comes what
/// is behind the `=`.
fn take_side(text: &[u8], ends: bool) -> Result<(Side, Option<&[u8]>)> {
    let mut side = Side::default();
    let mut rest = text;
    while let Some((&byte, mut tail)) = rest.split_first() {
        let mut literal = byte;
        match byte {
            b'=' if ends => return Ok((side, Some(tail))),
            b'*' if side.behind.is_some() => return Err(Error::invalid("more than one '*'")),
            b'*' => {
                side.behind = Some(Vec::new());
                rest = tail;
                continue;
            }
            b'\\' => {
                let escaped = tail.split_first();
                let escaped = escaped.ok_or_else(|| Error::invalid("it ends with a lone '\\'"))?;
                (literal, tail) = (*escaped.0, escaped.1);
            }
            _ => {}
        }
        side.behind.as_mut().unwrap_or(&mut side.before).push(literal);
        rest = tail;
    }
    Ok((side, None))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn apply(rule: &str, name: &str) -> Option<String> {
        let new = NameRule::parse(rule).unwrap().apply(name.as_bytes())?;
        Some(String::from_utf8(new).unwrap())
    }

    #[test]
    fn names_are_whole() {
        assert_eq!(apply("a=b", "a").as_deref(), Some("b"));
        assert_eq!(apply("a=b", "a/b"), None);
        assert_eq!(apply("a\\=\\*=b=c\\\\", "a=*").as_deref(), Some("b=c\\"));
    }

    #[test]
    fn a_star_is_carried_over() {
        assert_eq!(apply("model/*=net/*", "model/a/b").as_deref(), Some("net/a/b"));
        assert_eq!(apply("*/kernel=*/w", "a/kernel").as_deref(), Some("a/w"));
        assert_eq!(apply("a*c=*", "abc").as_deref(), Some("b"));
        assert_eq!(apply("a*a=*", "a"), None);
        assert_eq!(apply("*=v1/*", "x").as_deref(), Some("v1/x"));
        assert_eq!(apply("old/*=one", "old/x").as_deref(), Some("one"));
    }

    #[test]
    fn what_is_no_rule() {
        for rule in ["", "a", "=b", "a=", "a=*", "*a*=b", "a*=**", "a=b\\"] {
            assert!(NameRule::parse(rule).is_err(), "{rule}");
        }
        assert!(NameRule::name("", "b").is_err());
    }

    #[test]
    fn literal_rules_are_literal() {
        let rule = NameRule::name("a*", "b=").unwrap();
        assert_eq!(rule.apply(b"a*").as_deref(), Some(&b"b="[..]));
        assert_eq!(rule.apply(b"ab"), None);
        assert_eq!(NameRule::parse(rule.text()).unwrap(), rule);
        let rule = NameRule::prefix("", "scope/");
        assert_eq!(rule.apply(b"x").as_deref(), Some(&b"scope/x"[..]));
        assert_eq!(NameRule::prefix("x", "").apply(b"xy").as_deref(), Some(&b"y"[..]));
        assert_eq!(NameRule::parse(rule.text()).unwrap(), rule);
    }
}
