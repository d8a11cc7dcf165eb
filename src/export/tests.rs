//! From small snapshots to diagrams.

use std::collections::HashMap;

use plimsoll_model::{Asset, AssetId, Claim, RelationKind, Text, fact};

use super::*;
use crate::inventory::{Coverage, Edge as Relation, Node as Seen, Snapshot};

/// Assets by `kind:name` with their environment's label, and relations by id.
fn snapshot(assets: &[(&str, &str)], relations: &[(&str, RelationKind, &str)]) -> Snapshot {
    let mut assets = assets.to_vec();
    assets.sort_unstable();
    let place = |id: &str| assets.iter().position(|(other, _)| *other == id).unwrap() as u32;
    let edges = relations.iter().map(|(from, kind, to)| Relation {
        from: place(from),
        kind: *kind,
        to: place(to),
    });
    let nodes = assets.iter().map(|(id, environment)| {
        let (kind, name) = id.split_once(':').unwrap();
        let name = name.rsplit('/').next().unwrap();
        let mut asset = Asset::new(AssetId::new(*id).unwrap(), kind, name);
        asset.labels.insert("environment", Text::from(*environment));
        asset.claim(fact::SENSITIVE, Claim::reported(name == "patients"));
        Seen {
            asset,
            sources: ["test".into()].into(),
        }
    });
    Snapshot::new(nodes.collect(), edges.collect(), Vec::new())
}

fn draw_all(snapshot: &Snapshot, limit: usize) -> Diagram {
    let environment = |at: u32| {
        let label = snapshot.asset(at).labels.get("environment")?;
        Some(label.clone()).filter(|label| !label.is_empty())
    };
    let selection = select(snapshot, &[], &HashMap::new(), &Wanted::default());
    let picture = Picture {
        snapshot,
        systems: &[],
        environment: &environment,
        selection: &selection,
        marks: &HashMap::new(),
        edges: &HashMap::new(),
        limit,
    };
    draw(&picture, Title::default())
}

/// The groups and nodes as paths of names, `environment/host/network/node`.
fn paths(diagram: &Diagram) -> Vec<String> {
    let path = |end: End, name: &str| {
        let around = diagram.around(end);
        let names = around.iter().map(|at| diagram.groups[*at].name.as_str());
        names.chain([name]).collect::<Vec<_>>().join("/")
    };
    let nodes = diagram.nodes.iter().enumerate();
    nodes
        .map(|(at, node)| path(End::Node(at), &node.name))
        .collect()
}

#[test]
fn things_stand_in_their_environment_host_and_network() {
    use RelationKind::{MemberOf, RunsOn, StoresOn, Uses};
    let snapshot = snapshot(
        &[
            ("container:h/a", ""),
            ("container:h/b", ""),
            ("container:h/c", ""),
            ("host:h", "production"),
            ("network:h/net", ""),
            ("volume:h/patients", ""),
            ("volume:shelf/spare", ""),
        ],
        &[
            ("container:h/a", RunsOn, "host:h"),
            ("container:h/b", RunsOn, "host:h"),
            ("container:h/c", RunsOn, "host:h"),
            ("container:h/a", MemberOf, "network:h/net"),
            ("container:h/b", MemberOf, "network:h/net"),
            ("container:h/c", StoresOn, "volume:h/patients"),
            ("container:h/a", Uses, "container:h/c"),
        ],
    );
    let diagram = draw_all(&snapshot, 500);
    assert_eq!(
        paths(&diagram),
        [
            "production/h/net/a",
            "production/h/net/b",
            "production/h/c",
            "production/h/patients",
            "environment not known/spare",
        ]
    );
    // What nesting says needs no line.
    let kinds: Vec<&str> = diagram.edges.iter().map(|edge| edge.kind).collect();
    assert_eq!(kinds, ["uses", "stores-on"]);
    let boundary: Vec<&str> = diagram
        .groups
        .iter()
        .filter(|group| group.boundary)
        .map(|group| group.name.as_str())
        .collect();
    assert_eq!(boundary, ["h"], "the smallest place around sensitive data");
}

