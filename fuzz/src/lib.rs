//! What the fuzz targets share.
//!
//! Random bytes hardly ever get past a checksum. So the targets make the checksums
//! right after the fuzzer has changed what they cover ([`forge`]), or build the
//! files themselves ([`spec`]); and what comes out is not only to be free of panics
//! but to agree with itself ([`explore`]).

pub mod explore;
pub mod explore_v1;
pub mod forge;
pub mod meta_options;
pub mod spec;

#[path = "../../tests/support/calls/mod.rs"]
pub mod calls;
#[path = "../../tests/support/check.rs"]
pub mod check;
#[path = "../../tests/support/graph_check.rs"]
pub mod graph_check;
#[path = "../../tests/support/graph_model.rs"]
pub mod graph_model;
#[path = "../../tests/support/graphs.rs"]
pub mod graphs;
#[path = "../../tests/support/index.rs"]
pub mod index;
#[path = "../../tests/support/model.rs"]
pub mod model;
#[path = "../../tests/support/peak.rs"]
mod peak;
#[path = "../../tests/support/random.rs"]
pub mod random;

#[global_allocator]
static ALLOCATOR: peak::Counting = peak::Counting;

/// What may be allocated at once beyond the size of the input.
const MAX_MEMORY: usize = 64 << 20;

/// Does `work` on an input of `len` bytes, and sees to it that no more memory is
/// taken than such an input is worth.
pub fn bounded(len: usize, work: impl FnOnce()) {
    let (peak, ()) = peak::of(work);
    assert!(peak <= MAX_MEMORY + len, "{peak} bytes allocated for an input of {len}");
}
