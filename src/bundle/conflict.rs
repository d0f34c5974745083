//! The error about names that several checkpoints have.

use std::path::Path;

use crate::error::Error;
use crate::shown::shown_path;

/// An error names so many checkpoints at most.
const TOLD: usize = 10;

/// The checkpoints at `prefixes` all have the first of `names`; of the other names the
/// like is true.
pub(crate) fn conflict<'p>(
    names: Vec<Vec<u8>>,
    prefixes: impl IntoIterator<Item = &'p Path>,
) -> Error {
    let mut prefixes: Vec<String> =
        prefixes.into_iter().take(TOLD + 1).map(|prefix| shown_path(prefix).to_string()).collect();
    if prefixes.len() > TOLD {
        prefixes[TOLD] = "…".to_string();
    }
    let others = match names.len() {
        0 | 1 => String::new(),
        2 => "; so is another tensor".to_string(),
        count => format!("; so are {} other tensors", count - 1),
    };
    let place = prefixes.join(", ");
    let error =
        Error::invalid(format!("it is in more than one of the checkpoints: {place}{others}"));
    match names.first().cloned() {
        Some(first) => error.for_tensor(&first).with_names(names),
        None => error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_names_the_checkpoints_and_counts_the_tensors() {
        let told = |names: &[&str]| {
            let names = names.iter().map(|name| name.as_bytes().to_vec()).collect();
            conflict(names, [Path::new("a"), Path::new("d/b")]).to_string()
        };
        assert_eq!(told(&["x"]), "tensor 'x': it is in more than one of the checkpoints: a, d/b");
        assert!(told(&["x", "y"]).ends_with("a, d/b; so is another tensor"));
        assert!(told(&["x", "y", "z"]).ends_with("a, d/b; so are 2 other tensors"));
        let many = conflict(Vec::new(), [Path::new("a"); 12]).to_string();
        assert!(many.ends_with("a, a, …"), "{many}");
    }
}
