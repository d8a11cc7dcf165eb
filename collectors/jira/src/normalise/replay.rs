//! A history told from its beginning: approvals, what took them back, edits and states.

use std::collections::BTreeSet;

use jiff::Timestamp;
use plimsoll_model::{Approval, Edit, Party, SignOff, Text, Transition, Withdrawal, edit_field};

use super::desk::{Decided, OWN_MOVE};
use super::state::{Meaning, meaning};
use super::{people, said, words};
use crate::settings::{On, Settings};
use crate::wire::{Entry, Item, moment};
use crate::world::World;

/// What a history tells.
#[derive(Debug, Default)]
pub(crate) struct Told {
    pub(crate) approvals: Vec<Approval>,
    pub(crate) transitions: Vec<Transition>,
    pub(crate) edits: Vec<Edit>,
    pub(crate) sign_offs: Vec<SignOff>,
    pub(crate) implementers: Vec<Party>,
    /// Keys that it had before it was moved, and when it was.
    pub(crate) former: Vec<(Text, Deed)>,
    /// What is odd about it, so that it is not to be trusted whole.
    pub(crate) doubts: BTreeSet<String>,
    /// What is worth saying and leaves no doubt.
    pub(crate) remarks: BTreeSet<String>,
}

/// What an issue is like now, to hold its history to.
pub(crate) struct Now {
    pub(crate) status: String,
    pub(crate) assignee: Option<Party>,
}

/// When and by whom.
#[derive(Clone, Debug)]
pub(crate) struct Deed {
    pub(crate) at: Option<Timestamp>,
    pub(crate) by: Option<Party>,
    /// Whether a rule or an app acted in that name.
    pub(super) program: bool,
}

impl Deed {
    pub(super) fn party(&self) -> Party {
        let mut party = people::or_unknown(self.by.clone());
        party.bot |= self.program;
        party
    }
}

/// An approval that has not been taken back yet.
pub(super) struct Standing {
    pub(super) at: usize,
    /// The rule that it is by; none where it is the service desk's.
    pub(super) rule: Option<usize>,
}

pub(super) struct Replay<'r> {
    pub(super) world: &'r World,
    pub(super) settings: &'r Settings,
    pub(super) told: Told,
    pub(super) standing: Vec<Standing>,
    /// Of each confirmation the rule that it is by.
    pub(super) signed: Vec<usize>,
    pub(super) last: Meaning,
    pub(super) status: Option<String>,
    pub(super) assignee: Option<Party>,
    /// Which approval is of which step.
    pub(super) of_steps: Vec<(usize, usize)>,
    /// The step that was just completed: its time and its place.
    pub(super) own_move: Option<(Timestamp, usize)>,
    /// Of each step who made the move with which it ended.
    pub(super) completed: Vec<Option<Text>>,
}

enum Next<'r> {
    Step(usize, &'r Decided),
    Entry(Deed, Vec<Item>),
}

/// Tells a history.
pub(crate) fn replay(
    entries: &[&Entry],
    steps: &[Decided],
    now: &Now,
    world: &World,
    settings: &Settings,
) -> Told {
    let mut replay = Replay {
        world,
        settings,
        told: Told::default(),
        standing: Vec::new(),
        signed: Vec::new(),
        last: Meaning::Other,
        status: None,
        assignee: None,
        of_steps: Vec::new(),
        own_move: None,
        completed: vec![None; steps.len()],
    };
    let ordered = replay.order(entries, steps);
    replay.assignee = first_assignee(&ordered, now, &settings.bots);
    for next in ordered {
        match next {
            Next::Step(at, step) => replay.step(at, step),
            Next::Entry(deed, items) => replay.entry(&deed, &items),
        }
    }
    replay.times_of_steps(steps);
    replay.finish(now)
}

