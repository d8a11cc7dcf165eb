//! A harvest against what the store knows of its source: what is new, what differs, what is gone.

use std::collections::HashMap;

use plimsoll_kit::Harvest;
use plimsoll_model::{Asset, Claim};

use super::Fingerprint;

/// What the store knows of one asset as one source saw it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KnownPart {
    /// The store's number of the version.
    pub version: i64,
    /// The store's number of the asset's id.
    pub asset: i64,
    /// The store's number of the scope in which it was seen.
    pub scope: i64,
    /// The fingerprint of what was seen.
    pub fingerprint: Fingerprint,
    /// Whether a later scan of its source looked for it and could not see it.
    pub unseen: bool,
}

/// How the parts of one source compare. Every asset of the harvest and every known part is counted as unchanged, or
/// is in exactly one of the other lists.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Comparison {
    /// How many are as they were.
    pub unchanged: usize,
    /// Of those, places in the harvest of what cannot be seen wholly, with what was known.
    pub dim: Vec<(usize, KnownPart)>,
    /// Of those, the versions that had been out of sight.
    pub seen_again: Vec<i64>,
    /// Places in the harvest of what differs, with what was known.
    pub changed: Vec<(usize, KnownPart)>,
    /// Places in the harvest of what was not known.
    pub added: Vec<usize>,
    /// What is gone: its scope was read completely and it was not there.
    pub removed: Vec<KnownPart>,
    /// What was not seen, in a scope that was not read completely: the last known stays.
    pub kept: Vec<KnownPart>,
}

/// Compares a harvest with the known parts of its source.
///
/// `numbers` are the store's numbers of the harvest's asset ids, none where it has not met one before;
/// `known` the parts by asset; `complete` says whether a scope, by the store's number, was read completely.
pub fn compare(
    harvest: &Harvest,
    fingerprints: &[Fingerprint],
    numbers: &[Option<i64>],
    mut known: HashMap<i64, KnownPart>,
    complete: impl Fn(i64) -> bool,
) -> Comparison {
    let mut comparison = Comparison::default();
    for at in 0..harvest.assets.len() {
        match numbers[at].and_then(|number| known.remove(&number)) {
            Some(part) if part.fingerprint == fingerprints[at] => {
                comparison.unchanged += 1;
                if part.unseen {
                    comparison.seen_again.push(part.version);
                }
                if is_dim(&harvest.assets[at]) {
                    comparison.dim.push((at, part));
                }
            }
            Some(part) => comparison.changed.push((at, part)),
            None => comparison.added.push(at),
        }
    }
    for part in known.into_values() {
        let list = if complete(part.scope) {
            &mut comparison.removed
        } else {
            &mut comparison.kept
        };
        list.push(part);
    }
    comparison.removed.sort_unstable_by_key(|part| part.version);
    comparison.kept.sort_unstable_by_key(|part| part.version);
    comparison
}

/// Whether something about an asset could not be seen, so that what was last known of it still counts.
fn is_dim(asset: &Asset) -> bool {
    let unknown = |(_, claim): (&str, &Claim)| claim.value().is_none();
    asset.partial.is_some() || asset.facts.iter().any(unknown)
}

/// Carries over what was known and cannot be seen now: an unknown claim remembers the value before it, and a
/// partly read asset keeps its missing facts as unknown ones. So a change that is made in the dark shows when
/// sight comes back, and lost sight is no change.
pub fn carry(before: &Asset, now: &mut Asset) {
    for (name, claim) in now.facts.iter_mut() {
        if claim.value().is_none() {
            let last = before.facts.get(name).and_then(Claim::last_value);
            *claim = claim.clone().remembering(last);
        }
    }
    let Some(reason) = now.partial.clone() else {
        return;
    };
    for (name, claim) in before.facts.iter() {
        if !now.facts.contains(name) {
            let lost = Claim::unknown(reason.as_str()).remembering(claim.last_value());
            now.facts.insert(name, lost);
        }
    }
    for (name, value) in before.labels.iter() {
        if !now.labels.contains(name) {
            now.labels.insert(name, value.clone());
        }
    }
}

/// Why nothing is known of an asset that was not seen and may still be there.
pub const UNSEEN: &str =
    "the last scan of its source did not see it, and its scope was not read completely";

/// Makes of an asset that a scan tried to see and did not what is left of it: every fact is unknown, for the reason
/// given, and remembers its last value; its measurements are gone. What could not be read is never a pass.
pub fn lose_sight(asset: &mut Asset, reason: &str) {
    let reason: std::sync::Arc<str> = reason.into();
    for (_, claim) in asset.facts.iter_mut() {
        let last = claim.last_value().cloned();
        *claim = Claim::unknown(std::sync::Arc::clone(&reason)).remembering(last.as_ref());
    }
    asset.readings = plimsoll_model::Facts::new();
    asset.partial = Some(reason.as_ref().into());
}

#[cfg(test)]
mod tests {
    use super::*;
    use plimsoll_model::{AssetId, Value};

    fn asset(facts: &[(&str, Claim)]) -> Asset {
        let mut asset = Asset::new(AssetId::of("host", &["a"]), "host", "a");
        for (name, claim) in facts {
            asset.claim(name, claim.clone());
        }
        asset
    }

    fn part(number: i64, scope: i64) -> KnownPart {
        KnownPart {
            version: number,
            asset: number,
            scope,
            fingerprint: [0; 16],
            unseen: false,
        }
    }

    #[test]
    fn nothing_is_removed_from_a_scope_that_was_not_read_completely() {
        let known = HashMap::from([(1, part(1, 7)), (2, part(2, 8))]);
        let comparison = compare(&Harvest::default(), &[], &[], known, |scope| scope == 7);
        assert_eq!(comparison.removed, [part(1, 7)]);
        assert_eq!(comparison.kept, [part(2, 8)]);
    }

    #[test]
    fn a_lost_value_is_remembered_through_several_scans() {
        let one = asset(&[("a", Claim::reported(1)), ("b", Claim::reported(2))]);
        let mut two = asset(&[("a", Claim::unknown("host unreachable"))]);
        two.partial = Some("host unreachable".into());
        carry(&one, &mut two);
        let mut three = asset(&[("a", Claim::unknown("still unreachable"))]);
        three.partial = Some("still unreachable".into());
        carry(&two, &mut three);
        assert_eq!(
            three.facts.get("a").and_then(Claim::last_value),
            Some(&Value::Int(1))
        );
        assert_eq!(
            three.facts.get("b").and_then(Claim::last_value),
            Some(&Value::Int(2))
        );
        assert_eq!(three.value("b"), None);
    }

    #[test]
    fn what_is_out_of_sight_is_unknown_and_remembered() {
        let mut asset = asset(&[("a", Claim::reported(1))]);
        asset.reading("b", Claim::measured(2));
        lose_sight(&mut asset, "engine gone");
        assert_eq!((asset.value("a"), asset.value("b")), (None, None));
        assert_eq!(
            asset.facts.get("a").and_then(Claim::last_value),
            Some(&Value::Int(1))
        );
    }

    #[test]
    fn a_fact_that_a_whole_read_lacks_is_gone() {
        let mut now = asset(&[]);
        carry(&asset(&[("a", Claim::reported(1))]), &mut now);
        assert!(now.facts.is_empty());
    }
}
