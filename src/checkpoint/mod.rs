//! What people open: from any path that leads to a checkpoint to its prefix; the
//! state file that says which checkpoint is the latest; and the keeping of a
//! directory of them.

mod locate;
mod state;

pub use locate::locate;
pub use state::State;
