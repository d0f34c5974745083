//! A difference between two graphs, in numbers and in words.

use std::collections::HashMap;
use std::fmt;

/// How many names a change lists.
const MAX_EXAMPLES: usize = 3;

/// Things of a kind that came on top, went away or are different.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// What became of them.
    pub kind: ChangeKind,
    /// What they are.
    pub subject: Subject,
    /// How many nodes, functions or signatures; of a collection, by how many values
    /// it is larger or smaller.
    pub items: u64,
    /// How many savers, where they are the nodes of savers.
    pub savers: u64,
    /// How many bytes they took in the first graph.
    pub bytes_before: u64,
    /// How many bytes they take in the second.
    pub bytes_after: u64,
    /// How many of these bytes are values of constants.
    pub constant_bytes: u64,
    /// The first names among them, three at most.
    pub examples: Vec<String>,
}

/// What became of something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ChangeKind {
    /// It came on top.
    Added,
    /// It went away.
    Removed,
    /// It is there in both, and different.
    Changed,
}

/// What a change is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    /// The nodes of savers.
    Savers,
    /// Nodes whose name is that of another of the same op, with a number: what an
    /// import of the graph into itself leaves, or an op made in a loop.
    Repeats,
    /// Nodes in this outermost scope.
    Scope(String),
    /// Nodes of this op that are in no scope.
    Op(String),
    /// Functions of the library.
    Functions,
    /// The values of this collection.
    Collection(String),
    /// Signatures.
    Signatures,
    /// Another part of the whole, by its name in [`PartBytes`](super::PartBytes).
    Part(String),
}

impl Change {
    pub(super) fn new(kind: ChangeKind, subject: Subject) -> Self {
        Self {
            kind,
            subject,
            items: 0,
            savers: 0,
            bytes_before: 0,
            bytes_after: 0,
            constant_bytes: 0,
            examples: Vec::new(),
        }
    }

    pub(super) fn name(&mut self, name: impl FnOnce() -> String) {
        if self.examples.len() < MAX_EXAMPLES {
            let name = name();
            if !self.examples.contains(&name) {
                self.examples.push(name);
            }
        }
    }

    /// By how many bytes the graph is larger for it, or smaller.
    pub fn growth(&self) -> i64 {
        self.bytes_after as i64 - self.bytes_before as i64
    }

    fn is_single(&self) -> bool {
        self.items == 1 || matches!(self.subject, Subject::Collection(_) | Subject::Part(_))
    }

    fn what(&self) -> String {
        let items = self.items;
        match &self.subject {
            Subject::Savers => counted(self.savers, "saver"),
            Subject::Repeats => {
                format!("{} with another's name and a number", counted(items, "node"))
            }
            Subject::Scope(scope) => format!("{} under {scope}/", counted(items, "node")),
            Subject::Op(op) => format!("{} of op {op}", counted(items, "node")),
            Subject::Functions => counted(items, "function"),
            Subject::Signatures => counted(items, "signature"),
            Subject::Collection(key) => format!("collection '{key}'"),
            Subject::Part(name) => name.clone(),
        }
    }

    fn names(&self) -> String {
        let all = match self.subject {
            Subject::Savers => self.savers,
            _ => self.items,
        };
        let more = if (self.examples.len() as u64) < all { ", …" } else { "" };
        match self.examples.is_empty() {
            true => String::new(),
            false => format!(" ({}{more})", self.examples.join(", ")),
        }
    }
}

impl fmt::Display for Change {
    /// `5 savers came on top (save_1, save_2, save_3, …): 75 nodes, 9,135 bytes`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verb = match self.kind {
            ChangeKind::Added => "came on top",
            ChangeKind::Removed => "went away",
            ChangeKind::Changed if self.is_single() => "is different",
            ChangeKind::Changed => "are different",
        };
        write!(f, "{} {verb}{}: ", self.what(), self.names())?;
        match self.subject {
            Subject::Savers => write!(f, "{}, ", counted(self.items, "node"))?,
            Subject::Collection(_) if self.growth() < 0 => {
                write!(f, "{} less, ", counted(self.items, "value"))?;
            }
            Subject::Collection(_) => write!(f, "{} more, ", counted(self.items, "value"))?,
            _ => {}
        }
        match self.kind {
            ChangeKind::Changed => f.write_str(&more_or_less(self.growth()))?,
            _ => f.write_str(&counted(self.bytes_before.max(self.bytes_after), "byte"))?,
        }
        match self.constant_bytes {
            0 => Ok(()),
            bytes => write!(f, ", {} of them constants", grouped(bytes)),
        }
    }
}

/// Changes as they are found.
#[derive(Default)]
pub(super) struct Changes(HashMap<(ChangeKind, Subject), Change>);

impl Changes {
    pub(super) fn of(&mut self, kind: ChangeKind, subject: Subject) -> &mut Change {
        let key = (kind, subject);
        self.0.entry(key).or_insert_with_key(|(kind, subject)| Change::new(*kind, subject.clone()))
    }

    pub(super) fn finish(self) -> Vec<Change> {
        let mut changes: Vec<Change> = self.0.into_values().collect();
        changes.sort_by(|a, b| {
            let weight = |change: &Change| std::cmp::Reverse(change.growth().unsigned_abs());
            (weight(a), &a.subject, a.kind).cmp(&(weight(b), &b.subject, b.kind))
        });
        changes
    }
}

/// `1 byte more`, `2 bytes less`, `no bytes more`.
pub(super) fn more_or_less(growth: i64) -> String {
    match growth {
        0 => "of the same size".to_string(),
        growth if growth < 0 => format!("{} less", counted(growth.unsigned_abs(), "byte")),
        growth => format!("{} more", counted(growth.unsigned_abs(), "byte")),
    }
}

/// `1 node`, `1,024 nodes`.
pub(super) fn counted(number: u64, what: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{} {what}{plural}", grouped(number))
}

/// A number with a comma every three digits.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() * 4 / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped() {
        for (number, text) in [(0, "0"), (999, "999"), (1000, "1,000"), (1234567, "1,234,567")] {
            assert_eq!(grouped(number), text);
        }
        assert_eq!(more_or_less(-1), "1 byte less");
    }
}
