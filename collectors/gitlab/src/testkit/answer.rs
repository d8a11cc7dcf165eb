//! What the fake answers.

use plimsoll_kit::testkit::{MARKER, Reply, Request};
use serde_json::{Value, json};

use super::Shared;
use super::state::{Gitlab, MergeRequest, PROJECT, time};

/// The answer to a request, with the faults that it meets.
pub(super) fn reply(shared: &mut Shared, request: &Request, url: &str) -> Reply {
    let (status, mut body) = answer(&mut shared.gitlab, request);
    let mut headers = Vec::new();
    if let (200, Value::Array(items)) = (status, &body) {
        let (page, told) = paged(&shared.gitlab, items, request, url);
        headers = told;
        body = Value::Array(page);
    }
    let target = request.target();
    let mut faults = shared.faults.iter_mut();
    let mut fault = faults.find(|(part, _, times)| *times > 0 && target.contains(part.as_str()));
    if let Some((_, fault, _)) = &fault {
        fault.alter(&mut body);
    }
    let body = body.to_string();
    let mut reply = Reply::json(body.as_str()).with_status(status);
    for (name, value) in headers {
        reply = reply.header(name, &value);
    }
    match &mut fault {
        Some((_, fault, times)) => {
            *times -= 1;
            fault.spoil(reply, &body)
        }
        None => reply,
    }
}

fn query(request: &Request, key: &str) -> Option<String> {
    let mut pairs = request
        .query
        .split('&')
        .filter_map(|pair| pair.split_once('='));
    pairs
        .find(|(name, _)| *name == key)
        .map(|(_, value)| value.to_owned())
}

