//! The variables of a graph.

use super::info::text;
use super::input::Input;
use super::meta::MetaGraph;
use super::names::shown;
use super::node::{Node, bytes_of, varint_of};
use super::signature::{PartialShape, dtype, read_shape};
use crate::error::Result;
use crate::tensor::DType;

/// Fields of an AttrValue.
const STRING: u32 = 2;
const TYPE: u32 = 6;
const SHAPE: u32 = 7;

/// A node that holds a variable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variable {
    /// The node's name.
    pub name: String,
    /// Its op: `VarHandleOp`, or the older `VariableV2` and `Variable`.
    pub op: String,
    /// The type of its elements, as far as it is told and known.
    pub dtype: Option<DType>,
    /// Its shape.
    pub shape: PartialShape,
    /// The name under which a session shares it; nodes with the same one are the
    /// same variable. Often empty with the older ops: then the node's own name.
    pub shared_name: String,
}

/// The ops of nodes that hold variables.
pub const VARIABLE_OPS: [&str; 3] = ["Variable", "VariableV2", "VarHandleOp"];

impl MetaGraph {
    /// The variables of the graph, in its order. There may be millions:
    /// [`each_variable`](Self::each_variable) has one at a time.
    ///
    /// # Errors
    /// As those of [`summary`](Self::summary).
    pub fn variables(&self) -> Result<Vec<Variable>> {
        let mut variables = Vec::new();
        self.each_variable(|variable| {
            variables.push(variable);
            Ok(())
        })?;
        Ok(variables)
    }

    /// Calls `each` with every variable of the graph, in its order.
    ///
    /// # Errors
    /// What `each` returns, and as those of [`summary`](Self::summary).
    pub fn each_variable(&self, mut each: impl FnMut(Variable) -> Result<()>) -> Result<()> {
        self.each_node(&mut self.input(), |input, _, node| match is_variable(&node.op) {
            true => each(read(input, node)?),
            false => Ok(()),
        })
    }
}

pub(super) fn is_variable(op: &[u8]) -> bool {
    VARIABLE_OPS.iter().any(|variable| variable.as_bytes() == op)
}

fn read(input: &mut Input, node: &Node) -> Result<Variable> {
    let mut variable = Variable {
        name: shown(&node.name),
        op: shown(&node.op),
        dtype: None,
        shape: PartialShape::default(),
        shared_name: String::new(),
    };
    node.each_attr(input, |input, key, attr| {
        match key {
            b"dtype" => variable.dtype = dtype(varint_of(input, attr.value, TYPE)?),
            b"shape" => {
                if let Some(shape) = bytes_of(input, attr.value, SHAPE)? {
                    variable.shape = read_shape(input, shape)?;
                }
            }
            b"shared_name" => {
                if let Some(span) = bytes_of(input, attr.value, STRING)? {
                    variable.shared_name = text(input, span)?;
                }
            }
            _ => {}
        }
        Ok(())
    })?;
    Ok(variable)
}
