//! Whether one yes stands: in time, by somebody with the right, who had no part in it.

use std::time::Duration;

use plimsoll_model::{Party, Text, edit_field, request_state, review_said};

use super::case::{Case, Yes};
use super::moment::{Moment, Order, later};
use super::people::{Held, Known, Person};
use super::types::{Outcome, Subject};

/// How one question came out, with the rule that decided and what was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Stood {
    pub(crate) outcome: Outcome,
    pub(crate) rule: &'static str,
    pub(crate) text: Text,
}

impl Stood {
    pub(crate) fn new(outcome: Outcome, rule: &'static str, text: impl Into<Text>) -> Self {
        Self {
            outcome,
            rule,
            text: text.into(),
        }
    }
}

fn fails(rule: &'static str, text: String) -> Option<Stood> {
    Some(Stood::new(Outcome::Fails, rule, text))
}

fn unknown(rule: &'static str, text: String) -> Option<Stood> {
    Some(Stood::new(Outcome::Unknown, rule, text))
}

/// Whether a yes was in force when the change was made. It may come so much later as `grace`.
pub(crate) fn in_time(case: &Case<'_, '_>, yes: &Yes<'_>, grace: Duration) -> Stood {
    let moment = case.moment;
    let (id, by) = (&yes.filed.request.id, &yes.by.account);
    let Some(at) = yes.at else {
        let text = format!("{by} approved {id}, and the tracker does not say when");
        return Stood::new(Outcome::Unknown, "approval-without-time", text);
    };
    match moment.shifted(grace).order(at) {
        Order::After => {
            let text = format!(
                "{by} approved {id} at {at:.0}, after the change, which was made {}",
                moment.words()
            );
            return Stood::new(Outcome::Fails, "approval-after-change", text);
        }
        Order::Unclear => {
            let text = format!(
                "{by} approved {id} at {at:.0}, and the change was made {}: nothing settles which came first",
                moment.words()
            );
            return Stood::new(Outcome::Unknown, "approval-order-unclear", text);
        }
        Order::Before => {}
    }
    let checks = [
        after_merge(case, yes, at),
        withdrawn(yes, moment),
        turned(yes, at, moment),
        edited(case, yes, at, moment),
        expired(case, yes, at, moment),
        stale(yes),
        refused_later(yes, at, moment),
    ];
    // What is sure to fail goes before what is in doubt.
    let worst = checks
        .into_iter()
        .flatten()
        .min_by_key(|stood| stood.outcome);
    if let Some(worst) = worst {
        return worst;
    }
    // What its signer says of its time proves that it was not before, and its first sighting that it was not after.
    if let Some(seen) = yes.filed.request.sighted
        && moment.shifted(grace).order(seen) != Order::Before
    {
        let text = format!(
            "{by} approved {id} at {at:.0} by its own word, and it was first seen at {seen:.0}: nothing else says that it was there when the change was made {}",
            moment.words()
        );
        return Stood::new(Outcome::Unknown, "approval-time-not-proven", text);
    }
    let doubts = &yes.filed.request.doubts;
    if !doubts.is_empty() {
        let doubts = doubts.join("; ");
        let text = format!("{by} approved {id}, of which not all is sure: {doubts}");
        return Stood::new(Outcome::Unknown, "record-in-doubt", text);
    }
    if yes.filed.request.whole_history == Some(false) {
        let text = format!(
            "the history of {id} could not be read whole, so the approval may have been withdrawn"
        );
        return Stood::new(Outcome::Unknown, "history-incomplete", text);
    }
    let text = format!(
        "{by} approved {id} at {at:.0}, before the change was made {}",
        moment.words()
    );
    Stood::new(Outcome::Holds, "approved-before", text)
}

/// A yes to code that came after its merge, where the house says before.
fn after_merge(case: &Case<'_, '_>, yes: &Yes<'_>, at: jiff::Timestamp) -> Option<Stood> {
    let request = yes.filed.request;
    if !case.rule.before_merge || !(yes.review || request.is_code()) {
        return None;
    }
    let (id, by) = (&request.id, &yes.by.account);
    match request.merge.as_ref().and_then(|merge| merge.at) {
        Some(merged) if at <= merged => None,
        Some(merged) => fails(
            "approval-after-merge",
            format!("{by} approved {id} at {at:.0}, after it was merged at {merged:.0}"),
        ),
        None => unknown(
            "merge-order-unclear",
            format!("{by} approved {id}, and nobody says when it was merged"),
        ),
    }
}

