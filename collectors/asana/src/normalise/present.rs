//! What a task holds now, held against the end of its history.
//!
//! Where the two differ stories are missing: what was said in them may have been taken back unseen. Of texts, numbers and days
//! Asana does not tell what they became.

use std::collections::{BTreeMap, BTreeSet};

use plimsoll_model::{Text, request_state};

use super::said::kind;
use super::{Site, edits, time, word};
use crate::settings::{Meaning, Sections, Sign};
use crate::wire::{CustomField, Named, Story, Task};

/// What differs between a task and its stories, which are in order.
pub(super) fn differences(site: &Site<'_>, task: &Task, stories: &[&Story]) -> BTreeSet<String> {
    let mut doubts = BTreeSet::new();
    sections(site, task, stories, &mut doubts);
    fields(site, task, stories, &mut doubts);
    tags(task, stories, &mut doubts);
    let names = stories.iter().filter(|story| kind(story) == "name_changed");
    let name = names
        .filter_map(|story| story.new_name.as_deref())
        .next_back();
    let now = task.name.as_deref().unwrap_or_default();
    if name.is_some_and(|name| name.trim() != now.trim()) {
        doubts.insert("its name is not the one with which its history ends".to_owned());
    }
    let mut dates = stories.iter().filter_map(|story| story.new_dates.as_ref());
    if let Some(then) = dates
        .next_back()
        .and_then(|dates| time(dates.due_at.as_ref()))
        && time(task.due_at.as_ref()) != Some(then)
    {
        doubts.insert("its dates are not those with which its history ends".to_owned());
    }
    doubts
}

/// The section is the one that it was moved to last. Nobody opens a task in one that approves or refuses.
fn sections(site: &Site<'_>, task: &Task, stories: &[&Story], doubts: &mut BTreeSet<String>) {
    let meaning = &site.settings.meaning;
    let ours = |section: &Option<Named>| {
        let gid = section.as_ref()?.gid.as_ref()?;
        site.sections.get(gid).cloned()
    };
    let (mut last, mut elsewhere) = (None, false);
    for story in stories {
        let (old, new) = (ours(&story.old_section), ours(&story.new_section));
        if old.is_some() || new.is_some() {
            last = Some(new);
        }
        // Taken out of it and put in again, it is in a section that no story names.
        if ["added_to_project", "removed_from_project"].contains(&kind(story)) {
            (last, elsewhere) = (None, true);
        }
    }
    let memberships = task.memberships.items.iter().filter(|one| {
        let project = one.project.as_ref();
        project.is_some_and(|project| project.gid == site.project)
    });
    let now: Vec<&Text> = memberships
        .filter_map(|one| one.section.as_ref()?.name.as_ref())
        .collect();
    match last {
        Some(Some(then)) if !now.contains(&&then) => {
            doubts.insert("its section is not the one with which its history ends".to_owned());
        }
        Some(_) => {}
        None => {
            let far = |name: &&Text| {
                let name = name.as_str().trim().to_lowercase();
                is_no(&meaning.sections, &name) || meaning.approves_by_section(&name)
            };
            if now.iter().any(far) && !elsewhere {
                doubts.insert(
                    "its history does not say how it came to its section: stories are missing"
                        .to_owned(),
                );
            }
        }
    }
}

/// Whether a value is a word for a refusal.
pub(super) fn is_no(sections: &Sections, value: &str) -> bool {
    let means = sections.meaning(value);
    means.is_some_and(|means| [request_state::REJECTED, request_state::CANCELLED].contains(&means))
}

/// Each field holds what it was set to last, and each story goes on where the one before it ended.
fn fields(site: &Site<'_>, task: &Task, stories: &[&Story], doubts: &mut BTreeSet<String>) {
    let meaning = &site.settings.meaning;
    let mut ends: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for story in stories {
        let Some(field) = &story.custom_field else {
            continue;
        };
        let name = lower(field);
        if !tells(story) || !meaning.counts(&name) {
            continue;
        }
        let before = ends.insert(name.clone(), values(story, true));
        // Of a text Asana does not always say what it was.
        let chained = kind(story) != "text_custom_field_changed";
        if chained && before.is_some_and(|before| before != values(story, false)) {
            doubts.insert(format!(
                "a change of its field {} is missing from its history: one begins where no other ended",
                word(&name)
            ));
        }
    }
    let mut now: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for field in &task.custom_fields.items {
        let name = field.name.as_deref().unwrap_or_default();
        let (name, held) = (name.trim().to_lowercase(), held(field));
        if let Some(first) = now.insert(name.clone(), held.clone())
            && meaning.approves(&name)
            && first != held
        {
            doubts.insert(format!(
                "two of its fields are called {}, and they hold different things: nobody can say which of them approves",
                word(&name)
            ));
        }
        let is_yes = held.iter().any(|value| meaning.is_yes(&name, value));
        if is_yes && held.iter().any(|value| is_no(&meaning.sections, value)) {
            doubts.insert(format!("its field {} says yes and no at once", word(&name)));
        }
    }
    for (name, then) in ends {
        if now.get(&name).cloned().unwrap_or_default() != then {
            doubts.insert(format!(
                "its field {} does not hold what its history ends with: stories are missing",
                word(&name)
            ));
        }
    }
}

