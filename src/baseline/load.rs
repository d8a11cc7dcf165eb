//! Documents to baselines: all mistakes at once, each with its place.

use std::collections::BTreeMap;
use std::sync::Arc;

use plimsoll_model::Text;
use plimsoll_settings::{Document, Mistake, Mistakes, Section, nearest};

use super::catalogue::{self, Control};
use super::read::{self, Entry, RawBaseline};
use super::role::{Baseline, Expectation};
use super::select::Selector;
use super::{Ignore, Rule};

const SHIPPED: &[(&str, &str)] = &[
    (
        "baselines/controls.toml",
        include_str!("../../baselines/controls.toml"),
    ),
    (
        "baselines/base.toml",
        include_str!("../../baselines/base.toml"),
    ),
    (
        "baselines/aptible-app.toml",
        include_str!("../../baselines/aptible-app.toml"),
    ),
    (
        "baselines/aptible-database.toml",
        include_str!("../../baselines/aptible-database.toml"),
    ),
    (
        "baselines/cache.toml",
        include_str!("../../baselines/cache.toml"),
    ),
    (
        "baselines/database.toml",
        include_str!("../../baselines/database.toml"),
    ),
    (
        "baselines/deploying-branch.toml",
        include_str!("../../baselines/deploying-branch.toml"),
    ),
    (
        "baselines/edge-proxy.toml",
        include_str!("../../baselines/edge-proxy.toml"),
    ),
    (
        "baselines/fly-app.toml",
        include_str!("../../baselines/fly-app.toml"),
    ),
    (
        "baselines/host.toml",
        include_str!("../../baselines/host.toml"),
    ),
    (
        "baselines/ingress.toml",
        include_str!("../../baselines/ingress.toml"),
    ),
    (
        "baselines/kubernetes-node.toml",
        include_str!("../../baselines/kubernetes-node.toml"),
    ),
    (
        "baselines/kubernetes-workload.toml",
        include_str!("../../baselines/kubernetes-workload.toml"),
    ),
    (
        "baselines/protected-data.toml",
        include_str!("../../baselines/protected-data.toml"),
    ),
    (
        "baselines/web-service.toml",
        include_str!("../../baselines/web-service.toml"),
    ),
    (
        "baselines/worker.toml",
        include_str!("../../baselines/worker.toml"),
    ),
];

/// The name of the documents that hold controls and no role.
const CONTROLS: &str = "controls";

/// The control catalogue and every role's baseline, ready to judge by.
#[derive(Debug)]
pub struct Baselines {
    /// In order of their ids.
    controls: Vec<Control>,
    /// In order of their names.
    roles: Vec<Baseline>,
    pub(crate) selector: Selector,
}

impl Baselines {
    /// The documents inside the binary.
    pub fn shipped() -> Vec<Document> {
        let documents = SHIPPED.iter();
        documents
            .map(|(name, text)| Document::new(*name, *text))
            .collect()
    }

    /// Reads documents: mostly those of [`Baselines::shipped`] and then the user's own, of which each takes the place of
    /// the one before it with the same file name. A baseline that extends its own name extends the one whose place it takes.
    ///
    /// # Errors
    /// All mistakes of all documents: keys, values, patterns, rules in CEL, baselines that are extended and not there or
    /// in a circle, controls that are not in the catalogue.
    pub fn load(documents: &[Document]) -> Result<Self, Mistakes> {
        Self::load_for(documents, &[], &[])
    }

    /// Reads documents as [`load`](Self::load) does, and checks what a configuration's rules and ignores name.
    ///
    /// # Errors
    /// All mistakes of all documents, and those that [`check`](Self::check) finds.
    pub fn load_for(
        documents: &[Document],
        rules: &[Rule],
        ignores: &[Ignore],
    ) -> Result<Self, Mistakes> {
        let (baselines, mut mistakes) = Self::read(documents);
        // A role is there even when its baseline has mistakes: these are told, and no second one that follows from them.
        let has_document = |role: &Text| documents.iter().any(|one| *stem(one.name()) == **role);
        let astray = |rule: &&Rule| !rule.role().is_some_and(has_document);
        let rules: Vec<Rule> = rules.iter().filter(astray).cloned().collect();
        mistakes.extend(baselines.check(&rules, ignores));
        if mistakes.is_empty() {
            Ok(baselines)
        } else {
            Err(Mistakes::new(mistakes))
        }
    }

