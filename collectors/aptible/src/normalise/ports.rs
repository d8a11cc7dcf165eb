//! What an endpoint opens, and how far that reaches.

use std::net::IpAddr;

use plimsoll_kit::model::{Claim, How, Table, Text, Value};

use crate::wire::Vhost;

const BASIS: &str = "GET /accounts/{id}/vhosts type, internal, status, ip_whitelist, ports";

const BY_DEFAULT: &str = "GET /accounts/{id}/vhosts type, internal, status, ip_whitelist, ports; TLS by the platform's documented default";

/// How an endpoint treats what comes in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Layer {
    /// HTTP: the balancer ends TLS, on ports of its own.
    Http,
    /// Another protocol in TLS, which the balancer ends, on the container's ports.
    Tls,
    /// Anything, passed on as it comes, on the container's ports.
    Tcp,
    /// A kind that is not known.
    Unknown,
}

/// What kind of endpoint it is.
pub(crate) fn layer(vhost: &Vhost) -> Layer {
    match vhost.kind.as_deref() {
        Some("http" | "http_proxy_protocol") => Layer::Http,
        Some("tls" | "grpc") => Layer::Tls,
        Some("tcp") => Layer::Tcp,
        _ => Layer::Unknown,
    }
}

/// How far an endpoint reaches.
pub(crate) fn reach(vhost: &Vhost) -> &'static str {
    match (vhost.internal, vhost.status.as_deref()) {
        (Some(true), _) => "private",
        // One that is still being made, or that failed half-way, may or may not be open.
        (Some(false), Some("provisioned")) => match vhost.ip_whitelist.as_deref() {
            Some(list) if !list.is_empty() && list.iter().all(|range| is_private(range)) => {
                "private"
            }
            _ => "public",
        },
        _ => "unknown",
    }
}

/// Whether a range of addresses is one that the internet does not route. What is no range is not.
fn is_private(range: &str) -> bool {
    let (address, length) = range.split_once('/').unwrap_or((range, ""));
    let Ok(address) = address.trim().parse::<IpAddr>() else {
        return false;
    };
    let most = if address.is_ipv4() { 32 } else { 128 };
    let length: u8 = match length.trim() {
        "" => most,
        text => match text.parse() {
            Ok(length) if length <= most => length,
            _ => return false,
        },
    };
    match address {
        IpAddr::V4(v4) => {
            let [a, b, ..] = v4.octets();
            (a == 10 && length >= 8)
                || (a == 172 && b & 0xf0 == 16 && length >= 12)
                || (a == 192 && b == 168 && length >= 16)
                || (a == 100 && b & 0xc0 == 64 && length >= 10)
                || (a == 169 && b == 254 && length >= 16)
                || (a == 127 && length >= 8)
        }
        IpAddr::V6(v6) => {
            (v6.is_unique_local() && length >= 7)
                || (v6.is_unicast_link_local() && length >= 10)
                || (v6.is_loopback() && length == 128)
        }
    }
}

/// From where an endpoint can be reached.
pub(crate) fn sources(vhost: &Vhost) -> Option<Claim> {
    let basis = "GET /accounts/{id}/vhosts ip_whitelist";
    match (&vhost.ip_whitelist, vhost.internal) {
        (Some(list), _) if !list.is_empty() => {
            let ranges = list.iter().map(|range| super::word(range));
            Some(Claim::reported(Value::texts(ranges)).by(basis))
        }
        (Some(_), Some(false)) => {
            let all = Value::texts(["0.0.0.0/0"]);
            Some(Claim::reported(all).by("GET /accounts/{id}/vhosts ip_whitelist is empty"))
        }
        // Inside its stack's network, whatever that is.
        (Some(_), Some(true)) => None,
        _ => Some(Claim::unknown(
            "GET /accounts/{id}/vhosts has no ip_whitelist",
        )),
    }
}

/// What an endpoint opens. `lowest` is the lowest version of TLS that it takes, `forced` whether plain HTTP is only redirected.
pub(crate) fn ports(vhost: &Vhost, lowest: &Claim, forced: &Claim) -> Claim {
    let reach = reach(vhost);
    let basis = match lowest.how() {
        How::Attested => BY_DEFAULT,
        _ => BASIS,
    };
    let lowest = lowest.value().and_then(Value::as_str);
    let forced = forced.value().and_then(Value::as_bool);
    let mut table = Table::new();
    match layer(vhost) {
        Layer::Http => {
            let given = match vhost.internal {
                Some(true) => (vhost.internal_http_port, vhost.internal_https_port),
                _ => (vhost.external_http_port, vhost.external_https_port),
            };
            let (plain, tls) = (given.0.unwrap_or(80), given.1.unwrap_or(443));
            let target = vhost.container_port;
            match forced {
                Some(true) => open(&mut table, plain, reach, lowest, target, true),
                Some(false) => open(&mut table, plain, reach, Some("none"), target, false),
                // Whether it is only redirected is not known, so neither is what it speaks.
                None => open(&mut table, plain, reach, None, target, false),
            }
            open(&mut table, tls, reach, lowest, target, false);
        }
        layer @ (Layer::Tls | Layer::Tcp) => {
            let listed = vhost
                .container_ports
                .as_deref()
                .filter(|ports| !ports.is_empty());
            let exposed = vhost
                .container_exposed_ports
                .as_deref()
                .filter(|ports| !ports.is_empty());
            let Some(ports) = listed.or(exposed) else {
                return Claim::unknown(
                    "GET /accounts/{id}/vhosts names neither container_ports nor container_exposed_ports",
                );
            };
            let tls = if layer == Layer::Tls { lowest } else { None };
            for port in ports {
                open(&mut table, *port, reach, tls, Some(*port), false);
            }
        }
        Layer::Unknown => {
            return Claim::unknown("GET /accounts/{id}/vhosts gives a type that is not known");
        }
    }
    Claim::reported(table).by(basis)
}

/// One port of the platform's edge, at which no single address listens.
fn open(
    table: &mut Table,
    port: i64,
    reach: &str,
    tls: Option<&str>,
    target: Option<i64>,
    redirects: bool,
) {
    let mut part = Table::new();
    part.insert("port", Value::Int(port));
    part.insert("protocol", Value::from("tcp"));
    part.insert("address", Value::from("edge"));
    part.insert("reach", Value::from(reach));
    if let Some(tls) = tls {
        part.insert("tls", Value::from(tls));
    }
    if let Some(target) = target {
        part.insert("target", Value::Int(target));
    }
    if redirects {
        part.insert("redirects", Value::Bool(true));
    }
    table.insert(Text::from(format!("edge:{port}/tcp")), Value::Table(part));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_inside_private_networks_are_private() {
        for range in [
            "10.0.0.0/8",
            "10.1.2.3",
            "172.16.0.0/12",
            "192.168.1.0/24",
            "fd00::/8",
            "100.64.0.0/10",
        ] {
            assert!(is_private(range), "{range}");
        }
        for range in [
            "0.0.0.0/0",
            "10.0.0.0/7",
            "172.16.0.0/11",
            "198.51.100.0/24",
            "::/0",
            "fc00::/6",
            "x",
            "10.0.0.0/99",
        ] {
            assert!(!is_private(range), "{range}");
        }
    }
}
