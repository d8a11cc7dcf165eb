//! `change-tested`: whether tests passed on what runs, and quality assurance confirmed it.

use plimsoll_model::{ChangeRequest, Text, request_kind, sign_off_kind};

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
    let on = |one: &&plimsoll_model::Check| {
        one.commit
            .as_ref()
            .is_some_and(|other| same_commit(commit, other))
    };
    let done: Vec<_> = request.checks.iter().filter(on).collect();
    if let Some(failed) = done.iter().find(|one| one.passed == Some(false)) {
        let text = format!("{} failed on {commit}", failed.name);
        return Reason::new(control, Outcome::Fails, "checks-failed", text);
    }
    let late = done.iter().find(|one| {
        one.at
            .is_some_and(|at| case.moment.order(at) == Order::After)
    });
    if let Some(late) = late {
        let text = format!("{} ended on {commit} after the change", late.name);
        return Reason::new(control, Outcome::Fails, "checks-after-change", text);
    }
    for name in &case.rule.check_names {
        let passed = done
            .iter()
            .any(|one| one.name == *name && one.passed == Some(true));
        if !passed {
            let text = format!("{name} did not pass on {commit}");
            return Reason::new(control, Outcome::Fails, "checks-missing", text);
        }
    }
    if done.iter().any(|one| one.passed.is_none()) {
        let text = format!("not every test of {commit} has ended");
        return Reason::new(control, Outcome::Unknown, "checks-unfinished", text);
    }
    if done.is_empty() {
        let elsewhere = request.checks.iter().any(|one| one.passed == Some(true));
        let text = if elsewhere {
            format!("tests of {id} passed on another commit than {commit}, which it became")
        } else {
            format!("no test ran on {commit}")
        };
        return Reason::new(control, Outcome::Fails, "checks-missing", text);
    }
    let text = format!("{} tests passed on {commit}", done.len());
    Reason::new(control, Outcome::Holds, "checks-passed", text)
}
