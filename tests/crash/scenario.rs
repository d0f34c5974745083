//! The operations that are cut off: what was there before, what is done, and what must be
//! there at every instant.

use std::path::Path;
use std::sync::Arc;

use tfckpt::Result;
use tfckpt::bundle::{MergeOptions, Transfer, WriteOptions, WriteRequest, Writer, WriterOptions};
use tfckpt::checkpoint::object_graph::ObjectGraphBuilder;
use tfckpt::checkpoint::{
    self, CopyData, CopyOptions, Manager, ManagerOptions, NameRule, RepairOptions, State,
    StateOptions,
};
use tfckpt::graph::{StripOptions, strip};
use tfckpt::storage::Storage;
use tfckpt::tensor::{DType, Shape, Slice, Strings};

use super::support::data_dir;

pub type Disk = Arc<dyn Storage>;

pub struct Scenario {
    pub name: &'static str,
    pub prepare: fn(&Disk, &Path),
    pub act: fn(&Disk, &Path) -> Result<()>,
    /// Groups of prefixes; all of at least one group are whole at every instant.
    pub whole: &'static [&'static [&'static str]],
    /// Files that are always there.
    pub there: &'static [&'static str],
    /// Whether the latest checkpoint of the directory can be told at every instant.
    pub latest: bool,
}

pub fn all() -> Vec<Scenario> {
    let mut all = saves();
    all.extend(merges());
    all.extend(others());
    all
}

/// Those in which helper threads do a part of the work.
pub fn threaded() -> Vec<Scenario> {
    let save = Scenario {
        name: "save on threads",
        prepare: |disk, root| {
            old(disk, &root.join("ckpt-1"), 1);
            state(disk, root, "ckpt-1");
        },
        act: |disk, root| large(disk, &root.join("ckpt-2"), false, 3),
        whole: &[&["ckpt-1"]],
        there: &["checkpoint"],
        latest: true,
    };
    let copied = Scenario {
        name: "copy on threads",
        prepare: |disk, root| {
            large(disk, &root.join("in/a"), false, 1).unwrap();
            one_tensor(disk, &root.join("in/b"), "y", 1);
        },
        act: |disk, root| {
            let options = CopyOptions {
                storage: disk.clone(),
                num_shards: Some(2),
                threads: 3,
                max_in_flight: IN_FLIGHT,
                ..CopyOptions::default()
            };
            checkpoint::copy(root.join("out/ckpt"), root.join("in/a"), &options)
        },
        whole: &[&["in/a", "in/b"]],
        there: &[],
        latest: false,
    };
    vec![
        Scenario {
            name: "merge on threads",
            act: |disk, root| {
                let options = MergeOptions {
                    storage: disk.clone(),
                    transfer: Transfer::Copy,
                    threads: 3,
                    max_in_flight: IN_FLIGHT,
                    ..MergeOptions::default()
                };
                let sources = ["in/a", "in/b"].map(|source| root.join(source));
                checkpoint::merge(root.join("out/ckpt"), &sources, &options)
            },
            ..copied
        },
        Scenario {
            name: "replacing save on threads",
            prepare: |disk, root| old(disk, &root.join("ckpt"), 2),
            act: |disk, root| large(disk, &root.join("ckpt"), true, 3),
            whole: &[&["ckpt"]],
            there: &[],
            ..save
        },
        save,
        copied,
    ]
}

/// A save that promises nothing, for it does not wait for the disk.
pub fn unsynced() -> Scenario {
    Scenario {
        name: "save without sync",
        prepare: |_, _| {},
        act: |disk, root| {
            let options = WriterOptions { sync: false, ..writer_options(disk, 2, false) };
            let mut writer = Writer::create_with(root.join("ckpt"), options)?;
            fill(&mut writer, 1)?;
            writer.finish()
        },
        whole: &[],
        there: &[],
        latest: false,
    }
}