fn withdrawn(yes: &Yes<'_>, moment: Moment) -> Option<Stood> {
    let withdrawal = yes.withdrawn?;
    let (id, by) = (&yes.filed.request.id, &yes.by.account);
    let Some(at) = withdrawal.at else {
        return unknown(
            "withdrawn-without-time",
            format!("the approval of {id} by {by} was withdrawn, nobody says when"),
        );
    };
    match moment.order(at) {
        Order::Before if yes.at == Some(at) => unknown(
            "withdrawal-without-order",
            format!("the approval of {id} by {by} was given and withdrawn at the same time"),
        ),
        Order::Before => fails(
            "approval-withdrawn",
            format!("the approval of {id} by {by} was withdrawn at {at:.0}"),
        ),
        Order::Unclear => unknown(
            "withdrawal-order-unclear",
            format!(
                "the approval of {id} by {by} was withdrawn at {at:.0}, and nothing settles whether before the change"
            ),
        ),
        Order::After => None,
    }
}

/// Reopened, refused or given up after the approval.
fn turned(yes: &Yes<'_>, approved: jiff::Timestamp, moment: Moment) -> Option<Stood> {
    let id = &yes.filed.request.id;
    let mut doubt = None;
    for step in &yes.filed.request.transitions {
        let (rule, word) = match step.to.as_str() {
            request_state::REOPENED => ("reopened-after-approval", "reopened"),
            request_state::REJECTED => ("rejected-after-approval", "rejected"),
            request_state::CANCELLED => ("cancelled-after-approval", "given up"),
            _ => continue,
        };
        let Some(at) = step.at else {
            doubt = unknown(
                "turned-without-time",
                format!("{id} was {word}, nobody says when"),
            );
            continue;
        };
        // At the very time of the approval: which came first is not said.
        let same = at == approved;
        if at < approved {
            continue;
        }
        match moment.order(at) {
            Order::Before if same => {
                doubt = unknown(
                    "turned-without-order",
                    format!("{id} was approved and {word} at the same time"),
                );
            }
            Order::Before => {
                return fails(
                    rule,
                    format!("{id} was {word} at {at:.0}, after it was approved at {approved:.0}"),
                );
            }
            Order::Unclear => {
                let text = format!(
                    "{id} was {word} at {at:.0}, and nothing settles whether before the change"
                );
                doubt = unknown("turned-order-unclear", text);
            }
            Order::After => {}
        }
    }
    doubt
}

fn edited(
    case: &Case<'_, '_>,
    yes: &Yes<'_>,
    approved: jiff::Timestamp,
    moment: Moment,
) -> Option<Stood> {
    let request = yes.filed.request;
    let id = &request.id;
    let mut doubt = None;
    for edit in &request.edits {
        let field = edit.field.to_lowercase();
        if !field.is_empty() && case.policy.harmless_edits.contains(&field) {
            continue;
        }
        let text_alone = [edit_field::TITLE, edit_field::DESCRIPTION].contains(&field.as_str());
        // Of reviewed code the commit says what was approved.
        if text_alone && request.is_code() {
            continue;
        }
        let what = if field.is_empty() {
            "something in it"
        } else {
            field.as_str()
        };
        let Some(at) = edit.at else {
            doubt = unknown(
                "edited-without-time",
                format!("{what} of {id} was altered, nobody says when"),
            );
            continue;
        };
        if at < approved {
            continue;
        }
        if at == approved {
            // What the approver altered with the same act is what they said yes to.
            let own = edit.by.as_ref().map(|by| &by.account) == Some(&yes.by.account);
            if !own {
                let text = format!(
                    "{what} of {id} was altered at the time of the approval: nothing settles which came first"
                );
                doubt = unknown("edited-without-order", text);
            }
            continue;
        }
        match moment.order(at) {
            Order::Before => {
                let text = format!(
                    "{what} of {id} was altered at {at:.0}, after it was approved at {approved:.0}"
                );
                return fails("edited-after-approval", text);
            }
            Order::Unclear => {
                let text = format!(
                    "{what} of {id} was altered at {at:.0}, and nothing settles whether before the change"
                );
                doubt = unknown("edit-order-unclear", text);
            }
            // What was written afterwards may be what links it to the change.
            Order::After if !text_alone || yes.by_request => {
                let text = format!(
                    "{what} of {id} was altered at {at:.0}, after the change: what was approved before is not known"
                );
                doubt = unknown("edited-after-change", text);
            }
            Order::After => {}
        }
    }
    doubt
}

