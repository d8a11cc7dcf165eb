//! `branch-protected`: whether code went into the branch by its rules.

use super::{Control, Of};
use crate::case::Case;
use crate::types::{Outcome, Reason};

pub(super) const CONTROL: Control = Control {
    ids: &["branch-protected"],
    of: Of::Planned,
    explain: protected,
};

/// Whether each merge went by the rules of its branch.
fn protected(case: &Case<'_, '_>, reasons: &mut Vec<Reason>) {
    if !case.rule.protected {
        return;
    }
    let mut best = Reason::new(
        "branch-protected",
        Outcome::Fails,
        "no-protected-merge",
        "no code was merged into a protected branch",
    );
    let mut any = false;
    for member in case.code() {
        let Some(merge) = &member.request().merge else {
            continue;
        };
        let branch = merge.branch.as_deref().unwrap_or("its branch");
        let id = &member.request().id;
        let made = match merge.protected {
            Some(true) => Reason::new(
                "branch-protected",
                Outcome::Holds,
                "branch-protected",
                format!("{id} went into {branch} by its rules"),
            ),
            Some(false) => Reason::new(
                "branch-protected",
                Outcome::Fails,
                "branch-unprotected",
                format!(
                    "{id} went into {branch}, which is not protected or whose rules were gone around"
                ),
            ),
            None => Reason::new(
                "branch-protected",
                Outcome::Unknown,
                "protection-unknown",
                format!("nobody says whether {branch} is protected, into which {id} went"),
            ),
        };
        // Of several merges the worst counts: each of them brought something.
        if !any || made.outcome < best.outcome {
            best = made;
        }
        any = true;
    }
    reasons.push(best);
}
