//! What the platform's edge lets in for a machine's services.

use std::net::IpAddr;

use plimsoll_model::{Claim, Table, Text, Value};

use super::word;
use crate::wire::{Address, Config, Port, Service};

/// Who reaches an app's services, by the kinds of its addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reach {
    /// By addresses of these kinds; by none of them nothing of it is on the edge.
    By(Kinds),
    /// Its addresses could not be read.
    Unknown,
}

/// Which kinds of addresses there are. Each lets other things in: <https://fly.io/docs/networking/services/> and
/// <https://fly.io/docs/networking/udp-and-tcp/>.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Kinds {
    /// An IPv4 address of the app's own: all that a service opens.
    own_v4: bool,
    /// A public IPv6 address: all but UDP.
    public_v6: bool,
    /// An IPv4 address that many apps share: what names the app that it is for, which is TLS on any port and HTTP on port 80.
    shared_v4: bool,
    /// An address of the private network.
    private: bool,
}

impl Kinds {
    /// Whether there is no address at all.
    pub(crate) fn is_empty(self) -> bool {
        self == Self::default()
    }

    /// Whether there is one that the internet routes.
    pub(crate) fn has_public(self) -> bool {
        self.own_v4 || self.public_v6 || self.shared_v4
    }

    /// How far a row of [`ports`] reaches; none where no address lets it in.
    fn of(self, row: &Table) -> Option<&'static str> {
        let text = |name: &str| row.get(name).and_then(Value::as_str);
        let number = |name: &str| row.get(name).and_then(Value::as_int);
        let handlers = row.get("handlers").and_then(Value::as_list);
        let speaks = |handler: &str| {
            let mut all = handlers.into_iter().flatten().filter_map(Value::as_str);
            all.any(|have| is_handler(have, handler))
        };
        let udp = text("protocol").is_some_and(|protocol| protocol.eq_ignore_ascii_case("udp"));
        if self.own_v4 || (self.public_v6 && !udp) {
            return Some("public");
        }
        if self.shared_v4 && !udp {
            let first = number("port").or_else(|| number("first"));
            let last = number("port").or_else(|| number("last"));
            let has_80 =
                first.is_some_and(|first| first <= 80) && last.is_some_and(|last| last >= 80);
            if speaks("tls") || (speaks("http") && has_80) {
                return Some("public");
            }
            // Both name the app, and no document says that the shared address listens for them there.
            if speaks("http") || speaks("pg_tls") {
                return Some("unknown");
            }
        }
        self.private.then_some("private")
    }
}

impl Reach {
    /// By an app's addresses. What is no address, and what is not said to be shared, is taken for one of its own.
    pub(crate) fn of<'a>(addresses: impl IntoIterator<Item = &'a Address>) -> Self {
        let mut kinds = Kinds::default();
        for address in addresses {
            match address.ip.parse::<IpAddr>() {
                Ok(IpAddr::V6(_)) if is_private(&address.ip) => kinds.private = true,
                Ok(IpAddr::V6(_)) => kinds.public_v6 = true,
                Ok(IpAddr::V4(_)) if address.shared == Some(true) => kinds.shared_v4 = true,
                _ => kinds.own_v4 = true,
            }
        }
        Self::By(kinds)
    }

    /// Whether it is known that there is no address.
    pub(crate) fn is_none(self) -> bool {
        matches!(self, Self::By(kinds) if kinds.is_empty())
    }

    /// Whether a public address is among them.
    pub(crate) fn has_public(self) -> bool {
        matches!(self, Self::By(kinds) if kinds.has_public())
    }
}

/// Whether an address lets anything in to these ports.
pub(crate) fn leads_to(address: &Address, ports: &Table) -> bool {
    let Reach::By(kinds) = Reach::of([address]) else {
        return false;
    };
    let mut rows = ports.iter().filter_map(|(_, row)| row.as_table());
    rows.any(|row| kinds.of(row).is_some())
}

/// Whether an address is one of the platform's private network, `fdaa:…`; what is no address is taken for public.
pub(crate) fn is_private(address: &str) -> bool {
    match address.parse::<IpAddr>() {
        Ok(IpAddr::V6(v6)) => v6.is_unique_local(),
        _ => false,
    }
}

