//! Whether tests passed on what runs, and quality assurance confirmed it.

use std::collections::BTreeSet;

use plimsoll_model::{ChangeRequest, Text, sign_off_kind};

use super::sign_off::signed;
use super::{Control, Of};
use crate::checker::{Group, Refusal, refuse};
use crate::request::{RequestFacts, same_commit};

pub(super) const CONTROL: Control = Control {
    ids: &["change-tested"],
    of: Of::Planned,
    check: tested,
};

/// The checks of the commit that the code became, and quality assurance.
fn tested(group: &Group<'_, '_>) -> Result<(), Refusal> {
    if group.rule.checks {
        let mut code = group.code().peekable();
        if code.peek().is_none() {
            return refuse("checks-missing", "no code was proposed, so no tests ran");
        }
        code.try_for_each(|filed| checks(group, filed.request))?;
    }
    if group.rule.qa.is_empty() {
        Ok(())
    } else {
        signed(group, sign_off_kind::QA, &group.rule.qa)
    }
}

/// The latest conclusive run of each required check before the deployment passed.
fn checks(group: &Group<'_, '_>, request: &ChangeRequest) -> Result<(), Refusal> {
    let (id, interval) = (&request.id, &group.facts.interval);
    let Some(commit) = request.final_commits().next() else {
        return refuse(
            "head-unknown",
            format!("nobody says which commit {id} became"),
        );
    };
    let runs = || {
        request.checks.iter().filter(|one| {
            one.commit
                .as_deref()
                .is_some_and(|other| same_commit(commit, other))
        })
    };
    let seen: BTreeSet<&Text> = runs().map(|one| &one.name).collect();
    let names: Vec<&Text> = if group.rule.check_names.is_empty() {
        seen.into_iter().collect()
    } else {
        group.rule.check_names.iter().collect()
    };
    if names.is_empty() {
        return refuse("checks-missing", format!("no test ran on {commit}"));
    }
    for name in names {
        let mine = || {
            runs()
                .filter(|one| one.name == *name && !one.at.is_some_and(|at| interval.precedes(at)))
        };
        if mine().any(|one| one.at.is_none() && one.passed != Some(true)) {
            return refuse(
                "checks-unfinished",
                format!("{name} has a run on {commit} without an end"),
            );
        }
        let last = mine()
            .filter(|one| one.passed.is_some() && one.at.is_some())
            .max_by_key(|one| (one.at, one.passed == Some(false)));
        let passed = last.is_some_and(|one| {
            one.passed == Some(true) && one.at.is_some_and(|at| interval.follows(at))
        });
        if !passed {
            return refuse(
                "checks-not-passed",
                format!("nothing proves that {name} passed on {commit} before the change"),
            );
        }
    }
    Ok(())
}
