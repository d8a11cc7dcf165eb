//! Whether code went into its branch by the branch's rules.

use super::{Control, Of};
use crate::checker::{Group, Refusal, refuse};

pub(super) const CONTROL: Control = Control {
    ids: &["branch-protected"],
    of: Of::Planned,
    check: protected,
};

/// Each merge was into a protected branch.
fn protected(group: &Group<'_, '_>) -> Result<(), Refusal> {
    if !group.rule.protected {
        return Ok(());
    }
    for filed in group.code() {
        let merge = filed.request.merge.as_ref();
        if merge.is_none_or(|merge| merge.protected != Some(true)) {
            let id = &filed.request.id;
            return refuse(
                "branch-unprotected",
                format!("nothing proves that the branch of {id} was protected"),
            );
        }
    }
    Ok(())
}
