//! The diagram as a picture that scales: one self-contained SVG, without scripts, links or styles from outside.

mod frame;
mod shapes;

use super::label::xml;
use super::layout::{self, Plan, Point, Style};
use super::{Diagram, Edge, End, Mark};
use frame::Frame;

/// How much of a picture is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// With the title block, as a file of its own.
    Whole,
    /// Without it, as an element for a page.
    Inline,
}

const MARGIN: i32 = 20;
const FONT: &str = "'DejaVu Sans', Verdana, 'Liberation Sans', Arial, Helvetica, sans-serif";

/// Draws a diagram.
pub(super) fn render(diagram: &Diagram, part: Part) -> String {
    let plan = layout::layout(diagram);
    let frame = Frame::new(diagram, &plan, part);
    let mut svg = Svg {
        text: String::new(),
        origin: Point {
            x: MARGIN,
            y: MARGIN + frame.head,
        },
    };
    let (width, height) = (
        frame.width + 2 * MARGIN,
        frame.head + plan.height + frame.foot + 2 * MARGIN,
    );
    match part {
        Part::Whole => svg.push(&format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" font-family=\"{FONT}\">"
        )),
        Part::Inline => svg.push(&format!(
            "<svg role=\"img\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" font-family=\"{FONT}\">"
        )),
    }
    svg.push(&format!("<title>{}</title>", xml(&diagram.title.heading)));
    svg.push(&format!(
        "<rect x=\"0\" y=\"0\" width=\"{width}\" height=\"{height}\" fill=\"#ffffff\"/>"
    ));
    frame.head(&mut svg);
    for (group, rect) in diagram.groups.iter().zip(&plan.groups) {
        svg.group(group, *rect);
    }
    svg.internet(&plan);
    for (edge, route) in diagram.edges.iter().zip(&plan.edges) {
        svg.edge(edge, route, diagram);
    }
    for (node, rect) in diagram.nodes.iter().zip(&plan.nodes) {
        svg.node(node, *rect);
    }
    frame.foot(&mut svg, plan.height);
    svg.push("</svg>");
    svg.text
}

/// A picture as it grows.
struct Svg {
    text: String,
    /// Where the diagram's content begins.
    origin: Point,
}

/// How a kind of relation is drawn: its colour, and its dashes where it has some.
fn stroke(kind: &str) -> (&'static str, &'static str) {
    match kind {
        "routes-to" => ("#0b57d0", ""),
        "exposes" => ("#0b57d0", "6 3"),
        "uses" => ("#374151", ""),
        "stores-on" => ("#8a5a00", ""),
        "runs-on" => ("#6b7280", "8 3 2 3"),
        "member-of" => ("#1a7f37", "2 3"),
        "built-from" => ("#7b1fa2", "3 3"),
        _ => ("#6b7280", "1 3"),
    }
}

impl Svg {
    fn push(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }

    /// A text, its baseline at a place of the whole picture.
    fn label(&mut self, at: Point, text: &str, style: Style, colour: &str) {
        let (size, bold) = style.font();
        let weight = if bold { " font-weight=\"bold\"" } else { "" };
        let Point { x, y } = at;
        self.push(&format!(
            "<text x=\"{x}\" y=\"{y}\" font-size=\"{size}\"{weight} fill=\"{colour}\">{}</text>",
            xml(text)
        ));
    }

    /// A place of the content as one of the whole picture.
    fn at(&self, point: Point) -> Point {
        Point {
            x: point.x + self.origin.x,
            y: point.y + self.origin.y,
        }
    }

