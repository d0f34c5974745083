//! What of a graph is in memory when one has to see all of it: what each node is for,
//! and which others it uses. That is what bounds memory: some ten bytes a node,
//! however long its name and however large the constant in it.

use super::edges::{Edge, EdgeKind, EdgeList, Edges};
use super::input::{Input, each_bytes};
use super::meta::MetaGraph;
use super::name_table::NameTable;
use super::names::{self, Port};
use super::node::{Attr, Node};
use super::node_set::{NodeSet, Ordinal};
use super::roles::Roles;
use crate::error::Result;

/// After so many rounds through all nodes a table of who uses whom is cheaper.
const MAX_ROUNDS: usize = 8;

/// The nodes of a graph by position: their ops' roles, and edges from every node to
/// those that it uses, as inputs or as the place to be.
pub(super) struct Skeleton {
    roles: Vec<Roles>,
    edges: EdgeList,
}

impl Skeleton {
    /// Reads it, and calls `each` with every node on the way.
    pub(super) fn read(
        graph: &MetaGraph,
        input: &mut Input,
        names: &NameTable,
        mut each: impl FnMut(&mut Input, Ordinal, &Node) -> Result<()>,
    ) -> Result<Self> {
        let mut skeleton =
            Self { roles: Vec::with_capacity(names.len()), edges: EdgeList::default() };
        let mut edges = Vec::new();
        graph.each_node(input, |input, ordinal, node| {
            if skeleton.len() == names.len() {
                return Err(input.changed());
            }
            edges.clear();
            each_use(input, node, |name, port| {
                edges.push(Edge { target: names.find(name), kind: kind(port) });
            })?;
            skeleton.edges.push(&edges);
            skeleton.roles.push(Roles::of(&node.op));
            each(input, ordinal, node)
        })?;
        if skeleton.len() < names.len() {
            return Err(input.changed());
        }
        Ok(skeleton)
    }

    pub(super) fn len(&self) -> usize {
        self.roles.len()
    }

    pub(super) fn ordinals(&self) -> std::ops::Range<Ordinal> {
        0..self.len() as Ordinal
    }

    /// Whether the op of a node is any of `roles`.
    pub(super) fn is(&self, node: Ordinal, roles: Roles) -> bool {
        self.roles(node).are(roles)
    }

    pub(super) fn roles(&self, node: Ordinal) -> Roles {
        self.roles.get(node as usize).copied().unwrap_or_default()
    }

    /// The nodes whose op is any of `roles`.
    pub(super) fn all(&self, roles: Roles) -> impl Iterator<Item = Ordinal> {
        self.ordinals().filter(move |&node| self.is(node, roles))
    }

