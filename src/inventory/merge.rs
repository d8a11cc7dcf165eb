//! Parts become nodes: one asset seen from several sources is one asset.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use plimsoll_model::{Alias, Asset, AssetId, Claim, How, Text, kind};

use super::listeners::join_listeners;
use super::{Node, dispute};

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
    /// What was odd.
    pub(super) oddities: Vec<Oddity>,
}

/// Something odd about the parts of an asset, to be said where its source shows how its scope was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Oddity {
    /// The source.
    pub source: Text,
    /// Its scope.
    pub scope: Text,
    /// What is odd.
    pub what: Odd,
}

/// What can be odd about the parts of an asset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Odd {
    /// Two sources mean different things by one id; the later source's goes by another.
    Conflict {
        /// The id.
        id: AssetId,
        /// The other.
        other: AssetId,
    },
    /// Aliases would make one of several assets of this one source.
    RefusedMerge(Vec<AssetId>),
    /// Two sources contradict each other, and neither knows it better.
    Dispute {
        /// The asset.
        id: AssetId,
        /// The fact or label, and who says what.
        about: Text,
    },
}

/// Merges parts that have one id or share an alias.
///
/// Two parts under one id whose aliases of one namespace differ are different things: the later source's gets
/// `@source` appended. Of two claims for one fact the better evidence wins; between equals that contradict each other the
/// stricter counts, or neither: see [`dispute`]. Kind and name are those of the id that stays.
pub(super) fn merge(mut parts: Vec<Part>, sources: &[Text]) -> Merged {
    let mut oddities = part_ways(&mut parts, sources);
    let (moved, refused) = canonical_ids(&parts);
    oddities.extend(refused.into_iter().map(|refused| refused.told(sources)));
    for part in &mut parts {
        if part.asset.kind == kind::HOST {
            join_listeners(&mut part.asset);
        }
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
    let mut disputes = Disputes::new(sources);
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
                disputes.absorb(&mut node.asset, part);
            }
            _ => {
                if let Some(node) = nodes.last_mut() {
                    disputes.settle(&mut node.asset, &mut oddities);
                }
                seen_by.clear();
                seen_by.push(part.source);
                disputes.begin(&part);
                borrowed = moved;
                nodes.push(Node {
                    asset: part.asset,
                    sources: shared.of(&seen_by),
                });
            }
        }
    }
    if let Some(node) = nodes.last_mut() {
        disputes.settle(&mut node.asset, &mut oddities);
    }
    Merged {
        nodes,
        moved,
        oddities,
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
    let (moved, _) = canonical_ids(&parts);
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
fn part_ways(parts: &mut [Part], sources: &[Text]) -> Vec<Oddity> {
    let mut oddities = Vec::new();
    if sources.len() < 2 {
        return oddities;
    }
    parts.sort_by(|a, b| order(a).cmp(&order(b)));
    // Those that keep the id begin here.
    let mut first = 0;
    let mut apart: Vec<usize> = Vec::new();
    for at in 1..parts.len() {
        if parts[at].asset.id != parts[first].asset.id {
            first = at;
            continue;
        }
        let mut stay = (first..at).filter(|one| !apart.contains(one));
        if stay.any(|one| contradict(&parts[one].asset, &parts[at].asset)) {
            apart.push(at);
        }
    }
    if apart.is_empty() {
        return oddities;
    }
    let mut taken: HashSet<AssetId> = parts.iter().map(|part| part.asset.id.clone()).collect();
    for at in apart {
        let id = parts[at].asset.id.clone();
        let source = &sources[parts[at].source];
        // An asset of that very name is another thing yet.
        let mut other = AssetId::of(&format!("{id}@{source}"), &[]);
        while !taken.insert(other.clone()) {
            other = AssetId::of(&format!("{other}@{source}"), &[]);
        }
        oddities.push(Oddity {
            source: source.clone(),
            scope: parts[at].asset.scope.clone(),
            what: Odd::Conflict {
                id,
                other: other.clone(),
            },
        });
        parts[at].asset.id = other;
    }
    oddities
}

fn contradict(a: &Asset, b: &Asset) -> bool {
    let mut contradiction = false;
    for alias in &a.aliases {
        if alias.namespace() == Alias::CALLED {
            continue;
        }
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

/// Aliases that would make one asset of several of one source.
struct Refused {
    source: usize,
    scope: Text,
    ids: Vec<AssetId>,
}

impl Refused {
    fn told(self, sources: &[Text]) -> Oddity {
        Oddity {
            source: sources.get(self.source).cloned().unwrap_or_default(),
            scope: self.scope,
            what: Odd::RefusedMerge(self.ids),
        }
    }
}

/// For ids that share an alias with another: the id that the group goes by. A group in which one source has two ids proves
/// nothing (clones with one machine id, or a third asset with the aliases of two): merged, the one would hide the other.
fn canonical_ids(parts: &[Part]) -> (HashMap<AssetId, AssetId>, Vec<Refused>) {
    let mut by_alias: HashMap<&Alias, Vec<usize>> = HashMap::new();
    for (at, part) in parts.iter().enumerate() {
        let proven = part.asset.aliases.iter();
        for alias in proven.filter(|alias| alias.namespace() != Alias::CALLED) {
            by_alias.entry(alias).or_default().push(at);
        }
    }
    by_alias.retain(|_, sharers| sharers.len() > 1);
    let named = named(parts);
    if by_alias.is_empty() && named.is_empty() {
        return (HashMap::new(), Vec::new());
    }
    // In one order, whatever the map's: what is refused does not depend on it, and what is told neither.
    let mut shared: Vec<(&Alias, Vec<usize>)> = by_alias.into_iter().collect();
    shared.sort_unstable_by_key(|(alias, _)| *alias);
    let mut refused = Vec::new();
    // One id is one node of the groups, whichever sources have it.
    let mut groups: Groups<'_> = Groups::default();
    for (_, sharers) in &shared {
        let ids: BTreeSet<&AssetId> = sharers.iter().map(|at| &parts[*at].asset.id).collect();
        match twice(sharers.iter().map(|at| &parts[*at])) {
            Some(found) => {
                let several = sharers.iter().any(|at| parts[*at].source != found.source);
                refused.extend(several.then_some(found));
            }
            None => {
                let mut ids = ids.into_iter();
                if let Some(first) = ids.next() {
                    ids.for_each(|other| groups.join(first, other));
                }
            }
        }
    }
    for (id, owner) in &named {
        groups.join(owner, id);
    }
    let mut members: HashMap<&AssetId, Vec<&Part>> = HashMap::new();
    for part in parts {
        if let Some(root) = groups.root(&part.asset.id) {
            members.entry(root).or_default().push(part);
        }
    }
    let mut members: Vec<Vec<&Part>> = members.into_values().collect();
    members.sort_unstable_by_key(|group| group.first().map(|part| &part.asset.id));
    let mut moved = HashMap::new();
    for group in members {
        if let Some(found) = twice(group.iter().copied()) {
            refused.push(found);
            continue;
        }
        // An id of names gives way to the one that stays whatever the names.
        let rank = |part: &&&Part| {
            let id = &part.asset.id;
            (named.contains_key(id), part.first_scan, id.clone())
        };
        let Some(best) = group.iter().min_by_key(rank) else {
            continue;
        };
        for part in &group {
            if part.asset.id != best.asset.id {
                moved.insert(part.asset.id.clone(), best.asset.id.clone());
            }
        }
    }
    (moved, refused)
}

/// The ids that are made of names by which a source knows what another source says is called so, each with the id of that. What two
/// are called is the name of neither.
fn named(parts: &[Part]) -> BTreeMap<&AssetId, &AssetId> {
    let mut by_name: HashMap<&str, BTreeSet<&AssetId>> = HashMap::new();
    for part in parts {
        for id in part.asset.ids().skip(1) {
            by_name.entry(id).or_default().insert(&part.asset.id);
        }
    }
    let mut named = BTreeMap::new();
    if by_name.is_empty() {
        return named;
    }
    for part in parts {
        let id = &part.asset.id;
        let mut owners = by_name.get(id.as_str()).into_iter().flatten();
        if let (Some(owner), None) = (owners.next(), owners.next())
            && *owner != id
        {
            named.insert(id, *owner);
        }
    }
    named
}

/// The first source that has two ids among some parts, with these.
fn twice<'p>(parts: impl Iterator<Item = &'p Part>) -> Option<Refused> {
    let mut by_source: BTreeMap<usize, BTreeMap<&AssetId, &Text>> = BTreeMap::new();
    for part in parts {
        let ids = by_source.entry(part.source).or_default();
        ids.insert(&part.asset.id, &part.asset.scope);
    }
    by_source.into_iter().find_map(|(source, ids)| {
        let scope = ids.values().next().filter(|_| ids.len() > 1)?;
        Some(Refused {
            source,
            scope: (*scope).clone(),
            ids: ids.into_keys().cloned().collect(),
        })
    })
}

/// Disjoint sets over the few ids that share an alias.
#[derive(Default)]
struct Groups<'a> {
    parents: HashMap<&'a AssetId, &'a AssetId>,
}

impl<'a> Groups<'a> {
    /// The id that stands for the set that an id is in; none where it is in none.
    fn root(&self, id: &AssetId) -> Option<&'a AssetId> {
        let mut at = *self.parents.get(id)?;
        while let Some(&parent) = self.parents.get(at).filter(|parent| **parent != at) {
            at = parent;
        }
        Some(at)
    }

    fn join(&mut self, a: &'a AssetId, b: &'a AssetId) {
        self.parents.entry(a).or_insert(a);
        self.parents.entry(b).or_insert(b);
        if let (Some(a), Some(b)) = (self.root(a), self.root(b)) {
            self.parents.insert(a.max(b), a.min(b));
        }
    }
}

