//! What a machine is set up as, apart from which machine it is: so that machines of one group can be compared.

use plimsoll_model::{AssetId, Table, Text, Value, fact};

use super::{Site, edge, hidden, word};
use crate::wire::{Config, Guest, Machine, Mount};

/// The name of the part that holds the edge's ports, whoever reaches them.
pub(crate) const EDGE: &str = "edge.ports";
/// The name of the part that holds labels.
pub(crate) const LABELS: &str = "labels";

/// The image's labels that name the commit it was built from.
const COMMITS: &[&str] = &[
    "org.opencontainers.image.revision",
    "GH_SHA",
    "GIT_SHA",
    "COMMIT_SHA",
];

/// A machine's parts by the names of the facts that they become, and [`EDGE`] and [`LABELS`].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Shape(pub(crate) Table);

impl Shape {
    /// The shape of a machine with this configuration, as one of the workload `asset`.
    pub(crate) fn of(site: &Site<'_>, asset: &AssetId, machine: &Machine, config: &Config) -> Self {
        let redactor = site.redactor;
        let mut parts = Table::new();
        let mut text = |name: &str, value: Option<Text>| {
            if let Some(value) = value.filter(|value| !value.is_empty()) {
                parts.insert(name, Value::Text(value));
            }
        };
        text(fact::IMAGE, config.image.as_deref().map(word));
        text(fact::RELEASE, release_text(config));
        text(fact::SOURCE_COMMIT, commit(machine));
        let restart = config.restart.as_ref();
        text(
            fact::RESTART_POLICY,
            restart
                .and_then(|restart| restart.policy.as_deref())
                .map(word),
        );
        text("schedule", config.schedule.as_deref().map(word));
        text(
            fact::COMMAND,
            hidden::words(redactor, asset, fact::COMMAND, config, |process| {
                if process.cmd.is_empty() {
                    &process.exec
                } else {
                    &process.cmd
                }
            }),
        );
        text(
            fact::ENTRYPOINT,
            hidden::words(redactor, asset, fact::ENTRYPOINT, config, |process| {
                &process.entrypoint
            }),
        );
        if let Some(digests) = digests(machine) {
            parts.insert(fact::IMAGE_DIGESTS, digests);
        }
        let checked = !config.checks.is_empty()
            || config
                .services
                .iter()
                .any(|service| !service.checks.is_empty());
        parts.insert(fact::HEALTH_CHECKED, Value::Bool(checked));
        parts.insert(
            "auto-destroy",
            Value::Bool(config.auto_destroy == Some(true)),
        );
        if let Some(forced) = edge::https_forced(config) {
            parts.insert(fact::HTTPS_FORCED, Value::Bool(forced));
        }
        for (name, table) in [
            (fact::ENV, hidden::env(redactor, asset, config)),
            (fact::MOUNTS, mounts(&config.mounts)),
            ("files", hidden::files(redactor, asset, config)),
            ("guest", guest(config.guest.as_ref())),
            ("services", edge::services(config)),
            (EDGE, edge::ports(config)),
            (fact::IMAGES, images(config)),
        ] {
            parts.insert(name, Value::Table(table));
        }
        let labels = hidden::labels(site, asset, &config.metadata);
        let labels = labels
            .into_iter()
            .map(|(name, value)| (name, Value::Text(value)));
        parts.insert(LABELS, Value::Table(labels.collect()));
        let mut parts = Value::Table(parts);
        parts.settle(false);
        Self(match parts {
            Value::Table(parts) => parts,
            _ => Table::new(),
        })
    }

    /// The names of the parts in which another differs, each with what the other has instead.
    pub(crate) fn differences(&self, other: &Self) -> Table {
        let mut names: Vec<&str> = self.0.names().chain(other.0.names()).collect();
        names.sort_unstable();
        names.dedup();
        let mut table = Table::new();
        for name in names {
            let (ours, theirs) = (self.0.get(name), other.0.get(name));
            if ours != theirs {
                table.insert(name, Value::Text(instead(ours, theirs)));
            }
        }
        table
    }

