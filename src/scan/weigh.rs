//! One source's harvest against what the store knows: what to write, and what changed.

use std::collections::{BTreeMap, HashMap, HashSet};

use jiff::Timestamp;
use plimsoll_model::{Asset, AssetId, Facts, RelationKind, Text, Value};

use super::gather::Gathered;
use crate::change::{Change, ChangeKind, PathChange, compare, is_of_reading};
use crate::inventory::{Comparison, Fingerprint, KnownPart, carry};
use crate::report::Uncompared;
use crate::store::{KnownRelation, Wanted, WriteRelation, is_damaged, turned};

/// A change, with the scope in which it was seen.
pub(super) struct Seen {
    /// The asset's number.
    pub(super) asset: i64,
    /// The scope's number.
    pub(super) scope: i64,
    /// When it was seen.
    pub(super) before: Timestamp,
    /// The change.
    pub(super) change: Change,
}

impl Seen {
    /// Adds what changed in the relations of a modified asset.
    pub(super) fn add_paths(&mut self, paths: Vec<PathChange>) {
        if self.change.kind == ChangeKind::Modified {
            self.change.paths.extend(paths);
            self.change
                .paths
                .sort_by(|a, b| (&a.path, &a.from).cmp(&(&b.path, &b.from)));
            self.change.paths.dedup();
        }
    }

    /// Takes in what another source saw of the same change. Always true, for `dedup_by`.
    pub(super) fn absorb(&mut self, other: &mut Seen) -> bool {
        self.add_paths(std::mem::take(&mut other.change.paths));
        self.before = self.before.min(other.before);
        true
    }
}

/// A source's harvest with the store's numbers beside it.
pub(super) struct Weighed {
    pub(super) gathered: Gathered,
    /// Of the assets, in their order.
    pub(super) fingerprints: Vec<Fingerprint>,
    /// Of the assets, in their order.
    pub(super) numbers: Vec<i64>,
    /// The numbers of the scopes, by name.
    pub(super) scopes: HashMap<Text, i64>,
    pub(super) comparison: Comparison,
    pub(super) relations: RelationWeights,
    /// The hidden values of which nobody can tell whether they changed.
    pub(super) uncompared: Uncompared,
}

/// Which of the assets that came or went for one source are seen by others.
#[derive(Default)]
pub(super) struct Views {
    /// Known to some source before this scan.
    before: HashMap<i64, View>,
    /// Seen by some source, or kept as last known, after it.
    after: HashMap<i64, View>,
}

/// What others say of an asset.
#[derive(Default)]
struct View {
    /// Whether one says more of it than its name.
    seen: bool,
    /// What they say, as the names of facts and labels.
    facts: HashSet<Text>,
    labels: HashSet<Text>,
}

impl View {
    fn note(&mut self, asset: &Asset) {
        self.seen |= !is_named_only(asset);
        let known = asset
            .facts
            .iter()
            .filter(|(_, claim)| claim.last_value().is_some());
        self.facts.extend(known.map(|(name, _)| Text::from(name)));
        self.labels.extend(asset.labels.names().map(Text::from));
    }

    /// Whether it is a sighting of what another source says this of: one that says nothing is none, but of what nobody says
    /// anything of.
    fn is_sighting_of(&self, asset: &Asset) -> bool {
        self.seen || is_named_only(asset)
    }
}

/// Whether a source merely names an asset: what it does not say it has not seen.
fn is_named_only(asset: &Asset) -> bool {
    let says = |claims: &Facts| claims.iter().any(|(_, claim)| claim.last_value().is_some());
    asset.partial.is_none()
        && asset.labels.is_empty()
        && !says(&asset.facts)
        && !says(&asset.readings)
}

