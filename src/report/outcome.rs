//! What a report comes to, for scripts.

use super::value::{Report, Verdict};

/// What a report comes to. The doors turn it into the exit code; see [`Outcome::code`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// Everything that was to be read was read, and all of it is as it should be.
    Clean,
    /// Something drifted, cannot be known, or changed without approval.
    Drift,
    /// No drift was seen, and a scope of this scan could not be read completely.
    Incomplete,
}

impl Outcome {
    /// The process's exit code. Scripts rely on these numbers.
    pub const fn code(self) -> u8 {
        match self {
            Outcome::Clean => 0,
            Outcome::Drift => 10,
            Outcome::Incomplete => 11,
        }
    }
}

impl Report {
    /// What the report comes to. Drift wins over an incomplete read, and what is unknown is never clean.
    ///
    /// A scope that this scan did not try to read is the last known and counts neither way.
    pub fn outcome(&self) -> Outcome {
        let refused = |verdict| matches!(verdict, Verdict::Unapproved | Verdict::Overdue);
        if !self.drifts.is_empty() || self.changes.iter().any(|row| refused(row.verdict)) {
            Outcome::Drift
        } else if self.coverage.iter().any(|row| row.fresh && !row.complete) {
            Outcome::Incomplete
        } else {
            Outcome::Clean
        }
    }

    /// Open drifts that fail.
    pub fn failing(&self) -> u64 {
        self.summary.fail.values().sum()
    }

    /// Changes without the approval that they need: unapproved or overdue.
    pub fn refused_changes(&self) -> u64 {
        let of = |verdict: Verdict| self.summary.changes.get(verdict.as_str()).copied();
        let counts = [Verdict::Unapproved, Verdict::Overdue].map(of);
        counts.into_iter().flatten().sum()
    }

    /// How many changes have which verdict, worst first: `1 unapproved, 2 approved`, or `none`.
    pub(super) fn change_words(&self) -> String {
        let verdicts = [
            Verdict::Unapproved,
            Verdict::Overdue,
            Verdict::Unproven,
            Verdict::Pending,
            Verdict::Approved,
            Verdict::NotRequired,
        ];
        let words = verdicts.iter().filter_map(|verdict| {
            let count = self.summary.changes.get(verdict.as_str())?;
            let word = match verdict {
                Verdict::NotRequired => "without need of approval",
                other => other.as_str(),
            };
            Some(format!("{count} {word}"))
        });
        let words = words.collect::<Vec<_>>().join(", ");
        if words.is_empty() {
            "none".to_owned()
        } else {
            words
        }
    }
}
