//! How far two names are from each other.

/// Longer names are compared by so many bytes where they differ.
const COMPARED: usize = 64;

/// How many letters must be put in, left out or changed to make one of the other.
pub(super) fn distance(a: &[u8], b: &[u8]) -> usize {
    let common = a.iter().zip(b).take_while(|(a, b)| a == b).count();
    let (a, b) = (&a[common..], &b[common..]);
    let common = a.iter().rev().zip(b.iter().rev()).take_while(|(a, b)| a == b).count();
    let (a, b) = (&a[..a.len() - common], &b[..b.len() - common]);
    if a.len().max(b.len()) > COMPARED {
        return a.len().max(b.len());
    }
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (line, x) in (1..).zip(a) {
        let mut diagonal = std::mem::replace(&mut row[0], line);
        for (at, y) in b.iter().enumerate() {
            let changed = diagonal + usize::from(x != y);
            diagonal = row[at + 1];
            row[at + 1] = changed.min(row[at] + 1).min(diagonal + 1);
        }
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_are_counted() {
        for (a, b, far) in [
            ("", "", 0),
            ("", "abc", 3),
            ("model", "modle", 2),
            ("model.ckpt-5", "model.ckpt-50", 1),
            ("aa", "aaa", 1),
            ("kitten", "sitting", 3),
        ] {
            assert_eq!(distance(a.as_bytes(), b.as_bytes()), far, "{a} {b}");
            assert_eq!(distance(b.as_bytes(), a.as_bytes()), far, "{b} {a}");
        }
        assert_eq!(distance(&[b'a'; 300], b"b"), 300);
    }
}
