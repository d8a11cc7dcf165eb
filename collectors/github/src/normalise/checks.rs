//! Tests of a commit.

use plimsoll_model::{Check, Text};

use super::{Notes, hash, word};
use crate::wire::{CheckRun, Status};

/// The checks of a commit. What was skipped, or came out as neither good nor bad, has tested nothing and is left out.
pub(super) fn runs(runs: &[CheckRun], commit: &str, notes: &mut Notes) -> Vec<Check> {
    let mut all = Vec::new();
    for run in runs {
        let ended = run.status.as_deref() == Some("completed");
        let passed = match run.conclusion.as_deref() {
            Some("skipped" | "neutral") => continue,
            Some("success") if ended => Some(true),
            Some("failure" | "timed_out" | "cancelled" | "action_required" | "startup_failure") => {
                Some(false)
            }
            _ => None,
        };
        let own = hash(run.head_sha.as_ref());
        all.push(Check {
            name: word(&run.name),
            commit: own.or_else(|| Some(Text::from(commit))),
            passed,
            at: notes.time(run.completed_at.as_ref(), "the end of a check"),
        });
    }
    all
}

/// The statuses of a commit: the older way to tell how a test came out.
pub(super) fn statuses(statuses: &[Status], commit: &str, notes: &mut Notes) -> Vec<Check> {
    let each = statuses.iter().map(|status| {
        let passed = match status.state.as_deref() {
            Some("success") => Some(true),
            Some("failure" | "error") => Some(false),
            _ => None,
        };
        Check {
            name: word(&status.context),
            commit: Some(Text::from(commit)),
            passed,
            at: notes.time(status.updated_at.as_ref(), "the time of a status"),
        }
    });
    each.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_has_ended_well_has_passed() {
        let run = |status: &str, conclusion: Option<&str>| CheckRun {
            name: "ci".into(),
            head_sha: None,
            status: Some(status.into()),
            conclusion: conclusion.map(Into::into),
            completed_at: None,
        };
        let of = |status, conclusion| {
            let made = runs(&[run(status, conclusion)], "c", &mut Notes::default());
            made.first().map(|check| check.passed)
        };
        assert_eq!(of("completed", Some("success")), Some(Some(true)));
        assert_eq!(of("in_progress", Some("success")), Some(None));
        assert_eq!(of("queued", None), Some(None));
        assert_eq!(of("completed", Some("stale")), Some(None));
        assert_eq!(of("completed", Some("a new word")), Some(None));
        assert_eq!(of("completed", Some("cancelled")), Some(Some(false)));
        assert_eq!(of("completed", Some("skipped")), None);
        assert_eq!(of("completed", Some("neutral")), None);
    }
}
