//! Whether as many people as the rule asks for approved before, each with the right and none with a part in it.

use super::{Control, Of};
use crate::checker::votes::approvals;
use crate::checker::{Group, Refusal};

pub(super) const CONTROL: Control = Control {
    ids: &[
        "change-approved",
        "approver-authorised",
        "separation-of-duties",
    ],
    of: Of::Planned,
    check: approved,
};

fn approved(group: &Group<'_, '_>) -> Result<(), Refusal> {
    approvals(group).map(drop)
}
