//! The binary interface: what the rules at the top of the header promise of it, and that
//! nothing of the last release is gone or another. `tests/abi/README.md` tells what is kept.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// What is in a file of this project.
fn file(path: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

/// A header as the compiler sees it: no comments, no lines of the preprocessor.
struct Header(String);

/// What C can call: its result's type, its name, and its parameters' types.
#[derive(Debug, PartialEq)]
struct Function {
    result: String,
    name: String,
    parameters: Vec<String>,
}

/// A constant of an enum: the enum, the number, the name.
type Constant = (String, i32, String);

impl Header {
    fn current() -> Self {
        Self::of(&file("include/tfckpt/tfckpt.h"))
    }

    /// That of the last release.
    fn kept() -> Self {
        Self::of(&file("tests/abi/include/tfckpt/tfckpt.h"))
    }

    fn of(text: &str) -> Self {
        let (_, code) = text.split_once("*/").expect("rules at the top");
        let lines = code.lines().map(|line| line.split("//").next().unwrap().trim());
        let lines: Vec<&str> = lines.filter(|line| !line.starts_with('#')).collect();
        Self(lines.join(" "))
    }

    fn functions(&self) -> Vec<Function> {
        let (_, code) = self.0.split_once("extern \"C\" {").expect("functions");
        let ends = |text: &str| text.trim().starts_with('}');
        code.split(';').take_while(|text| !ends(text)).map(Function::of).collect()
    }

    fn constants(&self) -> Vec<Constant> {
        let mut found = Vec::new();
        for text in self.0.split("enum ").filter(|text| text.contains('{')) {
            let (name, rest) = text.split_once([' ', ':']).unwrap();
            let Some((_, body)) = rest.split_once('{') else { continue };
            let Some((body, _)) = body.split_once('}') else { continue };
            for constant in body.split(',').filter_map(|line| line.split_once(" = ")) {
                let number = constant.1.trim().parse().unwrap();
                found.push((name.to_owned(), number, constant.0.trim().to_owned()));
            }
        }
        found
    }

    /// The one struct that is not opaque.
    fn read_request(&self) -> &str {
        let (body, _) = self.0.split_once("} tfckpt_read_request;").unwrap();
        body.rsplit_once('{').unwrap().1
    }
}

impl Function {
    fn of(text: &str) -> Self {
        let (head, parameters) = text.trim().strip_suffix(')').unwrap().split_once('(').unwrap();
        let (result, name) = type_and_name(head);
        let parameters = parameters.split(',').filter(|one| *one != "void").map(type_and_name);
        Self { result, name, parameters: parameters.map(|(kind, _)| kind).collect() }
    }

    fn takes_an_error(&self) -> bool {
        self.parameters.last().is_some_and(|kind| kind == "tfckpt_error **")
    }
}

/// `const char *name` is of the type `const char *`.
fn type_and_name(text: &str) -> (String, String) {
    let words: Vec<&str> = text.split_whitespace().collect();
    let text = words.join(" ");
    let at = text.rfind([' ', '*']).unwrap() + 1;
    (text[..at].trim().to_owned(), text[at..].to_owned())
}

/// The lines of the ledger: a constant, and whether it is still in use.
fn ledger() -> Vec<(Constant, bool)> {
    let line = |line: &str| match *line.split(' ').collect::<Vec<_>>() {
        [kind, number, name] => ((kind.into(), number.parse().unwrap(), name.into()), true),
        [kind, number, name, "retired"] => {
            ((kind.into(), number.parse().unwrap(), name.into()), false)
        }
        _ => panic!("of another form: {line}"),
    };
    let text = file("tests/abi/numbers.txt");
    text.lines().filter(|line| !line.starts_with('#')).map(line).collect()
}

#[test]
fn no_number_is_used_again() {
    let mut numbers = BTreeMap::new();
    let mut names = BTreeSet::new();
    for ((kind, number, name), _) in ledger() {
        let before = numbers.insert((kind.clone(), number), name.clone());
        assert_eq!(before, None, "{kind} {number} is {name} now");
        assert!(names.insert(name.clone()), "{name} is there twice");
    }
}

#[test]
fn the_ledger_has_the_constants_of_the_header_and_what_became_of_those_before() {
    let in_use = ledger().into_iter().filter(|(_, in_use)| *in_use).map(|(constant, _)| constant);
    let current: BTreeSet<Constant> = Header::current().constants().into_iter().collect();
    assert!(current.len() > 100, "{}", current.len());
    assert_eq!(in_use.collect::<BTreeSet<_>>(), current);
    let all: BTreeSet<Constant> = ledger().into_iter().map(|(constant, _)| constant).collect();
    let lost: Vec<Constant> =
        Header::kept().constants().into_iter().filter(|one| !all.contains(one)).collect();
    assert!(lost.is_empty(), "not in tests/abi/numbers.txt: {lost:?}");
}

/// Every int32_t is a value of C's own enum; one of a later version need not be.
#[test]
fn enums_only_come_out() {
    let header = Header::current();
    let enums: BTreeSet<String> = header.constants().into_iter().map(|(kind, ..)| kind).collect();
    assert!(enums.contains("tfckpt_status"));
    let is_enum = |kind: &str| kind.split([' ', '*']).any(|word| enums.contains(word));
    for function in header.functions() {
        for kind in &function.parameters {
            assert!(!is_enum(kind), "{} takes a {kind}", function.name);
        }
    }
    assert!(!is_enum(header.read_request()), "{}", header.read_request());
}

/// Nothing whose size depends on the compiler, and nothing by value that could grow.
#[test]
fn only_types_of_a_known_size_are_used() {
    const VALUES: [&str; 9] =
        ["void", "bool", "char", "double", "int32_t", "int64_t", "uint32_t", "uint64_t", "size_t"];
    for function in Header::current().functions() {
        let name = &function.name;
        for kind in function.parameters.iter().chain([&function.result]) {
            let mut words = kind.split([' ', '*']).filter(|word| !["const", ""].contains(word));
            let word = words.next().unwrap();
            assert_eq!(words.next(), None, "{name}: {kind}");
            let is_value = VALUES.contains(&word);
            let is_ours = word.starts_with("tfckpt_") && kind.ends_with('*');
            let is_callback = word.starts_with("tfckpt_") && word.ends_with("_callback");
            let is_status = word == "tfckpt_status" && *kind == function.result;
            assert!(is_value || is_ours || is_callback || is_status, "{name}: {kind}");
        }
    }
}

#[test]
fn what_can_fail_returns_a_status_and_takes_an_error_last() {
    for function in Header::current().functions() {
        let name = &function.name;
        let can_fail = function.result == "tfckpt_status" && name != "tfckpt_error_status";
        assert_eq!(function.takes_an_error(), can_fail, "{name}");
    }
}

#[test]
fn what_frees_takes_the_handle_alone() {
    for function in Header::current().functions() {
        let Some(kind) = function.name.strip_suffix("_free") else { continue };
        assert_eq!(function.parameters, [format!("{kind} *")], "{}", function.name);
        assert_eq!(function.result, "void", "{}", function.name);
    }
}

/// What `make lint` asks abidiff, for those who have none.
#[test]
fn nothing_of_the_last_release_is_gone_or_another() {
    let (kept, current) = (Header::kept(), Header::current());
    let now = current.functions();
    for function in kept.functions() {
        assert!(now.contains(&function), "gone or another: {function:?}");
    }
    assert_eq!(kept.read_request(), current.read_request());
}

/// So that the tests above are not content with nothing.
#[test]
fn a_header_is_understood() {
    let header = Header::of(
        "/* rules */\nenum tfckpt_e\n#if x\n : int32_t\n#endif\n {\n /// One, = 7.\n \
         TFCKPT_ONE = 1,\n TFCKPT_TWO = -2,\n};\nextern \"C\" {\n#endif\n/// Gives.\n\
         const char *tfckpt_a(const tfckpt_b *b,\n  size_t *len);\nvoid tfckpt_c(void);\n}",
    );
    let constant = |number, name: &str| ("tfckpt_e".to_owned(), number, name.to_owned());
    assert_eq!(header.constants(), [constant(1, "TFCKPT_ONE"), constant(-2, "TFCKPT_TWO")]);
    let functions = header.functions();
    assert_eq!(functions.len(), 2);
    assert_eq!(functions[0].result, "const char *");
    assert_eq!(functions[0].name, "tfckpt_a");
    assert_eq!(functions[0].parameters, ["const tfckpt_b *", "size_t *"]);
    assert!(functions[1].parameters.is_empty());
}
