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
use super::types::{Severity, System};
use crate::inventory::Snapshot;

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
        let explained = role.expectations.iter().map(|expectation| Explained {
            control: expectation.control.clone(),
            expectation: expectation.id.clone(),
            severity: expectation.severity,
            expected: expectation.expected.clone(),
            baseline: expectation.baseline.clone(),
            result: match &expectation.off {
                Some(reason) => Explanation::Off(reason.clone()),
                None => Explanation::from(outcome(expectation, &case)),
            },
            facts: expectation.facts.clone(),
        });
        Some((system.clone(), explained.collect()))
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
            Outcome::Unknown(reason) => Self::Unknown(reason.into()),
            Outcome::NotApplicable(reason) => Self::NotApplicable(reason.into()),
        }
    }
}
