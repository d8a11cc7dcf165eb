//! What a request covers: each changed path needs a request that names it, whole or by what it brings.

use plimsoll_change::{ChangeKind, path_is_of};
use plimsoll_model::{ChangeRequest, Text, Value, fact, request_state};

use super::{Cover, Facts, Ground, Interval, Proof, Refusal, refuse};
use crate::index::lower;
use crate::keys::{KeyKind, Part, is_security_fact, keys, part, tickets_of};
use crate::moment::{CLOCKS, earlier, later};
use crate::policy::{NamedAsset, Rule, environment};
use crate::request::RequestFacts;
use crate::types::{Deed, Filed};

/// The most requests about one asset that are looked through for a rival.
const RIVALS: usize = 200;

/// Every changed path is covered by a request of the proof, every request that the change names is in it, and every other
/// record of the time belongs to it.
pub(super) fn check(facts: &Facts<'_, '_>, proof: &Proof) -> Result<(), Refusal> {
    for path in parts_of(facts) {
        let covers = proof.covers.iter().filter(|cover| cover.path == path);
        let mut last = None;
        let covered = covers.clone().any(|cover| {
            covers_path(facts, proof, cover)
                .map_err(|refusal| last = Some(refusal))
                .is_ok()
        });
        if !covered {
            let called = if path.is_empty() {
                facts.subject.change.asset.as_str()
            } else {
                &path
            };
            let Some(last) = last else {
                return refuse("path-not-covered", format!("no request covers {called}"));
            };
            return Err(Refusal {
                rule: last.rule,
                text: format!("{called}: {}", last.text).into(),
            });
        }
    }
    for claim in &proof.groups {
        joined(facts, proof, &claim.members)?;
    }
    named_requests(facts, proof)?;
    other_records(facts, proof)?;
    rivals(facts, proof)
}

/// The parts of a change that none of some requests covers by itself, each with why the last of them does not.
pub(super) fn uncovered(facts: &Facts<'_, '_>, members: &[u32]) -> Vec<(Text, Refusal)> {
    let group = super::RequestGroup {
        members: members.to_vec(),
        ..super::RequestGroup::default()
    };
    let proof = Proof {
        groups: vec![group],
        covers: Vec::new(),
    };
    let left = parts_of(facts).into_iter().filter_map(|path| {
        let mut best: Option<Refusal> = None;
        for request in members {
            for ground in [Ground::Artefact, Ground::Named, Ground::Scope] {
                let cover = Cover {
                    path: path.clone(),
                    request: *request,
                    ground,
                };
                let refusal = covers_path(facts, &proof, &cover).err()?;
                // What tells of the extent says more than that the ground does not fit.
                if best
                    .as_ref()
                    .is_none_or(|have| refusal.weight() > have.weight())
                {
                    best = Some(refusal);
                }
            }
        }
        let called = if path.is_empty() {
            facts.subject.change.asset.as_str()
        } else {
            &path
        };
        let refusal = best?;
        let text = format!("{called}: {}", refusal.text).into();
        Some((
            path.clone(),
            Refusal {
                rule: refusal.rule,
                text,
            },
        ))
    });
    left.collect()
}

/// How many parts a change has.
pub(super) fn count_parts(facts: &Facts<'_, '_>) -> usize {
    parts_of(facts).len()
}

impl Refusal {
    /// Whether it shows that a request does not cover a part, and not only that nothing shows that it does.
    pub(crate) fn is_sure(&self) -> bool {
        self.weight() == 3
    }

    fn weight(&self) -> u8 {
        match self.rule {
            "not-named" | "not-in-scope" | "no-artefact" => 0,
            "no-window" | "outside-window" => 1,
            "name-fits-several"
            | "name-without-environment"
            | "another-artefact"
            | "path-perhaps-covered" => 2,
            _ => 3,
        }
    }
}

/// The parts of the change that each need a request.
fn parts_of(facts: &Facts<'_, '_>) -> Vec<Text> {
    let change = facts.subject.change;
    if change.kind == ChangeKind::Modified {
        return change.paths.iter().map(|path| path.path.clone()).collect();
    }
    let mut parts = vec![Text::default()];
    // What a new system opens to the world is a decision of its own.
    let ports = facts
        .subject
        .asset
        .filter(|_| change.kind == ChangeKind::Added);
    if ports.is_some_and(|asset| {
        asset
            .value(fact::PORTS)
            .and_then(Value::as_table)
            .is_some_and(|ports| !ports.is_empty())
    }) {
        parts.push(fact::PORTS.into());
    }
    parts
}

