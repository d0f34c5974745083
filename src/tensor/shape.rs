//! The extent of a tensor in each dimension.

use std::fmt;
use std::hash::{Hash, Hasher};

use crate::error::{Error, Result};

/// The extent of a tensor in each dimension; none at all for a scalar.
///
/// Always sound: at most [`MAX_RANK`](Shape::MAX_RANK) dimensions, none
/// negative, and their product, zeros left out, within `i64`.
#[derive(Clone)]
pub struct Shape(Dims);

/// Most tensors have few dimensions, and an index has a million shapes: those of
/// few take no allocation.
#[derive(Clone)]
enum Dims {
    Few(u8, [i64; FEW]),
    Many(Box<[i64]>),
}

const FEW: usize = 4;

impl Shape {
    /// The most dimensions a TensorFlow shape can have.
    pub const MAX_RANK: usize = 254;

    /// The shape with these dimensions.
    ///
    /// # Errors
    /// `InvalidArgument` where a `Shape` can't be that.
    pub fn new(dims: impl AsRef<[i64]>) -> Result<Self> {
        let dims = dims.as_ref();
        if dims.len() > Self::MAX_RANK {
            return Err(Error::invalid(format!(
                "{} dimensions; at most {} are possible",
                dims.len(),
                Self::MAX_RANK
            )));
        }
        if let Some(dim) = dims.iter().find(|&&dim| dim < 0) {
            return Err(Error::invalid(format!("a dimension of {dim} in shape {dims:?}")));
        }
        // A zero must not hide that the other dimensions run over: strides are
        // products of some of them.
        dims.iter()
            .filter(|&&dim| dim > 0)
            .try_fold(1i64, |product, &dim| product.checked_mul(dim))
            .ok_or_else(|| Error::invalid(format!("shape {dims:?} has more than 2^63 elements")))?;
        Ok(Self(Dims::new(dims)))
    }

    /// The dimensions, outermost first.
    pub fn dims(&self) -> &[i64] {
        match &self.0 {
            Dims::Few(rank, dims) => dims.get(..usize::from(*rank)).unwrap_or(dims),
            Dims::Many(dims) => dims,
        }
    }

    /// How many dimensions there are.
    pub fn rank(&self) -> usize {
        self.dims().len()
    }

    /// How many elements there are: the product of the dimensions, 1 for a scalar.
    pub fn num_elements(&self) -> u64 {
        self.dims().iter().product::<i64>() as u64
    }

    /// How many bytes that many elements of `element_size` take.
    ///
    /// # Errors
    /// `InvalidArgument` where that is more than 2^63 - 1.
    pub(crate) fn byte_size(&self, element_size: usize) -> Result<u64> {
        self.num_elements()
            .checked_mul(element_size as u64)
            .filter(|&bytes| bytes <= i64::MAX as u64)
            .ok_or_else(|| Error::invalid(format!("shape {self} has more than 2^63 bytes")))
    }
}

impl Dims {
    fn new(dims: &[i64]) -> Self {
        let mut few = [0; FEW];
        match few.get_mut(..dims.len()) {
            Some(first) => {
                first.copy_from_slice(dims);
                Self::Few(dims.len() as u8, few)
            }
            None => Self::Many(dims.into()),
        }
    }
}

impl Default for Shape {
    fn default() -> Self {
        Self(Dims::new(&[]))
    }
}

impl PartialEq for Shape {
    fn eq(&self, other: &Self) -> bool {
        self.dims() == other.dims()
    }
}

impl Eq for Shape {}

impl Hash for Shape {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.dims().hash(state);
    }
}

impl fmt::Debug for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Shape").field(&self.dims()).finish()
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[")?;
        for (at, dim) in self.dims().iter().enumerate() {
            write!(f, "{}{dim}", if at == 0 { "" } else { "," })?;
        }
        f.write_str("]")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts() {
        assert_eq!(Shape::default().num_elements(), 1);
        assert_eq!(Shape::new([2, 0, 3]).unwrap().num_elements(), 0);
        assert_eq!(Shape::new([2, 3]).unwrap().byte_size(8).unwrap(), 48);
    }

    #[test]
    fn few_dimensions_or_many() {
        for rank in 0..8 {
            let dims: Vec<i64> = (1..=rank).collect();
            let shape = Shape::new(&dims).unwrap();
            assert_eq!((shape.dims(), shape.rank()), (&dims[..], dims.len()));
            assert_eq!(shape, shape.clone());
            assert_ne!(shape, Shape::new([&dims[..], &[1]].concat()).unwrap());
        }
        assert_eq!(Shape::default().dims(), [0; 0]);
        assert_eq!(Shape::new([2, 3]).unwrap().to_string(), "[2,3]");
    }

    #[test]
    fn absurd_shapes_are_refused() {
        for dims in [vec![-1, 4], vec![1 << 40, 1 << 40], vec![0, 1 << 40, 1 << 40], vec![1; 255]] {
            assert!(Shape::new(dims.clone()).is_err(), "{dims:?}");
        }
        assert!(Shape::new([1 << 62]).unwrap().byte_size(8).is_err());
    }
}
