//! Object graphs: those that TensorFlow wrote, those that are damaged, and those
//! that are made here.

mod support;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use support::{Golden, golden_bundles};
use tfckpt::ErrorKind;
use tfckpt::bundle::{ReadOptions, Writer};
use tfckpt::checkpoint::Reader;
use tfckpt::checkpoint::object_graph::{
    Node, NodeId, OBJECT_GRAPH_KEY, ObjectGraph, ObjectGraphBuilder, Role, VARIABLE_VALUE,
};
use tfckpt::tensor::{DType, Shape, Strings};

/// Every golden checkpoint that has an object graph.
fn golden_graphs() -> Vec<(Golden, Reader, ObjectGraph)> {
    let mut found = Vec::new();
    for golden in golden_bundles() {
        let reader = Reader::open(&golden.prefix).unwrap();
        let graph = ObjectGraph::read(&reader).unwrap();
        assert_eq!(graph.is_some(), !golden.checkpoint["object_graph"].is_null());
        found.extend(graph.map(|graph| (golden, reader, graph)));
    }
    assert!(found.len() >= 12, "only {} object graphs", found.len());
    found
}

fn golden_graph(prefix: &str) -> (Reader, ObjectGraph) {
    let reader = Reader::open(support::data_dir("golden").join(prefix)).unwrap();
    let graph = ObjectGraph::read(&reader).unwrap().unwrap();
    (reader, graph)
}

fn bytes_of(reader: &Reader) -> Vec<u8> {
    reader.read_strings(OBJECT_GRAPH_KEY, &ReadOptions::default()).unwrap().data().to_vec()
}

/// A node as the golden files list it.
fn as_json(node: &Node) -> Value {
    let mut object = json!({ "has_checkpoint_values": node.has_checkpoint_values });
    let children: BTreeMap<_, _> = node.children.iter().map(|c| (&c.name, c.node)).collect();
    let attributes = node.attributes.iter().map(|attribute| {
        json!({
            "name": attribute.name,
            "full_name": attribute.full_name,
            "checkpoint_key": attribute.key,
        })
    });
    let slots = node.slots.iter().map(|slot| {
        json!({
            "original_variable_node_id": slot.variable,
            "slot_name": slot.name,
            "slot_variable_node_id": slot.node,
        })
    });
    for (name, value, empty) in [
        ("children", json!(children), node.children.is_empty()),
        ("attributes", attributes.collect(), node.attributes.is_empty()),
        ("slot_variables", slots.collect(), node.slots.is_empty()),
    ] {
        if !empty {
            object[name] = value;
        }
    }
    object
}

#[test]
fn golden_graphs_are_as_tensorflow_parses_them() {
    for (golden, reader, graph) in golden_graphs() {
        let nodes: Vec<Value> = graph.nodes().iter().map(as_json).collect();
        assert_eq!(json!(nodes), golden.checkpoint["object_graph"], "{}", golden.prefix.display());
        assert_eq!(graph.to_bytes(), bytes_of(&reader), "{}", golden.prefix.display());
    }
}

#[test]
fn paths_are_those_that_tensorflow_made_keys_of() {
    let mut checked = 0;
    for (_, _, graph) in golden_graphs() {
        for (node, attribute) in graph.attributes() {
            let path = graph.path(node).unwrap();
            assert_eq!(format!("{path}/.ATTRIBUTES/{}", attribute.name), attribute.key);
            checked += 1;
        }
        for (node, _) in graph.iter() {
            let paths = graph.paths(node);
            assert_eq!(paths.first(), graph.path(node).as_ref());
            paths.iter().for_each(|path| assert_eq!(graph.find_node(path), Some(node), "{path}"));
        }
    }
    assert!(checked > 100, "{checked}");
}

