//! What an issue's fields hold now, held against the end of its history.
//!
//! Where the two differ events are missing: what was said in them may have been taken back unseen.

use std::collections::{BTreeMap, BTreeSet};

use plimsoll_kit::mention::mentions;
use plimsoll_model::request_state;
use serde_json::Value;

use super::replay::text;
use super::{Site, otherwise, plain};
use crate::settings::Meaning;
use crate::wire::{CustomField, Event, Issue, Part, parts};

/// What is odd about an issue, in words for a person.
type Doubts = BTreeSet<String>;

/// Which values are in which field by what happened: those that came last, and not those that went.
#[derive(Default)]
struct Ends {
    /// By the field and the value, both in lower case: whether it is there.
    there: BTreeMap<(String, String), bool>,
    title: Option<String>,
    description: Option<String>,
    states: BTreeSet<String>,
    doubts: Doubts,
}

/// What differs between an issue and its history, whose events are in order.
pub(super) fn differences(
    site: &Site<'_>,
    issue: &Issue,
    events: &[&Event],
    described: bool,
) -> Doubts {
    let meaning = &site.settings.meaning;
    let mut ends = Ends::default();
    for event in events {
        ends.event(meaning, event);
    }
    let mut doubts = std::mem::take(&mut ends.doubts);
    let mut now: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for field in &issue.custom_fields.items {
        let values = parts(&field.value).iter().filter_map(value).collect();
        if let Some(first) = now.insert(lower(&field.name), values)
            && approves(meaning, &lower(&field.name))
            && now.get(&lower(&field.name)) != Some(&first)
        {
            doubts.insert(format!(
                "two of its fields are called {}, and they hold different things: nobody can say which of them approves",
                super::word(&field.name)
            ));
        }
    }
    let tags = issue.tags.items.iter().map(|tag| lower(&tag.name));
    now.insert(TAGS.to_owned(), tags.collect());
    for ((field, value), there) in &ends.there {
        let held = now.get(field).is_some_and(|values| values.contains(value));
        if held != *there {
            doubts.insert(format!(
                "its field {} does not hold what its history ends with: events are missing",
                super::word(field)
            ));
        }
    }
    for field in &issue.custom_fields.items {
        state(meaning, field, &ends, &mut doubts);
    }
    let same = |then: &Option<String>, now: Option<&str>| {
        let then = then.as_deref().map(str::trim);
        then.is_none_or(|then| then == now.unwrap_or_default().trim())
    };
    if !same(&ends.title, issue.summary.as_deref()) {
        doubts.insert("its title is not the one with which its history ends".to_owned());
    }
    let description = issue.description.as_deref();
    if described && !same(&ends.description, description) {
        let plain = |text: Option<&str>| plain::plain(text.unwrap_or_default());
        let words = &meaning.words;
        let (then, now) = (plain(ends.description.as_deref()), plain(description));
        let said = mentions(&then, words) == mentions(&now, words);
        if !said && !otherwise::otherwise(&then, &now, words).is_empty() {
            doubts.insert(
                "its text says something else than the one with which its history ends".to_owned(),
            );
        }
    }
    doubts
}

/// A state that stands for an end, and to which nothing led; or two at once, of which one says yes and the other no.
fn state(meaning: &Meaning, field: &CustomField, ends: &Ends, doubts: &mut Doubts) {
    let name = lower(&field.name);
    if !meaning.fields.state.contains(&name) {
        return;
    }
    let now = parts(&field.value);
    let now: Vec<String> = now.iter().map(|part| text(part).to_lowercase()).collect();
    if !ends.states.contains(&name) && now.iter().any(|state| is_end(meaning, &name, state)) {
        doubts.insert(format!(
            "its history does not say how its field {} came to what it holds: events are missing",
            super::word(&field.name)
        ));
    }
    if is_both(meaning, &name, now.iter().map(String::as_str)) {
        doubts.insert(format!(
            "its field {} says yes and no at once",
            super::word(&field.name)
        ));
    }
}

/// Whether nobody opens an issue in a state.
fn is_end(meaning: &Meaning, field: &str, state: &str) -> bool {
    is_yes(meaning, field, state) || is_no(meaning, state)
}

fn is_yes(meaning: &Meaning, field: &str, value: &str) -> bool {
    let mut rules = meaning.approvals.iter();
    rules.any(|rule| rule.field == *field && rule.values.iter().any(|one| one == value))
}

