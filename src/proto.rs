//! The messages of the format, generated from `proto/` when the crate is built.

#![allow(missing_docs, clippy::all, clippy::pedantic)]

include!(concat!(env!("OUT_DIR"), "/tensorflow.rs"));
