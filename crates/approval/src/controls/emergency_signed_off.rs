//! `emergency-signed-off`: authorised by one of few, and afterwards documented, reviewed, signed off and explained in time.

use std::time::Duration;

use jiff::Timestamp;
use plimsoll_model::{Text, edit_field, sign_off_kind};

use super::{Control, Of};
use crate::case::{Case, Member};
use crate::checker::is_marked;
use crate::moment::{Order, later};
use crate::policy::Emergency;
use crate::standing::{authorised, in_time, made_it};
use crate::types::{Outcome, Reason};

pub(super) const CONTROL: Control = Control {
    ids: &["emergency-signed-off"],
    of: Of::Emergency,
    explain: emergency,
};

const ID: &str = "emergency-signed-off";

/// What the policy asks of an emergency.
fn emergency(case: &Case<'_, '_>, reasons: &mut Vec<Reason>) {
    let Some(rules) = &case.rule.emergency else {
        return;
    };
    marked_afterwards(case, reasons);
    authorisation(case, rules, reasons);
    for (kind, within) in &rules.afterwards {
        reasons.push(afterwards(case, rules, kind, *within));
    }
    if let Some(within) = rules.root_cause {
        reasons.push(root_cause(case, within));
    }
}

/// A mark that was set after the change makes no emergency of it.
fn marked_afterwards(case: &Case<'_, '_>, reasons: &mut Vec<Reason>) {
    for member in &case.members {
        if !is_marked(case.policy, member.request()) {
            continue;
        }
        let id = &member.request().id;
        // A label may be the mark, and so may what a tracker does not name.
        let perhaps = |field: &str| field.is_empty() || field == edit_field::LABELS;
        for edit in member
            .request()
            .edits
            .iter()
            .filter(|edit| perhaps(&edit.field))
        {
            if edit.at.map(|at| case.moment.order(at)) != Some(Order::Before) {
                let text = format!(
                    "{id} is marked as an emergency, and nothing settles whether it was before the change"
                );
                reasons.push(Reason::new(
                    ID,
                    Outcome::Unknown,
                    "mark-order-unclear",
                    text,
                ));
                break;
            }
        }
        let edits = member.request().edits.iter();
        let marks = edits.filter(|edit| edit.field == edit_field::EMERGENCY);
        for edit in marks {
            match edit.at.map(|at| case.moment.order(at)) {
                Some(Order::Before) => {}
                Some(Order::After) => {
                    let text = format!("{id} was marked as an emergency only after the change");
                    reasons.push(Reason::new(
                        ID,
                        Outcome::Fails,
                        "marked-emergency-afterwards",
                        text,
                    ));
                }
                _ => {
                    let text = format!(
                        "{id} was marked as an emergency, and nothing settles whether before the change"
                    );
                    reasons.push(Reason::new(
                        ID,
                        Outcome::Unknown,
                        "mark-order-unclear",
                        text,
                    ));
                }
            }
        }
    }
}

fn authorisation(case: &Case<'_, '_>, rules: &Emergency, reasons: &mut Vec<Reason>) {
    let mut best: Option<Reason> = None;
    // A yes to something else that hangs on it authorises no emergency.
    let urgent: Vec<&Member<'_>> = case
        .members
        .iter()
        .filter(|one| is_marked(case.policy, one.request()))
        .collect();
    let on_urgent = |yes: &crate::case::Yes<'_>| {
        urgent.iter().any(|one| {
            one.filed.source == yes.filed.source && one.request().id == yes.filed.request.id
        })
    };
    for yes in case.yeses(true, true).into_iter().filter(on_urgent) {
        let time = in_time(case, &yes, rules.authorised_within);
        let at = yes.at.unwrap_or(case.moment.hi);
        let (right, person) = authorised(case, yes.filed.source, yes.by, at, &rules.authorisers);
        let mut worst = if right.outcome <= time.outcome {
            right
        } else {
            time
        };
        if let (Some(person), false) = (person, rules.self_authorised) {
            let apart = made_it(case, person);
            if apart.outcome < worst.outcome {
                worst = apart;
            }
        }
        let rule = if worst.outcome == Outcome::Holds {
            "emergency-authorised"
        } else {
            worst.rule
        };
        let reason = Reason::new(ID, worst.outcome, rule, worst.text).by([yes.words()]);
        if best
            .as_ref()
            .is_none_or(|have| reason.outcome > have.outcome)
        {
            best = Some(reason);
        }
    }
    reasons.push(best.unwrap_or_else(|| {
        Reason::new(
            ID,
            Outcome::Fails,
            "emergency-not-authorised",
            "nobody authorised the emergency",
        )
        .missing(format!("a yes by {}", rules.authorisers.join(" or ")))
    }));
}

