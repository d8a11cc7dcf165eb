//! One run: which calls are made in which order, and what becomes of a failed one.

mod history;
mod project;
pub(crate) mod search;

use plimsoll_kit::{Context, Harvester};
use plimsoll_model::Text;

use crate::account::Account;
use crate::client::{self, YouTrack};
use crate::list::Pages;
use crate::normalise::Site;
use crate::settings::{Settings, is_short_name};
use crate::wire::Project;

/// The scope that says which projects there are, where none is named. No short name has spaces.
pub(crate) const FINDING: &str = "projects of the token";

/// Reads everything.
pub(crate) async fn collect(
    client: &YouTrack,
    account: &Account,
    settings: &Settings,
    context: &Context,
    harvest: &mut Harvester,
) {
    let mut named = settings.projects.clone();
    named.sort();
    named.dedup();
    named.iter().for_each(|name| harvest.open(name));
    if named.is_empty() {
        harvest.open(FINDING);
    }
    let (projects, troubles) = projects(client).await;
    for what in troubles {
        match named.is_empty() {
            true => harvest.trouble(FINDING, what),
            false => named
                .iter()
                .for_each(|name| harvest.trouble(name, what.clone())),
        }
    }
    let listed = |name: &String| projects.iter().any(|one| *one.short_name == **name);
    let read: Vec<String> = match named.is_empty() {
        // What is archived can be altered no more, and stays as it was last known.
        true => {
            let open = projects.iter().filter(|one| one.archived != Some(true));
            open.map(|one| one.short_name.to_string()).collect()
        }
        false => {
            for name in named.iter().filter(|name| !listed(name)) {
                let what = format!(
                    "there is no project {name}, or the token may not see it: give its owner the right to read the project"
                );
                harvest.trouble(name, what);
            }
            named.iter().filter(|name| listed(name)).cloned().collect()
        }
    };
    if named.is_empty() {
        read.iter().for_each(|name| harvest.open(name));
        if projects.is_empty() {
            let what = format!(
                "the token from {} sees no project: give its owner the right to read one",
                account.place
            );
            harvest.trouble(FINDING, what);
        }
        harvest.complete(FINDING);
    }
    let site = Site {
        settings,
        web: &account.web,
    };
    let total = read.len();
    for (done, name) in read.iter().enumerate() {
        context.progress.step(done, total);
        if project::read(client, &site, name, context, harvest).await {
            harvest.complete(name);
        }
    }
}

/// Says why nothing can be read at all.
pub(crate) fn unread(settings: &Settings, harvest: &mut Harvester, why: &str) {
    if settings.projects.is_empty() {
        harvest.trouble(FINDING, why);
    }
    for project in &settings.projects {
        harvest.trouble(project, why);
    }
}

/// The projects that the token sees, in order of their names, and what is wrong with their list.
pub(crate) async fn projects(client: &YouTrack) -> (Vec<Project>, Vec<Text>) {
    let (mut all, mut troubles) = (Vec::new(), Vec::new());
    let mut pages = Pages::new(client::projects(), None);
    loop {
        match pages.next::<Project>(client).await {
            Ok(Some(page)) => {
                for row in page.rows {
                    match row.item {
                        Ok(project) if is_short_name(&project.short_name) => all.push(project),
                        Ok(_) => {
                            troubles.push("a project without a sound short name is left out".into())
                        }
                        Err(error) => {
                            troubles.push(format!("a project is left out: {error}").into())
                        }
                    }
                }
            }
            Ok(None) => break,
            Err(error) => {
                troubles.push(format!("the list of projects: {error}").into());
                break;
            }
        }
    }
    all.sort_by(|one, other| one.short_name.cmp(&other.short_name));
    all.dedup_by(|one, other| one.short_name == other.short_name);
    (all, troubles)
}
