//! What people open: from any path that leads to a checkpoint to its prefix.

mod locate;

pub use locate::locate;
