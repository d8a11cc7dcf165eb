//! Every change to the estate shows as that change, with the drifts that it brings and mends.

use crate::shop::{
    BUSYBOX, NEWER_NGINX, NGINX, STAGING, WORKER, compose_file, replace, shop, with,
};
use crate::story::{golden, news};
use crate::support::{Engine, Estate, Plimsoll, Report, added, changed, removed};

/// Given, so that a network that is made anew does not get the next free one.
const SUBNET: &str = "--subnet=10.231.7.0/24";

/// Scans told one after the other.
struct Story<'a> {
    estate: &'a Estate,
    plimsoll: Plimsoll,
    last: Report,
    text: String,
}

impl Story<'_> {
    /// Scans and writes down what is new, under what was done.
    fn tell(&mut self, done: &str) -> &Report {
        let report = self.plimsoll.scan();
        assert!(report.complete(), "{:?}", report.troubles());
        let news = news(self.estate, &self.last, &report);
        self.text.push_str(&format!("{done}\n{news}\n"));
        self.last = report;
        &self.last
    }
}

#[test]
fn every_change_to_a_container_shows_as_that_change_alone() {
    let engine = Engine::required();
    let estate = shop(&engine, "token");
    let container = |name: &str| estate.id("container", name);
    let plimsoll = Plimsoll::docker(&engine.endpoint);
    let mut story = Story {
        estate: &estate,
        last: plimsoll.scan(),
        plimsoll,
        text: String::new(),
    };

    replace(&estate, "twin", &with(&[&STAGING], NGINX));
    story.tell("a container is made anew, in the same way and under the same name");

    let publish = ["--publish", "0.0.0.0:18443:80"];
    replace(&estate, "portal", &with(&[&STAGING, &publish], NGINX));
    let report = story.tell("a port is opened to everyone that the role does not allow");
    let drift = report.drift(&container("portal"), "ports-allowed");
    assert_eq!(drift["actual"], "public: 0.0.0.0:18443/tcp");
    let change = report.change(&container("portal"));
    assert_eq!(drift["change"], change["id"], "{drift}");

    let publish = ["--publish", "127.0.0.1:18443:80"];
    replace(&estate, "portal", &with(&[&STAGING, &publish], NGINX));
    story.tell("the port is opened to this machine alone");

    let live = estate.tag(NEWER_NGINX, "web:live");
    let plain = estate.name("plain");
    let on_plain = ["--network", plain.as_str()];
    replace(&estate, "release", &with(&[&STAGING, &on_plain], &live));
    story.tell("an image's tag moves to another image, and its container follows");

    estate.remove("leaving");
    story.tell("a container is removed");

    let flags = ["--cap-add", "SYS_TIME"];
    replace(
        &estate,
        "clock",
        &with(&[&STAGING, &WORKER, &flags], BUSYBOX),
    );
    story.tell("a container may set the clock");

    let socket = engine.endpoint.trim_start_matches("unix://");
    let mount = format!("{socket}:/var/run/docker.sock");
    let flags = ["--volume", mount.as_str()];
    replace(
        &estate,
        "agent",
        &with(&[&STAGING, &WORKER, &flags], BUSYBOX),
    );
    let report = story.tell("the engine's socket is mounted");
    let drift = report.drift(&container("agent"), "least-privilege");
    assert_eq!(drift["actual"], format!("{socket} mounted"));

    let job = |flags: &[&str]| {
        estate.remove("job");
        estate.create("job", &with(&[&STAGING, &WORKER, flags], BUSYBOX));
    };
    job(&["--privileged"]);
    story.tell("a container is privileged");
    job(&[]);
    story.tell("it is no more");
    job(&["--privileged"]);
    story.tell("it is again");

    replace(&estate, "twin", &[NGINX]);
    story.tell("the label that names a container's environment is gone");

    let production = ["--label", "plimsoll.environment=production"];
    replace(&estate, "twin", &with(&[&production, &on_plain], NGINX));
    let report = story.tell("a container of production joins staging's network, on staging's host");
    let drift = report.drift(&container("release"), "environments-separated");
    let actual = drift["actual"].as_str().unwrap();
    assert!(
        actual.contains(&format!("network {plain} is shared by")),
        "{actual}"
    );

    golden("changes.txt", &story.text);
}

#[test]
fn a_redeployed_compose_service_is_the_same_system() {
    let engine = Engine::required();
    let estate = Estate::on(&engine);
    estate.compose_up(&compose_file(), &[("SHOP_TOKEN", "token")]);
    let plimsoll = Plimsoll::docker(&engine.endpoint);
    plimsoll.scan();

    estate.compose_up(&compose_file(), &[("SHOP_TOKEN", "another")]);
    let report = plimsoll.scan();
    // Compose notes a digest of the service's definition on its container.
    let compose = "labels[com.docker.compose.";
    report.assert_changes(&[
        changed(
            &estate.service("app"),
            &["created", "env.DATABASE_URL", compose],
        ),
        changed(
            &estate.service("worker"),
            &["created", "env.SHOP_TOKEN", compose],
        ),
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
    let internal = changed(&plain, &["network.internal"]);
    plimsoll.scan().assert_changes(&[internal]);

    estate.volume("attic");
    let attic = estate.id("volume", "attic");
    plimsoll.scan().assert_changes(&[added(&attic)]);

    engine.docker(["volume", "rm", &estate.name("attic")]);
    plimsoll.scan().assert_changes(&[removed(&attic)]);
}
