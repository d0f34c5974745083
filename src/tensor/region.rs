//! Rectangles of indices: where they meet, and how the meeting part lies in the
//! row-major bytes of either.

use std::ops::Range;

use super::{Shape, Target};

/// A rectangle of plain indices within a tensor.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Region {
    starts: Vec<i64>,
    lengths: Vec<i64>,
}

impl Region {
    /// Both have a number for each dimension; none is negative, and no sum of
    /// the two runs over.
    pub(super) fn new(starts: Vec<i64>, lengths: Vec<i64>) -> Self {
        Self { starts, lengths }
    }

    /// All of a tensor of shape `of`.
    pub(crate) fn whole(of: &Shape) -> Self {
        Self { starts: vec![0; of.rank()], lengths: of.dims().to_vec() }
    }

    pub(super) fn starts(&self) -> &[i64] {
        &self.starts
    }

    pub(crate) fn lengths(&self) -> &[i64] {
        &self.lengths
    }

    pub(crate) fn num_elements(&self) -> u64 {
        self.lengths.iter().product::<i64>() as u64
    }

    fn end(&self, dim: usize) -> i64 {
        self.starts[dim] + self.lengths[dim]
    }

    /// Whether the two have an element in common.
    pub(crate) fn meets(&self, other: &Self) -> bool {
        (0..self.starts.len()).all(|dim| {
            let start = self.starts[dim].max(other.starts[dim]);
            start < self.end(dim).min(other.end(dim))
        })
    }

    /// The part common to both; `None` where that is empty.
    pub(crate) fn intersect(&self, other: &Self) -> Option<Self> {
        let mut common = self.clone();
        for dim in 0..self.starts.len() {
            let start = self.starts[dim].max(other.starts[dim]);
            let end = self.end(dim).min(other.end(dim));
            if end <= start {
                return None;
            }
            common.starts[dim] = start;
            common.lengths[dim] = end - start;
        }
        Some(common)
    }

    /// What of this region is not in `other`, in regions that share no element.
    pub(crate) fn without(&self, other: &Self) -> Vec<Self> {
        let Some(common) = self.intersect(other) else { return vec![self.clone()] };
        let mut rest = self.clone();
        let mut pieces = Vec::new();
        for dim in 0..self.starts.len() {
            for (start, end) in
                [(rest.starts[dim], common.starts[dim]), (common.end(dim), rest.end(dim))]
            {
                if start < end {
                    let mut piece = rest.clone();
                    piece.starts[dim] = start;
                    piece.lengths[dim] = end - start;
                    pieces.push(piece);
                }
            }
            rest.starts[dim] = common.starts[dim];
            rest.lengths[dim] = common.lengths[dim];
        }
        pieces
    }

    /// How many elements a step along each dimension passes over.
    pub(super) fn strides(&self) -> Vec<u64> {
        let mut strides = vec![1; self.lengths.len()];
        for dim in (1..self.lengths.len()).rev() {
            strides[dim - 1] = strides[dim] * self.lengths[dim] as u64;
        }
        strides
    }

    /// The element of this region, in row-major order, that `starts` names.
    fn position(&self, starts: &[i64], strides: &[u64]) -> u64 {
        let steps = starts.iter().zip(&self.starts).zip(strides);
        steps.map(|((&at, &start), stride)| (at - start) as u64 * stride).sum()
    }
}

/// What a stored region and a wanted one have in common, as runs of elements
/// that lie together in both.
#[derive(Clone, Debug)]
pub(crate) struct Overlap {
    run_len: u64,
    /// Of the dimensions outside of a run: how many steps, and how far each goes.
    outer: Vec<Step>,
    stored_start: u64,
    wanted_start: u64,
    elements: u64,
}

#[derive(Clone, Debug)]
struct Step {
    count: u64,
    stored_stride: u64,
    wanted_stride: u64,
}

impl Overlap {
    /// `None` where the two have nothing in common.
    pub(crate) fn new(stored: &Region, wanted: &Target) -> Option<Self> {
        Some(Self::of(&stored.intersect(wanted.region())?, stored, wanted))
    }

