//! Where the tensors of a [`Reader`](super::Reader) come from.

mod bundle;
mod made;
mod slice_files;

use std::fmt::{self, Debug};
use std::path::{Path, PathBuf};

use super::listing::Listing;
use super::tensor::{Piece, Tensor};
use crate::bundle::{
    self as v2, Cut, Decoder, Endianness, Plain, ReadOptions, ReadRequests, Report, View,
    Walk as BundleWalk, decode_plain,
};
use crate::error::{Error, Result};
use crate::table::Keys;
use crate::tensor::{Region, Slice, Strings, Target};

pub(super) use bundle::BundleSource;
pub(super) use made::MadeSource;
pub(super) use slice_files::{SliceFileSource, is_v1_metadata, table_options};

/// In which format a checkpoint is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// A V1 checkpoint: table files with the values in them.
    V1,
    /// A V2 checkpoint: an index and data shards.
    V2,
    /// Several checkpoints as one.
    Overlay,
}

impl Format {
    /// As it is written: `V1`, `V2`, `overlay`.
    pub fn name(self) -> &'static str {
        match self {
            Self::V1 => "V1",
            Self::V2 => "V2",
            Self::Overlay => "overlay",
        }
    }
}

/// What a [`Reader`](super::Reader) can be over. The methods are those of `Reader`,
/// where they are described.
pub(super) trait Source: Debug + Send + Sync {
    fn format(&self) -> Format;
    fn prefix(&self) -> &Path;
    fn num_shards(&self) -> u32;
    fn shard_path(&self, shard: u32) -> Option<PathBuf>;
    fn endianness(&self) -> Option<Endianness>;

    /// The file that says what tensors there are, if it is one.
    fn home(&self) -> Option<&Path>;

    /// Where the tensor `name` comes from, beneath all overlays: its slices may be in
    /// several checkpoints. Nowhere if overlays have it not.
    fn origins<'s>(&'s self, name: &'s [u8]) -> Vec<Origin<'s>>;

    fn walk(&self, prefix: &[u8]) -> Walk;
    fn step(&self, walk: &mut Walk, tensor: &mut Tensor) -> Result<bool>;
    fn step_name(&self, walk: &mut Walk, name: &mut Vec<u8>) -> Result<bool>;
    fn len(&self) -> Result<u64>;
    fn at(&self, position: u64) -> Result<Option<Tensor>>;
    fn find(&self, name: &[u8]) -> Result<Option<Tensor>>;