/// The table of services: ports of the edge, and what becomes of what comes in.
///
/// Ports by their key, `edge:443/tcp`. A range has no single number, so that no allowed number stands for all of it. Of two services
/// on one port the platform says of neither that it is the one: the row is the worst of both.
pub(crate) fn ports(config: &Config) -> Table {
    let mut table = Table::new();
    for service in &config.services {
        let secure = service.ports.iter().find_map(tls_of);
        for port in &service.ports {
            if let Some((key, row)) = row(service, port, secure) {
                add_port(&mut table, &key, &row);
            }
        }
    }
    table
}

/// Adds a port to others; where it is among them, the row says the worst of both.
pub(crate) fn add_port(table: &mut Table, key: &str, row: &Table) {
    let worst = match table.get(key).and_then(Value::as_table) {
        Some(have) => worst(have, row),
        None => row.clone(),
    };
    table.insert(key, Value::Table(worst));
}

/// What two services that share a port let in together.
fn worst(one: &Table, other: &Table) -> Table {
    let mut both = Table::new();
    for (name, value) in one.iter() {
        // A target that is not the same, and a redirect that is not both's, holds for neither.
        if other.get(name) == Some(value) {
            both.insert(name, value.clone());
        }
    }
    let list = |row: &Table| {
        row.get("handlers")
            .and_then(Value::as_list)
            .map(<[Value]>::to_vec)
    };
    let handlers = [one, other].into_iter().filter_map(list).flatten();
    let mut handlers: Vec<Text> = handlers
        .filter_map(|handler| Some(Text::from(handler.as_str()?)))
        .collect();
    handlers.sort_unstable();
    handlers.dedup();
    both.insert("handlers", Value::texts(handlers));
    let tls = |row: &Table| {
        let known = row.get("tls").and_then(Value::as_str);
        known.map(|tls| match tls {
            "none" => 0,
            "1.0" => 1,
            "1.1" => 2,
            "1.2" => 3,
            _ => 4,
        })
    };
    let lower = match (tls(one), tls(other)) {
        // Whatever the other is, nothing is worse than none.
        (Some(0), _) => one.get("tls"),
        (_, Some(0)) => other.get("tls"),
        (Some(a), Some(b)) if a <= b => one.get("tls"),
        (Some(_), Some(_)) => other.get("tls"),
        _ => None,
    };
    if let Some(lower) = lower {
        both.insert("tls", lower.clone());
    }
    both
}

/// The same as the fact `ports`, for an app with these addresses.
pub(crate) fn exposed(ports: &Table, reach: Reach) -> Claim {
    let Reach::By(kinds) = reach else {
        return Claim::unknown(
            "the app's addresses could not be read, which decide who reaches its services",
        );
    };
    let rows = ports.iter().filter_map(|(key, row)| {
        let mut row = row.as_table()?.clone();
        row.insert("reach", Value::from(kinds.of(&row)?));
        Some((key, Value::Table(row)))
    });
    super::reported(rows.collect::<Table>(), PORTS)
}

const PORTS: &str = "GET /apps/{app}/machines config.services of all machines, GET /apps/{app}/ip_assignments ip, shared";

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
        let key = format!("{inside}/{}", protocol(service));
        let before = table.get(&key).and_then(Value::as_table).cloned();
        let before = before.unwrap_or_default();
        let ports = service.ports.iter().filter_map(span);
        let ports = ports.map(|(first, last)| Text::from(shown(first, last)));
        // Of two services for one port inside all ports count.
        let others = before.get("ports").and_then(Value::as_list);
        let others = others.into_iter().flatten().filter_map(Value::as_str);
        let mut all: Vec<Text> = ports.chain(others.map(Text::from)).collect();
        all.sort_unstable();
        all.dedup();
        row.insert("ports", Value::texts(all));
        for (name, value) in before.iter() {
            if !row.contains(name) {
                row.insert(name, value.clone());
            }
        }
        table.insert(key, Value::Table(row));
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
    port.handlers.iter().any(|have| is_handler(have, handler))
}

