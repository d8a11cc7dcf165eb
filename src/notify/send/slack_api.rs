//! Sending to Slack: by a bot's token over the Web API, or by an incoming webhook.

use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use plimsoll_kit::http::Secret;
use plimsoll_model::Text;
use reqwest::Url;
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::http::{Answer, Field, Http, Letter, Sealed};
use super::slack::{Blocks, blocks, fallback, plain};
use super::{Found, Post, Sender, Sent};
use crate::inert::{Inert, Mrkdwn};
use crate::notify::plan::{Message, Tone};
use crate::store::Remote;

/// The type of our messages' metadata, by which one is found again.
const EVENT: &str = "plimsoll_notice";
/// Slack wants a second between two messages to one channel.
const PACE: Duration = Duration::from_secs(1);
/// How far two clocks may be apart when it is judged whether all was looked through.
const CLOCKS: Duration = Duration::from_secs(3_600);
/// How many messages are looked through, a page.
const PAGE: usize = 200;
/// How many pages are.
const PAGES: usize = 5;

/// A channel of Slack, by a bot's token.
pub(super) struct Bot {
    http: Http,
    api: Url,
    authorisation: HeaderValue,
    channel: Text,
}

/// What the Web API answers, as far as it matters.
#[derive(Debug, Default, Deserialize)]
struct Said {
    #[serde(default)]
    ok: bool,
    #[serde(default)]
    error: Option<String>,
    #[serde(default)]
    ts: Option<String>,
    #[serde(default)]
    channel: Option<Value>,
    #[serde(default)]
    messages: Vec<Value>,
    #[serde(default)]
    response_metadata: Option<Next>,
}

#[derive(Debug, Default, Deserialize)]
struct Next {
    #[serde(default)]
    next_cursor: Option<String>,
}

impl Bot {
    pub(super) fn new(api: Url, token: &Secret, channel: &Text) -> Result<Self, String> {
        let mut authorisation = HeaderValue::from_str(&format!("Bearer {}", token.expose()))
            .map_err(|_| "the token is no token".to_owned())?;
        authorisation.set_sensitive(true);
        Ok(Self {
            http: Http::new(&api)?,
            api,
            authorisation,
            channel: channel.clone(),
        })
    }

