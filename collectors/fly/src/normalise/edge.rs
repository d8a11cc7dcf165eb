//! What the platform's edge lets in for a machine's services.

use std::net::IpAddr;

use plimsoll_model::{Claim, Table, Text, Value};

use super::word;
use crate::wire::{Config, Port, Service};

/// Who reaches an app's services, by its addresses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Reach {
    /// It has a public address.
    Public,
    /// It has private addresses alone.
    Private,
    /// It has no address: nothing of it is on the edge.
    None,
    /// Its addresses could not be read.
    Unknown,
}

impl Reach {
    /// By an app's addresses.
    pub(crate) fn of<'a>(addresses: impl IntoIterator<Item = &'a str>) -> Self {
        let mut reach = Self::None;
        for address in addresses {
            if is_private(address) {
                reach = Self::Private;
            } else {
                return Self::Public;
            }
        }
        reach
    }

    fn word(&self) -> &'static str {
        match self {
            Self::Public => "public",
            _ => "private",
        }
    }
}

/// Whether an address is one of the platform's private network, `fdaa:…`; what is no address is taken for public.
pub(crate) fn is_private(address: &str) -> bool {
    match address.parse::<IpAddr>() {
        Ok(IpAddr::V6(v6)) => v6.is_unique_local(),
        _ => false,
    }
}

/// A row of the table of services: a port of the edge and what becomes of what comes in.
///
/// Ports by their key, `edge:443/tcp`. A range has no single number, so that no allowed number stands for all of it.
pub(crate) fn ports(config: &Config) -> Table {
    let mut table = Table::new();
    for service in &config.services {
        let secure = service.ports.iter().find_map(tls_of);
        for port in &service.ports {
            if let Some((key, row)) = row(service, port, secure) {
                table.insert(key, Value::Table(row));
            }
        }
    }
    table
}

/// The same as the fact `ports`, for an app with these addresses.
pub(crate) fn exposed(ports: &Table, reach: &Reach) -> Claim {
    match reach {
        Reach::Unknown => {
            return Claim::unknown(
                "the app's addresses could not be read, which decide who reaches its services",
            );
        }
        Reach::None => return super::reported(Table::new(), PORTS),
        Reach::Public | Reach::Private => {}
    }
    let rows = ports.iter().map(|(key, row)| {
        let mut row = row.as_table().cloned().unwrap_or_default();
        row.insert("reach", Value::from(reach.word()));
        (key, Value::Table(row))
    });
    super::reported(rows.collect::<Table>(), PORTS)
}

const PORTS: &str = "GET /apps/{app}/machines config.services, GET /apps/{app}/ip_assignments";

/// Whether plain HTTP is redirected wherever it is taken; none where it is nowhere.
pub(crate) fn https_forced(config: &Config) -> Option<bool> {
    let ports = config.services.iter().flat_map(|service| &service.ports);
    let plain = ports.filter(|port| speaks(port, "http") && !speaks(port, "tls"));
    plain
        .map(|port| port.force_https == Some(true))
        .reduce(|all, one| all && one)
}

/// Services by the port inside: how they are stopped and started, whether or not anyone reaches them.
pub(crate) fn services(config: &Config) -> Table {
    let mut table = Table::new();
    for service in &config.services {
        let inside = service.internal_port.unwrap_or(0);
        let mut row = Table::new();
        if let Some(autostop) = &service.autostop {
            let autostop = match autostop {
                serde_json::Value::Bool(true) => "stop".into(),
                serde_json::Value::Bool(false) => "off".into(),
                serde_json::Value::String(text) => word(text),
                _ => "?".into(),
            };
            row.insert("autostop", Value::Text(autostop));
        }
        if let Some(autostart) = service.autostart {
            row.insert("autostart", Value::Bool(autostart));
        }
        if let Some(least) = service.min_machines_running {
            row.insert("running-at-least", Value::Int(least));
        }
        let ports = service.ports.iter().filter_map(span);
        row.insert(
            "ports",
            Value::texts(ports.map(|(first, last)| shown(first, last))),
        );
        table.insert(format!("{inside}/{}", protocol(service)), Value::Table(row));
    }
    table
}

fn row(service: &Service, port: &Port, secure: Option<&'static str>) -> Option<(Text, Table)> {
    let (first, last) = span(port)?;
    let protocol = protocol(service);
    let mut row = Table::new();
    row.insert("address", Value::from("edge"));
    row.insert("protocol", Value::Text(protocol.clone()));
    if first == last {
        row.insert("port", Value::from(first));
    } else {
        row.insert("first", Value::from(first));
        row.insert("last", Value::from(last));
    }
    if let Some(inside) = service.internal_port {
        row.insert("target", Value::Int(inside));
    }
    let handlers = port.handlers.iter().map(|handler| word(handler));
    row.insert("handlers", Value::texts(handlers));
    let plain = speaks(port, "http") && !speaks(port, "tls");
    let redirects = plain && port.force_https == Some(true);
    let tls = match (plain, redirects) {
        // Only redirected: it counts as what it redirects to.
        (_, true) => secure,
        (true, false) => Some("none"),
        (false, _) => tls_of(port),
    };
    if let Some(tls) = tls {
        row.insert("tls", Value::from(tls));
    }
    if redirects {
        row.insert("redirects", Value::Bool(true));
    }
    Some((
        Text::from(format!("edge:{}/{protocol}", shown(first, last))),
        row,
    ))
}

/// The ports that a row is about.
fn span(port: &Port) -> Option<(u16, u16)> {
    let number = |number: i64| u16::try_from(number).ok().filter(|number| *number > 0);
    if let Some(one) = port.port {
        return number(one).map(|one| (one, one));
    }
    let (first, last) = (number(port.start_port?)?, number(port.end_port?)?);
    (first <= last).then_some((first, last))
}

