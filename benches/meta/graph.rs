//! A graph such as a program leaves that keeps its data in constants, makes a new
//! saver for each save and imports its own graph now and then.

use std::fmt;
use std::fs::File;
use std::io::{self, BufWriter, Seek, SeekFrom, Write};
use std::path::Path;

use crate::MIB;

/// How the graph is made up.
pub struct Shape {
    /// How many variables the model has.
    pub variables: usize,
    /// How many constants with how much content, the last one equal to the first.
    pub constants: usize,
    pub constant_bytes: usize,
}

impl Shape {
    /// Half of `bytes` are constants.
    pub fn of(bytes: u64) -> Self {
        let constants = 12;
        let constant_bytes = bytes as usize / 2 / constants;
        Self { variables: 200, constants, constant_bytes }
    }
}

/// What was made.
pub struct Made {
    pub bytes: u64,
    pub nodes: u64,
    pub constants: usize,
    pub constant_bytes: u64,
    /// How large it was before it grew.
    model_bytes: u64,
    one_constant: u64,
}

impl fmt::Display for Made {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let gib = |bytes: u64| bytes as f64 / MIB / 1024.0;
        let rest = gib(self.bytes - self.constant_bytes);
        write!(
            f,
            "a graph of {:.2} GiB: {rest:.2} GiB in {} nodes and ",
            gib(self.bytes),
            self.nodes
        )?;
        write!(f, "{:.2} GiB in {} constants", gib(self.constant_bytes), self.constants)
    }
}

impl Made {
    /// What grew must be gone, to within two hundredths of what does not repeat; and
    /// with `constants` the one that equals another.
    pub fn check_stripped(&self, bytes: u64, constants: bool) -> io::Result<()> {
        let saved = if constants { self.one_constant } else { 0 };
        let most = self.model_bytes - saved + (self.model_bytes - self.constant_bytes) / 50;
        match bytes <= most && bytes >= self.constant_bytes - saved {
            true => Ok(()),
            false => Err(io::Error::other(format!("{bytes} bytes are left, and not {most}"))),
        }
    }
}

/// Writes a graph of some `bytes` to `path`.
pub fn write(path: &Path, bytes: u64, shape: &Shape) -> io::Result<Made> {
    let mut out =
        Out { file: BufWriter::with_capacity(1 << 20, File::create(path)?), at: 0, nodes: 0 };
    let tail = [saver_def(), variables(shape.variables)].concat();
    let rest = bytes.saturating_sub(tail.len() as u64);
    // The length of the graph is known in the end only.
    out.put(&[0x12, 0x80, 0x80, 0x80, 0x80, 0x80, 0])?;
    let begun = out.at;
    out.constants(shape)?;
    let constant_bytes = out.at - begun;
    out.model(shape, "")?;
    out.saver(shape, "save", "")?;
    let model_bytes = out.at + tail.len() as u64;
    for round in 1.. {
        if out.at >= rest {
            break;
        }
        if round % 4 == 0 {
            out.model(shape, &format!("_{}", round / 4))?;
            out.saver(shape, "save", &format!("_{}", round / 4))?;
        } else {
            out.saver(shape, &format!("save_{round}"), "")?;
        }
    }
    let len = out.at - begun;
    out.put(&tail)?;
    let (bytes, nodes) = (out.at, out.nodes);
    let mut file = out.file.into_inner()?;
    file.seek(SeekFrom::Start(1))?;
    file.write_all(&padded_varint(len))?;
    file.sync_all()?;
    let one_constant = shape.constant_bytes as u64;
    Ok(Made { bytes, nodes, constants: shape.constants, constant_bytes, model_bytes, one_constant })
}

/// A varint of six bytes.
fn padded_varint(value: u64) -> [u8; 6] {
    let mut bytes = [0x80; 6];
    for (at, byte) in bytes.iter_mut().enumerate() {
        *byte |= ((value >> (7 * at)) & 0x7f) as u8;
    }
    bytes[5] &= 0x7f;
    bytes
}

struct Out {
    file: BufWriter<File>,
    at: u64,
    nodes: u64,
}

