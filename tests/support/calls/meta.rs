//! Calls about `.meta` files.

use std::ffi::{CString, c_char};
use std::ptr::null;

use arbitrary::Arbitrary;
use tfckpt::capi::*;

use super::files::c_path;
use super::handles::{Handles, keep, owned, pick};
use super::labels::Index;
use super::look::{called, made};
use super::meta_files::{damage, damaged, meta_path, stripped};
use super::meta_handles::MetaHandles;
use super::meta_look::{
    look_at_diff, look_at_meta, look_at_saver_nodes, look_at_stripped, look_at_summary,
    look_at_variables,
};

const MOST_SAVERS: i64 = 3;

#[derive(Arbitrary, Debug)]
pub enum MetaCall {
    Open { path: u8 },
    Damage { path: u8, changes: Vec<(u16, u8)>, cut: u16 },
    Summarize(u8, Index),
    ListVariables(u8, Index),
    ListSaverNodes(u8, Index, Index),
    Compare([(u8, Index); 2]),
    Strip { from: u8, to: u8, options: Option<StripChoice> },
    Look { kind: u8, which: u8 },
    Free { kind: u8, which: u8 },
}

#[derive(Arbitrary, Debug)]
pub struct StripChoice {
    savers: bool,
    copies: i8,
    collections: bool,
    constants: u8,
    training: bool,
    replace: bool,
    dry_run: bool,
}

impl Handles {
    /// # Safety
    /// As of [`Handles::call`].
    pub unsafe fn meta(&mut self, call: &MetaCall) {
        let held = &mut self.metas;
        // SAFETY: as of `call`.
        unsafe {
            match call {
                MetaCall::Open { path } => {
                    held.open(meta_path(*path));
                }
                MetaCall::Damage { path, changes, cut } => damage(*path, changes, *cut),
                MetaCall::Summarize(at, graph) => held.summarize(*at, (*graph).into()),
                MetaCall::ListVariables(at, graph) => held.list_variables(*at, (*graph).into()),
                MetaCall::ListSaverNodes(at, graph, saver) => {
                    held.list_saver_nodes(*at, (*graph).into(), (*saver).into())
                }
                MetaCall::Compare([before, after]) => held.compare(*before, *after),
                MetaCall::Strip { from, to, options } => held.strip(*from, *to, options.as_ref()),
                MetaCall::Look { kind, which } => held.look(*kind, *which),
                MetaCall::Free { kind, which } => held.free(*kind, *which),
            }
        }
    }
}

impl MetaHandles {
    unsafe fn open(&mut self, path: *const c_char) -> bool {
        // SAFETY: the path ends with a NUL, or is NULL.
        let meta = made(|out, err| unsafe { tfckpt_meta_open(path, out, err) });
        // SAFETY: new, or NULL.
        look_at_meta(unsafe { meta.as_ref() });
        keep(&mut self.files, meta, tfckpt_meta_free);
        !meta.is_null()
    }

    unsafe fn summarize(&mut self, at: u8, graph: i64) {
        let meta = pick(&self.files, at);
        // SAFETY: what is made is good until it is freed.
        unsafe {
            let summary = made(|out, err| tfckpt_meta_summarize(meta, graph, out, err));
            look_at_summary(summary.as_ref());
            agree(meta, graph, summary.as_ref());
            keep(&mut self.summaries, summary, tfckpt_meta_summary_free);
        }
    }

    unsafe fn list_variables(&mut self, at: u8, graph: i64) {
        let meta = pick(&self.files, at);
        // SAFETY: as above.
        unsafe {
            let variables = made(|out, err| tfckpt_meta_list_variables(meta, graph, out, err));
            look_at_variables(variables.as_ref());
            keep(&mut self.variables, variables, tfckpt_meta_variables_free);
        }
    }

    unsafe fn list_saver_nodes(&mut self, at: u8, graph: i64, saver: i64) {
        let meta = pick(&self.files, at);
        // SAFETY: as above.
        unsafe {
            let nodes = made(|out, err| tfckpt_meta_list_saver_nodes(meta, graph, saver, out, err));
            look_at_saver_nodes(nodes.as_ref());
            keep(&mut self.nodes, nodes, tfckpt_meta_nodes_free);
        }
    }

