//! Calls that read several checkpoints as one, of which each has names of its own.

use arbitrary::Arbitrary;
use tfckpt::capi::*;

use super::call::Name;
use super::copy::{Rule, set_rules};
use super::files::path;
use super::handles::{Handles, keep};
use super::look::{called, made};

#[derive(Arbitrary, Debug)]
pub struct LayerCall {
    layers: Vec<Layer>,
    conflict: i8,
    options: bool,
}

#[derive(Arbitrary, Debug)]
struct Layer {
    path: u8,
    rules: Vec<(Rule, Name, Name)>,
    keep_unmapped: bool,
}

impl Handles {
    /// # Safety
    /// As of [`Handles::call`].
    pub unsafe fn layers(&mut self, call: &LayerCall) {
        let mut overlay = tfckpt_overlay_new();
        let options = self.options(call.options);
        let conflict = (call.conflict % 4).into();
        // SAFETY: the paths end with a NUL, names are as long as is told.
        unsafe {
            called(|err| tfckpt_overlay_set_on_conflict(Some(&mut overlay), conflict, err));
            for layer in call.layers.iter().take(4) {
                called(|err| {
                    tfckpt_overlay_add(Some(&mut overlay), path(layer.path), options, err)
                });
                set_names(&mut overlay, layer);
            }
            let reader = made(|out, err| tfckpt_overlay_open(Some(&overlay), out, err));
            keep(&mut self.readers, reader, tfckpt_reader_free);
        }
        tfckpt_overlay_free(Some(overlay));
    }
}

unsafe fn set_names(overlay: &mut tfckpt_overlay, layer: &Layer) {
    // SAFETY: names are as long as is told.
    unsafe {
        let maps = [tfckpt_overlay_map_name, tfckpt_overlay_map_prefix, tfckpt_overlay_map_pattern];
        set_rules(overlay, &layer.rules, maps);
        called(|err| tfckpt_overlay_set_keep_unmapped(Some(overlay), layer.keep_unmapped, err));
    }
}
