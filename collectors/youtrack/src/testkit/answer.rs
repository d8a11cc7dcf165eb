//! What the fake answers.

use jiff::civil::DateTime;
use plimsoll_kit::testkit::{MARKER, Reply, Request};
use serde_json::{Value, json};

use super::issue::Issue;
use super::state::State;
use super::{Shared, state};

/// The answer to a request, with the faults that it meets.
pub(super) fn reply(shared: &mut Shared, request: &Request) -> Reply {
    let (status, body) = answer(&shared.state, request);
    let body = body.to_string();
    let reply = Reply::json(body.as_str()).with_status(status);
    let target = request.target();
    let mut faults = shared.faults.iter_mut();
    let fault = faults.find(|(part, _, times)| *times > 0 && target.contains(part.as_str()));
    match fault {
        Some((_, fault, times)) => {
            *times -= 1;
            fault.spoil(reply, &body)
        }
        None => reply,
    }
}

fn answer(state: &State, request: &Request) -> (u16, Value) {
    let refused = |status, error: &str| {
        let why = format!("{MARKER}-why");
        (status, json!({"error": error, "error_description": why}))
    };
    let token = request.header("authorization") == Some(&format!("Bearer perm:{MARKER}-token"));
    if !(token && state.token) {
        return refused(401, "Unauthorized");
    }
    let Some(path) = request.path.strip_prefix("/youtrack/api/") else {
        return refused(404, "Not Found");
    };
    match path.split('/').collect::<Vec<_>>().as_slice() {
        ["users", "me"] => (200, state::user("plimsoll")),
        ["admin", "projects"] => {
            let all = state.projects.iter().enumerate();
            let all = all.map(|(at, (name, archived))| json!({"$type": "Project", "id": format!("0-{at}"), "shortName": name, "archived": archived}));
            (200, page(state, order(state, all.collect()), request))
        }
        ["admin", "projects", _, "customFields"] => (
            200,
            json!([{"$type": "StateProjectCustomField", "id": "92-1", "field": {"name": "State"}, "bundle": {"values": [{"name": "Submitted"}, {"name": "Approved"}]}}]),
        ),
        ["issues"] => match found(state, parameter(request, "query")) {
            Some(found) => {
                let described = parameter(request, "fields")
                    .unwrap_or_default()
                    .contains("description");
                let rows = found.iter().map(|issue| shown(state, issue, described));
                let rows = rows.collect();
                (200, page(state, rows, request))
            }
            None => refused(400, "invalid_query"),
        },
        ["activities"] => quiet(state, request),
        ["issues", id] => match state.issues.iter().find(|issue| issue.id == *id) {
            Some(issue) => {
                let fields = parameter(request, "fields").unwrap_or_default();
                (200, shown(state, issue, fields.contains("description")))
            }
            None => refused(404, "Not Found"),
        },
        ["issues", id, "activities"] => {
            let categories = parameter(request, "categories").unwrap_or_default();
            if categories.contains("PullRequest") && !state.pull_requests {
                return refused(400, "Bad Request");
            }
            let mut issues = state.issues.iter();
            match issues.find(|issue| issue.id == *id || issue.readable == *id) {
                Some(issue) => (
                    200,
                    page(state, events(issue, request, &categories), request),
                ),
                None => refused(404, "Not Found"),
            }
        }
        _ => refused(404, "Not Found"),
    }
}

/// The events of all issues of a project since a time, in the order of their times.
fn quiet(state: &State, request: &Request) -> (u16, Value) {
    let categories = parameter(request, "categories").unwrap_or_default();
    let start = parameter(request, "start").and_then(|start| start.parse::<i64>().ok());
    let query = parameter(request, "issueQuery").unwrap_or_default();
    let project = query.strip_prefix("project: ");
    let known = !categories.contains("PullRequest") || state.pull_requests;
    let (Some(start), Some(project), true) = (start, project, known) else {
        return (400, json!({"error": "Bad Request"}));
    };
    let mut found = Vec::new();
    for issue in state.issues.iter().filter(|issue| issue.project == project) {
        for mut event in events(issue, request, &categories) {
            let target = json!({"$type": "Issue", "id": issue.id, "project": {"$type": "Project", "shortName": issue.project}});
            if let Some(event) = event.as_object_mut() {
                event.insert("target".to_owned(), target);
            }
            found.push(event);
        }
    }
    let time = |event: &Value| event["timestamp"].as_i64().unwrap_or(i64::MAX);
    found.retain(|event| time(event) >= start);
    found.sort_by_key(time);
    (200, page(state, found, request))
}

