//! The library of functions.
//!
//! ```text
//! FunctionDefLibrary = function 1 (repeated), gradient 2 (repeated), …
//! FunctionDef        = signature 1 { name 1, … }, node_def 3 (repeated), …
//! ```

use super::input::{Input, each_bytes, each_field};
use super::names::shown;
use super::node::{Node, bytes_of};
use super::ops::{OpCounts, OpTally};
use super::summary::Constants;
use super::wire::Span;
use crate::error::Result;

pub(super) const FUNCTION: u32 = 1;
pub(super) const GRADIENT: u32 = 2;
const SIGNATURE: u32 = 1;
pub(super) const NODE: u32 = 3;

/// The library of functions of a graph.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Functions {
    /// How many functions there are.
    pub count: u64,
    /// How many of them have a gradient function registered by name.
    pub gradients: u64,
    /// The nodes of all functions together.
    pub nodes: OpCounts,
}

pub(super) fn read(
    input: &mut Input,
    library: Span,
    functions: &mut Functions,
    constants: &mut Constants,
) -> Result<()> {
    let mut ops = OpTally::default();
    each_field(input, library, |input, field| {
        match (field.number, field.bytes()) {
            (FUNCTION, Some(function)) => {
                functions.count += 1;
                read_nodes(input, function, &mut ops, constants)?;
            }
            (GRADIENT, Some(_)) => functions.gradients += 1,
            _ => {}
        }
        Ok(())
    })?;
    functions.nodes = ops.finish();
    Ok(())
}

fn read_nodes(
    input: &mut Input,
    function: Span,
    ops: &mut OpTally,
    constants: &mut Constants,
) -> Result<()> {
    let function_name = name(input, function)?;
    let mut node = Node::default();
    each_field(input, function, |input, field| {
        let Some(body) = field.bytes().filter(|_| field.number == NODE) else { return Ok(()) };
        node.read(input, field.whole, body)?;
        ops.add(&node.op, field.whole.len());
        if node.op == b"Const" {
            let bytes = node.constant_bytes(input)?;
            constants.add(|| format!("{}/{}", shown(&function_name), shown(&node.name)), bytes);
        }
        Ok(())
    })
}

pub(super) fn name(input: &mut Input, function: Span) -> Result<Vec<u8>> {
    let mut name = Vec::new();
    each_bytes(input, function, SIGNATURE, |input, signature| {
        if let Some(span) = bytes_of(input, signature, 1)? {
            name = input.view(span)?.to_vec();
        }
        Ok(())
    })?;
    Ok(name)
}