/// What the parts of one node contradict each other in, while they are merged.
struct Disputes<'a> {
    sources: &'a [Text],
    /// The source, scope and time of the node's first part.
    first: (usize, Text, i64),
    /// Claims of the best evidence that there is, with their sources.
    facts: BTreeMap<Text, Vec<(usize, Claim)>>,
    labels: BTreeMap<Text, Vec<(usize, Text)>>,
    /// Which parts said the claims and labels that the node has, where that is not the first.
    said: HashMap<Text, (usize, i64)>,
    /// Labels that only parts gave that were not read wholly.
    dim: HashSet<Text>,
}

impl<'a> Disputes<'a> {
    fn new(sources: &'a [Text]) -> Self {
        Self {
            sources,
            first: (0, Text::default(), 0),
            facts: BTreeMap::new(),
            labels: BTreeMap::new(),
            said: HashMap::new(),
            dim: HashSet::new(),
        }
    }

    /// Begins another node with its first part.
    fn begin(&mut self, part: &Part) {
        self.first.0 = part.source;
        self.first.2 = part.last_scan;
        if self.first.1 != part.asset.scope {
            self.first.1.clone_from(&part.asset.scope);
        }
        self.said.clear();
        self.dim.clear();
        if part.asset.partial.is_some() {
            self.dim.extend(part.asset.labels.names().map(Text::from));
        }
    }

