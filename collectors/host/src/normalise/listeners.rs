//! Listening sockets: /proc/net/{tcp,tcp6,udp,udp6} become the host's ports.

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
    }
    let claim = match reason {
        Some(why) => Claim::unknown(why),
        None => {
            let skipped = (!ephemeral_udp).then(|| ephemeral(&readings.ephemeral));
            let ports = table(listeners, &readings.owners, skipped.as_ref());
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

fn table(
    mut listeners: Vec<Listener>,
    owners: &Owners,
    skipped: Option<&RangeInclusive<u16>>,
) -> Table {
    // An owner is certain to be none only when every process was seen.
    let all_seen = !owners.hidden && owners.failed.is_none();
    listeners.retain(|listener| {
        let ephemeral = listener.protocol == "udp"
            && skipped.is_some_and(|range| range.contains(&listener.port));
        let kernels = all_seen && !owners.sockets.contains_key(&listener.inode);
        !ephemeral || kernels
    });
    // Several sockets can share a port: the longest-running owner is named.
    listeners.sort_by_key(|listener| {
        (
            owners.sockets.get(&listener.inode).is_none(),
            owners.sockets.get(&listener.inode),
        )
    });
    let mut ports = Table::new();
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
        if ports.contains(&key) {
            continue;
        }
        let mut entry = Table::new();
        entry.insert("address", Value::from(address.to_string()));
        entry.insert("port", Value::from(port));
        if let Some(owner) = owners.sockets.get(&listener.inode) {
            entry.insert("process", Value::from(shown(&owner.name)));
        }
        entry.insert("protocol", Value::from(protocol));
        entry.insert("reach", Value::from(reach(address)));
        ports.insert(Text::from(key), Value::from(entry));
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
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    // The first line is the heading.
    for (at, line) in lines.enumerate().skip(1) {
        let unclear = || format!("the table of {name} sockets has an unclear line {}", at + 1);
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
