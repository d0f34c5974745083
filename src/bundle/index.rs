//! The table of entries: look-up by name, and walks in the order of names.
//!
//! Besides the header and the tensors the table holds the stored slices of
//! partitioned tensors, each under an [encoded key](super::encode_slice_key).
//! Those that their tensor lists are not tensors themselves, and walks pass over
//! them.

use std::collections::HashSet;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use super::entry::{Entry, Tensor};
use super::header::Header;
use super::names::index_path;
use super::slice_key::{SLICE_KEY_START, decode_slice_key, encode_slice_key};
use crate::error::{Error, ErrorKind, Result, ResultExt};
use crate::storage::Storage;
use crate::table::{self, Keys, Table, TableOptions};
use crate::tensor::Slice;

/// The key of the header.
const HEADER_KEY: &[u8] = b"";

/// The index of a bundle: what tensors there are, and where their bytes are.
///
/// Shared by any number of threads. Opening reads the footer, the index block
/// and the block with the header of the table; all else is read when it is asked for.
#[derive(Debug)]
pub struct Index {
    table: Table,
    header: Header,
    path: PathBuf,
    positions: OnceLock<Positions>,
}

impl Index {
    /// Opens the index of the bundle at `prefix`.
    ///
    /// # Errors
    /// `NotFound` where there is no index, `DataLoss` where it is damaged,
    /// `Unsupported` where its version asks for another reader.
    pub fn open(storage: &dyn Storage, prefix: &Path, options: &TableOptions) -> Result<Self> {
        let path = index_path(prefix);
        let table = Table::open(storage.open(&path)?, options)?;
        let header = read_header(&table).in_file(&path)?;
        Ok(Self { table, header, path, positions: OnceLock::new() })
    }

    /// The header.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// The path of the file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn table(&self) -> &Table {
        &self.table
    }

    /// The entry of the tensor `name`, or `None` where there is no such tensor.
    ///
    /// # Errors
    /// `DataLoss` where the entry, or the block it should be in, is damaged.
    pub fn find(&self, name: &[u8]) -> Result<Option<Entry>> {
        if name.first() == Some(&SLICE_KEY_START) && self.is_listed_slice(name)? {
            return Ok(None);
        }
        self.find_key(name)
    }

    /// The entry that the value of the tensor `name` is.
    pub(super) fn parse(&self, name: &[u8], value: &[u8]) -> Result<Entry> {
        Entry::parse(name, value, &self.header).in_file(&self.path)
    }

    /// The entry of the key `name`, be it a tensor's or a stored slice's.
    pub(super) fn find_key(&self, name: &[u8]) -> Result<Option<Entry>> {
        if name == HEADER_KEY { Ok(None) } else { self.entry_of(name, name) }
    }

    /// The entry of `slice`, a stored slice of the tensor `name`.
    pub(super) fn find_slice(&self, name: &[u8], slice: &Slice) -> Result<Option<Entry>> {
        self.entry_of(&encode_slice_key(name, slice), name)
    }

    /// The entry of `key`, which is about the tensor `name`.
    fn entry_of(&self, key: &[u8], name: &[u8]) -> Result<Option<Entry>> {
        self.table.with_value(key, |value| self.parse(name, value)).for_tensor(name)?.transpose()
    }

    fn is_listed_slice(&self, key: &[u8]) -> Result<bool> {
        SliceFilter::default().hides(self, key)
    }

    /// A walk over the tensors whose names begin with `prefix`, by name; over all
    /// of them where that is empty.
    pub fn cursor(&self, prefix: &[u8]) -> Cursor<'_> {
        Cursor { index: self, walk: Walk::new(prefix), failed: false }
    }

    /// How many tensors there are. The first call reads the whole table.
    ///
    /// # Errors
    /// `DataLoss` where a block of the table is damaged.
    pub fn len(&self) -> Result<u64> {
        Ok(self.positions()?.len())
    }

    /// Whether there are none.
    ///
    /// # Errors
    /// As of [`len`](Index::len).
    pub fn is_empty(&self) -> Result<bool> {
        Ok(self.len()? == 0)
    }

    /// The tensor at `position` in the order of names, or `None` beyond the last.
    ///
    /// # Errors
    /// `DataLoss` where a block of the table or that entry is damaged.
    pub fn at(&self, position: u64) -> Result<Option<Tensor>> {
        let Some((block, entry)) = self.positions()?.place(position) else { return Ok(None) };
        let mut entries = self.table.cursor();
        if !entries.seek_to_block(block)? || !entries.skip(entry)? {
            return Ok(None);
        }
        let entry = self.parse(entries.key(), entries.value())?;
        Ok(Some(Tensor { name: entries.key().to_vec(), entry }))
    }

    fn positions(&self) -> Result<&Positions> {
        if let Some(positions) = self.positions.get() {
            return Ok(positions);
        }
        let positions = Positions::of(self)?;
        Ok(self.positions.get_or_init(|| positions))
    }
}

fn read_header(table: &Table) -> Result<Header> {
    // The empty key is the lowest there is: it is in the first block or nowhere.
    table.with_value(HEADER_KEY, Header::parse)?.unwrap_or_else(|| {
        Err(Error::data_loss("there is no header: this is not the index of a bundle"))
    })
}

