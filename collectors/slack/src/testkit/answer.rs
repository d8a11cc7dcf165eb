//! What the fake answers.

use plimsoll_kit::testkit::{MARKER, Reply, Request};
use serde_json::{Map, Value, json};

use super::Shared;
use super::state::{Message, Workspace};

/// The answer to a request, with the faults that it meets.
pub(super) fn reply(shared: &mut Shared, request: &Request) -> Reply {
    let body = match request.path.strip_prefix("/api/") {
        Some(method) => answer(&shared.workspace, method, request),
        None => json!({"ok": false, "error": "unknown_method"}),
    };
    let body = body.to_string();
    let reply = Reply::json(body.as_str()).header("x-slack-req-id", "1");
    let target = request.target();
    let mut faults = shared.faults.iter_mut();
    match faults.find(|(part, _, times)| *times > 0 && target.contains(part.as_str())) {
        Some((_, fault, times)) => {
            *times = times.saturating_sub(1);
            fault.spoil(reply, &body)
        }
        None => reply,
    }
}

fn refused(error: &str) -> Value {
    json!({"ok": false, "error": error})
}

fn answer(workspace: &Workspace, method: &str, request: &Request) -> Value {
    let token = request.header("authorization").unwrap_or_default();
    if !token.starts_with("Bearer xoxb-") {
        return refused("not_authed");
    }
    if request.method != "GET" {
        return refused("invalid_post_type");
    }
    let query = |name: &str| query(request, name);
    match method {
        "auth.test" => json!({
            "ok": true, "url": "https://acme.slack.com/", "team": "Acme", "user": "plimsoll", "team_id": "T0000ACME0",
            "user_id": "U0PLIMSOLL", "bot_id": "B0PLIMSOLL",
        }),
        "users.info" => user(workspace, &query("user").unwrap_or_default()),
        "conversations.history" | "conversations.replies" | "reactions.get" => {
            let channel = query("channel").unwrap_or_default();
            match workspace.channels.get(&channel) {
                Some(messages) => of_channel(workspace, method, &channel, messages, request),
                None if channel.starts_with("C0NO") => refused("not_in_channel"),
                None => refused("channel_not_found"),
            }
        }
        _ => refused("unknown_method"),
    }
}

fn user(workspace: &Workspace, id: &str) -> Value {
    let Some(user) = workspace.users.get(id) else {
        return refused("user_not_found");
    };
    json!({"ok": true, "user": {
        "id": id, "team_id": "T0000ACME0", "name": user.name.to_lowercase(), "deleted": user.gone, "real_name": user.name,
        "is_bot": user.bot, "is_app_user": false, "updated": workspace.now,
        "profile": {"real_name": user.name, "real_name_normalized": user.name, "display_name": user.name,
            "display_name_normalized": user.name, "avatar_hash": "0123456789ab", "team": "T0000ACME0",
            "email": format!("{MARKER}-email@example.com"), "phone": format!("{MARKER}-phone"), "skype": "", "title": "",
            "status_text": format!("{MARKER}-status"), "status_emoji": "", "fields": {}},
    }})
}

fn of_channel(
    workspace: &Workspace,
    method: &str,
    channel: &str,
    messages: &[Message],
    request: &Request,
) -> Value {
    let show = |message: &Message| shown(workspace, messages, message);
    match method {
        "conversations.history" => {
            let oldest = query(request, "oldest").unwrap_or_default();
            let mut list: Vec<&Message> = messages
                .iter()
                .filter(|one| (one.thread.is_none() || one.broadcast) && one.ts >= oldest)
                .collect();
            list.sort_by(|one, other| other.ts.cmp(&one.ts));
            let list = list.into_iter().map(show).collect();
            let mut page = page(workspace, list, request);
            page["pin_count"] = json!(0);
            page["channel_actions_ts"] = Value::Null;
            page["channel_actions_count"] = json!(0);
            page
        }
        "conversations.replies" => {
            let ts = query(request, "ts").unwrap_or_default();
            let thread = |one: &&Message| one.ts == ts || one.thread.as_deref() == Some(&ts);
            let mut list: Vec<&Message> = messages.iter().filter(thread).collect();
            list.sort_by(|one, other| one.ts.cmp(&other.ts));
            if !list.iter().any(|one| one.ts == ts) {
                return refused("thread_not_found");
            }
            page(workspace, list.into_iter().map(show).collect(), request)
        }
        _ => {
            let ts = query(request, "timestamp").unwrap_or_default();
            let Some(message) = messages.iter().find(|one| one.ts == ts) else {
                return refused("message_not_found");
            };
            let mut shown = show(message);
            if let Some(object) = shown.as_object_mut() {
                object.insert("reactions".to_owned(), reactions(workspace, message, true));
            }
            json!({"ok": true, "type": "message", "channel": channel, "message": shown})
        }
    }
}

