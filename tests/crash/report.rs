//! What a child process tells of how its work ended.

use tfckpt::Result;

/// A result as text.
pub fn told(result: &Result<()>) -> String {
    match result {
        Ok(()) => "ok".into(),
        Err(error) => {
            let file = error.file().map(|file| file.display().to_string()).unwrap_or_default();
            format!("{:?}\n{file}\n{error}", error.kind())
        }
    }
}

/// Whether it went well; if it did not the error must be a clear one: it names a file, and
/// what was tried with it.
pub fn is_ok(report: &str, place: &dyn Fn() -> String) -> bool {
    if report == "ok" {
        return true;
    }
    let lines: Vec<&str> = report.splitn(3, '\n').collect();
    let [kind, file, message] = lines[..] else { panic!("{}: {report}", place()) };
    assert_eq!(kind, "Io", "{}: {report}", place());
    assert!(!file.is_empty(), "{}: no file: {report}", place());
    assert!(message.contains("cannot "), "{}: what was tried? {report}", place());
    false
}