#[test]
fn every_tensor_has_its_attribute() {
    for (golden, reader, graph) in golden_graphs() {
        let mut owned = 1; // The graph itself is nobody's.
        for (node, attribute) in graph.attributes() {
            for name in graph.tensors_of(&attribute.key, &reader).unwrap() {
                assert_eq!(graph.owner(&name).unwrap().node, node);
                owned += 1;
            }
        }
        assert_eq!(owned, golden.tensors.len(), "{}", golden.prefix.display());
        assert_eq!(graph.owner(OBJECT_GRAPH_KEY), None);
    }
}

#[test]
fn a_tensor_is_found_by_each_of_its_names() {
    let (_, graph) = golden_graph("object_based/keras/ckpt-50");
    let key = "optimizer/_trainable_variables/0/.ATTRIBUTES/VARIABLE_VALUE";
    for name in [
        key,
        "optimizer/_trainable_variables/0",
        "model/_functional/_operations/1/_kernel",
        "model/optimizer/_trainable_variables/0",
        "model/_functional/_operations/1/_kernel/.ATTRIBUTES/VARIABLE_VALUE",
        "sequential/hidden/kernel",
    ] {
        assert_eq!(graph.find(name).unwrap().unwrap().attribute.key, key, "{name}");
    }
    for name in ["", "model", "model/nothing", "model/.ATTRIBUTES/VARIABLE_VALUE", "a.b", "//"] {
        assert_eq!(graph.find(name).unwrap(), None, "{name}");
    }
    let node = graph.find(key).unwrap().unwrap().node;
    let paths = graph.paths(node);
    assert_eq!(
        paths,
        ["optimizer/_trainable_variables/0", "model/_functional/_operations/1/_kernel"]
    );
}

#[test]
fn a_name_of_several_tensors_lists_them() {
    let (_, graph) = golden_graph("saved_model/keras/variables/variables");
    let error = graph.find("sequential/norm/gamma").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidArgument);
    let names: Vec<_> = error.names().iter().map(|name| name.escape_ascii().to_string()).collect();
    assert_eq!(
        names,
        ["_all_variables/0/.ATTRIBUTES/VARIABLE_VALUE", "variables/2/.ATTRIBUTES/VARIABLE_VALUE"]
    );
}

#[test]
fn slots_have_paths_too() {
    let (_, graph) = golden_graph("object_based/slots/ckpt");
    let slot = graph.find_node("net/w/.OPTIMIZER_SLOT/adam/v").unwrap();
    assert_eq!(graph.path(slot).unwrap(), "net/w/.OPTIMIZER_SLOT/adam/v");
    assert_eq!(graph.role(slot), Some(Role::Slot));
    assert_eq!(graph.find("w/Adam_1").unwrap().unwrap().node, slot);
    assert_eq!(graph.find_node("net/w/.OPTIMIZER_SLOT/momentum/v"), None);
    let dotted = graph.find("net/table/right.Swith..dots").unwrap().unwrap();
    assert_eq!(graph.path(dotted.node).unwrap(), "net/table/right.Swith..dots");
}

#[test]
fn an_iterator_has_a_tensor_of_another_name() {
    let (reader, graph) = golden_graph("variant/iterator/ckpt");
    let found = graph.find("iterator").unwrap().unwrap();
    assert_eq!(found.attribute.key, "iterator/.ATTRIBUTES/ITERATOR");
    assert_eq!(graph.role(found.node), Some(Role::Other));
    let tensors = graph.tensors_of(&found.attribute.key, &reader).unwrap();
    assert_eq!(tensors, [b"iterator/.ATTRIBUTES/ITERATOR_STATE"]);
}

/// The keys of the attributes whose nodes have one of these roles.
fn keys_of(graph: &ObjectGraph, roles: &[Role]) -> BTreeSet<String> {
    let of_role = graph.attributes().filter(|(id, _)| roles.contains(&graph.role(*id).unwrap()));
    of_role.map(|(_, attribute)| attribute.key.replace("/.ATTRIBUTES/VARIABLE_VALUE", "")).collect()
}