fn saves() -> Vec<Scenario> {
    let first = Scenario {
        name: "first save",
        prepare: |_, _| {},
        act: |disk, root| save(disk, &root.join("new/deep/ckpt"), 3, false),
        whole: &[],
        there: &[],
        latest: false,
    };
    let replacing = Scenario {
        name: "replacing save",
        prepare: |disk, root| old(disk, &root.join("ckpt"), 2),
        act: |disk, root| save(disk, &root.join("ckpt"), 2, true),
        whole: &[&["ckpt"]],
        there: &[],
        latest: true,
    };
    let managed = Scenario {
        name: "manager's save and sweep",
        prepare: prepare_managed,
        act: |disk, root| managed_save(disk, root, 3, false),
        whole: &[&["ckpt-2"]],
        there: &["checkpoint"],
        latest: true,
    };
    vec![
        Scenario {
            name: "save beside another",
            prepare: |disk, root| {
                old(disk, &root.join("ckpt-1"), 1);
                state(disk, root, "ckpt-1");
            },
            act: |disk, root| save(disk, &root.join("ckpt-2"), 3, false),
            whole: &[&["ckpt-1"]],
            there: &["checkpoint"],
            latest: true,
        },
        Scenario {
            name: "save beside data files without an index",
            prepare: |disk, root| {
                old(disk, &root.join("ckpt"), 2);
                disk.remove(&root.join("ckpt.index")).unwrap();
            },
            act: |disk, root| save(disk, &root.join("ckpt"), 2, false),
            ..first
        },
        Scenario {
            name: "replacing save into fewer shards",
            prepare: |disk, root| old(disk, &root.join("ckpt"), 3),
            act: |disk, root| save(disk, &root.join("ckpt"), 1, true),
            ..replacing
        },
        Scenario {
            name: "replacing save in the order of the names",
            act: |disk, root| save_in_order(disk, &root.join("ckpt"), &["a", "b", "d"]),
            ..replacing
        },
        Scenario {
            name: "replacing save of which one name comes late",
            act: |disk, root| save_in_order(disk, &root.join("ckpt"), &["a", "b", "d", "c"]),
            ..replacing
        },
        Scenario {
            name: "manager's save in the place of another",
            act: |disk, root| managed_save(disk, root, 2, true),
            whole: &[&["ckpt-1", "ckpt-2"]],
            ..managed
        },
        first,
        replacing,
        managed,
    ]
}

fn merges() -> Vec<Scenario> {
    let merged = Scenario {
        name: "merge by copy",
        prepare: |disk, root| {
            old(disk, &root.join("in/a"), 2);
            one_tensor(disk, &root.join("in/b"), "y", 1);
        },
        act: |disk, root| merge(disk, root, Transfer::Copy),
        whole: &[&["in/a", "in/b"]],
        there: &[],
        latest: false,
    };
    const EITHER: &[&[&str]] = &[&["in/a", "in/b"], &["out/deep/ckpt"]];
    vec![
        Scenario {
            name: "merge by link",
            act: |disk, root| merge(disk, root, Transfer::Link),
            ..merged
        },
        Scenario {
            name: "merge by move",
            act: |disk, root| merge(disk, root, Transfer::Move),
            whole: EITHER,
            ..merged
        },
        Scenario {
            name: "merge of object graphs by move",
            prepare: prepare_graphs,
            act: |disk, root| merge(disk, root, Transfer::Move),
            whole: EITHER,
            ..merged
        },
        merged,
    ]
}

