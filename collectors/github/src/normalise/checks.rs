//! Tests of a commit: every run of each, from whatever suite. Which of them counts is not decided here.

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
            Some("success") if ended && !run.name.is_empty() => Some(true),
            Some("failure" | "timed_out" | "cancelled" | "action_required" | "startup_failure") => {
                Some(false)
            }
            _ => None,
        };
        let own = hash(run.head_sha.as_ref());
        all.push(Check {
            name: named(&run.name),
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
            Some("success") if !status.context.is_empty() => Some(true),
            Some("failure" | "error") => Some(false),
            _ => None,
        };
        Check {
            name: named(&status.context),
            commit: Some(Text::from(commit)),
            passed,
            at: notes.time(status.updated_at.as_ref(), "the time of a status"),
        }
    });
    each.collect()
}

/// What has no name is the test of nobody knows what: it has not passed.
fn named(name: &Text) -> Text {
    match name.is_empty() {
        true => Text::const_new("(a test without a name)"),
        false => word(name),
    }
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

    #[test]
    fn a_failure_in_an_older_suite_stays_beside_a_newer_success() {
        let run = |conclusion: &str, at: &str| CheckRun {
            name: "ci".into(),
            head_sha: None,
            status: Some("completed".into()),
            conclusion: Some(conclusion.into()),
            completed_at: Some(at.into()),
        };
        let old = run("failure", "2026-01-01T00:00:00Z");
        let new = run("success", "2026-01-02T00:00:00Z");
        for all in [[old.clone(), new.clone()], [new, old]] {
            let made = runs(&all, "c", &mut Notes::default());
            let mut told: Vec<_> = made.iter().map(|one| (one.at, one.passed)).collect();
            told.sort();
            let passed: Vec<_> = told.iter().map(|(_, passed)| *passed).collect();
            assert_eq!(passed, [Some(false), Some(true)]);
            assert!(told.iter().all(|(at, _)| at.is_some()));
        }
    }

    #[test]
    fn a_test_without_a_name_has_not_passed() {
        let run: CheckRun =
            serde_json::from_str(r#"{"status":"completed","conclusion":"success"}"#).unwrap();
        let status: Status = serde_json::from_str(r#"{"state":"success"}"#).unwrap();
        let mut notes = Notes::default();
        let mut made = runs(&[run], "c", &mut notes);
        made.extend(statuses(&[status], "c", &mut notes));
        assert_eq!(made.len(), 2);
        assert!(
            made.iter()
                .all(|one| one.passed.is_none() && !one.name.is_empty())
        );
    }
}
