//! The accesses to production that this scan met.

use std::collections::HashMap;
use std::time::Duration;

use jiff::Timestamp;
use plimsoll_model::{AssetId, Claim, RelationKind, Text, Value, fact};

use super::records::{ActionRecord, Records};
use crate::baseline::Judgement;
use crate::change::{LEVELS, Nature, brief, nature, showable};
use crate::inventory::Snapshot;
use crate::report::AccessRow;

/// How old an access may be to be reported where its scope had not been read before. One that a platform tells late
/// is reported whatever its age, since the last complete read of its scope.
pub(super) const WINDOW: Duration = Duration::from_secs(7 * 86_400);
/// The environment whose accesses are reported; those of an environment that nobody knows are as well.
const PRODUCTION: &str = "production";
/// The words that a platform's environment is known by.
const ENVIRONMENTS: [&str; 3] = [PRODUCTION, "staging", "development"];

/// Where the accesses happened.
pub(super) struct Where<'a> {
    /// The inventory as of this scan.
    pub(super) snapshot: &'a Snapshot,
    /// How it was judged.
    pub(super) judgement: &'a Judgement,
    /// Ids that live on under another one.
    pub(super) moved: &'a HashMap<AssetId, AssetId>,
    /// When each scope was last read completely, before this scan.
    pub(super) last_complete: &'a HashMap<i64, Timestamp>,
}

/// The accesses that are met for the first time, the newest first. What is not known to be another environment counts as
/// production.
pub(super) fn accesses(records: &Records, at: &Where<'_>, now: Timestamp) -> Vec<AccessRow> {
    let mut environments = None;
    let mut rows: Vec<AccessRow> = records
        .first_met()
        .filter_map(|record| {
            let Nature::Access(opens) = nature(&record.action.what) else {
                return None;
            };
            let window = now.checked_sub(WINDOW).unwrap_or(Timestamp::MIN);
            let since = at
                .last_complete
                .get(&record.scope)
                .map_or(window, |last| window.min(*last));
            if record.action.at < since {
                return None;
            }
            let environments = environments.get_or_insert_with(|| systems(at.judgement));
            let row = row(record, opens, at, environments);
            row.environment
                .as_ref()
                .is_none_or(|word| *word == PRODUCTION)
                .then_some(row)
        })
        .collect();
    rows.sort_by(|a, b| {
        let key = |row: &AccessRow| {
            (
                std::cmp::Reverse(row.at),
                row.asset.clone(),
                row.action.clone(),
            )
        };
        key(a).cmp(&key(b))
    });
    rows
}

fn systems(judgement: &Judgement) -> HashMap<u32, Option<Text>> {
    let systems = judgement.systems.iter();
    systems
        .map(|system| (system.at, system.environment.clone()))
        .collect()
}

fn row(
    record: &ActionRecord,
    opens: &'static str,
    at: &Where<'_>,
    environments: &HashMap<u32, Option<Text>>,
) -> AccessRow {
    let action = &record.action;
    let id = at.moved.get(&action.asset).unwrap_or(&action.asset);
    let place = at.snapshot.find(id.as_str());
    let (kind, name) = match place.map(|place| at.snapshot.asset(place)) {
        Some(asset) => (asset.kind.clone(), asset.name.clone()),
        None => {
            let (kind, name) = id.as_str().split_once(':').unwrap_or(("", id.as_str()));
            (kind.into(), name.into())
        }
    };
    AccessRow {
        source: record.source.clone(),
        action: action.id.clone(),
        asset: id.clone(),
        kind,
        name,
        environment: place.and_then(|place| environment(at.snapshot, environments, place)),
        what: brief(&action.what),
        opens: opens.into(),
        at: action.at,
        actor: action.actor.as_ref().map(|actor| brief(&actor.account)),
        actor_name: action
            .actor
            .as_ref()
            .and_then(|actor| actor.name.as_deref().map(brief)),
        details: showable(&action.details),
    }
}

/// The environment of an asset, or of the nearest that contains it and has one.
fn environment(
    snapshot: &Snapshot,
    environments: &HashMap<u32, Option<Text>>,
    place: u32,
) -> Option<Text> {
    let mut level = vec![place];
    for _ in 0..=LEVELS {
        let known = level.iter().find_map(|place| {
            let judged = environments.get(place).cloned().flatten();
            judged.or_else(|| {
                let claim = snapshot.asset(*place).get(fact::ENVIRONMENT);
                let word = claim.and_then(Claim::last_value).and_then(Value::as_str);
                let word = Text::from(word?.to_lowercase());
                // A word of another meaning, or of none that we know, says nothing: then it may be production.
                ENVIRONMENTS.contains(&word.as_str()).then_some(word)
            })
        });
        if known.is_some() {
            return known;
        }
        let wholes = level
            .iter()
            .flat_map(|place| snapshot.against(*place, RelationKind::Contains));
        level = wholes.map(|(place, _)| place).collect();
    }
    None
}