    fn read(&self, name: &[u8]) -> Result<Vec<u8>>;
    fn read_size(&self, name: &[u8], slice: Option<&Slice>) -> Result<u64>;
    fn read_into(
        &self,
        name: &[u8],
        slice: Option<&Slice>,
        dst: &mut [u8],
        options: &ReadOptions,
    ) -> Result<usize>;
    fn read_many(&self, requests: &mut dyn ReadRequests<'_>, options: &ReadOptions) -> Result<()>;
    fn read_strings(
        &self,
        name: &[u8],
        slice: Option<&Slice>,
        options: &ReadOptions,
    ) -> Result<Strings>;
    fn string_bytes(&self, name: &[u8]) -> Result<u64>;
    fn view(&self, name: &[u8], options: &ReadOptions) -> Result<View>;

    /// Reads cuts of a partitioned tensor, each to its place in `dst`, which has all
    /// of what is `wanted`; the rest of it stays as it is.
    fn read_cuts(
        &self,
        name: &[u8],
        wanted: &Target,
        cuts: &[Cut],
        dst: &mut [u8],
        options: &ReadOptions,
    ) -> Result<()>;

    /// Checks that the files have as many bytes as a read of these cuts takes.
    fn check_cuts(&self, name: &[u8], wanted: &Region, cuts: &[Cut]) -> Result<()>;

    fn pieces(&self, tensor: &Tensor) -> Result<Vec<Piece>>;
    fn read_piece(&self, tensor: &Tensor, piece: &Piece, each: &mut Each<'_>) -> Result<()>;

    /// All of a piece at once.
    fn read_whole_piece(&self, tensor: &Tensor, piece: &Piece) -> Result<Vec<u8>> {
        let mut elements = Vec::new();
        self.read_piece(tensor, piece, &mut |part| {
            elements.extend_from_slice(part);
            Ok(())
        })?;
        Ok(elements)
    }

    /// How many bytes of tensors a check is of.
    fn stored_size(&self) -> u64;

    /// Partitioned tensors that `may_lack` names may lack slices. What there is to be
    /// done is known to the progress.
    fn verify(&self, may_lack: &MayLack<'_>, options: &ReadOptions) -> Result<Report>;

    /// How many checkpoints are beneath it.
    fn num_sources(&self) -> u32 {
        1
    }
}

/// Where a tensor comes from.
pub(super) struct Origin<'s> {
    /// Which of the checkpoints beneath has it, counted from 0.
    pub(super) source: u32,
    /// What that one is.
    pub(super) beneath: Beneath<'s>,
    /// What it is called there.
    pub(super) name: &'s [u8],
    /// Whether all that is there of it is taken.
    pub(super) is_all: bool,
}

/// What a checkpoint is that is not several as one.
#[derive(Clone, Copy)]
pub(super) enum Beneath<'s> {
    Bundle(&'s v2::Reader),
    /// A V1 checkpoint.
    SliceFiles,
    /// A tensor that is in memory alone.
    Memory,
}

/// Takes values as they come.
pub(super) type Each<'a> = dyn FnMut(&[u8]) -> Result<()> + 'a;

/// Says whether slices of a tensor may be missing: others have them.
pub(super) type MayLack<'a> = dyn Fn(&[u8]) -> bool + 'a;

/// Where a walk over the tensors of a checkpoint stands. It does not hold the
/// checkpoint, for whoever owns both and can't borrow from himself.
pub(crate) struct Walk(pub(super) Stand);

pub(super) enum Stand {
    /// In an index, of so many data shards; whether it is before a block that could not
    /// be read.
    Index { walk: BundleWalk, stuck: bool, num_shards: u32 },
    /// In a list that is in memory.
    List { next: usize, prefix: Vec<u8> },
}

impl Walk {
    /// Goes to the next tensor, which `tensor` becomes, where that is at hand and
    /// nothing about it is unusual; otherwise stays.
    #[inline(always)]
    pub(super) fn hop(&mut self, tensor: &mut Tensor) -> bool {
        let Stand::Index { walk, num_shards, .. } = &mut self.0 else { return false };
        let Tensor { name, dtype, shape, slices, stored } = tensor;
        let take = |plain: Plain| (*dtype, *stored) = (plain.dtype, Some(plain.into()));
        if walk.next_if(|value| decode_plain(value, *num_shards, shape, take)).is_none() {
            return false;
        }
        slices.clear();
        name.clear();
        name.extend_from_slice(walk.name());
        true
    }

    /// The same of a name alone, which is then that of [`name_with_nul`](Self::name_with_nul).
    #[inline(always)]
    pub(super) fn hop_to_name(&mut self) -> bool {
        let Stand::Index { walk, .. } = &mut self.0 else { return false };
        walk.next_if(|_| Some(())).is_some()
    }

    /// The name it stands at with a NUL behind it.
    #[inline(always)]
    pub(super) fn name_with_nul(&self) -> &[u8] {
        match &self.0 {
            Stand::Index { walk, .. } => walk.name_with_nul(),
            Stand::List { .. } => &[],
        }
    }

    /// Goes on over names that are at hand as far as `names` has room.
    pub(super) fn take_names(&mut self, names: &mut Keys) {
        if let Stand::Index { walk, .. } = &mut self.0 {
            walk.take(names, |_| true);
        }
    }

    /// The same over tensors about which nothing is unusual; `listing` gets what they are.
    pub(super) fn take(&mut self, names: &mut Keys, listing: &mut impl Listing) {
        let Stand::Index { walk, num_shards, .. } = &mut self.0 else { return };
        let mut decoder = Decoder::default();
        walk.take(names, |value| {
            if let Some(plain) = decoder.decode_alike(value) {
                listing.add_alike(plain.offset, plain.crc32c);
                return true;
            }
            let Some(plain) = decoder.decode_another(value, *num_shards) else { return false };
            listing.add(plain.dtype, decoder.shape(), Some(plain.into()), &[]);
            true
        });
    }

    /// Over a list in memory, from the first name with `prefix` on, which `find`
    /// tells the place of.
    pub(super) fn in_list(next: usize, prefix: &[u8]) -> Self {
        Self(Stand::List { next, prefix: prefix.to_vec() })
    }

    /// The next place in a list, if it has the prefix that is walked over.
    pub(super) fn step_in_list<'n>(
        &mut self,
        name_at: impl FnOnce(usize) -> Option<&'n [u8]>,
    ) -> Option<usize> {
        let Stand::List { next, prefix } = &mut self.0 else { return None };
        let here = *next;
        if !name_at(here)?.starts_with(prefix) {
            return None;
        }
        *next += 1;
        Some(here)
    }
}

impl Debug for Walk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Walk").finish_non_exhaustive()
    }
}

/// Puts the next name of a list where it is wanted, if there is one.
pub(super) fn put_name(next: Option<&[u8]>, name: &mut Vec<u8>) -> bool {
    next.inspect(|next| (*next).clone_into(name)).is_some()
}

/// All of `missing` at once; `home` is where they were looked for.
pub(super) fn not_found(home: Option<&Path>, missing: Vec<Vec<u8>>) -> Error {
    let message = match missing.len() {
        0 | 1 => "there is no such tensor".to_string(),
        count => format!("there is no such tensor, nor {} others that were asked for", count - 1),
    };
    let mut error = Error::not_found(message);
    if let Some(home) = home {
        error = error.in_file(home);
    }
    if let Some(first) = missing.first() {
        error = error.for_tensor(first);
    }
    error.with_names(missing)
}
