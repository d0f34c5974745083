//! Reads of a tensor whose slices several checkpoints have: each reads what it has
//! to where it belongs.

use super::joined::{Joined, Part};
use super::source::{OverlaySource, tensor_in};
use crate::bundle::{ReadOptions, check_variable_length, element_size, front};
use crate::checkpoint::source::Source;
use crate::checkpoint::tensor::{Piece, Tensor};
use crate::error::{Error, Result};
use crate::storage;
use crate::tensor::{Overlap, Region, Slice, Strings, Target};

impl OverlaySource {
    pub(super) fn read_joined(&self, joined: &Joined) -> Result<Vec<u8>> {
        let mut data = storage::zeros(self.size_of_joined(joined, None)? as usize);
        self.read_joined_into(joined, None, None, &mut data, &ReadOptions::default())?;
        Ok(data)
    }

    /// How many bytes a read takes, which the files have.
    pub(super) fn size_of_joined(&self, joined: &Joined, slice: Option<&Slice>) -> Result<u64> {
        let wanted = joined.region(slice)?;
        let size = byte_size(joined, &wanted)?;
        self.check_backing(joined, &wanted)?;
        Ok(size)
    }

    fn check_backing(&self, joined: &Joined, wanted: &Region) -> Result<()> {
        joined.shares(wanted)?.iter().try_for_each(|share| {
            self.holder(share.holder)?.check_cuts(&share.holder.name, wanted, &share.cuts)
        })
    }

    pub(super) fn read_joined_into(
        &self,
        joined: &Joined,
        slice: Option<&Slice>,
        strides: Option<&[i64]>,
        dst: &mut [u8],
        options: &ReadOptions,
    ) -> Result<usize> {
        let region = joined.region(slice)?;
        let wanted = Target::new(region, strides, element_size(joined.dtype)?)?;
        let dst = front(bytes_of(joined, wanted.span())?, dst)?;
        for share in joined.shares(wanted.region())? {
            let source = self.holder(share.holder)?;
            source.read_cuts(&share.holder.name, &wanted, &share.cuts, dst, options)?;
        }
        Ok(dst.len())
    }

    pub(super) fn read_joined_strings(
        &self,
        joined: &Joined,
        slice: Option<&Slice>,
        options: &ReadOptions,
    ) -> Result<Strings> {
        check_variable_length(joined.dtype)?;
        let wanted = joined.region(slice)?;
        self.check_backing(joined, &wanted)?;
        let target = Target::packed(wanted.clone());
        let mut overlaps = Vec::new();
        let mut elements = Vec::new();
        for (part, region) in joined.meeting(&wanted) {
            overlaps.extend(Overlap::new(&region, &target));
            elements.push(self.part_strings(joined, part, &region, options)?);
        }
        Ok(Strings::gather(overlaps.iter(), &elements))
    }

    fn part_strings(
        &self,
        joined: &Joined,
        part: &Part,
        region: &Region,
        options: &ReadOptions,
    ) -> Result<Strings> {
        let slice = Slice::of_region(region, &joined.shape);
        let holder = &joined.holders[part.holder];
        self.holder(holder)?.read_strings(&holder.name, Some(&slice), options)
    }

    /// The parts, those that are not cut just as they are stored.
    pub(super) fn pieces_of_joined(&self, joined: &Joined) -> Result<Vec<Piece>> {
        let mut stored = Vec::with_capacity(joined.holders.len());
        for holder in &joined.holders {
            let source = self.holder(holder)?;
            stored.push(source.pieces(&tensor_in(source, &holder.name)?)?);
        }
        let piece = |part: &Part| {
            let holder = &joined.holders[part.holder];
            let stored = stored[part.holder].get(part.stored)?;
            let mut piece = Piece { slice: Some(part.slice.clone()), ..stored.clone() };
            piece.order.source += self.sources_before(holder.layer);
            if part.is_cut {
                piece.size = byte_size(joined, &part.region).unwrap_or(0);
                piece.place = None;
            }
            Some(piece)
        };
        Ok(joined.parts.iter().filter_map(piece).collect())
    }

    /// Which of the checkpoints has the piece shows by where it is stored.
    pub(super) fn joined_piece_there(
        &self,
        joined: &Joined,
        piece: &Piece,
    ) -> Result<(&dyn Source, Tensor, Piece)> {
        for holder in &joined.holders {
            let source = self.holder(holder)?;
            let before = self.sources_before(holder.layer);
            let Some(number) = piece.order.source.checked_sub(before) else { continue };
            if number < source.num_sources() {
                let mut theirs = piece.clone();
                theirs.order.source = number;
                return Ok((source, tensor_in(source, &holder.name)?, theirs));
            }
        }
        Err(Error::invalid("a piece of another checkpoint"))
    }
}

fn byte_size(joined: &Joined, wanted: &Region) -> Result<u64> {
    bytes_of(joined, wanted.num_elements())
}

fn bytes_of(joined: &Joined, elements: u64) -> Result<u64> {
    let size = element_size(joined.dtype)? as u64;
    elements.checked_mul(size).ok_or_else(|| Error::invalid("larger than memory"))
}
