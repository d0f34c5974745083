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

#[derive(Clone)]
enum Dims {
    /// How many of the numbers are dimensions.
    Few(u8, [i64; Shape::FEW]),
    Many(Box<[i64]>),
}

impl Shape {
    /// The most dimensions a TensorFlow shape can have.
    pub const MAX_RANK: usize = 254;

    /// So many dimensions take no memory of their own. Hardly any tensor has more.
    pub(crate) const FEW: usize = 6;

    /// The shape with these dimensions.
    ///
    /// # Errors
    /// `InvalidArgument` where a `Shape` can't be that.
    pub fn new(dims: impl AsRef<[i64]>) -> Result<Self> {
        let dims = dims.as_ref();
        check(dims)?;
        Ok(Self(few(dims).unwrap_or_else(|| Dims::Many(dims.into()))))
    }

    /// Becomes the shape of a few dimensions: `put` puts them down and tells how many
    /// they are. Where a `Shape` can't be that, it is that of a scalar, and the answer
    /// `false`.
    #[inline]
    pub(crate) fn set_few(
        &mut self,
        put: impl FnOnce(&mut [i64; Self::FEW]) -> Option<usize>,
    ) -> bool {
        if let Dims::Many(_) = self.0 {
            *self = Self::default();
        }
        let Dims::Few(rank, dims) = &mut self.0 else { return false };
        *rank = 0;
        let put = put(dims).filter(|&put| dims.get(..put).is_some_and(is_sound));
        *rank = put.unwrap_or(0) as u8;
        put.is_some()
    }

    /// The dimensions, outermost first.
    #[inline]
    pub fn dims(&self) -> &[i64] {
        match &self.0 {
            Dims::Few(rank, dims) => dims.get(..usize::from(*rank)).unwrap_or_default(),
            Dims::Many(dims) => dims,
        }
    }

    /// How many dimensions there are.
    #[inline]
    pub fn rank(&self) -> usize {
        self.dims().len()
    }

    /// How many elements there are: the product of the dimensions, 1 for a scalar.
    pub fn num_elements(&self) -> u64 {
        self.dims().iter().product::<i64>() as u64
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

#[inline]
fn few(dims: &[i64]) -> Option<Dims> {
    let mut few = [0; Shape::FEW];
    few.get_mut(..dims.len())?.copy_from_slice(dims);
    Some(Dims::Few(dims.len() as u8, few))
}

/// Whether a shape may have these dimensions, but for their number.
#[inline]
fn is_sound(dims: &[i64]) -> bool {
    let mut product = 1i64;
    dims.iter().all(|&dim| {
        // A zero must not hide that the other dimensions run over: strides are
        // products of some of them.
        let grown = product.checked_mul(dim.max(1));
        product = grown.unwrap_or(0);
        dim >= 0 && grown.is_some()
    })
}

fn check(dims: &[i64]) -> Result<()> {
    if dims.len() > Shape::MAX_RANK {
        return Err(Error::invalid(format!(
            "{} dimensions; at most {} are possible",
            dims.len(),
            Shape::MAX_RANK
        )));
    }
    if let Some(dim) = dims.iter().find(|&&dim| dim < 0) {
        return Err(Error::invalid(format!("a dimension of {dim} in shape {dims:?}")));
    }
    if !is_sound(dims) {
        return Err(Error::invalid(format!("shape {dims:?} has more than 2^63 elements")));
    }
    Ok(())
}

impl Default for Shape {
    fn default() -> Self {
        Self(Dims::Few(0, [0; Shape::FEW]))
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
    fn absurd_shapes_are_refused() {
        for dims in [vec![-1, 4], vec![1 << 40, 1 << 40], vec![0, 1 << 40, 1 << 40], vec![1; 255]] {
            assert!(Shape::new(dims.clone()).is_err(), "{dims:?}");
        }
        assert!(Shape::new([1 << 62]).unwrap().byte_size(8).is_err());
    }

    #[test]
    fn few_dimensions_are_like_many() {
        for rank in 0..12 {
            let dims: Vec<i64> = (1..=rank).collect();
            let shape = Shape::new(dims.clone()).unwrap();
            assert_eq!((shape.dims(), shape.rank() as i64), (&dims[..], rank));
            assert_eq!(format!("{shape:?}"), format!("Shape({dims:?})"));
            for mut other in [Shape::default(), Shape::new(vec![3; 20]).unwrap()] {
                assert_eq!(other.set_few(|to| copy(&dims, to)), dims.len() <= Shape::FEW);
                assert_eq!(other == shape, dims.len() <= Shape::FEW);
            }
        }
        for dims in [&[-1, 4][..], &[1 << 40, 1 << 40], &[1 << 40, 0, 1 << 40]] {
            let mut shape = Shape::new([2]).unwrap();
            assert!(!shape.set_few(|to| copy(dims, to)), "{dims:?}");
            assert_eq!(shape, Shape::default());
        }
    }

    fn copy(dims: &[i64], to: &mut [i64; Shape::FEW]) -> Option<usize> {
        to.get_mut(..dims.len())?.copy_from_slice(dims);
        Some(dims.len())
    }
}
