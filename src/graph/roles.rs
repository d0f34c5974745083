//! What ops are to savers, to copies and to training: all that has to be known of
//! an op once its node has been read.

/// What an op may be, a bit each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Roles(u16);

impl Roles {
    pub(super) const NONE: Self = Self(0);
    /// Writes, reads and joins checkpoint files.
    pub(super) const SAVE: Self = Self(1);
    pub(super) const RESTORE: Self = Self(1 << 1);
    pub(super) const MERGE: Self = Self(1 << 2);
    /// What a saver is known by: any of these.
    pub(super) const SEED: Self = Self(0b111);
    /// Gives a saver the names of files and tensors.
    pub(super) const NAMES: Self = Self(1 << 3);
    /// Reads a variable for a saver.
    pub(super) const READS: Self = Self(1 << 4);
    /// Does something with what a saver has read or written.
    pub(super) const FOLLOWS: Self = Self(1 << 5);
    /// Notes that a variable is going to be read; and reads it.
    pub(super) const NOTE: Self = Self(1 << 6);
    pub(super) const READ_VARIABLE: Self = Self(1 << 7);
    /// Is run for its effect on a variable, or to run others.
    pub(super) const EFFECT: Self = Self(1 << 8);
    /// Is the step of an optimizer.
    pub(super) const UPDATE: Self = Self(1 << 9);
    /// Names its slices one by one, before what it saves.
    const OLD_SAVE: Self = Self(1 << 10);

    pub(super) fn of(op: &[u8]) -> Self {
        let mut roles = known(op);
        if writes(op) {
            roles = roles.and(Self::EFFECT);
        }
        if is_update(op) {
            roles = roles.and(Self::UPDATE);
        }
        roles
    }

    /// Whether it is any of `wanted`.
    pub(super) fn are(self, wanted: Self) -> bool {
        self.0 & wanted.0 != 0
    }

    const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// How many inputs come before the tensors that it saves.
    pub(super) fn leading_inputs(self) -> usize {
        match (self.are(Self::SAVE), self.are(Self::OLD_SAVE)) {
            (true, true) => 2,
            (true, false) => 3,
            (false, _) => usize::MAX,
        }
    }
}

fn known(op: &[u8]) -> Roles {
    use Roles as R;
    // What reads and writes files is part of what comes before it and after it.
    const FILES: Roles = R::NAMES.and(R::FOLLOWS);
    match op {
        b"Save" => R::SAVE.and(R::OLD_SAVE).and(FILES),
        b"SaveSlices" | b"SaveV2" => R::SAVE.and(FILES),
        b"Restore" | b"RestoreSlice" | b"RestoreV2" => R::RESTORE.and(FILES),
        b"MergeV2Checkpoints" => R::MERGE.and(FILES),
        b"Identity" => R::NAMES.and(R::READS).and(R::FOLLOWS),
        b"ExpandDims" | b"Pack" | b"ShardedFilespec" => R::NAMES.and(R::FOLLOWS),
        b"Const"
        | b"Placeholder"
        | b"PlaceholderWithDefault"
        | b"RegexFullMatch"
        | b"Select"
        | b"SelectV2"
        | b"ShardedFilename"
        | b"StaticRegexFullMatch"
        | b"StringJoin" => R::NAMES,
        b"ReadVariableOp" => R::READS.and(R::READ_VARIABLE),
        b"DisableCopyOnRead" => R::NOTE,
        b"Assign" | b"AssignVariableOp" | b"Cast" | b"Reshape" => R::FOLLOWS,
        b"NoOp" => R::FOLLOWS.and(R::EFFECT),
        _ => R::NONE,
    }
}

/// Whether an op changes a variable.
fn writes(op: &[u8]) -> bool {
    let has = |part: &[u8]| op.windows(part.len()).any(|window| window == part);
    has(b"Assign")
        || is_update(op)
        || (has(b"Scatter") && !op.starts_with(b"ScatterNd"))
        || matches!(op, b"ScatterNdUpdate" | b"ScatterNdAdd" | b"ScatterNdSub")
}

/// Whether an op is the step of an optimizer.
fn is_update(op: &[u8]) -> bool {
    ["Apply", "ResourceApply", "SparseApply", "ResourceSparseApply"]
        .iter()
        .any(|prefix| op.starts_with(prefix.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ops_are_what_they_are_for() {
        let are = |op: &str, roles| Roles::of(op.as_bytes()).are(roles);
        assert!(are("SaveV2", Roles::SEED) && are("SaveV2", Roles::FOLLOWS));
        assert!(are("AssignVariableOp", Roles::EFFECT) && are("Assign", Roles::FOLLOWS));
        assert!(are("ResourceApplyAdam", Roles::UPDATE) && are("ResourceApplyAdam", Roles::EFFECT));
        assert!(are("ScatterNdAdd", Roles::EFFECT) && !are("ScatterNd", Roles::EFFECT));
        assert_eq!(Roles::of(b"MatMul"), Roles::NONE);
        let leading = ["Save", "SaveSlices", "SaveV2", "RestoreV2"]
            .map(|op| Roles::of(op.as_bytes()).leading_inputs());
        assert_eq!(leading, [2, 3, 3, usize::MAX]);
    }
}
