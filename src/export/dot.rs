//! The diagram for Graphviz.

use std::fmt::Write as _;

use super::families::{Family, family};
use super::label::{ident, whole};
use super::layout::node_lines;
use super::{Diagram, End, Mark, Node, Sensitive};

/// Writes the diagram as DOT.
pub(super) fn render(diagram: &Diagram) -> String {
    let mut dot = Dot {
        text: String::new(),
        diagram,
    };
    dot.line(0, "digraph plimsoll {");
    dot.line(1, "graph [rankdir=LR, compound=true, fontname=\"Helvetica\", labelloc=t, labeljust=l, ranksep=0.8, nodesep=0.2];");
    dot.line(1, "node [shape=box, style=\"rounded,filled\", fillcolor=\"#ffffff\", color=\"#3b5b92\", fontname=\"Helvetica\", fontsize=11];");
    dot.line(
        1,
        "edge [color=\"#6b7280\", fontname=\"Helvetica\", fontsize=9, arrowsize=0.7];",
    );
    let title = &diagram.title;
    let warnings = title.warnings.iter().map(|warning| format!("! {warning}"));
    let lines = std::iter::once(title.heading.clone())
        .chain(title.lines.iter().cloned())
        .chain(warnings);
    let label: String = lines.map(|line| escape(&line) + "\\l").collect();
    dot.line(1, &format!("label=\"{label}\";"));
    dot.inside(None, 1);
    dot.internet();
    for edge in &diagram.edges {
        dot.edge(edge);
    }
    dot.line(0, "}");
    dot.text
}

struct Dot<'d> {
    text: String,
    diagram: &'d Diagram,
}

impl Dot<'_> {
    fn line(&mut self, depth: usize, line: &str) {
        let _ = writeln!(self.text, "{:1$}{line}", "", depth * 2);
    }

    fn inside(&mut self, group: Option<usize>, depth: usize) {
        let diagram = self.diagram;
        for at in diagram.groups_in(group) {
            let inner = &diagram.groups[at];
            let mut label = escape(&super::label::name(&inner.name));
            if inner.kind != "environment" {
                label.push_str(&escape(&format!("  {}", super::label::name(&inner.kind))));
            }
            for more in beside(inner) {
                label.push_str("\\n");
                label.push_str(&escape(&more));
            }
            let mut style = vec!["rounded"];
            let mut colour = inner.mark.map_or("#7d93b8", Mark::colour);
            let mut width = "1";
            if inner.boundary {
                (colour, width) = ("#7b1fa2", "3");
                style.push("dashed");
            }
            if inner.unseen || inner.mark == Some(Mark::Removed) {
                style.push("dashed");
            }
            self.line(
                depth,
                &format!("subgraph \"cluster_{}\" {{", ident(&inner.key)),
            );
            self.line(depth + 1, &format!("label=\"{label}\"; style=\"{}\"; color=\"{colour}\"; penwidth={width}; tooltip=\"{}\";", style.join(","), escape(&whole(&inner.key))));
            if self.is_end(at) {
                self.line(
                    depth + 1,
                    &format!(
                        "\"{}\" [shape=point, width=0.05, label=\"\", style=invis];",
                        ident(&inner.key)
                    ),
                );
            }
            self.inside(Some(at), depth + 1);
            self.line(depth, "}");
        }
        for at in diagram.nodes_in(group) {
            let node = &diagram.nodes[at];
            self.line(depth, &node_line(node));
        }
    }

    /// Whether an edge leads from or to a group itself: to have an end in DOT it needs a node in it.
    fn is_end(&self, group: usize) -> bool {
        let end = End::Group(group);
        let public = !self.diagram.groups[group].public.is_empty();
        let empty = self.diagram.nodes_in(Some(group)).next().is_none()
            && self.diagram.groups_in(Some(group)).next().is_none();
        public
            || empty
            || self
                .diagram
                .edges
                .iter()
                .any(|edge| edge.from == end || edge.to == end)
    }

    fn name(&self, end: End) -> (String, Option<String>) {
        match end {
            End::Node(at) => (ident(&self.diagram.nodes[at].key), None),
            End::Group(at) => {
                let name = ident(&self.diagram.groups[at].key);
                (name.clone(), Some(format!("cluster_{name}")))
            }
        }
    }

    fn internet(&mut self) {
        let entries: Vec<_> = self
            .diagram
            .entries()
            .into_iter()
            .map(|(end, ports)| (end, super::label::ports(ports)))
            .collect();
        if entries.is_empty() {
            return;
        }
        self.line(1, "\"internet\" [label=\"Internet\", shape=doubleoctagon, color=\"#a8071a\", fontcolor=\"#a8071a\"];");
        for (end, ports) in entries {
            let (name, cluster) = self.name(end);
            let head = cluster
                .map(|cluster| format!(", lhead=\"{cluster}\""))
                .unwrap_or_default();
            self.line(
                1,
                &format!(
                    "\"internet\" -> \"{name}\" [label=\"{}\", color=\"#a8071a\"{head}];",
                    escape(&ports)
                ),
            );
        }
    }

    fn edge(&mut self, edge: &super::Edge) {
        let (from, tail) = self.name(edge.from);
        let (to, head) = self.name(edge.to);
        let mut attributes = format!("label=\"{}\"", escape(&edge.label()));
        for (name, cluster) in [("ltail", tail), ("lhead", head)] {
            if let Some(cluster) = cluster {
                let _ = write!(attributes, ", {name}=\"{cluster}\"");
            }
        }
        if let Some(mark) = edge.mark {
            let _ = write!(attributes, ", color=\"{}\", penwidth=2", mark.colour());
        }
        if edge.mark == Some(Mark::Removed)
            || matches!(edge.kind, "member-of" | "built-from" | "exposes")
        {
            attributes.push_str(", style=dashed");
        }
        self.line(1, &format!("\"{from}\" -> \"{to}\" [{attributes}];"));
    }
}

