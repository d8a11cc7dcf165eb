//! How the fake goes wrong.

use plimsoll_kit::testkit::Reply;

/// A way to go wrong.
#[derive(Clone, Debug)]
pub enum Fault {
    /// A status, with the vendor's body for errors.
    Status(u16),
    /// 429 with a `Retry-After` of so many seconds, and no JSON.
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
            Self::Status(status) => {
                Reply::json(r#"{"message":"PLIMSOLL-MARKER-error"}"#).with_status(*status)
            }
            Self::RetryAfter(seconds) => Reply::new("text/plain", "Retry later")
                .with_status(429)
                .header("Retry-After", &seconds.to_string())
                .header("RateLimit-Name", "throttle_authenticated_api"),
            Self::Truncated => reply.truncated(body.len() / 2),
            Self::Instead(text) => Reply::json(text.clone()),
        }
    }
}
