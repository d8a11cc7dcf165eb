//! What an asset ran before, and what its staging twin has had: the history that a verdict needs.

use std::collections::HashSet;

use plimsoll_model::{AssetId, Text, Value, fact};

use super::{Courts, New};
use crate::approval::{EarlierRun, TwinValue, Verdict, commit, digest};
use crate::change::{Change, path_is_of};
use crate::store::{Commit, PastChange, StoreError};

/// The facts that say what an asset runs.
const ARTEFACTS: [&str; 5] = [
    fact::IMAGE_DIGESTS,
    fact::IMAGE,
    fact::IMAGES,
    fact::IMAGE_ID,
    fact::SOURCE_COMMIT,
];
/// How many changes of one asset are looked back through, the newest.
const MOST: u32 = 200;

/// The artefacts that an asset ran before a change, and that were replaced before it.
pub(super) fn earlier_runs(
    store: &Commit<'_>,
    asset: &AssetId,
    one: &New<'_>,
) -> Result<Vec<EarlierRun>, StoreError> {
    let new = artefacts_of(one.change, |path| path.to.as_ref());
    if new.is_empty() {
        return Ok(Vec::new());
    }
    let mut past = store.changes_of(asset, MOST)?;
    past.retain(|past| past.id < one.id);
    past.sort_by_key(|past| past.id);
    let mut runs = Vec::new();
    for (place, past_change) in past.iter().enumerate() {
        let left = artefacts_of(&past_change.change, |path| path.from.as_ref());
        for artefact in left.intersection(&new) {
            let brought = past.get(..place).unwrap_or_default().iter().rev();
            let mut brought = brought.filter(|before| {
                artefacts_of(&before.change, |path| path.to.as_ref()).contains(artefact)
            });
            let approved = match brought.next() {
                Some(by) => store
                    .ruling_of(by.id)?
                    .is_some_and(|ruling| ruling.judged.verdict() == Verdict::Approved),
                None => false,
            };
            runs.push(EarlierRun {
                artefact: artefact.clone(),
                until: past_change.before,
                approved,
            });
        }
    }
    runs.reverse();
    Ok(runs)
}

fn artefacts_of<'c>(
    change: &'c Change,
    value: impl Fn(&'c crate::change::PathChange) -> Option<&'c Value>,
) -> HashSet<Text> {
    let mut found = Vec::new();
    for path in &change.paths {
        let own = ARTEFACTS.iter().any(|fact| path_is_of(&path.path, fact));
        if let (true, Some(value)) = (own, value(path)) {
            collect(value, &mut found);
        }
    }
    found.into_iter().collect()
}

/// The digests and commits in a value.
pub(super) fn collect(value: &Value, found: &mut Vec<Text>) {
    match value {
        Value::Text(text) => found.extend(digest(text).or_else(|| commit(text))),
        Value::List(items) => items.iter().for_each(|item| collect(item, found)),
        Value::Table(table) => table.iter().for_each(|(_, part)| collect(part, found)),
        _ => {}
    }
}

/// Since when the staging twin of an asset has had the values to which a change led.
pub(super) fn twin_values(
    store: &Commit<'_>,
    courts: &Courts<'_>,
    twin: &AssetId,
    change: &Change,
) -> Result<Vec<TwinValue>, StoreError> {
    let Some(at) = courts.snapshot.find(twin.as_str()) else {
        return Ok(Vec::new());
    };
    let asset = courts.snapshot.asset(at);
    let past: Vec<PastChange> = store.changes_of(twin, MOST)?;
    let Some(first) = store.first_seen(twin)? else {
        return Ok(Vec::new());
    };
    let mut values = Vec::new();
    for path in &change.paths {
        let mut touching = past
            .iter()
            .filter(|past| past.change.paths.iter().any(|one| one.path == path.path));
        // Of a value that nobody was seen to alter, the twin has had it since it was met.
        let since = touching.next().map_or(first, |past| past.before);
        let fact = asset
            .facts
            .iter()
            .find(|(name, _)| path_is_of(&path.path, name));
        let current =
            fact.and_then(|(name, claim)| value_at(claim.value()?, path.path.strip_prefix(name)?));
        values.push(TwinValue {
            path: path.path.clone(),
            value: current,
            from: since,
        });
    }
    Ok(values)
}

/// The value at the rest of a path: `` for the whole, `[443/tcp].process` and `.A` for what is inside of tables.
fn value_at(value: &Value, rest: &str) -> Option<Value> {
    if rest.is_empty() {
        return Some(value.clone());
    }
    let table = value.as_table()?;
    let (key, rest) = match rest.strip_prefix('[') {
        Some(inner) => inner.split_once(']')?,
        None => {
            let inner = rest.strip_prefix('.')?;
            match inner.find(['.', '[']) {
                Some(end) => inner.split_at(end),
                None => (inner, ""),
            }
        }
    };
    value_at(table.get(key)?, rest)
}
