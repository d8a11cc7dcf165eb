//! Listeners of a host that are its containers' published ports: one fact, which the container tells.

use std::collections::{BTreeMap, HashMap};

use plimsoll_model::{Asset, AssetId, RelationKind, Table, Value, fact, kind};

use super::{Node, Snapshot};
use crate::change::{PathChange, diff};

/// The processes by which container engines hold the ports that they publish, as the kernel names them (15 letters at most).
const HOLDERS: &[&str] = &[
    "docker-proxy",
    "dockerd",
    "rootlesskit",
    "rootlessport",
    "rootlessport-ch",
    "conmon",
    "podman",
    "slirp4netns",
    "pasta",
    "pasta.avx2",
    "com.docker.back",
    "vpnkit-bridge",
];

/// What the containers of each host publish, as far as their engines say it now.
#[derive(Clone, Debug, Default)]
pub struct Published {
    /// By the host's place: `address:port/protocol` and the place of the container.
    hosts: HashMap<u32, BTreeMap<String, u32>>,
}

impl Published {
    /// What is published as of a snapshot. A container that was not seen, or whose ports are not known, explains nothing.
    pub fn of(snapshot: &Snapshot) -> Self {
        let mut hosts: HashMap<u32, BTreeMap<String, u32>> = HashMap::new();
        let listens =
            |node: &Node| node.asset.kind == kind::HOST && node.asset.value(fact::PORTS).is_some();
        if !snapshot.nodes().iter().any(listens) {
            return Self { hosts };
        }
        for (at, node) in (0u32..).zip(snapshot.nodes()) {
            if node.asset.kind != kind::CONTAINER {
                continue;
            }
            let mut live = live(&node.asset).peekable();
            if live.peek().is_none() {
                continue;
            }
            let mut below = snapshot.along(at, RelationKind::RunsOn);
            if let Some((host, _)) = below.find(|(_, below)| below.kind == kind::HOST) {
                let keys = hosts.entry(host).or_default();
                live.for_each(|key| {
                    keys.insert(key, at);
                });
            }
        }
        Self { hosts }
    }

    /// The place of the container to which a listener of a host leads: it publishes that very port, and no other process is
    /// known to have the listener. None where that is not known.
    pub fn container(&self, host: u32, key: &str, listener: &Value) -> Option<u32> {
        let found = self.hosts.get(&host)?.get(key).copied();
        found.filter(|_| holder(listener) != Holder::Other)
    }

    /// Leaves out what changed of a host's ports and is told with its containers: a listener that came is one that a container
    /// publishes now, and one that went one that a container published `before`.
    pub fn leave_out(&self, host: u32, before: &[&Asset], paths: &mut Vec<PathChange>) {
        paths.retain(|path| {
            let Some(key) = key(&path.path) else {
                return true;
            };
            match (&path.from, &path.to) {
                (None, Some(came)) => self.container(host, key, came).is_none(),
                (Some(gone), None) => !before
                    .iter()
                    .any(|container| published(container, key, gone)),
                _ => true,
            }
        });
    }
}

/// What differs between an asset `was` as of one snapshot and `is` as of a later one; of a host's ports not what its containers
/// publish.
pub fn differences(
    (before, was): (&Snapshot, &Asset),
    (after, is): (&Snapshot, &Asset),
    published: &Published,
) -> Vec<PathChange> {
    let mut paths = diff(was, is);
    let host = after.find(is.id.as_str()).filter(|_| is.kind == kind::HOST);
    if let Some(host) = host.filter(|_| !paths.is_empty()) {
        let containers: Vec<&Asset> = [(before, &was.id), (after, &is.id)]
            .into_iter()
            .flat_map(|(snapshot, id)| containers(snapshot, id))
            .collect();
        published.leave_out(host, &containers, &mut paths);
    }
    paths
}

/// The containers on a host.
fn containers<'a>(snapshot: &'a Snapshot, host: &AssetId) -> Vec<&'a Asset> {
    let host = snapshot.find(host.as_str()).into_iter();
    let on = host.flat_map(|host| snapshot.against(host, RelationKind::RunsOn));
    on.map(|(_, asset)| asset)
        .filter(|asset| asset.kind == kind::CONTAINER)
        .collect()
}

/// Who has a listener.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Holder {
    Engine,
    Other,
    Unknown,
}

fn holder(listener: &Value) -> Holder {
    let process = listener.as_table().and_then(|row| row.get("process"));
    match process.and_then(Value::as_str) {
        None => Holder::Unknown,
        Some(name) if HOLDERS.contains(&name) => Holder::Engine,
        Some(_) => Holder::Other,
    }
}

