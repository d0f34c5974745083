//! The object graph: which Python objects an object-based checkpoint
//! (`tf.train.Checkpoint`, Keras) was made of, and which tensors are theirs.
//!
//! ```text
//! root ── model ── layer ── kernel ► VARIABLE_VALUE ► model/layer/kernel/.ATTRIBUTES/VARIABLE_VALUE
//!   └── optimizer ── slot "m" of kernel ► model/layer/kernel/.OPTIMIZER_SLOT/optimizer/m/.ATTRIBUTES/…
//! ```
//! A variable has three names. Its **path** is the way to it from the root. Its
//! **key** is the name of its tensor: made of the shortest path when the
//! checkpoint was saved. Its **full name** is what a name-based saver would have
//! called it. [`ObjectGraph::find`] takes any of the three.
//!
//! In paths and keys `/` stands between local names, `.` within a local name is
//! written `..`, and `/` within one `.S`; so a single `.` begins what is no
//! local name: `.ATTRIBUTES`, `.OPTIMIZER_SLOT`.

mod builder;
mod decode;
mod encode;
mod graph;
mod lookup;
mod names;
mod optimizers;
mod paths;
mod renamed;
mod rewrite;
mod roles;
mod tree;
mod union;

pub use builder::ObjectGraphBuilder;
pub use graph::{Attribute, Child, Node, NodeId, ObjectGraph, RegisteredSaver, SlotVariable};
pub use lookup::Found;
pub use names::{OBJECT_GRAPH_KEY, SAVE_COUNTER, VARIABLE_VALUE};
pub use roles::Role;
pub(crate) use union::union;