impl Views {
    /// `bodies` gives the assets of versions, in their order.
    pub(super) fn of<E>(
        weighed: &[Weighed],
        others: &[KnownPart],
        bodies: impl Fn(Vec<i64>) -> Result<Vec<Asset>, E>,
    ) -> Result<Self, E> {
        let mut views = Self::default();
        if weighed.len() < 2 && others.is_empty() {
            // One source: what it had not known nobody had, and what it misses nobody sees.
            return Ok(views);
        }
        let added: HashSet<i64> = weighed.iter().flat_map(Weighed::added_numbers).collect();
        let removed: HashSet<i64> = weighed
            .iter()
            .flat_map(|one| one.comparison.removed.iter().map(|part| part.asset))
            .collect();
        // What was known, and whether it still is.
        let mut known: Vec<(&KnownPart, bool)> = others.iter().map(|part| (part, true)).collect();
        for one in weighed {
            let Comparison {
                changed,
                removed,
                kept,
                ..
            } = &one.comparison;
            known.extend(kept.iter().map(|part| (part, true)));
            known.extend(changed.iter().map(|(_, part)| (part, false)));
            known.extend(removed.iter().map(|part| (part, false)));
        }
        known.retain(|(part, stays)| {
            added.contains(&part.asset) || (*stays && removed.contains(&part.asset))
        });
        let found = bodies(known.iter().map(|(part, _)| part.version).collect())?;
        for ((part, stays), asset) in known.into_iter().zip(&found) {
            if added.contains(&part.asset) {
                views.before.entry(part.asset).or_default().note(asset);
            }
            if stays && removed.contains(&part.asset) {
                views.after.entry(part.asset).or_default().note(asset);
            }
        }
        for one in weighed {
            let fresh: HashSet<i64> = one.added_numbers().collect();
            for (number, asset) in one.numbers.iter().zip(&one.gathered.harvest.assets) {
                if !fresh.contains(number) && added.contains(number) {
                    views.before.entry(*number).or_default().note(asset);
                }
                if removed.contains(number) {
                    views.after.entry(*number).or_default().note(asset);
                }
            }
        }
        Ok(views)
    }

    fn was_known(&self, number: i64, asset: &Asset) -> bool {
        self.before
            .get(&number)
            .is_some_and(|view| view.is_sighting_of(asset))
    }

    /// What of an asset is left, that one source sees no more, by what others say; none where nobody else sees it.
    fn rest(&self, number: i64, asset: &Asset) -> Option<Asset> {
        let view = self.after.get(&number)?;
        if !view.is_sighting_of(asset) {
            return None;
        }
        let mut rest = asset.clone();
        rest.facts.retain(|name, _| view.facts.contains(name));
        rest.labels.retain(|name, _| view.labels.contains(name));
        Some(rest)
    }
}

/// How the relations of one source compare.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct RelationWeights {
    pub(super) added: Vec<WriteRelation>,
    pub(super) removed: Vec<KnownRelation>,
    /// Not seen, in a scope that was not read completely: the last known stays.
    pub(super) kept: Vec<KnownRelation>,
}

/// A relation wherever it is seen: where it starts, what it says, where it ends.
pub(super) type Edge = (i64, RelationKind, i64);

fn edge(relation: &WriteRelation) -> Edge {
    (relation.from, relation.kind, relation.to)
}

/// The relations that one scope or source lost and another gained, as those of an app that moved: they are there as before.
pub(super) fn moved(weighed: &[Weighed]) -> HashSet<Edge> {
    let gained = weighed.iter().flat_map(|one| &one.relations.added);
    let gained: HashSet<Edge> = gained.map(edge).collect();
    let lost = weighed.iter().flat_map(|one| &one.relations.removed);
    let lost = lost.map(|gone| (gone.from, gone.kind, gone.to));
    lost.filter(|edge| gained.contains(edge)).collect()
}

/// Compares relations; `now` and `known` in any order.
pub(super) fn weigh_relations(
    mut now: Vec<WriteRelation>,
    mut known: Vec<KnownRelation>,
    complete: impl Fn(i64) -> bool,
) -> RelationWeights {
    let key = |known: &KnownRelation| WriteRelation {
        scope: known.scope,
        from: known.from,
        kind: known.kind,
        to: known.to,
    };
    now.sort_unstable();
    now.dedup();
    known.sort_unstable_by_key(key);
    let mut weights = RelationWeights::default();
    let mut now = now.into_iter().peekable();
    for relation in known {
        let place = key(&relation);
        while let Some(fresh) = now.next_if(|fresh| *fresh < place) {
            weights.added.push(fresh);
        }
        if now.next_if_eq(&place).is_some() {
            continue;
        }
        let list = if complete(relation.scope) {
            &mut weights.removed
        } else {
            &mut weights.kept
        };
        list.push(relation);
    }
    weights.added.extend(now);
    weights
}

