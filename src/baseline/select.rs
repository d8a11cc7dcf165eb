//! Which role an asset has by the baselines' own matches.

use std::collections::HashMap;

use globset::{Glob, GlobSet, GlobSetBuilder};
use plimsoll_model::{Text, fact};

use super::image::{ImageName, is_whole};
use super::index::{Claims, Index};
use super::own_name::{OwnName, head, is_built_for, own_name};
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
    /// For each word the rows that it says the role of, in order.
    words: HashMap<String, Vec<usize>>,
}

#[derive(Debug)]
struct Row {
    /// The place of the role in the baselines.
    role: usize,
    kinds: Vec<Text>,
    /// Empty for all.
    platforms: Vec<Text>,
    sensitive: bool,
    /// Whether it has words, or patterns for names or images, one of which must match.
    narrowed: bool,
    /// Names and images that do not count.
    except: GlobSet,
    exposed: bool,
    priority: i64,
    /// How a choice by what is no pattern alone is explained, by kind.
    called: Vec<Text>,
}

/// Patterns with the rows that they belong to.
#[derive(Debug, Default)]
struct Patterns {
    set: GlobSet,
    /// For every pattern its row, and what it looks like.
    rows: Vec<(usize, Text)>,
}

impl Patterns {
    fn new(patterns: Vec<(usize, String)>) -> Self {
        let mut rows = Vec::with_capacity(patterns.len());
        for (row, pattern) in &patterns {
            // A bad pattern was a mistake when it was read, so nobody gets to see a set without it.
            if Glob::new(pattern).is_ok() {
                rows.push((*row, Text::from(pattern.as_str())));
            }
        }
        let set = set(patterns.iter().map(|(_, pattern)| pattern.as_str()));
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

/// What any of the patterns meets.
fn set<'p>(patterns: impl Iterator<Item = &'p str>) -> GlobSet {
    let mut builder = GlobSetBuilder::new();
    for glob in patterns.filter_map(|pattern| Glob::new(pattern).ok()) {
        builder.add(glob);
    }
    builder.build().unwrap_or_default()
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
        let mut words: HashMap<String, Vec<usize>> = HashMap::new();
        for (at, (role, one)) in found.into_iter().enumerate() {
            for pattern in &one.names {
                names.push((at, pattern.clone()));
            }
            for word in &one.words {
                words.entry(word.to_ascii_lowercase()).or_default().push(at);
            }
            for pattern in &one.images {
                let into = if is_whole(pattern) {
                    &mut wholes
                } else {
                    &mut lasts
                };
                into.push((at, pattern.clone()));
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
                narrowed: !one.names.is_empty() || !one.images.is_empty() || !one.words.is_empty(),
                except: set(one.except.iter().map(String::as_str)),
                exposed: one.exposed,
                priority: one.priority,
            });
        }
        Self {
            rows,
            names: Patterns::new(names),
            lasts: Patterns::new(lasts),
            wholes: Patterns::new(wholes),
            words,
        }
    }
}

