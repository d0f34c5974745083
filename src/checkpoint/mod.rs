//! What people open: from any path that leads to a checkpoint to its prefix; the
//! state file that says which checkpoint is the latest; and the keeping of a
//! directory of them.

mod files;
mod gc;
mod latest;
mod locate;
mod manager;
pub mod object_graph;
mod recorded;
mod repair;
mod state;
mod survey;
mod whole;

pub use gc::{Collected, GcOptions, gc};
pub use latest::{
    LatestValid, LatestValidOptions, Skipped, StateOptions, latest, latest_valid, latest_with,
};
pub use locate::locate;
pub use manager::{Clock, Manager, ManagerOptions, Save, Saved, SystemClock};
pub use recorded::locate_recorded;
pub use repair::{RepairOptions, Repaired, repair};
pub use state::State;
pub use whole::{Depth, check_whole};
