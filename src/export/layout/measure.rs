//! How wide a text is, and how large a node.

use unicode_width::UnicodeWidthChar as _;

use crate::export::families::{Family, family};
use crate::export::label::{name, ports};
use crate::export::{Node, Sensitive};

/// Thousandths of the type size, for the characters from space to tilde in DejaVu Sans: it is a wide type, so that
/// what fits in it fits in others.
#[rustfmt::skip]
const PLAIN: [u16; 95] = [
    318, 401, 460, 838, 636, 950, 780, 275, 390, 390, 500, 838, 318, 361, 318, 337, 636, 636, 636, 636, 636, 636, 636, 636,
    636, 636, 337, 337, 838, 838, 838, 531, 1000, 684, 686, 698, 770, 632, 575, 775, 752, 295, 295, 656, 557, 863, 748, 787,
    603, 787, 695, 635, 611, 732, 684, 989, 685, 611, 685, 390, 337, 390, 838, 500, 500, 613, 635, 550, 635, 615, 352, 635,
    634, 278, 278, 579, 278, 974, 634, 612, 635, 635, 411, 521, 392, 634, 592, 818, 592, 592, 525, 636, 337, 636, 838,
];
#[rustfmt::skip]
const BOLD: [u16; 95] = [
    348, 456, 521, 838, 696, 1002, 872, 306, 457, 457, 523, 838, 380, 415, 380, 365, 696, 696, 696, 696, 696, 696, 696, 696,
    696, 696, 400, 400, 838, 838, 838, 580, 1000, 774, 762, 734, 830, 683, 683, 821, 837, 372, 372, 775, 637, 995, 837, 850,
    733, 850, 770, 720, 682, 812, 774, 1103, 771, 724, 725, 457, 365, 457, 838, 500, 500, 675, 716, 593, 716, 678, 435, 716,
    712, 343, 343, 665, 343, 1042, 712, 687, 716, 716, 493, 595, 478, 712, 652, 924, 645, 652, 582, 712, 365, 712, 838,
];

/// How a line of text looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::export) enum Style {
    /// A name.
    Name,
    /// What is said beside it.
    Small,
    /// A title.
    Heading,
    /// A warning.
    Warning,
}

impl Style {
    /// The type size in pixels, and whether it is bold.
    pub(in crate::export) fn font(self) -> (i32, bool) {
        match self {
            Style::Name => (12, true),
            Style::Small => (10, false),
            Style::Heading => (18, true),
            Style::Warning => (12, true),
        }
    }

    /// From one line to the next.
    pub(in crate::export) fn height(self) -> i32 {
        self.font().0 * 13 / 10
    }
}

/// A line of text on a picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::export) struct Line {
    pub(in crate::export) text: String,
    pub(in crate::export) style: Style,
    /// Another colour than that of the style.
    pub(in crate::export) colour: Option<&'static str>,
}

/// How wide a text is, in pixels, rounded up.
pub(in crate::export) fn width(text: &str, style: Style) -> i32 {
    let (size, bold) = style.font();
    let table = if bold { &BOLD } else { &PLAIN };
    let thousandths: i32 = text
        .chars()
        .map(|c| match table.get((c as usize).wrapping_sub(32)) {
            Some(width) => i32::from(*width),
            None => [0, 760, 1_150][c.width().unwrap_or(0).min(2)],
        })
        .sum();
    thousandths * size / 1000 + 1
}

/// The text cut to a width, with an ellipsis where it was.
pub(in crate::export) fn fit(text: &str, style: Style, most: i32) -> String {
    if width(text, style) <= most {
        return text.to_owned();
    }
    let mut fitting = String::new();
    for c in text.chars() {
        fitting.push(c);
        if width(&fitting, style) + width("…", style) > most {
            fitting.pop();
            break;
        }
    }
    fitting.push('…');
    fitting
}

/// The text on lines of a width, broken between words where that goes, and cut after some lines.
pub(in crate::export) fn wrap(text: &str, style: Style, most: i32, lines: usize) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    let mut line = String::new();
    let mut words = text.split(' ').peekable();
    while let Some(word) = words.next() {
        let longer = if line.is_empty() {
            word.to_owned()
        } else {
            format!("{line} {word}")
        };
        if width(&longer, style) <= most || line.is_empty() {
            line = longer;
            continue;
        }
        if all.len() + 1 >= lines {
            let rest: String = words.take(64).collect::<Vec<_>>().join(" ");
            line = format!("{longer} {rest}");
            break;
        }
        all.push(fit(&line, style, most));
        line = word.to_owned();
    }
    all.push(fit(&line, style, most));
    all
}

/// A node is never wider than this.
const WIDEST: i32 = 210;
const NARROWEST: i32 = 104;
/// Around the text of a node.
pub(in crate::export) const PADDING: (i32, i32) = (14, 8);

/// What stands in a node.
pub(in crate::export) fn node_lines(node: &Node) -> Vec<Line> {
    let small = |text: String, colour| Line {
        text: fit(&text, Style::Small, WIDEST - 2 * PADDING.0),
        style: Style::Small,
        colour,
    };
    let title = fit(&name(&node.name), Style::Name, WIDEST - 2 * PADDING.0);
    let mut lines = vec![Line {
        text: title,
        style: Style::Name,
        colour: None,
    }];
    let mut what = name(&node.kind);
    for more in [&node.role, &node.environment].into_iter().flatten() {
        what.push_str(" · ");
        what.push_str(&name(more));
    }
    // Of several alike the name says the kind.
    if node.count == 1 || node.role.is_some() || node.kind.contains(' ') {
        lines.push(small(what, None));
    }
    if !node.public.is_empty() {
        lines.push(small(
            format!("public {}", ports(&node.public)),
            Some("#a8071a"),
        ));
    }
    match node.sensitive {
        Sensitive::Yes => lines.push(small("◆ sensitive data".to_owned(), Some("#7b1fa2"))),
        Sensitive::Unknown => lines.push(small(
            "◇ sensitive data? not known".to_owned(),
            Some("#7a4b00"),
        )),
        Sensitive::No | Sensitive::Unsaid => {}
    }
    if let Some(mark) = node.mark {
        lines.push(small(
            format!("{} {}", mark.sign(), mark.as_str()),
            Some(mark.colour()),
        ));
    }
    if node.unseen {
        lines.push(small(
            "? last known, not wholly seen".to_owned(),
            Some("#7a4b00"),
        ));
    }
    lines
}

/// How large a node is.
pub(super) fn node_size(node: &Node) -> (i32, i32) {
    let lines = node_lines(node);
    let wide = lines
        .iter()
        .map(|line| width(&line.text, line.style))
        .max()
        .unwrap_or(0);
    let high: i32 = lines.iter().map(|line| line.style.height()).sum();
    // A cylinder's ends and a pill's need room.
    let extra = match family(&node.kind) {
        Family::Storing => (0, 8),
        Family::Entry => (8, 0),
        _ => (0, 0),
    };
    let w = (wide + 2 * PADDING.0 + extra.0).clamp(NARROWEST, WIDEST + extra.0);
    (w, high + 2 * PADDING.1 + extra.1)
}
