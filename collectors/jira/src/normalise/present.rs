//! What an issue holds now, held against the end of its history.
//!
//! Where the two differ a part of the history is missing: what was said in it may have been taken back unseen.

use std::collections::{BTreeMap, BTreeSet};

use plimsoll_kit::mention::{Mentions, Words, mentions};
use serde_json::Value;

use super::marks::{ids, off, says};
use super::{Reading, values};
use crate::settings::{On, Settings};
use crate::wire::{Entry, Item, Person, adf, moment};
use crate::world::World;

/// Fields of several values whose history tells of each value by itself.
const ONE_BY_ONE: [&str; 3] = ["components", "fixversions", "versions"];

/// By what a field is held against its history.
#[derive(Clone, Copy)]
enum Held<'s> {
    /// All its text.
    Title,
    /// What its lines and keys say.
    Text,
    Labels,
    /// Whether it says one of these; whether it says anything where there are none.
    Values(&'s [String]),
    /// The names in it.
    Names,
    Time,
    People,
}

impl Reading<'_> {
    /// Holds every field that means something against its history.
    pub(super) fn hold_fields(&mut self, entries: &[&Entry]) {
        let (world, settings) = (self.world, self.settings);
        let held = held(world, settings);
        let ends = self.ends(entries, &held);
        for (id, by) in held {
            let Some(last) = ends.get(&id.to_lowercase()) else {
                continue;
            };
            let Ok(now) = self.issue.field::<Value>(id) else {
                // That it is broken is said where it is read.
                continue;
            };
            if is_at(by, last, &now.unwrap_or_default(), settings) == Some(false) {
                self.doubt(&format!(
                    "its field {id} does not hold what its history ends with: it was altered meanwhile, or a part of the history is missing"
                ));
            }
        }
        self.twins();
    }

    /// The last item of each field, by the field's id in lower case. One that does not begin where the one before ended shows that something is missing.
    fn ends(&mut self, entries: &[&Entry], held: &[(&str, Held<'_>)]) -> BTreeMap<String, Item> {
        let mut chained = held
            .iter()
            .filter(|(_, by)| matches!(by, Held::Labels | Held::Values(_) | Held::People));
        let chained: BTreeSet<String> = chained.by_ref().map(|(id, _)| id.to_lowercase()).collect();
        let mut ends: BTreeMap<String, Item> = BTreeMap::new();
        for item in entries.iter().flat_map(|entry| entry.items().0) {
            let key = self.world.key(&item);
            let gap = ends.get(&key).is_some_and(|before| {
                chained.contains(&key)
                    && value(&before.to, &before.to_string) != value(&item.from, &item.from_string)
            });
            if gap {
                self.doubt(&format!(
                    "a change of its field {key} is missing from its history: one begins where no other ended"
                ));
            }
            ends.insert(key, item);
        }
        ends
    }

    /// Two fields of one name that both hold something: which of them approves nobody can say.
    fn twins(&mut self) {
        let (world, settings) = (self.world, self.settings);
        for (name, _) in rules(settings) {
            let ids: BTreeSet<&str> = world.ids(std::slice::from_ref(name)).collect();
            let mut filled = 0;
            for id in ids {
                let now = self.issue.field::<Value>(id).ok().flatten();
                filled += usize::from(now.is_some_and(|now| now != Value::Array(Vec::new())));
            }
            if filled > 1 {
                self.doubt(&format!(
                    "two of its fields are called {name}, and both hold something: name the one that counts by its id in the settings"
                ));
            }
        }
    }
}

/// The fields by which something is approved or confirmed, with the values that do.
fn rules(settings: &Settings) -> impl Iterator<Item = (&String, &[String])> {
    let rules = settings.approvals.iter().map(|rule| &rule.on);
    let rules = rules.chain(settings.sign_offs.iter().map(|rule| &rule.on));
    rules.filter_map(|on| match on {
        On::Field { field, values } => Some((field, values.as_slice())),
        _ => None,
    })
}

/// The fields that mean something, by their ids, and by what each is held.
fn held<'s>(world: &'s World, settings: &'s Settings) -> Vec<(&'s str, Held<'s>)> {
    let fields = &settings.fields;
    let mut held = vec![
        ("summary", Held::Title),
        ("description", Held::Text),
        ("labels", Held::Labels),
        ("assignee", Held::People),
        ("reporter", Held::People),
    ];
    let approving = settings.approvals.iter().filter_map(|rule| match &rule.on {
        On::Field { field, values } if values.is_empty() => Some(field),
        _ => None,
    });
    for name in approving {
        let ids = world.ids(std::slice::from_ref(name));
        held.extend(ids.map(|id| (id, Held::People)));
    }
    for (name, values) in rules(settings) {
        let ids = world.ids(std::slice::from_ref(name));
        held.extend(ids.map(|id| (id, Held::Values(values))));
    }
    for mark in fields.emergency.iter().chain(&fields.provisions) {
        let ids = world.ids(std::slice::from_ref(&mark.field));
        held.extend(ids.map(|id| (id, Held::Values(std::slice::from_ref(&mark.value)))));
    }
    let lists: [(&[String], Held<'_>); 10] = [
        (&fields.texts, Held::Text),
        (&fields.systems, Held::Names),
        (&fields.assets, Held::Names),
        (&fields.environments, Held::Names),
        (&fields.facts, Held::Names),
        (&fields.releases, Held::Names),
        (&fields.operations, Held::Names),
        (&fields.window_start, Held::Time),
        (&fields.window_end, Held::Time),
        (&fields.implementers, Held::People),
    ];
    for (names, by) in lists {
        held.extend(world.ids(names).map(|id| (id, by)));
    }
    held.retain(|(id, _)| !ONE_BY_ONE.contains(&id.to_lowercase().as_str()));
    held
}

/// Whether a field holds what its history ends with; none where the two are written so differently that nobody can say.
fn is_at(by: Held<'_>, last: &Item, now: &Value, settings: &Settings) -> Option<bool> {
    let then = last.to_string.trim();
    match by {
        Held::Title => Some(now.as_str().unwrap_or_default().trim() == then),
        Held::Text => says_the_same(&last.to_string, now, &settings.words),
        Held::Labels => {
            let set = |labels: Vec<&str>| -> BTreeSet<String> {
                labels.into_iter().map(str::to_lowercase).collect()
            };
            let labels = now.as_array().map(Vec::as_slice).unwrap_or_default();
            let labels = labels.iter().filter_map(Value::as_str).collect();
            Some(set(labels) == set(then.split_whitespace().collect()))
        }
        Held::Values([]) => {
            let filled = !then.is_empty() || !last.to.trim().is_empty();
            let empty =
                now.is_null() || *now == Value::Array(Vec::new()) || now.as_str() == Some("");
            Some(filled != empty)
        }
        Held::Values(values) => {
            let now = values::texts(now)?.join(",");
            let said = |text: &str| (says(text, values), off(text, settings));
            Some(said(&now) == said(then))
        }
        Held::Names => names(now).map(|now| now == parts(then)),
        Held::Time => match (now.is_null(), then.is_empty() && last.to.is_empty()) {
            (true, true) => Some(true),
            (true, false) | (false, true) => Some(false),
            (false, false) => {
                let at = |text: &str| moment(&Value::from(text));
                let then = at(&last.to).or_else(|| at(then))?;
                Some(moment(now)? == then)
            }
        },
        Held::People => people(now, &ids(&last.to)),
    }
}

/// Whether a text names what the history's last wording of it names.
fn says_the_same(then: &str, now: &Value, words: &Words) -> Option<bool> {
    let now = adf::of_value(now);
    if now.odd {
        // That it cannot be read is said where it is read.
        return None;
    }
    let now = mentions(&now.text, words);
    let plain = adf::of_value(&Value::from(then)).text;
    let same = |text: &str| core(mentions(text, words)) == core(now.clone());
    Some(same(&plain) || same(then))
}

/// What of a text is written alike whether it is a document or plain: without keys and addresses, which a document writes as links.
fn core(mut said: Mentions) -> Mentions {
    said.requests.clear();
    said.oddities.clear();
    said.cut = false;
    for list in [
        &mut said.names,
        &mut said.environments,
        &mut said.facts,
        &mut said.commits,
        &mut said.images,
        &mut said.releases,
        &mut said.operations,
    ] {
        list.sort();
    }
    said.assets.sort();
    said
}

/// The names in a field; none where it holds a document, or options in options, which its history writes otherwise.
fn names(now: &Value) -> Option<BTreeSet<String>> {
    if now["type"] == "doc" {
        return None;
    }
    let texts = values::texts(now)?;
    let nested = texts.iter().any(|text| text.contains(" / "));
    (!nested).then(|| parts(&texts.join(",")))
}

fn parts(text: &str) -> BTreeSet<String> {
    let parts = text.split([',', ';', '\n', '\r']).map(str::trim);
    let parts = parts.filter(|part| !part.is_empty());
    parts.map(str::to_lowercase).collect()
}

/// Whether a field of people holds these accounts; none where one of them was deleted, and nobody can say which.
fn people(now: &Value, then: &BTreeSet<&str>) -> Option<bool> {
    let several = match now {
        Value::Null => Vec::new(),
        Value::Array(items) => items.clone(),
        one => vec![one.clone()],
    };
    let mut left = then.clone();
    let count = several.len();
    for one in several {
        let person = serde_json::from_value::<Person>(one).ok()?;
        let known = [&person.account_id, &person.key, &person.name];
        let known: Vec<&str> = known.into_iter().flatten().map(String::as_str).collect();
        if known.is_empty() || known.contains(&super::people::UNKNOWN) {
            return None;
        }
        left.retain(|id| !known.contains(id));
    }
    Some(left.is_empty() && count == then.len())
}

/// A value as a history writes it: by its id, or its name where it has none.
pub(super) fn value(id: &str, name: &str) -> String {
    match id.trim() {
        "" => name.trim().to_owned(),
        id => id.to_owned(),
    }
}
