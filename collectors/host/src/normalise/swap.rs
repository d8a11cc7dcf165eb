//! Active swap: what is in memory may be written there.

use plimsoll_kit::Harvester;
use plimsoll_model::{Asset, Claim, RelationKind, fact, kind};

use super::filesystems::Mounted;
use super::mountinfo::unescape;
use super::stack::{AtRest, Stack};
use super::{Place, relate, shown};
use crate::SCOPE;
use crate::wire::{Device, File, Readings};

const BASIS: &str = "/proc/swaps";

/// Hands every active swap over as a file system without a mount point, and gives back the block devices that they use.
pub(super) fn harvest(
    place: &Place<'_>,
    readings: &Readings,
    mounts: &[Mounted],
    stack: &Stack<'_>,
    harvest: &mut Harvester,
    troubles: &mut Vec<String>,
) -> Vec<String> {
    let mut used = Vec::new();
    let text = match &readings.swaps {
        File::Text(text) => text,
        // A kernel without swap has no list of it.
        File::Missing => return used,
        File::Failed(why) => {
            troubles.push(why.clone());
            return used;
        }
    };
    for (at, line) in text.lines().enumerate().skip(1) {
        let mut words = line.split_ascii_whitespace();
        let (Some(path), Some(sort)) = (words.next(), words.next()) else {
            troubles.push(format!("line {} of /proc/swaps makes no sense", at + 1));
            continue;
        };
        let path = unescape(path);
        let devices = readings.devices.as_deref().unwrap_or_default();
        let device = devices.iter().find(|device| is_called(device, &path));
        let compressed = path.strip_prefix("/dev/").unwrap_or(&path);
        if compressed.starts_with("zram") {
            // It is memory itself, and stores nothing.
            continue;
        }
        let name = match device {
            Some(device) => format!("swap {}", stack.shown(&device.name)),
            None => format!("swap {}", shown(&path)),
        };
        let id = place.part(kind::FILESYSTEM, &name);
        let mut asset = Asset::new(id.clone(), kind::FILESYSTEM, name.as_str());
        asset.claim(fact::FILESYSTEM_TYPE, Claim::measured("swap").by(BASIS));
        let below: Vec<&str> = match (device, sort) {
            (Some(device), _) => vec![device.name.as_str()],
            (None, "file") => below(mounts, &path),
            (None, _) => Vec::new(),
        };
        let verdict = below.iter().map(|device| stack.beneath(device));
        let verdict = verdict.reduce(AtRest::and);
        let nowhere =
            || AtRest::Unknown(format!("which device holds {} is not known", shown(&path)));
        verdict.unwrap_or_else(nowhere).claim(&mut asset);
        harvest.asset(SCOPE, asset);
        place.contains(&id, harvest);
        for device in below {
            let device_id = place.part(kind::BLOCK_DEVICE, &stack.shown(device));
            relate(&id, RelationKind::StoresOn, &device_id, harvest);
            used.push(device.to_owned());
        }
    }
    used
}

fn is_called(device: &Device, path: &str) -> bool {
    let Some(name) = path.strip_prefix("/dev/") else {
        return false;
    };
    let mapping = name.strip_prefix("mapper/");
    device.name == name || (mapping.is_some() && device.dm_name.as_deref() == mapping)
}

/// The devices of the file system that holds a file: the one with the longest mount point above it.
fn below<'m>(mounts: &'m [Mounted], path: &str) -> Vec<&'m str> {
    let holds = mounts.iter().filter_map(|mounted| {
        let point = mounted.points().filter(|point| is_in(path, point));
        Some((point.map(str::len).max()?, mounted))
    });
    let nearest = holds.max_by_key(|(length, _)| *length);
    nearest.map_or_else(Vec::new, |(_, mounted)| mounted.devices().collect())
}

fn is_in(path: &str, folder: &str) -> bool {
    let rest = path.strip_prefix(folder.trim_end_matches('/'));
    rest.is_some_and(|rest| rest.starts_with('/'))
}
