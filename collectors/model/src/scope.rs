//! How completely a slice of a source was read.

use serde::{Deserialize, Serialize};

use crate::{AssetId, Text};

/// One scope as one harvest read it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScopeRead {
    /// The scope's name, unique in its source and stable over scans.
    pub scope: Text,
    /// Whether it was read completely. Only then may what is missing be called removed.
    pub complete: bool,
    /// What went wrong, in the order it was met.
    #[serde(default)]
    pub troubles: Vec<Trouble>,
}

/// Something that went wrong while reading, or that was read and makes no sense.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trouble {
    /// What happened, where, and what to do next. Holds no secret.
    pub what: Text,
    /// The asset it is about, where it is about one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asset: Option<AssetId>,
}