fn shown(first: u16, last: u16) -> String {
    if first == last {
        first.to_string()
    } else {
        format!("{first}-{last}")
    }
}

fn protocol(service: &Service) -> Text {
    match service.protocol.as_deref() {
        None | Some("") => "tcp".into(),
        Some(protocol) => word(protocol),
    }
}

fn speaks(port: &Port, handler: &str) -> bool {
    port.handlers.iter().any(|have| have == handler)
}

/// The lowest version of TLS that the edge takes on a port; none where it does not end TLS, or a version is not known here.
///
/// Without a choice it is 1.2: <https://fly.io/docs/networking/tls/>.
fn tls_of(port: &Port) -> Option<&'static str> {
    if !speaks(port, "tls") {
        return None;
    }
    let versions = port.tls_options.as_ref().map(|options| &options.versions);
    let Some(versions) = versions.filter(|versions| !versions.is_empty()) else {
        return Some("1.2");
    };
    let mut lowest = "1.3";
    for version in versions {
        let version = match version.as_str() {
            "TLSv1.3" => "1.3",
            "TLSv1.2" => "1.2",
            "TLSv1.1" => "1.1",
            "TLSv1.0" | "TLSv1" => "1.0",
            _ => return None,
        };
        lowest = lowest.min(version);
    }
    Some(lowest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(services: &str) -> Config {
        serde_json::from_str(&format!("{{\"services\":{services}}}")).unwrap()
    }

    /// `KEY tls redirects` of every port.
    fn told(services: &str) -> Vec<String> {
        let rows = ports(&config(services));
        let tell = |(key, row): (&str, &Value)| {
            let row = row.as_table().unwrap();
            let tls = row.get("tls").map_or("-".into(), ToString::to_string);
            let redirects = row.get("redirects").map_or("", |_| " redirects");
            format!("{key} {tls}{redirects}")
        };
        rows.iter().map(tell).collect()
    }

    #[test]
    fn what_the_edge_speaks() {
        let web = r#"[{"protocol":"tcp","internal_port":8080,"ports":[
            {"port":80,"handlers":["http"],"force_https":true},{"port":443,"handlers":["tls","http"],"tls_options":{"versions":["TLSv1.3"]}}]}]"#;
        assert_eq!(told(web), ["edge:443/tcp 1.3", "edge:80/tcp 1.3 redirects"]);
        assert_eq!(https_forced(&config(web)), Some(true));
        let plain = r#"[{"ports":[{"port":80,"handlers":["http"]},{"port":443,"handlers":["http","tls"]}]}]"#;
        assert_eq!(told(plain), ["edge:443/tcp 1.2", "edge:80/tcp none"]);
        assert_eq!(https_forced(&config(plain)), Some(false));
        let raw = r#"[{"protocol":"udp","ports":[{"start_port":5000,"end_port":5010},{"port":53,"handlers":null},
            {"port":70000},{"port":-1},{"start_port":9,"end_port":3},{}]},{"ports":[{"port":5432,"handlers":["pg_tls"]}]}]"#;
        assert_eq!(
            told(raw),
            ["edge:5000-5010/udp -", "edge:53/udp -", "edge:5432/tcp -"]
        );
        assert_eq!(https_forced(&config(raw)), None);
        let odd = r#"[{"ports":[{"port":1,"handlers":["tls"],"tls_options":{"versions":["TLSv1.0","TLSv1.3"]}},{"port":2,"handlers":["tls"],"tls_options":{"versions":["TLSv9"]}}]}]"#;
        assert_eq!(told(odd), ["edge:1/tcp 1.0", "edge:2/tcp -"]);
    }

    #[test]
    fn a_range_has_no_number_that_could_be_allowed() {
        let ports = ports(&config(
            r#"[{"ports":[{"start_port":443,"end_port":9000}]}]"#,
        ));
        let row = ports.get("edge:443-9000/tcp").unwrap().as_table().unwrap();
        assert!(!row.contains("port") && row.contains("first") && row.contains("last"));
    }

    #[test]
    fn exposed_is_a_service_and_an_address() {
        let ports = ports(&config(r#"[{"ports":[{"port":443,"handlers":["tls"]}]}]"#));
        let reach = |addresses: &[&str]| {
            let claim = exposed(&ports, &Reach::of(addresses.iter().copied()));
            let table = claim.value().unwrap().as_table().unwrap().clone();
            let row = table.get("edge:443/tcp")?;
            Some(row.as_table()?.get("reach")?.to_string())
        };
        assert_eq!(reach(&[]), None);
        assert_eq!(reach(&["fdaa:0:1::3"]).as_deref(), Some("private"));
        assert_eq!(
            reach(&["fdaa:0:1::3", "2001:db8::2"]).as_deref(),
            Some("public")
        );
        assert_eq!(reach(&["66.241.124.1"]).as_deref(), Some("public"));
        assert_eq!(reach(&["nonsense"]).as_deref(), Some("public"));
        assert_eq!(exposed(&ports, &Reach::Unknown).value(), None);
    }

    #[test]
    fn stopping_by_itself_in_both_spellings() {
        let table = services(&config(
            r#"[{"internal_port":1,"autostop":true},{"internal_port":2,"autostop":"suspend","autostart":true,"min_machines_running":1},{"internal_port":3,"autostop":7}]"#,
        ));
        let row = |key: &str| table.get(key).unwrap().to_string();
        assert!(row("1/tcp").contains("autostop=stop"));
        assert!(
            row("2/tcp").contains("autostop=suspend")
                && row("2/tcp").contains("running-at-least=1")
        );
        assert!(row("3/tcp").contains("autostop=?"));
    }
}
