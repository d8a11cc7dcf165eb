//! What can be read with the rights at hand, and which right is missing.

use plimsoll_kit::http::{Answer, Error};
use plimsoll_kit::{Access, Right};

use crate::client::{From, Jira, List};
use crate::normalise::{comments, said};
use crate::settings::{Product, Settings};
use crate::wire;

/// Says of each thing that is read whether it can be, by one issue of each project.
pub(crate) async fn check(jira: &Jira, settings: &Settings) -> Vec<Access> {
    let mut all = Vec::new();
    match jira
        .myself()
        .await
        .and_then(|answer| answer.json::<wire::Myself>())
    {
        Ok(me) => {
            let ids = [me.account_id, me.key, me.name];
            let account = ids.into_iter().flatten().next().unwrap_or_default();
            let detail = format!(
                "from {}, of the account {}",
                jira.place,
                said(&account, 100)
            );
            all.push(access("token", Right::Granted, detail));
        }
        Err(error) => {
            let detail = format!("the token from {}: {error}", jira.place);
            all.push(access("token", error.right(), detail));
            // Strangers are answered too, with nothing in it: the rest would look better than it is.
            return all;
        }
    }
    all.push(tried("fields", &jira.fields().await));
    all.push(tried("statuses", &jira.statuses().await));
    for project in &settings.projects {
        of_project(jira, settings, project, &mut all).await;
    }
    all
}

async fn of_project(jira: &Jira, settings: &Settings, project: &str, all: &mut Vec<Access>) {
    let what = |what: &str| format!("{project}: {what}");
    let since = jiff::Timestamp::UNIX_EPOCH;
    let search = jira
        .search(project, since, "summary", &From::Start, 1)
        .await;
    let page = search.and_then(|answer| answer.json::<wire::SearchPage>());
    let page = match page {
        Ok(page) => page,
        Err(error) => {
            return all.push(access(&what("issues"), error.right(), error.to_string()));
        }
    };
    let (issues, _) = wire::sound::<wire::Issue>(&page.issues);
    let Some(issue) = issues.first() else {
        let detail = "none is to be seen: the project is empty, or the token lacks the permission \"Browse projects\"";
        return all.push(access(&what("issues"), Right::Denied, detail.to_owned()));
    };
    let detail = format!("as {}", said(&issue.key, 100));
    all.push(access(&what("issues"), Right::Granted, detail));
    let id = &issue.id;
    if jira.product == Product::Cloud {
        all.push(tried(
            &what("histories"),
            &jira.list(List::History, id, 0).await,
        ));
    } else {
        let (right, detail) = match &issue.changelog {
            Some(_) => (Right::Granted, "come with the issues"),
            None => (Right::Denied, "do not come with the issues"),
        };
        all.push(access(&what("histories"), right, detail.to_owned()));
    }
    if settings.remote_links {
        all.push(tried(
            &what("links to elsewhere"),
            &jira.remote_links(id).await,
        ));
    }
    if comments::are_asked_for(settings) {
        all.push(tried(
            &what("comments"),
            &jira.list(List::Comments, id, 0).await,
        ));
    }
    if settings.service_desk && is_desk(jira, project).await {
        all.push(tried(
            &what("service desk approvals"),
            &jira.list(List::Approvals, id, 0).await,
        ));
    }
    for host in &settings.development {
        let told = jira.development(id, host).await;
        all.push(tried(&what(&format!("what {host} told")), &told));
    }
}

async fn is_desk(jira: &Jira, project: &str) -> bool {
    const DESK: &str = "service_desk";
    let Ok(answer) = jira.project(project).await else {
        return false;
    };
    match jira.product {
        Product::Cloud => {
            let page = answer.json::<wire::Page>();
            let projects = page.map(|page| wire::sound::<wire::Project>(&page.values).0);
            projects.is_ok_and(|all| all.iter().any(|one| one.project_type_key == DESK))
        }
        Product::DataCenter => {
            let project = answer.json::<wire::Project>();
            project.is_ok_and(|one| one.project_type_key == DESK)
        }
    }
}

fn tried(what: &str, answer: &Result<Answer, Error>) -> Access {
    match answer {
        Ok(_) => access(what, Right::Granted, "can be read".to_owned()),
        Err(error) => access(what, error.right(), error.to_string()),
    }
}

fn access(what: &str, right: Right, detail: String) -> Access {
    Access {
        what: what.to_owned(),
        right,
        detail,
    }
}
