//! Calls about object graphs.

use std::ffi::c_char;

use arbitrary::Arbitrary;
use tfckpt::capi::*;

use super::graph_look::{look_at_attribute, look_at_graph, look_at_object};
use super::handles::{Handles, keep, pick, pick_mut};
use super::labels::{Index, Label, Wanted};
use super::look::{called, made};

#[derive(Arbitrary, Debug)]
pub enum GraphCall {
    Look(u8),
    LookAgain { kind: u8, which: u8 },
    At(u8, Index),
    FindNode(u8, Wanted),
    Find(u8, Wanted),
    FindOwner(u8, Wanted),
    IsOptimizerState(u8, Wanted),
    WithoutOptimizerState(u8),
    Builder,
    Add { builder: u8, what: Box<[Addition; 4]> },
    Build(u8),
    Write(u8),
    Free { kind: u8, which: u8 },
}

/// What is added to a graph being made.
#[derive(Arbitrary, Debug)]
pub enum Addition {
    Node,
    Child { parent: Index, name: Label, child: Index },
    Object { parent: Index, name: Label },
    Attribute { node: Index, name: Label, full_name: Label },
    Variable { parent: Index, name: Label, full_name: Label },
    Slot { optimizer: Index, variable: Index, name: Label, full_name: Label },
    SaveCounter,
}

impl Handles {
    /// # Safety
    /// As of [`Handles::call`].
    pub unsafe fn objects(&mut self, call: &GraphCall) {
        // SAFETY: as of `call`.
        unsafe {
            match call {
                GraphCall::Look(at) => look_at_graph(pick(&self.graphs, *at)),
                GraphCall::LookAgain { kind, which } => self.objects.look(*kind, *which),
                GraphCall::At(at, node) => self.object_at(*at, (*node).into()),
                GraphCall::FindNode(at, name) => self.ask(*at, name, |graph, name, len| {
                    let node = tfckpt_object_graph_find_node(graph, name, len);
                    assert!((-1..tfckpt_object_graph_count(graph)).contains(&node));
                    assert!(len > 0 || node == graph.map_or(-1, |_| 0), "the root");
                }),
                GraphCall::Find(at, name) => {
                    let found = self.ask(*at, name, |graph, name, len| {
                        made(|out, err| tfckpt_object_graph_find(graph, name, len, out, err))
                    });
                    self.keep_attribute(found);
                }
                GraphCall::FindOwner(at, name) => {
                    let owner = self.ask(*at, name, |graph, name, len| {
                        made(|out, err| tfckpt_object_graph_find_owner(graph, name, len, out, err))
                    });
                    self.keep_attribute(owner);
                }
                GraphCall::IsOptimizerState(at, name) => self.ask(*at, name, |graph, name, len| {
                    let is_state = tfckpt_object_graph_is_optimizer_state(graph, name, len);
                    assert!(!is_state || graph.is_some());
                }),
                GraphCall::WithoutOptimizerState(at) => self.without_optimizer_state(*at),
                GraphCall::Builder => {
                    let builder = Box::into_raw(tfckpt_object_graph_builder_new());
                    keep(&mut self.objects.builders, builder, tfckpt_object_graph_builder_free);
                }
                GraphCall::Add { builder, what } => {
                    for one in what.iter() {
                        one.add_to(pick_mut(&self.objects.builders, *builder));
                    }
                }
                GraphCall::Build(at) => {
                    let builder = pick(&self.objects.builders, *at);
                    let graph =
                        made(|out, err| tfckpt_object_graph_builder_build(builder, out, err));
                    self.keep_graph(graph);
                }
                GraphCall::Write(at) => {
                    let graph = pick(&self.graphs, *at);
                    let writer = self.writers.last().and_then(|handle| handle.as_mut());
                    called(|err| tfckpt_writer_add_object_graph(writer, graph, err));
                }
                GraphCall::Free { kind, which } => self.objects.free(*kind, *which),
            }
        }
    }

    /// Asks a graph for a name as it has it.
    fn ask<T>(
        &self,
        at: u8,
        name: &Wanted,
        ask: impl FnOnce(Option<&tfckpt_object_graph>, *const c_char, usize) -> T,
    ) -> T {
        let graph = pick(&self.graphs, at);
        let name = name.bytes(graph);
        ask(graph, name.as_ptr().cast(), name.len())
    }