    fn method(&self, method: &str) -> (Url, HeaderMap) {
        let mut url = self.api.clone();
        let base = url.path().trim_end_matches('/').to_owned();
        url.set_path(&format!("{base}/{method}"));
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, self.authorisation.clone());
        (url, headers)
    }

    /// Calls a method that reads.
    async fn read(&self, method: &str, query: &[(&str, String)]) -> Result<Said, Sent> {
        let (mut url, headers) = self.method(method);
        url.query_pairs_mut().extend_pairs(query);
        said(&self.http.get(&url, headers).await?)
    }

    /// Calls a method that writes.
    async fn call(&self, method: &str, form: &[(&'static str, Field)]) -> Result<Said, Sent> {
        let (url, headers) = self.method(method);
        said(&self.http.post(&url, headers, Sealed::form(form)?).await?)
    }

    async fn post(&self, post: &Post<'_>, with_blocks: bool) -> Sent {
        let metadata = json!({"event_type": EVENT, "event_payload": {"key": post.key}});
        let mut form = vec![
            ("channel", Field::Own(self.channel.to_string())),
            ("unfurl_links", Field::Own("false".to_owned())),
            ("unfurl_media", Field::Own("false".to_owned())),
            ("metadata", Field::Own(metadata.to_string())),
        ];
        if with_blocks {
            form.push(("text", Field::Text(fallback(post.message))));
            form.push(("blocks", Field::letter(&blocks(post.message))));
        } else {
            form.push(("text", Field::Text(plain(post.message))));
        }
        if let Some(thread) = post.thread {
            form.push(("thread_ts", Field::Own(thread.id.to_string())));
            // Bad news in a thread is shown to the channel too: nobody else would see it.
            if post.message.tone == Tone::Bad {
                form.push(("reply_broadcast", Field::Own("true".to_owned())));
            }
        }
        let said = match self.call("chat.postMessage", &form).await {
            Ok(said) => said,
            Err(sent) => return sent,
        };
        match (said.ok, said.ts) {
            (true, Some(ts)) => {
                let place = said.channel.as_ref().and_then(Value::as_str);
                let place = place.map_or_else(|| self.channel.clone(), Text::from);
                Sent::Arrived {
                    remote: Some(Remote {
                        id: ts.into(),
                        place,
                    }),
                    note: None,
                }
            }
            (true, None) => Sent::Unsure {
                why: "Slack did not say which message it made".to_owned(),
            },
            (false, _) => refused(said.error.as_deref().unwrap_or("unknown")),
        }
    }
}

fn said(answer: &Answer) -> Result<Said, Sent> {
    if answer.status != 200 {
        return Err(answer.refusal());
    }
    plimsoll_kit::json::read(&answer.body).map_err(|_| Sent::Unsure {
        why: "Slack's answer is not what it should be".to_owned(),
    })
}

/// What an error of the Web API means. The word is Slack's; a foreign one is not repeated.
fn refused(word: &str) -> Sent {
    let safe = word.len() <= 40 && word.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
    let word = if safe {
        word
    } else {
        "an error without a name"
    };
    match word {
        "ratelimited" | "rate_limited" | "message_limit_exceeded" => Sent::Later {
            after: Some(Duration::from_secs(30)),
            why: format!("Slack: {word}"),
        },
        // Slack says of these that some of the work may have been done.
        "fatal_error" | "internal_error" | "request_timeout" | "service_unavailable" => {
            Sent::Unsure {
                why: format!("Slack: {word}"),
            }
        }
        "invalid_blocks"
        | "invalid_blocks_format"
        | "msg_blocks_too_long"
        | "msg_too_long"
        | "no_text"
        | "invalid_metadata_format"
        | "invalid_metadata_schema"
        | "metadata_too_large"
        | "message_not_found"
        | "cant_update_message"
        | "edit_window_closed" => Sent::Refused {
            why: format!("Slack: {word}"),
        },
        _ => Sent::Later {
            after: Some(Duration::from_secs(900)),
            why: format!("Slack: {word}: set this right, and it is sent"),
        },
    }
}

#[async_trait]
impl Sender for Bot {
    async fn send(&self, post: &Post<'_>) -> Sent {
        match self.post(post, true).await {
            // What Slack would not show in blocks it may show as text.
            Sent::Refused { why } => match self.post(post, false).await {
                Sent::Arrived { remote, .. } => Sent::Arrived {
                    remote,
                    note: Some(format!("sent as plain text: {why}")),
                },
                other => other,
            },
            other => other,
        }
    }

    async fn edit(&self, remote: &Remote, message: &Message) -> Sent {
        let form = [
            ("channel", Field::Own(remote.place.to_string())),
            ("ts", Field::Own(remote.id.to_string())),
            ("text", Field::Text(fallback(message))),
            ("blocks", Field::letter(&blocks(message))),
        ];
        match self.call("chat.update", &form).await {
            Ok(said) if said.ok => Sent::Arrived {
                remote: None,
                note: None,
            },
            Ok(said) => refused(said.error.as_deref().unwrap_or("unknown")),
            Err(sent) => sent,
        }
    }

    /// Slack takes no key that would make a second message impossible. Its metadata tells whether the first is there.
    async fn find(&self, post: &Post<'_>, since: Timestamp) -> Found {
        // Not asked for by time: our clock may have been wrong when it was sent. The newest come first.
        let mut form = vec![
            ("channel", self.channel.to_string()),
            ("include_all_metadata", "true".to_owned()),
            ("limit", PAGE.to_string()),
        ];
        let method = match post.thread {
            Some(thread) => {
                form.push(("ts", thread.id.to_string()));
                "conversations.replies"
            }
            None => "conversations.history",
        };
        let mut cursor = None;
        let mut oldest = i64::MAX;
        for _ in 0..PAGES {
            let mut form = form.clone();
            form.extend(cursor.take().map(|cursor: String| ("cursor", cursor)));
            let said = match self.read(method, &form).await {
                Ok(said) => said,
                Err(Sent::Later { after, why }) => return Found::Later { after, why },
                Err(Sent::Unsure { why } | Sent::Refused { why }) => {
                    return Found::Later { after: None, why };
                }
                Err(Sent::Arrived { .. }) => return Found::NotThere,
            };
            if !said.ok {
                return match said.error.as_deref().unwrap_or("unknown") {
                    "ratelimited" | "rate_limited" => Found::Later {
                        after: Some(Duration::from_secs(30)),
                        why: "Slack: ratelimited".to_owned(),
                    },
                    "thread_not_found" => Found::NotThere,
                    "missing_scope" | "no_permission" => Found::NoTelling(
                        "it may be there twice: the bot may not read the channel's history (channels:history)",
                    ),
                    _ => match refused(said.error.as_deref().unwrap_or("unknown")) {
                        Sent::Later { after, why } => Found::Later { after, why },
                        _ => Found::Later {
                            after: None,
                            why: "Slack's history cannot be read".to_owned(),
                        },
                    },
                };
            }
            let ours = said
                .messages
                .iter()
                .find(|message| is_ours(message, post.key));
            if let Some(id) = ours.and_then(|message| message.get("ts")?.as_str()) {
                return Found::There(Remote {
                    id: id.into(),
                    place: self.channel.clone(),
                });
            }
            let times = said.messages.iter().filter_map(second);
            oldest = times.fold(oldest, i64::min);
            let next = said.response_metadata.and_then(|next| next.next_cursor);
            match next.filter(|next| !next.is_empty()) {
                Some(next) => cursor = Some(next),
                None => return Found::NotThere,
            }
        }
        let before = since.checked_sub(CLOCKS).unwrap_or(since).as_second();
        if oldest < before {
            Found::NotThere
        } else {
            Found::NoTelling("it may be there twice: too much was said in the channel since")
        }
    }

    fn pace(&self) -> Duration {
        PACE
    }
}

/// When a message was sent, by Slack's clock.
fn second(message: &Value) -> Option<i64> {
    let (second, _) = message.get("ts")?.as_str()?.split_once('.')?;
    second.parse().ok()
}

fn is_ours(message: &Value, key: &str) -> bool {
    let metadata = &message["metadata"];
    metadata["event_type"] == EVENT && metadata["event_payload"]["key"] == key
}

/// A channel of Slack, by an incoming webhook. Slack answers with nothing by which a message could be found again, so it can
/// neither be gone on with nor altered.
pub(super) struct Hook {
    http: Http,
    url: Url,
}

impl Hook {
    pub(super) fn new(url: Url) -> Result<Self, String> {
        Ok(Self {
            http: Http::new(&url)?,
            url,
        })
    }

    async fn post(&self, letter: &HookLetter) -> Result<Answer, Sent> {
        self.http
            .post(&self.url, HeaderMap::new(), Sealed::new(letter))
            .await
    }
}

/// What an incoming webhook takes.
#[derive(Serialize)]
struct HookLetter {
    text: Inert<Mrkdwn>,
    #[serde(skip_serializing_if = "Option::is_none")]
    blocks: Option<Blocks>,
}

impl Letter for HookLetter {}

#[async_trait]
impl Sender for Hook {
    async fn send(&self, post: &Post<'_>) -> Sent {
        let whole = HookLetter {
            text: fallback(post.message),
            blocks: Some(blocks(post.message)),
        };
        let plain = HookLetter {
            text: plain(post.message),
            blocks: None,
        };
        let mut note = None;
        for body in [whole, plain] {
            match self.post(&body).await {
                Ok(answer) if answer.status == 200 => {
                    return Sent::Arrived { remote: None, note };
                }
                Ok(answer) if answer.status == 400 && note.is_none() => {
                    note = Some("sent as plain text: Slack refused the blocks".to_owned());
                }
                Ok(answer) => return answer.refusal(),
                Err(sent) => return sent,
            }
        }
        Sent::Refused {
            why: "Slack refused it (400)".to_owned(),
        }
    }

    async fn find(&self, _: &Post<'_>, _: Timestamp) -> Found {
        Found::NoTelling("it may be there twice: an incoming webhook cannot be asked")
    }

    fn pace(&self) -> Duration {
        PACE
    }
}
