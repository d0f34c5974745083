//! Which tensors are copied, and what they are called then.

use std::collections::BTreeMap;

use super::CopyOptions;
use crate::checkpoint::NameRule;
use crate::checkpoint::object_graph::{OBJECT_GRAPH_KEY, ObjectGraph};
use crate::error::{Error, Result};
use crate::shown::shown;

/// Which tensors are copied, and what they are called then; and what of the options
/// has been of use for that.
#[derive(Debug)]
pub struct Selection<'o> {
    criteria: Criteria<'o>,
    used_filters: Vec<bool>,
    used_renames: Vec<bool>,
}

#[derive(Clone, Copy, Debug)]
struct Criteria<'o> {
    options: &'o CopyOptions,
    /// Given where optimizer state is left out.
    graph: Option<&'o ObjectGraph>,
}

impl<'o> Selection<'o> {
    /// What the options say. The graph is that of the source; it is asked where
    /// optimizer state is to be left out.
    ///
    /// # Errors
    /// `InvalidArgument` where optimizer state is to be left out and there is no graph.
    pub fn new(options: &'o CopyOptions, graph: Option<&'o ObjectGraph>) -> Result<Self> {
        if options.drop_optimizer_state && graph.is_none() {
            return Err(Error::invalid(
                "without an object graph nobody knows what is optimizer state: a name-based saver \
                 wrote this checkpoint; filter by names",
            ));
        }
        let graph = graph.filter(|_| options.drop_optimizer_state);
        Ok(Self {
            criteria: Criteria { options, graph },
            used_filters: vec![false; options.filters.len()],
            used_renames: vec![false; options.renames.len()],
        })
    }

    /// The name that a tensor gets; `None` where it is left out. The object graph
    /// comes along, under its own.
    pub fn new_name(&self, name: &[u8]) -> Option<Vec<u8>> {
        self.criteria.new_name(name, |_| (), |_| ())
    }

    /// The same, noting what is of use.
    pub fn choose(&mut self, name: &[u8]) -> Option<Vec<u8>> {
        let Self { criteria, used_filters, used_renames } = self;
        criteria.new_name(name, |at| used_filters[at] = true, |at| used_renames[at] = true)
    }

    /// Whether a filter fits the object graph itself.
    pub(super) fn asks_for_graph(&self) -> bool {
        self.criteria.options.filters.iter().any(|filter| filter.fits(OBJECT_GRAPH_KEY.as_bytes()))
    }

    /// Refuses filters and rules that were of no use for any tensor that was
    /// [chosen](Selection::choose).
    ///
    /// # Errors
    /// `NotFound`.
    pub fn refuse_unused(&self) -> Result<()> {
        let filters = self.criteria.options.filters.iter().zip(&self.used_filters);
        let unused: Vec<String> =
            filters.filter(|(_, used)| !**used).map(|(filter, _)| filter.text()).collect();
        if !unused.is_empty() {
            let message = format!("no tensor's name matches {}", unused.join(", "));
            return Err(Error::not_found(message));
        }
        NameRule::refuse_unused(&self.criteria.options.renames, &self.used_renames)
    }

    /// Refuses two tensors of one name. `names` are the old and the new one of each.
    ///
    /// # Errors
    /// `InvalidArgument`, with [all such names](Error::names).
    pub fn refuse_collisions<'n>(
        names: impl IntoIterator<Item = (&'n [u8], &'n [u8])>,
    ) -> Result<()> {
        let mut by_name: BTreeMap<&[u8], Vec<&[u8]>> = BTreeMap::new();
        for (old, new) in names {
            by_name.entry(new).or_default().push(old);
        }
        by_name.retain(|_, old| old.len() > 1);
        let Some((first, old)) = by_name.first_key_value() else { return Ok(()) };
        let old: Vec<String> = old.iter().map(|name| format!("'{}'", shown(name))).collect();
        let others = match by_name.len() - 1 {
            0 => String::new(),
            1 => "; so it is with another name".to_string(),
            count => format!("; so it is with {count} other names"),
        };
        let message = format!("this would be the name of {}{others}", old.join(" and "));
        let names = by_name.keys().map(|name| name.to_vec()).collect();
        Err(Error::invalid(message).for_tensor(first).with_names(names))
    }
}

impl Criteria<'_> {
    /// The new name of a tensor. `note_filter` is told the places of filters that fit,
    /// `note_rename` that of the rule that counts.
    fn new_name(
        self,
        name: &[u8],
        note_filter: impl FnMut(usize),
        note_rename: impl FnOnce(usize),
    ) -> Option<Vec<u8>> {
        let wanted = self.wants(name, note_filter);
        if name == OBJECT_GRAPH_KEY.as_bytes() {
            return Some(name.to_vec());
        }
        if !wanted || self.graph.is_some_and(|graph| graph.is_optimizer_state(name)) {
            return None;
        }
        let mut renames = self.options.renames.iter().enumerate();
        match renames.find_map(|(at, rule)| Some((at, rule.apply(name)?))) {
            Some((at, new_name)) => {
                note_rename(at);
                Some(new_name)
            }
            None => Some(name.to_vec()),
        }
    }

    fn wants(self, name: &[u8], mut note: impl FnMut(usize)) -> bool {
        let mut wanted = self.options.filters.is_empty();
        for (at, filter) in self.options.filters.iter().enumerate() {
            if filter.fits(name) {
                wanted = true;
                note(at);
            }
        }
        wanted
    }
}