    /// Adds what another source says of the same asset.
    fn absorb(&mut self, node: &mut Asset, part: Part) {
        let Part {
            asset: other,
            source,
            last_scan,
            ..
        } = part;
        node.aliases.extend(other.aliases);
        node.aliases.sort_unstable();
        node.aliases.dedup();
        let dim = other.partial.is_some();
        for (name, value) in other.labels {
            match node.labels.get(&name) {
                None => {
                    self.said.insert(key("label", &name), (source, last_scan));
                    if dim {
                        self.dim.insert(name.clone());
                    }
                    node.labels.insert(name, value);
                }
                Some(have) if *have == value => {}
                // Labels of what was read in part are what was known before, and give way to what is seen.
                Some(_) if dim && !self.dim.contains(&name) => {}
                Some(_) if !dim && self.dim.contains(&name) => {
                    self.said.insert(key("label", &name), (source, last_scan));
                    self.dim.remove(&name);
                    node.labels.insert(name, value);
                }
                Some(have) => {
                    let by = self.by("label", &name).0;
                    let all = self
                        .labels
                        .entry(name)
                        .or_insert_with(|| vec![(by, have.clone())]);
                    all.push((source, value));
                }
            }
        }
        for (what, into, from) in [
            ("fact", &mut node.facts, other.facts),
            ("reading", &mut node.readings, other.readings),
        ] {
            for (name, claim) in from {
                let (by, read) = self.by(what, &name);
                let place = key(what, &name);
                let Some(have) = into.get(&name) else {
                    self.said.insert(place, (source, last_scan));
                    into.insert(name, claim);
                    continue;
                };
                if claim.how() > have.how() || claim.how() == How::Unknown {
                    continue;
                }
                if claim.how() == have.how() {
                    if claim.value() == have.value() && !self.facts.contains_key(&place) {
                        continue;
                    }
                    // A reading differs at every look: two of different scans contradict each other in nothing, but for
                    // one of which a stricter value is known.
                    let apart =
                        what == "reading" && read != last_scan && !dispute::has_order(&name);
                    if !apart {
                        let all = self.facts.entry(place);
                        let all = all.or_insert_with(|| vec![(by, have.clone())]);
                        all.push((source, claim));
                        continue;
                    }
                    if last_scan < read {
                        continue;
                    }
                }
                self.facts.remove(&place);
                self.said.insert(place, (source, last_scan));
                into.insert(name, claim);
            }
        }
        // What one source could not read of it is not read because another sees it: that says what it says, and no more.
        if let Some(partial) = other.partial {
            node.partial.get_or_insert(partial);
        }
    }

