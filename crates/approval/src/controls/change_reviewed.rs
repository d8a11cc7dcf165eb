//! `change-reviewed`: whether what runs is what was looked at.

use std::collections::BTreeSet;

use plimsoll_model::{Text, review_said};

use super::{Control, Of};
use crate::case::{Case, Yes};
use crate::checker::has_own_person_each;
use crate::moment::Order;
use crate::policy::{ReviewNeed, ReviewPlace, When};
use crate::standing::authorised;
use crate::types::{Outcome, Reason};
use crate::weighing::{Weighed, voices, weigh};

pub(super) const CONTROL: Control = Control {
    ids: &["change-reviewed"],
    of: Of::Planned,
    explain: reviewed,
};

/// Security's yes, each review that the rule asks for, the merge, and a refusal that nobody answered.
fn reviewed(case: &Case<'_, '_>, reasons: &mut Vec<Reason>) {
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
    let (mut given, mut held) = (Vec::new(), true);
    for need in &case.rule.reviews {
        let asked = match need.when {
            When::Always => true,
            When::Security => security.is_some(),
            When::Sensitive => sensitive,
        };
        if asked {
            let (reason, people) = review(case, need);
            held &= reason.outcome == Outcome::Holds;
            if held {
                given.extend(std::iter::repeat_n(people, need.count));
            }
            reasons.push(reason);
        }
    }
    if held && !has_own_person_each(&given) {
        let text = "one person gave reviews that the rule asks of different people";
        let (outcome, rule) = (Outcome::Fails, "reviewer-counted-twice");
        let reason = Reason::new("change-reviewed", outcome, rule, text);
        reasons.push(reason.missing("a review by one more person"));
    }
    if case.rule.merged || case.rule.before_merge || !case.rule.deploy_branches.is_empty() {
        reasons.push(merged(case));
    }
    if !case.rule.reviews.is_empty() {
        reasons.extend(standing_refusal(case));
    }
}

/// What came of one kind of review, and the people who gave it.
fn review(case: &Case<'_, '_>, need: &ReviewNeed) -> (Reason, BTreeSet<Text>) {
    let kind = &need.kind;
    let in_request = need.place == ReviewPlace::Request;
    if !in_request && case.code().next().is_none() {
        let text = format!("no code was proposed for it, so there is no {kind} review");
        let reason = Reason::new("change-reviewed", Outcome::Fails, "review-missing", text)
            .missing("a pull request that is linked to the change");
        return (reason, BTreeSet::new());
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
    let (outcome, rule, text) =
        if in_request && sure >= need.count && is_alone(case, &weighed, need.count) {
            (
                Outcome::Fails,
                "reviewer-is-approver",
                format!("who gave the {kind} review alone approves it too"),
            )
        } else if sure >= need.count {
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
    let reason = Reason::new("change-reviewed", outcome, rule, text).by(evidence);
    let held = weighed.iter().filter(|one| one.worst() == Outcome::Holds);
    (reason, held.filter_map(|one| one.person.clone()).collect())
}

/// Whether those who review in a tracker are the same as those who approve: two questions need more than one answer.
fn is_alone(case: &Case<'_, '_>, reviews: &[Weighed<'_>], count: usize) -> bool {
    let rule = case.rule;
    let mut yeses = case.yeses(rule.counts_approvals, rule.counts_reviews);
    yeses.retain(|yes| matches!(yes.kind, "" | "lead"));
    let approvals = weigh(case, yeses, &rule.approvers);
    let people = approvals.iter().chain(reviews);
    let people = people.filter(|one| one.worst() != Outcome::Fails);
    let people: BTreeSet<&Text> = people.filter_map(|one| one.person.as_ref()).collect();
    !people.is_empty() && people.len() <= count
}

fn doubt(one: &Weighed<'_>) -> Text {
    let all = [Some(&one.time), Some(&one.right), one.apart.as_ref()];
    let found = all
        .into_iter()
        .flatten()
        .find(|stood| stood.outcome == Outcome::Unknown);
    found.map_or(Text::default(), |stood| stood.text.clone())
}

fn failing(one: &Weighed<'_>) -> Text {
    let all = [Some(&one.time), Some(&one.right), one.apart.as_ref()];
    let found = all
        .into_iter()
        .flatten()
        .find(|stood| stood.outcome == Outcome::Fails);
    found.map_or(Text::const_new("it is not enough"), |stood| {
        stood.text.clone()
    })
}

fn failing_rule(one: &Weighed<'_>) -> &'static str {
    let all = [Some(&one.time), Some(&one.right), one.apart.as_ref()];
    let found = all
        .into_iter()
        .flatten()
        .find(|stood| stood.outcome == Outcome::Fails);
    found.map_or("review-missing", |stood| stood.rule)
}

/// Somebody who asked for changes and has not been answered.
fn standing_refusal(case: &Case<'_, '_>) -> Option<Reason> {
    let mut perhaps = None;
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
                if case.moment.order(at) == Order::Unclear {
                    let text = format!(
                        "{by} asked for changes of {id} at {at:.0}, and nothing settles whether before the change"
                    );
                    let (outcome, rule) = (Outcome::Unknown, "refusal-order-unclear");
                    perhaps = Some(Reason::new("change-reviewed", outcome, rule, text));
                    continue;
                }
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
    perhaps
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
