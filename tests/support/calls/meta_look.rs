//! What is looked at of graphs: all that is told must agree with itself.

use std::ffi::CStr;

use tfckpt::capi::*;

use super::getters::{each, look_at_shape, text};
use super::meta_parts_look::{
    look_at_collection, look_at_constants, look_at_ops, look_at_saver, look_at_saver_def,
    look_at_signature,
};

/// A file; how many graphs it has.
pub fn look_at_meta(meta: Option<&tfckpt_meta>) -> i64 {
    let path = tfckpt_meta_path(meta);
    assert_eq!(path.is_null(), meta.is_none());
    if !path.is_null() {
        // SAFETY: it ends with a NUL.
        assert!(!unsafe { CStr::from_ptr(path) }.is_empty());
    }
    let count = tfckpt_meta_graph_count(meta);
    assert!(tfckpt_meta_byte_size(meta) >= 0 && tfckpt_meta_schema_version(meta) >= -1);
    assert!(count >= 0 && (meta.is_some() || count == 0));
    count
}

pub fn look_at_summary(summary: Option<&tfckpt_meta_summary>) {
    // SAFETY: lengths are variables, or NULL.
    unsafe {
        for get in [
            tfckpt_meta_summary_tensorflow_version,
            tfckpt_meta_summary_tensorflow_git_version,
            tfckpt_meta_summary_graph_version,
        ] {
            assert_eq!(text(|len| get(summary, len)).is_some(), summary.is_some());
        }
        each(tfckpt_meta_summary_tag_count(summary), |index| {
            text(|len| tfckpt_meta_summary_tag(summary, index, len)).is_some()
        });
    }
    look_at_numbers(summary);
    look_at_nodes_of(summary);
    look_at_lists(summary);
}

fn look_at_numbers(summary: Option<&tfckpt_meta_summary>) {
    let parts = (-1..=9).map(|part| tfckpt_meta_summary_part_size(summary, part));
    assert_eq!(parts.sum::<i64>(), tfckpt_meta_summary_byte_size(summary));
    assert_eq!(tfckpt_meta_summary_part_size(summary, -1), 0);
    assert_eq!(tfckpt_meta_summary_part_size(summary, 9), 0);
    for count in [
        tfckpt_meta_summary_stripped_op_count,
        tfckpt_meta_summary_function_count,
        tfckpt_meta_summary_gradient_count,
        tfckpt_meta_summary_asset_count,
    ] {
        assert!(count(summary) >= 0);
    }
    assert!(tfckpt_meta_summary_object_graph_node_count(summary) >= -1);
    assert!(!tfckpt_meta_summary_has_stripped_default_attrs(summary) || summary.is_some());
    tfckpt_meta_summary_producer(summary);
    tfckpt_meta_summary_min_consumer(summary);
}

fn look_at_nodes_of(summary: Option<&tfckpt_meta_summary>) {
    // SAFETY: borrowed from the summary.
    let (ops, inner, constants) = unsafe {
        (
            tfckpt_meta_summary_ops(summary).as_ref(),
            tfckpt_meta_summary_function_ops(summary).as_ref(),
            tfckpt_meta_summary_constants(summary).as_ref(),
        )
    };
    assert_eq!(ops.is_some() && inner.is_some() && constants.is_some(), summary.is_some());
    look_at_ops(ops);
    look_at_ops(inner);
    look_at_constants(constants);
    let nodes = tfckpt_meta_ops_total(ops) + tfckpt_meta_ops_total(inner);
    assert!((0..=nodes).contains(&tfckpt_meta_constants_count(constants)));
    assert!((0..=nodes).contains(&tfckpt_meta_summary_variable_count(summary)));
}

fn look_at_lists(summary: Option<&tfckpt_meta_summary>) {
    // SAFETY: items are borrowed from the summary.
    unsafe {
        each(tfckpt_meta_summary_saver_count(summary), |index| {
            let saver = tfckpt_meta_summary_saver(summary, index).as_ref();
            look_at_saver(saver);
            saver.is_some()
        });
        each(tfckpt_meta_summary_collection_count(summary), |index| {
            let collection = tfckpt_meta_summary_collection(summary, index).as_ref();
            look_at_collection(collection);
            collection.is_some()
        });
        each(tfckpt_meta_summary_signature_count(summary), |index| {
            let signature = tfckpt_meta_summary_signature(summary, index).as_ref();
            look_at_signature(signature);
            signature.is_some()
        });
        look_at_saver_def(tfckpt_meta_summary_saver_def(summary).as_ref());
    }
}

