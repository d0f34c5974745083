//! Which tensors are converted, and what they are called then.

use std::collections::BTreeMap;

use tfckpt::Result;
use tfckpt::checkpoint::NameRule;

use super::error::invalid;
use crate::name;

/// The names that tensors get by the first rule that fits each.
///
/// # Errors
/// `InvalidArgument` where a rule fits none, or two would have the same name; all are
/// listed.
pub fn rename(names: &[&[u8]], rules: &[NameRule]) -> Result<Vec<Vec<u8>>> {
    let mut used = vec![false; rules.len()];
    let mut new_name = |old: &&[u8]| {
        let mut fitting = rules.iter().zip(&mut used);
        let found = fitting.find_map(|(rule, used)| Some((rule.apply(old)?, used)));
        found.map_or_else(
            || old.to_vec(),
            |(name, used)| {
                *used = true;
                name
            },
        )
    };
    let renamed: Vec<Vec<u8>> = names.iter().map(&mut new_name).collect();
    let unused = rules.iter().zip(used).filter(|(_, used)| !used);
    let unused = unused.map(|(rule, _)| name::display(rule.text()));
    refuse("rules that fit no tensor's name", unused)?;
    refuse("tensors that would have the same name", collisions(names, &renamed))?;
    Ok(renamed)
}

fn collisions(old: &[&[u8]], new: &[Vec<u8>]) -> impl Iterator<Item = String> {
    let mut by_name: BTreeMap<&[u8], Vec<&[u8]>> = BTreeMap::new();
    for (old, new) in old.iter().zip(new) {
        by_name.entry(new).or_default().push(old);
    }
    by_name.into_iter().filter(|(_, old)| old.len() > 1).map(|(new, old)| {
        let old: Vec<String> = old.into_iter().map(name::display).collect();
        format!("{} from {}", name::display(new), old.join(" and "))
    })
}

/// Refuses to go on where there is any of `what`, and lists all.
fn refuse(what: &str, all: impl Iterator<Item = String>) -> Result<()> {
    let lines: String = all.map(|one| format!("\n  {one}")).collect();
    if lines.is_empty() { Ok(()) } else { Err(invalid(format!("{what}:{lines}"))) }
}
