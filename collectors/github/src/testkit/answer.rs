//! What the fake answers.

use plimsoll_kit::testkit::{Reply, Request};
use serde_json::{Value, json};

use super::pages::{decoded, graphql, newest, page, parameter, timeline, unordered};
use super::state::{Hub, Pull, Rights};
use super::{Shared, code, rules, shapes, time};

/// The answer to a request, with the faults that it meets.
pub(super) fn reply(shared: &mut Shared, request: &Request) -> Reply {
    let (status, mut body, next) = answer(&shared.hub, request);
    let target = request.target();
    let mut faults = shared.faults.iter_mut();
    let mut fault = faults.find(|(part, _, times)| *times > 0 && target.contains(part.as_str()));
    if let Some((_, fault, _)) = &fault {
        fault.alter(&mut body);
    }
    let body = body.to_string();
    let mut reply = Reply::json(body.as_str())
        .with_status(status)
        .header("X-RateLimit-Limit", "5000")
        .header("X-RateLimit-Remaining", "4987");
    if let Some(page) = next {
        // By the repository's number, and at the vendor's own address, as the real one does it.
        let mut query: Vec<&str> = request.query.split('&').collect();
        query.retain(|part| !part.starts_with("page=") && !part.is_empty());
        let link = format!(
            "<https://api.github.com/repositories/7/x?{}&page={page}>; rel=\"next\", <https://api.github.com/x?page=9>; rel=\"last\"",
            query.join("&")
        );
        reply = reply.header("Link", &link);
    } else if request
        .query
        .split('&')
        .any(|part| part.starts_with("page="))
    {
        reply = reply.header("Link", "<https://api.github.com/x?page=1>; rel=\"first\"");
    }
    match &mut fault {
        Some((_, fault, times)) => {
            *times -= 1;
            fault.spoil(reply, &body)
        }
        None => reply,
    }
}

pub(super) type Answered = (u16, Value, Option<usize>);

pub(super) fn error(status: u16, message: &str) -> Answered {
    let body = json!({"message": message, "documentation_url": "https://docs.github.com/rest", "status": status.to_string()});
    (status, body, None)
}

fn answer(hub: &Hub, request: &Request) -> Answered {
    if hub.rights == Rights::Wrong || request.header("authorization").is_none() {
        return error(401, "Bad credentials");
    }
    if request.header("x-github-api-version") != Some("2022-11-28") {
        return error(400, "another version has no merge commit");
    }
    if request.path == "/graphql" {
        return graphql(hub, request);
    }
    if request.method != "GET" {
        return error(405, "the fake only reads");
    }
    if request.path == "/rate_limit" {
        let rate = json!({"limit": 5000, "remaining": 4987, "reset": 1_800_000_000, "used": 13});
        let body = json!({"resources": {"core": rate, "search": rate}, "rate": rate});
        return (200, body, None);
    }
    let prefix = format!("/repos/{}", hub.name);
    let Some(rest) = request.path.strip_prefix(&prefix) else {
        return error(404, "Not Found");
    };
    let parts: Vec<String> = rest.split('/').skip(1).map(decoded).collect();
    let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
    of_repository(hub, &parts, request)
}

