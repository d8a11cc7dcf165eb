//! `system-inspected`: a new system was inspected before it went live.

use plimsoll_model::sign_off_kind;

use super::sign_off::signed;
use super::system_approved::is_new;
use super::{Control, Of};
use crate::case::Case;
use crate::types::Reason;

pub(super) const CONTROL: Control = Control {
    ids: &["system-inspected"],
    of: Of::Planned,
    explain: inspected,
};

/// The inspection by somebody with the role. An emergency cannot wait for it.
fn inspected(case: &Case<'_, '_>, reasons: &mut Vec<Reason>) {
    let roles = &case.rule.inspected_by;
    if !roles.is_empty() && is_new(case.subject) {
        reasons.push(signed(
            case,
            "system-inspected",
            sign_off_kind::INSPECTED,
            roles,
        ));
    }
}
