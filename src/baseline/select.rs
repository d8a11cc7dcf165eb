//! Which role an asset has by the baselines' own matches.

use std::collections::HashMap;

use globset::{Glob, GlobSet, GlobSetBuilder};
use plimsoll_model::{Text, fact};

use super::image::{ImageName, is_whole};
use super::index::{Claims, Index};
use super::read::{Match, RawBaseline};
use super::role::Baseline;

/// The matches of all baselines, compiled once. Immutable; what is learnt while choosing is in a [`Chooser`].
#[derive(Debug, Default)]
pub(crate) struct Selector {
    /// The highest priority first, then in order of the roles' names.
    rows: Vec<Row>,
    names: Patterns,
    /// Patterns for the last part of an image's name.
    lasts: Patterns,
    /// Patterns for an image's whole name.
    wholes: Patterns,
}

#[derive(Debug)]
struct Row {
    /// The place of the role in the baselines.
    role: usize,
    kinds: Vec<Text>,
    /// Empty for all.
    platforms: Vec<Text>,
    sensitive: bool,
    /// Whether it has patterns for names or images, one of which must match.
    narrowed: bool,
    exposed: bool,
    priority: i64,
    /// How a choice by what is no pattern alone is explained, by kind.
    called: Vec<Text>,
}

/// Patterns with the rows that they belong to.
#[derive(Debug, Default)]
struct Patterns {
    set: GlobSet,
    /// For every pattern its row, and how a choice by it is explained.
    rows: Vec<(usize, Text)>,
}

impl Patterns {
    fn new(patterns: Vec<(usize, String, Text)>) -> Self {
        let mut builder = GlobSetBuilder::new();
        let mut rows = Vec::with_capacity(patterns.len());
        for (row, pattern, called) in patterns {
            // A bad pattern was a mistake when it was read, so nobody gets to see a set without it.
            if let Ok(glob) = Glob::new(&pattern) {
                builder.add(glob);
                rows.push((row, called));
            }
        }
        let set = builder.build().unwrap_or_default();
        Self { set, rows }
    }

    fn hits(&self, text: &str, into: &mut Vec<usize>) {
        self.set.matches_into(text, into);
    }
}

/// The matches of a role: those of the last document of its name, or where that extends its own name and says nothing of matches those
/// of the one whose place it takes.
fn own_matches<'r>(raw: &'r [RawBaseline], name: &str) -> Option<&'r [Match]> {
    for one in raw.iter().rev().filter(|one| one.name == name) {
        if let Some(matches) = &one.matches {
            return Some(matches);
        }
        let extends_own = one
            .extends
            .as_ref()
            .is_some_and(|(parent, _)| parent == name);
        if !extends_own {
            return None;
        }
    }
    None
}

impl Selector {
    /// Whether assets get the role at a place of the baselines by a match.
    pub(crate) fn has_rows_of(&self, role: usize) -> bool {
        self.rows.iter().any(|row| row.role == role)
    }

    pub(crate) fn new(roles: &[Baseline], raw: &[RawBaseline]) -> Self {
        let mut found = Vec::new();
        for (role, baseline) in roles.iter().enumerate() {
            let matches = own_matches(raw, &baseline.name).unwrap_or_default();
            found.extend(matches.iter().map(|one| (role, one)));
        }
        found.sort_by_key(|(role, one)| (-one.priority, *role));
        let (mut rows, mut names) = (Vec::new(), Vec::new());
        let (mut lasts, mut wholes) = (Vec::new(), Vec::new());
        for (at, (role, one)) in found.into_iter().enumerate() {
            for pattern in &one.names {
                names.push((at, pattern.clone(), Text::from(format!("name {pattern}"))));
            }
            for pattern in &one.images {
                let called = Text::from(format!("image {pattern}"));
                let into = if is_whole(pattern) {
                    &mut wholes
                } else {
                    &mut lasts
                };
                into.push((at, pattern.clone(), called));
            }
            let called = |kind: &Text| {
                let mut called = match (one.exposed, one.sensitive) {
                    (false, false) => format!("kind {kind}"),
                    (true, false) => format!("{kind} with a public port"),
                    (false, true) => format!("{kind} with sensitive data"),
                    (true, true) => format!("{kind} with a public port and sensitive data"),
                };
                if !one.platforms.is_empty() {
                    called.push_str(&format!(" on {}", one.platforms.join(" or ")));
                }
                called
            };
            rows.push(Row {
                role,
                called: one
                    .kinds
                    .iter()
                    .map(|kind| Text::from(called(kind)))
                    .collect(),
                kinds: one.kinds.clone(),
                platforms: one.platforms.clone(),
                sensitive: one.sensitive,
                narrowed: !one.names.is_empty() || !one.images.is_empty(),
                exposed: one.exposed,
                priority: one.priority,
            });
        }
        Self {
            rows,
            names: Patterns::new(names),
            lasts: Patterns::new(lasts),
            wholes: Patterns::new(wholes),
        }
    }
}

