//! Reviews, tests and staging: whether what runs is what was looked at.

use plimsoll_model::{ChangeRequest, Text, request_kind, review_said, sign_off_kind};

use super::approve::{voices, weigh};
use super::case::{Case, Member, Yes};
use super::moment::Order;
use super::policy::{ReviewNeed, ReviewPlace, When};
use super::request::same_commit;
use super::staging::staging;
use super::standing::authorised;
use super::types::{Outcome, Reason};

/// `change-reviewed` and `branch-protected`.
pub(crate) fn reviewed(case: &Case<'_, '_>, reasons: &mut Vec<Reason>) {
    let security = case.touches_security();
    let sensitive = case.sensitive() != Some(false);
    if let (Some(because), false) = (&security, case.rule.security_approvers.is_empty()) {
        let yeses = case.yeses(true, true);
        let fits = yeses
            .into_iter()
            .filter(|yes| matches!(yes.kind, "" | "security"));
        let weighed = weigh(case, fits.collect(), &case.rule.security_approvers);
        let (sure, perhaps) = voices(&weighed);
        let roles = case.rule.security_approvers.join(" or ");
        let (outcome, rule, text) = if sure > 0 {
            (
                Outcome::Holds,
                "security-approved",
                format!("approved for security ({because})"),
            )
        } else if perhaps > 0 {
            (
                Outcome::Unknown,
                "security-unclear",
                format!("whether security approved in time is not settled ({because})"),
            )
        } else {
            (
                Outcome::Fails,
                "security-not-approved",
                format!("{because}, and security did not approve before the change"),
            )
        };
        let mut reason = Reason::new("change-reviewed", outcome, rule, text);
        let stands = weighed.iter().filter(|one| one.worst() != Outcome::Fails);
        reason = reason.by(stands.map(|one| one.yes.words()));
        if outcome == Outcome::Fails {
            reason = reason.missing(format!("an approval by {roles}"));
        }
        reasons.push(reason);
    }
    for need in &case.rule.reviews {
        let asked = match need.when {
            When::Always => true,
            When::Security => security.is_some(),
            When::Sensitive => sensitive,
        };
        if asked {
            reasons.push(review(case, need));
        }
    }
    if case.rule.merged || case.rule.before_merge || !case.rule.deploy_branches.is_empty() {
        reasons.push(merged(case));
    }
    if case.rule.protected {
        reasons.push(protected(case));
    }
    if !case.rule.reviews.is_empty() {
        reasons.extend(standing_refusal(case));
    }
}

fn review(case: &Case<'_, '_>, need: &ReviewNeed) -> Reason {
    let kind = &need.kind;
    let in_request = need.place == ReviewPlace::Request;
    if !in_request && case.code().next().is_none() {
        let text = format!("no code was proposed for it, so there is no {kind} review");
        return Reason::new("change-reviewed", Outcome::Fails, "review-missing", text)
            .missing("a pull request that is linked to the change");
    }
    let yeses = case.yeses(true, true).into_iter();
    // A yes to a ticket is none to the code, unless it says that it is this very review.
    let of_code = |yes: &Yes<'_>| yes.review || yes.filed.request.is_code();
    let fits = |yes: &Yes<'_>| {
        let plain = yes.kind.is_empty() && (of_code(yes) || in_request);
        yes.kind == *kind || plain
    };
    let mut fitting: Vec<Yes<'_>> = yeses.filter(|yes| fits(yes)).collect();
    if in_request {
        fitting.extend(case.confirmed_reviews());
    }
    let weighed = weigh(case, fitting, &need.roles);
    let (sure, perhaps) = voices(&weighed);
    let mut evidence: Vec<Text> = Vec::new();
    for one in weighed.iter().filter(|one| one.worst() != Outcome::Fails) {
        evidence.push(one.yes.words());
    }
    let (outcome, rule, text) = if sure >= need.count {
        (
            Outcome::Holds,
            "reviewed",
            format!("{kind} review by {sure}"),
        )
    } else if sure + perhaps >= need.count {
        let doubts = weighed.iter().filter(|one| one.worst() == Outcome::Unknown);
        let doubt = doubts.map(|one| doubt(one)).next().unwrap_or_default();
        (
            Outcome::Unknown,
            "review-unclear",
            format!("the {kind} review is in doubt: {doubt}"),
        )
    } else {
        let told = weighed.iter().map(|one| failing(one)).next();
        let why = told.unwrap_or_else(|| Text::from(format!("nobody gave a {kind} review")));
        let rule = weighed
            .iter()
            .map(|one| failing_rule(one))
            .next()
            .unwrap_or("review-missing");
        (
            Outcome::Fails,
            rule,
            format!("{sure} of {} {kind} reviews: {why}", need.count),
        )
    };
    Reason::new("change-reviewed", outcome, rule, text).by(evidence)
}

