//! The issues of one project to which something happened.

use std::collections::BTreeSet;
use std::time::Duration;

use futures::StreamExt;
use jiff::Timestamp;
use plimsoll_kit::http::Error;
use plimsoll_kit::{Context, Harvester};
use plimsoll_model::Text;

use super::history::history;
use super::search::{around, query, quiet, understood};
use crate::client::{self, YouTrack};
use crate::list::{Failed, Pages};
use crate::normalise::{self, Site};
use crate::wire::{self, Issue, Row};

/// How far an issue's own time, and the index that is searched, may be behind our clock.
const OVERLAP: Duration = Duration::from_secs(60 * 60);

/// Reads the issues of one project that were altered since the last time; whether all could be read.
pub(super) async fn read(
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
    let (mut found, mut seen) = (0, BTreeSet::new());
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
                Ok(issue) if is_new(&issue, project, from) => {
                    seen.insert(issue.id.clone());
                    issues.push(issue);
                }
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
    let words = &site.settings.search;
    let query = format!("{}: {project}", words.project);
    match quiet(client, &query, project, from).await {
        Ok(altered) => {
            let left = altered.into_iter().filter(|id| !seen.contains(id));
            again(client, site, project, left.collect(), harvest).await
        }
        Err(error) => {
            let what = format!("which issues were tagged and linked: {error}");
            harvest.trouble(project, what);
            false
        }
    }
}

/// Reads some issues one by one; whether all could be read.
async fn again(
    client: &YouTrack,
    site: &Site<'_>,
    project: &str,
    ids: Vec<Text>,
    harvest: &mut Harvester,
) -> bool {
    let asked = ids.into_iter().map(|id| async move {
        let mut described = true;
        let mut answer = client.issue(&id, described).await;
        if matches!(answer, Err(Error::TooLong { .. })) {
            described = false;
            answer = client.issue(&id, described).await;
        }
        let issue = match answer {
            Ok(answer) => wire::one::<Issue>(answer.body()).map_err(Failed::from),
            Err(error) => Err(error.into()),
        };
        (id, issue, described)
    });
    let mut asked = futures::stream::iter(asked).buffered(site.settings.concurrency);
    let (mut issues, mut long, mut whole) = (Vec::new(), Vec::new(), true);
    while let Some((id, issue, described)) = asked.next().await {
        match issue {
            // Any time of update will do.
            Ok(issue) if !is_new(&issue, project, Timestamp::MIN) => {}
            Ok(issue) if described => issues.push(issue),
            Ok(issue) => long.push(issue),
            Err(why) => {
                harvest.trouble(project, format!("the issue {}: {why}", sound(&id)));
                whole = false;
            }
        }
    }
    drop(asked);
    hand_over(client, site, project, issues, true, harvest).await;
    hand_over(client, site, project, long, false, harvest).await;
    whole
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
            let what = format!("the history of {}: {why}", made.request.id);
            harvest.trouble(project, what);
            if !why.refused() {
                // What was known of it is more than what could be read now.
                continue;
            }
        }
        for what in made.remarks {
            harvest.remark(project, what);
        }
        harvest.request(project, made.request);
    }
}
