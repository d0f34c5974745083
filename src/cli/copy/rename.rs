//! New names for old.

use std::os::unix::ffi::OsStringExt;

use clap::builder::{OsStringValueParser, TypedValueParser};

/// A rule `FROM=TO`: names that are `FROM` become `TO`. A `*` in `FROM` stands for
/// any run of bytes, and in `TO` for what that was.
#[derive(Clone, Debug)]
pub struct Rule {
    text: String,
    from: Side,
    to: Side,
}

/// What stands before the `*`, and behind it if there is one.
#[derive(Clone, Debug, Default)]
struct Side {
    before: Vec<u8>,
    behind: Option<Vec<u8>>,
}

impl Rule {
    fn new(text: &[u8]) -> Result<Self, String> {
        let (from, to) = take_side(text, true)?;
        let to = to.ok_or("there is no '='; a rule is 'FROM=TO'")?;
        let (to, _) = take_side(to, false)?;
        if from.is_empty() || to.is_empty() {
            return Err("a tensor needs a name".into());
        }
        if to.behind.is_some() && from.behind.is_none() {
            return Err("there is a '*' in TO, but none in FROM".into());
        }
        Ok(Self { text: String::from_utf8_lossy(text).into_owned(), from, to })
    }

    /// How an argument becomes one.
    pub fn parser() -> impl TypedValueParser<Value = Self> {
        OsStringValueParser::new().try_map(|rule| Self::new(&rule.into_vec()))
    }

    /// The rule as it was given.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The new name of `name`; `None` where the rule is not about it.
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
    fn is_empty(&self) -> bool {
        self.before.is_empty() && self.behind.is_none()
    }
}

/// Takes a side of a rule, up to a `=` if there may be one; with it comes what
/// is behind the `=`. A `\` takes the meaning from what follows.
fn take_side(text: &[u8], ends: bool) -> Result<(Side, Option<&[u8]>), String> {
    let mut side = Side::default();
    let mut rest = text;
    while let Some((&byte, mut tail)) = rest.split_first() {
        let mut literal = byte;
        match byte {
            b'=' if ends => return Ok((side, Some(tail))),
            b'*' if side.behind.is_some() => return Err("more than one '*'".into()),
            b'*' => {
                side.behind = Some(Vec::new());
                rest = tail;
                continue;
            }
            b'\\' => {
                (literal, tail) =
                    tail.split_first().map(|(&b, t)| (b, t)).ok_or("it ends with a lone '\\'")?
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
        let new = Rule::new(rule.as_bytes()).unwrap().apply(name.as_bytes())?;
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
            assert!(Rule::new(rule.as_bytes()).is_err(), "{rule}");
        }
    }
}
