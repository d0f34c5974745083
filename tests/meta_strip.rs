//! What is cut out of a graph, and above all what is not.

mod support;

use std::sync::Arc;

use support::graphs::{
    Node, bytes, bytes_list, constant, constant_of, entry, fields, graph, names, node, node_list,
    number, open, ref_variable, saver, saver_def, signature, stored, variable,
};
use tfckpt::ErrorKind;
use tfckpt::graph::{Copies, StripOptions, Stripped, strip};
use tfckpt::storage::MemoryStorage;

fn options(storage: &MemoryStorage) -> StripOptions {
    StripOptions { storage: Arc::new(storage.clone()), ..StripOptions::default() }
}

/// Strips `parts`; the names of the nodes that are left, and what was cut.
fn left_with(
    parts: &[Vec<u8>],
    change: impl Fn(&mut StripOptions),
) -> (Vec<String>, Stripped, MemoryStorage) {
    let storage = stored(parts);
    let mut options = options(&storage);
    change(&mut options);
    let stripped = strip("/model.meta", "/out.meta", &options).unwrap();
    let written = storage.bytes("/out.meta").unwrap().len() as u64;
    assert_eq!(stripped.bytes_after, written);
    assert_eq!(stripped.bytes_before, storage.bytes("/model.meta").unwrap().len() as u64);
    open(&storage, "/out.meta").unwrap().meta_graph().unwrap().summary().unwrap();
    (names(&storage, "/out.meta"), stripped, storage)
}

fn left(parts: &[Vec<u8>]) -> Vec<String> {
    left_with(parts, |_| {}).0
}

/// A model of one variable, with a saver that is in use and one that is dead.
fn model_with(more: Vec<Node>) -> Vec<Node> {
    let mut nodes = vec![variable("w", "w"), constant("init", 0)];
    nodes.push(node("w/Assign", "AssignVariableOp", &["w", "init"]));
    nodes.extend(saver("save", "", "w"));
    nodes.extend(saver("save_1", "", "w"));
    nodes.extend(more);
    nodes
}

fn has_dead_saver(names: &[String]) -> bool {
    names.iter().any(|name| name.starts_with("save_1/"))
}

#[test]
fn a_dead_saver_goes() {
    let (names, stripped, _) = left_with(&[graph(&model_with(vec![])), saver_def("save")], |_| {});
    assert_eq!(names.len(), 3 + 8);
    assert!(!has_dead_saver(&names));
    assert_eq!((stripped.savers, stripped.saver_nodes.count), (1, 8));
}

#[test]
fn without_a_saver_def_no_saver_is_known_to_be_dead() {
    assert!(has_dead_saver(&left(&[graph(&model_with(vec![]))])));
}

#[test]
fn whoever_uses_a_saver_keeps_it() {
    let saver = || saver_def("save");
    let restore = bytes(3, "save_1/restore_all");
    let kept = [
        // A node waits for it; a node wants to be beside it; a collection of nodes, of
        // savers, of a user's own messages names it; a signature does.
        vec![graph(&model_with(vec![node("user", "NoOp", &["^save_1/restore_all"])])), saver()],
        vec![graph(&model_with(vec![node("user", "MyOp", &[]).beside("save_1/Const")])), saver()],
        vec![graph(&model_with(vec![])), saver(), node_list("mine", &["save_1/restore_all"])],
        vec![
            graph(&model_with(vec![])),
            saver(),
            bytes_list("savers", std::slice::from_ref(&restore)),
        ],
        vec![
            graph(&model_with(vec![])),
            saver(),
            bytes_list("own", &[bytes(7, bytes(9, restore))]),
        ],
        vec![graph(&model_with(vec![])), saver(), signature("serve", "save_1/RestoreV2:0")],
        vec![saver(), graph(&model_with(vec![])), bytes(7, bytes(1, b"save_1/restore_all"))],
        vec![graph(&model_with(vec![])), saver(), bytes(6, bytes(1, bytes(1, "save_1/Const:0")))],
    ];
    for (number, parts) in kept.iter().enumerate() {
        assert!(has_dead_saver(&left(parts)), "{number}");
    }
}

