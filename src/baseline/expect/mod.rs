//! What a baseline can expect: one file for each type.

mod at_rest;
mod cel;
mod clock;
mod clock_set;
mod current;
mod environments;
mod in_transit;
mod known_role;
mod pinned;
mod port;
mod ports;
mod privilege;
mod root;
mod secrets;
mod sides;
mod tagged;

use jiff::Timestamp;
use plimsoll_model::Asset;
use plimsoll_settings::Section;

use super::choose::Chosen;
use super::estate::Estate;
use super::index::Index;
use super::outcome::Outcome;
use super::types::System;

/// Reads a type's parameters. Mistakes are noted on the section.
type Read = fn(&Section<'_>) -> Option<Box<dyn Check>>;

/// Every type that there is.
pub(crate) const TYPES: &[(&str, Read)] = &[
    ("cel", cel::read),
    ("encrypted-at-rest", at_rest::read),
    ("encrypted-in-transit", in_transit::read),
    ("environment-tagged", tagged::read),
    ("environments-separated", environments::read),
    ("frontend-backend-separated", sides::read),
    ("image-current", current::read),
    ("image-pinned", pinned::read),
    ("least-privilege", privilege::read),
    ("not-root", root::read),
    ("ports-allowed", ports::read),
    ("role-known", known_role::read),
    ("secrets-managed", secrets::read),
    ("time-restricted", clock_set::read),
    ("time-synchronised", clock::read),
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
