//! The diagram for draw.io, which is diagrams.net: with our own layout, to be moved by hand.

use std::fmt::Write as _;

use super::dot::beside;
use super::families::{Family, family};
use super::label::{edge_ident, ident, name, ports, whole, xml};
use super::layout::{self, Rect, node_lines};
use super::{Diagram, End, Group, Mark, Node, Sensitive};

/// The room for the title block above the rest.
const TITLE: i32 = 140;
const MARGIN: i32 = 20;

/// Writes the diagram as a draw.io file.
pub(super) fn render(diagram: &Diagram) -> String {
    let plan = layout::layout(diagram);
    let mut text = String::new();
    let (width, height) = (
        plan.width.max(620) + 2 * MARGIN,
        plan.height + TITLE + 2 * MARGIN,
    );
    let _ = writeln!(
        text,
        "<mxfile>\n  <diagram id=\"plimsoll\" name=\"{}\">",
        xml(&name(&diagram.title.heading))
    );
    let _ = writeln!(
        text,
        "    <mxGraphModel dx=\"{width}\" dy=\"{height}\" grid=\"1\" gridSize=\"10\" guides=\"1\" tooltips=\"1\" connect=\"1\" arrows=\"1\" fold=\"1\" page=\"0\" pageScale=\"1\" pageWidth=\"{width}\" pageHeight=\"{height}\" math=\"0\" shadow=\"0\">"
    );
    text.push_str(
        "      <root>\n        <mxCell id=\"0\"/>\n        <mxCell id=\"1\" parent=\"0\"/>\n",
    );
    title(diagram, plan.width, &mut text);
    let parent = |group: Option<usize>| match group {
        Some(group) => (ident(&diagram.groups[group].key), plan.groups[group]),
        None => (
            "1".to_owned(),
            Rect {
                x: -MARGIN,
                y: -MARGIN - TITLE,
                w: 0,
                h: 0,
            },
        ),
    };
    for (group, rect) in diagram.groups.iter().zip(&plan.groups) {
        let (parent, around) = parent(group.parent);
        vertex(
            &mut text,
            &ident(&group.key),
            &group_label(group),
            &group_style(group),
            &parent,
            inside(*rect, around),
            &group.key,
        );
    }
    for (node, rect) in diagram.nodes.iter().zip(&plan.nodes) {
        let (parent, around) = parent(node.group);
        let lines: Vec<String> = node_lines(node).into_iter().map(|line| line.text).collect();
        vertex(
            &mut text,
            &ident(&node.key),
            &lines.join("\n"),
            &node_style(node),
            &parent,
            inside(*rect, around),
            &node.key,
        );
    }
    edges(diagram, &plan, &mut text);
    text.push_str("      </root>\n    </mxGraphModel>\n  </diagram>\n</mxfile>\n");
    text
}

/// A place relative to what is around it.
fn inside(rect: Rect, around: Rect) -> Rect {
    Rect {
        x: rect.x - around.x,
        y: rect.y - around.y,
        ..rect
    }
}

fn title(diagram: &Diagram, width: i32, text: &mut String) {
    let title = &diagram.title;
    let warnings = title.warnings.iter().map(|warning| format!("! {warning}"));
    let lines: Vec<String> = std::iter::once(title.heading.clone())
        .chain(title.lines.iter().cloned())
        .chain(warnings)
        .collect();
    let rect = Rect {
        x: MARGIN,
        y: MARGIN,
        w: width.max(620),
        h: TITLE - 20,
    };
    vertex(
        text,
        "title",
        &lines.join("\n"),
        "text;html=0;align=left;verticalAlign=top;whiteSpace=wrap;fontSize=12;",
        "1",
        rect,
        "",
    );
}

fn vertex(
    text: &mut String,
    id: &str,
    label: &str,
    style: &str,
    parent: &str,
    rect: Rect,
    tooltip: &str,
) {
    let Rect { x, y, w, h } = rect;
    let cell = format!(
        "<mxCell style=\"{style}\" vertex=\"1\" parent=\"{parent}\"><mxGeometry x=\"{x}\" y=\"{y}\" width=\"{w}\" height=\"{h}\" as=\"geometry\"/></mxCell>"
    );
    // An object around a cell carries more than its label.
    let _ = writeln!(
        text,
        "        <object id=\"{id}\" label=\"{}\" tooltip=\"{}\">{cell}</object>",
        xml(label),
        xml(&whole(tooltip))
    );
}

