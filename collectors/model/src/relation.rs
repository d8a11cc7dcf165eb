//! A directed edge between assets.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{AssetId, Text};

/// What a relation says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RelationKind {
    /// A workload on the machine, engine or cluster that runs it.
    RunsOn,
    /// A whole and its part: a host and its file system.
    Contains,
    /// A system and the endpoint that it offers.
    Exposes,
    /// An endpoint, balancer or proxy and where it sends traffic.
    RoutesTo,
    /// Data and what holds it: a container and its volume, a file system and its block device.
    StoresOn,
    /// A system and what it depends on.
    Uses,
    /// A running thing and the image or artefact it came from.
    BuiltFrom,
    /// A system and the network, group or project that it is in.
    MemberOf,
}

impl RelationKind {
    /// Every kind there is.
    pub const ALL: [RelationKind; 8] = [
        RelationKind::RunsOn,
        RelationKind::Contains,
        RelationKind::Exposes,
        RelationKind::RoutesTo,
        RelationKind::StoresOn,
        RelationKind::Uses,
        RelationKind::BuiltFrom,
        RelationKind::MemberOf,
    ];

    /// The word used in findings, exports and reports.
    pub fn as_str(self) -> &'static str {
        match self {
            RelationKind::RunsOn => "runs-on",
            RelationKind::Contains => "contains",
            RelationKind::Exposes => "exposes",
            RelationKind::RoutesTo => "routes-to",
            RelationKind::StoresOn => "stores-on",
            RelationKind::Uses => "uses",
            RelationKind::BuiltFrom => "built-from",
            RelationKind::MemberOf => "member-of",
        }
    }

    /// The kind that a word names.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }
}

impl fmt::Display for RelationKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A directed edge between two assets, as one source sees it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Relation {
    /// Where it starts.
    pub from: AssetId,
    /// What it says.
    pub kind: RelationKind,
    /// Where it ends; the asset may come from another source.
    pub to: AssetId,
    /// The scope of its source in which it was read.
    #[serde(default, skip_serializing_if = "Text::is_empty")]
    pub scope: Text,
}
