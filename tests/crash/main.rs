//! No crash, no fault and no other process loses a checkpoint.
//!
//! Each scenario is one operation in a directory that has checkpoints already. What may be
//! there when it was cut off, anywhere, is for `judge` to say. The tests are bounded forms;
//! with `TFCKPT_CRASH_FULL` in the environment they go all the way, as `make crash` does.

mod changing_files;
mod doubles;
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
mod faults;
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
mod full_disk;
mod judge;
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
mod killed;
mod power_cut;
mod recorder;
mod replay;
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
mod report;
mod scenario;
mod soak;
#[path = "../support/mod.rs"]
mod support;
// Registers have other names elsewhere.
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
mod trace;
mod two_writers;

/// Whether to try all there is, and not only what takes seconds.
fn is_full() -> bool {
    std::env::var_os("TFCKPT_CRASH_FULL").is_some()
}
