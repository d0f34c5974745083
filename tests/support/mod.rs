//! What the tests share: where the golden files are, and how their content is
//! digested (see `tests/data/README.md`).
#![allow(dead_code)]

pub mod check;
pub mod graphs;
pub mod index;
pub mod model;
pub mod random;
pub mod watched;

use std::path::{Path, PathBuf};

use serde_json::Value;
use sha2::{Digest, Sha256};
use tfckpt::bundle::{ReadOptions, Reader, Tensor};
use tfckpt::tensor::{DType, Slice, Strings};

pub fn data_dir(kind: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(kind)
}

/// A golden checkpoint: its prefix, and what TensorFlow says of it.
pub struct Golden {
    pub prefix: PathBuf,
    pub checkpoint: Value,
    pub tensors: Vec<Value>,
}

/// Every golden checkpoint of the V2 format.
pub fn golden_bundles() -> Vec<Golden> {
    let mut found = golden_checkpoints();
    found.retain(|golden| golden.checkpoint["format"] == "V2");
    found
}

/// Every golden checkpoint.
pub fn golden_checkpoints() -> Vec<Golden> {
    let mut found = Vec::new();
    for case in std::fs::read_dir(data_dir("golden")).unwrap() {
        let case = case.unwrap().path();
        let Ok(text) = std::fs::read(case.join("expected.json")) else { continue };
        let expected: Value = serde_json::from_slice(&text).unwrap();
        let checkpoints = expected["checkpoints"].as_array().unwrap();
        for checkpoint in checkpoints {
            let tensors = match checkpoint["tensors_same_as"].as_str() {
                Some(other) => {
                    &checkpoints.iter().find(|c| c["prefix"] == other).unwrap()["tensors"]
                }
                None => &checkpoint["tensors"],
            };
            found.push(Golden {
                prefix: case.join(checkpoint["prefix"].as_str().unwrap()),
                checkpoint: checkpoint.clone(),
                tensors: tensors.as_array().unwrap().clone(),
            });
        }
    }
    found.sort_by(|a, b| a.prefix.cmp(&b.prefix));
    assert!(found.len() >= 30, "only {} golden bundles", found.len());
    found
}

/// A golden state file, and what TensorFlow says of it.
pub struct GoldenState {
    pub case: PathBuf,
    pub dir: PathBuf,
    pub name: String,
    pub expected: Value,
}

impl GoldenState {
    /// The prefix of the latest. TensorFlow looks only where the files were saved;
    /// those that have moved lie beside the state file.
    pub fn latest(&self) -> PathBuf {
        if let Some(latest) = self.expected["latest_checkpoint"].as_str() {
            return self.case.join(latest);
        }
        let recorded = self.expected["state"]["model_checkpoint_path"].as_str().unwrap();
        self.dir.join(Path::new(recorded).file_name().unwrap())
    }
}

/// Every golden state file.
pub fn golden_states() -> Vec<GoldenState> {
    let mut found = Vec::new();
    for case in std::fs::read_dir(data_dir("golden")).unwrap() {
        let case = case.unwrap().path();
        let Ok(text) = std::fs::read(case.join("expected.json")) else { continue };
        let expected: Value = serde_json::from_slice(&text).unwrap();
        for state in expected["state_files"].as_array().into_iter().flatten() {
            found.push(GoldenState {
                dir: case.join(state["directory"].as_str().unwrap()),
                case: case.clone(),
                name: state["latest_filename"].as_str().unwrap().to_string(),
                expected: state.clone(),
            });
        }
    }
    assert!(found.len() >= 8, "only {} state files", found.len());
    found
}

pub fn hex(digest: impl AsRef<[u8]>) -> String {
    digest.as_ref().iter().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"))
}

pub fn sha256(data: &[u8]) -> String {
    hex(Sha256::digest(data))
}

/// The digest of strings: of each its length as `u64`, little-endian, then its bytes.
pub fn sha256_strings(strings: &Strings) -> String {
    let mut hasher = Sha256::new();
    for element in strings.iter() {
        hasher.update((element.len() as u64).to_le_bytes());
        hasher.update(element);
    }
    hex(hasher.finalize())
}

/// The digest of a tensor, or of a slice of it, as the golden files define it.
pub fn digest(reader: &Reader, tensor: &Tensor, slice: Option<&Slice>) -> tfckpt::Result<String> {
    let whole = Slice::full(tensor.entry.shape.rank());
    let slice = slice.unwrap_or(&whole);
    let options = ReadOptions::default();
    if tensor.entry.dtype.is_variable_length() {
        let strings = reader.read_strings_slice(&tensor.name, slice, &options)?;
        return Ok(sha256_strings(&strings));
    }
    let size = tensor.entry.dtype.size().unwrap_or(0) as u64;
    let elements = slice.shape(&tensor.entry.shape)?.num_elements();
    let mut data = vec![0xa5; (elements * size) as usize];
    let read = reader.read_slice_into(&tensor.name, slice, &mut data, &options)?;
    assert_eq!(read, data.len());
    Ok(sha256(&data))
}

/// The true bytes of a tensor's name.
pub fn name_bytes(expected: &Value) -> Vec<u8> {
    match expected["name_b64"].as_str() {
        Some(text) => base64(text),
        None => expected["name"].as_str().unwrap().as_bytes().to_vec(),
    }
}

pub fn base64(text: &str) -> Vec<u8> {
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut bits = 0u32;
    let mut count = 0;
    let mut out = Vec::new();
    for byte in text.bytes().filter(|&byte| byte != b'=') {
        bits = (bits << 6) | alphabet.iter().position(|&a| a == byte).unwrap() as u32;
        count += 6;
        if count >= 8 {
            count -= 8;
            out.push((bits >> count) as u8);
        }
    }
    out
}

pub fn shape_of(value: &Value) -> Vec<i64> {
    value.as_array().unwrap().iter().map(|dim| dim.as_i64().unwrap()).collect()
}

pub fn dtype_of(value: &Value) -> DType {
    DType::from_name(value.as_str().unwrap()).unwrap()
}