    unsafe fn object_at(&mut self, at: u8, node: i64) {
        let graph = pick(&self.graphs, at);
        // SAFETY: new, or NULL.
        unsafe {
            let object = made(|out, err| tfckpt_object_graph_object_at(graph, node, out, err));
            look_at_object(object.as_ref());
            keep(&mut self.objects.objects, object, tfckpt_object_free);
        }
    }

    /// What is left has no more nodes, and no state of an optimizer.
    unsafe fn without_optimizer_state(&mut self, at: u8) {
        let graph = pick(&self.graphs, at);
        // SAFETY: new, or NULL.
        let left = made(|out, err| unsafe {
            tfckpt_object_graph_without_optimizer_state(graph, out, err)
        });
        // SAFETY: as above.
        let count = tfckpt_object_graph_count(unsafe { left.as_ref() });
        assert!(count <= tfckpt_object_graph_count(graph));
        self.keep_graph(left);
    }

    fn keep_graph(&mut self, graph: *mut tfckpt_object_graph) {
        // SAFETY: new, or NULL.
        look_at_graph(unsafe { graph.as_ref() });
        keep(&mut self.graphs, graph, tfckpt_object_graph_free);
    }

    fn keep_attribute(&mut self, attribute: *mut tfckpt_attribute) {
        // SAFETY: new, or NULL.
        look_at_attribute(unsafe { attribute.as_ref() });
        keep(&mut self.objects.attributes, attribute, tfckpt_attribute_free);
    }
}

impl Addition {
    /// # Safety
    /// As of [`Handles::call`].
    unsafe fn add_to(&self, builder: Option<&mut tfckpt_object_graph_builder>) {
        // SAFETY: names are as long as is told, and the number is a variable.
        unsafe {
            match self {
                Self::Node => {
                    numbered(|out, err| tfckpt_object_graph_builder_add_node(builder, out, err))
                }
                Self::Child { parent, name, child } => {
                    let (parent, child, (name, len)) =
                        ((*parent).into(), (*child).into(), name.parts());
                    called(|err| {
                        tfckpt_object_graph_builder_add_child(
                            builder, parent, name, len, child, err,
                        )
                    });
                }
                Self::Object { parent, name } => {
                    let (parent, (name, len)) = ((*parent).into(), name.parts());
                    numbered(|out, err| {
                        tfckpt_object_graph_builder_add_object(builder, parent, name, len, out, err)
                    });
                }
                Self::Attribute { node, name, full_name } => {
                    let (node, (name, len), (full, full_len)) =
                        ((*node).into(), name.parts(), full_name.parts());
                    called(|err| {
                        tfckpt_object_graph_builder_add_attribute(
                            builder, node, name, len, full, full_len, err,
                        )
                    });
                }
                Self::Variable { parent, name, full_name } => {
                    let (parent, (name, len), (full, full_len)) =
                        ((*parent).into(), name.parts(), full_name.parts());
                    numbered(|out, err| {
                        tfckpt_object_graph_builder_add_variable(
                            builder, parent, name, len, full, full_len, out, err,
                        )
                    });
                }
                Self::Slot { optimizer, variable, name, full_name } => {
                    let (optimizer, variable) = ((*optimizer).into(), (*variable).into());
                    let ((name, len), (full, full_len)) = (name.parts(), full_name.parts());
                    numbered(|out, err| {
                        tfckpt_object_graph_builder_add_slot(
                            builder, optimizer, variable, name, len, full, full_len, out, err,
                        )
                    });
                }
                Self::SaveCounter => numbered(|out, err| {
                    tfckpt_object_graph_builder_add_save_counter(builder, out, err)
                }),
            }
        }
    }
}

/// A call with the number of a node as its result, which is written on success only.
fn numbered(call: impl FnOnce(*mut i64, *mut *mut tfckpt_error) -> tfckpt_status) {
    let mut node = -7;
    let is_ok = called(|err| call(&mut node, err));
    assert_eq!(is_ok, node != -7);
    // The root is there from the start.
    assert!(!is_ok || node > 0);
}
