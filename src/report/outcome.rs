//! What a report comes to, for scripts.

use std::collections::BTreeMap;

use plimsoll_model::Text;

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
    /// What the report comes to. Drift wins over an incomplete read, and what is unknown is never clean: neither is a change of which
    /// nothing is proven. A change of a scan before counts in the scan that comes to such a verdict on it.
    ///
    /// A scope that this scan did not try to read is the last known and counts neither way.
    pub fn outcome(&self) -> Outcome {
        let changes = self.changes.iter();
        let mut verdicts = changes
            .chain(self.rejudged.iter().map(|row| &row.change))
            .map(|row| row.verdict);
        // What lost its role or could not be compared may have drifted: nobody looked.
        let unlooked = !self.unjudged.is_empty()
            || self.summary.uncompared.values > 0
            || !self.misattested.is_empty();
        if !self.drifts.is_empty() || unlooked || verdicts.any(Verdict::counts_as_drift) {
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

    /// Changes without the approval that they need: unapproved or overdue, those among them on which a verdict changed to that.
    pub fn refused_changes(&self) -> u64 {
        self.changes_with(&[Verdict::Unapproved, Verdict::Overdue])
    }

    /// Changes of which nobody can tell whether they were approved.
    pub fn unproven_changes(&self) -> u64 {
        self.changes_with(&[Verdict::Unproven])
    }

    fn changes_with(&self, verdicts: &[Verdict]) -> u64 {
        let summary = &self.summary;
        let counts = verdicts.iter().flat_map(|verdict| {
            [&summary.changes, &summary.rejudged].map(|of| of.get(verdict.as_str()).copied())
        });
        counts.flatten().sum()
    }

    /// What is said of a report in which nothing drifted, after its number of systems: what is left out, and what is still awaited.
    pub(super) fn clean_remark(&self) -> String {
        let mut words = String::new();
        match self.summary.ignored {
            0 => {}
            1 => words.push_str(", but for 1 finding that the configuration leaves out"),
            many => {
                let text = format!(", but for {many} findings that the configuration leaves out");
                words.push_str(&text);
            }
        }
        match self.changes_with(&[Verdict::Pending]) {
            0 => {}
            1 => words.push_str("; 1 change waits for its sign-off"),
            many => words.push_str(&format!("; {many} changes wait for their sign-off")),
        }
        words
    }

    /// How many of what drifted, worst first: `2 expectations fail, 1 cannot be known, 1 change is unproven`.
    pub(super) fn drift_words(&self) -> String {
        let count = |many: u64, one: &str, more: &str| match many {
            0 => None,
            1 => Some(format!("1 {one}")),
            _ => Some(format!("{many} {more}")),
        };
        let words = [
            count(self.failing(), "expectation fails", "expectations fail"),
            count(self.summary.unknown, "cannot be known", "cannot be known"),
            count(
                self.refused_changes(),
                "change lacks its approval",
                "changes lack their approval",
            ),
            count(
                self.unproven_changes(),
                "change is unproven",
                "changes are unproven",
            ),
            count(
                self.summary.unjudged,
                "asset lost its role",
                "assets lost their role",
            ),
            count(
                self.summary.uncompared.values,
                "hidden value could not be compared",
                "hidden values could not be compared",
            ),
            count(
                u64::try_from(self.misattested.len()).unwrap_or(u64::MAX),
                "[[attest]] is wrong",
                "[[attest]]s are wrong",
            ),
        ];
        words.into_iter().flatten().collect::<Vec<_>>().join(", ")
    }

    /// How many changes have which verdict, worst first: `1 unapproved, 2 approved`, or `none`; and on how many of scans before there is
    /// another verdict now.
    pub(super) fn change_words(&self) -> String {
        let mut words = by_verdict(&self.summary.changes);
        if !self.rejudged.is_empty() {
            let anew = by_verdict(&self.summary.rejudged);
            words.push_str(&format!("; of scans before, judged anew: {anew}"));
        }
        words
    }
}

/// How many have which verdict, worst first, or `none`.
fn by_verdict(counts: &BTreeMap<Text, u64>) -> String {
    let verdicts = [
        Verdict::Unapproved,
        Verdict::Overdue,
        Verdict::Unproven,
        Verdict::Pending,
        Verdict::Approved,
        Verdict::NotRequired,
    ];
    let words = verdicts.iter().filter_map(|verdict| {
        let count = counts.get(verdict.as_str())?;
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
