//! The open drifts as a table for a spreadsheet.

use std::borrow::Cow;
use std::io::{self, Write};

use super::tame::tame;
use super::value::Report;

/// The columns, in order. Scripts may rely on the names and the order; new ones come last.
pub const COLUMNS: [&str; 16] = [
    "status",
    "severity",
    "control",
    "expectation",
    "asset",
    "kind",
    "name",
    "role",
    "environment",
    "expected",
    "actual",
    "evidence",
    "since",
    "state",
    "change",
    "actor",
];

/// Writes the open drifts as CSV (RFC 4180 with a header), a row at a time.
///
/// A cell that a spreadsheet would take for a formula gets an apostrophe in front; control and bidirectional characters
/// are written out.
///
/// # Errors
/// What `out` gives.
pub fn render(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    write(report, out).map_err(|error| match error.into_kind() {
        // Its own conversion hides the kind, by which a reader that went away is told from a fault.
        csv::ErrorKind::Io(error) => error,
        other => io::Error::other(format!("{other:?}")),
    })
}

fn write(report: &Report, out: &mut dyn Write) -> csv::Result<()> {
    let mut table = csv::Writer::from_writer(out);
    table.write_record(COLUMNS)?;
    for row in &report.drifts {
        let since = row.since.to_string();
        let change = row.change.map(|id| id.to_string());
        let cells: [&str; COLUMNS.len()] = [
            row.status.as_str(),
            row.severity.as_str(),
            &row.control,
            &row.expectation,
            row.asset.as_str(),
            &row.kind,
            &row.name,
            &row.role,
            row.environment.as_deref().unwrap_or_default(),
            &row.expected,
            &row.actual,
            &row.evidence,
            &since,
            row.state.as_str(),
            change.as_deref().unwrap_or_default(),
            row.actor.as_deref().unwrap_or_default(),
        ];
        for text in cells {
            table.write_field(cell(text).as_bytes())?;
        }
        table.write_record(None::<&[u8]>)?;
    }
    Ok(table.flush()?)
}

/// The text as a cell that stays text. 30,000 columns are below what spreadsheets hold in one cell.
fn cell(text: &str) -> Cow<'_, str> {
    // The full-width signs are taken for their narrow selves by some spreadsheets.
    const SIGNS: [char; 8] = ['=', '+', '-', '@', '＝', '＋', '－', '＠'];
    let tamed = tame(text, 30_000);
    if text.starts_with(['\t', '\r', '\n']) || text.trim_start().starts_with(SIGNS) {
        Cow::Owned(format!("'{tamed}"))
    } else {
        tamed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula() {
        for text in [
            "=1+1", "+1", "-1", "@SUM(A1)", "\t=1", " =1", "\r\n=1", "＝1",
        ] {
            assert!(cell(text).starts_with('\''), "{text:?}");
        }
        assert_eq!(cell("a=1"), "a=1");
        assert_eq!(cell("\u{1b}[2J"), "\\u{1b}[2J");
    }
}