fn others() -> Vec<Scenario> {
    let copied = Scenario {
        name: "copy",
        prepare: prepare_graphs,
        act: |disk, root| copy(disk, root, "out/deep/ckpt", CopyData::Rewrite, false),
        whole: &[&["in/a", "in/b"]],
        there: &[],
        latest: false,
    };
    let in_place = |disk: &Disk, root: &Path| {
        prepare_graphs(disk, root);
        old(disk, &root.join("ckpt"), 1);
    };
    const BOTH: &[&[&str]] = &[&["in/a", "ckpt"]];
    vec![
        Scenario {
            name: "copy by link",
            act: |disk, root| copy(disk, root, "out/ckpt", CopyData::Link, false),
            ..copied
        },
        Scenario {
            name: "replacing copy",
            prepare: in_place,
            act: |disk, root| copy(disk, root, "ckpt", CopyData::Rewrite, true),
            whole: BOTH,
            ..copied
        },
        Scenario {
            name: "replacing copy by link",
            prepare: |disk, root| {
                prepare_graphs(disk, root);
                // As many data files as the copy has, one of which is made.
                old(disk, &root.join("ckpt"), 2);
            },
            act: |disk, root| copy(disk, root, "ckpt", CopyData::Link, true),
            whole: BOTH,
            ..copied
        },
        Scenario {
            name: "strip in place",
            prepare: |disk, root| {
                let graph = std::fs::read(data_dir(GRAPH)).unwrap();
                put(disk, &root.join("model.meta"), &graph);
            },
            act: |disk, root| {
                let meta = root.join("model.meta");
                let options =
                    StripOptions { storage: disk.clone(), replace: true, ..Default::default() };
                strip(&meta, &meta, &options).map(drop)
            },
            whole: &[],
            there: &["model.meta"],
            latest: false,
        },
        Scenario {
            name: "repair of the state file",
            prepare: |disk, root| {
                old(disk, &root.join("ckpt-1"), 1);
                old(disk, &root.join("ckpt-2"), 1);
                put(disk, &root.join("checkpoint"), b"model_checkpoint_path: \"ckpt-");
            },
            act: |disk, root| {
                let state = StateOptions { storage: disk.clone(), ..Default::default() };
                let options = RepairOptions { state, ..Default::default() };
                checkpoint::repair(root, &options).map(drop)
            },
            whole: &[&["ckpt-1", "ckpt-2"]],
            there: &["checkpoint"],
            latest: true,
        },
        copied,
    ]
}

const GRAPH: &str = "golden/meta_growth/new_saver/model.ckpt-1.meta";

fn put(disk: &Disk, path: &Path, bytes: &[u8]) {
    disk.create(path).unwrap().write_all_at(bytes, 0).unwrap();
}

fn writer_options(disk: &Disk, num_shards: u32, replace: bool) -> WriterOptions {
    WriterOptions { storage: disk.clone(), num_shards, replace, ..Default::default() }
}

/// A checkpoint of all kinds of values.
fn save(disk: &Disk, prefix: &Path, num_shards: u32, replace: bool) -> Result<()> {
    let mut writer = Writer::create_with(prefix, writer_options(disk, num_shards, replace))?;
    fill(&mut writer, 1)?;
    writer.finish()
}

/// The checkpoint that was there before.
fn old(disk: &Disk, prefix: &Path, num_shards: u32) {
    let mut writer = Writer::create_with(prefix, writer_options(disk, num_shards, false)).unwrap();
    fill(&mut writer, 9).unwrap();
    writer.finish().unwrap();
}

/// Values that tell which save they are of.
pub fn fill(writer: &mut Writer, seed: u8) -> Result<()> {
    let shape = |dims: &[i64]| Shape::new(dims).unwrap();
    let rows = |spec: &str| spec.parse::<Slice>().unwrap();
    let words: Strings = ["", "a", &format!("word {seed}")].into_iter().collect();
    writer.add("x", DType::UINT8, &shape(&[2]), &[seed, 1])?;
    writer.add_strings("s", &shape(&[3]), &words)?;
    writer.add_slice("p", DType::UINT8, &shape(&[2, 2]), &rows("0,1:-"), &[seed; 2])?;
    let mut large = writer.begin("large", DType::UINT8, &shape(&[3000]))?;
    large.write(&[seed; 1000])?;
    large.write(&[seed.wrapping_add(1); 2000])?;
    large.finish()?;
    writer.add_slice("p", DType::UINT8, &shape(&[2, 2]), &rows("1,1:-"), &[seed; 2])
}

/// The index is made while the names rise, and from all of them where one does not.
fn save_in_order(disk: &Disk, prefix: &Path, names: &[&str]) -> Result<()> {
    let mut writer = Writer::create_with(prefix, writer_options(disk, 2, true))?;
    for name in names {
        writer.add(name, DType::UINT8, &Shape::new([2]).unwrap(), &[7, 1])?;
    }
    writer.finish()
}