fn covers_path(facts: &Facts<'_, '_>, proof: &Proof, cover: &Cover) -> Result<(), Refusal> {
    let Some(filed) = facts.world.requests.get(cover.request) else {
        return refuse(
            "request-not-stored",
            "it rests on a request that is not stored",
        );
    };
    let (request, subject) = (filed.request, facts.subject);
    let id = &request.id;
    if !proof
        .groups
        .iter()
        .any(|group| group.members.contains(&cover.request))
    {
        return refuse(
            "request-not-approved",
            format!("{id} is in no group that is approved"),
        );
    }
    let reaches = subject.reaches(request);
    if limits(request) && !reaches {
        return refuse("other-asset", format!("{id} is about other systems"));
    }
    // A name that fits two systems proves nothing, unless the change itself says which request it is.
    if !subject.namesakes.is_empty()
        && cover.ground == Ground::Scope
        && !subject.reaches_by_id(request)
    {
        let others: Vec<&str> = subject.namesakes.iter().map(|id| id.as_str()).collect();
        return refuse(
            "name-fits-several",
            format!(
                "the name in {id} fits {} and {} as well",
                subject.change.asset,
                others.join(", ")
            ),
        );
    }
    match cover.ground {
        Ground::Named => match names_request(facts, request, &cover.path) {
            Some(true) => {}
            Some(false) => {
                let text = format!("the record that names {id} is about other fields");
                return refuse("record-of-other-fields", text);
            }
            None => return refuse("not-named", format!("the change does not name {id}")),
        },
        Ground::Scope => {
            if !reaches {
                return refuse("not-in-scope", format!("{id} does not name the asset"));
            }
            in_scope(facts, request)?;
        }
        Ground::Artefact => {
            if !names_artefacts(request) || !shares_with_change(facts, request) {
                return refuse(
                    "no-artefact",
                    format!("{id} names nothing that the change brings"),
                );
            }
        }
    }
    extent(facts, filed, cover)
}

/// Whether a request that names the asset means this change: in its window, or by naming the facts.
fn in_scope(facts: &Facts<'_, '_>, request: &ChangeRequest) -> Result<(), Refusal> {
    let id = &request.id;
    if let Some((start, end)) = request.window {
        let slack = if is_exact(&facts.interval) {
            CLOCKS
        } else {
            std::time::Duration::ZERO
        };
        let outside = facts.interval.latest < earlier(start, slack)
            || facts
                .interval
                .earliest
                .is_some_and(|earliest| earliest > later(end, slack));
        if outside {
            return refuse(
                "outside-window",
                format!("the change was made outside of the window of {id}"),
            );
        }
        if !facts.subject.reaches_by_id(request) && request.environments.is_empty() {
            return refuse(
                "name-without-environment",
                format!("{id} does not say which environment's system it means"),
            );
        }
        return Ok(());
    }
    let enough = |rule: &Rule| {
        rule.named_asset == NamedAsset::Enough
            || (rule.emergency.is_some() && super::emergency::is_marked(facts.policy, request))
    };
    let rules = facts
        .subject
        .standings()
        .into_iter()
        .filter_map(|standing| {
            let own = standing
                .environment
                .map_or_else(|| "production".into(), environment);
            facts
                .policy
                .rule(&own, standing.kind, standing.role)
                .filter(|rule| rule.required)
        });
    let mut rules = rules.peekable();
    if rules.peek().is_some() && rules.all(enough) && facts.subject.reaches_by_id(request) {
        return Ok(());
    }
    refuse(
        "no-window",
        format!("{id} names no window, so it may be about another change"),
    )
}