    /// What the two have in common within `cut`; `None` where that is nothing.
    pub(crate) fn within(cut: &Region, stored: &Region, wanted: &Target) -> Option<Self> {
        Some(Self::of(&stored.intersect(wanted.region())?.intersect(cut)?, stored, wanted))
    }

    /// Of a part that is `common` to both.
    fn of(common: &Region, stored: &Region, wanted: &Target) -> Self {
        let (stored_strides, wanted_strides) = (stored.strides(), wanted.strides());
        let (run_len, outer_rank) = longest_run(common, &stored_strides, wanted_strides);
        let outer = (0..outer_rank)
            .map(|dim| Step {
                count: common.lengths[dim] as u64,
                stored_stride: stored_strides[dim],
                wanted_stride: wanted_strides[dim],
            })
            .collect();
        Self {
            run_len,
            outer,
            stored_start: stored.position(&common.starts, &stored_strides),
            wanted_start: wanted.region().position(&common.starts, wanted_strides),
            elements: common.num_elements(),
        }
    }

    /// Of a region of `elements` that is wanted just as it is stored; `None` for an
    /// empty one.
    pub(crate) fn all(elements: u64) -> Option<Self> {
        (elements > 0).then_some(Self {
            run_len: elements,
            outer: Vec::new(),
            stored_start: 0,
            wanted_start: 0,
            elements,
        })
    }

    /// How many elements the two have in common.
    pub(crate) fn num_elements(&self) -> u64 {
        self.elements
    }

    /// Whether they lie together in both.
    pub(crate) fn is_one_run(&self) -> bool {
        self.elements == self.run_len
    }

    /// From the first of them to behind the last, in the stored region.
    pub(crate) fn stored_span(&self) -> Range<u64> {
        let steps = self.outer.iter().map(|step| (step.count - 1) * step.stored_stride);
        self.stored_start..self.stored_start + steps.sum::<u64>() + self.run_len
    }

    /// The same where they go.
    pub(crate) fn wanted_span(&self) -> Range<u64> {
        let steps = self.outer.iter().map(|step| (step.count - 1) * step.wanted_stride);
        self.wanted_start..self.wanted_start + steps.sum::<u64>() + self.run_len
    }

    /// The runs, in the order in which they are stored.
    pub(crate) fn runs(&self) -> Runs<'_> {
        Runs { overlap: self, at: vec![0; self.outer.len()], left: self.elements / self.run_len }
    }

    /// Puts what the two have in common where it belongs in `wanted`. Both are all
    /// the bytes of their region.
    pub(crate) fn scatter(&self, stored: &[u8], element_size: usize, wanted: &mut [u8]) {
        let at = |element: u64| element as usize * element_size;
        for run in self.runs() {
            let from = &stored[at(run.stored)..at(run.stored + run.len)];
            wanted[at(run.wanted)..at(run.wanted + run.len)].copy_from_slice(from);
        }
    }
}

/// Elements that lie together: `len` of them, from element `stored` of the
/// stored region and element `wanted` of the wanted one on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Run {
    pub(crate) stored: u64,
    pub(crate) wanted: u64,
    pub(crate) len: u64,
}

/// Dimensions join the run from the innermost outwards, as long as their elements
/// follow each other in both. How long it is, and how many dimensions are outside.
fn longest_run(common: &Region, stored: &[u64], wanted: &[u64]) -> (u64, usize) {
    let mut run_len = 1;
    for dim in (0..common.lengths.len()).rev() {
        let length = common.lengths[dim] as u64;
        if length > 1 && (stored[dim] != run_len || wanted[dim] != run_len) {
            return (run_len, dim + 1);
        }
        run_len *= length;
    }
    (run_len, 0)
}

/// See [`Overlap::runs`].
#[derive(Clone)]
pub(crate) struct Runs<'o> {
    overlap: &'o Overlap,
    at: Vec<u64>,
    left: u64,
}

