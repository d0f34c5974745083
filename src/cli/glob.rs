//! How arguments become patterns over names.

use std::os::unix::ffi::OsStringExt;

use clap::builder::{OsStringValueParser, TypedValueParser};
use tfckpt::checkpoint::Glob;

/// How an argument becomes a pattern.
pub fn parser() -> impl TypedValueParser<Value = Glob> {
    OsStringValueParser::new().try_map(|pattern| {
        Glob::new(pattern.into_vec()).map_err(|error| error.message().to_string())
    })
}