impl<'r> Replay<'r> {
    /// Everything in order of time, the entries as they are ordered already; what says none comes last.
    fn order(&mut self, entries: &[&Entry], steps: &'r [Decided]) -> Vec<Next<'r>> {
        let mut all = Vec::new();
        for (place, entry) in entries.iter().enumerate() {
            let at = moment(&entry.created);
            if at.is_none() {
                self.doubt("an entry of its history does not say when it was made");
            }
            let (items, broken) = entry.items();
            if broken > 0 {
                self.doubt("a part of its history cannot be read");
            }
            let deed = Deed {
                at,
                by: people::party(entry.author.as_ref(), &self.settings.bots),
                program: entry.by_program(),
            };
            let order = (at.unwrap_or(Timestamp::MAX), place.saturating_add(1));
            all.push((order, Next::Entry(deed, items)));
        }
        for (at, step) in steps.iter().enumerate() {
            // The move that a step makes may be written down a moment before it.
            let time = step
                .ended
                .and_then(|ended| ended.checked_sub(OWN_MOVE).ok());
            all.push(((time.unwrap_or(Timestamp::MAX), 0), Next::Step(at, step)));
        }
        all.sort_by_key(|(order, _)| *order);
        all.into_iter().map(|(_, next)| next).collect()
    }

    pub(super) fn doubt(&mut self, what: &str) {
        self.told.doubts.insert(what.to_owned());
    }

    fn entry(&mut self, deed: &Deed, items: &[Item]) {
        let mut altered: Vec<Text> = Vec::new();
        let mut moves = Vec::new();
        for item in items {
            match item.own().as_str() {
                "status" => moves.push(item),
                "assignee" => {
                    self.assign(item);
                    altered.push(Text::const_new(edit_field::IMPLEMENTERS));
                }
                "labels" => self.labels(deed, item, &mut altered),
                own => {
                    if own == "key" {
                        let key = said(&item.from_string, 100);
                        self.told.former.push((key, deed.clone()));
                    }
                    if !self.by_field(deed, item) {
                        altered.push(words::word(item, self.world, self.settings));
                        altered.extend(words::of_text(item, self.world, self.settings));
                    }
                }
            }
        }
        if items.is_empty() {
            // Something happened, and nothing says what.
            altered.push(Text::default());
        }
        altered.sort();
        altered.dedup();
        for field in altered {
            self.told.edits.push(Edit {
                at: deed.at,
                by: deed.by.clone(),
                field,
            });
        }
        for item in moves {
            self.moved(deed, item);
        }
    }

    pub(super) fn approve(&mut self, deed: &Deed, rule: usize) {
        if deed.by.is_none() {
            self.deleted("an approval");
        }
        if deed.program {
            let what =
                "an approval was given by a rule or an app in somebody's name, and so by a program";
            self.told.remarks.insert(what.to_owned());
        }
        let kind = self.settings.approvals.get(rule).map(|rule| &rule.kind);
        self.told.approvals.push(Approval {
            by: deed.party(),
            at: deed.at,
            kind: kind.cloned().unwrap_or_default(),
            withdrawn: None,
        });
        self.standing.push(Standing {
            at: self.told.approvals.len() - 1,
            rule: Some(rule),
        });
    }

    pub(super) fn deleted(&mut self, what: &str) {
        self.told.remarks.insert(format!(
            "{what} is by an account that was deleted, so nobody can say whose it was"
        ));
    }

    /// Takes back all that stands.
    pub(super) fn withdraw(&mut self, deed: &Deed) {
        self.withdraw_where(deed, |_, _| true);
    }

    /// Takes back those that fit.
    pub(super) fn withdraw_where(
        &mut self,
        deed: &Deed,
        fits: impl Fn(&Standing, &Approval) -> bool,
    ) {
        let told = &mut self.told;
        let rules = &self.settings.approvals;
        let mut at_once = false;
        self.standing.retain(|one| {
            let Some(approval) = told.approvals.get_mut(one.at) else {
                return false;
            };
            let back = fits(one, approval);
            if back {
                let rule = one.rule.and_then(|rule| rules.get(rule));
                // Of two moves the chain says which came first.
                let moved = rule.is_some_and(|rule| matches!(rule.on, On::Status { .. }));
                at_once |= !moved && approval.at.is_some() && approval.at == deed.at;
                approval.withdrawn = Some(Withdrawal {
                    at: deed.at,
                    by: deed.by.clone(),
                });
            }
            !back
        });
        if at_once {
            self.doubt("it was approved and that was taken back in one moment, and nothing says which came first");
        }
    }

    fn finish(mut self, now: &Now) -> Told {
        match &self.status {
            Some(last) if *last != now.status => self.doubt("its status is not the one with which its history ends: it was moved meanwhile, or a part of the history is missing"),
            Some(_) => {}
            None => self.unmoved(now),
        }
        self.drop_doubles();
        let mut told = self.told;
        if told.implementers.is_empty() {
            told.implementers.extend(now.assignee.clone());
        }
        let late = |at: &Option<Timestamp>| at.unwrap_or(Timestamp::MAX);
        told.approvals.sort_by(|a, b| {
            (late(&a.at), &a.by.account, &a.kind).cmp(&(late(&b.at), &b.by.account, &b.kind))
        });
        told.transitions.sort_by_cached_key(|step| late(&step.at));
        told.sign_offs.sort_by_cached_key(|one| late(&one.at));
        told.former.sort_by(|a, b| a.0.cmp(&b.0));
        told.former.dedup_by(|a, b| a.0 == b.0);
        told
    }
}

impl Replay<'_> {
    /// An issue that was never moved is in the state in which issues are opened: nobody opens one that is refused or done with, or that was taken up
    /// again after a step of the service desk had approved it.
    fn unmoved(&mut self, now: &Now) {
        let (name, category) = self.world.status(&now.status, "");
        let stands = self.standing.iter().any(|one| one.rule.is_none());
        let far = match meaning(&now.status, name, category, self.settings) {
            Meaning::Other | Meaning::Standing | Meaning::Implementing => false,
            Meaning::Reopened => stands,
            _ => true,
        };
        if far || now.status.is_empty() {
            self.doubt(
                "its history does not say how it came to its status: a part of it is missing",
            );
        }
    }
}

/// Who was to carry it out at the beginning.
fn first_assignee(ordered: &[Next<'_>], now: &Now, bots: &[String]) -> Option<Party> {
    let items = ordered.iter().filter_map(|next| match next {
        Next::Entry(_, items) => Some(items),
        Next::Step(..) => None,
    });
    let first = items.flatten().find(|item| item.own() == "assignee");
    match first {
        Some(item) => people::by_id(&item.from, &item.from_string, bots),
        None => now.assignee.clone(),
    }
}
