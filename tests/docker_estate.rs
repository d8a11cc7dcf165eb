//! A dozen real containers on a real engine: what a scan sees of them, and that every change to them shows as exactly
//! that change.

mod support;

use std::path::Path;
use std::time::Duration;

use support::{Engine, Estate, Plimsoll, Report, added, changed, removed};

/// The value of a secret that must not come out anywhere.
const SECRET: &str = "swordfish-6f1c0a";
const OTHER_SECRET: &str = "sturgeon-93ab7e";

const NGINX: &str = "estate/nginx:1";
const BUSYBOX: &str = "estate/busybox:1";
/// Given, so that a network that is made anew does not get the next free one.
const SUBNET: &str = "--subnet=10.231.7.0/24";

/// A Compose project of five real services, and seven containers beside it that the tests change.
fn estate(engine: &Engine) -> Estate {
    let estate = Estate::on(engine);
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/estate/compose.yaml");
    estate.compose_up(&file, &[("SHOP_TOKEN", SECRET)]);
    estate.network("plain", &[]);
    estate.volume("archive");
    for name in ["portal", "release", "twin", "leaving", "clock", "agent"] {
        estate.run(name, &[NGINX]);
    }
    estate.create("job", &[BUSYBOX]);
    estate.healthy();
    estate
}

/// Takes a container away and runs another under its name.
fn replace(estate: &Estate, name: &str, arguments: &[&str]) {
    estate.remove(name);
    estate.run(name, arguments);
}

#[test]
fn the_estate_is_made_of_services_that_serve() {
    let engine = Engine::required();
    let estate = estate(&engine);
    let service = |name: &str| {
        let filter = format!("label=com.docker.compose.project={}", estate.prefix);
        let service = format!("label=com.docker.compose.service={name}");
        engine.docker(["ps", "--quiet", "--filter", &filter, "--filter", &service])
    };
    let in_app = |program: &[&str]| {
        let app = service("app");
        engine.docker(
            ["exec", app.as_str()]
                .into_iter()
                .chain(program.iter().copied()),
        )
    };
    assert_eq!(
        in_app(&["wget", "-q", "-O", "-", "http://web/"]),
        "the shop"
    );
    assert_eq!(
        in_app(&["sh", "-c", "echo PING | nc -w 1 cache 6379"]),
        "+PONG"
    );
    let db = service("db");
    let psql = "/usr/lib/postgres/bin/psql -h 127.0.0.1 -U postgres -Atc";
    let psql = ["exec", &db].into_iter().chain(psql.split(' '));
    let answer = engine.docker(psql.chain(["select 6 * 7"]));
    assert_eq!(answer, "42");
}

#[test]
fn a_first_scan_knows_every_system_and_a_second_one_changes_nothing() {
    let engine = Engine::required();
    let estate = estate(&engine);
    let plimsoll = Plimsoll::docker(&engine.endpoint);

    let first = plimsoll.scan();
    assert!(first.complete(), "{:?}", first.troubles());
    assert_eq!(first.output.code, Some(10));
    assert_eq!(first.assets("container"), 12);
    // Said by a label, told by the image, told by the image.
    assert_eq!(first.role(&estate.service("web")), Some("edge-proxy"));
    assert_eq!(first.role(&estate.service("db")), Some("database"));
    assert_eq!(first.role(&estate.service("cache")), Some("cache"));
    // A database in a volume on a disk of which an engine says nothing: unknown, and no pass.
    assert!(first.has_drift(&estate.service("db"), "encrypted-at-rest", "unknown", "new"));
    // None of those beside the project says what environment it is in.
    assert!(first.has_drift(
        &estate.id("container", "portal"),
        "environment-tagged",
        "fail",
        "new"
    ));

    let second = plimsoll.scan();
    second.assert_changes(&[]);
    assert!(second.has_drift(
        &estate.service("db"),
        "encrypted-at-rest",
        "unknown",
        "open"
    ));
}

