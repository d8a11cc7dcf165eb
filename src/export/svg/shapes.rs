//! How groups and nodes look.

use super::Svg;
use crate::export::families::{Family, family};
use crate::export::label::{name, ports, whole, xml};
use crate::export::layout::{Line, Point, Rect, Style, fit, node_lines};
use crate::export::{Group, Mark, Node, Sensitive};

const INK: &str = "#1a2230";
const FAINT: &str = "#566073";

/// The fill and the border of a group.
fn ground(kind: &str) -> (&'static str, &'static str, &'static str) {
    match kind {
        "environment" => ("#f7f8fa", "#aab3c2", ""),
        "network" => ("#eef7f1", "#5a9a72", "5 3"),
        "namespace" | "app" | "platform-environment" => ("#f1f0fb", "#8a84c9", ""),
        _ => ("#eaf0f9", "#7d93b8", ""),
    }
}

impl Svg {
    pub(super) fn group(&mut self, group: &Group, rect: Rect) {
        let Point { x, y } = self.at(Point {
            x: rect.x,
            y: rect.y,
        });
        let (w, h) = (rect.w, rect.h);
        let (fill, mut border, mut dashes) = ground(&group.kind);
        let mut thick = "1.2";
        if let Some(mark) = group.mark {
            (border, thick) = (mark.colour(), "2.4");
        }
        if matches!(group.mark, Some(Mark::Removed)) || group.unseen {
            dashes = "6 4";
        }
        let dashes = if dashes.is_empty() {
            String::new()
        } else {
            format!(" stroke-dasharray=\"{dashes}\"")
        };
        self.push("<g>");
        self.push(&format!("<title>{}</title>", xml(&whole(&group.key))));
        if group.boundary {
            let (bx, by, bw, bh) = (x - 4, y - 4, w + 8, h + 8);
            self.push(&format!("<rect x=\"{bx}\" y=\"{by}\" width=\"{bw}\" height=\"{bh}\" rx=\"11\" fill=\"none\" stroke=\"#7b1fa2\" stroke-width=\"2.4\" stroke-dasharray=\"10 4\"/>"));
        }
        self.push(&format!("<rect x=\"{x}\" y=\"{y}\" width=\"{w}\" height=\"{h}\" rx=\"8\" fill=\"{fill}\" stroke=\"{border}\" stroke-width=\"{thick}\"{dashes}/>"));
        let title = name(&group.name);
        let shown = fit(&title, Style::Name, (w - 24).max(60));
        self.label(
            Point {
                x: x + 12,
                y: y + 20,
            },
            &shown,
            Style::Name,
            INK,
        );
        if group.kind != "environment" {
            let after = x + 20 + crate::export::layout::text_width(&shown, Style::Name);
            self.beside(
                group,
                Point {
                    x: after,
                    y: y + 20,
                },
            );
        }
        if group.boundary {
            let text = "◆ compliance boundary";
            let wide = crate::export::layout::text_width(text, Style::Small);
            self.label(
                Point {
                    x: x + w - wide - 10,
                    y: y + 20,
                },
                text,
                Style::Small,
                "#7b1fa2",
            );
        }
        self.push("</g>");
    }

    /// What is said beside a group's name.
    fn beside(&mut self, group: &Group, at: Point) {
        let mut small = name(&group.kind);
        if let Some(environment) = &group.environment {
            small.push_str(" · ");
            small.push_str(&name(environment));
        }
        let mut parts = vec![(small, FAINT)];
        if !group.public.is_empty() {
            parts.push((format!("public {}", ports(&group.public)), "#a8071a"));
        }
        if let Some(mark) = group.mark {
            parts.push((format!("{} {}", mark.sign(), mark.as_str()), mark.colour()));
        }
        if group.unseen {
            parts.push(("? not wholly seen".to_owned(), "#7a4b00"));
        }
        let mut x = at.x;
        for (text, colour) in parts {
            self.label(Point { x, y: at.y }, &text, Style::Small, colour);
            x += crate::export::layout::text_width(&text, Style::Small) + 8;
        }
    }

