//! The title block above a picture and the legend below it.

use super::{MARGIN, Part, Svg, stroke};
use crate::export::layout::{Plan, Point, Style, text_width, wrap};
use crate::export::{Diagram, Mark, Sensitive};

/// What is around the content, and how much room it takes.
pub(super) struct Frame {
    /// The width of all, without margins.
    pub(super) width: i32,
    /// The height above the content.
    pub(super) head: i32,
    /// The height below it.
    pub(super) foot: i32,
    lines: Vec<(String, Style, &'static str)>,
    legend: Vec<Vec<Entry>>,
}

/// One sign of the legend and what it means.
struct Entry {
    sign: Sign,
    text: String,
}

enum Sign {
    Line(&'static str, &'static str),
    Text(&'static str, &'static str),
    Box(&'static str, &'static str),
}

const LINE: i32 = 18;
/// Room for a sign of the legend.
const SIGN: i32 = 40;

impl Frame {
    pub(super) fn new(diagram: &Diagram, plan: &Plan, part: Part) -> Self {
        let width = plan.width.max(if part == Part::Whole { 620 } else { 320 });
        let mut lines = Vec::new();
        if part == Part::Whole {
            let title = &diagram.title;
            let put = |lines: &mut Vec<_>, text: &str, style, colour| {
                lines.extend(
                    wrap(text, style, width, 3)
                        .into_iter()
                        .map(|line| (line, style, colour)),
                );
            };
            put(&mut lines, &title.heading, Style::Heading, "#1a2230");
            for line in &title.lines {
                put(&mut lines, line, Style::Small, "#374151");
            }
            for warning in &title.warnings {
                put(
                    &mut lines,
                    &format!("⚠ {warning}"),
                    Style::Warning,
                    "#a8071a",
                );
            }
        }
        let head = lines
            .iter()
            .map(|(_, style, _)| style.height() + 3)
            .sum::<i32>()
            + if lines.is_empty() { 0 } else { 14 };
        let legend = rows(entries(diagram), width);
        let foot = if legend.is_empty() {
            0
        } else {
            18 + LINE * legend.len() as i32
        };
        Self {
            width,
            head,
            foot,
            lines,
            legend,
        }
    }

    pub(super) fn head(&self, svg: &mut Svg) {
        let mut y = MARGIN;
        for (text, style, colour) in &self.lines {
            y += style.height() + 3;
            svg.label(
                Point {
                    x: MARGIN,
                    y: y - 5,
                },
                text,
                *style,
                colour,
            );
        }
    }

    pub(super) fn foot(&self, svg: &mut Svg, content: i32) {
        let mut y = MARGIN + self.head + content + 26;
        for row in &self.legend {
            let mut x = MARGIN;
            for entry in row {
                match entry.sign {
                    Sign::Line(colour, dashes) => {
                        let dashes = if dashes.is_empty() {
                            String::new()
                        } else {
                            format!(" stroke-dasharray=\"{dashes}\"")
                        };
                        let (end, middle) = (x + 26, y - 4);
                        svg.push(&format!("<path d=\"M{x} {middle} H{end}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"1.6\"{dashes}/>"));
                        let (tip, up, down) = (end + 6, middle - 4, middle + 4);
                        svg.push(&format!("<path d=\"M{tip} {middle} L{end} {up} L{end} {down} Z\" fill=\"{colour}\"/>"));
                    }
                    Sign::Text(text, colour) => {
                        svg.label(Point { x: x + 14, y }, text, Style::Small, colour)
                    }
                    Sign::Box(colour, dashes) => {
                        let top = y - 10;
                        svg.push(&format!("<rect x=\"{x}\" y=\"{top}\" width=\"28\" height=\"12\" rx=\"3\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\" stroke-dasharray=\"{dashes}\"/>"));
                    }
                }
                svg.label(
                    Point { x: x + SIGN, y },
                    &entry.text,
                    Style::Small,
                    "#374151",
                );
                x += entry.width();
            }
            y += LINE;
        }
    }
}

impl Entry {
    fn width(&self) -> i32 {
        SIGN + text_width(&self.text, Style::Small) + 22
    }
}

/// What the picture's signs mean: of those alone that are on it.
fn entries(diagram: &Diagram) -> Vec<Entry> {
    let mut kinds: Vec<&'static str> = diagram.edges.iter().map(|edge| edge.kind).collect();
    kinds.sort_unstable();
    kinds.dedup();
    let mut entries: Vec<Entry> = kinds
        .into_iter()
        .map(|kind| {
            let (colour, dashes) = stroke(kind);
            Entry {
                sign: Sign::Line(colour, dashes),
                text: kind.to_owned(),
            }
        })
        .collect();
    let public = diagram.entries().len();
    if public > 0 {
        let text = format!("{public} with a public port");
        entries.push(Entry {
            sign: Sign::Line("#a8071a", ""),
            text,
        });
    }
    let marks = diagram
        .nodes
        .iter()
        .filter_map(|node| node.mark)
        .chain(diagram.groups.iter().filter_map(|group| group.mark));
    let marks: std::collections::BTreeSet<Mark> = marks.collect();
    for mark in marks {
        entries.push(Entry {
            sign: Sign::Text(mark.sign(), mark.colour()),
            text: mark.as_str().to_owned(),
        });
    }
    let is = |what| diagram.nodes.iter().any(|node| node.sensitive == what);
    if is(Sensitive::Yes) || diagram.groups.iter().any(|group| group.boundary) {
        entries.push(Entry {
            sign: Sign::Text("◆", "#7b1fa2"),
            text: "holds sensitive data".to_owned(),
        });
    }
    if diagram.groups.iter().any(|group| group.boundary) {
        entries.push(Entry {
            sign: Sign::Box("#7b1fa2", "10 4"),
            text: "compliance boundary: the place of sensitive data".to_owned(),
        });
    }
    if diagram.nodes.iter().any(|node| node.unseen)
        || diagram.groups.iter().any(|group| group.unseen)
    {
        entries.push(Entry {
            sign: Sign::Box("#7a4b00", "5 3"),
            text: "last known: not wholly seen by the last scan".to_owned(),
        });
    }
    entries
}

fn rows(entries: Vec<Entry>, width: i32) -> Vec<Vec<Entry>> {
    let mut rows: Vec<Vec<Entry>> = Vec::new();
    let mut used = 0;
    for entry in entries {
        if rows.is_empty() || used + entry.width() > width {
            rows.push(Vec::new());
            used = 0;
        }
        used += entry.width();
        if let Some(row) = rows.last_mut() {
            row.push(entry);
        }
    }
    rows
}
