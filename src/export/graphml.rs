//! The diagram as GraphML: groups are nodes with a graph in them.

use std::fmt::Write as _;

use super::label::{edge_ident, ident, whole, xml};
use super::layout::{self, Rect};
use super::{Diagram, End, Sensitive};

/// The attributes: their names, what they are of, and their types.
const KEYS: [(&str, &str, &str); 17] = [
    ("asset", "node", "string"),
    ("name", "node", "string"),
    ("kind", "node", "string"),
    ("role", "node", "string"),
    ("environment", "node", "string"),
    ("sensitive", "node", "string"),
    ("boundary", "node", "boolean"),
    ("public", "node", "string"),
    ("mark", "node", "string"),
    ("seen", "node", "boolean"),
    ("count", "node", "int"),
    ("x", "node", "int"),
    ("y", "node", "int"),
    ("width", "node", "int"),
    ("height", "node", "int"),
    ("relation", "edge", "string"),
    ("description", "graph", "string"),
];

/// Writes the diagram as GraphML.
pub(super) fn render(diagram: &Diagram) -> String {
    let plan = layout::layout(diagram);
    let mut text = String::from(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<graphml xmlns=\"http://graphml.graphdrawing.org/xmlns\">\n",
    );
    for (name, of, kind) in KEYS {
        let _ = writeln!(
            text,
            "  <key id=\"{name}\" for=\"{of}\" attr.name=\"{name}\" attr.type=\"{kind}\"/>"
        );
    }
    let _ = writeln!(
        text,
        "  <key id=\"edge-mark\" for=\"edge\" attr.name=\"mark\" attr.type=\"string\"/>\n  <key id=\"edge-count\" for=\"edge\" attr.name=\"count\" attr.type=\"int\"/>"
    );
    text.push_str("  <graph id=\"plimsoll\" edgedefault=\"directed\">\n");
    let title = &diagram.title;
    let lines: Vec<&str> = std::iter::once(&title.heading)
        .chain(&title.lines)
        .chain(&title.warnings)
        .map(String::as_str)
        .collect();
    let _ = writeln!(
        text,
        "    <data key=\"description\">{}</data>",
        xml(&lines.join("\n"))
    );
    inside(diagram, &plan, None, 2, &mut text);
    let name = |end: End| match end {
        End::Node(at) => ident(&diagram.nodes[at].key),
        End::Group(at) => ident(&diagram.groups[at].key),
    };
    for edge in &diagram.edges {
        let id = edge_ident(diagram, edge);
        let _ = write!(
            text,
            "    <edge id=\"{id}\" source=\"{}\" target=\"{}\">",
            name(edge.from),
            name(edge.to)
        );
        let _ = write!(text, "<data key=\"relation\">{}</data>", edge.kind);
        if let Some(mark) = edge.mark {
            let _ = write!(text, "<data key=\"edge-mark\">{}</data>", mark.as_str());
        }
        if edge.count > 1 {
            let _ = write!(text, "<data key=\"edge-count\">{}</data>", edge.count);
        }
        text.push_str("</edge>\n");
    }
    text.push_str("  </graph>\n</graphml>\n");
    text
}

fn inside(
    diagram: &Diagram,
    plan: &layout::Plan,
    group: Option<usize>,
    depth: usize,
    text: &mut String,
) {
    let indent = depth * 2;
    for at in diagram.groups_in(group) {
        let inner = &diagram.groups[at];
        let key = ident(&inner.key);
        let _ = writeln!(text, "{:indent$}<node id=\"{key}\">", "");
        let mut data = Data {
            text,
            indent: indent + 2,
        };
        data.put("asset", &inner.key);
        data.put("name", &inner.name);
        data.put("kind", &inner.kind);
        data.maybe("environment", inner.environment.as_deref());
        if inner.boundary {
            data.put("boundary", "true");
        }
        data.list("public", &inner.public);
        data.maybe("mark", inner.mark.map(|mark| mark.as_str()));
        data.put("seen", if inner.unseen { "false" } else { "true" });
        data.rect(plan.groups.get(at).copied().unwrap_or_default());
        let _ = writeln!(
            text,
            "{:indent$}  <graph id=\"{key}_in\" edgedefault=\"directed\">",
            ""
        );
        inside(diagram, plan, Some(at), depth + 2, text);
        let _ = writeln!(text, "{:indent$}  </graph>\n{:indent$}</node>", "", "");
    }
    for at in diagram.nodes_in(group) {
        let node = &diagram.nodes[at];
        let _ = writeln!(text, "{:indent$}<node id=\"{}\">", "", ident(&node.key));
        let mut data = Data {
            text,
            indent: indent + 2,
        };
        data.put("asset", &node.key);
        data.put("name", &node.name);
        data.put("kind", &node.kind);
        data.maybe("role", node.role.as_deref());
        data.maybe("environment", node.environment.as_deref());
        data.maybe(
            "sensitive",
            match node.sensitive {
                Sensitive::Yes => Some("yes"),
                Sensitive::No => Some("no"),
                Sensitive::Unknown => Some("unknown"),
                Sensitive::Unsaid => None,
            },
        );
        data.list("public", &node.public);
        data.maybe("mark", node.mark.map(|mark| mark.as_str()));
        data.put("seen", if node.unseen { "false" } else { "true" });
        if node.count > 1 {
            data.put("count", &node.count.to_string());
        }
        data.rect(plan.nodes.get(at).copied().unwrap_or_default());
        let _ = writeln!(text, "{:indent$}</node>", "");
    }
}

struct Data<'t> {
    text: &'t mut String,
    indent: usize,
}

impl Data<'_> {
    fn put(&mut self, key: &str, value: &str) {
        let indent = self.indent;
        let _ = writeln!(
            self.text,
            "{:indent$}<data key=\"{key}\">{}</data>",
            "",
            xml(&whole(value))
        );
    }

    fn maybe(&mut self, key: &str, value: Option<&str>) {
        if let Some(value) = value {
            self.put(key, value);
        }
    }

    fn list(&mut self, key: &str, values: &[String]) {
        if !values.is_empty() {
            self.put(key, &values.join(", "));
        }
    }

    fn rect(&mut self, rect: Rect) {
        for (key, value) in [
            ("x", rect.x),
            ("y", rect.y),
            ("width", rect.w),
            ("height", rect.h),
        ] {
            self.put(key, &value.to_string());
        }
    }
}