fn of_repository(hub: &Hub, parts: &[&str], request: &Request) -> Answered {
    let administrator = hub.rights == Rights::Administrator;
    match parts {
        [] => (200, shapes::repository(hub), None),
        ["pulls"] => {
            let all = newest(hub).filter(|one| !one.issue);
            page(
                hub,
                all.map(|one| shapes::pull(hub, one, true)).collect(),
                request,
            )
        }
        ["issues"] => {
            let since = parameter(request, "since").map(|since| since.replace("%3A", ":"));
            let all = newest(hub).filter(|one| {
                since
                    .as_ref()
                    .is_none_or(|since| time(one.updated) >= *since)
            });
            page(
                hub,
                all.map(|one| shapes::issue(hub, one)).collect(),
                request,
            )
        }
        ["commits"] => (200, json!([]), None),
        ["commits", commit] => match hub.repo.landed.get(*commit) {
            Some(commit) => (200, commit.clone(), None),
            None => error(404, "Not Found"),
        },
        ["commits", commit, "check-runs"] => {
            let runs = unordered(hub, hub.repo.runs.get(*commit));
            let (status, items, next) = page(hub, runs.clone(), request);
            (
                status,
                json!({"total_count": runs.len(), "check_runs": items}),
                next,
            )
        }
        ["commits", commit, "status"] => {
            let statuses = unordered(hub, hub.repo.statuses.get(*commit));
            let (status, items, next) = page(hub, statuses.clone(), request);
            let url = "https://api.github.com/x";
            let body = json!({"state": "success", "statuses": items, "sha": commit, "total_count": statuses.len(), "repository": shapes::repository(hub),
                "commit_url": url, "url": url});
            (status, body, next)
        }
        ["activity"] => {
            let of = parameter(request, "ref").map(|of| decoded(&of));
            let mut all: Vec<Value> = hub.repo.activities.iter().rev().cloned().collect();
            all.retain(|one| of.as_deref().is_none_or(|of| one["ref"] == of));
            page(hub, all, request)
        }
        ["rulesets", "rule-suites", ..] if !administrator => error(404, "Not Found"),
        ["rulesets", "rule-suites"] => {
            let of = parameter(request, "ref").map(|of| decoded(&of));
            let mut all: Vec<Value> = hub.repo.suites.iter().rev().cloned().collect();
            all.retain(|one| of.as_deref().is_none_or(|of| one["ref"] == of));
            for one in &mut all {
                // The list does not say what each rule said.
                if let Some(one) = one.as_object_mut() {
                    one.remove("rule_evaluations");
                }
            }
            page(hub, all, request)
        }
        ["rulesets", "rule-suites", id] => {
            let mut all = hub.repo.suites.iter();
            match all.find(|one| one["id"].as_u64() == id.parse().ok()) {
                Some(suite) => (200, suite.clone(), None),
                None => error(404, "Not Found"),
            }
        }
        ["rulesets", "9"] => {
            let bypass = hub
                .repo
                .branches
                .values()
                .flat_map(|branch| branch.bypass.clone());
            (200, rules::ruleset(hub, &bypass.collect::<Vec<_>>()), None)
        }
        ["rules", "branches", name] => {
            let rules = hub.repo.branches.get(*name).map(|branch| &branch.rules);
            page(hub, unordered(hub, rules), request)
        }
        ["branches", name, rest @ ..] => branch(hub, name, rest, administrator),
        ["pulls", number, rest @ ..] | ["issues", number, rest @ ..] => {
            let found = number
                .parse()
                .ok()
                .and_then(|number: u64| hub.repo.pulls.get(&number));
            match found {
                Some(pull) => of_pull(hub, pull, rest, request),
                None => error(404, "Not Found"),
            }
        }
        _ => error(404, "Not Found"),
    }
}

fn branch(hub: &Hub, name: &str, rest: &[&str], administrator: bool) -> Answered {
    let Some(found) = hub.repo.branches.get(name) else {
        return error(404, "Branch not found");
    };
    match rest {
        [] => {
            let url = format!("https://api.github.com/repos/{}/branches/x", hub.name);
            let commit = code::commit(&hub.name, &"aa".repeat(20), "ida", 1_700_000_000, "Tip");
            let protected = found.classic.is_some() || !found.rules.is_empty();
            let body = json!({"name": name, "commit": commit, "_links": {"html": url, "self": url}, "protected": protected,
                "protection": {"enabled": found.classic.is_some()}, "protection_url": url});
            (200, body, None)
        }
        ["protection"] if !administrator => error(404, "Not Found"),
        ["protection"] => match &found.classic {
            Some(classic) => (200, classic.clone(), None),
            None => error(404, "Branch not protected"),
        },
        _ => error(404, "Not Found"),
    }
}

fn of_pull(hub: &Hub, pull: &Pull, rest: &[&str], request: &Request) -> Answered {
    match rest {
        [] => (200, shapes::pull(hub, pull, false), None),
        ["reviews"] => {
            let reviews = pull.reviews.iter();
            let all = reviews.map(|one| shapes::review(hub, pull.number, one));
            page(hub, all.collect(), request)
        }
        ["commits"] => page(
            hub,
            pull.commits.iter().take(250).cloned().collect(),
            request,
        ),
        ["timeline"] => page(hub, timeline(hub, pull), request),
        _ => error(404, "Not Found"),
    }
}
