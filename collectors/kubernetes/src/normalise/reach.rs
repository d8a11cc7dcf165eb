//! How far an address reaches.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use plimsoll_model::Text;

use crate::wire::Node;

/// How far something can be reached.
pub(crate) const PUBLIC: &str = "public";
/// From private networks alone.
pub(crate) const PRIVATE: &str = "private";
/// From the machine itself alone.
pub(crate) const LOOPBACK: &str = "loopback";
/// Nothing says how far.
pub(crate) const UNKNOWN: &str = "unknown";

/// How far an address reaches by itself; none where it is a name.
pub(crate) fn of_address(text: &str) -> Option<&'static str> {
    let address: IpAddr = text.trim_matches(['[', ']']).parse().ok()?;
    Some(if address.is_loopback() {
        LOOPBACK
    } else if !address.is_unspecified() && is_private(address) {
        PRIVATE
    } else {
        PUBLIC
    })
}

fn is_private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => {
            let [a, b, ..] = v4.octets();
            v4.is_private() || v4.is_link_local() || (a == 100 && (64..128).contains(&b))
        }
        IpAddr::V6(v6) => match v6.to_ipv4_mapped() {
            Some(v4) => is_private(IpAddr::V4(v4)),
            None => v6.is_unique_local() || v6.is_unicast_link_local(),
        },
    }
}

/// Whether a range in CIDR holds public addresses; one that is not understood might.
pub(crate) fn range_is_public(range: &str) -> bool {
    let (address, length) = range.trim().split_once('/').unwrap_or((range.trim(), ""));
    let Ok(address) = address.parse::<IpAddr>() else {
        return true;
    };
    let whole = if address.is_ipv4() { 32 } else { 128 };
    let length: u32 = if length.is_empty() {
        whole
    } else {
        length.parse().unwrap_or(0)
    };
    // A range wider than the private ones holds public addresses beside.
    let narrow = match address {
        IpAddr::V4(v4) => match v4.octets() {
            [10, ..] => length >= 8,
            [172, ..] => length >= 12,
            [100, ..] => length >= 10,
            _ => length >= 16,
        },
        IpAddr::V6(_) => length >= 7,
    };
    let local = address.is_loopback() || is_private(address);
    !(local && narrow)
}

/// How far something reaches that lets in only some: where none of them is public, no further than private.
pub(crate) fn narrowed(reach: &'static str, ranges: &[Text]) -> &'static str {
    let none_public = !ranges.is_empty() && !ranges.iter().any(|range| range_is_public(range));
    if reach != LOOPBACK && none_public {
        PRIVATE
    } else {
        reach
    }
}

/// How far something reaches of which nothing is known but what was asked for.
pub(crate) fn asked(internal: Option<bool>) -> &'static str {
    match internal {
        Some(true) => PRIVATE,
        Some(false) => PUBLIC,
        None => UNKNOWN,
    }
}

/// How far a balancer's address reaches, whoever asked for it. The address itself goes before what was asked for: one that is
/// public is. `of_service` is what the service says whose balancer it is, and a host name of which nothing is known is unknown.
pub(crate) fn of_balancer(
    address: &str,
    of_service: Option<&'static str>,
    internal: Option<bool>,
) -> &'static str {
    let by_itself = of_address(address).or_else(|| of_elb(address));
    let by_service = || of_service.filter(|far| *far != UNKNOWN);
    by_itself
        .or_else(by_service)
        .unwrap_or_else(|| asked(internal))
}

/// AWS names its balancers `NAME.REGION.elb.amazonaws.com` and the internal ones of them `internal-NAME`; those of its other
/// kind, `NAME.elb.REGION.amazonaws.com`, say nothing.
fn of_elb(name: &str) -> Option<&'static str> {
    let rest = name
        .strip_suffix(".elb.amazonaws.com")
        .or_else(|| name.strip_suffix(".elb.amazonaws.com.cn"))?;
    let (name, region) = rest.rsplit_once('.')?;
    let number = region.rsplit_once('-')?.1;
    let is_region = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    is_region.then_some(if name.starts_with("internal-") {
        PRIVATE
    } else {
        PUBLIC
    })
}

/// How far the nodes' own ports reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NodesReach(pub(crate) &'static str);

/// Clouds whose controllers give every node all of its addresses, the public ones among them.
const CLOUDS: &[&str] = &[
    "aws://",
    "gce://",
    "azure://",
    "digitalocean://",
    "openstack://",
    "hcloud://",
    "linode://",
    "scaleway://",
    "oci://",
    "ibm://",
    "alicloud://",
    "vultr://",
    "exoscale://",
    "ovh://",
];

impl NodesReach {
    /// What the nodes' addresses say: public where one of them is, private where a cloud says that none is, and unknown
    /// otherwise, as an address of one's own network may be translated to a public one anywhere.
    pub(crate) fn of(nodes: Option<&[Node]>) -> Self {
        let Some(nodes) = nodes.filter(|nodes| !nodes.is_empty()) else {
            return Self(UNKNOWN);
        };
        let mut addresses = nodes.iter().flat_map(|node| node.status.addresses.iter());
        let public = addresses.any(|address| {
            address.sort == "ExternalIP" && of_address(&address.address) != Some(PRIVATE)
                || of_address(&address.address) == Some(PUBLIC)
        });
        let all_clouds = nodes.iter().all(|node| {
            let id = node.spec.provider_id.as_deref().unwrap_or_default();
            CLOUDS.iter().any(|cloud| id.starts_with(cloud)) && !node.status.addresses.is_empty()
        });
        Self(match (public, all_clouds) {
            (true, _) => PUBLIC,
            (false, true) => PRIVATE,
            (false, false) => UNKNOWN,
        })
    }

