//! An error as JSON.

use std::borrow::Cow;
use std::os::unix::ffi::OsStrExt;

use serde::Serialize;
use tfckpt::Error;

use crate::name;

/// An error as JSON: what, and where as far as it is known.
#[derive(Serialize)]
pub struct Problem<'e> {
    status: &'static str,
    message: &'e str,
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<Cow<'e, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tensor: Option<Cow<'e, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tensor_b64: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    shard: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    offset: Option<u64>,
}

impl<'e> Problem<'e> {
    pub fn new(error: &'e Error) -> Self {
        let (tensor, tensor_b64) = error.tensor().map(name::json).unzip();
        Self {
            status: error.kind().name(),
            message: error.message(),
            file: error.file().map(|file| name::json(file.as_os_str().as_bytes()).0),
            tensor,
            tensor_b64: tensor_b64.flatten(),
            shard: error.shard(),
            offset: error.offset(),
        }
    }

    pub fn list(errors: &'e [Error]) -> Vec<Self> {
        errors.iter().map(Self::new).collect()
    }
}
