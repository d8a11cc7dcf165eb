//! The inventory graph: harvests become a snapshot, and the snapshot answers questions.

mod assemble;
mod compare;
mod dispute;
mod fingerprint;
mod graph;
mod listeners;
mod merge;
mod published;
mod question;
mod snapshot;

pub use assemble::{Assembled, assemble};
pub use compare::{Comparison, KnownPart, UNSEEN, carry, compare, lose_sight};
pub(crate) use dispute::DISAGREE;
pub use fingerprint::{Fingerprint, Fingerprinter, fingerprints};
pub use graph::{Graph, carries, rests_on};
pub use listeners::{Earlier, has_unheld, settle_listeners};
pub(crate) use merge::FORMER_ID;
pub use merge::{Odd, Oddity, Part};
pub(crate) use merge::{destinations, nodes};
pub use published::{Published, differences};
pub use question::{
    Affected, Entry, Hop, Orphan, Path, Reach, Shared, Sharing, Through, Unknown, Way, blast,
    orphans, path, public_ports, reach, shared,
};
pub(crate) use snapshot::hint_at_retiring;
pub use snapshot::{Coverage, Edge, Node, RETIRE, Snapshot};
