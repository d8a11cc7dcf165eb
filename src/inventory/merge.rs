//! Parts become nodes: one asset seen from several sources is one asset.

use std::collections::HashMap;
use std::sync::Arc;

use plimsoll_model::{Alias, Asset, AssetId, Claim, Text};

use super::Node;

/// An asset as one source sees it.
#[derive(Clone, Debug)]
pub struct Part {
    /// The asset.
    pub asset: Asset,
    /// Its source's place in the list of sources.
    pub source: usize,
    /// The scan that first met its id: of merged assets the id that was met first stays.
    pub first_scan: i64,
    /// The scan that last read its scope: of equally good claims the fresher one holds.
    pub last_scan: i64,
}

/// Nodes in order of their ids, and where every part's id went.
pub(super) struct Merged {
    /// The nodes.
    pub(super) nodes: Vec<Node>,
    /// Ids that live on under another one.
    pub(super) moved: HashMap<AssetId, AssetId>,
    /// Ids under which two sources mean different things, with the id that the later one got.
    pub(super) conflicts: Vec<(AssetId, AssetId)>,
}

/// Merges parts that have one id or share an alias.
///
/// Two parts under one id whose aliases of one namespace differ are different things: the later source's gets
/// `@source` appended. Of two claims for one fact the better evidence wins, between equals the one that was read later,
/// and of one scan that of the earlier source. Kind and name are those of the id that stays.
pub(super) fn merge(mut parts: Vec<Part>, sources: &[Text]) -> Merged {
    let conflicts = part_ways(&mut parts, sources);
    let moved = canonical_ids(&parts);
    for part in &mut parts {
        if let Some(id) = moved.get(&part.asset.id) {
            // The id that gives way stays findable.
            part.asset
                .aliases
                .push(Alias::new(FORMER_ID, part.asset.id.as_str()));
            part.asset.id = id.clone();
        }
    }
    if !parts.is_sorted_by(|a, b| order(a) < order(b)) {
        parts.sort_by(|a, b| order(a).cmp(&order(b)));
    }
    let mut shared = SharedSources::new(sources);
    let mut nodes: Vec<Node> = Vec::with_capacity(parts.len());
    let mut seen_by: Vec<usize> = Vec::new();
    let mut last_scan = 0;
    // Whether the node's kind and name are those of an id that gave way.
    let mut borrowed = false;
    for part in parts {
        let moved = gave_way(&part.asset);
        match nodes.last_mut() {
            Some(node) if node.asset.id == part.asset.id => {
                seen_by.push(part.source);
                node.sources = shared.of(&seen_by);
                if borrowed && !moved {
                    node.asset.kind.clone_from(&part.asset.kind);
                    node.asset.name.clone_from(&part.asset.name);
                    borrowed = false;
                }
                absorb(&mut node.asset, part.asset, part.last_scan > last_scan);
                last_scan = last_scan.max(part.last_scan);
            }
            _ => {
                seen_by.clear();
                seen_by.push(part.source);
                last_scan = part.last_scan;
                borrowed = moved;
                nodes.push(Node {
                    asset: part.asset,
                    sources: shared.of(&seen_by),
                });
            }
        }
    }
    Merged {
        nodes,
        moved,
        conflicts,
    }
}

/// The namespace of the aliases that keep an id findable that gave way to another.
pub(crate) const FORMER_ID: &str = "id";

/// Whether an asset goes by another's id: its own is then among its aliases.
fn gave_way(asset: &Asset) -> bool {
    asset
        .aliases
        .last()
        .is_some_and(|alias| alias.namespace() == FORMER_ID)
}

/// For each part, of which the aliases are enough, the id of the node that it becomes a part of, beside its `last_scan`; and
/// the ids that live on under another one.
pub(crate) fn destinations(
    mut parts: Vec<Part>,
    sources: &[Text],
) -> (Vec<(AssetId, i64)>, HashMap<AssetId, AssetId>) {
    part_ways(&mut parts, sources);
    let moved = canonical_ids(&parts);
    let going = parts.into_iter().map(|part| {
        let id = moved.get(&part.asset.id).cloned().unwrap_or(part.asset.id);
        (id, part.last_scan)
    });
    (going.collect(), moved)
}

/// The nodes that some parts make.
pub(crate) fn nodes(parts: Vec<Part>, sources: &[Text]) -> Vec<Node> {
    merge(parts, sources).nodes
}

fn order(part: &Part) -> (&AssetId, usize) {
    (&part.asset.id, part.source)
}

