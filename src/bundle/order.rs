//! Requests in the order of their names.

use super::batch::ReadRequest;

/// The requests by name. Mostly they come that way.
pub(super) fn by_name<'r, 'a>(
    requests: &'r mut [ReadRequest<'a>],
) -> Box<dyn Iterator<Item = &'r mut ReadRequest<'a>> + 'r> {
    if requests.is_sorted_by_key(|request| request.name) {
        return Box::new(requests.iter_mut());
    }
    let shared = shared_front(requests);
    let mut order: Vec<_> =
        requests.iter_mut().map(|one| (next_sixteen(one, shared), one)).collect();
    order.sort_unstable_by(|(front, one), (other_front, other)| {
        front.cmp(other_front).then_with(|| one.name.cmp(other.name))
    });
    Box::new(order.into_iter().map(|(_, request)| request))
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

    proptest! {
        #[test]
        fn they_come_as_their_names_sort(
            names in proptest::collection::vec("(tensor/){0,2}[a\0]{0,12}", 0..30),
        ) {
            let request = |name| ReadRequest { name, slice: None, dst: &mut [], dst_strides: None };
            let mut requests: Vec<_> = names.iter().map(|name| request(name.as_bytes())).collect();
            let sorted: Vec<_> = by_name(&mut requests).map(|request| request.name).collect();
            let mut expected: Vec<_> = names.iter().map(String::as_bytes).collect();
            expected.sort_unstable();
            prop_assert_eq!(sorted, expected);
        }
    }
}
