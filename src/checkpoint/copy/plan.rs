//! What is copied, under which names, and in which order.

use super::CopyOptions;
use super::select::Selection;
use crate::bundle::ReadOptions;
use crate::checkpoint::object_graph::{OBJECT_GRAPH_KEY, ObjectGraph};
use crate::checkpoint::{Piece, Reader, Tensor};
use crate::error::Result;
use crate::tensor::Strings;

/// A tensor to be copied.
pub(super) struct Planned {
    pub(super) tensor: Tensor,
    /// Another name than it has, if it gets one.
    new_name: Option<Vec<u8>>,
    /// What is stored of it, in the order in which it lists it.
    pieces: Vec<Piece>,
    /// Its value, where that is not the stored one.
    pub(super) made: Option<Strings>,
}

impl Planned {
    fn new(reader: &Reader, tensor: Tensor) -> Result<Self> {
        let pieces = reader.pieces(&tensor)?;
        Ok(Self { tensor, new_name: None, pieces, made: None })
    }

    /// The name that the copy gives it.
    pub(super) fn name(&self) -> &[u8] {
        self.new_name.as_ref().unwrap_or(&self.tensor.name)
    }
}

/// What is copied, and in which order: that in which it is stored.
///
/// The slices of a partitioned tensor take the places that they have among the
/// others, but come in the order in which the tensor lists them, which the copy
/// will list them in too. In most files that is the same.
pub(super) struct Plan {
    pub(super) tensors: Vec<Planned>,
    /// Whether the copy has just what the source has.
    pub(super) is_same: bool,
}

impl Plan {
    pub(super) fn new(reader: &Reader, options: &CopyOptions) -> Result<Self> {
        let tensors = reader.tensors().collect::<Result<Vec<_>>>()?;
        if options.takes_all() {
            let tensors = tensors.into_iter().map(|tensor| Planned::new(reader, tensor));
            return Ok(Self { tensors: tensors.collect::<Result<_>>()?, is_same: true });
        }
        let graph = reader.object_graph()?;
        let mut selection = Selection::new(options, graph)?;
        let choose = |tensor: Tensor| {
            let new_name = selection.choose(&tensor.name);
            (tensor, new_name)
        };
        let chosen: Vec<(Tensor, Option<Vec<u8>>)> = tensors.into_iter().map(choose).collect();
        selection.refuse_unused()?;
        Self::of_chosen(reader, graph, chosen, &selection)
    }

    /// Of all tensors, each with its new name if it is wanted.
    fn of_chosen(
        reader: &Reader,
        graph: Option<&ObjectGraph>,
        chosen: Vec<(Tensor, Option<Vec<u8>>)>,
        selection: &Selection<'_>,
    ) -> Result<Self> {
        let is_same = chosen.iter().all(|(tensor, new)| new.as_ref() == Some(&tensor.name));
        let names = chosen.iter().map(|(tensor, _)| tensor.name.as_slice());
        let graph = graph.filter(|_| !is_same);
        let graph = graph.map(|graph| graph.renamed(names, |name| selection.new_name(name)));
        let mut tensors = Vec::new();
        for (tensor, new_name) in chosen {
            let Some(new_name) = new_name else { continue };
            let new_name = (new_name != tensor.name).then_some(new_name);
            tensors.push(Planned { new_name, ..Planned::new(reader, tensor)? });
        }
        if let Some(graph) = graph {
            replace_graph(&mut tensors, reader, &graph, selection)?;
        }
        Selection::refuse_collisions(tensors.iter().map(|one| (&*one.tensor.name, one.name())))?;
        Ok(Self { tensors, is_same })
    }

    /// How many bytes all pieces have, as they are stored.
    pub(super) fn bytes(&self) -> u64 {
        let pieces = self.tensors.iter().flat_map(|planned| &planned.pieces);
        pieces.fold(0, |sum, piece| sum.saturating_add(piece.size))
    }

    /// Every stored piece, in order, with its tensor.
    pub(super) fn pieces(&self) -> impl Iterator<Item = (&Planned, &Piece)> {
        let mut visited = vec![0; self.tensors.len()];
        self.order().into_iter().filter_map(move |at| {
            let planned = &self.tensors[at];
            visited[at] += 1;
            Some((planned, planned.pieces.get(visited[at] - 1)?))
        })
    }

    /// For each stored piece, which of the tensors it belongs to.
    fn order(&self) -> Vec<usize> {
        let tensors = self.tensors.iter().enumerate();
        let pieces = tensors.flat_map(|(at, one)| one.pieces.iter().map(move |piece| (piece, at)));
        let mut pieces: Vec<(&Piece, usize)> = pieces.collect();
        pieces.sort_by(|(one, _), (other, _)| one.stored_order(other));
        pieces.into_iter().map(|(_, at)| at).collect()
    }
}

/// Puts the graph in the place of the stored one, or leaves it out where it is
/// about nothing any more, unless it was asked for.
fn replace_graph(
    planned: &mut Vec<Planned>,
    reader: &Reader,
    graph: &ObjectGraph,
    selection: &Selection<'_>,
) -> Result<()> {
    let is_graph = |one: &Planned| one.tensor.name == OBJECT_GRAPH_KEY.as_bytes();
    if graph.attributes().next().is_none() && !selection.asks_for_graph() {
        planned.retain(|one| !is_graph(one));
        return Ok(());
    }
    let stored = reader.read_strings(OBJECT_GRAPH_KEY, &ReadOptions::default())?;
    let made = Strings::from_iter([graph.to_bytes()]);
    if made != stored {
        planned
            .iter_mut()
            .filter(|one| is_graph(one))
            .for_each(|one| one.made = Some(made.clone()));
    }
    Ok(())
}