pub fn look_at_variables(variables: Option<&tfckpt_meta_variables>) {
    each(tfckpt_meta_variables_count(variables), |index| {
        // SAFETY: lengths are variables, or NULL; dimensions are as many as is told.
        unsafe {
            let name = text(|len| tfckpt_meta_variables_name(variables, index, len));
            for get in [tfckpt_meta_variables_op, tfckpt_meta_variables_shared_name] {
                assert_eq!(text(|len| get(variables, index, len)).is_some(), name.is_some());
            }
            assert!(tfckpt_meta_variables_dtype(variables, index) >= 0);
            let rank = tfckpt_meta_variables_rank(variables, index);
            let dims = tfckpt_meta_variables_dims(variables, index);
            look_at_shape(name.is_some(), rank, dims);
            name.is_some()
        }
    });
}

/// Nodes of a saver; how many bytes they take.
pub fn look_at_saver_nodes(nodes: Option<&tfckpt_meta_nodes>) -> i64 {
    let mut bytes = 0;
    each(tfckpt_meta_nodes_count(nodes), |index| {
        // SAFETY: lengths are variables, or NULL.
        let [name, op] = unsafe {
            [
                text(|len| tfckpt_meta_nodes_name(nodes, index, len)),
                text(|len| tfckpt_meta_nodes_op(nodes, index, len)),
            ]
        };
        assert_eq!(name.is_some(), op.is_some());
        bytes += tfckpt_meta_nodes_byte_size(nodes, index);
        name.is_some()
    });
    bytes
}

pub fn look_at_diff(diff: Option<&tfckpt_meta_diff>) {
    // SAFETY: lengths are variables, or NULL; the rest is borrowed from the diff.
    unsafe {
        assert_eq!(text(|len| tfckpt_meta_diff_text(diff, len)).is_some(), diff.is_some());
        for side in [tfckpt_meta_diff_before, tfckpt_meta_diff_after] {
            assert_eq!(side(diff).is_null(), diff.is_none());
            look_at_summary(side(diff).as_ref());
        }
        each(tfckpt_meta_diff_change_count(diff), |index| {
            let change = tfckpt_meta_diff_change(diff, index).as_ref();
            look_at_change(change);
            change.is_some()
        });
        let constants = tfckpt_meta_diff_constants(diff);
        assert_eq!(constants.is_null(), diff.is_none());
        look_at_constants(constants.as_ref());
    }
}

fn look_at_change(change: Option<&tfckpt_meta_change>) {
    let subject = tfckpt_meta_change_subject(change);
    assert!((0..=2).contains(&tfckpt_meta_change_kind(change)) && (0..=7).contains(&subject));
    // SAFETY: lengths are variables, or NULL.
    unsafe {
        assert_eq!(text(|len| tfckpt_meta_change_text(change, len)).is_some(), change.is_some());
        let name = text(|len| tfckpt_meta_change_name(change, len));
        assert_eq!(name.is_some(), [2, 3, 5, 7].contains(&subject));
        let examples = tfckpt_meta_change_example_count(change);
        assert!(examples <= 3);
        each(examples, |index| {
            text(|len| tfckpt_meta_change_example(change, index, len)).is_some()
        });
    }
    let sizes = [tfckpt_meta_change_size_before, tfckpt_meta_change_size_after];
    let [before, after] = sizes.map(|size| size(change));
    assert!(before >= 0 && after >= 0);
    assert!((0..=before + after).contains(&tfckpt_meta_change_constant_size(change)));
    assert!(tfckpt_meta_change_item_count(change) >= 0);
    assert!(tfckpt_meta_change_saver_count(change) >= 0);
}

pub fn look_at_stripped(stripped: Option<&tfckpt_meta_stripped>) {
    let before = tfckpt_meta_stripped_size_before(stripped);
    let after = tfckpt_meta_stripped_size_after(stripped);
    assert!((0..=before).contains(&after), "{before} to {after}");
    assert!(tfckpt_meta_stripped_saver_count(stripped) >= 0);
    for cut in -1..=6 {
        let count = tfckpt_meta_stripped_cut_count(stripped, cut);
        let size = tfckpt_meta_stripped_cut_size(stripped, cut);
        assert!(count >= 0 && (0..=before).contains(&size));
        assert!((0..6).contains(&cut) || (count, size) == (0, 0));
    }
}