    fn by(&self, what: &str, name: &str) -> (usize, i64) {
        if self.said.is_empty() {
            return (self.first.0, self.first.2);
        }
        let said = self.said.get(key(what, name).as_str()).copied();
        said.unwrap_or((self.first.0, self.first.2))
    }

    /// Settles what was contradicted in the node that is whole now.
    fn settle(&mut self, node: &mut Asset, oddities: &mut Vec<Oddity>) {
        if self.facts.is_empty() && self.labels.is_empty() {
            return;
        }
        let name = |source: usize| self.sources.get(source).cloned().unwrap_or_default();
        let mut tell = |about: String| {
            oddities.push(Oddity {
                source: name(self.first.0),
                scope: self.first.1.clone(),
                what: Odd::Dispute {
                    id: node.id.clone(),
                    about: about.into(),
                },
            });
        };
        for (place, claims) in std::mem::take(&mut self.facts) {
            let Some((what, fact)) = place.split_once(' ') else {
                continue;
            };
            let claims: Vec<(Text, Claim)> = claims
                .into_iter()
                .map(|(source, claim)| (name(source), claim))
                .collect();
            let Some(claim) = dispute::settle(fact, &claims) else {
                continue;
            };
            if what == "reading" {
                // Two that differ are told by the basis alone.
                node.readings.insert(fact, claim);
                continue;
            }
            tell(format!("`{fact}`: {}", claim.basis().unwrap_or_default()));
            node.facts.insert(fact, claim);
        }
        for (label, words) in std::mem::take(&mut self.labels) {
            let words: Vec<(Text, Text)> = words
                .into_iter()
                .map(|(source, word)| (name(source), word))
                .collect();
            tell(format!("label {label}: {}", dispute::said_words(&words)));
            if let Some(word) = dispute::word(&label, &words) {
                node.labels.insert(label, word);
            }
        }
    }
}

