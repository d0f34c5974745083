//! Elements of varying length in memory.

use super::region::Overlap;
use crate::error::{Error, Result};
use crate::storage;

/// The elements of a string tensor, or the serialized records of a variant
/// tensor, one behind the other, as Arrow's *large binary* has them: element `i`
/// is `data[offsets[i]..offsets[i + 1]]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Strings {
    offsets: Vec<i64>,
    data: Vec<u8>,
}

impl Default for Strings {
    fn default() -> Self {
        Self { offsets: vec![0], data: Vec::new() }
    }
}

impl Strings {
    /// Strings with these offsets, one more than there are elements.
    ///
    /// # Errors
    /// `InvalidArgument` where the offsets do not begin at 0, decrease, or do
    /// not end at the length of `data`.
    pub fn new(offsets: Vec<i64>, data: Vec<u8>) -> Result<Self> {
        check_offsets(&offsets, data.len())?;
        Ok(Self { offsets, data })
    }

    /// How many elements there are.
    pub fn len(&self) -> usize {
        self.offsets.len() - 1
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Element `index`, or `None` beyond the last.
    pub fn get(&self, index: usize) -> Option<&[u8]> {
        let (&start, &end) = (self.offsets.get(index)?, self.offsets.get(index.checked_add(1)?)?);
        self.data.get(start as usize..end as usize)
    }

    /// The elements in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &[u8]> {
        StringsRef::from(self).iter()
    }

    /// Where each element begins, and at last where the last one ends.
    pub fn offsets(&self) -> &[i64] {
        &self.offsets
    }

    /// The bytes of all elements.
    pub fn data(&self) -> &[u8] {
        &self.data
    }

    /// Appends an element.
    pub fn push(&mut self, element: &[u8]) {
        self.data.extend_from_slice(element);
        self.offsets.push(self.data.len() as i64);
    }

    /// The elements of several parts in the order of the whole: `overlaps` says of
    /// each part which of its elements are wanted, and where. Together they have
    /// every wanted element just once.
    pub(crate) fn gather<'o>(
        overlaps: impl Iterator<Item = &'o Overlap> + Clone,
        parts: &[Self],
    ) -> Self {
        // No larger than what the parts were decoded from.
        let elements: u64 = overlaps.clone().map(Overlap::num_elements).sum();
        let mut sources = vec![(0, 0); elements as usize];
        for (part, overlap) in overlaps.enumerate() {
            for run in overlap.runs() {
                let wanted = &mut sources[run.wanted as usize..][..run.len as usize];
                for (source, element) in wanted.iter_mut().zip(run.stored as usize..) {
                    *source = (part, element);
                }
            }
        }
        let element = |&(part, at): &(usize, usize)| parts[part].get(at);
        let bytes = sources.iter().filter_map(element).map(<[u8]>::len).sum();
        let mut strings = Self::with_capacity(sources.len(), bytes);
        sources.iter().filter_map(element).for_each(|bytes| strings.push(bytes));
        strings
    }

    /// Room for that many elements and bytes, taken at once.
    pub(crate) fn with_capacity(elements: usize, bytes: usize) -> Self {
        let mut offsets = storage::room_for(elements.saturating_add(1));
        offsets.push(0);
        Self { offsets, data: storage::room_for(bytes) }
    }

    /// The two parts, where a decoder fills them.
    pub(crate) fn parts_mut(&mut self) -> (&mut Vec<i64>, &mut Vec<u8>) {
        (&mut self.offsets, &mut self.data)
    }
}

impl<T: AsRef<[u8]>> FromIterator<T> for Strings {
    fn from_iter<I: IntoIterator<Item = T>>(elements: I) -> Self {
        let mut strings = Self::default();
        elements.into_iter().for_each(|element| strings.push(element.as_ref()));
        strings
    }
}

/// The same as [`Strings`], borrowed.
#[derive(Clone, Copy, Debug)]
pub struct StringsRef<'a> {
    offsets: &'a [i64],
    data: &'a [u8],
}

impl<'a> StringsRef<'a> {
    /// Strings with these offsets, one more than there are elements.
    ///
    /// # Errors
    /// Those of [`Strings::new`].
    pub fn new(offsets: &'a [i64], data: &'a [u8]) -> Result<Self> {
        check_offsets(offsets, data.len())?;
        Ok(Self { offsets, data })
    }

    /// How many elements there are.
    pub fn len(self) -> usize {
        self.offsets.len() - 1
    }

    /// Whether there are none.
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// Where each element begins, and at last where the last one ends.
    pub fn offsets(self) -> &'a [i64] {
        self.offsets
    }

    /// The elements in order.
    pub fn iter(self) -> impl ExactSizeIterator<Item = &'a [u8]> {
        self.offsets.windows(2).map(move |pair| &self.data[pair[0] as usize..pair[1] as usize])
    }

    /// The bytes of all elements.
    pub fn data(self) -> &'a [u8] {
        self.data
    }
}

impl<'a> From<&'a Strings> for StringsRef<'a> {
    fn from(strings: &'a Strings) -> Self {
        Self { offsets: &strings.offsets, data: &strings.data }
    }
}

/// Refuses offsets that don't cut `data_len` bytes into elements.
fn check_offsets(offsets: &[i64], data_len: usize) -> Result<()> {
    let sound = offsets.first() == Some(&0)
        && offsets.windows(2).all(|pair| pair[0] <= pair[1])
        && offsets.last().copied() == i64::try_from(data_len).ok();
    if sound {
        Ok(())
    } else {
        Err(Error::invalid(format!(
            "the offsets must rise from 0 to the {data_len} bytes of data, one more than elements"
        )))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_come_back() {
        let strings: Strings = ["", "a", "bcd"].into_iter().collect();
        assert_eq!(strings.iter().collect::<Vec<_>>(), [&b""[..], b"a", b"bcd"]);
        assert_eq!(strings.get(2), Some(&b"bcd"[..]));
        assert_eq!(strings.get(3), None);
        assert_eq!(strings.offsets(), [0, 0, 1, 4]);
    }

    #[test]
    fn bad_offsets_are_refused() {
        for offsets in [vec![], vec![0], vec![1, 3], vec![0, 2, 1, 3], vec![0, -1, 3], vec![0, 4]] {
            assert!(Strings::new(offsets.clone(), b"abc".to_vec()).is_err(), "{offsets:?}");
        }
    }
}
