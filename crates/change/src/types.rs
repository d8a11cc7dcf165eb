//! What a change is.

use plimsoll_model::{AssetId, Text, Value};
use serde::{Deserialize, Serialize};

/// What differs between two snapshots for one asset.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// The asset.
    pub asset: AssetId,
    /// Its kind and name, so that a change reads without the inventory.
    pub asset_kind: Text,
    /// What people call it.
    pub asset_name: Text,
    /// Added, removed or modified.
    pub kind: ChangeKind,
    /// What went from one value to another; empty for an asset that was added or removed.
    pub paths: Vec<PathChange>,
}

/// Added, removed or modified.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ChangeKind {
    /// Seen for the first time.
    Added,
    /// Its scope was read completely and it was not there.
    Removed,
    /// A property went from one value to another.
    Modified,
}

impl ChangeKind {
    /// The word used in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            ChangeKind::Added => "added",
            ChangeKind::Removed => "removed",
            ChangeKind::Modified => "modified",
        }
    }
}

/// One property that went from one value to another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PathChange {
    /// Where: `ports[0.0.0.0:443/tcp].process`, `labels[plimsoll.role]`, `relations.uses[network:web-1/shop]`.
    pub path: Text,
    /// Before; none where it was not there.
    pub from: Option<Value>,
    /// After; none where it is no more.
    pub to: Option<Value>,
}
