//! Requests in the order of their names.

use super::requests::{ReadRequest, ReadRequests, all_of};
use crate::error::Result;

/// Requests in the order of their names, some at a time. Mostly they come that way; of
/// others all must be there before any is the first.
pub(super) struct InOrder<'r, 'a> {
    coming: &'r mut dyn ReadRequests<'a>,
    last: &'a [u8],
    sorted: Option<Sorted<'a>>,
}

/// Some of them.
pub(super) struct Few<'a> {
    pub(super) requests: Vec<ReadRequest<'a>>,
    /// Whether they are the first, or those that had to be sorted begin, which is no
    /// more than once: names may be below those before.
    pub(super) begins: bool,
}

impl<'r, 'a> InOrder<'r, 'a> {
    pub(super) fn new(coming: &'r mut dyn ReadRequests<'a>) -> Self {
        Self { coming, last: &[], sorted: None }
    }

    /// How many are left.
    pub(super) fn len(&self) -> usize {
        self.coming.len() + self.sorted.as_ref().map_or(0, Sorted::len)
    }

    /// The next ones; none at the end.
    pub(super) fn next_few(&mut self) -> Result<Few<'a>> {
        if let Some(sorted) = &mut self.sorted {
            return Ok(Few { requests: sorted.next_few()?, begins: false });
        }
        let begins = self.last.is_empty();
        let requests = self.coming.next_few()?;
        let names = requests.iter().map(|request| request.name);
        if std::iter::once(self.last).chain(names).is_sorted() {
            self.last = requests.last().map_or(&[], |request| request.name);
            return Ok(Few { requests, begins });
        }
        let mut all = requests;
        all.append(&mut all_of(self.coming)?);
        let sorted = self.sorted.insert(Sorted::new(all));
        Ok(Few { requests: sorted.next_few()?, begins: true })
    }
}

/// Requests that came in another order.
struct Sorted<'a> {
    requests: Vec<ReadRequest<'a>>,
    order: std::vec::IntoIter<usize>,
}

impl<'a> Sorted<'a> {
    fn new(requests: Vec<ReadRequest<'a>>) -> Self {
        let shared = shared_front(&requests);
        let keys = requests.iter().map(|request| next_sixteen(request, shared));
        let mut order: Vec<_> = keys.zip(0..).collect();
        order.sort_unstable_by(|(key, one), (other_key, other)| {
            let name = |&number: &usize| requests.get(number).map(|request| request.name);
            key.cmp(other_key).then_with(|| name(one).cmp(&name(other)))
        });
        let order: Vec<_> = order.into_iter().map(|(_, number)| number).collect();
        Self { requests, order: order.into_iter() }
    }

}

impl<'a> ReadRequests<'a> for Sorted<'a> {
    fn len(&self) -> usize {
        self.order.len()
    }

    fn next(&mut self) -> Option<Result<ReadRequest<'a>>> {
        let request = self.requests.get_mut(self.order.next()?)?;
        Some(Ok(std::mem::take(request)))
    }
}

/// How many bytes at the front all names have in common.
fn shared_front(requests: &[ReadRequest<'_>]) -> usize {
    let Some((first, rest)) = requests.split_first() else { return 0 };
    rest.iter().fold(first.name.len(), |shared, request| {
        let front = first.name.iter().take(shared);
        front.zip(request.name).take_while(|(a, b)| a == b).count()
    })
}

/// What comes behind the common front as a number, which decides of most names without a
/// look at them: they are all over the memory.
fn next_sixteen(request: &ReadRequest<'_>, shared: usize) -> u128 {
    let mut sixteen = [0; 16];
    let rest = request.name.get(shared..).unwrap_or_default();
    sixteen.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
    u128::from_be_bytes(sixteen)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::bundle::requests::{FEW, Listed};

    proptest! {
        #[test]
        fn they_come_as_their_names_sort(
            names in proptest::collection::vec("(tensor/){0,2}[a\0]{0,12}", 0..30),
            sorted in 0..30usize,
            repeat in prop_oneof![Just(1), Just(FEW)],
        ) {
            let mut names = names.clone();
            let sorted = sorted.min(names.len());
            names[..sorted].sort();
            let names = names.iter().flat_map(|name| std::iter::repeat_n(name, repeat));
            let request = |name| ReadRequest { name, ..ReadRequest::default() };
            let mut requests: Vec<_> =
                names.clone().map(|name| request(name.as_bytes())).collect();
            let mut listed = Listed::new(&mut requests);
            let mut in_order = InOrder::new(&mut listed);
            let mut come: Vec<&[u8]> = Vec::new();
            loop {
                let left = in_order.len();
                let Few { requests, begins } = in_order.next_few().unwrap();
                prop_assert_eq!(in_order.len(), left - requests.len());
                let few: Vec<_> = requests.iter().map(|request| request.name).collect();
                prop_assert!(few.is_sorted());
                prop_assert!(begins || come.last() <= few.first() || few.is_empty());
                if few.is_empty() { break }
                come.extend(few);
            }
            let mut expected: Vec<_> = names.map(|name| name.as_bytes()).collect();
            come.sort();
            expected.sort();
            prop_assert_eq!(come, expected);
        }
    }
}