    /// What can be read of the documents, and all mistakes in them.
    fn read(documents: &[Document]) -> (Self, Vec<Mistake>) {
        let mut mistakes = Vec::new();
        let mut controls = Vec::new();
        // The catalogue first: the baselines are checked against it.
        let (catalogues, baselines): (Vec<_>, Vec<_>) = documents
            .iter()
            .partition(|document| stem(document.name()) == CONTROLS);
        for document in catalogues {
            let read = |section: &Section<'_>| catalogue::read(section, &mut controls);
            note(&mut mistakes, document.read(read));
        }
        let mut raw: Vec<RawBaseline> = Vec::new();
        for document in baselines {
            let name = stem(document.name());
            let mut made = None;
            let read = |section: &Section<'_>| made = read::baseline(section, name, &controls);
            let broken = note(&mut mistakes, document.read(read)).is_none();
            raw.extend(made.map(|one| RawBaseline { broken, ..one }));
        }
        let roles = resolve(&raw, &mut mistakes);
        let selector = Selector::new(&roles, &raw);
        let baselines = Self {
            controls,
            roles,
            selector,
        };
        (baselines, mistakes)
    }

    /// The control catalogue, in order of the ids.
    pub fn controls(&self) -> &[Control] {
        &self.controls
    }

    /// The control with an id.
    pub fn control(&self, id: &str) -> Option<&Control> {
        catalogue::find(&self.controls, id)
    }

    /// Every baseline, in order of the names.
    pub fn roles(&self) -> &[Baseline] {
        &self.roles
    }

    /// The baseline of a role.
    pub fn role(&self, name: &str) -> Option<&Baseline> {
        self.roles.get(self.place(name)?)
    }

    pub(crate) fn place(&self, name: &str) -> Option<usize> {
        let found = self
            .roles
            .binary_search_by(|role| role.name.as_str().cmp(name));
        found.ok()
    }

    /// What rules and ignores name that is not there: roles without a baseline, controls outside the catalogue.
    pub fn check(&self, rules: &[Rule], ignores: &[Ignore]) -> Vec<Mistake> {
        let mut mistakes = Vec::new();
        for rule in rules {
            if let Some(role) = rule.role().filter(|role| self.place(role).is_none()) {
                let message = format!("no baseline is called {role:?}");
                mistakes.push(rule.role_mistake(message, self.suggest_role(role)));
            }
        }
        for ignore in ignores {
            let control = ignore.control();
            if let Some(control) = control.filter(|control| self.control(control).is_none()) {
                let message = format!("there is no control {control:?}");
                let hint = catalogue::suggest(&self.controls, control);
                mistakes.push(ignore.control_mistake(message, hint));
            }
        }
        mistakes
    }

    /// Whether assets get a role by a `[[match]]` of its baseline.
    pub fn has_matches(&self, role: &str) -> bool {
        self.place(role)
            .is_some_and(|place| self.selector.has_rows_of(place))
    }

    /// What to suggest for a role that has no baseline.
    pub(crate) fn suggest_role(&self, role: &str) -> String {
        suggest(role, self.roles.iter().map(|role| role.name.as_str()))
    }
}

fn suggest<'n>(name: &str, names: impl Iterator<Item = &'n str> + Clone) -> String {
    match nearest(name, names.clone()) {
        Some(near) => format!("did you mean {near:?}?"),
        None => format!("there are {}", names.collect::<Vec<_>>().join(", ")),
    }
}

/// A document's file name without folder and `.toml`.
fn stem(path: &str) -> &str {
    let file = path.rsplit(['/', '\\']).next().unwrap_or(path);
    file.strip_suffix(".toml").unwrap_or(file)
}

fn note<T>(mistakes: &mut Vec<Mistake>, read: Result<T, Mistakes>) -> Option<T> {
    read.map_err(|more| mistakes.extend(more.into_vec())).ok()
}

