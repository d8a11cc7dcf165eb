//! Questions to small graphs.

use plimsoll_model::{Asset, AssetId, Claim, RelationKind, Value, fact};

use super::*;
use crate::inventory::{Coverage, Edge, Node, Snapshot};

/// A snapshot of `kind:name` assets in order of their ids, with edges by name.
fn snapshot(assets: &[&str], edges: &[(&str, RelationKind, &str)]) -> Snapshot {
    with(assets, edges, |_| {})
}

fn with(
    assets: &[&str],
    edges: &[(&str, RelationKind, &str)],
    change: impl Fn(&mut Asset),
) -> Snapshot {
    let mut ids: Vec<&str> = assets.to_vec();
    ids.sort_unstable();
    let place = |id: &str| ids.iter().position(|other| *other == id).unwrap() as u32;
    let edges = edges.iter().map(|(from, kind, to)| Edge {
        from: place(from),
        kind: *kind,
        to: place(to),
    });
    let nodes = ids.iter().map(|id| {
        let (kind, name) = id.split_once(':').unwrap();
        let mut asset = Asset::new(AssetId::new(*id).unwrap(), kind, name);
        change(&mut asset);
        Node {
            asset,
            sources: ["test".into()].into(),
        }
    });
    Snapshot::new(nodes.collect(), edges.collect(), Vec::new())
}

