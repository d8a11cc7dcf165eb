//! `change-ticketed`: a ticket stands behind the change, and says who asked for it.

use plimsoll_model::edit_field;

use super::{Control, Of};
use crate::case::Case;
use crate::moment::Order;
use crate::types::{Outcome, Reason};

pub(super) const CONTROL: Control = Control {
    ids: &["change-ticketed"],
    of: Of::Every,
    explain: ticketed,
};

/// A ticket that anybody could not have sent, linked before the change, and that says who asked.
fn ticketed(case: &Case<'_, '_>, reasons: &mut Vec<Reason>) {
    named_afterwards(case, reasons);
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
        let (outcome, rule, text) = match case
            .code()
            .find_map(|one| one.request().links.requests.first())
        {
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

/// A ticket that code brings along is there because the code's text names it: written in afterwards, that proves nothing.
fn named_afterwards(case: &Case<'_, '_>, reasons: &mut Vec<Reason>) {
    if !case.tickets().any(|ticket| ticket.link.is_none()) {
        return;
    }
    const NAMING: [&str; 4] = [
        "",
        edit_field::TITLE,
        edit_field::DESCRIPTION,
        edit_field::LINKS,
    ];
    for code in case.code() {
        let id = &code.request().id;
        let edits = code.request().edits.iter();
        for edit in edits.filter(|edit| NAMING.contains(&edit.field.as_str())) {
            if edit.at.map(|at| case.moment.order(at)) == Some(Order::Before) {
                continue;
            }
            let when = edit
                .at
                .map_or("at no known time".to_owned(), |at| format!("at {at:.0}"));
            let text = format!(
                "the text of {id} was altered {when}, and it may not have named its ticket before the change"
            );
            reasons.push(Reason::new(
                "change-ticketed",
                Outcome::Unknown,
                "named-afterwards",
                text,
            ));
            return;
        }
    }
}
