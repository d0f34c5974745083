//! Which tensors are copied, and what they are called then.

use super::CopyOptions;
use crate::checkpoint::NameRule;
use crate::checkpoint::object_graph::{OBJECT_GRAPH_KEY, ObjectGraph};
use crate::error::{Error, Result};

/// Which tensors are copied, and what they are called then; and what of the options
/// has been of use for that.
pub(super) struct Selection<'o> {
    options: &'o CopyOptions,
    /// Given where optimizer state is left out.
    graph: Option<&'o ObjectGraph>,
    used_filters: Vec<bool>,
    used_renames: Vec<bool>,
}

impl<'o> Selection<'o> {
    pub(super) fn new(options: &'o CopyOptions, graph: Option<&'o ObjectGraph>) -> Result<Self> {
        if options.drop_optimizer_state && graph.is_none() {
            return Err(Error::invalid(
                "without an object graph nobody knows what is optimizer state: a name-based saver \
                 wrote this checkpoint; filter by names",
            ));
        }
        Ok(Self {
            options,
            graph: graph.filter(|_| options.drop_optimizer_state),
            used_filters: vec![false; options.filters.len()],
            used_renames: vec![false; options.renames.len()],
        })
    }

    /// The name that a tensor gets; `None` where it is left out. The object graph
    /// comes along, under its own.
    pub(super) fn new_name(&self, name: &[u8]) -> Option<Vec<u8>> {
        self.find(name, |_| (), |_| ())
    }

    /// The same, noting what is of use.
    pub(super) fn choose(&mut self, name: &[u8]) -> Option<Vec<u8>> {
        let mut filters = std::mem::take(&mut self.used_filters);
        let mut renames = std::mem::take(&mut self.used_renames);
        let new_name = self.find(name, |at| filters[at] = true, |at| renames[at] = true);
        (self.used_filters, self.used_renames) = (filters, renames);
        new_name
    }

    fn find(
        &self,
        name: &[u8],
        note_filter: impl FnMut(usize),
        note_rename: impl FnOnce(usize),
    ) -> Option<Vec<u8>> {
        let filters = self.options.filters.iter().enumerate();
        let fitting: Vec<usize> =
            filters.filter(|(_, filter)| filter.fits(name)).map(|(at, _)| at).collect();
        let wanted = self.options.filters.is_empty() || !fitting.is_empty();
        fitting.into_iter().for_each(note_filter);
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

    /// Whether a filter fits the object graph itself.
    pub(super) fn asks_for_graph(&self) -> bool {
        self.options.filters.iter().any(|filter| filter.fits(OBJECT_GRAPH_KEY.as_bytes()))
    }

    /// Refuses filters and rules that no tensor has made use of.
    pub(super) fn refuse_unused(&self) -> Result<()> {
        let filters = self.options.filters.iter().zip(&self.used_filters);
        let unused: Vec<String> =
            filters.filter(|(_, used)| !**used).map(|(filter, _)| filter.text()).collect();
        if !unused.is_empty() {
            let message = format!("no tensor's name matches {}", unused.join(", "));
            return Err(Error::not_found(message));
        }
        NameRule::refuse_unused(&self.options.renames, &self.used_renames)
    }
}
