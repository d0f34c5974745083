//! Which elements differ, and by how much.

use tfckpt::tensor::{DType, Shape};

use crate::value;

/// So many bytes are compared at once before each element is looked at. A
/// multiple of every element size.
const PIECE: usize = 4 << 10;

/// What came out of a comparison.
#[derive(Clone, Debug)]
pub struct Values {
    pub elements: u64,
    pub differing: u64,
    /// The index of the first element that differs.
    pub first: Vec<i64>,
    /// How far apart differing elements are at most, NaN left out; `None` for
    /// types that are not floating or complex.
    pub max_abs: Option<f64>,
}

/// What a comparison has come to so far.
pub struct Tally {
    dtype: DType,
    atol: Option<f64>,
    elements: u64,
    differing: u64,
    first: Option<u64>,
    max_abs: Option<f64>,
}

impl Tally {
    pub fn new(dtype: DType, atol: Option<f64>) -> Self {
        Self { dtype, atol, elements: 0, differing: 0, first: None, max_abs: None }
    }

    /// What it has come to, of tensors of this shape.
    pub fn values(&self, shape: &Shape) -> Values {
        Values {
            elements: self.elements,
            differing: self.differing,
            first: self.first.map(|at| index(at, shape)).unwrap_or_default(),
            max_abs: self.max_abs,
        }
    }

    /// Compares the next elements, as many of each.
    pub fn add(&mut self, a: &[u8], b: &[u8]) {
        let size = self.dtype.size().unwrap_or(1);
        for (a, b) in a.chunks(PIECE).zip(b.chunks(PIECE)) {
            if a == b {
                self.elements += (a.len() / size) as u64;
                continue;
            }
            for (a, b) in a.chunks_exact(size).zip(b.chunks_exact(size)) {
                self.element(a, b);
            }
        }
    }

    /// Compares the next element.
    pub fn element(&mut self, a: &[u8], b: &[u8]) {
        if a != b {
            let distance = distance(self.dtype, a, b);
            let close = |atol| distance.is_some_and(|distance| distance <= atol);
            if !self.atol.is_some_and(close) {
                self.differing += 1;
                self.first.get_or_insert(self.elements);
                // `max` passes over NaN.
                let max_abs = distance.map(|new| self.max_abs.unwrap_or(0.0).max(new));
                self.max_abs = max_abs;
            }
        }
        self.elements += 1;
    }
}

/// How far apart two elements of a floating or complex type are; NaN where just
/// one of them is NaN.
fn distance(dtype: DType, a: &[u8], b: &[u8]) -> Option<f64> {
    if let (Some(a), Some(b)) = (dtype.float_value(a), dtype.float_value(b)) {
        return Some(float_distance(a, b));
    }
    let (a, b) = (value::complex(dtype, a)?, value::complex(dtype, b)?);
    Some(float_distance(a.0, b.0).hypot(float_distance(a.1, b.1)))
}

fn float_distance(a: f64, b: f64) -> f64 {
    // Infinity is no distance from itself.
    if a == b || a.is_nan() && b.is_nan() { 0.0 } else { (a - b).abs() }
}

/// The index of the element that comes at `position` in C order.
fn index(mut position: u64, shape: &Shape) -> Vec<i64> {
    let mut index = vec![0; shape.rank()];
    for (at, &dim) in index.iter_mut().zip(shape.dims()).rev() {
        let dim = dim.max(1) as u64;
        *at = (position % dim) as i64;
        position /= dim;
    }
    index
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tally(a: &[f32], b: &[f32], atol: Option<f64>) -> (u64, Option<u64>, Option<f64>) {
        let bytes =
            |values: &[f32]| values.iter().flat_map(|v| v.to_ne_bytes()).collect::<Vec<_>>();
        let mut tally = Tally::new(DType::FLOAT, atol);
        tally.add(&bytes(a), &bytes(b));
        assert_eq!(tally.elements, a.len() as u64);
        (tally.differing, tally.first, tally.max_abs)
    }

    #[test]
    fn bytes_count_unless_told() {
        let nan = f32::NAN;
        assert_eq!(tally(&[1.0, nan, 0.0], &[1.0, nan, -0.0], None), (1, Some(2), Some(0.0)));
        assert_eq!(tally(&[1.0, nan, 0.0], &[1.0, -nan, -0.0], Some(0.0)), (0, None, None));
        assert_eq!(tally(&[1.0, 2.0], &[1.5, 4.0], Some(0.5)), (1, Some(1), Some(2.0)));
        assert_eq!(tally(&[nan, 3.0], &[1.0, 2.0], Some(9.0)), (1, Some(0), Some(0.0)));
        let inf = f32::INFINITY;
        assert_eq!(tally(&[inf, inf], &[inf, -inf], Some(9.0)), (1, Some(1), Some(f64::INFINITY)));
    }

    #[test]
    fn other_types_have_no_distance() {
        let mut tally = Tally::new(DType::INT32, Some(100.0));
        tally.add(&[1, 0, 0, 0], &[2, 0, 0, 0]);
        assert_eq!((tally.differing, tally.max_abs), (1, None));
    }

    #[test]
    fn complex_distances() {
        let bytes = |re: f64, im: f64| [re.to_ne_bytes(), im.to_ne_bytes()].concat();
        let found = distance(DType::COMPLEX128, &bytes(1.0, 2.0), &bytes(4.0, 6.0));
        assert_eq!(found, Some(5.0));
    }

    #[test]
    fn positions_become_indices() {
        let shape = Shape::new([2, 3, 4]).unwrap();
        assert_eq!(index(0, &shape), [0, 0, 0]);
        assert_eq!(index(17, &shape), [1, 1, 1]);
        assert_eq!(index(0, &Shape::default()), [0i64; 0]);
    }
}
