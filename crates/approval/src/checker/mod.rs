//! Checks a proof that a change was approved, against stored facts alone.
//!
//! Linking is heuristic and will always grow; this is not. Whatever finds requests for a change ends in a [`Proof`]: references to
//! requests, votes and controls. [`check`] believes none of it. It derives from the facts what the change is of, when it can
//! have been made, what each request covers and which votes count, and accepts, or refuses with a named reason. [`Approved`]
//! has no other constructor, so that a mistake elsewhere costs a wrong *unproven* and never a wrong *approved*.
//!
//! Read in this order: `proof` (what is claimed), `interval` (when), `coverage` (what), `votes` (who), `controls` (what else the
//! rule asks), `emergency`.

mod controls;
mod coverage;
mod emergency;
mod interval;
mod proof;
mod votes;

pub(crate) use controls::is_setting;

use plimsoll_model::Text;

use super::judge::World;
use super::policy::{Policy, Rule, environment};
use super::types::{Filed, Standing, Subject};
pub use interval::Interval;
pub use proof::{Cover, Ground, Proof, RequestGroup, VoteKind, VoteRef};

/// That a change was approved before it was made. Only [`check`] makes one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approved(());

/// Why a proof is not accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The rule of the checker, in a word: `vote-after-change`.
    pub rule: &'static str,
    /// What it found, for a person.
    pub text: Text,
}

pub(super) fn refuse<T>(rule: &'static str, text: impl Into<Text>) -> Result<T, Refusal> {
    let text = text.into();
    Err(Refusal { rule, text })
}

/// What everything is checked against.
pub(super) struct Facts<'f, 'a> {
    pub(super) subject: &'f Subject<'f>,
    pub(super) world: &'f World<'a>,
    pub(super) policy: &'f Policy,
    pub(super) interval: Interval,
}

/// The requests of a group, with the facts and the rule that they are held against.
pub(super) struct Group<'f, 'a> {
    pub(super) facts: &'f Facts<'f, 'a>,
    pub(super) rule: &'f Rule,
    pub(super) members: Vec<Filed<'a>>,
    pub(super) claim: &'f RequestGroup,
}

/// Accepts a proof that a change was approved, or refuses it.
///
/// # Errors
/// The first thing that the facts do not bear out.
pub fn check(proof: &Proof, subject: &Subject<'_>, world: &World<'_>) -> Result<Approved, Refusal> {
    let Some(policy) = world.policy else {
        return refuse("no-policy", "no policy says what an approval is");
    };
    let interval = Interval::derive(subject);
    let facts = Facts {
        subject,
        world,
        policy,
        interval,
    };
    if proof.groups.is_empty() {
        return refuse("no-request", "the proof names no request");
    }
    let required = required(&facts);
    if required.is_empty() {
        return refuse("nothing-asked", "no rule asks for an approval");
    }
    for (standing, rule) in &required {
        for claim in &proof.groups {
            Group::of(&facts, rule, claim)?.check(standing)?;
        }
    }
    coverage::check(&facts, proof)?;
    Ok(Approved(()))
}

/// The rules that ask for an approval, for what the asset counted for before and counts for now.
fn required<'f>(facts: &Facts<'f, '_>) -> Vec<(Standing<'f>, &'f Rule)> {
    let standings = facts.subject.standings().into_iter();
    let ruled = standings.filter_map(|standing| {
        let own = standing
            .environment
            .map_or_else(|| "production".into(), environment);
        Some((
            standing,
            facts.policy.rule(&own, standing.kind, standing.role)?,
        ))
    });
    ruled.filter(|(_, rule)| rule.required).collect()
}

/// The parts of a change that none of some requests covers, each with why.
pub(crate) fn uncovered(
    subject: &Subject<'_>,
    world: &World<'_>,
    members: &[u32],
) -> Vec<(Text, Refusal)> {
    let Some(policy) = world.policy else {
        return Vec::new();
    };
    let interval = Interval::derive(subject);
    coverage::uncovered(
        &Facts {
            subject,
            world,
            policy,
            interval,
        },
        members,
    )
}

/// How many parts of a change each need a request.
pub(crate) fn parts(subject: &Subject<'_>, world: &World<'_>) -> usize {
    let Some(policy) = world.policy else { return 0 };
    let interval = Interval::derive(subject);
    coverage::count_parts(&Facts {
        subject,
        world,
        policy,
        interval,
    })
}

