//! Engines that are none: the whole program against answers that no engine should give, and against very many.

use std::time::{Duration, Instant};

use plimsoll_kit::testkit::{FakeServer, Gate, Reply};

use crate::support::{Plimsoll, Report, changed};

/// Garbage of any kind is read to its end, or to a cap, well within this.
const SOON: Duration = Duration::from_secs(30);

/// What an engine says of a container of which `host` is the host configuration.
fn inspected(id: &str, image: &str, host: &str) -> Reply {
    Reply::json(format!(
        r#"{{"Id":"{id}","Config":{{"Image":"{image}"}},"HostConfig":{host},"Mounts":[]}}"#
    ))
}

/// An engine with so many containers, all alike.
fn engine(containers: usize) -> FakeServer {
    let server = FakeServer::on_socket();
    server.json("/version", r#"{"Version":"24.0.7","ApiVersion":"1.43"}"#);
    server.json(
        "/info",
        r#"{"ID":"ENGINE","Name":"estate","SystemTime":"2026-01-02T03:04:05Z"}"#,
    );
    let items: Vec<String> = (0..containers)
        .map(|at| format!(r#"{{"Id":"c{at}","Names":["/c{at}"],"State":"running"}}"#))
        .collect();
    server.json("/containers/json", &format!("[{}]", items.join(",")));
    server.json("/images/json", "[]");
    server.json("/networks", "[]");
    server.json("/volumes", r#"{"Volumes":null}"#);
    server.handle(move |request| {
        let (_, rest) = request.path.split_once("/containers/")?;
        let id = rest.strip_suffix("/json")?;
        let host = r#"{"Privileged":false,"NetworkMode":"none"}"#;
        Some(inspected(id, "nginx", host))
    });
    server
}

/// The program, to scan `server` next.
fn point_at(plimsoll: &Plimsoll, server: &FakeServer, timeout: &str) {
    let source = Plimsoll::docker_source(server.url());
    plimsoll.configure(&format!("{source}timeout = \"{timeout}\"\n"));
}

/// Scans and asserts that what was known before is all still known.
fn scan_in_the_dark(plimsoll: &Plimsoll, what: &str) -> Report {
    let begun = Instant::now();
    let report = plimsoll.scan();
    report.assert_changes(&[]);
    assert!(!report.complete(), "{what}");
    assert!(!report.troubles().is_empty(), "{what}");
    assert_eq!(report.assets("container"), 3, "{what}");
    assert_eq!(report.list("resolved").count(), 0, "{what}");
    // What drifted does so as far as anyone knows, and that wins over the scan's being incomplete.
    assert_eq!(report.output.code, Some(10), "{what}");
    assert!(begun.elapsed() < SOON, "{what}: {:?}", begun.elapsed());
    report
}

#[test]
fn garbage_removes_nothing_and_is_not_repeated() {
    let sound = engine(3);
    let plimsoll = Plimsoll::docker(sound.url());
    let first = plimsoll.scan();
    assert!(first.complete(), "{:?}", first.troubles());
    let (version, list) = ("/version", "/containers/json");
    let half = Reply::json(r#"[{"Id":"c0"}]"#).truncated(7);
    for (what, reply, paths) in [
        (
            "no HTTP",
            Reply::garbage("hunter2\r\n"),
            &[version, list][..],
        ),
        ("no JSON", Reply::json("<html>hunter2"), &[version, list]),
        ("nothing", Reply::json(""), &[version, list]),
        (
            "deep nesting",
            Reply::json("[".repeat(200_000)),
            &[version, list],
        ),
        ("a reset", Reply::reset(), &[version, list]),
        ("half an answer", half, &[list]),
        ("another shape", Reply::json(r#"{"hunter2":[]}"#), &[list]),
        ("an error", Reply::status(500), &[list]),
    ] {
        for path in paths {
            let server = engine(3);
            server.route("GET", path, reply.clone());
            point_at(&plimsoll, &server, "5s");
            let report = scan_in_the_dark(&plimsoll, &format!("{what} at {path}"));
            let said = format!("{}{}", report.output.stdout, report.output.stderr);
            assert!(!said.contains("hunter2"), "{what} at {path}: {said}");
        }
    }
    point_at(&plimsoll, &sound, "5s");
    let after = plimsoll.scan();
    after.assert_changes(&[]);
    assert!(after.complete(), "{:?}", after.troubles());
}

#[test]
fn an_answer_without_end_meets_a_cap_or_a_deadline() {
    let sound = engine(3);
    let plimsoll = Plimsoll::docker(sound.url());
    plimsoll.scan();
    let gate = Gate::new();
    for (what, reply) in [
        ("endless", Reply::json(r#"[{"Id":"c0"},"#).endless()),
        ("never said", Reply::json("[]").held(&gate)),
        ("never ended", Reply::json("[{}]").stalled(2, &gate)),
    ] {
        let server = engine(3);
        server.route("GET", "/containers/json", reply);
        point_at(&plimsoll, &server, "1s");
        let report = scan_in_the_dark(&plimsoll, what);
        let troubles = report.troubles().join("\n");
        assert!(troubles.contains("/containers/json"), "{what}: {troubles}");
    }
}

#[test]
fn ten_thousand_containers_are_scanned_and_one_change_among_them_is_seen() {
    let server = engine(10_000);
    let plimsoll = Plimsoll::docker(server.url());
    let first = plimsoll.scan();
    assert!(first.complete(), "{:?}", first.troubles());
    assert_eq!(first.assets("container"), 10_000);
    plimsoll.scan().assert_changes(&[]);

    server.handle(|request| {
        let host = r#"{"Privileged":true,"NetworkMode":"none"}"#;
        let changed = request.path.ends_with("/containers/c77/json");
        changed.then(|| inspected("c77", "httpd", host))
    });
    let report = plimsoll.scan();
    let id = "container:estate/c77";
    report.assert_changes(&[changed(id, &["image", "privileged", "clock.settable"])]);
    assert!(report.has_drift(id, "least-privilege", "fail", "new"));
}
