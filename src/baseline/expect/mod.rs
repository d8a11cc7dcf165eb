//! What a baseline can expect: one file for each type.

mod alike;
mod at_rest;
mod backups;
mod cel;
mod certificates;
mod clock;
mod clock_set;
mod contained;
mod current;
mod differences;
mod environments;
mod host_paths;
mod in_transit;
mod known_role;
mod logs;
mod mirrors;
mod pinned;
mod port;
mod ports;
mod privilege;
mod root;
mod secret_names;
mod secrets;
pub(in crate::baseline) mod shape;
mod sides;
mod sum;
mod supported;
mod tagged;
mod time;

use jiff::Timestamp;
use plimsoll_model::{Asset, RelationKind, Value, kind};
use plimsoll_settings::Section;
pub(crate) use tagged::NO_ENVIRONMENT;

use super::choose::Chosen;
use super::estate::Estate;
use super::index::Index;
use super::outcome::Outcome;
use super::types::System;

/// Reads a type's parameters. Mistakes are noted on the section.
type Read = fn(&Section<'_>) -> Option<Box<dyn Check>>;

/// Every type that there is.
pub(crate) const TYPES: &[(&str, Read)] = &[
    ("backup-present", backups::read),
    ("cel", cel::read),
    ("certificates-valid", certificates::read),
    ("encrypted-at-rest", at_rest::read),
    ("encrypted-in-transit", in_transit::read),
    ("environment-tagged", tagged::read),
    ("environments-separated", environments::read),
    ("frontend-backend-separated", sides::read),
    ("image-current", current::read),
    ("image-pinned", pinned::read),
    ("instances-alike", alike::read),
    ("least-privilege", privilege::read),
    ("logs-shipped", logs::read),
    ("not-root", root::read),
    ("ports-allowed", ports::read),
    ("role-known", known_role::read),
    ("secrets-managed", secrets::read),
    ("sensitive-data-contained", contained::read),
    ("staging-mirrors-production", mirrors::read),
    ("time-restricted", clock_set::read),
    ("time-synchronised", clock::read),
    ("version-supported", supported::read),
];

/// One type with its parameters.
pub(crate) trait Check: std::fmt::Debug + Send + Sync {
    /// What it expects, for a person.
    fn expected(&self) -> String;

    /// The names of the facts that it looks at.
    fn facts(&self) -> Vec<&str>;

    /// How it comes out for a system. What is not known is unknown, whatever else is.
    fn judge<'a>(&'a self, case: &Case<'a>) -> Outcome<'a>;
}

/// One system to be judged.
pub(crate) struct Case<'a> {
    pub(crate) estate: &'a Estate<'a>,
    pub(crate) asset: &'a Asset,
    pub(crate) system: &'a System,
    pub(crate) chosen: &'a Chosen<'a>,
    pub(crate) now: Timestamp,
    /// The asset's claims.
    pub(crate) index: &'a Index<'a>,
}

impl<'a> Case<'a> {
    /// The system's host with its place, itself for a host.
    pub(crate) fn host(&self) -> Option<(u32, &'a Asset)> {
        let host = self.estate.host(self.system.at)?;
        Some((host, self.estate.snapshot.asset(host)))
    }

    /// The host that the system runs on, where that is judged itself. What is the host's alone is not asked of everything on
    /// it again.
    pub(crate) fn judged_host(&self) -> Option<&'a Asset> {
        let (at, host) = self.host()?;
        (at != self.system.at && self.estate.is_system(at)).then_some(host)
    }

    /// Whether a listener of the system, a host, is a published port of a container that is asked the same: expectations that look
    /// at the facts `of`.
    pub(crate) fn is_judged_on_container(&self, key: &str, listener: &Value, of: &[&str]) -> bool {
        if self.asset.kind != kind::HOST {
            return false;
        }
        let container = self.estate.published(self.system.at, key, listener);
        container.is_some_and(|container| self.estate.asks(container, of))
    }

    /// The hosts that the system is known to run on, several where its platform says where its instances are, and why
    /// these are not all.
    pub(crate) fn hosts(&self) -> (Vec<u32>, Option<String>) {
        match self.estate.spread(self.system.at) {
            Some(spread) => (spread.hosts.clone(), spread.gap.clone()),
            None => match self.host() {
                Some((host, _)) => (vec![host], None),
                None => {
                    let gap = "which host it runs on is not known".to_owned();
                    (Vec::new(), Some(gap))
                }
            },
        }
    }

    /// Whether the hosts that the system runs on are judged themselves: all of its instances', or all of its cluster's.
    pub(crate) fn hosts_are_judged(&self) -> bool {
        if self.judged_host().is_some() {
            return true;
        }
        if let Some(spread) = self.estate.spread(self.system.at)
            && spread.gap.is_none()
            && !spread.hosts.is_empty()
        {
            return spread.hosts.iter().all(|at| self.estate.is_system(*at));
        }
        let clusters = self.estate.below(self.system.at);
        let mut clusters =
            clusters.filter(|at| self.estate.snapshot.asset(*at).kind == kind::CLUSTER);
        clusters.any(|cluster| {
            let parts = self.estate.along(cluster, RelationKind::Contains);
            let mut nodes = parts.filter(|(_, part)| part.kind == kind::HOST).peekable();
            let some = nodes.peek().is_some() && self.half_seen(cluster).is_none();
            some && nodes.all(|(at, _)| self.estate.is_system(at))
        })
    }

    /// Why not everything that an asset is related to is known; none where it is.
    pub(crate) fn half_seen(&self, at: u32) -> Option<String> {
        let node = self.estate.snapshot.nodes().get(at as usize)?;
        if let Some(partial) = &node.asset.partial {
            return Some(format!("{} was read in part: {partial}", node.asset.name));
        }
        let mut sources = node.sources.iter();
        let source = sources.find(|source| self.estate.is_half_read(source))?;
        Some(format!("source {source} was not read completely"))
    }

    /// The system's claims and those of what it runs on, up to its host.
    pub(crate) fn chain(&self) -> impl Iterator<Item = &Index<'a>> + Clone {
        std::iter::once(self.index).chain(self.estate.places_below(self.system.at))
    }

    pub(crate) fn name(&self, at: u32) -> &'a str {
        &self.estate.snapshot.asset(at).name
    }

    /// Two systems by their names, or by their ids where both are called the same.
    pub(crate) fn names(&self, one: u32, other: u32) -> (&'a str, &'a str) {
        let (one, other) = (
            self.estate.snapshot.asset(one),
            self.estate.snapshot.asset(other),
        );
        if one.name == other.name {
            (one.id.as_str(), other.id.as_str())
        } else {
            (&one.name, &other.name)
        }
    }
}

/// What stands in for an expectation that is switched off, and is never asked.
#[derive(Debug)]
pub(crate) struct Never;

impl Check for Never {
    fn expected(&self) -> String {
        String::new()
    }

    fn facts(&self) -> Vec<&str> {
        Vec::new()
    }

    fn judge<'a>(&'a self, _: &Case<'a>) -> Outcome<'a> {
        Outcome::NotApplicable("it is switched off")
    }
}
