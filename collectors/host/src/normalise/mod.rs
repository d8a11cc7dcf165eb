//! What was read becomes assets and relations. Pure.

mod access;
mod clock;
mod devices;
mod filesystems;
mod listeners;
mod mountinfo;
mod stack;
mod swap;
mod system;

use plimsoll_kit::Harvester;
use plimsoll_model::{Asset, AssetId, Relation, RelationKind, Text, kind};

use crate::SCOPE;
use crate::settings::Settings;
use crate::wire::Readings;

pub(crate) use access::access;

/// Hands over everything that was read.
pub(crate) fn harvest(readings: &Readings, settings: &Settings, harvest: &mut Harvester) {
    let Some(name) = system::hostname(&readings.hostname) else {
        let why = readings.hostname.failure().unwrap_or("there is none");
        let what = format!("the host's name cannot be read, so nothing can be named: {why}");
        harvest.trouble(SCOPE, what);
        return;
    };
    let mut troubles = Vec::new();
    let id = AssetId::of(kind::HOST, &[&name]);
    let mut host = Asset::new(id.clone(), kind::HOST, name.as_str());
    if settings.is_here() {
        host.aliases.extend(plimsoll_kit::local_machine().alias);
    }
    let platform = system::Platform::of(&readings.platform);
    system::claim(&mut host, readings, &platform, &mut troubles);
    listeners::claim(&mut host, readings, settings.ephemeral_udp, &mut troubles);
    clock::claim(&mut host, readings, &mut troubles);
    harvest.asset(SCOPE, host);

    let stack = stack::Stack::of(readings, &platform);
    let mounts = filesystems::mounts(readings, &settings.ignore_filesystems, &mut troubles);
    let place = Place {
        name: &name,
        id: &id,
    };
    let mut used = filesystems::harvest(&place, &mounts, &stack, harvest);
    used.extend(swap::harvest(
        &place,
        readings,
        &mounts,
        &stack,
        harvest,
        &mut troubles,
    ));
    devices::harvest(&place, readings, &stack, &used, harvest, &mut troubles);

    for what in troubles {
        harvest.trouble(SCOPE, what);
    }
    if let Some(remark) = listeners::remark(readings) {
        harvest.remark(SCOPE, remark);
    }
}

/// The host that everything else is part of.
struct Place<'a> {
    name: &'a str,
    id: &'a AssetId,
}

impl Place<'_> {
    /// The id of a part.
    fn part(&self, kind: &str, part: &str) -> AssetId {
        AssetId::of(kind, &[self.name, part])
    }

    /// That the host has a part.
    fn contains(&self, part: &AssetId, harvest: &mut Harvester) {
        relate(self.id, RelationKind::Contains, part, harvest);
    }
}

fn relate(from: &AssetId, kind: RelationKind, to: &AssetId, harvest: &mut Harvester) {
    let relation = Relation {
        from: from.clone(),
        kind,
        to: to.clone(),
        scope: Text::default(),
    };
    harvest.relation(SCOPE, relation);
}

/// A name from outside, fit to be shown: control characters become `?`.
fn shown(name: &str) -> Text {
    name.chars()
        .map(|c| if c.is_control() { '?' } else { c })
        .take(256)
        .collect()
}
