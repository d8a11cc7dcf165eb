//! A system's ports, as the fact `ports` has them.

use plimsoll_model::{Asset, Table, Value, fact};

use crate::baseline::outcome::{Evidence, known_as};

/// One thing that listens.
#[derive(Clone, Copy)]
pub(super) struct Port<'a> {
    /// `0.0.0.0:443/tcp`.
    pub(super) key: &'a str,
    table: &'a Table,
}

impl<'a> Port<'a> {
    /// The number; none where the source gave none.
    pub(super) fn number(&self) -> Option<u16> {
        let number = self.table.get("port").and_then(Value::as_int);
        number.and_then(|number| u16::try_from(number).ok())
    }

    pub(super) fn protocol(&self) -> &'a str {
        self.text("protocol").unwrap_or("tcp")
    }

    /// Who reaches it; none where that is not known.
    pub(super) fn reach(&self) -> Option<&'a str> {
        self.text("reach").filter(|reach| *reach != "unknown")
    }

    /// The lowest version of TLS that it accepts, `none` for plain text.
    pub(super) fn tls(&self) -> Option<&'a str> {
        self.text("tls")
    }

    fn text(&self, name: &str) -> Option<&'a str> {
        self.table.get(name).and_then(Value::as_str)
    }
}

/// An asset's ports.
///
/// # Errors
/// Why they are not known.
pub(super) fn ports(
    asset: &Asset,
) -> Result<(impl Iterator<Item = Port<'_>>, Evidence<'_>), String> {
    let (table, evidence) = known_as(asset, fact::PORTS, Value::as_table)?;
    let ports = table.iter().map(|(key, port)| {
        let table = port.as_table().unwrap_or(const { &Table::new() });
        Port { key, table }
    });
    Ok((ports, evidence))
}

/// A port with its protocol, as a baseline writes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct PortName {
    number: u16,
    protocol: String,
}

impl PortName {
    pub(super) fn is(&self, port: &Port<'_>) -> bool {
        port.number() == Some(self.number) && port.protocol() == self.protocol
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