/// Gives parts that share an id and are proven to differ ids of their own.
fn part_ways(parts: &mut [Part], sources: &[Text]) -> Vec<(AssetId, AssetId)> {
    let mut conflicts = Vec::new();
    if sources.len() < 2 {
        return conflicts;
    }
    parts.sort_by(|a, b| order(a).cmp(&order(b)));
    let mut first = 0;
    for at in 1..parts.len() {
        if parts[at].asset.id != parts[first].asset.id {
            first = at;
        } else if contradict(&parts[first].asset, &parts[at].asset) {
            let id = parts[at].asset.id.clone();
            let other = AssetId::of(&format!("{id}@{}", sources[parts[at].source]), &[]);
            parts[at].asset.id = other.clone();
            conflicts.push((id, other));
        }
    }
    conflicts
}

fn contradict(a: &Asset, b: &Asset) -> bool {
    let mut contradiction = false;
    for alias in &a.aliases {
        for other in b
            .aliases
            .iter()
            .filter(|other| other.namespace() == alias.namespace())
        {
            if other == alias {
                return false;
            }
            contradiction = true;
        }
    }
    contradiction
}

/// For ids that share an alias with another: the id that the group goes by.
fn canonical_ids(parts: &[Part]) -> HashMap<AssetId, AssetId> {
    let mut by_alias: HashMap<&Alias, Vec<usize>> = HashMap::new();
    for (at, part) in parts.iter().enumerate() {
        for alias in &part.asset.aliases {
            by_alias.entry(alias).or_default().push(at);
        }
    }
    let mut groups = Groups::default();
    for sharers in by_alias.into_values() {
        let differ = |a: usize, b: usize| parts[a].asset.id != parts[b].asset.id;
        // One source that gives an alias to two assets (clones with one machine id) proves nothing by it: merged,
        // the one would hide the other.
        let mut by_source: HashMap<usize, &AssetId> = HashMap::new();
        let twice = sharers.iter().any(|at| {
            let part = &parts[*at];
            by_source
                .insert(part.source, &part.asset.id)
                .is_some_and(|other| *other != part.asset.id)
        });
        if let Some((first, others)) = sharers.split_first().filter(|_| !twice) {
            others
                .iter()
                .filter(|other| differ(*first, **other))
                .for_each(|other| groups.join(*first, *other));
        }
    }
    let mut best: HashMap<usize, usize> = HashMap::new();
    let members: Vec<usize> = groups.members();
    for &at in &members {
        let rank = |at: usize| (parts[at].first_scan, &parts[at].asset.id);
        let best = best.entry(groups.root(at)).or_insert(at);
        if rank(at) < rank(*best) {
            *best = at;
        }
    }
    let mut moved = HashMap::new();
    for at in members {
        let to = &parts[best[&groups.root(at)]].asset.id;
        if parts[at].asset.id != *to {
            moved.insert(parts[at].asset.id.clone(), to.clone());
        }
    }
    moved
}

/// Disjoint sets over the few parts that share an alias.
#[derive(Default)]
struct Groups {
    parents: HashMap<usize, usize>,
}

impl Groups {
    fn root(&self, mut at: usize) -> usize {
        while let Some(&parent) = self.parents.get(&at).filter(|parent| **parent != at) {
            at = parent;
        }
        at
    }

    fn join(&mut self, a: usize, b: usize) {
        self.parents.entry(a).or_insert(a);
        self.parents.entry(b).or_insert(b);
        let (a, b) = (self.root(a), self.root(b));
        self.parents.insert(a.max(b), a.min(b));
    }

    fn members(&self) -> Vec<usize> {
        let mut members: Vec<usize> = self.parents.keys().copied().collect();
        members.sort_unstable();
        members
    }
}

/// Adds what another source says of the same asset; `fresher` when it was read after all before it.
fn absorb(node: &mut Asset, other: Asset, fresher: bool) {
    node.aliases.extend(other.aliases);
    node.aliases.sort_unstable();
    node.aliases.dedup();
    for (name, value) in other.labels {
        if fresher || !node.labels.contains(&name) {
            node.labels.insert(name, value);
        }
    }
    for (into, from) in [
        (&mut node.facts, other.facts),
        (&mut node.readings, other.readings),
    ] {
        for (name, claim) in from {
            let better =
                |have: &Claim| claim.how() < have.how() || (fresher && claim.how() == have.how());
            if into.get(&name).is_none_or(better) {
                into.insert(name, claim);
            }
        }
    }
    // One source's whole view is enough for what the other could not read.
    if other.partial.is_none() {
        node.partial = None;
    }
}

/// Lists of source names, one allocation for each combination that occurs.
struct SharedSources<'a> {
    names: &'a [Text],
    lists: HashMap<Vec<usize>, Arc<[Text]>>,
    last: Option<(usize, Arc<[Text]>)>,
}

impl<'a> SharedSources<'a> {
    fn new(names: &'a [Text]) -> Self {
        Self {
            names,
            lists: HashMap::new(),
            last: None,
        }
    }

