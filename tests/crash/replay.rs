//! The states in which a power cut may leave a disk.
//!
//! What was synced is there. Of the names that changed since their directory was synced any
//! may have changed on the disk and any not, whatever the order; a rename is one change. Of
//! the bytes written since their file was synced any sector may be there, be zeros or lie
//! beyond the end.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use tfckpt::storage::{MemoryStorage, Storage};

use super::recorder::{Disk, Event, Log, Node};
use super::support::random::Random;

/// What a disk writes whole or not at all.
const SECTOR: usize = 512;

/// How much is tried.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Of how many subsets of the changed names a point is tried with at most.
    pub subsets: usize,
    /// With how many fates of the bytes that were not synced each of them.
    pub fates: usize,
}

#[derive(Debug)]
struct Change<'l> {
    dir: &'l Path,
    sets: &'l [(PathBuf, Option<Node>)],
}

/// What the disk has for certain, and what it may have besides.
#[derive(Debug)]
struct Point<'l> {
    durable: Disk,
    changes: Vec<Change<'l>>,
    writes: BTreeMap<usize, Vec<(u64, &'l [u8])>>,
}

/// Calls `check` with each state, and with the number of events that had happened.
pub fn each_state(
    log: &Log,
    limits: Limits,
    random: &mut Random,
    mut check: impl FnMut(&MemoryStorage, usize),
) {
    let mut point =
        Point { durable: log.before.clone(), changes: Vec::new(), writes: BTreeMap::new() };
    for at in 0..=log.events.len() {
        let next = log.events.get(at);
        // What may be there before an event that adds something may be there after it too.
        let is_richest = matches!(next, None | Some(Event::SyncDir(_) | Event::SyncFile(_)));
        let subsets = if is_richest { limits.subsets } else { limits.subsets.div_ceil(16) };
        for subset in subsets_of(point.changes.len(), subsets, random) {
            point.each_fate(&subset, limits.fates, random, |storage| check(storage, at));
        }
        if let Some(event) = next {
            point.happen(event);
        }
    }
}

/// All subsets where they are not too many; else the telling ones and some at random.
fn subsets_of(len: usize, most: usize, random: &mut Random) -> Vec<Vec<bool>> {
    if len < usize::BITS as usize - 1 && 1 << len <= most {
        return (0..1usize << len)
            .map(|bits| (0..len).map(|at| (bits >> at) & 1 == 1).collect())
            .collect();
    }
    let mut subsets = vec![vec![true; len], vec![false; len]];
    for at in 0..len {
        subsets.push((0..len).map(|other| other != at).collect());
        subsets.push((0..len).map(|other| other == at).collect());
        subsets.push((0..len).map(|other| other < at).collect());
    }
    while subsets.len() < most {
        subsets.push((0..len).map(|_| random.chance(2)).collect());
    }
    subsets.truncate(most.max(1));
    subsets
}

impl<'l> Point<'l> {
    fn happen(&mut self, event: &'l Event) {
        match event {
            Event::Names { dir, sets } => self.changes.push(Change { dir, sets }),
            Event::Write { file, offset, data } => {
                self.writes.entry(*file).or_default().push((*offset, data));
            }
            Event::SyncFile(file) => {
                let mut bytes = self.durable_bytes(*file).to_vec();
                for (offset, data) in self.writes.remove(file).unwrap_or_default() {
                    put(&mut bytes, offset, data);
                }
                let files = &mut self.durable.files;
                files.resize(files.len().max(file + 1), Vec::new());
                files[*file] = bytes;
            }
            Event::SyncDir(dir) => {
                for change in self.changes.iter().filter(|change| change.dir == dir) {
                    apply(&mut self.durable.names, change.sets);
                }
                self.changes.retain(|change| change.dir != dir);
            }
        }
    }

    fn durable_bytes(&self, file: usize) -> &[u8] {
        self.durable.files.get(file).map_or(&[], Vec::as_slice)
    }

    /// The states with just these of the changed names.
    fn each_fate(
        &self,
        subset: &[bool],
        fates: usize,
        random: &mut Random,
        mut check: impl FnMut(&MemoryStorage),
    ) {
        let mut names = self.durable.names.clone();
        for (change, _) in self.changes.iter().zip(subset).filter(|(_, chosen)| **chosen) {
            apply(&mut names, change.sets);
        }
        let is_dirty = |node: &Node| matches!(node, Node::File(n) if self.writes.contains_key(n));
        let fates = if names.values().any(is_dirty) { fates } else { 1 };
        for fate in 0..fates {
            let bytes = |file| match (fate, self.writes.get(&file)) {
                (_, None) | (0, _) => self.durable_bytes(file).to_vec(),
                (1, Some(writes)) => self.written(file, writes, |_, _| true),
                (_, Some(writes)) => self.torn(file, writes, random),
            };
            check(&storage_of(&names, bytes));
        }
    }

    /// The file with those sectors of its writes that are `kept`.
    fn written(
        &self,
        file: usize,
        writes: &[(u64, &[u8])],
        mut kept: impl FnMut(usize, usize) -> bool,
    ) -> Vec<u8> {
        let mut bytes = self.durable_bytes(file).to_vec();
        for (number, (offset, data)) in writes.iter().enumerate() {
            for (sector, piece) in data.chunks(SECTOR).enumerate() {
                if kept(number, sector) {
                    put(&mut bytes, offset + (sector * SECTOR) as u64, piece);
                }
            }
        }
        bytes
    }

    fn torn(&self, file: usize, writes: &[(u64, &[u8])], random: &mut Random) -> Vec<u8> {
        let whole = self.written(file, writes, |_, _| true).len();
        let keep_one_in = 1 + random.below(3);
        let mut bytes = self.written(file, writes, |_, _| random.chance(keep_one_in));
        match random.below(3) {
            // The length came to the disk, the bytes did not.
            0 => bytes.resize(whole, 0),
            1 => bytes.truncate(random.below(whole + 1)),
            _ => {}
        }
        bytes
    }
}

fn apply(names: &mut BTreeMap<PathBuf, Node>, sets: &[(PathBuf, Option<Node>)]) {
    for (path, node) in sets {
        match node {
            Some(node) => names.insert(path.clone(), *node),
            None => names.remove(path),
        };
    }
}

fn put(bytes: &mut Vec<u8>, offset: u64, data: &[u8]) {
    let start = offset as usize;
    let end = start + data.len();
    bytes.resize(bytes.len().max(end), 0);
    bytes[start..end].copy_from_slice(data);
}

/// A disk that has just this: what lies in a directory that is lost is lost too.
fn storage_of(
    names: &BTreeMap<PathBuf, Node>,
    mut bytes: impl FnMut(usize) -> Vec<u8>,
) -> MemoryStorage {
    let storage = MemoryStorage::new();
    for (path, node) in names {
        if !storage.exists(path.parent().unwrap()).unwrap() {
            continue;
        }
        match node {
            Node::File(file) => storage.put(path, bytes(*file)),
            Node::Dir => storage.create_dir(path).unwrap(),
        }
    }
    storage
}
