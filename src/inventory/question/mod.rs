//! The questions that the graph answers: how one asset leads to another, what the internet reaches, what depends on an
//! asset, what environments share, and what nobody uses. All on petgraph, over a snapshot.

mod blast;
mod depend;
mod orphans;
mod path;
mod reach;
mod shared;
#[cfg(test)]
mod tests;

pub use blast::{Affected, blast};
pub use orphans::{Orphan, orphans};
pub use path::{Hop, Path, Way, path};
pub use reach::{Entry, Reach, Through, Unknown, public_ports, reach};
pub use shared::{Shared, Sharing, shared};
