//! What linking asks before it proposes a proof, and tells where there is none: nothing is accepted by it.

use plimsoll_model::Text;

use super::coverage::{covers_path, joined, parts_of};
use super::extent::{brought, is_stated};
use super::facts::Facts;
use super::group::Group;
use super::{Cover, Ground, Proof, Refusal, RequestGroup, refuse};
use crate::judge::World;
use crate::keys::Part;
use crate::types::Subject;

/// Checks the groups of a proof by themselves: that each is approved under every rule that asks for it, whatever it leaves
/// uncovered.
///
/// # Errors
/// The first thing that the facts do not bear out.
pub(crate) fn check_group(
    proof: &Proof,
    subject: &Subject<'_>,
    world: &World<'_>,
) -> Result<(), Refusal> {
    let Some(facts) = Facts::of(subject, world) else {
        return refuse("no-policy", "no policy says what an approval is");
    };
    for claim in &proof.groups {
        for (standing, rule) in facts.required() {
            Group::of(&facts, standing, rule, claim)?.check()?;
        }
        joined(&facts, proof, &claim.members)?;
    }
    Ok(())
}

/// The parts of a change that each need a request: its paths, or the whole and what it opens.
pub(crate) fn parts(subject: &Subject<'_>, world: &World<'_>) -> Vec<Text> {
    Facts::of(subject, world)
        .map(|facts| parts_of(&facts))
        .unwrap_or_default()
}

/// The parts of a change that none of some requests covers by itself, each with why the last of them does not.
pub(crate) fn uncovered(
    subject: &Subject<'_>,
    world: &World<'_>,
    members: &[u32],
) -> Vec<(Text, Refusal)> {
    let Some(facts) = &Facts::of(subject, world) else {
        return Vec::new();
    };
    let group = RequestGroup {
        members: members.to_vec(),
        ..RequestGroup::default()
    };
    let proof = Proof {
        groups: vec![group],
        covers: Vec::new(),
    };
    let left = parts_of(facts).into_iter().filter_map(|path| {
        let mut refusals = Vec::new();
        for request in members {
            for ground in [Ground::Scope, Ground::Named, Ground::Artefact] {
                let cover = Cover {
                    path: path.clone(),
                    request: *request,
                    ground,
                };
                refusals.push(covers_path(facts, &proof, &cover).err()?);
            }
        }
        // What tells of the extent says more than that the ground does not fit.
        let mut refusal = refusals.into_iter().max_by_key(Refusal::weight)?;
        let part = brought(facts, &path);
        let perhaps = part == Part::Perhaps && !is_stated(facts, &path, part);
        if refusal.rule == "path-not-covered" && perhaps {
            refusal.rule = "path-perhaps-covered";
            refusal.text.push_str(", unless that very image did");
        }
        let called = if path.is_empty() {
            facts.subject.change.asset.as_str()
        } else {
            &path
        };
        let text = format!("{called}: {}", refusal.text).into();
        Some((path.clone(), Refusal { text, ..refusal }))
    });
    left.collect()
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
