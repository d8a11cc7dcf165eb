//! How block devices stand on one another, and whether what is stored on one is encrypted.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};

use plimsoll_model::{Asset, Claim, fact};

use super::shown;
use super::system::Platform;
use crate::wire::{Device, File, Readings};

/// The most devices one upon another; a chain that is longer goes in a circle.
const DEPTH: usize = 32;

/// What dm/uuid begins with where the mapping encrypts. Not every `CRYPT-` does: verity and integrity only check.
const CRYPT: [(&str, &str); 7] = [
    ("CRYPT-LUKS1-", "LUKS1"),
    ("CRYPT-LUKS2-", "LUKS2"),
    ("CRYPT-PLAIN-", "dm-crypt"),
    ("CRYPT-TCRYPT-", "VeraCrypt"),
    ("CRYPT-BITLK-", "BitLocker"),
    ("CRYPT-FVAULT2-", "FileVault2"),
    ("CRYPT-LOOPAES-", "loop-AES"),
];
/// What dm/uuid begins with where the mapping certainly does not.
const CLEAR: [&str; 8] = [
    "LVM-",
    "mpath-",
    "part",
    "CRYPT-VERITY-",
    "CRYPT-INTEGRITY-",
    "DMRAID-",
    "VDO-",
    "stratis-",
];
/// Devices that another machine serves.
const REMOTE: [&str; 3] = ["nbd", "rbd", "drbd"];
/// Devices in memory.
const MEMORY: [&str; 2] = ["zram", "ram"];

/// Whether what is stored on a device is encrypted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum AtRest {
    /// It is, by these methods: what it rests on.
    Encrypted(BTreeSet<&'static str>, String),
    /// It is not: what that rests on.
    Plain(String),
    /// Nothing says, for this reason.
    Unknown(String),
}

impl AtRest {
    /// Claims it of an asset.
    pub(super) fn claim(self, asset: &mut Asset) {
        match self {
            AtRest::Encrypted(methods, why) => {
                let methods: Vec<&str> = methods.into_iter().collect();
                asset.claim(
                    fact::ENCRYPTED_AT_REST,
                    Claim::measured(true).by(why.as_str()),
                );
                asset.claim(
                    fact::ENCRYPTION_METHOD,
                    Claim::measured(methods.join(", ")).by(why),
                );
            }
            AtRest::Plain(why) => {
                asset.claim(fact::ENCRYPTED_AT_REST, Claim::measured(false).by(why));
            }
            AtRest::Unknown(why) => {
                asset.claim(fact::ENCRYPTED_AT_REST, Claim::unknown(why));
            }
        }
    }

    /// Data that lies on both is encrypted when both are; one plain part is enough to be plain.
    pub(super) fn and(self, other: Self) -> Self {
        match (self, other) {
            (plain @ AtRest::Plain(_), _) | (_, plain @ AtRest::Plain(_)) => plain,
            (unknown @ AtRest::Unknown(_), _) | (_, unknown @ AtRest::Unknown(_)) => unknown,
            (AtRest::Encrypted(mut methods, why), AtRest::Encrypted(more, also)) => {
                methods.extend(more);
                let why = if why == also {
                    why
                } else {
                    format!("{why}; {also}")
                };
                AtRest::Encrypted(methods, why)
            }
        }
    }
}

/// The block devices, by name.
pub(super) struct Stack<'a> {
    devices: HashMap<&'a str, &'a Device>,
    parts: HashMap<&'a str, Vec<&'a str>>,
    platform: &'a Platform,
    below: RefCell<HashMap<String, AtRest>>,
    above: RefCell<HashMap<String, bool>>,
}

impl<'a> Stack<'a> {
    pub(super) fn of(readings: &'a Readings, platform: &'a Platform) -> Self {
        let devices = readings.devices.as_deref().unwrap_or_default();
        let mut parts: HashMap<&str, Vec<&str>> = HashMap::new();
        for device in devices {
            if let Some(disk) = disk(device) {
                parts.entry(disk).or_default().push(&device.name);
            }
        }
        Self {
            devices: devices
                .iter()
                .map(|device| (device.name.as_str(), device))
                .collect(),
            parts,
            platform,
            below: RefCell::default(),
            above: RefCell::default(),
        }
    }

