//! `staging-soak`, and of `change-tested` what staging shows: staging first, and for long enough.

use jiff::Timestamp;
use plimsoll_model::Text;

use super::{Control, Of};
use crate::case::Case;
use crate::keys::KeyKind;
use crate::moment::{Order, later};
use crate::staging::StagingRun;
use crate::types::{Outcome, Reason};

pub(super) const CONTROL: Control = Control {
    ids: &["change-tested", "staging-soak"],
    of: Of::Planned,
    explain: staging,
};

/// The same artefact ran on the staging twin, and for long enough.
fn staging(case: &Case<'_, '_>, reasons: &mut Vec<Reason>) {
    if !case.rule.staging {
        return;
    }
    let digests: Vec<_> = case.artefacts(KeyKind::Digest).collect();
    let commits: Vec<_> = case.artefacts(KeyKind::Commit).collect();
    // The digest is the artefact; a commit stands for it only where no digest is known.
    let keys = if digests.is_empty() {
        &commits
    } else {
        &digests
    };
    let mut names: Vec<&Text> = keys
        .iter()
        .filter(|key| !key.deed)
        .map(|key| &key.text)
        .collect();
    names.sort_unstable();
    names.dedup();
    if names.is_empty() {
        let text = "the change brings no artefact that could have run in staging";
        reasons.push(Reason::new(
            "change-tested",
            Outcome::Unasked,
            "no-artefact",
            text,
        ));
    }
    for name in names {
        one(case, name, reasons);
    }
    settings(case, reasons);
}

fn one(case: &Case<'_, '_>, name: &str, reasons: &mut Vec<Reason>) {
    let mut tell = |control, outcome, rule, text: String| {
        reasons.push(Reason::new(control, outcome, rule, text));
    };
    let all = case
        .sightings
        .runs
        .get(name)
        .map(Vec::as_slice)
        .unwrap_or_default();
    let twins = &case.subject.twins;
    let runs: Vec<&StagingRun> = all
        .iter()
        .filter(|run| twins.contains(&&run.asset))
        .collect();
    let Some(first) = runs.iter().map(|run| run.from).min() else {
        let (outcome, rule, text) = if !case.sightings.staging_known {
            (
                Outcome::Unknown,
                "staging-unknown",
                "no system of staging is in the inventory".to_owned(),
            )
        } else if twins.is_empty() {
            (
                Outcome::Unknown,
                "no-twin",
                format!(
                    "no system of staging is known to mirror {}",
                    case.subject.change.asset
                ),
            )
        } else if let Some(other) = all.first() {
            (
                Outcome::Fails,
                "not-in-staging",
                format!(
                    "{name} was never seen on the staging twin; {} is another system",
                    other.asset
                ),
            )
        } else {
            (
                Outcome::Fails,
                "not-in-staging",
                format!("{name} was never seen in staging"),
            )
        };
        return tell("change-tested", outcome, rule, text);
    };
    let ran = |due| match case.moment.order(due) {
        Order::Before => Outcome::Holds,
        Order::Unclear => Outcome::Unknown,
        Order::After => Outcome::Fails,
    };
    let mut outcome = ran(first);
    // It may have begun at any time after the last look that did not see it.
    let surely_later = runs.iter().all(|run| {
        run.after
            .is_some_and(|after| case.moment.order(after) == Order::After)
    });
    if outcome == Outcome::Fails && !surely_later && runs.iter().any(|run| run.after.is_some()) {
        outcome = Outcome::Unknown;
    }
    let rule = match outcome {
        Outcome::Holds => "ran-in-staging",
        Outcome::Fails => "in-staging-after-change",
        _ => "staging-order-unclear",
    };
    tell(
        "change-tested",
        outcome,
        rule,
        format!("{name} was first seen in staging at {first}"),
    );
    let Some(soak) = case.rule.soak else { return };
    let due = later(first, soak);
    let outcome = ran(due);
    let end = case.moment.lo.unwrap_or(case.moment.hi);
    let ended = runs
        .iter()
        .filter_map(|run| run.until)
        .any(|until| until < end);
    let (outcome, rule) = match outcome {
        Outcome::Holds if ended && soaked(&runs, end) < soak => {
            (Outcome::Fails, "soak-interrupted")
        }
        Outcome::Holds => (outcome, "soaked"),
        Outcome::Fails => (outcome, "soak-too-short"),
        _ => (outcome, "soak-order-unclear"),
    };
    let text = format!("{name} ran in staging since {first}, and production was due from {due}");
    tell("staging-soak", outcome, rule, text);
}

/// For how long an artefact ran before a time, without the time in which it did not.
fn soaked(runs: &[&StagingRun], end: Timestamp) -> std::time::Duration {
    let each = runs.iter().map(|run| {
        let until = run.until.map_or(end, |until| until.min(end));
        std::time::Duration::try_from(until.duration_since(run.from)).unwrap_or_default()
    });
    each.sum()
}

/// A setting had the same value on the staging twin before.
fn settings(case: &Case<'_, '_>, reasons: &mut Vec<Reason>) {
    let subject = case.subject;
    if subject.change.kind != plimsoll_change::ChangeKind::Modified {
        return;
    }
    for path in subject
        .change
        .paths
        .iter()
        .filter(|path| crate::checker::is_setting(&path.path))
    {
        let here = subject
            .twin_values
            .iter()
            .filter(|twin| twin.path == path.path && twin.value == path.to);
        let first = here.map(|twin| twin.from).min();
        let name = &path.path;
        let (outcome, rule, text) = match first.map(|from| case.moment.order(from)) {
            Some(Order::Before) => (
                Outcome::Holds,
                "setting-in-staging",
                format!("{name} had this value in staging before"),
            ),
            Some(_) => (
                Outcome::Unknown,
                "setting-order-unclear",
                format!("{name} has this value in staging, and nothing settles whether before"),
            ),
            None if subject.twins.is_empty() => (
                Outcome::Unknown,
                "no-twin",
                format!(
                    "no system of staging is known to mirror {}, so nothing shows that {name} was tried",
                    subject.change.asset
                ),
            ),
            None => (
                Outcome::Fails,
                "setting-not-in-staging",
                format!("{name} did not have this value in staging before"),
            ),
        };
        reasons.push(Reason::new("change-tested", outcome, rule, text));
    }
}