impl Iterator for Runs<'_> {
    type Item = Run;

    fn next(&mut self) -> Option<Run> {
        self.left = self.left.checked_sub(1)?;
        let mut run = Run {
            stored: self.overlap.stored_start,
            wanted: self.overlap.wanted_start,
            len: self.overlap.run_len,
        };
        for (step, at) in self.overlap.outer.iter().zip(&self.at) {
            run.stored += at * step.stored_stride;
            run.wanted += at * step.wanted_stride;
        }
        for (step, at) in self.overlap.outer.iter().zip(&mut self.at).rev() {
            *at += 1;
            if *at < step.count {
                break;
            }
            *at = 0;
        }
        Some(run)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left as usize, Some(self.left as usize))
    }
}

impl ExactSizeIterator for Runs<'_> {}

impl<'o> Runs<'o> {
    /// The runs from the first on that ends behind `stored`.
    pub(crate) fn behind(overlap: &'o Overlap, stored: u64) -> Self {
        let mut runs = overlap.runs();
        let Some(mut ahead) = stored.checked_sub(overlap.stored_start) else { return runs };
        let mut passed = 0;
        let mut is_beyond = false;
        for (step, at) in overlap.outer.iter().zip(&mut runs.at) {
            let here = if is_beyond { u64::MAX } else { ahead / step.stored_stride };
            // Beyond the last of a dimension, it is the last in each one within.
            is_beyond |= here >= step.count;
            *at = here.min(step.count - 1);
            ahead = ahead.saturating_sub(*at * step.stored_stride);
            passed = passed * step.count + *at;
        }
        runs.left -= passed;
        if is_beyond || ahead >= overlap.run_len {
            runs.next();
        }
        runs
    }
}

/// Checks that no two regions share an element. Where two do, their places in
/// `regions` come back.
pub(crate) fn check_partition(regions: &[Region]) -> Result<(), (usize, usize)> {
    let mut order: Vec<usize> =
        (0..regions.len()).filter(|&at| regions[at].num_elements() > 0).collect();
    let Some(dim) = sweep_dimension(regions, &order) else {
        // Of scalars, the second is the first again.
        return if order.len() > 1 { Err((order[0], order[1])) } else { Ok(()) };
    };
    order.sort_by_key(|&at| regions[at].starts[dim]);
    let mut open: Vec<usize> = Vec::new();
    for at in order {
        open.retain(|&other| regions[other].end(dim) > regions[at].starts[dim]);
        if let Some(&other) = open.iter().find(|&&other| regions[other].meets(&regions[at])) {
            return Err((other, at));
        }
        open.push(at);
    }
    Ok(())
}