#[test]
fn what_optimizers_keep_is_told_from_what_they_optimize() {
    let (_, graph) = golden_graph("object_based/keras/ckpt-50");
    let state = keys_of(&graph, &[Role::OptimizerState]);
    let mut expected: BTreeSet<String> =
        (2..14).map(|number| format!("optimizer/_variables/{number}")).collect();
    expected.extend(["optimizer/_iterations".into(), "optimizer/_learning_rate".into()]);
    assert_eq!(state, expected);
    assert_eq!(keys_of(&graph, &[Role::SaveCounter]), BTreeSet::from(["save_counter".into()]));
    assert_eq!(keys_of(&graph, &[Role::Variable]).len(), 9);

    let (_, graph) = golden_graph("object_based/slots/ckpt");
    let state = keys_of(&graph, &[Role::OptimizerState]);
    assert_eq!(state, BTreeSet::from(["adam/beta1_power".into(), "adam/beta2_power".into()]));
    assert_eq!(keys_of(&graph, &[Role::Slot]).len(), 6);
    assert_eq!(keys_of(&graph, &[Role::Variable]).len(), 7);
}

#[test]
fn a_scaled_loss_is_of_the_optimizer() {
    let mut builder = ObjectGraphBuilder::new();
    let root = ObjectGraphBuilder::ROOT;
    let optimizer = builder.add_object(root, "optimizer").unwrap();
    let scale = builder.add_object(optimizer, "loss_scale").unwrap();
    builder.add_variable(scale, "current_loss_scale", "").unwrap();
    builder.add_variable(scale, "good_steps", "").unwrap();
    // Of an object that has more, nobody knows what it is.
    let other = builder.add_object(root, "other").unwrap();
    for name in ["current_loss_scale", "good_steps", "kernel"] {
        builder.add_variable(other, name, "").unwrap();
    }
    let graph = builder.build().unwrap();
    let expected =
        ["current_loss_scale", "good_steps"].map(|n| format!("optimizer/loss_scale/{n}"));
    assert_eq!(keys_of(&graph, &[Role::OptimizerState]), expected.into());
    assert_eq!(keys_of(&graph, &[Role::Variable]).len(), 3);
}

#[test]
fn a_graph_without_optimizer_state_names_the_tensors_that_are_left() {
    for (golden, reader, graph) in golden_graphs() {
        let pruned = graph.without_optimizer_state();
        let place = golden.prefix.display();
        for tensor in reader.tensors() {
            let name = tensor.unwrap().name;
            let dropped = graph.is_optimizer_state(&name);
            let owner = pruned.owner(&name).map(|found| found.attribute.key.clone());
            let before = graph.owner(&name).map(|found| found.attribute.key.clone());
            assert_eq!(owner, before.filter(|_| !dropped), "{place}");
        }
        let left = keys_of(&graph, &[Role::Variable, Role::SaveCounter, Role::Other]);
        let roles = [Role::Variable, Role::SaveCounter, Role::Other, Role::Slot];
        assert_eq!(keys_of(&pruned, &roles), left, "{place}");
        assert!(pruned.nodes().iter().all(|node| node.slots.is_empty()), "{place}");
        assert_eq!(ObjectGraph::parse(&pruned.to_bytes()).unwrap().nodes(), pruned.nodes());
    }
}

/// What `graph` says, said again to a builder.
fn rebuilt(graph: &ObjectGraph) -> ObjectGraph {
    let mut builder = ObjectGraphBuilder::new();
    let slots: BTreeSet<NodeId> =
        graph.nodes().iter().flat_map(|node| &node.slots).map(|slot| slot.node).collect();
    let plain: Vec<NodeId> =
        graph.iter().map(|(id, _)| id).filter(|id| !slots.contains(id)).collect();
    for &id in &plain[1..] {
        assert_eq!(builder.add_node().unwrap(), id);
    }
    for &id in &plain {
        let node = graph.node(id).unwrap();
        for child in &node.children {
            builder.add_child(id, &child.name, child.node).unwrap();
        }
        for attribute in &node.attributes {
            builder.add_attribute(id, &attribute.name, &attribute.full_name).unwrap();
        }
    }
    for (id, node) in graph.iter() {
        for slot in &node.slots {
            let full_name = &graph.node(slot.node).unwrap().attributes[0].full_name;
            let added = builder.add_slot(id, slot.variable, &slot.name, full_name).unwrap();
            assert_eq!(added, slot.node);
        }
    }
    builder.build().unwrap()
}

