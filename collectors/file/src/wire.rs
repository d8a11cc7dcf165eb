//! The shapes of findings, version 1: a header, then one object a line.

use plimsoll_model::{Action, Alias, AssetId, ChangeRequest, Facts, Labels, Relation, Text};
use serde::Deserialize;

/// The word before the version in a header.
pub(crate) const FORMAT: &str = "findings/v";
/// The version that is read here.
pub(crate) const VERSION: u64 = 1;

/// The first line.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Header {
    /// `findings/v1`.
    #[serde(rename = "plimsoll")]
    pub(crate) _format: Text,
    /// The scope of lines that name none.
    #[serde(default)]
    pub(crate) scope: Text,
}

/// As much of a first line as tells the version, whatever else a later version puts there.
#[derive(Deserialize)]
pub(crate) struct AnyHeader {
    pub(crate) plimsoll: Text,
}

/// One line after the header. Tagged from outside, which serde reads without a buffer in between.
#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Line {
    Asset(AssetLine),
    Relation(Relation),
    Scope(ScopeLine),
    Trouble(TroubleLine),
    Action(Action),
    /// In a box: with its history it is much larger than the others.
    Request(Box<ChangeRequest>),
}

/// [`Asset`](plimsoll_model::Asset) with plain secrets, which never get into one.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AssetLine {
    pub(crate) id: AssetId,
    pub(crate) kind: Text,
    pub(crate) name: Text,
    #[serde(default)]
    pub(crate) scope: Text,
    #[serde(default)]
    pub(crate) aliases: Vec<Alias>,
    #[serde(default)]
    pub(crate) labels: Labels,
    #[serde(default)]
    pub(crate) facts: Facts,
    #[serde(default)]
    pub(crate) readings: Facts,
    #[serde(default)]
    pub(crate) partial: Option<Text>,
    #[serde(default)]
    pub(crate) secrets: Labels,
}

/// Says how completely a scope was read.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ScopeLine {
    #[serde(default)]
    pub(crate) name: Text,
    pub(crate) complete: bool,
}

/// What the writer of the findings could not read.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TroubleLine {
    #[serde(default)]
    pub(crate) scope: Text,
    pub(crate) what: Text,
    #[serde(default)]
    pub(crate) asset: Option<AssetId>,
}

/// As much of a line that does not fit as tells the scope it was meant for.
#[derive(Deserialize)]
pub(crate) struct AnyLine {
    asset: Option<Scoped>,
    relation: Option<Scoped>,
    trouble: Option<Scoped>,
    action: Option<Scoped>,
    request: Option<Scoped>,
}

#[derive(Deserialize)]
struct Scoped {
    scope: Option<Text>,
}

impl AnyLine {
    /// The scope that the line names, if it does.
    pub(crate) fn scope(self) -> Option<Text> {
        let all = [
            self.asset,
            self.relation,
            self.trouble,
            self.action,
            self.request,
        ];
        let mut named = all.into_iter().flatten().filter_map(|it| it.scope);
        named.next().filter(|_| named.next().is_none())
    }
}