/// A request that names its own artefacts or facts covers these and nothing else.
fn extent(facts: &Facts<'_, '_>, filed: &Filed<'_>, cover: &Cover) -> Result<(), Refusal> {
    let (request, change) = (filed.request, facts.subject.change);
    let (id, path) = (&request.id, cover.path.as_str());
    let provisions = facts.provisions(request);
    if provisions && change.kind != ChangeKind::Added {
        return refuse(
            "provisioning-alone",
            format!("{id} asks for a new system and for nothing else"),
        );
    }
    let own = names_artefacts(request);
    if change.kind == ChangeKind::Removed {
        let whole = request.facts.is_empty() && !own;
        return if facts.removes(request) || (whole && cover.ground != Ground::Artefact) {
            Ok(())
        } else {
            refuse(
                "removal-not-asked",
                format!("{id} does not ask for the removal"),
            )
        };
    }
    let named = !path.is_empty() && request.facts.iter().any(|fact| path_is_of(path, fact));
    if named {
        return Ok(());
    }
    if change.kind == ChangeKind::Added && path.is_empty() {
        return if own {
            brings_artefacts(facts, request)
        } else {
            Ok(())
        };
    }
    let narrow = own || !request.facts.is_empty();
    if !narrow && cover.ground != Ground::Artefact {
        return Ok(());
    }
    if !own && request.facts.is_empty() {
        return refuse("no-artefact", format!("{id} names no artefact"));
    }
    if !own {
        return refuse("path-not-in-request", format!("{id} is about other facts"));
    }
    match part(path) {
        Part::Artefact => brings(facts, request, path),
        _ if is_security_fact(path) || cover_is_stated(facts, path) => refuse(
            "path-not-covered",
            format!("{id} brings an artefact, and that changes no {path}"),
        ),
        _ if whole_record(facts, request) => Ok(()),
        Part::Perhaps => refuse(
            "path-perhaps-covered",
            format!("{id} brings an artefact, which may have brought {path}, and so may a hand"),
        ),
        _ => refuse(
            "path-not-covered",
            format!("{id} brings an artefact, and that changes no {path}"),
        ),
    }
}

fn cover_is_stated(facts: &Facts<'_, '_>, path: &str) -> bool {
    facts.policy.rules.iter().any(|rule| {
        rule.security_facts
            .iter()
            .any(|fact| path_is_of(path, fact))
    }) || path.starts_with("labels")
        || path.starts_with("relations")
}

/// Whether the one record of the time is of this artefact, so that nothing else was done beside it.
fn whole_record(facts: &Facts<'_, '_>, request: &ChangeRequest) -> bool {
    let subject = facts.subject;
    let maker = subject
        .maker
        .filter(|maker| maker.proven && !maker.has_failed());
    maker.is_some_and(|maker| {
        maker.speaks_of_all(subject.change) && shares_artefact(&[maker], request)
    }) && subject.others.is_empty()
        && !subject.more
}

/// Whether the artefact that one changed path brings is one that the request names.
fn brings(facts: &Facts<'_, '_>, request: &ChangeRequest, path: &str) -> Result<(), Refusal> {
    let id = &request.id;
    let new: Vec<_> = keys(facts.subject, facts.policy)
        .into_iter()
        .filter(|key| !key.deed)
        .collect();
    let digests = |kind| new.iter().filter(move |key| key.kind == kind);
    let theirs = request.digests();
    let own: Vec<_> = digests(KeyKind::Digest)
        .filter(|key| &*key.by == path)
        .collect();
    let all_named = own.iter().all(|key| theirs.contains(&key.text));
    if !own.is_empty() && !theirs.is_empty() {
        if all_named {
            return Ok(());
        }
        // Built again from the commit that is approved, it is another artefact, and may be the same.
        let again = digests(KeyKind::Commit).any(|key| request.is_final_commit(&key.text));
        let rule = if again {
            "another-artefact"
        } else {
            "another-digest"
        };
        return refuse(
            rule,
            format!("{id} names another digest than {path} brings"),
        );
    }
    // Without a digest of its own a request names what is built from its commit, and one commit vouches for one image.
    let images: std::collections::BTreeSet<_> =
        digests(KeyKind::Digest).map(|key| &key.text).collect();
    if !theirs.is_empty()
        && !images.is_empty()
        && !images.iter().all(|image| theirs.contains(*image))
    {
        return refuse(
            "another-artefact",
            format!("{id} names another digest than what runs"),
        );
    }
    let commits: Vec<_> = digests(KeyKind::Commit).collect();
    let commit = commits.iter().any(|key| request.is_final_commit(&key.text))
        && commits.iter().all(|key| request.is_final_commit(&key.text));
    let maker = facts
        .subject
        .maker
        .filter(|maker| maker.proven && !maker.has_failed());
    let recorded = maker.is_some_and(|maker| shares_artefact(&[maker], request));
    let released =
        digests(KeyKind::Release).any(|key| facts.subject.names_release(request, &key.text));
    let digest = !images.is_empty() && !theirs.is_empty();
    if digest
        || ((commit || released || recorded) && (images.len() <= 1 || whole_record(facts, request)))
    {
        // A commit that is new has to be the one that the request became.
        if !commits.is_empty() && !commit && request.is_code() && !digest {
            return refuse(
                "another-artefact",
                format!("{id} became another commit than runs"),
            );
        }
        return Ok(());
    }
    refuse(
        "another-artefact",
        format!("{id} does not name what {path} brings"),
    )
}

