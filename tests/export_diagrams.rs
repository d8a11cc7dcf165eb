//! Diagrams in the hands of the programs that they are for: Graphviz, Mermaid and D2 parse and draw them, draw.io's and
//! GraphML's structure holds, and hostile names come through unharmed.
//!
//! Run them with `tests/run -- --test export_diagrams`, which brings those programs.

#![allow(
    clippy::unwrap_used,
    reason = "a panic is how a test tells what is wrong"
)]

mod export;
#[path = "export_diagrams/parts.rs"]
mod parts;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use export::{changed, drawn, estate, hostile, large, written};
use parts::{dot, node};
use plimsoll::export::{Diagram, End, Format, Wanted};
use resvg::usvg::roxmltree;

/// The diagrams that every program is given: a small one, one with changes, 10, 100 and 500 nodes, a collapsed one, and
/// one with hostile names.
fn diagrams() -> Vec<(&'static str, Diagram)> {
    let all = Wanted {
        details: true,
        ..Wanted::default()
    };
    vec![
        ("estate", drawn(&estate(), &Wanted::default(), 500)),
        ("changed", changed()),
        ("ten", drawn(&large(10), &all, 500)),
        ("hundred", drawn(&large(100), &all, 500)),
        ("five-hundred", drawn(&large(500), &all, 500)),
        ("collapsed", drawn(&large(3_000), &all, 100)),
        ("hostile", drawn(&hostile(), &all, 500)),
    ]
}

/// Writes all diagrams in one format into a folder.
fn files(folder: &Path, format: Format, diagrams: &[(&str, Diagram)]) -> Vec<String> {
    let write = |(name, diagram): &(&str, Diagram)| {
        let path = folder.join(name);
        std::fs::write(&path, written(diagram, format)).unwrap();
        path.to_str().unwrap().to_owned()
    };
    diagrams.iter().map(write).collect()
}

/// An id as it is written: what could act is written out.
fn shown(key: &str) -> String {
    let shown = key.chars().map(|c| match c {
        c if acts(c) => format!("\\u{{{:x}}}", u32::from(c)),
        c => c.to_string(),
    });
    shown.collect()
}

/// What a terminal, a browser or a reader's eye would act on instead of showing.
fn acts(c: char) -> bool {
    (c.is_control() && c != '\n')
        || matches!(c, '\u{200b}' | '\u{200e}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{fffe}' | '\u{ffff}')
}

#[test]
fn no_name_acts_in_any_format() {
    for (name, diagram) in diagrams() {
        for format in [
            Format::Dot,
            Format::Mermaid,
            Format::D2,
            Format::Drawio,
            Format::Graphml,
            Format::Svg,
        ] {
            let text = String::from_utf8(written(&diagram, format)).unwrap();
            assert!(!text.contains(acts), "{name} {format:?}");
            // Nothing asks for anything from elsewhere.
            for word in ["href", "<script", "<img", "url(", "@import", "xlink"] {
                let own = text.matches(word).count();
                let escaped = text
                    .matches(&format!("&lt;{}", word.trim_start_matches('<')))
                    .count();
                assert!(
                    format != Format::Svg || own == 0 || escaped > 0 || name == "hostile",
                    "{name} {format:?} {word}"
                );
            }
        }
    }
}

#[test]
fn graphviz_draws_them() {
    let folder = tempfile::tempdir().unwrap();
    let diagrams = diagrams();
    for ((name, diagram), file) in diagrams
        .iter()
        .zip(files(folder.path(), Format::Dot, &diagrams))
    {
        // As JSON, with where everything stands: it was laid out.
        let drawn: serde_json::Value = serde_json::from_slice(&dot(&["-Tjson", &file])).unwrap();
        let objects = drawn["objects"].as_array().unwrap();
        let labels: Vec<String> = objects
            .iter()
            .filter_map(|one| one["label"].as_str())
            .map(str::to_owned)
            .collect();
        let clusters = objects
            .iter()
            .filter(|one| one["name"].as_str().unwrap().starts_with("cluster_"))
            .count();
        assert_eq!(clusters, diagram.groups.len(), "{name}");
        let nodes = objects
            .iter()
            .filter(|one| {
                one.get("pos").is_some() && one["shape"] != "point" && one["name"] != "internet"
            })
            .count();
        assert_eq!(nodes, diagram.nodes.len(), "{name}");
        let edges = drawn["edges"].as_array().map_or(0, Vec::len);
        assert_eq!(
            edges,
            diagram.edges.len() + diagram.entries().len(),
            "{name}"
        );
        assert!(labels.iter().all(|label| !label.contains(acts)), "{name}");
        // Tooltips carry the whole id, whatever it holds.
        let tooltips: BTreeSet<String> = objects
            .iter()
            .filter_map(|one| one["tooltip"].as_str())
            .map(unescaped)
            .collect();
        for node in &diagram.nodes {
            assert!(
                tooltips.contains(&shown(&node.key)),
                "{name}: {:?} of {:?}",
                node.key,
                tooltips.iter().next()
            );
        }
    }
}

