//! Any bytes as an object graph: what can be asked of it agrees with itself, and
//! what is written of it reads as it was.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tfckpt::ErrorKind;
use tfckpt::checkpoint::object_graph::{NodeId, OBJECT_GRAPH_KEY, ObjectGraph};
use tfckpt_fuzz::bounded;

/// How many nodes and attributes of a graph are looked at closely.
const MOST: usize = 64;

fuzz_target!(|data: &[u8]| {
    bounded(data.len(), || match ObjectGraph::parse(data) {
        Ok(graph) => look(&graph),
        Err(error) => {
            assert!(matches!(error.kind(), ErrorKind::DataLoss | ErrorKind::ResourceLimit));
            assert_eq!(error.tensor(), Some(OBJECT_GRAPH_KEY.as_bytes()));
        }
    });
});

fn look(graph: &ObjectGraph) {
    assert_same(graph);
    for (id, _) in graph.iter().take(MOST) {
        let paths = graph.paths(id);
        assert_eq!(paths.first(), graph.path(id).as_ref());
        paths.iter().for_each(|path| assert_leads_to(graph, path, id));
    }
    for (_, attribute) in graph.attributes().take(MOST) {
        assert_eq!(graph.find_key(&attribute.key).unwrap().attribute.key, attribute.key);
        assert_eq!(graph.owner(&attribute.key).unwrap().attribute.key, attribute.key);
        let _ = graph.find(&attribute.full_name);
    }
    let pruned = graph.without_optimizer_state();
    assert!(pruned.nodes().len() <= graph.nodes().len());
    assert_same(&pruned);
}

/// An object with an empty name right below the root has the path of the root, and
/// an optimizer may have several slots of one name for a variable.
fn assert_leads_to(graph: &ObjectGraph, path: &str, id: NodeId) {
    let ambiguous = path.is_empty() || path.contains("/.OPTIMIZER_SLOT/");
    assert!(ambiguous || graph.find_node(path) == Some(id), "{path}");
}

fn assert_same(graph: &ObjectGraph) {
    let again = ObjectGraph::parse(&graph.to_bytes()).unwrap();
    assert_eq!(again.nodes(), graph.nodes());
}
