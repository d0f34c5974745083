//! From the order of Fortran, the first dimension fastest, to that of C.

use tfckpt::Result;

/// About how much is handed on at once.
const BLOCK: usize = 1 << 20;

/// Hands the elements of an array in Fortran order, `size` bytes each, to `each` in
/// the order of C, in blocks of whole rows. There is at least one element.
pub fn to_c_order(
    elements: &[u8],
    shape: &[usize],
    size: usize,
    each: &mut dyn FnMut(&mut [u8]) -> Result<()>,
) -> Result<()> {
    // Dimensions of 1 in front would make one row of all.
    let ones = shape.iter().take_while(|&&dim| dim == 1).count();
    let Some((&rows, rest)) = shape[ones..].split_first() else {
        return each(&mut elements.to_vec());
    };
    let columns: usize = rest.iter().product();
    let most = (BLOCK / (columns * size).max(1)).clamp(1, rows);
    let mut block = Vec::new();
    for first in (0..rows).step_by(most) {
        let count = most.min(rows - first);
        block.resize(count * columns * size, 0);
        for (column, at) in Columns::new(rest).enumerate() {
            // Down a column the elements are neighbours.
            let source = &elements[(at * rows + first) * size..][..count * size];
            for (row, element) in source.chunks_exact(size).enumerate() {
                block[(row * columns + column) * size..][..size].copy_from_slice(element);
            }
        }
        each(&mut block)?;
    }
    Ok(())
}

/// Of dimensions in the order of C, where each place is in that of Fortran.
struct Columns<'s> {
    shape: &'s [usize],
    index: Vec<usize>,
    at: usize,
    done: bool,
}

impl<'s> Columns<'s> {
    fn new(shape: &'s [usize]) -> Self {
        Self { shape, index: vec![0; shape.len()], at: 0, done: false }
    }

    fn advance(&mut self) {
        for dim in (0..self.shape.len()).rev() {
            let stride: usize = self.shape[..dim].iter().product();
            self.index[dim] += 1;
            self.at += stride;
            if self.index[dim] < self.shape[dim] {
                return;
            }
            self.at -= stride * self.shape[dim];
            self.index[dim] = 0;
        }
        self.done = true;
    }
}

impl Iterator for Columns<'_> {
    type Item = usize;

    fn next(&mut self) -> Option<usize> {
        let at = (!self.done).then_some(self.at)?;
        self.advance();
        Some(at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each element is the number that it has in the order of C.
    fn in_fortran_order(shape: &[usize]) -> Vec<u8> {
        let count: usize = shape.iter().product();
        let mut elements = vec![0; count * 4];
        for number in 0..count {
            let (mut rest, mut at, mut stride) = (number, 0, count);
            for &dim in shape.iter().rev() {
                stride /= dim;
                at += rest % dim * stride;
                rest /= dim;
            }
            elements[at * 4..][..4].copy_from_slice(&(number as u32).to_ne_bytes());
        }
        elements
    }

    #[test]
    fn every_shape() {
        for shape in [
            &[][..],
            &[5],
            &[1, 1],
            &[2, 3],
            &[3, 1, 2],
            &[1, 4, 3],
            &[2, 3, 4, 5],
            &[5, 1, 1],
            &[1000, 700],
            &[2, 300_000],
            &[1, 600_000],
            &[300_001, 2],
        ] {
            let mut numbers = Vec::new();
            to_c_order(&in_fortran_order(shape), shape, 4, &mut |block| {
                numbers.extend(
                    block.chunks_exact(4).map(|e| u32::from_ne_bytes(e.try_into().unwrap())),
                );
                Ok(())
            })
            .unwrap();
            let count: usize = shape.iter().product();
            assert!(numbers.into_iter().eq(0..count as u32), "{shape:?}");
        }
    }
}
