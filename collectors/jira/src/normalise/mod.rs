//! From an issue and its history to a change request. Pure.

pub(crate) mod comments;
mod desk;
mod fields;
mod marks;
mod moves;
mod order;
mod people;
mod present;
mod replay;
mod state;
mod steps;
pub(crate) mod urls;
mod values;
mod words;

use std::collections::BTreeSet;

use plimsoll_kit::mention::{self, Mentions};
use plimsoll_model::{ChangeRequest, Text, Transition, request_state};
use serde_json::value::RawValue;

use crate::settings::Settings;
use crate::wire::{self, Issue, Named, Person, adf, time};
use crate::world::World;
use replay::{Deed, Now};

/// The longest title that is kept, in characters.
const TITLE: usize = 300;
/// How many keys an issue had before are heeded.
const FORMER: usize = 8;

/// What was read of an issue besides itself.
#[derive(Default)]
pub(crate) struct Parts {
    pub(crate) history: wire::History,
    pub(crate) steps: Vec<wire::Approval>,
    pub(crate) comments: Vec<wire::Comment>,
    /// Addresses of what it is linked to elsewhere.
    pub(crate) urls: Vec<String>,
    /// Pull requests that a code host told of.
    pub(crate) requests: Vec<Text>,
    /// What could not be read, so that an approval may have been taken back unseen.
    pub(crate) lacks: Vec<String>,
    /// What could not be read, and takes no approval back.
    pub(crate) remarks: Vec<String>,
}

/// What became of an issue.
pub(crate) struct Read {
    /// The request, and the same under each key that the issue had before.
    pub(crate) requests: Vec<ChangeRequest>,
    pub(crate) remarks: BTreeSet<String>,
}

/// The request that an issue is.
///
/// # Errors
/// When it does not say what no request can be without.
pub(crate) fn request(
    issue: &Issue,
    parts: &Parts,
    world: &World,
    settings: &Settings,
) -> Result<Read, &'static str> {
    let created: Option<String> = issue
        .field("created")
        .map_err(|_| "it does not say when it was created")?;
    let opened = created.as_deref().and_then(time);
    let opened = opened.ok_or("it does not say when it was created")?;
    let mut read = Reading {
        issue,
        world,
        settings,
        request: ChangeRequest::new(said(&issue.key, 100), "", opened),
        doubts: parts.lacks.iter().cloned().collect(),
        remarks: parts.remarks.iter().cloned().collect(),
    };
    read.itself();
    read.links(parts);
    let former = read.history(parts);
    read.text();
    Ok(read.done(former))
}

/// A request that is being read.
struct Reading<'r> {
    issue: &'r Issue,
    world: &'r World,
    settings: &'r Settings,
    request: ChangeRequest,
    /// What leaves it in doubt.
    doubts: BTreeSet<String>,
    remarks: BTreeSet<String>,
}