/// So little that there are many pieces.
const IN_FLIGHT: usize = 768 << 10;

/// As many bytes as it takes for them to be shared among threads.
fn large(disk: &Disk, prefix: &Path, replace: bool, threads: usize) -> Result<()> {
    let data = vec![5; 256 << 10];
    let request = |name| WriteRequest {
        name,
        dtype: DType::UINT8,
        shape: Shape::new([data.len() as i64]).unwrap(),
        slice: None,
        data: &data,
    };
    let names: [&[u8]; 9] = [b"a", b"b", b"c", b"d", b"e", b"f", b"g", b"h", b"i"];
    let options = WriteOptions { threads, max_in_flight: IN_FLIGHT, ..Default::default() };
    let mut writer = Writer::create_with(prefix, writer_options(disk, 2, replace))?;
    writer.add_many(&names.map(request), &options)?;
    writer.finish()
}

fn one_tensor(disk: &Disk, prefix: &Path, name: &str, num_shards: u32) {
    let mut writer = Writer::create_with(prefix, writer_options(disk, num_shards, false)).unwrap();
    writer.add(name, DType::UINT8, &Shape::new([2]).unwrap(), &[7, 8]).unwrap();
    writer.finish().unwrap();
}

fn state(disk: &Disk, dir: &Path, latest: &str) {
    let state = State {
        model_checkpoint_path: latest.into(),
        all_model_checkpoint_paths: vec![latest.into()],
        ..State::default()
    };
    state.write(disk, &dir.join("checkpoint"), true).unwrap();
}

fn manager(disk: &Disk, dir: &Path, replace: bool) -> Result<Manager> {
    let writer = writer_options(disk, 2, replace);
    let options = ManagerOptions { max_to_keep: Some(2), writer, ..Default::default() };
    Manager::open_with(dir, options)
}

fn prepare_managed(disk: &Disk, root: &Path) {
    let manager = manager(disk, root, false).unwrap();
    for step in 1..=2 {
        let mut save = manager.save_step(step).unwrap();
        fill(&mut save, 10 + step as u8).unwrap();
        save.finish().unwrap();
    }
}

fn managed_save(disk: &Disk, root: &Path, step: u64, replace: bool) -> Result<()> {
    let mut save = manager(disk, root, replace)?.save_step(step)?;
    fill(&mut save, 30)?;
    let saved = save.finish()?;
    match saved.removal_problems.into_iter().next() {
        Some(problem) => Err(problem),
        None => Ok(()),
    }
}

/// Two checkpoints of objects.
fn prepare_graphs(disk: &Disk, root: &Path) {
    for (prefix, variable) in [("in/a", "v"), ("in/b", "w")] {
        let prefix = root.join(prefix);
        let mut writer = Writer::create_with(prefix, writer_options(disk, 1, false)).unwrap();
        let mut builder = ObjectGraphBuilder::new();
        let node = builder.add_variable(ObjectGraphBuilder::ROOT, variable, "").unwrap();
        let graph = builder.build().unwrap();
        let name = graph.variable_key(node).unwrap();
        writer.add(name, DType::UINT8, &Shape::new([2]).unwrap(), &[1, 2]).unwrap();
        graph.write_to(&mut writer).unwrap();
        writer.finish().unwrap();
    }
}

fn merge(disk: &Disk, root: &Path, transfer: Transfer) -> Result<()> {
    let options = MergeOptions { storage: disk.clone(), transfer, ..Default::default() };
    let sources = ["in/a", "in/b"].map(|source| root.join(source));
    checkpoint::merge(root.join("out/deep/ckpt"), &sources, &options)
}

fn copy(disk: &Disk, root: &Path, dst: &str, data: CopyData, replace: bool) -> Result<()> {
    let options = CopyOptions {
        storage: disk.clone(),
        renames: vec![NameRule::prefix("v", "u")],
        data,
        replace,
        ..CopyOptions::default()
    };
    checkpoint::copy(root.join(dst), root.join("in/a"), &options)
}
