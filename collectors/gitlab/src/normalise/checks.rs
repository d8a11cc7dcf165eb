//! Pipelines as tests of a commit.

use std::collections::BTreeMap;

use plimsoll_model::{Check, Text};

use super::{Odd, hash, word};
use crate::wire::Pipeline;

/// The last pipeline of each commit, branch and source: one that was run again takes the place of the one before.
pub(crate) fn last(pipelines: Vec<Pipeline>) -> Vec<Pipeline> {
    let mut last: BTreeMap<(Text, Text, Text), Pipeline> = BTreeMap::new();
    for pipeline in pipelines {
        let part = |text: &Option<Text>| text.clone().unwrap_or_default();
        let key = (
            part(&pipeline.sha),
            part(&pipeline.branch),
            part(&pipeline.source),
        );
        match last.get(&key) {
            Some(have) if have.id >= pipeline.id => {}
            _ => {
                last.insert(key, pipeline);
            }
        }
    }
    last.into_values().collect()
}

/// The pipelines as tests. One that was skipped has tested nothing, and one that waits for a hand has not ended.
pub(super) fn checks(pipelines: &[Pipeline], odd: &mut Odd) -> Vec<Check> {
    let made = pipelines.iter().map(|pipeline| {
        let passed = match pipeline.status.as_deref() {
            Some("success") => Some(true),
            Some("failed" | "canceled" | "canceling") => Some(false),
            _ => None,
        };
        let ended = pipeline
            .finished_at
            .as_ref()
            .or(pipeline.updated_at.as_ref());
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
    fn the_last_run_counts_and_only_success_passes() {
        let all: Vec<Pipeline> = serde_json::from_str(
            r#"[{"id":1,"sha":"a","ref":"m","source":"push","status":"failed"},{"id":3,"sha":"a","ref":"m","source":"push","status":"success","updated_at":"2026-01-01T00:00:00Z"},
                {"id":2,"sha":"a","ref":"m","source":"push","status":"running"},{"id":4,"sha":"a","ref":"m","source":"schedule","status":"skipped"},{"id":5,"sha":"a","ref":"m","source":"web","status":"failed"}]"#,
        )
        .unwrap();
        let made = checks(&last(all), &mut Odd::default());
        let told: Vec<_> = made
            .iter()
            .map(|one| (one.name.as_str(), one.passed))
            .collect();
        assert_eq!(
            told,
            [
                ("pipeline push", Some(true)),
                ("pipeline schedule", None),
                ("pipeline web", Some(false))
            ]
        );
    }
}
