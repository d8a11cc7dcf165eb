//! `plimsoll changes population`: every change that was observed in a period, and what was scanned when.

use std::io::Write;

use jiff::{Timestamp, Zoned};
use plimsoll_model::Text;
use serde_json::{Value, json};

use super::args_changes::PopulationFormat;
use super::door::{Door, Out};
use super::evidence::head;
use super::exit::Exit;
use crate::approval::Outcome;
use crate::inert::{Cell, Table, html};
use crate::report::{ChangeRow, Verdict};
use crate::scan::stored_row;
use crate::store::{LoggedRead, StoredChange};

/// How many properties of one change stand in a cell; the JSON has them all.
const PATHS: usize = 20;
/// The schema's name and version.
const SCHEMA: &str = "plimsoll/population/v1";
const COLUMNS: [&str; 16] = [
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
    "approver",
    "changed",
];
/// What stands where nobody says the environment.
const NOWHERE: &str = "unknown";

/// Which changes of the period are wanted: all where nothing is given.
pub(super) struct Filter<'a> {
    /// Environments, or [`NOWHERE`].
    pub(super) environment: &'a [String],
    /// Verdicts.
    pub(super) verdict: &'a [String],
    /// In the approval that counts.
    pub(super) approver: Option<&'a str>,
    /// In what changed.
    pub(super) changed: Option<&'a str>,
}

impl Filter<'_> {
    /// Refuses words that no change could have: an empty answer would look like good news.
    fn check(&self) -> anyhow::Result<()> {
        let environments = ["production", "staging", "development", NOWHERE];
        for word in self.environment {
            anyhow::ensure!(
                environments.contains(&word.as_str()),
                "--environment {word:?} is none: there are {}",
                environments.join(", ")
            );
        }
        let verdicts = [
            Verdict::Approved,
            Verdict::Unapproved,
            Verdict::Pending,
            Verdict::Overdue,
            Verdict::Unproven,
            Verdict::NotRequired,
        ];
        let verdicts = verdicts.map(Verdict::as_str);
        for word in self.verdict {
            anyhow::ensure!(
                verdicts.contains(&word.as_str()),
                "--verdict {word:?} is none: there are {}",
                verdicts.join(", ")
            );
        }
        Ok(())
    }

    fn takes(&self, stored: &StoredChange, row: &ChangeRow) -> bool {
        let environment = match environment(stored) {
            "" => NOWHERE,
            environment => environment,
        };
        let holds = |text: &str, part: &str| text.to_lowercase().contains(&part.to_lowercase());
        (self.environment.is_empty() || self.environment.iter().any(|one| one == environment))
            && (self.verdict.is_empty()
                || self.verdict.iter().any(|one| one == row.verdict.as_str()))
            && self.approver.is_none_or(|part| holds(&approver(row), part))
            && self.changed.is_none_or(|part| {
                holds(row.kind.as_str(), part) || holds(&row.changed(usize::MAX), part)
            })
    }

    /// The filter in words; none where all are taken.
    fn words(&self) -> Option<String> {
        let mut words = Vec::new();
        if !self.environment.is_empty() {
            words.push(format!("environment {}", self.environment.join(" or ")));
        }
        if !self.verdict.is_empty() {
            words.push(format!("verdict {}", self.verdict.join(" or ")));
        }
        if let Some(part) = self.approver {
            words.push(format!("approver {part:?}"));
        }
        if let Some(part) = self.changed {
            words.push(format!("changed {part:?}"));
        }
        (!words.is_empty()).then(|| words.join(", "))
    }
}

/// The approvals that count for a change, as the verdict on it tells them; empty where none does.
fn approver(row: &ChangeRow) -> String {
    let judged = row.judged.as_ref();
    let judged = judged.filter(|_| {
        matches!(
            row.verdict,
            Verdict::Approved | Verdict::Pending | Verdict::Overdue
        )
    });
    let mut named: Vec<&str> = Vec::new();
    for reason in judged.iter().flat_map(|judged| &judged.reasons) {
        let of_approval = [
            "change-approved",
            "approver-authorised",
            "separation-of-duties",
        ];
        if reason.outcome == Outcome::Holds && of_approval.contains(&reason.control.as_str()) {
            named.extend(reason.evidence.iter().map(Text::as_str));
        }
    }
    let mut once: Vec<&str> = Vec::new();
    for one in named {
        if !once.contains(&one) {
            once.push(one);
        }
    }
    once.join("; ")
}

pub(super) fn run(
    door: &Door,
    (from, to): (Timestamp, Timestamp),
    filter: &Filter<'_>,
    format: PopulationFormat,
    sample: Option<(usize, &str)>,
    out: &mut Out,
) -> anyhow::Result<Exit> {
    if from > to {
        anyhow::bail!("--from is later than --to: there is no time between them");
    }
    filter.check()?;
    let (store, _) = door.inventory(None)?;
    let mut changes = store.changes(Some(from), Some(to), None, usize::MAX)?;
    changes.sort_by_key(|change| change.id);
    let all = changes.len();
    changes.retain(|stored| filter.takes(stored, &stored_row(stored)));
    let taken = changes.len();
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
        taken,
        filter: filter.words(),
        zone: Zoned::now()
            .time_zone()
            .iana_name()
            .unwrap_or("the machine's own")
            .to_owned(),
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
    /// How many of them the filter takes.
    taken: usize,
    filter: Option<String>,
    /// The zone whose days were meant.
    zone: String,
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

fn cells(stored: &StoredChange, row: &ChangeRow) -> [String; 16] {
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
        approver(row),
        row.changed(PATHS),
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
        .map(|(stored, row)| json!({ "scan": stored.scan, "environment": environment(stored), "approver": approver(row), "change": row }))
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
    json!({ "schema": SCHEMA, "from": said.from, "to": said.to, "zone": said.zone, "observed": said.all,
            "filter": said.filter, "matching": said.taken, "sample": sample,
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
    writeln!(
        out,
        "<p>Times are UTC; days were meant in the time zone {}.</p>",
        html::line(&said.zone)
    )?;
    if let Some(filter) = &said.filter {
        writeln!(
            out,
            "<p>Only those with {}: {} of {}.</p>",
            html::line(filter),
            said.taken,
            said.all
        )?;
    }
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
        "<table><tr><th>Change</th><th>Seen between</th><th>Asset</th><th>What</th><th>Changed</th><th>Environment</th><th>Verdict</th><th>Request</th><th>Approver</th><th>By</th></tr>"
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
            approver,
            changed,
        ] = cells;
        let when = if at.is_empty() {
            format!("{after} – {before}")
        } else {
            format!("at {at}")
        };
        writeln!(
            out,
            "<tr><td>{number}</td><td>{when}</td><td>{asset}</td><td>{kind}</td><td>{changed}</td><td>{environment}</td><td>{verdict}</td><td>{request}</td><td>{approver}</td><td>{actor}</td></tr>"
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
