//! Published ports: what was asked for and what is live.

use std::net::IpAddr;

use plimsoll_model::{Claim, Table, Text, Value};

use super::basis::{self, reported};
use super::word;
use crate::wire::{Inspect, Map, PortBinding};

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
            "0.0.0.0"
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
        let Self {
            address,
            port,
            protocol,
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
        match ports(owner, self).value().and_then(Value::as_table) {
            None => Self::Hidden,
            Some(ports) if ports.is_empty() => Self::Published,
            Some(_) => Self::Other,
        }
    }
}

/// The claim on a container's ports.
pub(crate) fn ports(seen: &Inspect, exposure: Exposure) -> Claim {
    match exposure {
        Exposure::Host => return basis::unknown(&basis::HOST_NETWORK),
        Exposure::Other => return basis::unknown(&basis::OTHER_NETWORK),
        Exposure::Hidden => return basis::unknown(&basis::HIDDEN_NETWORK),
        Exposure::Mesh => return basis::unknown(&basis::MESH_NETWORK),
        Exposure::Lan => return basis::unknown(&basis::LAN_NETWORK),
        Exposure::Unlisted => return basis::unknown(&basis::NO_NETWORKS),
        Exposure::Published => {}
    }
    // One of the two is enough: the wanted ones of a stopped container, the live ones of an engine that hides the others.
    let (wanted, live) = (&seen.host_config, &seen.network_settings);
    if wanted.is_none() && live.is_none() {
        return basis::unknown(&basis::UNSAID);
    }
    let mut table = Table::new();
    for bindings in wanted.iter().map(|host| &host.port_bindings) {
        add(&mut table, bindings);
    }
    for bindings in live.iter().map(|network| &network.ports) {
        add(&mut table, bindings);
    }
    join_families(&mut table);
    reported(table, &basis::PORTS)
}

fn add(table: &mut Table, bindings: &Map<Option<Vec<PortBinding>>>) {
    for (target, bindings) in bindings {
        let (target, protocol) = target.split_once('/').unwrap_or((target, "tcp"));
        for binding in bindings.iter().flatten() {
            // An empty port or a range leaves the choice to the engine: what it chose is among the live ones.
            let Ok(port) = binding.host_port.parse::<u16>() else {
                continue;
            };
            if port == 0 {
                continue;
            }
            let published = Published::new(&binding.host_ip, port, protocol);
            let mut part = published.part(reach_of(&binding.host_ip));
            if let Ok(target) = target.parse::<u16>() {
                part.insert("target", Value::from(target));
            }
            table.insert(published.key(), Value::Table(part));
        }
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

    fn shown(json: &str) -> String {
        let seen: Inspect = serde_json::from_str(json).unwrap();
        let claim = ports(&seen, Exposure::Published);
        let table = claim.value().unwrap().as_table().unwrap();
        let rows = table.iter().map(|(key, part)| {
            let part = part.as_table().unwrap();
            let get = |name| part.get(name).map(ToString::to_string).unwrap_or_default();
            format!("{key} {} {}", get("reach"), get("target"))
        });
        rows.collect::<Vec<_>>().join("; ")
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
    fn wanted_and_live_are_one_table() {
        let running = r#"{"HostConfig":{"PortBindings":{"80/tcp":[{"HostIp":"127.0.0.1","HostPort":"8080"}],"443/tcp":[{"HostIp":"","HostPort":"443"}]}},
            "NetworkSettings":{"Ports":{"443/tcp":[{"HostIp":"0.0.0.0","HostPort":"443"},{"HostIp":"::","HostPort":"443"}],"80/tcp":[{"HostIp":"127.0.0.1","HostPort":"8080"}],"9000/tcp":null}}}"#;
        let stopped = r#"{"HostConfig":{"PortBindings":{"443/tcp":[{"HostIp":"","HostPort":"443"}],"80/tcp":[{"HostIp":"127.0.0.1","HostPort":"8080"}]}},"NetworkSettings":{"Ports":{}}}"#;
        let expected = "0.0.0.0:443/tcp public 443; 127.0.0.1:8080/tcp loopback 80";
        assert_eq!(shown(running), expected);
        assert_eq!(shown(stopped), expected);
    }

    #[test]
    fn what_the_engine_chose_is_live_only() {
        let seen = r#"{"HostConfig":{"PortBindings":{"53/udp":[{"HostIp":"","HostPort":""}],"80/tcp":[{"HostIp":"","HostPort":"8000-8010"}]}},
            "NetworkSettings":{"Ports":{"53/udp":[{"HostIp":"::","HostPort":"49153"}],"80/tcp":[{"HostIp":"0.0.0.0","HostPort":"8003"}]}}}"#;
        assert_eq!(
            shown(seen),
            "0.0.0.0:8003/tcp public 80; [::]:49153/udp public 53"
        );
    }

    #[test]
    fn what_cannot_be_seen_is_unknown() {
        let seen: Inspect = serde_json::from_str("{}").unwrap();
        assert_eq!(ports(&seen, Exposure::Published).value(), None);
        for exposure in [
            Exposure::Host,
            Exposure::Other,
            Exposure::Hidden,
            Exposure::Mesh,
            Exposure::Lan,
        ] {
            assert_eq!(ports(&seen, exposure).value(), None);
        }
    }
}