#[test]
fn a_built_graph_is_tensorflows() {
    for (golden, reader, graph) in golden_graphs() {
        assert_eq!(rebuilt(&graph).to_bytes(), bytes_of(&reader), "{}", golden.prefix.display());
    }
}

#[test]
fn a_built_graph_is_written_and_read() {
    let dir = tempfile::tempdir().unwrap();
    let prefix = dir.path().join("ckpt");
    let mut builder = ObjectGraphBuilder::new();
    let net = builder.add_object(ObjectGraphBuilder::ROOT, "net").unwrap();
    let kernel = builder.add_variable(net, "a/b.c", "kernel").unwrap();
    let optimizer = builder.add_object(ObjectGraphBuilder::ROOT, "optimizer").unwrap();
    builder.add_child(optimizer, "root", ObjectGraphBuilder::ROOT).unwrap();
    let counter = builder.add_save_counter().unwrap();
    let slot = builder.add_slot(optimizer, kernel, "m", "kernel/m").unwrap();
    let graph = builder.build().unwrap();

    let mut writer = Writer::create(&prefix).unwrap();
    let key = |node| graph.variable_key(node).unwrap();
    let scalar = Shape::default();
    writer.add(key(counter), DType::INT64, &scalar, &1i64.to_ne_bytes()).unwrap();
    writer.add(key(kernel), DType::FLOAT, &scalar, &1f32.to_ne_bytes()).unwrap();
    writer.add(key(slot), DType::FLOAT, &scalar, &2f32.to_ne_bytes()).unwrap();
    graph.write_to(&mut writer).unwrap();
    writer.finish().unwrap();

    let reader = Reader::open(&prefix).unwrap();
    let read = ObjectGraph::read(&reader).unwrap().unwrap();
    assert_eq!(read.nodes(), graph.nodes());
    let slot = read.find("net/a.Sb..c/.OPTIMIZER_SLOT/optimizer/m").unwrap().unwrap();
    let value = reader.read(&slot.attribute.key).unwrap();
    assert_eq!(value, 2f32.to_ne_bytes());
    assert_eq!(read.node(net).unwrap().has_checkpoint_values, Some(true));
    assert!(read.is_optimizer_state(&slot.attribute.key));
}

#[test]
fn a_builder_refuses_what_cannot_be_restored() {
    let refuses = |make: fn(&mut ObjectGraphBuilder) -> tfckpt::Result<()>, words: &str| {
        let mut builder = ObjectGraphBuilder::new();
        let error = make(&mut builder).and_then(|()| builder.build().map(|_| ())).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidArgument);
        assert!(error.to_string().contains(words), "{error}");
    };
    refuses(|builder| builder.add_child(0, "x", 1), "no node 1");
    refuses(|builder| builder.add_child(7, "x", 0), "no node 7");
    refuses(|builder| builder.add_slot(0, 9, "m", "").map(|_| ()), "no node 9");
    refuses(
        |builder| {
            builder.add_variable(0, "x", "")?;
            builder.add_variable(0, "x", "").map(|_| ())
        },
        "two children 'x'",
    );
    refuses(
        |builder| {
            let lost = builder.add_node()?;
            builder.add_attribute(lost, VARIABLE_VALUE, "")
        },
        "nothing leads to it",
    );
    refuses(
        |builder| {
            builder.add_attribute(0, VARIABLE_VALUE, "")?;
            builder.add_variable(0, "", "").map(|_| ())
        },
        "two attributes have this key",
    );
    refuses(
        |builder| {
            builder.add_attribute(0, VARIABLE_VALUE, "")?;
            builder.add_attribute(0, VARIABLE_VALUE, "")
        },
        "already",
    );
}

