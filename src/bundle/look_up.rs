//! From requests to where their bytes lie.

use std::collections::BTreeMap;

use super::batch::Job;
use super::entry::Entry;
use super::index::Finder;
use super::order::Sorted;
use super::plain;
use super::plain_entry::{Decoder, Plain};
use super::reader::Reader;
use super::requests::{FEW, FEW_BYTES, ReadRequest, ReadRequests, all_of};
use super::small::Small;
use crate::error::Result;

/// How many are held at most, where it is enough to bring these into order. In each of 64
/// shards these are still 256.
const WINDOW: usize = 16 << 10;

/// Looks up requests in the order of their names. As an iterator it gives the small ones,
/// some at a time, in the order of places: as soon as they are found, where that is the
/// order of names too; a window of them at once, where it is within each shard; or else
/// when all are found.
pub(super) struct LookUp<'r, 'a> {
    reader: &'r Reader,
    coming: &'r mut dyn ReadRequests<'a>,
    /// Those left, where they did not come in the order of names. Mostly they do.
    in_order: Option<Sorted<'a>>,
    /// The last name that was looked for.
    name: &'a [u8],
    finder: Finder<'r>,
    decoder: Decoder,
    /// Small ones that are not handed out before more are found.
    held: Vec<Small<'a>>,
    /// Whether that is all of them.
    holds_all: bool,
    /// Those that were held, when they may be handed out.
    sorted: std::vec::IntoIter<Small<'a>>,
    /// Where in each shard the last one lies that was handed out.
    last: BTreeMap<u32, u64>,
    is_over: bool,
    /// How many bytes small ones have that were found, and how many these are.
    found: (u64, usize),
    /// All others.
    pub(super) planned: Vec<Job<'a>>,
    missing: Vec<Vec<u8>>,
}

impl<'r, 'a> LookUp<'r, 'a> {
    pub(super) fn new(reader: &'r Reader, coming: &'r mut dyn ReadRequests<'a>) -> Self {
        let finder = Finder::new(reader.index(), coming.len());
        Self {
            reader,
            coming,
            in_order: None,
            name: &[],
            finder,
            decoder: Decoder::default(),
            held: Vec::new(),
            holds_all: false,
            sorted: Vec::new().into_iter(),
            last: BTreeMap::new(),
            is_over: false,
            found: (0, 0),
            planned: Vec::new(),
            missing: Vec::new(),
        }
    }

    /// How many requests are left to be looked up.
    pub(super) fn left(&self) -> usize {
        self.coming.len() + self.in_order.as_ref().map_or(0, Sorted::len)
    }

    /// How many bytes those small ones have that were found.
    pub(super) fn bytes(&self) -> u64 {
        self.found.0
    }

    /// How many all small ones are likely to have.
    pub(super) fn likely_bytes(&self) -> u64 {
        let (bytes, count) = self.found;
        let left = bytes / count.max(1) as u64 * self.left() as u64;
        bytes.saturating_add(left)
    }

    /// Looks them all up before the first is handed out.
    pub(super) fn hold_all(&mut self) -> Result<()> {
        while let Some(found) = self.look_up_few()? {
            self.held.extend(found);
        }
        Ok(())
    }

    /// The names that there are no tensors of. After an error elsewhere what is left is
    /// looked for first.
    pub(super) fn missing(&mut self, look_on: bool) -> Vec<Vec<u8>> {
        while look_on && matches!(self.look_up_few(), Ok(Some(_))) {}
        self.missing.sort_unstable();
        std::mem::take(&mut self.missing)
    }

