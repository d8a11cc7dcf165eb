//! Whether an artefact that ran before was asked for again.

use super::{Control, Of};
use crate::checker::{Group, Refusal, refuse};

pub(super) const CONTROL: Control = Control {
    ids: &["change-approved"],
    of: Of::Every,
    check: asked_again,
};

/// A request approves one deployment; the policy may allow a way back to what was approved before.
fn asked_again(group: &Group<'_, '_>) -> Result<(), Refusal> {
    let facts = group.facts;
    if let Some(run) = facts.subject.earlier_run(&facts.artefacts())
        && !group.is_rollback()
        && !group
            .members
            .iter()
            .any(|one| one.request.opened >= run.until)
    {
        return refuse(
            "redeployed",
            format!(
                "{} ran here before, and its request approves no second change",
                run.artefact
            ),
        );
    }
    Ok(())
}
