//! An engine that is not there, will not answer, or dies in the middle: the scan says so, and nothing counts as removed.

#![allow(
    clippy::unwrap_used,
    reason = "a panic is how a test tells what is wrong"
)]

#[path = "docker_faults/fake.rs"]
mod fake;
#[path = "docker_faults/podman.rs"]
mod podman;
mod support;

use std::sync::Mutex;

use rustix::process::{Signal, kill_process};
use support::{Engine, Estate, OwnEngine, Plimsoll, Relay};

/// Makes a dozen containers, none of them started.
fn populate(engine: &Engine) {
    for number in 1..=12 {
        let name = format!("box-{number}");
        engine.docker([
            "create",
            "--name",
            &name,
            "--network",
            "none",
            "estate/busybox:1",
        ]);
    }
}

#[test]
fn an_engine_killed_in_the_middle_of_a_scan_removes_nothing() {
    let mut own = OwnEngine::start();
    populate(&own.engine);
    let plimsoll = Plimsoll::docker(&own.engine.endpoint);
    let first = plimsoll.scan();
    assert!(first.complete(), "{:?}", first.troubles());
    assert_eq!(first.assets("container"), 12);

    // How many requests a scan sends, to kill the engine at the first, the last and two between.
    let counted = Relay::before(&own.socket(), |_| {});
    plimsoll.configure(&Plimsoll::docker_source(&counted.endpoint()));
    plimsoll.scan().assert_changes(&[]);
    let requests = counted.requests();
    assert!(
        requests > 12,
        "a scan sent {requests} requests for 12 containers"
    );

    for at in [1, requests / 3, requests * 2 / 3, requests] {
        let engine = Mutex::new(own.pid());
        let relay = Relay::before(&own.socket(), move |number| {
            if number >= at
                && let Some(pid) = engine.lock().unwrap().take()
            {
                kill_process(pid, Signal::KILL).unwrap();
            }
        });
        plimsoll.configure(&Plimsoll::docker_source(&relay.endpoint()));
        let report = plimsoll.scan();
        report.assert_changes(&[]);
        assert!(!report.complete(), "killed at request {at} of {requests}");
        assert!(!report.troubles().is_empty());
        assert_eq!(report.assets("container"), 12);
        // What drifts still drifts, and wins over the scan's being incomplete.
        assert_eq!(report.output.code, Some(10));

        own.kill();
        own.restart();
        plimsoll.configure(&Plimsoll::docker_source(&own.engine.endpoint));
        let after = plimsoll.scan();
        after.assert_changes(&[]);
        assert!(after.complete(), "{:?}", after.troubles());
    }
}

#[test]
fn an_engine_that_is_gone_is_incomplete_and_not_empty() {
    let mut own = OwnEngine::start();
    populate(&own.engine);
    let plimsoll = Plimsoll::docker(&own.engine.endpoint);
    plimsoll.scan();

    own.kill();
    let report = plimsoll.scan();
    report.assert_changes(&[]);
    assert!(!report.complete());
    assert_eq!(report.assets("container"), 12);
    assert_eq!(report.output.code, Some(10));
}

#[test]
fn an_engine_that_never_was_is_incomplete() {
    let plimsoll = Plimsoll::docker("unix:///nowhere/docker.sock");
    let report = plimsoll.scan();
    assert_eq!(report.output.code, Some(11));
    let troubles = report.troubles().join("\n");
    assert!(troubles.contains("/nowhere/docker.sock"), "{troubles}");
}

#[test]
fn without_permission_the_scan_says_what_to_do() {
    let engine = Engine::required();
    let estate = Estate::on(&engine);
    estate.run("web", &["estate/nginx:1"]);
    let plimsoll = Plimsoll::docker(&engine.endpoint).unprivileged();
    let report = plimsoll.scan();
    assert_eq!(report.output.code, Some(11));
    let troubles = report.troubles().join("\n").to_lowercase();
    assert!(troubles.contains("permission denied"), "{troubles}");
    assert_eq!(report.assets("container"), 0);
}
