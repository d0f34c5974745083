//! From a [`State`] to text, byte for byte as TensorFlow writes it.

use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use super::State;
use super::escape::escape;

pub(super) fn print(state: &State) -> Vec<u8> {
    let mut text = Vec::new();
    if !state.model_checkpoint_path.as_os_str().is_empty() {
        path_field("model_checkpoint_path", &state.model_checkpoint_path, &mut text);
    }
    for path in &state.all_model_checkpoint_paths {
        path_field("all_model_checkpoint_paths", path, &mut text);
    }
    for &timestamp in &state.all_model_checkpoint_timestamps {
        float_field("all_model_checkpoint_timestamps", timestamp, &mut text);
    }
    // A field that has its default is left out; -0.0 is not the default.
    if state.last_preserved_timestamp.to_bits() != 0 {
        float_field("last_preserved_timestamp", state.last_preserved_timestamp, &mut text);
    }
    text
}

fn path_field(name: &str, path: &Path, text: &mut Vec<u8>) {
    text.extend_from_slice(name.as_bytes());
    text.extend_from_slice(b": \"");
    escape(path.as_os_str().as_bytes(), text);
    text.extend_from_slice(b"\"\n");
}

fn float_field(name: &str, value: f64, text: &mut Vec<u8>) {
    text.extend_from_slice(format!("{name}: {}\n", float(value)).as_bytes());
}

/// The shortest decimal that reads back as `value`, in the form that Python gives
/// it: with an exponent from 1e16 on and below 1e-4, else with a decimal point.
fn float(value: f64) -> String {
    if value.is_nan() {
        return "nan".into();
    }
    if value.is_infinite() {
        return if value > 0.0 { "inf".into() } else { "-inf".into() };
    }
    let scientific = format!("{value:e}");
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if (-4..16).contains(&exponent) {
        return format!("{value:?}");
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{mantissa}e{sign}{:02}", exponent.unsigned_abs())
}

#[cfg(test)]
mod tests {
    use super::float;

    #[test]
    fn floats_look_like_those_of_python() {
        for (value, text) in [
            (0.0, "0.0"),
            (-0.0, "-0.0"),
            (100.0, "100.0"),
            (0.1, "0.1"),
            (0.0001234, "0.0001234"),
            (0.0001, "0.0001"),
            (1e-5, "1e-05"),
            (1e15, "1000000000000000.0"),
            (1e16, "1e+16"),
            (123456789012345680.0, "1.2345678901234568e+17"),
            (1795375010.2603908, "1795375010.2603908"),
            (5e-324, "5e-324"),
            (f64::MAX, "1.7976931348623157e+308"),
            (f64::NEG_INFINITY, "-inf"),
            (-f64::NAN, "nan"),
        ] {
            assert_eq!(float(value), text);
        }
    }
}