#[test]
fn what_is_left_stays_byte_for_byte_with_what_nobody_knows() {
    let strange =
        [number(99, 7), bytes(100, "?"), vec![0xeb, 0x06, 0x08, 0x01, 0xec, 0x06]].concat();
    let odd = node("odd", "Odd", &["w"]).raw(strange.clone());
    let entry = entry(4, "variables", [strange.clone(), bytes(2, bytes(1, "w"))].concat());
    // A length that is longer than it need be is nobody's business either.
    let padded = vec![0x1a, 0x82, 0x00, 0x08, 0x00];
    let nodes = model_with(vec![odd]);
    let graph_body: Vec<u8> = nodes.iter().flat_map(Node::field).collect();
    let graph = bytes(2, [strange.clone(), graph_body, strange.clone()].concat());
    let parts =
        [strange.clone(), graph, padded.clone(), saver_def("save"), entry.clone(), strange.clone()];
    let (_, _, storage) = left_with(&parts, |_| {});
    let out = storage.bytes("/out.meta").unwrap();

    let kept: Vec<u8> = nodes
        .iter()
        .map(Node::field)
        .filter(|field| !field.windows(7).any(|window| window == b"save_1/"))
        .flatten()
        .collect();
    let graph = bytes(2, [strange.clone(), kept, strange.clone()].concat());
    assert_eq!(out, [strange.clone(), graph, padded, saver_def("save"), entry, strange].concat());
}

#[test]
fn nothing_to_cut_is_the_same_file() {
    let nodes = [variable("w", "w"), node("y", "ReadVariableOp", &["w"])];
    let parts = [graph(&nodes), vec![0x22, 0x80, 0x00]];
    let (_, stripped, storage) = left_with(&parts, |options| {
        options.copies = Copies::All;
        options.constants = Some(1);
    });
    assert_eq!(storage.bytes("/out.meta"), storage.bytes("/model.meta"));
    assert_eq!(stripped.bytes_before, stripped.bytes_after);
}

/// The model, and everything of it once more, as an import leaves it.
fn imported_twice(variable: impl Fn(&str) -> Node) -> Vec<Node> {
    let mut nodes = Vec::new();
    for number in ["", "_1", "_2"] {
        let at = |name: &str| format!("{name}{number}");
        nodes.push(constant(&at("alone"), 5));
        nodes.push(node(&at("x"), "Placeholder", &[]));
        nodes.push(variable(&at("w")));
        nodes.push(constant(&at("w/init"), 0));
        nodes.push(node(&at("w/Assign"), "Assign", &[&at("w"), &at("w/init")]).beside(&at("w")));
        nodes.push(node(&at("y"), "MatMul", &[&at("x"), &at("w")]));
        nodes.extend(saver("save", number, &at("w")));
        nodes.push(node(&at("init"), "NoOp", &[&format!("^w/Assign{number}")]));
    }
    nodes
}

#[test]
fn an_import_goes_as_a_whole() {
    for shared in [true, false] {
        let variable = |name: &str| if shared { variable(name, "w") } else { ref_variable(name) };
        let nodes = imported_twice(variable);
        let variables =
            bytes_list("variables", &[bytes(1, "w:0"), bytes(1, "w:0"), bytes(1, "w:0")]);
        let (names, stripped, storage) =
            left_with(&[graph(&nodes), saver_def("save"), variables], |_| {});
        assert_eq!(names.len(), nodes.len() / 3, "{names:?}");
        assert!(names.iter().all(|name| !name.ends_with("_1") && !name.ends_with("_2")));
        assert_eq!(stripped.savers, 2);
        assert_eq!(stripped.collection_values.count, 2);
        let out = storage.bytes("/out.meta").unwrap();
        assert!(out.ends_with(&bytes_list("variables", &[bytes(1, "w:0")])));
    }
}

