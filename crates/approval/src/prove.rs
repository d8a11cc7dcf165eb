//! From the requests that linking found to a proof, and from an accepted proof to sentences.

use plimsoll_model::Text;

use super::checker::{
    Approved, Cover, Ground, Interval, Proof, Refusal, RequestGroup, VoteKind, VoteRef, check,
    check_group, parts,
};
use super::judge::Judging;
use super::link::Link;

/// The most requests that are tried for one change.
const MOST: usize = 64;

impl Judging<'_, '_> {
    /// Proposes every group of requests that linking found, and every vote on them. The checker says which count.
    pub(super) fn prove(&self, taken: &[u32]) -> Result<(Approved, Vec<Text>), Refusal> {
        let mut groups: Vec<Vec<u32>> = Vec::new();
        let mut propose = |members: Vec<u32>| {
            if !members.is_empty() && !groups.contains(&members) {
                groups.push(members);
            }
        };
        let good: Vec<&Link> = self.links.good.iter().take(MOST).collect();
        let artefacts = self.of(|grade| grade == super::link::Grade::Artefact);
        let places = |roots: &[&Link], besides: &[&Link]| -> Vec<u32> {
            self.members(roots, besides)
                .into_iter()
                .map(|(at, _)| at)
                .collect()
        };
        propose(taken.to_vec());
        if !artefacts.is_empty() {
            propose(places(&artefacts, &[]));
        }
        for link in &good {
            propose(places(&[link], &artefacts));
            propose(places(&[link], &[]));
            propose(vec![link.at]);
        }
        let mut proof = Proof::default();
        let mut refused = None;
        for members in groups {
            let mut alone = Proof {
                groups: vec![self.claim(members)],
                covers: Vec::new(),
            };
            alone.covers = self.covers(&alone);
            match check_group(&alone, self.subject, self.world) {
                Ok(()) => proof.groups.append(&mut alone.groups),
                Err(refusal) => refused = refused.or(Some(refusal)),
            }
        }
        if let (true, Some(refusal)) = (proof.groups.is_empty(), refused) {
            return Err(refusal);
        }
        proof.covers = self.covers(&proof);
        // A group that covers nothing proves nothing: without it the rest may still be a proof.
        let approved = match check(&proof, self.subject, self.world) {
            Ok(approved) => approved,
            Err(first) => self.narrowed(&mut proof).ok_or(first)?,
        };
        let told = self.sentences(&proof);
        Ok((approved, told))
    }

    /// The first proof among those of fewer groups: one group alone, then without one of them.
    fn narrowed(&self, proof: &mut Proof) -> Option<Approved> {
        let all = std::mem::take(&mut proof.groups);
        let alone = all.iter().map(|group| vec![group.clone()]);
        let without = (0..all.len()).map(|out| {
            let rest = all.iter().enumerate().filter(|(at, _)| *at != out);
            rest.map(|(_, group)| group.clone()).collect::<Vec<_>>()
        });
        for groups in alone.chain(without).filter(|groups| !groups.is_empty()) {
            proof.groups = groups;
            proof.covers = self.covers(proof);
            if let Ok(approved) = check(proof, self.subject, self.world) {
                return Some(approved);
            }
        }
        None
    }

    fn claim(&self, members: Vec<u32>) -> RequestGroup {
        let mut claim = RequestGroup::default();
        for at in &members {
            let Some(filed) = self.world.requests.get(*at) else {
                continue;
            };
            let add = |list: &mut Vec<VoteRef>, kind, many: usize| {
                let all = (0..u32::try_from(many).unwrap_or(u32::MAX)).map(|index| VoteRef {
                    request: *at,
                    kind,
                    index,
                });
                list.extend(all);
            };
            add(
                &mut claim.approvals,
                VoteKind::Approval,
                filed.request.approvals.len(),
            );
            add(
                &mut claim.approvals,
                VoteKind::Review,
                filed.request.reviews.len(),
            );
            add(
                &mut claim.reviews,
                VoteKind::SignOff,
                filed.request.sign_offs.len(),
            );
        }
        claim.members = members;
        claim
    }

    fn covers(&self, proof: &Proof) -> Vec<Cover> {
        let paths = parts(self.subject, self.world);
        let mut members: Vec<u32> = proof
            .groups
            .iter()
            .flat_map(|group| group.members.clone())
            .collect();
        members.sort_unstable();
        members.dedup();
        let mut covers = Vec::new();
        for path in &paths {
            for request in &members {
                for ground in [Ground::Named, Ground::Artefact, Ground::Scope] {
                    covers.push(Cover {
                        path: path.clone(),
                        request: *request,
                        ground,
                    });
                }
            }
        }
        covers
    }

    fn sentences(&self, proof: &Proof) -> Vec<Text> {
        let mut told = Vec::new();
        let made = self.made();
        told.push(Text::from(made));
        told.extend(super::checker::sentences(proof, self.subject, self.world));
        told
    }

    /// When the change was made, and what settles it.
    fn made(&self) -> String {
        let interval = Interval::derive(self.subject);
        let latest = interval.latest;
        let record = self
            .subject
            .maker
            .map_or("a record of the platform".to_owned(), |maker| {
                format!("the record {} of {}", maker.id, maker.source)
            });
        match interval.earliest {
            Some(at) if at == latest => format!("it was made at {at:.0}, as {record} says"),
            Some(at) if Some(at) == self.subject.after => format!(
                "it was made between {at:.0}, the last look that saw it as it was, and {latest:.0}, the first that saw it as it is"
            ),
            // A record moves the beginning, and the looks alone settle the end.
            Some(at) => format!(
                "it was made at {at:.0} at the earliest, as a record of the platform says, and at {latest:.0} at the latest"
            ),
            None => format!(
                "it was made at {latest:.0} or before, and nothing says since when it was so"
            ),
        }
    }
}