    pub(super) fn node(&mut self, node: &Node, rect: Rect) {
        self.push("<g>");
        let mut title = node.key.clone();
        if !title.contains(&node.name) {
            title.push_str(" · ");
            title.push_str(&node.name);
        }
        if !node.public.is_empty() {
            title.push_str(&format!(" · public {}", node.public.join(", ")));
        }
        self.push(&format!("<title>{}</title>", xml(&whole(&title))));
        let Point { x, y } = self.at(Point {
            x: rect.x,
            y: rect.y,
        });
        let rect = Rect { x, y, ..rect };
        if node.count > 1 {
            let behind = Rect {
                x: x + 4,
                y: y + 4,
                ..rect
            };
            self.shape(node, behind);
        }
        self.shape(node, rect);
        let lines = node_lines(node);
        let high: i32 = lines.iter().map(|line| line.style.height()).sum();
        let lid = if family(&node.kind) == Family::Storing {
            4
        } else {
            0
        };
        let mut baseline = y + lid + (rect.h - high) / 2;
        for Line {
            text,
            style,
            colour,
        } in lines
        {
            baseline += style.height();
            let own = if style == Style::Name { INK } else { FAINT };
            let (size, bold) = style.font();
            let weight = if bold { " font-weight=\"bold\"" } else { "" };
            let (middle, base) = (x + rect.w / 2, baseline - 3);
            let colour = colour.unwrap_or(own);
            self.push(&format!(
                "<text x=\"{middle}\" y=\"{base}\" font-size=\"{size}\"{weight} text-anchor=\"middle\" fill=\"{colour}\">{}</text>",
                xml(&text)
            ));
        }
        self.push("</g>");
    }

    fn shape(&mut self, node: &Node, rect: Rect) {
        let Rect { x, y, w, h } = rect;
        let family = family(&node.kind);
        let (fill, mut border) = match family {
            Family::Running => ("#ffffff", "#3b5b92"),
            Family::Storing => ("#fff9ea", "#8a5a00"),
            Family::Connecting => ("#eef7f1", "#1a7f37"),
            Family::Entry => ("#fff1f2", "#a8071a"),
            Family::Other => ("#f6f6f6", "#6b7280"),
        };
        let mut thick = "1.2";
        if node.sensitive == Sensitive::Yes {
            (border, thick) = ("#7b1fa2", "2.4");
        }
        if let Some(mark) = node.mark {
            (border, thick) = (mark.colour(), "2.4");
        }
        let dashes = if node.unseen || matches!(node.mark, Some(Mark::Removed | Mark::Unknown)) {
            " stroke-dasharray=\"5 3\""
        } else {
            ""
        };
        let style = format!("fill=\"{fill}\" stroke=\"{border}\" stroke-width=\"{thick}\"{dashes}");
        match family {
            Family::Storing => {
                let (right, lower, half) = (x + w, y + h - 5, w / 2);
                let upper = y + 5;
                self.push(&format!(
                    "<path d=\"M{x} {upper} A{half} 5 0 0 1 {right} {upper} V{lower} A{half} 5 0 0 1 {x} {lower} Z\" {style}/>"
                ));
                self.push(&format!("<path d=\"M{x} {upper} A{half} 5 0 0 0 {right} {upper}\" fill=\"none\" stroke=\"{border}\" stroke-width=\"{thick}\"{dashes}/>"));
            }
            Family::Entry => {
                let round = h / 2;
                self.push(&format!("<rect x=\"{x}\" y=\"{y}\" width=\"{w}\" height=\"{h}\" rx=\"{round}\" {style}/>"));
            }
            Family::Connecting => {
                let (left, right, middle, bottom) = (x + 10, x + w - 10, y + h / 2, y + h);
                let end = x + w;
                self.push(&format!("<path d=\"M{left} {y} H{right} L{end} {middle} L{right} {bottom} H{left} L{x} {middle} Z\" {style}/>"));
            }
            Family::Running | Family::Other => {
                self.push(&format!(
                    "<rect x=\"{x}\" y=\"{y}\" width=\"{w}\" height=\"{h}\" rx=\"5\" {style}/>"
                ));
            }
        }
    }
}
