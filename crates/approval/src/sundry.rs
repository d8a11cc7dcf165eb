//! Tickets, implementers, windows, new systems, announcements: what else is asked of a change.

use plimsoll_model::{request_kind, sign_off_kind};

use super::case::{Case, Member};
use super::code::signed;
use super::index::lower;
use super::moment::{Against, Order, later};
use super::people::Known;
use super::standing::{authorised, called};
use super::types::{Announced, Outcome, Reason};
use plimsoll_change::ChangeKind;

/// `change-ticketed`.
pub(crate) fn ticketed(
    case: &Case<'_, '_>,
    named: &[plimsoll_model::Text],
    reasons: &mut Vec<Reason>,
) {
    let control = "change-ticketed";
    for member in &case.members {
        let id = &member.request().id;
        if member.request().authenticated == Some(false) {
            let text = format!("anybody could have sent {id} under any name");
            reasons.push(Reason::new(
                control,
                Outcome::Fails,
                "requester-not-authenticated",
                text,
            ));
            return;
        }
    }
    if case.rule.ticket_linked && case.tickets().next().is_none() {
        let (outcome, rule, text) = match named.first() {
            Some(name) => {
                let outcome = if case.all_read {
                    Outcome::Fails
                } else {
                    Outcome::Unknown
                };
                (
                    outcome,
                    "ticket-not-found",
                    format!("it names {name}, and no tracker that is read has it"),
                )
            }
            None => (
                Outcome::Fails,
                "ticket-not-linked",
                format!("{} names no ticket", case.names().join(", ")),
            ),
        };
        reasons.push(Reason::new(control, outcome, rule, text).missing("a link to a ticket"));
        return;
    }
    let asked = case
        .members
        .iter()
        .find(|one| one.request().requester.is_some());
    let reason = match asked {
        Some(member) => {
            let (id, who) = (&member.request().id, member.request().requester.as_ref());
            let who = who.map_or("", |party| party.account.as_str());
            Reason::new(
                control,
                Outcome::Holds,
                "ticketed",
                format!("{id}, asked for by {who}"),
            )
        }
        None => {
            let text = format!("{} does not say who asked", case.names().join(", "));
            Reason::new(control, Outcome::Unknown, "requester-not-stated", text)
        }
    };
    reasons.push(reason);
}

/// `implementer-authorised`.
pub(crate) fn implementer(case: &Case<'_, '_>, reasons: &mut Vec<Reason>) {
    let control = "implementer-authorised";
    let rule = case.rule;
    let open = rule.implementers.is_empty() && rule.automations.is_empty();
    if open && !rule.implementer_known {
        return;
    }
    let Some(maker) = &case.subject.maker else {
        let (outcome, text) = if rule.implementer_known {
            (
                Outcome::Unknown,
                "no record of the platform tells who made it",
            )
        } else {
            (
                Outcome::Unasked,
                "no record of the platform tells who made it, and the policy does not insist",
            )
        };
        reasons.push(Reason::new(control, outcome, "implementer-not-known", text));
        return;
    };
    let Some((account, known)) = case.maker() else {
        let outcome = if rule.implementer_known {
            Outcome::Unknown
        } else {
            Outcome::Unasked
        };
        let text = format!("the record {} {} names nobody", maker.source, maker.id);
        reasons.push(Reason::new(control, outcome, "implementer-not-known", text));
        return;
    };
    let (mut outcome, rule_word, text) = match known {
        Known::Automation(automation) => {
            let listed = rule
                .automations
                .iter()
                .any(|one| one == "*" || *one == automation.name);
            if listed || open {
                (
                    Outcome::Holds,
                    "made-by-automation",
                    format!("{} made it, as {account}", automation.name),
                )
            } else {
                (
                    Outcome::Fails,
                    "automation-not-listed",
                    format!("{} made it, and is not on the list", automation.name),
                )
            }
        }
        Known::Person(person) => {
            let at = case.moment.hi;
            let party = plimsoll_model::Party::new(account);
            let (right, _) = authorised(case, maker.source, &party, at, &rule.implementers);
            match right.outcome {
                // A list of automations alone leaves nobody else.
                Outcome::Holds if rule.implementers.is_empty() && !open => (
                    Outcome::Fails,
                    "implementer-not-listed",
                    format!("{} made it, and only automations may", person.name),
                ),
                Outcome::Holds => (
                    Outcome::Holds,
                    "implementer-listed",
                    format!("{} made it, as {account}", person.name),
                ),
                _ if right.rule == "approver-left" => (
                    Outcome::Fails,
                    "implementer-left",
                    format!("{} made it and had left", person.name),
                ),
                _ => (
                    Outcome::Fails,
                    "implementer-not-listed",
                    format!(
                        "{} made it, and has none of the roles {}",
                        person.name,
                        rule.implementers.join(", ")
                    ),
                ),
            }
        }
        Known::Nobody => (
            Outcome::Fails,
            "implementer-unknown",
            format!(
                "{account} made it, and nobody in [[people]] or [[automations]] has that account"
            ),
        ),
    };
    if !maker.proven {
        // A record of that time, and nothing that says that it is about this change.
        outcome = if rule.implementer_known {
            Outcome::Unknown
        } else {
            Outcome::Unasked
        };
    }
    reasons.push(Reason::new(control, outcome, rule_word, text));
}

