//! One object of a graph, and what of it is in the checkpoint.

use std::ffi::c_char;
use std::ptr::null;

use super::arguments::{Text, put_len};
use super::boundary::free;
use crate::checkpoint::object_graph::{Attribute, NodeId, ObjectGraph, Role};

/// What an object is in the checkpoint.
#[repr(i32)]
pub enum tfckpt_role {
    /// Nothing of its own is there: a model, a list.
    TFCKPT_ROLE_OBJECT = 0,
    /// A variable that is none of the following.
    TFCKPT_ROLE_VARIABLE = 1,
    /// A variable that an optimizer keeps for another one, in a slot.
    TFCKPT_ROLE_SLOT = 2,
    /// Any other variable that is an optimizer's alone. Optimizers of Keras from 2.11
    /// on have no slots: what they keep is this.
    TFCKPT_ROLE_OPTIMIZER_STATE = 3,
    /// The variable in which tf.train.Checkpoint counts how often it was saved.
    TFCKPT_ROLE_SAVE_COUNTER = 4,
    /// No variable: an iterator, a table, Python state.
    TFCKPT_ROLE_OTHER = 5,
}

/// An object: a snapshot that needs its graph no more.
pub struct tfckpt_object {
    node: NodeId,
    paths: Vec<Text>,
    role: Role,
    children: Vec<(Text, NodeId)>,
    attributes: Vec<tfckpt_attribute>,
    slots: Vec<Slot>,
    saver: Option<[Text; 2]>,
    has_values: Option<bool>,
}

struct Slot {
    name: Text,
    variable: NodeId,
    node: NodeId,
}

/// Something of an object that is in the checkpoint.
pub struct tfckpt_attribute {
    node: NodeId,
    name: Text,
    full_name: Text,
    key: Text,
}

impl tfckpt_object {
    pub(super) fn new(graph: &ObjectGraph, id: NodeId) -> Option<Self> {
        let node = graph.node(id)?;
        let slots = node.slots.iter().map(|slot| Slot {
            name: Text::new(slot.name.as_str()),
            variable: slot.variable,
            node: slot.node,
        });
        let children = node.children.iter();
        Some(Self {
            node: id,
            paths: graph.paths(id).into_iter().map(Text::new).collect(),
            role: graph.role(id)?,
            children: children.map(|one| (Text::new(one.name.as_str()), one.node)).collect(),
            attributes: node.attributes.iter().map(|a| tfckpt_attribute::new(id, a)).collect(),
            slots: slots.collect(),
            saver: node.registered_saver.as_ref().map(|saver| {
                [Text::new(saver.name.as_str()), Text::new(saver.object_name.as_str())]
            }),
            has_values: node.has_checkpoint_values,
        })
    }
}

impl tfckpt_attribute {
    pub(super) fn new(node: NodeId, attribute: &Attribute) -> Self {
        let Attribute { name, full_name, key } = attribute;
        let [name, full_name, key] = [name, full_name, key].map(|text| Text::new(text.as_str()));
        Self { node, name, full_name, key }
    }
}

/// An item of a list of an object.
fn at<'o, T>(
    object: Option<&'o tfckpt_object>,
    list: impl FnOnce(&'o tfckpt_object) -> &'o [T],
    index: i64,
) -> Option<&'o T> {
    list(object?).get(usize::try_from(index).ok()?)
}

/// Frees an object. NULL is fine.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_object_free(object: Option<Box<tfckpt_object>>) {
    free(object);
}

/// Its number; -1 for NULL.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_object_node(object: Option<&tfckpt_object>) -> i64 {
    object.map_or(-1, |object| object.node.into())
}

/// What it is in the checkpoint: a tfckpt_role.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_object_role(object: Option<&tfckpt_object>) -> i32 {
    use tfckpt_role::*;
    let role = match object.map_or(Role::Object, |object| object.role) {
        Role::Object => TFCKPT_ROLE_OBJECT,
        Role::Variable => TFCKPT_ROLE_VARIABLE,
        Role::Slot => TFCKPT_ROLE_SLOT,
        Role::OptimizerState => TFCKPT_ROLE_OPTIMIZER_STATE,
        Role::SaveCounter => TFCKPT_ROLE_SAVE_COUNTER,
        Role::Other => TFCKPT_ROLE_OTHER,
    };
    role as i32
}

/// Whether it, or an object that is reached from it, has something in the checkpoint:
/// 1 or 0, and -1 where the checkpoint is too old to say.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_object_has_values(object: Option<&tfckpt_object>) -> i32 {
    object.and_then(|object| object.has_values).map_or(-1, i32::from)
}

/// By how many paths it is known: the shortest, and for each other reference to it the
/// shortest that ends with that. 0 where nothing leads to it.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_object_path_count(object: Option<&tfckpt_object>) -> i64 {
    object.map_or(0, |object| object.paths.len() as i64)
}

