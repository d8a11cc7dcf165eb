//! What is asked of the search, in the words of the instance's language, and of the feed of events.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use plimsoll_kit::http::{Answer, Error};
use plimsoll_model::Text;

use crate::client::YouTrack;
use crate::list::{Failed, Pages};
use crate::settings::{Settings, is_short_name};
use crate::wire::{self, Project, Quiet, Row};

/// A date in a query is one in the time zone of the token's owner, and there is no way to write another. No zone is further away.
const ZONES: SignedDuration = SignedDuration::from_hours(24);

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

/// The issues of a project to which something happened since that may leave their time of update as it was.
pub(super) async fn quiet(
    client: &YouTrack,
    query: &str,
    project: &str,
    from: Timestamp,
) -> Result<BTreeSet<Text>, Failed> {
    let (mut altered, mut nameless, mut named) = (BTreeSet::new(), 0, 0);
    let since = from.as_millisecond().max(0);
    let mut pages = Pages::new(client.quiet(query, since), None);
    loop {
        let page = match pages.next::<Quiet>(client).await {
            Ok(Some(page)) => page,
            // One or another may be of what is no more; not all of them.
            Ok(None) if nameless > 0 && named == 0 => return Err(Failed::Unnamed),
            Ok(None) => return Ok(altered),
            // Older servers refuse what they do not know.
            Err(Failed::Http(error))
                if error.status() == Some(400) && client.without_pull_requests() =>
            {
                pages = Pages::new(client.quiet(query, since), None);
                continue;
            }
            Err(error) => return Err(error),
        };
        for row in page.rows {
            let Some(target) = row.item?.target else {
                nameless += 1;
                continue;
            };
            named += 1;
            let place = target.project.as_ref();
            if place.is_none_or(|place| place.short_name == project) {
                altered.insert(target.id);
            }
        }
    }
}

/// Makes sure that no issue at all means that there is none, and not that the search is in another language than its words.
pub(super) async fn understood(
    client: &YouTrack,
    settings: &Settings,
    until: Timestamp,
) -> Result<(), String> {
    #[derive(serde::Deserialize)]
    struct Any {
        project: Project,
    }
    let rows = |answer: Result<_, Error>| -> Result<Vec<Row<Any>>, Failed> {
        let answer: Answer = answer?;
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
