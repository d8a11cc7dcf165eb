//! What a request covers: each changed path needs a request that names it, whole or by what it brings.

use plimsoll_change::ChangeKind;
use plimsoll_model::{ChangeRequest, Text, Value, fact, request_state};

use super::extent::{extent, shares_with_change};
use super::{Cover, Facts, Ground, Interval, Proof, Refusal, controls, refuse};
use crate::index::lower;
use crate::keys::tickets_of;
use crate::policy::{NamedAsset, Rule};
use crate::request::RequestFacts;

/// Every changed path is covered by a request of the proof, and each group belongs together.
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
            return refuse(last.rule, format!("{called}: {}", last.text));
        }
    }
    for claim in &proof.groups {
        joined(facts, proof, &claim.members)?;
    }
    Ok(())
}

/// The parts of the change that each need a request.
pub(super) fn parts_of(facts: &Facts<'_, '_>) -> Vec<Text> {
    let change = facts.subject.change;
    if change.kind == ChangeKind::Modified {
        return change.paths.iter().map(|path| path.path.clone()).collect();
    }
    let mut parts = vec![Text::default()];
    // What a new system opens, or leaves open, is a decision of its own.
    if let Some(asset) = facts
        .subject
        .asset
        .filter(|_| change.kind == ChangeKind::Added)
    {
        let opened = fact::SECURITY.iter().copied();
        let opened = opened.filter(|name| {
            let claim = asset.facts.get(name);
            claim.is_some_and(|claim| opens(name, claim.value()))
        });
        parts.extend(opened.map(Text::from));
    }
    parts
}

/// Whether a security control of a new system opens something. What cannot be known may.
fn opens(name: &str, value: Option<&Value>) -> bool {
    // Open where they are false.
    const KEPT: [&str; 6] = [
        fact::BACKUP_ENABLED,
        fact::ENCRYPTED_AT_REST,
        fact::HTTPS_FORCED,
        fact::NETWORK_INTERNAL,
        fact::PATCHES_MANAGED,
        fact::READONLY_ROOT,
    ];
    // They say how something is closed, not whether.
    const TOLD: [&str; 14] = [
        fact::BACKUP_RETENTION_DAYS,
        fact::BRANCH_APPROVALS_REQUIRED,
        fact::BRANCH_CHECKS_REQUIRED,
        fact::BRANCH_FORCE_PUSH_REFUSED,
        fact::BRANCH_PROTECTED,
        fact::CAPABILITIES_DROPPED,
        fact::CERTIFICATE_ISSUER,
        fact::ENCRYPTION_KEY,
        fact::ENCRYPTION_METHOD,
        fact::LOGS_DESTINATIONS,
        fact::LOG_DRIVER,
        fact::SECRETS,
        fact::SECURITY_OPTIONS,
        fact::USER,
    ];
    if TOLD.contains(&name) {
        return false;
    }
    match value {
        None => true,
        Some(Value::Bool(yes)) => *yes != KEPT.contains(&name),
        Some(Value::List(list)) => !list.is_empty(),
        Some(Value::Table(rows)) => rows
            .iter()
            .any(|(_, row)| name != fact::MOUNTS || is_bind(row)),
        Some(Value::Text(mode)) if name == fact::NETWORK_MODE => {
            mode == "host" || mode.starts_with("container:")
        }
        Some(Value::Text(account)) => !matches!(account.as_str(), "" | "default"),
        Some(_) => true,
    }
}

/// Whether a mount is of a path of the host. A shape that is not understood may be.
fn is_bind(row: &Value) -> bool {
    let kind = row.as_table().and_then(|row| row.get("kind"));
    kind.and_then(Value::as_str)
        .is_none_or(|kind| kind == "bind")
}

pub(super) fn covers_path(
    facts: &Facts<'_, '_>,
    proof: &Proof,
    cover: &Cover,
) -> Result<(), Refusal> {
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
            if !shares_with_change(facts, request) {
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
pub(super) fn in_scope(facts: &Facts<'_, '_>, request: &ChangeRequest) -> Result<(), Refusal> {
    let id = &request.id;
    if let Some((start, end)) = request.window {
        let outside = facts.interval.latest < start
            || facts
                .interval
                .earliest
                .is_some_and(|earliest| earliest > end);
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
            || (rule.emergency.is_some() && controls::is_marked(facts.policy, request))
    };
    let rules = facts.required();
    if rules.iter().all(|(_, rule)| enough(rule)) && facts.subject.reaches_by_id(request) {
        return Ok(());
    }
    refuse(
        "no-window",
        format!("{id} names no window, so it may be about another change"),
    )
}

/// Whether a request says which systems it is about.
fn limits(request: &ChangeRequest) -> bool {
    !request.assets.is_empty() || !request.names.is_empty()
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
    for code in &running {
        linked_tickets(facts, proof, code)?;
    }
    // Running code is one change where all of it is one commit.
    let first = running.first();
    let mut roots = usize::from(first.is_some());
    for (at, request) in &all {
        let tied = !request.is_code()
            && (!limits(request) || facts.subject.reaches(request))
            && running.iter().any(|code| is_tied(facts, request, code));
        let same = request.is_code() && first.is_some_and(|code| shares_commit(code, request));
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

/// The tickets that running code names for this change are not left out where they were refused, or where they decide.
fn linked_tickets(
    facts: &Facts<'_, '_>,
    proof: &Proof,
    code: &ChangeRequest,
) -> Result<(), Refusal> {
    let names = code.links.requests.iter();
    for at in names.flat_map(|name| facts.world.requests.called(name)) {
        let taken = proof.groups.iter().any(|group| group.members.contains(&at));
        let Some(filed) = facts.world.requests.get(at).filter(|_| !taken) else {
            continue;
        };
        let ticket = filed.request;
        let about = (!limits(ticket) || facts.subject.reaches(ticket)) && facts.is_here(ticket);
        if ticket.is_code() || !about || !is_tied(facts, ticket, code) {
            continue;
        }
        let id = &ticket.id;
        if let Some(word) = is_over(ticket, &facts.interval).filter(|word| *word != DONE) {
            let text = format!("{} names {id}, which was {word} before the change", code.id);
            return refuse("linked-ticket-refused", text);
        }
        if facts
            .required()
            .iter()
            .any(|(_, rule)| !rule.counts_reviews)
        {
            let text = format!("{} names {id}, and the proof leaves it out", code.id);
            return refuse("linked-ticket-left-out", text);
        }
    }
    Ok(())
}

/// Whether a ticket belongs to code: one of them names the other, and did so before the change.
pub(super) fn is_tied(facts: &Facts<'_, '_>, ticket: &ChangeRequest, code: &ChangeRequest) -> bool {
    let names = |from: &ChangeRequest, to: &ChangeRequest| {
        let mut named = from.links.requests.iter();
        named.any(|id| *lower(id) == *lower(&to.id))
    };
    let written_before = !code.edits.iter().any(|edit| {
        crate::keys::NAMING.contains(&edit.field.as_str())
            && edit.at.is_none_or(|at| !facts.interval.follows(at))
    });
    (names(code, ticket) || names(ticket, code)) && written_before
}

fn shares_commit(one: &ChangeRequest, other: &ChangeRequest) -> bool {
    one.final_commits().any(|hash| other.is_final_commit(hash))
}

/// What became of a request that was carried out.
pub(super) const DONE: &str = "done with";

/// The states in which a request was carried out.
pub(super) const ENDS: [&str; 2] = [request_state::IMPLEMENTED, request_state::CLOSED];

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
                over = Some(DONE)
            }
            _ => {}
        }
    }
    over
}
