//! What can be read with the rights at hand, and which right is missing.

use jiff::Timestamp;
use plimsoll_kit::http::{Answer, Error};
use plimsoll_kit::{Access, Context, Right};

use crate::account::Account;
use crate::client::{Events, YouTrack};
use crate::collect::{self, search};
use crate::settings::{Rule, Settings};
use crate::wire::{self, ProjectField, Row, User};

/// Says for each call what became of it, trying one issue of each project.
pub(crate) async fn check(
    client: &YouTrack,
    account: &Account,
    settings: &Settings,
    context: &Context,
) -> Vec<Access> {
    let token = token(client, account).await;
    let reached = token.right != Right::Unreachable;
    let mut all = vec![token];
    if !reached {
        return all;
    }
    let (projects, troubles) = collect::projects(client).await;
    match troubles.first() {
        Some(why) => all.push(access("projects", Right::Unreachable, why.to_string())),
        None => {
            let seen = format!("GET /admin/projects: {} are seen", projects.len());
            all.push(access("projects", Right::Granted, seen));
        }
    }
    let listed = projects.iter().map(|one| one.short_name.to_string());
    let named = match settings.projects.is_empty() {
        true => listed.collect::<Vec<_>>(),
        false => settings.projects.clone(),
    };
    for project in named {
        let seen = projects.iter().any(|one| *one.short_name == *project);
        if !seen {
            let detail = "it is not there, or the token's owner may not read it".to_owned();
            all.push(access(&project, Right::Denied, detail));
            continue;
        }
        one_project(client, settings, &project, context, &mut all).await;
    }
    all
}

/// Something that could not be reached.
pub(crate) fn unreachable(what: &str, detail: String) -> Access {
    access(what, Right::Unreachable, detail)
}

async fn token(client: &YouTrack, account: &Account) -> Access {
    let place = &account.place;
    match client.me().await {
        Ok(answer) => match wire::one::<User>(answer.body()) {
            Ok(user) if user.guest == Some(true) => {
                let detail = format!("the token from {place} is nobody's: the guest answers");
                access("token", Right::Denied, detail)
            }
            Ok(_) => access("token", Right::Granted, format!("from {place}")),
            Err(why) => access("token", Right::Unreachable, format!("GET /users/me: {why}")),
        },
        Err(error) => access(
            "token",
            error.right(),
            format!("the token from {place}: {error}"),
        ),
    }
}

async fn one_project(
    client: &YouTrack,
    settings: &Settings,
    project: &str,
    context: &Context,
    all: &mut Vec<Access>,
) {
    let what = |what: &str| format!("{project}: {what}");
    let (from, until) = search::around(Timestamp::UNIX_EPOCH, context.now());
    let query = search::query(settings, project, from, until);
    let answer = client.any_of(&query).await;
    all.push(tried(&what("issues"), "GET /issues", &answer));
    let issue = answer.ok().and_then(|answer| {
        let rows = wire::rows::<serde_json::Value>(answer.body()).ok()?;
        rows.into_iter().next().map(|row| row.key)
    });
    if let Some(issue) = issue {
        let target = format!("{}&$top=1", client.events(&issue, Events::All));
        let answer = client.get(&target).await;
        all.push(tried(
            &what("history"),
            "GET /issues/{id}/activities",
            &answer,
        ));
    }
    let words = &settings.search;
    let query = format!("{}: {project}", words.project);
    let now = context.now().as_millisecond();
    let target = format!("{}&$top=1", client.quiet(&query, now));
    let answer = client.get(&target).await;
    all.push(tried(&what("tags and links"), "GET /activities", &answer));
    let answer = client.fields(project).await;
    let path = "GET /admin/projects/{id}/customFields";
    let fields = match &answer {
        Ok(answer) => wire::rows::<ProjectField>(answer.body()).ok(),
        Err(_) => None,
    };
    match fields {
        // Nothing is read from it, so that it may be refused.
        None => all.push(tried(&what("fields"), path, &answer)),
        Some(fields) => all.push(access(
            &what("approvals"),
            Right::Granted,
            approvals(settings, &fields),
        )),
    }
}

/// Which of the fields and values by which approvals are recognised the project has.
fn approvals(settings: &Settings, fields: &[Row<ProjectField>]) -> String {
    let fields: Vec<&ProjectField> = fields
        .iter()
        .filter_map(|row| row.item.as_ref().ok())
        .collect();
    let has = |rule: &Rule| {
        let mut all = fields.iter();
        let field = all.find(|one| one.field.name.trim().to_lowercase() == rule.field);
        field.is_some_and(|field| {
            rule.values.is_empty()
                || field.bundle.as_ref().is_some_and(|bundle| {
                    let mut values = bundle.values.items.iter();
                    values.any(|value| rule.values.contains(&value.name.trim().to_lowercase()))
                })
        })
    };
    let rules = settings.meaning.approvals.iter();
    let known: Vec<&str> = rules
        .filter(|rule| has(rule))
        .map(|rule| rule.field.as_str())
        .collect();
    if known.is_empty() {
        "the project has none of the fields and values of `[[approvals]]`: nothing in it can be approved".to_owned()
    } else {
        format!("recognised by the fields {}", known.join(", "))
    }
}

fn tried(what: &str, path: &str, answer: &Result<Answer, Error>) -> Access {
    match answer {
        Ok(_) => access(what, Right::Granted, path.to_owned()),
        Err(error) => access(what, error.right(), format!("{path}: {error}")),
    }
}

fn access(what: &str, right: Right, detail: String) -> Access {
    let what = what.to_owned();
    Access {
        what,
        right,
        detail,
    }
}
