//! The map of what changed, for a report.

use std::collections::{BTreeSet, HashMap, HashSet};

use jiff::Timestamp;
use plimsoll_model::{AssetId, RelationKind};

use super::{Diagram, Heading, Mark, Picture, Selection, draw, title};
use crate::baseline::System;
use crate::change::ChangeKind;
use crate::inventory::{Edge, Snapshot};

/// A strip of a report that is drawn: what changed and what it touches.
#[derive(Clone, Debug, Default)]
pub struct Strip {
    /// The diagram.
    pub diagram: Diagram,
    /// How many changed assets are on it.
    pub shown: usize,
    /// How many changed assets are not on it: there were too many, or they are gone and nothing is known of where they
    /// stood.
    pub missing: usize,
}

/// At most so many changed assets are drawn with what they touch.
const CHANGED: usize = 60;
/// At most so many neighbours of each.
const NEAR: usize = 12;
/// With more nodes than this, alike ones are drawn as one.
const LIMIT: usize = 80;

/// The map of what changed in a scan, with what the changed assets are related to; none where nothing that is there
/// changed.
pub fn changed<'c>(
    snapshot: &Snapshot,
    systems: &[System],
    changes: impl Iterator<Item = (&'c AssetId, ChangeKind)>,
    scan: (i64, Timestamp),
) -> Option<Strip> {
    let mut marks: HashMap<u32, Mark> = HashMap::new();
    let mut gone: HashSet<&AssetId> = HashSet::new();
    let mut places: BTreeSet<u32> = BTreeSet::new();
    let mut missing = 0;
    for (asset, kind) in changes {
        let Some(at) = snapshot.find(asset.as_str()) else {
            missing += usize::from(gone.insert(asset));
            continue;
        };
        if marks.len() >= CHANGED && !marks.contains_key(&at) {
            missing += 1;
            continue;
        }
        let mark = match kind {
            ChangeKind::Added => Mark::Added,
            ChangeKind::Removed => Mark::Removed,
            ChangeKind::Modified => Mark::Modified,
        };
        marks.insert(at, mark);
        places.insert(at);
        let outgoing = snapshot.outgoing(at).iter().map(|edge| edge.to);
        let incoming = snapshot.incoming(at).iter().map(|edge| edge.from);
        let details =
            |place: &u32| !super::families::DETAILS.contains(&snapshot.asset(*place).kind.as_str());
        places.extend(outgoing.chain(incoming).filter(details).take(NEAR));
    }
    if marks.is_empty() {
        return None;
    }
    let (snapshot, old) = around(snapshot, &places);
    let place = |at: &u32| old.binary_search(at).ok().map(|place| place as u32);
    let systems: Vec<System> = systems
        .iter()
        .filter_map(|system| {
            let at = place(&system.at)?;
            Some(System {
                at,
                ..system.clone()
            })
        })
        .collect();
    let marks: HashMap<u32, Mark> = marks
        .iter()
        .filter_map(|(at, mark)| Some((place(at)?, *mark)))
        .collect();
    let selection = Selection {
        places: places.iter().filter_map(place).collect(),
        ..Selection::default()
    };
    let heading = Heading {
        heading: "What changed".to_owned(),
        scan: scan.0,
        finished: scan.1,
        since: None,
        asked: Vec::new(),
        marks: None,
    };
    let title = title(&heading, &snapshot, &selection);
    let picture = Picture {
        snapshot: &snapshot,
        systems: &systems,
        environment: &|_| None,
        selection: &selection,
        marks: &marks,
        edges: &HashMap::new(),
        limit: LIMIT,
    };
    let mut diagram = draw(&picture, title);
    for warning in &mut diagram.title.warnings {
        // How to narrow it is said to those who asked for it.
        if let Some(end) = warning.find(super::collapse::ADVICE) {
            warning.truncate(end);
        }
    }
    Some(Strip {
        diagram,
        shown: marks.len(),
        missing,
    })
}

/// The places with what they may stand in, as a snapshot of their own with the places that they had: a scan of a large
/// inventory that saw little change does not look at all of it again.
fn around(snapshot: &Snapshot, places: &BTreeSet<u32>) -> (Snapshot, Vec<u32>) {
    /// No place is deeper in others.
    const DEEPEST: usize = 8;
    let mut all = places.clone();
    let mut newest: Vec<u32> = places.iter().copied().collect();
    for _ in 0..DEEPEST {
        let up = |at: &u32| {
            let below = [
                RelationKind::RunsOn,
                RelationKind::StoresOn,
                RelationKind::MemberOf,
            ];
            let below = below.map(|kind| snapshot.along(*at, kind).map(|(to, _)| to));
            let whole = snapshot.against(*at, RelationKind::Contains);
            let whole = whole.map(|(from, _)| from);
            below.into_iter().flatten().chain(whole).collect::<Vec<_>>()
        };
        newest = newest
            .iter()
            .flat_map(up)
            .filter(|at| all.insert(*at))
            .collect();
    }
    let old: Vec<u32> = all.into_iter().collect();
    let place = |at: u32| old.binary_search(&at).ok().map(|place| place as u32);
    let edges = old.iter().flat_map(|at| snapshot.outgoing(*at));
    let edges = edges.filter_map(|edge| {
        Some(Edge {
            from: place(edge.from)?,
            kind: edge.kind,
            to: place(edge.to)?,
        })
    });
    let nodes = old
        .iter()
        .filter_map(|at| snapshot.nodes().get(*at as usize));
    let part = Snapshot::new(
        nodes.cloned().collect(),
        edges.collect(),
        snapshot.coverage().to_vec(),
    );
    (part, old)
}
