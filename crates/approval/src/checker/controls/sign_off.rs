//! A confirmation by somebody independent with a role, before the change, that still stood when it was made.

use jiff::Timestamp;
use plimsoll_model::{SignOff, Text, sign_off_kind};

use crate::checker::{Group, Refusal, refuse};
use crate::types::Filed;

/// That one of a kind stands.
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
            match stands(group, *filed, done, at, roles) {
                Ok(()) => return Ok(()),
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

fn stands<'a>(
    group: &Group<'_, 'a>,
    filed: Filed<'a>,
    done: &'a SignOff,
    at: Timestamp,
    roles: &[Text],
) -> Result<(), Refusal> {
    let kind = &done.kind;
    // What is confirmed was there: its request, and the code that is tested.
    let opened = group.code().map(|code| code.request.opened).max();
    let tests = *kind == *sign_off_kind::QA;
    if at < filed.request.opened || (tests && opened.is_some_and(|opened| at < opened)) {
        let text = format!("{kind} was confirmed before there was anything to look at");
        return refuse("sign-off-before-request", text);
    }
    group.stands(&group.sign_off(filed, done, at))?;
    let person = group.authorised(&filed, &done.by, at, roles)?;
    group.independent(person)?;
    if tests && group.rule.staging && !group.facts.in_staging_at(at) {
        let text = format!("{kind} was confirmed before it ran in staging");
        return refuse("sign-off-before-staging", text);
    }
    Ok(())
}
