//! How far a request reaches that names its own artefacts or facts: to these and nothing else.

use std::collections::BTreeSet;

use plimsoll_change::{ChangeKind, path_is_of};
use plimsoll_model::{ChangeRequest, Text, fact, kind};

use super::{Cover, Facts, Ground, Refusal, refuse};
use crate::keys::{COMMIT_LEAST, KeyKind, Part, keys, label, part};
use crate::request::RequestFacts;
use crate::types::{Deed, Filed, Subject};

/// A request that names its own artefacts or facts covers these and nothing else.
pub(super) fn extent(
    facts: &Facts<'_, '_>,
    filed: &Filed<'_>,
    cover: &Cover,
) -> Result<(), Refusal> {
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
        // One that names facts or artefacts is about these, whatever its labels say.
        let whole = request.facts.is_empty() && !links_artefacts(request);
        let asked = facts.removes(request) || (!own && cover.ground != Ground::Artefact);
        return if whole && asked {
            Ok(())
        } else {
            refuse(
                "removal-not-asked",
                format!("{id} does not ask for the removal"),
            )
        };
    }
    // The label that names a request is written for it.
    let written = label(path).is_some() && facts.names_in(path, request);
    if written && cover.ground == Ground::Named {
        return Ok(());
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
    match brought(facts, path) {
        Part::Artefact => brings(facts, request, path),
        part if !is_stated(facts, path, part) && whole_record(facts, request) => Ok(()),
        _ => refuse(
            "path-not-covered",
            format!("{id} brings an artefact, and that changes no {path}"),
        ),
    }
}

/// What of a path an artefact brings. An image brings labels to the container that runs it, and to nothing else.
pub(super) fn brought(facts: &Facts<'_, '_>, path: &str) -> Part {
    let Some(name) = label(path) else {
        return part(path);
    };
    if facts.policy.ticket_labels.iter().any(|one| one == name) {
        return Part::Artefact;
    }
    match part(path) {
        Part::Perhaps if facts.subject.change.asset_kind != kind::CONTAINER => Part::Other,
        part => part,
    }
}

/// Whether somebody has to ask for it by itself, whoever changed it: a security control, a label that no artefact brings, a
/// relation.
pub(super) fn is_stated(facts: &Facts<'_, '_>, path: &str, part: Part) -> bool {
    let listed = facts
        .policy
        .rules
        .iter()
        .flat_map(|rule| &rule.security_facts);
    let shipped = fact::SECURITY.iter().copied();
    let mut all = shipped.chain(listed.map(Text::as_str));
    let written = label(path).is_some() || path.starts_with("relations");
    (part == Part::Other && written) || all.any(|fact| path_is_of(path, fact))
}

/// Whether the one record of the time is of this artefact, so that nothing else was done beside it.
fn whole_record(facts: &Facts<'_, '_>, request: &ChangeRequest) -> bool {
    let subject = facts.subject;
    let maker = facts.maker();
    maker.is_some_and(|maker| {
        maker.speaks_of_all(subject.change) && shares_artefact(subject, &maker, request)
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
    let images: BTreeSet<_> = digests(KeyKind::Digest).map(|key| &key.text).collect();
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
    let subject = facts.subject;
    let maker = facts.maker();
    let recorded = maker.is_some_and(|maker| shares_artefact(subject, &maker, request));
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
    let whole = |commit: &Text| commit.len() >= COMMIT_LEAST;
    let told = theirs.is_empty() && request.final_commits().next().is_some();
    let known = !commits.is_empty() && commits.iter().all(|key| whole(&key.text));
    let another = known
        && request.final_commits().all(whole)
        && !commits.iter().any(|key| request.is_final_commit(&key.text));
    if told && another && !released && !recorded {
        return refuse(
            "another-commit",
            format!("{id} is of another commit than runs"),
        );
    }
    refuse(
        "another-artefact",
        format!("{id} does not name what {path} brings"),
    )
}

fn brings_artefacts(facts: &Facts<'_, '_>, request: &ChangeRequest) -> Result<(), Refusal> {
    let new: Vec<_> = keys(facts.subject, facts.policy)
        .into_iter()
        .filter(|key| key.kind == KeyKind::Digest)
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
pub(super) fn shares_with_change(facts: &Facts<'_, '_>, request: &ChangeRequest) -> bool {
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
    let maker = facts.maker();
    new || maker.is_some_and(|maker| shares_artefact(subject, &maker, request))
}

/// Whether a record and a request name one artefact. The number of a release or of an operation means something only beside the
/// asset that it is of.
pub(super) fn shares_artefact(
    subject: &Subject<'_>,
    deed: &Deed<'_>,
    request: &ChangeRequest,
) -> bool {
    let mut found = Vec::new();
    crate::keys::of_deed(deed, &mut found);
    found.iter().any(|key| match key.kind {
        KeyKind::Commit => request.is_final_commit(&key.text),
        KeyKind::Digest => request.digests().contains(&key.text),
        KeyKind::Release => subject.names_release(request, &key.text),
        KeyKind::Operation => request.links.operations.iter().any(|one| {
            let number = key.text.split_once(':').map(|(_, number)| number);
            one.trim() == key.text || (number == Some(one.trim()) && subject.reaches_by_id(request))
        }),
        KeyKind::Ticket => false,
    })
}

pub(super) fn names_artefacts(request: &ChangeRequest) -> bool {
    request.is_code() || links_artefacts(request)
}

fn links_artefacts(request: &ChangeRequest) -> bool {
    let links = &request.links;
    let lists = [
        &links.commits,
        &links.images,
        &links.releases,
        &links.operations,
    ];
    lists.iter().any(|list| !list.is_empty())
}
