//! Why a system is judged as it is: every expectation with its outcome, those that hold too.

use std::sync::Arc;

use jiff::Timestamp;
use plimsoll_model::{How, Text};

use super::Rule;
use super::estate::Estate;
use super::expect::Case;
use super::judge::outcome;
use super::load::Baselines;
use super::outcome::Outcome;
use super::role::Expectation;
use super::types::{Severity, System};
use crate::inventory::{Node, Snapshot};

/// One expectation for one system with its outcome.
#[derive(Clone, Debug)]
pub struct Explained {
    /// The control that it answers to.
    pub control: Text,
    /// The expectation's id.
    pub expectation: Text,
    /// How bad it is when it does not hold.
    pub severity: Severity,
    /// What the baseline expects.
    pub expected: Text,
    /// The baseline that says so.
    pub baseline: Text,
    /// How it came out.
    pub result: Explanation,
    /// The facts that were looked at.
    pub facts: Arc<[Text]>,
}

/// How an expectation came out, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Explanation {
    /// It holds.
    Pass {
        /// How that is known.
        how: How,
        /// What that rests on.
        basis: Text,
    },
    /// It does not hold.
    Fail {
        /// What there is instead.
        actual: Text,
        /// How that is known.
        how: How,
        /// What that rests on.
        basis: Text,
    },
    /// It cannot be known, and why.
    Unknown(Text),
    /// It has nothing to apply to, and why.
    NotApplicable(Text),
    /// Its baseline switches it off, and why.
    Off(Text),
}

impl Explanation {
    /// The word used in reports.
    pub fn as_str(&self) -> &'static str {
        match self {
            Explanation::Pass { .. } => "pass",
            Explanation::Fail { .. } => "fail",
            Explanation::Unknown(_) => "unknown",
            Explanation::NotApplicable(_) => "not applicable",
            Explanation::Off(_) => "off",
        }
    }
}

impl Baselines {
    /// What the asset at a place is taken for, and every expectation of its role with its outcome, in order of control
    /// and id. None where it is no system.
    pub fn explain(
        &self,
        snapshot: &Snapshot,
        at: u32,
        rules: &[Rule],
        now: Timestamp,
    ) -> Option<(System, Vec<Explained>)> {
        let estate = Estate::new(snapshot, self, rules);
        let place = estate
            .systems
            .binary_search_by_key(&at, |system| system.at)
            .ok()?;
        let (system, chosen) = (estate.systems.get(place)?, estate.chosen.get(place)?);
        let asset = snapshot.asset(at);
        let case = Case {
            estate: &estate,
            asset,
            system,
            chosen,
            now,
            index: &chosen.index,
        };
        let role = self.roles().get(chosen.role)?;
        let all = role.expectations.iter();
        let all = all.map(|expectation| explained(expectation, &case));
        Some((system.clone(), all.collect()))
    }
}

/// What one expectation of a control comes to for one system.
#[derive(Clone, Debug)]
pub struct Answered {
    /// The system's place in the snapshot.
    pub at: u32,
    /// Its role.
    pub role: Text,
    /// Its environment, where one is known.
    pub environment: Option<Text>,
    /// The expectation with its outcome.
    pub explained: Explained,
}

impl Baselines {
    /// How every expectation that answers to a control comes out for every system that is asked, in order of their places.
    pub fn explain_control(
        &self,
        snapshot: &Snapshot,
        control: &str,
        rules: &[Rule],
        now: Timestamp,
    ) -> Vec<Answered> {
        let estate = Estate::new(snapshot, self, rules);
        let mut answers = Vec::new();
        for (system, chosen) in estate.systems.iter().zip(&estate.chosen) {
            let case = Case {
                estate: &estate,
                asset: snapshot.asset(system.at),
                system,
                chosen,
                now,
                index: &chosen.index,
            };
            let role = self.roles().get(chosen.role);
            let expectations = role.into_iter().flat_map(|role| &role.expectations);
            for expectation in expectations.filter(|one| one.control == control) {
                answers.push(Answered {
                    at: system.at,
                    role: system.role.clone(),
                    environment: system.environment.clone(),
                    explained: explained(expectation, &case),
                });
            }
        }
        answers
    }
}

fn explained<'a>(expectation: &'a Expectation, case: &Case<'a>) -> Explained {
    let unseen = || {
        let nodes = case.estate.snapshot.nodes();
        nodes.get(case.system.at as usize).is_some_and(Node::unseen)
    };
    let result = match &expectation.off {
        Some(reason) => Explanation::Off(reason.clone()),
        None => match Explanation::from(outcome(expectation, case)) {
            // As a scan judges it: of what nobody sees nothing is known now.
            Explanation::Pass { .. } if unseen() => {
                Explanation::Unknown(case.asset.partial.clone().unwrap_or_default())
            }
            other => other,
        },
    };
    Explained {
        control: expectation.control.clone(),
        expectation: expectation.id.clone(),
        severity: expectation.severity,
        expected: expectation.expected.clone(),
        baseline: expectation.baseline.clone(),
        result,
        facts: expectation.facts.clone(),
    }
}

impl From<Outcome<'_>> for Explanation {
    fn from(outcome: Outcome<'_>) -> Self {
        match outcome {
            Outcome::Pass(evidence) => Self::Pass {
                how: evidence.how,
                basis: evidence.basis.into(),
            },
            Outcome::Fail(actual, evidence) => Self::Fail {
                actual: actual.into(),
                how: evidence.how,
                basis: evidence.basis.into(),
            },
            Outcome::Unknown(reason) | Outcome::Follows(reason, _) => Self::Unknown(reason.into()),
            Outcome::NotApplicable(reason) => Self::NotApplicable(reason.into()),
        }
    }
}
