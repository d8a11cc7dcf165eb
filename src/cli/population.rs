//! `plimsoll changes population`: every change that was observed in a period, and what was scanned when.

use std::io::Write;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::args_changes::PopulationFormat;
use super::door::{Door, Out};
use super::evidence::head;
use super::exit::Exit;
use crate::inert::{Cell, Table, html};
use crate::report::ChangeRow;
use crate::scan::stored_row;
use crate::store::{LoggedRead, StoredChange};

/// The schema's name and version.
const SCHEMA: &str = "plimsoll/population/v1";
const COLUMNS: [&str; 14] = [
    "record",
    "number",
    "scan",
    "after",
    "before",
    "at",
    "source",
    "asset",
    "kind",
    "environment",
    "verdict",
    "request",
    "policy",
    "actor",
];

pub(super) fn run(
    door: &Door,
    (from, to): (Timestamp, Timestamp),
    format: PopulationFormat,
    sample: Option<(usize, &str)>,
    out: &mut Out,
) -> anyhow::Result<Exit> {
    if from > to {
        anyhow::bail!("--from is later than --to: there is no time between them");
    }
    let (store, _) = door.inventory(None)?;
    let mut changes = store.changes(Some(from), Some(to), None, usize::MAX)?;
    changes.sort_by_key(|change| change.id);
    let all = changes.len();
    if let Some((many, seed)) = sample {
        changes = chosen(changes, many, seed);
    }
    let log = store.read_log(from, to)?;
    let rows: Vec<(StoredChange, ChangeRow)> = changes
        .into_iter()
        .map(|stored| {
            let row = stored_row(&stored);
            (stored, row)
        })
        .collect();
    let said = Said {
        from,
        to,
        all,
        sample,
    };
    match format {
        PopulationFormat::Csv => {
            let text = table(&rows, &log)?;
            out.write(|out| out.write_all(&text))?;
        }
        PopulationFormat::Json => out.write(|out| {
            crate::inert::json::write_pretty(out, &object(&rows, &log, &said))?;
            writeln!(out)
        })?,
        PopulationFormat::Html => out.write(|out| page(&rows, &log, &said, out))?,
    }
    Ok(Exit::Clean)
}

/// What is said of the whole.
struct Said<'a> {
    from: Timestamp,
    to: Timestamp,
    all: usize,
    sample: Option<(usize, &'a str)>,
}

/// So many of the changes: those whose hash under the seed comes first. The same seed chooses the same, whoever asks.
fn chosen(changes: Vec<StoredChange>, many: usize, seed: &str) -> Vec<StoredChange> {
    let key = |id: i64| *blake3::hash(format!("{seed}\n{id}").as_bytes()).as_bytes();
    let mut keyed: Vec<([u8; 32], StoredChange)> =
        changes.into_iter().map(|one| (key(one.id), one)).collect();
    keyed.sort_by_key(|one| one.0);
    keyed.truncate(many);
    let mut chosen: Vec<StoredChange> = keyed.into_iter().map(|(_, one)| one).collect();
    chosen.sort_by_key(|one| one.id);
    chosen
}

fn environment(stored: &StoredChange) -> &str {
    let ruling = stored.ruling.as_ref();
    ruling
        .and_then(|ruling| ruling.environment.as_deref())
        .unwrap_or("")
}

fn cells(stored: &StoredChange, row: &ChangeRow) -> [String; 14] {
    let time = |at: Option<Timestamp>| at.map_or(String::new(), |at| at.to_string());
    [
        "change".to_owned(),
        row.id.to_string(),
        stored.scan.to_string(),
        time(row.observed.after),
        row.observed.before.to_string(),
        time(row.observed.at),
        String::new(),
        row.asset.to_string(),
        row.kind.as_str().to_owned(),
        environment(stored).to_owned(),
        row.verdict.as_str().to_owned(),
        row.request.as_deref().unwrap_or("").to_owned(),
        row.judged
            .as_ref()
            .map_or(String::new(), |judged| judged.rule.to_string()),
        row.actor.as_deref().unwrap_or("").to_owned(),
    ]
}