fn brings_artefacts(facts: &Facts<'_, '_>, request: &ChangeRequest) -> Result<(), Refusal> {
    let new: Vec<_> = keys(facts.subject, facts.policy)
        .into_iter()
        .filter(|key| !key.deed && key.kind == KeyKind::Digest)
        .collect();
    for key in &new {
        brings(facts, request, &key.by)?;
    }
    if new.is_empty() {
        brings(facts, request, fact::SOURCE_COMMIT)
    } else {
        Ok(())
    }
}

/// Whether a request names anything that is new with the change, or that the record which proves itself of it names.
fn shares_with_change(facts: &Facts<'_, '_>, request: &ChangeRequest) -> bool {
    let subject = facts.subject;
    let digests = request.digests();
    let new = keys(subject, facts.policy);
    let new = new
        .iter()
        .filter(|key| !key.deed)
        .any(|key| match key.kind {
            KeyKind::Commit => request.is_final_commit(&key.text),
            KeyKind::Digest => digests.contains(&key.text),
            KeyKind::Release => subject.names_release(request, &key.text),
            KeyKind::Operation | KeyKind::Ticket => false,
        });
    let maker = subject
        .maker
        .filter(|maker| maker.proven && !maker.has_failed());
    new || maker.is_some_and(|maker| shares_artefact(&[maker], request))
}