#[test]
fn what_serves_several_environments_is_in_none_of_them() {
    use RelationKind::RunsOn;
    let snapshot = snapshot(
        &[
            ("container:h/live", "production"),
            ("container:h/test", "staging"),
            ("host:h", ""),
        ],
        &[
            ("container:h/live", RunsOn, "host:h"),
            ("container:h/test", RunsOn, "host:h"),
        ],
    );
    let diagram = draw_all(&snapshot, 500);
    assert_eq!(
        paths(&diagram),
        ["several environments/h/live", "several environments/h/test"]
    );
    let own: Vec<_> = diagram
        .nodes
        .iter()
        .map(|node| node.environment.as_deref())
        .collect();
    assert_eq!(own, [Some("production"), Some("staging")]);
}

#[test]
fn a_circle_of_places_ends() {
    use RelationKind::{Contains, RunsOn};
    let snapshot = snapshot(
        &[("app:a", ""), ("cluster:c", ""), ("host:h", "")],
        &[
            ("app:a", Contains, "cluster:c"),
            ("cluster:c", Contains, "host:h"),
            ("host:h", Contains, "app:a"),
            ("app:a", RunsOn, "app:a"),
        ],
    );
    let diagram = draw_all(&snapshot, 500);
    assert_eq!(diagram.groups.len() + diagram.nodes.len(), 4);
}

#[test]
fn two_of_one_name_side_by_side_go_by_their_ids() {
    let snapshot = snapshot(
        &[
            ("volume:a/data", "production"),
            ("volume:b/data", "production"),
        ],
        &[],
    );
    assert_eq!(
        paths(&draw_all(&snapshot, 500)),
        ["production/a/data", "production/b/data"]
    );
}

#[test]
fn what_is_alike_becomes_one_and_keeps_its_relations() {
    use RelationKind::{RunsOn, StoresOn};
    let names: Vec<String> = (0..20).map(|at| format!("container:h/{at:02}")).collect();
    let mut assets: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "")).collect();
    assets.extend([("host:h", "production"), ("volume:h/data", "")]);
    let mut relations = Vec::new();
    for name in &names {
        relations.push((name.as_str(), RunsOn, "host:h"));
        relations.push((name.as_str(), StoresOn, "volume:h/data"));
    }
    let diagram = draw_all(&snapshot(&assets, &relations), 10);
    assert_eq!(
        paths(&diagram),
        ["production/h/20 containers", "production/h/data"]
    );
    let edges: Vec<String> = diagram.edges.iter().map(Edge::label).collect();
    assert_eq!(edges, ["stores-on ×20"]);
    assert!(diagram.title.warnings[0].starts_with("21 assets are drawn as 2 nodes"));
}

#[test]
fn an_overlay_has_what_is_and_what_was() {
    use RelationKind::Uses;
    let before = snapshot(
        &[("service:a", ""), ("service:b", "")],
        &[("service:a", Uses, "service:b")],
    );
    let after = snapshot(
        &[("service:a", "production"), ("service:c", "")],
        &[("service:a", Uses, "service:c")],
    );
    let both = overlay(&before, &after);
    let marks: Vec<_> = (0..3).map(|at| both.marks.get(&at).copied()).collect();
    assert_eq!(
        marks,
        [Some(Mark::Modified), Some(Mark::Removed), Some(Mark::Added)]
    );
    let mut edges: Vec<_> = both.edges.values().copied().collect();
    edges.sort_unstable();
    assert_eq!(edges, [Mark::Added, Mark::Removed]);
    assert_eq!(both.snapshot.edges().len(), 2);
}

#[test]
fn the_title_says_what_is_missing() {
    let row = |complete| Coverage {
        source: "docker".into(),
        scope: "web-1".into(),
        complete,
        as_of: jiff::Timestamp::UNIX_EPOCH,
        fresh: true,
        troubles: Vec::new(),
    };
    let heading = Heading {
        heading: "Inventory".into(),
        scan: 7,
        finished: jiff::Timestamp::UNIX_EPOCH,
        since: None,
        asked: vec!["role worker".into()],
        marks: None,
    };
    let snapshot = snapshot(&[("image:a", "")], &[]).with_coverage(vec![row(false)]);
    let selection = select(&snapshot, &[], &HashMap::new(), &Wanted::default());
    let title = title(&heading, &snapshot, &selection);
    assert_eq!(
        title.lines,
        [
            "Plimsoll scan 7 · 1970-01-01 00:00 UTC",
            "Coverage: 0 of 1 scopes read completely",
            "Shown: role worker",
            "Left out: 1 image (--details shows them)",
            "Sensitive data: no source says where it is",
        ]
    );
    assert!(title.warnings[0].starts_with("INCOMPLETE SCAN: docker/web-1"));
}
