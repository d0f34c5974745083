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

/// So many dimensions take no memory of their own.
pub(crate) const FEW: usize = 4;

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
        if !is_sound(dims) {
            return Err(Error::invalid(format!("shape {dims:?} has more than 2^63 elements")));
        }
        Ok(Self(Dims::new(dims)))
    }

    /// Becomes the shape of a few dimensions: `put` puts them down and tells how many
    /// they are. Where a `Shape` can't be that, it is that of a scalar, and the answer
    /// `false`.
    #[inline(always)]
    pub(crate) fn set_few(&mut self, put: impl FnOnce(&mut [i64; FEW]) -> Option<usize>) -> bool {
        if let Dims::Many(_) = self.0 {
            self.empty();
        }
        let Dims::Few(rank, dims) = &mut self.0 else { return false };
        *rank = 0;
        let put = put(dims).filter(|&put| dims.get(..put).is_some_and(is_sound));
        *rank = put.unwrap_or(0) as u8;
        put.is_some()
    }

    #[cold]
    fn empty(&mut self) {
        *self = Self::default();
    }

    /// The dimensions, outermost first.
    #[inline]
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
    #[inline]
    pub fn num_elements(&self) -> u64 {
        match *self.dims() {
            // A loop would load several at once, and have to wait until they, which were
            // stored one by one, are all in the cache.
            [] => 1,
            [one] => one as u64,
            [one, other] => (one * other) as u64,
            ref dims => dims.iter().product::<i64>() as u64,
        }
    }

    /// The same; `None` where that is more than 2^63 - 1.
    #[inline]
    pub(crate) fn byte_size_if(&self, element_size: usize) -> Option<u64> {
        let bytes = self.num_elements().checked_mul(element_size as u64)?;
        (bytes <= i64::MAX as u64).then_some(bytes)
    }

    /// How many bytes that many elements of `element_size` take.
    ///
    /// # Errors
    /// `InvalidArgument` where that is more than 2^63 - 1.
    pub(crate) fn byte_size(&self, element_size: usize) -> Result<u64> {
        self.byte_size_if(element_size)
            .ok_or_else(|| Error::invalid(format!("shape {self} has more than 2^63 bytes")))
    }
}

/// How many bytes elements of `element_size` take, if a [`Shape`] can have these
/// dimensions, and that many bytes are less than 2^63.
#[inline]
pub(crate) fn byte_size_of(dims: &[i64], element_size: usize) -> Option<u64> {
    let elements = elements_of(dims).filter(|_| dims.len() <= Shape::MAX_RANK)?;
    elements.checked_mul(element_size as u64).filter(|&bytes| bytes <= i64::MAX as u64)
}

/// Whether no dimension is negative, and their product can be told.
#[inline]
fn is_sound(dims: &[i64]) -> bool {
    elements_of(dims).is_some()
}

/// The product of the dimensions; `None` where one is negative, or it can't be told. A zero
/// must not hide that the others run over: strides are products of some of them.
#[inline]
fn elements_of(dims: &[i64]) -> Option<u64> {
    let mut product = 1i64;
    let mut is_empty = false;
    for &dim in dims.iter() {
        is_empty |= dim == 0;
        product = product.checked_mul(dim.max(1)).filter(|_| dim >= 0)?;
    }
    Some(if is_empty { 0 } else { product as u64 })
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
