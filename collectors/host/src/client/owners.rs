//! Which process has which socket: a walk over the open files of every process.

use std::collections::HashSet;
use std::io::ErrorKind;
use std::time::{Duration, Instant};

use super::tree::Tree;
use crate::wire::{Owners, Process};

/// How long the walk may take. Fifty thousand open files take a fraction of a second.
const LIMIT: Duration = Duration::from_secs(10);

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
