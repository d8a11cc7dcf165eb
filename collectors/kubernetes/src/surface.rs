//! What the server knows: its version, and which of the kinds that not every server has.

use std::collections::{BTreeMap, BTreeSet};

use plimsoll_model::Text;

use crate::client::{Api, ApiError};
use crate::kinds::{self, Kind};
use crate::wire::{self, Groups, Resources, Version, WireError};

/// Why the server did not say what it knows.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NoSurface {
    #[error("{0}")]
    Api(#[from] ApiError),
    #[error("{0}")]
    Wire(#[from] WireError),
}

/// The kinds that this server has, of those that not every server has.
#[derive(Clone, Debug, Default)]
pub(crate) struct Surface {
    groups: BTreeMap<Text, BTreeSet<Text>>,
    gateway: BTreeMap<Text, &'static str>,
}

/// A kind, and whether the server has it.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Asked {
    /// It has, in this version.
    There(Kind),
    /// It has not.
    Absent(Kind),
    /// It did not say.
    NotSaid(Kind),
}

impl Asked {
    /// What a server says of a kind; none is one that did not say what it knows.
    pub(crate) fn of(surface: Option<&Surface>, kind: Kind) -> Self {
        match surface {
            Some(surface) => surface.find(kind).map_or(Self::Absent(kind), Self::There),
            // The core's group is always there.
            None if kind.optional && !kind.group.is_empty() => Self::NotSaid(kind),
            None => Self::There(kind),
        }
    }
}

/// Reads the server's version.
pub(crate) async fn version(api: &Api) -> Result<Version, NoSurface> {
    let bytes = api.bytes("/version").await?;
    Ok(wire::one(&bytes)?)
}

impl Surface {
    /// Asks the server.
    pub(crate) async fn read(api: &Api) -> Result<Self, NoSurface> {
        let bytes = api.bytes("/apis").await?;
        let groups: Groups = wire::one(&bytes)?;
        let mut surface = Self {
            groups: groups.by_name(),
            gateway: BTreeMap::new(),
        };
        for version in kinds::GATEWAY_VERSIONS {
            if !surface.has(kinds::GATEWAY_GROUP, version) {
                continue;
            }
            let path = format!("/apis/{}/{version}", kinds::GATEWAY_GROUP);
            let resources: Resources = match api.bytes(&path).await {
                Ok(bytes) => wire::one(&bytes)?,
                Err(error) if error.is_absent() => continue,
                Err(error) => return Err(error.into()),
            };
            for resource in resources.names() {
                surface.gateway.entry(resource).or_insert(version);
            }
        }
        Ok(surface)
    }

    fn has(&self, group: &str, version: &str) -> bool {
        let versions = self.groups.get(group);
        versions.is_some_and(|versions| versions.contains(version))
    }

    /// A kind in the version in which this server has it; none where it has none.
    pub(crate) fn find(&self, kind: Kind) -> Option<Kind> {
        if !kind.optional || kind.group.is_empty() {
            return Some(kind);
        }
        if kind.group == kinds::GATEWAY_GROUP {
            let version = self.gateway.get(kind.plural)?;
            return Some(kind.at(version));
        }
        self.has(kind.group, kind.version).then_some(kind)
    }
}
