//! What each asset is in: its host, its namespace, its app.

use plimsoll_model::{RelationKind, kind};

use super::families::GROUPING;
use crate::inventory::Snapshot;

/// For each place what it is in, if anything. No chain of these is a circle.
pub(super) fn homes(snapshot: &Snapshot) -> Vec<Option<u32>> {
    let all = snapshot.nodes().len() as u32;
    let mut homes: Vec<Option<u32>> = vec![None; all as usize];
    for at in 0..all {
        if let Some(home) = own_home(snapshot, at).filter(|home| !leads_to(&homes, *home, at)) {
            homes[at as usize] = Some(home);
        }
    }
    // What has no home of its own is where all that use it are.
    for at in 0..all {
        if homes[at as usize].is_none()
            && !GROUPING.contains(&snapshot.asset(at).kind.as_str())
            && let Some(home) =
                users_home(snapshot, at, &homes).filter(|home| !leads_to(&homes, *home, at))
        {
            homes[at as usize] = Some(home);
        }
    }
    homes
}

fn own_home(snapshot: &Snapshot, at: u32) -> Option<u32> {
    let groups =
        |place: &u32| *place != at && GROUPING.contains(&snapshot.asset(*place).kind.as_str());
    let whole = snapshot
        .against(at, RelationKind::Contains)
        .map(|(whole, _)| whole)
        .find(groups);
    let below = || {
        let along = |kind| snapshot.along(at, kind).map(|(to, _)| to);
        let below = along(RelationKind::RunsOn).find(groups);
        let engine = || {
            let engine =
                along(RelationKind::RunsOn).find(|to| snapshot.asset(*to).kind == kind::ENGINE)?;
            snapshot
                .along(engine, RelationKind::RunsOn)
                .map(|(to, _)| to)
                .find(groups)
        };
        let holding = || along(RelationKind::StoresOn).find(groups);
        let member = || along(RelationKind::MemberOf).find(groups);
        below.or_else(engine).or_else(holding).or_else(member)
    };
    whole.or_else(below)
}

/// The innermost home that all users of a thing share.
fn users_home(snapshot: &Snapshot, at: u32, homes: &[Option<u32>]) -> Option<u32> {
    let mut shared: Option<Vec<u32>> = None;
    for edge in snapshot.incoming(at).iter().filter(|edge| edge.from != at) {
        let chain = chain(homes, edge.from);
        shared = Some(match shared {
            None => chain,
            Some(before) => {
                let same = before
                    .iter()
                    .zip(&chain)
                    .take_while(|(a, b)| a == b)
                    .count();
                before[..same].to_vec()
            }
        });
    }
    shared?.last().copied()
}

/// What is around an asset, from the outside in.
pub(super) fn chain(homes: &[Option<u32>], at: u32) -> Vec<u32> {
    let up = |at: &u32| homes.get(*at as usize).copied().flatten();
    let mut chain: Vec<u32> = std::iter::successors(up(&at), up).take(MOST).collect();
    chain.reverse();
    chain
}

/// No place is deeper in others.
const MOST: usize = 64;

fn leads_to(homes: &[Option<u32>], from: u32, to: u32) -> bool {
    let up = |at: &u32| homes.get(*at as usize).copied().flatten();
    let mut steps = std::iter::successors(Some(from), up);
    // A chain that is too long counts as a circle.
    steps.by_ref().take(MOST).any(|at| at == to) || steps.next().is_some()
}
