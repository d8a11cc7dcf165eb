//! Types of expectation that look at what systems store on and share.

use RelationKind::{Contains, MemberOf, RunsOn, StoresOn};

use super::*;

#[test]
fn storage_of_its_own() {
    let mounts = |source: &str, kind: &str| {
        let mount = format!(r#"{{"kind":"{kind}","source":"{source}","readonly":false}}"#);
        format!(r#"{{"mounts":{{"/data":{mount}}}}}"#)
    };
    let rows: &[(&str, &str)] = &[
        (r#"{"mounts":{}}"#, "n/a"),
        (&mounts("/etc/hosts", "bind"), "n/a"),
        (&mounts("/dev/shm/x", "bind"), "n/a"),
        (
            &mounts("/dev/sdb", "bind"),
            "unknown: /dev/sdb: what the device stores is not known",
        ),
        // A house may keep data anywhere.
        (
            &mounts("/etc/app", "bind"),
            "unknown: /etc/app: which host holds it is not known",
        ),
        (
            &mounts("x", "nfs"),
            "unknown: where a mount of nfs stores is not known",
        ),
        (
            &mounts("/srv", "bind"),
            "unknown: /srv: which host holds it is not known",
        ),
        (
            &mounts("data", "volume"),
            "unknown: data: the volume is not in the inventory",
        ),
        ("", "unknown: no source says `mounts`"),
    ];
    table("encrypted-at-rest", "container:a", rows);
    let rows = [
        (r#"{"encryption.at-rest":true}"#, "pass (reported)"),
        (r#"{"encryption.at-rest":false}"#, "fail: not encrypted: a"),
        ("", "unknown: no source says `mounts`"),
    ];
    table("encrypted-at-rest", "database:a", &rows);
    table(
        "encrypted-at-rest",
        "host:a",
        &[("", "unknown: its file systems are not known")],
    );
}

/// The file system with the longest mount point above the volume decides, and the disk below it.
#[test]
fn storage_on_a_host() {
    let disk = |facts: &str| {
        let filesystem = |name: &str, facts: &str| asset(&format!("filesystem:{name}"), &[], facts);
        let tmpfs =
            r#"{"mountpoint":"/var/li","encryption.at-rest":false,"filesystem.type":"tmpfs"}"#;
        let assets = vec![
            asset("container:a", &[], r#"{"mounts":{}}"#),
            asset(
                "volume:v",
                &[],
                r#"{"mountpoint":"/var/lib/docker/volumes/v"}"#,
            ),
            asset("host:h", &[], ""),
            filesystem(
                "boot",
                r#"{"mountpoint":"/boot/efi","encryption.at-rest":false}"#,
            ),
            filesystem("root", r#"{"mountpoint":"/","!encryption.at-rest":true}"#),
            filesystem("lib", r#"{"mountpoint":"/var/lib"}"#),
            filesystem("li", tmpfs),
            asset("block-device:d", &[], facts),
        ];
        let relations = [
            ("container:a", RunsOn, "host:h"),
            ("container:a", StoresOn, "volume:v"),
            ("host:h", Contains, "filesystem:boot"),
            ("host:h", Contains, "filesystem:root"),
            ("host:h", Contains, "filesystem:lib"),
            ("host:h", Contains, "filesystem:li"),
            ("filesystem:lib", StoresOn, "block-device:d"),
        ];
        let snapshot = snapshot(assets, &relations);
        let of = |id: &str| outcome(&SHIPPED, &snapshot, id, "encrypted-at-rest");
        [of("container:a"), of("host:h")]
    };
    assert_eq!(
        disk(r#"{"!encryption.at-rest":true}"#),
        ["pass (measured)"; 2]
    );
    let want = ["fail: not encrypted: v", "fail: not encrypted: lib"];
    assert_eq!(disk(r#"{"encryption.at-rest":false}"#), want);
    let reason = "`encryption.at-rest` is unknown: a virtual disk";
    let want = [
        format!("unknown: v: {reason}"),
        format!("unknown: lib: {reason}"),
    ];
    assert_eq!(disk(r#"{"encryption.at-rest":"?a virtual disk"}"#), want);
}

#[test]
fn plain_swap_beside_an_encrypted_disk_is_not_encrypted() {
    let root = r#"{"mountpoint":"/","!encryption.at-rest":true,"filesystem.type":"ext4"}"#;
    let of = |swap: &str| {
        let assets = vec![
            asset("host:h", &[], ""),
            asset("filesystem:root", &[], root),
            asset("filesystem:swap", &[], swap),
        ];
        let relations = [
            ("host:h", Contains, "filesystem:root"),
            ("host:h", Contains, "filesystem:swap"),
        ];
        let snapshot = snapshot(assets, &relations);
        outcome(&SHIPPED, &snapshot, "host:h", "encrypted-at-rest")
    };
    assert_eq!(
        of(r#"{"filesystem.type":"swap","!encryption.at-rest":false}"#),
        "fail: not encrypted: swap"
    );
    assert_eq!(
        of(r#"{"filesystem.type":"swap","!encryption.at-rest":true}"#),
        "pass (measured)"
    );
}

/// A front end and a back end in one place, each in an environment or none.
fn estate(a: &str, b: &str, place: (&str, RelationKind)) -> Snapshot {
    let system = |id: &str, image: &str, word: &str| {
        let label = [("plimsoll.environment", word)];
        let labels = if word.is_empty() {
            &[]
        } else {
            label.as_slice()
        };
        asset(id, labels, &format!(r#"{{"image":"{image}"}}"#))
    };
    let assets = vec![
        system("container:a", "nginx", a),
        system("container:b", "postgres", b),
        asset("host:h", &[], ""),
        asset("network:n", &[], ""),
        asset("network:none", &[], r#"{"driver":"null"}"#),
    ];
    let (to, kind) = place;
    snapshot(
        assets,
        &[("container:a", kind, to), ("container:b", kind, to)],
    )
}

#[test]
fn environments_apart() {
    let of =
        |snapshot: &Snapshot, id: &str| outcome(&SHIPPED, snapshot, id, "environments-separated");
    for place in [("host:h", RunsOn), ("network:n", MemberOf)] {
        let what = place.0.replace(':', " ");
        let mixed = estate("prod", "dev", place);
        let want = format!("fail: {what} is shared by a (production) and b (development)");
        assert_eq!(of(&mixed, "container:a"), want);
        assert_eq!(of(&mixed, "container:b"), want);
        assert_eq!(
            of(&estate("prod", "prod", place), "container:a"),
            "pass (reported)"
        );
        assert_eq!(
            of(&estate("staging", "dev", place), "container:a"),
            "pass (reported)"
        );
        let untagged = estate("prod", "", place);
        let want = format!("unknown: {what} is shared with b, which has no environment");
        assert_eq!(of(&untagged, "container:a"), want);
        assert_eq!(
            of(&untagged, "container:b"),
            "unknown: it has no environment itself"
        );
    }
    let none = estate("prod", "dev", ("network:none", MemberOf));
    let want = "unknown: no relation says what it runs on or uses";
    assert_eq!(of(&none, "container:a"), want);
    let host = estate("prod", "dev", ("host:h", RunsOn));
    let want = "fail: itself is shared by a (production) and b (development)";
    assert_eq!(of(&host, "host:h"), want);
}

#[test]
fn a_container_of_its_own_is_apart_and_a_process_is_not() {
    use RelationKind::RunsOn;
    let role = |word| [("plimsoll.role", word)];
    let of = |kinds: [&str; 2], ground: &str, id: &str| {
        let [front, back] = kinds.map(|kind| format!("{kind}:"));
        let (front, back) = (front + "front", back + "back");
        let assets = vec![
            asset(&front, &role("web-service"), ""),
            asset(&back, &role("database"), ""),
            asset(ground, &role("host"), ""),
        ];
        let relations = [(front.as_str(), RunsOn, ground), (&back, RunsOn, ground)];
        let both = snapshot(assets, &relations);
        outcome(&SHIPPED, &both, id, "frontend-backend-separated")
    };
    let containers = ["container", "container"];
    assert_eq!(
        of(containers, "host:h", "container:front"),
        "pass (reported)"
    );
    assert_eq!(
        of(containers, "host:h", "container:back"),
        "pass (reported)"
    );
    assert_eq!(of(containers, "host:h", "host:h"), "n/a");
    // One of them outside of the other's container.
    let mixed = ["container", "service"];
    assert_eq!(of(mixed, "host:h", "service:back"), "pass (reported)");
    let processes = ["service", "service"];
    let want = "runs front end front and back end back";
    assert_eq!(
        of(processes, "host:h", "service:front"),
        format!("fail: its host {want}")
    );
    assert_eq!(
        of(processes, "host:h", "host:h"),
        format!("fail: it {want}")
    );
    assert_eq!(
        of(processes, "container:c", "service:back"),
        format!("fail: its container c {want}")
    );
    let alone = snapshot(vec![asset("service:a", &role("worker"), "")], &[]);
    assert_eq!(
        outcome(&SHIPPED, &alone, "service:a", "frontend-backend-separated"),
        "unknown: what it runs on is not known"
    );
}

#[test]
fn sides_apart() {
    let of = |snapshot: &Snapshot, id: &str| {
        outcome(&ON_HOSTS, snapshot, id, "frontend-backend-separated")
    };
    let host = estate("", "", ("host:h", RunsOn));
    let want = "fail: its host runs front end a and back end b";
    assert_eq!(of(&host, "container:a"), want);
    assert_eq!(
        of(&host, "host:h"),
        "fail: it runs front end a and back end b"
    );
    let none = estate("", "", ("network:none", MemberOf));
    assert_eq!(
        of(&none, "container:a"),
        "unknown: which host it runs on is not known"
    );
    assert_eq!(of(&none, "host:h"), "n/a");
    let front = asset("container:a", &[], r#"{"image":"nginx"}"#);
    let alone = vec![front, asset("host:h", &[], "")];
    let alone = snapshot(alone, &[("container:a", RunsOn, "host:h")]);
    assert_eq!(of(&alone, "container:a"), "pass (reported)");
}

/// An engine is no second host: what its host is judged by is not held against it again.
#[test]
fn an_engine_leaves_to_its_host_what_is_its_hosts() {
    let all = |labels: &[(&str, &str)], engine: &str, host: &str| {
        let assets = vec![
            asset("container-engine:e", labels, engine),
            asset("host:h", &[], host),
        ];
        let snapshot = snapshot(assets, &[("container-engine:e", RunsOn, "host:h")]);
        let asked = [
            "environment-tagged",
            "environments-separated",
            "ports-allowed",
            "encrypted-in-transit",
        ];
        asked.map(|asked| outcome(&SHIPPED, &snapshot, "container-engine:e", asked))
    };
    let unknown = "unknown: no source says `ports`";
    assert_eq!(all(&[], "", ""), ["n/a", "n/a", unknown, unknown]);
    assert_eq!(all(&[], "", r#"{"ports":{}}"#), ["n/a"; 4]);
    let open = r#"{"ports":{"0.0.0.0:2375/tcp":{"port":2375,"reach":"public","tls":"none"}}}"#;
    let [_, _, allowed, transit] = all(&[], open, r#"{"ports":{}}"#);
    assert_eq!(allowed, "fail: public: 0.0.0.0:2375/tcp");
    assert_eq!(transit, "fail: 0.0.0.0:2375/tcp in plain text");
    let odd = all(&[("plimsoll.environment", "qa")], "", "");
    assert_eq!(odd[0], "fail: label plimsoll.environment says \"qa\"");
}

/// A published port is asked about once: on its container, where that is asked the same.
#[test]
fn a_published_port_is_judged_on_its_container() {
    let all = |container: &str, host: &str, baselines: &Baselines| {
        let assets = vec![
            asset("container:c", &[], container),
            asset("host:h", &[], host),
        ];
        let snapshot = snapshot(assets, &[("container:c", RunsOn, "host:h")]);
        let asked = ["ports-allowed", "encrypted-in-transit"];
        asked.map(|asked| outcome(baselines, &snapshot, "host:h", asked))
    };
    let row = |process: &str| {
        format!(r#"{{"0.0.0.0:5432/tcp":{{"port":5432,"reach":"public","process":"{process}"}}}}"#)
    };
    let container = |state: &str| {
        format!(
            r#"{{"image":"postgres:16","ports":{},"~state":"{state}"}}"#,
            row("")
        )
    };
    let host = |process: &str| format!(r#"{{"!ports":{}}}"#, row(process));
    let open = "fail: public: 0.0.0.0:5432/tcp";
    let plain = "unknown: 0.0.0.0:5432/tcp: no TLS probe or platform statement";
    let running = container("running");
    let explained = ["pass (measured)", "n/a"];
    assert_eq!(all(&running, &host("docker-proxy"), &SHIPPED), explained);
    assert_eq!(all(&running, &host("postgres"), &SHIPPED), [open, plain]);
    assert_eq!(
        all(&container("stopped"), &host("docker-proxy"), &SHIPPED),
        [open, plain]
    );
    let unknown = r#"{"image":"postgres:16","ports":"?not read","~state":"running"}"#;
    assert_eq!(all(unknown, &host("docker-proxy"), &SHIPPED), [open, plain]);
    // A house that does not ask it of its containers asks it of the host.
    let mut documents = Baselines::shipped();
    let own = "extends = 'database'\n[[expect]]\ncontrol = 'ports-allowed'\noff = true\nreason = 'asked of hosts'\n";
    documents.push(Document::new("database.toml", own));
    let lax = Baselines::load(&documents).unwrap();
    assert_eq!(all(&running, &host("docker-proxy"), &lax), [open, "n/a"]);
}

#[test]
fn all_that_environments_share_is_named() {
    let system = |id: &str, word: &str| asset(id, &[("plimsoll.environment", word)], "");
    let assets = vec![
        system("container:a", "production"),
        system("container:b", "staging"),
        asset("host:h", &[], ""),
        asset("network:n", &[], ""),
    ];
    let both = |to| [("container:a", to), ("container:b", to)];
    let relations = [both("host:h"), both("network:n")].concat();
    let relations = relations.into_iter().map(|(from, to)| {
        let kind = if to == "host:h" { RunsOn } else { MemberOf };
        (from, kind, to)
    });
    let snapshot = snapshot(assets, &relations.collect::<Vec<_>>());
    let who = "is shared by a (production) and b (staging)";
    assert_eq!(
        outcome(&SHIPPED, &snapshot, "container:b", "environments-separated"),
        format!("fail: host h {who}; network n {who}")
    );
}

/// A disk that is mounted at several points holds what lies below any of them.
#[test]
fn storage_below_another_mount_point_of_a_plain_disk() {
    let srv = r#"{"mountpoint":"/srv","mountpoints":["/srv","/var/lib/docker"],"encryption.at-rest":false}"#;
    let root = r#"{"mountpoint":"/","encryption.at-rest":true}"#;
    let volume = r#"{"mountpoint":"/var/lib/docker/volumes/v"}"#;
    let assets = vec![
        asset("container:a", &[], r#"{"mounts":{}}"#),
        asset("volume:v", &[], volume),
        asset("host:h", &[], ""),
        asset("filesystem:root", &[], root),
        asset("filesystem:srv", &[], srv),
    ];
    let relations = [
        ("container:a", RunsOn, "host:h"),
        ("container:a", StoresOn, "volume:v"),
        ("host:h", Contains, "filesystem:root"),
        ("host:h", Contains, "filesystem:srv"),
    ];
    let snapshot = snapshot(assets, &relations);
    let of = |id: &str| outcome(&SHIPPED, &snapshot, id, "encrypted-at-rest");
    assert_eq!(of("container:a"), "fail: not encrypted: v");
    assert_eq!(of("host:h"), "fail: not encrypted: srv");
}