#[test]
fn an_import_that_somebody_uses_stays() {
    let mut nodes = imported_twice(ref_variable);
    nodes.push(node("user", "Relu", &["y_1"]));
    let (names, ..) = left_with(&[graph(&nodes), saver_def("save")], |_| {});
    for name in ["x_1", "w_1", "y_1"] {
        assert!(names.iter().any(|kept| kept == name), "{name}");
    }
    assert!(!names.iter().any(|name| name == "y_2"));
    // Its saver goes all the same.
    assert!(!names.iter().any(|name| name == "save/SaveV2_1"));
}

#[test]
fn what_a_loop_did_again_goes() {
    let mut nodes = vec![variable("lr", "lr"), variable("v", "v"), variable("v_1", "v_1")];
    for number in ["", "_1", "_2"] {
        let at = |name: &str| format!("{name}{number}");
        nodes.push(constant(&at("Const"), 1));
        nodes.push(node(&at("Assign"), "AssignVariableOp", &["lr", &at("Const")]));
        nodes.push(node(&at("Read"), "ReadVariableOp", &["lr", &format!("^Assign{number}")]));
    }
    // The same to other variables, or with another value, is not the same.
    nodes.push(node("Assign_3", "AssignVariableOp", &["v", "Const"]));
    nodes.push(node("Assign_4", "AssignVariableOp", &["v_1", "Const"]));
    nodes.push(constant("Const_5", 2));
    nodes.push(node("Assign_5", "AssignVariableOp", &["lr", "Const_5"]));
    let names = left(&[graph(&nodes)]);
    let expected = [
        "lr", "v", "v_1", "Const", "Assign", "Read", "Assign_3", "Assign_4", "Const_5", "Assign_5",
    ];
    assert_eq!(names, expected);
}

#[test]
fn what_only_looks_like_a_copy_stays() {
    // Variables of the older kind are themselves, whatever their names look like, and
    // whether anything lists them or not; so are placeholders.
    let nodes = || {
        vec![
            ref_variable("v"),
            ref_variable("v_1"),
            constant("c", 1),
            node("Assign", "Assign", &["v", "c"]),
            node("Assign_1", "Assign", &["v_1", "c"]),
            node("x", "Placeholder", &[]),
            node("x_1", "Placeholder", &[]),
            node("set", "Assign", &["v", "x"]),
            node("set_1", "Assign", &["v", "x_1"]),
            // In another place, with another attribute, of another output, under another name.
            node("y", "Split", &["c"]),
            node("y_1", "Split", &["c"]).raw(bytes(4, "/gpu:0")),
            node("y_2", "Split", &["c"]).text("mode", "other"),
            node("go", "Assign", &["v", "y"]),
            node("go_1", "Assign", &["v", "y:1"]),
            node("walk", "Assign", &["v", "y"]),
            // To wait for something else is to do something else.
            node("wait", "NoOp", &["^go"]),
            node("wait_1", "NoOp", &["^go_1"]),
            node("lost", "NoOp", &["^gone"]),
            node("lost_1", "NoOp", &["^gone_too"]),
        ]
    };
    let all = nodes().len();
    for variables in [vec![], node_list("variables", &["v:0", "v_1:0"])] {
        let (names, ..) = left_with(&[graph(&nodes()), variables], |options| {
            options.copies = Copies::All;
        });
        assert_eq!(names.len(), all, "{names:?}");
    }
}

#[test]
fn a_value_that_is_computed_twice_stays_unless_asked_for() {
    let nodes = [
        variable("w", "w"),
        node("y", "ReadVariableOp", &["w"]),
        node("y_1", "ReadVariableOp", &["w"]),
    ];
    let parts = [graph(&nodes)];
    assert_eq!(left(&parts), ["w", "y", "y_1"]);
    let (names, stripped, _) = left_with(&parts, |options| options.copies = Copies::All);
    assert_eq!(names, ["w", "y"]);
    assert_eq!(stripped.copies.count, 1);
    // Whichever of the two is named stays.
    let parts = [graph(&nodes), signature("serve", "y_1:0")];
    let (names, ..) = left_with(&parts, |options| options.copies = Copies::All);
    assert_eq!(names, ["w", "y_1"]);
}

