//! What an accepted proof rests on, in words.

use std::time::Duration;

use plimsoll_model::Text;

use super::coverage::{covers_path, parts_of};
use super::facts::Facts;
use super::group::Group;
use super::proof::{Ground, Proof, VoteKind};
use crate::judge::World;
use crate::types::Subject;

/// What an accepted proof rests on, in sentences: each path with the request that covers it, and each vote that counts.
pub(crate) fn sentences(proof: &Proof, subject: &Subject<'_>, world: &World<'_>) -> Vec<Text> {
    let Some(facts) = Facts::of(subject, world) else {
        return Vec::new();
    };
    let mut told = covers(&facts, proof);
    for (standing, rule) in facts.required() {
        for claim in &proof.groups {
            let votes = Group::of(&facts, standing, rule, claim).map(|group| votes(&group));
            for line in votes.into_iter().flatten() {
                if !told.contains(&line) {
                    told.push(line);
                }
            }
        }
    }
    told
}

/// Which request covers which path, and by what.
fn covers(facts: &Facts<'_, '_>, proof: &Proof) -> Vec<Text> {
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

/// The votes that count for a group.
fn votes(group: &Group<'_, '_>) -> Vec<Text> {
    let every: Vec<&str> = vec!["", "lead", "security", "peer", "qa"];
    let all = group.claim.approvals.iter().chain(&group.claim.reviews);
    let counting = all.filter_map(|at| {
        let person = group.counts(at, &every, &[]).ok()?;
        let vote = group.vote(at, Duration::ZERO).ok()?;
        let verb = if at.kind == VoteKind::Approval {
            "approved"
        } else {
            "reviewed"
        };
        let line = format!(
            "{} {verb} {} at {:.0}, before the change, and had no part in it",
            person.name, vote.filed.request.id, vote.at
        );
        Some(Text::from(line))
    });
    counting.collect()
}
