//! Checks a proof that a change was approved, against stored facts alone.
//!
//! Linking is heuristic and will always grow; this is not. Whatever finds requests for a change ends in a [`Proof`]: references to
//! requests, votes and controls. [`check`] believes none of it. It derives from the facts what the change is of, when it can
//! have been made, what each request covers and which votes count, and accepts, or refuses with a named reason. [`Approved`]
//! has no other constructor, so that a mistake elsewhere costs a wrong *unproven* and never a wrong *approved*.
//!
//! Read in this order: `proof` (what is claimed), `interval` (when), `coverage`, `extent` and `rivals` (what), `group` and `votes`
//! (who), `controls` (what else the rule asks, a file each).

mod controls;
mod coverage;
mod extent;
mod facts;
mod group;
mod interval;
mod proof;
mod proposals;
mod rivals;
mod sentences;
mod votes;

pub(crate) use controls::{has_own_person_each, is_marked, is_setting};

use plimsoll_model::Text;

use super::judge::World;
use super::types::Subject;
use facts::Facts;
use group::Group;
pub use interval::Interval;
pub use proof::{Cover, Ground, Proof, RequestGroup, VoteKind, VoteRef};
pub(crate) use proposals::{check_group, parts, uncovered};
pub(crate) use sentences::sentences;

/// That a change was approved before it was made. Only [`check`] makes one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approved(());

/// Why a proof is not accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The control of the catalogue that it belongs to.
    pub control: &'static str,
    /// The rule of the checker, in a word: `vote-after-change`.
    pub rule: &'static str,
    /// What it found, for a person.
    pub text: Text,
}

impl Refusal {
    /// Whether it shows that something was done wrong, and not only that nothing shows that it was done right.
    pub(crate) fn is_certain(&self) -> bool {
        const CERTAIN: [&str; 12] = [
            "linked-ticket-refused",
            "merged-elsewhere",
            "removal-not-asked",
            "request-over",
            "reviewer-counted-twice",
            "sign-off-before-request",
            "sign-off-before-staging",
            "ticket-after-merge",
            "voter-involved",
            "voter-without-role",
            "vote-before-merge",
            "vote-before-request",
        ];
        CERTAIN.contains(&self.rule)
    }
}

pub(super) fn refuse<T>(rule: &'static str, text: impl Into<Text>) -> Result<T, Refusal> {
    Err(Refusal {
        control: "change-approved",
        rule,
        text: text.into(),
    })
}

/// Accepts a proof that a change was approved, or refuses it.
///
/// # Errors
/// The first thing that the facts do not bear out.
pub fn check(proof: &Proof, subject: &Subject<'_>, world: &World<'_>) -> Result<Approved, Refusal> {
    let Some(facts) = Facts::of(subject, world) else {
        return refuse("no-policy", "no policy says what an approval is");
    };
    if proof.groups.is_empty() {
        return refuse("no-request", "the proof names no request");
    }
    let required = facts.required();
    if required.is_empty() {
        return refuse("nothing-asked", "no rule asks for an approval");
    }
    for (standing, rule) in &required {
        for claim in &proof.groups {
            Group::of(&facts, *standing, rule, claim)?.check()?;
        }
    }
    coverage::check(&facts, proof)?;
    rivals::check(&facts, proof)?;
    Ok(Approved(()))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    #[test]
    fn checker_and_explanation_answer_for_the_same_controls() {
        let checked: BTreeSet<_> = super::controls::TABLE
            .iter()
            .flat_map(|row| row.ids)
            .collect();
        let explained: BTreeSet<_> = crate::controls::TABLE
            .iter()
            .flat_map(|row| row.ids)
            .collect();
        assert_eq!(checked, explained);
    }
}
