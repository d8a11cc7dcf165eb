//! From what was gathered to what is stored and reported, in one transaction.

use std::collections::{BTreeMap, HashMap, HashSet};

use foldhash::quality::RandomState;
use jiff::Timestamp;
use plimsoll_kit::Clock;
use plimsoll_model::{Asset, AssetId, Text, Trouble};

use super::clock;
use super::former::rename_former;
use super::gather::Gathered;
use super::listeners;
use super::outcome::{self, Found};
use super::picture::{Book, LastKnown, snapshot};
use super::records::Records;
use super::scopes::{self, Scopes};
use super::verdicts::Gone;
use super::weigh::{Seen, Views, Weighed, by_source, moved, weigh_relations};
use super::{Scanned, Yardstick, keep_from, words};
use crate::change::ChangeKind;
use crate::inventory::{
    Comparison, Coverage, Fingerprint, KnownPart, compare, fingerprints, hint_at_retiring,
};
use crate::report::Uncompared;
use crate::store::{
    Commit, KnownReading, KnownRelation, Numbers, ReadBy, State, StoreError, WriteInventory,
    WriteRelation, WriteVersion, is_damaged, turned,
};

/// Compares, assembles, judges, stores and reports what was gathered.
pub(super) fn settle(
    commit: Commit<'_>,
    mut gathered: Vec<Gathered>,
    yardstick: &Yardstick<'_>,
    started: Timestamp,
    clock: &Clock,
) -> Result<Scanned, StoreError> {
    let renamed = rename_former(&commit, &gathered)?;
    let known_readings = commit.readings_known()?;
    let (state, prints) = known_and_seen(&commit, &gathered)?;
    let State {
        scan,
        scopes,
        mut numbers,
        parts,
        relations,
        drifts,
        last_scan,
    } = state;
    let mut scopes = Scopes::new(scopes);
    // Both come scope by scope.
    let assets = parts.chunk_by(|a, b| a.scope == b.scope);
    let edges = relations.chunk_by(|a, b| a.scope == b.scope);
    let assets = assets.filter_map(|run| Some(run.first()?.scope));
    let edges = edges.filter_map(|run| Some(run.first()?.scope));
    let occupied: HashSet<i64> = assets.chain(edges).collect();
    let forgotten = scopes::close(&scopes, &mut gathered, &occupied);
    clock::remark_records_to_come(&mut gathered);
    words::remark_unknown_words(&mut gathered, || {
        commit.bodies(parts.iter().map(|part| part.version))
    })?;
    let reads = scopes::reads(&mut scopes, &gathered);
    let out = commit.retired_sources()?;
    let forgotten = scopes::retired(&scopes, &gathered, &out, forgotten);
    let mut coverage = scopes::coverage(&scopes, &reads, &forgotten, yardstick.configured);
    if let Some(configured) = yardstick.configured {
        let retired = gathered.iter().filter(|one| one.retired.is_some());
        let mut settled: Vec<Text> = retired.map(|one| one.source.clone()).collect();
        settled.extend_from_slice(configured);
        hint_at_retiring(&mut coverage, &settled);
    }
    clock::remark_leap(&mut coverage, started, last_scan, commit.written());
    let fresh: HashSet<Text> = gathered.iter().map(|one| one.source.clone()).collect();
    let source_of = scopes.source_of();
    let last_complete = scopes.last_complete(&listed(&known_readings, &gathered));
    let known_scope = |scope: i64| last_complete.contains_key(&scope);

    let (mut known, others) = by_source(parts, &source_of, &fresh);
    let (mut known_relations, other_relations) = relations_by_source(relations, &source_of, &fresh);
    let mut weighed: Vec<Weighed> = Vec::with_capacity(gathered.len());
    let mut unmissed = listeners::Unmissed::new();
    for (mut one, mut prints) in gathered.into_iter().zip(prints) {
        let of_source = known.get(&one.source);
        let went = listeners::settle(&commit, &mut one, &mut prints, &numbers, of_source)?;
        unmissed.extend(went);
        let known = known.remove(&one.source).unwrap_or_default();
        let relations = known_relations.remove(&one.source).unwrap_or_default();
        let numbers = &mut numbers;
        weighed.push(weigh(&mut scopes, numbers, one, prints, known, relations));
    }

    for one in &weighed {
        let Comparison {
            unchanged,
            changed,
            added,
            removed,
            kept,
            ..
        } = &one.comparison;
        tracing::debug!(
            source = %one.gathered.source,
            unchanged,
            changed = changed.len(),
            added = added.len(),
            removed = removed.len(),
            kept = kept.len(),
            "compared"
        );
    }
    let newer: HashSet<Text> = weighed
        .iter()
        .map(|one| &one.gathered)
        .filter(|one| {
            let known = known_readings.get(&one.source);
            known.is_some_and(|known| known.by.edition < read_by(one).edition)
        })
        .map(|one| one.source.clone())
        .collect();
    let views = Views::of(&weighed, &others, |versions| commit.bodies(versions))?;
    let mut seen: Vec<Seen> = Vec::new();
    let mut gone = Gone::default();
    let mut retired: HashSet<AssetId> = HashSet::new();
    for one in &mut weighed {
        let known = commit.bodies(one.comparison.dim.iter().map(|(_, part)| part.version))?;
        one.remember(&known);
        let before = commit.bodies(one.comparison.changed.iter().map(|(_, part)| part.version))?;
        let removed = commit.bodies(one.comparison.removed.iter().map(|part| part.version))?;
        if one.gathered.retired.is_some() {
            // Nobody took them away: nobody looks at them any more.
            retired.extend(removed.iter().map(|asset| asset.id.clone()));
            continue;
        }
        remark_damage(&before, one, &mut coverage);
        let newer = newer.contains(&one.gathered.source);
        let read_anew = |id: &AssetId| (newer || renamed.contains(id), renamed.contains(id));
        seen.extend(one.changes(&before, &removed, &views, known_scope, read_anew));
        gone.assets.extend(removed);
        gone.changed.extend(before);
    }
    // Without a policy nobody asks what an asset was.
    if yardstick.policy.is_some() || !gone.assets.is_empty() {
        let ended = || weighed.iter().flat_map(|one| &one.relations.removed);
        let ids = numbers.ids_of(ended().flat_map(|relation| [relation.from, relation.to]));
        let id = |number| ids.get(number).map(|id| (*id).clone());
        gone.relations = ended()
            .filter_map(|relation| Some((id(&relation.from)?, relation.kind, id(&relation.to)?)))
            .collect();
        // A part that came with its whole was nowhere else before.
        if !(gone.changed.is_empty() && gone.relations.is_empty()) {
            let came = || weighed.iter().flat_map(|one| &one.relations.added);
            let ids = numbers.ids_of(came().flat_map(|relation| [relation.from, relation.to]));
            let id = |number| ids.get(number).map(|id| (*id).clone());
            gone.joined = came()
                .filter_map(|relation| {
                    Some((id(&relation.from)?, relation.kind, id(&relation.to)?))
                })
                .collect();
        }
    }
    listeners::leave_out(&mut seen, &unmissed);
    add_relation_changes(&mut seen, &weighed, &newer, &numbers, known_scope);
    let mut uncompared = Uncompared::default();
    for one in &weighed {
        uncompared.add(one.uncompared);
    }

    let keep_from = keep_from(started, yardstick.retention);
    let mut records = Records::take(&mut weighed, &mut numbers, keep_from);
    let mut write = WriteInventory {
        scopes: scopes.fresh(),
        reads,
        ..WriteInventory::default()
    };
    for one in &weighed {
        to_write(one, &mut write);
    }
    commit.put_inventory(scan, &numbers, &write)?;
    drop(write);
    records.write(&commit, scan)?;
    for one in &weighed {
        let gathered = &one.gathered;
        match &gathered.retired {
            None => {
                let listed = gathered.harvest.scopes_listed;
                let by = read_by(gathered);
                commit.put_settings(&gathered.source, &by, gathered.started, listed)?;
            }
            Some(reason) => {
                let ended = one.comparison.removed.len() as u64;
                commit.put_retired(&gathered.source, scan, gathered.started, reason, ended)?;
            }
        }
    }

    let last_known = LastKnown {
        parts: others,
        relations: other_relations,
    };
    let book = Book {
        scan,
        numbers: &numbers,
        scopes: &scopes,
        configured: yardstick.configured,
    };
    let (snapshot, moved) = snapshot(&commit, weighed, last_known, &book, coverage)?;
    let found = Found {
        read_before: scopes.read_before(),
        uncompared,
        retired,
        records,
        moved,
        scan,
        started,
        seen,
        gone,
        drifts,
        last_complete,
        numbers,
    };
    outcome::conclude(commit, snapshot, found, yardstick, clock)
}

