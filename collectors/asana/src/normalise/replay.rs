//! The history of a task, story by story: where it was moved, which fields approve it, what was taken back.
//!
//! An approval is the act of whoever moved the task or set the field, and of nobody else.

use plimsoll_model::{Approval, Party, SignOff, Text, Transition, Withdrawal, request_state};

use super::approval::UNPROVEN;
use super::said::{Hand, in_order, kind};
use super::{Making, Site, edits, fields, present, same, word};
use crate::settings::{Rule, Sign};
use crate::wire::{Named, Story, Task};

/// Fills in what happened.
pub(super) fn read(site: &Site<'_>, task: &Task, stories: &[Story], making: &mut Making) {
    let mut replay = Replay {
        site,
        making,
        given: Vec::new(),
        confirmed: Vec::new(),
        stands: None,
    };
    let ordered = in_order(stories);
    if ordered.open {
        replay
            .making
            .doubt("two stories are of one moment, and nothing says which of them came first");
    }
    for story in &ordered.steps {
        replay.story(task, story);
    }
    for what in present::differences(site, task, &ordered.steps) {
        replay.making.doubt(&what);
    }
    replay.hold_against(task);
    let (given, confirmed) = (replay.given, replay.confirmed);
    let request = &mut making.request;
    request
        .approvals
        .extend(given.into_iter().map(|given| given.approval));
    request
        .sign_offs
        .extend(confirmed.into_iter().map(|(_, sign_off)| sign_off));
}

struct Replay<'r, 's> {
    site: &'r Site<'s>,
    making: &'r mut Making,
    given: Vec<Given>,
    /// Confirmations with the place of their rule.
    confirmed: Vec<(usize, SignOff)>,
    /// To which section it went last.
    stands: Option<Text>,
}

/// An approval with what brought it.
struct Given {
    approval: Approval,
    rule: usize,
    person: Option<Named>,
}

impl Replay<'_, '_> {
    fn story(&mut self, task: &Task, story: &Story) {
        let hand = Hand::of(self.site, story);
        if hand.at.is_none() {
            self.making
                .doubt("something happened to it, nobody can tell when");
        }
        if story.new_approval_status.is_some() {
            // Told with the approval task that it is.
            return;
        }
        if story.new_section.is_some() || story.old_section.is_some() {
            return self.section(story, &hand);
        }
        if kind(story) == "section_changed" {
            let why = "it was moved, and nobody says between which sections";
            return self.making.doubt(why);
        }
        if let Some(field) = &story.custom_field {
            let name = field.name.as_deref().unwrap_or_default();
            return self.field(name, story, &hand);
        }
        let to = match kind(story) {
            "marked_complete" if !task.is_approval() => Some(request_state::IMPLEMENTED),
            "marked_incomplete" => Some(request_state::REOPENED),
            _ => None,
        };
        if let Some(to) = to {
            return self.went(to, "", &hand);
        }
        if kind(story) == "removed_from_project" && self.is_ours(story) {
            self.leave(&hand);
        }
        if let Some(field) = edits::field(self.site, story, self.is_ours(story)) {
            edits::note(&mut self.making.request, &hand, field);
        }
        for field in edits::otherwise(self.site, story) {
            edits::note(&mut self.making.request, &hand, field.into());
        }
    }

    fn went(&mut self, to: &str, name: &str, hand: &Hand<'_>) {
        self.making.request.transitions.push(Transition {
            at: hand.at,
            by: hand.by.clone(),
            to: to.into(),
            word: word(name),
        });
    }

    /// Whether a story is about this project, for all that is known.
    fn is_ours(&self, story: &Story) -> bool {
        let project = story.project.as_ref();
        project.is_none_or(|project| project.gid == self.site.project)
    }

