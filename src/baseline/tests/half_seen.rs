//! What is known in part is no pass.

use RelationKind::{Contains, RunsOn, StoresOn, Uses};

use super::*;
use crate::inventory::Coverage;

fn covered(snapshot: Snapshot, complete: bool) -> Snapshot {
    let row = Coverage {
        source: "test".into(),
        scope: "all".into(),
        complete,
        as_of: now(),
        fresh: true,
        troubles: Vec::new(),
    };
    snapshot.with_coverage(vec![row])
}

/// Who else shares a host, and what else it stores on, may be in what was not read.
#[test]
fn what_is_shared_with_the_unread_is_not_known() {
    let estate = |complete| {
        let system = |id: &str, image: &str| {
            let production = [("plimsoll.environment", "production")];
            let mount = r#"{"kind":"bind","source":"/srv","readonly":false}"#;
            let facts = format!(r#"{{"image":"{image}","mounts":{{"/d":{mount}}}}}"#);
            asset(id, &production, &facts)
        };
        let root = r#"{"mountpoint":"/","encryption.at-rest":true}"#;
        let mount = r#"{"mounts":{"/d":{"kind":"bind","source":"/srv","readonly":false}}}"#;
        let assets = vec![
            asset("container:b", &[], mount),
            system("container:a", "nginx"),
            system("host:h", ""),
            asset("filesystem:root", &[], root),
        ];
        let relations = [
            ("container:a", RunsOn, "host:h"),
            ("host:h", Contains, "filesystem:root"),
        ];
        covered(snapshot(assets, &relations), complete)
    };
    let asked = [
        ("container:a", "environments-separated"),
        ("container:a", "encrypted-at-rest"),
        ("host:h", "environments-separated"),
        ("host:h", "frontend-backend-separated"),
        ("host:h", "encrypted-at-rest"),
    ];
    for (id, expectation) in asked {
        let of = |complete| outcome(&ON_HOSTS, &estate(complete), id, expectation);
        assert_eq!(of(true), "pass (reported)", "{expectation} of {id}");
        let seen = of(false);
        let unknown = seen.starts_with("unknown: ");
        let why = seen.ends_with("source test was not read completely");
        assert!(unknown && why, "{expectation} of {id}: {seen}");
    }
}

#[test]
fn one_encrypted_volume_says_nothing_of_another() {
    let of = |facts: &str| {
        let volume = asset("volume:v", &[], r#"{"encryption.at-rest":true}"#);
        let both = vec![asset("container:a", &[], facts), volume];
        let snapshot = snapshot(both, &[("container:a", StoresOn, "volume:v")]);
        outcome(&SHIPPED, &snapshot, "container:a", "encrypted-at-rest")
    };
    let v = r#""/v":{"kind":"volume","source":"v"}"#;
    let again = r#""/again":{"kind":"volume","source":"v"}"#;
    let w = r#""/w":{"kind":"volume","source":"w"}"#;
    assert_eq!(
        of(&format!(r#"{{"mounts":{{{v},{again}}}}}"#)),
        "pass (reported)"
    );
    assert_eq!(
        of(&format!(r#"{{"mounts":{{{v},{w}}}}}"#)),
        "unknown: w: the volume is not in the inventory"
    );
    assert_eq!(of(""), "pass (reported)");
    let lost = of(r#"{"mounts":"?lost"}"#);
    assert_eq!(lost, "unknown: `mounts` is unknown: lost");
}

#[test]
fn a_file_system_of_unknown_place_may_be_the_one() {
    let mount = r#"{"mounts":{"/d":{"kind":"bind","source":"/srv","readonly":false}}}"#;
    let root = r#"{"mountpoint":"/","encryption.at-rest":true}"#;
    let assets = vec![
        asset("container:a", &[], mount),
        asset("host:h", &[], ""),
        asset("filesystem:root", &[], root),
        asset("filesystem:srv", &[], r#"{"mountpoint":"?unseen"}"#),
    ];
    let relations = [
        ("container:a", RunsOn, "host:h"),
        ("host:h", Contains, "filesystem:root"),
        ("host:h", Contains, "filesystem:srv"),
    ];
    let snapshot = snapshot(assets, &relations);
    assert_eq!(
        outcome(&SHIPPED, &snapshot, "container:a", "encrypted-at-rest"),
        "unknown: /srv: where the file system srv is mounted is not known"
    );
}

#[test]
fn a_reach_of_an_unknown_word_is_not_known() {
    let port = r#"{"ports":{"*:22/tcp":{"port":22,"protocol":"tcp","reach":"internet"}}}"#;
    let rows = [(port, "unknown: who reaches *:22/tcp is not known")];
    table("ports-allowed", "container:a", &rows);
}

/// Whoever may tag an image may call it as they like.
#[test]
fn a_name_of_an_allowed_registry_is_not_its_word() {
    let own = "[[match]]\nkinds = ['container']\n[[expect]]\ncontrol = 'image-pinned'\n\
        registries = ['r.example']\n";
    let own = load(own).unwrap();
    let of = |image: &str, digest: &str| {
        let facts = format!(r#"{{"image":"{image}","image.digests":["{digest}"]}}"#);
        let one = snapshot(vec![asset("container:a", &[], &facts)], &[]);
        outcome(&own, &one, "container:a", "image-pinned")
    };
    let (ours, other) = (
        "r.example/x@sha256:abababababababababababababababababababababababababababababababab",
        "evil/x@sha256:abababababababababababababababababababababababababababababababab",
    );
    assert_eq!(of("r.example/x", ours), "pass (reported)");
    assert_eq!(of("sha256:cd", ours), "pass (reported)");
    let want = "fail: no allowed registry has given it a digest";
    assert_eq!(of("r.example/x", other), want);
    assert_eq!(of("sha256:cd", other), want);
}

#[test]
fn a_pattern_for_secrets_may_have_a_gap() {
    let own = "[[match]]\nkinds = ['container']\n[[expect]]\ncontrol = 'secrets-managed'\n\
        patterns = ['DB*KEY', 'ÜBER*']\n";
    let own = load(own).unwrap();
    let env = r#"{"env":{"DB_MASTER_KEY":"x","DB_KEYS":"y"}}"#;
    let one = snapshot(vec![asset("container:a", &[], env)], &[]);
    assert_eq!(
        outcome(&own, &one, "container:a", "secrets-managed"),
        "fail: plain value in DB_MASTER_KEY"
    );
}

/// A certificate, a volume or a log drain more may be in what was not read.
#[test]
fn what_a_system_may_also_use_is_not_known() {
    let until = r#"{"certificate.expires":"2027-01-01T00:00:00Z"}"#;
    let backup = r#"{"~backup.latest":"2026-05-31T12:00:00Z"}"#;
    let driver = r#"{"data.sensitive":true,"log.driver":"json-file"}"#;
    let assets = vec![
        asset("endpoint:e", &[], ""),
        asset("certificate:c", &[], until),
        asset("workload:pg", &[("plimsoll.role", "database")], ""),
        asset("volume:v", &[], backup),
        asset("workload:phi", &[], driver),
    ];
    let relations = [
        ("endpoint:e", Uses, "certificate:c"),
        ("workload:pg", StoresOn, "volume:v"),
    ];
    let all = snapshot(assets, &relations);
    for (id, expectation, whole) in [
        ("endpoint:e", "certificates-valid", "pass (reported)"),
        ("workload:pg", "backup-present", "pass (reported)"),
        (
            "workload:phi",
            "logs-shipped",
            "fail: log driver json-file keeps them where it runs",
        ),
    ] {
        let of = |complete| outcome(&SHIPPED, &covered(all.clone(), complete), id, expectation);
        assert_eq!(of(true), whole);
        assert_eq!(of(false), "unknown: source test was not read completely");
    }
}
