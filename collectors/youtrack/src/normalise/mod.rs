//! What an issue and its events mean: wire to model, without I/O and without a clock.

mod custom;
mod edits;
mod links;
mod otherwise;
mod plain;
mod present;
mod replay;

use jiff::Timestamp;
use plimsoll_kit::mention::mentions;
use plimsoll_model::{ChangeRequest, Party, Text};

use crate::settings::Settings;
use crate::wire::{Event, Issue, User};

/// The most characters of a title, and of a word.
const TITLE: usize = 300;
const WORD: usize = 200;
/// An account that is no more, or that the tracker does not name. No account is called so.
const NOBODY: &str = "(nobody named)";

/// What all requests of a YouTrack share.
pub(crate) struct Site<'a> {
    pub(crate) settings: &'a Settings,
    /// Where people see issues.
    pub(crate) web: &'a str,
}

/// An issue's events, as far as they could be read.
#[derive(Debug, Default)]
pub(crate) struct History {
    pub(crate) events: Vec<Event>,
    pub(crate) whole: bool,
}

/// A request, and what is to be remarked of it.
pub(crate) struct Made {
    pub(crate) request: ChangeRequest,
    pub(crate) remarks: Vec<String>,
}

/// Makes a request of an issue; none where nobody can tell when it was opened. `described` says whether its description was asked for.
pub(crate) fn request(
    site: &Site<'_>,
    issue: &Issue,
    history: &History,
    described: bool,
) -> Option<Made> {
    let opened = time(issue.created)?;
    let id = word(&issue.id_readable);
    let title = bounded(issue.summary.as_deref().unwrap_or_default(), TITLE);
    let mut request = ChangeRequest::new(id.clone(), title, opened);
    let mut remarks = Vec::new();
    request.url = Some(format!("{}/issue/{id}", site.web).into());
    request.requester = issue.reporter.as_ref().map(|user| site.party(user));
    if issue
        .reporter
        .as_ref()
        .is_some_and(|user| user.guest == Some(true))
    {
        request.authenticated = Some(false);
    }
    if !history.whole {
        request.whole_history = Some(false);
    }
    if !(issue.tags.whole && issue.custom_fields.whole && issue.links.whole) {
        doubt(
            &mut request,
            &mut remarks,
            "some of its fields cannot be understood",
        );
    }
    custom::read(site, issue, &mut request, &mut remarks);
    links::read(site, issue, &history.events, &mut request);
    let description = issue.description.as_deref().map(plain::plain);
    let texts = [issue.summary.as_deref(), description.as_deref()];
    for text in texts.into_iter().flatten() {
        let found = mentions(text, &site.settings.meaning.words);
        let differs = found.window.is_some() && request.window.is_some();
        if differs && found.window != request.window {
            doubt(
                &mut request,
                &mut remarks,
                "its text names another window than its fields",
            );
        }
        remarks.extend(found.add_to(&mut request));
    }
    if !described {
        doubt(
            &mut request,
            &mut remarks,
            "its description is too long to be read",
        );
    }
    let events = replay::in_order(site, issue, &history.events);
    if events.open {
        doubt(
            &mut request,
            &mut remarks,
            "two events are of one moment, and nothing says which of them came first",
        );
    }
    for what in present::differences(site, issue, &events.steps, described) {
        doubt(&mut request, &mut remarks, &what);
    }
    replay::read(site, issue, &events.steps, &mut request, &mut remarks);
    // What has no order in the tracker has one here.
    request.names.sort();
    request.environments.sort();
    request.facts.sort();
    request.assets.sort();
    request.implementers.sort();
    request.links.requests.sort();
    remarks.sort();
    remarks.dedup();
    let remarks = remarks.into_iter().map(|what| format!("{id}: {what}"));
    let remarks = remarks.collect();
    Some(Made { request, remarks })
}

/// Notes that a request is not wholly known, and says why.
fn doubt(request: &mut ChangeRequest, remarks: &mut Vec<String>, why: &str) {
    request.whole_history = Some(false);
    request.doubt(why);
    remarks.push(why.to_owned());
}

impl Site<'_> {
    /// An account.
    fn party(&self, user: &User) -> Party {
        let (first, second) = match self.settings.by_login {
            true => (&user.login, &user.id),
            false => (&user.id, &user.login),
        };
        let read = |name: &Option<Text>| {
            let name = name.as_ref().map(|name| word(name));
            name.filter(|name| !name.is_empty())
        };
        // Marked as what it is: a login may look like another's id.
        let mark = if self.settings.by_login {
            "id"
        } else {
            "login"
        };
        let other = || Some(Text::from(format!("{mark}:{}", read(second)?)));
        let account = read(first).or_else(other);
        let mut party = Party::new(account.unwrap_or(Text::const_new(NOBODY)));
        let name = user.full_name.as_ref().or(user.login.as_ref());
        party.name = name.map(|name| word(name)).filter(|name| !name.is_empty());
        party.bot = [&user.id, &user.login]
            .into_iter()
            .flatten()
            .any(|name| self.settings.bots.contains(&name.as_str().to_lowercase()));
        party
    }

    /// An account that approves or confirms, also where nobody is named.
    fn party_or_nobody(&self, user: Option<&User>) -> Party {
        user.map_or_else(|| Party::new(NOBODY), |user| self.party(user))
    }
}

/// Whether two are one account: by its id, and by its login only where neither has an id.
fn same(one: &User, other: &User) -> bool {
    match (&one.id, &other.id) {
        (Some(one), Some(other)) => one == other,
        (None, None) => one.login.is_some() && one.login == other.login,
        _ => false,
    }
}

/// A time in milliseconds; none for one that no tracker can have seen.
fn time(milliseconds: i64) -> Option<Timestamp> {
    let time = Timestamp::from_millisecond(milliseconds).ok()?;
    (time.as_second() > 0).then_some(time)
}

/// A word of the tracker: without control characters, and cut to what a word can be.
fn word(text: &str) -> Text {
    bounded(text, WORD)
}

fn bounded(text: &str, most: usize) -> Text {
    text.chars()
        .filter(|char| !char.is_control())
        .take(most)
        .collect()
}

#[cfg(test)]
mod tests;