fn events(issue: &Issue, request: &Request, categories: &str) -> Vec<Value> {
    let valued = parameter(request, "fields")
        .unwrap_or_default()
        .contains("added");
    let asked = |event: &&Value| {
        let category = event["category"]["id"].as_str().unwrap_or_default();
        categories.split(',').any(|one| one == category) || event["category"].is_null()
    };
    let events = issue.events.iter().filter(asked).cloned();
    let bare = events.map(|mut event| {
        if let Some(event) = event.as_object_mut().filter(|_| !valued) {
            event.remove("added");
            event.remove("removed");
        }
        event
    });
    bare.collect()
}

/// The issues of a query, in the order in which they were opened; none where it is no query.
fn found(state: &State, query: Option<String>) -> Option<Vec<&Issue>> {
    let Some(query) = query else {
        return Some(state.issues.iter().collect());
    };
    let (project, rest) = query.strip_prefix("project: ")?.split_once(' ')?;
    let Some(rest) = rest.strip_prefix(&format!("{}: ", state.word)) else {
        // Words that mean nothing are looked for in the texts.
        return Some(Vec::new());
    };
    let (range, sort) = rest.split_once(" sort by: ")?;
    let (from, until) = range.split_once(" .. ")?;
    let time = |text: &str| {
        let local: DateTime = text.parse().ok()?;
        let zone = jiff::tz::Offset::from_hours(i8::try_from(state.zone).ok()?).ok()?;
        Some(zone.to_timestamp(local).ok()?.as_millisecond())
    };
    let (from, until) = (time(from)?, time(until)?);
    let right = |issue: &&Issue| {
        issue.project == project && issue.updated >= from && issue.updated <= until
    };
    (sort == "created asc").then(|| state.issues.iter().filter(right).collect())
}

fn order(state: &State, mut all: Vec<Value>) -> Vec<Value> {
    if state.shuffled {
        all.reverse();
    }
    all
}

fn shown(state: &State, issue: &Issue, described: bool) -> Value {
    let tags = issue.tags.iter();
    let tags = tags.map(|tag| json!({"$type": "Tag", "id": "6-2", "name": tag}));
    let linked = issue.linked.iter();
    let linked = linked.map(|id| json!({"$type": "Issue", "idReadable": id}));
    let mut shown = json!({
        "$type": "Issue", "id": issue.id, "idReadable": issue.readable, "summary": issue.summary, "created": issue.created, "updated": issue.updated,
        "reporter": issue.reporter, "project": {"$type": "Project", "id": "0-3", "shortName": issue.project}, "customFields": order(state, issue.fields.clone()),
        "tags": order(state, tags.collect()), "links": [{"$type": "IssueLink", "issues": order(state, linked.collect())}],
    });
    if described {
        shown["description"] = issue.description.clone();
    }
    shown
}

/// A page of a list: 42 rows where nobody asks for a number.
fn page(state: &State, rows: Vec<Value>, request: &Request) -> Value {
    let number = |name| parameter(request, name).and_then(|text| text.parse::<usize>().ok());
    let rows = rows.into_iter().skip(number("$skip").unwrap_or(0));
    rows.take(number("$top").unwrap_or(42).min(state.page))
        .collect()
}

fn parameter(request: &Request, name: &str) -> Option<String> {
    let mut pairs = request
        .query
        .split('&')
        .filter_map(|pair| pair.split_once('='));
    let value = pairs.find(|(have, _)| *have == name)?.1;
    let bytes = value.as_bytes();
    let (mut decoded, mut at) = (Vec::new(), 0);
    while let Some(byte) = bytes.get(at) {
        let code = value.get(at + 1..at + 3);
        let code = code.and_then(|code| u8::from_str_radix(code, 16).ok());
        match code.filter(|_| *byte == b'%') {
            Some(code) => {
                decoded.push(code);
                at += 3;
            }
            None => {
                decoded.push(*byte);
                at += 1;
            }
        }
    }
    Some(String::from_utf8_lossy(&decoded).into_owned())
}