#[test]
fn every_change_to_a_container_shows_as_that_change_alone() {
    let engine = Engine::required();
    let estate = estate(&engine);
    let plimsoll = Plimsoll::docker(&engine.endpoint);
    let container = |name: &str| estate.id("container", name);
    plimsoll.scan();

    // Another container under the same name, made in the same way, is the same system.
    replace(&estate, "twin", &[NGINX]);
    plimsoll.scan().assert_changes(&[]);

    replace(&estate, "portal", &["--publish", "0.0.0.0:18443:80", NGINX]);
    let report = plimsoll.scan();
    report.assert_changes(&[changed(&container("portal"), &["ports[0.0.0.0:18443/tcp]"])]);
    assert!(report.has_drift(&container("portal"), "ports-allowed", "fail", "new"));

    // The other image has another id, another label, and is an asset that was there before.
    replace(&estate, "release", &["estate/nginx:2"]);
    plimsoll.scan().assert_changes(&[changed(
        &container("release"),
        &["image", "labels[estate.version]", "relations.built-from["],
    )]);

    estate.remove("leaving");
    plimsoll
        .scan()
        .assert_changes(&[removed(&container("leaving"))]);

    replace(&estate, "clock", &["--cap-add", "SYS_TIME", NGINX]);
    let report = plimsoll.scan();
    report.assert_changes(&[changed(
        &container("clock"),
        &["capabilities.added", "clock.settable"],
    )]);
    assert!(report.has_drift(&container("clock"), "time-restricted", "fail", "new"));

    let socket = engine.endpoint.trim_start_matches("unix://");
    let mount = format!("{socket}:/var/run/docker.sock");
    replace(&estate, "agent", &["--volume", &mount, NGINX]);
    let report = plimsoll.scan();
    report.assert_changes(&[changed(
        &container("agent"),
        &["mounts[/var/run/docker.sock]"],
    )]);
    assert!(report.has_drift(&container("agent"), "least-privilege", "fail", "new"));

    // Made and not started: not every machine that tests run on may start one.
    estate.remove("job");
    estate.create("job", &["--privileged", BUSYBOX]);
    let report = plimsoll.scan();
    report.assert_changes(&[changed(
        &container("job"),
        &["privileged", "clock.settable", "security.options"],
    )]);
    assert!(report.has_drift(&container("job"), "least-privilege", "fail", "new"));

    // And back again: the drift is resolved, and comes back as one that had been.
    estate.remove("job");
    estate.create("job", &[BUSYBOX]);
    assert!(
        plimsoll
            .scan()
            .has_resolved(&container("job"), "least-privilege")
    );
    estate.remove("job");
    estate.create("job", &["--privileged", BUSYBOX]);
    assert!(
        plimsoll
            .scan()
            .has_drift(&container("job"), "least-privilege", "fail", "reopened")
    );
}

#[test]
fn a_redeployed_compose_service_is_the_same_system() {
    let engine = Engine::required();
    let estate = estate(&engine);
    let plimsoll = Plimsoll::docker(&engine.endpoint);
    plimsoll.scan();

    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/estate/compose.yaml");
    estate.compose_up(&file, &[("SHOP_TOKEN", OTHER_SECRET)]);
    estate.healthy();
    let report = plimsoll.scan();
    // Compose notes a digest of the service's definition on its container.
    let hash = "labels[com.docker.compose.config-hash]";
    report.assert_changes(&[
        changed(&estate.service("app"), &["env[DATABASE_URL]", hash]),
        changed(&estate.service("worker"), &["env[SHOP_TOKEN]", hash]),
    ]);
}

#[test]
fn networks_and_volumes_change_too() {
    let engine = Engine::required();
    let estate = Estate::on(&engine);
    estate.network("plain", &[SUBNET]);
    let plimsoll = Plimsoll::docker(&engine.endpoint);
    plimsoll.scan();

    engine.docker(["network", "rm", &estate.name("plain")]);
    estate.network("plain", &[SUBNET, "--internal"]);
    let plain = estate.id("network", "plain");
    plimsoll
        .scan()
        .assert_changes(&[changed(&plain, &["network.internal"])]);

    estate.volume("attic");
    plimsoll
        .scan()
        .assert_changes(&[added(&estate.id("volume", "attic"))]);

    engine.docker(["volume", "rm", &estate.name("attic")]);
    plimsoll
        .scan()
        .assert_changes(&[removed(&estate.id("volume", "attic"))]);
}

#[test]
fn no_secret_comes_out_and_its_change_shows() {
    let engine = Engine::required();
    let estate = Estate::on(&engine);
    let plimsoll = Plimsoll::docker(&engine.endpoint);
    let portal = |secret: &str| {
        let variable = format!("TOKEN={secret}");
        let label = format!("token={secret}");
        let arguments = ["--env", &variable, "--label", &label, NGINX];
        replace(&estate, "portal", &arguments);
        plimsoll.scan()
    };
    let first = portal(SECRET);
    let second = portal(OTHER_SECRET);
    let id = estate.id("container", "portal");
    second.assert_changes(&[changed(&id, &["env[TOKEN]", "labels[token]"])]);
    let mark = &second.change(&id)["paths"][0];
    assert!(mark["from"].is_string() && mark["to"].is_string(), "{mark}");
    assert_ne!(mark["from"], mark["to"]);

    let mut seen: Vec<(String, Vec<u8>)> = plimsoll
        .left_behind()
        .into_iter()
        .map(|(path, bytes)| (path.display().to_string(), bytes))
        .collect();
    for (number, Report { output, .. }) in [first, second].into_iter().enumerate() {
        seen.push((format!("standard output {number}"), output.stdout.into()));
        seen.push((format!("standard error {number}"), output.stderr.into()));
    }
    for secret in [SECRET, OTHER_SECRET] {
        for (place, bytes) in &seen {
            let found = bytes
                .windows(secret.len())
                .any(|part| part == secret.as_bytes());
            assert!(!found, "the value of a variable stands in {place}");
        }
    }
}

#[test]
fn an_engine_is_found_without_any_configuration() {
    let engine = Engine::required();
    let estate = Estate::on(&engine);
    estate.run("web", &[NGINX]);
    let plimsoll = Plimsoll::new("");
    let mut command = plimsoll.command();
    command
        .args(["scan", "--format", "json"])
        .env("DOCKER_HOST", &engine.endpoint);
    let output = support::Program::run(&mut command, Duration::from_secs(60));
    let report = Report::parse(output);
    assert!(
        report.assets("container") >= 1,
        "{}",
        report.json["summary"]
    );
    assert_eq!(report.assets("host"), 1);
}