/// A walk over tensors in the order of their names. See [`Index::cursor`].
#[derive(Debug)]
pub struct Cursor<'i> {
    index: &'i Index,
    walk: Walk,
    failed: bool,
}

impl Cursor<'_> {
    /// Goes to the next tensor; `false` at the end. A new cursor stands before
    /// the first.
    ///
    /// # Errors
    /// `DataLoss` where a block is damaged. [`skip_block`](Cursor::skip_block)
    /// goes on behind it.
    pub fn advance(&mut self) -> Result<bool> {
        self.walk.advance(self.index)
    }

    /// After an error: goes to the first tensor of the next block; `false` where
    /// there is no further block.
    ///
    /// # Errors
    /// `DataLoss` where that block is damaged too.
    pub fn skip_block(&mut self) -> Result<bool> {
        self.walk.skip_block(self.index)
    }

    /// The name of the tensor it stands at.
    pub fn name(&self) -> &[u8] {
        self.walk.name()
    }

    /// The entry of the tensor it stands at.
    ///
    /// # Errors
    /// `DataLoss` where it makes no sense.
    pub fn entry(&self) -> Result<Entry> {
        self.walk.entry(self.index)
    }

    /// Name and entry of the tensor it stands at.
    ///
    /// # Errors
    /// As of [`entry`](Cursor::entry).
    pub fn tensor(&self) -> Result<Tensor> {
        Ok(Tensor { entry: self.entry()?, name: self.name().to_vec() })
    }
}

/// A tensor whose entry is damaged is one `Err` among others; a damaged block of
/// the table is the last item.
impl Iterator for Cursor<'_> {
    type Item = Result<Tensor>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.failed {
            return None;
        }
        let more = self.advance();
        self.failed = more.is_err();
        match more {
            Ok(true) => Some(self.tensor()),
            Ok(false) => None,
            Err(error) => Some(Err(error)),
        }
    }
}

/// Look-ups of many names in the order of names, as one walk along the index.
pub(super) struct Finder<'i> {
    index: &'i Index,
    position: table::Position,
    keep: bool,
}

impl<'i> Finder<'i> {
    /// For the look-up of so many names.
    pub(super) fn new(index: &'i Index, names: usize) -> Self {
        // Of many names each block is met once, and then not again.
        let keep = names / 2 < index.table.block_count();
        Self { index, position: table::Position::default(), keep }
    }

    /// What is under the tensor's name `name`, which is no lower than the last one.
    pub(super) fn find(&mut self, name: &[u8]) -> Result<Option<&[u8]>> {
        if name == HEADER_KEY
            || name.first() == Some(&SLICE_KEY_START) && self.index.is_listed_slice(name)?
        {
            return Ok(None);
        }
        self.position.find_on(&self.index.table, name, self.keep).for_tensor(name)
    }
}

/// Where a walk over tensors stands; before the first one unless told. It does not hold
/// the index, for whoever owns both and can't borrow from himself: each call takes it,
/// always the same one. The methods are those of [`Cursor`].
#[derive(Default)]
pub(crate) struct Walk {
    entries: table::Position,
    prefix: Vec<u8>,
    started: bool,
    filter: SliceFilter,
    /// Whether what comes can be nothing but tensors that are walked over: of all,
    /// the first that is no slice was met.
    is_plain: bool,
}

impl Walk {
    /// Over the tensors whose names begin with `prefix`.
    pub(crate) fn new(prefix: &[u8]) -> Self {
        Self { prefix: prefix.to_vec(), ..Self::default() }
    }

    #[inline]
    pub(crate) fn advance(&mut self, index: &Index) -> Result<bool> {
        let more = self.step(index)?;
        self.pass_over_slices(index, more)
    }

    pub(crate) fn skip_block(&mut self, index: &Index) -> Result<bool> {
        let more = self.entries.next_block(&index.table)?;
        self.pass_over_slices(index, more)
    }

    /// Goes on to the next tensor where it is at hand and `wanted` makes something of
    /// its entry's value; otherwise it stays, and [`advance`](Self::advance) does it.
    #[inline(always)]
    pub(crate) fn next_if<T>(&mut self, wanted: impl FnOnce(&[u8]) -> Option<T>) -> Option<T> {
        if self.is_plain { self.entries.next_if(wanted) } else { None }
    }

    /// Goes on over tensors that are at hand as far as `names` has room and `wanted` takes
    /// the values of their entries; both get them. Where it ends, be it after none,
    /// [`advance`](Self::advance) goes on.
    pub(crate) fn take(&mut self, names: &mut Keys, wanted: impl FnMut(&[u8]) -> bool) {
        if self.is_plain {
            self.entries.take(names, wanted);
        }
    }

    #[inline]
    pub(crate) fn name(&self) -> &[u8] {
        self.entries.key()
    }

    /// The name with a NUL behind it; empty where it never stood on a tensor.
    #[inline]
    pub(crate) fn name_with_nul(&self) -> &[u8] {
        self.entries.key_with_nul()
    }

