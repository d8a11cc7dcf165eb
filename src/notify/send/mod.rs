//! How each kind of channel is sent to. The form of a message is made by pure functions; sending it is one call.

mod backoff;
pub mod cloudevents;
pub mod email;
mod http;
mod open;
pub mod pagerduty;
pub mod slack;
mod slack_api;
pub mod teams;
#[cfg(test)]
mod tests;

use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use plimsoll_model::Text;

pub use backoff::wait;
pub use open::{SetupError, open};

use super::plan::Message;
use crate::store::Remote;

/// What is to be sent.
#[derive(Clone, Copy, Debug)]
pub struct Post<'a> {
    /// By which it is known again.
    pub key: &'a str,
    /// What it belongs to.
    pub subject: &'a str,
    /// When it was planned.
    pub at: Timestamp,
    /// What it says.
    pub message: &'a Message,
    /// The first message of its thread.
    pub thread: Option<&'a Remote>,
}

/// What came of sending something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sent {
    /// It arrived.
    Arrived {
        /// By which the platform knows it; none where it does not say.
        remote: Option<Remote>,
        /// What is worth knowing about it.
        note: Option<String>,
    },
    /// It did not arrive, and may later.
    Later {
        /// How long the platform asks to wait.
        after: Option<Duration>,
        /// What went wrong.
        why: String,
    },
    /// It may have arrived.
    Unsure {
        /// What went wrong.
        why: String,
    },
    /// It did not arrive, and the same will not arrive later either.
    Refused {
        /// What went wrong.
        why: String,
    },
}

/// Whether something arrived that may have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// It did.
    There(Remote),
    /// It did not.
    NotThere,
    /// The platform does not tell. Sent again it may be there twice; the reason says so.
    NoTelling(&'static str),
    /// Sent again it is not there twice: the platform, or whoever reads, knows it by its key.
    Harmless,
    /// It cannot be asked now.
    Later {
        /// How long the platform asks to wait.
        after: Option<Duration>,
        /// What went wrong.
        why: String,
    },
}

/// Sends to one channel.
#[async_trait]
pub trait Sender: Send + Sync {
    /// Sends something.
    async fn send(&self, post: &Post<'_>) -> Sent;

    /// Alters what was sent.
    async fn edit(&self, remote: &Remote, message: &Message) -> Sent {
        let _ = (remote, message);
        Sent::Arrived {
            remote: None,
            note: Some("this kind of channel alters nothing".to_owned()),
        }
    }

    /// Whether something arrived whose sending was begun at a time and not seen to its end.
    async fn find(&self, post: &Post<'_>, since: Timestamp) -> Found;

    /// How much time the platform wants between two messages.
    fn pace(&self) -> Duration {
        Duration::ZERO
    }
}

/// The key of a sample.
pub fn sample_key(channel: &str, now: Timestamp) -> Text {
    super::plan::key(channel, "sample", "sample", now)
}