/// When something is due, at the earliest and at the latest, as the change may have been made at any time of its interval.
fn due(case: &Case<'_, '_>, within: Duration) -> (Option<Timestamp>, Timestamp) {
    (
        case.moment.lo.map(|lo| later(lo, within)),
        later(case.moment.hi, within),
    )
}

/// How something stands that came at a time, or did not come yet.
fn in_due_time(case: &Case<'_, '_>, at: Option<Timestamp>, within: Duration) -> Outcome {
    let (early, late) = due(case, within);
    match at {
        Some(at) if early.is_some_and(|early| at <= early) => Outcome::Holds,
        Some(at) if at > late => Outcome::Late,
        Some(_) => Outcome::Unknown,
        None if case.now <= late => Outcome::Waits,
        None => Outcome::Late,
    }
}

fn afterwards(case: &Case<'_, '_>, rules: &Emergency, kind: &Text, within: Duration) -> Reason {
    let word = kind.as_str();
    let (_, late) = due(case, within);
    let signing = word == sign_off_kind::SIGNED_OFF || word == sign_off_kind::REVIEWED;
    let mut best: Option<Reason> = None;
    let mut refused: Option<Reason> = None;
    for member in &case.members {
        for sign_off in member
            .request()
            .sign_offs
            .iter()
            .filter(|one| one.kind == *kind)
        {
            let (id, by) = (&member.request().id, &sign_off.by.account);
            let roles: &[Text] = if word == sign_off_kind::SIGNED_OFF {
                &rules.signed_off_by
            } else {
                &[]
            };
            let Some(at) = sign_off.at else {
                let text = format!("{by} has {word} {id}, nobody says when");
                best.get_or_insert(Reason::new(
                    ID,
                    Outcome::Unknown,
                    "sign-off-without-time",
                    text,
                ));
                continue;
            };
            let (right, person) = authorised(case, member.filed.source, &sign_off.by, at, roles);
            if right.outcome == Outcome::Fails {
                refused = Some(Reason::new(ID, Outcome::Fails, right.rule, right.text));
                continue;
            }
            // Nobody looks after what they did themselves.
            if let (Some(person), true) = (person, signing) {
                let apart = made_it(case, person);
                if apart.outcome != Outcome::Holds {
                    refused = Some(Reason::new(ID, apart.outcome, apart.rule, apart.text));
                    continue;
                }
            }
            // Before the change nothing can be said of how it went.
            if case.moment.order(at) == Order::Before {
                continue;
            }
            let outcome = in_due_time(case, Some(at), within);
            let (rule, text) = match outcome {
                Outcome::Holds => (
                    "signed-off-in-time",
                    format!("{by} has {word} {id} at {at:.0}"),
                ),
                Outcome::Late => (
                    "signed-off-late",
                    format!("{by} has {word} {id} at {at:.0}, and it was due by {late:.0}"),
                ),
                _ => (
                    "sign-off-order-unclear",
                    format!("{by} has {word} {id} at {at:.0}, and when it was due is not settled"),
                ),
            };
            let reason = Reason::new(ID, outcome, rule, text);
            if best
                .as_ref()
                .is_none_or(|have| reason.outcome > have.outcome)
            {
                best = Some(reason);
            }
        }
    }
    if let Some(best) = best {
        return best;
    }
    let outcome = in_due_time(case, None, within);
    let rule = if outcome == Outcome::Waits {
        "sign-off-awaited"
    } else {
        "sign-off-overdue"
    };
    let mut text = format!("nobody has {word} it yet, and it is due by {late:.0}");
    if let Some(refused) = refused {
        text.push_str("; ");
        text.push_str(&refused.text);
    }
    Reason::new(ID, outcome, rule, text).missing(word)
}

fn root_cause(case: &Case<'_, '_>, within: Duration) -> Reason {
    let (_, late) = due(case, within);
    let notes = case
        .members
        .iter()
        .flat_map(|member| &member.request().sign_offs);
    let notes = notes.filter(|one| one.root_cause);
    let first = notes.filter_map(|one| one.at).min();
    let outcome = in_due_time(case, first, within);
    let (rule, text) = match (outcome, first) {
        (Outcome::Holds, Some(at)) => (
            "root-cause-given",
            format!("a root cause was given at {at:.0}"),
        ),
        (Outcome::Late, Some(at)) => (
            "root-cause-late",
            format!("a root cause was given at {at:.0}, and it was due by {late:.0}"),
        ),
        (Outcome::Waits, _) => (
            "root-cause-awaited",
            format!("no root cause is given yet, and it is due by {late:.0}"),
        ),
        (Outcome::Late, None) => (
            "root-cause-overdue",
            format!("no root cause was given, and it was due by {late:.0}"),
        ),
        _ => (
            "root-cause-order-unclear",
            "when the root cause was due is not settled".to_owned(),
        ),
    };
    Reason::new(ID, outcome, rule, text)
}
