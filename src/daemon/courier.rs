//! Who brings notices to where they go.

use std::collections::BTreeMap;

use jiff::Timestamp;
use plimsoll_model::Text;

use crate::scan::Stop;

/// Brings notices to where they go.
///
/// It is called after every scan and from time to time, never twice at once, on a thread of its own where it may block.
pub trait Courier: Send + Sync {
    /// Sends what is due, and comes back soon after it is told to stop.
    fn deliver_due(&self, now: Timestamp, stop: &Stop) -> Delivered;
}

/// What a courier did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Delivered {
    /// Notices that arrived.
    pub sent: u64,
    /// Attempts that failed.
    pub failed: u64,
    /// Notices that nobody tries any more.
    pub given_up: u64,
    /// Notices that wait for their turn, by channel.
    pub waiting: BTreeMap<Text, u64>,
    /// When to come again, where that is known.
    pub next: Option<Timestamp>,
    /// What went wrong, a line for each, without anything that an answer said.
    pub troubles: Vec<String>,
}

/// Has nothing to bring.
pub struct NoCourier;

impl Courier for NoCourier {
    fn deliver_due(&self, _now: Timestamp, _stop: &Stop) -> Delivered {
        Delivered::default()
    }
}
