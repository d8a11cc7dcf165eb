//! `change-tested`: whether tests passed on what runs, and quality assurance confirmed it.

use std::collections::BTreeSet;

use plimsoll_model::{ChangeRequest, Check, Text, request_kind, sign_off_kind};

use super::sign_off::signed;
use super::{Control, Of};
use crate::case::{Case, Member};
use crate::moment::Order;
use crate::request::same_commit;
use crate::types::{Outcome, Reason};

pub(super) const CONTROL: Control = Control {
    ids: &["change-tested"],
    of: Of::Planned,
    explain: tested,
};

/// The checks of the commit that the code became, and the confirmation of quality assurance.
fn tested(case: &Case<'_, '_>, reasons: &mut Vec<Reason>) {
    if case.rule.checks {
        reasons.push(checks(case));
    }
    if !case.rule.qa.is_empty() {
        reasons.push(signed(
            case,
            "change-tested",
            sign_off_kind::QA,
            &case.rule.qa,
        ));
    }
}

fn checks(case: &Case<'_, '_>) -> Reason {
    let control = "change-tested";
    let mut members = case
        .code()
        .filter(|member| !is_told_by_another(case, member))
        .peekable();
    if members.peek().is_none() {
        return Reason::new(
            control,
            Outcome::Fails,
            "checks-missing",
            "no code was proposed for it, so no tests ran",
        )
        .missing("a pull request that is linked to the change");
    }
    let mut worst: Option<Reason> = None;
    for member in members {
        let reason = checks_of(case, member);
        if worst
            .as_ref()
            .is_none_or(|have| reason.outcome < have.outcome)
        {
            worst = Some(reason);
        }
    }
    worst.unwrap_or_else(|| Reason::new(control, Outcome::Fails, "checks-missing", "no tests ran"))
}

/// Whether a pull request brings the very commit that a repository tells of too: its tests are those of the commit.
fn is_told_by_another(case: &Case<'_, '_>, member: &Member<'_>) -> bool {
    let request = member.request();
    let Some(commit) = became(request).filter(|_| request.checks.is_empty()) else {
        return false;
    };
    request.kind != request_kind::PULL_REQUEST
        && case.code().any(|other| {
            let other = other.request();
            other.kind == request_kind::PULL_REQUEST
                && became(other).is_some_and(|one| same_commit(one, commit))
        })
}

/// The commit that a request became, or else its last one.
fn became(request: &ChangeRequest) -> Option<&Text> {
    let merged = request
        .merge
        .as_ref()
        .and_then(|merge| merge.commit.as_ref());
    merged.or(request.head.as_ref())
}

fn checks_of(case: &Case<'_, '_>, member: &Member<'_>) -> Reason {
    let control = "change-tested";
    let request = member.request();
    let id = &request.id;
    let Some(commit) = became(request) else {
        let text = format!("nobody says which commit {id} became");
        return Reason::new(control, Outcome::Unknown, "head-unknown", text);
    };
    let on = |one: &&Check| {
        one.commit
            .as_ref()
            .is_some_and(|other| same_commit(commit, other))
    };
    let done: Vec<&Check> = request.checks.iter().filter(on).collect();
    let mut names: BTreeSet<&Text> = case.rule.check_names.iter().collect();
    if names.is_empty() {
        names = done.iter().map(|one| &one.name).collect();
    }
    if names.is_empty() {
        let elsewhere = request.checks.iter().any(|one| one.passed == Some(true));
        let text = if elsewhere {
            format!("tests of {id} passed on another commit than {commit}, which it became")
        } else {
            format!("no test ran on {commit}")
        };
        return Reason::new(control, Outcome::Fails, "checks-missing", text);
    }
    let mut worst: Option<Reason> = None;
    for name in &names {
        let runs: Vec<&Check> = done
            .iter()
            .filter(|one| one.name == **name)
            .copied()
            .collect();
        if let Some((outcome, rule, what)) = wrong(case, &runs)
            && worst.as_ref().is_none_or(|have| outcome < have.outcome)
        {
            let text = format!("{name} {what} on {commit}");
            worst = Some(Reason::new(control, outcome, rule, text));
        }
    }
    if let Some(worst) = worst {
        return worst;
    }
    let text = format!("{} tests passed on {commit}", names.len());
    Reason::new(control, Outcome::Holds, "checks-passed", text)
}

/// What is wrong with the runs of one test. The last that came to an end before the change counts, from whatever suite it is; what ran
/// later changes nothing.
fn wrong(case: &Case<'_, '_>, runs: &[&Check]) -> Option<(Outcome, &'static str, &'static str)> {
    let late = |one: &&&Check| {
        one.at
            .is_some_and(|at| case.moment.order(at) == Order::After)
    };
    let before: Vec<&Check> = runs.iter().filter(|one| !late(one)).copied().collect();
    if before.is_empty() {
        return Some(match runs.is_empty() {
            true => (Outcome::Fails, "checks-missing", "did not pass"),
            false => (
                Outcome::Fails,
                "checks-after-change",
                "ended after the change",
            ),
        });
    }
    let passed = before.iter().any(|one| one.passed == Some(true));
    let timeless = before
        .iter()
        .any(|one| one.passed == Some(false) && one.at.is_none());
    let ended = before.iter().filter(|one| one.passed.is_some());
    let last = ended.max_by_key(|one| (one.at, one.passed == Some(false)));
    let open = before.iter().any(|one| one.passed.is_none());
    match last {
        // It may have been the last.
        Some(_) if timeless => Some((Outcome::Fails, "checks-failed", "failed, nobody says when,")),
        Some(last) if last.passed == Some(false) => {
            let sure = last
                .at
                .is_none_or(|at| case.moment.order(at) == Order::Before);
            match sure || !passed {
                true => Some((Outcome::Fails, "checks-failed", "failed")),
                // It may have failed after the change.
                false => Some((
                    Outcome::Unknown,
                    "checks-unfinished",
                    "failed around the change",
                )),
            }
        }
        Some(_) if !open => None,
        _ => Some((Outcome::Unknown, "checks-unfinished", "has not ended")),
    }
}
