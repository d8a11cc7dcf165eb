//! The diagram for Mermaid.

use std::fmt::Write as _;

use super::dot::beside;
use super::families::{Family, family};
use super::label::{ident, name, ports};
use super::layout::node_lines;
use super::{Diagram, End, Mark, Node, Sensitive};

/// Writes the diagram as a Mermaid flowchart.
pub(super) fn render(diagram: &Diagram) -> String {
    let mut text = String::new();
    let title = &diagram.title;
    // A JSON string is a YAML string.
    let heading = serde_json::to_string(&title.heading).unwrap_or_default();
    let _ = writeln!(text, "---\ntitle: {heading}\n---\nflowchart LR");
    let warnings = title.warnings.iter().map(|warning| format!("! {warning}"));
    let lines: Vec<String> = title
        .lines
        .iter()
        .cloned()
        .chain(warnings)
        .map(|line| escape(&line))
        .collect();
    let _ = writeln!(text, "  scan[\"{}\"]:::note", lines.join("<br/>"));
    inside(diagram, None, 1, &mut text);
    let name_of = |end: End| match end {
        End::Node(at) => ident(&diagram.nodes[at].key),
        End::Group(at) => ident(&diagram.groups[at].key),
    };
    let entries = diagram.entries();
    if !entries.is_empty() {
        let _ = writeln!(text, "  internet{{{{\"Internet\"}}}}:::public");
        for (end, all) in entries {
            // An empty label is none that Mermaid takes.
            let label = escape(&ports(all));
            let label = if label.trim().is_empty() {
                String::new()
            } else {
                format!("|\"{label}\"|")
            };
            let _ = writeln!(text, "  internet -->{label} {}", name_of(end));
        }
    }
    for edge in &diagram.edges {
        let line = match (edge.mark, edge.kind) {
            (Some(Mark::Removed), _) | (_, "member-of" | "built-from" | "exposes") => "-.->",
            (Some(_), _) => "==>",
            _ => "-->",
        };
        let _ = writeln!(
            text,
            "  {} {line}|\"{}\"| {}",
            name_of(edge.from),
            escape(&edge.label()),
            name_of(edge.to)
        );
    }
    classes(diagram, &mut text);
    text
}

fn inside(diagram: &Diagram, group: Option<usize>, depth: usize, text: &mut String) {
    let indent = depth * 2;
    for at in diagram.groups_in(group) {
        let inner = &diagram.groups[at];
        let mut label = escape(&name(&inner.name));
        if inner.kind != "environment" {
            let _ = write!(label, " · {}", escape(&name(&inner.kind)));
        }
        for more in beside(inner) {
            let _ = write!(label, " · {}", escape(&more));
        }
        let _ = writeln!(
            text,
            "{:indent$}subgraph {}[\"{label}\"]",
            "",
            ident(&inner.key)
        );
        if diagram.nodes_in(Some(at)).next().is_none()
            && diagram.groups_in(Some(at)).next().is_none()
        {
            let _ = writeln!(text, "{:indent$}  {}_empty[\" \"]", "", ident(&inner.key));
        }
        inside(diagram, Some(at), depth + 1, text);
        let _ = writeln!(text, "{:indent$}end", "");
    }
    for at in diagram.nodes_in(group) {
        let node = &diagram.nodes[at];
        let lines: Vec<String> = node_lines(node)
            .iter()
            .map(|line| escape(&line.text))
            .collect();
        let label = lines.join("<br/>");
        let (open, close) = match family(&node.kind) {
            Family::Storing => ("[(", ")]"),
            Family::Connecting => ("{{", "}}"),
            Family::Entry => ("([", "])"),
            Family::Running | Family::Other => ("[", "]"),
        };
        let class = class(node)
            .map(|class| format!(":::{class}"))
            .unwrap_or_default();
        let _ = writeln!(
            text,
            "{:indent$}{}{open}\"{label}\"{close}{class}",
            "",
            ident(&node.key)
        );
    }
}

fn class(node: &Node) -> Option<&'static str> {
    match (node.mark, node.sensitive, node.unseen) {
        (Some(mark), _, _) => Some(mark_class(mark)),
        (None, Sensitive::Yes, _) => Some("sensitive"),
        (None, _, true) => Some("unseen"),
        _ => None,
    }
}

fn mark_class(mark: Mark) -> &'static str {
    match mark {
        Mark::Added => "added",
        Mark::Removed => "removed",
        Mark::Modified => "modified",
        Mark::Focus => "focus",
        Mark::Reached => "reached",
        Mark::Unknown => "unknown",
        Mark::Affected => "affected",
        Mark::Shared => "shared",
        Mark::Unused => "unused",
    }
}

fn classes(diagram: &Diagram, text: &mut String) {
    text.push_str("  classDef note fill:#f7f8fa,stroke:#aab3c2,text-align:left\n");
    text.push_str("  classDef public fill:#fdecee,stroke:#a8071a,color:#a8071a\n");
    text.push_str("  classDef sensitive stroke:#7b1fa2,stroke-width:3px\n");
    text.push_str("  classDef boundary stroke:#7b1fa2,stroke-width:3px,stroke-dasharray:8 4\n");
    text.push_str("  classDef unseen stroke:#7a4b00,stroke-dasharray:5 3\n");
    for mark in Mark::ALL {
        let dashes = if matches!(mark, Mark::Removed | Mark::Unknown) {
            ",stroke-dasharray:5 3"
        } else {
            ""
        };
        let _ = writeln!(
            text,
            "  classDef {} stroke:{},stroke-width:3px{dashes}",
            mark_class(mark),
            mark.colour()
        );
    }
    for group in &diagram.groups {
        if let Some(mark) = group.mark {
            let _ = writeln!(text, "  class {} {}", ident(&group.key), mark_class(mark));
        } else if group.boundary {
            let _ = writeln!(text, "  class {} boundary", ident(&group.key));
        }
    }
}

/// A text between Mermaid's quotes: what could end them, be markup or begin an entity becomes a number.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            '"' | '#' | '&' | '<' | '>' | '`' | '\\' | ';' | '{' | '}' | '%' | '*' | '_' | '~'
            | '[' | ']' => {
                let _ = write!(escaped, "#{};", u32::from(c));
            }
            c if c.is_control() => escaped.push('\u{fffd}'),
            c => escaped.push(c),
        }
    }
    escaped
}
