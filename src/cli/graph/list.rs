//! What the objects have in the checkpoint, a line for each.

use tfckpt::Result;
use tfckpt::checkpoint::object_graph::{Attribute, NodeId, ObjectGraph, Role, VARIABLE_VALUE};

use super::role_name;
use crate::console::Console;
use crate::name;
use crate::text::count;

/// As wide as the longest role.
const ROLE: usize = "optimizer_state".len();

pub fn print(graph: &ObjectGraph, console: &mut Console) -> Result<()> {
    for (id, node) in graph.iter() {
        for attribute in &node.attributes {
            print_attribute(graph, id, attribute, console)?;
        }
    }
    console.line(summary(graph))
}

fn print_attribute(
    graph: &ObjectGraph,
    id: NodeId,
    attribute: &Attribute,
    console: &mut Console,
) -> Result<()> {
    let role = graph.role(id).map_or("other", role_name);
    let mut paths = graph.paths(id).into_iter();
    let shown = paths.next().filter(|path| names(path, attribute));
    let shown = name::display(shown.as_deref().unwrap_or(&attribute.key).as_bytes());
    let line = format!("{role:ROLE$}  {shown}  {}", name::display(attribute.full_name.as_bytes()));
    console.line(line.trim_end())?;
    paths.try_for_each(|path| {
        console.line(format_args!("{:ROLE$}  = {}", "", name::display(path.as_bytes())))
    })
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
