//! Whether an emergency was authorised by one of few, and everything that has to follow has followed in time.

use std::time::Duration;

use plimsoll_model::{ChangeRequest, edit_field, sign_off_kind};

use super::{Control, Of};
use crate::checker::facts::has_label;
use crate::checker::{Group, Refusal, refuse};
use crate::moment::later;
use crate::policy::{Emergency, Policy};

pub(super) const CONTROL: Control = Control {
    ids: &["emergency-signed-off"],
    of: Of::Emergency,
    check: signed_off,
};

/// Whether a request is marked as an emergency.
pub(crate) fn is_marked(policy: &Policy, request: &ChangeRequest) -> bool {
    request.emergency || has_label(request, &policy.emergency_labels)
}

/// The mark was there before, somebody who may authorised it, and what had to come afterwards came in time.
fn signed_off(group: &Group<'_, '_>) -> Result<(), Refusal> {
    let Some(rules) = &group.rule.emergency else {
        return Ok(());
    };
    let (policy, interval) = (group.facts.policy, &group.facts.interval);
    for filed in group
        .members
        .iter()
        .filter(|one| is_marked(policy, one.request))
    {
        let marks = ["", edit_field::LABELS, edit_field::EMERGENCY];
        let late = filed.request.edits.iter().any(|edit| {
            marks.contains(&edit.field.as_str()) && !edit.at.is_some_and(|at| interval.follows(at))
        });
        if late {
            return refuse(
                "marked-afterwards",
                format!(
                    "nothing proves that {} was marked as an emergency before the change",
                    filed.request.id
                ),
            );
        }
    }
    authorised(group, rules)?;
    for (kind, within) in &rules.afterwards {
        afterwards(group, rules, kind, *within)?;
    }
    let Some(within) = rules.root_cause else {
        return Ok(());
    };
    let notes = group
        .members
        .iter()
        .flat_map(|filed| &filed.request.sign_offs)
        .filter(|one| one.root_cause);
    if notes
        .filter_map(|one| one.at)
        .any(|at| in_time(group, at, within))
    {
        Ok(())
    } else {
        refuse("root-cause-missing", "no root cause was given in time")
    }
}

fn authorised(group: &Group<'_, '_>, rules: &Emergency) -> Result<(), Refusal> {
    let mut last = None;
    for at in &group.claim.approvals {
        let good = group.vote(at, rules.authorised_within).and_then(|vote| {
            if !is_marked(group.facts.policy, vote.filed.request) {
                return refuse("vote-on-another-request", "it is no vote on the emergency");
            }
            group.stands(&vote)?;
            let person = group.authorised(&vote.filed, vote.by, vote.at, &rules.authorisers)?;
            if rules.self_authorised {
                Ok(())
            } else {
                group.independent(person)
            }
        });
        match good {
            Ok(()) => return Ok(()),
            Err(refusal) => last = Some(refusal),
        }
    }
    last.map_or_else(
        || {
            refuse(
                "emergency-not-authorised",
                "nobody authorised the emergency",
            )
        },
        Err,
    )
}

/// As the change may have been made at any time of its interval, the earliest due time counts.
fn in_time(group: &Group<'_, '_>, at: jiff::Timestamp, within: Duration) -> bool {
    group
        .facts
        .interval
        .earliest
        .is_some_and(|earliest| at <= later(earliest, within))
}

fn afterwards(
    group: &Group<'_, '_>,
    rules: &Emergency,
    kind: &str,
    within: Duration,
) -> Result<(), Refusal> {
    let signing = kind == sign_off_kind::SIGNED_OFF || kind == sign_off_kind::REVIEWED;
    let roles: &[_] = if kind == sign_off_kind::SIGNED_OFF {
        &rules.signed_off_by
    } else {
        &[]
    };
    let done = group.members.iter().any(|filed| {
        let all = filed
            .request
            .sign_offs
            .iter()
            .filter(|one| one.kind == kind);
        all.filter_map(|one| Some((one, one.at?))).any(|(one, at)| {
            let person = group.authorised(filed, &one.by, at, roles);
            !group.facts.interval.follows(at)
                && in_time(group, at, within)
                && person.is_ok_and(|person| !signing || group.independent(person).is_ok())
        })
    });
    if done {
        Ok(())
    } else {
        refuse("sign-off-missing", format!("nobody has {kind} it in time"))
    }
}
