//! Graphs made up at random, as much alike those of TensorFlow as it takes to be cut:
//! savers, imports, loops, gradients, functions, all over each other.
#![allow(dead_code)]

use super::graphs::{
    Node, bytes, bytes_list, constant_of, entry, graph, node, node_list, saver, saver_def,
    signature,
};

const SCOPES: [&str; 7] = ["", "", "save/", "save_1/", "gradients/", "layer/", "layer_1/"];
const STEMS: [&str; 8] =
    ["w", "Const", "Assign", "SaveV2", "RestoreV2", "restore_all", "x", "read"];
const NUMBERS: [&str; 4] = ["", "", "_1", "_2"];
const OPS: [&str; 22] = [
    "Const",
    "Const",
    "VariableV2",
    "VarHandleOp",
    "Assign",
    "AssignVariableOp",
    "Identity",
    "ReadVariableOp",
    "DisableCopyOnRead",
    "SaveV2",
    "RestoreV2",
    "MergeV2Checkpoints",
    "NoOp",
    "Placeholder",
    "MatMul",
    "ResourceApplyAdam",
    "PartitionedCall",
    "Merge",
    "NextIteration",
    "f0",
    "Pack",
    "ScatterUpdate",
];
const FUNCTIONS: usize = 4;

/// A graph, out of choices: `pick(n)` is a number below n.
pub fn made_up(pick: &mut impl FnMut(usize) -> usize) -> Vec<u8> {
    let names = names(pick);
    let mut nodes: Vec<Node> = Vec::new();
    let copies = 1 + pick(3);
    let shapes: Vec<Shape> = names.iter().map(|_| Shape::made_up(names.len(), pick)).collect();
    for copy in 0..copies {
        let suffix = if copy == 0 { String::new() } else { format!("_{copy}_7") };
        let at = |number: usize| format!("{}{suffix}", names[number]);
        nodes.extend(shapes.iter().enumerate().map(|(number, shape)| shape.node(number, &at)));
        if !names.is_empty() && pick(2) == 0 {
            nodes.extend(saver("saver", &suffix, &at(0)));
        }
    }
    let mut parts = vec![graph(&nodes), library(pick)];
    parts.extend((0..pick(4)).map(|_| outside(&names, pick)));
    if pick(4) > 0 {
        parts.push(saver_def(["saver", "save", "save_1"][pick(3)]));
    }
    join_graphs(parts)
}

/// Names of nodes, each once.
fn names(pick: &mut impl FnMut(usize) -> usize) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for _ in 0..pick(24) {
        let (scope, stem) = (SCOPES[pick(SCOPES.len())], STEMS[pick(STEMS.len())]);
        let name = format!("{scope}{stem}{}", NUMBERS[pick(NUMBERS.len())]);
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// A node but for its name.
struct Shape {
    op: usize,
    /// What it uses, and how.
    inputs: Vec<(usize, usize)>,
    beside: Option<usize>,
    shared: bool,
    content: usize,
    function: usize,
}

impl Shape {
    fn made_up(nodes: usize, pick: &mut impl FnMut(usize) -> usize) -> Self {
        let op = pick(OPS.len());
        let inputs = match OPS[op] {
            "Const" if pick(8) > 0 => 0,
            _ => pick(4),
        };
        Self {
            op,
            inputs: (0..inputs).map(|_| (pick(nodes), pick(4))).collect(),
            beside: (pick(4) == 0).then(|| pick(nodes)),
            shared: pick(2) == 0,
            content: pick(3),
            function: pick(FUNCTIONS),
        }
    }

    fn node(&self, number: usize, at: &impl Fn(usize) -> String) -> Node {
        let inputs: Vec<String> =
            self.inputs.iter().map(|&(used, how)| input(&at(used), how)).collect();
        let inputs: Vec<&str> = inputs.iter().map(String::as_str).collect();
        let name = at(number);
        let mut node = match OPS[self.op] {
            "Const" if inputs.is_empty() => constant_of(&name, &[self.content as u8; 300]),
            op => node(&name, op, &inputs),
        };
        if let Some(beside) = self.beside {
            node = node.beside(&at(beside));
        }
        match OPS[self.op] {
            "VarHandleOp" | "VariableV2" => {
                node.text("shared_name", if self.shared { "shared" } else { "" })
            }
            "PartitionedCall" => node.attr("f", bytes(10, bytes(1, format!("f{}", self.function)))),
            _ => node,
        }
    }
}

fn input(name: &str, how: usize) -> String {
    match how {
        0 => format!("^{name}"),
        1 => format!("{name}:1"),
        2 => format!("gone/{name}"),
        _ => name.to_string(),
    }
}

/// Functions that call each other, and which is the gradient of which.
fn library(pick: &mut impl FnMut(usize) -> usize) -> Vec<u8> {
    let mut library = Vec::new();
    for number in 0..pick(FUNCTIONS + 1) {
        let calls = (0..pick(3)).map(|_| node("call", &format!("f{}", pick(FUNCTIONS)), &[]));
        let nodes = calls.flat_map(|call| {
            let mut field = call.field();
            // A function's nodes are its field 3.
            field[0] = (3 << 3) | 2;
            field
        });
        let nodes: Vec<u8> = nodes.collect();
        library.extend(bytes(1, [bytes(1, bytes(1, format!("f{number}"))), nodes].concat()));
    }
    for _ in 0..pick(2) {
        let [of, by] = [(); 2].map(|()| format!("f{}", pick(FUNCTIONS)));
        library.extend(bytes(2, [bytes(1, of), bytes(2, by)].concat()));
    }
    bytes(2, bytes(2, library))
}

/// Something that names nodes.
fn outside(names: &[String], pick: &mut impl FnMut(usize) -> usize) -> Vec<u8> {
    if names.is_empty() {
        return entry(4, "steps", bytes(3, bytes(1, [1, 1])));
    }
    let [a, b] = [(); 2].map(|()| names[pick(names.len())].as_str());
    match pick(4) {
        0 => node_list("train_op", &[a, b, a]),
        1 => bytes_list("variables", &[bytes(1, a), bytes(3, format!("{b}:0")), bytes(1, a)]),
        2 => signature("serve", &format!("{a}:0")),
        _ => bytes_list("labels", &[b"cat".to_vec(), b"cat".to_vec()]),
    }
}

/// The graph's parts as one field: its nodes, and then its library.
fn join_graphs(parts: Vec<Vec<u8>>) -> Vec<u8> {
    let (graphs, rest): (Vec<_>, Vec<_>) = parts.into_iter().partition(|part| part[0] == 0x12);
    let body: Vec<u8> = graphs
        .iter()
        .flat_map(|part| super::graphs::fields(part).next().unwrap().1.to_vec())
        .collect();
    [bytes(2, body), rest.concat()].concat()
}