    /// How far a port reaches that listens on an address of the nodes, on all where none is named.
    pub(crate) fn on(self, address: Option<&str>) -> &'static str {
        match address.filter(|address| !address.is_empty()) {
            None => self.0,
            Some(address) => match address.parse::<IpAddr>() {
                Ok(IpAddr::V4(Ipv4Addr::UNSPECIFIED) | IpAddr::V6(Ipv6Addr::UNSPECIFIED)) => self.0,
                _ => of_address(address).unwrap_or(UNKNOWN),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_reach_as_far_as_their_kind() {
        for (address, reach) in [
            ("127.0.0.1", Some(LOOPBACK)),
            ("::1", Some(LOOPBACK)),
            ("10.1.2.3", Some(PRIVATE)),
            ("172.32.0.1", Some(PUBLIC)),
            ("100.64.0.1", Some(PRIVATE)),
            ("169.254.1.1", Some(PRIVATE)),
            ("fd00::1", Some(PRIVATE)),
            ("::ffff:10.0.0.1", Some(PRIVATE)),
            ("203.0.113.9", Some(PUBLIC)),
            ("0.0.0.0", Some(PUBLIC)),
            ("a.example.com", None),
        ] {
            assert_eq!(of_address(address), reach, "{address}");
        }
    }

    #[test]
    fn ranges_are_private_only_as_a_whole() {
        for (range, public) in [
            ("10.0.0.0/8", false),
            ("10.0.0.0/7", true),
            ("192.168.1.0/24", false),
            ("0.0.0.0/0", true),
            ("::/0", true),
            ("fd00::/8", false),
            ("203.0.113.0/24", true),
            ("10.1.2.3", false),
            ("nonsense", true),
        ] {
            assert_eq!(range_is_public(range), public, "{range}");
        }
        assert_eq!(narrowed(PUBLIC, &["10.0.0.0/8".into()]), PRIVATE);
        assert_eq!(
            narrowed(PUBLIC, &["10.0.0.0/8".into(), "1.2.3.4/32".into()]),
            PUBLIC
        );
        assert_eq!(narrowed(PUBLIC, &[]), PUBLIC);
    }

    #[test]
    fn a_public_address_is_public_whatever_was_asked_for() {
        assert_eq!(of_balancer("203.0.113.9", None, Some(true)), PUBLIC);
        assert_eq!(of_balancer("10.0.0.9", Some(PUBLIC), None), PRIVATE);
        let named = "x.eu-west-1.elb.amazonaws.com";
        assert_eq!(of_balancer(named, None, Some(true)), PUBLIC);
        let internal = "internal-x.eu-west-1.elb.amazonaws.com";
        assert_eq!(of_balancer(internal, None, Some(false)), PRIVATE);
    }

    #[test]
    fn a_host_name_of_which_nothing_is_known_is_unknown() {
        for name in [
            "lb.example.com",
            "internal-x.example.com",
            "x.elb.eu-west-1.amazonaws.com",
        ] {
            assert_eq!(of_balancer(name, None, None), UNKNOWN, "{name}");
            assert_eq!(of_balancer(name, None, Some(true)), PRIVATE, "{name}");
            assert_eq!(of_balancer(name, None, Some(false)), PUBLIC, "{name}");
            assert_eq!(of_balancer(name, Some(PRIVATE), None), PRIVATE, "{name}");
        }
    }

    #[test]
    fn node_ports_reach_as_far_as_the_nodes() {
        let nodes = |json: &str| -> Vec<Node> { serde_json::from_str(json).unwrap() };
        let private = r#"[{"metadata":{"name":"a"},"spec":{"providerID":"PROVIDER"},"status":{"addresses":[{"type":"InternalIP","address":"10.0.0.1"}]}}]"#;
        let cloud = nodes(&private.replace("PROVIDER", "aws:///eu-west-1a/i-0"));
        let metal = nodes(&private.replace("PROVIDER", "k3s://a"));
        let public = nodes(
            &private
                .replace("InternalIP", "ExternalIP")
                .replace("10.0.0.1", "203.0.113.1"),
        );
        assert_eq!(NodesReach::of(Some(&cloud)).0, PRIVATE);
        assert_eq!(NodesReach::of(Some(&metal)).0, UNKNOWN);
        assert_eq!(NodesReach::of(Some(&public)).0, PUBLIC);
        assert_eq!(NodesReach::of(None).0, UNKNOWN);
        assert_eq!(NodesReach(PUBLIC).on(Some("127.0.0.1")), LOOPBACK);
        assert_eq!(NodesReach(PRIVATE).on(Some("0.0.0.0")), PRIVATE);
    }
}
