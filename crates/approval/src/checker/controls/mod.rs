//! What a rule asks of the requests that cover a change: a row for each file, and a file for each control.

mod branch_protected;
mod change_approved;
mod change_logged;
mod change_reviewed;
mod change_tested;
mod change_ticketed;
mod change_window;
mod emergency_signed_off;
mod implementer_authorised;
mod inventory_reconciled;
mod redeployment;
mod sign_off;
mod staging_soak;
mod system_approved;
mod system_inspected;

pub(crate) use change_reviewed::has_own_person_each;
pub(crate) use emergency_signed_off::is_marked;
pub(crate) use staging_soak::is_setting;

use super::{Group, Refusal};
use crate::controls::Of;

/// One row.
pub(crate) struct Control {
    /// The controls of the catalogue that it answers for.
    pub(crate) ids: &'static [&'static str],
    /// Which changes it is asked of.
    pub(crate) of: Of,
    /// Accepts, also where the rule does not ask, or refuses.
    pub(crate) check: fn(&Group<'_, '_>) -> Result<(), Refusal>,
}

/// Each of them has to accept.
pub(crate) const TABLE: [Control; 14] = [
    emergency_signed_off::CONTROL,
    change_approved::CONTROL,
    change_reviewed::CONTROL,
    branch_protected::CONTROL,
    change_tested::CONTROL,
    staging_soak::CONTROL,
    change_window::CONTROL,
    change_ticketed::CONTROL,
    implementer_authorised::CONTROL,
    redeployment::CONTROL,
    system_approved::CONTROL,
    system_inspected::CONTROL,
    change_logged::CONTROL,
    inventory_reconciled::CONTROL,
];

/// Asks every control of a group.
///
/// # Errors
/// The first refusal.
pub(super) fn check(group: &Group<'_, '_>) -> Result<(), Refusal> {
    let mut rows = TABLE
        .iter()
        .filter(|control| control.of.is_of(group.is_urgent()));
    rows.try_for_each(|row| {
        (row.check)(group).map_err(|refusal| Refusal {
            control: row.ids.first().copied().unwrap_or(refusal.control),
            ..refusal
        })
    })
}
