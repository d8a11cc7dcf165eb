//! Whether a ticket stands behind the change, says who asked and, where the rule wants it, for which environment.

use super::{Control, Of};
use crate::checker::{Group, Refusal, refuse};

pub(super) const CONTROL: Control = Control {
    ids: &["change-ticketed"],
    of: Of::Every,
    check: ticketed,
};

fn ticketed(group: &Group<'_, '_>) -> Result<(), Refusal> {
    let rule = group.rule;
    if rule.environment_stated
        && !group
            .members
            .iter()
            .any(|one| !one.request.environments.is_empty())
    {
        return refuse("environment-not-stated", "no request names the environment");
    }
    if rule.ticket_linked && !group.members.iter().any(|one| !one.request.is_code()) {
        return refuse("ticket-not-linked", "no ticket stands beside the code");
    }
    if !group
        .members
        .iter()
        .any(|one| one.request.requester.is_some())
    {
        return refuse("requester-not-stated", "no request says who asked");
    }
    Ok(())
}
