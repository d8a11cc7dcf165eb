//! The snapshot of a scan: what it gathered, and what is last known of the rest.

use std::collections::{HashMap, HashSet};

use plimsoll_model::{AssetId, RelationKind, Text, Trouble};

use super::scopes::Scopes;
use super::weigh::Weighed;
use crate::inventory::{self, Assembled, Coverage, KnownPart, Odd, Oddity, Part, Snapshot};
use crate::store::{Commit, KnownRelation, Numbers, StoreError};

/// Why nothing is known of an asset of a source that is read no more.
const UNCONFIGURED: &str = "its source is no longer in the configuration (`plimsoll sources retire` ends what it had seen)";

/// What there is to look up while a snapshot is made.
pub(super) struct Book<'a> {
    pub(super) scan: i64,
    pub(super) numbers: &'a Numbers,
    pub(super) scopes: &'a Scopes,
    pub(super) configured: Option<&'a [Text]>,
}

/// What stays of sources that this scan did not read.
pub(super) struct LastKnown {
    pub(super) parts: Vec<KnownPart>,
    pub(super) relations: Vec<KnownRelation>,
}

/// Assembles what was gathered and the last known of the rest; with the ids that live on under another one.
pub(super) fn snapshot(
    commit: &Commit<'_>,
    weighed: Vec<Weighed>,
    last_known: LastKnown,
    book: &Book<'_>,
    coverage: Vec<Coverage>,
) -> Result<(Snapshot, HashMap<AssetId, AssetId>), StoreError> {
    let Book {
        scan,
        numbers,
        scopes,
        configured,
    } = *book;
    let sources = scopes.sources();
    let source_of = scopes.source_of();
    let last_scans = scopes.last_scan();
    let place = |source: Option<&Text>| {
        source
            .and_then(|source| sources.binary_search(source).ok())
            .unwrap_or_default()
    };
    let mut kept: Vec<KnownPart> = last_known.parts;
    let other_scopes: HashSet<i64> = kept.iter().map(|part| part.scope).collect();
    let mut readings = commit.readings(other_scopes)?;
    let mut unseen: HashSet<i64> = HashSet::new();
    let mut kept_relations = last_known.relations;
    let mut parts: Vec<Part> = Vec::new();
    let mut relations = Vec::new();
    for one in weighed {
        let source = place(Some(&one.gathered.source));
        kept.extend(&one.comparison.kept);
        unseen.extend(one.comparison.kept.iter().map(|part| part.version));
        kept_relations.extend(&one.relations.kept);
        let assets = one.gathered.harvest.assets.into_iter().zip(one.numbers);
        let more = assets.map(|(asset, number)| Part {
            asset,
            source,
            first_scan: number,
            last_scan: scan,
        });
        if parts.is_empty() {
            parts = more.collect();
        } else {
            parts.extend(more);
        }
        relations.push((one.gathered.source, one.gathered.harvest.relations));
    }
    let bodies = commit.bodies(kept.iter().map(|part| part.version))?;
    for (part, mut asset) in kept.iter().zip(bodies) {
        let name = source_of.get(&part.scope);
        let source = place(name);
        let unseen_now = unseen.contains(&part.version);
        let gone = configured.is_some_and(|all| name.is_none_or(|name| !all.contains(name)));
        // Its source looked for it and did not see it, or is read no more: it stays, and nothing is known of it now.
        if unseen_now || part.unseen || gone {
            let reason = if gone {
                UNCONFIGURED
            } else {
                inventory::UNSEEN
            };
            inventory::lose_sight(&mut asset, reason);
        } else {
            asset.readings = readings.remove(&part.asset).unwrap_or_default();
        }
        let last_scan = if unseen_now {
            Some(&scan)
        } else {
            last_scans.get(&part.scope)
        };
        parts.push(Part {
            asset,
            source,
            first_scan: part.asset,
            last_scan: last_scan.copied().unwrap_or_default(),
        });
    }
    let ends = kept_relations.iter().flat_map(|edge| [edge.from, edge.to]);
    let by_number = if kept_relations.is_empty() {
        HashMap::new()
    } else {
        numbers.ids_of(ends)
    };
    let mut edges: Vec<(&AssetId, RelationKind, &AssetId)> = Vec::new();
    for (_, relations) in &relations {
        edges.extend(
            relations
                .iter()
                .map(|edge| (&edge.from, edge.kind, &edge.to)),
        );
    }
    let fresh = edges.len();
    for edge in &kept_relations {
        if let (Some(from), Some(to)) = (by_number.get(&edge.from), by_number.get(&edge.to)) {
            edges.push((from, edge.kind, to));
        }
    }
    let assembled = inventory::assemble(parts, &sources, edges.into_iter(), Vec::new());
    let coverage = remark(coverage, &assembled, &relations, fresh);
    Ok((assembled.snapshot.with_coverage(coverage), assembled.moved))
}

/// Says in the coverage what was odd: relations that lead nowhere, ids that mean two things.
fn remark(
    mut coverage: Vec<Coverage>,
    assembled: &Assembled,
    relations: &[(Text, Vec<plimsoll_model::Relation>)],
    fresh: usize,
) -> Vec<Coverage> {
    const SHOWN: usize = 5;
    let mut dangling: HashMap<(&Text, &Text), Vec<String>> = HashMap::new();
    let mut starts = relations
        .iter()
        .map(|(source, relations)| (source, relations.as_slice()));
    let (mut current, mut offset) = (starts.next(), 0);
    for &at in assembled.dangling.iter().take_while(|at| **at < fresh) {
        while let Some((_, list)) = current.filter(|(_, list)| at >= offset + list.len()) {
            offset += list.len();
            current = starts.next();
        }
        let Some((source, list)) = current else { break };
        let relation = &list[at - offset];
        let text = format!("{} {} {}", relation.from, relation.kind, relation.to);
        dangling
            .entry((source, &relation.scope))
            .or_default()
            .push(text);
    }
    for row in &mut coverage {
        let mut note = |what: String| {
            row.troubles.push(Trouble {
                what: what.into(),
                asset: None,
            });
        };
        if let Some(list) = dangling.get(&(&row.source, &row.scope)) {
            let shown = list
                .iter()
                .take(SHOWN)
                .cloned()
                .collect::<Vec<_>>()
                .join("; ");
            let more = match list.len().saturating_sub(SHOWN) {
                0 => String::new(),
                more => format!("; and {more} more"),
            };
            note(format!(
                "relations to assets that no source knows are left out: {shown}{more}"
            ));
        }
        let here = |odd: &&Oddity| odd.source == row.source && odd.scope == row.scope;
        let mut told = 0;
        for odd in assembled.oddities.iter().filter(here) {
            match &odd.what {
                Odd::Conflict { id, other } => note(format!(
                    "{id} is another thing in another source: here it goes by {other}"
                )),
                Odd::RefusedMerge(ids) => {
                    let ids = ids.iter().map(AssetId::as_str).take(SHOWN);
                    note(format!(
                        "aliases of other assets would make one of {}: they are kept apart; give an alias only where it is proven",
                        ids.collect::<Vec<_>>().join(" and ")
                    ));
                }
                Odd::Dispute { .. } if told == SHOWN => {
                    note("sources disagree about more than is told here".to_owned());
                    told += 1;
                }
                Odd::Dispute { .. } if told > SHOWN => {}
                Odd::Dispute { id, about } => {
                    told += 1;
                    note(format!("{id}: {about}"));
                }
            }
        }
    }
    coverage
}
