//! Published ports: what was asked for and what is live.

use std::net::IpAddr;

use plimsoll_model::{Claim, Table, Text, Value};

use super::basis::{self, reported};
use super::process::state;
use super::word;
use crate::wire::{HostConfig, Inspect, PortBinding};

/// Every address of the host.
const EVERYWHERE: &str = "0.0.0.0";

/// A port of the host that leads somewhere.
pub(crate) struct Published {
    address: Text,
    port: u16,
    protocol: Text,
}

impl Published {
    /// A port at an address; an empty address is every one.
    pub(crate) fn new(address: &str, port: u16, protocol: &str) -> Self {
        let address = if address.is_empty() {
            EVERYWHERE
        } else {
            address
        };
        Self {
            address: word(address),
            port,
            protocol: word(protocol),
        }
    }

    /// Its key in a table of ports.
    pub(crate) fn key(&self) -> Text {
        self.key_of(&self.port.to_string())
    }

    fn key_of(&self, port: &str) -> Text {
        let Self {
            address, protocol, ..
        } = self;
        Text::from(if address.contains(':') {
            format!("[{address}]:{port}/{protocol}")
        } else {
            format!("{address}:{port}/{protocol}")
        })
    }

    /// Its row, without what leads on.
    pub(crate) fn part(&self, reach: &str) -> Table {
        let mut part = Table::new();
        part.insert("address", Value::Text(self.address.clone()));
        part.insert("port", Value::from(self.port));
        part.insert("protocol", Value::Text(self.protocol.clone()));
        part.insert("reach", Value::from(reach));
        part
    }
}

/// From where an address can be reached. An empty one is every address; a name is not looked up.
pub(crate) fn reach_of(address: &str) -> &'static str {
    if address.is_empty() {
        return "public";
    }
    let address = address.split('%').next().unwrap_or_default();
    let Ok(address) = address.parse::<IpAddr>() else {
        return if address == "localhost" {
            "loopback"
        } else {
            "unknown"
        };
    };
    match address.to_canonical() {
        address if address.is_unspecified() => "public",
        address if address.is_loopback() => "loopback",
        IpAddr::V4(v4) => {
            // 100.64.0.0/10 is a carrier's own side of its address translation.
            let carrier = v4.octets()[0] == 100 && v4.octets()[1] & 0xC0 == 64;
            if v4.is_private() || v4.is_link_local() || carrier {
                "private"
            } else {
                "public"
            }
        }
        IpAddr::V6(v6) => {
            if v6.is_unique_local() || v6.is_unicast_link_local() {
                "private"
            } else {
                "public"
            }
        }
    }
}

/// What else may lead to a container's listening sockets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exposure {
    /// Published ports and nothing else.
    Published,
    /// The host's network.
    Host,
    /// The network of another container that publishes ports.
    Other,
    /// A swarm's routing mesh.
    Mesh,
    /// An address of its own on the host's network.
    Lan,
    /// The network of another container of which nothing is known.
    Hidden,
    /// A network of which nothing is known, since networks could not be listed.
    Unlisted,
}

impl Exposure {
    /// What leads to those who share the network of a container that this leads to.
    pub(crate) fn shared(self, owner: &Inspect) -> Self {
        if self != Self::Published {
            return self;
        }
        let ports = ports(owner, self, &Way::default()).published;
        match ports.value().and_then(Value::as_table) {
            None => Self::Hidden,
            Some(ports) if ports.is_empty() => Self::Published,
            Some(_) => Self::Other,
        }
    }
}

/// Where an engine publishes a port for which no address was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Way {
    /// The address of the network's default binding.
    pub(crate) address: Text,
    /// Whether its networks publish nothing.
    pub(crate) closed: bool,
}

impl Default for Way {
    fn default() -> Self {
        Self {
            address: EVERYWHERE.into(),
            closed: false,
        }
    }
}

/// The claims on a container's ports.
pub(crate) struct Ports {
    /// Those that are published while it runs, and those that will be when it does not.
    pub(crate) published: Claim,
    /// Of those whose port of the host the engine chooses, the ones that it has chosen now, by their keys.
    pub(crate) chosen: Table,
    /// Those that are live, each as the host has it.
    pub(crate) live: Vec<Text>,
}

