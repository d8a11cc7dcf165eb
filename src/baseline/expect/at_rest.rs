//! `encrypted-at-rest`: what holds a system's data is encrypted.

use std::collections::BTreeSet;

use plimsoll_model::{Asset, RelationKind, Table, Value, fact, kind};
use plimsoll_settings::Section;

use super::host_paths::is_in;
use super::{Case, Check, shape};
use crate::baseline::index::Claims;
use crate::baseline::outcome::{Evidence, Outcome, known_as, misshapen};

/// File systems that live in memory or show the kernel's state, and layers over others.
const NO_DATA: &[&str] = &[
    "tmpfs",
    "ramfs",
    "devtmpfs",
    "proc",
    "sysfs",
    "overlay",
    "squashfs",
    "iso9660",
    "cgroup",
    "cgroup2",
    "devpts",
    "mqueue",
    "nsfs",
    "tracefs",
    "debugfs",
    "bpf",
    "configfs",
    "efivarfs",
    "securityfs",
    "pstore",
    "autofs",
    "hugetlbfs",
    "fusectl",
    "binfmt_misc",
    "rpc_pipefs",
];

/// Folders and files whose content the machine makes in memory, or that are the same on every machine.
const NO_DATA_FOLDERS: &[&str] = &[
    "/proc",
    "/sys",
    "/dev",
    "/run",
    "/var/run",
    "/lib/modules",
    "/usr/share/zoneinfo",
    "/etc/group",
    "/etc/hosts",
    "/etc/localtime",
    "/etc/machine-id",
    "/etc/passwd",
    "/etc/resolv.conf",
    "/etc/ssl/certs",
    "/etc/timezone",
];

/// Devices below `/dev` that store nothing, whatever is written to them.
const NO_DATA_DEVICES: &[&str] = &[
    "/dev/dri",
    "/dev/fuse",
    "/dev/log",
    "/dev/net",
    "/dev/null",
    "/dev/random",
    "/dev/shm",
    "/dev/snd",
    "/dev/urandom",
    "/dev/zero",
];

/// Kinds of mount that store nothing: they live in memory, cannot be written to, or lie on the node's disk and end with their pod.
const NO_DATA_KINDS: &[&str] = &[
    "config-map",
    "configuration",
    "downward-api",
    "empty-dir",
    "image",
    "projected",
    "secret",
    "tmpfs",
];

#[derive(Debug)]
struct AtRest {
    /// Mount points of a host that hold nothing to hide.
    except: Vec<String>,
}

pub(super) fn read(section: &Section<'_>) -> Option<Box<dyn Check>> {
    let except = section.texts("except");
    // Firmware and boot loader must read these before any key is there.
    let except = except.unwrap_or_else(|| vec!["/boot".to_owned()]);
    Some(Box::new(AtRest { except }))
}

impl Check for AtRest {
    fn expected(&self) -> String {
        "what holds its data is encrypted".to_owned()
    }

    fn facts(&self) -> Vec<&str> {
        vec![
            fact::ENCRYPTED_AT_REST,
            fact::MOUNTS,
            fact::MOUNTPOINT,
            fact::MOUNTPOINTS,
            "relations",
        ]
    }

    fn judge<'a>(&'a self, case: &Case<'a>) -> Outcome<'a> {
        let mut found = Found::default();
        // A platform's word on the system itself covers all that it stores.
        let own = case.index.claim(fact::ENCRYPTED_AT_REST);
        if own.is_some_and(|own| own.value().is_some()) {
            let known = known_as(case.index, fact::ENCRYPTED_AT_REST, Value::as_bool);
            found.add(&case.asset.name, known);
            return found.outcome("it stores nothing");
        }
        match case.asset.kind.as_str() {
            kind::HOST => self.host(case, &mut found),
            kind::ENGINE => return Outcome::NotApplicable("its host answers for it"),
            kind::ENDPOINT => return Outcome::NotApplicable("it stores nothing"),
            _ => workload(case, &mut found),
        }
        found.outcome("it stores nothing outside itself")
    }
}