/// `change-window`.
pub(crate) fn window(case: &Case<'_, '_>, reasons: &mut Vec<Reason>) {
    let control = "change-window";
    let mut any = false;
    for member in &case.members {
        let Some((start, end)) = member.request().window else {
            continue;
        };
        any = true;
        let id = &member.request().id;
        let when = case.moment.words();
        let (outcome, rule, text) = if end < start {
            (
                Outcome::Unknown,
                "window-backwards",
                format!("the window of {id} ends at {end:.0}, before it starts at {start:.0}"),
            )
        } else {
            match case.moment.against((start, end)) {
                Against::Inside => (
                    Outcome::Holds,
                    "inside-window",
                    format!("made {when}, inside the window of {id}"),
                ),
                Against::Outside => (
                    Outcome::Fails,
                    "outside-window",
                    format!("made {when}, outside the window of {id}, {start:.0} to {end:.0}"),
                ),
                Against::Unclear => (
                    Outcome::Unknown,
                    "window-unclear",
                    format!("made {when}, and the window of {id} is {start:.0} to {end:.0}"),
                ),
            }
        };
        reasons.push(Reason::new(control, outcome, rule, text));
    }
    if !any && case.rule.window_required {
        let text = format!("{} plans no window", case.names().join(", "));
        reasons.push(Reason::new(control, Outcome::Fails, "window-missing", text));
    }
}

/// `system-approved` and `system-inspected`.
pub(crate) fn new_system(case: &Case<'_, '_>, emergency: bool, reasons: &mut Vec<Reason>) {
    if case.subject.change.kind != ChangeKind::Added || case.subject.role.is_none() {
        return;
    }
    if case.rule.provisioning {
        let asks = case.members.iter().find(|one| provisions(case, one));
        let (outcome, rule, text) = match asks {
            Some(member) => (
                Outcome::Holds,
                "provisioned",
                format!("{} asks for {}", member.request().id, called(case.subject)),
            ),
            None => (
                Outcome::Fails,
                "no-provisioning-request",
                format!(
                    "{} is new, and {} does not ask for a new system",
                    called(case.subject),
                    case.names().join(", ")
                ),
            ),
        };
        reasons.push(Reason::new("system-approved", outcome, rule, text));
    }
    if !case.rule.inspected_by.is_empty() && !emergency {
        reasons.push(signed(
            case,
            "system-inspected",
            sign_off_kind::INSPECTED,
            &case.rule.inspected_by,
        ));
    }
}

fn provisions(case: &Case<'_, '_>, member: &Member<'_>) -> bool {
    let request = member.request();
    request.provisions
        || request.labels.iter().any(|label| {
            case.policy
                .provisioning_labels
                .iter()
                .any(|one| *lower(label) == **one)
        })
}

/// `change-logged` and `inventory-reconciled`.
pub(crate) fn afterwards(case: &Case<'_, '_>, reasons: &mut Vec<Reason>) {
    if case.rule.announced {
        let said = case.members.iter().any(|one| {
            let request = one.request();
            request.kind == request_kind::MESSAGE
                || request
                    .sign_offs
                    .iter()
                    .any(|done| done.kind == sign_off_kind::ANNOUNCED)
        });
        let (outcome, rule, text) = match (said, case.subject.announced) {
            (true, _) => (
                Outcome::Holds,
                "announced",
                "it was announced in the change-control channel".to_owned(),
            ),
            (false, Announced::At(at)) => (
                Outcome::Holds,
                "announced-here",
                format!("Plimsoll announced it in the change-control channel at {at}"),
            ),
            (false, Announced::Planned) => (
                Outcome::Waits,
                "announcing",
                "Plimsoll is about to announce it in the change-control channel".to_owned(),
            ),
            (false, Announced::No)
                if case.now <= later(case.moment.hi, case.rule.announced_within) =>
            {
                (
                    Outcome::Waits,
                    "announcement-awaited",
                    "it has still to be announced in the change-control channel".to_owned(),
                )
            }
            (false, Announced::No) => (
                Outcome::Fails,
                "not-announced",
                "it was not announced in the change-control channel".to_owned(),
            ),
        };
        reasons.push(Reason::new("change-logged", outcome, rule, text));
    }
    if case.rule.reconciled_by.is_empty() {
        return;
    }
    let control = "inventory-reconciled";
    let due = later(case.moment.hi, case.rule.reconciled_within);
    let roles = &case.rule.reconciled_by;
    let mut first = None;
    for member in &case.members {
        for done in member
            .request()
            .sign_offs
            .iter()
            .filter(|one| one.kind == sign_off_kind::RECONCILED)
        {
            let Some(at) = done.at.filter(|at| case.moment.order(*at) == Order::After) else {
                continue;
            };
            let (right, _) = authorised(case, member.filed.source, &done.by, at, roles);
            if right.outcome == Outcome::Holds && first.is_none_or(|have| at < have) {
                first = Some(at);
            }
        }
    }
    let (outcome, rule, text) = match first {
        Some(at) if at <= due => (
            Outcome::Holds,
            "reconciled",
            format!("the inventory was confirmed at {at:.0}"),
        ),
        Some(at) => (
            Outcome::Late,
            "reconciled-late",
            format!("the inventory was confirmed at {at:.0}, and it was due by {due:.0}"),
        ),
        None if case.now <= due => (
            Outcome::Waits,
            "reconciliation-awaited",
            format!("the inventory has to be confirmed by {due:.0}"),
        ),
        None => (
            Outcome::Late,
            "reconciliation-overdue",
            format!("the inventory had to be confirmed by {due:.0}"),
        ),
    };
    reasons.push(Reason::new(control, outcome, rule, text));
}