#[test]
fn of_children_with_the_same_name_the_last_counts() {
    // TensorFlow writes this where a root object gets an attribute under a name
    // that was given to `tf.train.Checkpoint` before.
    let graph = ObjectGraph::parse(&message(&[
        &[child(1, "also"), child(1, "extra"), child(2, "extra")],
        &[],
        &[],
    ]))
    .unwrap();
    assert_eq!(graph.path(1).unwrap(), "also");
    assert_eq!(graph.path(2).unwrap(), "extra");
    assert_eq!(graph.find_node("extra"), Some(2));
    assert_eq!(graph.paths(1), ["also"]);
}

/// A field of bytes.
fn field(number: u8, bytes: &[u8]) -> Vec<u8> {
    let mut out = vec![(number << 3) | 2];
    tfckpt::coding::put_varint(&mut out, bytes.len() as u64);
    out.extend_from_slice(bytes);
    out
}

fn child(node: i64, name: &str) -> Vec<u8> {
    let mut reference = vec![1 << 3];
    tfckpt::coding::put_varint(&mut reference, node as u64);
    reference.extend(field(2, name.as_bytes()));
    field(1, &reference)
}

fn slot(variable: i64, node: i64) -> Vec<u8> {
    let mut reference = vec![1 << 3];
    tfckpt::coding::put_varint(&mut reference, variable as u64);
    reference.push(3 << 3);
    tfckpt::coding::put_varint(&mut reference, node as u64);
    field(3, &reference)
}

fn message(nodes: &[&[Vec<u8>]]) -> Vec<u8> {
    nodes.iter().flat_map(|parts| field(1, &parts.concat())).collect()
}

#[test]
fn damaged_graphs_are_refused_with_the_tensor() {
    let cases: [(&str, Vec<u8>); 9] = [
        ("no nodes", Vec::new()),
        ("refers to node 1, there are 1", message(&[&[child(1, "x")]])),
        ("-1 is not the number", message(&[&[child(-1, "x")]])),
        ("refers to node 9", message(&[&[slot(9, 0)]])),
        ("refers to node 8", message(&[&[slot(0, 8)]])),
        ("not a TrackableObjectGraph", field(1, &field(1, &field(2, b"\xff\xfe")))),
        ("not a TrackableObjectGraph", vec![0x0a]),
        ("ends within a node", vec![0x0a, 0xff, 0xff, 0xff, 0xff, 0x7f]),
        ("not a TrackableObjectGraph", vec![0x0b, 0x00]),
    ];
    for (words, bytes) in cases {
        let error = ObjectGraph::parse(&bytes).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::DataLoss, "{error}");
        assert_eq!(error.tensor(), Some(OBJECT_GRAPH_KEY.as_bytes()), "{error}");
        assert!(error.to_string().contains(words), "{error}");
    }
}

#[test]
fn a_graph_that_is_no_scalar_string_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    for (name, shape) in [("vector", Shape::new([1]).unwrap()), ("two", Shape::new([2]).unwrap())] {
        let mut writer = Writer::create(dir.path().join(name)).unwrap();
        let strings: Strings = (0..shape.num_elements()).map(|_| "\n\0").collect();
        writer.add_strings(OBJECT_GRAPH_KEY, &shape, &strings).unwrap();
        writer.finish().unwrap();
    }
    let mut writer = Writer::create(dir.path().join("float")).unwrap();
    writer.add(OBJECT_GRAPH_KEY, DType::FLOAT, &Shape::default(), &[0; 4]).unwrap();
    writer.finish().unwrap();
    for name in ["vector", "two", "float"] {
        let reader = Reader::open(dir.path().join(name)).unwrap();
        let error = ObjectGraph::read(&reader).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::DataLoss, "{error}");
        assert_eq!(error.tensor(), Some(OBJECT_GRAPH_KEY.as_bytes()), "{error}");
        assert!(error.file().is_some(), "{error}");
    }
}

