//! Where the elements of a region go in the caller's memory.

use super::region::Region;
use crate::error::{Error, Result};

/// A region that is wanted, and how far apart its elements are where they go.
///
/// Elements that come later in row-major order go further back, and none to the place
/// of another.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    region: Region,
    /// Elements between neighbours along each dimension.
    strides: Vec<u64>,
    span: u64,
}

impl Target {
    /// One after the other in row-major order.
    pub(crate) fn packed(region: Region) -> Self {
        let (strides, span) = (region.strides(), region.num_elements());
        Self { region, strides, span }
    }

    /// With so many bytes between neighbours along each dimension; packed where that is
    /// `None`. Along a dimension of fewer than two elements there are no neighbours.
    ///
    /// # Errors
    /// `InvalidArgument` where there is not a number for each dimension; where one is
    /// not a multiple of the element size, or less than what lies within takes; where
    /// all is more than 2^63 bytes.
    pub(crate) fn new(
        region: Region,
        strides: Option<&[i64]>,
        element_size: usize,
    ) -> Result<Self> {
        let Some(strides) = strides else { return Ok(Self::packed(region)) };
        let lengths = region.lengths();
        if strides.len() != lengths.len() {
            let (have, rank) = (strides.len(), lengths.len());
            return Err(Error::invalid(format!("{have} strides for {rank} dimensions")));
        }
        let mut inner = element_size as u64;
        let mut in_elements = vec![0; lengths.len()];
        for (dim, (&stride, &length)) in strides.iter().zip(lengths).enumerate().rev() {
            let Some(steps) = (length as u64).checked_sub(1).filter(|&steps| steps > 0) else {
                continue;
            };
            let stride = check_stride(dim, stride, inner, element_size)?;
            let outer = stride.checked_mul(steps).and_then(|all| all.checked_add(inner));
            let outer = outer.filter(|&bytes| bytes <= i64::MAX as u64);
            inner = outer.ok_or_else(|| Error::invalid("strides over more than 2^63 bytes"))?;
            in_elements[dim] = stride / element_size as u64;
        }
        let span = if region.num_elements() == 0 { 0 } else { inner / element_size as u64 };
        Ok(Self { region, strides: in_elements, span })
    }

    /// What is wanted.
    pub(crate) fn region(&self) -> &Region {
        &self.region
    }

    pub(super) fn strides(&self) -> &[u64] {
        &self.strides
    }

    /// How many elements there is room for from the first to the last.
    pub(crate) fn span(&self) -> u64 {
        self.span
    }
}

/// Refuses a stride at which elements would meet, or none would be whole.
fn check_stride(dim: usize, stride: i64, inner: u64, element_size: usize) -> Result<u64> {
    let bytes = u64::try_from(stride).ok().filter(|&bytes| bytes >= inner);
    let Some(bytes) = bytes else {
        return Err(Error::invalid(format!(
            "a stride of {stride} in dimension {dim}, of which each takes {inner} bytes"
        )));
    };
    if bytes % element_size as u64 != 0 {
        let message = format!("a stride of {stride} for elements of {element_size} bytes");
        return Err(Error::invalid(message));
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;

    fn target(lengths: &[i64], strides: &[i64]) -> Result<Target> {
        let region = Region::new(vec![0; lengths.len()], lengths.to_vec());
        Target::new(region, Some(strides), 4)
    }

    #[test]
    fn spans() {
        for (lengths, strides, span) in [
            (&[][..], &[][..], 1),
            (&[3], &[4], 3),
            (&[3], &[12], 7),
            (&[2, 3], &[12, 4], 6),
            (&[2, 3], &[400, 4], 103),
            (&[2, 0], &[8, -1], 0),
            (&[1, 3, 1], &[-7, 4, 0], 3),
        ] {
            assert_eq!(target(lengths, strides).unwrap().span(), span, "{lengths:?} {strides:?}");
        }
    }

    #[test]
    fn what_would_meet_is_refused() {
        for (lengths, strides) in [
            (&[2, 3][..], &[8, 4][..]),
            (&[2, 3], &[12, 0]),
            (&[2, 3], &[12, -4]),
            (&[2, 3], &[4, 8]),
            (&[2, 3], &[14, 4]),
            (&[3], &[6]),
            (&[3], &[4, 4]),
            (&[i64::MAX / 8, 3], &[i64::MAX / 2 - 3, 4]),
        ] {
            let refused = target(lengths, strides).unwrap_err();
            assert_eq!(refused.kind(), ErrorKind::InvalidArgument, "{lengths:?} {strides:?}");
        }
    }
}