    fn of(&mut self, seen_by: &[usize]) -> Arc<[Text]> {
        if let ([only], Some((last, list))) = (seen_by, &self.last)
            && only == last
        {
            return Arc::clone(list);
        }
        let names = self.names;
        let list = self.lists.entry(seen_by.to_vec()).or_insert_with(|| {
            let mut list: Vec<Text> = seen_by.iter().map(|at| names[*at].clone()).collect();
            list.sort_unstable();
            list.dedup();
            list.into()
        });
        if let [only] = seen_by {
            self.last = Some((*only, Arc::clone(list)));
        }
        Arc::clone(list)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(source: usize, id: &str, first_scan: i64, aliases: &[(&str, &str)]) -> Part {
        let mut asset = Asset::new(AssetId::new(id).unwrap(), "host", id);
        asset.aliases = aliases
            .iter()
            .map(|(space, value)| Alias::new(space, value))
            .collect();
        Part {
            asset,
            source,
            first_scan,
            last_scan: 1,
        }
    }

    fn names() -> Vec<Text> {
        vec!["docker".into(), "host".into()]
    }

    fn ids(merged: &Merged) -> Vec<(&str, Vec<&str>)> {
        let sources = |node: &Node| {
            names()
                .iter()
                .zip(["docker", "host"])
                .filter(|(name, _)| node.sources.contains(name))
                .map(|(_, name)| name)
                .collect()
        };
        merged
            .nodes
            .iter()
            .map(|node| (node.asset.id.as_str(), sources(node)))
            .collect()
    }

    #[test]
    fn one_id_and_a_shared_alias_are_one_asset() {
        let parts = vec![
            part(0, "a", 1, &[("machine-id", "1")]),
            part(0, "x", 1, &[]),
            part(1, "b", 1, &[("machine-id", "1")]),
            part(1, "x", 1, &[]),
        ];
        let merged = merge(parts, &names());
        let both = vec!["docker", "host"];
        assert_eq!(ids(&merged), [("a", both.clone()), ("x", both)]);
        assert_eq!(merged.moved.get("b").map(AssetId::as_str), Some("a"));
    }

    #[test]
    fn clones_with_one_proof_are_kept_apart() {
        let shared = &[("machine-id", "1")];
        let parts = vec![
            part(0, "a", 1, shared),
            part(0, "b", 1, shared),
            part(1, "c", 1, shared),
        ];
        let merged = merge(parts, &names());
        assert_eq!(
            ids(&merged),
            [
                ("a", vec!["docker"]),
                ("b", vec!["docker"]),
                ("c", vec!["host"])
            ]
        );
    }

    #[test]
    fn the_id_that_was_met_first_stays() {
        let merged = merge(
            vec![
                part(0, "a", 9, &[("m", "1")]),
                part(1, "b", 3, &[("m", "1")]),
            ],
            &names(),
        );
        assert_eq!(ids(&merged), [("b", vec!["docker", "host"])]);
    }

    #[test]
    fn an_equal_name_with_another_proof_is_another_thing() {
        let merged = merge(
            vec![
                part(0, "host:db", 1, &[("m", "1")]),
                part(1, "host:db", 1, &[("m", "2")]),
            ],
            &names(),
        );
        assert_eq!(
            ids(&merged),
            [("host:db", vec!["docker"]), ("host:db@host", vec!["host"])]
        );
        assert_eq!(merged.conflicts.len(), 1);
    }

    #[test]
    fn the_better_evidence_wins_whoever_comes_first() {
        let mut one = part(0, "a", 1, &[]);
        one.asset.claim("clock", Claim::reported(true));
        let mut other = part(1, "a", 1, &[]);
        other.asset.claim("clock", Claim::measured(false));
        let merged = merge(vec![one, other], &names());
        assert_eq!(
            merged.nodes[0].asset.facts.get("clock"),
            Some(&Claim::measured(false))
        );
    }

    #[test]
    fn of_equal_evidence_the_fresher_holds_whoever_comes_first() {
        let part = |source, last_scan, yes: bool| {
            let mut part = part(source, "a", 1, &[]);
            part.last_scan = last_scan;
            part.asset.claim("clock", Claim::reported(yes));
            part.asset.labels.insert("seen", yes.to_string().into());
            part
        };
        for (first, second, holds) in [(1, 2, false), (2, 1, true), (2, 2, true)] {
            let merged = merge(vec![part(0, first, true), part(1, second, false)], &names());
            let asset = &merged.nodes[0].asset;
            assert_eq!(asset.facts.get("clock"), Some(&Claim::reported(holds)));
            assert_eq!(asset.labels.get("seen").unwrap(), &*holds.to_string());
        }
    }
}
