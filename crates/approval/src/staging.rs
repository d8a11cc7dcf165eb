//! Staging first, and for long enough.

use super::case::Case;
use super::keys::KeyKind;
use super::moment::{Order, later};
use super::types::{Outcome, Reason};

/// The same artefact ran in staging, and for long enough.
pub(crate) fn staging(case: &Case<'_, '_>, reasons: &mut Vec<Reason>) {
    let digests: Vec<_> = case.artefacts(KeyKind::Digest).collect();
    let commits: Vec<_> = case.artefacts(KeyKind::Commit).collect();
    // The digest is the artefact; a commit stands for it only where no digest is known.
    let keys = if digests.is_empty() {
        &commits
    } else {
        &digests
    };
    if keys.is_empty() {
        let text = "the change brings no artefact that could have run in staging";
        reasons.push(Reason::new(
            "change-tested",
            Outcome::Unasked,
            "no-artefact",
            text,
        ));
        return;
    }
    let first = keys
        .iter()
        .filter_map(|key| case.sightings.first.get(&key.text))
        .min()
        .copied();
    let name = keys.first().map_or("", |key| key.text.as_str());
    let Some(first) = first else {
        let (outcome, rule, text) = if case.sightings.staging_known {
            (
                Outcome::Fails,
                "not-in-staging",
                format!("{name} was never seen in staging"),
            )
        } else {
            (
                Outcome::Unknown,
                "staging-unknown",
                "no system of staging is in the inventory".to_owned(),
            )
        };
        reasons.push(Reason::new("change-tested", outcome, rule, text));
        return;
    };
    let ran = |due| match case.moment.order(due) {
        Order::Before => Outcome::Holds,
        Order::Unclear => Outcome::Unknown,
        Order::After => Outcome::Fails,
    };
    let outcome = ran(first);
    let rule = match outcome {
        Outcome::Holds => "ran-in-staging",
        Outcome::Fails => "in-staging-after-change",
        _ => "staging-order-unclear",
    };
    reasons.push(Reason::new(
        "change-tested",
        outcome,
        rule,
        format!("{name} was first seen in staging at {first}"),
    ));
    if let Some(soak) = case.rule.soak {
        let due = later(first, soak);
        let outcome = ran(due);
        let rule = match outcome {
            Outcome::Holds => "soaked",
            Outcome::Fails => "soak-too-short",
            _ => "soak-order-unclear",
        };
        let text =
            format!("{name} ran in staging since {first}, and production was due from {due}");
        reasons.push(Reason::new("staging-soak", outcome, rule, text));
    }
}