    pub(crate) fn entry(&self, index: &Index) -> Result<Entry> {
        index.parse(self.name(), self.entries.value())
    }

    #[inline]
    fn step(&mut self, index: &Index) -> Result<bool> {
        if self.started || self.prefix.is_empty() {
            self.started = true;
            return self.entries.next(&index.table);
        }
        self.started = true;
        self.entries.seek(&index.table, &self.prefix)
    }

    #[inline]
    fn pass_over_slices(&mut self, index: &Index, mut more: bool) -> Result<bool> {
        while more && self.filter.hides(index, self.entries.key())? {
            more = self.entries.next(&index.table)?;
        }
        // Keys increase: behind this one no slice comes any more.
        self.is_plain = more
            && self.prefix.is_empty()
            && self.entries.key().first().is_some_and(|&byte| byte != SLICE_KEY_START);
        Ok(more && self.has_prefix())
    }

    /// Of all tensors nothing need be compared; and to compare no bytes, at the
    /// address of an empty vector, takes longer than all else of a step.
    #[inline]
    fn has_prefix(&self) -> bool {
        self.prefix.is_empty() || self.entries.key().starts_with(&self.prefix)
    }
}

impl fmt::Debug for Walk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Walk")
            .field("name", &self.name().escape_ascii().to_string())
            .finish_non_exhaustive()
    }
}

/// Tells which keys are stored slices that their tensor lists. The slices of one
/// tensor stand together, so the keys of the last tensor are kept.
#[derive(Debug, Default)]
struct SliceFilter {
    name: Option<Vec<u8>>,
    keys: HashSet<Vec<u8>>,
}

impl SliceFilter {
    /// Whether a walk over tensors passes over `key`.
    #[inline]
    fn hides(&mut self, index: &Index, key: &[u8]) -> Result<bool> {
        match key.first() {
            None => Ok(true),
            Some(&SLICE_KEY_START) => self.hides_slice(index, key),
            Some(_) => Ok(false),
        }
    }

    fn hides_slice(&mut self, index: &Index, key: &[u8]) -> Result<bool> {
        let Some((name, _)) = decode_slice_key(key) else { return Ok(false) };
        if self.name.as_ref() != Some(&name) {
            self.keys = listed_keys(index, &name)?;
            self.name = Some(name);
        }
        Ok(self.keys.contains(key))
    }
}

/// The keys of the slices that the tensor `name` lists. Where its entry is damaged
/// it lists none, and whoever asks for that entry gets the error.
fn listed_keys(index: &Index, name: &[u8]) -> Result<HashSet<Vec<u8>>> {
    let entry = match index.find_key(name) {
        Err(error) if error.kind() == ErrorKind::Io => return Err(error),
        found => found.ok().flatten(),
    };
    let slices: Vec<Slice> = entry.map(|entry| entry.slices).unwrap_or_default();
    Ok(slices.iter().map(|slice| encode_slice_key(name, slice)).collect())
}

/// Where in the table the tensor at each position is.
///
/// Slice keys stand in front of ordinary names; so there is a short list for the
/// names among them, and then just the number of entries in each block.
#[derive(Debug)]
struct Positions {
    /// (block, entry) of tensors whose names begin like a slice key.
    odd: Vec<(usize, usize)>,
    /// The first entry that begins with something else.
    first: (usize, usize),
    /// For each block from that of `first` on, how many entries from `first` to
    /// the end of it.
    ends: Vec<u64>,
}

impl Positions {
    fn of(index: &Index) -> Result<Self> {
        let mut entries = index.table.cursor();
        let mut filter = SliceFilter::default();
        let mut odd = Vec::new();
        let mut place = (0, 0);
        let mut more = entries.next()?;
        while more && entries.key().first().is_none_or(|&byte| byte == SLICE_KEY_START) {
            if !filter.hides(index, entries.key())? {
                odd.push(place);
            }
            let block = place.0;
            more = entries.next()?;
            place = if entries.block() == block { (block, place.1 + 1) } else { (block + 1, 0) };
        }
        let ends = if more { Self::ends(&index.table, place)? } else { Vec::new() };
        Ok(Self { odd, first: place, ends })
    }

    fn ends(table: &Table, first: (usize, usize)) -> Result<Vec<u64>> {
        let mut ends = Vec::new();
        let mut total = 0;
        let mut skipped = first.1;
        for len in table.block_lens(first.0)? {
            total += len.saturating_sub(std::mem::take(&mut skipped)) as u64;
            ends.push(total);
        }
        Ok(ends)
    }

    fn len(&self) -> u64 {
        self.odd.len() as u64 + self.ends.last().copied().unwrap_or(0)
    }

    fn place(&self, position: u64) -> Option<(usize, usize)> {
        let Some(rest) = position.checked_sub(self.odd.len() as u64) else {
            return self.odd.get(position as usize).copied();
        };
        let number = self.ends.partition_point(|&end| end <= rest);
        self.ends.get(number)?;
        match number.checked_sub(1) {
            None => Some((self.first.0, self.first.1 + rest as usize)),
            Some(before) => Some((self.first.0 + number, (rest - self.ends[before]) as usize)),
        }
    }
}
