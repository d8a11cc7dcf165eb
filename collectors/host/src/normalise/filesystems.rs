//! Mounted file systems that hold data.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use plimsoll_kit::Harvester;
use plimsoll_model::{Asset, Claim, RelationKind, Value, fact, kind};

use super::mountinfo::{self, Mount};
use super::stack::{AtRest, Stack};
use super::{Place, relate, shown};
use crate::SCOPE;
use crate::wire::{File, Readings};

/// List of texts: those options of a mount that bear on security.
const MOUNT_OPTIONS: &str = "mount.options";
/// Text: the server's export that is mounted.
const MOUNT_SOURCE: &str = "mount.source";

/// The options that are shown; others can hold names and passwords.
const OPTIONS: [&str; 5] = ["ro", "nosuid", "nodev", "noexec", "noatime"];
/// File systems of another machine.
const REMOTE: [&str; 11] = [
    "nfs",
    "nfs4",
    "cifs",
    "smb3",
    "ceph",
    "9p",
    "virtiofs",
    "lustre",
    "afs",
    "fuse.sshfs",
    "fuse.glusterfs",
];
/// File systems on devices that they hold without the kernel's number for them.
const LOCAL: [&str; 4] = ["btrfs", "bcachefs", "zfs", "ubifs"];

/// One mounted file system and the block devices it stands on.
pub(super) struct Mounted {
    mount: Mount,
    /// All mount points of it and of its parts, sorted.
    points: Vec<String>,
    devices: Vec<String>,
}

impl Mounted {
    /// All its mount points.
    pub(super) fn points(&self) -> impl Iterator<Item = &str> {
        self.points.iter().map(String::as_str)
    }

    /// The names of the devices that it stands on.
    pub(super) fn devices(&self) -> impl Iterator<Item = &str> {
        self.devices.iter().map(String::as_str)
    }
}

/// The file systems to show, by mount point: each device once, at its mount that shows most of it.
pub(super) fn mounts(
    readings: &Readings,
    ignored: &[String],
    troubles: &mut Vec<String>,
) -> Vec<Mounted> {
    let text = match &readings.mounts {
        File::Text(text) => text,
        File::Failed(why) => {
            troubles.push(why.clone());
            return Vec::new();
        }
        File::Missing => {
            troubles.push("the list of mounts is missing: mount proc".to_owned());
            return Vec::new();
        }
    };
    // A later mount on the same point hides the earlier one.
    let mut visible: BTreeMap<String, Mount> = BTreeMap::new();
    for (at, line) in text.lines().enumerate() {
        match mountinfo::parse(line) {
            Some(mount) => {
                visible.insert(mount.point.clone(), mount);
            }
            None => troubles.push(format!("line {} of mountinfo makes no sense", at + 1)),
        }
    }
    let mut once: BTreeMap<String, Mount> = BTreeMap::new();
    let mut points: HashMap<String, Vec<String>> = HashMap::new();
    for mount in visible.into_values() {
        // The root of a bind mount whose origin was deleted ends so.
        if !holds_data(&mount, ignored) || mount.root.ends_with("//deleted") {
            continue;
        }
        let key = if on_device(&mount) {
            mount.number.clone()
        } else {
            mount.source.clone()
        };
        points
            .entry(key.clone())
            .or_default()
            .push(mount.point.clone());
        match once.get(&key) {
            Some(other) if rank(other) <= rank(&mount) => {}
            _ => {
                once.insert(key, mount);
            }
        }
    }
    let numbers = numbers(readings);
    let mut mounted: Vec<Mounted> = once
        .into_iter()
        .map(|(key, mount)| Mounted {
            points: points.remove(&key).unwrap_or_default(),
            devices: devices(&mount, readings, &numbers),
            mount,
        })
        .collect();
    mounted.sort_by(|a, b| a.mount.point.cmp(&b.mount.point));
    mounted
}

