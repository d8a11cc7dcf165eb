//! How the fake goes wrong.

use plimsoll_kit::testkit::{MARKER, Reply};

/// A way to go wrong.
#[derive(Clone, Debug)]
pub enum Fault {
    /// A status without a body of use.
    Status(u16),
    /// 429 with a `Retry-After` of so many seconds, as the vendor sends it.
    RetryAfter(u64),
    /// The vendor's own way: a 200 that is not `ok`, with this error.
    Refused(&'static str),
    /// A scope is missing.
    MissingScope(&'static str),
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
                Reply::new("text/html", format!("<p>{MARKER}-status</p>")).with_status(*status)
            }
            Self::RetryAfter(seconds) => Reply::json(r#"{"ok":false,"error":"ratelimited"}"#)
                .with_status(429)
                .header("Retry-After", &seconds.to_string()),
            Self::Refused(error) => Reply::json(format!(r#"{{"ok":false,"error":"{error}"}}"#)),
            Self::MissingScope(scope) => Reply::json(format!(
                r#"{{"ok":false,"error":"missing_scope","needed":"{scope}","provided":"{MARKER}-provided"}}"#
            )),
            Self::Truncated => reply.truncated(body.len() / 2),
            Self::Instead(text) => Reply::json(text.clone()),
        }
    }
}