    /// The task went into another section. An approval that a section means stands for as long as the sections are those that
    /// follow it. Sections of other projects say nothing: anybody can have one of that name.
    fn section(&mut self, story: &Story, hand: &Hand<'_>) {
        let name = |section: &Option<Named>| {
            let gid = section.as_ref()?.gid.as_ref()?;
            self.site.sections.get(gid).cloned()
        };
        let (old, new) = (name(&story.old_section), name(&story.new_section));
        // Every move has to begin where the one before it ended.
        if let (Some(old), Some(stands)) = (&old, &self.stands)
            && old != stands
        {
            self.making
                .doubt("a move is missing from its history: one begins where no other ended");
        }
        if old.is_some() || new.is_some() {
            self.stands.clone_from(&new);
        }
        let Some(new) = new else {
            // Out of ours, into one that is no more or is another project's.
            if old.is_some() {
                self.leave(hand);
                self.went("other", "", hand);
            }
            return;
        };
        let meaning = &self.site.settings.meaning;
        let mut to = meaning.sections.meaning(&new).unwrap_or("other");
        let approved = of_section(&meaning.approvals, &new);
        for (at, rule) in approved {
            to = request_state::APPROVED;
            self.give(at, rule, hand.person, hand);
        }
        if !follows(to) {
            self.leave(hand);
        }
        self.went(to, &new, hand);
    }

    /// Takes back what a section approved.
    fn leave(&mut self, hand: &Hand<'_>) {
        let rules = &self.site.settings.meaning.approvals;
        let by_section = |given: &Given| {
            let rule = rules.get(given.rule);
            rule.is_some_and(|rule| matches!(rule.sign, Sign::Section(_)))
        };
        self.withdraw(by_section, hand);
    }

    /// A custom field was set, altered or emptied.
    fn field(&mut self, name: &str, story: &Story, hand: &Hand<'_>) {
        let lower = name.trim().to_lowercase();
        let meaning = &self.site.settings.meaning;
        let mut known = false;
        for (at, rule) in meaning.approvals.iter().enumerate() {
            if let Some(values) = rule.values_of(&lower) {
                known = true;
                self.approval(at, rule, values, story, hand);
            }
        }
        for (at, confirm) in meaning.sign_offs.iter().enumerate() {
            if let Some(values) = confirm.rule.values_of(&lower) {
                known = true;
                self.confirmed.retain(|(rule, _)| *rule != at);
                for (by, own) in self.confirming(values, story, hand) {
                    let sign_off = SignOff {
                        by,
                        at: hand.proven().filter(|_| own),
                        kind: confirm.rule.kind.clone(),
                        root_cause: confirm.root_cause,
                    };
                    self.confirmed.push((at, sign_off));
                }
            }
        }
        if !known {
            let field = edits::custom(self.site, name, story);
            edits::note(&mut self.making.request, hand, field);
        }
    }

    fn approval(
        &mut self,
        at: usize,
        rule: &Rule,
        values: &[String],
        story: &Story,
        hand: &Hand<'_>,
    ) {
        if values.is_empty() {
            let (old, new) = (&story.old_people_value.items, &story.new_people_value.items);
            let has = |list: &[Named], person: &Named| list.iter().any(|one| same(one, person));
            for person in old.iter().filter(|person| !has(new, person)) {
                let is = |given: &Given| {
                    let own = given.person.as_ref();
                    given.rule == at && own.is_some_and(|own| same(own, person))
                };
                self.withdraw(is, hand);
            }
            for person in new.iter().filter(|person| !has(old, person)) {
                self.give(at, rule, Some(person), hand);
            }
            return;
        }
        let sections = &self.site.settings.meaning.sections;
        let is = |names: &[&Text], fits: &dyn Fn(&str) -> bool| {
            let mut names = names.iter();
            names.any(|name| fits(&name.as_str().trim().to_lowercase()))
        };
        let yes = |name: &str| values.iter().any(|one| one == name);
        let no = |name: &str| present::is_no(sections, name);
        let (old, new) = (edits::old(story), edits::new(story));
        let both = |names: &[&Text]| is(names, &yes) && is(names, &no);
        if both(&new) {
            self.making
                .doubt("a field was set to what says yes and no at once");
        }
        let before = is(&old, &yes) && !both(&old);
        let after = is(&new, &yes) && !both(&new);
        match (before, after) {
            (false, true) => self.give(at, rule, hand.person, hand),
            // Also where nothing says what it was before.
            (_, false) => self.withdraw(|given| given.rule == at, hand),
            (true, true) => {}
        }
    }

