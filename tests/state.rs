//! State files mean to us what they mean to TensorFlow, and are written as it does.

mod support;

use support::data_dir;
use tfckpt::ErrorKind;
use tfckpt::checkpoint::State;

/// The bytes that a column of the table stands for.
fn unescaped(column: &str) -> Vec<u8> {
    let mut rest = if column == "-" { "" } else { column };
    let mut bytes = Vec::new();
    while let Some((before, behind)) = rest.split_once("\\x") {
        bytes.extend_from_slice(before.as_bytes());
        bytes.push(u8::from_str_radix(&behind[..2], 16).unwrap());
        rest = &behind[2..];
    }
    bytes.extend_from_slice(rest.as_bytes());
    bytes
}

/// Texts that TensorFlow has no way for, as their paths are not UTF-8.
fn is_beyond_tensorflow(text: &[u8]) -> bool {
    [&b"\"\xe9\""[..], b"\"\\351\"", b"\"\\xe9\"", b"# \xe9\n"]
        .iter()
        .any(|part| text.windows(part.len()).any(|window| window == *part))
}

#[test]
fn texts_mean_what_they_mean_to_tensorflow() {
    let table = std::fs::read_to_string(data_dir("state").join("verdicts.tsv")).unwrap();
    let mut counts = [0; 3];
    for row in table.lines().filter(|line| !line.starts_with('#')) {
        let [text, verdict, result] = row.split('\t').collect::<Vec<_>>()[..] else {
            panic!("{row}")
        };
        let text = unescaped(text);
        let shown = text.escape_ascii();
        let parsed = State::parse(&text);
        if is_beyond_tensorflow(&text) {
            assert!(parsed.is_ok(), "{shown}: {parsed:?}");
            counts[2] += 1;
        } else if verdict == "ok" {
            let written = parsed.unwrap_or_else(|error| panic!("{shown}: {error}")).to_text();
            assert_eq!(
                written.escape_ascii().to_string(),
                unescaped(result).escape_ascii().to_string(),
                "{shown}"
            );
            counts[0] += 1;
        } else {
            let error = parsed.expect_err(&shown.to_string());
            assert_eq!(error.kind(), ErrorKind::DataLoss, "{shown}");
            assert!(error.offset().is_some_and(|at| at <= text.len() as u64), "{shown}: {error}");
            // Ours says where in a string an escape is wrong, and where a bracket opens.
            if !text.contains(&b'\\') && text[0] != b'[' {
                let (line, column) = result.split_once(':').unwrap_or(("1", "1"));
                let place = format!("line {line}, column {column}: ");
                assert!(error.message().starts_with(&place), "{shown}: {error}, not {place}");
            }
            counts[1] += 1;
        }
    }
    assert!(counts[0] > 100 && counts[1] > 100 && counts[2] == 4, "{counts:?}");
}
