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
    let (rule, facts) = (group.rule, group.facts);
    if let Some(run) = facts.subject.earlier_run(&facts.artefacts())
        && !(rule.rollback_allowed && run.approved)
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