impl AtRest {
    fn host<'a>(&self, case: &Case<'a>, found: &mut Found<'a>) {
        let filesystems = case.estate.filesystems(case.system.at);
        if filesystems.is_empty() {
            found.unknown("its file systems are not known".to_owned());
        } else if let Some(why) = case.half_seen(case.system.at) {
            found.unknown(why);
        }
        for (mountpoint, at) in filesystems {
            let asset = case.estate.snapshot.asset(*at);
            // Each once, by the mount point that shows most of it.
            let main = asset.value(fact::MOUNTPOINT).and_then(Value::as_str);
            if main.unwrap_or_default() != *mountpoint {
                continue;
            }
            let sort = asset.value(fact::FILESYSTEM_TYPE).and_then(Value::as_str);
            let skipped = self.except.iter().any(|except| is_in(mountpoint, except));
            if !skipped && !sort.is_some_and(|sort| NO_DATA.contains(&sort)) {
                found.add(&asset.name, encryption(case, *at, asset, DEEPEST));
            }
        }
    }
}

/// The volumes, and the folders of the host that it may write to.
fn workload<'a>(case: &Case<'a>, found: &mut Found<'a>) {
    let mut stores: BTreeSet<&str> = BTreeSet::new();
    for (at, store) in case.estate.along(case.system.at, RelationKind::StoresOn) {
        stores.insert(&store.name);
        found.add(&store.name, encryption(case, at, store, DEEPEST));
    }
    let mut volumes: BTreeSet<&str> = BTreeSet::new();
    match known_as(case.index, fact::MOUNTS, shape::rows) {
        Ok((mounts, _)) => {
            for mount in mounts.iter().filter_map(|(_, mount)| mount.as_table()) {
                let text = |name: &str| mount.get(name).and_then(Value::as_str);
                if !is_understood(mount) {
                    found.unknown(misshapen(fact::MOUNTS));
                    continue;
                }
                if let Some(path) = data_folder(mount) {
                    if is_in(path, "/dev") {
                        found.unknown(format!("{path}: what the device stores is not known"));
                    } else {
                        found.add(path, folders(case, path));
                    }
                    continue;
                }
                match text("kind") {
                    Some("volume") => {
                        volumes.insert(text("source").unwrap_or("a volume"));
                    }
                    Some("bind") => {}
                    Some(kind) if NO_DATA_KINDS.contains(&kind) => {}
                    kind => {
                        let kind = kind.unwrap_or("a kind that is not said");
                        let reason = format!("where a mount of {kind} stores is not known");
                        found.unknown(reason);
                    }
                }
            }
        }
        // What stores and says nothing of mounts has none; what cannot be seen may have any.
        Err(reason)
            if stores.is_empty()
                || case.asset.partial.is_some()
                || case.index.claim(fact::MOUNTS).is_some() =>
        {
            found.unknown(reason);
        }
        Err(_) => {}
    }
    // An anonymous volume goes by another name in its mount, so numbers tell more than names.
    if volumes.len() > stores.len() {
        let mut missing = volumes.difference(&stores);
        let name = missing.next().copied().unwrap_or("a volume");
        found.unknown(format!("{name}: the volume is not in the inventory"));
    }
}

/// Whether a mount says what is mounted, in words that are known here.
fn is_understood(mount: &Table) -> bool {
    let text = |name: &str| mount.get(name).and_then(Value::as_str);
    match text("kind") {
        Some("bind") => text("source").is_some_and(|source| source.starts_with('/')),
        Some("volume") => text("source").is_some(),
        Some(kind) => shape::OTHER_MOUNTS.contains(&kind),
        None => false,
    }
}

/// The host's folder behind a mount, where it is one that data is written to.
fn data_folder(mount: &Table) -> Option<&str> {
    let text = |name: &str| mount.get(name).and_then(Value::as_str);
    let source = text("source")?;
    let writes = mount.get("readonly").and_then(Value::as_bool) != Some(true);
    let known = |list: &[&str]| list.iter().any(|known| is_in(source, known));
    let holds_data = match source.starts_with("/dev/") {
        true => !known(NO_DATA_DEVICES),
        false => !known(NO_DATA_FOLDERS),
    };
    (text("kind") == Some("bind") && writes && holds_data).then_some(source)
}

/// From a claim over its volume, its file system and the mapping below it to the disk.
const DEEPEST: u8 = 4;

type Encrypted<'a> = Result<(bool, Evidence<'a>), String>;

