//! PagerDuty: Events API v2, whose `dedup_key` makes one incident of one subject.

use async_trait::async_trait;
use jiff::Timestamp;
use plimsoll_kit::http::Secret;
use reqwest::Url;
use reqwest::header::HeaderMap;
use serde::{Serialize, Serializer};

use super::http::{Http, Letter, Sealed, plain};
use super::{Found, Post, Sender, Sent};
use crate::baseline::Severity;
use crate::inert::{Address, Inert, Plain};
use crate::notify::plan::{Tone, What};

/// An event, without the key that says whose it is. What ends a subject resolves its incident; all else triggers it.
#[derive(Debug, Serialize)]
pub struct Event {
    event_action: &'static str,
    dedup_key: Inert<Plain>,
    #[serde(flatten)]
    told: Option<Told>,
}

#[derive(Debug, Serialize)]
struct Told {
    client: &'static str,
    payload: Payload,
    #[serde(skip_serializing_if = "Option::is_none")]
    links: Option<[Link; 1]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_url: Option<Inert<Address>>,
}

#[derive(Debug, Serialize)]
struct Payload {
    summary: Inert<Plain>,
    source: Inert<Plain>,
    severity: &'static str,
    timestamp: Timestamp,
    class: Option<Inert<Plain>>,
    custom_details: Details,
}

#[derive(Debug, Serialize)]
struct Link {
    href: Inert<Address>,
    text: Inert<Plain>,
}

/// Texts with their names.
#[derive(Debug)]
struct Details(Vec<(Inert<Plain>, Inert<Plain>)>);

impl Serialize for Details {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, text)| (name, text)))
    }
}

/// What a message is as an event.
pub fn event(post: &Post<'_>) -> Event {
    let message = post.message;
    let occurrence = message.occurrence.as_deref();
    let ended = occurrence.is_some_and(|one| match one.what {
        What::Resolved | What::ReadAgain | What::Waived | What::Unasked => true,
        What::Judged | What::Seen => message.tone != Tone::Bad,
        _ => false,
    });
    let dedup_key = dedup_key(post.subject);
    if ended {
        return Event {
            event_action: "resolve",
            dedup_key,
            told: None,
        };
    }
    let severity = match message.severity {
        Severity::Critical => "critical",
        Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low => "info",
    };
    let fields = message
        .fields
        .iter()
        .map(|(name, value)| (Inert::line(name, 200), Inert::line(value, 2_000)));
    let parts = message.parts.iter().map(|part| {
        let lines = part.lines.iter().map(|line| Inert::line(line, 1_990));
        (Inert::line(&part.heading, 200), Inert::lines(lines, 2_000))
    });
    let link = message.link.as_ref();
    let summary = Inert::line(&message.title, 500)
        .and_own(" (")
        .and(&Inert::line(&message.headline, 490))
        .and_own(")");
    Event {
        event_action: "trigger",
        dedup_key,
        told: Some(Told {
            client: "Plimsoll",
            payload: Payload {
                summary,
                source: occurrence
                    .map_or(Inert::own("plimsoll"), |one| Inert::line(&one.asset, 1_000)),
                severity,
                timestamp: post.at,
                class: occurrence
                    .and_then(|one| one.controls.first())
                    .map(|control| Inert::line(control, 1_000)),
                custom_details: Details(fields.chain(parts).collect()),
            },
            links: link.map(|(name, url)| {
                [Link {
                    href: Inert::line(url, 2_000),
                    text: Inert::line(name, 200),
                }]
            }),
            client_url: link.map(|(_, url)| Inert::line(url, 2_000)),
        }),
    }
}

/// At most 255 characters: a longer subject goes by its digest.
fn dedup_key(subject: &str) -> Inert<Plain> {
    if subject.len() <= 255 && subject.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
        return Inert::line(subject, 255);
    }
    let digest = blake3::hash(subject.as_bytes()).to_hex();
    Inert::own("plimsoll:").and(&Inert::line(&digest, 64))
}

/// An event and whose it is.
#[derive(Serialize)]
struct Routed<'a> {
    routing_key: &'a str,
    #[serde(flatten)]
    event: Event,
}

impl Letter for Routed<'_> {}

/// A service of PagerDuty.
pub(super) struct PagerDuty {
    pub(super) http: Http,
    pub(super) url: Url,
    pub(super) key: Secret,
}

#[async_trait]
impl Sender for PagerDuty {
    async fn send(&self, post: &Post<'_>) -> Sent {
        let letter = Sealed::new(&Routed {
            routing_key: self.key.expose(),
            event: event(post),
        });
        plain(self.http.post(&self.url, HeaderMap::new(), letter).await)
    }

    async fn find(&self, _: &Post<'_>, _: Timestamp) -> Found {
        Found::Harmless
    }
}
