//! Whether what the change brings ran on the staging twin before, and for long enough.

use plimsoll_change::path_is_of;
use plimsoll_model::fact;

use super::{Control, Of};
use crate::checker::{Group, Refusal, refuse};
use crate::keys::{Part, part};

pub(super) const CONTROL: Control = Control {
    ids: &["change-tested", "staging-soak"],
    of: Of::Planned,
    check: staging,
};

/// What the change brings ran on the system's staging twin before, for long enough; a setting had the same value there.
fn staging(group: &Group<'_, '_>) -> Result<(), Refusal> {
    if !group.rule.staging {
        return Ok(());
    }
    let facts = group.facts;
    let new = facts.artefacts();
    for key in &new {
        let since = facts
            .runs(key)
            .filter(|run| facts.interval.follows(run.from))
            .map(|run| run.from)
            .min();
        if since.is_none() {
            return refuse(
                "not-in-staging",
                format!("nothing proves that {key} ran on the staging twin before"),
            );
        }
        let Some(soak) = group.rule.soak else {
            continue;
        };
        let end = facts.interval.earliest.unwrap_or(facts.interval.latest);
        let soaked: i128 = facts
            .runs(key)
            .map(|run| {
                let until = run.until.map_or(end, |until| until.min(end));
                until.duration_since(run.from).as_nanos().max(0)
            })
            .sum();
        if soaked < i128::try_from(soak.as_nanos()).unwrap_or(i128::MAX) {
            return refuse(
                "soak-too-short",
                format!("{key} did not run in staging for long enough"),
            );
        }
    }
    for path in facts.settings() {
        let earliest = facts.interval.earliest;
        if earliest.is_none_or(|earliest| !facts.was_set_in_staging(path, earliest)) {
            return refuse(
                "setting-not-in-staging",
                format!(
                    "nothing proves that {} had this value on the staging twin before",
                    path.path
                ),
            );
        }
    }
    Ok(())
}

/// Whether a path is a setting that staging can have before: neither an artefact, nor scale, nor what names the system itself.
pub(crate) fn is_setting(path: &str) -> bool {
    let scale = [fact::REPLICAS, fact::AUTOSCALING];
    part(path) != Part::Artefact
        && !path.starts_with("labels")
        && !path.starts_with("relations")
        && !scale.iter().any(|fact| path_is_of(path, fact))
}
