//! A rectangular part of a tensor.

use std::fmt;
use std::str::FromStr;

use super::Shape;
use super::region::Region;
use crate::error::{Error, Result};

/// The part of one dimension: `length` elements from `start` on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Extent {
    /// The first index.
    pub start: i64,
    /// How many; `None` for the whole dimension, `start` then being 0.
    pub length: Option<i64>,
}

impl Extent {
    /// The whole dimension, however long it is.
    pub const FULL: Self = Self { start: 0, length: None };

    /// `length` elements from `start` on.
    pub fn new(start: i64, length: i64) -> Self {
        Self { start, length: Some(length) }
    }
}

/// A rectangular part of a tensor: an [`Extent`] for each dimension.
///
/// As text it is TensorFlow's slice spec: `start,length` for each dimension,
/// joined by `:`, with `-` for a whole dimension, as in `0,4:-`. A slice of a
/// scalar is the empty string.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Slice(Vec<Extent>);

impl Slice {
    /// The slice with these extents.
    pub fn new(extents: impl Into<Vec<Extent>>) -> Self {
        Self(extents.into())
    }

    /// The whole of a tensor with `rank` dimensions.
    pub fn full(rank: usize) -> Self {
        Self(vec![Extent::FULL; rank])
    }

    /// The extents, outermost dimension first.
    pub fn extents(&self) -> &[Extent] {
        &self.0
    }

    /// The shape of this part of a tensor of shape `of`.
    ///
    /// # Errors
    /// `InvalidArgument` where the ranks differ or the part reaches outside.
    pub fn shape(&self, of: &Shape) -> Result<Shape> {
        Shape::new(self.region(of)?.lengths())
    }

    /// The same in plain indices of a tensor of shape `of`.
    pub(crate) fn region(&self, of: &Shape) -> Result<Region> {
        if self.0.len() != of.rank() {
            return Err(Error::invalid(format!(
                "slice '{self}' has {} dimensions, the tensor {}",
                self.0.len(),
                of.rank()
            )));
        }
        let mut starts = Vec::with_capacity(of.rank());
        let mut lengths = Vec::with_capacity(of.rank());
        for (extent, &dim) in self.0.iter().zip(of.dims()) {
            let length = extent.length.unwrap_or(dim);
            let end = extent.start.checked_add(length);
            if extent.start < 0 || length < 0 || end.is_none_or(|end| end > dim) {
                return Err(Error::invalid(format!("slice '{self}' reaches outside of {of}")));
            }
            starts.push(extent.start);
            lengths.push(length);
        }
        Ok(Region::new(starts, lengths))
    }

    /// The slice that a region of a tensor of shape `of` is.
    pub(crate) fn of_region(region: &Region, of: &Shape) -> Self {
        let extents = region.starts().iter().zip(region.lengths()).zip(of.dims());
        let extent = |((&start, &length), &dim)| match start == 0 && length == dim {
            true => Extent::FULL,
            false => Extent::new(start, length),
        };
        Self(extents.map(extent).collect())
    }

    /// Whether it is the whole of a tensor of shape `of`, written either way.
    pub(crate) fn is_whole(&self, of: &Shape) -> bool {
        self.0.len() == of.rank()
            && self.0.iter().zip(of.dims()).all(|(extent, &dim)| {
                extent.start == 0 && extent.length.is_none_or(|length| length == dim)
            })
    }
}

impl fmt::Display for Slice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, extent) in self.0.iter().enumerate() {
            f.write_str(if at == 0 { "" } else { ":" })?;
            match extent.length {
                Some(length) => write!(f, "{},{length}", extent.start)?,
                None => f.write_str("-")?,
            }
        }
        Ok(())
    }
}

impl FromStr for Slice {
    type Err = Error;

    fn from_str(spec: &str) -> Result<Self> {
        if spec.is_empty() {
            return Ok(Self::default());
        }
        let extents: Option<Vec<_>> = spec.split(':').map(parse_extent).collect();
        extents.map(Self).ok_or_else(|| {
            Error::invalid(format!("'{spec}' is no slice spec; one looks like '0,4:-'"))
        })
    }
}

fn parse_extent(text: &str) -> Option<Extent> {
    if text == "-" {
        return Some(Extent::FULL);
    }
    let (start, length) = text.split_once(',')?;
    let extent = Extent::new(start.parse().ok()?, length.parse().ok()?);
    (extent.start >= 0 && extent.length >= Some(0)).then_some(extent)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spec_comes_back() {
        for spec in ["", "-", "0,4:-", "3,1:-:0,9"] {
            assert_eq!(spec.parse::<Slice>().unwrap().to_string(), spec);
        }
        for spec in [":", "1", "1,", "-1,2", "1,-2", "0,4:", "a,b", "1,2,3"] {
            assert!(spec.parse::<Slice>().is_err(), "{spec}");
        }
    }

    #[test]
    fn stays_within_the_tensor() {
        let of = Shape::new([4, 6]).unwrap();
        let shape = |spec: &str| spec.parse::<Slice>().unwrap().shape(&of);
        assert_eq!(shape("1,3:-").unwrap().dims(), [3, 6]);
        assert_eq!(shape("4,0:0,6").unwrap().dims(), [0, 6]);
        for spec in ["1,4:-", "-", "-:-:-", "5,0:-", "1,9223372036854775807:-"] {
            assert!(shape(spec).is_err(), "{spec}");
        }
    }
}
