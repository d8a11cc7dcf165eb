//! A system's ports, as the fact `ports` has them.

use plimsoll_model::{Value, fact, kind};

use super::{Case, shape};
use crate::baseline::index::Index;
use crate::baseline::outcome::{Evidence, known_as};

/// Who can reach a port, as far as that is known.
const REACHES: &[&str] = &["public", "private", "loopback"];

/// One thing that listens.
#[derive(Clone, Copy)]
pub(super) struct Port<'a> {
    /// `0.0.0.0:443/tcp`.
    pub(super) key: &'a str,
    /// None where the source gave none.
    number: Option<i64>,
    protocol: &'a str,
    /// Who reaches it; none where that is not known.
    pub(super) reach: Option<&'a str>,
    /// The lowest version of TLS that it accepts, `none` for plain text.
    pub(super) tls: Option<&'a str>,
    /// Whether it only redirects to another port, by HTTPS.
    pub(super) redirects: bool,
    /// Whether a part of it has a value of the wrong shape, or it is about another port than its key says: what else is
    /// said of it is then not to be trusted.
    pub(super) misshapen: bool,
}

impl<'a> Port<'a> {
    fn new(key: &'a str, parts: &'a Value) -> Self {
        let mut port = Self {
            key,
            number: None,
            protocol: "tcp",
            reach: None,
            tls: None,
            redirects: false,
            misshapen: parts.as_table().is_none(),
        };
        for (name, part) in parts.as_table().into_iter().flat_map(|table| table.iter()) {
            port.misshapen |= match name {
                "port" => shape::port_number(part).is_none(),
                "protocol" | "reach" | "tls" => part.as_str().is_none(),
                "redirects" => part.as_bool().is_none(),
                _ => false,
            };
            match name {
                "port" => port.number = shape::port_number(part),
                // What is no word is no protocol that a baseline allows.
                "protocol" => port.protocol = part.as_str().unwrap_or_default(),
                // A word that is not known here may well mean the whole world.
                "reach" => port.reach = part.as_str().filter(|reach| REACHES.contains(reach)),
                // What is no word is something else than nothing said.
                "tls" => port.tls = Some(part.as_str().unwrap_or_default()),
                "redirects" => port.redirects = part.as_bool() == Some(true),
                _ => {}
            }
        }
        // A row that is about another port than its key says is about none.
        if port.number.is_some() && named(key).is_some_and(|name| port.named() != name) {
            port.number = None;
            port.misshapen = true;
        }
        port
    }

    fn named(&self) -> (Option<i64>, &'a str) {
        (self.number, self.protocol)
    }

    /// Whether it is the port of plain HTTP.
    pub(super) fn is_http(&self) -> bool {
        self.number == Some(80) && self.protocol == "tcp"
    }
}

/// The number and protocol in a key of the form `address:port/protocol`; none in one of another form.
fn named(key: &str) -> Option<(Option<i64>, &str)> {
    let (place, protocol) = key.rsplit_once('/')?;
    let number = place.rsplit_once(':')?.1.parse().ok()?;
    Some((Some(number), protocol))
}

/// An asset's ports.
///
/// # Errors
/// Why they are not known.
pub(super) fn ports<'a>(
    index: &Index<'a>,
) -> Result<(impl Iterator<Item = Port<'a>> + use<'a>, Evidence<'a>), String> {
    let (table, evidence) = known_as(index, fact::PORTS, Value::as_table)?;
    let ports = table.iter().map(|(key, parts)| Port::new(key, parts));
    Ok((ports, evidence))
}

/// An asset's ports but for those of a host that its containers publish, where these are asked the same: what looks at the facts
/// `of`.
///
/// # Errors
/// Why they are not known.
pub(super) fn own_ports<'a>(
    case: &Case<'a>,
    of: &[&str],
) -> Result<(impl Iterator<Item = Port<'a>> + use<'a>, Evidence<'a>), String> {
    let (table, evidence) = known_as(case.index, fact::PORTS, Value::as_table)?;
    let rows = table.iter();
    let rows: Vec<_> = rows
        .filter(|(key, parts)| !case.is_judged_on_container(key, parts, of))
        .collect();
    let ports = rows.into_iter().map(|(key, parts)| Port::new(key, parts));
    Ok((ports, evidence))
}

/// Whether what an engine does not say of its ports is known of its host's, and judged there.
pub(super) fn host_sees_them(case: &Case<'_>) -> bool {
    let host = case
        .judged_host()
        .filter(|_| case.asset.kind == kind::ENGINE);
    host.is_some_and(|host| host.value(fact::PORTS).is_some())
}

/// A port with its protocol, as a baseline writes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct PortName {
    number: u16,
    protocol: String,
}

impl PortName {
    pub(super) fn is(&self, port: &Port<'_>) -> bool {
        port.number == Some(self.number.into()) && port.protocol == self.protocol
    }
}

impl std::fmt::Display for PortName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.number, self.protocol)
    }
}

/// Reads a list of ports: `443` is TCP, `"53/udp"` says its protocol.
pub(super) fn read_names(section: &plimsoll_settings::Section<'_>, key: &str) -> Vec<PortName> {
    use plimsoll_settings::SettingValue;

    let items = match section.any(key) {
        None => Vec::new(),
        Some(SettingValue::List(items)) => items,
        Some(item) => vec![item],
    };
    let mut names = Vec::with_capacity(items.len());
    for item in items {
        let (number, protocol) = match &item {
            SettingValue::Int(number) => (u16::try_from(*number).ok(), "tcp"),
            SettingValue::Text(text) => {
                let (number, protocol) = text.split_once('/').unwrap_or((text, "tcp"));
                (number.parse().ok(), protocol)
            }
            _ => (None, ""),
        };
        let protocol = Some(protocol).filter(|word| ["tcp", "udp", "sctp"].contains(word));
        match (number.filter(|number| *number > 0), protocol) {
            (Some(number), Some(protocol)) => {
                names.push(PortName {
                    number,
                    protocol: protocol.to_owned(),
                });
            }
            _ => {
                let hint = Some("write 443, or \"53/udp\"".to_owned());
                section.mistake(
                    section.place_of(key),
                    format!("`{key}` holds what is no port"),
                    hint,
                );
            }
        }
    }
    names
}

/// Port names as a person reads them.
pub(super) fn list(names: &[PortName]) -> String {
    let names: Vec<String> = names.iter().map(ToString::to_string).collect();
    names.join(", ")
}
