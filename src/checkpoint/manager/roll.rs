//! The roll of the checkpoints that a manager keeps, from and to the state file.

use std::path::{Path, PathBuf};

use crate::checkpoint::State;
use crate::checkpoint::files::{files_of, form_of};
use crate::checkpoint::recorded::{locate_recorded, record};
use crate::error::Result;
use crate::storage::Storage;

/// How far before now the last preserved checkpoint of a new directory is said to
/// have been: so that one saved within the tick of the clock comes after it.
const HEAD_START: f64 = 1.0;

/// A checkpoint that is kept until there are too many.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Kept {
    pub(super) prefix: PathBuf,
    /// When it was saved, in seconds since the epoch.
    pub(super) timestamp: f64,
}

/// What a manager knows of its directory.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Roll {
    pub(super) latest: Option<PathBuf>,
    /// From the oldest to the newest.
    pub(super) kept: Vec<Kept>,
    /// When the last checkpoint was saved that stays for good.
    pub(super) last_preserved: f64,
}

impl Roll {
    /// That of a directory without a state file.
    pub(super) fn new(now: f64) -> Self {
        Self { latest: None, kept: Vec::new(), last_preserved: now - HEAD_START }
    }

    /// That of a directory with this state file.
    ///
    /// No checkpoint counts that may have been let go of before: one whose time is
    /// not after that of the last preserved, or is not known. Nor does one of which
    /// not a file is left. What is left of a removal that broke off does count, and
    /// so will be removed.
    pub(super) fn recover(
        storage: &dyn Storage,
        dir: &Path,
        state: &State,
        now: f64,
    ) -> Result<Self> {
        let locate = |recorded: &Path| -> Result<PathBuf> {
            let found = locate_recorded(storage, dir, recorded)?;
            Ok(found.unwrap_or_else(|| dir.join(record(dir, recorded))))
        };
        // A clock that was set back must not make old checkpoints look new.
        let last_preserved = state.last_preserved_timestamp.min(now);
        let mut roll = Self {
            latest: Some(locate(&state.model_checkpoint_path)?),
            kept: Vec::new(),
            last_preserved,
        };
        let timestamps = &state.all_model_checkpoint_timestamps;
        for (recorded, timestamp) in state.all_model_checkpoint_paths.iter().zip(timestamps) {
            if timestamp.is_nan() || timestamp.min(now) <= last_preserved {
                continue;
            }
            let prefix = locate(recorded)?;
            if form_of(storage, &prefix)?.is_some() || !files_of(storage, &prefix)?.is_empty() {
                roll.insert(prefix, timestamp.min(now));
            }
        }
        Ok(roll)
    }

    /// Takes up a checkpoint as the newest. It is on the roll once.
    fn insert(&mut self, prefix: PathBuf, timestamp: f64) {
        self.kept.retain(|kept| kept.prefix != prefix);
        self.kept.push(Kept { prefix, timestamp });
    }

    /// Takes up a checkpoint that was just saved.
    pub(super) fn add_latest(&mut self, prefix: PathBuf, timestamp: f64) {
        self.latest = Some(prefix.clone());
        self.insert(prefix, timestamp);
    }

    /// Takes the oldest off until there are `max_to_keep`, and returns those that
    /// are to be removed; one of every so many hours is not, and stays for good.
    pub(super) fn sweep(&mut self, max_to_keep: Option<usize>, hours: Option<f64>) -> Vec<Kept> {
        let excess = max_to_keep.map_or(0, |max| self.kept.len().saturating_sub(max));
        let oldest: Vec<Kept> = self.kept.drain(..excess).collect();
        oldest.into_iter().filter(|kept| !self.preserves(kept, hours)).collect()
    }

    fn preserves(&mut self, kept: &Kept, hours: Option<f64>) -> bool {
        let Some(hours) = hours.filter(|&hours| hours > 0.0) else { return false };
        let preserves = kept.timestamp - hours * 3600.0 >= self.last_preserved;
        if preserves {
            self.last_preserved = kept.timestamp;
        }
        preserves
    }

    /// Puts back what could not be removed, to be tried again.
    pub(super) fn put_back(&mut self, mut kept: Vec<Kept>) {
        kept.append(&mut self.kept);
        self.kept = kept;
    }

    pub(super) fn state(&self, dir: &Path) -> State {
        let recorded = |prefix: &PathBuf| record(dir, prefix);
        State {
            model_checkpoint_path: self.latest.as_ref().map(recorded).unwrap_or_default(),
            all_model_checkpoint_paths: self.kept.iter().map(|k| recorded(&k.prefix)).collect(),
            all_model_checkpoint_timestamps: self.kept.iter().map(|k| k.timestamp).collect(),
            last_preserved_timestamp: self.last_preserved,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn roll(times: &[f64]) -> Roll {
        let kept = times
            .iter()
            .map(|&timestamp| Kept { prefix: format!("c-{timestamp}").into(), timestamp });
        Roll { latest: None, kept: kept.collect(), last_preserved: 0.0 }
    }

    fn times(kept: &[Kept]) -> Vec<f64> {
        kept.iter().map(|kept| kept.timestamp).collect()
    }

    #[test]
    fn the_oldest_go_first() {
        let mut roll = roll(&[1.0, 2.0, 3.0, 4.0]);
        assert_eq!(times(&roll.sweep(None, None)), []);
        assert_eq!(times(&roll.sweep(Some(3), None)), [1.0]);
        assert_eq!(times(&roll.sweep(Some(1), Some(0.0))), [2.0, 3.0]);
        assert_eq!(times(&roll.kept), [4.0]);
    }

    #[test]
    fn one_of_every_so_many_hours_stays() {
        let hour = 3600.0;
        let mut roll = roll(&[1.0, hour, 1.5 * hour, 2.0 * hour, 3.5 * hour, 9.0 * hour]);
        assert_eq!(times(&roll.sweep(Some(1), Some(1.0))), [1.0, 1.5 * hour]);
        assert_eq!(roll.last_preserved, 3.5 * hour);
    }

    #[test]
    fn a_checkpoint_is_on_the_roll_once() {
        let mut roll = roll(&[1.0, 2.0]);
        roll.add_latest("c-1".into(), 3.0);
        assert_eq!(times(&roll.kept), [2.0, 3.0]);
        assert_eq!(roll.latest.as_deref(), Some(Path::new("c-1")));
    }
}