/// A text as DOT's readers show it: backslashes are escapes, ampersands entities, and what could act is written out.
fn unescaped(text: &str) -> String {
    text.replace("\\\\", "\\").replace("&amp;", "&")
}

#[test]
fn mermaid_draws_them() {
    let folder = tempfile::tempdir().unwrap();
    let diagrams = diagrams();
    let files = files(folder.path(), Format::Mermaid, &diagrams);
    let answers = node("mermaid.mjs", &files);
    for ((name, diagram), answer) in diagrams.iter().zip(&answers) {
        assert_eq!(answer["type"], "flowchart-v2", "{name}");
        let entries = diagram.entries().len();
        let empty = (0..diagram.groups.len())
            .filter(|at| {
                diagram.nodes_in(Some(*at)).next().is_none()
                    && diagram.groups_in(Some(*at)).next().is_none()
            })
            .count();
        let nodes = diagram.nodes.len() + empty + 1 + usize::from(entries > 0);
        // An edge to a group names the group, which Mermaid lists as a vertex too.
        let to_groups: BTreeSet<End> = diagram
            .edges
            .iter()
            .flat_map(|edge| [edge.from, edge.to])
            .chain(diagram.entries().into_iter().map(|(end, _)| end))
            .filter(|end| matches!(end, End::Group(_)))
            .collect();
        let seen = answer["nodes"].as_u64().unwrap() as usize;
        assert!(
            (nodes..=nodes + to_groups.len()).contains(&seen),
            "{name}: {seen} of {nodes}"
        );
        assert_eq!(
            answer["groups"].as_array().unwrap().len(),
            diagram.groups.len(),
            "{name}"
        );
        assert_eq!(
            answer["edges"].as_u64().unwrap() as usize,
            diagram.edges.len() + entries,
            "{name}"
        );
        let large = answer["nodes"].as_u64().unwrap() > 200;
        let drawn = answer["drawn"].as_u64().map(|drawn| drawn as usize);
        assert!(large || drawn >= Some(diagram.nodes.len()), "{name}");
        // The title is read as the diagram is drawn.
        let title = diagram.title.heading.as_str();
        assert!(large || answer["title"] == title, "{name}");
    }
    let hostile = answers.last().unwrap();
    let labels: Vec<&str> = hostile["labels"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|label| label.as_str())
        .collect();
    assert!(
        labels.iter().any(|label| label.contains("ﬂ°°60¶ßscript")
            || label.contains("&lt;script")
            || label.contains("#60;script")
            || label.contains("<script")),
        "{labels:?}"
    );
}

#[test]
fn d2_draws_them() {
    let folder = tempfile::tempdir().unwrap();
    let diagrams = diagrams();
    let files = files(folder.path(), Format::D2, &diagrams);
    for ((name, diagram), answer) in diagrams.iter().zip(node("d2.mjs", &files)) {
        let entries = diagram.entries().len();
        let shapes = answer["shapes"].as_array().unwrap();
        let internet = usize::from(entries > 0);
        assert_eq!(
            shapes.len(),
            diagram.nodes.len() + diagram.groups.len() + 1 + internet,
            "{name}"
        );
        assert_eq!(
            answer["edges"].as_u64().unwrap() as usize,
            diagram.edges.len() + entries,
            "{name}"
        );
    }
}

