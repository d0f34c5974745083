//! Many tensors at once, the bytes of which are brought by the threads that write them.

use std::ops::Range;

use super::lane::{self, Bytes, Job, Memory};
use super::many::{Places, no_room};
use super::target::Target;
use super::values::Values;
use super::{WriteOptions, Writer};
use crate::bundle::entry::Entry;
use crate::bundle::relay::Relay;
use crate::checksum;
use crate::error::{Result, ResultExt};
use crate::tensor::{DType, Shape, Slice};

/// A tensor of a fixed element size, or a slice of one, to be written.
pub(crate) struct Brought<'a> {
    pub(crate) name: &'a [u8],
    pub(crate) dtype: DType,
    /// The shape of the whole tensor.
    pub(crate) shape: &'a Shape,
    /// What of it; all of it where that is `None`.
    pub(crate) slice: Option<&'a Slice>,
    pub(crate) from: BroughtFrom<'a>,
}

/// Where the bytes are.
#[derive(Clone, Copy)]
pub(crate) enum BroughtFrom<'a> {
    /// In memory: values, in this machine's byte order.
    Memory(&'a [u8]),
    /// In another bundle.
    Bundle(&'a Relay<'a>),
}

impl Writer {
    /// Adds tensors as if one after the other. What comes from bundles is checked, so
    /// that nothing is in this one that was damaged there.
    ///
    /// # Errors
    /// Those of [`add`](Writer::add), and of reading; `Cancelled`. After any of them only
    /// abandoning is left.
    pub(crate) fn add_brought(
        &mut self,
        tensors: &[Brought<'_>],
        options: &WriteOptions,
    ) -> Result<()> {
        self.check_sound()?;
        self.guarded(|writer| writer.bring(tensors, options)).in_file(&self.prefix)
    }

    fn bring(&mut self, tensors: &[Brought<'_>], options: &WriteOptions) -> Result<()> {
        let mut places = self.places();
        let entries = tensors.iter().map(|tensor| self.entry_of(tensor, &mut places));
        let entries = entries.collect::<Result<Vec<Entry>>>()?;
        let jobs = tensors.iter().zip(&entries).enumerate();
        let jobs = jobs.map(|(number, (tensor, entry))| self.job_of(number, tensor, entry));
        let jobs = jobs.collect();
        self.expect(&places);
        let crcs = lane::write(&mut self.shards, jobs, options)?;
        for ((tensor, mut entry), crc) in tensors.iter().zip(entries).zip(crcs) {
            if let BroughtFrom::Bundle(relay) = tensor.from {
                relay.check(crc)?;
            }
            entry.crc32c = checksum::mask(crc);
            let target = tensor.target();
            self.check_target(&target)?;
            self.entries.insert(&target, &entry)?;
        }
        Ok(())
    }

    /// The entry of a tensor at the next place, its CRC still 0.
    fn entry_of(&self, tensor: &Brought<'_>, places: &mut Places) -> Result<Entry> {
        let target = tensor.target();
        let entry = match tensor.from {
            BroughtFrom::Memory(data) => target.entry_of(data),
            BroughtFrom::Bundle(_) => target.entry(),
        };
        let mut entry = entry.for_tensor(tensor.name)?;
        let place = places.next(&self.options, entry.dtype, entry.size).ok_or_else(no_room);
        (entry.shard, entry.offset) = place.for_tensor(tensor.name)?;
        Ok(entry)
    }

    fn job_of<'a>(
        &self,
        number: usize,
        tensor: &Brought<'a>,
        entry: &Entry,
    ) -> Job<'a, Incoming<'a>> {
        let &Brought { name, dtype, from, .. } = tensor;
        let bytes = match from {
            BroughtFrom::Memory(data) => {
                Incoming::Values(Values { data, swap_unit: self.options.swap_unit(dtype) })
            }
            BroughtFrom::Bundle(relay) => Incoming::Relay(relay, entry.size),
        };
        Job { number, name, shard: entry.shard as usize, offset: entry.offset, bytes }
    }
}

impl<'a> Brought<'a> {
    fn target(&self) -> Target<'a> {
        Target::new(self.name, self.dtype, self.shape, self.slice)
    }
}

/// Bytes to be written.
enum Incoming<'a> {
    Values(Values<'a>),
    /// So many.
    Relay(&'a Relay<'a>, u64),
}

impl Bytes for Incoming<'_> {
    fn len(&self) -> u64 {
        match self {
            Self::Values(values) => values.len(),
            Self::Relay(_, len) => *len,
        }
    }

    fn part<'s>(&'s self, part: Range<u64>, memory: &'s mut Memory) -> Result<&'s [u8]> {
        match self {
            Self::Values(values) => values.part(part, memory),
            Self::Relay(relay, _) => relay.part(part, &mut memory.window, &mut memory.made),
        }
    }
}
