//! `least-privilege`: nothing that opens the host to a container.

use plimsoll_model::{Asset, RelationKind, Value, fact, kind};
use plimsoll_settings::Section;

use super::host_paths::{self, Opens};
use super::{Case, Check, shape};
use crate::baseline::index::{Claims as _, Index};
use crate::baseline::outcome::{Evidence, Outcome, known_as, misshapen};

/// What engines give every container. To drop all and add some of these back is good practice.
const USUAL: &[&str] = &[
    "AUDIT_WRITE",
    "CHOWN",
    "DAC_OVERRIDE",
    "FOWNER",
    "FSETID",
    "KILL",
    "MKNOD",
    "NET_BIND_SERVICE",
    "NET_RAW",
    "SETFCAP",
    "SETGID",
    "SETPCAP",
    "SETUID",
    "SYS_CHROOT",
];

#[derive(Debug)]
struct LeastPrivilege {
    capabilities: Vec<String>,
    namespaces: Vec<String>,
    /// Security options that name a profile of the house's own.
    profiles: Vec<String>,
    devices: Vec<String>,
}

pub(super) fn read(section: &Section<'_>) -> Option<Box<dyn Check>> {
    let list = |key: &str| section.texts(key).unwrap_or_default();
    let bare = |name: String| {
        let upper = name.to_ascii_uppercase();
        upper
            .strip_prefix("CAP_")
            .map_or(upper.clone(), str::to_owned)
    };
    let capabilities = list("capabilities").into_iter().map(bare).collect();
    let namespaces = list("namespaces");
    Some(Box::new(LeastPrivilege {
        capabilities,
        namespaces,
        profiles: list("profiles"),
        devices: list("devices"),
    }))
}

impl Check for LeastPrivilege {
    fn expected(&self) -> String {
        let mut expected = "not privileged, no host namespace".to_owned();
        if !self.namespaces.is_empty() {
            expected.push_str(&format!(" but {}", self.namespaces.join(", ")));
        }
        expected.push_str(", no capability beyond the usual");
        if !self.capabilities.is_empty() {
            expected.push_str(&format!(" and {}", self.capabilities.join(", ")));
        }
        expected.push_str(", confined, no engine socket, no disk of the host");
        expected
    }

    fn facts(&self) -> Vec<&str> {
        vec![
            fact::PRIVILEGED,
            fact::NAMESPACES_HOST,
            fact::CAPABILITIES_ADDED,
            fact::SECURITY_OPTIONS,
            fact::DEVICES,
            fact::MOUNTS,
            fact::MOUNTPOINT,
            "relations",
        ]
    }