impl Weighed {
    fn added_numbers(&self) -> impl Iterator<Item = i64> {
        self.comparison
            .added
            .iter()
            .map(|place| self.numbers[*place])
    }

    /// The scope's number of an asset of this harvest.
    pub(super) fn scope_of(&self, asset: &Asset) -> i64 {
        self.scopes.get(&asset.scope).copied().unwrap_or_default()
    }

    /// Carries what was known over into what is as dim as it was at the scan before: `known` are the assets of
    /// [`Comparison::dim`], in that order.
    pub(super) fn remember(&mut self, known: &[Asset]) {
        for ((place, _), known) in self.comparison.dim.iter().zip(known) {
            carry(known, &mut self.gathered.harvest.assets[*place]);
        }
    }

    /// Carries what was known over into what cannot be seen now, and tells what changed.
    ///
    /// `before` are the assets of [`Comparison::changed`], in that order, and `removed` those of
    /// [`Comparison::removed`]; `views` says which assets other sources see too; `known_scope` whether a scope had been
    /// read completely before, without which what is met for the first time is not new; `read_anew` whether an asset is read by a
    /// newer edition of the collector than before, and whether it went by another id then.
    pub(super) fn changes(
        &mut self,
        before: &[Asset],
        removed: &[Asset],
        views: &Views,
        known_scope: impl Fn(i64) -> bool,
        read_anew: impl Fn(&AssetId) -> (bool, bool),
    ) -> Vec<Seen> {
        let at = self.gathered.finished;
        let mut seen = Vec::new();
        for ((place, part), before) in self.comparison.changed.iter().zip(before) {
            let asset = &mut self.gathered.harvest.assets[*place];
            if is_damaged(before) {
                // What it was is lost; whether it is still so is not.
                if turned(part.fingerprint) != self.fingerprints[*place] {
                    let lost = PathChange {
                        path: Text::const_new("stored"),
                        from: Some(Value::from("damaged")),
                        to: None,
                    };
                    let change = change(asset, ChangeKind::Modified, vec![lost]);
                    seen.push(Seen {
                        asset: part.asset,
                        scope: part.scope,
                        before: at,
                        change,
                    });
                }
                continue;
            }
            carry(before, asset);
            let (mut paths, uncompared) = compare(before, asset);
            self.uncompared.count(uncompared);
            let (newly, other_id) = read_anew(&asset.id);
            if newly {
                paths.retain(|path| !is_of_reading(path, before, asset, other_id));
            }
            if !paths.is_empty() {
                let change = change(asset, ChangeKind::Modified, paths);
                seen.push(Seen {
                    asset: part.asset,
                    scope: part.scope,
                    before: at,
                    change,
                });
            }
        }
        for place in &self.comparison.added {
            let asset = &self.gathered.harvest.assets[*place];
            let (number, scope) = (self.numbers[*place], self.scope_of(asset));
            if known_scope(scope) && !views.was_known(number, asset) {
                let change = change(asset, ChangeKind::Added, Vec::new());
                seen.push(Seen {
                    asset: number,
                    scope,
                    before: at,
                    change,
                });
            }
        }
        for (part, asset) in self.comparison.removed.iter().zip(removed) {
            let (kind, paths) = match views.rest(part.asset, asset) {
                None => (ChangeKind::Removed, Vec::new()),
                // It is still there, and what only this source said of it is not.
                Some(rest) => (ChangeKind::Modified, compare(asset, &rest).0),
            };
            if kind == ChangeKind::Removed || !paths.is_empty() {
                let change = change(asset, kind, paths);
                seen.push(Seen {
                    asset: part.asset,
                    scope: part.scope,
                    before: at,
                    change,
                });
            }
        }
        seen
    }