/// What an accepted proof rests on, in sentences: each path with the request that covers it, and each vote that counts.
pub(crate) fn sentences(proof: &Proof, subject: &Subject<'_>, world: &World<'_>) -> Vec<Text> {
    let Some(policy) = world.policy else {
        return Vec::new();
    };
    let interval = Interval::derive(subject);
    let facts = Facts {
        subject,
        world,
        policy,
        interval,
    };
    let mut told = coverage::sentences(&facts, proof);
    for (_, rule) in required(&facts) {
        for claim in &proof.groups {
            let votes = Group::of(&facts, rule, claim).map(|group| votes::sentences(&group));
            for line in votes.into_iter().flatten() {
                if !told.contains(&line) {
                    told.push(line);
                }
            }
        }
    }
    told
}

impl<'f, 'a> Group<'f, 'a> {
    fn of(
        facts: &'f Facts<'f, 'a>,
        rule: &'f Rule,
        claim: &'f RequestGroup,
    ) -> Result<Self, Refusal> {
        let mut members = Vec::new();
        for at in &claim.members {
            let Some(filed) = facts.world.requests.get(*at) else {
                return refuse(
                    "request-not-stored",
                    "the proof names a request that is not stored",
                );
            };
            members.push(*filed);
        }
        if members.is_empty() {
            return refuse("no-request", "a group of the proof names no request");
        }
        Ok(Self {
            facts,
            rule,
            members,
            claim,
        })
    }

    fn check(&self, standing: &Standing<'_>) -> Result<(), Refusal> {
        for member in &self.members {
            self.usable(member)?;
        }
        let urgent = self
            .members
            .iter()
            .any(|one| emergency::is_marked(self.facts.policy, one.request));
        match self.rule.emergency.as_ref().filter(|_| urgent) {
            Some(rules) => emergency::check(self, rules)?,
            None => {
                let approvers = votes::approvals(self, standing)?;
                controls::reviewed(self, standing, &approvers)?;
                controls::tested(self)?;
                controls::planned(self)?;
            }
        }
        controls::always(self, urgent)
    }

    /// Whether a request can approve anything here: read since, not in doubt, not refused or used up, and for this environment.
    fn usable(&self, member: &Filed<'_>) -> Result<(), Refusal> {
        let (request, interval) = (member.request, &self.facts.interval);
        let id = &request.id;
        if member.as_of < interval.latest {
            return refuse(
                "read-before-change",
                format!("{id} was not read since the change"),
            );
        }
        if let Some(doubt) = request.is_doubted() {
            return refuse("request-in-doubt", format!("{id}: {doubt}"));
        }
        if request.authenticated == Some(false) {
            return refuse("not-authenticated", format!("anybody could have sent {id}"));
        }
        if request.opened > interval.latest {
            return refuse(
                "opened-after-change",
                format!("{id} was opened after the change"),
            );
        }
        if let Some(word) = coverage::is_over(request, interval) {
            return refuse("request-over", format!("{id} was {word} before the change"));
        }
        let strict = self.facts.subject.strict_environment();
        if !request.environments.is_empty() {
            let Some(own) = strict else {
                return refuse(
                    "environment-unknown",
                    format!("nobody says in which environment the change is, and {id} is for one"),
                );
            };
            if !request
                .environments
                .iter()
                .any(|one| environment(one) == own)
            {
                return refuse(
                    "other-environment",
                    format!("{id} is for another environment than {own}"),
                );
            }
        }
        Ok(())
    }
}

/// Checks the groups of a proof by themselves: that each is approved under every rule that asks for it, whatever it leaves
/// uncovered.
///
/// # Errors
/// The first thing that the facts do not bear out.
pub(crate) fn check_group(
    proof: &Proof,
    subject: &Subject<'_>,
    world: &World<'_>,
) -> Result<(), Refusal> {
    let Some(policy) = world.policy else {
        return refuse("no-policy", "no policy says what an approval is");
    };
    let interval = Interval::derive(subject);
    let facts = Facts {
        subject,
        world,
        policy,
        interval,
    };
    for claim in &proof.groups {
        for (standing, rule) in required(&facts) {
            Group::of(&facts, rule, claim)?.check(&standing)?;
        }
        coverage::joined(&facts, proof, &claim.members)?;
    }
    Ok(())
}
