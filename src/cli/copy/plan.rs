//! What is copied, and in which order.

use std::collections::BTreeMap;

use tfckpt::checkpoint::{NameRule, Piece, Reader, Tensor};
use tfckpt::{Error, ErrorKind, Result};

use crate::glob::Glob;
use crate::name;

/// A tensor to be copied.
pub struct Source {
    pub tensor: Tensor,
    /// Another name than it has, if it gets one.
    new_name: Option<Vec<u8>>,
    /// What is stored of it, in the order in which it lists it.
    pieces: Vec<Piece>,
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
    pub fn new(reader: &Reader, filter: Option<&Glob>, rules: &[NameRule]) -> Result<Self> {
        let prefix = filter.map(Glob::literal_prefix).unwrap_or_default();
        let mut sources = Vec::new();
        for tensor in reader.tensors_with_prefix(prefix) {
            let tensor = tensor?;
            if filter.is_none_or(|glob| glob.matches(&tensor.name)) {
                sources.push(Source::new(reader, tensor)?);
            }
        }
        if sources.is_empty() && filter.is_some() {
            return Err(invalid("no tensor's name matches the filter"));
        }
        rename(&mut sources, rules)?;
        let pieces = sources.iter().enumerate();
        let pieces = pieces.flat_map(|(at, source)| source.pieces.iter().map(move |p| (p, at)));
        let mut pieces: Vec<(&Piece, usize)> = pieces.collect();
        let bytes = pieces.iter().fold(0u64, |sum, (piece, _)| sum.saturating_add(piece.size));
        pieces.sort_by(|(one, _), (other, _)| one.stored_order(other));
        let order = pieces.into_iter().map(|(_, at)| at).collect();
        Ok(Self { sources, order, bytes })
    }

    /// Hands every stored piece to `each`, in order, with its tensor.
    pub fn for_each_piece(self, mut each: impl FnMut(&Source, &Piece) -> Result<()>) -> Result<()> {
        let Self { mut sources, order, .. } = self;
        for at in order {
            let visited = sources[at].visited;
            sources[at].visited += 1;
            let source = &sources[at];
            source.pieces.get(visited).map_or(Ok(()), |piece| each(source, piece))?;
        }
        Ok(())
    }
}

impl Source {
    fn new(reader: &Reader, tensor: Tensor) -> Result<Self> {
        let pieces = reader.pieces(&tensor)?;
        Ok(Self { new_name: None, tensor, pieces, visited: 0 })
    }

    /// The name that the copy gives it.
    pub fn name(&self) -> &[u8] {
        self.new_name.as_ref().unwrap_or(&self.tensor.name)
    }
}

/// Gives each tensor the name that the first fitting rule says.
fn rename(sources: &mut [Source], rules: &[NameRule]) -> Result<()> {
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
    let unused = rules
        .iter()
        .zip(used)
        .filter(|(_, used)| !used)
        .map(|(rule, _)| name::display(rule.text()));
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