/// The row that a path speaks of as a whole: `ports[0.0.0.0:80/tcp]`.
fn key(path: &str) -> Option<&str> {
    let row = path.strip_prefix(fact::PORTS)?;
    row.strip_prefix('[')?.strip_suffix(']')
}

/// The listeners that a running container is known to have on its host.
fn live(container: &Asset) -> impl Iterator<Item = String> + '_ {
    let state = container.value(fact::STATE).and_then(Value::as_str);
    let runs = matches!(state, Some("running" | "paused"));
    let known = container.value(fact::PORTS).and_then(Value::as_table);
    let known = known.filter(|_| runs);
    let said = container
        .readings
        .get(fact::PORTS_LIVE)
        .and_then(|claim| claim.value()?.as_list());
    let said = said.filter(|_| known.is_some());
    let said_keys = said.into_iter().flatten().filter_map(Value::as_str);
    let rows = known.filter(|_| said.is_none());
    let row_keys = rows.into_iter().flat_map(Table::iter).map(|(key, _)| key);
    said_keys.chain(row_keys).map(str::to_owned)
}

/// Whether a listener was one that a container published, by what is known of the container's ports.
fn published(container: &Asset, listener: &str, row: &Value) -> bool {
    let holder = holder(row);
    let Some(rows) = container.facts.get(fact::PORTS) else {
        return false;
    };
    let Some(rows) = rows.last_value().and_then(Value::as_table) else {
        return false;
    };
    if holder == Holder::Other {
        return false;
    }
    // A port that is published everywhere is one row for IPv4 and IPv6.
    let everywhere = listener.strip_prefix("[::]:");
    let everywhere = everywhere.map(|rest| format!("0.0.0.0:{rest}"));
    let names = [Some(listener), everywhere.as_deref()];
    let mut names = names.into_iter().flatten();
    names.any(|name| rows.contains(name) || (holder == Holder::Engine && is_choice(rows, name)))
}

