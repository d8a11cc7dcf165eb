//! `change-approved`, `approver-authorised` and `separation-of-duties`: approved before, by somebody with the right, who had no
//! part in it.

use plimsoll_model::{Text, request_state};

use super::{Control, Of};
use crate::case::{Case, Yes};
use crate::moment::Order;
use crate::standing::Stood;
use crate::types::{Outcome, Reason};
use crate::weighing::{Weighed, voices, weigh};

pub(super) const CONTROL: Control = Control {
    ids: &[
        "change-approved",
        "approver-authorised",
        "separation-of-duties",
    ],
    of: Of::Planned,
    explain: approval,
};

/// `change-approved`, `approver-authorised` and `separation-of-duties`.
fn approval(case: &Case<'_, '_>, reasons: &mut Vec<Reason>) {
    let rule = case.rule;
    refused_tickets(case, reasons);
    let mut yeses = case.yeses(rule.counts_approvals, rule.counts_reviews);
    // A yes of a kind counts for that kind alone.
    yeses.retain(|yes| matches!(yes.kind, "" | "lead"));
    let weighed = weigh(case, yeses, &rule.approvers);
    if weighed.is_empty() {
        let names = case.names().join(", ");
        let text = format!("nobody approved {names}");
        let missing = format!("an approval by {}", rule.approvers.join(" or "));
        reasons.push(
            Reason::new("change-approved", Outcome::Fails, "approval-missing", text)
                .missing(missing),
        );
        return;
    }
    unapproved_tickets(case, reasons);
    // In the order of the questions: the first that fails for all says why.
    let in_time: Vec<&Weighed<'_>> = weighed.iter().collect();
    if !answer("change-approved", &in_time, |one| Some(&one.time), reasons) {
        return;
    }
    let left: Vec<&Weighed<'_>> = weighed
        .iter()
        .filter(|one| one.time.outcome != Outcome::Fails)
        .collect();
    if !answer(
        "approver-authorised",
        &left,
        |one| Some(&one.right),
        reasons,
    ) {
        return;
    }
    let left: Vec<&Weighed<'_>> = left
        .into_iter()
        .filter(|one| one.right.outcome != Outcome::Fails)
        .collect();
    if !answer(
        "separation-of-duties",
        &left,
        |one| one.apart.as_ref(),
        reasons,
    ) {
        return;
    }
    let sensitive = case.sensitive() != Some(false);
    let needed = if sensitive {
        rule.sensitive_approvals
    } else {
        rule.approvals
    };
    let (sure, perhaps) = voices(&weighed);
    let evidence = weighed.iter().filter(|one| one.worst() != Outcome::Fails);
    let evidence: Vec<Text> = evidence.map(|one| one.yes.words()).collect();
    let because = if sensitive && rule.sensitive_approvals > rule.approvals {
        ", since it touches sensitive data"
    } else {
        ""
    };
    let outcome = if sure >= needed {
        Outcome::Holds
    } else if sure + perhaps >= needed {
        Outcome::Unknown
    } else {
        Outcome::Fails
    };
    // What is in doubt has been told above, unless it is in doubt only when all is taken together.
    let told = reasons.iter().any(|reason| {
        reason.outcome == Outcome::Unknown
            && [
                "change-approved",
                "approver-authorised",
                "separation-of-duties",
            ]
            .contains(&reason.control.as_str())
    });
    let told = told && outcome == Outcome::Unknown && needed == 1;
    if (outcome != Outcome::Holds || needed > 1) && !told {
        let text = format!("{sure} of {needed} independent approvals{because}");
        let rule = if outcome == Outcome::Fails {
            "too-few-approvers"
        } else {
            "enough-approvers"
        };
        reasons.push(Reason::new("separation-of-duties", outcome, rule, text).by(evidence));
    }
}

/// The best answer to one question, told by the yes that has it; whether any is left.
fn answer<'w, 'a>(
    control: &'static str,
    weighed: &[&'w Weighed<'a>],
    of: impl Fn(&'w Weighed<'a>) -> Option<&'w Stood>,
    reasons: &mut Vec<Reason>,
) -> bool {
    let best = weighed
        .iter()
        .filter_map(|one| Some((of(one)?, *one)))
        .max_by_key(|(stood, one)| (stood.outcome, one.worst()));
    let Some((stood, one)) = best else {
        return false;
    };
    let reason = Reason::new(control, stood.outcome, stood.rule, stood.text.clone());
    reasons.push(reason.by([one.yes.words()]));
    stood.outcome != Outcome::Fails
}

/// Where the code names several tickets, one that nobody approved leaves the others in doubt.
fn unapproved_tickets(case: &Case<'_, '_>, reasons: &mut Vec<Reason>) {
    if case.rule.counts_reviews {
        return;
    }
    let tickets: Vec<_> = case.tickets().collect();
    if tickets.len() < 2 {
        return;
    }
    for ticket in tickets {
        let own = case.yeses(true, false).into_iter();
        let own: Vec<Yes<'_>> = own
            .filter(|yes| {
                yes.filed.source == ticket.filed.source
                    && yes.filed.request.id == ticket.request().id
            })
            .collect();
        let weighed = weigh(case, own, &case.rule.approvers);
        if !weighed.iter().any(|one| one.worst() == Outcome::Holds) {
            let text = format!(
                "{} is named beside others, and has no approval that stands",
                ticket.request().id
            );
            reasons.push(Reason::new(
                "change-approved",
                Outcome::Unknown,
                "one-of-several-unapproved",
                text,
            ));
        }
    }
}

/// A ticket that code hangs on and that was refused or given up before approves nothing.
fn refused_tickets(case: &Case<'_, '_>, reasons: &mut Vec<Reason>) {
    for ticket in case.tickets().filter(|ticket| ticket.link.is_none()) {
        let mut refused = None;
        for step in &ticket.request().transitions {
            let order = step.at.map(|at| case.moment.order(at));
            match step.to.as_str() {
                _ if order == Some(Order::After) => {}
                request_state::REOPENED | request_state::APPROVED => refused = None,
                request_state::REJECTED => refused = Some(("rejected", order)),
                request_state::CANCELLED => refused = Some(("given up", order)),
                _ => {}
            }
        }
        let Some((word, order)) = refused else {
            continue;
        };
        let outcome = if order == Some(Order::Before) {
            Outcome::Fails
        } else {
            Outcome::Unknown
        };
        let text = format!("{}, which the code names, was {word}", ticket.request().id);
        reasons.push(Reason::new(
            "change-approved",
            outcome,
            "linked-ticket-refused",
            text,
        ));
    }
}
