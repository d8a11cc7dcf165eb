//! The estate of the export's tests, and one whose every text means harm.

#![allow(
    dead_code,
    reason = "every test program has a copy, and none uses all of it"
)]

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;
use plimsoll::baseline::{Baselines, System, environments, systems};
use plimsoll::export::{
    self, Diagram, Format, Heading, Mark, Picture, Selection, Wanted, select, title,
};
use plimsoll::inventory::{Coverage, Edge, Node, Snapshot};
use plimsoll_model::{Asset, AssetId, Claim, Relation, RelationKind, Text, Trouble, Value, fact};

const LINES: &str = include_str!("estate.jsonl");

/// Every format of a diagram, with the ending of its files.
pub(crate) const FORMATS: [(Format, &str); 7] = [
    (Format::Dot, "dot"),
    (Format::Mermaid, "mmd"),
    (Format::D2, "d2"),
    (Format::Drawio, "drawio"),
    (Format::Graphml, "graphml"),
    (Format::Svg, "svg"),
    (Format::Png, "png"),
];

#[derive(serde::Deserialize)]
#[serde(rename_all = "lowercase")]
enum Line {
    Asset(Asset),
    Relation(Relation),
}

pub(crate) fn at(time: &str) -> Timestamp {
    time.parse().unwrap()
}

/// When the estate was scanned.
pub(crate) fn scanned() -> Timestamp {
    at("2026-03-14T09:12:31Z")
}

/// The estate: a shop with a proxy, an application server, managed databases and a test server; of another source a
/// scope could not be read.
pub(crate) fn estate() -> Snapshot {
    of(LINES.lines())
}

/// The estate a week before: without the worker, with another cache, and with a host that is gone since.
pub(crate) fn estate_before() -> Snapshot {
    let gone = [
        r#"{"asset":{"id":"host:old-1","kind":"host","name":"old-1","labels":{"plimsoll.environment":"production"}}}"#,
        r#"{"asset":{"id":"container:old-1/shop/search","kind":"container","name":"shop_search_1"}}"#,
        r#"{"relation":{"from":"container:old-1/shop/search","kind":"runs-on","to":"host:old-1"}}"#,
        r#"{"relation":{"from":"container:app-1/shop/web","kind":"uses","to":"container:old-1/shop/search"}}"#,
    ];
    let lines: Vec<String> = LINES
        .lines()
        .filter(|line| !line.contains("container:app-1/shop/worker"))
        .map(|line| line.replace("redis:7", "redis:6"))
        .chain(gone.map(str::to_owned))
        .collect();
    of(lines.iter().map(String::as_str))
}

fn of<'l>(lines: impl Iterator<Item = &'l str>) -> Snapshot {
    let mut nodes: BTreeMap<AssetId, Node> = BTreeMap::new();
    let mut relations = Vec::new();
    for line in lines {
        match serde_json::from_str(line).unwrap() {
            Line::Asset(mut asset) => {
                asset.scope = "estate".into();
                asset.settle();
                nodes.insert(
                    asset.id.clone(),
                    Node {
                        asset,
                        sources: ["shop".into()].into(),
                    },
                );
            }
            Line::Relation(relation) => relations.push(relation),
        }
    }
    let nodes: Vec<Node> = nodes.into_values().collect();
    let place = |id: &AssetId| nodes.iter().position(|node| node.asset.id == *id).unwrap() as u32;
    let edges = relations
        .iter()
        .map(|one| Edge {
            from: place(&one.from),
            kind: one.kind,
            to: place(&one.to),
        })
        .collect();
    Snapshot::new(nodes, edges, coverage())
}

pub(crate) fn coverage() -> Vec<Coverage> {
    let row = |source: &str, scope: &str, complete: bool| Coverage {
        source: source.into(),
        scope: scope.into(),
        complete,
        as_of: scanned(),
        fresh: true,
        troubles: if complete {
            Vec::new()
        } else {
            vec![Trouble {
                what: "connection refused".into(),
                asset: None,
            }]
        },
    };
    vec![row("office", "laptops", false), row("shop", "estate", true)]
}

pub(crate) fn roles(snapshot: &Snapshot) -> Vec<System> {
    let baselines = Baselines::load_for(&Baselines::shipped(), &[], &[]).unwrap();
    systems(snapshot, &baselines, &[])
}

/// The diagram of a snapshot, as `export diagram` draws it.
pub(crate) fn drawn(snapshot: &Snapshot, wanted: &Wanted, limit: usize) -> Diagram {
    marked(
        snapshot,
        "Inventory",
        wanted,
        &HashMap::new(),
        &HashMap::new(),
        None,
        limit,
    )
}