/// The claims on a container's ports. While it runs only what is live is true: what was asked for may be refused, and goes
/// to an address that the engine decides on. While it does not, what was asked for is what will be.
pub(crate) fn ports(seen: &Inspect, exposure: Exposure, way: &Way) -> Ports {
    let claim = |published| Ports {
        published,
        chosen: Table::new(),
        live: Vec::new(),
    };
    match exposure {
        Exposure::Host => return claim(basis::unknown(&basis::HOST_NETWORK)),
        Exposure::Other => return claim(basis::unknown(&basis::OTHER_NETWORK)),
        Exposure::Hidden => return claim(basis::unknown(&basis::HIDDEN_NETWORK)),
        Exposure::Mesh => return claim(basis::unknown(&basis::MESH_NETWORK)),
        Exposure::Lan => return claim(basis::unknown(&basis::LAN_NETWORK)),
        Exposure::Unlisted => return claim(basis::unknown(&basis::NO_NETWORKS)),
        Exposure::Published => {}
    }
    let found = match runs(seen) {
        Some(true) => live(seen),
        Some(false) => wanted(seen, way).map(Live::none),
        // A word for a state that is not known here: whichever of the two counts, it says the same.
        None => live(seen).filter(|live| wanted(seen, way).as_ref() == Some(&live.rows)),
    };
    match found {
        Some(found) => Ports {
            published: reported(found.rows, &basis::PORTS),
            chosen: found.chosen,
            live: found.keys,
        },
        None => claim(basis::unknown(&basis::UNSAID)),
    }
}

/// Whether a container runs, as far as its engine has a word for that.
fn runs(seen: &Inspect) -> Option<bool> {
    let status = seen.state.as_ref()?.status.as_deref()?;
    // What waits to be restarted has no ports until then.
    state(status).map(|state| matches!(state, "running" | "paused"))
}

/// What is published now.
struct Live {
    rows: Table,
    /// The ports that the engine chose.
    chosen: Table,
    /// The listeners as the host has them.
    keys: Vec<Text>,
}

impl Live {
    fn none(wanted: Table) -> Self {
        Self {
            rows: wanted,
            chosen: Table::new(),
            keys: Vec::new(),
        }
    }
}

/// What is published now, and which ports the engine chose.
fn live(seen: &Inspect) -> Option<Live> {
    let network = seen.network_settings.as_ref()?;
    let (mut rows, mut chosen) = (Table::new(), Table::new());
    let mut keys = Vec::new();
    for (target, bindings) in &network.ports {
        for binding in bindings.iter().flatten() {
            let Some(port) = fixed(&binding.host_port) else {
                continue;
            };
            let asked = asked_for(seen.host_config.as_ref(), target, binding, port);
            let row = Row::new(target, &binding.host_ip, asked);
            keys.push(row.published.key_of(&port.to_string()));
            if !matches!(asked, Asked::Fixed(_)) {
                chosen.insert(row.key(), Value::from(port));
            }
            row.add(&mut rows);
        }
    }
    join_families(&mut rows);
    join_families(&mut chosen);
    Some(Live { rows, chosen, keys })
}

/// What will be published.
fn wanted(seen: &Inspect, way: &Way) -> Option<Table> {
    let host = seen.host_config.as_ref()?;
    let mut rows = Table::new();
    if way.closed {
        return Some(rows);
    }
    let all = host.publish_all_ports == Some(true);
    let exposed = seen.config.iter().flat_map(|config| &config.exposed_ports);
    let exposed = exposed.map(|(target, _)| target).filter(|_| all);
    for target in exposed {
        if host.port_bindings.iter().all(|(name, _)| name != target) {
            Row::new(target, &way.address, Asked::Any).add(&mut rows);
        }
    }
    for (target, bindings) in &host.port_bindings {
        for binding in bindings.iter().flatten() {
            let address = match binding.host_ip.as_str() {
                "" => &way.address,
                address => address,
            };
            Row::new(target, address, Asked::of(&binding.host_port)).add(&mut rows);
        }
    }
    join_families(&mut rows);
    Some(rows)
}

