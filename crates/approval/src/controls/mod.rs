//! The controls that a change is judged by: a row for each file, and a file for each control.
//!
//! A row explains: it says what holds, what fails, and what is not known. Whether a change is approved is said by the checker
//! alone, whose table (`checker::controls`) answers for the same controls.

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

use super::case::{Case, Member};
use super::checker::is_marked;
use super::types::Reason;

/// One row: what is asked of the requests that cover a change.
pub(crate) struct Control {
    /// The controls of the catalogue that it answers for.
    pub(crate) ids: &'static [&'static str],
    /// Which changes it is asked of.
    pub(crate) of: Of,
    /// Says what was found, where the rule asks.
    pub(crate) explain: fn(&Case<'_, '_>, &mut Vec<Reason>),
}

/// Which changes a control is asked of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Of {
    /// Of all but emergencies.
    Planned,
    /// Of emergencies alone.
    Emergency,
    /// Of each change.
    Every,
}

impl Of {
    /// Whether it is asked of a change that is an emergency, or is none.
    pub(crate) fn is_of(self, urgent: bool) -> bool {
        match self {
            Self::Planned => !urgent,
            Self::Emergency => urgent,
            Self::Every => true,
        }
    }
}

/// In the order in which an auditor asks.
pub(crate) const TABLE: [Control; 14] = [
    emergency_signed_off::CONTROL,
    change_approved::CONTROL,
    redeployment::CONTROL,
    change_reviewed::CONTROL,
    branch_protected::CONTROL,
    change_tested::CONTROL,
    staging_soak::CONTROL,
    change_window::CONTROL,
    change_ticketed::CONTROL,
    implementer_authorised::CONTROL,
    system_approved::CONTROL,
    system_inspected::CONTROL,
    change_logged::CONTROL,
    inventory_reconciled::CONTROL,
];

/// What every control says of requests that are taken together.
pub(crate) fn explain(case: &Case<'_, '_>, reasons: &mut Vec<Reason>) {
    let marked = |one: &Member<'_>| is_marked(case.policy, one.request());
    let urgent = case.rule.emergency.is_some() && case.members.iter().any(marked);
    for control in TABLE.iter().filter(|control| control.of.is_of(urgent)) {
        (control.explain)(case, reasons);
    }
}
