//! What several things that are asked together give.

use crate::baseline::outcome::{Evidence, Outcome};

/// What was found: one thing against it is a fail whatever else is not known, and nothing against it is a pass only when all
/// was seen.
#[derive(Default)]
pub(super) struct Sum<'a> {
    good: Option<Evidence<'a>>,
    bad: Vec<String>,
    because: Option<Evidence<'a>>,
    unknown: Option<String>,
}

impl<'a> Sum<'a> {
    /// Something is as it should be.
    pub(super) fn good(&mut self, evidence: Evidence<'a>) {
        self.good = Some(match self.good.take() {
            Some(have) => have.and(evidence),
            None => evidence,
        });
    }

    /// Something is not.
    pub(super) fn bad(&mut self, what: String, evidence: Evidence<'a>) {
        self.bad.push(what);
        self.because = Some(match self.because.take() {
            Some(have) => have.and(evidence),
            None => evidence,
        });
    }

    /// Something is not known; the first reason is kept.
    pub(super) fn unknown(&mut self, reason: String) {
        self.unknown.get_or_insert(reason);
    }

    /// Whether nothing was found at all.
    pub(super) fn is_empty(&self) -> bool {
        self.good.is_none() && self.bad.is_empty() && self.unknown.is_none()
    }

    pub(super) fn outcome(self, nothing: &'static str) -> Outcome<'a> {
        match (self.because, self.unknown, self.good) {
            (Some(evidence), ..) => Outcome::Fail(self.bad.join(", "), evidence),
            (None, Some(reason), _) => Outcome::Unknown(reason),
            (None, None, Some(evidence)) => Outcome::Pass(evidence),
            (None, None, None) => Outcome::NotApplicable(nothing),
        }
    }
}
