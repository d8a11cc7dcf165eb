//! The service desk's approval steps.
//!
//! A step has one time at which it was completed, and none for each approver. The yes that completed it is of that time, and of no other yes anybody tells
//! when it was said: an edit may lie between, or the day on which somebody got the right to say it.

use jiff::Timestamp;
use plimsoll_kit::model::Party;

use super::people;
use crate::wire::{self, moment};

/// How far the end of a step and the move that it makes may be apart.
pub(crate) const OWN_MOVE: jiff::SignedDuration = jiff::SignedDuration::from_secs(10);

/// A step that came to an end.
#[derive(Debug)]
pub(crate) struct Decided {
    pub(crate) name: String,
    pub(crate) ended: Option<Timestamp>,
    /// Whether the answer was yes.
    pub(crate) yes: bool,
    /// Those who said what it came to.
    pub(crate) by: Vec<Option<Party>>,
}

/// The steps that came to an end, and what is odd about others.
pub(crate) fn decided(steps: &[wire::Approval], bots: &[String]) -> (Vec<Decided>, Vec<String>) {
    let (mut all, mut odd) = (Vec::new(), Vec::new());
    for step in steps {
        let yes = match step.final_decision.as_str() {
            "approved" => true,
            "declined" => false,
            "pending" => continue,
            _ => {
                odd.push(
                    "a service desk approval has a decision that is not known here".to_owned(),
                );
                continue;
            }
        };
        let ended = moment(&step.completed_date);
        if ended.is_none() {
            odd.push("a service desk approval does not say when it was completed".to_owned());
        }
        let word = if yes { "approved" } else { "declined" };
        let said = step.approvers.iter();
        let said = said.filter(|one| one.approver_decision == word);
        all.push(Decided {
            name: step.name.trim().to_lowercase(),
            ended,
            yes,
            by: said
                .map(|one| people::party(one.approver.as_ref(), bots))
                .collect(),
        });
    }
    (all, odd)
}
