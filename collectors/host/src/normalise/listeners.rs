//! Listening sockets: /proc/net/{tcp,tcp6,udp,udp6} become the host's ports.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::ops::RangeInclusive;

use plimsoll_model::{Asset, Claim, Table, Text, Value, fact};

use super::shown;
use crate::wire::{File, Owners, Readings};

/// The kernel's range where nothing says another.
const EPHEMERAL: RangeInclusive<u16> = 32768..=60999;

/// One listening socket.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Listener {
    address: IpAddr,
    port: u16,
    protocol: &'static str,
    inode: u64,
}

/// Claims the host's ports: unknown as soon as one table was not read whole, because what is missing would pass for closed.
pub(super) fn claim(
    host: &mut Asset,
    readings: &Readings,
    ephemeral_udp: bool,
    troubles: &mut Vec<String>,
) {
    let mut listeners = Vec::new();
    let mut reason: Option<String> = None;
    for table in &readings.sockets {
        let found = match &table.lines {
            File::Text(text) => parse(table.name, text),
            File::Failed(why) => Err(why.clone()),
            // Without IPv6 in the kernel its tables are missing.
            File::Missing if table.name.ends_with('6') => Ok(Vec::new()),
            File::Missing => Err(format!(
                "the table of {} sockets is missing; mount proc",
                table.name
            )),
        };
        match found {
            Ok(found) => listeners.extend(found),
            Err(why) => {
                reason.get_or_insert_with(|| why.clone());
                troubles.push(why);
            }
        }
    }
    if let Some(why) = &readings.owners.failed {
        troubles.push(format!("owners of sockets: {why}"));
        // Ports without their process, and a clock without its daemon, have not lost them.
        host.partial = Some(shown(why));
    }
    let claim = match reason {
        Some(why) => Claim::unknown(why),
        None => {
            let skipped = (!ephemeral_udp).then(|| ephemeral(&readings.ephemeral));
            let range = ephemeral(&readings.ephemeral);
            let ports = table(listeners, &readings.owners, skipped.as_ref());
            let unheld = unheld(&ports, &range, readings.scanner.as_deref());
            host.reading(
                fact::PORTS_UNHELD,
                Claim::measured(unheld).by("/proc/PID/cgroup"),
            );
            let ports = ports
                .into_iter()
                .map(|(key, row)| (key, Value::Table(row.entry)));
            let ports: Table = ports.collect();
            Claim::measured(ports).by(basis(skipped.as_ref()))
        }
    };
    host.claim(fact::PORTS, claim);
}

/// What to say where some owners could not be seen.
pub(super) fn remark(readings: &Readings) -> Option<&'static str> {
    readings.owners.hidden.then_some(
        "processes of other users do not show their sockets: run as root, or with CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH, \
         to see which process listens",
    )
}

fn basis(skipped: Option<&RangeInclusive<u16>>) -> String {
    match skipped {
        Some(range) => format!(
            "/proc/net; without UDP sockets of processes on the ephemeral ports {} to {}",
            range.start(),
            range.end()
        ),
        None => "/proc/net".to_owned(),
    }
}

/// A row of the table of ports.
struct Row {
    entry: Table,
    address: IpAddr,
    port: u16,
    /// The name of the process that has it, where that shows, and whether a service holds it.
    owner: Option<(String, bool)>,
}

/// The rows that come and go by themselves as far as one look shows. What is public on a port that somebody chose is none of
/// them, whoever has it.
fn unheld(
    rows: &BTreeMap<Text, Row>,
    ephemeral: &RangeInclusive<u16>,
    scanner: Option<&str>,
) -> Table {
    let mut unheld = Table::new();
    for (key, row) in rows {
        let owner = row.owner.as_ref();
        let name = owner.map(|(name, _)| name.as_str());
        let service = owner.is_some_and(|(_, service)| *service);
        let loopback = row.address.is_loopback();
        if loopback && name.is_some() && name == scanner {
            unheld.insert(key.clone(), Value::from("scanner"));
        } else if !service && (loopback || ephemeral.contains(&row.port)) {
            unheld.insert(key.clone(), Value::from("unheld"));
        }
    }
    unheld
}

