//! What was asked of an API server, as its own audit log has it.

use std::path::Path;

use serde_json::Value;

/// One request that was answered.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    /// Who asked.
    pub(crate) user: String,
    /// `get`, `list`, `watch`, `create` …
    pub(crate) verb: String,
    /// The resource in the plural, with its subresource behind a slash; empty for paths that are none.
    pub(crate) resource: String,
    /// The namespace, where the request was for one alone.
    pub(crate) namespace: String,
    /// Path and query.
    pub(crate) uri: String,
    /// The status of the answer.
    pub(crate) code: u64,
}

pub(super) fn read(log: &Path) -> Vec<Request> {
    let text = std::fs::read_to_string(log).unwrap_or_default();
    text.lines().map(|line| request(line.trim())).collect()
}

fn request(line: &str) -> Request {
    let event: Value = serde_json::from_str(line)
        .unwrap_or_else(|error| panic!("not an audit event ({error}): {line}"));
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let object = &event["objectRef"];
    let mut resource = text(&object["resource"]);
    if let Some(part) = object["subresource"].as_str() {
        resource = format!("{resource}/{part}");
    }
    Request {
        user: text(&event["user"]["username"]),
        verb: text(&event["verb"]),
        resource,
        namespace: text(&object["namespace"]),
        uri: text(&event["requestURI"]),
        code: event["responseStatus"]["code"].as_u64().unwrap_or_default(),
    }
}
