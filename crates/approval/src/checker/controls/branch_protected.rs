//! Whether code went into its branch by the branch's rules.

use super::{Control, Of};
use crate::checker::{Group, Refusal, refuse};

pub(super) const CONTROL: Control = Control {
    ids: &["branch-protected"],
    of: Of::Every,
    check: protected,
};

/// Each merge was into a protected branch that deploys the system. An emergency is no way around that.
fn protected(group: &Group<'_, '_>) -> Result<(), Refusal> {
    let rule = group.rule;
    for filed in group.code() {
        let (id, merge) = (&filed.request.id, filed.request.merge.as_ref());
        if rule.protected && merge.is_none_or(|merge| merge.protected != Some(true)) {
            return refuse(
                "branch-unprotected",
                format!("nothing proves that the branch of {id} was protected"),
            );
        }
        let branch = merge
            .and_then(|merge| merge.branch.as_deref())
            .unwrap_or_default();
        if !rule.deploy_branches.is_empty() && !rule.deploy_branches.iter().any(|one| one == branch)
        {
            return refuse(
                "merged-elsewhere",
                format!("{id} went into {branch:?}, which does not deploy the system"),
            );
        }
    }
    Ok(())
}