impl Reading<'_> {
    fn doubt(&mut self, what: &str) {
        self.doubts.insert(what.to_owned());
    }

    /// A field; one that is broken leaves doubt.
    fn field<T: for<'i> serde::Deserialize<'i>>(&mut self, id: &str, name: &str) -> Option<T> {
        let read = self.issue.field(id);
        if read.is_err() {
            self.doubt(&format!("its field {name} is not what it should be"));
        }
        read.unwrap_or_default()
    }

    fn person(&mut self, id: &str) -> Option<Person> {
        self.field::<Person>(id, id)
    }

    fn itself(&mut self) {
        let title: Option<String> = self.field("summary", "summary");
        self.request.title = said(&title.unwrap_or_default(), TITLE);
        let labels: Option<Vec<String>> = self.field("labels", "labels");
        let labels = labels.unwrap_or_default();
        self.request.labels = labels
            .iter()
            .take(256)
            .map(|label| said(label, 255))
            .collect();
        self.request.labels.sort();
        let urgent = &self.settings.emergency_labels;
        self.request.emergency = labels
            .iter()
            .any(|label| urgent.contains(&label.to_lowercase()));
        self.asker();
        self.marked();
        self.fields();
        if let Some(site) = &self.settings.site {
            self.request.url = Some(format!("{site}/browse/{}", self.request.id).into());
        }
    }

    /// Who asked: the reporter, and whoever wrote it down for them had a part in it too.
    fn asker(&mut self) {
        let bots = &self.settings.bots;
        let reporter = self.person("reporter");
        let creator = self.person("creator");
        self.request.requester = people::party(reporter.as_ref(), bots);
        let nobody = reporter.is_some() || people::party(creator.as_ref(), bots).is_none();
        if self.request.requester.is_none() && nobody {
            // Nobody can say that it was not one of those who approved it.
            self.request.requester = Some(people::or_unknown(None));
        }
        let customer = |person: &Person| person.account_type.as_deref() == Some("customer");
        if reporter.as_ref().is_none_or(customer) {
            // A portal's customers come by mail too, and nobody at all may ask without an account.
            self.request.authenticated = Some(false);
        }
        let creator = people::party(creator.as_ref(), bots);
        let other = creator.filter(|creator| {
            let requester = self.request.requester.as_ref();
            !creator.bot && requester.is_none_or(|one| one.account != creator.account)
        });
        self.request.authors.extend(other);
    }

    fn links(&mut self, parts: &Parts) {
        #[derive(serde::Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Link {
            #[serde(default)]
            inward_issue: Option<Named>,
            #[serde(default)]
            outward_issue: Option<Named>,
        }
        let raw: Vec<Box<RawValue>> = self.field("issuelinks", "issuelinks").unwrap_or_default();
        let (links, broken) = wire::sound::<Link>(&raw);
        if broken > 0 {
            self.remarks
                .insert("some of its links to other issues cannot be read".to_owned());
        }
        let ends = links
            .into_iter()
            .flat_map(|link| [link.inward_issue, link.outward_issue]);
        let parent: Option<Named> = self.field("parent", "parent");
        let others = ends
            .chain([parent])
            .flatten()
            .map(|end| said(&end.key, 100));
        let own = self.request.id.clone();
        let mut others: Vec<Text> = others
            .filter(|key| !key.is_empty() && *key != own)
            .collect();
        let dated = is_told_of_links(&parts.history);
        for url in &parts.urls {
            others.extend(urls::requests(url));
            let found = mention::mentions(url, &self.settings.words);
            // Nothing but keys: an address is no line that says something.
            others.extend(found.requests);
            // A commit is what is approved: it counts where the history tells when it was linked.
            let commits = found.commits.into_iter().filter(|_| dated);
            self.request.links.commits.extend(commits);
        }
        others.extend(parts.requests.iter().cloned());
        others.sort();
        others.dedup();
        others.retain(|key| *key != own);
        others.truncate(1000);
        self.request.links.requests = others;
        self.request.links.commits.sort();
        self.request.links.commits.dedup();
        self.request.links.commits.truncate(1000);
    }

    /// Gives the keys that the issue had before.
    fn history(&mut self, parts: &Parts) -> Vec<(Text, Deed)> {
        let status: Option<Named> = self.field("status", "status");
        let assignee = self.person("assignee");
        let bots = &self.settings.bots;
        let now = Now {
            status: status.map(|status| status.id).unwrap_or_default(),
            assignee: people::party(assignee.as_ref(), bots),
        };
        let (steps, odd) = desk::decided(&parts.steps, bots);
        self.doubts.extend(odd);
        self.doubts.extend(parts.history.lacks.iter().cloned());
        let entries = &parts.history.entries;
        let ordered = order::ordered(entries, &now.status, self.world, self.settings);
        if ordered.open {
            self.doubt("two moves are of one moment, and nothing says which of them came first");
        }
        self.hold_fields(&ordered.steps);
        let told = replay::replay(&ordered.steps, &steps, &now, self.world, self.settings);
        self.doubts.extend(told.doubts);
        self.remarks.extend(told.remarks);
        let request = &mut self.request;
        request.approvals = told.approvals;
        request.transitions = told.transitions;
        request.edits = told.edits;
        request.sign_offs = told.sign_offs;
        if request.implementers.is_empty() {
            request.implementers = told.implementers;
        }
        let signed = comments::sign_offs(&parts.comments, self.settings);
        self.remarks.extend(signed.remarks);
        self.request.sign_offs.extend(signed.sign_offs);
        self.request
            .sign_offs
            .sort_by_cached_key(|one| one.at.unwrap_or(jiff::Timestamp::MAX));
        told.former
    }

    /// What the title, the description and other texts say.
    fn text(&mut self) {
        let title = self.request.title.clone();
        // A title names keys, and its colon makes no line of it that says something.
        let keys = mention::mentions(&title, &self.settings.words);
        let mut only = Mentions::default();
        (only.commits, only.images, only.requests) = (keys.commits, keys.images, keys.requests);
        only.add_to(&mut self.request);
        let texts = self.world.ids(&self.settings.fields.texts);
        let fields: Vec<String> = ["description"]
            .into_iter()
            .chain(texts)
            .map(str::to_owned)
            .collect();
        for id in fields {
            let Some(raw) = self.field::<Box<RawValue>>(&id, &id) else {
                continue;
            };
            let body = adf::body(&raw);
            if body.odd {
                self.doubt("a part of its text cannot be read, or it is too long");
            }
            let found = mention::mentions(&body.text, &self.settings.words);
            if let Some(rest) = &body.unstruck
                && mention::mentions(rest, &self.settings.words) != found
            {
                self.doubt("what may be struck out of its text says something: take it out");
            }
            let planned = self.request.window;
            if found.window.is_some() && planned.is_some() && found.window != planned {
                self.doubt("its fields and its text name two windows: leave one");
            }
            let linked = urls::requests(&body.text);
            for what in found.add_to(&mut self.request) {
                self.doubt(&what);
            }
            for request in linked {
                if !self.request.links.requests.contains(&request) {
                    self.request.links.requests.push(request);
                }
            }
        }
    }

    fn done(mut self, former: Vec<(Text, Deed)>) -> Read {
        if !self.doubts.is_empty() {
            self.request.whole_history = Some(false);
        }
        for doubt in &self.doubts {
            self.request.doubt(doubt.as_str());
        }
        let former = former.into_iter().filter(|(key, _)| !key.is_empty());
        let former = former
            .filter(|(key, _)| *key != self.request.id)
            .take(FORMER);
        let mut requests: Vec<ChangeRequest> = former
            .map(|(key, moved)| under(key, &moved, &self.request))
            .collect();
        requests.push(self.request);
        self.remarks.extend(self.doubts);
        Read {
            requests,
            remarks: self.remarks,
        }
    }
}

