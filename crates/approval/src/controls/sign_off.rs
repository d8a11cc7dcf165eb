//! A confirmation that several controls ask for, each of its own kind.

use plimsoll_model::{Text, sign_off_kind};

use crate::case::Case;
use crate::moment::Order;
use crate::standing::authorised;
use crate::types::{Outcome, Reason};

/// A confirmation by somebody with a role, before the change.
pub(super) fn signed(
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
            let apart = person.map(|person| crate::standing::independent(case, person));
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
    // Without a twin nobody knows what ran in staging, and the control of staging says so.
    let known = case.rule.staging && !case.subject.twins.is_empty();
    let Some(at) = at.filter(|_| known) else {
        return false;
    };
    let digests = case
        .artefacts(crate::keys::KeyKind::Digest)
        .any(|key| !key.deed);
    let kind = if digests {
        crate::keys::KeyKind::Digest
    } else {
        crate::keys::KeyKind::Commit
    };
    let mut new = case.artefacts(kind).filter(|key| !key.deed);
    new.any(|key| {
        let runs = case.sightings.runs.get(&key.text).into_iter().flatten();
        let mut runs = runs.filter(|run| case.subject.twins.contains(&&run.asset));
        !runs.any(|run| run.from <= at)
    })
}