/// The dimension along which the regions are cut most often: a sweep along it
/// has the fewest regions open at once.
fn sweep_dimension(regions: &[Region], order: &[usize]) -> Option<usize> {
    let rank = regions.get(*order.first()?)?.starts.len();
    (0..rank).max_by_key(|&dim| {
        let mut starts: Vec<i64> = order.iter().map(|&at| regions[at].starts[dim]).collect();
        starts.sort_unstable();
        starts.dedup();
        starts.len()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn region(starts: &[i64], lengths: &[i64]) -> Region {
        Region::new(starts.to_vec(), lengths.to_vec())
    }

    fn runs(stored: &Region, wanted: &Region) -> Vec<(u64, u64, u64)> {
        let overlap = Overlap::new(stored, &Target::packed(wanted.clone())).unwrap();
        overlap.runs().map(|run| (run.stored, run.wanted, run.len)).collect()
    }

    #[test]
    fn scalars_are_one_run() {
        assert_eq!(runs(&region(&[], &[]), &region(&[], &[])), [(0, 0, 1)]);
    }

    #[test]
    fn whole_rows_are_one_run() {
        let stored = region(&[2, 0], &[4, 3]);
        assert_eq!(runs(&stored, &region(&[0, 0], &[10, 3])), [(0, 6, 12)]);
        assert_eq!(runs(&stored, &region(&[3, 0], &[2, 3])), [(3, 0, 6)]);
    }

    #[test]
    fn columns_are_a_run_a_row() {
        let stored = region(&[0, 2], &[2, 4]);
        let wanted = region(&[0, 0], &[2, 4]);
        assert_eq!(runs(&stored, &wanted), [(0, 2, 2), (4, 6, 2)]);
    }

    /// Against the plainest possible reading: every index asked by itself.
    #[test]
    fn runs_name_the_same_elements_as_indices_do() {
        let stored = region(&[1, 0, 2], &[3, 4, 2]);
        let wanted = region(&[0, 2, 1], &[3, 2, 3]);
        let mut expected = Vec::new();
        for a in 0..5 {
            for b in 0..5 {
                for c in 0..5 {
                    let at = [a, b, c];
                    let inside =
                        |r: &Region| (0..3).all(|d| at[d] >= r.starts[d] && at[d] < r.end(d));
                    if inside(&stored) && inside(&wanted) {
                        expected.push((
                            stored.position(&at, &stored.strides()),
                            wanted.position(&at, &wanted.strides()),
                        ));
                    }
                }
            }
        }
        let found: Vec<_> = runs(&stored, &wanted)
            .into_iter()
            .flat_map(|(s, w, len)| (0..len).map(move |i| (s + i, w + i)))
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn runs_are_found_from_the_middle() {
        let stored = region(&[1, 0, 2], &[3, 4, 5]);
        for wanted in [
            region(&[0, 2, 1], &[3, 2, 3]),
            region(&[2, 1, 3], &[1, 1, 1]),
            region(&[0, 0, 0], &[9, 9, 9]),
            region(&[1, 1, 2], &[2, 2, 5]),
        ] {
            let overlap = Overlap::new(&stored, &Target::packed(wanted)).unwrap();
            for from in 0..70 {
                let runs: Vec<_> = overlap.runs().collect();
                let expected = runs.into_iter().filter(|run| run.stored + run.len > from);
                let found = Runs::behind(&overlap, from);
                assert_eq!(found.len(), found.clone().count());
                assert!(found.eq(expected), "from {from}");
            }
        }
    }

    #[test]
    fn strides_part_what_is_together() {
        let stored = region(&[0, 0], &[2, 4]);
        let runs = |strides: &[i64]| -> Vec<_> {
            let target = Target::new(stored.clone(), Some(strides), 1).unwrap();
            let overlap = Overlap::new(&stored, &target).unwrap();
            overlap.runs().map(|run| (run.stored, run.wanted, run.len)).collect()
        };
        assert_eq!(runs(&[4, 1]), [(0, 0, 8)]);
        assert_eq!(runs(&[10, 1]), [(0, 0, 4), (4, 10, 4)]);
        assert_eq!(runs(&[10, 3])[2..6], [(2, 6, 1), (3, 9, 1), (4, 10, 1), (5, 13, 1)]);
    }

    /// Every index is in one of the pieces, or in what was taken out.
    #[test]
    fn what_is_taken_out_leaves_the_rest() {
        let whole = region(&[1, 2], &[4, 5]);
        for taken in [
            region(&[2, 3], &[2, 2]),
            region(&[0, 0], &[3, 9]),
            region(&[1, 2], &[4, 5]),
            region(&[4, 6], &[9, 9]),
            region(&[5, 2], &[1, 5]),
        ] {
            let pieces = whole.without(&taken);
            assert_eq!(check_partition(&pieces), Ok(()));
            for index in (0..9).flat_map(|a| (0..9).map(move |b| region(&[a, b], &[1, 1]))) {
                let inside = |other: &Region| other.intersect(&index).is_some();
                let left = inside(&whole) && !inside(&taken);
                assert_eq!(pieces.iter().any(inside), left, "{taken:?} {index:?}");
            }
        }
        assert_eq!(region(&[], &[]).without(&region(&[], &[])), []);
    }

    #[test]
    fn overlaps_are_found() {
        let grid: Vec<_> =
            (0..4).flat_map(|a| (0..4).map(move |b| region(&[a * 2, b * 3], &[2, 3]))).collect();
        assert_eq!(check_partition(&grid), Ok(()));
        let mut twice = grid.clone();
        twice.push(region(&[3, 2], &[1, 1]));
        assert!(check_partition(&twice).is_err());
        let mut with_empty = grid;
        with_empty.push(region(&[3, 2], &[0, 3]));
        assert_eq!(check_partition(&with_empty), Ok(()));
        assert!(check_partition(&[region(&[], &[]), region(&[], &[])]).is_err());
    }
}