/// Chooses roles, and remembers what it learnt of each image: an estate has few images and many containers.
pub(crate) struct Chooser<'s, 'a> {
    selector: &'s Selector,
    /// For an image the rows that it meets, in order, with how that is explained.
    images: HashMap<&'a str, Vec<(usize, Text)>>,
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
    pub(crate) fn choose(&mut self, index: &Index<'a>, sensitive: bool) -> Option<(usize, Text)> {
        let asset = index.asset();
        let image = index
            .claim(fact::IMAGE)
            .and_then(|image| image.last_value()?.as_str())
            .filter(|image| !is_built_for(asset, ImageName::of(image).last));
        if let Some(image) = image.filter(|image| !self.images.contains_key(image)) {
            let learnt = self.learn(image);
            self.images.insert(image, learnt);
        }
        let by_image = image.and_then(|image| self.images.get(image));
        let by_image = |at: usize| {
            let mut hits = by_image.into_iter().flatten();
            hits.find(|(hit, _)| *hit == at).map(|(_, called)| called)
        };
        let rows = &self.selector.rows;
        let mut exposed = None;
        let mut fits = |row: &Row| {
            row.kinds.contains(&asset.kind)
                && (!row.sensitive || sensitive)
                && (row.platforms.is_empty() || is_on(index, &row.platforms))
                && (!row.exposed || *exposed.get_or_insert_with(|| is_exposed(index)))
        };
        let mut named: Option<Vec<(usize, Text)>> = None;
        for (at, row) in rows.iter().enumerate() {
            if !fits(row) {
                continue;
            }
            if !row.narrowed {
                let kind = row.kinds.iter().position(|kind| *kind == asset.kind);
                let called = kind.and_then(|kind| row.called.get(kind));
                return called.map(|called| (row.role, called.clone()));
            }
            // What runs says more than what it is called, so among equals every image comes before any name.
            let equals = rows.iter().enumerate().skip(at);
            let mut equals = equals.take_while(|(_, other)| other.priority == row.priority);
            if let Some((role, called)) = equals.find_map(|(at, other)| {
                let called = by_image(at).filter(|_| fits(other))?;
                Some((other.role, called.clone()))
            }) {
                return Some((role, called));
            }
            let named = named.get_or_insert_with(|| {
                let own = own_name(asset);
                self.selector.meets(&own, &mut self.hits)
            });
            if let Some((_, called)) = named.iter().find(|(hit, _)| *hit == at) {
                return Some((row.role, called.clone()));
            }
        }
        None
    }

    fn learn(&mut self, image: &str) -> Vec<(usize, Text)> {
        let name = ImageName::of(image);
        let mut found = Vec::new();
        let selector = self.selector;
        let counts = |row: usize| {
            let row = selector.rows.get(row);
            row.is_some_and(|row| {
                !row.except.is_match(name.last) && !row.except.is_match(&*name.whole)
            })
        };
        for (patterns, text) in [
            (&selector.lasts, name.last),
            (&selector.wholes, &name.whole),
        ] {
            patterns.hits(text, &mut self.hits);
            let hits = self.hits.iter().filter_map(|&hit| patterns.rows.get(hit));
            let hits = hits.filter(|(row, _)| counts(*row));
            found.extend(hits.map(|(row, pattern)| (*row, met("image", text, pattern))));
        }
        if let Some(word) = head(name.last)
            && let Some(rows) = selector.words.get(&word)
        {
            let rows = rows.iter().filter(|row| counts(**row));
            found.extend(rows.map(|row| (*row, by_word("image", name.last, &word))));
        }
        found
    }
}

impl Selector {
    /// The rows that a name meets, with how that is explained.
    fn meets(&self, own: &OwnName<'_>, hits: &mut Vec<usize>) -> Vec<(usize, Text)> {
        let counts = |row: usize| {
            let row = self.rows.get(row);
            row.is_some_and(|row| !row.except.is_match(&*own.name))
        };
        self.names.hits(&own.name, hits);
        let by_pattern = hits.iter().filter_map(|&hit| self.names.rows.get(hit));
        let by_pattern = by_pattern.map(|(row, pattern)| (*row, met(own.what, &own.name, pattern)));
        let mut found: Vec<(usize, Text)> = by_pattern.filter(|(row, _)| counts(*row)).collect();
        if let Some(word) = head(&own.name)
            && let Some(rows) = self.words.get(&word)
        {
            let rows = rows.iter().filter(|row| counts(**row));
            found.extend(rows.map(|row| (*row, by_word(own.what, &own.name, &word))));
        }
        found
    }
}

/// How a choice by a pattern is explained.
fn met(what: &str, name: &str, pattern: &str) -> Text {
    Text::from(if name == pattern {
        format!("{what} {name}")
    } else {
        format!("{what} {name}, which meets {pattern}")
    })
}

/// How a choice by a word is explained.
fn by_word(what: &str, name: &str, word: &str) -> Text {
    Text::from(if name == word {
        format!("{what} {name}")
    } else {
        format!("{what} {name}, by its word {word}")
    })
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
