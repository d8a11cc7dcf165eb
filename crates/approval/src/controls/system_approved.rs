//! `system-approved`: a new system was asked for as one.

use plimsoll_change::ChangeKind;

use super::{Control, Of};
use crate::case::{Case, Member};
use crate::index::lower;
use crate::standing::called;
use crate::types::{Outcome, Reason, Subject};

pub(super) const CONTROL: Control = Control {
    ids: &["system-approved"],
    of: Of::Every,
    explain: approved,
};

/// Whether a system is new: what has no role is part of one.
pub(super) fn is_new(subject: &Subject<'_>) -> bool {
    subject.change.kind == ChangeKind::Added && subject.role.is_some()
}

/// A request that asks for a new system.
fn approved(case: &Case<'_, '_>, reasons: &mut Vec<Reason>) {
    if !case.rule.provisioning || !is_new(case.subject) {
        return;
    }
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