/// The same request under a key that it had before. Who knows it by that finds what became of it, and not how it was when it was moved. From then on
/// it is done with under that key, so that the two do not stand for the same change.
fn under(key: Text, moved: &Deed, now: &ChangeRequest) -> ChangeRequest {
    let mut then = now.clone();
    then.id = key;
    then.links.requests.push(now.id.clone());
    let back = [request_state::REJECTED, request_state::CANCELLED];
    then.transitions.retain(|step| {
        let before = step.at.zip(moved.at).is_some_and(|(at, moved)| at <= moved);
        before || back.contains(&step.to.as_str())
    });
    then.transitions.push(Transition {
        at: moved.at,
        by: moved.by.clone(),
        to: Text::const_new(request_state::CLOSED),
        word: Text::from(format!("moved, and {} since", now.id)),
    });
    then.transitions
        .sort_by_cached_key(|step| step.at.unwrap_or(jiff::Timestamp::MAX));
    then
}

/// Whether a history tells of links to elsewhere at all.
fn is_told_of_links(history: &wire::History) -> bool {
    let mut items = history.entries.iter().flat_map(|entry| entry.items().0);
    items.any(|item| words::REMOTE.contains(&item.own().as_str()))
}

/// A text from outside that is shown to people: one line, and not a long one.
pub(crate) fn said(text: &str, most: usize) -> Text {
    let line = text.trim().chars().take(most);
    line.map(|c| if c.is_control() { ' ' } else { c }).collect()
}
