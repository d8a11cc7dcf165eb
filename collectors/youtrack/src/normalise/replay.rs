//! The history of an issue, event by event: who approved, what was taken back, where it went.
//!
//! An approval is the act of whoever set the value, and of nobody else. Where a field says that somebody approved and
//! another hand wrote it there, the approval has no time, and so proves nothing.

use std::collections::BTreeMap;

use jiff::Timestamp;
use plimsoll_kit::chain::{self, Ordered, Step};
use plimsoll_model::{
    Approval, ChangeRequest, Party, SignOff, Transition, Withdrawal, request_state,
};

use super::{Site, doubt, edits, present, same, time, word};
use serde_json::Value;

use crate::settings::Rule;
use crate::wire::{Event, Issue, Part, User, parts};

/// The events in order of time, and those of one moment in the order in which each field goes on where it ended.
pub(super) fn in_order<'e>(
    site: &Site<'_>,
    issue: &Issue,
    events: &'e [Event],
) -> Ordered<&'e Event> {
    let meaning = &site.settings.meaning;
    let names = |value: &Value| {
        let values = parts(value);
        let mut values: Vec<String> = values.iter().filter_map(present::value).collect();
        values.sort();
        values.join("\n")
    };
    let step = |event: &'e Event| {
        let field = present::field(event);
        let field = field.filter(|field| present::approves(meaning, field));
        let moves = field.map(|field| (field, (names(&event.removed), names(&event.added))));
        Step {
            at: event.timestamp.and_then(time),
            moves: moves.into_iter().collect(),
            what: event,
        }
    };
    let mut steps: Vec<Step<&Event>> = events.iter().map(step).collect();
    // Those without a time stay where they are told: at the start, before anything that can be relied on.
    steps.sort_by_key(|step| step.what.timestamp);
    let fields = issue.custom_fields.items.iter();
    let end = fields.map(|field| (field.name.trim().to_lowercase(), names(&field.value)));
    chain::in_order(&steps, &end.collect())
}

/// Fills in what happened.
pub(super) fn read(
    site: &Site<'_>,
    issue: &Issue,
    events: &[&Event],
    request: &mut ChangeRequest,
    remarks: &mut Vec<String>,
) {
    let mut replay = Replay {
        site,
        request,
        remarks,
        given: Vec::new(),
        confirmed: Vec::new(),
        stands: BTreeMap::new(),
    };
    for event in events {
        replay.event(event);
    }
    replay.hold_against(issue);
    let Replay {
        given, confirmed, ..
    } = replay;
    request.approvals = given.into_iter().map(|given| given.approval).collect();
    request.sign_offs = confirmed
        .into_iter()
        .map(|(_, sign_off)| sign_off)
        .collect();
}

struct Replay<'r, 's> {
    site: &'r Site<'s>,
    request: &'r mut ChangeRequest,
    remarks: &'r mut Vec<String>,
    given: Vec<Given>,
    /// Confirmations with the place of their rule.
    confirmed: Vec<(usize, SignOff)>,
    /// To which state each field of states went last.
    stands: BTreeMap<String, Vec<String>>,
}

/// An approval with what brought it.
struct Given {
    approval: Approval,
    rule: usize,
    user: Option<User>,
}

/// Who did something, and when.
struct Hand<'e> {
    at: Option<Timestamp>,
    user: Option<&'e User>,
    by: Option<Party>,
}

impl Replay<'_, '_> {
    fn event(&mut self, event: &Event) {
        let hand = Hand {
            at: event.timestamp.and_then(time),
            user: event.author.as_ref(),
            by: event.author.as_ref().map(|user| self.site.party(user)),
        };
        if hand.at.is_none() {
            let why = "something happened to it, nobody can tell when";
            doubt(self.request, self.remarks, why);
        }
        let category = event.category.as_ref().map(|one| one.id.as_str());
        let field = event.field.as_ref();
        let name = field.and_then(|field| {
            let custom = field.custom_field.as_ref().map(|custom| &custom.name);
            custom.or(field.name.as_ref())
        });
        if category == Some("CustomFieldCategory") {
            let Some(name) = name else {
                return edits::note(self.request, &hand.at, &hand.by, "".into());
            };
            return self.custom_field(name, event, &hand);
        }
        if let Some(field) = edits::field(self.site, category, event) {
            edits::note(self.request, &hand.at, &hand.by, field);
        }
        for field in edits::otherwise(self.site, category, event) {
            edits::note(self.request, &hand.at, &hand.by, field.into());
        }
    }

