//! What can be read with the rights at hand, and which is missing.

use plimsoll_kit::http::{Answer, Error};
use plimsoll_kit::{Access, Right};

use crate::client::{Gitlab, encoded};
use crate::normalise::word;
use crate::settings::Settings;
use crate::wire::{MergeRequest, Project, User};

/// Says what the token is worth, and for each project what can be read.
pub(crate) async fn check(gitlab: &Gitlab, settings: &Settings, place: &str) -> Vec<Access> {
    // Asked first: some servers answer public lists whatever the token.
    let token = match gitlab.one::<User>("/user").await {
        Ok(user) => {
            let name = user.username.as_deref().map(word).unwrap_or_default();
            access("token", Right::Granted, format!("from {place}, of {name}"))
        }
        Err(why) => {
            let right = match why.status() {
                Some(401 | 403) => Right::Denied,
                _ => Right::Unreachable,
            };
            return vec![access(
                "token",
                right,
                format!("the token from {place}: {why}"),
            )];
        }
    };
    let mut all = vec![token];
    for name in &settings.projects {
        project(gitlab, settings, name, &mut all).await;
    }
    all
}

async fn project(gitlab: &Gitlab, settings: &Settings, name: &str, all: &mut Vec<Access>) {
    let path = format!("/projects/{}", encoded(name));
    match gitlab.one::<Project>(&path).await {
        Ok(_) => all.push(access(
            &format!("project {name}"),
            Right::Granted,
            "GET /projects/{id}".to_owned(),
        )),
        Err(why) => {
            // What a token may not see is not there.
            let right = if why.is_refusal() {
                Right::Denied
            } else {
                Right::Unreachable
            };
            let detail =
                format!("{why}; it takes the scope read_api and the role Reporter in the project");
            all.push(access(&format!("project {name}"), right, detail));
            return;
        }
    }
    let mut tries = vec![(
        "merge requests",
        format!("{path}/merge_requests?state=all&scope=all&per_page=1"),
        "the role Reporter",
    )];
    let listed = gitlab
        .page::<MergeRequest>(&format!(
            "{path}/merge_requests?state=all&scope=all&per_page=1"
        ))
        .await;
    if let Some(one) = listed.items.first() {
        let of = format!("{path}/merge_requests/{}", one.iid);
        for (what, part) in [
            ("approvals", "approvals"),
            ("notes", "notes?per_page=1"),
            ("states", "resource_state_events?per_page=1"),
            ("labels", "resource_label_events?per_page=1"),
            ("pushes", "versions?per_page=1"),
            ("commits", "commits?per_page=1"),
        ] {
            tries.push((what, format!("{of}/{part}"), "the role Reporter"));
        }
        if !settings.rules.is_empty() {
            tries.push((
                "approval rules of a merge request",
                format!("{of}/approval_state"),
                "the licence Premium",
            ));
        }
    }
    if settings.checks {
        tries.push((
            "pipelines",
            format!("{path}/pipelines?per_page=1"),
            "the role Reporter, or `checks = false`",
        ));
    }
    if settings.issues {
        tries.push((
            "issues",
            format!("{path}/issues?scope=all&per_page=1"),
            "the role Reporter",
        ));
    }
    tries.push((
        "protected branches",
        format!("{path}/protected_branches?per_page=1"),
        "the role Maintainer, else facts stay unknown",
    ));
    for (what, target, wanted) in tries {
        all.push(tried(
            &format!("{name}: {what}"),
            wanted,
            gitlab.answers(&target).await,
        ));
    }
}

fn tried(what: &str, wanted: &str, answer: Result<Answer, Error>) -> Access {
    match answer {
        Ok(_) => access(what, Right::Granted, "can be read".to_owned()),
        Err(error) => {
            let right = match error.status() {
                Some(401 | 403 | 404) => Right::Denied,
                _ => Right::Unreachable,
            };
            access(what, right, format!("{error}; it takes {wanted}"))
        }
    }
}

fn access(what: &str, right: Right, detail: String) -> Access {
    Access {
        what: what.to_owned(),
        right,
        detail,
    }
}
