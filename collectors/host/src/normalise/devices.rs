//! Block devices.

use std::collections::BTreeSet;

use plimsoll_kit::Harvester;
use plimsoll_model::{Asset, Claim, RelationKind, kind};

use super::stack::{self, Stack};
use super::{Place, relate, shown};
use crate::SCOPE;
use crate::wire::{Device, Readings};

/// Text: `disk`, `partition`, `crypt`, `mapping`, `raid` or `loop`.
const DEVICE_TYPE: &str = "device.type";
/// Int: its size in bytes.
const SIZE_BYTES: &str = "size.bytes";
/// Text: the drive's model.
const MODEL: &str = "model";
/// Bool: whether the device is read-only.
const READONLY: &str = "readonly";

/// Devices that are there whether used or not: shown only where something stands on them.
const IDLE: [&str; 6] = ["loop", "ram", "zram", "nbd", "sr", "fd"];

/// Hands the block devices over.
pub(super) fn harvest(
    place: &Place<'_>,
    readings: &Readings,
    stack: &Stack<'_>,
    used: &BTreeSet<String>,
    harvest: &mut Harvester,
    troubles: &mut Vec<String>,
) {
    let devices = match &readings.devices {
        Ok(devices) => devices,
        Err(why) => {
            troubles.push(why.clone());
            return;
        }
    };
    for device in devices.iter().filter(|device| is_shown(device, used)) {
        troubles.extend(device.dm_uuid.failure().map(str::to_owned));
        troubles.extend(device.slaves.as_ref().err().cloned());
        troubles.extend(device.holders.as_ref().err().cloned());
        let name = stack.shown(&device.name);
        let id = place.part(kind::BLOCK_DEVICE, &name);
        let mut asset = Asset::new(id.clone(), kind::BLOCK_DEVICE, name);
        let basis = "/sys/class/block";
        asset.claim(DEVICE_TYPE, Claim::measured(device_type(device)).by(basis));
        let bytes = device
            .sectors
            .and_then(|sectors| i64::try_from(sectors.checked_mul(512)?).ok());
        let size = match bytes {
            Some(bytes) => Claim::measured(bytes).by(basis),
            None => Claim::unknown("sysfs gives no size"),
        };
        asset.claim(SIZE_BYTES, size);
        asset.claim(READONLY, Claim::measured(device.readonly).by(basis));
        if let Some(model) = &device.model {
            asset.claim(MODEL, Claim::reported(shown(model)).by(basis));
        }
        stack.stored(&device.name).claim(&mut asset);
        harvest.asset(SCOPE, asset);
        let lower = stack.lower(device);
        for lower in &lower {
            let lower = place.part(kind::BLOCK_DEVICE, &stack.shown(lower));
            relate(&id, RelationKind::StoresOn, &lower, harvest);
        }
        if lower.is_empty() {
            place.contains(&id, harvest);
        }
    }
}

fn is_shown(device: &Device, used: &BTreeSet<String>) -> bool {
    if used.contains(&device.name)
        || device
            .holders
            .as_ref()
            .is_ok_and(|holders| !holders.is_empty())
    {
        return true;
    }
    let idle = IDLE.iter().any(|prefix| {
        let number = device.name.strip_prefix(prefix);
        number.is_some_and(|number| number.starts_with(|c: char| c.is_ascii_digit()))
    });
    // A size of 0 is a slot without a medium.
    !idle && !device.hidden && device.sectors != Some(0)
}

fn device_type(device: &Device) -> &'static str {
    if stack::method(device).is_some() {
        "crypt"
    } else if device.dm_name.is_some() || device.dm_uuid.line().is_some() {
        "mapping"
    } else if device.md {
        "raid"
    } else if device.partition {
        "partition"
    } else if device.backing_file.is_some() {
        "loop"
    } else {
        "disk"
    }
}
