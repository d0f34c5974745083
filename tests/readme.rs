//! The programs in the README are those in `examples/` and the examples of the bindings, which
//! the tests of those languages compile and run.

use std::fs;
use std::path::Path;

#[test]
fn its_programs_are_the_examples() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let readme = fs::read_to_string(root.join("README.md")).unwrap();
    for (example, language) in [
        ("examples/readme.c", "c"),
        ("examples/readme.cpp", "cpp"),
        ("bindings/go/examples/readme/main.go", "go"),
        ("bindings/java/examples/readme/app/Readme.java", "java"),
    ] {
        let program = fs::read_to_string(root.join(example)).unwrap();
        let block = format!("<!-- {example} -->\n```{language}\n{program}```\n");
        assert!(readme.contains(&block), "{example} is not what the README has");
    }
}
