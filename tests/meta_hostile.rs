//! Graphs that are damaged or made to harm: errors with a place, no panic, no more
//! memory than a few times the file.

#[path = "support/peak.rs"]
mod peak;
mod support;

use std::sync::Arc;

use support::data_dir;
use support::graphs::{
    bytes, constant, entry, graph, node, number, saver, saver_def, stored, variable,
};
use support::random::Random;
use tfckpt::ErrorKind;
use tfckpt::graph::{Copies, MetaFile, StripOptions, strip};
use tfckpt::storage::MemoryStorage;

#[global_allocator]
static ALLOCATOR: peak::Counting = peak::Counting;

/// What a graph may take in memory beyond its own size, many times over.
const MAX_MEMORY: usize = 4 << 20;

fn eager(storage: &MemoryStorage) -> StripOptions {
    StripOptions {
        storage: Arc::new(storage.clone()),
        copies: Copies::All,
        constants: Some(1),
        training: true,
        replace: true,
        ..StripOptions::default()
    }
}

/// Does all that can be done with a file. Whether it is sound.
fn look(content: &[u8]) -> bool {
    let storage = stored(&[content.to_vec()]);
    let other = stored(&[graph(&[constant("a", 1)])]);
    let (memory, sound) = peak::of(|| {
        let other = support::graphs::open(&other, "/model.meta").unwrap();
        let file = support::graphs::open(&storage, "/model.meta")?;
        for graph in file.graphs() {
            let summary = graph.summary()?;
            let parts: u64 = summary.parts.iter().map(|(_, bytes)| bytes).sum();
            assert_eq!(parts, summary.bytes);
            let _ = other.graphs()[0].diff(graph)?.to_string();
            let _ = graph.diff(&other.graphs()[0])?.to_string();
        }
        let stripped = strip("/model.meta", "/out.meta", &eager(&storage))?;
        let written = storage.bytes("/out.meta").unwrap();
        assert_eq!(written.len() as u64, stripped.bytes_after);
        if stripped.bytes_after > 0 {
            let out = support::graphs::open(&storage, "/out.meta")?;
            out.meta_graph()?.summary()?;
        }
        tfckpt::Result::Ok(())
    });
    assert!(memory <= MAX_MEMORY + 64 * content.len(), "{memory} bytes for {}", content.len());
    if let Err(error) = &sound {
        assert!(matches!(error.kind(), ErrorKind::DataLoss | ErrorKind::Unsupported), "{error}");
        assert!(error.file().is_some(), "{error}");
    }
    sound.is_ok()
}

fn small() -> Vec<u8> {
    let mut nodes = vec![variable("w", "w"), variable("w_1", "w"), constant("c", 1)];
    nodes.push(node("y", "MatMul", &["w", "c:1", "^c"]).beside("w"));
    nodes.extend(saver("save", "", "w"));
    nodes.extend(saver("save", "_1", "w_1"));
    let function = [bytes(1, bytes(1, "f")), bytes(3, bytes(1, "n"))].concat();
    let library = bytes(2, bytes(2, bytes(1, function)));
    let shape = bytes(3, bytes(2, number(1, 5)));
    let signature =
        entry(5, "serve", entry(1, "x", [bytes(1, "y:0"), number(2, 1), shape].concat()));
    let collection = entry(
        4,
        "variables",
        bytes(2, [bytes(1, bytes(1, "w")), bytes(1, bytes(1, "w"))].concat()),
    );
    let info = bytes(1, [bytes(2, bytes(1, "op")), bytes(4, "tag"), bytes(5, "2.21")].concat());
    [info, graph(&nodes), library, saver_def("save"), collection, signature].concat()
}

#[test]
fn cut_short_anywhere() {
    let whole = small();
    assert!(look(&whole));
    for len in 0..whole.len() {
        look(&whole[..len]);
    }
}

#[test]
fn any_byte_changed() {
    let whole = small();
    for at in 0..whole.len() {
        for change in [0x01, 0x80, 0xff] {
            let mut changed = whole.clone();
            changed[at] ^= change;
            look(&changed);
        }
    }
}

#[test]
fn golden_files_with_bytes_changed_at_random() {
    let mut random = Random(20);
    for path in ["meta_growth/reimport/model.ckpt-1.meta", "saved_model/module/saved_model.pb"] {
        let whole = std::fs::read(data_dir("golden").join(path)).unwrap();
        for _ in 0..150 {
            let mut changed = whole.clone();
            for _ in 0..1 + random.below(4) {
                let at = random.below(changed.len());
                changed[at] = random.below(256) as u8;
            }
            look(&changed);
        }
    }
}