/// What changed between the two, as `export diagram --since` draws it.
pub(crate) fn changed() -> Diagram {
    let overlay = export::overlay(&estate_before(), &estate());
    let since = Some((41, at("2026-03-07T09:12:31Z")));
    marked(
        &overlay.snapshot,
        "What changed",
        &Wanted::default(),
        &overlay.marks,
        &overlay.edges,
        since,
        500,
    )
}

fn marked(
    snapshot: &Snapshot,
    heading: &str,
    wanted: &Wanted,
    marks: &HashMap<u32, Mark>,
    edges: &HashMap<Edge, Mark>,
    since: Option<(i64, Timestamp)>,
    limit: usize,
) -> Diagram {
    let systems = roles(snapshot);
    let selection: Selection = select(snapshot, &systems, marks, wanted);
    let heading = Heading {
        heading: heading.into(),
        scan: 42,
        finished: scanned(),
        since,
        asked: Vec::new(),
        marks: Some(marks),
    };
    let environments = environments(snapshot, &[]);
    let picture = Picture {
        snapshot,
        systems: &systems,
        environment: &|at| environments[at as usize].clone(),
        selection: &selection,
        marks,
        edges,
        limit,
    };
    export::draw(&picture, title(&heading, snapshot, &selection))
}

/// A diagram's bytes.
pub(crate) fn written(diagram: &Diagram, format: Format) -> Vec<u8> {
    let mut bytes = Vec::new();
    export::write(diagram, format, &mut bytes).unwrap();
    bytes
}

/// Texts that break a format that trusts them.
pub(crate) fn hostile_texts() -> Vec<String> {
    let mut texts: Vec<String> = [
        "<script>alert(1)</script>",
        "\"><img src=x onerror=alert(1)>",
        "]]></name>&lt;&amp;&#10;&quot;",
        "\"]; x -> y; subgraph a { [label=\"",
        "end",
        "subgraph x[\"y\"]\nend\nclick a href \"https://evil.example\"",
        "%%{init: {'theme':'dark'}}%% `md` **b** #quot; #35;",
        "a: {shape: image; icon: https://evil.example/x.png}\n| |md # x | ${x} $${y} 'q' \\",
        "\\n\\N\\G\\",
        "line one\nline two\r\nthree\u{2028}four\u{85}five\tsix",
        "abc\u{202e}gpj.exe\u{2066}\u{200f}\u{200b}",
        "\u{1b}[2J\u{1b}]0;title\u{7}red\u{9b}31m",
        "=HYPERLINK(\"https://evil.example\")",
        "00123",
        "1-2",
        "MAR1",
        "2026-03-31",
        "1e5",
        "true",
        "-1",
        "@SUM(1)",
        "'quoted'",
        "a,b;c\td\"e",
        "日本語 مرحبا שלום 👩‍🚀 é\u{301}\u{301}",
        "\u{fffe}\u{ffff}\u{1}",
        " ",
        "",
    ]
    .map(String::from)
    .into();
    texts.push("x".repeat(10_000));
    texts.push("字".repeat(10_000));
    texts.push("\u{301}".repeat(10_000));
    texts.push("\\\"".repeat(5_000));
    texts
}

