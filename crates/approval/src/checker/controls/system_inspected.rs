//! Whether a new system was inspected before it went live.

use plimsoll_model::sign_off_kind;

use super::sign_off::signed;
use super::system_approved::is_new;
use super::{Control, Of};
use crate::checker::{Group, Refusal};

pub(super) const CONTROL: Control = Control {
    ids: &["system-inspected"],
    of: Of::Planned,
    check: inspected,
};

fn inspected(group: &Group<'_, '_>) -> Result<(), Refusal> {
    let roles = &group.rule.inspected_by;
    if roles.is_empty() || !is_new(group) {
        return Ok(());
    }
    signed(group, sign_off_kind::INSPECTED, roles)
}