/// Whether a port may be one that the engine chose: `0.0.0.0:32768/tcp` of `0.0.0.0:*->5432/tcp`.
fn is_choice(rows: &Table, listener: &str) -> bool {
    let Some((address, port)) = listener.rsplit_once(':') else {
        return false;
    };
    let Some((port, protocol)) = port.split_once('/') else {
        return false;
    };
    rows.names().any(|row| {
        let choice = row
            .strip_prefix(address)
            .and_then(|row| row.strip_prefix(':'));
        let choice = choice.and_then(|row| row.strip_suffix(protocol)?.strip_suffix('/'));
        let choice = choice.and_then(|row| row.split_once("->"));
        match choice.map(|(choice, _)| choice) {
            None => false,
            Some("*") => true,
            Some(range) => range.split_once('-').is_some_and(|(first, last)| {
                let number = |text: &str| text.parse::<u16>().ok();
                let within = |port| Some(number(first)? <= port && port <= number(last)?);
                number(port).and_then(within) == Some(true)
            }),
        }
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use plimsoll_model::{Claim, Text};

    use super::*;
    use crate::inventory::Edge;

    fn container(ports: &str, live: Option<&[&str]>, state: &str) -> Asset {
        let id = AssetId::of(kind::CONTAINER, &["web-1", "shop"]);
        let mut asset = Asset::new(id, kind::CONTAINER, "shop");
        let ports: Table = serde_json::from_str(ports).unwrap();
        asset.claim(fact::PORTS, Claim::reported(ports));
        asset.reading(fact::STATE, Claim::reported(state));
        if let Some(live) = live {
            let live = Value::texts(live.iter().copied());
            asset.reading(fact::PORTS_LIVE, Claim::reported(live));
        }
        asset
    }

    /// The host is at 1.
    fn published_by(container: Asset) -> Published {
        let sources: Arc<[Text]> = vec![Text::from("docker")].into();
        let mut host = Asset::new(AssetId::of(kind::HOST, &["web-1"]), kind::HOST, "web-1");
        host.claim(fact::PORTS, Claim::measured(Table::new()));
        let nodes = [container, host].map(|asset| Node {
            asset,
            sources: Arc::clone(&sources),
        });
        let edge = Edge {
            from: 0,
            kind: RelationKind::RunsOn,
            to: 1,
        };
        Published::of(&Snapshot::new(nodes.into(), vec![edge], Vec::new()))
    }

    fn row(process: &str) -> Value {
        let mut row = Table::new();
        if !process.is_empty() {
            row.insert("process", Value::from(process));
        }
        Value::Table(row)
    }

    #[test]
    fn a_listener_is_explained_by_the_container_that_publishes_it() {
        let both: &[&str] = &["0.0.0.0:80/tcp", "[::]:80/tcp"];
        let all = published_by(container(r#"{"0.0.0.0:80/tcp":{}}"#, Some(both), "running"));
        for (key, process, explained) in [
            ("0.0.0.0:80/tcp", "docker-proxy", true),
            ("[::]:80/tcp", "docker-proxy", true),
            ("[::]:80/tcp", "", true),
            // Another process has it, whatever the engine says.
            ("0.0.0.0:80/tcp", "nc", false),
            // A name proves nothing.
            ("0.0.0.0:4444/tcp", "docker-proxy", false),
            ("127.0.0.1:80/tcp", "docker-proxy", false),
            ("0.0.0.0:80/udp", "docker-proxy", false),
        ] {
            let found = all.container(1, key, &row(process));
            assert_eq!(found.is_some(), explained, "{key} {process}");
        }
        assert_eq!(all.container(0, "0.0.0.0:80/tcp", &row("")), None);
    }

    #[test]
    fn what_is_not_known_to_run_explains_nothing() {
        let ports = r#"{"0.0.0.0:80/tcp":{}}"#;
        let explains = |container: Asset| {
            let all = published_by(container);
            all.container(1, "0.0.0.0:80/tcp", &row("docker-proxy"))
                .is_some()
        };
        assert!(explains(container(ports, None, "running")));
        assert!(!explains(container(ports, None, "stopped")));
        assert!(!explains(container("{}", None, "running")));
        let mut unseen = container(ports, Some(&["0.0.0.0:80/tcp"]), "running");
        crate::inventory::lose_sight(&mut unseen, "not seen");
        assert!(!explains(unseen));
        let mut unknown = container(ports, Some(&["0.0.0.0:80/tcp"]), "running");
        unknown.claim(fact::PORTS, Claim::unknown("host network"));
        assert!(!explains(unknown));
    }

    #[test]
    fn a_change_of_published_ports_is_the_containers() {
        let told = |path: &str, from: Option<Value>, to: Option<Value>| {
            let now = container(
                r#"{"0.0.0.0:*->5432/tcp":{},"0.0.0.0:80/tcp":{}}"#,
                Some(&["0.0.0.0:32770/tcp", "[::]:32770/tcp", "0.0.0.0:80/tcp"]),
                "running",
            );
            let before = now.clone();
            let mut paths = vec![PathChange {
                path: path.into(),
                from,
                to,
            }];
            published_by(now).leave_out(1, &[&before], &mut paths);
            !paths.is_empty()
        };
        let proxy = || Some(row("docker-proxy"));
        // It was restarted, and the engine chose another port.
        assert!(!told("ports[0.0.0.0:32768/tcp]", proxy(), None));
        assert!(!told("ports[[::]:32768/tcp]", proxy(), None));
        assert!(!told("ports[0.0.0.0:32770/tcp]", None, proxy()));
        assert!(told("ports[0.0.0.0:32771/tcp]", None, proxy()));
        assert!(!told("ports[0.0.0.0:80/tcp]", None, proxy()));
        assert!(!told("ports[[::]:80/tcp]", proxy(), None));
        // What somebody else had is the host's.
        assert!(told("ports[0.0.0.0:80/tcp]", Some(row("nginx")), None));
        assert!(told("ports[0.0.0.0:32768/tcp]", Some(row("")), None));
        assert!(told("ports[127.0.0.1:8080/tcp]", proxy(), None));
        assert!(told("ports[0.0.0.0:4444/tcp]", None, Some(row("nc"))));
        let (nginx, proxy) = (Value::from("nginx"), Value::from("docker-proxy"));
        assert!(told(
            "ports[0.0.0.0:80/tcp].process",
            Some(nginx),
            Some(proxy)
        ));
        assert!(told("kernel", Some(Value::from("6.1")), None));
    }

    #[test]
    fn a_chosen_port_is_one_of_what_was_left_to_the_engine() {
        let rows: Table =
            serde_json::from_str(r#"{"127.0.0.1:8000-8010->80/tcp":{},"0.0.0.0:*->53/udp":{}}"#)
                .unwrap();
        for (listener, is) in [
            ("127.0.0.1:8000/tcp", true),
            ("127.0.0.1:8010/tcp", true),
            ("127.0.0.1:8011/tcp", false),
            ("127.0.0.1:8000/udp", false),
            ("0.0.0.0:8000/tcp", false),
            ("0.0.0.0:40000/udp", true),
            ("0.0.0.0:40000/tcp", false),
        ] {
            assert_eq!(is_choice(&rows, listener), is, "{listener}");
        }
    }
}
