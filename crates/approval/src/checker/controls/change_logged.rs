//! Whether the change was announced in the change-control channel.

use std::time::Duration;

use jiff::Timestamp;
use plimsoll_model::{ChangeRequest, request_kind, sign_off_kind};

use super::{Control, Of};
use crate::checker::{Group, Refusal, refuse};
use crate::moment::{earlier, later};
use crate::request::RequestFacts;
use crate::types::Announced;

pub(super) const CONTROL: Control = Control {
    ids: &["change-logged"],
    of: Of::Every,
    check: logged,
};

fn logged(group: &Group<'_, '_>) -> Result<(), Refusal> {
    let subject = group.facts.subject;
    if !group.rule.announced || matches!(subject.announced, Announced::At(_)) {
        return Ok(());
    }
    let signed = group.members.iter().flat_map(|one| &one.request.sign_offs);
    let mut signed = signed.filter(|done| done.kind == sign_off_kind::ANNOUNCED);
    let said = signed.any(|done| done.at.is_some_and(|at| is_in_time(group, at)));
    let mut messages = group.facts.world.requests.iter().map(|filed| filed.request);
    if said || messages.any(|request| is_announcement(group, request)) {
        return Ok(());
    }
    refuse(
        "not-announced",
        "it was not announced in the change-control channel at its time",
    )
}

/// How far from the change an announcement may be where the policy gives no longer time.
const DAY: Duration = Duration::from_secs(24 * 3_600);

/// Whether a message in a channel names the system or a request of the change, for its environment, at its time.
fn is_announcement(group: &Group<'_, '_>, request: &ChangeRequest) -> bool {
    let facts = group.facts;
    let mut named = request.links.requests.iter();
    let links = named.any(|id| group.members.iter().any(|one| one.request.is_called(id)));
    request.kind == request_kind::MESSAGE
        && facts.is_here(request)
        && (links || facts.subject.reaches(request))
        && is_in_time(group, request.opened)
}

/// Near the change, and not before its code was merged: a plan is no log of what was done.
fn is_in_time(group: &Group<'_, '_>, at: Timestamp) -> bool {
    let interval = &group.facts.interval;
    let within = group.rule.announced_within.max(DAY);
    let merged = group
        .code()
        .filter_map(|one| one.request.merge.as_ref()?.at)
        .max();
    at <= later(interval.latest, within)
        && interval
            .earliest
            .is_none_or(|earliest| at >= earlier(earliest, within))
        && merged.is_none_or(|merged| at >= merged)
}