/// The baselines over what they extend. Of two documents with one name the later is the role.
fn resolve(raw: &[RawBaseline], mistakes: &mut Vec<Mistake>) -> Vec<Baseline> {
    let mut latest: BTreeMap<&str, usize> = BTreeMap::new();
    for (at, baseline) in raw.iter().enumerate() {
        latest.insert(&baseline.name, at);
    }
    let mut roles = Vec::with_capacity(latest.len());
    for &at in latest.values() {
        let Some(chain) = chain(raw, &latest, at, mistakes) else {
            continue;
        };
        roles.extend(merge(raw, &chain, mistakes));
    }
    roles
}

/// A baseline's place and those of what it extends, the nearest first.
fn chain(
    raw: &[RawBaseline],
    latest: &BTreeMap<&str, usize>,
    start: usize,
    mistakes: &mut Vec<Mistake>,
) -> Option<Vec<usize>> {
    let mut chain = vec![start];
    let mut at = start;
    while let Some((parent, place)) = raw.get(at).and_then(|one| one.extends.as_ref()) {
        let before = |name: &str| raw.get(..at)?.iter().rposition(|one| one.name == name);
        let own_name = raw.get(at).is_some_and(|one| one.name == *parent);
        let next = if own_name {
            before(parent)
        } else {
            latest.get(parent.as_str()).copied()
        };
        let wrong = |message: String, hint: String| {
            Mistake {
                message,
                ..place.clone()
            }
            .hint(hint)
        };
        match next {
            None if own_name => {
                let message = format!("{parent:?} extends itself");
                mistakes.push(wrong(message, "name another baseline".to_owned()));
                return None;
            }
            None => {
                let message = format!("there is no baseline {parent:?} to extend");
                mistakes.push(wrong(message, suggest(parent, latest.keys().copied())));
                return None;
            }
            Some(next) if chain.contains(&next) => {
                let names: Vec<&str> = chain
                    .iter()
                    .filter_map(|&at| Some(raw.get(at)?.name.as_str()))
                    .collect();
                let message = format!("{} extend one another in a circle", names.join(", "));
                mistakes.push(wrong(message, "take one `extends` away".to_owned()));
                return None;
            }
            Some(next) => {
                chain.push(next);
                at = next;
            }
        }
    }
    Some(chain)
}

fn merge(raw: &[RawBaseline], chain: &[usize], mistakes: &mut Vec<Mistake>) -> Option<Baseline> {
    let mut merged: BTreeMap<&str, Arc<Expectation>> = BTreeMap::new();
    let broken = chain
        .iter()
        .filter_map(|&at| raw.get(at))
        .any(|one| one.broken);
    for baseline in chain.iter().rev().filter_map(|&at| raw.get(at)) {
        for entry in &baseline.entries {
            match entry {
                Entry::Holds(expectation) => {
                    merged.insert(&expectation.id, Arc::clone(expectation));
                }
                Entry::Off(off) => match merged.get(off.id.as_str()) {
                    Some(have) => {
                        let switched = off.switch(have, &baseline.name);
                        merged.insert(&off.id, Arc::new(switched));
                    }
                    // It may be among what could not be read.
                    None if broken => {}
                    None => {
                        let message = format!("there is no expectation {:?} to switch off", off.id);
                        let hint = suggest(&off.id, merged.keys().copied());
                        mistakes.push(
                            Mistake {
                                message,
                                ..off.place.clone()
                            }
                            .hint(hint),
                        );
                    }
                },
            }
        }
    }
    let own = raw.get(*chain.first()?)?;
    let mut expectations: Vec<_> = merged.into_values().collect();
    expectations.sort_by(|a, b| (&a.control, &a.id).cmp(&(&b.control, &b.id)));
    let rest = chain.get(1..).unwrap_or_default().iter();
    let parents = rest
        .clone()
        .filter_map(|&at| Some(raw.get(at)?.name.clone()));
    let side = chain.iter().find_map(|&at| raw.get(at)?.side);
    let sensitive = chain.iter().find_map(|&at| raw.get(at)?.sensitive);
    Some(Baseline {
        name: own.name.clone(),
        title: own.title.clone(),
        extends: parents.collect::<Vec<Text>>(),
        side,
        sensitive: sensitive.unwrap_or(false),
        expectations,
        file: own.file.clone(),
    })
}
