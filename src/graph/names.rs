//! Names of nodes, as graphs write them.
//!
//! ```text
//! layer/dense_1/MatMul     a node: scopes, then its own name
//! layer/dense_1/MatMul:2   its output 2, as a tensor; output 0 needs no number
//! ^layer/dense_1/MatMul    an input that only waits for it
//! loc:@layer/dense_1       "on the same device as", in the attribute _class
//! ```
//! Where a name is taken already TensorFlow appends `_1`, `_2`, …: to a scope
//! that is opened again, and to every node of a graph that is imported once more.

/// An input of a node: which node it comes from, and which output of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct InputName<'a> {
    pub node: &'a [u8],
    pub port: Port,
}

/// What of a node another one uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Port {
    Output(u32),
    /// Nothing but that it has run.
    Control,
    /// Nothing but the device it is on.
    Colocation,
}

/// Reads an input as a node lists it.
pub(super) fn input(text: &[u8]) -> InputName<'_> {
    if let Some(node) = text.strip_prefix(b"^") {
        return InputName { node, port: Port::Control };
    }
    let (node, output) = split_output(text);
    InputName { node, port: Port::Output(output) }
}

/// The node that `text` speaks of: a node, a tensor, a control input or a
/// colocation.
pub(super) fn node_of(text: &[u8]) -> &[u8] {
    let text = text.strip_prefix(b"loc:@").or_else(|| text.strip_prefix(b"^")).unwrap_or(text);
    split_output(text).0
}

fn split_output(text: &[u8]) -> (&[u8], u32) {
    let colon = text.iter().rposition(|&byte| byte == b':');
    colon.and_then(|at| Some((text.get(..at)?, number(text.get(at + 1..)?)?))).unwrap_or((text, 0))
}

fn number(digits: &[u8]) -> Option<u32> {
    if digits.first().is_none_or(|byte| !byte.is_ascii_digit()) {
        return None;
    }
    std::str::from_utf8(digits).ok()?.parse().ok()
}

/// All but the last part of a name: `a/b` of `a/b/c`, nothing of `c`.
pub(super) fn scope(name: &[u8]) -> &[u8] {
    match name.iter().rposition(|&byte| byte == b'/') {
        Some(at) => &name[..at],
        None => b"",
    }
}

/// The scopes around a name, the innermost first, the empty one last.
pub(super) fn scopes(name: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = Some(name);
    std::iter::from_fn(move || {
        let inner = rest.filter(|name| !name.is_empty())?;
        let around = scope(inner);
        rest = Some(around);
        Some(around)
    })
}

/// The name before a number was appended: `w` of `w_1`, `w_1` of `w_1_2`.
pub(super) fn unnumbered(name: &[u8]) -> Option<&[u8]> {
    let at = name.iter().rposition(|&byte| byte == b'_')?;
    let (before, digits) = (name.get(..at)?, name.get(at + 1..)?);
    let has_name = before.last().is_some_and(|&byte| byte != b'/');
    (has_name && !digits.is_empty() && digits.iter().all(u8::is_ascii_digit)).then_some(before)
}

/// A name without any number that was appended to it or to a scope around it.
pub(super) fn stem(name: &[u8]) -> Vec<u8> {
    let mut stem = Vec::with_capacity(name.len());
    for (at, mut part) in name.split(|&byte| byte == b'/').enumerate() {
        while let Some(shorter) = unnumbered(part) {
            part = shorter;
        }
        if at > 0 {
            stem.push(b'/');
        }
        stem.extend_from_slice(part);
    }
    stem
}

/// How a name is shown: what is not UTF-8 in it can't be a name to TensorFlow.
pub(super) fn shown(name: &[u8]) -> String {
    String::from_utf8_lossy(name).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inputs() {
        for (text, node, port) in [
            ("a/b", "a/b", Port::Output(0)),
            ("a/b:12", "a/b", Port::Output(12)),
            ("^a/b", "a/b", Port::Control),
            ("a:b", "a:b", Port::Output(0)),
            ("a:+1", "a:+1", Port::Output(0)),
            ("a:", "a:", Port::Output(0)),
            ("a:99999999999", "a:99999999999", Port::Output(0)),
            ("", "", Port::Output(0)),
        ] {
            assert_eq!(input(text.as_bytes()), InputName { node: node.as_bytes(), port });
        }
        assert_eq!(node_of(b"loc:@a/b"), b"a/b");
        assert_eq!(node_of(b"^a"), b"a");
    }

    #[test]
    fn scopes_from_within() {
        assert_eq!(scopes(b"a/b/c").collect::<Vec<_>>(), [&b"a/b"[..], b"a", b""]);
        assert_eq!(scopes(b"c").collect::<Vec<_>>(), [b""]);
        assert_eq!(scopes(b"").count(), 0);
    }

    #[test]
    fn numbers_come_off() {
        assert_eq!(unnumbered(b"w_1_2"), Some(&b"w_1"[..]));
        for name in ["w", "w_", "w_a", "_1", "a/_1", "w_1a"] {
            assert_eq!(unnumbered(name.as_bytes()), None, "{name}");
        }
        assert_eq!(stem(b"gradients_1/w_1_1/Read_2"), b"gradients/w/Read");
        assert_eq!(stem(b"/_1//"), b"/_1//");
    }
}