/// Whether something that stores is encrypted: by its own word, by that of what it stores on, or by its host's file
/// system.
fn encryption<'a>(case: &Case<'a>, at: u32, store: &'a Asset, deepest: u8) -> Encrypted<'a> {
    let own = known_as(store, fact::ENCRYPTED_AT_REST, Value::as_bool);
    // Its own word counts before any other, also where it makes no sense.
    if own.is_ok() || deepest == 0 || store.value(fact::ENCRYPTED_AT_REST).is_some() {
        return own;
    }
    // A volume on a host itself: which of the host's file systems it is on is asked below.
    let below = case.estate.snapshot.along(at, RelationKind::StoresOn);
    let below = below.filter(|(_, below)| below.kind != kind::HOST);
    let mut below = below.map(|(at, below)| encryption(case, at, below, deepest - 1));
    if let Some(first) = below.next() {
        // All of what it is spread over must be.
        return below.fold(first, |all, one| {
            let ((all, evidence), (one, more)) = (all?, one?);
            Ok((all && one, evidence.and(more)))
        });
    }
    let path = store.value(fact::MOUNTPOINT).and_then(Value::as_str);
    match path.filter(|_| store.kind != kind::FILESYSTEM) {
        Some(path) => folder(case, at, path),
        None => own,
    }
}

/// Whether a folder is encrypted on every host that the system runs on.
fn folders<'a>(case: &Case<'a>, path: &str) -> Encrypted<'a> {
    if case.estate.spread(case.system.at).is_none() {
        return folder(case, case.system.at, path);
    }
    let (hosts, gap) = case.hosts();
    if let Some(gap) = gap {
        return Err(gap);
    }
    let each = hosts.into_iter().map(|host| folder(case, host, path));
    let all = each.reduce(|all, one| {
        let ((all, evidence), (one, more)) = (all?, one?);
        Ok((all && one, evidence.and(more)))
    });
    all.unwrap_or_else(|| Err("which host holds it is not known".to_owned()))
}

/// Whether a folder of a host is encrypted: its file system is the one with the longest mount point above it.
fn folder<'a>(case: &Case<'a>, at: u32, path: &str) -> Encrypted<'a> {
    let host = case
        .estate
        .host(at)
        .or_else(|| case.estate.host(case.system.at));
    let Some(host) = host else {
        return Err("which host holds it is not known".to_owned());
    };
    let filesystems = case.estate.filesystems(host);
    // One of which the mount point cannot be seen now may be the one.
    let hidden = filesystems.iter().find(|(_, at)| {
        let asset = case.estate.snapshot.asset(*at);
        let one = asset.get(fact::MOUNTPOINT);
        let several = asset.value(fact::MOUNTPOINTS);
        one.is_some_and(|claim| claim.value().and_then(shape::path).is_none())
            || several.is_some_and(|all| shape::paths(all).is_none())
    });
    if let Some((_, at)) = hidden {
        let name = case.name(*at);
        return Err(format!(
            "where the file system {name} is mounted is not known"
        ));
    }
    let found = filesystems
        .iter()
        .find(|(mountpoint, _)| !mountpoint.is_empty() && is_in(path, mountpoint));
    let Some((_, at)) = found else {
        return Err(format!(
            "the file systems of {} are not known",
            case.name(host)
        ));
    };
    // A file system that was not read may lie deeper.
    match case.half_seen(*at) {
        Some(why) => Err(why),
        None => encryption(case, *at, case.estate.snapshot.asset(*at), DEEPEST),
    }
}

/// What all stores give together.
#[derive(Default)]
struct Found<'a> {
    evidence: Option<Evidence<'a>>,
    plain: Vec<&'a str>,
    against: Option<Evidence<'a>>,
    unknown: Option<String>,
}

impl<'a> Found<'a> {
    fn add(&mut self, name: &'a str, encrypted: Encrypted<'a>) {
        match encrypted {
            Ok((true, evidence)) => {
                self.evidence = Some(match self.evidence.take() {
                    Some(have) => have.and(evidence),
                    None => evidence,
                });
            }
            Ok((false, evidence)) => {
                self.plain.push(name);
                self.against.get_or_insert(evidence);
            }
            Err(reason) => self.unknown(format!("{name}: {reason}")),
        }
    }

    fn unknown(&mut self, reason: String) {
        self.unknown.get_or_insert(reason);
    }

    fn outcome(self, nothing: &'static str) -> Outcome<'a> {
        match (self.against, self.unknown, self.evidence) {
            (Some(evidence), ..) => Outcome::Fail(
                format!("not encrypted: {}", self.plain.join(", ")),
                evidence,
            ),
            (None, Some(reason), _) => Outcome::Unknown(reason),
            (None, None, Some(evidence)) => Outcome::Pass(evidence),
            (None, None, None) => Outcome::NotApplicable(nothing),
        }
    }
}
