//! A confirmation by somebody independent with a role, before the change.

use plimsoll_model::{Text, sign_off_kind};

use crate::checker::{Group, Refusal, refuse};

/// A confirmation by somebody independent with a role, before the change and, for QA, after staging had it.
pub(super) fn signed(group: &Group<'_, '_>, kind: &str, roles: &[Text]) -> Result<(), Refusal> {
    let mut last = None;
    for filed in &group.members {
        for done in filed
            .request
            .sign_offs
            .iter()
            .filter(|one| one.kind == kind)
        {
            let Some(at) = done.at.filter(|at| group.facts.interval.follows(*at)) else {
                continue;
            };
            let staged =
                kind != sign_off_kind::QA || !group.rule.staging || group.facts.in_staging_at(at);
            let good = group
                .authorised(filed, &done.by, at, roles)
                .and_then(|person| group.independent(person));
            match good {
                Ok(()) if staged => return Ok(()),
                Ok(()) => {
                    last = refuse::<()>(
                        "sign-off-before-staging",
                        format!("{kind} was confirmed before it ran in staging"),
                    )
                    .err()
                }
                Err(refusal) => last = Some(refusal),
            }
        }
    }
    last.map_or_else(
        || {
            refuse(
                "sign-off-missing",
                format!("nobody confirmed {kind} before the change"),
            )
        },
        Err,
    )
}
