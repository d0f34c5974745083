//! What is measured: a bundle of so many tensors of four bytes, written, listed, read and
//! merged.

use std::io;
use std::path::{Path, PathBuf};

use tfckpt::bundle::{
    MergeOptions, ReadOptions, ReadRequest, Reader, Transfer, Writer, WriterOptions, merge,
};
use tfckpt::tensor::{DType, Shape};

use crate::cost::{self, Cost};
use crate::options::Cell;

#[derive(Clone, Copy, PartialEq)]
pub enum Work {
    Write,
    List,
    Read,
    Merge,
}

impl Work {
    /// In the order in which they need each other's files.
    pub const ALL: [Self; 4] = [Self::Write, Self::List, Self::Read, Self::Merge];

    pub fn name(self) -> &'static str {
        match self {
            Self::Write => "write",
            Self::List => "open, list",
            Self::Read => "read all at once",
            Self::Merge => "merge of 10",
        }
    }

    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|work| work.name() == name)
    }
}

/// As many bundles as are merged.
const SOURCES: u64 = 10;

pub fn measure(cell: &Cell) -> io::Result<Cost> {
    let prefix = cell.dir.join("model");
    match cell.work {
        Work::Write => {
            cost::of(|| remove(&cell.dir), || write(&prefix, "encoder", cell.entries, cell.shards))
        }
        Work::List => cost::of(|| Ok(()), || list(&prefix, cell.entries)),
        Work::Read => read(&prefix, cell.entries),
        Work::Merge => merge_all(cell),
    }
}

fn name(group: &str, i: u64) -> String {
    format!("{group}/block_{:05}/kernel_{:03}", i / 1000, i % 1000)
}

/// Everything in the directory.
fn remove(dir: &Path) -> io::Result<()> {
    for file in std::fs::read_dir(dir)? {
        std::fs::remove_file(file?.path())?;
    }
    Ok(())
}

fn write(prefix: &Path, group: &str, entries: u64, shards: u32) -> io::Result<()> {
    let options = WriterOptions { num_shards: shards, sync: false, ..WriterOptions::default() };
    let mut writer = Writer::create_with(prefix, options).map_err(io::Error::other)?;
    let shape = Shape::new([1]).map_err(io::Error::other)?;
    for i in 0..entries {
        let value = (i as u32).to_ne_bytes();
        writer.add(name(group, i), DType::FLOAT, &shape, &value).map_err(io::Error::other)?;
    }
    writer.finish().map_err(io::Error::other)
}

fn list(prefix: &Path, entries: u64) -> io::Result<()> {
    let reader = Reader::open(prefix).map_err(io::Error::other)?;
    let mut count = 0;
    for tensor in reader.tensors() {
        let tensor = tensor.map_err(io::Error::other)?;
        count += tensor.entry.shape.num_elements();
    }
    expect(count == entries, "the entries of a listing")
}

/// The requests are the caller's, and made before.
fn read(prefix: &Path, entries: u64) -> io::Result<Cost> {
    let names: Vec<String> = (0..entries).map(|i| name("encoder", i)).collect();
    let mut values = vec![1u8; names.len() * 4];
    let cost = {
        let mut requests: Vec<_> = names
            .iter()
            .zip(values.chunks_exact_mut(4))
            .map(|(name, dst)| ReadRequest {
                name: name.as_bytes(),
                slice: None,
                dst,
                dst_strides: None,
            })
            .collect();
        let read = || {
            let reader = Reader::open(prefix).map_err(io::Error::other)?;
            reader.read_many(&mut requests, &ReadOptions::default()).map_err(io::Error::other)
        };
        cost::of(|| Ok(()), read)?
    };
    let as_written = |(i, value): (usize, &[u8])| value == (i as u32).to_ne_bytes();
    expect(values.chunks_exact(4).enumerate().all(as_written), "the values read")?;
    Ok(cost)
}

/// Of bundles that have the entries between them, and as many shards each.
fn merge_all(cell: &Cell) -> io::Result<Cost> {
    let dir = |name: String| cell.dir.join(name);
    let sources: Vec<PathBuf> = (0..SOURCES).map(|i| dir(format!("source_{i}"))).collect();
    for (i, source) in sources.iter().enumerate() {
        write(source, &format!("worker_{i}"), cell.entries / SOURCES, cell.shards)?;
    }
    let merged = dir("merged/model".into());
    let options = MergeOptions { transfer: Transfer::Link, sync: false, ..MergeOptions::default() };
    let cost = cost::of(
        || remove_merged(&merged),
        || merge(&merged, &sources, &options).map_err(io::Error::other),
    )?;
    list(&merged, cell.entries)?;
    Ok(cost)
}

fn remove_merged(prefix: &Path) -> io::Result<()> {
    let dir = prefix.parent().unwrap_or(prefix);
    std::fs::create_dir_all(dir)?;
    remove(dir)
}

fn expect(right: bool, what: &str) -> io::Result<()> {
    if right { Ok(()) } else { Err(io::Error::other(format!("{what} are wrong"))) }
}
