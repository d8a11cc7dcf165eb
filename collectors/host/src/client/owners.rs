//! Which process has which socket: a walk over the open files of every process.

use std::collections::HashSet;
use std::io::ErrorKind;
use std::time::{Duration, Instant};

use super::tree::Tree;
use crate::wire::{Owners, Process};

/// How long the walk may take. Fifty thousand open files take a fraction of a second.
const LIMIT: Duration = Duration::from_secs(10);

/// Holds the sockets of units that start when somebody calls.
const INIT: u32 = 1;

/// Walks the processes. One that ends meanwhile is no trouble: it has no socket any more.
pub(super) fn read(tree: &Tree, wanted: &HashSet<u64>) -> Owners {
    let mut owners = Owners::default();
    let names = match tree.folder("proc") {
        Ok(names) => names,
        Err(why) => {
            owners.failed = Some(why);
            return owners;
        }
    };
    let began = Instant::now();
    for pid in names.iter().filter_map(|name| name.parse::<u32>().ok()) {
        if tree.stopped() || began.elapsed() > LIMIT {
            let seconds = LIMIT.as_secs();
            owners.failed = Some(format!(
                "the open files of all processes took longer than {seconds} s"
            ));
            break;
        }
        process(tree, pid, wanted, &mut owners);
    }
    owners
}

fn process(tree: &Tree, pid: u32, wanted: &HashSet<u64>, owners: &mut Owners) {
    let Some(name) = tree.value(&format!("proc/{pid}/comm")) else {
        return;
    };
    let held = match sockets(tree, pid, wanted) {
        Ok(held) => held,
        Err(kind) => {
            owners.hidden |= kind == ErrorKind::PermissionDenied;
            HashSet::new()
        }
    };
    if !held.is_empty() {
        let stat = tree.value(&format!("proc/{pid}/stat"));
        let process = Process {
            started: stat.as_deref().and_then(started).unwrap_or(u64::MAX),
            pid,
            name: name.clone(),
            service: pid == INIT || is_service(&tree.head(&format!("proc/{pid}/cgroup"))),
        };
        for inode in held {
            // Workers inherit their master's sockets: the oldest holder is the owner.
            let owner = owners
                .sockets
                .entry(inode)
                .or_insert_with(|| process.clone());
            if process < *owner {
                *owner = process.clone();
            }
        }
    }
    owners.names.insert(name);
}

fn sockets(tree: &Tree, pid: u32, wanted: &HashSet<u64>) -> Result<HashSet<u64>, ErrorKind> {
    let mut held = HashSet::new();
    let links = tree.links(&format!("proc/{pid}/fd"));
    for target in links.map_err(|error| error.kind())? {
        let inode = socket(&target.map_err(|error| error.kind())?);
        held.extend(inode.filter(|inode| wanted.contains(inode)));
    }
    Ok(held)
}

/// The inode in `socket:[123]`.
fn socket(target: &str) -> Option<u64> {
    target
        .strip_prefix("socket:[")?
        .strip_suffix(']')?
        .parse()
        .ok()
}

/// Whether /proc/PID/cgroup says that a service holds a process: a unit of systemd, of the system or of a user's, or a container.
/// What somebody started in a session is held by none.
fn is_service(cgroup: &str) -> bool {
    cgroup.lines().any(|line| {
        let mut fields = line.splitn(3, ':').skip(1);
        let (controllers, path) = (fields.next(), fields.next().unwrap_or_default());
        // Of version 1 the tree that systemd keeps says it, and engines without it put containers into all.
        let systemd = matches!(controllers, Some("" | "name=systemd"));
        let mut parts = path.split('/');
        parts.any(|part| (systemd && is_unit(part)) || is_container(part))
    })
}

/// `nginx.service`; a user's manager is the frame of everything that the user starts.
fn is_unit(part: &str) -> bool {
    part.ends_with(".service") && !part.starts_with("user@")
}

/// `docker-ID.scope`, `libpod-ID.scope`, `ID` below `docker`, `kubepods.slice`.
fn is_container(part: &str) -> bool {
    const MAKERS: &[&str] = &[
        "docker-",
        "libpod-",
        "cri-containerd-",
        "crio-",
        "lxc.payload",
    ];
    let long = part.len() >= 64 && part.bytes().all(|byte| byte.is_ascii_hexdigit());
    long || part.starts_with("kubepods") || MAKERS.iter().any(|maker| part.starts_with(maker))
}

/// Field 22 of /proc/PID/stat. The name in field 2 may hold spaces and brackets, so counting starts after its last one.
fn started(stat: &str) -> Option<u64> {
    let (_, rest) = stat.rsplit_once(')')?;
    rest.split_ascii_whitespace().nth(19)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn start_times_survive_hostile_names() {
        let rest = "S 1 1 1 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 4711 9 9";
        assert_eq!(started(&format!("7 (sh) {rest}")), Some(4711));
        assert_eq!(started(&format!("7 (a) b) S 1 2 () {rest}")), Some(4711));
        assert_eq!(started("7 (sh) S 1"), None);
        assert_eq!(started(""), None);
    }

    #[test]
    fn services_are_units_and_containers() {
        let id = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
        for (cgroup, service) in [
            ("0::/system.slice/nginx.service\n".to_owned(), true),
            (
                "0::/system.slice/system-getty.slice/getty@tty1.service".to_owned(),
                true,
            ),
            (
                "0::/user.slice/user-1000.slice/session-3.scope".to_owned(),
                false,
            ),
            (
                "0::/user.slice/user-1000.slice/user@1000.service/app.slice/vite.service"
                    .to_owned(),
                true,
            ),
            (
                "0::/user.slice/user-1000.slice/user@1000.service/app.slice/app-code-7.scope"
                    .to_owned(),
                false,
            ),
            (
                "0::/user.slice/user-1000.slice/user@1000.service/init.scope".to_owned(),
                false,
            ),
            (format!("0::/system.slice/docker-{id}.scope"), true),
            (
                format!("0::/machine.slice/libpod-{id}.scope/container"),
                true,
            ),
            (format!("5:memory:/docker/{id}\n1:name=systemd:/"), true),
            (
                "0::/kubepods.slice/kubepods-burstable.slice/x".to_owned(),
                true,
            ),
            (
                "4:memory:/system.slice/a.service\n1:name=systemd:/user.slice/session-1.scope"
                    .to_owned(),
                false,
            ),
            ("0::/".to_owned(), false),
            (String::new(), false),
            ("nonsense".to_owned(), false),
        ] {
            assert_eq!(is_service(&cgroup), service, "{cgroup}");
        }
    }

    #[test]
    fn only_sockets_count() {
        assert_eq!(socket("socket:[42]"), Some(42));
        for other in [
            "pipe:[42]",
            "socket:[]",
            "socket:[-1]",
            "socket:[42",
            "/socket:[42]",
        ] {
            assert_eq!(socket(other), None, "{other}");
        }
    }
}
