//! Why one graph is larger than another.
//!
//! Nodes are told apart by name; one that both have differs if its op, inputs or
//! attributes do. What came on top or went away is put together as people think of
//! it: savers, nodes that repeat others, the nodes of a scope, functions, collections.

use std::collections::BTreeSet;
use std::collections::hash_map::RandomState;
use std::fmt;

use super::change::{Change, ChangeKind, Changes, Subject, counted, more_or_less};
use super::meta::MetaGraph;
use super::side::Side;
use super::summary::{Constants, Summary};
use crate::error::Result;

/// From so many bytes on a constant is worth a name.
const LARGE: u64 = 1024;

/// What is different between two graphs. Shown as text, it explains in a line each
/// what made the second larger or smaller.
#[derive(Clone, Debug)]
pub struct Diff {
    /// What is in the first.
    pub before: Summary,
    /// What is in the second.
    pub after: Summary,
    /// What came on top, went away or is different, what weighs most first.
    pub changes: Vec<Change>,
    /// The constants of the second that the first has not got, or has with another
    /// value; functions left out.
    pub constants: Constants,
}

impl Diff {
    /// By how many bytes the second is larger, or smaller.
    pub fn growth(&self) -> i64 {
        self.after.bytes as i64 - self.before.bytes as i64
    }
}

impl fmt::Display for Diff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = |summary: &Summary| counted(summary.bytes, "byte");
        let (before, after) = (bytes(&self.before), bytes(&self.after));
        writeln!(f, "{}: {before} became {after}", more_or_less(self.growth()))?;
        for change in &self.changes {
            writeln!(f, "{change}")?;
        }
        for (name, bytes) in self.constants.largest.iter().filter(|(_, bytes)| *bytes >= LARGE) {
            writeln!(f, "a large constant of the second: {name}, {}", counted(*bytes, "byte"))?;
        }
        let dead = || self.after.savers.iter().filter(|saver| saver.is_dead());
        if dead().next().is_some() {
            let bytes = dead().map(|saver| saver.bytes).sum();
            let (savers, bytes) = (counted(dead().count() as u64, "saver"), counted(bytes, "byte"));
            writeln!(f, "nobody uses {savers} of the second: {bytes}")?;
        }
        Ok(())
    }
}

impl MetaGraph {
    /// What is different in `after`, in comparison with this graph. Reads both
    /// through, constants and all.
    ///
    /// # Errors
    /// `DataLoss`, with the byte at which it was noticed; `Io`.
    pub fn diff(&self, after: &MetaGraph) -> Result<Diff> {
        let keys = RandomState::new();
        let before = Side::read(self, &keys, ChangeKind::Removed)?;
        let after = Side::read(after, &keys, ChangeKind::Added)?;
        let mut changes = Changes::default();
        let (mut gone, mut constants) = (Constants::default(), Constants::default());
        before.compare_nodes(&after, &mut changes, &mut gone)?;
        after.compare_nodes(&before, &mut changes, &mut constants)?;
        before.compare_functions(&after, &mut changes);
        after.compare_functions(&before, &mut changes);
        compare_collections(&before, &after, &mut changes);
        compare_signatures(&before.summary, &after.summary, &mut changes);
        compare_parts(&before, &after, &mut changes);
        let changes = changes.finish();
        Ok(Diff { before: before.summary, after: after.summary, changes, constants })
    }
}

fn compare_collections(before: &Side<'_>, after: &Side<'_>, changes: &mut Changes) {
    let keys: BTreeSet<&String> =
        before.summary.collections.keys().chain(after.summary.collections.keys()).collect();
    for key in keys {
        let [old, new] = [before, after].map(|side| side.summary.collections.get(key));
        if old == new && before.parts.collections.get(key) == after.parts.collections.get(key) {
            continue;
        }
        let kind = match (old, new) {
            (None, _) => ChangeKind::Added,
            (_, None) => ChangeKind::Removed,
            _ => ChangeKind::Changed,
        };
        let [old, new] = [old, new].map(|collection| collection.cloned().unwrap_or_default());
        let change = changes.of(kind, Subject::Collection(key.clone()));
        change.items = new.values.abs_diff(old.values);
        (change.bytes_before, change.bytes_after) = (old.bytes, new.bytes);
    }
}

fn compare_signatures(before: &Summary, after: &Summary, changes: &mut Changes) {
    let keys: BTreeSet<&String> = before.signatures.keys().chain(after.signatures.keys()).collect();
    for key in keys {
        let (old, new) = (before.signatures.get(key), after.signatures.get(key));
        let kind = match (old, new) {
            (None, _) => ChangeKind::Added,
            (_, None) => ChangeKind::Removed,
            _ if old == new => continue,
            _ => ChangeKind::Changed,
        };
        let change = changes.of(kind, Subject::Signatures);
        change.items += 1;
        change.bytes_before += old.map_or(0, |signature| signature.bytes);
        change.bytes_after += new.map_or(0, |signature| signature.bytes);
        change.name(|| key.clone());
    }
}

/// Compares what is not told in detail.
fn compare_parts(before: &Side<'_>, after: &Side<'_>, changes: &mut Changes) {
    let (old, new) = (&before.summary, &after.summary);
    let parts = old.parts.iter().zip(new.parts.iter());
    for ((name, old_bytes), (_, new_bytes)) in parts {
        let differs = match name {
            "info" => old.info != new.info,
            "saver_def" => old.saver_def != new.saver_def,
            "assets" => before.parts.assets != after.parts.assets,
            "object_graph" => before.parts.object_graph != after.parts.object_graph,
            // Its bytes are mostly the lengths of the others.
            "rest" if old.versions != new.versions => true,
            _ => continue,
        };
        let kind = match (old_bytes, new_bytes) {
            (0, 1..) => ChangeKind::Added,
            (1.., 0) => ChangeKind::Removed,
            _ if old_bytes == new_bytes && !differs => continue,
            _ => ChangeKind::Changed,
        };
        let change = changes.of(kind, Subject::Part(name.to_string()));
        (change.bytes_before, change.bytes_after) = (old_bytes, new_bytes);
    }
}