/// One table: a line for each change, and then one for each scope that was read.
fn table(rows: &[(StoredChange, ChangeRow)], log: &[LoggedRead]) -> anyhow::Result<Vec<u8>> {
    let mut text = Vec::new();
    let mut table = Table::begin(&COLUMNS, &mut text)?;
    for (stored, row) in rows {
        table.put_all(cells(stored, row).each_ref().map(|text| Cell::line(text)))?;
        table.end_row()?;
    }
    for read in log {
        let complete = if read.complete {
            "read completely"
        } else {
            "read in part"
        };
        let cells = [
            "read".to_owned(),
            String::new(),
            read.scan.to_string(),
            String::new(),
            String::new(),
            read.at.to_string(),
            format!("{} {}", read.source, read.scope),
            String::new(),
            complete.to_owned(),
            String::new(),
            String::new(),
            String::new(),
            String::new(),
            String::new(),
        ];
        table.put_all(cells.each_ref().map(|text| Cell::line(text)))?;
        table.end_row()?;
    }
    table.finish()?;
    drop(table);
    Ok(text)
}

fn object(rows: &[(StoredChange, ChangeRow)], log: &[LoggedRead], said: &Said<'_>) -> Value {
    let changes: Vec<Value> = rows
        .iter()
        .map(|(stored, row)| json!({ "scan": stored.scan, "environment": environment(stored), "change": row }))
        .collect();
    let reads: Vec<Value> = log
        .iter()
        .map(|read| {
            json!({ "scan": read.scan, "started": read.started, "source": read.source, "scope": read.scope,
                    "at": read.at, "complete": read.complete })
        })
        .collect();
    let sample = said
        .sample
        .map(|(many, seed)| json!({ "size": many, "seed": seed }));
    json!({ "schema": SCHEMA, "from": said.from, "to": said.to, "observed": said.all, "sample": sample,
            "changes": changes, "reads": reads })
}

fn page(
    rows: &[(StoredChange, ChangeRow)],
    log: &[LoggedRead],
    said: &Said<'_>,
    out: &mut dyn Write,
) -> std::io::Result<()> {
    let title = format!("Changes from {} to {}", said.from, said.to);
    writeln!(out, "{}<h1>{}</h1>", head(&title), html::line(&title))?;
    match said.sample {
        Some((_, seed)) => writeln!(
            out,
            "<p>{} changes were observed. These are {} of them, chosen by the seed <code>{}</code>.</p>",
            said.all,
            rows.len(),
            html::line(seed)
        )?,
        None => writeln!(out, "<p>{} changes were observed.</p>", said.all)?,
    }
    writeln!(
        out,
        "<table><tr><th>Change</th><th>Seen between</th><th>Asset</th><th>What</th><th>Environment</th><th>Verdict</th><th>Request</th><th>By</th></tr>"
    )?;
    for (stored, row) in rows {
        let cells = cells(stored, row).map(|cell| html::line(&cell));
        let [
            _,
            number,
            _,
            after,
            before,
            at,
            _,
            asset,
            kind,
            environment,
            verdict,
            request,
            _,
            actor,
        ] = cells;
        let when = if at.is_empty() {
            format!("{after} – {before}")
        } else {
            format!("at {at}")
        };
        writeln!(
            out,
            "<tr><td>{number}</td><td>{when}</td><td>{asset}</td><td>{kind}</td><td>{environment}</td><td>{verdict}</td><td>{request}</td><td>{actor}</td></tr>"
        )?;
    }
    writeln!(
        out,
        "</table>\n<h2>What was scanned when</h2>\n<table><tr><th>Scan</th><th>At</th><th>Source</th><th>Scope</th><th>Read</th></tr>"
    )?;
    for read in log {
        let complete = if read.complete {
            "completely"
        } else {
            "in part"
        };
        let (source, scope) = (html::line(&read.source), html::line(&read.scope));
        writeln!(
            out,
            "<tr><td>{}</td><td>{}</td><td>{source}</td><td>{scope}</td><td>{complete}</td></tr>",
            read.scan, read.at
        )?;
    }
    writeln!(out, "</table></body></html>")
}