    fn judge<'a>(&'a self, case: &Case<'a>) -> Outcome<'a> {
        let claims = case.index;
        let mut found = Found::default();
        if found.look(known_as(claims, fact::PRIVILEGED, Value::as_bool)) == Some(true) {
            found.needless("privileged".to_owned());
        }
        for name in found.texts(claims, fact::NAMESPACES_HOST) {
            if !self.namespaces.iter().any(|allowed| allowed == name) {
                found.needless(format!("host {name} namespace"));
            }
        }
        for name in found.texts(claims, fact::CAPABILITIES_ADDED) {
            if !USUAL.contains(&name) && !self.capabilities.iter().any(|allowed| allowed == name) {
                found.needless(format!("capability {name}"));
            }
        }
        for option in found.texts(claims, fact::SECURITY_OPTIONS) {
            match is_open(option) {
                _ if self.profiles.iter().any(|allowed| allowed == option) => {}
                Some(true) => found.needless(option.to_owned()),
                Some(false) => {}
                None => found.unclear(format!("what {option} allows is not known")),
            }
        }
        // Not every platform passes devices in.
        if claims.claim(fact::DEVICES).is_some() {
            for path in found.texts(claims, fact::DEVICES) {
                if self.devices.iter().any(|allowed| allowed == path) {
                    continue;
                }
                match host_paths::device(path) {
                    Opens::Nothing => {}
                    Opens::Host => found.needless(format!("device {path}")),
                    Opens::Unclear => {
                        found.unclear(format!("what device {path} opens is not known"));
                    }
                }
            }
        }
        let sockets: Vec<&str> = case
            .estate
            .places_below(case.system.at)
            .filter_map(|place| place.claim(fact::ENGINE_SOCKET)?.last_value()?.as_str())
            .collect();
        let opens = |path: &str| host_paths::folder(path, sockets.iter().copied());
        if let Some(mounts) = found.look(known_as(claims, fact::MOUNTS, Value::as_table)) {
            for (_, mount) in mounts.iter() {
                let part = |name: &str| mount.as_table()?.get(name)?.as_str();
                match (part("kind"), part("source")) {
                    // Only a bind mount, or one of a kind that is not known, opens a folder of the host.
                    (Some("volume"), _) => {}
                    (Some(kind), _) if shape::OTHER_MOUNTS.contains(&kind) => {}
                    // From a folder that is none, anything may be mounted.
                    (_, Some(source)) if !source.starts_with('/') => {
                        found.misshapen(fact::MOUNTS);
                    }
                    (_, Some(source)) => match opens(source) {
                        Opens::Nothing => {}
                        Opens::Host => found.needless(format!("{source} mounted")),
                        Opens::Unclear => found.unclear(unclear(source)),
                    },
                    (_, None) => found.misshapen(fact::MOUNTS),
                }
            }
        }
        for (_, store) in case.estate.along(case.system.at, RelationKind::StoresOn) {
            if store.kind == kind::VOLUME {
                found.volume(store, opens);
            }
        }
        found.outcome()
    }
}

/// Whether a place is the one that an engine makes for a volume of this name, wherever it keeps its volumes.
fn is_own_place(place: &str, name: &str) -> bool {
    let folder = place
        .strip_suffix("/_data")
        .and_then(|rest| rest.rsplit_once("/volumes/"));
    folder.is_some_and(|(_, folder)| folder == name || folder.ends_with(&format!("_{name}")))
}

fn unclear(path: &str) -> String {
    format!("what {path} of the host, which is mounted, opens is not known")
}

/// What a security option says: whether it takes a bound away. None where nothing here knows what it allows.
fn is_open(option: &str) -> Option<bool> {
    let option = option.trim().replacen(':', "=", 1).to_ascii_lowercase();
    let (name, value) = option.split_once('=').unwrap_or((&option, ""));
    match (name, value) {
        ("seccomp" | "apparmor" | "systempaths", "unconfined") => Some(true),
        ("label", "disable") | ("procmount", "unmasked") | ("unmask", _) => Some(true),
        ("label", value) => match value.strip_prefix("type:").or(value.strip_prefix("type=")) {
            None => Some(false),
            Some("container_t" | "container_init_t" | "container_kvm_t") => Some(false),
            Some("spc_t" | "unconfined_t") => Some(true),
            Some(_) => None,
        },
        ("no-new-privileges" | "mask", _) => Some(false),
        ("seccomp", "" | "builtin" | "default" | "runtimedefault" | "runtime/default") => {
            Some(false)
        }
        ("apparmor", "docker-default" | "runtimedefault" | "runtime/default") => Some(false),
        ("apparmor", value) if value.starts_with("containers-default-") => Some(false),
        ("name", _) => Some(false),
        _ => None,
    }
}

/// What several facts give together: what is too much, the weakest evidence, and the first reason why one is not known.
#[derive(Default)]
struct Found<'a> {
    evidence: Option<Evidence<'a>>,
    unknown: Option<String>,
    needless: Vec<String>,
    /// What each fact rests on that something needless stands in.
    because: Vec<Evidence<'a>>,
    /// What the fact rests on that was looked at last.
    last: Option<Evidence<'a>>,
}

