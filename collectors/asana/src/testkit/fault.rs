//! How the fake goes wrong.

use plimsoll_kit::testkit::Reply;

/// A way to go wrong.
#[derive(Clone, Debug)]
pub enum Fault {
    /// A status, with the vendor's body for errors.
    Status(u16),
    /// 429 with a `Retry-After` of so many seconds.
    RetryAfter(u64),
    /// The connection is closed in the middle of the answer.
    Truncated,
    /// This instead of the answer.
    Instead(String),
}

impl Fault {
    /// What becomes of an answer.
    pub(super) fn spoil(&self, reply: Reply, body: &str) -> Reply {
        match self {
            Self::Status(status) => Reply::json(
                r#"{"errors":[{"message":"PLIMSOLL-MARKER-error","help":"PLIMSOLL-MARKER-help"}]}"#,
            )
            .with_status(*status),
            Self::RetryAfter(seconds) => {
                Reply::status(429).header("Retry-After", &seconds.to_string())
            }
            Self::Truncated => reply.truncated(body.len() / 2),
            Self::Instead(text) => Reply::json(text.clone()),
        }
    }
}
