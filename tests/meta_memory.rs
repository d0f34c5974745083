//! What graphs cost in memory: some bytes a node, and never what is in them.

#[path = "support/peak.rs"]
mod peak;
mod support;

use std::sync::Arc;

use support::graphs::{
    Node, bytes, bytes_list, constant, constant_of, graph, node, open, ref_variable, saver,
    saver_def, stored,
};
use tfckpt::graph::{Copies, StripOptions, strip};
use tfckpt::storage::MemoryStorage;

#[global_allocator]
static ALLOCATOR: peak::Counting = peak::Counting;

/// What windows, buffers and tables take, however large the graph is.
const BASE: usize = 6 << 20;

/// The most that summing up, comparing and stripping take.
fn costs(storage: &MemoryStorage) -> [usize; 3] {
    let file = open(storage, "/model.meta").unwrap();
    let graph = file.meta_graph().unwrap();
    let options = StripOptions {
        storage: Arc::new(storage.clone()),
        copies: Copies::All,
        training: true,
        ..StripOptions::default()
    };
    [
        peak::of(|| drop(graph.summary().unwrap())).0,
        peak::of(|| drop(graph.diff(graph).unwrap())).0,
        peak::of(|| graph.strippable(&options).unwrap()).0,
    ]
}

/// A graph that grew: many savers of many variables, and imports of itself.
fn grown(savers: usize) -> (Vec<Vec<u8>>, usize) {
    const VARIABLES: usize = 20;
    let mut nodes: Vec<Node> = Vec::new();
    for round in 0..savers {
        let number = if round == 0 { String::new() } else { format!("_{round}") };
        for at in 0..VARIABLES {
            let name = format!("layer_{at}/kernel{number}");
            let zero = format!("layer_{at}/zero{number}");
            let assign = format!("layer_{at}/Assign{number}");
            nodes.push(constant(&zero, 0).beside(&name));
            nodes.push(ref_variable(&name));
            nodes.push(node(&assign, "Assign", &[&name, &zero]).beside(&name));
        }
        nodes.extend(saver("save", &number, &format!("layer_0/kernel{number}")));
    }
    let count = nodes.len();
    (vec![graph(&nodes), saver_def("save")], count)
}

#[test]
fn some_bytes_a_node() {
    let measured = [300, 900].map(|savers| {
        let (parts, nodes) = grown(savers);
        (costs(&stored(&parts)), nodes)
    });
    let [(few, few_nodes), (many, many_nodes)] = measured;
    // Lists double when they are full: for a moment there is thrice what is needed.
    for (verb, limit) in [50, 150, 60].into_iter().enumerate() {
        let each = many[verb].saturating_sub(few[verb]) / (many_nodes - few_nodes);
        assert!(each < limit, "{each} bytes a node, not {limit}: {few:?} and {many:?}");
    }
}

#[test]
fn nothing_for_what_is_in_a_constant() {
    let content = vec![7; 48 << 20];
    let storage = stored(&[graph(&[constant_of("a", &content), constant_of("b", &content)])]);
    for cost in costs(&storage) {
        assert!(cost < BASE, "{cost}");
    }
    // Even where it is compared and copied; the file in memory is not counted twice.
    let options = StripOptions {
        storage: Arc::new(storage.clone()),
        constants: Some(1),
        ..StripOptions::default()
    };
    let (cost, stripped) = peak::of(|| strip("/model.meta", "/out.meta", &options).unwrap());
    assert_eq!(stripped.constants.count, 1);
    let written = storage.bytes("/out.meta").unwrap().len();
    assert!(cost < BASE + 4 * written, "{cost} for {written}");
}

#[test]
fn nothing_for_what_is_in_a_collection_or_a_signature() {
    let content = vec![7; 48 << 20];
    let large = bytes_list("data", &[content.clone(), content.clone()]);
    let signature = bytes(5, [bytes(1, "serve"), bytes(2, bytes(9, &content))].concat());
    let object = bytes(7, bytes(1, &content));
    let storage = stored(&[graph(&[constant("a", 1)]), large, signature, object]);
    for cost in costs(&storage) {
        assert!(cost < BASE, "{cost}");
    }
}