#[test]
fn lengths_that_lie_are_told_with_their_place() {
    let huge = [vec![0x12], vec![0xff; 9], vec![0x01]].concat();
    for (content, at) in [
        (huge.clone(), 0),
        ([bytes(1, "x"), huge.clone()].concat(), 3),
        // Within a node, within a graph.
        (bytes(2, bytes(1, huge.clone())), 4),
        (bytes(2, bytes(1, [0x0a, 0x7f])), 4),
    ] {
        let storage = stored(std::slice::from_ref(&content));
        let error = support::graphs::open(&storage, "/model.meta")
            .and_then(|file| file.meta_graph()?.summary())
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::DataLoss);
        assert_eq!(error.offset(), Some(at), "{error}");
        assert!(!look(&content));
    }
}

#[test]
fn depth_costs_nothing() {
    // A message in a message in a message: in a collection, where all are looked into.
    let mut value = b"w".to_vec();
    for _ in 0..10_000 {
        value = bytes(1, value);
    }
    let nodes = graph(&[variable("w", "w")]);
    assert!(look(&[nodes.clone(), entry(4, "deep", bytes(2, bytes(1, value)))].concat()));
    // Groups, one in the other, as deep as a file is long.
    assert!(!look(&[nodes, vec![0x7b; 100_000]].concat()));
}

#[test]
fn inputs_that_lead_round_in_circles() {
    let mut nodes: Vec<_> = (0..500)
        .map(|n| node(&format!("n_{n}"), "NextIteration", &[&format!("n_{}", (n + 1) % 500)]))
        .collect();
    nodes.push(node("self", "Identity", &["self", "^self"]).beside("self"));
    assert!(look(&graph(&nodes)));
    // A chain so long that going down it must not take the stack.
    let chain: Vec<_> =
        (0..50_000).map(|n| node(&format!("n{n}"), "Neg", &[&format!("n{}", n + 1)])).collect();
    assert!(look(&graph(&chain)));
}

#[test]
fn many_nodes_of_one_name() {
    let nodes: Vec<_> = (0..50_000).map(|_| node("same", "Identity", &["same"])).collect();
    assert!(!look(&graph(&nodes)));
}

#[test]
fn savers_that_take_many_rounds_to_follow() {
    // What comes of a saver, each step before or behind the last in the file by turns.
    const STEPS: usize = 20_000;
    let place = |step: usize| if step % 2 == 0 { step / 2 } else { STEPS - 1 - step / 2 };
    let mut names = vec![String::new(); STEPS];
    (0..STEPS).for_each(|step| names[place(step)] = format!("save/step{step}"));
    let nodes: Vec<_> = names
        .iter()
        .map(|name| match name["save/step".len()..].parse::<usize>().unwrap() {
            0 => node(name, "RestoreV2", &[]),
            step => node(name, "Identity", &[&names[place(step - 1)]]),
        })
        .collect();
    let storage = stored(&[graph(&nodes), saver_def("elsewhere")]);
    let file = support::graphs::open(&storage, "/model.meta").unwrap();
    let savers = file.meta_graph().unwrap().summary().unwrap().savers;
    assert_eq!((savers.len(), savers[0].nodes), (1, STEPS as u64));
    let stripped = strip("/model.meta", "/out.meta", &eager(&storage)).unwrap();
    assert_eq!(stripped.saver_nodes.count, STEPS as u64);
}

#[test]
fn imports_that_overlap() {
    // Each pair of copies of a saver spans nearly all of the file.
    let mut nodes = Vec::new();
    for number in 0..2_000 {
        nodes.push(node(&format!("v_{number}"), "SaveV2", &[]));
    }
    for number in (0..2_000).rev() {
        nodes.push(node(&format!("a_{number}"), "NoOp", &[&format!("^v_{number}")]));
    }
    look(&graph(&nodes));
}

#[test]
fn what_is_no_graph_is_told() {
    let told = |content: &[u8]| {
        let storage = stored(&[content.to_vec()]);
        support::graphs::open(&storage, "/model.meta").unwrap_err()
    };
    assert!(told(b"").message().contains("neither a MetaGraphDef nor a SavedModel"));
    let error = told(b"node {\n  name: \"w\"\n}\n");
    assert!(error.message().contains("text file that begins with 'node {'"), "{error}");
    let error = told(b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n");
    assert!(error.message().contains("git-lfs"), "{error}");
    let error = MetaFile::open("/nowhere/model.meta").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
}
