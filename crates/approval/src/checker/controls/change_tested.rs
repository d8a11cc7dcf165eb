//! Whether tests passed on what runs, and quality assurance confirmed it.

use std::collections::BTreeSet;

use plimsoll_model::{ChangeRequest, Check, Text, sign_off_kind};

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
        code.try_for_each(|filed| checked(group, filed.request))?;
    }
    if group.rule.qa.is_empty() {
        Ok(())
    } else {
        signed(group, sign_off_kind::QA, &group.rule.qa)
    }
}

/// What runs passed, and what was merged did where it was tried: the last commit of a branch that failed is not merged.
fn checked(group: &Group<'_, '_>, request: &ChangeRequest) -> Result<(), Refusal> {
    let mut commits = request.final_commits();
    let Some(commit) = commits.next() else {
        let text = format!("nobody says which commit {} became", request.id);
        return refuse("head-unknown", text);
    };
    checks(group, request, commit)?;
    let tried = commits.filter(|commit| {
        let mut runs = request.checks.iter();
        runs.any(|one| is_on(one, commit) && one.passed.is_some())
    });
    for commit in tried {
        checks(group, request, commit)?;
    }
    Ok(())
}

fn is_on(run: &Check, commit: &str) -> bool {
    run.commit
        .as_deref()
        .is_some_and(|other| same_commit(commit, other))
}

/// The latest conclusive run of each required check before the deployment passed.
fn checks(group: &Group<'_, '_>, request: &ChangeRequest, commit: &str) -> Result<(), Refusal> {
    let interval = &group.facts.interval;
    let runs = || request.checks.iter().filter(|one| is_on(one, commit));
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
