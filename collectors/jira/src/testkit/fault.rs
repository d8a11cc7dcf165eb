//! How the fake goes wrong.

use plimsoll_kit::testkit::{MARKER, Reply};
use serde_json::json;

/// A way to go wrong.
#[derive(Clone, Debug)]
pub enum Fault {
    /// A status, with the vendor's body for errors.
    Status(u16),
    /// 429 with a `Retry-After` of so many seconds and the vendor's headers.
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
            Self::Status(status) => refusal(*status),
            Self::RetryAfter(seconds) => refusal(429)
                .header("Retry-After", &seconds.to_string())
                .header("X-RateLimit-Limit", "100")
                .header("X-RateLimit-Remaining", "0")
                .header("X-RateLimit-Reset", "2026-01-02T03:05Z")
                .header("RateLimit-Reason", "jira-burst-based"),
            Self::Truncated => reply.truncated(body.len() / 2),
            Self::Instead(text) => Reply::json(text.clone()),
        }
    }
}

/// A refusal, with the vendor's body.
pub(super) fn refusal(status: u16) -> Reply {
    let body = json!({"errorMessages": [format!("{MARKER}-error")], "errors": {}});
    Reply::json(body.to_string()).with_status(status)
}
