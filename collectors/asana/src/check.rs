//! What can be read with the rights at hand, and which right is missing.

use plimsoll_kit::http::{Answer, Error};
use plimsoll_kit::{Access, Right};

use crate::client::{self, Asana, Listed};
use crate::collect::{self, is_sound};
use crate::settings::{Settings, Sign};
use crate::wire::{self, Task};

/// Says for each call what became of it, trying one task of each project.
pub(crate) async fn check(client: &Asana, place: &str, settings: &Settings) -> Vec<Access> {
    let me = client.me().await;
    let mut all = vec![match &me {
        Ok(_) => access("token", Right::Granted, format!("from {place}")),
        Err(error) => {
            let detail = format!("the token from {place}: {error}");
            access("token", error.right(), detail)
        }
    }];
    if me.is_err() {
        return all;
    }
    for project in &settings.projects {
        one_project(client, settings, project, &mut all).await;
    }
    all
}

/// Something that could not be reached.
pub(crate) fn unreachable(what: &str, detail: String) -> Access {
    access(what, Right::Unreachable, detail)
}

async fn one_project(client: &Asana, settings: &Settings, project: &str, all: &mut Vec<Access>) {
    let what = |what: &str| format!("{project}: {what}");
    match collect::sections(client, project).await {
        Ok(sections) => {
            let names = sections.values();
            let names: Vec<String> = names.map(|name| name.trim().to_lowercase()).collect();
            let mut rules = settings.meaning.approvals.iter();
            let has = rules.any(|rule| match &rule.sign {
                Sign::Section(words) => words.iter().any(|word| names.contains(word)),
                _ => false,
            });
            let detail = match has {
                true => "one of them approves",
                false => {
                    "none of them approves: approvals are those of approval tasks and fields alone"
                }
            };
            all.push(access(&what("sections"), Right::Granted, detail.to_owned()));
        }
        Err(why) => {
            let answer = get(client, &client::sections(project)).await;
            let right = match &answer {
                Err(error) => right(error),
                Ok(_) => Right::Unreachable,
            };
            all.push(access(&what("sections"), right, why));
        }
    }
    let answer = get(client, &client::altered(project, "1970-01-01T00:00:00Z")).await;
    all.push(tried(&what("tasks"), "GET /tasks", &answer));
    let task = answer.ok().and_then(|answer| {
        let (rows, _) = wire::rows::<Task>(answer.body()).ok()?;
        rows.into_iter().next()?.gid.filter(|gid| is_sound(gid))
    });
    if let Some(task) = task {
        let answer = get(client, &client::stories(&task)).await;
        all.push(tried(&what("history"), "GET /tasks/{gid}/stories", &answer));
        let answer = get(client, &client::subtasks(&task)).await;
        all.push(tried(
            &what("subtasks"),
            "GET /tasks/{gid}/subtasks",
            &answer,
        ));
    }
}

async fn get(client: &Asana, list: &Listed) -> Result<Answer, Error> {
    let (path, fields) = (&list.path, &list.fields);
    client
        .get(&format!("{path}opt_fields={fields}&limit=1"))
        .await
}

/// Asana says of what may not be seen that it is not there.
fn right(error: &Error) -> Right {
    match error.status() {
        Some(404) => Right::Denied,
        _ => error.right(),
    }
}

fn tried(what: &str, path: &str, answer: &Result<Answer, Error>) -> Access {
    match answer {
        Ok(_) => access(what, Right::Granted, path.to_owned()),
        Err(error) => access(what, right(error), format!("{path}: {error}")),
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
