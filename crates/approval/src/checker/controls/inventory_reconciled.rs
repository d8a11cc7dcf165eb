//! Whether somebody confirmed the inventory after the change, in time.

use plimsoll_model::sign_off_kind;

use super::{Control, Of};
use crate::checker::{Group, Refusal, refuse};
use crate::moment::later;

pub(super) const CONTROL: Control = Control {
    ids: &["inventory-reconciled"],
    of: Of::Every,
    check: reconciled,
};

fn reconciled(group: &Group<'_, '_>) -> Result<(), Refusal> {
    let (rule, interval) = (group.rule, &group.facts.interval);
    if rule.reconciled_by.is_empty() {
        return Ok(());
    }
    let due = later(interval.latest, rule.reconciled_within);
    let done = group.members.iter().any(|filed| {
        let all = filed
            .request
            .sign_offs
            .iter()
            .filter(|one| one.kind == sign_off_kind::RECONCILED);
        all.filter_map(|one| Some((one, one.at?))).any(|(one, at)| {
            interval.precedes(at)
                && at <= due
                && group
                    .authorised(filed, &one.by, at, &rule.reconciled_by)
                    .is_ok()
        })
    });
    if done {
        Ok(())
    } else {
        refuse("not-reconciled", "the inventory was not confirmed in time")
    }
}
