//! Snapshot to snapshot: what changed.

mod diff;
mod types;

pub use diff::{diff, path_is_of};
pub use types::{Change, ChangeKind, PathChange};
