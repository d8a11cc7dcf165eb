//! Listeners of hosts that come and go by themselves, before anything is compared.

use std::collections::{BTreeSet, HashMap};

use plimsoll_model::{AssetId, Text};

use super::gather::Gathered;
use super::weigh::Seen;
use crate::change::ChangeKind;
use crate::inventory::{
    Earlier, Fingerprint, KnownPart, fingerprints, has_unheld, settle_listeners,
};
use crate::store::{Commit, Numbers, StoreError};

/// The listeners that went before they had been seen often enough to be missed, by their hosts.
pub(super) type Unmissed = HashMap<AssetId, BTreeSet<Text>>;

/// Settles which listeners of what one source gave are facts. `known` are the parts that were known of it, by the numbers of
/// assets.
///
/// # Errors
/// When the store cannot be read.
pub(super) fn settle(
    commit: &Commit<'_>,
    one: &mut Gathered,
    prints: &mut [Fingerprint],
    numbers: &Numbers,
    known: Option<&HashMap<i64, KnownPart>>,
) -> Result<Unmissed, StoreError> {
    let mut unmissed = Unmissed::new();
    for (asset, print) in one.harvest.assets.iter_mut().zip(prints) {
        if !has_unheld(asset) {
            continue;
        }
        let part = numbers
            .get(&asset.id)
            .and_then(|number| known?.get(&number));
        let mut earlier = Earlier::default();
        if let Some(part) = part {
            let mut readings = commit.readings([part.scope])?;
            earlier.readings = readings.remove(&part.asset).unwrap_or_default();
            if earlier.is_news(asset) {
                earlier.asset = commit.bodies([part.version])?.pop();
            }
        }
        let gone = settle_listeners(asset, &earlier);
        if !gone.is_empty() {
            unmissed.insert(asset.id.clone(), gone);
        }
        if let Some(settled) = fingerprints(std::slice::from_ref(asset)).pop() {
            *print = settled;
        }
    }
    Ok(unmissed)
}

/// Leaves out of the changes the listeners that nobody misses, and what is then no change.
pub(super) fn leave_out(seen: &mut Vec<Seen>, unmissed: &Unmissed) {
    if unmissed.is_empty() {
        return;
    }
    for one in seen.iter_mut() {
        if let Some(keys) = unmissed.get(&one.change.asset) {
            one.change.paths.retain(|path| {
                let row = path.path.strip_prefix("ports[");
                let key = row.and_then(|row| row.strip_suffix(']'));
                path.to.is_some() || !key.is_some_and(|key| keys.contains(key))
            });
        }
    }
    seen.retain(|one| one.change.kind != ChangeKind::Modified || !one.change.paths.is_empty());
}