    /// Whether all that another says of itself is as it is here, and it says at least which image it runs. What it leaves out says
    /// nothing.
    pub(crate) fn agrees_with_what_is_known_of(&self, other: &Self) -> bool {
        let same = |(name, value): (&str, &Value)| match (self.0.get(name), value) {
            (_, Value::Bool(false)) => true,
            (Some(Value::Table(ours)), Value::Table(theirs)) => theirs
                .iter()
                .all(|(part, value)| ours.get(part) == Some(value)),
            (None, Value::Table(theirs)) => theirs.is_empty(),
            (ours, value) => ours == Some(value),
        };
        other.0.contains(fact::IMAGE) && other.0.iter().all(same)
    }
}

/// A value, or for a table the names of its parts that are not as they should be.
fn instead(ours: Option<&Value>, theirs: Option<&Value>) -> Text {
    let empty = Table::new();
    let table = |value: Option<&Value>| value.and_then(Value::as_table).cloned();
    match (table(ours), table(theirs), theirs) {
        (None, None, Some(value)) => Text::from(value.to_string()),
        (_, _, None) => "(none)".into(),
        (ours, theirs, Some(_)) => {
            let (ours, theirs) = (ours.unwrap_or(empty.clone()), theirs.unwrap_or(empty));
            let mut names: Vec<&str> = ours.names().chain(theirs.names()).collect();
            names.sort_unstable();
            names.dedup();
            names.retain(|name| ours.get(name) != theirs.get(name));
            Text::from(names.join(", "))
        }
    }
}

/// The release that set the machine up, by its number.
pub(crate) fn release(config: &Config) -> Option<i64> {
    release_text(config)?.parse().ok()
}

fn release_text(config: &Config) -> Option<Text> {
    let version = config.metadata.get("fly_release_version")?.as_ref()?;
    Some(word(version))
}

/// The commit that the image was built from, where a label says one.
pub(crate) fn commit(machine: &Machine) -> Option<Text> {
    let labels = &machine.image_ref.as_ref()?.labels;
    let is_commit = |text: &Text| {
        (7..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_hexdigit())
    };
    let mut found = COMMITS.iter().filter_map(|name| labels.get(*name)?.clone());
    found.find(is_commit)
}

fn digests(machine: &Machine) -> Option<Value> {
    let image = machine.image_ref.as_ref()?;
    let (repository, digest) = (image.repository.as_deref()?, image.digest.as_deref()?);
    let registry = image
        .registry
        .as_deref()
        .filter(|registry| !registry.is_empty());
    let name = registry.map_or(repository.to_owned(), |registry| {
        format!("{registry}/{repository}")
    });
    let known = digest.starts_with("sha256:") && !repository.is_empty();
    known.then(|| Value::texts([word(&format!("{name}@{digest}"))]))
}

/// Mounts by their path. Which volume it is differs from machine to machine by design; its name does not.
fn mounts(mounts: &[Mount]) -> Table {
    let mut table = Table::new();
    for mount in mounts {
        let mut row = Table::new();
        row.insert("kind", Value::from("volume"));
        let name = mount.name.as_deref().unwrap_or_default();
        row.insert("source", Value::Text(word(name)));
        row.insert("readonly", Value::Bool(false));
        table.insert(
            word(mount.path.as_deref().unwrap_or("?")),
            Value::Table(row),
        );
    }
    table
}

fn guest(guest: Option<&Guest>) -> Table {
    let mut table = Table::new();
    let Some(guest) = guest else {
        return table;
    };
    for (name, value) in [("cpu-kind", &guest.cpu_kind), ("gpu-kind", &guest.gpu_kind)] {
        if let Some(value) = value {
            table.insert(name, Value::Text(word(value)));
        }
    }
    for (name, value) in [("cpus", guest.cpus), ("memory-mb", guest.memory_mb)] {
        if let Some(value) = value {
            table.insert(name, Value::Int(value));
        }
    }
    table
}

/// The images of a machine's containers.
fn images(config: &Config) -> Table {
    let rows = config.containers.iter().map(|container| {
        let mut row = Table::new();
        let image = container.image.as_deref().unwrap_or_default();
        row.insert("image", Value::Text(word(image)));
        (
            word(container.name.as_deref().unwrap_or("?")),
            Value::Table(row),
        )
    });
    rows.collect()
}
