//! What becomes of a run when the engine misbehaves.
#![allow(
    clippy::unwrap_used,
    reason = "a panic is the message, in helpers of tests too"
)]

use plimsoll_docker::REGISTRATION;
use plimsoll_kit::model::fact;
use plimsoll_kit::testkit::{FakeServer, Gate, Reply, build, context, harvest, run};
use plimsoll_kit::{Harvest, Right};

const INFO: &str = r#"{"ID":"ENGINE","Name":"web-1","SystemTime":"2026-01-02T03:04:05Z"}"#;

/// An engine with so many containers, none of which can be looked at closely yet.
fn engine(containers: usize) -> FakeServer {
    let server = FakeServer::on_socket();
    let greeting = Reply::json("OK").header("Api-Version", "1.43");
    server.route("GET", "/_ping", greeting);
    server.json("/version", r#"{"Version":"24.0.7","ApiVersion":"1.43"}"#);
    server.json("/info", INFO);
    let items: Vec<String> = (0..containers)
        .map(|at| format!(r#"{{"Id":"c{at}","Names":["/c{at}"],"State":"running"}}"#))
        .collect();
    server.json("/containers/json", &format!("[{}]", items.join(",")));
    server.json("/images/json", "[]");
    server.json("/networks", "[]");
    server.json("/volumes", r#"{"Volumes":null}"#);
    server
}

/// Answers every closer look at a container.
fn close(server: &FakeServer) {
    server.handle(|request| {
        let (_, rest) = request.path.split_once("/containers/")?;
        let id = rest.strip_suffix("/json")?;
        Some(Reply::json(format!(
            r#"{{"Id":"{id}","HostConfig":{{"Privileged":false}}}}"#
        )))
    });
}

fn read(server: &FakeServer) -> Harvest {
    read_with(server, "")
}

fn read_with(server: &FakeServer, more: &str) -> Harvest {
    let settings = format!("endpoint = \"{}\"\n{more}", server.url());
    let collector = build(&REGISTRATION, &settings).unwrap();
    run(harvest(&*collector, &context("docker")))
}

fn troubles(harvest: &Harvest) -> Vec<&str> {
    let troubles = harvest.scopes.iter().flat_map(|scope| &scope.troubles);
    troubles.map(|trouble| trouble.what.as_str()).collect()
}

fn containers(harvest: &Harvest) -> usize {
    let kinds = harvest.assets.iter().map(|asset| asset.kind.as_str());
    kinds.filter(|kind| *kind == "container").count()
}

#[test]
fn ten_thousand_containers_are_read_over_few_connections_in_one_version() {
    let server = engine(10_000);
    close(&server);
    let harvest = read(&server);
    assert!(harvest.scopes[0].complete, "{:?}", troubles(&harvest));
    assert_eq!(containers(&harvest), 10_000);
    assert!(server.connections() <= 13, "{}", server.connections());
    assert_eq!(unversioned(&server), ["/_ping", "/version"]);
}

#[test]
fn a_list_that_names_one_twice_may_lack_another() {
    let server = engine(2);
    close(&server);
    let twice = r#"[{"Id":"c0","Names":["/c0"]},{"Id":"c0","Names":["/c0"]}]"#;
    server.json("/containers/json", twice);
    let harvest = read(&server);
    assert!(!harvest.scopes[0].complete);
    let told = troubles(&harvest);
    assert!(
        told.iter().any(|what| what.contains("there twice")),
        "{told:?}"
    );
}

#[test]
fn a_list_that_is_shorter_than_the_engines_count_is_not_whole() {
    for (count, whole) in [(1, true), (2, true), (3, false)] {
        let server = engine(2);
        close(&server);
        let info = INFO.replace('{', &format!(r#"{{"Containers":{count},"#));
        server.json("/info", &info);
        let harvest = read(&server);
        assert_eq!(harvest.scopes[0].complete, whole, "{count}");
        let told = troubles(&harvest);
        let says = |what: &&str| what.contains("are missing from the list");
        assert_eq!(told.iter().any(says), !whole, "{told:?}");
    }
}

/// What was asked without a version in front, in order.
fn unversioned(server: &FakeServer) -> Vec<String> {
    let requests = server.requests().into_iter();
    let paths = requests.map(|request| request.path);
    paths.filter(|path| !path.starts_with("/v1.43/")).collect()
}

#[test]
fn nothing_waits_for_what_an_engine_asks_its_runtime() {
    let (server, gate) = (engine(1), Gate::new());
    let version = Reply::json(r#"{"Version":"24.0.7","ApiVersion":"1.43"}"#);
    server.route("GET", "/version", version.held(&gate));
    server.handle(move |request| {
        request.path.ends_with("/c0/json").then(|| {
            gate.open();
            Reply::json(r#"{"Id":"c0"}"#)
        })
    });
    let harvest = read(&server);
    assert!(harvest.scopes[0].complete, "{:?}", troubles(&harvest));
}

#[test]
fn an_engine_that_does_not_greet_is_asked_for_its_version_first() {
    for greeting in [
        Reply::status(404),
        Reply::json("OK"),
        Reply::json("OK").header("Api-Version", "newest"),
    ] {
        let server = engine(2);
        close(&server);
        server.route("GET", "/_ping", greeting);
        let harvest = read(&server);
        assert!(harvest.scopes[0].complete, "{:?}", troubles(&harvest));
        assert_eq!(unversioned(&server), ["/_ping", "/version"]);
        assert_eq!(server.requests()[1].path, "/version");
    }
}

#[test]
fn an_engine_that_is_too_new_is_left_alone() {
    let server = engine(2);
    close(&server);
    let greeting = Reply::json("OK").header("Api-Version", "2.1");
    server.route("GET", "/_ping", greeting);
    server.json("/version", r#"{"ApiVersion":"2.1","MinAPIVersion":"2.0"}"#);
    let harvest = read(&server);
    assert!(harvest.assets.is_empty() && !harvest.scopes[0].complete);
    assert!(troubles(&harvest)[0].contains("below 2.0"));
}

#[test]
fn one_that_has_just_gone_is_no_trouble() {
    let server = engine(3);
    close(&server);
    server.handle(|request| {
        request
            .path
            .ends_with("/c1/json")
            .then(|| Reply::status(404))
    });
    let harvest = read(&server);
    assert!(harvest.scopes[0].complete, "{:?}", troubles(&harvest));
    assert_eq!(containers(&harvest), 2);
}

#[test]
fn one_that_cannot_be_looked_at_is_kept_in_part() {
    for reply in [
        Reply::status(500),
        Reply::json("not JSON"),
        Reply::json(r#"{"Id":"another"}"#),
        Reply::reset(),
        Reply::json(r#"{"Id":"c1"}"#).truncated(4),
    ] {
        let server = engine(3);
        close(&server);
        let shown = format!("{reply:?}");
        server.handle(move |request| request.path.ends_with("/c1/json").then(|| reply.clone()));
        let harvest = read(&server);
        assert!(!harvest.scopes[0].complete, "{shown}");
        assert_eq!(containers(&harvest), 3, "{shown}");
        assert_eq!(troubles(&harvest).len(), 1, "{:?}", troubles(&harvest));
        let asset = harvest
            .assets
            .iter()
            .find(|asset| asset.name == "c1")
            .unwrap();
        assert!(asset.partial.is_some(), "{shown}");
    }
}

#[test]
fn an_engine_that_dies_in_the_middle_is_not_asked_for_ever() {
    let server = engine(500);
    server.handle(|request| request.path.contains("/containers/c").then(Reply::reset));
    let harvest = read_with(&server, "concurrency = 1");
    assert!(!harvest.scopes[0].complete);
    assert_eq!(containers(&harvest), 500);
    let troubles = troubles(&harvest);
    assert_eq!(troubles.len(), 4, "{troubles:?}");
    assert!(troubles[3].starts_with("497 containers"), "{troubles:?}");
}

#[test]
fn an_answer_that_trickles_meets_the_timeout() {
    let (server, gate) = (engine(2), Gate::new());
    close(&server);
    let reply = Reply::json(r#"{"Id":"c1"}"#).stalled(3, &gate);
    server.handle(move |request| request.path.ends_with("/c1/json").then(|| reply.clone()));
    let harvest = read_with(&server, "timeout = \"500ms\"");
    assert!(!harvest.scopes[0].complete);
    assert_eq!(containers(&harvest), 2);
    let troubles = troubles(&harvest);
    assert!(
        troubles
            .iter()
            .any(|what| what.contains("container c1") && what.contains("within 0.5 s")),
        "{troubles:?}"
    );
}

#[test]
fn what_a_proxy_keeps_back_is_said_and_the_rest_is_read() {
    for (path, word) in [
        ("/networks", "networks"),
        ("/volumes", "volumes"),
        ("/images/json", "images"),
    ] {
        let server = engine(2);
        close(&server);
        server.route("GET", path, Reply::status(403));
        let harvest = read(&server);
        assert_eq!(containers(&harvest), 2);
        let troubles = troubles(&harvest);
        assert_eq!(troubles.len(), 1, "{troubles:?}");
        assert!(
            troubles[0].contains(word) && troubles[0].contains("refused"),
            "{troubles:?}"
        );
        assert!(!harvest.scopes[0].complete);
    }
}

#[test]
fn without_a_version_or_a_name_it_goes_as_far_as_it_can() {
    let server = engine(1);
    close(&server);
    server.route("GET", "/_ping", Reply::status(403));
    server.route("GET", "/version", Reply::status(403));
    assert_eq!(containers(&read(&server)), 1);
    server.route("GET", "/info", Reply::status(403));
    let nameless = read(&server);
    assert!(nameless.assets.is_empty());
    assert!(
        troubles(&nameless)
            .iter()
            .any(|what| what.contains("set `host`"))
    );
    assert_eq!(containers(&read_with(&server, "host = \"web-1\"")), 1);
}

#[test]
fn an_engine_that_fails_to_tell_of_itself_leaves_what_was_known() {
    let server = engine(2);
    close(&server);
    for reply in [
        Reply::status(500),
        Reply::garbage("SSH-2.0-OpenSSH_9.2\r\n"),
    ] {
        server.route("GET", "/info", reply);
        let harvest = read_with(&server, "host = \"web-1\"");
        assert!(harvest.assets.is_empty() && !harvest.scopes[0].complete);
        assert!(troubles(&harvest)[0].contains("GET /info"));
    }
    let server = engine(2);
    server.route("GET", "/_ping", Reply::reset());
    let harvest = read(&server);
    assert!(harvest.assets.is_empty() && !harvest.scopes[0].complete);
    assert!(troubles(&harvest)[0].contains("GET /_ping"));
}

#[test]
fn what_hangs_on_an_engine_that_keeps_itself_to_itself_is_unknown() {
    let server = engine(1);
    close(&server);
    server.route("GET", "/info", Reply::status(403));
    let harvest = read_with(&server, "host = \"web-1\"");
    let container = harvest
        .assets
        .iter()
        .find(|asset| asset.kind == "container");
    let options = container.unwrap().get(fact::SECURITY_OPTIONS).unwrap();
    assert!(options.value().is_none(), "{options:?}");
}

#[test]
fn redirects_lengths_and_garbage_lead_nowhere() {
    for (reply, word) in [
        (
            Reply::status(302).header("Location", "http://10.0.0.1/"),
            "redirect",
        ),
        (
            Reply::json("[]").header("Content-Length", "999999999999"),
            "lost",
        ),
        (Reply::garbage("SSH-2.0-OpenSSH_9.2\r\n"), "lost"),
        (Reply::json("<html>hunter2"), "no JSON"),
        (Reply::json("null"), "shape"),
    ] {
        let server = engine(0);
        server.route("GET", "/containers/json", reply);
        let harvest = read(&server);
        assert!(!harvest.scopes[0].complete);
        let troubles = troubles(&harvest);
        assert!(
            troubles.iter().any(|what| what.contains(word)),
            "{word}: {troubles:?}"
        );
        assert!(
            !troubles.iter().any(|what| what.contains("hunter2")),
            "{troubles:?}"
        );
        assert!(server.requests().len() < 10);
    }
}

#[test]
fn an_id_cannot_lead_to_another_path() {
    let server = engine(0);
    server.json(
        "/containers/json",
        r#"[{"Id":"../../images/x?","Names":["/a"]},{"Id":"","Names":["/b"]}]"#,
    );
    let harvest = read(&server);
    assert_eq!(containers(&harvest), 0);
    assert!(!harvest.scopes[0].complete);
    assert!(
        server
            .requests()
            .iter()
            .all(|request| !request.path.contains(".."))
    );
}

#[test]
fn check_says_what_can_be_read() {
    let server = engine(1);
    close(&server);
    server.route("GET", "/volumes", Reply::status(403));
    let settings = format!("endpoint = \"{}\"", server.url());
    let collector = build(&REGISTRATION, &settings).unwrap();
    let access = run(collector.check(&context("docker")));
    let denied: Vec<_> = access
        .iter()
        .filter(|a| a.right != Right::Granted)
        .collect();
    assert_eq!(access.len(), 7, "{access:?}");
    assert_eq!(denied.len(), 1, "{access:?}");
    assert!(denied[0].what == "volumes" && denied[0].right == Right::Denied);

    let absent = build(
        &REGISTRATION,
        "endpoint = \"unix:///nonexistent/docker.sock\"",
    )
    .unwrap();
    let access = run(absent.check(&context("docker")));
    assert_eq!(access.len(), 1);
    assert!(access[0].right == Right::Unreachable && access[0].detail.contains("start the engine"));
}
