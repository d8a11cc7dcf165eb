//! A history told from its beginning: approvals, what took them back, edits and states.

use std::collections::BTreeSet;

use jiff::Timestamp;
use plimsoll_model::{
    Approval, Edit, Party, SignOff, Text, Transition, Withdrawal, edit_field, request_state,
};

use super::desk::{Decided, OWN_MOVE};
use super::state::{Meaning, meaning_of_move, named};
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
    program: bool,
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
    last: Meaning,
    status: Option<String>,
    assignee: Option<Party>,
    /// Which approval is of which step.
    of_steps: Vec<(usize, usize)>,
    /// The step that was just completed: its time and its place.
    own_move: Option<(Timestamp, usize)>,
    /// Of each step who made the move with which it ended.
    completed: Vec<Option<Text>>,
}

enum Next<'r> {
    Step(usize, &'r Decided),
    Entry(Deed, Vec<Item>),
}

/// Tells a history.
pub(crate) fn replay(
    entries: &[Entry],
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
    /// Everything in order of time; what says none comes last.
    fn order(&mut self, entries: &[Entry], steps: &'r [Decided]) -> Vec<Next<'r>> {
        let mut all = Vec::new();
        for entry in entries {
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
            let order = (
                at.unwrap_or(Timestamp::MAX),
                entry.id.parse().unwrap_or(u64::MAX),
            );
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

    /// A step of the service desk that came to an end.
    fn step(&mut self, at: usize, step: &Decided) {
        if !step.yes {
            let by = match &step.by[..] {
                [one] => one.clone(),
                _ => None,
            };
            self.told.transitions.push(Transition {
                at: step.ended,
                by: by.clone(),
                to: Text::const_new(request_state::REJECTED),
                word: said(&format!("approval declined: {}", step.name), 100),
            });
            self.withdraw(&Deed {
                at: step.ended,
                by,
                program: false,
            });
            return;
        }
        let kind = self.kind_of_step(&step.name);
        for by in &step.by {
            if by.is_none() {
                self.deleted("an approval");
            }
            // Its time is found when all is told.
            self.told.approvals.push(Approval {
                by: people::or_unknown(by.clone()),
                at: None,
                kind: kind.clone(),
                withdrawn: None,
            });
            let place = self.told.approvals.len() - 1;
            self.of_steps.push((place, at));
            self.standing.push(Standing {
                at: place,
                rule: None,
            });
        }
        self.own_move = step.ended.map(|ended| (ended, at));
    }

    fn kind_of_step(&self, name: &str) -> Text {
        let rules = self.settings.approvals.iter();
        let mut rules = rules.filter(|rule| match &rule.on {
            On::Step(names) => names.iter().any(|one| one == name),
            _ => false,
        });
        rules
            .next()
            .map_or_else(Text::default, |rule| rule.kind.clone())
    }

    fn entry(&mut self, deed: &Deed, items: &[Item]) {
        let mut altered: Vec<Text> = Vec::new();
        let mut moves = Vec::new();
        for item in items {
            let field = if item.field_id.is_empty() {
                item.field.to_lowercase()
            } else {
                item.field_id.to_lowercase()
            };
            match field.as_str() {
                "status" => moves.push(item),
                "assignee" => {
                    self.assign(item);
                    altered.push(Text::const_new(edit_field::IMPLEMENTERS));
                }
                "labels" => self.labels(deed, item, &mut altered),
                _ => {
                    if field == "key" || item.field.eq_ignore_ascii_case("key") {
                        let key = said(&item.from_string, 100);
                        self.told.former.push((key, deed.clone()));
                    }
                    if !self.by_field(deed, item) {
                        altered.push(words::word(item, self.world, self.settings));
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

    fn moved(&mut self, deed: &Deed, item: &Item) {
        if self.status.as_ref().is_some_and(|last| *last != item.from) {
            self.doubt("a move is missing from its history: one begins where no other ended");
        }
        self.status = Some(item.to.clone());
        let (name, _) = self.world.status(&item.to, &item.to_string);
        let mut meant = meaning_of_move(&item.to, &item.to_string, self.world, self.settings);
        let own = self.is_own_move(deed);
        if meant == Meaning::Other && !own {
            let over = matches!(
                self.last,
                Meaning::Implemented | Meaning::Closed | Meaning::Cancelled | Meaning::Rejected
            );
            if !self.standing.is_empty() || over {
                meant = Meaning::Reopened;
            }
        }
        let rules = self.approving(item);
        let to = match (meant, rules.is_empty()) {
            // A status that means approval, and was not come to by the way that means it.
            (Meaning::Approved, true) => None,
            (meant, _) => meant.word(),
        };
        self.told.transitions.push(Transition {
            at: deed.at,
            by: deed.by.clone(),
            to: to.map_or_else(|| said(name, 100), Text::const_new),
            word: said(name, 100),
        });
        match meant {
            Meaning::Reopened | Meaning::Rejected | Meaning::Cancelled => {
                self.withdraw(deed);
                if meant != Meaning::Cancelled {
                    self.unsign_statuses();
                }
            }
            Meaning::Approved => rules.into_iter().for_each(|rule| self.approve(deed, rule)),
            Meaning::Implementing => self.implement(deed),
            Meaning::Implemented if self.told.implementers.is_empty() => self.implement(deed),
            _ => {}
        }
        self.sign_by_status(deed, item);
        self.last = meant;
    }

    /// Whether this is the move that a completed step makes by itself: the first one after it, by somebody who said yes in it.
    fn is_own_move(&mut self, deed: &Deed) -> bool {
        let Some((ended, step)) = self.own_move.take() else {
            return false;
        };
        let near = deed
            .at
            .is_some_and(|at| at.duration_since(ended).abs() <= OWN_MOVE);
        let by = deed.by.as_ref().map(|by| &by.account);
        let approvers = self.of_steps.iter().filter(|(_, of)| *of == step);
        let own = near
            && approvers
                .filter_map(|(at, _)| self.told.approvals.get(*at))
                .any(|approval| Some(&approval.by.account) == by);
        if own && let Some(completed) = self.completed.get_mut(step) {
            *completed = by.cloned();
        }
        own
    }

    /// The rules by which a move is an approval.
    fn approving(&self, item: &Item) -> Vec<usize> {
        let rules = self.settings.approvals.iter().enumerate();
        let fits = rules.filter(|(_, rule)| match &rule.on {
            On::Status { to, from } => {
                named(&item.to, &item.to_string, to, self.world)
                    && (from.is_empty() || named(&item.from, &item.from_string, from, self.world))
            }
            _ => false,
        });
        fits.map(|(at, _)| at).collect()
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

    fn deleted(&mut self, what: &str) {
        self.told.remarks.insert(format!(
            "{what} is by an account that was deleted, so nobody can say whose it was"
        ));
    }

    /// Takes back all that stands.
    fn withdraw(&mut self, deed: &Deed) {
        self.withdraw_where(deed, |_, _| true);
    }

    /// Takes back those that fit.
    pub(super) fn withdraw_where(
        &mut self,
        deed: &Deed,
        fits: impl Fn(&Standing, &Approval) -> bool,
    ) {
        let told = &mut self.told;
        self.standing.retain(|one| {
            let Some(approval) = told.approvals.get_mut(one.at) else {
                return false;
            };
            let back = fits(one, approval);
            if back {
                approval.withdrawn = Some(Withdrawal {
                    at: deed.at,
                    by: deed.by.clone(),
                });
            }
            !back
        });
    }

    fn assign(&mut self, item: &Item) {
        self.assignee = people::by_id(&item.to, &item.to_string, &self.settings.bots);
        if self.last == Meaning::Implementing {
            let assignee = self.assignee.clone();
            self.note_implementer(assignee);
        }
    }

    fn implement(&mut self, deed: &Deed) {
        let by = self.assignee.clone().or_else(|| deed.by.clone());
        self.note_implementer(by);
    }

    fn note_implementer(&mut self, party: Option<Party>) {
        let known = |one: &Party| {
            party
                .as_ref()
                .is_some_and(|party| party.account == one.account)
        };
        if !self.told.implementers.iter().any(known) {
            self.told.implementers.extend(party);
        }
    }

    /// Gives the approvals of steps their time where there can be no doubt about it.
    fn times_of_steps(&mut self, steps: &[Decided]) {
        let of_steps = std::mem::take(&mut self.of_steps);
        for (at, of) in &of_steps {
            let Some(step) = steps.get(*of) else { continue };
            let alone = of_steps.iter().filter(|(_, other)| other == of).count() == 1;
            let completed = self.completed.get(*of).and_then(Option::as_ref);
            let quiet = self.quiet_during(step);
            if let Some(approval) = self.told.approvals.get_mut(*at)
                && (alone || quiet || completed == Some(&approval.by.account))
            {
                approval.at = step.ended;
            }
        }
        self.of_steps = of_steps;
    }

    /// Whether nothing was altered from the beginning of a step to its end, as far as the whole history tells.
    fn quiet_during(&self, step: &Decided) -> bool {
        let Some((began, ended)) = step.began.zip(step.ended) else {
            return false;
        };
        let mut edits = self.told.edits.iter();
        let altered = edits.any(|edit| {
            !edit_field::HARMLESS.contains(&edit.field.as_str())
                && edit.at.is_none_or(|at| at >= began && at <= ended)
        });
        self.told.doubts.is_empty() && !altered
    }

    fn finish(mut self, now: &Now) -> Told {
        if self.status.as_ref().is_some_and(|last| *last != now.status) {
            self.doubt("its status is not the one with which its history ends: it was moved meanwhile, or a part of the history is missing");
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
        told.transitions.sort_by_key(|step| late(&step.at));
        told.sign_offs.sort_by_key(|one| late(&one.at));
        told.former.sort_by(|a, b| a.0.cmp(&b.0));
        told.former.dedup_by(|a, b| a.0 == b.0);
        told
    }

    /// A step and the move that it made are one yes.
    fn drop_doubles(&mut self) {
        let steps = self.of_steps.iter().filter_map(|(at, _)| {
            let approval = self.told.approvals.get(*at)?;
            Some((*at, approval.by.account.clone(), approval.at?))
        });
        let steps: Vec<_> = steps.collect();
        let mut place = 0;
        self.told.approvals.retain(|approval| {
            let own = place;
            place += 1;
            let same = |(at, account, time): &(usize, Text, Timestamp)| {
                *at != own
                    && approval.kind.is_empty()
                    && approval.by.account == *account
                    && approval
                        .at
                        .is_some_and(|at| at.duration_since(*time).abs() <= OWN_MOVE)
            };
            steps.iter().any(|(at, ..)| *at == own) || !steps.iter().any(same)
        });
    }
}

/// Who was to carry it out at the beginning.
fn first_assignee(ordered: &[Next<'_>], now: &Now, bots: &[String]) -> Option<Party> {
    let items = ordered.iter().filter_map(|next| match next {
        Next::Entry(_, items) => Some(items),
        Next::Step(..) => None,
    });
    let first = items
        .flatten()
        .find(|item| item.field.eq_ignore_ascii_case("assignee") || item.field_id == "assignee");
    match first {
        Some(item) => people::by_id(&item.from, &item.from_string, bots),
        None => now.assignee.clone(),
    }
}