/// Says of which assets the stored body was damaged.
fn remark_damage(before: &[Asset], one: &Weighed, coverage: &mut [Coverage]) {
    let places = one.comparison.changed.iter().map(|(place, _)| *place);
    let known = one.comparison.changed.iter().map(|(_, known)| known);
    let found = places.zip(known).zip(before);
    for ((place, known), _) in found.filter(|(_, before)| is_damaged(before)) {
        let same = turned(known.fingerprint) == one.fingerprints[place];
        let asset = &one.gathered.harvest.assets[place];
        let here =
            |row: &&mut Coverage| row.source == one.gathered.source && row.scope == asset.scope;
        if let Some(row) = coverage.iter_mut().find(here) {
            row.troubles.push(Trouble {
                what: Text::from(format!(
                    "what was stored of {} was damaged and is stored anew: {}",
                    asset.id,
                    match same {
                        true => "it is what it was",
                        false => "it changed, and what it was is lost",
                    }
                )),
                asset: None,
            });
        }
    }
}

/// By what a source was read.
fn read_by(gathered: &Gathered) -> ReadBy {
    ReadBy {
        mark: gathered.settings,
        edition: gathered.harvest.edition.max(1),
    }
}

/// When the scopes of each source were listed by what it is read by now, first and last.
fn listed(
    known: &BTreeMap<Text, KnownReading>,
    gathered: &[Gathered],
) -> HashMap<Text, (Timestamp, Timestamp)> {
    let listed = |one: &Gathered| {
        let known = known.get(&one.source)?;
        let same = known.by == read_by(one);
        Some((one.source.clone(), known.listed.filter(|_| same)?))
    };
    gathered.iter().filter_map(listed).collect()
}

