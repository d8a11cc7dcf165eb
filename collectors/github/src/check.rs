//! What can be read with the rights at hand, and which is missing.

use plimsoll_kit::http::{Answer, Error};
use plimsoll_kit::{Access, Right};

use crate::client::{Failed, Github, encoded};
use crate::settings::Settings;
use crate::wire::Repository;

/// Says what the token is worth, and for each repository what can be read.
pub(crate) async fn check(github: &Github, settings: &Settings, place: &str) -> Vec<Access> {
    let mut all = Vec::new();
    // Costs nothing, and answers for every kind of token.
    match github.answers("/rate_limit").await {
        Ok(answer) => all.push(access("token", Right::Granted, token(&answer, place))),
        // Some servers count nothing, and do not answer.
        Err(error) if error.status() == Some(404) => {
            let detail = format!("from {place}; this server has no rate limit");
            all.push(access("token", Right::Granted, detail));
        }
        Err(error) => {
            let detail = format!("the token from {place}: {error}");
            all.push(access("token", error.right(), detail));
            return all;
        }
    }
    for name in &settings.repositories {
        repository(github, settings, name, &mut all).await;
    }
    all
}

/// How much may be asked for, as the answer's own headers tell.
fn token(answer: &Answer, place: &str) -> String {
    let number = |name| {
        answer
            .header(name)
            .and_then(|text| text.parse::<u64>().ok())
    };
    match (number("x-ratelimit-remaining"), number("x-ratelimit-limit")) {
        (Some(left), Some(limit)) => format!("from {place}, {left} of {limit} requests are left"),
        _ => format!("from {place}"),
    }
}

async fn repository(github: &Github, settings: &Settings, name: &str, all: &mut Vec<Access>) {
    let target = format!("/repos/{name}");
    let read: Result<Repository, Failed> = github.one(&target).await;
    let read = match read {
        Ok(read) => read,
        Err(why) => {
            let right = match &why {
                Failed::Http(error) if why.is_refusal() && error.status() == Some(404) => {
                    Right::Denied
                }
                Failed::Http(error) => error.right(),
                _ => Right::Unreachable,
            };
            all.push(access(
                &format!("repository {name}"),
                right,
                why.to_string(),
            ));
            return;
        }
    };
    all.push(access(
        &format!("repository {name}"),
        Right::Granted,
        format!("GET {target}"),
    ));
    let mut tries = vec![
        (
            "pull requests",
            format!("{target}/pulls?state=all&per_page=1"),
            "Pull requests: read",
        ),
        (
            "commits",
            format!("{target}/commits?per_page=1"),
            "Contents: read",
        ),
    ];
    if settings.pushes {
        let target = format!("{target}/activity?per_page=1");
        tries.push(("pushes to branches", target, "Contents: read"));
    }
    if settings.issues {
        tries.push((
            "issues",
            format!("{target}/issues?state=all&per_page=1"),
            "Issues: read",
        ));
    }
    let mut branches = settings.branches.clone();
    if branches.is_empty() {
        branches.extend(read.default_branch);
    }
    if let Some(branch) = branches.first() {
        let part = encoded(branch);
        if settings.checks {
            let of = format!("{target}/commits/{part}");
            tries.push((
                "checks",
                format!("{of}/check-runs?per_page=1"),
                "Checks: read",
            ));
            tries.push((
                "statuses",
                format!("{of}/status?per_page=1"),
                "Commit statuses: read",
            ));
        }
        let rules = format!("{target}/rules/branches/{part}?per_page=1");
        tries.push(("rules of a branch", rules, "Metadata: read"));
        let protection = format!("{target}/branches/{part}/protection");
        tries.push(("protection of a branch", protection, "Administration: read"));
        let suites = format!(
            "{target}/rulesets/rule-suites?ref={}&time_period=hour&per_page=1",
            encoded(&format!("refs/heads/{branch}"))
        );
        tries.push(("what rules said of pushes", suites, "Administration: read"));
    }
    for (what, target, right) in tries {
        let what = format!("{name}: {what}");
        all.push(tried(&what, &target, right, github.answers(&target).await));
    }
    match github.edits(&[]).await {
        None => {}
        Some(Ok(_)) => {
            let detail = "POST /graphql, a query".to_owned();
            all.push(access(
                &format!("{name}: edits of descriptions"),
                Right::Granted,
                detail,
            ));
        }
        Some(Err(error)) => {
            let detail = format!("{error}; set `graphql = false` where there is none");
            all.push(access(
                &format!("{name}: edits of descriptions"),
                error.right(),
                detail,
            ));
        }
    }
}

fn tried(what: &str, target: &str, right: &str, answer: Result<Answer, Error>) -> Access {
    let path = target.split('?').next().unwrap_or_default();
    match answer {
        Ok(_) => access(what, Right::Granted, format!("GET {path}")),
        Err(error) if error.status() == Some(404) => {
            let detail = format!("{error}; there is none, or the token lacks {right}");
            access(what, Right::Unreachable, detail)
        }
        Err(error) => access(what, error.right(), format!("{error}; it takes {right}")),
    }
}

fn access(what: &str, right: Right, detail: String) -> Access {
    Access {
        what: what.to_owned(),
        right,
        detail,
    }
}