    unsafe fn compare(&mut self, before: (u8, Index), after: (u8, Index)) {
        let [(before, graph), (after, other)] =
            [before, after].map(|(at, graph)| (pick(&self.files, at), i64::from(graph)));
        // SAFETY: as above.
        unsafe {
            let diff = made(|out, err| tfckpt_meta_compare(before, graph, after, other, out, err));
            look_at_diff(diff.as_ref());
            if before.is_some_and(|one| after.is_some_and(|two| std::ptr::eq(one, two)))
                && graph == other
            {
                assert_eq!(tfckpt_meta_diff_change_count(diff.as_ref()), 0);
            }
            keep(&mut self.diffs, diff, tfckpt_meta_diff_free);
        }
    }

    /// Writes beside no file of the repository, but may replace its own source.
    unsafe fn strip(&mut self, from: u8, to: u8, choice: Option<&StripChoice>) {
        let options = choice.map(StripChoice::options);
        let dst = destination(to);
        let dst = dst.as_ref().map_or(null(), |dst| dst.as_ptr());
        // SAFETY: as above; the paths end with a NUL, or are NULL.
        unsafe {
            let told = made(|out, err| {
                tfckpt_meta_strip(meta_path(from), dst, options.as_deref(), out, err)
            });
            look_at_stripped(told.as_ref());
            let left = tfckpt_meta_stripped_size_after(told.as_ref());
            if choice.is_none_or(|choice| !choice.dry_run) && left > 0 {
                assert!(self.open(dst), "what is left is a graph");
            }
            keep(&mut self.stripped, told, tfckpt_meta_stripped_free);
        }
        tfckpt_meta_strip_options_free(options);
    }
}

fn destination(to: u8) -> Option<CString> {
    match to % 8 {
        0 => None,
        1 => Some(c_path(&stripped().join("below"))),
        2 | 3 => Some(c_path(&damaged())),
        _ => Some(c_path(&stripped())),
    }
}

impl StripChoice {
    fn options(&self) -> Box<tfckpt_meta_strip_options> {
        let mut options = tfckpt_meta_strip_options_new();
        for options in [None, Some(&mut *options)] {
            self.set(options);
        }
        options
    }

    fn set(&self, mut options: Option<&mut tfckpt_meta_strip_options>) {
        tfckpt_meta_strip_options_set_savers(options.as_deref_mut(), self.savers);
        tfckpt_meta_strip_options_set_collections(options.as_deref_mut(), self.collections);
        tfckpt_meta_strip_options_set_constants(options.as_deref_mut(), self.constants.into());
        tfckpt_meta_strip_options_set_training(options.as_deref_mut(), self.training);
        tfckpt_meta_strip_options_set_sync(options.as_deref_mut(), false);
        tfckpt_meta_strip_options_set_replace(options.as_deref_mut(), self.replace);
        tfckpt_meta_strip_options_set_dry_run(options.as_deref_mut(), self.dry_run);
        // Mostly one of the three.
        let copies = if self.copies < -100 { self.copies } else { self.copies.rem_euclid(3) };
        // SAFETY: the options are here, or NULL.
        called(|err| unsafe { tfckpt_meta_strip_options_set_copies(options, copies.into(), err) });
    }
}

/// What is listed is what was summed up; of the first savers, as the file is gone through for each.
unsafe fn agree(meta: Option<&tfckpt_meta>, graph: i64, summary: Option<&tfckpt_meta_summary>) {
    if summary.is_none() {
        return;
    }
    // SAFETY: what is made is freed here, and borrowed from the summary before.
    unsafe {
        let variables = made(|out, err| tfckpt_meta_list_variables(meta, graph, out, err));
        let count = tfckpt_meta_variables_count(variables.as_ref());
        assert_eq!(count, tfckpt_meta_summary_variable_count(summary));
        tfckpt_meta_variables_free(owned(variables));
        for index in 0..tfckpt_meta_summary_saver_count(summary).min(MOST_SAVERS) {
            let saver = tfckpt_meta_summary_saver(summary, index).as_ref();
            let nodes = made(|out, err| tfckpt_meta_list_saver_nodes(meta, graph, index, out, err));
            let count = tfckpt_meta_nodes_count(nodes.as_ref());
            assert_eq!(count, tfckpt_meta_saver_node_count(saver));
            assert_eq!(look_at_saver_nodes(nodes.as_ref()), tfckpt_meta_saver_byte_size(saver));
            tfckpt_meta_nodes_free(owned(nodes));
        }
    }
}