fn ports(reach: &str) -> Claim {
    let json = format!(r#"{{"0.0.0.0:443/tcp":{{"port":443,"reach":"{reach}"}}}}"#);
    Claim::reported(serde_json::from_str::<Value>(&json).unwrap())
}

fn id(snapshot: &Snapshot, at: u32) -> &str {
    snapshot.asset(at).id.as_str()
}

#[test]
fn a_path_goes_along_before_it_goes_against_and_then_both_ways() {
    use RelationKind::{RunsOn, Uses};
    let estate = snapshot(
        &["container:a", "container:b", "database:c", "host:h"],
        &[
            ("container:a", Uses, "database:c"),
            ("container:a", RunsOn, "host:h"),
            ("container:b", RunsOn, "host:h"),
        ],
    );
    let way = |from: &str, to: &str| {
        let path = path(
            &estate,
            estate.find(from).unwrap(),
            estate.find(to).unwrap(),
        )?;
        Some((
            path.way,
            path.hops.iter().map(|hop| hop.against).collect::<Vec<_>>(),
        ))
    };
    assert_eq!(
        way("container:a", "database:c"),
        Some((Way::Along, vec![false]))
    );
    assert_eq!(
        way("host:h", "container:a"),
        Some((Way::Against, vec![true]))
    );
    assert_eq!(
        way("database:c", "container:b"),
        Some((Way::Mixed, vec![true, false, true]))
    );
    assert_eq!(way("host:h", "host:h"), Some((Way::Along, vec![])));
    let apart = snapshot(&["host:a", "host:b"], &[]);
    assert_eq!(path(&apart, 0, 1), None);
}

#[test]
fn unknown_reach_is_never_unreachable() {
    use RelationKind::{Exposes, RoutesTo, Uses};
    let estate = with(
        &[
            "container:doubt",
            "container:mute",
            "container:open",
            "container:shut",
            "database:behind",
            "database:hidden",
            "endpoint:way-in",
            "secret:key",
            "workload:served",
        ],
        &[
            ("container:open", Uses, "database:behind"),
            ("container:open", Uses, "secret:key"),
            ("container:doubt", Uses, "database:hidden"),
            ("endpoint:way-in", RoutesTo, "workload:served"),
            ("container:open", Exposes, "endpoint:way-in"),
        ],
        |asset| {
            let claim = match asset.name.as_str() {
                "open" | "way-in" => ports("public"),
                "doubt" => ports("unknown"),
                "shut" | "behind" | "hidden" => ports("private"),
                "served" => Claim::reported(plimsoll_model::Table::new()),
                _ => return,
            };
            asset.claim(fact::PORTS, claim);
        },
    );
    let found = reach(&estate, |_| false);
    let entries: Vec<_> = found
        .entries
        .iter()
        .map(|entry| id(&estate, entry.at))
        .collect();
    assert_eq!(entries, ["container:open", "endpoint:way-in"]);
    assert_eq!(found.entries[0].ports, ["0.0.0.0:443/tcp"]);
    let through: Vec<_> = found
        .through
        .iter()
        .map(|one| (id(&estate, one.at), id(&estate, one.from)))
        .collect();
    assert_eq!(
        through,
        [
            ("database:behind", "container:open"),
            ("workload:served", "endpoint:way-in")
        ]
    );
    let unknown: Vec<_> = found
        .unknown
        .iter()
        .map(|one| id(&estate, one.at))
        .collect();
    assert_eq!(
        unknown,
        ["container:doubt", "container:mute", "database:hidden"]
    );
    assert_eq!(found.unreached, 1, "only what is known to be shut");
}

#[test]
fn what_does_not_run_is_not_reached_and_is_named() {
    use RelationKind::Uses;
    let estate = with(
        &[
            "container:hidden",
            "container:off",
            "container:on",
            "database:behind",
        ],
        &[("container:off", Uses, "database:behind")],
        |asset| {
            let (state, claim) = match asset.name.as_str() {
                "off" => ("stopped", ports("public")),
                "on" => ("restarting", ports("public")),
                "hidden" => ("created", Claim::unknown("shares the host's network")),
                _ => ("running", ports("private")),
            };
            asset.claim(fact::PORTS, claim);
            asset.reading(fact::STATE, Claim::reported(state));
        },
    );
    let found = reach(&estate, |_| true);
    let ids = |entries: &[Entry]| {
        let ids = entries.iter().map(|entry| id(&estate, entry.at).to_owned());
        ids.collect::<Vec<_>>()
    };
    assert_eq!(ids(&found.entries), ["container:on"]);
    assert_eq!(ids(&found.idle), ["container:off"]);
    assert_eq!((found.through.len(), found.unknown.len()), (0, 0));
    assert_eq!(found.unreached, 2);
}

#[test]
fn a_blast_goes_up_to_what_needs_and_down_to_parts() {
    use RelationKind::{Contains, Exposes, RoutesTo, RunsOn, StoresOn};
    let estate = snapshot(
        &[
            "container:a",
            "container:b",
            "dns-name:x",
            "endpoint:e",
            "filesystem:f",
            "host:h",
            "volume:v",
        ],
        &[
            ("container:a", RunsOn, "host:h"),
            ("container:b", StoresOn, "volume:v"),
            ("endpoint:e", RoutesTo, "container:a"),
            ("endpoint:e", Exposes, "dns-name:x"),
            ("host:h", Contains, "filesystem:f"),
        ],
    );
    let hit: Vec<_> = blast(&estate, estate.find("host:h").unwrap())
        .iter()
        .map(|one| (id(&estate, one.at), one.depth))
        .collect();
    assert_eq!(
        hit,
        [
            ("container:a", 1),
            ("filesystem:f", 1),
            ("endpoint:e", 2),
            ("dns-name:x", 3)
        ]
    );
    assert!(blast(&estate, estate.find("dns-name:x").unwrap()).is_empty());
}

#[test]
fn sharing_stops_at_the_other_environments_system() {
    use RelationKind::{BuiltFrom, Contains, RunsOn, StoresOn, Uses};
    let estate = snapshot(
        &[
            "container:live",
            "container:test",
            "container:untold",
            "database:db",
            "host:one",
            "host:two",
            "image:i",
            "organisation:o",
            "volume:v",
        ],
        &[
            ("container:live", Uses, "database:db"),
            ("container:test", Uses, "database:db"),
            ("database:db", StoresOn, "volume:v"),
            ("container:live", RunsOn, "host:one"),
            ("container:test", RunsOn, "host:one"),
            ("container:untold", RunsOn, "host:two"),
            ("database:db", RunsOn, "host:two"),
            ("container:live", BuiltFrom, "image:i"),
            ("container:test", BuiltFrom, "image:i"),
            ("organisation:o", Contains, "host:one"),
        ],
    );
    let place = |id: &str| estate.find(id).unwrap();
    let systems = [
        (place("container:live"), Some("production")),
        (place("container:test"), Some("staging")),
        (place("container:untold"), None),
        (place("database:db"), Some("production")),
    ];
    let sharing = shared(&estate, &systems);
    let names = |list: &[Shared]| {
        list.iter()
            .map(|one| id(&estate, one.at).to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(
        names(&sharing.shared),
        ["database:db", "host:one", "organisation:o"]
    );
    assert_eq!(names(&sharing.unknown), ["host:two"]);
    assert_eq!((sharing.production, sharing.untagged), (2, 1));
    assert_eq!(
        sharing.shared[0].users,
        [
            (Some("production"), place("database:db")),
            (Some("staging"), place("container:test")),
        ]
    );
}

#[test]
fn what_a_half_read_scope_hides_is_no_certain_orphan() {
    use RelationKind::{Contains, StoresOn};
    let build = |complete| {
        let estate = snapshot(
            &[
                "container:a",
                "namespace:n",
                "note:alone",
                "secret:s",
                "volume:old",
                "volume:used",
            ],
            &[
                ("container:a", StoresOn, "volume:used"),
                ("namespace:n", Contains, "secret:s"),
            ],
        );
        estate.with_coverage(vec![Coverage {
            source: "test".into(),
            scope: "all".into(),
            complete,
            as_of: jiff::Timestamp::UNIX_EPOCH,
            fresh: true,
            troubles: Vec::new(),
        }])
    };
    let estate = build(true);
    let found = orphans(&estate, |_| false);
    let ids: Vec<_> = found.iter().map(|one| id(&estate, one.at)).collect();
    assert_eq!(ids, ["note:alone", "secret:s", "volume:old"]);
    assert!(found.iter().all(|one| one.certain));
    assert!(
        orphans(&build(false), |_| false)
            .iter()
            .all(|one| !one.certain)
    );
}
