//! The variables of a graph.

use std::ffi::c_char;

use super::arguments::{Text, put_len};
use super::boundary::free;
use super::lists::item;
use super::meta_tensor::{dims, dtype_number, rank};
use crate::graph::{PartialShape, Variable};

/// The nodes of a graph that hold variables, in its order.
pub struct tfckpt_meta_variables(Vec<One>);

struct One {
    name: Text,
    op: Text,
    shared_name: Text,
    dtype: i32,
    shape: PartialShape,
}

impl From<Vec<Variable>> for tfckpt_meta_variables {
    fn from(variables: Vec<Variable>) -> Self {
        let one = |variable: Variable| One {
            name: Text::new(variable.name),
            op: Text::new(variable.op),
            shared_name: Text::new(variable.shared_name),
            dtype: dtype_number(variable.dtype),
            shape: variable.shape,
        };
        Self(variables.into_iter().map(one).collect())
    }
}

impl tfckpt_meta_variables {
    fn at(variables: Option<&Self>, index: i64) -> Option<&One> {
        variables.and_then(|variables| item(&variables.0, index))
    }
}

/// Frees variables. NULL is fine.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_meta_variables_free(variables: Option<Box<tfckpt_meta_variables>>) {
    free(variables);
}

/// How many there are.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_meta_variables_count(variables: Option<&tfckpt_meta_variables>) -> i64 {
    variables.map_or(0, |variables| variables.0.len() as i64)
}

/// The name of the one at index, from 0; NULL outside.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tfckpt_meta_variables_name(
    variables: Option<&tfckpt_meta_variables>,
    index: i64,
    len: *mut usize,
) -> *const c_char {
    let variable = tfckpt_meta_variables::at(variables, index);
    // SAFETY: the caller keeps the rules of the header.
    unsafe { put_len(variable.map(|variable| &variable.name), len) }
}

/// Its op: "VarHandleOp", or the older "VariableV2" and "Variable".
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tfckpt_meta_variables_op(
    variables: Option<&tfckpt_meta_variables>,
    index: i64,
    len: *mut usize,
) -> *const c_char {
    let variable = tfckpt_meta_variables::at(variables, index);
    // SAFETY: the caller keeps the rules of the header.
    unsafe { put_len(variable.map(|variable| &variable.op), len) }
}

/// The name under which a session shares it: nodes with the same one are the same
/// variable. Often empty with the older ops: then that is the node's own name.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tfckpt_meta_variables_shared_name(
    variables: Option<&tfckpt_meta_variables>,
    index: i64,
    len: *mut usize,
) -> *const c_char {
    let variable = tfckpt_meta_variables::at(variables, index);
    // SAFETY: the caller keeps the rules of the header.
    unsafe { put_len(variable.map(|variable| &variable.shared_name), len) }
}

/// The type of its elements: a tfckpt_dtype; 0 where it is not told, or unknown.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_meta_variables_dtype(
    variables: Option<&tfckpt_meta_variables>,
    index: i64,
) -> i32 {
    tfckpt_meta_variables::at(variables, index).map_or(0, |variable| variable.dtype)
}

/// How many dimensions it has; -1 where that is open.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_meta_variables_rank(
    variables: Option<&tfckpt_meta_variables>,
    index: i64,
) -> i64 {
    rank(tfckpt_meta_variables::at(variables, index).map(|variable| &variable.shape))
}

/// Its dimensions, as many as tfckpt_meta_variables_rank() says, -1 for one that is
/// open; borrowed, and NULL where their number is open.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_meta_variables_dims(
    variables: Option<&tfckpt_meta_variables>,
    index: i64,
) -> *const i64 {
    dims(tfckpt_meta_variables::at(variables, index).map(|variable| &variable.shape))
}
