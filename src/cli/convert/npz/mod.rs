//! `.npz`: a ZIP archive of a `.npy` for each array.
//!
//! ```text
//! .npz ──► zip: entries ──► header: descr, shape ──► reader: elements, in C order
//! ```

mod descr;
mod fortran;
mod header;
mod reader;
mod text;
mod writer;
mod zip;
mod zip_writer;

pub use reader::Reader;
pub use writer::{Writer, refuse_dtype, refuse_name, refuse_strings};

/// What the name of an entry has behind that of its array.
const SUFFIX: &str = ".npy";
