//! What is different between two graphs, in what is easily overlooked.

mod support;

use support::graphs::{
    Node, bytes, bytes_list, constant, constant_of, entry, graph, node, node_list, number, open,
    saver, saver_def, signature, stored, variable,
};
use tfckpt::graph::{ChangeKind, Diff, Subject};

fn diff(before: &[Vec<u8>], after: &[Vec<u8>]) -> Diff {
    let [before, after] = [before, after].map(|parts| open(&stored(parts), "/model.meta").unwrap());
    before.meta_graph().unwrap().diff(after.meta_graph().unwrap()).unwrap()
}

/// The one change that there is.
fn change(before: &[Vec<u8>], after: &[Vec<u8>]) -> (ChangeKind, Subject, u64) {
    let diff = diff(before, after);
    assert_eq!(diff.changes.len(), 1, "{diff}");
    let change = &diff.changes[0];
    (change.kind, change.subject.clone(), change.items)
}

fn model() -> Vec<u8> {
    let mut nodes =
        vec![variable("w", "w"), constant("a/c", 1), node("y", "MatMul", &["w", "a/c"])];
    nodes.extend(saver("save", "", "w"));
    graph(&nodes)
}

#[test]
fn a_graph_is_not_different_from_itself() {
    let parts = [
        model(),
        saver_def("save"),
        bytes_list("variables", &[bytes(1, "w")]),
        signature("serve", "y:0"),
        bytes(6, bytes(2, "vocabulary")),
        bytes(7, bytes(1, "object")),
    ];
    let diff = diff(&parts, &parts);
    assert!(diff.changes.is_empty(), "{diff}");
    assert_eq!(diff.constants.count, 0);
}

#[test]
fn a_saver_is_known_by_the_bytes_of_its_name() {
    let saver = node("", "SaveV2", &[]).raw(bytes(1, b"\xffave/SaveV2"));
    let parts = [graph(&[saver])];
    let same = diff(&parts, &parts);
    assert_eq!(same.after.savers.len(), 1);
    assert!(same.changes.is_empty(), "{same}");
    let more = diff(&[graph(&[])], &parts);
    assert_eq!((more.changes[0].savers, more.changes[0].items), (1, 1), "{more}");
}

#[test]
fn nodes_of_one_name_are_compared_in_their_order() {
    let twice = [graph(&[node("a", "NoOp", &[]), node("a", "MatMul", &["b"])])];
    let same = diff(&twice, &twice);
    assert!(same.changes.is_empty(), "{same}");
    let once = [graph(&[node("a", "NoOp", &[])])];
    assert_eq!(change(&once, &twice), (ChangeKind::Added, Subject::Op("MatMul".into()), 1));
}

#[test]
fn what_has_the_same_size_may_differ() {
    let same_size = [
        ([node_list("train_op", &["a"])], [node_list("train_op", &["b"])], "train_op"),
        ([bytes_list("v", &[bytes(1, "w")])], [bytes_list("v", &[bytes(1, "x")])], "v"),
        (
            [entry(4, "steps", bytes(3, bytes(1, [1, 2])))],
            [entry(4, "steps", bytes(3, bytes(1, [1, 3])))],
            "steps",
        ),
    ];
    for (before, after, key) in same_size {
        let subject = Subject::Collection(key.into());
        assert_eq!(change(&before, &after), (ChangeKind::Changed, subject, 0));
    }
    for (field, part) in [(6, "assets"), (7, "object_graph")] {
        let [before, after] = ["one", "two"].map(|name| [model(), bytes(field, bytes(1, name))]);
        assert_eq!(change(&before, &after).1, Subject::Part(part.into()));
    }
    let versions = |producer| [model(), bytes(2, bytes(4, number(1, producer)))];
    assert_eq!(change(&versions(1), &versions(2)).1, Subject::Part("rest".into()));
}

#[test]
fn the_order_of_maps_means_nothing() {
    let context = |first: &str, second: &str| {
        let values: Vec<u8> = [first, second]
            .iter()
            .flat_map(|key| bytes(2, [bytes(1, key), bytes(2, format!("{key}:0"))].concat()))
            .collect();
        [bytes_list("while_context", &[bytes(9, values)])]
    };
    assert!(diff(&context("a", "b"), &context("b", "a")).changes.is_empty());
    // That of values does.
    let list = |values: [&str; 2]| [node_list("losses", &values)];
    assert_eq!(diff(&list(["a", "b"]), &list(["b", "a"])).changes.len(), 1);
}

#[test]
fn large_constants_that_came_on_top_are_named() {
    let large = vec![7; 5000];
    let before = graph(&[constant_of("kept", &large), constant_of("other", b"1")]);
    let after = graph(&[
        constant_of("kept", &large),
        constant_of("other", &large),
        constant_of("data/new", &[large.clone(), large.clone()].concat()),
        constant_of("small", b"1"),
    ]);
    let diff = diff(&[before], &[after]);
    assert_eq!(diff.constants.count, 3);
    let names: Vec<_> = diff.constants.largest.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["data/new", "other", "small"]);
    let text = diff.to_string();
    assert!(text.contains("a large constant of the second: data/new, 10,"), "{text}");
    assert!(text.contains("a large constant of the second: other, 5,0"), "{text}");
    assert!(!text.contains("small,"), "{text}");
}

#[test]
fn what_went_away_and_what_is_otherwise() {
    let before = [
        model(),
        signature("old", "y:0"),
        signature("both", "y:0"),
        bytes(2, bytes(2, bytes(1, [bytes(1, bytes(1, "f")), bytes(3, bytes(1, "n"))].concat()))),
    ];
    let mut nodes = vec![variable("w", "w"), constant("a/c", 2), node("y", "Add", &["w", "a/c"])];
    nodes.extend(saver("save", "", "w"));
    nodes.extend(saver("save_1", "", "w"));
    nodes.push(node("y_1", "Add", &["w", "a/c"]));
    let after = [graph(&nodes), signature("new", "y:0"), signature("both", "y_1:0")];
    let diff = diff(&before, &after);
    let changes: Vec<_> =
        diff.changes.iter().map(|one| (one.kind, &one.subject, one.items)).collect();
    let (added, removed, changed) = (ChangeKind::Added, ChangeKind::Removed, ChangeKind::Changed);
    for expected in [
        (added, &Subject::Savers, 8),
        (added, &Subject::Repeats, 1),
        (changed, &Subject::Op("Add".into()), 1),
        (changed, &Subject::Scope("a".into()), 1),
        (removed, &Subject::Functions, 1),
        (removed, &Subject::Signatures, 1),
        (added, &Subject::Signatures, 1),
        (changed, &Subject::Signatures, 1),
    ] {
        assert!(changes.contains(&expected), "{expected:?} is not in {changes:?}");
    }
    assert!(diff.to_string().lines().all(|line| !line.is_empty()));
}

/// A node as it would be in another file.
#[test]
fn attributes_in_another_order_are_the_same() {
    let nodes = |first: &str, second: &str| -> Vec<Node> {
        vec![node("n", "Op", &["^b", "^a"]).text(first, "1").text(second, "1")]
    };
    assert!(diff(&[graph(&nodes("p", "q"))], &[graph(&nodes("q", "p"))]).changes.is_empty());
}
