//! What the fake answers.

use jiff::Timestamp;
use plimsoll_kit::testkit::{MARKER, Reply, Request};
use serde_json::{Value, json};

use super::Shared;
use super::state::{State, Task, user};

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

fn refused(status: u16, why: &str) -> (u16, Value) {
    let message = format!("{why} {MARKER}");
    (
        status,
        json!({"errors": [{"message": message, "help": "See the documentation"}]}),
    )
}

fn answer(state: &State, request: &Request) -> (u16, Value) {
    let token = request.header("authorization") == Some(&format!("Bearer 1/{MARKER}-token"));
    if !(token && state.token) {
        return refused(401, "Not Authorized");
    }
    let Some(path) = request.path.strip_prefix("/api/1.0/") else {
        return refused(404, "No matching route");
    };
    match path.split('/').collect::<Vec<_>>().as_slice() {
        ["users", "me"] => (200, json!({"data": user("plimsoll")})),
        ["projects", gid, "sections"] => match state.projects.get(*gid) {
            Some(names) => {
                let all = (0..names.len()).map(|at| state.section(gid, at));
                page(state, all.collect(), request)
            }
            None => refused(404, "project: Unknown object"),
        },
        ["tasks"] => tasks(state, request),
        ["tasks", gid, rest @ ..] => {
            let mut all = state.tasks.iter();
            let Some(task) = all.find(|task| task.gid == *gid) else {
                return refused(404, "task: Unknown object");
            };
            match rest {
                [] => (200, json!({"data": shown(state, task)})),
                ["stories"] => page(state, task.stories.clone(), request),
                ["subtasks"] => {
                    let all = state.tasks.iter();
                    let below = all.filter(|one| one.parent.as_deref() == Some(*gid));
                    let below = below.map(|task| shown(state, task)).collect();
                    page(state, order(state, below), request)
                }
                _ => refused(404, "No matching route"),
            }
        }
        _ => refused(404, "No matching route"),
    }
}

fn tasks(state: &State, request: &Request) -> (u16, Value) {
    let Some(project) = parameter(request, "project") else {
        return refused(400, "You should specify one of workspace, project");
    };
    if !state.projects.contains_key(&project) {
        return refused(404, "project: Unknown object");
    }
    let time = |name| parameter(request, name).map(|text| text.parse::<Timestamp>());
    let (modified, completed) = (time("modified_since"), time("completed_since"));
    if matches!(modified, Some(Err(_))) || matches!(completed, Some(Err(_))) {
        return refused(400, "modified_since: Not a valid time");
    }
    let own = |task: &&Task| {
        let memberships = task.json["memberships"].as_array();
        let mut memberships = memberships.into_iter().flatten();
        memberships.any(|one| one["project"]["gid"] == project.as_str())
    };
    let altered = |task: &&Task| match &modified {
        Some(Ok(since)) => task.modified >= *since,
        _ => true,
    };
    let open = |task: &&Task| match (&completed, task.completed) {
        (Some(Ok(since)), Some(at)) => at >= *since,
        _ => true,
    };
    let found = state.tasks.iter().filter(own).filter(altered).filter(open);
    let found = found.map(|task| shown(state, task)).collect();
    page(state, order(state, found), request)
}

fn shown(state: &State, task: &Task) -> Value {
    let mut shown = task.json.clone();
    shown["modified_at"] = task.modified.to_string().into();
    let below = state.tasks.iter();
    let below = below.filter(|one| one.parent.as_deref() == Some(task.gid.as_str()));
    shown["num_subtasks"] = below.count().into();
    for list in ["custom_fields", "tags", "memberships"] {
        if let Some(items) = shown[list].as_array_mut().filter(|_| state.shuffled) {
            items.reverse();
        }
    }
    shown
}

fn order(state: &State, mut all: Vec<Value>) -> Vec<Value> {
    if state.shuffled {
        all.reverse();
    }
    all
}

/// A page of a list, behind an offset that says where it starts.
fn page(state: &State, rows: Vec<Value>, request: &Request) -> (u16, Value) {
    let limit = parameter(request, "limit").map(|text| text.parse::<usize>());
    let Some(Ok(limit @ 1..=100)) = limit else {
        return refused(400, "limit: Must be between 1 and 100");
    };
    let start = match parameter(request, "offset") {
        Some(offset) => match offset.strip_prefix("at/").map(str::parse::<usize>) {
            Some(Ok(start)) => start,
            _ => return refused(400, "offset: Your pagination token is invalid"),
        },
        None => 0,
    };
    let end = (start + limit.min(state.page)).min(rows.len());
    let next = (end < rows.len()).then(|| {
        let offset = format!("at/{end}");
        let path = format!("{}?offset={offset}", request.path);
        json!({"offset": offset, "path": path, "uri": format!("https://app.asana.com{path}")})
    });
    let rows = rows.get(start..end).unwrap_or_default();
    // Null on the last page, as the documentation has it; the specification has no null here.
    (200, json!({"data": rows, "next_page": next}))
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
