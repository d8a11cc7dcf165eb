//! PagerDuty: Events API v2, whose `dedup_key` makes one incident of one subject.

use async_trait::async_trait;
use jiff::Timestamp;
use plimsoll_kit::http::Secret;
use plimsoll_model::Text;
use reqwest::Url;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use serde_json::{Value, json};

use super::http::{Http, plain};
use super::text::line;
use super::{Found, Post, Sender, Sent};
use crate::baseline::Severity;
use crate::notify::plan::{Tone, What};

/// An event, without the key that says whose it is. What ends a subject resolves its incident; all else triggers it.
pub fn event(post: &Post<'_>) -> Value {
    let message = post.message;
    let occurrence = message.occurrence.as_deref();
    let ended = occurrence.is_some_and(|one| match one.what {
        What::Resolved | What::ReadAgain | What::Waived | What::Unasked => true,
        What::Judged | What::Seen => message.tone != Tone::Bad,
        _ => false,
    });
    let severity = match message.severity {
        Severity::Critical => "critical",
        Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low => "info",
    };
    let dedup_key = dedup_key(post.subject);
    if ended {
        return json!({"event_action": "resolve", "dedup_key": dedup_key});
    }
    let parts: serde_json::Map<String, Value> = message
        .fields
        .iter()
        .chain(&message.parts)
        .map(|(name, text)| {
            (
                name.to_string(),
                Value::String(super::text::lines(text, 2_000)),
            )
        })
        .collect();
    let mut event = json!({
        "event_action": "trigger",
        "dedup_key": dedup_key,
        "client": "Plimsoll",
        "payload": {
            "summary": line(&format!("{} ({})", message.title, message.headline), 1_000),
            "source": occurrence.map_or("plimsoll", |one| one.asset.as_str()),
            "severity": severity,
            "timestamp": post.at,
            "class": occurrence.and_then(|one| one.controls.first()).map(Text::as_str),
            "custom_details": parts,
        },
    });
    if let Some((name, url)) = &message.link {
        event["links"] = json!([{"href": url, "text": name}]);
        event["client_url"] = json!(url);
    }
    event
}

/// At most 255 characters: a longer subject goes by its digest.
fn dedup_key(subject: &str) -> String {
    if subject.len() <= 255 && subject.is_ascii() {
        subject.to_owned()
    } else {
        format!("plimsoll:{}", blake3::hash(subject.as_bytes()).to_hex())
    }
}

/// A service of PagerDuty.
pub(super) struct PagerDuty {
    pub(super) http: Http,
    pub(super) url: Url,
    pub(super) key: Secret,
}

#[async_trait]
impl Sender for PagerDuty {
    async fn send(&self, post: &Post<'_>) -> Sent {
        let mut event = event(post);
        event["routing_key"] = json!(self.key.expose());
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        let body = event.to_string().into_bytes();
        plain(self.http.post(&self.url, headers, body).await)
    }

    async fn find(&self, _: &Post<'_>, _: Timestamp) -> Found {
        Found::Harmless
    }
}
