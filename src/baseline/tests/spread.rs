//! What runs as several instances, and what clusters, stacks and organisations have in common.

use RelationKind::{Contains, MemberOf, RoutesTo, RunsOn, StoresOn, Uses};

use super::*;

fn tagged(id: &str, word: &str, facts: &str) -> Asset {
    asset(id, &[("plimsoll.environment", word)], facts)
}

fn on(hosts: &[&str], more: &str) -> String {
    let hosts: Vec<String> = hosts.iter().map(|host| format!("{host:?}")).collect();
    format!(
        r#"{{"platform":"kubernetes","~instances.hosts":[{}]{more}}}"#,
        hosts.join(",")
    )
}

/// A front end on two nodes and a database on one or two, all in one cluster.
fn cluster(front: &[&str], back: &[&str]) -> Snapshot {
    let assets = vec![
        tagged(
            "workload:k/e/deployment/edge",
            "prod",
            &on(front, r#","image":"nginx""#),
        ),
        tagged(
            "workload:k/d/statefulset/pg",
            "prod",
            &on(back, r#","image":"postgres""#),
        ),
        tagged("host:k/1", "prod", r#"{"platform":"kubernetes"}"#),
        tagged("host:k/2", "prod", r#"{"platform":"kubernetes"}"#),
        tagged("host:k/3", "prod", r#"{"platform":"kubernetes"}"#),
        asset("cluster:k", &[], ""),
    ];
    let relations = [
        ("workload:k/e/deployment/edge", RunsOn, "cluster:k"),
        ("workload:k/d/statefulset/pg", RunsOn, "cluster:k"),
        ("cluster:k", Contains, "host:k/1"),
        ("cluster:k", Contains, "host:k/2"),
        ("cluster:k", Contains, "host:k/3"),
    ];
    snapshot(assets, &relations)
}

#[test]
fn sides_on_the_nodes_of_instances() {
    let of = |snapshot: &Snapshot, id: &str| {
        outcome(&ON_HOSTS, snapshot, id, "frontend-backend-separated")
    };
    let (edge, pg) = (
        "workload:k/e/deployment/edge",
        "workload:k/d/statefulset/pg",
    );
    let mixed = cluster(&["host:k/1", "host:k/2"], &["host:k/2"]);
    let who = "runs front end k/e/deployment/edge and back end k/d/statefulset/pg";
    assert_eq!(of(&mixed, edge), format!("fail: its host k/2 {who}"));
    assert_eq!(of(&mixed, pg), format!("fail: its host {who}"));
    assert_eq!(of(&mixed, "host:k/1"), "pass (reported)");
    assert_eq!(of(&mixed, "host:k/2"), format!("fail: it {who}"));
    assert_eq!(of(&mixed, "host:k/3"), "n/a");
    let apart = cluster(&["host:k/1", "host:k/2"], &["host:k/3"]);
    assert_eq!(of(&apart, edge), "pass (reported)");
    assert_eq!(of(&apart, pg), "pass (reported)");
    assert_eq!(of(&cluster(&[], &["host:k/3"]), edge), "n/a");
    let lost = cluster(&["host:k/1", "host:k/9"], &["host:k/3"]);
    assert_eq!(
        of(&lost, edge),
        "unknown: host:k/9, where it runs, is not in the inventory"
    );
}

/// The nodes are judged; where it is not known on which it runs, those of its cluster are.
#[test]
fn clocks_are_judged_on_the_nodes() {
    let all = cluster(&["host:k/1", "host:k/2"], &["host:k/9"]);
    for id in [
        "workload:k/e/deployment/edge",
        "workload:k/d/statefulset/pg",
    ] {
        assert_eq!(
            outcome(&SHIPPED, &all, id, "time-synchronised"),
            "n/a",
            "{id}"
        );
    }
    let lost = r#"{"platform":"kubernetes","~instances.hosts":"?pods were not listed"}"#;
    let one = snapshot(vec![asset("workload:a", &[], lost)], &[]);
    assert_eq!(
        outcome(&SHIPPED, &one, "workload:a", "time-synchronised"),
        "unknown: `instances.hosts` is unknown: pods were not listed"
    );
}

/// A node that another source sees too may live under the id that it has there.
#[test]
fn a_node_is_found_under_its_former_id() {
    let mut node = tagged("host:web-1", "prod", r#"{"platform":"kubernetes"}"#);
    node.aliases
        .push(plimsoll_model::Alias::new("id", "host:k/1"));
    let edge = tagged(
        "workload:edge",
        "prod",
        &on(&["host:k/1"], r#","image":"nginx""#),
    );
    let pg = tagged(
        "workload:pg",
        "prod",
        &on(&["host:k/1"], r#","image":"postgres""#),
    );
    let snapshot = snapshot(vec![node, edge, pg], &[]);
    assert_eq!(
        outcome(
            &ON_HOSTS,
            &snapshot,
            "host:web-1",
            "frontend-backend-separated"
        ),
        "fail: it runs front end edge and back end pg"
    );
}

#[test]
fn environments_share_hosts_clusters_stacks_and_what_holds_them() {
    let of = |place: &str, relations: &[(&str, RelationKind, &str)]| {
        let facts = r#"{"~instances.hosts":["host:k/1"]}"#;
        let facts = if place == "host:k/1" { facts } else { "" };
        let assets = vec![
            tagged("workload:a", "prod", facts),
            tagged("workload:b", "staging", facts),
            asset(place, &[], ""),
        ];
        let snapshot = snapshot(assets, relations);
        outcome(&SHIPPED, &snapshot, "workload:b", "environments-separated")
    };
    let who = "is shared by a (production) and b (staging)";
    let to = |kind, place| [("workload:a", kind, place), ("workload:b", kind, place)];
    let from = |place| {
        [
            (place, Contains, "workload:a"),
            (place, Contains, "workload:b"),
        ]
    };
    for (place, relations) in [
        ("cluster:k", to(RunsOn, "cluster:k")),
        ("stack:s", to(RunsOn, "stack:s")),
        ("organisation:o", to(MemberOf, "organisation:o")),
        ("network:n", to(MemberOf, "network:n")),
        ("secret:s", to(Uses, "secret:s")),
        ("configuration:c", to(Uses, "configuration:c")),
        ("database:d", to(Uses, "database:d")),
        ("volume:v", to(StoresOn, "volume:v")),
        ("namespace:k/n", from("namespace:k/n")),
        ("organisation:o", from("organisation:o")),
    ] {
        let want = format!("fail: {} {who}", place.replacen(':', " ", 1));
        assert_eq!(of(place, &relations), want);
    }
    let want = format!("fail: host k/1 {who}");
    assert_eq!(of("host:k/1", &[]), want);
    let nothing = "unknown: no relation says what it runs on or uses";
    for place in ["certificate:c", "dns-name:n", "log-drain:l", "image:i"] {
        assert_eq!(of(place, &to(Uses, place)), nothing, "{place}");
    }
}

/// What stands behind a claim is what is stored on, and what stands behind a service is what an endpoint leads to.
#[test]
fn environments_share_what_stands_behind_a_name() {
    let assets = vec![
        tagged("workload:a", "prod", ""),
        tagged("workload:b", "staging", ""),
        asset("volume-claim:a", &[], ""),
        asset("volume-claim:b", &[], ""),
        asset("volume:v", &[], ""),
        tagged("endpoint:e", "prod", ""),
        asset("network-service:b", &[], ""),
    ];
    let relations = [
        ("workload:a", StoresOn, "volume-claim:a"),
        ("workload:b", StoresOn, "volume-claim:b"),
        ("volume-claim:a", StoresOn, "volume:v"),
        ("volume-claim:b", StoresOn, "volume:v"),
        ("endpoint:e", RoutesTo, "network-service:b"),
        ("network-service:b", RoutesTo, "workload:b"),
    ];
    let snapshot = snapshot(assets, &relations);
    let of = |id: &str| outcome(&SHIPPED, &snapshot, id, "environments-separated");
    assert_eq!(
        of("workload:a"),
        "fail: volume v is shared by a (production) and b (staging)"
    );
    assert_eq!(
        of("workload:b"),
        "fail: itself is shared by e (production) and b (staging); volume v is shared by a (production) and b \
         (staging)"
    );
}

#[test]
fn a_claim_is_as_encrypted_as_its_volume() {
    let of = |facts: &str| {
        let mount = r#"{"mounts":{"/data":{"kind":"volume","source":"data"}}}"#;
        let assets = vec![
            asset("workload:a", &[], mount),
            asset("volume-claim:data", &[], ""),
            asset("volume:pv", &[], ""),
            asset("block-device:disk", &[], facts),
        ];
        let relations = [
            ("workload:a", StoresOn, "volume-claim:data"),
            ("volume-claim:data", StoresOn, "volume:pv"),
            ("volume:pv", StoresOn, "block-device:disk"),
        ];
        outcome(
            &SHIPPED,
            &snapshot(assets, &relations),
            "workload:a",
            "encrypted-at-rest",
        )
    };
    assert_eq!(of(r#"{"encryption.at-rest":true}"#), "pass (reported)");
    assert_eq!(
        of(r#"{"encryption.at-rest":false}"#),
        "fail: not encrypted: data"
    );
    assert_eq!(
        of(r#"{"encryption.at-rest":"?the driver does not say"}"#),
        "unknown: data: `encryption.at-rest` is unknown: the driver does not say"
    );
    let endpoint = snapshot(vec![asset("endpoint:e", &[], "")], &[]);
    for expectation in ["encrypted-at-rest", "time-synchronised"] {
        assert_eq!(
            outcome(&SHIPPED, &endpoint, "endpoint:e", expectation),
            "n/a",
            "{expectation}"
        );
    }
}