    fn custom_field(&mut self, name: &str, event: &Event, hand: &Hand<'_>) {
        let (added, removed) = (parts(&event.added), parts(&event.removed));
        let lower = name.trim().to_lowercase();
        let meaning = &self.site.settings.meaning;
        let mut known = false;
        if meaning.fields.state.contains(&lower) {
            self.chain(&lower, &removed, &added);
            self.state(&lower, &added, hand);
            known = true;
        } else {
            for (at, rule) in of(&meaning.approvals, &lower) {
                known = true;
                self.approval(at, rule, &added, &removed, hand);
            }
        }
        for (at, confirm) in meaning.sign_offs.iter().enumerate() {
            if confirm.rule.field == lower {
                known = true;
                self.sign_off(at, &added, hand);
            }
        }
        if !known {
            let field = edits::custom(self.site, name, &added, &removed);
            edits::note(self.request, &hand.at, &hand.by, field);
        }
    }

    /// Every move has to begin where the one before it ended.
    fn chain(&mut self, field: &str, from: &[Part], to: &[Part]) {
        let names = |parts: &[Part]| parts.iter().map(|part| text(part).to_owned()).collect();
        let from: Vec<String> = names(from);
        let before = self.stands.insert(field.to_owned(), names(to));
        if before.is_some_and(|before| before != from) {
            let why = "a move is missing from its history: one begins where no other ended";
            doubt(self.request, self.remarks, why);
        }
    }

    /// The state went somewhere. An approval that a state means stands for as long as the states are those that follow it.
    fn state(&mut self, field: &str, added: &[Part], hand: &Hand<'_>) {
        let meaning = &self.site.settings.meaning;
        let both = self.is_both(field, added);
        let mut stands = false;
        for part in added {
            let name = text(part);
            let lower = name.to_lowercase();
            let means = meaning.states.meaning(&lower).filter(|_| !both);
            let mut to = means.unwrap_or("other");
            for (at, rule) in of(&meaning.approvals, field) {
                if rule.values.contains(&lower) && !both {
                    to = request_state::APPROVED;
                    self.give(at, rule, hand.user, hand);
                }
            }
            stands |= follows(to) && !both;
            self.request.transitions.push(Transition {
                at: hand.at,
                by: hand.by.clone(),
                to: to.into(),
                word: word(name),
            });
        }
        if added.is_empty() {
            self.request.transitions.push(Transition {
                at: hand.at,
                by: hand.by.clone(),
                to: "other".into(),
                word: "".into(),
            });
        }
        if !stands {
            for (at, _) in of(&meaning.approvals, field) {
                self.withdraw(|given| given.rule == at, hand);
            }
        }
    }

    /// Whether a field was set to what says yes and no at once, which leaves a doubt.
    fn is_both(&mut self, field: &str, added: &[Part]) -> bool {
        let meaning = &self.site.settings.meaning;
        let names: Vec<String> = added.iter().map(|part| text(part).to_lowercase()).collect();
        let both = present::is_both(meaning, field, names.iter().map(String::as_str));
        if both {
            let why = "a field was set to what says yes and no at once";
            doubt(self.request, self.remarks, why);
        }
        both
    }

    /// A field that holds an approval was set, altered or emptied.
    fn approval(
        &mut self,
        at: usize,
        rule: &Rule,
        added: &[Part],
        removed: &[Part],
        hand: &Hand<'_>,
    ) {
        if rule.values.is_empty() {
            for user in users(removed) {
                let is = |given: &Given| {
                    given.rule == at && given.user.as_ref().is_some_and(|one| same(one, user))
                };
                self.withdraw(is, hand);
            }
            for user in users(added) {
                self.give(at, rule, Some(user), hand);
            }
            return;
        }
        let meaning = &self.site.settings.meaning;
        let yes = |part: &Part| rule.values.contains(&text(part).to_lowercase());
        let no = |part: &Part| present::is_no(meaning, &text(part).to_lowercase());
        let both = self.is_both(&rule.field, added);
        if added.iter().any(yes) && !both {
            self.give(at, rule, hand.user, hand);
        } else if both || added.iter().any(no) {
            // Also where the yes is still there beside it.
            self.withdraw(|given| given.rule == at, hand);
        } else if removed.iter().any(yes) || (added.is_empty() && removed.is_empty()) {
            self.withdraw(|given| given.rule == at, hand);
        }
    }