fn table(
    mut listeners: Vec<Listener>,
    owners: &Owners,
    skipped: Option<&RangeInclusive<u16>>,
) -> BTreeMap<Text, Row> {
    // An owner is certain to be none only when every process was seen.
    let all_seen = !owners.hidden && owners.failed.is_none();
    listeners.retain(|listener| {
        let ephemeral = listener.protocol == "udp"
            && skipped.is_some_and(|range| range.contains(&listener.port));
        let kernels = all_seen
            && owners.lasting.contains(&listener.inode)
            && !owners.sockets.contains_key(&listener.inode);
        !ephemeral || kernels
    });
    // Several sockets can share a port: the longest-running owner is named.
    listeners.sort_by_key(|listener| {
        (
            !owners.sockets.contains_key(&listener.inode),
            owners.sockets.get(&listener.inode),
        )
    });
    let mut ports = BTreeMap::new();
    for listener in listeners {
        let Listener {
            address,
            port,
            protocol,
            ..
        } = listener;
        let key = match address {
            IpAddr::V4(address) => format!("{address}:{port}/{protocol}"),
            IpAddr::V6(address) => format!("[{address}]:{port}/{protocol}"),
        };
        let key = Text::from(key);
        if ports.contains_key(&key) {
            continue;
        }
        let mut entry = Table::new();
        entry.insert("address", Value::from(address.to_string()));
        entry.insert("port", Value::from(port));
        let owner = owners.sockets.get(&listener.inode);
        if let Some(owner) = owner {
            entry.insert("process", Value::from(shown(&owner.name)));
        }
        entry.insert("protocol", Value::from(protocol));
        entry.insert("reach", Value::from(reach(address)));
        let owner = owner.map(|owner| (owner.name.clone(), owner.service));
        let row = Row {
            entry,
            address,
            port,
            owner,
        };
        ports.insert(key, row);
    }
    ports
}

/// How far an address reaches. What a firewall in between forbids is not seen here.
fn reach(address: IpAddr) -> &'static str {
    let private = match address {
        _ if address.is_loopback() => return "loopback",
        _ if address.is_multicast() => true,
        IpAddr::V4(v4) => {
            let [a, b, ..] = v4.octets();
            let carrier_grade = a == 100 && (64..128).contains(&b);
            v4.is_private() || v4.is_link_local() || v4.is_broadcast() || carrier_grade
        }
        IpAddr::V6(v6) => v6.is_unique_local() || v6.is_unicast_link_local(),
    };
    if private { "private" } else { "public" }
}

/// The range of ephemeral ports: two numbers on a line.
fn ephemeral(file: &File) -> RangeInclusive<u16> {
    let mut numbers = file
        .line()
        .unwrap_or_default()
        .split_ascii_whitespace()
        .map(str::parse);
    match (numbers.next(), numbers.next()) {
        (Some(Ok(low)), Some(Ok(high))) if low <= high => low..=high,
        _ => EPHEMERAL,
    }
}

fn parse(name: &'static str, text: &str) -> Result<Vec<Listener>, String> {
    let (protocol, state) = if name.starts_with("tcp") {
        ("tcp", "0A")
    } else {
        ("udp", "07")
    };
    let mut listeners = Vec::new();
    for line in text.lines() {
        // Empty, or the heading, which the caller may have left out.
        if matches!(line.split_ascii_whitespace().next(), None | Some("sl")) {
            continue;
        }
        let unclear = || format!("the table of {name} sockets has a line that makes no sense");
        let mut fields = line.split_ascii_whitespace();
        let local = fields.nth(1).and_then(endpoint).ok_or_else(unclear)?;
        let remote = fields.next().and_then(endpoint).ok_or_else(unclear)?;
        let listens = fields.next().ok_or_else(unclear)? == state;
        let inode = fields
            .nth(5)
            .and_then(|inode| inode.parse().ok())
            .ok_or_else(unclear)?;
        if listens && remote.0.is_unspecified() && remote.1 == 0 {
            let (address, port) = local;
            listeners.push(Listener {
                address,
                port,
                protocol,
                inode,
            });
        }
    }
    Ok(listeners)
}

/// `0100007F:1F90`: words of the address in the machine's own byte order, and the port.
fn endpoint(text: &str) -> Option<(IpAddr, u16)> {
    let (address, port) = text.split_once(':')?;
    let port = hex(port, 4).and_then(|port| u16::try_from(port).ok())?;
    let word = |at: usize| hex(address.get(at..at + 8)?, 8).map(u32::to_ne_bytes);
    let address = match address.len() {
        8 => IpAddr::from(Ipv4Addr::from(word(0)?)),
        32 => {
            let mut bytes = [0; 16];
            for (at, part) in bytes.chunks_exact_mut(4).enumerate() {
                part.copy_from_slice(&word(at * 8)?);
            }
            // An IPv4 address in an IPv6 socket reaches as far as the IPv4 address.
            Ipv6Addr::from(bytes).to_canonical()
        }
        _ => return None,
    };
    Some((address, port))
}