/// What the store knows, and meanwhile the fingerprints of what each source gave.
fn known_and_seen(
    commit: &Commit<'_>,
    gathered: &[Gathered],
) -> Result<(State, Vec<Vec<Fingerprint>>), StoreError> {
    std::thread::scope(|threads| {
        let prints = threads.spawn(|| {
            let assets = gathered.iter().map(|one| &one.harvest.assets);
            assets.map(|assets| fingerprints(assets)).collect()
        });
        let state = commit.state()?;
        match prints.join() {
            Ok(prints) => Ok((state, prints)),
            Err(panic) => std::panic::resume_unwind(panic),
        }
    })
}

fn weigh(
    scopes: &mut Scopes,
    numbers: &mut Numbers,
    gathered: Gathered,
    prints: Vec<Fingerprint>,
    known: HashMap<i64, KnownPart>,
    relations: Vec<KnownRelation>,
) -> Weighed {
    let harvest = &gathered.harvest;
    let found = numbers.of_sorted(harvest.assets.iter().map(|asset| &asset.id));
    let mut complete: HashMap<i64, bool> = HashMap::new();
    let mut by_name: HashMap<Text, i64> = HashMap::new();
    for read in &harvest.scopes {
        let number = scopes.number(&gathered.source, &read.scope);
        complete.insert(number, read.complete);
        by_name.insert(read.scope.clone(), number);
    }
    let complete = |scope: i64| complete.get(&scope).copied().unwrap_or(false);
    let comparison = compare(harvest, &prints, &found, known, complete);
    let asset_numbers: Vec<i64> = found
        .into_iter()
        .zip(&harvest.assets)
        .map(|(number, asset)| number.unwrap_or_else(|| numbers.number(&asset.id)))
        .collect();
    let places: HashMap<&AssetId, i64, RandomState> = harvest
        .assets
        .iter()
        .map(|asset| &asset.id)
        .zip(asset_numbers.iter().copied())
        .collect();
    let mut now = Vec::with_capacity(harvest.relations.len());
    let mut number = |id| {
        let place = places.get(id).copied();
        place.unwrap_or_else(|| numbers.number(id))
    };
    // Relations come sorted: most are of the scope of the one before, and start where it did.
    let mut last: Option<(&Text, i64, &AssetId, i64)> = None;
    for relation in &harvest.relations {
        let scope = match last {
            Some((name, scope, _, _)) if *name == relation.scope => scope,
            _ => by_name.get(&relation.scope).copied().unwrap_or_default(),
        };
        let from = match last {
            Some((_, _, id, from)) if *id == relation.from => from,
            _ => number(&relation.from),
        };
        last = Some((&relation.scope, scope, &relation.from, from));
        now.push(WriteRelation {
            scope,
            from,
            kind: relation.kind,
            to: number(&relation.to),
        });
    }
    drop(places);
    let relations = weigh_relations(now, relations, complete);
    Weighed {
        gathered,
        fingerprints: prints,
        numbers: asset_numbers,
        scopes: by_name,
        comparison,
        relations,
        uncompared: Default::default(),
    }
}