/// Everything that a graph can be asked.
fn exercise(graph: &ObjectGraph) {
    for (id, _) in graph.iter().take(50) {
        for path in graph.paths(id) {
            let _ = graph.find(&path);
        }
    }
    for (_, attribute) in graph.attributes().take(50) {
        let _ = graph.find(&attribute.full_name);
        graph.is_optimizer_state(&attribute.key);
    }
    let pruned = graph.without_optimizer_state();
    assert_eq!(ObjectGraph::parse(&pruned.to_bytes()).unwrap().nodes(), pruned.nodes());
}

#[test]
fn no_damage_makes_it_panic() {
    let (mut sound, mut refused) = (0, 0);
    for prefix in ["object_based/slots/ckpt", "saved_model/module/variables/variables"] {
        let bytes = bytes_of(&golden_graph(prefix).0);
        let cut = (0..bytes.len()).map(|len| bytes[..len].to_vec());
        let flipped = (0..bytes.len() * 8).step_by(7).map(|bit| {
            let mut bytes = bytes.clone();
            bytes[bit / 8] ^= 1 << (bit % 8);
            bytes
        });
        for bytes in cut.chain(flipped) {
            match ObjectGraph::parse(&bytes) {
                Ok(graph) => {
                    sound += 1;
                    exercise(&graph);
                }
                Err(error) => {
                    refused += 1;
                    assert_eq!(error.kind(), ErrorKind::DataLoss, "{error}");
                }
            }
        }
    }
    assert!(sound > 100 && refused > 1000, "{sound} {refused}");
}

#[test]
fn deep_wide_and_circular_graphs_take_no_more_than_their_size() {
    const COUNT: i64 = 200_000;
    let mut chain: Vec<Vec<Vec<u8>>> = (1..COUNT).map(|next| vec![child(next, "x")]).collect();
    chain.push(vec![child(0, "back"), child(COUNT - 1, "self"), slot(COUNT - 1, COUNT - 1)]);
    let chain: Vec<&[Vec<u8>]> = chain.iter().map(Vec::as_slice).collect();
    let graph = ObjectGraph::parse(&message(&chain)).unwrap();
    let last = (COUNT - 1) as NodeId;
    let path = graph.path(last).unwrap();
    assert_eq!(path.len(), 2 * (COUNT as usize - 1) - 1);
    assert_eq!(graph.find_node(&path), Some(last));
    assert_eq!(graph.find_node(&format!("{path}/back/x/x")), Some(2));
    assert_eq!(graph.paths(last).len(), 1);

    let children: Vec<Vec<u8>> = (0..COUNT).map(|at| child(1, &at.to_string())).collect();
    let graph = ObjectGraph::parse(&message(&[&children, &[]])).unwrap();
    assert_eq!(graph.paths(1).len(), COUNT as usize);
}

/// However the checkpoint stores it.
#[test]
fn a_graph_of_too_many_bytes_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let long = Strings::from_iter([vec![0; ObjectGraph::MAX_BYTES as usize + 1]]);
    let mut v1 = tfckpt::v1::Writer::create(dir.path().join("v1")).unwrap();
    v1.add_strings(OBJECT_GRAPH_KEY, &Shape::default(), &long).unwrap();
    v1.finish().unwrap();
    let mut v2 = Writer::create(dir.path().join("v2")).unwrap();
    v2.add_strings(OBJECT_GRAPH_KEY, &Shape::default(), &long).unwrap();
    v2.finish().unwrap();
    for name in ["v1", "v2"] {
        let reader = Reader::open(dir.path().join(name)).unwrap();
        let error = ObjectGraph::read(&reader).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ResourceLimit, "{error}");
        assert_eq!(error.tensor(), Some(OBJECT_GRAPH_KEY.as_bytes()), "{error}");
    }
}

#[test]
fn a_graph_of_too_many_nodes_is_refused() {
    let bytes = [0x0a, 0x00].repeat(ObjectGraph::MAX_NODES + 1);
    let error = ObjectGraph::parse(&bytes).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ResourceLimit, "{error}");
}
