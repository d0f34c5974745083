//! What people open: from any path that leads to a checkpoint to a [`Reader`] of
//! whatever format it has; several checkpoints as one; the state file that says
//! which is the latest; and the keeping of a directory of them.

mod copy;
mod files;
mod gc;
mod glob;
mod impostor;
mod latest;
mod limits;
mod listing;
mod locate;
mod manager;
mod merge;
pub mod object_graph;
mod orphans;
mod overlay;
mod reader;
mod recorded;
mod repair;
mod sink;
mod source;
mod standing;
mod state;
mod survey;
mod tensor;
mod whole;

pub use copy::{CopyData, CopyOptions, NameFilter, Selection, copy, copy_reader};
pub use gc::{Collected, GcOptions, gc};
pub use glob::Glob;
pub use impostor::impostor_of;
pub use latest::{
    LatestValid, LatestValidOptions, Skipped, StateOptions, latest, latest_valid, latest_with,
};
pub(crate) use listing::Listing;
pub use locate::{Located, locate};
pub use manager::{Clock, Manager, ManagerOptions, Save, Saved, SystemClock};
pub use merge::{merge, merge_named};
pub use overlay::{NameMap, NameRule, Overlay};
pub use reader::{Cursor, Reader};
pub use recorded::locate_recorded;
pub use repair::{RepairOptions, Repaired, repair};
pub(crate) use sink::{Sink, create};
pub use source::Format;
pub(crate) use source::Walk;
pub use standing::beside as what_stands_beside;
pub use state::State;
pub use survey::{FileKind, Survey, SurveyOptions, SurveyedCheckpoint, SurveyedFile, survey};
pub use tensor::{Piece, Place, Tensor};
pub use whole::{Depth, check_whole};
