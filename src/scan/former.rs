//! What an earlier edition of a collector knew by a handle goes on under the id that it has now.

use std::collections::HashSet;

use plimsoll_model::{Asset, AssetId};

use super::gather::Gathered;
use crate::store::{Commit, StoreError};

/// The fact by which a platform's own records name an asset: what it says never changes.
const PLATFORM_ID: &str = "platform.id";

/// Gives what is known under an id of names, or a scope of such a name, the one that it has now. Gives the ids of the assets that
/// go on under another one.
///
/// A name may have passed to another asset meanwhile: one goes on only where both have what the platform never changes in common. Where
/// the earlier edition kept nothing of the kind, the name is all there is, and it has to have been there at the last look.
pub(super) fn rename_former(
    commit: &Commit<'_>,
    gathered: &[Gathered],
) -> Result<HashSet<AssetId>, StoreError> {
    let mut renamed = HashSet::new();
    for one in gathered {
        for (from, to) in &one.harvest.former_scopes {
            commit.rename_scope(&one.source, from, to)?;
        }
        for asset in &one.harvest.assets {
            let mut called = asset.ids().skip(1).peekable();
            if called.peek().is_none() || commit.was_seen(&asset.id)? {
                continue;
            }
            for former in called.filter_map(|id| AssetId::new(id).ok()) {
                let before = commit.last_seen(&one.source, &former)?;
                let same = match before {
                    Some(before) if has_only_a_name(&before) => {
                        commit.stands(&one.source, &former)?
                    }
                    Some(before) => is_same(&before, asset),
                    None => false,
                };
                if same {
                    commit.rename_asset(&former, &asset.id)?;
                    renamed.insert(asset.id.clone());
                    break;
                }
            }
        }
    }
    Ok(renamed)
}

/// Whether nothing but its name tells it from others.
fn has_only_a_name(asset: &Asset) -> bool {
    asset.aliases.is_empty() && asset.facts.get(PLATFORM_ID).is_none()
}

/// Whether two looks are proven to be at one thing.
fn is_same(before: &Asset, now: &Asset) -> bool {
    let id = |asset: &Asset| {
        asset
            .facts
            .get(PLATFORM_ID)
            .and_then(|claim| claim.last_value().cloned())
    };
    match (id(before), id(now)) {
        (Some(before), Some(now)) => before == now,
        _ => before
            .aliases
            .iter()
            .any(|alias| now.aliases.contains(alias)),
    }
}