/// A port of the host as it was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Asked<'a> {
    Fixed(u16),
    /// The engine chooses one of a range, `8000-8010`.
    Range(&'a str),
    /// The engine chooses, and chooses anew at every start.
    Any,
}

impl<'a> Asked<'a> {
    fn of(text: &'a str) -> Self {
        match (fixed(text), text.split_once('-')) {
            (Some(port), _) => Self::Fixed(port),
            (None, Some(_)) => Self::Range(text),
            (None, None) => Self::Any,
        }
    }

    fn fits(self, port: u16) -> bool {
        match self {
            Self::Fixed(wanted) => wanted == port,
            Self::Any => true,
            Self::Range(range) => {
                let ends = range.split_once('-');
                let ends = ends.and_then(|(first, last)| {
                    Some((first.parse::<u16>().ok()?, last.parse::<u16>().ok()?))
                });
                ends.is_some_and(|(first, last)| (first..=last).contains(&port))
            }
        }
    }
}

/// A port's number; none where the choice is left to the engine.
fn fixed(text: &str) -> Option<u16> {
    text.parse().ok().filter(|port| *port != 0)
}

/// How a live port was asked for.
fn asked_for<'a>(
    host: Option<&'a HostConfig>,
    target: &str,
    live: &PortBinding,
    port: u16,
) -> Asked<'a> {
    let Some(host) = host else {
        return Asked::Fixed(port);
    };
    let bindings = host
        .port_bindings
        .iter()
        .filter(|(name, _)| *name == target);
    let bindings = bindings.flat_map(|(_, bindings)| bindings.iter().flatten());
    let all: Vec<&PortBinding> = bindings.collect();
    if all.is_empty() && host.publish_all_ports == Some(true) {
        return Asked::Any;
    }
    let same = |one: &str, other: &str| one.parse::<IpAddr>().ok() == other.parse::<IpAddr>().ok();
    let asked = all
        .iter()
        .filter(|binding| binding.host_ip.is_empty() || same(&binding.host_ip, &live.host_ip));
    // A number that was asked for goes before one that happens to lie in a range.
    let mut asked: Vec<Asked<'a>> = asked.map(|binding| Asked::of(&binding.host_port)).collect();
    asked.sort_by_key(|asked| match asked {
        Asked::Fixed(_) => 0,
        Asked::Range(_) => 1,
        Asked::Any => 2,
    });
    let mut asked = asked.into_iter().filter(|asked| asked.fits(port));
    asked.next().unwrap_or(Asked::Fixed(port))
}

/// A row of the table of ports that leads into the container.
struct Row<'a> {
    published: Published,
    /// The container's port.
    target: &'a str,
    /// What was asked for instead of a number.
    choice: Option<&'a str>,
}

impl<'a> Row<'a> {
    fn new(target: &'a str, address: &str, asked: Asked<'a>) -> Self {
        let (target, protocol) = target.split_once('/').unwrap_or((target, "tcp"));
        let (port, choice) = match asked {
            Asked::Fixed(port) => (port, None),
            Asked::Range(range) => (0, Some(range)),
            Asked::Any => (0, Some("*")),
        };
        Self {
            published: Published::new(address, port, protocol),
            target,
            choice,
        }
    }

    /// A port that the engine chooses goes by the container's: `0.0.0.0:*->5432/tcp`. It is another one at every start, and nobody
    /// changed anything.
    fn key(&self) -> Text {
        match self.choice {
            None => self.published.key(),
            Some(choice) => self.published.key_of(&format!("{choice}->{}", self.target)),
        }
    }

    fn add(&self, table: &mut Table) {
        let mut part = self.published.part(reach_of(&self.published.address));
        if self.choice.is_some() {
            part.remove("port");
        }
        if let Ok(target) = self.target.parse::<u16>() {
            part.insert("target", Value::from(target));
        }
        table.insert(self.key(), Value::Table(part));
    }
}