fn paged(
    gitlab: &Gitlab,
    items: &[Value],
    request: &Request,
    url: &str,
) -> (Vec<Value>, Vec<(&'static str, String)>) {
    let number = |key: &str, default: usize| {
        query(request, key)
            .and_then(|text| text.parse().ok())
            .unwrap_or(default)
    };
    let (page, size) = (
        number("page", 1).max(1),
        number("per_page", 20).clamp(1, 100).min(gitlab.page),
    );
    let from = (page - 1) * size;
    let some = items.iter().skip(from).take(size).cloned().collect();
    let mut headers = vec![
        ("x-page", page.to_string()),
        ("x-per-page", size.to_string()),
        ("x-total", items.len().to_string()),
    ];
    let next = if from + size < items.len() {
        (page + 1).to_string()
    } else {
        String::new()
    };
    if !next.is_empty() {
        let mut pairs: Vec<String> = request
            .query
            .split('&')
            .filter(|pair| !pair.starts_with("page="))
            .map(str::to_owned)
            .collect();
        pairs.push(format!("page={next}"));
        headers.push((
            "link",
            format!("<{url}{}?{}>; rel=\"next\"", request.path, pairs.join("&")),
        ));
    }
    headers.push(("x-next-page", next));
    (some, headers)
}

fn missing(what: &str) -> (u16, Value) {
    (404, json!({"message": format!("404 {what} Not Found")}))
}

fn answer(gitlab: &mut Gitlab, request: &Request) -> (u16, Value) {
    if request.method != "GET" {
        return (405, json!({"message": "the fake only reads"}));
    }
    if !gitlab.token || request.header("authorization").is_none() {
        return (
            401,
            json!({"message": "401 Unauthorized", "error": format!("{MARKER}-401")}),
        );
    }
    let path = request.path.replace("%2F", "\0");
    let parts: Vec<String> = path
        .split('/')
        .skip(1)
        .map(|part| part.replace('\0', "/"))
        .collect();
    let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
    match parts.as_slice() {
        ["api", "v4", "user"] => (200, gitlab.user(14)),
        ["api", "v4", "version"] => (200, json!({"version": "18.7.0", "revision": "abc"})),
        ["api", "v4", "projects", id, rest @ ..] if *id == gitlab.project => {
            project(gitlab, rest, request)
        }
        _ => missing("Project"),
    }
}

fn project(gitlab: &Gitlab, rest: &[&str], request: &Request) -> (u16, Value) {
    match rest {
        [] => (
            200,
            json!({
                "id": PROJECT, "path_with_namespace": gitlab.project, "default_branch": "main", "visibility": "private", "archived": false,
                "merge_method": "merge", "squash_option": "default_off", "only_allow_merge_if_pipeline_succeeds": true,
                "only_allow_merge_if_all_discussions_are_resolved": false, "runners_token": format!("{MARKER}-runners"),
                "import_url": format!("https://joe:{MARKER}-import@example.com"),
            }),
        ),
        ["protected_branches"] => (200, list(gitlab, gitlab.protected.clone())),
        ["approvals"] if gitlab.premium => (
            200,
            json!({
                "reset_approvals_on_push": gitlab.reset_on_push, "selective_code_owner_removals": false,
                "disable_overriding_approvers_per_merge_request": true, "merge_requests_author_approval": false,
                "merge_requests_disable_committers_approval": true, "require_password_to_approve": false,
            }),
        ),
        ["approval_rules"] if gitlab.premium => (200, list(gitlab, gitlab.rules.clone())),
        ["approvals" | "approval_rules"] => missing(""),
        ["repository", "commits", sha] => match gitlab.landed.get(*sha) {
            Some(commit) => (200, commit.clone()),
            None => missing("Commit"),
        },
        ["pipelines"] => {
            let sha = query(request, "sha");
            let all = gitlab.pipelines.iter().rev();
            let all = all.filter(|one| sha.as_ref().is_none_or(|sha| one["sha"] == sha.as_str()));
            (200, Value::Array(all.cloned().collect()))
        }
        ["pipelines", id] => match gitlab
            .pipelines
            .iter()
            .find(|one| one["id"].as_i64() == id.parse().ok())
        {
            Some(one) => {
                let mut one = one.clone();
                one["finished_at"] = one["updated_at"].clone();
                (200, one)
            }
            None => missing(""),
        },
        ["merge_requests"] => {
            let all = gitlab
                .merge_requests
                .values()
                .map(|one| merge_request(gitlab, one));
            (200, altered(all.collect(), request))
        }
        ["issues"] => {
            let all = gitlab.issues.values().map(|one| {
                let mut json = one.json.clone();
                json["author"] = gitlab.user(one.author);
                json
            });
            (200, altered(all.collect(), request))
        }
        ["merge_requests", iid, rest @ ..] => match iid
            .parse()
            .ok()
            .and_then(|iid: i64| gitlab.merge_requests.get(&iid))
        {
            Some(one) => of_merge_request(gitlab, one, rest),
            None => missing(""),
        },
        ["issues", iid, part] => match iid
            .parse()
            .ok()
            .and_then(|iid: i64| gitlab.issues.get(&iid))
        {
            Some(one) => match *part {
                "notes" => (200, signed(gitlab, &one.notes, "author")),
                "resource_state_events" => (200, signed(gitlab, &one.states, "user")),
                "resource_label_events" => (200, signed(gitlab, &one.labels, "user")),
                _ => missing(""),
            },
            None => missing(""),
        },
        _ => missing(""),
    }
}

fn merge_request(gitlab: &Gitlab, one: &MergeRequest) -> Value {
    let mut json = one.json.clone();
    json["author"] = gitlab.user(one.author);
    json["merge_user"] = one.merger.map_or(Value::Null, |by| gitlab.user(by));
    json["assignees"] = json!([]);
    json["reviewers"] = json!([]);
    json
}

fn of_merge_request(gitlab: &Gitlab, one: &MergeRequest, rest: &[&str]) -> (u16, Value) {
    let body = match rest {
        [] => merge_request(gitlab, one),
        ["notes"] => signed(gitlab, &one.notes, "author"),
        ["resource_state_events"] => signed(gitlab, &one.states, "user"),
        ["resource_label_events"] => signed(gitlab, &one.labels, "user"),
        ["versions"] => list(gitlab, one.versions.clone()),
        ["commits"] => Value::Array(one.commits.clone()),
        ["closes_issues"] => Value::Array(one.closes.clone()),
        ["approvals"] => {
            let by = one
                .approved
                .iter()
                .map(|(by, since)| match gitlab.approved_at {
                    true => json!({"user": gitlab.user(*by), "approved_at": time(*since)}),
                    false => json!({"user": gitlab.user(*by)}),
                });
            let by: Vec<Value> = by.collect();
            json!({"approved": !by.is_empty(), "approved_by": by, "user_has_approved": false, "user_can_approve": false})
        }
        ["approval_state"] if gitlab.premium => {
            let by: Vec<Value> = one
                .approved
                .iter()
                .map(|(by, _)| gitlab.user(*by))
                .collect();
            let rules = gitlab.rules.iter().map(|rule| {
                json!({"id": rule["id"], "name": rule["name"], "rule_type": "regular", "approvals_required": rule["approvals_required"], "approved_by": by, "approved": true})
            });
            json!({"approval_rules_overwritten": false, "rules": rules.collect::<Vec<_>>()})
        }
        ["reviewers"] => {
            let all = one.refused.iter().map(|by| json!({"user": gitlab.user(*by), "state": "requested_changes", "created_at": time(0)}));
            Value::Array(all.collect())
        }
        ["pipelines"] => {
            let of = |pipeline: &&Value| {
                one.commits
                    .iter()
                    .any(|commit| commit["id"] == pipeline["sha"])
            };
            Value::Array(gitlab.pipelines.iter().rev().filter(of).cloned().collect())
        }
        _ => return missing(""),
    };
    (200, body)
}

/// Events with their users in place of the numbers.
fn signed(gitlab: &Gitlab, events: &[Value], key: &str) -> Value {
    let events = events.iter().map(|event| {
        let mut event = event.clone();
        if let Some(id) = event[key].as_i64() {
            event[key] = gitlab.user(id);
        }
        event
    });
    list(gitlab, events.collect())
}

fn list(gitlab: &Gitlab, mut items: Vec<Value>) -> Value {
    if gitlab.shuffled {
        items.reverse();
    }
    Value::Array(items)
}

/// What was altered since a time, the oldest first.
fn altered(mut items: Vec<Value>, request: &Request) -> Value {
    let at = |item: &Value| {
        item["updated_at"]
            .as_str()
            .and_then(|text| text.parse::<jiff::Timestamp>().ok())
    };
    let after: Option<jiff::Timestamp> =
        query(request, "updated_after").and_then(|text| text.parse().ok());
    items.retain(|item| after.is_none_or(|after| at(item).is_none_or(|at| at >= after)));
    items.sort_by_key(at);
    Value::Array(items)
}
