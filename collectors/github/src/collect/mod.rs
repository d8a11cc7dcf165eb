//! One run: which calls are made in which order, and what becomes of a failed one.

mod branches;
mod issues;
mod pulls;
mod suites;
mod told;

use futures::{StreamExt as _, stream};
use jiff::Timestamp;
use plimsoll_kit::http::{Error, QueryError};
use plimsoll_kit::{Context, Harvester};
use plimsoll_model::Text;

use crate::client::{Failed, Github};
use crate::normalise::branch::Place;
use crate::normalise::{Extra, Made};
use crate::settings::Settings;
use crate::wire::{Edits, Repository};
use told::Told;

/// How many pull requests or issues are read before they are handed over: as many as one query asks about.
const CHUNK: usize = 20;

/// The second makes ids of a repository's number, and reads every run of a test.
const EDITION: u32 = 2;

/// What all calls of one repository share.
struct Site<'a> {
    github: &'a Github,
    settings: &'a Settings,
    context: &'a Context,
    /// The repository as the settings name it; the scope too.
    name: &'a str,
    /// From when on something must have happened to be read.
    from: Timestamp,
}

/// Reads every repository.
pub(crate) async fn collect(
    github: &Github,
    settings: &Settings,
    context: &Context,
    harvest: &mut Harvester,
) {
    harvest.edition(EDITION);
    for name in &settings.repositories {
        // A test that ends does not touch its pull request: the overlap says how much later one may end and still be seen.
        let from = context.cursors.from(name, settings.overlap);
        let site = Site {
            github,
            settings,
            context,
            name,
            from,
        };
        let mut told = Told::new(name, harvest);
        let whole = read(&site, &mut told).await;
        told.finish();
        if whole {
            harvest.complete(name);
        }
    }
}

/// Reads a repository; whether it came to its end.
async fn read(site: &Site<'_>, told: &mut Told<'_>) -> bool {
    let target = format!("/repos/{}", site.name);
    let repository: Repository = match site.github.one(&target).await {
        Ok(repository) => repository,
        Err(why) => {
            told.trouble(why.to_string());
            return false;
        }
    };
    if !repository.full_name.is_empty()
        && !repository.full_name.eq_ignore_ascii_case(site.name)
        && crate::settings::is_repository(&repository.full_name)
    {
        let text = format!(
            "it is called {} now: name it so, before somebody else takes the old name",
            repository.full_name
        );
        told.remark(text);
    }
    let Some(place) = Place::of(&repository) else {
        told.trouble(format!(
            "GET {target}: it does not say its number, by which it is known"
        ));
        return false;
    };
    let known = branches::read(site, &place, &repository, told).await;
    if !pulls::read(site, &known, told).await {
        return false;
    }
    !site.settings.issues || issues::read(site, told).await
}

/// What a query said of some pull requests or issues.
enum Asked {
    /// It is not to be asked, or refuses to answer.
    Not,
    /// It did not answer this time.
    Lost,
    /// A node for each that it knows.
    Got(Vec<Edits>),
}

impl Asked {
    fn of(&self, id: &str) -> Extra<'_> {
        match self {
            Self::Not | Self::Lost => Extra::Unread,
            Self::Got(all) => {
                let own = all.iter().find(|one| one.id == id && !id.is_empty());
                own.map_or(Extra::Unread, Extra::Read)
            }
        }
    }
}

/// Asks for the edits of texts. A failure is said, and leaves the edits unknown.
async fn edits(site: &Site<'_>, ids: &[Text], told: &mut Told<'_>) -> Asked {
    let ids: Vec<&str> = ids
        .iter()
        .map(Text::as_str)
        .filter(|id| !id.is_empty())
        .collect();
    if ids.is_empty() {
        return Asked::Not;
    }
    match site.github.edits(&ids).await {
        None => Asked::Not,
        Some(Err(why)) => {
            told.counted(
                "the edits of descriptions and what they close",
                &why.to_string(),
            );
            match why {
                Error::Query { .. }
                | Error::Status {
                    status: 403 | 404, ..
                } => Asked::Not,
                _ => Asked::Lost,
            }
        }
        Some(Ok(queried)) => {
            if !queried.errors.is_empty() {
                let why = QueryError::list(&queried.errors);
                told.counted("the edits of descriptions and what they close", &why);
            }
            Asked::Got(queried.data.nodes.into_iter().flatten().collect())
        }
    }
}

/// Hands a request over, with what is to be said of it; false when there are too many.
fn hand_over(made: Result<Made, String>, id: &str, told: &mut Told<'_>, limit: usize) -> bool {
    match made {
        Err(why) => told.trouble(format!("{id}: {why}")),
        Ok(made) => {
            for what in made.troubles {
                told.trouble(format!("{id}: {what}"));
            }
            for what in made.remarks {
                told.remark(format!("{id}: {what}"));
            }
            return told.request(made.request, limit);
        }
    }
    true
}

/// Says what of a list is missing; whether it is whole.
fn list_told<T>(
    list: &crate::client::List<T>,
    id: &str,
    what: &'static str,
    told: &mut Told<'_>,
) -> bool {
    if let Some(failed) = &list.failed {
        told.counted(what, &format!("{id}: {failed}"));
    }
    if !list.broken.is_empty() {
        let many = list.broken.len();
        told.trouble(format!(
            "{id}: {many} of {what} make no sense, and count as unread"
        ));
    }
    list.is_whole()
}

/// Runs some work for each of several things, so many at once, in order.
async fn each<I, O, F>(items: Vec<I>, at_once: usize, work: impl Fn(I) -> F) -> Vec<O>
where
    F: Future<Output = O>,
{
    stream::iter(items)
        .map(work)
        .buffered(at_once.max(1))
        .collect()
        .await
}

/// Whether one of several failures leaves no use in going on.
fn is_over<'f>(mut failures: impl Iterator<Item = &'f Failed>) -> bool {
    failures.any(Failed::is_final)
}
