//! What was worth telling, what was decided about it, and the messages that follow from that.

mod courier;
mod look;
mod standing;
#[cfg(test)]
mod tests;
mod write;

use jiff::Timestamp;
use plimsoll_model::Text;
use rusqlite::Row;

pub use courier::{Claimed, Remote};
pub use look::{DeliveryRow, LogRow, NoticeRow};

use super::time;
use crate::notify::plan::{Decision, Hold, Job};

/// How far a message has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DeliveryState {
    /// It waits to be sent.
    Planned,
    /// Sending it was begun, and it may have arrived.
    Sending,
    /// It arrived.
    Sent,
    /// It could not be sent for so long that nobody tries any more.
    GivenUp,
}

impl DeliveryState {
    /// The word used in the store and in lists.
    pub fn as_str(self) -> &'static str {
        match self {
            DeliveryState::Planned => "planned",
            DeliveryState::Sending => "sending",
            DeliveryState::Sent => "sent",
            DeliveryState::GivenUp => "given-up",
        }
    }

    /// A word as a state. One that a later Plimsoll wrote is over and done with here.
    fn of(word: &str) -> Self {
        match word {
            "planned" => DeliveryState::Planned,
            "sending" => DeliveryState::Sending,
            "sent" => DeliveryState::Sent,
            _ => DeliveryState::GivenUp,
        }
    }
}

/// A hold as it was stored; one in words that this Plimsoll does not know counts as told.
fn hold(json: Option<&str>) -> Option<Hold> {
    json.map(|json| serde_json::from_str(json).unwrap_or(Hold::AlreadySent))
}

fn job(json: &str) -> Option<Job> {
    serde_json::from_str(json).ok()
}

fn decision(row: &Row<'_>, from: usize) -> rusqlite::Result<(Decision, Option<i64>)> {
    let decision = Decision {
        channel: Text::from(row.get_ref(from)?.as_str()?),
        hold: hold(row.get_ref(from + 1)?.as_str_or_null()?),
        delivery: None,
    };
    Ok((decision, row.get(from + 2)?))
}

fn maybe(micros: Option<i64>) -> Option<Timestamp> {
    micros.map(time)
}