fn group_label(group: &Group) -> String {
    let mut label = name(&group.name);
    if group.kind != "environment" {
        label.push_str(&format!(" · {}", name(&group.kind)));
    }
    for more in beside(group) {
        label.push_str(&format!(" · {more}"));
    }
    label
}

fn group_style(group: &Group) -> String {
    let (fill, mut stroke) = match group.kind.as_str() {
        "environment" => ("#f7f8fa", "#aab3c2"),
        "network" => ("#eef7f1", "#5a9a72"),
        _ => ("#eaf0f9", "#7d93b8"),
    };
    let mut more = String::new();
    if let Some(mark) = group.mark {
        stroke = mark.colour();
        more.push_str("strokeWidth=2;");
    }
    if group.boundary {
        stroke = "#7b1fa2";
        more.push_str("strokeWidth=3;dashed=1;");
    } else if group.unseen || group.kind == "network" || group.mark == Some(Mark::Removed) {
        more.push_str("dashed=1;");
    }
    format!(
        "rounded=1;arcSize=2;html=0;container=1;collapsible=0;verticalAlign=top;align=left;spacingLeft=10;spacingTop=4;fontStyle=1;fontSize=12;fillColor={fill};strokeColor={stroke};{more}"
    )
}

fn node_style(node: &Node) -> String {
    let (shape, fill, mut stroke) = match family(&node.kind) {
        Family::Running => ("rounded=1;", "#ffffff", "#3b5b92"),
        Family::Storing => ("shape=cylinder3;boundedLbl=1;size=5;", "#fff9ea", "#8a5a00"),
        Family::Connecting => (
            "shape=hexagon;perimeter=hexagonPerimeter2;size=10;fixedSize=1;",
            "#eef7f1",
            "#1a7f37",
        ),
        Family::Entry => ("rounded=1;arcSize=50;", "#fff1f2", "#a8071a"),
        Family::Other => ("rounded=1;", "#f6f6f6", "#6b7280"),
    };
    let mut more = String::new();
    if node.sensitive == Sensitive::Yes {
        stroke = "#7b1fa2";
        more.push_str("strokeWidth=3;");
    }
    if let Some(mark) = node.mark {
        stroke = mark.colour();
        more.push_str("strokeWidth=3;");
    }
    if node.unseen || matches!(node.mark, Some(Mark::Removed | Mark::Unknown)) {
        more.push_str("dashed=1;");
    }
    format!(
        "{shape}html=0;whiteSpace=wrap;fontSize=11;fillColor={fill};strokeColor={stroke};{more}"
    )
}

fn edges(diagram: &Diagram, plan: &layout::Plan, text: &mut String) {
    let name = |end: End| match end {
        End::Node(at) => ident(&diagram.nodes[at].key),
        End::Group(at) => ident(&diagram.groups[at].key),
    };
    if let Some(bar) = plan.internet {
        let rect = Rect {
            x: bar.x + MARGIN,
            y: bar.y + MARGIN + TITLE,
            ..bar
        };
        vertex(
            text,
            "internet",
            "Internet",
            "rounded=1;html=0;horizontal=0;fontStyle=1;fillColor=#fdecee;strokeColor=#a8071a;fontColor=#a8071a;",
            "1",
            rect,
            "",
        );
        for (end, all) in diagram.entries() {
            let to = name(end);
            edge(
                text,
                &format!("in_{to}"),
                "internet",
                &to,
                &ports(all),
                "strokeColor=#a8071a;",
            );
        }
    }
    for one in &diagram.edges {
        let mut style = String::new();
        if let Some(mark) = one.mark {
            style.push_str(&format!("strokeColor={};strokeWidth=2;", mark.colour()));
        }
        if one.mark == Some(Mark::Removed)
            || matches!(one.kind, "member-of" | "built-from" | "exposes")
        {
            style.push_str("dashed=1;");
        }
        let id = edge_ident(diagram, one);
        edge(
            text,
            &id,
            &name(one.from),
            &name(one.to),
            &one.label(),
            &style,
        );
    }
}

fn edge(text: &mut String, id: &str, from: &str, to: &str, label: &str, style: &str) {
    let _ = writeln!(
        text,
        "        <mxCell id=\"{id}\" value=\"{}\" style=\"edgeStyle=orthogonalEdgeStyle;rounded=1;html=0;fontSize=9;endArrow=block;endFill=1;{style}\" edge=\"1\" parent=\"1\" source=\"{from}\" target=\"{to}\"><mxGeometry relative=\"1\" as=\"geometry\"/></mxCell>",
        xml(label)
    );
}
