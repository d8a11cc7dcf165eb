//! `inventory-reconciled`: somebody confirmed the inventory after the change, in time.

use plimsoll_model::sign_off_kind;

use super::{Control, Of};
use crate::case::Case;
use crate::moment::{Order, later};
use crate::standing::authorised;
use crate::types::{Outcome, Reason};

pub(super) const CONTROL: Control = Control {
    ids: &["inventory-reconciled"],
    of: Of::Every,
    explain: reconciled,
};

/// The first confirmation after the change by somebody with the role.
fn reconciled(case: &Case<'_, '_>, reasons: &mut Vec<Reason>) {
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
