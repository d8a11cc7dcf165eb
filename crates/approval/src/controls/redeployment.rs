//! Whether an artefact that ran before was asked for again.

use plimsoll_model::Text;

use super::{Control, Of};
use crate::case::Case;
use crate::keys::KeyKind;
use crate::types::{Outcome, Reason};

pub(super) const CONTROL: Control = Control {
    ids: &["change-approved"],
    of: Of::Every,
    explain: asked_again,
};

/// A request approves one deployment; the policy may allow a way back to what was approved before.
fn asked_again(case: &Case<'_, '_>, reasons: &mut Vec<Reason>) {
    let of = |kind| {
        let new = case.artefacts(kind).filter(|key| !key.deed);
        new.map(|key| key.text.clone()).collect::<Vec<Text>>()
    };
    let mut artefacts = of(KeyKind::Digest);
    if artefacts.is_empty() {
        artefacts = of(KeyKind::Commit);
    }
    let Some(run) = case.subject.earlier_run(&artefacts) else {
        return;
    };
    let again = case
        .members
        .iter()
        .any(|one| one.request().opened >= run.until);
    if again || (case.rule.rollback_allowed && run.approved) {
        return;
    }
    let text = format!(
        "{} ran here until {:.0}, and its request approves no second change",
        run.artefact, run.until
    );
    let reason = Reason::new("change-approved", Outcome::Fails, "redeployed", text);
    reasons.push(reason.missing("a request of its own"));
}