/// What a group says besides its name and kind.
pub(super) fn beside(group: &super::Group) -> Vec<String> {
    let mut all = Vec::new();
    all.extend(group.environment.clone());
    if !group.public.is_empty() {
        all.push(format!("public {}", super::label::ports(&group.public)));
    }
    if group.boundary {
        all.push("◆ compliance boundary".to_owned());
    }
    all.extend(
        group
            .mark
            .map(|mark| format!("{} {}", mark.sign(), mark.as_str())),
    );
    if group.unseen {
        all.push("? not wholly seen".to_owned());
    }
    all
}

fn node_line(node: &Node) -> String {
    let label: Vec<String> = node_lines(node)
        .iter()
        .map(|line| escape(&line.text))
        .collect();
    let shape = match family(&node.kind) {
        Family::Storing => "cylinder",
        Family::Connecting => "hexagon",
        Family::Entry => "ellipse",
        Family::Running | Family::Other => "box",
    };
    let mut colour = None;
    if node.sensitive == Sensitive::Yes {
        colour = Some("#7b1fa2");
    }
    if let Some(mark) = node.mark {
        colour = Some(mark.colour());
    }
    let mut attributes = format!(
        "label=\"{}\", shape={shape}, tooltip=\"{}\"",
        label.join("\\n"),
        escape(&whole(&node.key))
    );
    if matches!(shape, "cylinder" | "hexagon" | "ellipse") {
        attributes.push_str(", style=filled");
    }
    if let Some(colour) = colour {
        let _ = write!(attributes, ", color=\"{colour}\", penwidth=2.5");
    }
    if node.unseen || matches!(node.mark, Some(Mark::Removed | Mark::Unknown)) {
        attributes.push_str(", style=\"filled,dashed\"");
    }
    if node.count > 1 {
        attributes.push_str(", peripheries=2");
    }
    format!("\"{}\" [{attributes}];", ident(&node.key))
}

/// A text between DOT's quotes. Backslashes begin escapes there, and ampersands entities.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            '"' => escaped.push_str("\\\""),
            '\\' => escaped.push_str("\\\\"),
            '&' => escaped.push_str("&amp;"),
            '\n' => escaped.push_str("\\n"),
            c if c.is_control() => escaped.push('\u{fffd}'),
            c => escaped.push(c),
        }
    }
    escaped
}