#[test]
fn drawio_files_have_their_structure() {
    for (name, diagram) in diagrams() {
        let text = String::from_utf8(written(&diagram, Format::Drawio)).unwrap();
        let document =
            roxmltree::Document::parse(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
        let file = document.root_element();
        assert_eq!(file.tag_name().name(), "mxfile");
        let model = file
            .first_element_child()
            .unwrap()
            .first_element_child()
            .unwrap();
        assert_eq!(model.tag_name().name(), "mxGraphModel");
        let root = model.first_element_child().unwrap();
        assert_eq!(root.tag_name().name(), "root");
        let mut cells = BTreeMap::new();
        for element in root.children().filter(|child| child.is_element()) {
            // An object around a cell has the id and the label, the cell all else.
            let cell = if element.tag_name().name() == "object" {
                element.first_element_child().unwrap()
            } else {
                element
            };
            assert_eq!(cell.tag_name().name(), "mxCell");
            let id = element.attribute("id").unwrap();
            assert!(
                cells.insert(id, (element, cell)).is_none(),
                "{name}: two cells {id}"
            );
        }
        assert!(
            cells["0"].1.attribute("parent").is_none()
                && cells["1"].1.attribute("parent") == Some("0")
        );
        let (mut vertices, mut edges) = (0, 0);
        for (id, (_, cell)) in cells.iter().filter(|(id, _)| !["0", "1"].contains(*id)) {
            let parent = cell.attribute("parent").unwrap();
            let around = cells
                .get(parent)
                .unwrap_or_else(|| panic!("{name}: {id} is in {parent}"));
            let geometry = cell
                .children()
                .find(|child| child.has_tag_name("mxGeometry"))
                .unwrap();
            assert_eq!(geometry.attribute("as"), Some("geometry"));
            let number = |of: roxmltree::Node<'_, '_>, name: &str| {
                of.attribute(name).unwrap().parse::<i32>().unwrap()
            };
            if cell.attribute("vertex") == Some("1") {
                vertices += 1;
                assert!(number(geometry, "width") > 0 && number(geometry, "height") > 0);
                // What is in a container stands inside it.
                if let Some(outer) = around
                    .1
                    .children()
                    .find(|child| child.has_tag_name("mxGeometry"))
                {
                    for (place, size) in [("x", "width"), ("y", "height")] {
                        let low = number(geometry, place);
                        assert!(
                            low >= 0 && low + number(geometry, size) <= number(outer, size),
                            "{name}: {id} in {parent}"
                        );
                    }
                    assert!(around.1.attribute("style").unwrap().contains("container=1"));
                }
            } else {
                edges += 1;
                assert_eq!(cell.attribute("edge"), Some("1"));
                for end in ["source", "target"] {
                    let end = cell.attribute(end).unwrap();
                    assert_eq!(
                        cells[end].1.attribute("vertex"),
                        Some("1"),
                        "{name}: {id} meets {end}"
                    );
                }
            }
        }
        let entries = diagram.entries().len();
        assert_eq!(edges, diagram.edges.len() + entries, "{name}");
        assert_eq!(
            vertices,
            diagram.nodes.len() + diagram.groups.len() + 1 + usize::from(entries > 0),
            "{name}"
        );
        for node in &diagram.nodes {
            let shown = cells.values().any(|(element, _)| {
                element.attribute("tooltip") == Some(shown(&node.key).as_str())
            });
            assert!(shown, "{name}: {:?}", node.key);
        }
    }
}

#[test]
fn graphml_is_a_graph_of_graphs() {
    for (name, diagram) in diagrams() {
        let text = String::from_utf8(written(&diagram, Format::Graphml)).unwrap();
        let document =
            roxmltree::Document::parse(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
        let elements = |tag: &str| {
            document
                .descendants()
                .filter(|one| one.tag_name().name() == tag)
                .collect::<Vec<_>>()
        };
        let keys: BTreeSet<&str> = elements("key")
            .iter()
            .filter_map(|key| key.attribute("id"))
            .collect();
        assert!(
            elements("data")
                .iter()
                .all(|data| keys.contains(data.attribute("key").unwrap())),
            "{name}"
        );
        let nodes: BTreeSet<&str> = elements("node")
            .iter()
            .filter_map(|node| node.attribute("id"))
            .collect();
        assert_eq!(
            nodes.len(),
            diagram.nodes.len() + diagram.groups.len(),
            "{name}"
        );
        let edges = elements("edge");
        assert_eq!(edges.len(), diagram.edges.len(), "{name}");
        let ids: BTreeSet<&str> = edges
            .iter()
            .filter_map(|edge| edge.attribute("id"))
            .collect();
        assert_eq!(ids.len(), edges.len(), "{name}");
        for edge in edges {
            assert!(
                nodes.contains(edge.attribute("source").unwrap())
                    && nodes.contains(edge.attribute("target").unwrap()),
                "{name}"
            );
        }
        let assets: BTreeSet<&str> = elements("data")
            .iter()
            .filter(|data| data.attribute("key") == Some("asset"))
            .filter_map(|data| data.text())
            .collect();
        for node in &diagram.nodes {
            assert!(
                assets.contains(shown(&node.key).as_str()),
                "{name}: {:?}",
                node.key
            );
        }
    }
}

#[test]
fn svg_is_one_picture_of_all() {
    for (name, diagram) in diagrams() {
        let text = String::from_utf8(written(&diagram, Format::Svg)).unwrap();
        let document =
            roxmltree::Document::parse(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
        let titles: Vec<&str> = document
            .descendants()
            .filter(|one| one.tag_name().name() == "title")
            .filter_map(|one| one.text())
            .collect();
        for node in &diagram.nodes {
            assert!(
                titles
                    .iter()
                    .any(|title| title.starts_with(&shown(&node.key))),
                "{name}: {:?}",
                node.key
            );
        }
        let tags: BTreeSet<&str> = document
            .descendants()
            .map(|one| one.tag_name().name())
            .collect();
        let known = ["", "g", "path", "rect", "svg", "text", "title"];
        assert!(
            tags.iter().all(|tag| known.contains(tag)),
            "{name}: {tags:?}"
        );
    }
}

#[test]
fn nothing_on_a_picture_overlaps() {
    for (name, diagram) in diagrams() {
        let plan = plimsoll::export::layout::layout(&diagram);
        let apart = |a: plimsoll::export::layout::Rect, b: plimsoll::export::layout::Rect| {
            a.x + a.w <= b.x || b.x + b.w <= a.x || a.y + a.h <= b.y || b.y + b.h <= a.y
        };
        for (at, a) in plan.nodes.iter().enumerate() {
            assert!(
                plan.nodes[..at].iter().all(|b| apart(*a, *b)),
                "{name}: {}",
                diagram.nodes[at].key
            );
            let group = diagram.nodes[at].group;
            for (other, b) in plan.groups.iter().enumerate() {
                let around = group == Some(other) || diagram.around(End::Node(at)).contains(&other);
                let inside =
                    b.x <= a.x && b.y <= a.y && a.x + a.w <= b.x + b.w && a.y + a.h <= b.y + b.h;
                assert!(
                    if around { inside } else { apart(*a, *b) },
                    "{name}: {} and {}",
                    diagram.nodes[at].key,
                    diagram.groups[other].key
                );
            }
        }
    }
}

#[test]
fn what_is_too_much_is_collapsed_and_that_is_said() {
    let snapshot = large(3_000);
    let all = Wanted {
        details: true,
        ..Wanted::default()
    };
    for limit in [1, 50, 100, 400] {
        let diagram = drawn(&snapshot, &all, limit);
        let stood_for: usize = diagram.nodes.iter().map(|node| node.count).sum();
        assert!(
            diagram.nodes.len() <= limit.max(30),
            "{limit}: {}",
            diagram.nodes.len()
        );
        // Folded hosts count themselves; what is still a group is none of the nodes.
        let groups = diagram
            .groups
            .iter()
            .filter(|group| group.kind != "environment")
            .count();
        assert_eq!(stood_for + groups, 3_000, "{limit}");
        let warning = diagram.title.warnings.last().unwrap();
        assert!(warning.contains("assets are drawn as"), "{warning}");
    }
    assert!(
        drawn(&snapshot, &all, 5_000).title.warnings.len() == 1,
        "only that the scan was incomplete"
    );
}
