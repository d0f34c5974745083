//! A graph for a checkpoint whose tensors have other names, or of which some are
//! not there.

use std::collections::HashMap;

use super::graph::{Attribute, ObjectGraph};
use super::names::ATTRIBUTES;

impl ObjectGraph {
    /// The graph for a checkpoint whose tensors are called what `new_name` says, or
    /// are not there where that is `None`. `tensors` are the names of those that
    /// there are now.
    ///
    /// An attribute of which no tensor is there now, as in one part of a sharded
    /// save, goes by its key. One that loses a tensor is left out; so is one whose
    /// new names can't be had from a key: TensorFlow looks for the end of a name,
    /// from `/.ATTRIBUTES/` on, behind the same beginning.
    pub(crate) fn renamed<'t>(
        &self,
        tensors: impl IntoIterator<Item = &'t [u8]>,
        new_name: impl Fn(&[u8]) -> Option<Vec<u8>>,
    ) -> ObjectGraph {
        let owned = self.by_owner(tensors);
        self.rewritten(|_, attribute| {
            let tensors = owned.get(attribute.key.as_str()).map(Vec::as_slice);
            new_key(attribute, tensors.unwrap_or_default(), &new_name)
        })
    }

    /// The tensors of each key that has any.
    fn by_owner<'g, 't>(
        &'g self,
        tensors: impl IntoIterator<Item = &'t [u8]>,
    ) -> HashMap<&'g str, Vec<&'t [u8]>> {
        let mut owned: HashMap<&str, Vec<&[u8]>> = HashMap::new();
        for name in tensors {
            if let Some(owner) = self.owner(name) {
                owned.entry(&owner.attribute.key).or_default().push(name);
            }
        }
        owned
    }
}

/// The key that an attribute gets; `None` where it is left out.
fn new_key(
    attribute: &Attribute,
    tensors: &[&[u8]],
    new_name: impl Fn(&[u8]) -> Option<Vec<u8>>,
) -> Option<String> {
    let key = attribute.key.as_str();
    let itself = [key.as_bytes()];
    let tensors = if tensors.is_empty() { &itself } else { tensors };
    let (beginning, ending) = key.split_at(key.find(ATTRIBUTES).unwrap_or(key.len()));
    let mut new_beginning: Option<String> = None;
    for name in tensors {
        let new_name = new_name(name)?;
        let new = new_name.strip_suffix(name.get(beginning.len()..)?)?;
        let new = std::str::from_utf8(new).ok()?;
        if new.contains(ATTRIBUTES) || new_beginning.as_ref().is_some_and(|other| other != new) {
            return None;
        }
        new_beginning = Some(new.into());
    }
    new_beginning.map(|new| new + ending).filter(|key| !key.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn renamed(key: &str, names: &[(&str, &str)]) -> Option<String> {
        let attribute = Attribute { key: key.into(), ..Attribute::default() };
        let tensors: Vec<&[u8]> = names.iter().map(|(name, _)| name.as_bytes()).collect();
        new_key(&attribute, &tensors, |name| {
            let (_, new) = names.iter().find(|(old, _)| old.as_bytes() == name)?;
            (!new.is_empty()).then(|| new.as_bytes().to_vec())
        })
    }

    #[test]
    fn a_key_is_what_tensorflow_finds_the_tensors_by() {
        let key = "a/.ATTRIBUTES/T";
        let new = |new| renamed(key, &[(key, new)]);
        assert_eq!(new("b/c/.ATTRIBUTES/T").as_deref(), Some("b/c/.ATTRIBUTES/T"));
        assert_eq!(new("/.ATTRIBUTES/T").as_deref(), Some("/.ATTRIBUTES/T"));
        for none in ["", "b", "b/.ATTRIBUTES/U", "x/.ATTRIBUTES/a/.ATTRIBUTES/T"] {
            assert_eq!(new(none), None, "{none}");
        }
        let [keys, values] = ["a/.ATTRIBUTES/T-keys", "a/.ATTRIBUTES/T-values"];
        let both = |new_keys, new_values| renamed(key, &[(keys, new_keys), (values, new_values)]);
        let moved = both("b/.ATTRIBUTES/T-keys", "b/.ATTRIBUTES/T-values");
        assert_eq!(moved.as_deref(), Some("b/.ATTRIBUTES/T"));
        assert_eq!(both("b/.ATTRIBUTES/T-keys", values), None);
        assert_eq!(both(keys, ""), None);
        assert_eq!(renamed("plain", &[("plain", "new")]).as_deref(), Some("new"));
    }
}
