//! I/O and nothing else: the methods that are called, under the vendor's limits.

mod refusal;

use std::sync::Arc;
use std::time::Duration;

use plimsoll_kit::Context;
use plimsoll_kit::http::{Answer, Budget, Client, Error, Retry, Secret};

use crate::settings::{Pace, Settings};
use crate::wire::{self, WireError};

pub(crate) use refusal::Refusal;

/// How many messages a page has at most: the vendor's own bound, as every page costs a call of a scarce budget.
const PAGE: usize = 999;
/// The same for an app that is sold outside of the vendor's market place.
const SMALL_PAGE: usize = 15;
/// How many pages one list has at most.
const PAGES: usize = 10_000;

/// The vendor's web interface.
pub(crate) struct Slack {
    client: Client,
    page: usize,
    history: Budget,
    replies: Budget,
    reactions: Budget,
    users: Budget,
}

/// Why a call gave nothing. Holds nothing of an answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failed {
    #[error(transparent)]
    Http(#[from] Error),
    #[error("{0}: {1}")]
    Refused(&'static str, Refusal),
    #[error("{0}: {1}")]
    Wire(&'static str, WireError),
    #[error("{0}: its next page is one that was read already; the list was left there")]
    Circle(&'static str),
    #[error("{0}: the list has more than {PAGES} pages; the rest was left unread")]
    Endless(&'static str),
}

impl Failed {
    /// What was refused, where the vendor says so.
    pub(crate) fn refusal(&self) -> Option<&Refusal> {
        match self {
            Self::Refused(_, refusal) => Some(refusal),
            _ => None,
        }
    }
}

/// A list of messages that is read page by page.
pub(crate) struct Pages<'s> {
    slack: &'s Slack,
    budget: &'s Budget,
    method: &'static str,
    first: String,
    next: Option<String>,
    seen: Vec<String>,
}

impl Slack {
    /// Connects nowhere.
    pub(crate) fn new(
        token: Secret,
        settings: &Settings,
        context: &Context,
    ) -> Result<Self, Error> {
        let retry = Retry {
            // The vendor asks for up to a minute; a little more is no reason to give up.
            longest_asked: Duration::from_secs(90),
            ..Retry::default()
        };
        let client = Client::builder(&settings.api_url)
            .token(token)
            .timeout(settings.timeout)
            .most_bytes(context.limits.bytes)
            .concurrency(settings.concurrency)
            .retry(retry)
            .clock(Arc::clone(&context.clock))
            .build()?;
        // The vendor counts by method: 50 a minute for most, 100 for accounts, with bursts that it does not put a number on.
        let each = |per_minute: f64| match settings.pace {
            Pace::None => Budget::unlimited(),
            _ => Budget::new(per_minute / 60.0, 10),
        };
        let scarce = || match settings.pace {
            Pace::Distributed => Budget::new(1.0 / 60.0, 1),
            _ => each(50.0),
        };
        Ok(Self {
            client,
            page: match settings.pace {
                Pace::Distributed => SMALL_PAGE,
                _ => PAGE,
            },
            history: scarce(),
            replies: scarce(),
            reactions: each(50.0),
            users: each(100.0),
        })
    }

    /// Whose token it is.
    pub(crate) async fn auth(&self) -> Result<wire::Auth, Failed> {
        let answer = self.call(&self.users, "auth.test", "").await?;
        shaped("auth.test", &answer)
    }

    /// The messages at the top of a channel since a time, the newest first.
    pub(crate) fn history(&self, channel: &str, oldest: &str) -> Pages<'_> {
        let query = format!(
            "channel={channel}&oldest={oldest}&inclusive=true&limit={}",
            self.page
        );
        self.pages(&self.history, "conversations.history", query)
    }

    /// One message at the top of a channel: the newest.
    pub(crate) async fn newest(&self, channel: &str) -> Result<Answer, Failed> {
        let query = format!("channel={channel}&limit=1");
        self.call(&self.history, "conversations.history", &query)
            .await
    }

    /// A thread, its first message included, the oldest first.
    pub(crate) fn thread(&self, channel: &str, ts: &str) -> Pages<'_> {
        let query = format!("channel={channel}&ts={ts}&limit={}", self.page);
        self.pages(&self.replies, "conversations.replies", query)
    }

    /// A message with all who reacted to it.
    pub(crate) async fn reactions(&self, channel: &str, ts: &str) -> Result<wire::Reacted, Failed> {
        let query = format!("channel={channel}&timestamp={ts}&full=true");
        let answer = self.call(&self.reactions, "reactions.get", &query).await?;
        shaped("reactions.get", &answer)
    }

    /// An account.
    pub(crate) async fn user(&self, id: &str) -> Result<wire::Account, Failed> {
        let answer = self
            .call(&self.users, "users.info", &format!("user={id}"))
            .await?;
        shaped("users.info", &answer)
    }

    fn pages<'s>(&'s self, budget: &'s Budget, method: &'static str, first: String) -> Pages<'s> {
        Pages {
            slack: self,
            budget,
            method,
            next: Some(first.clone()),
            first,
            seen: Vec::new(),
        }
    }

    /// An answer that says `ok`. Everything in a query is an id or a number that was checked, or is encoded.
    async fn call(
        &self,
        budget: &Budget,
        method: &'static str,
        query: &str,
    ) -> Result<Answer, Failed> {
        let mark = if query.is_empty() { "" } else { "?" };
        let target = format!("/{method}{mark}{query}");
        let answer = self.client.paced(budget).get(&target).await?;
        let head: wire::Head = wire::one(answer.body()).map_err(|why| Failed::Wire(method, why))?;
        match head.ok {
            true => Ok(answer),
            false => Err(Failed::Refused(method, Refusal::of(&head))),
        }
    }
}

impl Pages<'_> {
    /// The next page; none after the last one.
    pub(crate) async fn next(&mut self) -> Result<Option<Answer>, Failed> {
        let Some(query) = self.next.take() else {
            return Ok(None);
        };
        let answer = self.slack.call(self.budget, self.method, &query).await?;
        let next: wire::Next =
            wire::one(answer.body()).map_err(|why| Failed::Wire(self.method, why))?;
        let cursor = next.cursor();
        if cursor.is_empty() {
            if !next.ends() {
                // There may be more, and nothing says how to come to it.
                return Err(Failed::Wire(self.method, WireError::NoCursor));
            }
            return Ok(Some(answer));
        }
        if self.seen.iter().any(|seen| seen == cursor) {
            return Err(Failed::Circle(self.method));
        }
        if self.seen.len() >= PAGES {
            return Err(Failed::Endless(self.method));
        }
        self.seen.push(cursor.to_owned());
        self.next = Some(format!("{}&cursor={}", self.first, encoded(cursor)));
        Ok(Some(answer))
    }
}

fn shaped<T: serde::de::DeserializeOwned>(
    method: &'static str,
    answer: &Answer,
) -> Result<T, Failed> {
    wire::one(answer.body()).map_err(|why| Failed::Wire(method, why))
}

/// A text as a query's value, whatever it holds.
fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~') {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}
