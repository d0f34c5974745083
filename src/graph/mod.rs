//! The graph beside a checkpoint: what is in a `.meta` file, what made it grow, and
//! how to cut it back.
//!
//! ```text
//! MetaFile ──► MetaGraph ──► summary()      what is in it
//!                  ├───────► diff()         what came on top
//!                  └───────► strip()        without what nobody uses
//! ```
//! None of it needs more memory than some twenty bytes a node, and the largest single
//! node; the values of constants stay in the file.

mod calls;
mod change;
mod collection;
mod constants;
mod content;
mod copies;
mod cuts;
mod diff;
mod edges;
mod entries;
mod functions;
mod info;
mod input;
mod label;
mod locate;
mod meta;
mod name_table;
mod names;
mod node;
mod node_set;
mod numbering;
mod ops;
mod pieces;
mod rewrite;
mod roles;
mod roots;
mod saver;
mod savers;
mod scopes;
mod side;
mod signature;
mod skeleton;
mod strip;
mod summary;
mod survey;
mod texts;
mod training;
mod union;
mod variable;
mod wire;

pub use change::{Change, ChangeKind, Subject};
pub use collection::{Collection, CollectionKind};
pub use copies::Copies;
pub use diff::Diff;
pub use functions::Functions;
pub use info::{Info, SaverDef, Versions};
pub use meta::{MetaFile, MetaGraph};
pub use ops::{OpCount, OpCounts};
pub use saver::{Saver, SaverNode};
pub use savers::SaverUse;
pub use signature::{PartialShape, Signature, TensorInfo};
pub use strip::{Cut, StripOptions, Stripped, strip};
pub use summary::{Constants, PartBytes, Summary};
pub use variable::{VARIABLE_OPS, Variable};