/// Hands the file systems over, and gives back the block devices that they use.
pub(super) fn harvest(
    place: &Place<'_>,
    mounts: &[Mounted],
    stack: &Stack<'_>,
    harvest: &mut Harvester,
) -> BTreeSet<String> {
    let mut used = BTreeSet::new();
    for Mounted {
        mount,
        points,
        devices,
    } in mounts
    {
        let point = shown(&mount.point);
        let id = place.part(kind::FILESYSTEM, &point);
        let mut asset = Asset::new(id.clone(), kind::FILESYSTEM, point.clone());
        let basis = "mountinfo of proc(5)";
        asset.claim(fact::MOUNTPOINT, Claim::measured(point).by(basis));
        if points.len() > 1 {
            let points = Value::texts(points.iter().map(|point| shown(point)));
            asset.reading(fact::MOUNTPOINTS, Claim::measured(points).by(basis));
        }
        asset.claim(
            fact::FILESYSTEM_TYPE,
            Claim::measured(shown(&mount.kind)).by(basis),
        );
        let options = OPTIONS
            .into_iter()
            .filter(|known| mount.options.iter().any(|have| have == known));
        asset.claim(
            MOUNT_OPTIONS,
            Claim::measured(Value::texts(options)).by(basis),
        );
        if REMOTE.contains(&mount.kind.as_str()) {
            // Before an @ stands a user, and in the worst case a password.
            let source = mount
                .source
                .rsplit_once('@')
                .map_or(mount.source.as_str(), |(_, rest)| rest);
            asset.claim(MOUNT_SOURCE, Claim::measured(shown(source)).by(basis));
        }
        at_rest(mount, devices, stack).claim(&mut asset);
        harvest.asset(SCOPE, asset);
        place.contains(&id, harvest);
        for device in devices {
            let device_id = place.part(kind::BLOCK_DEVICE, &stack.shown(device));
            relate(&id, RelationKind::StoresOn, &device_id, harvest);
            used.insert(device.clone());
        }
    }
    used
}

fn at_rest(mount: &Mount, devices: &[String], stack: &Stack<'_>) -> AtRest {
    if REMOTE.contains(&mount.kind.as_str()) {
        return AtRest::Unknown("a network file system: its server knows".to_owned());
    }
    if mount.kind == "zfs" {
        return AtRest::Unknown("ZFS encrypts by dataset: see `zfs get encryption`".to_owned());
    }
    let verdicts = devices.iter().map(|device| stack.beneath(device));
    verdicts.reduce(AtRest::and).unwrap_or_else(|| {
        let device = if on_device(mount) {
            &mount.number
        } else {
            &mount.source
        };
        AtRest::Unknown(format!(
            "its device {} is not among /sys/class/block",
            shown(device)
        ))
    })
}

fn holds_data(mount: &Mount, ignored: &[String]) -> bool {
    let kind = mount.kind.as_str();
    let known = on_device(mount) || LOCAL.contains(&kind) || REMOTE.contains(&kind);
    known && !ignored.iter().any(|ignored| ignored == kind)
}

/// Whether the kernel names the device by its number; those without one begin with 0.
fn on_device(mount: &Mount) -> bool {
    !mount.number.starts_with("0:")
}

/// The whole of a file system comes before a part of it, then the mount point nearest to the top.
fn rank(mount: &Mount) -> (usize, usize, &str) {
    (mount.root.len(), mount.point.len(), &mount.point)
}

/// The kernel's names of block devices by what a mount can say: number, and path in /dev.
fn numbers(readings: &Readings) -> HashMap<String, &str> {
    let mut numbers = HashMap::new();
    for device in readings.devices.as_deref().unwrap_or_default() {
        numbers.insert(device.number.clone(), device.name.as_str());
        numbers.insert(format!("/dev/{}", device.name), device.name.as_str());
        if let Some(mapping) = &device.dm_name {
            numbers.insert(format!("/dev/mapper/{mapping}"), device.name.as_str());
        }
    }
    numbers
}

fn devices(mount: &Mount, readings: &Readings, numbers: &HashMap<String, &str>) -> Vec<String> {
    let key = if on_device(mount) {
        &mount.number
    } else {
        &mount.source
    };
    let Some(name) = numbers.get(key) else {
        return Vec::new();
    };
    let one = vec![(*name).to_owned()];
    if mount.kind != "btrfs" {
        return one;
    }
    let all = readings
        .btrfs
        .iter()
        .find(|all| all.iter().any(|device| device == name));
    all.cloned().unwrap_or(one)
}