fn relations_by_source(
    relations: Vec<KnownRelation>,
    source_of: &HashMap<i64, Text>,
    fresh: &HashSet<Text>,
) -> (HashMap<Text, Vec<KnownRelation>>, Vec<KnownRelation>) {
    let mut known: HashMap<Text, Vec<KnownRelation>> = HashMap::new();
    let mut others = Vec::new();
    for run in relations.chunk_by(|a, b| a.scope == b.scope) {
        match run
            .first()
            .and_then(|relation| source_of.get(&relation.scope))
        {
            Some(source) if fresh.contains(source) => {
                known.entry(source.clone()).or_default().extend(run);
            }
            _ => others.extend(run),
        }
    }
    (known, others)
}

/// Adds relations that came and went to the changes of the assets where they start.
fn add_relation_changes(
    seen: &mut Vec<Seen>,
    weighed: &[Weighed],
    newer: &HashSet<Text>,
    numbers: &Numbers,
    known_scope: impl Fn(i64) -> bool + Copy,
) {
    if weighed
        .iter()
        .all(|one| one.relations.added.is_empty() && one.relations.removed.is_empty())
    {
        return;
    }
    // Paths name where a relation ends.
    let ends = weighed.iter().flat_map(|one| {
        let added = one.relations.added.iter().map(|relation| relation.to);
        added.chain(one.relations.removed.iter().map(|relation| relation.to))
    });
    let ids = numbers.ids_of(ends);
    let places: HashMap<i64, usize> = seen
        .iter()
        .enumerate()
        .map(|(at, seen)| (seen.asset, at))
        .collect();
    // That a whole has one part more is told by the part.
    let told: HashSet<i64> = seen
        .iter()
        .filter(|seen| seen.change.kind != ChangeKind::Modified)
        .map(|seen| seen.asset)
        .collect();
    let moved = moved(weighed);
    // Another edition may see other relations of what is as it was, and a source that is read no more took nothing away.
    let told_of =
        |one: &&Weighed| one.gathered.retired.is_none() && !newer.contains(&one.gathered.source);
    for one in weighed.iter().filter(told_of) {
        let mut paths = one.relation_paths(&ids, &told, &moved, known_scope);
        paths.retain(|(asset, _), paths| match places.get(asset) {
            Some(&at) => {
                seen[at].add_paths(std::mem::take(paths));
                false
            }
            None => true,
        });
        seen.extend(one.relation_changes(paths));
    }
}

fn to_write<'a>(one: &'a Weighed, write: &mut WriteInventory<'a>) {
    let assets = &one.gathered.harvest.assets;
    let changed = one.comparison.changed.iter().map(|(place, _)| *place);
    for place in changed.chain(one.comparison.added.iter().copied()) {
        write.versions.push(WriteVersion {
            asset: one.numbers[place],
            scope: one.scope_of(&assets[place]),
            fingerprint: one.fingerprints[place],
            body: &assets[place],
        });
    }
    let mut readings: BTreeMap<i64, Vec<_>> = BTreeMap::new();
    for scope in one.scopes.values() {
        readings.entry(*scope).or_default();
    }
    for (asset, number) in assets
        .iter()
        .zip(&one.numbers)
        .filter(|(asset, _)| !asset.readings.is_empty())
    {
        readings
            .entry(one.scope_of(asset))
            .or_default()
            .push((*number, &asset.readings));
    }
    write.readings.extend(readings);
    write
        .unseen
        .extend(one.comparison.kept.iter().map(|part| part.version));
    write.seen_again.extend(&one.comparison.seen_again);
    write
        .ended_versions
        .extend(one.comparison.changed.iter().map(|(_, part)| part.version));
    write
        .ended_versions
        .extend(one.comparison.removed.iter().map(|part| part.version));
    write.relations.extend(&one.relations.added);
    write
        .ended_relations
        .extend(one.relations.removed.iter().map(|relation| relation.row));
}
