//! Pipelines as tests of a commit.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use plimsoll_model::{Check, Text};

use super::{Odd, hash, word};
use crate::wire::Pipeline;

/// Each pipeline once, the newest first. Those that ran before stay: which of them counts depends on when the change was.
pub(crate) fn each(pipelines: Vec<Pipeline>) -> Vec<Pipeline> {
    let all = pipelines.into_iter().map(|one| (Reverse(one.id), one));
    let each: BTreeMap<Reverse<i64>, Pipeline> = all.collect();
    each.into_values().collect()
}

/// The pipelines as tests. One that was skipped has tested nothing, and one that waits for a hand has not ended.
pub(super) fn checks(pipelines: &[Pipeline], odd: &mut Odd) -> Vec<Check> {
    let ran = |one: &&Pipeline| one.status.as_deref() != Some("skipped");
    let made = pipelines.iter().filter(ran).map(|pipeline| {
        let passed = match pipeline.status.as_deref() {
            Some("success") => Some(true),
            Some("failed" | "canceled" | "canceling") => Some(false),
            _ => None,
        };
        // Not when it was last touched, which may be long after: a failure between the two would seem older.
        let ended = pipeline.finished_at.as_ref();
        let name = match pipeline
            .source
            .as_deref()
            .filter(|source| !source.is_empty())
        {
            Some(source) => Text::from(format!("pipeline {}", word(source))),
            None => Text::const_new("pipeline"),
        };
        Check {
            name,
            commit: hash(pipeline.sha.as_ref()),
            passed,
            at: odd.time(ended.filter(|_| passed.is_some()), "the end of a pipeline"),
        }
    });
    let mut all: Vec<Check> = made.collect();
    all.sort_by(|a, b| {
        (&a.commit, &a.name, a.at, a.passed).cmp(&(&b.commit, &b.name, b.at, b.passed))
    });
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_run_stays_and_only_success_passes() {
        let all: Vec<Pipeline> = serde_json::from_str(
            r#"[{"id":1,"sha":"a","ref":"m","source":"push","status":"failed","finished_at":"2026-01-01T00:00:00Z"},{"id":3,"sha":"a","ref":"m","source":"push","status":"success","finished_at":"2026-01-02T00:00:00Z"},
                {"id":2,"sha":"a","ref":"m","source":"push","status":"running"},{"id":4,"sha":"a","ref":"m","source":"schedule","status":"skipped"},{"id":5,"sha":"a","ref":"m","source":"web","status":"failed"},
                {"id":5,"sha":"a","ref":"m","source":"web","status":"failed"}]"#,
        )
        .unwrap();
        let made = checks(&each(all), &mut Odd::default());
        let told: Vec<_> = made
            .iter()
            .map(|one| (one.name.as_str(), one.at.is_some(), one.passed))
            .collect();
        assert_eq!(
            told,
            [
                ("pipeline push", false, None),
                ("pipeline push", true, Some(false)),
                ("pipeline push", true, Some(true)),
                ("pipeline web", false, Some(false))
            ]
        );
    }
}