    /// The small ones of the next few requests; `None` at the end.
    fn look_up_few(&mut self) -> Result<Option<Vec<Small<'a>>>> {
        if self.is_over {
            return Ok(None);
        }
        let found = self.next_few();
        self.is_over = !matches!(found, Ok(Some(_)));
        found
    }

    fn next_few(&mut self) -> Result<Option<Vec<Small<'a>>>> {
        let mut requests = match &mut self.in_order {
            Some(requests) => requests.next_few()?,
            None => self.coming.next_few()?,
        };
        if requests.is_empty() {
            return Ok(None);
        }
        let mut small = Vec::with_capacity(requests.len());
        for at in 0..requests.len() {
            if !self.find(&mut requests[at], &mut small)? {
                let few = small.drain(..).map(Small::into_request);
                self.sort(few.chain(requests.drain(at..)).collect())?;
                break;
            }
        }
        self.found.0 = small.iter().map(Small::size).fold(self.found.0, u64::saturating_add);
        self.found.1 += small.len();
        Ok(Some(small))
    }

    /// Sorts what is left, and begins again with that.
    fn sort(&mut self, mut left: Vec<ReadRequest<'a>>) -> Result<()> {
        left.append(&mut all_of(self.coming)?);
        self.finder = Finder::new(self.reader.index(), left.len());
        self.in_order = Some(Sorted::new(left));
        self.name = &[];
        Ok(())
    }

    /// Adds what the request wants to `small`, or to what is planned, or to what is missing.
    /// `false`, and nothing is done, where it should have come before the last one, if at
    /// all.
    #[inline]
    fn find(&mut self, request: &mut ReadRequest<'a>, small: &mut Vec<Small<'a>>) -> Result<bool> {
        let index = self.reader.index();
        let last = std::mem::replace(&mut self.name, request.name);
        let Some(value) = self.finder.find(request.name)? else {
            if request.name < last {
                return Ok(false);
            }
            self.missing.push(request.name.to_vec());
            return Ok(true);
        };
        let plain = self.decoder.decode(value, index.header().num_shards);
        match plain.and_then(|plain| Small::take(request, &plain)) {
            Some(found) => small.push(found),
            None => {
                let entry = index.parse(request.name, value)?;
                match Plain::of(&entry).and_then(|plain| Small::take(request, &plain)) {
                    Some(found) => small.push(found),
                    None => self.plan(std::mem::take(request), &entry)?,
                }
            }
        }
        Ok(true)
    }

    #[cold]
    fn plan(&mut self, request: ReadRequest<'a>, entry: &Entry) -> Result<()> {
        let ReadRequest { name, slice, dst, dst_strides } = request;
        let plan = self.reader.plan_entry(name, entry, slice.as_ref(), dst_strides)?;
        let dst = self.reader.placed(name, plain::buffer(&plan, dst))?;
        self.planned.push(Job { name, plan, dst });
        Ok(())
    }

    /// Gives back what can be handed out at once, and keeps the others.
    fn hold(&mut self, found: Vec<Small<'a>>) -> Option<Vec<Small<'a>>> {
        if self.held.is_empty() && found.is_sorted_by_key(Small::place) && self.go_on(&found) {
            return (!found.is_empty()).then_some(found);
        }
        self.held.extend(found);
        if self.held.len() >= WINDOW && !self.holds_all {
            let held = self.take_held();
            if self.go_on(&held) {
                self.sorted = held.into_iter();
            } else {
                (self.held, self.holds_all) = (held, true);
            }
        }
        None
    }

    /// Whether none of these, which are in order, lies before one of its shard that was
    /// handed out.
    fn go_on(&mut self, found: &[Small<'_>]) -> bool {
        found.chunk_by(|one, next| one.place().0 == next.place().0).all(|of_shard| {
            let (shard, first) = of_shard[0].place();
            let before = self.last.insert(shard, of_shard[of_shard.len() - 1].place().1);
            before.is_none_or(|before| before <= first)
        })
    }

    /// Those that are held, in the order of places.
    fn take_held(&mut self) -> Vec<Small<'a>> {
        let mut held = std::mem::take(&mut self.held);
        held.sort_unstable_by_key(Small::place);
        held
    }

    /// Of those that may be handed out some that lie behind each other.
    fn next_sorted(&mut self) -> Option<Vec<Small<'a>>> {
        let mut bytes = 0;
        let mut some = Vec::with_capacity(self.sorted.len().min(FEW));
        while some.len() < FEW && bytes < FEW_BYTES as u64 {
            let Some(next) = self.sorted.next() else { break };
            bytes += next.size();
            some.push(next);
        }
        (!some.is_empty()).then_some(some)
    }
}

/// Ends where names are missing: then nothing need be read.
impl<'a> Iterator for LookUp<'_, 'a> {
    type Item = Result<Vec<Small<'a>>>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(some) = self.next_sorted() {
                return Some(Ok(some));
            }
            match self.look_up_few() {
                Ok(Some(_)) if !self.missing.is_empty() => {}
                Ok(Some(found)) => {
                    if let Some(found) = self.hold(found) {
                        return Some(Ok(found));
                    }
                }
                Ok(None) if !self.missing.is_empty() || self.held.is_empty() => return None,
                Ok(None) => self.sorted = self.take_held().into_iter(),
                Err(error) => return Some(Err(error)),
            }
        }
    }
}
