//! Podman says much of what Docker says in other words, and the same things come out.

use crate::support::{Plimsoll, Podman, changed, removed};

const IMAGE: &str = "localhost/estate/busybox:1";

#[test]
fn podmans_socket_is_read_as_dockers_is() {
    let podman = Podman::start();
    let create = |name: &str, flags: &[&str]| {
        let all = ["create", "--name", name, "--network", "none"];
        let all = all.iter().chain(flags).chain(&[IMAGE]);
        podman.engine.docker(all.copied());
    };
    let worker = ["--user", "65534", "--label", "plimsoll.environment=staging"];
    create("worker", &worker);
    create("box", &["--env", "TOKEN=swordfish-6f1c0a"]);
    create("other", &[]);
    let plimsoll = Plimsoll::docker(&podman.engine.endpoint);
    let id = |name: &str| format!("container:estate+podman/{name}");

    let first = plimsoll.scan();
    assert!(first.complete(), "{:?}", first.troubles());
    assert_eq!(first.assets("container"), 3);
    let mut found: Vec<&str> = first
        .list("drifts")
        .filter(|row| row["asset"] == id("worker"))
        .map(|row| row["control"].as_str().unwrap())
        .collect();
    found.sort_unstable();
    // It shares its host with two of which nobody knows the environment.
    assert_eq!(found, ["environments-separated", "image-pinned"]);
    assert!(first.has_drift(&id("box"), "secrets-managed", "fail", "new"));

    // Podman makes up a new id for itself at every call.
    let second = plimsoll.scan();
    second.assert_changes(&[]);
    assert_eq!(second.json["summary"]["new"], 0);

    podman.engine.docker(["rm", "box"]);
    podman.engine.docker(["rm", "other"]);
    let clock = ["--env", "TOKEN=sturgeon-93ab7e", "--cap-add", "SYS_TIME"];
    create("box", &clock);
    let third = plimsoll.scan();
    third.assert_changes(&[
        changed(
            &id("box"),
            &[
                "created",
                "env.TOKEN",
                "capabilities.added",
                "clock.settable",
            ],
        ),
        removed(&id("other")),
    ]);
    assert!(third.has_drift(&id("box"), "time-restricted", "fail", "new"));
    for (path, bytes) in plimsoll.left_behind() {
        let mut parts = bytes.windows(9);
        assert!(
            !parts.any(|part| part == b"swordfish"),
            "{}",
            path.display()
        );
    }
}
