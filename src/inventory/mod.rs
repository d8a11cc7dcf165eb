//! The inventory graph: harvests become a snapshot, and the snapshot answers questions.

mod snapshot;

pub use snapshot::{Coverage, Edge, Node, Snapshot};
