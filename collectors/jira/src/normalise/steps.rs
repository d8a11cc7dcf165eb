//! What a service desk's steps make of a history.

use jiff::Timestamp;
use plimsoll_model::{Approval, Text, Transition, request_state};

use super::desk::{Decided, OWN_MOVE};
use super::replay::{Deed, Replay, Standing};
use super::{people, said};
use crate::settings::On;

impl Replay<'_> {
    /// A step of the service desk that came to an end.
    pub(super) fn step(&mut self, at: usize, step: &Decided) {
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

    /// Whether this is the move that a completed step makes by itself: the first one after it, by somebody who said yes in it, or by a program.
    pub(super) fn is_own_move(&mut self, deed: &Deed) -> bool {
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
        let by_program = deed.program || deed.by.as_ref().is_some_and(|by| by.bot);
        if near && by_program && !own {
            return true;
        }
        if own && let Some(completed) = self.completed.get_mut(step) {
            *completed = by.cloned();
        }
        own
    }

    /// Gives the yes that completed a step the time at which it was completed: where it is the only one, or its author made the move
    /// with which the step ended. An earlier yes has no time that anybody tells.
    pub(super) fn times_of_steps(&mut self, steps: &[Decided]) {
        for (at, of) in &self.of_steps {
            let Some(step) = steps.get(*of) else { continue };
            let alone = step.by.len() == 1;
            let completed = self.completed.get(*of).and_then(Option::as_ref);
            if let Some(approval) = self.told.approvals.get_mut(*at)
                && (alone || completed == Some(&approval.by.account))
            {
                approval.at = step.ended;
            }
        }
    }

    /// A step and the move that it made are one yes.
    pub(super) fn drop_doubles(&mut self) {
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