    /// The edges of one node after another: one for each input in their order, then
    /// places.
    pub(super) fn walk(&self) -> Edges<'_> {
        self.edges.walk()
    }

    /// Adds everything that the nodes in `set` use, and what that uses, to it.
    pub(super) fn close(&self, set: &mut NodeSet) {
        self.close_over(set, |_, _, _| true);
    }

    /// The same along edges that are `wanted`: of which node, in which place.
    pub(super) fn close_over(
        &self,
        set: &mut NodeSet,
        wanted: impl Fn(Ordinal, usize, Edge) -> bool,
    ) {
        let (mut here, mut away) = (self.walk(), self.walk());
        let mut pending = Vec::new();
        for node in self.ordinals() {
            if !set.has(node) {
                continue;
            }
            let mut add = |node, edges: &mut Edges<'_>, pending: &mut Vec<Ordinal>| {
                for (place, edge) in edges.enumerate() {
                    let Some(used) = edge.target.filter(|_| wanted(node, place, edge)) else {
                        continue;
                    };
                    if set.insert(used) {
                        pending.push(used);
                    }
                }
            };
            add(node, here.of(node), &mut pending);
            while let Some(used) = pending.pop() {
                add(used, away.of(used), &mut pending);
            }
        }
    }

    /// Adds to `set` what uses the nodes in it, and what uses that, along edges that
    /// are `wanted`: of which node.
    pub(super) fn spread(&self, set: &mut NodeSet, wanted: impl Fn(Ordinal, Edge) -> bool) {
        // Most stand behind what they use, so that a round or two find all of them.
        for _ in 0..MAX_ROUNDS {
            let mut edges = self.walk();
            let mut found = false;
            for node in self.ordinals() {
                let uses = |edge: Edge| {
                    edge.target.is_some_and(|used| set.has(used)) && wanted(node, edge)
                };
                if !set.has(node) && edges.of(node).any(uses) {
                    set.add(node);
                    found = true;
                }
            }
            if !found {
                return;
            }
        }
        let users = self.users(wanted);
        let mut pending: Vec<Ordinal> = self.ordinals().filter(|&node| set.has(node)).collect();
        while let Some(node) = pending.pop() {
            pending.extend(users.of(node).iter().filter(|&&user| set.insert(user)));
        }
    }

    /// The edges that are `wanted`, turned round.
    fn users(&self, wanted: impl Fn(Ordinal, Edge) -> bool) -> Users {
        let mut ends = vec![0u64; self.len() + 1];
        let each = |visit: &mut dyn FnMut(Ordinal, usize)| {
            let mut edges = self.walk();
            for node in self.ordinals() {
                let wanted = edges.of(node).filter(|&edge| wanted(node, edge));
                wanted.filter_map(|edge| edge.target).for_each(|used| visit(node, used as usize));
            }
        };
        each(&mut |_, used| ends[used + 1] += 1);
        for at in 1..ends.len() {
            ends[at] += ends[at - 1];
        }
        let mut of = vec![0; ends[self.len()] as usize];
        let mut next = ends.clone();
        each(&mut |node, used| {
            of[next[used] as usize] = node;
            next[used] += 1;
        });
        Users { ends, of }
    }

    /// Takes out of `cut` whatever a node that stays uses, or `stays` says.
    pub(super) fn take_back(&self, cut: &mut NodeSet, stays: impl Fn(Ordinal) -> bool) {
        let kept = self.ordinals().filter(|&node| !cut.has(node) || stays(node));
        let mut kept = NodeSet::of(self.len(), kept);
        self.close(&mut kept);
        cut.remove_all(&kept);
    }
}

/// Who uses a node.
struct Users {
    ends: Vec<u64>,
    of: Vec<Ordinal>,
}

impl Users {
    fn of(&self, node: Ordinal) -> &[Ordinal] {
        let [start, end] = [0, 1].map(|next| self.ends[node as usize + next] as usize);
        &self.of[start..end]
    }
}

fn kind(port: Port) -> EdgeKind {
    match port {
        Port::Output(_) => EdgeKind::Data,
        Port::Control => EdgeKind::Control,
        Port::Colocation => EdgeKind::Colocation,
    }
}

/// Calls `each` with every name that a node uses and what it uses of it: its
/// inputs in order, then the nodes it wants to be placed with, itself left out.
pub(super) fn each_use(
    input: &mut Input,
    node: &Node,
    mut each: impl FnMut(&[u8], Port),
) -> Result<()> {
    for text in node.inputs() {
        let from = names::input(text);
        each(from.node, from.port);
    }
    let Some(class) = node.attr(input, b"_class")? else { return Ok(()) };
    each_class(input, class, |name| {
        if name != node.name {
            each(name, Port::Colocation);
        }
    })
}

/// Calls `each` with every node that a value of `_class` names.
fn each_class(input: &mut Input, class: Attr, mut each: impl FnMut(&[u8])) -> Result<()> {
    each_bytes(input, class.value, 1, |input, list| {
        each_bytes(input, list, 2, |input, text| {
            if let Some(name) = input.view(text)?.strip_prefix(b"loc:@") {
                each(name);
            }
            Ok(())
        })
    })
}