    /// Who confirms by a field, and whether by their own hand.
    fn confirming(&self, values: &[String], story: &Story, hand: &Hand<'_>) -> Vec<(Party, bool)> {
        let own = |person: &Named| hand.person.is_some_and(|hand| same(hand, person));
        let author = || vec![(self.site.party_or_nobody(hand.person), true)];
        let people = &story.new_people_value.items;
        if values.is_empty() && !people.is_empty() {
            let people = people.iter();
            return people
                .map(|person| (self.site.party(person), own(person)))
                .collect();
        }
        let text = story.new_text_value.as_deref().unwrap_or_default().trim();
        let names = edits::new(story);
        let chosen = names
            .iter()
            .any(|name| values.contains(&name.as_str().trim().to_lowercase()));
        let said = values.is_empty() && (!text.is_empty() || !names.is_empty());
        if said || chosen || values.contains(&text.to_lowercase()) {
            author()
        } else {
            Vec::new()
        }
    }

    fn give(&mut self, at: usize, rule: &Rule, person: Option<&Named>, hand: &Hand<'_>) {
        let own = match (person, hand.person) {
            (Some(person), Some(hand)) => same(person, hand),
            _ => false,
        };
        let proven = hand.proven().filter(|_| own);
        if !own && person.is_some() {
            self.making.remark("it says that somebody approved it, and that account did not set this itself: such an approval has no time, and proves nothing");
        } else if proven.is_none() && hand.at.is_some() {
            self.making.remark(UNPROVEN);
        }
        let mut approval = Approval::new("", proven);
        approval.by = self.site.party_or_nobody(person);
        approval.kind = rule.kind.clone();
        self.given.push(Given {
            approval,
            rule: at,
            person: person.cloned(),
        });
    }

    fn withdraw(&mut self, which: impl Fn(&Given) -> bool, hand: &Hand<'_>) {
        let standing = self.given.iter_mut();
        let standing = standing.filter(|given| given.approval.withdrawn.is_none());
        for given in standing.filter(|given| which(given)) {
            given.approval.withdrawn = Some(Withdrawal {
                at: hand.at,
                by: hand.by.clone(),
            });
        }
    }

    /// Every approval that stands by the stories must stand by what the task says now: else stories are missing.
    fn hold_against(&mut self, task: &Task) {
        let meaning = &self.site.settings.meaning;
        let memberships = task.memberships.items.iter();
        let ours = memberships.filter(|one| {
            let project = one.project.as_ref();
            project.is_some_and(|project| project.gid == self.site.project)
        });
        let sections: Vec<&Text> = ours
            .filter_map(|one| one.section.as_ref()?.name.as_ref())
            .collect();
        let in_section = |name: &Text| {
            meaning.sections.meaning(name).is_some_and(follows)
                || of_section(&meaning.approvals, name).next().is_some()
        };
        let stands = |given: &Given| match meaning.approvals.get(given.rule).map(|one| &one.sign) {
            Some(Sign::Section(_)) => sections.iter().any(|name| in_section(name)),
            Some(Sign::Field(name, values)) => {
                let mut all = task.custom_fields.items.iter();
                let field = all.find(|field| {
                    let have = field.name.as_deref().unwrap_or_default();
                    have.trim().to_lowercase() == *name
                });
                field.is_some_and(|field| {
                    let mut people = field.people_value.items.iter();
                    let person = given.person.as_ref();
                    let named = person.is_some_and(|person| people.any(|one| same(one, person)));
                    let mut now = fields::names(field);
                    let chosen =
                        now.any(|now| values.contains(&now.as_str().trim().to_lowercase()));
                    (values.is_empty() && named) || chosen
                })
            }
            _ => true,
        };
        let mut standing = self.given.iter();
        if standing.any(|given| given.approval.withdrawn.is_none() && !stands(given)) {
            self.making
                .doubt("its history says that it is approved, and its fields say otherwise");
        }
    }
}

/// The rules by which a section approves, each with its place.
fn of_section<'r>(
    rules: &'r [Rule],
    section: &str,
) -> impl Iterator<Item = (usize, &'r Rule)> + use<'r> {
    let section = section.trim().to_lowercase();
    let all = rules.iter().enumerate();
    all.filter(
        move |(_, rule)| matches!(&rule.sign, Sign::Section(names) if names.contains(&section)),
    )
}

/// Whether an approval stands on in a section with this meaning.
fn follows(meaning: &str) -> bool {
    [
        request_state::APPROVED,
        request_state::IMPLEMENTING,
        request_state::IMPLEMENTED,
        request_state::CLOSED,
    ]
    .contains(&meaning)
}
