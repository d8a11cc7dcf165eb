//! One run: which calls are made in which order, and what becomes of a failed one.

use std::time::Duration;

use futures::StreamExt;
use jiff::{SignedDuration, Timestamp};
use plimsoll_kit::{Context, Harvester};
use plimsoll_model::Text;

use crate::account::Account;
use crate::client::{self, Events, YouTrack};
use crate::list::{Failed, Pages};
use crate::normalise::{self, History, Site};
use crate::settings::{Settings, is_short_name};
use crate::wire::{self, Event, Issue, Project, Row};

/// The scope that says which projects there are, where none is named. No short name has spaces.
pub(crate) const FINDING: &str = "projects of the token";
/// How far an issue's own time, and the index that is searched, may be behind our clock.
const OVERLAP: Duration = Duration::from_secs(60 * 60);
/// A date in a query is one in the time zone of the token's owner, and there is no way to write another. No zone is further away.
const ZONES: SignedDuration = SignedDuration::from_hours(24);
/// The most events of one issue.
const MOST_EVENTS: usize = 20_000;

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
    for (done, project) in read.iter().enumerate() {
        context.progress.step(done, total);
        if one_project(client, &site, project, context, harvest).await {
            harvest.complete(project);
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

/// The query for the issues of a project that were altered in a time.
pub(crate) fn query(
    settings: &Settings,
    project: &str,
    from: Timestamp,
    until: Timestamp,
) -> String {
    let words = &settings.search;
    let day = |time: Timestamp| time.strftime("%Y-%m-%dT00:00:00").to_string();
    format!(
        "{}: {project} {}: {} .. {} {}",
        words.project,
        words.updated,
        day(from),
        day(until),
        words.sort
    )
}

/// From when and until when a query has to ask, so that no time zone leaves anything out.
pub(crate) fn around(from: Timestamp, now: Timestamp) -> (Timestamp, Timestamp) {
    let earlier = from.checked_sub(ZONES).unwrap_or(Timestamp::UNIX_EPOCH);
    let until = now.checked_add(ZONES * 3).unwrap_or(Timestamp::MAX);
    (earlier.max(Timestamp::UNIX_EPOCH), until)
}

/// Reads the issues of one project that were altered since the last time; whether all could be read.
async fn one_project(
    client: &YouTrack,
    site: &Site<'_>,
    project: &str,
    context: &Context,
    harvest: &mut Harvester,
) -> bool {
    let from = context.cursors.from(project, OVERLAP);
    let (earlier, until) = around(from, context.now());
    let query = query(site.settings, project, earlier, until);
    let mut pages = Pages::new(
        client::issues(&query, true),
        Some(client::issues(&query, false)),
    );
    let mut found = 0;
    loop {
        let page = match pages.next::<Issue>(client).await {
            Ok(Some(page)) => page,
            Ok(None) => break,
            Err(error) => {
                harvest.trouble(project, format!("the list of issues: {error}"));
                return false;
            }
        };
        found += page.rows.len();
        let mut issues = Vec::new();
        for Row { key, item } in page.rows {
            match item {
                Ok(issue) if is_new(&issue, project, from) => issues.push(issue),
                Ok(_) => {}
                Err(error) => harvest.trouble(
                    project,
                    format!("the issue {} is left out: {error}", sound(&key)),
                ),
            }
        }
        hand_over(client, site, project, issues, !page.thin, harvest).await;
    }
    if found == 0
        && let Err(why) = understood(client, site.settings, until).await
    {
        harvest.trouble(project, why);
        return false;
    }
    true
}

/// Whether an issue is one of the project, and was altered since. One that does not say so may have been.
fn is_new(issue: &Issue, project: &str, from: Timestamp) -> bool {
    let own = issue.project.as_ref();
    let own = own.is_none_or(|own| own.short_name == project);
    let updated = issue
        .updated
        .and_then(|at| Timestamp::from_millisecond(at).ok());
    own && updated.is_none_or(|at| at >= from)
}

/// An id of the database as it may be shown.
fn sound(key: &str) -> &str {
    let fits = |byte: u8| byte.is_ascii_digit() || byte == b'-';
    let right = !key.is_empty() && key.len() <= 40 && key.bytes().all(fits);
    if right { key } else { "without an id" }
}

/// Reads the histories of some issues, several at once, and hands the requests over in the order of the list.
async fn hand_over(
    client: &YouTrack,
    site: &Site<'_>,
    project: &str,
    issues: Vec<Issue>,
    described: bool,
    harvest: &mut Harvester,
) {
    let histories = issues.into_iter().map(|issue| async move {
        let history = history(client, &issue.id).await;
        (issue, history)
    });
    let mut histories = futures::stream::iter(histories).buffered(site.settings.concurrency);
    while let Some((issue, (history, failed))) = histories.next().await {
        let Some(made) = normalise::request(site, &issue, &history, described) else {
            let what = format!(
                "the issue {} is left out: nobody can tell when it was opened",
                sound(&issue.id)
            );
            harvest.trouble(project, what);
            continue;
        };
        if let Some(why) = failed {
            harvest.trouble(
                project,
                format!("the history of {}: {why}", made.request.id),
            );
        }
        for what in made.remarks {
            harvest.remark(project, what);
        }
        harvest.request(project, made.request);
    }
}

/// The events of one issue, and why they are not all.
async fn history(client: &YouTrack, issue: &str) -> (History, Option<String>) {
    let (mut history, failed) = events(client, issue, Events::All).await;
    let too_long = matches!(
        failed,
        Some(Failed::Http(plimsoll_kit::http::Error::TooLong { .. }))
    );
    if !too_long {
        return finished(history, failed);
    }
    // Every version of a long description is among them: those come once more, without.
    let (saying, failed) = events(client, issue, Events::Saying).await;
    if failed.is_some() {
        return finished(saying, failed);
    }
    history = saying;
    let (happening, failed) = events(client, issue, Events::Happening).await;
    history.events.extend(happening.events);
    finished(history, failed)
}

fn finished(mut history: History, failed: Option<Failed>) -> (History, Option<String>) {
    history.whole &= failed.is_none();
    (history, failed.map(|why| why.to_string()))
}

async fn events(client: &YouTrack, issue: &str, which: Events) -> (History, Option<Failed>) {
    loop {
        let asked = client.asks_pull_requests();
        let (history, failed) = all_events(client, issue, which).await;
        let unknown = matches!(&failed, Some(Failed::Http(error)) if error.status() == Some(400));
        if unknown && asked && history.events.is_empty() && which != Events::Happening {
            // Older servers refuse what they do not know.
            client.without_pull_requests();
            continue;
        }
        return (history, failed);
    }
}

async fn all_events(client: &YouTrack, issue: &str, which: Events) -> (History, Option<Failed>) {
    let mut history = History {
        events: Vec::new(),
        whole: true,
    };
    let mut pages = Pages::new(client.events(issue, which), None);
    loop {
        match pages.next::<Event>(client).await {
            Ok(Some(page)) => {
                for row in page.rows {
                    match row.item {
                        Ok(event) => history.events.push(event),
                        Err(_) => history.whole = false,
                    }
                }
            }
            Ok(None) => return (history, None),
            Err(error) => return (history, Some(error)),
        }
        if history.events.len() > MOST_EVENTS {
            history.whole = false;
            return (history, None);
        }
    }
}

/// Makes sure that no issue at all means that there is none, and not that the search is in another language than its words.
async fn understood(
    client: &YouTrack,
    settings: &Settings,
    until: Timestamp,
) -> Result<(), String> {
    #[derive(serde::Deserialize)]
    struct Any {
        project: Project,
    }
    let rows = |answer: Result<_, plimsoll_kit::http::Error>| -> Result<Vec<Row<Any>>, Failed> {
        let answer: plimsoll_kit::http::Answer = answer?;
        Ok(wire::rows(answer.body())?)
    };
    let failed = |why: Failed| format!("whether the search is understood: {why}");
    let any = rows(client.any_issue().await).map_err(failed)?;
    let Some(Row { item: Ok(any), .. }) = any.first() else {
        return Ok(());
    };
    let project = any.project.short_name.as_str();
    if !is_short_name(project) {
        return Ok(());
    }
    let (from, _) = around(Timestamp::UNIX_EPOCH, until);
    let query = query(settings, project, from, until);
    let found = rows(client.any_of(&query).await).map_err(failed)?;
    if found.is_empty() {
        return Err(format!(
            "a search finds nothing in {project}, where there is something: the instance's language has other words for it; set them in `[search]`"
        ));
    }
    Ok(())
}