    fn internet(&mut self, plan: &Plan) {
        let Some(bar) = plan.internet else { return };
        for way in &plan.ways_in {
            let path = self.path(way);
            self.push(&format!("<path d=\"{path}\" fill=\"none\" stroke=\"#a8071a\" stroke-width=\"1.2\" stroke-opacity=\"0.55\"/>"));
            self.arrow(way, "#a8071a");
        }
        let Point { x, y } = self.at(Point { x: bar.x, y: bar.y });
        let (w, h) = (bar.w, bar.h);
        self.push(&format!("<rect x=\"{x}\" y=\"{y}\" width=\"{w}\" height=\"{h}\" rx=\"8\" fill=\"#fdecee\" stroke=\"#a8071a\"/>"));
        let (middle_x, middle_y) = (x + w / 2 + 4, y + h / 2);
        self.push(&format!(
            "<text x=\"{middle_x}\" y=\"{middle_y}\" font-size=\"12\" font-weight=\"bold\" text-anchor=\"middle\" fill=\"#a8071a\" transform=\"rotate(-90 {middle_x} {middle_y})\">Internet</text>"
        ));
    }

    fn edge(&mut self, edge: &Edge, route: &layout::Route, diagram: &Diagram) {
        let (mut colour, dashes) = stroke(edge.kind);
        let mut width = 1.3;
        if let Some(mark) = edge.mark {
            colour = mark.colour();
            width = 2.2;
        }
        let dashes = match edge.mark {
            Some(Mark::Removed) => " stroke-dasharray=\"4 4\"".to_owned(),
            _ if dashes.is_empty() => String::new(),
            _ => format!(" stroke-dasharray=\"{dashes}\""),
        };
        let path = self.path(route);
        let name = |end: End| match end {
            End::Node(at) => diagram.nodes.get(at).map(|node| node.key.as_str()),
            End::Group(at) => diagram.groups.get(at).map(|group| group.key.as_str()),
        };
        let title = format!(
            "{} {} {}",
            name(edge.from).unwrap_or_default(),
            edge.label(),
            name(edge.to).unwrap_or_default()
        );
        self.push(&format!(
            "<path d=\"{path}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"{width}\"{dashes}><title>{}</title></path>",
            xml(&super::label::whole(&title))
        ));
        self.arrow(route, colour);
        if edge.count > 1
            && let Some(last) = route.points.last()
        {
            let Point { x, y } = self.at(*last);
            self.label(
                Point {
                    x: x - 34,
                    y: y - 5,
                },
                &format!("×{}", edge.count),
                Style::Small,
                colour,
            );
        }
    }

    /// A smooth line through the points of a route.
    fn path(&self, route: &layout::Route) -> String {
        let mut path = String::new();
        let mut before: Option<Point> = None;
        for point in &route.points {
            let to = self.at(*point);
            match before {
                None => path.push_str(&format!("M{} {}", to.x, to.y)),
                Some(from) if from.y == to.y && !route.upright => {
                    path.push_str(&format!(" H{}", to.x))
                }
                Some(from) if route.upright => {
                    let half = (to.y - from.y) / 2;
                    path.push_str(&format!(
                        " C{} {} {} {} {} {}",
                        from.x,
                        from.y + half,
                        to.x,
                        to.y - half,
                        to.x,
                        to.y
                    ));
                }
                Some(from) => {
                    let half = (to.x - from.x) / 2;
                    path.push_str(&format!(
                        " C{} {} {} {} {} {}",
                        from.x + half,
                        from.y,
                        to.x - half,
                        to.y,
                        to.x,
                        to.y
                    ));
                }
            }
            before = Some(to);
        }
        path
    }

    /// The head of an arrow at the end of a route.
    fn arrow(&mut self, route: &layout::Route, colour: &str) {
        let [.., before, last] = route.points.as_slice() else {
            return;
        };
        let Point { x, y } = self.at(*last);
        let (dx, dy) = (last.x - before.x, last.y - before.y);
        let head = match (route.upright, dx >= 0, dy >= 0) {
            (false, true, _) => [(x - 8, y - 4), (x - 8, y + 4)],
            (false, false, _) => [(x + 8, y - 4), (x + 8, y + 4)],
            (true, _, true) => [(x - 4, y - 8), (x + 4, y - 8)],
            (true, _, false) => [(x - 4, y + 8), (x + 4, y + 8)],
        };
        let [(ax, ay), (bx, by)] = head;
        self.push(&format!(
            "<path d=\"M{x} {y} L{ax} {ay} L{bx} {by} Z\" fill=\"{colour}\"/>"
        ));
    }
}
