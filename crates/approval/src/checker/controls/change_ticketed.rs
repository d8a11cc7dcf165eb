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
    if rule.ticket_linked {
        let mut tickets = group
            .members
            .iter()
            .filter(|one| !one.request.is_code())
            .peekable();
        if tickets.peek().is_none() {
            return refuse("ticket-not-linked", "no ticket stands beside the code");
        }
        let merged = group
            .code()
            .filter_map(|one| one.request.merge.as_ref()?.at)
            .min();
        if merged.is_some_and(|merged| tickets.all(|one| one.request.opened > merged)) {
            return refuse("ticket-after-merge", "its ticket was filed after the merge");
        }
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
