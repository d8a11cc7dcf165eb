//! Snapshot to snapshot: what changed.

mod types;

pub use types::{Change, ChangeKind, PathChange};
