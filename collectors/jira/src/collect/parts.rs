//! What is asked for each issue besides itself: its history, its approvals, its comments, its links.

use plimsoll_kit::http::Error;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::client::{Jira, List};
use crate::normalise::{Parts, comments, urls};
use crate::settings::{Product, Settings};
use crate::wire::{self, Issue};
use crate::world::World;

/// The most pages of one issue's history, comments or approvals.
const MOST: usize = 100;

/// What is asked of each issue of a project.
#[derive(Clone, Copy)]
pub(super) struct Asked {
    desk: bool,
    links: bool,
    development: bool,
    comments: bool,
}

/// What is refused to all, and so need not be asked again.
#[derive(Clone, Copy, Default)]
pub(super) struct Off {
    links: bool,
    development: bool,
}

impl Asked {
    pub(super) fn new(desk: bool, settings: &Settings) -> Self {
        Self {
            desk,
            links: settings.remote_links,
            development: !settings.development.is_empty(),
            comments: comments::are_asked_for(settings),
        }
    }

    /// The same without what is off.
    pub(super) fn without(self, off: Off) -> Self {
        Self {
            links: self.links && !off.links,
            development: self.development && !off.development,
            ..self
        }
    }
}

/// What there is about an issue.
pub(super) struct Got {
    pub(super) parts: Parts,
    pub(super) troubles: Vec<String>,
    /// Whether enough was read to hand it over. If not it stays as it was last known: half of what is known now would take the place of
    /// all that was known before.
    pub(super) keep: bool,
    pub(super) off: Off,
}

/// Why something is not there.
enum Lacking {
    /// The right is missing, or it is not there: the next scan will not have it either.
    Refused(String),
    /// The same, where it is not there.
    Missing(String),
    /// It did not work this time.
    Failed(String),
}

impl Lacking {
    fn of(what: &str, error: &Error) -> Self {
        let text = format!("{what}: {error}");
        match error.status() {
            Some(401 | 403) => Self::Refused(text),
            Some(404) => Self::Missing(text),
            _ => Self::Failed(text),
        }
    }
}

/// Reads what there is about an issue.
pub(super) async fn read(
    jira: &Jira,
    settings: &Settings,
    world: &World,
    issue: &Issue,
    asked: Asked,
) -> Got {
    let mut got = Got {
        parts: Parts::default(),
        troubles: Vec::new(),
        keep: true,
        off: Off::default(),
    };
    match history(jira, issue).await {
        Ok(history) => got.parts.history = history,
        Err(lacking) => got.lacks("its history could not be read", lacking),
    }
    if asked.desk {
        desk(jira, world, issue, &mut got).await;
    }
    if asked.comments {
        match comments(jira, issue).await {
            Ok(comments) => got.parts.comments = comments,
            Err(lacking) => got.lacks("its comments could not be read", lacking),
        }
    }
    if asked.links {
        links(jira, issue, &mut got).await;
    }
    if asked.development {
        development(jira, settings, issue, &mut got).await;
    }
    got
}

impl Got {
    fn lacks(&mut self, what: &str, lacking: Lacking) {
        match lacking {
            Lacking::Refused(why) | Lacking::Missing(why) => {
                self.troubles.push(why);
                self.parts.lacks.push(what.to_owned());
            }
            Lacking::Failed(why) => {
                self.troubles
                    .push(format!("{why}; it stays as it was last known"));
                self.keep = false;
            }
        }
    }
}

/// The whole history. On Cloud what comes with a search is cut at some number and does not say so, so it is asked for by itself.
async fn history(jira: &Jira, issue: &Issue) -> Result<wire::History, Lacking> {
    let mut history = wire::History::default();
    let raw = match jira.product {
        Product::Cloud => {
            let (raw, whole) = pages(jira, List::History, issue).await?;
            if !whole {
                history
                    .lacks
                    .push("its history is too long, and was read in part".to_owned());
            }
            raw
        }
        Product::DataCenter => {
            let page = issue.changelog.as_ref();
            let page = page.and_then(|raw| serde_json::from_str::<wire::Page>(raw.get()).ok());
            let Some(page) = page else {
                let why = "its history did not come with it, or is not what it should be";
                return Err(Lacking::Refused(why.to_owned()));
            };
            let total = page.total.and_then(|total| usize::try_from(total).ok());
            if total.is_none_or(|total| total > page.values.len()) {
                history
                    .lacks
                    .push("its history came only in part".to_owned());
            }
            page.values
        }
    };
    let (entries, broken) = wire::sound(&raw);
    if broken > 0 {
        history
            .lacks
            .push("a part of its history cannot be read".to_owned());
    }
    history.entries = entries;
    Ok(history)
}

