//! Requests in the order of their names.

use super::requests::{ReadRequest, ReadRequests};
use crate::error::Result;

/// Requests that are sorted, all of which must be there before any is the first.
pub(super) struct Sorted<'a> {
    requests: Vec<ReadRequest<'a>>,
    order: std::vec::IntoIter<usize>,
}

impl<'a> Sorted<'a> {
    pub(super) fn new(requests: Vec<ReadRequest<'a>>) -> Self {
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
    use crate::bundle::requests::all_of;

    proptest! {
        #[test]
        fn they_come_as_their_names_sort(
            names in proptest::collection::vec("(tensor/){0,2}[a\0]{0,12}", 0..30),
        ) {
            let request = |name| ReadRequest { name, ..ReadRequest::default() };
            let requests = names.iter().map(|name| request(name.as_bytes())).collect();
            let mut sorted = Sorted::new(requests);
            prop_assert_eq!(sorted.len(), names.len());
            let sorted = all_of(&mut sorted).unwrap();
            let sorted: Vec<_> = sorted.iter().map(|request| request.name).collect();
            let mut expected: Vec<_> = names.iter().map(String::as_bytes).collect();
            expected.sort_unstable();
            prop_assert_eq!(sorted, expected);
        }
    }
}