fn shares_artefact(deeds: &[Deed<'_>], request: &ChangeRequest) -> bool {
    let mut found = Vec::new();
    deeds
        .iter()
        .for_each(|deed| crate::keys::of_deed(deed, &mut found));
    found.iter().any(|key| match key.kind {
        KeyKind::Commit => request.is_final_commit(&key.text),
        KeyKind::Digest => request.digests().contains(&key.text),
        KeyKind::Operation => request.links.operations.iter().any(|one| {
            one.trim() == key.text
                || key
                    .text
                    .split_once(':')
                    .is_some_and(|(_, id)| id == one.trim())
        }),
        KeyKind::Release => request.links.releases.iter().any(|one| {
            one.rsplit_once('@')
                .map_or(one.as_str(), |(_, release)| release)
                .trim()
                == key.text
        }),
        KeyKind::Ticket => false,
    })
}

/// Whether a request says which systems it is about.
fn limits(request: &ChangeRequest) -> bool {
    !request.assets.is_empty() || !request.names.is_empty()
}

fn names_artefacts(request: &ChangeRequest) -> bool {
    let links = &request.links;
    request.is_code()
        || !(links.commits.is_empty()
            && links.images.is_empty()
            && links.releases.is_empty()
            && links.operations.is_empty())
}

/// Whether the change, or a record that proves itself of it, names a request, and speaks of this path; none where nothing names
/// it. A record that says which fields it touched speaks of these alone.
fn names_request(facts: &Facts<'_, '_>, request: &ChangeRequest, path: &str) -> Option<bool> {
    let subject = facts.subject;
    let changed = subject.change.paths.iter().find(|one| one.path == path);
    let spoken = changed.is_none_or(|path| subject.maker.is_none_or(|maker| maker.speaks_of(path)));
    let named = tickets_of(subject, facts.policy);
    let named = named.iter().filter(|key| request.is_called(&key.text));
    named.map(|key| !key.deed || spoken).max()
}

/// One request, or code that brings one artefact, with the tickets that it belongs to: what is only beside it has a group of
/// its own, so that no vote counts for another's request.
pub(super) fn joined(facts: &Facts<'_, '_>, proof: &Proof, members: &[u32]) -> Result<(), Refusal> {
    let get = |at: u32| Some((at, facts.world.requests.get(at)?.request));
    let covers = |at: u32, grounds: &[Ground]| {
        let own = proof.covers.iter().filter(|cover| cover.request == at);
        let mut own = own.filter(|cover| grounds.contains(&cover.ground));
        own.any(|cover| covers_path(facts, proof, cover).is_ok())
    };
    let all: Vec<_> = members.iter().filter_map(|at| get(*at)).collect();
    let code = |ground: &[Ground]| {
        let code = all
            .iter()
            .filter(|(at, one)| one.is_code() && covers(*at, ground));
        code.map(|(_, one)| *one).collect::<Vec<_>>()
    };
    let running = code(&[Ground::Artefact]);
    let mut roots = 0;
    for (at, request) in &all {
        let tied = !request.is_code()
            && (!limits(request) || facts.subject.reaches(request))
            && running.iter().any(|code| is_tied(facts, request, code));
        let same = request.is_code() && running.iter().any(|code| shares_commit(code, request));
        if tied || same {
            continue;
        }
        if !covers(*at, &[Ground::Named, Ground::Artefact, Ground::Scope]) {
            return refuse(
                "request-not-linked",
                format!("nothing links {} with the change", request.id),
            );
        }
        roots += 1;
    }
    if roots > 1 {
        return refuse(
            "requests-of-their-own",
            "requests that do not belong together are approved one by one",
        );
    }
    Ok(())
}

/// Whether a ticket belongs to code: one of them names the other, did so before the change, and the ticket was open then.
fn is_tied(facts: &Facts<'_, '_>, ticket: &ChangeRequest, code: &ChangeRequest) -> bool {
    let names = |from: &ChangeRequest, to: &ChangeRequest| {
        let mut named = from.links.requests.iter();
        named.any(|id| *lower(id) == *lower(&to.id))
    };
    let written_before = !code.edits.iter().any(|edit| {
        crate::keys::NAMING.contains(&edit.field.as_str())
            && edit.at.is_none_or(|at| !facts.interval.follows(at))
    });
    (names(code, ticket) || names(ticket, code)) && written_before && !was_over(ticket, code.opened)
}

fn shares_commit(one: &ChangeRequest, other: &ChangeRequest) -> bool {
    one.final_commits().any(|hash| other.is_final_commit(hash))
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
            shares_artefact(&[*deed], filed.request)
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
        let strict = facts.subject.strict_environment();
        let here = request.environments.is_empty()
            || strict.is_some_and(|own| {
                request
                    .environments
                    .iter()
                    .any(|one| environment(one) == own)
            });
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

/// The state in which a request can approve nothing any more, where it was in it before the change and not taken up again.
pub(super) fn is_over(request: &ChangeRequest, interval: &Interval) -> Option<&'static str> {
    let mut over = None;
    for step in &request.transitions {
        let after = step.at.is_some_and(|at| interval.precedes(at));
        let surely = step.at.is_some_and(|at| interval.follows(at));
        match step.to.as_str() {
            request_state::REOPENED | request_state::APPROVED if !after => over = None,
            request_state::REJECTED if !after => over = Some("rejected"),
            request_state::CANCELLED if !after => over = Some("given up"),
            request_state::IMPLEMENTED | request_state::CLOSED if surely && !request.is_code() => {
                over = Some("done with")
            }
            _ => {}
        }
    }
    over
}

fn was_over(request: &ChangeRequest, at: jiff::Timestamp) -> bool {
    let over = [
        request_state::IMPLEMENTED,
        request_state::CLOSED,
        request_state::CANCELLED,
        request_state::REJECTED,
    ];
    let steps = request
        .transitions
        .iter()
        .filter(|step| step.at.is_some_and(|when| when <= at));
    steps
        .max_by_key(|step| step.at)
        .is_some_and(|step| over.contains(&step.to.as_str()))
}

fn is_exact(interval: &Interval) -> bool {
    interval.earliest == Some(interval.latest)
}

/// Which request covers which path, and by what.
pub(super) fn sentences(facts: &Facts<'_, '_>, proof: &Proof) -> Vec<Text> {
    let mut told = Vec::new();
    for path in parts_of(facts) {
        let mut covers = proof.covers.iter().filter(|cover| cover.path == path);
        let Some(cover) = covers.find(|cover| covers_path(facts, proof, cover).is_ok()) else {
            continue;
        };
        let Some(filed) = facts.world.requests.get(cover.request) else {
            continue;
        };
        let called = if path.is_empty() {
            facts.subject.change.asset.as_str()
        } else {
            &path
        };
        let why = match cover.ground {
            Ground::Artefact => "both name the same artefact",
            Ground::Named => "the change names it",
            Ground::Scope => "it names the asset",
        };
        told.push(Text::from(format!(
            "{} {} covers {called}: {why}",
            filed.source, filed.request.id
        )));
    }
    told
}