/// Whether a word names a handler. `edge_http` is what `http` was called before.
fn is_handler(word: &str, handler: &str) -> bool {
    word == handler || (handler == "http" && word == "edge_http")
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

    /// How far each port reaches by these addresses; `shared:` before one that many apps share.
    fn reached(services: &str, addresses: &[&str]) -> Vec<String> {
        let address = |text: &&str| {
            let (shared, ip) = match text.strip_prefix("shared:") {
                Some(ip) => (true, ip),
                None => (false, *text),
            };
            let json = serde_json::json!({"ip": ip, "shared": shared});
            serde_json::from_value::<Address>(json).unwrap()
        };
        let addresses: Vec<Address> = addresses.iter().map(address).collect();
        let claim = exposed(&ports(&config(services)), Reach::of(&addresses));
        let table = claim.value().unwrap().as_table().unwrap().clone();
        let tell = |(key, row): (&str, &Value)| {
            format!("{key} {}", row.as_table().unwrap().get("reach").unwrap())
        };
        table.iter().map(tell).collect()
    }

    #[test]
    fn exposed_is_a_service_and_an_address() {
        let web = r#"[{"ports":[{"port":443,"handlers":["tls"]}]}]"#;
        assert!(reached(web, &[]).is_empty());
        assert_eq!(reached(web, &["fdaa:0:1::3"]), ["edge:443/tcp private"]);
        for public in [
            &["fdaa:0:1::3", "2001:db8::2"][..],
            &["66.241.124.1"],
            &["shared:66.241.124.1"],
            &["nonsense"],
        ] {
            assert_eq!(reached(web, public), ["edge:443/tcp public"], "{public:?}");
        }
        assert_eq!(exposed(&ports(&config(web)), Reach::Unknown).value(), None);
    }

    #[test]
    fn a_shared_address_lets_in_what_names_the_app_alone() {
        let all = r#"[{"protocol":"tcp","ports":[{"port":80,"handlers":["http"]},{"port":443,"handlers":["tls","http"]},
            {"port":5432},{"port":6379,"handlers":["tls"]},{"port":8080,"handlers":["http"]},{"port":5433,"handlers":["pg_tls"]}]},
            {"protocol":"udp","ports":[{"port":53}]}]"#;
        let shared = [
            "edge:443/tcp public",
            "edge:5433/tcp unknown",
            "edge:6379/tcp public",
            "edge:80/tcp public",
            "edge:8080/tcp unknown",
        ];
        assert_eq!(reached(all, &["shared:66.241.124.1"]), shared);
        let private = reached(all, &["shared:66.241.124.1", "fdaa:0:1::3"]);
        assert!(
            private.contains(&"edge:5432/tcp private".to_owned()),
            "{private:?}"
        );
        // An IPv6 address is the app's own, and takes no UDP.
        let v6 = reached(all, &["shared:66.241.124.1", "2001:db8::2"]);
        assert!(v6.contains(&"edge:5432/tcp public".to_owned()), "{v6:?}");
        assert!(!v6.iter().any(|row| row.contains("/udp")), "{v6:?}");
        let own = reached(all, &["66.241.124.1"]);
        assert_eq!(own.len(), 7);
        assert!(own.iter().all(|row| row.ends_with(" public")), "{own:?}");
    }

    #[test]
    fn http_is_clear_text_under_its_older_name_too() {
        let older = r#"[{"ports":[{"port":80,"handlers":["edge_http"]},{"port":443,"handlers":["tls","edge_http"]}]}]"#;
        assert_eq!(told(older), ["edge:443/tcp 1.2", "edge:80/tcp none"]);
        assert_eq!(https_forced(&config(older)), Some(false));
        let shared = reached(older, &["shared:66.241.124.1"]);
        assert_eq!(shared, ["edge:443/tcp public", "edge:80/tcp public"]);
    }

    #[test]
    fn two_services_on_one_port_are_the_worst_of_both() {
        for services in [
            r#"[{"internal_port":1,"ports":[{"port":443,"handlers":["tls"]}]},{"internal_port":2,"ports":[{"port":443,"handlers":["http"]}]}]"#,
            r#"[{"internal_port":2,"ports":[{"port":443,"handlers":["http"]}]},{"internal_port":1,"ports":[{"port":443,"handlers":["tls"]}]}]"#,
        ] {
            assert_eq!(told(services), ["edge:443/tcp none"]);
        }
        let unknown = r#"[{"ports":[{"port":443,"handlers":["tls"]}]},{"ports":[{"port":443}]}]"#;
        assert_eq!(told(unknown), ["edge:443/tcp -"]);
        let lower = r#"[{"ports":[{"port":443,"handlers":["tls"]}]},{"ports":[{"port":443,"handlers":["tls"],"tls_options":{"versions":["TLSv1.0"]}}]}]"#;
        assert_eq!(told(lower), ["edge:443/tcp 1.0"]);
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
