//! A partitioned tensor of which several checkpoints have slices.

use crate::bundle::Cut;
use crate::checkpoint::tensor::Tensor;
use crate::error::{Error, Result};
use crate::tensor::{DType, Region, Shape, Slice};

/// Where a tensor is from.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Holder {
    /// Which of the checkpoints.
    pub(super) layer: u32,
    /// The name there.
    pub(super) name: Box<[u8]>,
}

/// A tensor whose slices several checkpoints have.
#[derive(Debug)]
pub(super) struct Joined {
    pub(super) dtype: DType,
    pub(super) shape: Shape,
    /// The checkpoints, and the name in each.
    pub(super) holders: Vec<Holder>,
    /// How many slices the tensor has in each.
    pub(super) num_slices: Vec<usize>,
    /// What each has of it. No element is in two.
    pub(super) parts: Vec<Part>,
}

/// A part of a joined tensor.
#[derive(Clone, Debug)]
pub(super) struct Part {
    /// Which of the holders has it.
    pub(super) holder: usize,
    /// Which of the slices that the tensor lists there it is, or is cut from.
    pub(super) stored: usize,
    pub(super) slice: Slice,
    pub(super) region: Region,
    /// Whether it is less than that slice.
    pub(super) is_cut: bool,
}

/// What a holder has of a region that is wanted.
#[derive(Debug)]
pub(super) struct Share<'j> {
    pub(super) holder: &'j Holder,
    pub(super) cuts: Vec<Cut>,
}

/// What of the slices that a holder has is in the joined tensor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Taken {
    Nothing,
    Some,
    All,
}

impl Part {
    pub(super) fn cut_to(&self, region: Region, shape: &Shape) -> Self {
        if region == self.region {
            return self.clone();
        }
        let slice = Slice::of_region(&region, shape);
        Self { slice, region, is_cut: true, ..*self }
    }
}

impl Joined {
    /// The one checkpoint that has all the parts there are.
    pub(super) fn only_holder(&self) -> Option<&Holder> {
        let first = self.parts.first()?.holder;
        let only = self.parts.iter().all(|part| part.holder == first);
        only.then(|| self.holders.get(first)).flatten()
    }

    /// What is taken from each of the holders.
    pub(super) fn taken(&self) -> impl Iterator<Item = Taken> {
        self.num_slices.iter().enumerate().map(|(holder, &num_slices)| {
            let theirs = || self.parts.iter().filter(|part| part.holder == holder);
            match theirs().filter(|part| !part.is_cut).count() {
                _ if theirs().next().is_none() => Taken::Nothing,
                whole if whole == num_slices => Taken::All,
                _ => Taken::Some,
            }
        })
    }

    /// What is wanted, in plain indices: a slice, or all of it.
    pub(super) fn region(&self, slice: Option<&Slice>) -> Result<Region> {
        match slice {
            Some(slice) => slice.region(&self.shape),
            None => Ok(Region::whole(&self.shape)),
        }
    }

    /// The parts that meet `wanted`, and what of it each has.
    pub(super) fn meeting(&self, wanted: &Region) -> impl Iterator<Item = (&Part, Region)> {
        self.parts.iter().filter_map(|part| Some((part, part.region.intersect(wanted)?)))
    }

    /// The tensor as it is here.
    pub(super) fn tensor(&self, name: Vec<u8>) -> Tensor {
        let slices = self.parts.iter().map(|part| part.slice.clone()).collect();
        Tensor { name, dtype: self.dtype, shape: self.shape.clone(), slices, stored: None }
    }

    /// From cuts of the parts to cuts of the slices that the holders store.
    pub(super) fn shares_of(&self, cuts: &[Cut]) -> Vec<Share<'_>> {
        let parts = cuts.iter().filter_map(|cut| Some((self.parts.get(cut.stored)?, &cut.region)));
        self.collect(parts.map(|(part, region)| (part, region.clone())))
    }

    fn collect<'j>(&'j self, parts: impl Iterator<Item = (&'j Part, Region)>) -> Vec<Share<'j>> {
        let share = |holder| Share { holder, cuts: Vec::new() };
        let mut shares: Vec<Share<'_>> = self.holders.iter().map(share).collect();
        for (part, region) in parts {
            shares[part.holder].cuts.push(Cut { stored: part.stored, region });
        }
        shares.retain(|share| !share.cuts.is_empty());
        shares
    }

    /// What each holder has of `wanted`.
    ///
    /// # Errors
    /// `DataLoss` where all together do not have the whole of it.
    pub(super) fn shares(&self, wanted: &Region) -> Result<Vec<Share<'_>>> {
        let parts: Vec<(&Part, Region)> = self.meeting(wanted).collect();
        let covered: u64 = parts.iter().map(|(_, region)| region.num_elements()).sum();
        if covered == wanted.num_elements() {
            return Ok(self.collect(parts.into_iter()));
        }
        Err(Error::data_loss(format!(
            "its {} stored slices, in {} checkpoints, have {covered} of the {} elements wanted",
            self.parts.len(),
            self.holders.len(),
            wanted.num_elements()
        )))
    }
}
