//! Who did something, when, and by what: the head of every story.

use jiff::Timestamp;
use plimsoll_model::Party;

use super::{Site, time};
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
        let source = story.source.as_deref();
        // Anybody can send a mail in somebody's name.
        let mailed = source == Some("email");
        let api = source == Some("api") && !site.settings.api_counts;
        Self {
            at: time(story.created_at.as_ref()),
            by: person.map(|person| site.party(person)),
            foreign: api || mailed,
            person,
        }
    }

    /// The time of an approval: none where nobody is named, or it may have been another in the name of somebody.
    pub(super) fn proven(&self) -> Option<Timestamp> {
        let named = self.person.is_some_and(|person| person.gid.is_some());
        self.at.filter(|_| named && !self.foreign)
    }
}

/// Stories in the order of their times, those without one first.
pub(super) fn in_order(stories: &[Story]) -> Vec<&Story> {
    let mut sorted: Vec<&Story> = stories.iter().collect();
    sorted.sort_by_key(|story| time(story.created_at.as_ref()));
    sorted
}

/// The kind of a story; empty where it does not say.
pub(super) fn kind(story: &Story) -> &str {
    story.resource_subtype.as_deref().unwrap_or_default()
}
