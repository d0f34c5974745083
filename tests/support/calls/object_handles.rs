//! What there is of object graphs that is alive, besides these.

use tfckpt::capi::*;

use super::graph_look::{look_at_attribute, look_at_object};
use super::handles::{free_all, pick, remove};

#[derive(Default)]
pub struct ObjectHandles {
    pub builders: Vec<*mut tfckpt_object_graph_builder>,
    pub objects: Vec<*mut tfckpt_object>,
    pub attributes: Vec<*mut tfckpt_attribute>,
}

impl ObjectHandles {
    const KINDS: u8 = 3;

    /// Looks again, maybe at what came from a graph that is gone.
    pub fn look(&self, kind: u8, which: u8) {
        match kind % 2 {
            0 => look_at_object(pick(&self.objects, which)),
            _ => look_at_attribute(pick(&self.attributes, which)),
        }
    }

    pub fn free(&mut self, kind: u8, which: u8) {
        match kind % Self::KINDS {
            0 => remove(&mut self.builders, which, tfckpt_object_graph_builder_free),
            1 => remove(&mut self.objects, which, tfckpt_object_free),
            _ => remove(&mut self.attributes, which, tfckpt_attribute_free),
        }
    }

    pub fn free_all(&mut self) {
        free_all(Self::KINDS, |kind, which| self.free(kind, which));
    }
}