    /// The changes of assets of which only relations changed, for those whose paths are given by asset and scope.
    pub(super) fn relation_changes(
        &self,
        mut paths: BTreeMap<(i64, i64), Vec<PathChange>>,
    ) -> Vec<Seen> {
        // What is new brings its relations along.
        let added: HashSet<i64> = self.added_numbers().collect();
        paths.retain(|(asset, _), _| !added.contains(asset));
        let mut seen = Vec::new();
        if paths.is_empty() {
            return seen;
        }
        let wanted = Wanted::of(paths.keys().map(|(asset, _)| *asset));
        let places: HashMap<i64, usize> = self
            .numbers
            .iter()
            .enumerate()
            .filter(|(_, number)| wanted.has(**number))
            .map(|(place, number)| (*number, place))
            .collect();
        for ((number, scope), paths) in paths {
            let place = places.get(&number).copied();
            if let Some(asset) = place.and_then(|place| self.gathered.harvest.assets.get(place)) {
                let change = change(asset, ChangeKind::Modified, paths);
                seen.push(Seen {
                    asset: number,
                    scope,
                    before: self.gathered.finished,
                    change,
                });
            }
        }
        seen
    }

    /// The relations that came and went, as paths by the number of the asset where they start; but for those that contain
    /// one of `told`, the assets that came or went themselves, and for those that only `moved`.
    pub(super) fn relation_paths(
        &self,
        ids: &HashMap<i64, &AssetId>,
        told: &HashSet<i64>,
        moved: &HashSet<Edge>,
        known_scope: impl Fn(i64) -> bool,
    ) -> BTreeMap<(i64, i64), Vec<PathChange>> {
        let mut paths: BTreeMap<(i64, i64), Vec<PathChange>> = BTreeMap::new();
        let mut note = |relation: WriteRelation, came: bool| {
            if moved.contains(&edge(&relation)) {
                return;
            }
            let part = relation.kind == RelationKind::Contains;
            let Some(to) = ids
                .get(&relation.to)
                .filter(|_| !(part && told.contains(&relation.to)))
            else {
                return;
            };
            let path = Text::from(format!("relations.{}[{to}]", relation.kind));
            let value = Some(Value::Text(to.as_str().into()));
            let (from, to) = if came { (None, value) } else { (value, None) };
            let key = (relation.from, relation.scope);
            paths
                .entry(key)
                .or_default()
                .push(PathChange { path, from, to });
        };
        for relation in &self.relations.added {
            if known_scope(relation.scope) {
                note(*relation, true);
            }
        }
        for gone in &self.relations.removed {
            let KnownRelation {
                scope,
                from,
                kind,
                to,
                ..
            } = *gone;
            note(
                WriteRelation {
                    scope,
                    from,
                    kind,
                    to,
                },
                false,
            );
        }
        paths
    }
}

fn change(asset: &Asset, kind: ChangeKind, paths: Vec<PathChange>) -> Change {
    Change {
        asset: asset.id.clone(),
        asset_kind: asset.kind.clone(),
        asset_name: asset.name.clone(),
        kind,
        paths,
    }
}

/// Splits known parts by whether their source was read now.
pub(super) fn by_source(
    parts: Vec<KnownPart>,
    source_of: &HashMap<i64, Text>,
    fresh: &HashSet<Text>,
) -> (HashMap<Text, HashMap<i64, KnownPart>>, Vec<KnownPart>) {
    let mut known: HashMap<Text, HashMap<i64, KnownPart>> = HashMap::new();
    let mut others = Vec::new();
    // Parts come scope by scope: the source is looked up once for each run of them.
    for run in parts.chunk_by(|a, b| a.scope == b.scope) {
        let Some(source) = run.first().and_then(|part| source_of.get(&part.scope)) else {
            continue;
        };
        if fresh.contains(source) {
            let known = known.entry(source.clone()).or_default();
            known.reserve(run.len());
            known.extend(run.iter().map(|part| (part.asset, *part)));
        } else {
            others.extend(run);
        }
    }
    (known, others)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn relations_of_a_scope_read_in_part_are_kept() {
        let now = |scope, to| WriteRelation {
            scope,
            from: 1,
            kind: RelationKind::Uses,
            to,
        };
        let known = |row, scope, to| KnownRelation {
            row,
            scope,
            from: 1,
            kind: RelationKind::Uses,
            to,
        };
        let weights = weigh_relations(
            vec![now(1, 3), now(1, 2), now(2, 9)],
            vec![known(10, 1, 2), known(11, 1, 4), known(12, 2, 5)],
            |scope| scope == 1,
        );
        assert_eq!(weights.added, [now(1, 3), now(2, 9)]);
        assert_eq!(weights.removed, [known(11, 1, 4)]);
        assert_eq!(weights.kept, [known(12, 2, 5)]);
    }
}
