//! Against the machine that runs the tests.

use std::net::{TcpListener, UdpSocket};

use plimsoll_host::REGISTRATION;
use plimsoll_kit::model::{Asset, Table, Value};
use plimsoll_kit::testkit::{build, context, harvest, run};
use plimsoll_kit::{Harvest, Right, Surroundings};

fn collect(settings: &str) -> Harvest {
    let collector = build(&REGISTRATION, settings).expect("the settings are right");
    run(harvest(&*collector, &context("host")))
}

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

#[test]
fn a_listener_of_this_process_shows_with_its_name() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let client = UdpSocket::bind("127.0.0.1:0").unwrap();
    let harvest = collect("");
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

    let all = collect("ephemeral_udp = true");
    assert!(ports(self::host(&all)).contains(&udp));
}

#[test]
fn this_machine_is_read_without_trouble() {
    let harvest = collect("chrony = false");
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

#[test]
fn a_check_names_what_it_reads() {
    let collector = build(&REGISTRATION, "chrony = false").unwrap();
    let access = run(collector.check(&context("host")));
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
    let found = (REGISTRATION.discover)(&Surroundings::here());
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].source, "host");
}