fn hex(text: &str, digits: usize) -> Option<u32> {
    let right = text.len() == digits && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    right.then(|| u32::from_str_radix(text, 16).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::Process;

    const TAIL: &str = "00000000:00000000 00:00000000 00000000     0        0";

    fn line(local: &str, remote: &str, state: &str, inode: u64) -> String {
        format!("   0: {local} {remote} {state} {TAIL} {inode} 1 0000000000000000 100 0 0 10 0\n")
    }

    #[test]
    fn only_listeners_are_taken() {
        let text = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n".to_owned()
            + &line("0100007F:1F90", "00000000:0000", "0A", 7)
            + &line("0100007F:1F91", "0100007F:1F90", "01", 8)
            + &line("0100007F:1F92", "00000000:0000", "07", 9);
        let found = parse("tcp", &text).unwrap();
        let ports: Vec<_> = found
            .iter()
            .map(|l| (l.address.to_string(), l.port, l.inode))
            .collect();
        assert_eq!(ports, [("127.0.0.1".to_owned(), 8080, 7)]);
        // A UDP socket with a peer is in state 01; one without is 07 for TCP's CLOSE.
        let text = line("00000000:0035", "00000000:0000", "07", 7)
            + &line("00000000:0036", "01010101:0035", "01", 8);
        assert_eq!(parse("udp", &text).unwrap().len(), 1);
    }

    #[test]
    fn addresses_of_both_families() {
        let shown = |text: &str| endpoint(text).map(|(address, port)| format!("{address} {port}"));
        assert_eq!(shown("0500000A:1538").as_deref(), Some("10.0.0.5 5432"));
        assert_eq!(
            shown("00000000000000000000000001000000:0277").as_deref(),
            Some("::1 631")
        );
        assert_eq!(
            shown("000080FE00000000FF005450B6E1FE01:0222").as_deref(),
            Some("fe80::5054:ff:1fe:e1b6 546")
        );
        assert_eq!(
            shown("0000000000000000FFFF00000100007F:0050").as_deref(),
            Some("127.0.0.1 80")
        );
        for bad in [
            "",
            ":",
            "0100007F",
            "0100007F:",
            "0100007F:1F9000",
            "0100007:1F90",
            "+100007F:1F90",
            "0100007Ü:1F90",
        ] {
            assert_eq!(shown(bad), None, "{bad}");
        }
    }

    #[test]
    fn reaches() {
        for (address, expected) in [
            ("0.0.0.0", "public"),
            ("::", "public"),
            ("8.8.8.8", "public"),
            ("2001:db8::1", "public"),
            ("127.0.1.1", "loopback"),
            ("::1", "loopback"),
            ("10.1.2.3", "private"),
            ("172.31.0.1", "private"),
            ("192.168.0.1", "private"),
            ("169.254.1.1", "private"),
            ("100.64.0.1", "private"),
            ("100.127.255.255", "private"),
            ("fd00::1", "private"),
            ("fe80::1", "private"),
            ("224.0.0.251", "private"),
            ("ff02::fb", "private"),
            ("172.32.0.1", "public"),
            ("100.128.0.1", "public"),
            ("11.0.0.1", "public"),
        ] {
            assert_eq!(reach(address.parse().unwrap()), expected, "{address}");
        }
    }

    #[test]
    fn broken_lines_are_no_silence() {
        let good = line("0100007F:1F90", "00000000:0000", "0A", 7);
        for bad in [
            "x",
            "0: 0100007F:1F90",
            "0: 0100007F:1F90 00000000:0000 0A 0 0 0 0 0 x",
            "\0\0\0",
        ] {
            let told = parse("tcp", &format!("{good}{bad}\n")).unwrap_err();
            assert!(
                told.contains("tcp sockets has a line that makes no sense"),
                "{told}"
            );
        }
        assert_eq!(parse("tcp", "").unwrap(), []);
    }

    #[test]
    fn ephemeral_udp_stays_where_it_is_the_kernels() {
        let text = line("00000000:CA6C", "00000000:0000", "07", 7);
        let shown = |owners: &Owners, skipped: Option<&RangeInclusive<u16>>| {
            table(parse("udp", &text).unwrap(), owners, skipped).len()
        };
        let mut owners = Owners::default();
        assert_eq!(shown(&owners, Some(&EPHEMERAL)), 0, "it closed meanwhile");
        owners.lasting.insert(7);
        assert_eq!(shown(&owners, Some(&EPHEMERAL)), 1, "no process has it");
        owners.hidden = true;
        assert_eq!(
            shown(&owners, Some(&EPHEMERAL)),
            0,
            "a hidden process may have it"
        );
        let process = Process {
            started: 1,
            pid: 2,
            name: "dig".into(),
            service: false,
        };
        owners = Owners {
            sockets: [(7, process)].into(),
            lasting: [7].into(),
            ..Owners::default()
        };
        assert_eq!(shown(&owners, Some(&EPHEMERAL)), 0, "a process has it");
        assert_eq!(shown(&owners, None), 1, "all were asked for");
    }

    #[test]
    fn the_range_falls_back() {
        assert_eq!(ephemeral(&File::Text("1024\t2048\n".into())), 1024..=2048);
        for bad in ["", "9 1", "x y", "1"] {
            assert_eq!(ephemeral(&File::Text(bad.into())), EPHEMERAL, "{bad}");
        }
    }
}
