//! How the fake goes wrong.

use std::sync::Arc;

use plimsoll_kit::testkit::{MARKER, Reply};
use serde_json::Value;

/// A way to go wrong.
#[derive(Clone, Debug)]
pub enum Fault {
    /// A status, with the vendor's body for errors.
    Status(u16),
    /// The older limit: 403, and when to come back.
    RetryAfter(u64),
    /// The budget of the hour is used up, until so many seconds from now.
    Exhausted(i64),
    /// The connection is closed in the middle of the answer.
    Truncated,
    /// This instead of the answer.
    Instead(String),
    /// The answer without the headers that say whether there are more pages.
    Bare,
    /// The answer, with something done to it.
    Altered(Alter),
}

/// What is done to an answer.
#[derive(Clone)]
pub struct Alter(Arc<dyn Fn(&mut Value) + Send + Sync>);

impl Alter {
    /// Does this to it.
    pub fn new(alter: impl Fn(&mut Value) + Send + Sync + 'static) -> Self {
        Self(Arc::new(alter))
    }
}

impl std::fmt::Debug for Alter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Alter")
    }
}

impl Fault {
    /// What becomes of an answer.
    pub(super) fn spoil(&self, reply: Reply, body: &str) -> Reply {
        let error = format!(
            r#"{{"message":"{MARKER}-error","documentation_url":"https://docs.github.com"}}"#
        );
        match self {
            Self::Status(status) => Reply::json(error).with_status(*status),
            Self::RetryAfter(seconds) => Reply::json(error)
                .with_status(403)
                .header("Retry-After", &seconds.to_string()),
            Self::Exhausted(seconds) => {
                // Against the time that the answer itself says.
                let reset = 1_800_000_000 + seconds;
                Reply::json(error)
                    .with_status(429)
                    .header("Date", "Fri, 15 Jan 2027 08:00:00 GMT")
                    .header("X-RateLimit-Remaining", "0")
                    .header("X-RateLimit-Reset", &reset.to_string())
            }
            Self::Truncated => reply.truncated(body.len() / 2),
            Self::Instead(text) => Reply::json(text.clone()),
            Self::Bare => reply
                .without_header("link")
                .without_header("x-next-page")
                .without_header("x-total"),
            Self::Altered(_) => reply,
        }
    }

    /// What becomes of an answer before it is written.
    pub(super) fn alter(&self, body: &mut Value) {
        if let Self::Altered(Alter(alter)) = self {
            alter(body);
        }
    }
}
