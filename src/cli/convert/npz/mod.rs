//! `.npz`: a ZIP archive of a `.npy` for each array.
//!
//! ```text
//! .npz ──► zip: entries ──► header: descr, shape ──► reader: elements, in C order
//! ```

mod descr;
mod fortran;
mod header;
mod reader;
mod refuse;
#[cfg(test)]
mod tests;
mod text;
mod writer;
mod zip;
mod zip_writer;

pub use reader::Reader;
pub use refuse::{refuse_dtype, refuse_more, refuse_name};
pub use writer::Writer;

/// What the name of an entry has behind that of its array.
const SUFFIX: &str = ".npy";
