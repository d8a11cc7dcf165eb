//! Types of expectation that look at one system and its host.

use super::*;

fn port(key: &str, parts: &str) -> String {
    let (number, protocol) = key.rsplit_once(':').unwrap().1.split_once('/').unwrap();
    format!(r#"{{"ports":{{"{key}":{{"port":{number},"protocol":"{protocol}"{parts}}}}}}}"#)
}

/// Whatever the type: where nothing is known, nothing passes.
#[test]
fn an_asset_without_facts_passes_nothing() {
    for kind in [
        "host",
        "container",
        "container-engine",
        "database",
        "service",
        "workload",
        "endpoint",
    ] {
        let id = format!("{kind}:a");
        for role in SHIPPED.roles() {
            let labels = [("plimsoll.role", role.name.as_str())];
            let one = snapshot(vec![asset(&id, &labels, "")], &[]);
            let (_, explained) = SHIPPED.explain(&one, 0, &[], now()).unwrap();
            for one in explained
                .iter()
                .filter(|one| one.expectation != "role-known")
            {
                let passes = matches!(one.result, Explanation::Pass { .. });
                assert!(!passes, "{kind} as {}: {}", role.name, one.expectation);
            }
        }
    }
}

#[test]
fn ports() {
    let public = |key: &str| port(key, r#","reach":"public""#);
    let rows: &[(&str, &str)] = &[
        (&public("0.0.0.0:443/tcp"), "pass (reported)"),
        (&public("0.0.0.0:443/udp"), "pass (reported)"),
        (
            &public("0.0.0.0:8080/tcp"),
            "fail: public: 0.0.0.0:8080/tcp",
        ),
        (&public("0.0.0.0:80/udp"), "fail: public: 0.0.0.0:80/udp"),
        (
            &port("127.0.0.1:5432/tcp", r#","reach":"loopback""#),
            "pass (reported)",
        ),
        (
            &port("10.0.0.1:5432/tcp", r#","reach":"private""#),
            "pass (reported)",
        ),
        (
            &port("*:5432/tcp", r#","reach":"unknown""#),
            "unknown: who reaches *:5432/tcp is not known",
        ),
        (
            &port("*:5432/tcp", ""),
            "unknown: who reaches *:5432/tcp is not known",
        ),
        (r#"{"ports":{}}"#, "pass (reported)"),
        (r#"{"ports":{"x":{"reach":"public"}}}"#, "fail: public: x"),
        (
            r#"{"ports":7}"#,
            "unknown: `ports` has a value of the wrong shape",
        ),
        (
            r#"{"ports":"?host network"}"#,
            "unknown: `ports` is unknown: host network",
        ),
        ("", "unknown: no source says `ports`"),
    ];
    table("ports-allowed", "container:nginx", rows);
}

#[test]
fn tls() {
    let tls = |tls: &str| {
        port(
            "0.0.0.0:443/tcp",
            &format!(r#","reach":"public","tls":"{tls}""#),
        )
    };
    let rows: &[(&str, &str)] = &[
        (&tls("1.2"), "pass (reported)"),
        (&tls("TLSv1.3"), "pass (reported)"),
        (&tls("TLS 1.1"), "fail: 0.0.0.0:443/tcp accepts TLS 1.1"),
        (&tls("SSLv3"), "fail: 0.0.0.0:443/tcp accepts SSLv3"),
        (&tls("none"), "fail: 0.0.0.0:443/tcp in plain text"),
        (
            &tls("maybe"),
            "unknown: 0.0.0.0:443/tcp: its TLS version is not understood",
        ),
        (
            &port("0.0.0.0:443/tcp", r#","reach":"public""#),
            "unknown: 0.0.0.0:443/tcp: no TLS probe or platform statement",
        ),
        (
            &port("0.0.0.0:443/tcp", r#","tls":"none""#),
            "unknown: 0.0.0.0:443/tcp: who reaches it is not known",
        ),
        (
            &port("10.0.0.1:80/tcp", r#","reach":"private","tls":"none""#),
            "n/a",
        ),
        (r#"{"ports":{}}"#, "n/a"),
        ("", "unknown: no source says `ports`"),
    ];
    table("encrypted-in-transit", "container:a", rows);
    let engine = port("10.0.0.1:2375/tcp", r#","reach":"private","tls":"none""#);
    let want = "fail: 10.0.0.1:2375/tcp in plain text";
    table(
        "encrypted-in-transit",
        "container-engine:a",
        &[(&engine, want)],
    );
    let ssh = port("0.0.0.0:22/tcp", r#","reach":"public""#);
    table("encrypted-in-transit", "host:a", &[(&ssh, "n/a")]);
}

#[test]
fn clocks() {
    let rows: &[(&str, &str)] = &[
        (
            r#"{"!clock.synchronised":true,"~clock.max-error-us":5000}"#,
            "pass (reported)",
        ),
        (
            r#"{"!clock.synchronised":true,"~clock.max-error-us":1000000}"#,
            "fail: error of up to 1 s",
        ),
        (
            r#"{"!clock.synchronised":true}"#,
            "unknown: synchronised, but no source says `clock.max-error-us`",
        ),
        (r#"{"clock.synchronised":true}"#, "pass (reported)"),
        (r#"{"clock.synchronised":false}"#, "fail: not synchronised"),
        (
            r#"{"clock.synchronised":true,"~clock.skew-ms":-9000,"~clock.skew-bound-ms":40}"#,
            "fail: skew of -9 s (± 40 ms)",
        ),
        (
            r#"{"clock.synchronised":true,"~clock.skew-ms":2030,"~clock.skew-bound-ms":40}"#,
            "pass (reported)",
        ),
        (
            r#"{"~clock.skew-ms":-3,"~clock.skew-bound-ms":3}"#,
            "unknown: no skew seen (-3 ms ± 3 ms), which does not prove that the clock is disciplined",
        ),
        (r#"{"~clock.skew-ms":90000}"#, "fail: skew of 90 s (± 0 µs)"),
        (
            r#"{"clock.synchronised":"?denied"}"#,
            "unknown: `clock.synchronised` is unknown: denied",
        ),
        ("", "unknown: no source says `clock.synchronised`"),
    ];
    table("time-synchronised", "host:h", rows);
    let lost = [("", "unknown: which host it runs on is not known")];
    table("time-synchronised", "container:a", &lost);
    // A container has its host's clock, however many hops away that is. It is judged with its host, or, where nothing judges
    // that, by what its host says.
    let unjudged = "extends = 'base'\n[[match]]\nkinds = ['container']\n";
    let unjudged = load(unjudged).unwrap();
    for (facts, want) in rows {
        let assets = vec![
            asset("container:a", &[], ""),
            asset("container-engine:e", &[], ""),
            asset("host:h", &[], facts),
        ];
        let relations = [
            ("container:a", RelationKind::RunsOn, "container-engine:e"),
            ("container-engine:e", RelationKind::RunsOn, "host:h"),
        ];
        let snapshot = snapshot(assets, &relations);
        let of = |baselines| outcome(baselines, &snapshot, "container:a", "time-synchronised");
        assert_eq!(of(&unjudged), *want, "{facts}");
        assert_eq!(of(&SHIPPED), "n/a", "{facts}");
        let engine = outcome(
            &SHIPPED,
            &snapshot,
            "container-engine:e",
            "time-synchronised",
        );
        assert_eq!(engine, "n/a", "{facts}");
    }
    // Its own clock is its own.
    let own = r#"{"clock.synchronised":false}"#;
    let assets = vec![asset("service:s", &[], own), asset("host:h", &[], "")];
    let snapshot = snapshot(assets, &[("service:s", RelationKind::RunsOn, "host:h")]);
    let have = outcome(&SHIPPED, &snapshot, "service:s", "time-synchronised");
    assert_eq!(have, "fail: not synchronised");
    let rows = [
        (
            r#"{"clock.settable":true}"#,
            "fail: it can set the host's clock",
        ),
        (r#"{"clock.settable":false}"#, "pass (reported)"),
        ("", "unknown: no source says `clock.settable`"),
    ];
    table("time-restricted", "container:a", &rows);
    table("time-restricted", "host:a", &[("", "n/a")]);
}

#[test]
fn images() {
    let local = "fail: a local image without registry digest";
    let rows = [
        (
            r#"{"image.digests":["nginx@sha256:abababababababababababababababababababababababababababababababab"]}"#,
            "pass (reported)",
        ),
        (r#"{"image.digests":[],"image.id":"sha256:cd"}"#, local),
        (
            r#"{"image":"nginx@sha256:abababababababababababababababababababababababababababababababab"}"#,
            "unknown: no source says `image.digests`",
        ),
        ("", "unknown: no source says `image.digests`"),
    ];
    table("image-pinned", "container:a", &rows);
    table("image-pinned", "database:a", &[("", "n/a")]);
    let created = |time: &str| format!(r#"{{"image.created":"{time}"}}"#);
    let rows: &[(&str, &str)] = &[
        (&created("2026-05-01T10:00:00.5Z"), "pass (reported)"),
        (&created("2026-03-03T00:00:00Z"), "pass (reported)"),
        (&created("2026-03-02T00:00:00Z"), "fail: 91 days old"),
        (
            &created("1970-01-01T00:00:00Z"),
            "unknown: its date of 1970-01-01 cannot be when it was built",
        ),
        (
            &created("2027-01-01T00:00:00Z"),
            "unknown: its date of 2027-01-01 cannot be when it was built",
        ),
        (
            &created("yesterday"),
            r#"unknown: its date of "yesterday" is no date"#,
        ),
        ("", "unknown: no source says `image.created`"),
    ];
    table("image-current", "container:a", rows);
    // What the container does not say, its image may.
    let image = asset(
        "image:i",
        &[],
        r#"{"image.digests":["nginx@sha256:abababababababababababababababababababababababababababababababab"]}"#,
    );
    let built = [("container:a", RelationKind::BuiltFrom, "image:i")];
    let both = snapshot(vec![asset("container:a", &[], ""), image], &built);
    assert_eq!(
        outcome(&SHIPPED, &both, "container:a", "image-pinned"),
        "pass (reported)"
    );
}

#[test]
fn registries() {
    let own = "[[match]]\nkinds = ['container']\n[[expect]]\ncontrol = 'image-pinned'\n\
        registries = ['r.example', 'docker.io/library/*']\n";
    let own = load(own).unwrap();
    for (image, want) in [
        ("nginx:1", "pass (reported)"),
        ("r.example/shop/api", "pass (reported)"),
        ("evil/nginx", "fail: evil/nginx is from another registry"),
        (
            "r.example.evil.test/x",
            "fail: r.example.evil.test/x is from another registry",
        ),
    ] {
        let facts = format!(
            r#"{{"image":"{image}","image.digests":["{image}@sha256:abababababababababababababababababababababababababababababababab"]}}"#
        );
        let one = snapshot(vec![asset("container:a", &[], &facts)], &[]);
        assert_eq!(outcome(&own, &one, "container:a", "image-pinned"), want);
    }
}

#[test]
fn secrets() {
    let rows = [
        (
            r#"{"env":{"PATH":"x","db_password":"secret:1","API_TOKEN":"y"}}"#,
            "fail: plain value in API_TOKEN, db_password",
        ),
        (
            r#"{"env":{"DB_PASSWORD_FILE":"/run/secrets/db","TOKEN_TTL":"5","AWS_ACCESS_KEY_ID":"x"}}"#,
            "pass (reported)",
        ),
        (
            r#"{"env":{"MONKEY":"x","KEYBOARD":"y"}}"#,
            "pass (reported)",
        ),
        (r#"{"env":{}}"#, "pass (reported)"),
        ("", "unknown: no source says `env`"),
    ];
    table("secrets-managed", "container:a", &rows);
}

#[test]
fn privileges() {
    let with = |part: &str| {
        let none = r#"{"privileged":false,"namespaces.host":[],"capabilities.added":[],"security.options":[],"mounts":{}}"#;
        let mut facts: Table = serde_json::from_str(none).unwrap();
        facts.extend(serde_json::from_str::<Table>(part).unwrap());
        serde_json::to_string(&facts).unwrap()
    };
    let mount = |source: &str| {
        with(&format!(
            r#"{{"mounts":{{"/x":{{"kind":"bind","source":"{source}"}}}}}}"#
        ))
    };
    let rows: &[(&str, &str)] = &[
        (&with("{}"), "pass (reported)"),
        (&with(r#"{"privileged":true}"#), "fail: privileged"),
        (
            &with(r#"{"namespaces.host":["pid"]}"#),
            "fail: host pid namespace",
        ),
        (
            &with(r#"{"capabilities.added":["CHOWN","SYS_TIME"]}"#),
            "fail: capability SYS_TIME",
        ),
        (
            &with(r#"{"capabilities.added":["ALL"]}"#),
            "fail: capability ALL",
        ),
        (
            &with(r#"{"security.options":["seccomp:unconfined"]}"#),
            "fail: seccomp:unconfined",
        ),
        (
            &with(r#"{"security.options":["no-new-privileges"]}"#),
            "pass (reported)",
        ),
        (
            &mount("/var/run/docker.sock"),
            "fail: /var/run/docker.sock mounted",
        ),
        (&mount("/run/"), "fail: /run/ mounted"),
        (&mount("/"), "fail: / mounted"),
        (&mount("/srv/data"), "pass (reported)"),
        (
            &with(r#"{"privileged":"?not read"}"#),
            "unknown: `privileged` is unknown: not read",
        ),
        (r#"{"privileged":true}"#, "fail: privileged"),
        ("", "unknown: no source says `privileged`"),
        (
            &with(r#"{"capabilities.added":["CHOWN",7]}"#),
            "unknown: `capabilities.added` has a value of the wrong shape",
        ),
        (
            &with(r#"{"mounts":{"/x":"/run"}}"#),
            "unknown: `mounts` has a value of the wrong shape",
        ),
    ];
    table("least-privilege", "container:a", rows);

    for (facts, want) in [
        (r#"{"mountpoint":"/"}"#, "fail: / mounted by volume v"),
        (
            r#"{"mountpoint":"/var/run/"}"#,
            "fail: /var/run/ mounted by volume v",
        ),
        (r#"{"mountpoint":"/srv/data"}"#, "pass (reported)"),
        ("", "pass (reported)"),
        (
            r#"{"mountpoint":"?denied"}"#,
            "unknown: v: `mountpoint` is unknown: denied",
        ),
    ] {
        let mounted = with(r#"{"mounts":{"/x":{"kind":"volume","source":"v"}}}"#);
        let both = vec![
            asset("container:a", &[], &mounted),
            asset("volume:v", &[], facts),
        ];
        let one = snapshot(both, &[("container:a", RelationKind::StoresOn, "volume:v")]);
        let have = outcome(&SHIPPED, &one, "container:a", "least-privilege");
        assert_eq!(have, want, "{facts}");
    }
    let mounted = with(r#"{"mounts":{"/x":{"kind":"bind","source":"/opt/engine"}}}"#);
    for (socket, want) in [
        ("/opt/engine/api.sock", "fail: /opt/engine mounted"),
        ("/run/docker.sock", "pass (reported)"),
    ] {
        let engine = format!(r#"{{"!api.socket":"{socket}"}}"#);
        let both = vec![
            asset("container:a", &[], &mounted),
            asset("container-engine:e", &[], &engine),
        ];
        let relation = ("container:a", RelationKind::RunsOn, "container-engine:e");
        let one = snapshot(both, &[relation]);
        let have = outcome(&SHIPPED, &one, "container:a", "least-privilege");
        assert_eq!(have, want, "{socket}");
    }
    let rows = [
        (
            with(r#"{"security.options":["seccomp=custom"]}"#),
            "unknown: what seccomp=custom allows is not known",
        ),
        (
            with(r#"{"devices":["/dev/sdb","/dev/null"]}"#),
            "fail: device /dev/sdb",
        ),
        (
            with(r#"{"mounts":{"/x":{"kind":"bind","source":"/run/k3s"}}}"#),
            "fail: /run/k3s mounted",
        ),
        (
            with(r#"{"mounts":{"/x":{"kind":"bind","source":"/run/dbus"}}}"#),
            "unknown: what /run/dbus of the host, which is mounted, opens is not known",
        ),
    ];
    let rows: Vec<(&str, &str)> = rows
        .iter()
        .map(|(facts, want)| (facts.as_str(), *want))
        .collect();
    table("least-privilege", "container:a", &rows);
    let rows = [
        (r#"{"user.root":true}"#, "fail: root"),
        (r#"{"user.root":false}"#, "pass (reported)"),
        ("", "unknown: no source says `user.root`"),
    ];
    table("not-root", "container:a", &rows);
}
