//! How paths and keys are spelled.

/// The key of the tensor that holds the object graph, a scalar string.
pub const OBJECT_GRAPH_KEY: &str = "_CHECKPOINTABLE_OBJECT_GRAPH";

/// The name of the one attribute that a variable has.
pub const VARIABLE_VALUE: &str = "VARIABLE_VALUE";

/// The local name under which the root holds the variable that counts saves.
pub const SAVE_COUNTER: &str = "save_counter";

/// Stands between the path of an object and the name of its attribute.
pub(super) const ATTRIBUTES: &str = "/.ATTRIBUTES/";

/// Stands between the path of a variable and that of the optimizer whose slot
/// follows.
pub(super) const OPTIMIZER_SLOT: &str = "/.OPTIMIZER_SLOT/";

/// `name` as it is spelled in a path.
pub(super) fn escaped(name: &str) -> impl Iterator<Item = char> {
    name.chars().flat_map(|letter| {
        let (first, second) = match letter {
            '.' => ('.', Some('.')),
            '/' => ('.', Some('S')),
            other => (other, None),
        };
        std::iter::once(first).chain(second)
    })
}

/// Whether `spelled` is `name` as a path has it.
pub(super) fn spells(spelled: &str, name: &str) -> bool {
    escaped(name).eq(spelled.chars())
}

/// The path of the object that is reached from the root by these local names.
pub(super) fn join<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let mut path = String::new();
    for (at, name) in names.into_iter().enumerate() {
        if at > 0 {
            path.push('/');
        }
        path.extend(escaped(name));
    }
    path
}

/// The path of a slot variable.
pub(super) fn slot_path(variable: &str, optimizer: &str, slot: &str) -> String {
    let mut path = format!("{variable}{OPTIMIZER_SLOT}{optimizer}/");
    path.extend(escaped(slot));
    path
}

/// The key of an attribute of the object at `path`.
pub(super) fn attribute_key(path: &str, attribute: &str) -> String {
    let mut key = format!("{path}{ATTRIBUTES}");
    key.extend(escaped(attribute));
    key
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_spelled_as_tensorflow_spells_them() {
        for (name, spelled) in [
            ("a.b", "a..b"),
            ("a/b", "a.Sb"),
            ("..", "...."),
            (".S", "..S"),
            ("/", ".S"),
            ("x.Sy", "x..Sy"),
            (".ATTRIBUTES", "..ATTRIBUTES"),
            ("é 世", "é 世"),
            ("", ""),
        ] {
            assert_eq!(join([name]), spelled);
            assert!(spells(spelled, name), "{name}");
        }
        assert!(!spells("a.b", "a.b"));
        assert_eq!(join(["m", "", "x"]), "m//x");
    }

    #[test]
    fn keys_are_those_of_tensorflow() {
        assert_eq!(attribute_key("m/w", VARIABLE_VALUE), "m/w/.ATTRIBUTES/VARIABLE_VALUE");
        assert_eq!(attribute_key("", VARIABLE_VALUE), "/.ATTRIBUTES/VARIABLE_VALUE");
        assert_eq!(attribute_key("t", "a.Sb"), "t/.ATTRIBUTES/a..Sb");
        assert_eq!(slot_path("w", "", "m"), "w/.OPTIMIZER_SLOT//m");
    }
}