/// A loop as TensorFlow 1 has them, with a body that adds `step`.
fn while_loop(number: &str, step: u64) -> Vec<Node> {
    let at = |name: &str| format!("{name}{number}");
    vec![
        constant(&at("start"), 0),
        node(&at("Enter"), "Enter", &[&at("start")]),
        node(&at("Merge"), "Merge", &[&at("Enter"), &at("Next")]),
        constant(&at("step"), step),
        node(&at("Add"), "Add", &[&at("Merge"), &at("step")]),
        node(&at("Next"), "NextIteration", &[&at("Add")]),
        node(&at("Exit"), "Exit", &[&at("Merge")]),
        node(&at("Assign"), "AssignVariableOp", &["w", &at("Exit")]),
    ]
}

#[test]
fn loops_are_told_apart_by_their_bodies() {
    let mut nodes = vec![variable("w", "w")];
    nodes.extend(while_loop("", 1));
    nodes.extend(while_loop("_1", 1));
    nodes.extend(while_loop("_2", 2));
    let names = left(&[graph(&nodes)]);
    assert_eq!(names.len(), 1 + 8 + 8, "{names:?}");
    assert!(names.iter().any(|name| name == "Merge_2"));
    assert!(!names.iter().any(|name| name == "Merge_1"));
}

fn trained() -> Vec<Node> {
    let mut nodes = vec![
        variable("w", "w"),
        variable("slot", "slot"),
        node("x", "Placeholder", &[]),
        node("y", "MatMul", &["x", "w"]),
        node("loss", "Mean", &["y"]),
        node("gradients/Shape", "Shape", &["loss"]),
        node("gradients/Fill", "Fill", &["gradients/Shape"]),
        node("gradients/unused", "Neg", &["gradients/Fill"]),
        constant("rate", 1),
        node("update", "ResourceApplyAdam", &["w", "slot", "rate", "gradients/Fill"]),
        node("step", "AssignAddVariableOp", &["slot", "rate", "^update"]),
        node("train", "NoOp", &["^step"]),
        node("unrelated", "Exp", &["x"]),
    ];
    nodes.extend(saver("save", "", "slot"));
    nodes
}

#[test]
fn training_goes_when_asked() {
    let parts = [graph(&trained()), saver_def("save"), node_list("train_op", &["train"])];
    assert_eq!(left(&parts).len(), trained().len());
    let (names, stripped, storage) = left_with(&parts, |options| options.training = true);
    assert_eq!(names[..5], ["w", "slot", "x", "y", "loss"]);
    assert_eq!(names[5], "unrelated");
    assert_eq!(names.len(), 6 + 8);
    assert_eq!(stripped.training.count, 7);
    // The collection that named nothing else is gone with what it named.
    let out = storage.bytes("/out.meta").unwrap();
    assert!(fields(&out).all(|(field, _)| field != 4));
}

#[test]
fn with_signatures_only_what_they_need_stays() {
    let parts = [graph(&trained()), saver_def("save"), signature("serve", "y:0")];
    let (names, ..) = left_with(&parts, |options| options.training = true);
    assert_eq!(names[..4], ["w", "slot", "x", "y"]);
    assert_eq!(names.len(), 4 + 8);
}

#[test]
fn a_gradient_that_the_model_needs_stays() {
    let mut nodes = trained();
    nodes.push(node("saliency", "Abs", &["gradients/Fill"]));
    let (names, ..) =
        left_with(&[graph(&nodes), saver_def("save")], |options| options.training = true);
    assert!(names.iter().any(|name| name == "gradients/Fill"));
    assert!(!names.iter().any(|name| name == "update"));
}

