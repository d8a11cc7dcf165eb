//! The diagram for D2.

use std::fmt::Write as _;

use super::dot::beside;
use super::families::{Family, family};
use super::label::{ident, name, ports, whole};
use super::layout::node_lines;
use super::{Diagram, End, Mark, Sensitive};

/// Writes the diagram as D2.
pub(super) fn render(diagram: &Diagram) -> String {
    let mut text = String::from("direction: right\n");
    let title = &diagram.title;
    let warnings = title.warnings.iter().map(|warning| format!("! {warning}"));
    let lines = std::iter::once(title.heading.clone())
        .chain(title.lines.iter().cloned())
        .chain(warnings);
    let lines: Vec<String> = lines.collect();
    let _ = writeln!(
        text,
        "scan: {} {{\n  near: top-left\n  shape: text\n}}",
        quoted(&lines.join("\n"))
    );
    inside(diagram, None, 0, &mut text);
    let path = |end: End| {
        let mut keys: Vec<String> = diagram
            .around(end)
            .iter()
            .map(|at| ident(&diagram.groups[*at].key))
            .collect();
        keys.push(match end {
            End::Node(at) => ident(&diagram.nodes[at].key),
            End::Group(at) => ident(&diagram.groups[at].key),
        });
        keys.join(".")
    };
    let entries = diagram.entries();
    if !entries.is_empty() {
        text.push_str("internet: \"Internet\" {\n  shape: cloud\n  style.stroke: \"#a8071a\"\n}\n");
        for (end, all) in entries {
            let _ = writeln!(
                text,
                "internet -> {}: {} {{\n  style.stroke: \"#a8071a\"\n}}",
                path(end),
                quoted(&ports(all))
            );
        }
    }
    for edge in &diagram.edges {
        let mut style = String::new();
        if let Some(mark) = edge.mark {
            let _ = writeln!(
                style,
                "  style.stroke: \"{}\"\n  style.stroke-width: 3",
                mark.colour()
            );
        }
        if edge.mark == Some(Mark::Removed)
            || matches!(edge.kind, "member-of" | "built-from" | "exposes")
        {
            style.push_str("  style.stroke-dash: 4\n");
        }
        let _ = write!(
            text,
            "{} -> {}: {}",
            path(edge.from),
            path(edge.to),
            quoted(&edge.label())
        );
        if style.is_empty() {
            text.push('\n');
        } else {
            let _ = writeln!(text, " {{\n{style}}}");
        }
    }
    text
}

fn inside(diagram: &Diagram, group: Option<usize>, depth: usize, text: &mut String) {
    let indent = depth * 2;
    for at in diagram.groups_in(group) {
        let inner = &diagram.groups[at];
        let mut label = name(&inner.name);
        if inner.kind != "environment" {
            let _ = write!(label, " · {}", name(&inner.kind));
        }
        for more in beside(inner) {
            let _ = write!(label, " · {more}");
        }
        // The whole id is a comment: D2 takes a tooltip for Markdown.
        let _ = writeln!(text, "{:indent$}# {}", "", whole(&inner.key));
        let _ = writeln!(
            text,
            "{:indent$}{}: {} {{",
            "",
            ident(&inner.key),
            quoted(&label)
        );
        if inner.boundary {
            let _ = writeln!(
                text,
                "{:indent$}  style.stroke: \"#7b1fa2\"\n{:indent$}  style.stroke-width: 3\n{:indent$}  style.stroke-dash: 5",
                "", "", ""
            );
        } else if let Some(mark) = inner.mark {
            let _ = writeln!(
                text,
                "{:indent$}  style.stroke: \"{}\"\n{:indent$}  style.stroke-width: 3",
                "",
                mark.colour(),
                ""
            );
        }
        inside(diagram, Some(at), depth + 1, text);
        let _ = writeln!(text, "{:indent$}}}", "");
    }
    for at in diagram.nodes_in(group) {
        let node = &diagram.nodes[at];
        let lines: Vec<String> = node_lines(node).into_iter().map(|line| line.text).collect();
        let shape = match family(&node.kind) {
            Family::Storing => "cylinder",
            Family::Connecting => "hexagon",
            Family::Entry => "oval",
            Family::Running | Family::Other => "rectangle",
        };
        let _ = writeln!(text, "{:indent$}# {}", "", whole(&node.key));
        let _ = writeln!(
            text,
            "{:indent$}{}: {} {{",
            "",
            ident(&node.key),
            quoted(&lines.join("\n"))
        );
        let _ = writeln!(text, "{:indent$}  shape: {shape}", "");
        let colour = node
            .mark
            .map(Mark::colour)
            .or((node.sensitive == Sensitive::Yes).then_some("#7b1fa2"));
        if let Some(colour) = colour {
            let _ = writeln!(
                text,
                "{:indent$}  style.stroke: \"{colour}\"\n{:indent$}  style.stroke-width: 3",
                "", ""
            );
        }
        if node.unseen || matches!(node.mark, Some(Mark::Removed | Mark::Unknown)) {
            let _ = writeln!(text, "{:indent$}  style.stroke-dash: 5", "");
        }
        if node.count > 1 && shape == "rectangle" {
            let _ = writeln!(text, "{:indent$}  style.multiple: true", "");
        }
        let _ = writeln!(text, "{:indent$}}}", "");
    }
}

/// A text in D2's double quotes, where backslashes escape and a dollar sign begins a substitution.
fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 8);
    quoted.push('"');
    for c in text.chars() {
        match c {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '$' => quoted.push_str("\\$"),
            '\n' => quoted.push_str("\\n"),
            c if c.is_control() => quoted.push('\u{fffd}'),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}