    fn give(&mut self, at: usize, rule: &Rule, user: Option<&User>, hand: &Hand<'_>) {
        let own = match (user, hand.user) {
            (Some(user), Some(hand)) => same(user, hand),
            // By a hand that the tracker does not name.
            _ => false,
        };
        if !own {
            self.remarks.push("it says that somebody approved it, and that account did not set this itself: such an approval has no time, and proves nothing".to_owned());
        }
        let mut approval = Approval::new("", hand.at.filter(|_| own));
        approval.by = self.site.party_or_nobody(user);
        approval.kind = rule.kind.clone();
        self.given.push(Given {
            approval,
            rule: at,
            user: user.cloned(),
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

    /// A field that holds a confirmation was set, altered or emptied. What was there before is confirmed no more.
    fn sign_off(&mut self, at: usize, added: &[Part], hand: &Hand<'_>) {
        let Some(confirm) = self.site.settings.meaning.sign_offs.get(at) else {
            return;
        };
        self.confirmed.retain(|(rule, _)| *rule != at);
        let rule = &confirm.rule;
        for part in added {
            let (by, own) = match part {
                Part::User(user) if rule.values.is_empty() => {
                    let own = hand.user.is_some_and(|hand| same(hand, user));
                    (self.site.party(user), own)
                }
                _ if rule.values.is_empty() && text(part).trim().is_empty() => continue,
                _ if rule.values.is_empty() || rule.values.contains(&text(part).to_lowercase()) => {
                    (self.site.party_or_nobody(hand.user), true)
                }
                _ => continue,
            };
            let sign_off = SignOff {
                by,
                at: hand.at.filter(|_| own),
                kind: rule.kind.clone(),
                root_cause: confirm.root_cause,
            };
            self.confirmed.push((at, sign_off));
        }
    }

    /// Every approval that stands by the events must stand by what the fields say now: else events are missing.
    fn hold_against(&mut self, issue: &Issue) {
        let meaning = &self.site.settings.meaning;
        let doubtful = self.given.iter().any(|given| {
            let standing = given.approval.withdrawn.is_none();
            let Some(rule) = meaning.approvals.get(given.rule).filter(|_| standing) else {
                return false;
            };
            let mut fields = issue.custom_fields.items.iter();
            let field = fields.find(|field| field.name.trim().to_lowercase() == rule.field);
            let now = field.map(|field| parts(&field.value)).unwrap_or_default();
            !now.iter().any(|part| match (&given.user, part) {
                (Some(user), Part::User(now)) if rule.values.is_empty() => same(user, now),
                _ => {
                    let name = text(part).to_lowercase();
                    rule.values.contains(&name)
                        || (meaning.fields.state.contains(&rule.field)
                            && (meaning.states.meaning(&name).is_some_and(follows)
                                || of(&meaning.approvals, &rule.field)
                                    .any(|(_, other)| other.values.contains(&name))))
                }
            })
        });
        if doubtful {
            let why = "its history says that it is approved, and its fields say otherwise";
            doubt(self.request, self.remarks, why);
        }
    }
}

/// The rules about a field, each with its place.
fn of<'r>(rules: &'r [Rule], field: &'r str) -> impl Iterator<Item = (usize, &'r Rule)> {
    let all = rules.iter().enumerate();
    all.filter(move |(_, rule)| rule.field == field)
}

/// Whether an approval stands on in a state with this meaning.
fn follows(meaning: &str) -> bool {
    [
        request_state::APPROVED,
        request_state::IMPLEMENTING,
        request_state::IMPLEMENTED,
        request_state::CLOSED,
    ]
    .contains(&meaning)
}

fn users(parts: &[Part]) -> impl Iterator<Item = &User> {
    parts.iter().filter_map(|part| match part {
        Part::User(user) => Some(user),
        _ => None,
    })
}

/// A part as a name.
pub(super) fn text(part: &Part) -> &str {
    match part {
        Part::Name(name) => name,
        Part::Text(text) => text,
        Part::User(_) | Part::Number(_) | Part::Other => "",
    }
}
