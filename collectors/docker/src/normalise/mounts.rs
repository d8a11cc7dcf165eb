//! What is mounted into a container.

use plimsoll_model::{Table, Text, Value};

use super::word;
use crate::wire::{HostConfig, Mount};

/// The mounts by destination.
pub(crate) fn mounts(mounts: &[Mount], host: Option<&HostConfig>) -> Table {
    let mut table = Table::new();
    // The list of mounts leaves these out.
    for destination in host.iter().flat_map(|host| host.tmpfs.keys()) {
        let mut part = Table::new();
        part.insert("kind", Value::from("tmpfs"));
        part.insert("readonly", Value::from(false));
        part.insert("source", Value::from(""));
        table.insert(word(destination), Value::Table(part));
    }
    for mount in mounts {
        let Some(destination) = &mount.destination else {
            continue;
        };
        let mut part = Table::new();
        let kind = mount.kind.as_deref().unwrap_or("bind");
        part.insert("kind", Value::Text(word(kind)));
        if let Some(writable) = mount.writable {
            part.insert("readonly", Value::from(!writable));
        }
        part.insert("source", Value::Text(source(mount)));
        table.insert(word(destination), Value::Table(part));
    }
    table
}

/// The names of the volumes among the mounts.
pub(crate) fn volumes(mounts: &[Mount]) -> impl Iterator<Item = &Text> {
    mounts
        .iter()
        .filter(|mount| mount.kind.as_deref() == Some("volume"))
        .filter_map(|mount| mount.name.as_ref())
        .filter(|name| !name.is_empty())
}

fn source(mount: &Mount) -> Text {
    let name = mount.name.as_deref().filter(|name| !name.is_empty());
    match (mount.kind.as_deref(), name) {
        (Some("volume"), Some(name)) => word(name),
        _ => word(mount.source.as_deref().unwrap_or_default()),
    }
}