/// An estate with each hostile text as a host, on it a container with a public port, and a volume behind that; the text
/// is also a label, a fact, a kind and a scope.
pub(crate) fn hostile() -> Snapshot {
    let mut nodes: BTreeMap<AssetId, Node> = BTreeMap::new();
    let mut relations = Vec::new();
    for (at, text) in hostile_texts().iter().enumerate() {
        let word = Text::from(text.as_str());
        let place = format!("{at:02}-{text}");
        let [host, container, volume] =
            ["host", "container", "volume"].map(|kind| AssetId::of(kind, &[&place]));
        for (id, kind) in [
            (&host, "host"),
            (&container, text.as_str()),
            (&volume, "volume"),
        ] {
            let mut asset = Asset::new(id.clone(), kind, word.clone());
            asset.scope = word.clone();
            asset.labels.insert(
                if text.is_empty() {
                    "empty"
                } else {
                    text.as_str()
                },
                word.clone(),
            );
            asset.claim("text", Claim::reported(text.as_str()).by(text.as_str()));
            asset.claim(
                "gone",
                Claim::unknown(text.as_str()).remembering(Some(&Value::from(text.as_str()))),
            );
            if id == &container {
                let json = format!(
                    "{{{}:{{\"reach\":\"public\"}}}}",
                    serde_json::to_string(text).unwrap()
                );
                asset.claim(
                    fact::PORTS,
                    Claim::reported(serde_json::from_str::<Value>(&json).unwrap()),
                );
                asset.claim(fact::SENSITIVE, Claim::reported(true));
            }
            nodes.insert(
                id.clone(),
                Node {
                    asset,
                    sources: [word.clone()].into(),
                },
            );
        }
        relations.push((container.clone(), RelationKind::RunsOn, host.clone()));
        relations.push((container, RelationKind::StoresOn, volume.clone()));
        relations.push((volume, RelationKind::StoresOn, host));
    }
    let nodes: Vec<Node> = nodes.into_values().collect();
    let place = |id: &AssetId| nodes.iter().position(|node| node.asset.id == *id).unwrap() as u32;
    let edges = relations
        .iter()
        .map(|(from, kind, to)| Edge {
            from: place(from),
            kind: *kind,
            to: place(to),
        })
        .collect();
    let mut coverage = coverage();
    coverage[0].source = hostile_texts()[0].as_str().into();
    coverage[0].scope = "x".repeat(10_000).into();
    Snapshot::new(nodes, edges, coverage)
}

/// A made-up estate of a size: hosts with containers that use the databases of others, and volumes.
pub(crate) fn large(assets: usize) -> Snapshot {
    let mut nodes: BTreeMap<AssetId, Node> = BTreeMap::new();
    let mut relations = Vec::new();
    let hosts = assets.div_ceil(25);
    for at in 0..assets {
        let host = AssetId::of("host", &[&format!("node-{:04}", at / 25)]);
        let (id, kind) = match at % 25 {
            0 => (host.clone(), "host"),
            slot @ 1..=4 => (
                AssetId::of("volume", &[&format!("node-{:04}/data-{slot}", at / 25)]),
                "volume",
            ),
            slot @ 5..=6 => (
                AssetId::of("database", &[&format!("node-{:04}/db-{slot}", at / 25)]),
                "database",
            ),
            slot => (
                AssetId::of(
                    "container",
                    &[&format!("node-{:04}/app-{slot:02}", at / 25)],
                ),
                "container",
            ),
        };
        let name = id.as_str().rsplit(['/', ':']).next().unwrap().to_owned();
        let mut asset = Asset::new(id.clone(), kind, name);
        let environment = ["production", "production", "staging", "development"][at / 25 % 4];
        asset
            .labels
            .insert("plimsoll.environment", environment.into());
        let reach = if at % 25 == 7 { "public" } else { "private" };
        let ports = format!("{{\"0.0.0.0:443/tcp\":{{\"port\":443,\"reach\":\"{reach}\"}}}}");
        asset.claim(
            fact::PORTS,
            Claim::reported(serde_json::from_str::<Value>(&ports).unwrap()),
        );
        nodes.insert(
            id.clone(),
            Node {
                asset,
                sources: ["made-up".into()].into(),
            },
        );
        match (kind, at % 25) {
            ("host", _) => {}
            ("container", slot) => {
                relations.push((id.clone(), RelationKind::RunsOn, host));
                // Most use what is on their own host, some what is on another of their environment.
                let other = if slot % 8 == 0 {
                    (at / 25 + 4) % hosts
                } else {
                    at / 25
                };
                relations.push((
                    id.clone(),
                    RelationKind::Uses,
                    AssetId::of(
                        "database",
                        &[&format!("node-{other:04}/db-{}", 5 + slot % 2)],
                    ),
                ));
                if slot % 4 == 0 {
                    relations.push((
                        id,
                        RelationKind::StoresOn,
                        AssetId::of(
                            "volume",
                            &[&format!("node-{:04}/data-{}", at / 25, 1 + slot % 3)],
                        ),
                    ));
                }
            }
            ("volume", _) => relations.push((id, RelationKind::StoresOn, host)),
            _ => relations.push((id, RelationKind::RunsOn, host)),
        }
    }
    let nodes: Vec<Node> = nodes.into_values().collect();
    let places: HashMap<&AssetId, u32> = nodes.iter().map(|node| &node.asset.id).zip(0..).collect();
    let edges = relations.iter().filter_map(|(from, kind, to)| {
        Some(Edge {
            from: *places.get(from)?,
            kind: *kind,
            to: *places.get(to)?,
        })
    });
    let edges = edges.collect();
    Snapshot::new(nodes, edges, coverage())
}