/// A page of a list, behind a cursor that says where it starts.
fn page(workspace: &Workspace, list: Vec<Value>, request: &Request) -> Value {
    let start = query(request, "cursor").unwrap_or_default();
    let start: usize = start
        .strip_prefix("at:")
        .and_then(|at| at.trim_end_matches('=').parse().ok())
        .unwrap_or(0);
    let asked = query(request, "limit").and_then(|limit| limit.parse().ok());
    let end = (start + workspace.page.min(asked.unwrap_or(100))).min(list.len());
    let more = end < list.len();
    let cursor = if more {
        format!("at:{end}=")
    } else {
        String::new()
    };
    let messages = list.get(start.min(end)..end).unwrap_or_default();
    json!({"ok": true, "messages": messages, "has_more": more, "response_metadata": {"next_cursor": cursor}})
}

fn shown(workspace: &Workspace, all: &[Message], message: &Message) -> Value {
    let mut shown = Map::new();
    let mut set = |name: &str, value: Value| shown.insert(name.to_owned(), value);
    set("type", json!("message"));
    set("ts", json!(message.ts));
    set("text", json!(message.text));
    set("team", json!("T0000ACME0"));
    if let Some(user) = &message.user {
        set("user", json!(user));
    }
    if let Some((app, bot)) = &message.app {
        set("bot_id", json!(bot));
        set("app_id", json!(app));
        if message.user.is_none() {
            set("subtype", json!("bot_message"));
            set("username", json!("deploybot"));
        }
    }
    if let Some((by, at)) = &message.edited {
        set("edited", json!({"user": by, "ts": at}));
    }
    if !message.reactions.is_empty() {
        set("reactions", reactions(workspace, message, false));
    }
    let replies: Vec<&Message> = all
        .iter()
        .filter(|one| one.thread.as_ref() == Some(&message.ts))
        .collect();
    if let Some(last) = replies.last() {
        let mut users: Vec<&String> = replies.iter().filter_map(|one| one.user.as_ref()).collect();
        users.dedup();
        set("thread_ts", json!(message.ts));
        set("reply_count", json!(replies.len()));
        set("reply_users_count", json!(users.len()));
        set("latest_reply", json!(last.ts));
        set("subscribed", json!(false));
    }
    if let Some(first) = &message.thread {
        set("thread_ts", json!(first));
        if let Some(parent) = all.iter().find(|one| one.ts == *first) {
            set("parent_user_id", json!(parent.user));
        }
    }
    if message.broadcast {
        set("subtype", json!("thread_broadcast"));
    }
    if message.tombstone {
        set("subtype", json!("tombstone"));
        set("hidden", json!(true));
    }
    if let Some(more) = message.more.as_object() {
        for (name, value) in more {
            set(name, value.clone());
        }
    }
    Value::Object(shown)
}

fn reactions(workspace: &Workspace, message: &Message, full: bool) -> Value {
    let mut all: Vec<Value> = Vec::new();
    for (name, users) in &message.reactions {
        let mut named = users.clone();
        if workspace.shuffled {
            named.reverse();
        }
        if !full {
            named.truncate(workspace.named);
        }
        all.push(json!({"name": name, "users": named, "count": users.len()}));
    }
    if workspace.shuffled {
        all.reverse();
    }
    Value::Array(all)
}

fn query(request: &Request, name: &str) -> Option<String> {
    let mut pairs = request
        .query
        .split('&')
        .filter_map(|pair| pair.split_once('='));
    let value = pairs.find(|(have, _)| *have == name)?.1;
    Some(value.replace("%3A", ":").replace("%3D", "="))
}