impl<'a> Found<'a> {
    fn look<T>(&mut self, known: Result<(T, Evidence<'a>), String>) -> Option<T> {
        match known {
            Ok((value, evidence)) => {
                self.last = Some(evidence.clone());
                self.evidence = Some(match self.evidence.take() {
                    Some(have) => have.and(evidence),
                    None => evidence,
                });
                Some(value)
            }
            Err(reason) => {
                self.unknown.get_or_insert(reason);
                None
            }
        }
    }

    fn texts(
        &mut self,
        claims: &Index<'a>,
        fact: &'static str,
    ) -> impl Iterator<Item = &'a str> + use<'a> {
        let list = self.look(known_as(claims, fact, Value::as_list));
        let list = list.unwrap_or_default();
        if list.iter().any(|item| shape::word(item).is_none()) {
            self.misshapen(fact);
        }
        list.iter().filter_map(Value::as_str)
    }

    /// A volume of the local driver may be bound to a folder of the host. One that names no place there is elsewhere.
    fn volume(&mut self, volume: &'a Asset, opens: impl Fn(&str) -> Opens) {
        if volume.partial.is_none() && volume.get(fact::MOUNTPOINT).is_none() {
            return;
        }
        let known = known_as(volume, fact::MOUNTPOINT, shape::path);
        let known = known.map_err(|reason| format!("{}: {reason}", volume.name));
        match self.look(known).map(|place| (place, opens(place))) {
            Some((place, Opens::Host)) => {
                self.needless(format!("{place} mounted by volume {}", volume.name));
            }
            Some((place, Opens::Unclear)) if !is_own_place(place, &volume.name) => {
                self.unclear(unclear(place));
            }
            Some(_) | None => {}
        }
    }

    /// A part of a fact is not what it should be, and may hide what is too much.
    fn misshapen(&mut self, fact: &str) {
        self.unknown.get_or_insert_with(|| misshapen(fact));
    }

    /// Something is there of which it is not known what it opens.
    fn unclear(&mut self, reason: String) {
        self.unknown.get_or_insert(reason);
    }

    /// The fact that was looked at last has something too much in it.
    fn needless(&mut self, what: String) {
        self.needless.push(what);
        self.because.extend(self.last.take());
    }

    /// One thing too many is a fail whatever else is not known; nothing seen is a pass only when all was.
    fn outcome(self) -> Outcome<'a> {
        let because = self.because.into_iter().reduce(|one, other| {
            let how = one.how.max(other.how);
            Evidence::new(how, format!("{}; {}", one.basis, other.basis))
        });
        match (because, self.evidence, self.unknown) {
            (Some(evidence), ..) => Outcome::Fail(self.needless.join(", "), evidence),
            (None, Some(evidence), None) => Outcome::Pass(evidence),
            (None, _, unknown) => Outcome::Unknown(unknown.unwrap_or_default()),
        }
    }
}

#[cfg(test)]
mod tests {
    use plimsoll_model::How;

    use super::*;

    #[test]
    fn an_option_that_nobody_knows_confines_nothing_for_certain() {
        for (option, open) in [
            ("seccomp=unconfined", Some(true)),
            ("seccomp:Unconfined", Some(true)),
            ("systempaths=unconfined", Some(true)),
            ("label=type:spc_t", Some(true)),
            ("label=level:s0:c1", Some(false)),
            ("no-new-privileges", Some(false)),
            ("seccomp=RuntimeDefault", Some(false)),
            ("apparmor=docker-default", Some(false)),
            ("seccomp=custom", None),
            ("apparmor=shop", None),
            ("writable-cgroups=true", None),
        ] {
            assert_eq!(is_open(option), open, "{option}");
        }
    }

    #[test]
    fn a_fail_rests_on_what_it_names() {
        let mut found = Found::default();
        let facts = [("a", None), ("b", Some("x")), ("c", Some("y"))];
        for (basis, needless) in facts {
            let known = Ok(((), Evidence::new(How::Reported, basis)));
            found.look(known);
            if let Some(what) = needless {
                found.needless(what.to_owned());
            }
        }
        let because = Evidence::new(How::Reported, "b; c");
        assert_eq!(found.outcome(), Outcome::Fail("x, y".to_owned(), because));
    }
}