/// Whether a value is a word for a refusal.
pub(super) fn is_no(meaning: &Meaning, value: &str) -> bool {
    let means = meaning.states.meaning(value);
    means.is_some_and(|means| [request_state::REJECTED, request_state::CANCELLED].contains(&means))
}

/// Whether the values of a field say yes and no at once.
pub(super) fn is_both<'v>(
    meaning: &Meaning,
    field: &str,
    values: impl Iterator<Item = &'v str>,
) -> bool {
    let (mut yes, mut no) = (false, false);
    for value in values {
        yes |= is_yes(meaning, field, value);
        no |= is_no(meaning, value);
    }
    yes && no
}

/// What tags are called among the fields.
const TAGS: &str = "(tags)";

/// Whether somebody approves or confirms by a field.
pub(super) fn approves(meaning: &Meaning, field: &str) -> bool {
    let rules = meaning.approvals.iter();
    let rules = rules.chain(meaning.sign_offs.iter().map(|one| &one.rule));
    let mut fields = rules.map(|rule| rule.field.as_str());
    fields.any(|one| one == field) || meaning.fields.state.iter().any(|one| one == field)
}

/// Whether a field says something of the request.
fn counts(meaning: &Meaning, field: &str) -> bool {
    let fields = &meaning.fields;
    let lists = [
        &fields.systems,
        &fields.assets,
        &fields.facts,
        &fields.environments,
        &fields.window_start,
        &fields.window_end,
        &fields.implementers,
        &fields.labels,
        &fields.priority,
    ];
    let mut all = lists.into_iter().flatten();
    approves(meaning, field) || all.any(|one| one == field)
}

impl Ends {
    fn event(&mut self, meaning: &Meaning, event: &Event) {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        match event.category.as_ref().map(|one| one.id.as_str()) {
            Some("SummaryCategory") => self.title = text(&event.added).or(self.title.take()),
            Some("DescriptionCategory") => {
                let emptied = event.added.is_null() && !event.removed.is_null();
                let text = text(&event.added).or(emptied.then(String::new));
                self.description = text.or(self.description.take());
            }
            Some("TagsCategory") => self.values(TAGS, event),
            Some("CustomFieldCategory") => {
                let Some(name) = field(event) else { return };
                if meaning.fields.state.contains(&name) {
                    self.states.insert(name.clone());
                }
                if counts(meaning, &name) {
                    self.values(&name, event);
                }
            }
            _ => {}
        }
    }

    fn values(&mut self, field: &str, event: &Event) {
        let values = |value: &Value| -> Vec<String> {
            parts(value).iter().filter_map(value_of(field)).collect()
        };
        let (added, removed) = (values(&event.added), values(&event.removed));
        let mut gap = false;
        for value in &removed {
            let before = self.there.insert((field.to_owned(), value.clone()), false);
            gap |= before == Some(false);
        }
        for value in added {
            let again = removed.contains(&value);
            let before = self.there.insert((field.to_owned(), value), true);
            gap |= before == Some(true) && !again;
        }
        if gap {
            self.doubts.insert(format!(
                "a change of its field {} is missing from its history: one begins where no other ended",
                super::word(field)
            ));
        }
    }
}

/// The field that an event is about, in lower case.
pub(super) fn field(event: &Event) -> Option<String> {
    let field = event.field.as_ref()?;
    let custom = field.custom_field.as_ref().map(|custom| &custom.name);
    custom.or(field.name.as_ref()).map(|name| lower(name))
}

fn value_of(field: &str) -> fn(&Part) -> Option<String> {
    if field == TAGS {
        |part| Some(text(part).trim().to_lowercase()).filter(|name| !name.is_empty())
    } else {
        value
    }
}

/// A value by which it is told from others; none for one of a shape that is not known here.
pub(super) fn value(part: &Part) -> Option<String> {
    Some(match part {
        Part::Name(name) => lower(name),
        Part::Text(text) => text.trim().to_lowercase(),
        Part::User(user) => user.id.as_ref().or(user.login.as_ref())?.to_string(),
        Part::Number(number) => number.to_string(),
        Part::Other => return None,
    })
    .filter(|value| !value.is_empty())
}

fn lower(name: &str) -> String {
    name.trim().to_lowercase()
}
