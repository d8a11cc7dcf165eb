//! The open drifts as a table for a spreadsheet.

use std::io::{self, Write};

use super::value::Report;
use crate::inert::{Cell, Table};

/// The columns, in order. Scripts may rely on the names and the order; new ones come last.
pub const COLUMNS: [&str; 17] = [
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
    "follows",
];

/// Writes the open drifts as CSV (RFC 4180 with a header), a row at a time.
///
/// A cell that a spreadsheet would take for a formula gets an apostrophe in front; control and bidirectional characters
/// are written out.
///
/// # Errors
/// What `out` gives.
pub fn render(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let mut table = Table::begin(&COLUMNS, out)?;
    for row in &report.drifts {
        let since = row.since.to_string();
        let change = row.change.map(|id| id.to_string());
        let follows = row.follows.as_ref().map_or(String::new(), |cause| {
            format!("{} on {}", cause.control, cause.asset)
        });
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
            &follows,
        ];
        table.put_all(cells.map(Cell::line))?;
        table.end_row()?;
    }
    table.finish()
}