/// A port that is published everywhere is wanted once and live twice, for IPv4 and IPv6: one row stands for both, or
/// stopping the container would show as a change of its ports.
fn join_families(table: &mut Table) {
    let twins: Vec<Text> = table
        .names()
        .filter_map(|key| {
            let rest = key.strip_prefix("[::]:")?;
            table
                .contains(&format!("0.0.0.0:{rest}"))
                .then(|| key.into())
        })
        .collect();
    for twin in twins {
        table.remove(&twin);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str, way: &Way) -> Ports {
        let seen: Inspect = serde_json::from_str(json).unwrap();
        ports(&seen, Exposure::Published, way)
    }

    fn shown_by(json: &str, way: &Way) -> String {
        let claim = read(json, way).published;
        let table = claim.value().unwrap().as_table().unwrap();
        let rows = table.iter().map(|(key, part)| {
            let part = part.as_table().unwrap();
            let get = |name| part.get(name).map(ToString::to_string).unwrap_or_default();
            format!("{key} {} {}", get("reach"), get("target"))
        });
        rows.collect::<Vec<_>>().join("; ")
    }

    fn shown(json: &str) -> String {
        shown_by(json, &Way::default())
    }

    /// A container in a state, with what it wants published and what is.
    fn container(status: &str, wanted: &str, live: &str) -> String {
        format!(
            r#"{{"State":{{"Status":"{status}"}},"HostConfig":{{"PortBindings":{{{wanted}}}}},"NetworkSettings":{{"Ports":{{{live}}}}}}}"#
        )
    }

    #[test]
    fn addresses_and_their_reach() {
        for (address, reach) in [
            ("", "public"),
            ("0.0.0.0", "public"),
            ("::", "public"),
            ("203.0.113.9", "public"),
            ("2a00::1", "public"),
            ("127.0.0.1", "loopback"),
            ("127.9.9.9", "loopback"),
            ("::1", "loopback"),
            ("::ffff:127.0.0.1", "loopback"),
            ("::ffff:10.0.0.1", "private"),
            ("10.1.2.3", "private"),
            ("172.31.0.1", "private"),
            ("172.32.0.1", "public"),
            ("192.168.1.1", "private"),
            ("169.254.1.1", "private"),
            ("100.64.0.1", "private"),
            ("100.128.0.1", "public"),
            ("fd00::1", "private"),
            ("fe80::1%eth0", "private"),
            ("engine.example", "unknown"),
        ] {
            assert_eq!(reach_of(address), reach, "{address}");
        }
    }

    #[test]
    fn a_port_that_was_asked_for_is_the_same_running_and_stopped() {
        let wanted = r#""80/tcp":[{"HostIp":"127.0.0.1","HostPort":"8080"}],"443/tcp":[{"HostIp":"","HostPort":"443"}]"#;
        let live = r#""443/tcp":[{"HostIp":"0.0.0.0","HostPort":"443"},{"HostIp":"::","HostPort":"443"}],"80/tcp":[{"HostIp":"127.0.0.1","HostPort":"8080"}],"9000/tcp":null"#;
        let expected = "0.0.0.0:443/tcp public 443; 127.0.0.1:8080/tcp loopback 80";
        for status in ["running", "paused", "hibernating"] {
            assert_eq!(
                shown(&container(status, wanted, live)),
                expected,
                "{status}"
            );
        }
        for status in ["exited", "created", "restarting", "dead"] {
            assert_eq!(shown(&container(status, wanted, "")), expected, "{status}");
        }
    }

    #[test]
    fn of_a_running_container_only_the_live_ports_are_true() {
        let wanted = r#""5432/tcp":[{"HostIp":"","HostPort":"15432"}]"#;
        let live = r#""5432/tcp":[{"HostIp":"127.0.0.1","HostPort":"15432"}]"#;
        let expected = "127.0.0.1:15432/tcp loopback 5432";
        assert_eq!(shown(&container("running", wanted, live)), expected);
        // The engine publishes nothing on a network that has no way out.
        assert_eq!(shown(&container("running", wanted, "")), "");
        // The network's default address is that of what will be published.
        let way = Way {
            address: "127.0.0.1".into(),
            closed: false,
        };
        assert_eq!(shown_by(&container("exited", wanted, ""), &way), expected);
        let closed = Way {
            closed: true,
            ..Way::default()
        };
        assert_eq!(shown_by(&container("exited", wanted, ""), &closed), "");
    }

    #[test]
    fn a_port_that_the_engine_chooses_keeps_its_row() {
        for (asked, expected) in [
            ("", "0.0.0.0:*->5432/tcp public 5432"),
            ("0", "0.0.0.0:*->5432/tcp public 5432"),
            ("8000-8010", "0.0.0.0:8000-8010->5432/tcp public 5432"),
        ] {
            let wanted = format!(r#""5432/tcp":[{{"HostIp":"","HostPort":"{asked}"}}]"#);
            assert_eq!(shown(&container("exited", &wanted, "")), expected);
            for port in [8003, 8007] {
                let live = format!(
                    r#""5432/tcp":[{{"HostIp":"0.0.0.0","HostPort":"{port}"}},{{"HostIp":"::","HostPort":"{port}"}}]"#
                );
                let seen = container("running", &wanted, &live);
                assert_eq!(shown(&seen), expected, "{asked}");
                let chosen = read(&seen, &Way::default()).chosen;
                let shown: Vec<String> = chosen.iter().map(|(_, port)| port.to_string()).collect();
                assert_eq!(shown, [port.to_string()]);
            }
        }
        // A number that was asked for beside it stays one.
        let wanted = r#""80/tcp":[{"HostIp":"","HostPort":""},{"HostIp":"","HostPort":"80"}]"#;
        let live = r#""80/tcp":[{"HostIp":"0.0.0.0","HostPort":"32768"},{"HostIp":"0.0.0.0","HostPort":"80"}]"#;
        assert_eq!(
            shown(&container("running", wanted, live)),
            "0.0.0.0:*->80/tcp public 80; 0.0.0.0:80/tcp public 80"
        );
    }

    #[test]
    fn all_exposed_ports_can_be_asked_for_at_once() {
        let seen = |status: &str, live: &str| {
            format!(
                r#"{{"State":{{"Status":"{status}"}},"Config":{{"ExposedPorts":{{"80/tcp":{{}},"53/udp":{{}}}}}},
                "HostConfig":{{"PublishAllPorts":true,"PortBindings":{{"53/udp":[{{"HostIp":"","HostPort":"53"}}]}}}},"NetworkSettings":{{"Ports":{{{live}}}}}}}"#
            )
        };
        let expected = "0.0.0.0:*->80/tcp public 80; 0.0.0.0:53/udp public 53";
        assert_eq!(shown(&seen("exited", "")), expected);
        let live = r#""80/tcp":[{"HostIp":"0.0.0.0","HostPort":"32769"}],"53/udp":[{"HostIp":"0.0.0.0","HostPort":"53"}]"#;
        assert_eq!(shown(&seen("running", live)), expected);
    }

    #[test]
    fn a_state_that_is_not_known_leaves_open_which_ports_count() {
        let wanted = r#""80/tcp":[{"HostIp":"","HostPort":"80"}]"#;
        let ports = read(&container("hibernating", wanted, ""), &Way::default());
        assert_eq!(ports.published.value(), None);
        // A running one whose live ports are kept back, and a stopped one whose wish is.
        for json in [
            r#"{"State":{"Status":"running"},"HostConfig":{}}"#,
            r#"{"State":{"Status":"exited"},"NetworkSettings":{}}"#,
        ] {
            assert_eq!(read(json, &Way::default()).published.value(), None);
        }
    }

    #[test]
    fn what_cannot_be_seen_is_unknown() {
        let seen: Inspect = serde_json::from_str("{}").unwrap();
        let way = Way::default();
        let claim = |exposure| ports(&seen, exposure, &way).published;
        assert_eq!(claim(Exposure::Published).value(), None);
        for exposure in [
            Exposure::Host,
            Exposure::Other,
            Exposure::Hidden,
            Exposure::Mesh,
            Exposure::Lan,
        ] {
            assert_eq!(claim(exposure).value(), None);
        }
    }
}
