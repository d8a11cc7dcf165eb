//! Against the machine that runs the tests.

#![allow(clippy::unwrap_used, reason = "a test's panic is its message")]

mod common;

use std::net::{TcpListener, UdpSocket};

use plimsoll_kit::model::{Asset, Table, Value};
use plimsoll_kit::{Harvest, Right, Surroundings};

fn host(harvest: &Harvest) -> &Asset {
    harvest
        .assets
        .iter()
        .find(|asset| asset.kind == "host")
        .expect("there is a host")
}

fn ports(host: &Asset) -> &Table {
    host.value("ports")
        .and_then(Value::as_table)
        .expect("the ports are known")
}

#[tokio::test]
async fn a_listener_of_this_process_shows_with_its_name() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let client = UdpSocket::bind("127.0.0.1:0").unwrap();
    let harvest = common::collect("").await;
    let host = host(&harvest);
    let entry = ports(host)
        .get(&format!("{}/tcp", listener.local_addr().unwrap()))
        .and_then(Value::as_table)
        .expect("the listener shows");
    let comm = std::fs::read_to_string("/proc/self/comm").unwrap();
    assert_eq!(
        entry.get("process").and_then(Value::as_str),
        Some(comm.trim())
    );
    assert_eq!(entry.get("reach").and_then(Value::as_str), Some("loopback"));
    let udp = format!("{}/udp", client.local_addr().unwrap());
    assert!(
        !ports(host).contains(&udp),
        "a client's socket on an ephemeral port shows"
    );

    let all = common::collect("ephemeral_udp = true").await;
    assert!(ports(self::host(&all)).contains(&udp));
}

#[tokio::test]
async fn this_machine_is_read_without_trouble() {
    let harvest = common::collect("chrony = false").await;
    let scope = &harvest.scopes[0];
    assert!(scope.complete, "{:?}", scope.troubles);
    let host = host(&harvest);
    let machine = plimsoll_kit::local_machine();
    assert_eq!(host.name, machine.hostname);
    assert_eq!(host.aliases, machine.alias.into_iter().collect::<Vec<_>>());
    assert_eq!(
        host.value("kernel").and_then(Value::as_str),
        Some(machine.kernel.as_str())
    );
    let synchronised = host
        .value("clock.synchronised")
        .and_then(Value::as_bool)
        .unwrap();
    let kernel = plimsoll_clock::read().unwrap();
    assert!(!(synchronised && kernel.unsynchronised));
    assert!(host.readings.contains("clock.max-error-us"));
}

#[tokio::test]
async fn a_check_names_what_it_reads() {
    let access = common::collector("chrony = false")
        .check(&common::context())
        .await;
    let whats: Vec<&str> = access.iter().map(|access| access.what.as_str()).collect();
    let expected = [
        "listening sockets",
        "owners of sockets",
        "mounted file systems",
        "block devices",
        "clock state",
    ];
    assert_eq!(whats, expected);
    assert_eq!(access[0].right, Right::Granted);
}

#[test]
fn this_machine_is_always_found() {
    let found = (plimsoll_host::REGISTRATION.discover)(&Surroundings::here());
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].source, "host");
}