fn key(what: &str, name: &str) -> Text {
    Text::from(format!("{what} {name}"))
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
        assert_eq!(merged.oddities.len(), 1);
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

    /// Whoever was read last, and whoever comes first.
    #[test]
    fn of_equal_evidence_the_stricter_counts() {
        let part = |source, last_scan, yes: bool| {
            let mut part = part(source, "a", 1, &[]);
            part.last_scan = last_scan;
            part.asset.claim("privileged", Claim::reported(yes));
            part.asset.claim("os", Claim::reported(format!("os {yes}")));
            part.asset.labels.insert("team", yes.to_string().into());
            let environment = if yes { "production" } else { "staging" };
            part.asset
                .labels
                .insert("plimsoll.environment", environment.into());
            part
        };
        for (first, second) in [(1, 2), (2, 1), (2, 2)] {
            let merged = merge(vec![part(0, first, true), part(1, second, false)], &names());
            let asset = &merged.nodes[0].asset;
            let strict = Claim::reported(true)
                .by("sources disagree: docker says yes, host says no; the stricter counts");
            assert_eq!(asset.facts.get("privileged"), Some(&strict));
            let neither =
                Claim::unknown("sources disagree: docker says os true, host says os false");
            assert_eq!(asset.facts.get("os"), Some(&neither));
            assert_eq!(asset.labels.get("team").unwrap(), "true");
            assert_eq!(
                asset.labels.get("plimsoll.environment").unwrap(),
                "docker says production, host says staging"
            );
            assert_eq!(merged.oddities.len(), 4, "{:?}", merged.oddities);
        }
    }

    #[test]
    fn better_evidence_ends_a_dispute() {
        let part = |source, claim| {
            let mut part = part(source, "a", 1, &[]);
            part.asset.claim("privileged", claim);
            part
        };
        let sources: Vec<Text> = ["a", "b", "c"].map(Text::from).into();
        let better = Claim::measured(false);
        for at in 0..3 {
            let claims = [Claim::reported(true), Claim::reported(false)];
            let mut claims = claims.into_iter();
            let parts = (0..3).map(|source| {
                let claim = if source == at {
                    better.clone()
                } else {
                    claims.next().unwrap()
                };
                part(source, claim)
            });
            let merged = merge(parts.collect(), &sources);
            let asset = &merged.nodes[0].asset;
            assert_eq!(asset.facts.get("privileged"), Some(&better), "{at}");
            assert!(merged.oddities.is_empty());
        }
        // A third voice is heard with the others.
        let said = [false, false, true].map(Claim::reported);
        let parts = (0..3).zip(said).map(|(source, claim)| part(source, claim));
        let merged = merge(parts.collect(), &sources);
        let claim = merged.nodes[0].asset.facts.get("privileged").unwrap();
        assert_eq!(claim.value(), Some(&true.into()));
    }

    #[test]
    fn a_third_asset_makes_no_two_of_one_source_one() {
        let parts = vec![
            part(0, "a", 1, &[("x", "1")]),
            part(0, "b", 1, &[("y", "2")]),
            part(1, "c", 1, &[("x", "1"), ("y", "2")]),
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
        assert!(merged.moved.is_empty());
        let told = Oddity {
            source: "docker".into(),
            scope: Text::default(),
            what: Odd::RefusedMerge(vec![AssetId::new("a").unwrap(), AssetId::new("b").unwrap()]),
        };
        assert_eq!(merged.oddities, [told]);
    }

    /// The asset that has an id in common with one and an alias with another.
    #[test]
    fn an_id_in_common_makes_no_two_of_one_source_one() {
        let parts = vec![
            part(0, "a", 1, &[]),
            part(0, "b", 1, &[("y", "2")]),
            part(1, "a", 1, &[("y", "2")]),
        ];
        let merged = merge(parts, &names());
        let both = vec!["docker", "host"];
        assert_eq!(ids(&merged), [("a", both), ("b", vec!["docker"])]);
        assert_eq!(merged.oddities.len(), 1);
    }

    #[test]
    fn an_id_made_for_a_conflict_is_nobody_elses() {
        let parts = vec![
            part(0, "x", 1, &[("m", "1")]),
            part(1, "x", 1, &[("m", "2")]),
            part(0, "x@host", 1, &[]),
        ];
        let merged = merge(parts, &names());
        assert_eq!(
            ids(&merged),
            [
                ("x", vec!["docker"]),
                ("x@host", vec!["docker"]),
                ("x@host@host", vec!["host"])
            ]
        );
    }

    #[test]
    fn of_three_under_one_id_each_pair_is_held_against_each_other() {
        let sources: Vec<Text> = ["a", "b", "c"].map(Text::from).into();
        let parts = vec![
            part(0, "x", 1, &[]),
            part(1, "x", 1, &[("m", "1")]),
            part(2, "x", 1, &[("m", "2")]),
        ];
        let merged = merge(parts, &sources);
        let ids: Vec<&str> = merged
            .nodes
            .iter()
            .map(|node| node.asset.id.as_str())
            .collect();
        assert_eq!(ids, ["x", "x@c"]);
    }

    #[test]
    fn what_a_source_did_not_say_completes_nothing() {
        let mut one = part(0, "a", 1, &[]);
        one.asset.partial = Some("denied".into());
        one.asset.claim("ports", Claim::unknown("denied"));
        let merged = merge(vec![one, part(1, "a", 1, &[])], &names());
        let asset = &merged.nodes[0].asset;
        assert_eq!(asset.partial.as_deref(), Some("denied"));
        assert_eq!(asset.value("ports"), None);
        assert!(merged.nodes[0].unseen());
    }
}