impl Out {
    fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.at += bytes.len() as u64;
        self.file.write_all(bytes)
    }

    fn node(&mut self, node: &Node) -> io::Result<()> {
        self.nodes += 1;
        self.put(&field(1, &node.0))
    }

    fn constants(&mut self, shape: &Shape) -> io::Result<()> {
        for number in 0..shape.constants {
            let seed = (number % (shape.constants - 1).max(1)) as u64;
            let content = content(shape.constant_bytes, seed);
            self.node(&constant(&format!("data/table_{number}"), &content))?;
        }
        Ok(())
    }

    /// The variables, their initial values, and what is computed.
    fn model(&mut self, shape: &Shape, copy: &str) -> io::Result<()> {
        let mut inits = Vec::new();
        for number in 0..shape.variables {
            let name = variable(number, copy);
            let [value, assign, read] = ["Initializer/zeros", "Assign", "read"]
                .map(|part| format!("{}/{part}{copy}", variable(number, "")));
            self.node(&constant(&value, &[0; 16]).beside(&name))?;
            self.node(
                &Node::new(&name, "VariableV2", &[]).shape(&[64, 64]).text("shared_name", ""),
            )?;
            self.node(&Node::new(&assign, "Assign", &[&name, &value]).beside(&name))?;
            self.node(&Node::new(&read, "Identity", &[&name]).beside(&name))?;
            inits.push(format!("^{assign}"));
        }
        self.node(&Node::new(&format!("init{copy}"), "NoOp", &refs(&inits)))
    }

    /// What a saver adds, all names ending with `copy`.
    fn saver(&mut self, shape: &Shape, scope: &str, copy: &str) -> io::Result<()> {
        let at = |name: &str| format!("{scope}/{name}{copy}");
        let names: Vec<String> = (0..shape.variables).map(|number| variable(number, "")).collect();
        let variables: Vec<String> =
            (0..shape.variables).map(|number| variable(number, copy)).collect();
        let content: Vec<u8> = names.iter().flat_map(|name| field(8, name.as_bytes())).collect();
        let path = at("Const");
        let [save_names, save_slices, names, slices] = [
            "SaveV2/tensor_names",
            "SaveV2/shape_and_slices",
            "RestoreV2/tensor_names",
            "RestoreV2/shape_and_slices",
        ]
        .map(at);
        self.node(&constant(&path, b"model"))?;
        self.node(&constant(&save_names, &content))?;
        self.node(&constant(&save_slices, &[0x42, 0].repeat(shape.variables)))?;
        let leading = [&path, &save_names, &save_slices].map(String::as_str);
        let inputs: Vec<&str> = leading.into_iter().chain(refs(&variables)).collect();
        self.node(&Node::new(&at("SaveV2"), "SaveV2", &inputs))?;
        let after = format!("^{}", at("SaveV2"));
        self.node(
            &Node::new(&at("control_dependency"), "Identity", &[&path, &after]).beside(&path),
        )?;
        self.node(&constant(&names, &content))?;
        self.node(&constant(&slices, &[0x42, 0].repeat(shape.variables)))?;
        let restore = at("RestoreV2");
        self.node(&Node::new(&restore, "RestoreV2", &[&path, &names, &slices]))?;
        let mut assigns = Vec::new();
        for (number, variable) in variables.iter().enumerate() {
            let name = at(&format!("Assign_{number}"));
            let value = format!("{restore}:{number}");
            self.node(&Node::new(&name, "Assign", &[variable, &value]).beside(variable))?;
            assigns.push(format!("^{name}"));
        }
        self.node(&Node::new(&at("restore_all"), "NoOp", &refs(&assigns)))
    }
}

fn variable(number: usize, copy: &str) -> String {
    format!("model/block_{}/layer_{}/kernel{copy}", number / 10, number % 10)
}

fn refs(names: &[String]) -> Vec<&str> {
    names.iter().map(String::as_str).collect()
}

fn saver_def() -> Vec<u8> {
    let names = [(1, "save/Const:0"), (2, "save/control_dependency:0"), (3, "save/restore_all")];
    let def: Vec<u8> =
        names.iter().flat_map(|(number, name)| field(*number, name.as_bytes())).collect();
    field(3, &[&def[..], &[0x20, 5, 0x38, 2]].concat())
}

/// The collection of the variables.
fn variables(count: usize) -> Vec<u8> {
    let values: Vec<u8> = (0..count)
        .flat_map(|number| {
            let name = format!("{}:0", variable(number, ""));
            field(1, &field(1, name.as_bytes()))
        })
        .collect();
    field(4, &[field(1, b"variables"), field(2, &field(2, &values))].concat())
}

/// Bytes that don't repeat, and the same for the same seed.
fn content(len: usize, seed: u64) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut bytes = Vec::with_capacity(len + 8);
    while bytes.len() < len {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        bytes.extend_from_slice(&state.to_le_bytes());
    }
    bytes.truncate(len);
    bytes
}

fn constant(name: &str, content: &[u8]) -> Node {
    Node::new(name, "Const", &[])
        .attr("dtype", &[0x30, 1])
        .attr("value", &field(8, &[&[0x08, 1][..], &field(4, content)].concat()))
}

struct Node(Vec<u8>);

impl Node {
    fn new(name: &str, op: &str, inputs: &[&str]) -> Self {
        let mut body = [field(1, name.as_bytes()), field(2, op.as_bytes())].concat();
        inputs.iter().for_each(|input| body.extend(field(3, input.as_bytes())));
        Self(body)
    }

    fn attr(mut self, key: &str, value: &[u8]) -> Self {
        self.0.extend(field(5, &[field(1, key.as_bytes()), field(2, value)].concat()));
        self
    }

    fn text(self, key: &str, value: &str) -> Self {
        self.attr(key, &field(2, value.as_bytes()))
    }

    fn shape(self, dims: &[u8]) -> Self {
        let dims: Vec<u8> = dims.iter().flat_map(|&dim| field(2, &[0x08, dim])).collect();
        self.attr("shape", &field(7, &dims))
    }

    fn beside(self, other: &str) -> Self {
        self.attr("_class", &field(1, &field(2, format!("loc:@{other}").as_bytes())))
    }
}

/// A field that holds `content`.
fn field(number: u8, content: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(content.len() + 6);
    out.push((number << 3) | 2);
    let mut len = content.len();
    while len >= 0x80 {
        out.push(len as u8 | 0x80);
        len >>= 7;
    }
    out.push(len as u8);
    out.extend_from_slice(content);
    out
}
