//! What else may be what the change is of: requests that it names, other records of the time, and requests that fit as well.

use plimsoll_model::ChangeRequest;

use super::coverage::{covers_path, in_scope, is_over, parts_of};
use super::extent::{names_artefacts, shares_artefact};
use super::{Facts, Ground, Proof, Refusal, refuse};
use crate::keys::tickets_of;
use crate::moment::{CLOCKS, earlier, later};
use crate::request::RequestFacts;

/// The most requests about one asset that are looked through for a rival.
const RIVALS: usize = 200;

/// None of them is left out of the proof.
pub(super) fn check(facts: &Facts<'_, '_>, proof: &Proof) -> Result<(), Refusal> {
    named_requests(facts, proof)?;
    other_records(facts, proof)?;
    rivals(facts, proof)
}

/// Every request that the change names has to be approved with it.
fn named_requests(facts: &Facts<'_, '_>, proof: &Proof) -> Result<(), Refusal> {
    for key in tickets_of(facts.subject, facts.policy) {
        let all = proof.groups.iter().flat_map(|group| &group.members);
        let known = facts.world.requests.called(&key.text);
        if known.is_empty() && crate::keys::is_ticket_key(&key.text) {
            return refuse(
                "request-not-found",
                format!("the change names {}, and no tracker has it", key.text),
            );
        }
        if !known.iter().all(|at| all.clone().any(|have| have == at)) {
            return refuse(
                "named-request-unapproved",
                format!("the change names {}, and the proof leaves it out", key.text),
            );
        }
    }
    Ok(())
}

/// Every other record of the time belongs to the requests of the proof.
fn other_records(facts: &Facts<'_, '_>, proof: &Proof) -> Result<(), Refusal> {
    let subject = facts.subject;
    if subject.more {
        return refuse(
            "more-records",
            "more was done in the same time than is kept",
        );
    }
    let from = subject.after.map(|after| earlier(after, CLOCKS));
    let members = || {
        proof
            .groups
            .iter()
            .flat_map(|group| &group.members)
            .filter_map(|at| facts.world.requests.get(*at))
    };
    for deed in subject.others.iter().filter(|deed| !deed.has_failed()) {
        if from.is_some_and(|from| deed.at <= from) || deed.at > later(subject.before, CLOCKS) {
            continue;
        }
        let same = subject.maker.is_some_and(|maker| maker.tells_of_same(deed));
        let theirs = members().any(|filed| {
            shares_artefact(subject, deed, filed.request)
                || deed
                    .tickets()
                    .iter()
                    .any(|name| filed.request.is_called(name))
        });
        if !same && !theirs {
            let who = deed.account.unwrap_or("somebody");
            return refuse(
                "another-record",
                format!("{who} did {} at {} in the same time", deed.what, deed.at),
            );
        }
    }
    Ok(())
}

/// No other request fits as well by scope alone, unless it is in the proof too.
fn rivals(facts: &Facts<'_, '_>, proof: &Proof) -> Result<(), Refusal> {
    // Where the change says which request it is, or a request names what changed, no other comes into question.
    let mut vague: Vec<&ChangeRequest> = Vec::new();
    for path in parts_of(facts) {
        let covers = proof.covers.iter().filter(|cover| cover.path == path);
        let valid = covers.filter(|cover| covers_path(facts, proof, cover).is_ok());
        let valid = valid.filter_map(|cover| {
            Some((
                cover.ground,
                facts.world.requests.get(cover.request)?.request,
            ))
        });
        let valid: Vec<_> = valid.collect();
        if valid
            .iter()
            .all(|(ground, request)| *ground == Ground::Scope && !is_narrow(request))
        {
            vague.extend(valid.into_iter().map(|(_, request)| request));
        }
    }
    if vague.is_empty() {
        return Ok(());
    }
    let by_id = vague.iter().all(|one| facts.subject.reaches_by_id(one));
    let windowed = vague.iter().all(|one| one.window.is_some());
    let naming = facts.world.requests.naming(facts.subject);
    if naming.len() > RIVALS {
        return refuse(
            "too-many-requests",
            "more requests name the asset than are looked at",
        );
    }
    for at in naming {
        let Some(filed) = facts.world.requests.get(at) else {
            continue;
        };
        let request = filed.request;
        let approved = proof.groups.iter().any(|group| group.members.contains(&at));
        let here = facts.is_here(request);
        let weaker = (by_id && !facts.subject.reaches_by_id(request))
            || (windowed && request.window.is_none());
        if approved
            || is_narrow(request)
            || !here
            || weaker
            || facts.provisions(request)
            || request.opened > facts.interval.latest
        {
            continue;
        }
        if is_over(request, &facts.interval).is_none() && in_scope(facts, request).is_ok() {
            return refuse(
                "several-fit",
                format!("{} fits as well, and the proof leaves it out", request.id),
            );
        }
    }
    Ok(())
}

fn is_narrow(request: &ChangeRequest) -> bool {
    !request.facts.is_empty() || names_artefacts(request)
}