/// Whether a story says what a field became.
fn tells(story: &Story) -> bool {
    let told = [
        "enum_custom_field_changed",
        "multi_enum_custom_field_changed",
        "people_custom_field_changed",
        "text_custom_field_changed",
    ];
    told.contains(&kind(story))
}

/// What a story says that a field holds since, or held before.
pub(super) fn values(story: &Story, new: bool) -> BTreeSet<String> {
    let (names, people) = match new {
        true => (edits::new(story), &story.new_people_value.items),
        false => (edits::old(story), &story.old_people_value.items),
    };
    let names = names.into_iter().map(|name| name.as_str());
    let people = people.iter().filter_map(|person| person.gid.as_deref());
    let text = story.new_text_value.as_deref().filter(|_| new);
    told(names.chain(people).chain(text))
}

/// What a field holds now.
fn held(field: &CustomField) -> BTreeSet<String> {
    let chosen = field.enum_value.iter();
    let chosen = chosen.chain(&field.multi_enum_values.items);
    let names = chosen.filter_map(|value| value.name.as_deref());
    let people = field.people_value.items.iter();
    let people = people.filter_map(|person| person.gid.as_deref());
    told(names.chain(people).chain(field.text_value.as_deref()))
}

fn told<'t>(texts: impl Iterator<Item = &'t str>) -> BTreeSet<String> {
    let texts = texts.map(|text| text.trim().to_lowercase());
    texts.filter(|text| !text.is_empty()).collect()
}

/// Each tag is there that was put on last, and none that was taken off.
fn tags(task: &Task, stories: &[&Story], doubts: &mut BTreeSet<String>) {
    let mut ends: BTreeMap<String, bool> = BTreeMap::new();
    for story in stories {
        let put_on = match kind(story) {
            "added_to_tag" => true,
            "removed_from_tag" => false,
            _ => continue,
        };
        if let Some(tag) = &story.tag {
            ends.insert(lower(tag), put_on);
        }
    }
    let now: BTreeSet<String> = task.tags.items.iter().map(lower).collect();
    if ends
        .iter()
        .any(|(tag, put_on)| now.contains(tag) != *put_on)
    {
        doubts.insert("its tags are not those with which its history ends".to_owned());
    }
}

fn lower(named: &Named) -> String {
    let name = named.name.as_deref().unwrap_or_default();
    name.trim().to_lowercase()
}

impl Meaning {
    /// Whether somebody approves by moving a task into a section.
    fn approves_by_section(&self, section: &str) -> bool {
        let mut rules = self.approvals.iter();
        rules.any(|rule| matches!(&rule.sign, Sign::Section(names) if names.iter().any(|name| name == section)))
    }

    /// Whether somebody approves or confirms by a field.
    fn approves(&self, field: &str) -> bool {
        let rules = self.approvals.iter();
        let mut rules = rules.chain(self.sign_offs.iter().map(|one| &one.rule));
        rules.any(|rule| rule.values_of(field).is_some())
    }

    /// Whether a value of a field approves.
    fn is_yes(&self, field: &str, value: &str) -> bool {
        let rules = self.approvals.iter();
        let mut values = rules.filter_map(|rule| rule.values_of(field)).flatten();
        values.any(|one| one == value)
    }

    /// Whether a field says something of the request.
    fn counts(&self, field: &str) -> bool {
        let fields = &self.fields;
        let lists = [
            &fields.systems,
            &fields.assets,
            &fields.facts,
            &fields.environments,
            &fields.implementers,
            &fields.labels,
            &fields.priority,
        ];
        let mut all = lists.into_iter().flatten();
        self.approves(field) || all.any(|one| one == field)
    }
}