    /// The device of that name.
    pub(super) fn device(&self, name: &str) -> Option<&'a Device> {
        self.devices.get(name).copied()
    }

    /// The name under which a device is shown: that of a mapping outlives restarts, its number does not.
    pub(super) fn shown(&self, name: &str) -> String {
        match self
            .device(name)
            .and_then(|device| device.dm_name.as_deref())
        {
            Some(mapping) => format!("mapper/{}", shown(mapping)),
            None => shown(name).to_string(),
        }
    }

    /// The devices on which one stands: its slaves, or the disk of a partition.
    pub(super) fn lower(&self, device: &'a Device) -> Vec<&'a str> {
        let slaves = device.slaves.as_deref().unwrap_or_default();
        slaves
            .iter()
            .map(String::as_str)
            .chain(disk(device))
            .collect()
    }

    /// Whether what is written to the device is encrypted, by itself or beneath it.
    pub(super) fn beneath(&self, name: &str) -> AtRest {
        self.walk_down(name, 0)
    }

    /// Whether what lies on the device is encrypted: beneath, or because all that uses it encrypts.
    pub(super) fn stored(&self, name: &str) -> AtRest {
        let beneath = self.beneath(name);
        let users = self.users(name);
        let outside: Vec<&str> = users
            .iter()
            .copied()
            .filter(|user| !self.covered(user, 0))
            .collect();
        let unseen = self
            .device(name)
            .and_then(|device| device.holders.as_ref().err());
        match (beneath, unseen) {
            (beneath @ AtRest::Encrypted(..), _) => beneath,
            (_, Some(why)) => AtRest::Unknown(why.clone()),
            (_, None) if !users.is_empty() && outside.is_empty() => AtRest::Encrypted(
                users
                    .iter()
                    .flat_map(|user| self.methods_above(user, 0))
                    .collect(),
                format!("all that uses {} is dm-crypt", self.shown(name)),
            ),
            (AtRest::Plain(why), None) if outside.len() < users.len() => {
                let outside: Vec<String> = outside.iter().map(|user| self.shown(user)).collect();
                AtRest::Plain(format!("{} outside dm-crypt: {why}", outside.join(", ")))
            }
            (beneath, None) => beneath,
        }
    }

    fn walk_down(&self, name: &str, depth: usize) -> AtRest {
        if let Some(known) = self.below.borrow().get(name) {
            return known.clone();
        }
        if depth > DEPTH {
            return AtRest::Unknown("block devices stand on one another in a circle".to_owned());
        }
        let found = self.judge(name, depth);
        self.below
            .borrow_mut()
            .insert(name.to_owned(), found.clone());
        found
    }

    fn judge(&self, name: &str, depth: usize) -> AtRest {
        let title = self.shown(name);
        let Some(device) = self.device(name) else {
            return AtRest::Unknown(format!("{title} is not among /sys/class/block"));
        };
        if let Some(method) = method(device) {
            return AtRest::Encrypted([method].into(), format!("dm-crypt by dm/uuid of {title}"));
        }
        let failure = device
            .dm_uuid
            .failure()
            .or(device.slaves.as_ref().err().map(String::as_str));
        if let Some(why) = failure {
            return AtRest::Unknown(why.to_owned());
        }
        let lower = self.lower(device).into_iter();
        let lower = lower
            .map(|name| self.walk_down(name, depth + 1))
            .reduce(AtRest::and);
        match lower {
            Some(encrypted @ AtRest::Encrypted(..)) => encrypted,
            // A mapping that was made without a tool's uuid can be of any type, encrypting too.
            _ if opaque(device) => AtRest::Unknown(format!(
                "dm/uuid of {title} does not tell the mapping's type"
            )),
            Some(lower) => lower,
            None => self.ground(device, &title),
        }
    }

    /// A device that stands on nothing we see.
    fn ground(&self, device: &Device, title: &str) -> AtRest {
        let has = |prefixes: &[&str]| {
            prefixes
                .iter()
                .any(|prefix| device.name.starts_with(prefix))
        };
        if let Some(file) = &device.backing_file {
            let file = shown(file);
            return AtRest::Unknown(format!("{title} is the file {file}; see its file system"));
        }
        if device.partition {
            return AtRest::Unknown(format!("sysfs does not tell the disk of {title}"));
        }
        if has(&MEMORY) {
            return AtRest::Unknown(format!("{title} is memory"));
        }
        // iSCSI hangs its disks under a session, and NVMe over fabrics under its own controller.
        let fabric = device.path.contains("/session") || device.path.contains("/nvme-fabrics/");
        if has(&REMOTE) || fabric {
            return AtRest::Unknown(format!("{title} is served over a network; ask its server"));
        }
        match self.platform {
            Platform::Virtual(_) => AtRest::Unknown(format!(
                "no dm-crypt down to {title}, and in a virtual machine the provider may encrypt beneath it"
            )),
            Platform::Unknown => AtRest::Unknown(format!(
                "no dm-crypt down to {title}, and it is not known whether a provider encrypts beneath it"
            )),
            Platform::Real => AtRest::Plain(format!(
                "no dm-crypt down to {title}; whether the drive encrypts itself cannot be seen"
            )),
        }
    }

    /// What stands on a device: mappings and its partitions.
    fn users(&self, name: &str) -> Vec<&'a str> {
        let holders = self
            .device(name)
            .and_then(|device| device.holders.as_deref().ok());
        let parts = self.parts.get(name).map(Vec::as_slice).unwrap_or_default();
        let holders = holders.unwrap_or_default().iter().map(String::as_str);
        holders.chain(parts.iter().copied()).collect()
    }

    fn covered(&self, name: &str, depth: usize) -> bool {
        if let Some(known) = self.above.borrow().get(name) {
            return *known;
        }
        let users = self.users(name);
        let covered = depth <= DEPTH
            && (self.device(name).and_then(method).is_some()
                || (!users.is_empty() && users.iter().all(|user| self.covered(user, depth + 1))));
        self.above.borrow_mut().insert(name.to_owned(), covered);
        covered
    }

    fn methods_above(&self, name: &str, depth: usize) -> BTreeSet<&'static str> {
        match self.device(name).and_then(method) {
            Some(method) => [method].into(),
            None if depth > DEPTH => BTreeSet::new(),
            None => {
                let users = self.users(name);
                users
                    .iter()
                    .flat_map(|user| self.methods_above(user, depth + 1))
                    .collect()
            }
        }
    }
}

/// How a mapping encrypts, if it does.
pub(super) fn method(device: &Device) -> Option<&'static str> {
    let uuid = device.dm_uuid.line()?;
    CRYPT
        .iter()
        .find(|(prefix, _)| uuid.starts_with(prefix))
        .map(|(_, method)| *method)
}

fn opaque(device: &Device) -> bool {
    match &device.dm_uuid {
        File::Text(uuid) => !CLEAR.iter().any(|prefix| uuid.starts_with(prefix)),
        _ => false,
    }
}

/// The disk of a partition: the folder above it in /sys/devices.
fn disk(device: &Device) -> Option<&str> {
    let above = device.path.rsplit('/').nth(1);
    above.filter(|name| device.partition && !name.is_empty())
}