/// A service desk's approvals. What is no customer's request has none, and the service desk then does not know it.
async fn desk(jira: &Jira, world: &World, issue: &Issue, got: &mut Got) {
    const LACKS: &str = "its service desk approvals could not be read";
    let is_request = world.request_type.as_deref().and_then(|id| issue.holds(id));
    if is_request == Some(false) {
        return;
    }
    match pages(jira, List::Approvals, issue).await {
        Ok((raw, whole)) => {
            let (steps, broken) = wire::sound(&raw);
            if broken > 0 || !whole {
                got.parts.lacks.push(LACKS.to_owned());
            }
            got.parts.steps = steps;
        }
        Err(Lacking::Missing(_)) if is_request.is_none() => {
            let what = "the service desk does not know it, or the token may not see it there";
            got.parts.lacks.push(what.to_owned());
        }
        Err(lacking) => {
            got.lacks(LACKS, lacking);
        }
    }
}

async fn comments(jira: &Jira, issue: &Issue) -> Result<Vec<wire::Comment>, Lacking> {
    let (raw, whole) = pages(jira, List::Comments, issue).await?;
    let (comments, broken) = wire::sound(&raw);
    if broken > 0 || !whole {
        return Err(Lacking::Refused(
            "some of its comments cannot be read".to_owned(),
        ));
    }
    Ok(comments)
}

/// Links to elsewhere. Where linking is turned off there are none.
async fn links(jira: &Jira, issue: &Issue, got: &mut Got) {
    const WHAT: &str = "its links to elsewhere";
    let read = async {
        let answer = jira.remote_links(&issue.id).await?;
        // By the vendor's specification one link may come instead of a list.
        let all: Value = answer.json()?;
        let several = matches!(all, Value::Array(_));
        let all: Vec<Value> = if several { answer.json()? } else { vec![all] };
        Ok::<_, Error>(all)
    };
    match read.await {
        Ok(all) => {
            let total = all.len();
            let links = all.into_iter().take(1000);
            let links =
                links.filter_map(|one| serde_json::from_value::<wire::RemoteLink>(one).ok());
            got.parts
                .urls
                .extend(links.map(|link| link.url().to_owned()));
            if got.parts.urls.len() < total {
                got.parts
                    .remarks
                    .push("some of its links to elsewhere cannot be read".to_owned());
            }
        }
        Err(error) => match Lacking::of(WHAT, &error) {
            Lacking::Refused(why) | Lacking::Missing(why) => {
                got.off.links = error.status() == Some(403);
                got.parts.remarks.push(why);
            }
            failed @ Lacking::Failed(_) => got.lacks(WHAT, failed),
        },
    }
}

/// Which pull requests code hosts told of. Nobody promises this interface, so whatever goes wrong with it costs nothing else. Commits are told too,
/// and not taken: they come by their messages alone, also after the approval, and no history shows that.
async fn development(jira: &Jira, settings: &Settings, issue: &Issue, got: &mut Got) {
    for host in &settings.development {
        let answer = jira.development(&issue.id, host).await;
        match answer.and_then(|answer| answer.json::<Value>()) {
            Ok(value) => told(&value, &mut got.parts),
            Err(error) => {
                got.off.development = true;
                let what = format!("what code hosts told of it: {error}");
                got.parts.remarks.push(what);
                return;
            }
        }
    }
}

fn told(value: &Value, parts: &mut Parts) {
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    for detail in list(&value["detail"]).iter().take(20) {
        let requests = list(&detail["pullRequests"]);
        let urls = requests.iter().filter_map(|one| one["url"].as_str());
        let requests = urls.take(200).flat_map(urls::requests);
        parts.requests.extend(requests);
    }
}

/// All items of a list, and whether it is all of it.
async fn pages(
    jira: &Jira,
    list: List,
    issue: &Issue,
) -> Result<(Vec<Box<RawValue>>, bool), Lacking> {
    let mut all: Vec<Box<RawValue>> = Vec::new();
    for _ in 0..MOST {
        let answer = jira.list(list, &issue.id, all.len()).await;
        let page = answer.and_then(|answer| answer.json::<wire::Page>());
        let mut page = page.map_err(|error| Lacking::of(list.name(), &error))?;
        let come = page.values.len();
        let begins = |list: &[Box<RawValue>]| list.first().map(|one| one.get().to_owned());
        if come > 0 && begins(&all) == begins(&page.values) {
            // The same page once more: it does not go on, whatever it says.
            break;
        }
        all.append(&mut page.values);
        let total = page.total.and_then(|total| usize::try_from(total).ok());
        let over = match (page.is_last, total) {
            (Some(last), _) => last,
            (None, Some(total)) => all.len() >= total,
            // Nothing says where it ends, and a server may give fewer than it is asked for: only a page with nothing on it is the last one.
            (None, None) => come == 0,
        };
        if over {
            // It may be called the last one, with fewer than there are.
            let whole = total.is_none_or(|total| all.len() >= total);
            return Ok((all, whole));
        }
        if come == 0 {
            break;
        }
    }
    Ok((all, false))
}