/// One of its paths, from 0, which is the shortest and what keys are made of; NULL
/// outside. What an optimizer keeps in a slot has the path
/// VARIABLE/.OPTIMIZER_SLOT/OPTIMIZER/SLOT.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tfckpt_object_path(
    object: Option<&tfckpt_object>,
    index: i64,
    len: *mut usize,
) -> *const c_char {
    // SAFETY: the caller keeps the rules of the header.
    unsafe { put_len(at(object, |object| &object.paths, index), len) }
}

/// To how many objects it refers.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_object_child_count(object: Option<&tfckpt_object>) -> i64 {
    object.map_or(0, |object| object.children.len() as i64)
}

/// The local name of one of them, from 0, in the order in which they were tracked;
/// NULL outside. Of several with the same name the last counts.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tfckpt_object_child_name(
    object: Option<&tfckpt_object>,
    index: i64,
    len: *mut usize,
) -> *const c_char {
    let child = at(object, |object| &object.children, index);
    // SAFETY: the caller keeps the rules of the header.
    unsafe { put_len(child.map(|(name, _)| name), len) }
}

/// The number of that one; -1 outside.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_object_child_node(object: Option<&tfckpt_object>, index: i64) -> i64 {
    at(object, |object| &object.children, index).map_or(-1, |&(_, node)| node.into())
}

/// How much of it is in the checkpoint: 1 for a variable.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_object_attribute_count(object: Option<&tfckpt_object>) -> i64 {
    object.map_or(0, |object| object.attributes.len() as i64)
}

/// What of it is in the checkpoint, from 0; borrowed, and NULL outside.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_object_attribute(
    object: Option<&tfckpt_object>,
    index: i64,
) -> *const tfckpt_attribute {
    at(object, |object| &object.attributes, index).map_or(null(), std::ptr::from_ref)
}

/// How many variables it keeps in slots for others; of optimizers alone.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_object_slot_count(object: Option<&tfckpt_object>) -> i64 {
    object.map_or(0, |object| object.slots.len() as i64)
}

/// Which of its slots one of them is in, from 0: "m", "momentum"; NULL outside.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tfckpt_object_slot_name(
    object: Option<&tfckpt_object>,
    index: i64,
    len: *mut usize,
) -> *const c_char {
    let slot = at(object, |object| &object.slots, index);
    // SAFETY: the caller keeps the rules of the header.
    unsafe { put_len(slot.map(|slot| &slot.name), len) }
}

/// The number of the variable that it is kept for; -1 outside.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_object_slot_variable(object: Option<&tfckpt_object>, index: i64) -> i64 {
    at(object, |object| &object.slots, index).map_or(-1, |slot| slot.variable.into())
}

/// Its own number; -1 outside.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_object_slot_node(object: Option<&tfckpt_object>, index: i64) -> i64 {
    at(object, |object| &object.slots, index).map_or(-1, |slot| slot.node.into())
}

/// The name under which the function that saved it was registered; NULL where that
/// was TensorFlow's own.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tfckpt_object_saver_name(
    object: Option<&tfckpt_object>,
    len: *mut usize,
) -> *const c_char {
    let saver = object.and_then(|object| object.saver.as_ref());
    // SAFETY: the caller keeps the rules of the header.
    unsafe { put_len(saver.map(|[name, _]| name), len) }
}

/// The name by which that function knows it; NULL where there is none.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tfckpt_object_saver_object_name(
    object: Option<&tfckpt_object>,
    len: *mut usize,
) -> *const c_char {
    let saver = object.and_then(|object| object.saver.as_ref());
    // SAFETY: the caller keeps the rules of the header.
    unsafe { put_len(saver.map(|[_, object]| object), len) }
}

/// Frees an attribute that you own. NULL is fine.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_attribute_free(attribute: Option<Box<tfckpt_attribute>>) {
    free(attribute);
}

/// The number of the object that it is of; -1 for NULL.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_attribute_node(attribute: Option<&tfckpt_attribute>) -> i64 {
    attribute.map_or(-1, |attribute| attribute.node.into())
}

/// Its name within the object; "VARIABLE_VALUE" for a variable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tfckpt_attribute_name(
    attribute: Option<&tfckpt_attribute>,
    len: *mut usize,
) -> *const c_char {
    // SAFETY: the caller keeps the rules of the header.
    unsafe { put_len(attribute.map(|attribute| &attribute.name), len) }
}

/// What a name-based saver would call the variable; empty for what is none. Several
/// may have the same.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tfckpt_attribute_full_name(
    attribute: Option<&tfckpt_attribute>,
    len: *mut usize,
) -> *const c_char {
    // SAFETY: the caller keeps the rules of the header.
    unsafe { put_len(attribute.map(|attribute| &attribute.full_name), len) }
}

/// Its key. A variable's tensor has that name; those of iterators and tables have
/// names that begin with it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tfckpt_attribute_key(
    attribute: Option<&tfckpt_attribute>,
    len: *mut usize,
) -> *const c_char {
    // SAFETY: the caller keeps the rules of the header.
    unsafe { put_len(attribute.map(|attribute| &attribute.key), len) }
}