/// Chooses roles, and remembers what it learnt of each image: an estate has few images and many containers.
pub(crate) struct Chooser<'s, 'a> {
    selector: &'s Selector,
    /// For an image the rows that it meets, in order, with how that is explained.
    images: HashMap<&'a str, Vec<(usize, &'s Text)>>,
    hits: Vec<usize>,
}

impl<'s, 'a> Chooser<'s, 'a> {
    pub(crate) fn new(selector: &'s Selector) -> Self {
        Self {
            selector,
            images: HashMap::new(),
            hits: Vec::new(),
        }
    }

    /// The place of the role that an asset has by itself, and how it was chosen.
    pub(crate) fn choose(
        &mut self,
        index: &Index<'a>,
        sensitive: bool,
    ) -> Option<(usize, &'s Text)> {
        let asset = index.asset();
        let image = index
            .claim(fact::IMAGE)
            .and_then(|image| image.last_value()?.as_str());
        if let Some(image) = image.filter(|image| !self.images.contains_key(image)) {
            let learnt = self.learn(image);
            self.images.insert(image, learnt);
        }
        let by_image = image.and_then(|image| self.images.get(image));
        let by_image = |at: usize| {
            let mut hits = by_image.into_iter().flatten();
            hits.find(|(hit, _)| *hit == at).map(|(_, called)| *called)
        };
        let rows = &self.selector.rows;
        let mut exposed = None;
        let mut fits = |row: &Row| {
            row.kinds.contains(&asset.kind)
                && (!row.sensitive || sensitive)
                && (row.platforms.is_empty() || is_on(index, &row.platforms))
                && (!row.exposed || *exposed.get_or_insert_with(|| is_exposed(index)))
        };
        let mut named = false;
        for (at, row) in rows.iter().enumerate() {
            if !fits(row) {
                continue;
            }
            if !row.narrowed {
                let kind = row.kinds.iter().position(|kind| *kind == asset.kind);
                let called = kind.and_then(|kind| row.called.get(kind));
                return called.map(|called| (row.role, called));
            }
            // What runs says more than what it is called, so among equals every image comes before any name.
            let equals = rows.iter().enumerate().skip(at);
            let mut equals = equals.take_while(|(_, other)| other.priority == row.priority);
            if let Some((role, called)) = equals.find_map(|(at, other)| {
                let called = by_image(at).filter(|_| fits(other))?;
                Some((other.role, called))
            }) {
                return Some((role, called));
            }
            if !named {
                named = true;
                self.selector.names.hits(&asset.name, &mut self.hits);
            }
            let patterns = &self.selector.names.rows;
            let mut hits = self.hits.iter().filter_map(|&hit| patterns.get(hit));
            if let Some((_, called)) = hits.find(|(hit, _)| *hit == at) {
                return Some((row.role, called));
            }
        }
        None
    }

    fn learn(&mut self, image: &str) -> Vec<(usize, &'s Text)> {
        let name = ImageName::of(image);
        let mut found = Vec::new();
        let selector = self.selector;
        for (patterns, text) in [
            (&selector.lasts, name.last),
            (&selector.wholes, &name.whole),
        ] {
            patterns.hits(text, &mut self.hits);
            let hits = self.hits.iter().filter_map(|&hit| patterns.rows.get(hit));
            found.extend(hits.map(|(row, called)| (*row, called)));
        }
        found
    }
}

/// Whether a system's platform is one of these.
pub(crate) fn is_on(index: &Index<'_>, platforms: &[Text]) -> bool {
    let platform = index.claim(fact::PLATFORM);
    let platform = platform.and_then(|platform| platform.last_value()?.as_str());
    platform.is_some_and(|platform| platforms.iter().any(|one| one == platform))
}

/// Whether one of its ports is known to be reachable from the public internet.
fn is_exposed(index: &Index<'_>) -> bool {
    let ports = index
        .claim(fact::PORTS)
        .and_then(|ports| ports.last_value()?.as_table());
    ports.is_some_and(|ports| {
        let reach = |port: &plimsoll_model::Value| {
            let reach = port.as_table().and_then(|port| port.get("reach"));
            reach.and_then(|reach| reach.as_str()) == Some("public")
        };
        ports.iter().any(|(_, port)| reach(port))
    })
}
