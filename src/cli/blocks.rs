//! The values of a tensor of any size, in constant memory, and checked.

use tfckpt::bundle::ReadOptions;
use tfckpt::checkpoint::{Format, Reader, Tensor};
use tfckpt::tensor::{Extent, Shape, Slice};
use tfckpt::{Error, Result};

/// What is held of a tensor at once.
const BLOCK: u64 = 16 << 20;

/// Hands the elements of `tensor`, or of `slice` of it, to `each`: C order, this
/// machine's byte order, in blocks of whole elements. They are known to be good
/// only when this has returned without an error.
pub fn for_each_block(
    reader: &Reader,
    tensor: &Tensor,
    slice: Option<&Slice>,
    mut each: impl FnMut(&[u8]) -> Result<()>,
) -> Result<()> {
    let (name, shape) = (&tensor.name, &tensor.shape);
    if slice.is_none() && !tensor.is_partitioned() {
        let mut pieces = reader.pieces(tensor)?.into_iter();
        return pieces.try_for_each(|piece| reader.read_piece(tensor, &piece, &mut each));
    }
    let named = |error: Error| error.for_tensor(name);
    let whole = Slice::full(shape.rank());
    let slice = slice.unwrap_or(&whole);
    let element_size = tensor.dtype.size().unwrap_or(0) as u64;
    // V1 has no part of a stored slice without all of it.
    let most = if reader.format() == Format::V2 { BLOCK } else { u64::MAX };
    let blocks = Blocks::new(slice, &slice.shape(shape).map_err(named)?, element_size, most);
    let mut options = ReadOptions::default();
    if !blocks.is_single() {
        // A checksum is over a whole stored piece, and many blocks share one.
        check(reader, tensor)?;
        options.verify = false;
    }
    let mut buf = Vec::new();
    for block in blocks {
        let elements = block.shape(shape).map_err(named)?.num_elements();
        buf.resize((elements * element_size) as usize, 0);
        reader.read_slice_into(name, &block, &mut buf, &options)?;
        each(&buf)?;
    }
    Ok(())
}

/// As [`for_each_block`], but nothing is handed out unless all of it is good: what is
/// large is read twice.
pub fn for_each_checked_block(
    reader: &Reader,
    tensor: &Tensor,
    slice: Option<&Slice>,
    mut each: impl FnMut(&[u8]) -> Result<()>,
) -> Result<()> {
    // All else is checked before its first block.
    if slice.is_some() || tensor.is_partitioned() {
        return for_each_block(reader, tensor, slice, each);
    }
    if tensor.byte_size().is_none_or(|bytes| bytes > BLOCK) {
        check(reader, tensor)?;
        return for_each_block(reader, tensor, slice, each);
    }
    let mut whole = Vec::new();
    for_each_block(reader, tensor, slice, |block| {
        whole.extend_from_slice(block);
        Ok(())
    })?;
    each(&whole)
}

/// Checks everything that is stored of a tensor.
fn check(reader: &Reader, tensor: &Tensor) -> Result<()> {
    let mut pieces = reader.pieces(tensor)?.into_iter();
    pieces.try_for_each(|piece| reader.read_piece(tensor, &piece, |_| Ok(())))
}

/// A slice cut into blocks that, one behind the other, are its elements in C order.
struct Blocks {
    starts: Vec<i64>,
    lengths: Vec<i64>,
    /// How far a block goes along the innermost dimension that is cut.
    step: i64,
    /// Of the dimensions that are cut, where the next block is; `None` at the end.
    next: Option<Vec<i64>>,
}

impl Blocks {
    /// `shape` is that of `slice`; a block has about `most` bytes at most.
    fn new(slice: &Slice, shape: &Shape, element_size: u64, most: u64) -> Self {
        let lengths = shape.dims().to_vec();
        let mut cut = if shape.num_elements() == 0 { 0 } else { lengths.len() };
        let mut inner = element_size;
        while let Some(outer) = cut.checked_sub(1) {
            let larger = inner.saturating_mul(lengths[outer] as u64);
            if larger > most {
                break;
            }
            (cut, inner) = (outer, larger);
        }
        Self {
            starts: slice.extents().iter().map(|extent| extent.start).collect(),
            step: (most / inner.max(1)).clamp(1, i64::MAX as u64) as i64,
            next: Some(vec![0; cut]),
            lengths,
        }
    }

    fn is_single(&self) -> bool {
        self.next.as_ref().is_none_or(|at| at.is_empty())
    }

    fn block(&self, at: &[i64]) -> Slice {
        let extent = |(dim, (&start, &length)): (usize, (&i64, &i64))| match at.get(dim) {
            None => Extent::new(start, length),
            Some(&here) if dim + 1 < at.len() => Extent::new(start + here, 1),
            Some(&here) => Extent::new(start + here, self.step.min(length - here)),
        };
        let dims = self.starts.iter().zip(&self.lengths).enumerate();
        Slice::new(dims.map(extent).collect::<Vec<_>>())
    }

    fn advance(&self, mut at: Vec<i64>) -> Option<Vec<i64>> {
        let innermost = at.len().checked_sub(1)?;
        for dim in (0..at.len()).rev() {
            at[dim] += if dim == innermost { self.step } else { 1 };
            if at[dim] < self.lengths[dim] {
                return Some(at);
            }
            at[dim] = 0;
        }
        None
    }
}

impl Iterator for Blocks {
    type Item = Slice;

    fn next(&mut self) -> Option<Slice> {
        let at = self.next.take()?;
        let block = self.block(&at);
        self.next = self.advance(at);
        Some(block)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn blocks(spec: &str, of: &[i64], element_size: u64) -> Vec<String> {
        let slice: Slice = spec.parse().unwrap();
        let shape = slice.shape(&Shape::new(of).unwrap()).unwrap();
        Blocks::new(&slice, &shape, element_size, BLOCK).map(|block| block.to_string()).collect()
    }

    #[test]
    fn small_tensors_are_one_block() {
        assert_eq!(blocks("", &[], 4), [""]);
        assert_eq!(blocks("-:1,2", &[3, 4], 4), ["0,3:1,2"]);
        assert_eq!(blocks("-:-", &[0, 1 << 40], 8), [format!("0,0:0,{}", 1i64 << 40)]);
    }

    #[test]
    fn large_ones_are_cut_into_rows() {
        let row = (BLOCK / 8) as i64;
        assert_eq!(
            blocks("5,3:-", &[9, row / 2], 8),
            [format!("5,2:0,{}", row / 2), format!("7,1:0,{}", row / 2),]
        );
        assert_eq!(
            blocks("1,2:3,1:-:-", &[4, 4, row + 1, 1], 8),
            [
                format!("1,1:3,1:0,{row}:0,1"),
                format!("1,1:3,1:{row},1:0,1"),
                format!("2,1:3,1:0,{row}:0,1"),
                format!("2,1:3,1:{row},1:0,1"),
            ]
        );
    }
}
