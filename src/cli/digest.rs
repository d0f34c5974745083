//! The SHA-256 of a tensor's content.

use std::fmt::Write;

use sha2::{Digest, Sha256};
use tfckpt::Result;
use tfckpt::bundle::ReadOptions;
use tfckpt::checkpoint::{Reader, Tensor};
use tfckpt::tensor::DType;

use crate::blocks::for_each_block;

/// The SHA-256 of a tensor's content: of its elements in C order, in this
/// machine's byte order; of strings, for each its length as little-endian `u64`
/// and its bytes. `None` for types without such a content. `progress` is told of
/// bytes that are done.
pub fn sha256(
    reader: &Reader,
    tensor: &Tensor,
    mut progress: impl FnMut(u64),
) -> Result<Option<String>> {
    let mut hasher = Sha256::new();
    if tensor.dtype == DType::STRING {
        let strings = reader.read_strings(&tensor.name, &ReadOptions::default())?;
        for element in strings.iter() {
            hasher.update((element.len() as u64).to_le_bytes());
            hasher.update(element);
        }
        progress(strings.data().len() as u64);
    } else if tensor.dtype.size().is_some() {
        for_each_block(reader, tensor, None, |block| {
            hasher.update(block);
            progress(block.len() as u64);
            Ok(())
        })?;
    } else {
        return Ok(None);
    }
    Ok(Some(hex(&hasher.finalize())))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