fn doubt(one: &super::approve::Weighed<'_>) -> Text {
    let all = [Some(&one.time), Some(&one.right), one.apart.as_ref()];
    let found = all
        .into_iter()
        .flatten()
        .find(|stood| stood.outcome == Outcome::Unknown);
    found.map_or(Text::default(), |stood| stood.text.clone())
}

fn failing(one: &super::approve::Weighed<'_>) -> Text {
    let all = [Some(&one.time), Some(&one.right), one.apart.as_ref()];
    let found = all
        .into_iter()
        .flatten()
        .find(|stood| stood.outcome == Outcome::Fails);
    found.map_or(Text::const_new("it is not enough"), |stood| {
        stood.text.clone()
    })
}

fn failing_rule(one: &super::approve::Weighed<'_>) -> &'static str {
    let all = [Some(&one.time), Some(&one.right), one.apart.as_ref()];
    let found = all
        .into_iter()
        .flatten()
        .find(|stood| stood.outcome == Outcome::Fails);
    found.map_or("review-missing", |stood| stood.rule)
}

/// Somebody who asked for changes and has not been answered.
fn standing_refusal(case: &Case<'_, '_>) -> Option<Reason> {
    for member in case.code() {
        let request = member.request();
        for refusal in &request.reviews {
            if refusal.said != review_said::CHANGES_REQUESTED
                || refusal.withdrawn.is_some()
                || refusal.by.bot
            {
                continue;
            }
            let Some(at) = refusal
                .at
                .filter(|at| case.moment.order(*at) != Order::After)
            else {
                continue;
            };
            let answered = request.reviews.iter().any(|one| {
                one.by.account == refusal.by.account
                    && one.said == review_said::APPROVED
                    && one.at.is_some_and(|later| later > at)
            });
            let (right, _) = authorised(case, member.filed.source, &refusal.by, at, &[]);
            if !answered && right.outcome == Outcome::Holds {
                let (id, by) = (&request.id, &refusal.by.account);
                let text =
                    format!("{by} asked for changes of {id} at {at:.0}, and never approved it");
                return Some(Reason::new(
                    "change-reviewed",
                    Outcome::Fails,
                    "review-refused",
                    text,
                ));
            }
        }
    }
    None
}

fn merged(case: &Case<'_, '_>) -> Reason {
    let mut best = Reason::new(
        "change-reviewed",
        Outcome::Fails,
        "not-merged",
        "no code was merged for it",
    )
    .missing("a merged pull request that is linked to the change");
    for member in case.code() {
        let id = &member.request().id;
        let made = match member.request().merge.as_ref() {
            None => continue,
            Some(merge) => match merge.at {
                None => Reason::new(
                    "change-reviewed",
                    Outcome::Unknown,
                    "merged-without-time",
                    format!("{id} was merged, nobody says when"),
                ),
                Some(_) if is_elsewhere(case, merge) => Reason::new(
                    "change-reviewed",
                    Outcome::Fails,
                    "merged-elsewhere",
                    format!(
                        "{id} went into {}, and that does not deploy the system",
                        merge
                            .branch
                            .as_deref()
                            .unwrap_or("a branch that nobody names")
                    ),
                ),
                Some(at) => match case.moment.order(at) {
                    Order::Before => Reason::new(
                        "change-reviewed",
                        Outcome::Holds,
                        "merged-before",
                        format!("{id} was merged at {at:.0}"),
                    ),
                    Order::Unclear => Reason::new(
                        "change-reviewed",
                        Outcome::Unknown,
                        "merge-order-unclear",
                        format!(
                            "{id} was merged at {at:.0}, and nothing settles whether before the change"
                        ),
                    ),
                    Order::After => Reason::new(
                        "change-reviewed",
                        Outcome::Fails,
                        "merged-after",
                        format!("{id} was merged at {at:.0}, after the change"),
                    ),
                },
            },
        };
        if made.outcome >= best.outcome {
            best = made;
        }
    }
    best
}

/// Whether code went into a branch that does not deploy the system.
fn is_elsewhere(case: &Case<'_, '_>, merge: &plimsoll_model::Merge) -> bool {
    let branches = &case.rule.deploy_branches;
    let branch = merge.branch.as_deref().unwrap_or_default();
    !branches.is_empty() && !branches.iter().any(|one| one == branch)
}

fn protected(case: &Case<'_, '_>) -> Reason {
    let mut best = Reason::new(
        "branch-protected",
        Outcome::Fails,
        "no-protected-merge",
        "no code was merged into a protected branch",
    );
    let mut any = false;
    for member in case.code() {
        let Some(merge) = &member.request().merge else {
            continue;
        };
        let branch = merge.branch.as_deref().unwrap_or("its branch");
        let id = &member.request().id;
        let made = match merge.protected {
            Some(true) => Reason::new(
                "branch-protected",
                Outcome::Holds,
                "branch-protected",
                format!("{id} went into {branch} by its rules"),
            ),
            Some(false) => Reason::new(
                "branch-protected",
                Outcome::Fails,
                "branch-unprotected",
                format!(
                    "{id} went into {branch}, which is not protected or whose rules were gone around"
                ),
            ),
            None => Reason::new(
                "branch-protected",
                Outcome::Unknown,
                "protection-unknown",
                format!("nobody says whether {branch} is protected, into which {id} went"),
            ),
        };
        // Of several merges the worst counts: each of them brought something.
        if !any || made.outcome < best.outcome {
            best = made;
        }
        any = true;
    }
    best
}

/// `change-tested` and `staging-soak`.
pub(crate) fn tested(case: &Case<'_, '_>, reasons: &mut Vec<Reason>) {
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
    if case.rule.staging {
        staging(case, reasons);
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

/// A confirmation by somebody with a role, before the change.
pub(crate) fn signed(
    case: &Case<'_, '_>,
    control: &'static str,
    kind: &'static str,
    roles: &[Text],
) -> Reason {
    let mut best = Reason::new(
        control,
        Outcome::Fails,
        "sign-off-missing",
        format!("nobody confirmed: {kind}"),
    )
    .missing(format!("{kind} by {}", roles.join(" or ")));
    for member in &case.members {
        for sign_off in member
            .request()
            .sign_offs
            .iter()
            .filter(|one| one.kind == *kind)
        {
            let (id, by) = (&member.request().id, &sign_off.by.account);
            let (right, person) = authorised(
                case,
                member.filed.source,
                &sign_off.by,
                sign_off.at.unwrap_or(case.now),
                roles,
            );
            let apart = person.map(|person| super::standing::independent(case, person));
            let apart = apart.filter(|apart| apart.outcome == Outcome::Fails);
            let untried = kind == sign_off_kind::QA && is_untried(case, sign_off.at);
            let made = if right.outcome == Outcome::Fails {
                Reason::new(control, Outcome::Fails, right.rule, right.text)
            } else if let Some(apart) = apart {
                Reason::new(control, Outcome::Fails, apart.rule, apart.text)
            } else if untried {
                let text = format!("{by} confirmed {kind} on {id} before it ran in staging");
                Reason::new(control, Outcome::Fails, "sign-off-before-staging", text)
            } else {
                let order = sign_off.at.map(|at| case.moment.order(at));
                let (outcome, rule, text) = match order {
                    Some(Order::Before) => (
                        Outcome::Holds,
                        "signed-off-before",
                        format!("{by} confirmed {kind} on {id}"),
                    ),
                    Some(Order::After) => (
                        Outcome::Fails,
                        "signed-off-after-change",
                        format!("{by} confirmed {kind} on {id} after the change"),
                    ),
                    _ => (
                        Outcome::Unknown,
                        "sign-off-order-unclear",
                        format!(
                            "{by} confirmed {kind} on {id}, and nothing settles whether before the change"
                        ),
                    ),
                };
                Reason::new(control, outcome, rule, text)
            };
            if made.outcome > best.outcome || best.rule == "sign-off-missing" {
                best = made;
            }
        }
    }
    best
}

/// Whether what the change brings had not run in staging at a time, where the rule asks for staging.
fn is_untried(case: &Case<'_, '_>, at: Option<jiff::Timestamp>) -> bool {
    let Some(at) = at.filter(|_| case.rule.staging) else {
        return false;
    };
    let digests = case
        .artefacts(super::keys::KeyKind::Digest)
        .any(|key| !key.deed);
    let kind = if digests {
        super::keys::KeyKind::Digest
    } else {
        super::keys::KeyKind::Commit
    };
    let mut new = case.artefacts(kind).filter(|key| !key.deed);
    new.any(|key| {
        let runs = case.sightings.runs.get(&key.text).into_iter().flatten();
        let mut runs = runs.filter(|run| case.subject.twins.contains(&&run.asset));
        !runs.any(|run| run.from <= at)
    })
}
