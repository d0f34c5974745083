//! What NumPy has no array for, or would not give back as it was.

use std::collections::HashSet;

use tfckpt::Result;
use tfckpt::bundle::ReadOptions;
use tfckpt::checkpoint::Reader;
use tfckpt::tensor::{DType, Shape};

use super::zip_writer::MAX_NAME;
use super::{SUFFIX, descr};
use crate::convert::error::Refusals;
use crate::convert::sink::Outgoing;

/// The most dimensions that NumPy knows.
const MAX_RANK: usize = 64;

/// Why no array has this type and shape; `None` where one can.
pub fn refuse_dtype(dtype: DType, shape: &Shape) -> Option<String> {
    if dtype != DType::STRING && descr::of(dtype).is_none() {
        return Some(dtype.to_string());
    }
    let rank = shape.rank();
    (rank > MAX_RANK).then(|| format!("{rank} dimensions, of which NumPy has {MAX_RANK} at most"))
}

/// Why no array has this name.
pub fn refuse_name(name: &str) -> Option<String> {
    if name.contains('\0') {
        return Some("NumPy takes a name to end at a zero byte".to_string());
    }
    let too_long = name.len() + SUFFIX.len() > MAX_NAME;
    too_long.then(|| format!("its name has more than {} bytes", MAX_NAME - SUFFIX.len()))
}

/// Refuses what shows from the values of strings, which are read for that, or from the
/// names together.
pub fn refuse_more(reader: &Reader, tensors: &[Outgoing], refusals: &mut Refusals) -> Result<()> {
    let names: HashSet<&str> = tensors.iter().map(|tensor| &*tensor.name).collect();
    for Outgoing { tensor, name, dtype } in tensors {
        if name.strip_suffix(SUFFIX).is_some_and(|stem| names.contains(stem)) {
            refusals.add(&tensor.name, "NumPy would take it for the file of another");
        } else if *dtype == DType::STRING && loses_zeros(reader, &tensor.name)? {
            let why = "NumPy takes zero bytes at the end of a string for none of it";
            refusals.add(&tensor.name, why);
        }
    }
    Ok(())
}

fn loses_zeros(reader: &Reader, name: &[u8]) -> Result<bool> {
    let strings = reader.read_strings(name, &ReadOptions::default())?;
    Ok(strings.iter().any(|element| element.ends_with(b"\0")))
}