fn expired(
    case: &Case<'_, '_>,
    yes: &Yes<'_>,
    at: jiff::Timestamp,
    moment: Moment,
) -> Option<Stood> {
    let until = later(at, case.rule.valid?);
    let id = &yes.filed.request.id;
    if moment.hi <= until {
        return None;
    }
    if moment.lo.is_some_and(|lo| lo >= until) {
        return fails(
            "approval-expired",
            format!("the approval of {id} at {at:.0} was good until {until:.0}"),
        );
    }
    unknown(
        "expiry-order-unclear",
        format!(
            "the approval of {id} was good until {until:.0}, and nothing settles whether the change was made before"
        ),
    )
}

/// A review is of the commit that was looked at.
fn stale(yes: &Yes<'_>) -> Option<Stood> {
    if !yes.review {
        return None;
    }
    let request = yes.filed.request;
    let (id, by) = (&request.id, &yes.by.account);
    if let Some(doubt) = yes.doubt {
        return unknown(
            "review-in-doubt",
            format!("{by} reviewed {id}, and of what is not sure: {doubt}"),
        );
    }
    let merged = request
        .merge
        .as_ref()
        .and_then(|merge| merge.commit.as_deref());
    let Some(commit) = yes.commit else {
        return unknown(
            "review-without-commit",
            format!("{by} reviewed {id}, nobody says at which commit"),
        );
    };
    let Some(last) = request.head.as_deref().or(merged) else {
        return unknown(
            "head-unknown",
            format!("nobody says what the last commit of {id} is"),
        );
    };
    let same = |one: &str| {
        let (one, other) = (one.to_ascii_lowercase(), commit.to_ascii_lowercase());
        let least = super::keys::COMMIT_LEAST;
        one == other
            || (other.len() >= least && one.starts_with(&other))
            || (one.len() >= least && other.starts_with(&one))
    };
    if same(last) || merged.is_some_and(same) {
        None
    } else {
        fails(
            "review-of-older-commit",
            format!("{by} reviewed {id} at {commit}, and its last commit is {last}"),
        )
    }
}

/// The same reviewer asked for changes after the yes.
fn refused_later(yes: &Yes<'_>, approved: jiff::Timestamp, moment: Moment) -> Option<Stood> {
    let reviews = yes.filed.request.reviews.iter();
    let mut no = reviews.filter(|one| {
        one.said == review_said::CHANGES_REQUESTED
            && one.by.account == yes.by.account
            && one
                .at
                .is_none_or(|at| at >= approved && moment.order(at) != Order::After)
    });
    let refused = no.next()?;
    let (id, by) = (&yes.filed.request.id, &yes.by.account);
    match refused.at {
        Some(at) if at > approved && moment.order(at) == Order::Before => fails(
            "approval-withdrawn",
            format!("{by} asked for changes of {id} at {at:.0}, after approving it"),
        ),
        _ => unknown(
            "withdrawal-order-unclear",
            format!("{by} asked for changes of {id} too, and nothing settles when"),
        ),
    }
}

