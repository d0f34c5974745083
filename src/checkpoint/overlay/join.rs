//! What becomes of a tensor that several checkpoints have, at least one as slices.
//!
//! Slices of equal tensors are brought together. Where two cover the same elements
//! it is a conflict; or the checkpoint that wins has them, and what the other has
//! besides stays, cut to size.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::path::Path;

use super::joined::{Holder, Joined, Part};
use crate::bundle::OnConflict;
use crate::checkpoint::tensor::Tensor;
use crate::error::{Error, ErrorKind, Result};
use crate::tensor::{Region, Shape, Slice, check_partition};

/// So many times two slices of a tensor are compared at most. That is enough for 2,048
/// slices and 2,048 others; more may be made up to keep somebody busy.
const MAX_COMPARISONS: usize = 1 << 22;

/// A checkpoint that has the tensor, as it is there.
#[derive(Debug)]
pub(super) struct Held<'l> {
    pub(super) holder: Holder,
    pub(super) tensor: Tensor,
    /// The file that says so, if it is one.
    pub(super) home: Option<&'l Path>,
}

/// What becomes of a tensor that several checkpoints have.
#[derive(Debug)]
pub(super) struct Outcome {
    pub(super) verdict: Verdict,
    /// Those whose slices were brought together, be they taken or not.
    pub(super) lenders: Vec<Holder>,
    /// Whether slices overlap that are not the same.
    pub(super) has_overlaps: bool,
}

#[derive(Debug)]
pub(super) enum Verdict {
    /// They contradict each other.
    Conflict,
    /// One of them has it. The others have nothing that it has not.
    One(Holder),
    /// Several have parts of it.
    Joined(Joined),
}

impl Outcome {
    fn plain(verdict: Verdict) -> Self {
        Self { verdict, lenders: Vec::new(), has_overlaps: false }
    }
}

/// Decides what becomes of a tensor that all these have, at least one of them as
/// slices.
pub(super) fn join(mut held: Vec<Held<'_>>, on_conflict: OnConflict) -> Result<Outcome> {
    let all = held.len();
    let chosen = match on_conflict {
        OnConflict::Last => held.last(),
        OnConflict::First | OnConflict::Error => held.first(),
    };
    let Some((chosen, whole)) = chosen.map(|held| (held.holder.clone(), held.tensor.clone()))
    else {
        return Ok(Outcome::plain(Verdict::Conflict));
    };
    // Other slices of the tensor that is taken go with it.
    held.retain(|held| held.holder == chosen || is_same_whole(&held.tensor, &whole));
    if held.len() < all && on_conflict == OnConflict::Error {
        return Ok(Outcome::plain(Verdict::Conflict));
    }
    if held.len() == 1 {
        return Ok(Outcome::plain(Verdict::One(chosen)));
    }
    let Some((parts, has_overlaps)) = join_parts(&held, on_conflict)? else {
        return Ok(Outcome::plain(Verdict::Conflict));
    };
    let Tensor { dtype, shape, .. } = whole;
    let num_slices = held.iter().map(|held| held.tensor.slices.len()).collect();
    let holders: Vec<Holder> = held.into_iter().map(|held| held.holder).collect();
    let joined = Joined { dtype, shape, holders: holders.clone(), num_slices, parts };
    let verdict = match joined.only_holder() {
        Some(only) => Verdict::One(only.clone()),
        None => Verdict::Joined(joined),
    };
    Ok(Outcome { verdict, lenders: holders, has_overlaps })
}

fn is_same_whole(one: &Tensor, other: &Tensor) -> bool {
    one.is_partitioned()
        && other.is_partitioned()
        && one.dtype == other.dtype
        && one.shape == other.shape
}

