//! Lists in pages, timelines, and the answer to the query.

use std::cmp::Reverse;

use plimsoll_kit::testkit::Request;
use serde_json::{Value, json};

use super::answer::{Answered, error};
use super::state::{Hub, Pull};
use super::{shapes, time};

/// What happened, in its order: events, reviews and commits together.
pub(super) fn timeline(hub: &Hub, pull: &Pull) -> Vec<Value> {
    let mut all: Vec<(String, Value)> = Vec::new();
    for commit in &pull.commits {
        let git = &commit["commit"];
        let event = json!({"event": "committed", "sha": commit["sha"], "node_id": commit["node_id"], "url": commit["url"], "html_url": commit["html_url"],
            "author": git["author"], "committer": git["committer"], "tree": git["tree"], "message": git["message"], "parents": [], "verification": git["verification"]});
        all.push((git["committer"]["date"].to_string(), event));
    }
    for review in &pull.reviews {
        let mut event = shapes::review(hub, pull.number, review);
        event["event"] = "reviewed".into();
        event["state"] = review.state.to_lowercase().into();
        if event["user"].is_null() {
            event["user"] = shapes::account("ghost");
        }
        all.push((json!(time(review.at)).to_string(), event));
    }
    for (id, event) in (2000..).zip(&pull.events) {
        all.push((json!(time(event.at)).to_string(), event.json(hub, id)));
    }
    all.sort_by(|a, b| a.0.cmp(&b.0));
    all.into_iter().map(|(_, event)| event).collect()
}

pub(super) fn graphql(hub: &Hub, request: &Request) -> Answered {
    let Some(asked) = request.graphql().filter(|asked| asked.only_reads()) else {
        return error(400, "the fake only reads");
    };
    let ids = asked
        .variables
        .get("ids")
        .and_then(Value::as_array)
        .cloned();
    let nodes = ids.unwrap_or_default().into_iter().map(|id| {
        let own =
            |one: &&Pull| id == format!("PR_{}", one.number) || id == format!("I_{}", one.number);
        let Some(pull) = hub.repo.pulls.values().find(own) else {
            return Value::Null;
        };
        let who = |login: &str| {
            let kind = if login.ends_with("[bot]") {
                "Bot"
            } else {
                "User"
            };
            let gone = hub.gone.iter().any(|gone| gone == login);
            if gone {
                Value::Null
            } else {
                json!({"__typename": kind, "login": login, "databaseId": shapes::number(login)})
            }
        };
        let edits = pull.edits.iter().rev();
        let edits: Vec<Value> = edits
            .map(|(at, by)| json!({"editedAt": time(*at), "editor": who(by)}))
            .collect();
        let end = json!({"hasNextPage": false});
        let last = pull.edits.last().map(|(at, _)| time(*at));
        let mut node = json!({"id": id, "includesCreatedEdit": last.is_some(), "lastEditedAt": last,
            "userContentEdits": {"pageInfo": end, "nodes": edits}});
        let events = pull
            .events
            .iter()
            .map(|event| json!({"__typename": event.kind}));
        let told = [
            "connected",
            "disconnected",
            "merged",
            "transferred",
            "assigned",
            "unassigned",
        ];
        let events = events.filter(|event| !told.iter().any(|kind| event["__typename"] == *kind));
        node["timelineItems"] = json!({"nodes": events.collect::<Vec<_>>()});
        if !pull.issue {
            node["reviews"] = json!({"totalCount": pull.reviews.len()});
            let closes = pull.closes.iter();
            let closes: Vec<Value> = closes
                .map(|number| json!({"number": number, "repository": {"nameWithOwner": hub.name}}))
                .collect();
            node["closingIssuesReferences"] = json!({"pageInfo": end, "nodes": closes});
            node["mergeCommit"] = pull
                .merged
                .as_ref()
                .map_or(Value::Null, |(_, _, commit)| json!({"oid": commit}));
        }
        node
    });
    let nodes: Vec<Value> = nodes.collect();
    (200, json!({"data": {"nodes": nodes}}), None)
}

pub(super) fn newest(hub: &Hub) -> impl Iterator<Item = &Pull> {
    let mut all: Vec<&Pull> = hub.repo.pulls.values().collect();
    all.sort_by_key(|one| (Reverse(one.updated), one.number));
    all.into_iter()
}

pub(super) fn unordered(hub: &Hub, items: Option<&Vec<Value>>) -> Vec<Value> {
    let mut items = items.cloned().unwrap_or_default();
    if hub.shuffled {
        items.reverse();
    }
    items
}

pub(super) fn page(hub: &Hub, items: Vec<Value>, request: &Request) -> Answered {
    let number = |name| parameter(request, name).and_then(|text| text.parse::<usize>().ok());
    let size = number("per_page").unwrap_or(30).min(hub.page).max(1);
    let page = number("page").unwrap_or(1).max(1);
    let (start, end) = ((page - 1) * size, page * size);
    let next = (end < items.len()).then_some(page + 1);
    let items = items.into_iter().skip(start).take(size).collect();
    (200, Value::Array(items), next)
}

pub(super) fn parameter(request: &Request, name: &str) -> Option<String> {
    let mut pairs = request
        .query
        .split('&')
        .filter_map(|pair| pair.split_once('='));
    Some(pairs.find(|(have, _)| *have == name)?.1.to_owned())
}

pub(super) fn decoded(text: &str) -> String {
    text.replace("%2F", "/")
        .replace("%2f", "/")
        .replace("%20", " ")
}
