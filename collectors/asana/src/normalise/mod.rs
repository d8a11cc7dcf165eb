//! What a task, its stories and its approvals mean: wire to model, without I/O and without a clock.

mod approval;
mod edits;
mod fields;
mod otherwise;
mod plain;
mod present;
mod replay;
mod said;

use std::collections::BTreeMap;

use jiff::Timestamp;
use plimsoll_kit::mention::mentions;
use plimsoll_model::{ChangeRequest, Party, Text};

use crate::settings::Settings;
use crate::wire::{Named, Story, Task};

/// The most characters of a title, and of a word.
const TITLE: usize = 300;
const WORD: usize = 200;
/// An account that is no more, or that Asana does not name. No account is called so.
const NOBODY: &str = "(nobody named)";

/// What all requests of a project share.
pub(crate) struct Site<'a> {
    pub(crate) settings: &'a Settings,
    pub(crate) project: &'a str,
    /// The names of the project's sections by their ids.
    pub(crate) sections: BTreeMap<Text, Text>,
}

/// What happened to a task, as far as it could be read.
#[derive(Debug, Default)]
pub(crate) struct History {
    pub(crate) stories: Vec<Story>,
    pub(crate) subtasks: Vec<Subtask>,
    pub(crate) whole: bool,
}

/// A subtask that asks for an approval.
#[derive(Debug)]
pub(crate) struct Subtask {
    pub(crate) task: Task,
    pub(crate) stories: Vec<Story>,
}

/// A request, and what is to be remarked of it.
pub(crate) struct Made {
    pub(crate) request: ChangeRequest,
    pub(crate) remarks: Vec<String>,
}

/// A request being made.
struct Making {
    request: ChangeRequest,
    remarks: Vec<String>,
}

impl Making {
    /// Notes that a request is not wholly known, and says why.
    fn doubt(&mut self, why: &str) {
        self.request.whole_history = Some(false);
        self.request.doubt(why);
        self.remark(why);
    }

    fn remark(&mut self, what: &str) {
        self.remarks.push(what.to_owned());
    }
}

/// Makes a request of a task; none where nobody can tell when it was opened. `described` says whether its text was asked for.
pub(crate) fn request(
    site: &Site<'_>,
    task: &Task,
    history: &History,
    described: bool,
) -> Option<Made> {
    let opened = time(task.created_at.as_ref())?;
    let id = word(&task.gid);
    let title = bounded(task.name.as_deref().unwrap_or_default(), TITLE);
    let mut request = ChangeRequest::new(id.clone(), title, opened);
    request.url = Some(format!("https://app.asana.com/0/{}/{id}", site.project).into());
    request.requester = task.created_by.as_ref().map(|person| {
        // Its name stands in what else they did.
        let mut known = history
            .stories
            .iter()
            .filter_map(|one| one.created_by.as_ref());
        site.party(known.find(|one| same(one, person)).unwrap_or(person))
    });
    let mut making = Making {
        request,
        remarks: Vec::new(),
    };
    if !history.whole {
        making.request.whole_history = Some(false);
    }
    let lists = [
        task.memberships.whole,
        task.custom_fields.whole,
        task.tags.whole,
    ];
    if lists.contains(&false) {
        making.doubt("some of its fields cannot be understood");
    }
    fields::read(site, task, &mut making);
    let notes = task.html_notes.as_deref().map(plain::plain);
    for text in [task.name.as_deref(), notes.as_deref()]
        .into_iter()
        .flatten()
    {
        let found = mentions(text, &site.settings.meaning.words);
        let own = making.request.window;
        if found.window.is_some() && own.is_some() && found.window != own {
            making.doubt("its text names another window than its fields");
        }
        let oddities = found.add_to(&mut making.request);
        making.remarks.extend(oddities);
    }
    if !described {
        making.doubt("its text is too long to be read");
    } else if notes.is_none() {
        making.doubt("its text was not given, or cannot be understood");
    }
    replay::read(site, task, &history.stories, &mut making);
    if task.is_approval() {
        approval::read(site, task, &history.stories, false, &mut making);
    }
    for subtask in &history.subtasks {
        approval::read(site, &subtask.task, &subtask.stories, true, &mut making);
    }
    let Making {
        mut request,
        mut remarks,
    } = making;
    settle(&mut request);
    remarks.sort();
    remarks.dedup();
    let remarks = remarks.into_iter().map(|what| format!("{id}: {what}"));
    let remarks = remarks.collect();
    Some(Made { request, remarks })
}

/// Brings what happened into the order of time, and gives an order to what has none in Asana.
fn settle(request: &mut ChangeRequest) {
    request.approvals.sort_by_cached_key(|one| one.at);
    request.sign_offs.sort_by_cached_key(|one| one.at);
    request.edits.sort_by_cached_key(|one| one.at);
    request.transitions.sort_by_cached_key(|one| one.at);
    request.names.sort();
    request.environments.sort();
    request.facts.sort();
    request.assets.sort();
    request.labels.sort();
    request.labels.dedup();
    request.implementers.sort();
    request.implementers.dedup();
}

impl Site<'_> {
    /// An account.
    fn party(&self, person: &Named) -> Party {
        let gid = person.gid.as_ref().map(|gid| word(gid));
        let gid = gid.filter(|gid| !gid.is_empty());
        let mut party = Party::new(gid.unwrap_or(Text::const_new(NOBODY)));
        let name = person.name.as_ref().map(|name| word(name));
        party.name = name.filter(|name| !name.is_empty());
        party.bot = self.settings.bots.iter().any(|bot| *bot == party.account);
        party
    }

    /// An account that approves or confirms, also where nobody is named.
    fn party_or_nobody(&self, person: Option<&Named>) -> Party {
        person.map_or_else(|| Party::new(NOBODY), |person| self.party(person))
    }
}

/// Whether two are one account.
fn same(one: &Named, other: &Named) -> bool {
    one.gid.is_some() && one.gid == other.gid
}

/// A time as Asana writes it: `2026-01-14T16:05:00.120Z`; none for one that no tracker can have seen.
fn time(text: Option<&Text>) -> Option<Timestamp> {
    let time: Timestamp = text?.parse().ok()?;
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
