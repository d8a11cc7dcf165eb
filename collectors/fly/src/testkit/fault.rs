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
    /// The answer's lists are null.
    NullLists,
    /// This instead of the answer.
    Instead(String),
}

impl Fault {
    /// What becomes of an answer.
    pub(super) fn spoil(&self, reply: Reply, body: &str) -> Reply {
        match self {
            Self::Status(status) => {
                Reply::json(r#"{"error":"PLIMSOLL-MARKER-error","status":"unknown"}"#)
                    .with_status(*status)
            }
            Self::RetryAfter(seconds) => {
                Reply::status(429).header("Retry-After", &seconds.to_string())
            }
            Self::Truncated => reply.truncated(body.len() / 2),
            Self::NullLists => Reply::json(without_lists(body)),
            Self::Instead(text) => Reply::json(text.clone()),
        }
    }
}

/// The same answer with null in the place of each outermost list.
fn without_lists(body: &str) -> String {
    let mut value: serde_json::Value = serde_json::from_str(body).unwrap_or_default();
    match &mut value {
        serde_json::Value::Array(_) => value = serde_json::Value::Null,
        serde_json::Value::Object(object) => {
            let lists = object.values_mut().filter(|value| value.is_array());
            lists.for_each(|list| *list = serde_json::Value::Null);
        }
        _ => {}
    }
    value.to_string()
}
