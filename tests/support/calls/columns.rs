//! What many tensors are, in arrays.

use tfckpt::capi::*;

/// An array of that many.
///
/// # Safety
/// It is one, wherever it is.
unsafe fn array<'a, T>(data: *const T, len: usize) -> &'a [T] {
    assert!(!data.is_null() && data.is_aligned());
    // SAFETY: so the caller says.
    unsafe { std::slice::from_raw_parts(data, len) }
}

/// Offsets of that many things, which begin with 0.
///
/// # Safety
/// As of [`array`], of one more.
unsafe fn offsets<'a>(data: *const i64, count: usize) -> &'a [i64] {
    // SAFETY: so the caller says.
    let offsets = unsafe { array(data, count + 1) };
    assert!(offsets[0] == 0 && offsets.is_sorted());
    offsets
}

pub fn look_at_list(tensors: Option<&tfckpt_tensors>) {
    let count = tfckpt_tensors_count(tensors) as usize;
    if tensors.is_none() {
        return assert!(count == 0 && tfckpt_tensors_names(tensors).is_null());
    }
    // SAFETY: all arrays are of `count`, of the offsets one more, or as long as these say.
    unsafe {
        let names = offsets(tfckpt_tensors_name_offsets(tensors), count)[count];
        let names = array(tfckpt_tensors_names(tensors).cast::<u8>(), names as usize);
        std::hint::black_box(names.iter().map(|&byte| u64::from(byte)).sum::<u64>());
        let dtypes = array(tfckpt_tensors_dtypes(tensors), count);
        assert!(dtypes.iter().all(|&dtype| dtype > 0));
        look_at_places(tensors, count);
        look_at_extents(tensors, count);
    }
}

/// Where each is, if it is in one place.
unsafe fn look_at_places(tensors: Option<&tfckpt_tensors>, count: usize) {
    // SAFETY: as of the caller.
    unsafe {
        let shards = array(tfckpt_tensors_shards(tensors), count);
        let offsets = array(tfckpt_tensors_offsets(tensors), count);
        let sizes = array(tfckpt_tensors_stored_sizes(tensors), count);
        let checksums = array(tfckpt_tensors_crc32cs(tensors), count);
        for at in 0..count {
            look_at_place(shards[at], offsets[at], sizes[at], checksums[at]);
        }
    }
}

/// All of it is told, or nothing.
pub fn look_at_place(shard: i32, offset: i64, size: i64, crc32c: u32) {
    match shard {
        -1 => assert_eq!((offset, size, crc32c), (-1, -1, 0)),
        _ => assert!(shard >= 0 && offset >= 0 && size >= 0),
    }
}

/// What dimensions each has, and what slices.
unsafe fn look_at_extents(tensors: Option<&tfckpt_tensors>, count: usize) {
    // SAFETY: as of the caller.
    unsafe {
        let ends = offsets(tfckpt_tensors_dim_offsets(tensors), count);
        let dims = array(tfckpt_tensors_dims(tensors), ends[count] as usize);
        let slices = array(tfckpt_tensors_slice_counts(tensors), count);
        let rank = |at: usize| ends[at + 1] - ends[at];
        let numbers: i64 = (0..count).map(|at| rank(at) * slices[at]).sum();
        let starts = array(tfckpt_tensors_slice_starts(tensors), numbers as usize);
        let lengths = array(tfckpt_tensors_slice_lengths(tensors), numbers as usize);
        assert!(dims.iter().chain(slices).chain(starts).all(|&number| number >= 0));
        assert!(lengths.iter().all(|&length| length >= -1));
    }
}
