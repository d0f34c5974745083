//! What there is of `.meta` files that is alive.

use tfckpt::capi::*;

use super::handles::{free_all, pick, remove};
use super::meta_look::{
    look_at_diff, look_at_meta, look_at_saver_nodes, look_at_stripped, look_at_summary,
    look_at_variables,
};

#[derive(Default)]
pub struct MetaHandles {
    pub files: Vec<*mut tfckpt_meta>,
    pub summaries: Vec<*mut tfckpt_meta_summary>,
    pub variables: Vec<*mut tfckpt_meta_variables>,
    pub nodes: Vec<*mut tfckpt_meta_nodes>,
    pub diffs: Vec<*mut tfckpt_meta_diff>,
    pub stripped: Vec<*mut tfckpt_meta_stripped>,
}

impl MetaHandles {
    const KINDS: u8 = 6;

    /// Looks again, maybe at what came from a file that is gone.
    pub fn look(&self, kind: u8, which: u8) {
        match kind % Self::KINDS {
            0 => {
                look_at_meta(pick(&self.files, which));
            }
            1 => look_at_summary(pick(&self.summaries, which)),
            2 => look_at_variables(pick(&self.variables, which)),
            3 => {
                look_at_saver_nodes(pick(&self.nodes, which));
            }
            4 => look_at_diff(pick(&self.diffs, which)),
            _ => look_at_stripped(pick(&self.stripped, which)),
        }
    }

    pub fn free(&mut self, kind: u8, which: u8) {
        match kind % Self::KINDS {
            0 => remove(&mut self.files, which, tfckpt_meta_free),
            1 => remove(&mut self.summaries, which, tfckpt_meta_summary_free),
            2 => remove(&mut self.variables, which, tfckpt_meta_variables_free),
            3 => remove(&mut self.nodes, which, tfckpt_meta_nodes_free),
            4 => remove(&mut self.diffs, which, tfckpt_meta_diff_free),
            _ => remove(&mut self.stripped, which, tfckpt_meta_stripped_free),
        }
    }

    pub fn free_all(&mut self) {
        free_all(Self::KINDS, |kind, which| self.free(kind, which));
    }
}
