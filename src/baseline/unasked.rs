//! Drifts of which nothing is asked any more: that is not the same as mended.

use plimsoll_model::AssetId;

use super::index::Index;
use super::judge::applies;
use super::load::Baselines;
use super::types::{Drift, DriftState, Judgement};
use crate::inventory::Snapshot;

/// Tells among the drifts that [`follow`](super::follow) calls resolved those that nobody asks about any more: their system is still there and
/// has no role now, or its role does not have the expectation or not for such a system; or it ended because its source was
/// `retired`.
pub fn tell_unasked(
    drifts: &mut [Drift],
    baselines: &Baselines,
    judgement: &Judgement,
    snapshot: &Snapshot,
    retired: &dyn Fn(&AssetId) -> bool,
) {
    let resolved = drifts
        .iter_mut()
        .filter(|drift| drift.state == DriftState::Resolved);
    for drift in resolved {
        let asked = match snapshot.find(drift.asset.as_str()) {
            Some(at) => is_asked(drift, at, baselines, judgement, snapshot),
            None => !retired(&drift.asset),
        };
        if !asked {
            drift.state = DriftState::Unasked;
        }
    }
}

/// Whether what a drift is about is still asked of the asset at a place.
pub(crate) fn is_asked(
    drift: &Drift,
    at: u32,
    baselines: &Baselines,
    judgement: &Judgement,
    snapshot: &Snapshot,
) -> bool {
    let Ok(place) = judgement
        .systems
        .binary_search_by_key(&at, |system| system.at)
    else {
        return false;
    };
    let system = judgement.systems.get(place);
    let role = system.and_then(|system| baselines.role(&system.role));
    let (Some(system), Some(role)) = (system, role) else {
        return false;
    };
    let asset = snapshot.asset(at);
    let index = Index::new(asset);
    role.expectations.iter().any(|one| {
        one.id == drift.expectation
            && one.control == drift.control
            && one.off.is_none()
            && applies(one, asset, system.environment.as_deref(), &index).is_none()
    })
}