/// A function of the library that calls others: by op, or by attribute.
fn function(name: &str, ops: &[&str], attributes: &[&str]) -> Vec<u8> {
    let signature = bytes(1, bytes(1, name));
    let ops = ops.iter().map(|op| node("call", op, &[]).field());
    let attributes = attributes.iter().map(|name| {
        node("call", "PartitionedCall", &[]).attr("f", bytes(10, bytes(1, name))).field()
    });
    // A function's nodes are its field 3.
    let nodes = ops.chain(attributes).flat_map(|field| bytes(3, fields(&field).next().unwrap().1));
    bytes(1, [signature, nodes.collect()].concat())
}

/// The names of functions and the pairs of a function and its gradient that are left.
fn library_left(storage: &MemoryStorage) -> (Vec<String>, usize) {
    let out = storage.bytes("/out.meta").unwrap();
    let (_, body) = fields(&out).find(|&(field, _)| field == 2).unwrap();
    let (_, library) = fields(body).find(|&(field, _)| field == 2).unwrap();
    let (functions, gradients): (Vec<_>, Vec<_>) =
        fields(library).partition(|&(field, _)| field == 1);
    let name = |(_, function)| {
        let (_, signature) = fields(function).next().unwrap();
        String::from_utf8(fields(signature).next().unwrap().1.to_vec()).unwrap()
    };
    (functions.into_iter().map(name).collect(), gradients.len())
}

#[test]
fn functions_that_only_training_calls_go_with_it() {
    let mut nodes = trained();
    let call = |name: &str, input: &str, function: &str| {
        node(name, "PartitionedCall", &[input]).attr("f", bytes(10, bytes(1, function)))
    };
    nodes.push(call("z", "y", "model"));
    nodes.push(node("gradients/call", "train_directly", &["gradients/Fill"]));
    nodes.push(call("gradients/called", "gradients/call", "train_by_attribute"));
    let many = bytes(1, bytes(9, bytes(1, "train_in_a_list")));
    nodes.push(node("gradients/list", "Case", &["gradients/call"]).attr("branches", many));
    let library = [
        function("model", &[], &["shared"]),
        function("train_directly", &["shared"], &["train_deeper"]),
        function("train_by_attribute", &[], &["shared"]),
        function("train_in_a_list", &[], &[]),
        function("train_deeper", &[], &["train_deeper"]),
        function("shared", &[], &[]),
        function("never_called", &["called_by_that"], &[]),
        function("called_by_that", &[], &[]),
        function("model_grad", &[], &[]),
        // Which function is the gradient of which.
        bytes(2, [bytes(1, "model"), bytes(2, "model_grad")].concat()),
        bytes(2, [bytes(1, "train_deeper"), bytes(2, "shared")].concat()),
    ];
    let parts = [graph(&nodes), bytes(2, bytes(2, library.concat())), saver_def("save")];
    // The library of the second part belongs to the same graph.
    let whole = [
        bytes(
            2,
            [fields(&parts[0]).next().unwrap().1, fields(&parts[1]).next().unwrap().1].concat(),
        ),
        parts[2].clone(),
    ];
    let (_, stripped, storage) = left_with(&whole, |options| options.training = true);
    let (left, gradients) = library_left(&storage);
    assert_eq!(left, ["model", "shared", "never_called", "called_by_that", "model_grad"]);
    assert_eq!(gradients, 1);
    assert_eq!(stripped.functions.count, 4);
    let (_, stripped, storage) = left_with(&whole, |_| {});
    assert_eq!(library_left(&storage).0.len(), 9);
    assert_eq!(stripped.functions.count, 0);
}

