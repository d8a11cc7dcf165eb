//! A Slack that keeps its rules: caps, rates, rights and errors as the Web API and incoming webhooks have them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use plimsoll_kit::testkit::{FakeServer, Gate, Reply, Request};
use serde_json::{Value, json};

/// The one token that may post.
pub(crate) const TOKEN: &str = "xoxb-not-a-real-token";
/// The channel.
pub(crate) const CHANNEL: &str = "C0123456789";

/// A message as it stands in the channel.
#[derive(Clone, Debug)]
pub(crate) struct Said {
    pub(crate) ts: String,
    pub(crate) thread: Option<String>,
    pub(crate) broadcast: bool,
    pub(crate) text: String,
    pub(crate) blocks: Value,
    pub(crate) key: String,
    pub(crate) edits: usize,
}

/// What goes wrong.
#[derive(Clone, Debug, Default)]
pub(crate) enum Fault {
    #[default]
    None,
    /// Everything fails with this status.
    Status(u16),
    /// Everything is asked to wait, for so many seconds.
    Wait(u64),
    /// A method is never answered: it was not done.
    HangBefore(&'static str, Gate),
    /// A method is never answered: it was done.
    HangAfter(&'static str, Gate),
    /// Done, and the connection breaks.
    BreakAfter(&'static str),
}

#[derive(Default)]
struct State {
    said: Vec<Said>,
    fault: Fault,
    no_history: bool,
    unpaced: bool,
    last: HashMap<String, Instant>,
    hooked: Vec<Value>,
    refused: Vec<String>,
}

/// A running fake.
pub(crate) struct FakeSlack {
    server: FakeServer,
    state: Arc<Mutex<State>>,
}

impl FakeSlack {
    pub(crate) fn start() -> Self {
        let server = FakeServer::on_loopback();
        let state = Arc::<Mutex<State>>::default();
        let own = Arc::clone(&state);
        server.handle(move |request| Some(answer(&own, request)));
        Self { server, state }
    }

    /// Where its Web API is.
    pub(crate) fn api(&self) -> String {
        format!("{}/api", self.server.url())
    }

    /// The address of its incoming webhook.
    pub(crate) fn hook(&self) -> String {
        format!("{}/services/T01/B01/hunter2", self.server.url())
    }

    pub(crate) fn fault(&self, fault: Fault) {
        lock(&self.state).fault = fault;
    }

    /// The bot may not read the history from now on.
    pub(crate) fn forget_history_right(&self) {
        lock(&self.state).no_history = true;
    }

    /// No rate is kept from now on: for a test that hands in its own time.
    pub(crate) fn unpaced(&self) {
        lock(&self.state).unpaced = true;
    }

    /// What stands in the channel.
    pub(crate) fn said(&self) -> Vec<Said> {
        lock(&self.state).said.clone()
    }

    /// What came by the webhook.
    pub(crate) fn hooked(&self) -> Vec<Value> {
        lock(&self.state).hooked.clone()
    }

    /// The errors that it answered with.
    pub(crate) fn refused(&self) -> Vec<String> {
        lock(&self.state).refused.clone()
    }

    /// How often a method was called.
    pub(crate) fn calls(&self, method: &str) -> usize {
        let all = self.server.requests();
        all.iter().filter(|one| one.path.ends_with(method)).count()
    }

    /// No message stands there twice.
    pub(crate) fn assert_once(&self) {
        let mut keys: Vec<String> = self.said().into_iter().map(|one| one.key).collect();
        let all = keys.len();
        keys.sort();
        keys.dedup();
        assert_eq!(keys.len(), all, "a message stands there twice: {keys:?}");
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

fn error(state: &mut State, word: &str) -> Reply {
    state.refused.push(word.to_owned());
    Reply::json(json!({"ok": false, "error": word}).to_string())
}

fn answer(state: &Mutex<State>, request: &Request) -> Reply {
    let mut state = lock(state);
    match state.fault.clone() {
        Fault::Status(status) => return Reply::status(status),
        Fault::Wait(seconds) => {
            let body = json!({"ok": false, "error": "ratelimited"}).to_string();
            let reply = Reply::json(body).with_status(429);
            return reply.header("Retry-After", &seconds.to_string());
        }
        Fault::HangBefore(method, gate) if request.path.ends_with(method) => {
            gate.arrive();
            return Reply::json("{}").held(&Gate::new());
        }
        Fault::HangAfter(method, gate) if request.path.ends_with(method) => {
            let reply = act(&mut state, request);
            gate.arrive();
            return reply.held(&Gate::new());
        }
        Fault::BreakAfter(method) if request.path.ends_with(method) => {
            act(&mut state, request);
            return Reply::reset();
        }
        _ => {}
    }
    act(&mut state, request)
}

fn act(state: &mut State, request: &Request) -> Reply {
    if request.path.starts_with("/services/") {
        return hook(state, request);
    }
    match request.header("authorization") {
        None => return error(state, "not_authed"),
        Some(given) if given != format!("Bearer {TOKEN}") => return error(state, "invalid_auth"),
        Some(_) => {}
    }
    let reads = request.method == "GET";
    let given = if reads {
        form(&request.query)
    } else {
        form(std::str::from_utf8(&request.body).unwrap_or_default())
    };
    let method = request.path.rsplit('/').next().unwrap_or_default();
    if given.get("channel").map(String::as_str) != Some(CHANNEL) {
        return error(state, "channel_not_found");
    }
    match (method, reads) {
        ("chat.postMessage", false) => post(state, &given),
        ("chat.update", false) => update(state, &given),
        ("conversations.history" | "conversations.replies", true) => history(state, &given),
        _ => error(state, "unknown_method"),
    }
}

/// Why Slack would refuse it.
fn wrong(given: &HashMap<String, String>) -> Option<&'static str> {
    let text = given.get("text").map(String::as_str).unwrap_or_default();
    if text.len() > 40_000 {
        return Some("msg_too_long");
    }
    let Some(blocks) = given.get("blocks") else {
        return text.is_empty().then_some("no_text");
    };
    let Ok(Value::Array(blocks)) = serde_json::from_str(blocks) else {
        return Some("invalid_blocks_format");
    };
    wrong_blocks(&blocks)
}

fn wrong_blocks(blocks: &[Value]) -> Option<&'static str> {
    let all: usize = blocks
        .iter()
        .map(|block| block.to_string().chars().count())
        .sum();
    if all > 13_000 {
        return Some("msg_blocks_too_long");
    }
    let right = blocks.len() <= 50 && blocks.iter().all(right_block);
    (!right).then_some("invalid_blocks")
}

fn right_block(block: &Value) -> bool {
    let length = |text: &Value, kind: &str, most: usize| {
        let long = text["text"].as_str().map_or(0, |text| text.chars().count());
        text["type"] == kind && (1..=most).contains(&long)
    };
    match block["type"].as_str().unwrap_or_default() {
        "header" => length(&block["text"], "plain_text", 150),
        "section" => {
            let fields = block["fields"].as_array();
            let fields_right = fields.is_none_or(|all| {
                (1..=10).contains(&all.len()) && all.iter().all(|one| length(one, "mrkdwn", 2_000))
            });
            let text = block.get("text");
            fields_right
                && (text.is_some() || fields.is_some())
                && text.is_none_or(|text| length(text, "mrkdwn", 3_000))
        }
        "context" => {
            let all = block["elements"].as_array();
            all.is_some_and(|all| {
                (1..=10).contains(&all.len()) && all.iter().all(|one| length(one, "mrkdwn", 3_000))
            })
        }
        "divider" => true,
        _ => false,
    }
}

/// One message a second for each channel; a hair less, since time passes on the way.
fn too_fast(state: &mut State, place: &str) -> Option<Reply> {
    let now = Instant::now();
    let last = state.last.get(place).copied();
    if !state.unpaced && last.is_some_and(|last| now - last < Duration::from_millis(900)) {
        let reply = error(state, "ratelimited").with_status(429);
        return Some(reply.header("Retry-After", "1"));
    }
    state.last.insert(place.to_owned(), now);
    None
}

fn post(state: &mut State, given: &HashMap<String, String>) -> Reply {
    if let Some(reply) = too_fast(state, CHANNEL) {
        return reply;
    }
    if let Some(word) = wrong(given) {
        return error(state, word);
    }
    let metadata: Value = match given.get("metadata") {
        Some(text) => serde_json::from_str(text).unwrap_or_default(),
        None => Value::Null,
    };
    if given.contains_key("metadata")
        && !(metadata["event_type"].is_string() && metadata["event_payload"].is_object())
    {
        return error(state, "invalid_metadata_format");
    }
    let thread = given.get("thread_ts").cloned();
    if thread
        .as_ref()
        .is_some_and(|thread| !state.said.iter().any(|one| one.ts == *thread))
    {
        return error(state, "thread_not_found");
    }
    let second = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap()
        .as_secs();
    let ts = format!("{second:010}.{:06}", state.said.len() + 1);
    let said = Said {
        ts: ts.clone(),
        thread,
        broadcast: given
            .get("reply_broadcast")
            .is_some_and(|yes| yes == "true"),
        text: given.get("text").cloned().unwrap_or_default(),
        blocks: blocks(given),
        key: metadata["event_payload"]["key"]
            .as_str()
            .unwrap_or_default()
            .to_owned(),
        edits: 0,
    };
    let message = json!({"type": "message", "subtype": "bot_message", "bot_id": "B0123456789",
        "text": said.text, "ts": ts, "blocks": said.blocks});
    state.said.push(said);
    Reply::json(json!({"ok": true, "channel": CHANNEL, "ts": ts, "message": message}).to_string())
}

fn blocks(given: &HashMap<String, String>) -> Value {
    given.get("blocks").map_or(json!([]), |text| {
        serde_json::from_str(text).unwrap_or_default()
    })
}

fn update(state: &mut State, given: &HashMap<String, String>) -> Reply {
    if let Some(word) = wrong(given) {
        return error(state, word);
    }
    let ts = given.get("ts").cloned().unwrap_or_default();
    let Some(said) = state.said.iter_mut().find(|one| one.ts == ts) else {
        return error(state, "message_not_found");
    };
    said.text = given.get("text").cloned().unwrap_or_default();
    said.blocks = blocks(given);
    said.edits += 1;
    let text = said.text.clone();
    Reply::json(
        json!({"ok": true, "channel": CHANNEL, "ts": ts, "text": text, "message": {"text": text}})
            .to_string(),
    )
}

fn history(state: &mut State, given: &HashMap<String, String>) -> Reply {
    if state.no_history {
        state.refused.push("missing_scope".to_owned());
        let body = json!({"ok": false, "error": "missing_scope", "needed": "channels:history", "provided": "chat:write"});
        return Reply::json(body.to_string());
    }
    let limit: usize = given
        .get("limit")
        .and_then(|text| text.parse().ok())
        .unwrap_or(100);
    let oldest = given.get("oldest").cloned().unwrap_or_default();
    let with_metadata = given
        .get("include_all_metadata")
        .is_some_and(|yes| yes == "true");
    let from: usize = given
        .get("cursor")
        .and_then(|text| text.parse().ok())
        .unwrap_or(0);
    let thread = given.get("ts");
    // Replies stand in the history only where they were shown to the channel.
    let there = |one: &&Said| match thread {
        Some(thread) => one.ts == *thread || one.thread.as_ref() == Some(thread),
        None => one.thread.is_none() || one.broadcast,
    };
    let all: Vec<&Said> = state
        .said
        .iter()
        .rev()
        .filter(|one| one.ts >= oldest)
        .filter(there)
        .collect();
    let page: Vec<Value> = all
        .iter()
        .skip(from)
        .take(limit.min(999))
        .map(|one| {
            let mut message = json!({"type": "message", "ts": one.ts, "text": one.text});
            if with_metadata {
                message["metadata"] =
                    json!({"event_type": "plimsoll_notice", "event_payload": {"key": one.key}});
            }
            message
        })
        .collect();
    let more = from + page.len() < all.len();
    let next = if more {
        (from + page.len()).to_string()
    } else {
        String::new()
    };
    let body = json!({"ok": true, "messages": page, "has_more": more, "pin_count": 0,
        "channel_actions_ts": null, "channel_actions_count": 0, "response_metadata": {"next_cursor": next}});
    Reply::json(body.to_string())
}

fn hook(state: &mut State, request: &Request) -> Reply {
    if let Some(reply) = too_fast(state, "hook") {
        return reply;
    }
    let Ok(body) = serde_json::from_slice::<Value>(&request.body) else {
        return Reply::new("text/html", "invalid_payload").with_status(400);
    };
    let blocks = body["blocks"].as_array();
    if blocks.is_some_and(|blocks| wrong_blocks(blocks).is_some()) {
        return Reply::new("text/html", "invalid_blocks").with_status(400);
    }
    if blocks.is_none() && body["text"].as_str().is_none_or(str::is_empty) {
        return Reply::new("text/html", "no_text").with_status(400);
    }
    state.hooked.push(body);
    Reply::new("text/html", "ok")
}

fn form(text: &str) -> HashMap<String, String> {
    text.split('&')
        .filter_map(|pair| pair.split_once('='))
        .map(|(name, value)| (decode(name), decode(value)))
        .collect()
}

fn decode(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        match byte {
            b'+' => bytes.push(b' '),
            b'%' => {
                let hex: Vec<u8> = rest.by_ref().take(2).collect();
                let hex = std::str::from_utf8(&hex).unwrap();
                bytes.push(u8::from_str_radix(hex, 16).unwrap());
            }
            byte => bytes.push(byte),
        }
    }
    String::from_utf8(bytes).unwrap()
}
