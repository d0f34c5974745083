//! Object graphs being made.

use std::ffi::c_char;

use super::arguments::given;
use super::boundary::{boundary, boundary_handle, boundary_out, free};
use super::error::tfckpt_error;
use super::object_graph::{node_id, text, tfckpt_object_graph};
use super::status::tfckpt_status;
use crate::checkpoint::object_graph::ObjectGraphBuilder;

/// An object graph being made, for a checkpoint that tf.train.Checkpoint restores.
/// Objects are added with the references between them, as the Python program has
/// them. They are numbered in the order in which they are added, from 0, the root,
/// which is there from the start. The graph is byte for byte TensorFlow's when they
/// come in its order: breadth first, slots last. Names are UTF-8.
#[derive(Default)]
pub struct tfckpt_object_graph_builder(ObjectGraphBuilder);

/// A graph of nothing but the root, owned by the caller.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_object_graph_builder_new() -> Box<tfckpt_object_graph_builder> {
    Box::default()
}

/// Frees a builder. NULL is fine.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_object_graph_builder_free(
    builder: Option<Box<tfckpt_object_graph_builder>>,
) {
    free(builder);
}

/// Adds an object that nothing refers to yet; its number goes to *out.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tfckpt_object_graph_builder_add_node(
    builder: Option<&mut tfckpt_object_graph_builder>,
    out: *mut i64,
    err: *mut *mut tfckpt_error,
) -> tfckpt_status {
    // SAFETY: the caller keeps the rules of the header.
    unsafe { boundary_out(out, err, || Ok(given(builder, "builder")?.0.add_node()?.into())) }
}

/// Adds a reference of parent to child under a local name, mostly that of a Python
/// attribute, or a number in a list. An object may be referred to by any number of
/// others, itself included. INVALID_ARGUMENT where one of the two is not there.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tfckpt_object_graph_builder_add_child(
    builder: Option<&mut tfckpt_object_graph_builder>,
    parent: i64,
    name: *const c_char,
    name_len: usize,
    child: i64,
    err: *mut *mut tfckpt_error,
) -> tfckpt_status {
    // SAFETY: the caller keeps the rules of the header.
    unsafe {
        boundary(err, || {
            let name = text(name, name_len, "name")?;
            given(builder, "builder")?.0.add_child(node_id(parent)?, name, node_id(child)?)
        })
    }
}

/// Adds an object, and a reference of parent to it; its number goes to *out.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tfckpt_object_graph_builder_add_object(
    builder: Option<&mut tfckpt_object_graph_builder>,
    parent: i64,
    name: *const c_char,
    name_len: usize,
    out: *mut i64,
    err: *mut *mut tfckpt_error,
) -> tfckpt_status {
    // SAFETY: the caller keeps the rules of the header.
    unsafe {
        boundary_out(out, err, || {
            let name = text(name, name_len, "name")?;
            Ok(given(builder, "builder")?.0.add_object(node_id(parent)?, name)?.into())
        })
    }
}

/// Adds something of an object that is in the checkpoint: for a variable
/// "VARIABLE_VALUE", with the name that it has in the program; for other objects that
/// is empty. INVALID_ARGUMENT where the object has an attribute of that name.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tfckpt_object_graph_builder_add_attribute(
    builder: Option<&mut tfckpt_object_graph_builder>,
    node: i64,
    name: *const c_char,
    name_len: usize,
    full_name: *const c_char,
    full_name_len: usize,
    err: *mut *mut tfckpt_error,
) -> tfckpt_status {
    // SAFETY: the caller keeps the rules of the header.
    unsafe {
        boundary(err, || {
            let name = text(name, name_len, "name")?;
            let full_name = text(full_name, full_name_len, "full_name")?;
            given(builder, "builder")?.0.add_attribute(node_id(node)?, name, full_name)
        })
    }
}

/// Adds a variable, and a reference of parent to it; its number goes to *out.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tfckpt_object_graph_builder_add_variable(
    builder: Option<&mut tfckpt_object_graph_builder>,
    parent: i64,
    name: *const c_char,
    name_len: usize,
    full_name: *const c_char,
    full_name_len: usize,
    out: *mut i64,
    err: *mut *mut tfckpt_error,
) -> tfckpt_status {
    // SAFETY: the caller keeps the rules of the header.
    unsafe {
        boundary_out(out, err, || {
            let name = text(name, name_len, "name")?;
            let full_name = text(full_name, full_name_len, "full_name")?;
            let builder = &mut given(builder, "builder")?.0;
            Ok(builder.add_variable(node_id(parent)?, name, full_name)?.into())
        })
    }
}

/// Adds the variable that an optimizer keeps for another one in its slot of that name;
/// its number goes to *out.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tfckpt_object_graph_builder_add_slot(
    builder: Option<&mut tfckpt_object_graph_builder>,
    optimizer: i64,
    variable: i64,
    name: *const c_char,
    name_len: usize,
    full_name: *const c_char,
    full_name_len: usize,
    out: *mut i64,
    err: *mut *mut tfckpt_error,
) -> tfckpt_status {
    // SAFETY: the caller keeps the rules of the header.
    unsafe {
        boundary_out(out, err, || {
            let name = text(name, name_len, "name")?;
            let full_name = text(full_name, full_name_len, "full_name")?;
            let (optimizer, variable) = (node_id(optimizer)?, node_id(variable)?);
            let builder = &mut given(builder, "builder")?.0;
            Ok(builder.add_slot(optimizer, variable, name, full_name)?.into())
        })
    }
}

/// Adds the variable in which tf.train.Checkpoint counts how often it was saved, and
/// which its restore() looks for: a scalar TFCKPT_DT_INT64. Its number goes to *out.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tfckpt_object_graph_builder_add_save_counter(
    builder: Option<&mut tfckpt_object_graph_builder>,
    out: *mut i64,
    err: *mut *mut tfckpt_error,
) -> tfckpt_status {
    // SAFETY: the caller keeps the rules of the header.
    unsafe {
        boundary_out(out, err, || Ok(given(builder, "builder")?.0.add_save_counter()?.into()))
    }
}

/// Makes the keys, and of all a graph, into *out; numbers stay as they are.
/// INVALID_ARGUMENT where an object has two children of the same name, or something
/// that is to be in the checkpoint is not reached from the root. More may be added to
/// the builder after that, for another graph.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tfckpt_object_graph_builder_build(
    builder: Option<&tfckpt_object_graph_builder>,
    out: *mut *mut tfckpt_object_graph,
    err: *mut *mut tfckpt_error,
) -> tfckpt_status {
    // SAFETY: the caller keeps the rules of the header.
    unsafe {
        boundary_handle(out, err, || given(builder, "builder")?.0.clone().build().map(Into::into))
    }
}
