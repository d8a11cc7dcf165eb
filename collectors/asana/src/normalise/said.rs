//! Who did something, when, and by what: the head of every story.

use std::collections::BTreeMap;

use jiff::Timestamp;
use plimsoll_kit::chain::{self, Ordered, Step};
use plimsoll_model::Party;

use super::{Site, present, time};
use crate::wire::{Named, Story};

/// The head of a story.
pub(super) struct Hand<'s> {
    pub(super) at: Option<Timestamp>,
    pub(super) person: Option<&'s Named>,
    pub(super) by: Option<Party>,
    /// Whether a program did it with that account's token, or somebody by mail in its name, for all that is known.
    pub(super) foreign: bool,
}

impl<'s> Hand<'s> {
    pub(super) fn of(site: &Site<'_>, story: &'s Story) -> Self {
        let person = story.created_by.as_ref();
        let foreign = match story.source.as_deref() {
            // By hand, in Asana's own pages and apps.
            Some("web" | "mobile") => false,
            Some("api") => !site.settings.api_counts,
            // Anybody can send a mail in somebody's name, and of what has no known source nobody can say who did it.
            _ => true,
        };
        Self {
            at: time(story.created_at.as_ref()),
            by: person.map(|person| site.party(person)),
            foreign,
            person,
        }
    }

    /// The time of an approval: none where nobody is named, or it may have been another in the name of somebody.
    pub(super) fn proven(&self) -> Option<Timestamp> {
        let named = self.person.is_some_and(|person| person.gid.is_some());
        self.at.filter(|_| named && !self.foreign)
    }
}

/// Stories in the order of their times, those without one first; those of one moment in the order in which section, fields and
/// approval go on where they ended.
pub(super) fn in_order(stories: &[Story]) -> Ordered<&Story> {
    let mut steps: Vec<Step<&Story>> = stories
        .iter()
        .map(|story| Step {
            at: time(story.created_at.as_ref()),
            moves: moves(story),
            what: story,
        })
        .collect();
    steps.sort_by_key(|step| step.at);
    chain::in_order(&steps, &BTreeMap::new())
}

/// What a story moved from where to where.
fn moves(story: &Story) -> BTreeMap<String, (String, String)> {
    let gid = |one: &Option<Named>| {
        let gid = one.as_ref().and_then(|one| one.gid.as_ref());
        gid.map(ToString::to_string).unwrap_or_default()
    };
    let mut moves = BTreeMap::new();
    if story.new_section.is_some() || story.old_section.is_some() {
        let sections = (gid(&story.old_section), gid(&story.new_section));
        moves.insert("section".to_owned(), sections);
    }
    if let Some(field) = &story.custom_field {
        let name = field.name.as_deref().unwrap_or_default();
        let values =
            [false, true].map(|new| present::values(story, new).into_iter().collect::<Vec<_>>());
        let [old, new] = values.map(|values| values.join("\n"));
        moves.insert(format!("field {}", name.trim().to_lowercase()), (old, new));
    }
    moves
}

/// The kind of a story; empty where it does not say.
pub(super) fn kind(story: &Story) -> &str {
    story.resource_subtype.as_deref().unwrap_or_default()
}