/// Whether somebody had one of several roles when they said it.
pub(crate) fn authorised<'p>(
    case: &Case<'p, '_>,
    source: &str,
    party: &Party,
    at: jiff::Timestamp,
    roles: &[Text],
) -> (Stood, Option<&'p Person>) {
    let account = &party.account;
    if party.bot {
        let text = format!("{account} is a program, and a program approves nothing");
        return (Stood::new(Outcome::Fails, "approver-is-bot", text), None);
    }
    let person = match case.people.who(source, account) {
        Known::Person(person) => person,
        Known::Automation(automation) => {
            let text = format!(
                "{account} is the automation {}, and a program approves nothing",
                automation.name
            );
            return (Stood::new(Outcome::Fails, "approver-is-bot", text), None);
        }
        Known::Nobody => {
            let text = format!("nobody in [[people]] has the account {account} of {source}");
            return (Stood::new(Outcome::Fails, "approver-unknown", text), None);
        }
    };
    let name = &person.name;
    if let Some(left) = person.left.filter(|left| at >= *left) {
        let text = format!("{name} had left at {left:.0}, and approved at {at:.0}");
        return (
            Stood::new(Outcome::Fails, "approver-left", text),
            Some(person),
        );
    }
    if let Some(joined) = person.joined.filter(|joined| at < *joined) {
        let text = format!("{name} joined at {joined:.0}, and approved at {at:.0}");
        return (
            Stood::new(Outcome::Fails, "approver-not-yet", text),
            Some(person),
        );
    }
    let stood = match case.people.holds(person, roles, at) {
        _ if roles.is_empty() => Stood::new(
            Outcome::Holds,
            "approver-known",
            format!("{name} is one of [[people]]"),
        ),
        Held::Own(role) => Stood::new(
            Outcome::Holds,
            "approver-has-role",
            format!("{name} is {role}"),
        ),
        Held::Lent(role, lender) => Stood::new(
            Outcome::Holds,
            "approver-is-delegate",
            format!("{name} is {role} for {lender}"),
        ),
        Held::Ended(lender, until) => {
            let text = format!(
                "{name} stood in for {lender} at another time, until {until:.0}, and approved at {at:.0}"
            );
            Stood::new(Outcome::Fails, "delegation-ended", text)
        }
        Held::No => {
            let roles = roles.join(", ");
            Stood::new(
                Outcome::Fails,
                "approver-without-role",
                format!("{name} is none of {roles}"),
            )
        }
    };
    (stood, Some(person))
}

/// Whether a person had no part in the change: they neither asked for it nor wrote it nor made it.
pub(crate) fn independent(case: &Case<'_, '_>, person: &Person) -> Stood {
    let mut doubt = None;
    for (source, party, part) in case.involved() {
        match case.people.who(source, &party.account) {
            Known::Person(one) if one.name == person.name => {
                let text = format!(
                    "{} approved it and {part}, as {}",
                    person.name, party.account
                );
                let rule = if part == "carries it out" {
                    "approver-is-implementer"
                } else {
                    "approver-is-author"
                };
                return Stood::new(Outcome::Fails, rule, text);
            }
            Known::Nobody if !party.bot => {
                let text = format!(
                    "{} of {source} {part}, and nobody in [[people]] has that account: it may be {}",
                    party.account, person.name
                );
                doubt = Some(Stood::new(Outcome::Unknown, "author-unknown", text));
            }
            _ => {}
        }
    }
    match (case.subject.maker, case.maker()) {
        (_, Some((account, Known::Person(one)))) if one.name == person.name => {
            let text = format!("{} approved it and made it, as {account}", person.name);
            return Stood::new(Outcome::Fails, "approver-is-implementer", text);
        }
        (_, Some((account, Known::Nobody))) => {
            let text = format!(
                "{account} made it, and nobody in [[people]] or [[automations]] has that account: it may be {}",
                person.name
            );
            doubt = Some(Stood::new(Outcome::Unknown, "implementer-unknown", text));
        }
        _ => {}
    }
    if let Some(doubt) = doubt {
        return doubt;
    }
    if !has_author(case) {
        let text = "no request says who asked for it, so nobody can be shown to be another";
        return Stood::new(Outcome::Unknown, "author-not-stated", text);
    }
    Stood::new(
        Outcome::Holds,
        "approver-independent",
        format!("{} had no part in it", person.name),
    )
}

fn has_author(case: &Case<'_, '_>) -> bool {
    case.members
        .iter()
        .all(|one| one.request().requester.is_some() || !one.request().authors.is_empty())
}

/// Whether a person made the change, by the platform's record.
pub(crate) fn made_it(case: &Case<'_, '_>, person: &Person) -> Stood {
    match case.maker() {
        Some((account, Known::Person(one))) if one.name == person.name => {
            let text = format!("{} made the change, as {account}", person.name);
            Stood::new(Outcome::Fails, "approver-is-implementer", text)
        }
        Some((account, Known::Nobody)) => {
            let text = format!(
                "{account} made it, and nobody has that account: it may be {}",
                person.name
            );
            Stood::new(Outcome::Unknown, "implementer-unknown", text)
        }
        _ => Stood::new(
            Outcome::Holds,
            "approver-independent",
            format!("{} did not make it", person.name),
        ),
    }
}

/// The subject's name for texts.
pub(crate) fn called(subject: &Subject<'_>) -> Text {
    Text::from(subject.change.asset.as_str())
}