#[test]
fn a_function_that_something_else_names_stays() {
    let mut nodes = trained();
    nodes.push(node("gradients/call", "named", &["gradients/Fill"]));
    let library = bytes(2, function("named", &[], &[]));
    let body: Vec<u8> = nodes.iter().flat_map(Node::field).chain(library).collect();
    let parts = [bytes(2, body), saver_def("save"), bytes_list("own", &[bytes(3, "named")])];
    let (_, stripped, _) = left_with(&parts, |options| options.training = true);
    assert_eq!(stripped.functions.count, 0);
}

#[test]
fn large_constants_are_there_once_when_asked() {
    let content = vec![7; 3 << 20];
    let nodes = [
        constant_of("a", &content),
        constant_of("b", &content).beside("a").raw(bytes(4, "")),
        constant_of("c", &[content.clone(), vec![8]].concat()),
        constant_of("far", &content).raw(bytes(4, "/gpu:0")),
        node("waits", "NoOp", &[]),
        node("use", "AddN", &["a", "b", "c", "far"]),
        constant_of("small", b"1"),
        constant_of("small_too", b"1"),
    ];
    let (names, stripped, storage) =
        left_with(&[graph(&nodes)], |options| options.constants = Some(1024));
    assert_eq!(names.len(), nodes.len());
    assert_eq!(stripped.constants.count, 1);
    assert!(stripped.bytes_after + (3 << 20) - 100 < stripped.bytes_before);
    let out = storage.bytes("/out.meta").unwrap();
    let (_, body) = fields(&out).next().unwrap();
    let replaced: Vec<_> = fields(fields(body).nth(1).unwrap().1).collect();
    let expected = [
        (1, b"b".to_vec()),
        (2, b"Identity".to_vec()),
        (3, b"a".to_vec()),
        (5, [bytes(1, "T"), bytes(2, number(6, 9))].concat()),
        (5, [bytes(1, "_class"), bytes(2, bytes(1, bytes(2, "loc:@a")))].concat()),
    ];
    assert_eq!(replaced, expected.each_ref().map(|(field, value)| (*field, &value[..])));
}

#[test]
fn values_of_users_may_repeat() {
    let nodes = [variable("w", "w")];
    let list = bytes_list("labels", &[b"cat".to_vec(), b"cat".to_vec()]);
    let numbers = entry(4, "steps", bytes(3, bytes(1, [1, 1, 1])));
    let parts = [graph(&nodes), list, numbers];
    let (_, stripped, _) = left_with(&parts, |_| {});
    assert_eq!(stripped.collection_values.count, 0);
}

#[test]
fn a_name_that_two_nodes_have_is_refused() {
    let storage = stored(&[graph(&[constant("a", 1), constant("b", 1), constant("a", 2)])]);
    let error = strip("/model.meta", "/out.meta", &options(&storage)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::DataLoss);
    assert_eq!(error.file().unwrap().to_str(), Some("/model.meta"));
    assert_eq!(error.offset(), Some(3 + 2 * constant("a", 1).field().len() as u64));
    assert!(error.message().contains("'a'"), "{error}");
    assert!(storage.bytes("/out.meta").is_none());
}

#[test]
fn a_file_in_the_way_is_replaced_only_when_asked() {
    let storage = stored(&[graph(&model_with(vec![])), saver_def("save")]);
    let mut options = options(&storage);
    let error = strip("/model.meta", "/model.meta", &options).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::AlreadyExists);
    options.replace = true;
    let stripped = strip("/model.meta", "/model.meta", &options).unwrap();
    assert_eq!(storage.bytes("/model.meta").unwrap().len() as u64, stripped.bytes_after);
    // There is nothing left to cut, and nothing left lying about.
    let again = strip("/model.meta", "/model.meta", &options).unwrap();
    assert_eq!(again.bytes_before, again.bytes_after);
    assert_eq!(tfckpt::storage::Storage::list(&storage, "/".as_ref()).unwrap().len(), 1);
}

#[test]
fn a_saved_model_is_not_a_meta_file() {
    let storage = stored(&[number(1, 1), bytes(2, graph(&[]))]);
    let error = strip("/model.meta", "/out.meta", &options(&storage)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
}
