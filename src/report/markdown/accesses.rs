//! Who got at what is inside of production, in Markdown.

use std::io::{self, Write};

use super::escape::{code, prose};
use super::{ROWS, more};
use crate::report::value::Report;
use crate::report::when;

pub(super) fn write(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    if report.accesses.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n## Accesses to production\n")?;
    writeln!(out, "| when | what | system | environment | by | record |")?;
    writeln!(out, "| --- | --- | --- | --- | --- | --- |")?;
    for row in report.accesses.iter().take(ROWS) {
        writeln!(
            out,
            "| {} | {} ({}) | {} | {} | {} | {} {} |",
            when::absolute(row.at),
            code(&row.what, 40),
            prose(&row.opens, 80),
            code(&row.name, 60),
            row.environment
                .as_deref()
                .map_or("not known".to_owned(), |environment| prose(environment, 40)),
            row.actor
                .as_deref()
                .map_or("unknown".to_owned(), |actor| code(actor, 60)),
            code(&row.source, 40),
            code(&row.action, 60),
        )?;
    }
    writeln!(out)?;
    more(report.accesses.len(), ROWS, "", out)
}
