//! Whether a new system was asked for as one.

use plimsoll_change::ChangeKind;

use super::{Control, Of};
use crate::checker::{Group, Refusal, refuse};

pub(super) const CONTROL: Control = Control {
    ids: &["system-approved"],
    of: Of::Every,
    check: provisioned,
};

/// Whether a system is new: what has no role is part of one.
pub(super) fn is_new(group: &Group<'_, '_>) -> bool {
    let subject = group.facts.subject;
    subject.change.kind == ChangeKind::Added && subject.role.is_some()
}

fn provisioned(group: &Group<'_, '_>) -> Result<(), Refusal> {
    let (rule, facts) = (group.rule, group.facts);
    if is_new(group)
        && rule.provisioning
        && !group
            .members
            .iter()
            .any(|one| facts.provisions(one.request))
    {
        return refuse(
            "no-provisioning-request",
            "no request asks for a new system",
        );
    }
    Ok(())
}
