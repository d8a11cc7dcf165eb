//! Any program that takes `CloudEvents` 1.0 as JSON over HTTP, signed with HMAC-SHA256.

use async_trait::async_trait;
use jiff::Timestamp;
use plimsoll_kit::http::Secret;
use reqwest::Url;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use ring::hmac;
use serde::Serialize;
use serde_json::json;

use super::http::{Http, Letter, Sealed, plain};
use super::{Found, Post, Sender, Sent};
use crate::inert::json::Inert;
use crate::inert::{Inert as Shown, Plain};

/// Where the signature is: `v1=HEX`, of `TIMESTAMP.BODY`.
pub const SIGNATURE: &str = "plimsoll-signature";
/// Where its time is, in seconds since 1970.
pub const TIMESTAMP: &str = "plimsoll-timestamp";
/// The event's source.
const SOURCE: &str = "urn:plimsoll";
/// The most characters of a line.
const MOST: usize = 10_000;

/// A message as an event. Its `id` is the message's key: who has seen it has seen the event. Every text in it is one line, and
/// holds nothing that hides or turns what stands beside it.
#[derive(Debug, Serialize)]
pub struct Event(Inert);

impl Letter for Event {
    const KIND: &'static str = "application/cloudevents+json; charset=utf-8";
}

/// The event of a message.
pub fn event(post: &Post<'_>) -> Event {
    let message = post.message;
    let (about, what) = match &message.occurrence {
        Some(occurrence) => (occurrence.about.as_str(), occurrence.what.as_str()),
        None => ("digest", "sent"),
    };
    // A pair of texts each, whose line breaks are ours.
    let parts: Vec<(Shown<Plain>, Shown<Plain>)> = message
        .parts
        .iter()
        .map(|part| {
            let lines: Vec<_> = part
                .lines
                .iter()
                .map(|line| Shown::line(line, MOST))
                .collect();
            (Shown::line(&part.heading, MOST), Shown::join(&lines, "\n"))
        })
        .collect();
    let data = json!({
        "title": message.title,
        "headline": message.headline,
        "severity": message.severity,
        "link": message.link.as_ref().map(|(_, url)| url),
        "occurrence": message.occurrence,
        "lines": message.lines.iter().map(|line| &line.text).collect::<Vec<_>>(),
    });
    Event(
        Inert::of(&json!({
            "specversion": "1.0",
            "id": post.key,
            "source": SOURCE,
            "type": format!("plimsoll.{about}.{what}"),
            "subject": post.subject,
            "time": post.at,
            "datacontenttype": "application/json",
            "data": data,
        }))
        .with("data", "parts", &parts),
    )
}

/// The signature of a body at a time: who knows the secret can tell that it is ours, and that it is not an old one.
pub fn sign(secret: &[u8], at: i64, body: &[u8]) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret);
    let mut context = hmac::Context::with_key(&key);
    context.update(at.to_string().as_bytes());
    context.update(b".");
    context.update(body);
    let tag = context.sign();
    let hex: String = tag
        .as_ref()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    format!("v1={hex}")
}

/// A program that takes events.
pub(super) struct Webhook {
    pub(super) http: Http,
    pub(super) url: Url,
    pub(super) secret: Option<Secret>,
    pub(super) clock: fn() -> Timestamp,
}

#[async_trait]
impl Sender for Webhook {
    async fn send(&self, post: &Post<'_>) -> Sent {
        let letter = Sealed::new(&event(post));
        let mut headers = HeaderMap::new();
        if let Some(secret) = &self.secret {
            // The time of sending, and not of the event: who checks it refuses what is old.
            let at = (self.clock)().as_second();
            let signature = sign(secret.expose().as_bytes(), at, letter.body());
            let values = [(TIMESTAMP, at.to_string()), (SIGNATURE, signature)];
            for (name, value) in values {
                if let Ok(value) = HeaderValue::from_str(&value) {
                    headers.insert(HeaderName::from_static(name), value);
                }
            }
        }
        plain(self.http.post(&self.url, headers, letter).await)
    }

    async fn find(&self, _: &Post<'_>, _: Timestamp) -> Found {
        Found::Harmless
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signature_is_the_one_that_others_compute() {
        // printf '1700000000.{}' | openssl dgst -sha256 -hmac secret
        assert_eq!(
            sign(b"secret", 1_700_000_000, b"{}"),
            "v1=b8569b78799ff9e3cbff0fc2d63a33a2b57f3282abd07c37ae5e8e7d79a5f163"
        );
    }
}
