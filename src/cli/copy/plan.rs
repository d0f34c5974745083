//! What is copied, and in which order.

use std::collections::BTreeMap;

use tfckpt::bundle::{Entry, Reader, Tensor};
use tfckpt::tensor::Slice;
use tfckpt::{Error, ErrorKind, Result};

use super::rename::Rule;
use crate::glob::Glob;
use crate::name;
use crate::walk::Walk;

/// A tensor to be copied.
pub struct Source {
    pub tensor: Tensor,
    /// Another name than it has, if it gets one.
    new_name: Option<Vec<u8>>,
    /// The entries of its stored slices, in the order in which it lists them.
    slices: Vec<Entry>,
    /// How many of them have been visited.
    visited: usize,
}

/// What is copied, and in which order: that in which it is stored.
///
/// The slices of a partitioned tensor take the places that they have among the
/// others, but come in the order in which the tensor lists them, which the copy
/// will list them in too. In most files that is the same.
pub struct Plan {
    sources: Vec<Source>,
    /// For each stored piece, which of the sources it belongs to.
    order: Vec<usize>,
    pub bytes: u64,
}

impl Plan {
    pub fn new(reader: &Reader, filter: Option<&Glob>, rules: &[Rule]) -> Result<Self> {
        let prefix = filter.map(Glob::literal_prefix).unwrap_or_default();
        let mut sources = Vec::new();
        for tensor in Walk::new(reader, &prefix) {
            let tensor = tensor?;
            if filter.is_none_or(|glob| glob.matches(&tensor.name)) {
                sources.push(Source::new(reader, tensor)?);
            }
        }
        if sources.is_empty() && filter.is_some() {
            return Err(invalid("no tensor's name matches the filter"));
        }
        rename(&mut sources, rules)?;
        let pieces = || sources.iter().enumerate().flat_map(|(at, source)| source.pieces(at));
        let bytes = pieces().map(|(_, _, size, _)| size).sum();
        let mut order: Vec<_> = pieces().collect();
        // Where two begin at one place, the first of them is empty.
        order.sort_by_key(|&(shard, offset, size, _)| (shard, offset, size));
        let order = order.into_iter().map(|(.., at)| at).collect();
        Ok(Self { sources, order, bytes })
    }

    /// Hands every stored piece to `each`, in order: the tensor, its slice if it
    /// is one, and its entry.
    pub fn for_each_piece(
        self,
        mut each: impl FnMut(&Source, Option<&Slice>, &Entry) -> Result<()>,
    ) -> Result<()> {
        let Self { mut sources, order, .. } = self;
        for at in order {
            let visited = sources[at].visited;
            sources[at].visited += 1;
            let source = &sources[at];
            match source.slices.get(visited) {
                Some(entry) => each(source, source.tensor.entry.slices.get(visited), entry)?,
                None => each(source, None, &source.tensor.entry)?,
            }
        }
        Ok(())
    }
}

impl Source {
    fn new(reader: &Reader, tensor: Tensor) -> Result<Self> {
        let slices = tensor.entry.slices.iter().map(|slice| reader.slice_entry(&tensor, slice));
        let slices = slices.collect::<Result<_>>()?;
        Ok(Self { new_name: None, tensor, slices, visited: 0 })
    }

    /// The name that the copy gives it.
    pub fn name(&self) -> &[u8] {
        self.new_name.as_ref().unwrap_or(&self.tensor.name)
    }

    /// Of each stored piece: shard, offset, size, and whose it is.
    fn pieces(&self, at: usize) -> impl Iterator<Item = (u32, u64, u64, usize)> {
        let whole = (!self.tensor.entry.is_partitioned()).then_some(&self.tensor.entry);
        let entries = whole.into_iter().chain(&self.slices);
        entries.map(move |entry| (entry.shard, entry.offset, entry.size, at))
    }
}

/// Gives each tensor the name that the first fitting rule says.
fn rename(sources: &mut [Source], rules: &[Rule]) -> Result<()> {
    let mut used = vec![false; rules.len()];
    for source in sources.iter_mut() {
        let name = &source.tensor.name;
        let mut fitting = rules.iter().zip(&mut used);
        if let Some((new_name, used)) =
            fitting.find_map(|(rule, used)| Some((rule.apply(name)?, used)))
        {
            source.new_name = Some(new_name);
            *used = true;
        }
    }
    let unused = rules.iter().zip(used).filter(|(_, used)| !used).map(|(rule, _)| rule.text());
    refuse("rules that fit no tensor's name", unused)?;
    if rules.is_empty() { Ok(()) } else { refuse_collisions(sources) }
}

/// Refuses two tensors of one name, and lists all that would be.
fn refuse_collisions(sources: &[Source]) -> Result<()> {
    let mut by_name: BTreeMap<&[u8], Vec<&[u8]>> = BTreeMap::new();
    for source in sources {
        by_name.entry(source.name()).or_default().push(&source.tensor.name);
    }
    let collisions = by_name.into_iter().filter(|(_, old)| old.len() > 1).map(|(new, old)| {
        let old: Vec<String> = old.into_iter().map(name::display).collect();
        format!("{} from {}", name::display(new), old.join(" and "))
    });
    refuse("tensors that would have the same name", collisions)
}

/// Refuses to go on where there is any of `what`, and lists all.
fn refuse<T: AsRef<str>>(what: &str, all: impl Iterator<Item = T>) -> Result<()> {
    let lines: String = all.map(|one| format!("\n  {}", one.as_ref())).collect();
    if lines.is_empty() { Ok(()) } else { Err(invalid(&format!("{what}:{lines}"))) }
}

fn invalid(message: &str) -> Error {
    Error::new(ErrorKind::InvalidArgument, message)
}
