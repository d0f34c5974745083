//! What the objects have in the checkpoint, a line for each.

use tfckpt::Result;
use tfckpt::checkpoint::object_graph::{Attribute, NodeId, ObjectGraph, Role, VARIABLE_VALUE};

use super::role_name;
use crate::console::Console;
use crate::text::count;
use crate::{name, text};

/// As wide as the longest role.
const ROLE: usize = "optimizer_state".len();

/// A longer path makes its own line longer, not every other.
const WIDEST: usize = 64;

pub fn print(graph: &ObjectGraph, console: &mut Console) -> Result<()> {
    let attributes = || {
        let nodes = graph.iter();
        nodes.flat_map(|(id, node)| node.attributes.iter().map(move |one| (id, one)))
    };
    let rows = attributes().map(|(id, attribute)| Row::of(graph, id, attribute));
    let width = rows.map(|row| text::width(&row.path).min(WIDEST)).max().unwrap_or(0);
    for (id, attribute) in attributes() {
        Row::of(graph, id, attribute).print(width, console)?;
    }
    console.line(summary(graph))
}

/// An attribute, as it is shown.
struct Row {
    role: &'static str,
    /// The first path of the object; or, where that does not tell the key, the key.
    path: String,
    full_name: String,
    other_paths: Vec<String>,
}

impl Row {
    fn of(graph: &ObjectGraph, id: NodeId, attribute: &Attribute) -> Self {
        let role = graph.role(id).map_or("other", role_name);
        let mut paths = graph.paths(id).into_iter();
        let path = paths.next().filter(|path| names(path, attribute));
        let path = name::display(path.as_deref().unwrap_or(&attribute.key).as_bytes());
        let full_name = name::display(attribute.full_name.as_bytes());
        let other_paths = paths.map(|path| name::display(path.as_bytes())).collect();
        Self { role, path, full_name, other_paths }
    }

    fn print(&self, width: usize, console: &mut Console) -> Result<()> {
        let Self { role, path, full_name, other_paths } = self;
        let line = format!("{role:ROLE$}  {path}{}  {full_name}", text::padding(path, width));
        console.line(line.trim_end_matches(' '))?;
        let mut other_paths = other_paths.iter();
        other_paths.try_for_each(|path| console.line(format_args!("{:ROLE$}  = {path}", "")))
    }
}

/// Whether the key of the attribute is that of a variable at `path`.
fn names(path: &str, attribute: &Attribute) -> bool {
    let rest = attribute.key.strip_prefix(path);
    let rest = rest.and_then(|rest| rest.strip_prefix("/.ATTRIBUTES/"));
    rest == Some(VARIABLE_VALUE) && attribute.name == VARIABLE_VALUE
}

fn summary(graph: &ObjectGraph) -> String {
    let of = |role| graph.iter().filter(|&(id, _)| graph.role(id) == Some(role)).count() as u64;
    let roles = [
        (Role::Variable, "variable"),
        (Role::Slot, "slot variable"),
        (Role::OptimizerState, "other optimizer variable"),
        (Role::SaveCounter, "save counter"),
        (Role::Other, "other"),
    ];
    let counts = roles.map(|(role, noun)| (of(role), noun));
    let told = counts.iter().filter(|(number, _)| *number > 0);
    let told: Vec<String> = told.map(|&(number, noun)| count(number, noun)).collect();
    format!("{}: {}", count(graph.nodes().len() as u64, "object"), told.join(", "))
}
