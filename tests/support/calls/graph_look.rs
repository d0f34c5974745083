//! What is looked at of object graphs: all names lead back to where they came from.

use tfckpt::capi::*;

use super::getters::{each, text};
use super::handles::owned;
use super::look::{called, made};

/// Further nodes than this are not looked at.
const MOST_NODES: i64 = 40;

pub fn look_at_graph(graph: Option<&tfckpt_object_graph>) {
    let count = tfckpt_object_graph_count(graph);
    assert_eq!(count > 0, graph.is_some());
    for node in (-1..=count.min(MOST_NODES)).chain([count, i64::MIN, i64::MAX]) {
        let mut object = std::ptr::null_mut();
        // SAFETY: made here, and freed.
        let is_there =
            called(|err| unsafe { tfckpt_object_graph_object_at(graph, node, &mut object, err) });
        let object = owned(object);
        assert_eq!(is_there, object.is_some());
        assert_eq!(is_there, (0..count).contains(&node), "{node} of {count}");
        assert_eq!(tfckpt_object_node(object.as_deref()), if is_there { node } else { -1 });
        look_at_object(object.as_deref());
        look_into(graph, object.as_deref(), count);
        tfckpt_object_free(object);
    }
}

/// Whom an object refers to is there, and its names are known.
fn look_into(graph: Option<&tfckpt_object_graph>, object: Option<&tfckpt_object>, count: i64) {
    let nodes = 0..count;
    for index in 0..tfckpt_object_child_count(object) {
        assert!(nodes.contains(&tfckpt_object_child_node(object, index)));
    }
    for index in 0..tfckpt_object_slot_count(object) {
        assert!(nodes.contains(&tfckpt_object_slot_variable(object, index)));
        assert!(nodes.contains(&tfckpt_object_slot_node(object, index)));
    }
    // SAFETY: lengths are variables; names are as long as they were told to be.
    unsafe {
        for index in 0..tfckpt_object_path_count(object) {
            let path = text(|len| tfckpt_object_path(object, index, len)).unwrap();
            let found = tfckpt_object_graph_find_node(graph, path.as_ptr().cast(), path.len());
            assert!((-1..count).contains(&found));
        }
        for index in 0..tfckpt_object_attribute_count(object) {
            let attribute = tfckpt_object_attribute(object, index).as_ref();
            assert_eq!(tfckpt_attribute_node(attribute), tfckpt_object_node(object));
            look_for_key(graph, text(|len| tfckpt_attribute_key(attribute, len)).unwrap());
        }
    }
}

/// A key is before all other names, and its tensor is of the object.
fn look_for_key(graph: Option<&tfckpt_object_graph>, key: &[u8]) {
    let (name, len) = (key.as_ptr().cast(), key.len());
    // SAFETY: the name is as long as is told; what is made is freed here.
    unsafe {
        let found = made(|out, err| tfckpt_object_graph_find(graph, name, len, out, err));
        assert_eq!(text(|len| tfckpt_attribute_key(found.as_ref(), len)), Some(key));
        tfckpt_attribute_free(owned(found));
        let owner = made(|out, err| tfckpt_object_graph_find_owner(graph, name, len, out, err));
        assert_eq!(text(|len| tfckpt_attribute_key(owner.as_ref(), len)), Some(key));
        tfckpt_attribute_free(owned(owner));
        tfckpt_object_graph_is_optimizer_state(graph, name, len);
    }
}

pub fn look_at_object(object: Option<&tfckpt_object>) {
    assert!(tfckpt_object_node(object) >= 0 || object.is_none());
    assert!((0..=5).contains(&tfckpt_object_role(object)));
    assert!((-1..=1).contains(&tfckpt_object_has_values(object)));
    // SAFETY: lengths are variables, or NULL; attributes are borrowed from the object.
    unsafe {
        each(tfckpt_object_path_count(object), |index| {
            text(|len| tfckpt_object_path(object, index, len)).is_some()
        });
        each(tfckpt_object_child_count(object), |index| {
            let name = text(|len| tfckpt_object_child_name(object, index, len));
            assert_eq!(tfckpt_object_child_node(object, index) >= 0, name.is_some());
            name.is_some()
        });
        each(tfckpt_object_attribute_count(object), |index| {
            let attribute = tfckpt_object_attribute(object, index).as_ref();
            look_at_attribute(attribute);
            attribute.is_some()
        });
        each(tfckpt_object_slot_count(object), |index| {
            let name = text(|len| tfckpt_object_slot_name(object, index, len));
            assert_eq!(tfckpt_object_slot_variable(object, index) >= 0, name.is_some());
            assert_eq!(tfckpt_object_slot_node(object, index) >= 0, name.is_some());
            name.is_some()
        });
        let saver = text(|len| tfckpt_object_saver_name(object, len));
        let known_as = text(|len| tfckpt_object_saver_object_name(object, len));
        assert_eq!(saver.is_some(), known_as.is_some());
    }
}

pub fn look_at_attribute(attribute: Option<&tfckpt_attribute>) {
    assert_eq!(tfckpt_attribute_node(attribute) >= 0, attribute.is_some());
    for get in [tfckpt_attribute_name, tfckpt_attribute_full_name, tfckpt_attribute_key] {
        // SAFETY: lengths are variables, or NULL.
        assert_eq!(text(|len| unsafe { get(attribute, len) }).is_some(), attribute.is_some());
    }
}
