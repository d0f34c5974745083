//! What is looked at of the parts of a graph.

use tfckpt::capi::*;

use super::getters::{each, look_at_shape, text};

pub fn look_at_ops(ops: Option<&tfckpt_meta_ops>) {
    let mut total = 0;
    each(tfckpt_meta_ops_count(ops), |index| {
        total += tfckpt_meta_ops_node_count(ops, index);
        assert!(tfckpt_meta_ops_byte_size(ops, index) >= 0);
        // SAFETY: lengths are variables, or NULL.
        text(|len| unsafe { tfckpt_meta_ops_name(ops, index, len) }).is_some()
    });
    assert_eq!(total, tfckpt_meta_ops_total(ops));
}

/// The largest come first, and are no more than all.
pub fn look_at_constants(constants: Option<&tfckpt_meta_constants>) {
    let listed = tfckpt_meta_constants_largest_count(constants);
    assert!(listed <= 10 && listed <= tfckpt_meta_constants_count(constants));
    let mut sizes = Vec::new();
    each(listed, |index| {
        sizes.push(tfckpt_meta_constants_largest_byte_size(constants, index));
        // SAFETY: lengths are variables, or NULL.
        text(|len| unsafe { tfckpt_meta_constants_largest_name(constants, index, len) }).is_some()
    });
    // Those outside are of no bytes.
    let sizes = &sizes[1..=listed as usize];
    assert!(sizes.is_sorted_by(|one, next| one >= next));
    assert!(sizes.iter().sum::<i64>() <= tfckpt_meta_constants_byte_size(constants));
}

pub fn look_at_saver(saver: Option<&tfckpt_meta_saver>) {
    for get in [tfckpt_meta_saver_scope, tfckpt_meta_saver_first_node] {
        // SAFETY: lengths are variables, or NULL.
        assert_eq!(text(|len| unsafe { get(saver, len) }).is_some(), saver.is_some());
    }
    let ops = [
        tfckpt_meta_saver_save_op_count(saver),
        tfckpt_meta_saver_restore_op_count(saver),
        tfckpt_meta_saver_merge_op_count(saver),
    ];
    assert!(ops.iter().all(|&count| count >= 0));
    assert!(ops.iter().sum::<i64>() <= tfckpt_meta_saver_node_count(saver));
    assert!(tfckpt_meta_saver_byte_size(saver) >= 0);
    assert!((0..=4).contains(&tfckpt_meta_saver_used_by(saver)));
}

pub fn look_at_saver_def(def: Option<&tfckpt_meta_saver_def>) {
    for get in [
        tfckpt_meta_saver_def_filename_tensor_name,
        tfckpt_meta_saver_def_save_tensor_name,
        tfckpt_meta_saver_def_restore_op_name,
    ] {
        // SAFETY: lengths are variables, or NULL.
        assert_eq!(text(|len| unsafe { get(def, len) }).is_some(), def.is_some());
    }
    // Any numbers may stand there.
    tfckpt_meta_saver_def_max_to_keep(def);
    tfckpt_meta_saver_def_version(def);
    tfckpt_meta_saver_def_keep_checkpoint_every_n_hours(def);
    assert!(!tfckpt_meta_saver_def_is_sharded(def) || def.is_some());
}

pub fn look_at_collection(collection: Option<&tfckpt_meta_collection>) {
    // SAFETY: lengths are variables, or NULL.
    let key = text(|len| unsafe { tfckpt_meta_collection_key(collection, len) });
    assert_eq!(key.is_some(), collection.is_some());
    assert!((0..=5).contains(&tfckpt_meta_collection_kind(collection)));
    assert!(tfckpt_meta_collection_value_count(collection) >= 0);
    assert!(tfckpt_meta_collection_byte_size(collection) >= 0);
}

pub fn look_at_signature(signature: Option<&tfckpt_meta_signature>) {
    // SAFETY: lengths are variables, or NULL; tensors are borrowed from the signature.
    unsafe {
        for get in [tfckpt_meta_signature_key, tfckpt_meta_signature_method_name] {
            assert_eq!(text(|len| get(signature, len)).is_some(), signature.is_some());
        }
        each(tfckpt_meta_signature_input_count(signature), |index| {
            look_at_meta_tensor(tfckpt_meta_signature_input(signature, index).as_ref())
        });
        each(tfckpt_meta_signature_output_count(signature), |index| {
            look_at_meta_tensor(tfckpt_meta_signature_output(signature, index).as_ref())
        });
    }
    assert!(tfckpt_meta_signature_byte_size(signature) >= 0);
}

/// A tensor; whether it is there.
fn look_at_meta_tensor(tensor: Option<&tfckpt_meta_tensor>) -> bool {
    // SAFETY: lengths are variables, or NULL; dimensions are as many as is told.
    unsafe {
        for get in [tfckpt_meta_tensor_key, tfckpt_meta_tensor_name] {
            assert_eq!(text(|len| get(tensor, len)).is_some(), tensor.is_some());
        }
        let rank = tfckpt_meta_tensor_rank(tensor);
        look_at_shape(tensor.is_some(), rank, tfckpt_meta_tensor_dims(tensor));
    }
    assert!(tfckpt_meta_tensor_dtype(tensor) >= 0);
    tensor.is_some()
}
