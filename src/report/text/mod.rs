//! The report for a terminal: short, what broke first.

mod accesses;
mod changes;
mod close;
mod coverage;
mod drifts;
mod head;
mod lost;
mod page;

use std::io::{self, Write};

use jiff::Timestamp;

use super::value::Report;
use page::{Ink, Page, Stretch};

/// How a report is written for a terminal.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Coloured, or plain for a pipe.
    pub style: Style,
    /// How many columns the terminal has; 100 is good where there is none. Under 40 it is taken for 40.
    pub width: usize,
    /// Everything: every unknown, every name, every change, and how each role was chosen.
    pub explain: bool,
    /// Now, to say how long ago something was.
    pub now: Timestamp,
}

/// Whether a report is coloured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Style {
    /// Text alone.
    #[default]
    Plain,
    /// With ANSI colours.
    Coloured,
}

/// Which part of the report is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Part {
    /// All of it.
    #[default]
    Whole,
    /// The open drifts alone. Nothing is said of the rest, which the report need not hold.
    Drifts,
    /// The changes alone. Nothing is said of the rest, which the report need not hold.
    Changes,
}

/// Writes a part of the report for a terminal.
///
/// # Errors
/// What `out` gives.
pub fn render(
    report: &Report,
    part: Part,
    options: &Options,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut page = Page::new(out, options.width, options.style == Style::Coloured);
    head::title(report, &mut page)?;
    if part == Part::Whole {
        head::counts(report, &mut page)?;
        coverage::write(report, options, &mut page)?;
        lost::write(report, options, &mut page)?;
    }
    if part != Part::Changes {
        drifts::failing(report, options, &mut page)?;
        drifts::unknown(report, options, &mut page)?;
        if options.explain {
            drifts::following(report, &mut page)?;
        }
    }
    if part != Part::Drifts {
        let remark = match part {
            Part::Whole => "· since the scan before",
            _ => "",
        };
        changes::write(report, remark, options, &mut page)?;
    }
    if part == Part::Whole {
        changes::rejudged(report, options, &mut page)?;
        accesses::write(report, options, &mut page)?;
        drifts::resolved(report, options, &mut page)?;
        lost::unasked(report, options, &mut page)?;
        drifts::ignored(report, options, &mut page)?;
        if options.explain {
            head::systems(report, &mut page)?;
        }
    }
    match part {
        Part::Whole => close::whole(report, options, &mut page),
        Part::Drifts => close::drifts(report, options, &mut page),
        Part::Changes => close::changes(report, &mut page),
    }
}

/// A section's heading, with a gap before it.
fn section(page: &mut Page<'_>, ink: Ink, title: &str, remark: &str) -> io::Result<()> {
    page.gap()?;
    page.words(0, &[(ink, title), (Ink::Faint, remark)])
}

/// Names with commas, and how many more there are.
struct Names(String);

impl Names {
    /// At most `most` of the names.
    fn new<'a>(
        names: impl ExactSizeIterator<Item = std::borrow::Cow<'a, str>>,
        most: usize,
    ) -> Self {
        let many = names.len();
        // To leave a single one out would take the room that it needs.
        let shown = if many <= most.saturating_add(1) {
            many
        } else {
            most
        };
        let mut text = names.take(shown).collect::<Vec<_>>().join(", ");
        if shown < many {
            text.push_str(&format!(" and {} more", many - shown));
        }
        Self(text)
    }

    fn plain(&self) -> Stretch<'_> {
        (Ink::Plain, &self.0)
    }
}

/// `1 scope`, `2 scopes`.
fn many(count: u64, one: &str, more: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { more })
}