/// The slices of all, in the order of the checkpoints, and whether some overlap that
/// are not the same; `None` where that is a conflict.
fn join_parts(held: &[Held<'_>], on_conflict: OnConflict) -> Result<Option<(Vec<Part>, bool)>> {
    let mut parts: Vec<Part> = Vec::new();
    let mut places: HashMap<Region, usize> = HashMap::new();
    let mut has_overlaps = false;
    for (holder, held) in held.iter().enumerate() {
        for part in parts_of(holder, held)? {
            match places.entry(part.region.clone()) {
                Entry::Vacant(place) => {
                    place.insert(parts.len());
                    parts.push(part);
                }
                // Of no elements, and listed twice.
                Entry::Occupied(place) if parts[*place.get()].holder == holder => {}
                Entry::Occupied(_) if on_conflict == OnConflict::Error => return Ok(None),
                Entry::Occupied(place) => {
                    let known = &mut parts[*place.get()];
                    // The same in other words is not the same to an index.
                    has_overlaps |= known.slice != part.slice;
                    if on_conflict == OnConflict::Last {
                        *known = part;
                    }
                }
            }
        }
    }
    let regions: Vec<Region> = parts.iter().map(|part| part.region.clone()).collect();
    match check_partition(&regions) {
        Ok(()) => Ok(Some((parts, has_overlaps))),
        Err(_) if on_conflict == OnConflict::Error => Ok(None),
        Err(_) => Ok(Some((cut(parts, &held[0].tensor.shape, on_conflict)?, true))),
    }
}

/// The slices in which one checkpoint stores the tensor. That they do not overlap
/// shows here: later it would look like a conflict.
fn parts_of(holder: usize, held: &Held<'_>) -> Result<Vec<Part>> {
    let tensor = &held.tensor;
    let regions = tensor.slices.iter().map(|slice| slice.region(&tensor.shape));
    let regions: Vec<Region> = regions.collect::<Result<_>>()?;
    check_partition(&regions).map_err(|(one, other)| {
        let (one, other) = (&tensor.slices[one], &tensor.slices[other]);
        let error = format!("its stored slices '{one}' and '{other}' overlap");
        let error = Error::data_loss(error).for_tensor(&tensor.name);
        match held.home {
            Some(home) => error.in_file(home),
            None => error,
        }
    })?;
    let part = |(stored, (slice, region)): (usize, (&Slice, Region))| {
        let slice = slice.clone();
        Part { holder, stored, slice, region, is_cut: false }
    };
    Ok(tensor.slices.iter().zip(regions).enumerate().map(part).collect())
}

/// Takes from each slice what a checkpoint that wins over its own has too.
fn cut(mut parts: Vec<Part>, shape: &Shape, on_conflict: OnConflict) -> Result<Vec<Part>> {
    parts.sort_by_key(|part| part.holder);
    if on_conflict == OnConflict::Last {
        parts.reverse();
    }
    let mut kept: Vec<Part> = Vec::new();
    let mut comparisons = 0;
    for part in parts {
        let mut left = vec![part.region.clone()];
        for winner in kept.iter().filter(|winner| winner.holder != part.holder) {
            if left.is_empty() {
                break;
            }
            comparisons += left.len();
            if comparisons > MAX_COMPARISONS {
                let message = "its slices overlap in too many ways to be told apart";
                return Err(Error::new(ErrorKind::ResourceLimit, message));
            }
            if left.iter().any(|region| region.meets(&winner.region)) {
                left = left.iter().flat_map(|region| region.without(&winner.region)).collect();
            }
        }
        kept.extend(left.into_iter().map(|region| part.cut_to(region, shape)));
    }
    Ok(kept)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tensor::{DType, Extent};

    /// Rows of a tensor, `starts` and how many.
    fn held(layer: u32, rows: &[(i64, i64)]) -> Held<'static> {
        let slices = rows.iter().map(|&(start, rows)| Slice::new([Extent::new(start, rows)]));
        let tensor = Tensor {
            name: b"x".to_vec(),
            dtype: DType::FLOAT,
            shape: Shape::new([100_000]).unwrap(),
            slices: slices.collect(),
            stored: None,
        };
        let holder = Holder { layer, name: b"x".as_slice().into() };
        Held { holder, tensor, home: Some(Path::new("ckpt.index")) }
    }

    fn parts(held: Vec<Held<'static>>, on_conflict: OnConflict) -> Vec<(usize, String)> {
        match join(held, on_conflict).unwrap().verdict {
            Verdict::Joined(joined) => {
                let part = |part: Part| (part.holder, part.slice.to_string());
                joined.parts.into_iter().map(part).collect()
            }
            verdict => panic!("{verdict:?}"),
        }
    }

    /// As a merge of indices lists them.
    #[test]
    fn the_order_is_that_of_the_checkpoints() {
        let two = || vec![held(0, &[(0, 2), (4, 2)]), held(1, &[(2, 2), (4, 2)])];
        let slices = |holders: [usize; 3]| -> Vec<(usize, String)> {
            holders.into_iter().zip(["0,2", "4,2", "2,2"].map(String::from)).collect()
        };
        assert_eq!(parts(two(), OnConflict::First), slices([0, 0, 1]));
        assert_eq!(parts(two(), OnConflict::Last), slices([0, 1, 1]));
        let outcome = join(two(), OnConflict::Error).unwrap();
        assert!(matches!(outcome.verdict, Verdict::Conflict));
    }

    #[test]
    fn what_one_has_alone_is_taken_from_it() {
        let outcome = join(vec![held(0, &[(0, 4)]), held(1, &[(1, 2)])], OnConflict::First);
        let Outcome { verdict, lenders, has_overlaps } = outcome.unwrap();
        assert!(matches!(verdict, Verdict::One(holder) if holder.layer == 0));
        assert!(lenders.len() == 2 && has_overlaps);
    }

    #[test]
    fn slices_that_overlap_within_a_checkpoint_are_damage() {
        let error = join(vec![held(0, &[(0, 4), (3, 2)]), held(1, &[(9, 1)])], OnConflict::First);
        let error = error.unwrap_err();
        assert_eq!(
            (error.kind(), error.file()),
            (ErrorKind::DataLoss, Some(Path::new("ckpt.index")))
        );
    }

    #[test]
    fn nobody_is_kept_busy() {
        let rows =
            |from: i64| -> Vec<(i64, i64)> { (0..4000).map(|at| (from + at * 2, 2)).collect() };
        let error = join(vec![held(0, &rows(0)), held(1, &rows(1))], OnConflict::Last);
        assert_eq!(error.unwrap_err().kind(), ErrorKind::ResourceLimit);
    }
}
