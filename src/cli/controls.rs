//! `plimsoll controls`: what they answer to, and how each stands, asset by asset.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use anyhow::Context as _;
use jiff::Timestamp;
use plimsoll_model::{RelationKind, Text, kind};
use serde::Serialize;
use serde_json::json;

use super::args::ListFormat;
use super::args_audit::{ControlsArgs, ControlsCommand, ProofFormat};
use super::door::{Door, Out};
use super::evidence::head;
use super::exit::Exit;
use crate::baseline::{Baselines, Explanation, Judgement, environments, judge};
use crate::inert::{Cell, Table, html, json as inert_json};
use crate::inventory::Snapshot;
use crate::report::tame;

/// The schema's name and version.
const SCHEMA: &str = "plimsoll/control-evidence/v1";
/// What holds data and is no system: a control that asks for its facts is about it too, used or not.
const STORES: &[&str] = &[
    kind::VOLUME,
    kind::VOLUME_CLAIM,
    kind::FILESYSTEM,
    kind::BLOCK_DEVICE,
];
const COLUMNS: [&str; 13] = [
    "record",
    "asset",
    "kind",
    "name",
    "role",
    "environment",
    "expectation",
    "result",
    "expected",
    "value",
    "how",
    "basis",
    "as_of",
];

pub(super) fn run(door: &Door, args: &ControlsArgs, out: &mut Out) -> anyhow::Result<Exit> {
    match &args.command {
        ControlsCommand::List { format } => list(&door.baselines, *format, out)?,
        ControlsCommand::Evidence {
            control,
            kind,
            environment,
            at,
            format,
        } => {
            let wanted = Wanted {
                control,
                kind,
                environment,
            };
            return evidence(door, &wanted, *at, *format, out);
        }
    }
    Ok(Exit::Clean)
}

fn list(baselines: &Baselines, format: ListFormat, out: &mut Out) -> anyhow::Result<()> {
    out.write(|out| {
        if format == ListFormat::Json {
            let controls: Vec<_> = baselines
                .controls()
                .iter()
                .map(|one| json!({ "control": one.id, "title": one.title, "references": one.references }))
                .collect();
            let page = json!({ "schema": "plimsoll/controls/v1", "controls": controls });
            inert_json::write_pretty(out, &page)?;
            return writeln!(out);
        }
        for control in baselines.controls() {
            writeln!(out, "{}  {}", control.id, control.title)?;
            writeln!(out, "    {}", control.references.join(", "))?;
        }
        Ok(())
    })
}

/// What is asked for.
struct Wanted<'a> {
    control: &'a str,
    kind: &'a [String],
    environment: &'a [String],
}

/// One line of the evidence.
#[derive(Serialize)]
struct Row {
    /// `system`: an expectation of one; `fact`: what one asset says of a fact that the control looks at.
    record: &'static str,
    asset: String,
    kind: String,
    name: String,
    /// Of a system its role; of what holds data `used by N` or `unused`.
    role: String,
    environment: String,
    /// The expectation, or the fact.
    expectation: String,
    /// How it came out: pass, fail, unknown, not applicable, off or ignored; of a fact `known` or `unknown`.
    result: &'static str,
    expected: String,
    value: String,
    how: String,
    basis: String,
    /// When the newest of its sources looked at it.
    as_of: Option<Timestamp>,
}

impl Row {
    fn cells(&self) -> [String; 13] {
        let as_of = self.as_of.map_or(String::new(), |at| at.to_string());
        [
            self.record.to_owned(),
            self.asset.clone(),
            self.kind.clone(),
            self.name.clone(),
            self.role.clone(),
            self.environment.clone(),
            self.expectation.clone(),
            self.result.to_owned(),
            self.expected.clone(),
            self.value.clone(),
            self.how.clone(),
            self.basis.clone(),
            as_of,
        ]
    }
}

fn evidence(
    door: &Door,
    wanted: &Wanted<'_>,
    at: Option<Timestamp>,
    format: ProofFormat,
    out: &mut Out,
) -> anyhow::Result<Exit> {
    let control = door.baselines.control(wanted.control).with_context(|| {
        format!(
            "there is no control {:?}: `plimsoll controls list` has those there are",
            wanted.control
        )
    })?;
    let (store, scan) = door.inventory(at)?;
    let snapshot = door.snapshot(&store, &scan)?;
    let config = &door.config;
    let judgement = judge(
        &snapshot,
        &door.baselines,
        &config.rules,
        &config.ignores,
        scan.finished,
    );
    let mut rows = system_rows(door, wanted.control, &snapshot, &judgement, scan.finished);
    rows.extend(fact_rows(door, wanted.control, &snapshot));
    for kind in wanted.kind {
        let nodes = snapshot.nodes();
        anyhow::ensure!(
            nodes.iter().any(|node| *node.asset.kind == **kind),
            "no asset is of the kind {kind:?}: `plimsoll inventory list` has the kinds that there are"
        );
    }
    rows.retain(|row| {
        (wanted.kind.is_empty() || wanted.kind.contains(&row.kind))
            && (wanted.environment.is_empty() || wanted.environment.contains(&row.environment))
    });
    let tally = tally(&rows);
    let incomplete: Vec<String> = snapshot
        .coverage()
        .iter()
        .filter(|scope| !scope.complete)
        .map(|scope| format!("{} {}", scope.source, scope.scope))
        .collect();
    let title = format!("{}: {}", control.id, control.title);
    let as_of = format!("as of scan {}, {}", scan.id, scan.finished);
    match format {
        ProofFormat::Csv => {
            let mut bytes = Vec::new();
            let mut table = Table::begin(&COLUMNS, &mut bytes)?;
            for row in &rows {
                table.put_all(row.cells().each_ref().map(|text| Cell::line(text)))?;
                table.end_row()?;
            }
            table.finish()?;
            drop(table);
            out.write(|out| out.write_all(&bytes))?;
        }
        ProofFormat::Json => out.write(|out| {
            let page = json!({
                "schema": SCHEMA,
                "control": control.id,
                "title": control.title,
                "references": control.references,
                "scan": scan.id,
                "as_of": scan.finished,
                "counts": tally,
                "not_read_completely": incomplete,
                "rows": rows,
            });
            inert_json::write_pretty(out, &page)?;
            writeln!(out)
        })?,
        ProofFormat::Html => out.write(|out| {
            writeln!(out, "{}<h1>{}</h1>", head(&title), html::line(&title))?;
            writeln!(out, "<p>{}</p>", html::line(&control.references.join(", ")))?;
            writeln!(
                out,
                "<p>{}: {}.</p>",
                html::line(&as_of),
                html::line(&words(&tally))
            )?;
            for scope in &incomplete {
                writeln!(
                    out,
                    "<p><strong>Not read completely: {}</strong></p>",
                    html::line(scope)
                )?;
            }
            writeln!(out, "<table><tr>")?;
            for column in COLUMNS {
                write!(out, "<th>{column}</th>")?;
            }
            writeln!(out, "</tr>")?;
            for row in &rows {
                write!(out, "<tr>")?;
                for cell in row.cells() {
                    write!(out, "<td>{}</td>", html::line(&cell))?;
                }
                writeln!(out, "</tr>")?;
            }
            writeln!(out, "</table></body></html>")
        })?,
        ProofFormat::Text => out.write(|out| {
            writeln!(
                out,
                "{title}\n{}\n{as_of}: {}",
                control.references.join(", "),
                words(&tally)
            )?;
            for scope in &incomplete {
                writeln!(out, "NOT READ COMPLETELY: {}", tame(scope, 160))?;
            }
            for row in &rows {
                let shown = |text: &str| tame(text, 240).into_owned();
                let role = shown(&row.role);
                writeln!(
                    out,
                    "\n{:<14} {} ({}, {role})",
                    row.result,
                    shown(&row.asset),
                    shown(&row.kind)
                )?;
                writeln!(
                    out,
                    "    {}: {}",
                    shown(&row.expectation),
                    shown(&row.value)
                )?;
                let at = row.as_of.map(|at| format!("looked at {at}"));
                let known = [row.how.clone(), shown(&row.basis)].into_iter().chain(at);
                let known: Vec<String> = known.filter(|part| !part.is_empty()).collect();
                writeln!(out, "    {}", known.join(" · "))?;
            }
            Ok(())
        })?,
    }
    let open = rows
        .iter()
        .any(|row| row.record == "system" && matches!(row.result, "fail" | "unknown"));
    Ok(if open { Exit::Drift } else { Exit::Clean })
}

/// How every system that is asked comes out.
fn system_rows(
    door: &Door,
    control: &str,
    snapshot: &Snapshot,
    judgement: &Judgement,
    now: Timestamp,
) -> Vec<Row> {
    let ignored: HashMap<(u32, &str), &Text> = judgement
        .ignored
        .iter()
        .filter(|one| one.finding.control == control)
        .map(|one| {
            (
                (one.finding.at, one.finding.expectation.as_str()),
                &one.reason,
            )
        })
        .collect();
    let answers = door
        .baselines
        .explain_control(snapshot, control, &door.config.rules, now);
    let rows = answers.iter().map(|answer| {
        let asset = snapshot.asset(answer.at);
        let explained = &answer.explained;
        let (mut result, value, how, mut basis) = match &explained.result {
            Explanation::Pass { how, basis } => (
                "pass",
                "as expected".to_owned(),
                how.as_str(),
                basis.to_string(),
            ),
            Explanation::Fail { actual, how, basis } => {
                ("fail", actual.to_string(), how.as_str(), basis.to_string())
            }
            Explanation::Unknown(why) => ("unknown", why.to_string(), "unknown", String::new()),
            Explanation::NotApplicable(why) => {
                ("not applicable", why.to_string(), "", String::new())
            }
            Explanation::Off(why) => ("off", why.to_string(), "", String::new()),
        };
        if let Some(reason) = ignored.get(&(answer.at, explained.expectation.as_str())) {
            result = "ignored";
            basis = format!("{basis} ([[ignore]]: {reason})")
                .trim_start()
                .to_owned();
        }
        Row {
            record: "system",
            asset: asset.id.to_string(),
            kind: asset.kind.to_string(),
            name: asset.name.to_string(),
            role: answer.role.to_string(),
            environment: answer.environment.as_deref().unwrap_or("").to_owned(),
            expectation: explained.expectation.to_string(),
            result,
            expected: explained.expected.to_string(),
            value,
            how: how.to_owned(),
            basis,
            as_of: as_of(snapshot, answer.at),
        }
    });
    rows.collect()
}

/// What every asset says of the facts that the control looks at: those that say something, and of what holds data those too that say
/// nothing.
fn fact_rows(door: &Door, control: &str, snapshot: &Snapshot) -> Vec<Row> {
    let facts: BTreeSet<&str> = door
        .baselines
        .roles()
        .iter()
        .flat_map(|role| &role.expectations)
        .filter(|one| one.control == control)
        .flat_map(|one| one.facts.iter().map(Text::as_str))
        .filter(|fact| *fact != "relations")
        .collect();
    let environments = environments(snapshot, &door.config.rules);
    let about_stores = facts.contains(plimsoll_model::fact::ENCRYPTED_AT_REST);
    let mut rows = Vec::new();
    for (at, node) in snapshot.nodes().iter().enumerate() {
        let asset = &node.asset;
        let at = at as u32;
        let store = STORES.contains(&asset.kind.as_str());
        for fact in &facts {
            let claim = asset.get(fact);
            let main = *fact == plimsoll_model::fact::ENCRYPTED_AT_REST;
            if claim.is_none() && !(store && about_stores && main) {
                continue;
            }
            let value = claim.and_then(|claim| claim.value());
            rows.push(Row {
                record: "fact",
                asset: asset.id.to_string(),
                kind: asset.kind.to_string(),
                name: asset.name.to_string(),
                role: if store {
                    use_of(snapshot, at)
                } else {
                    String::new()
                },
                environment: environments
                    .get(at as usize)
                    .and_then(|environment| environment.as_deref())
                    .unwrap_or("")
                    .to_owned(),
                expectation: (*fact).to_owned(),
                result: if value.is_some() { "known" } else { "unknown" },
                expected: String::new(),
                value: value.map_or("unknown".to_owned(), ToString::to_string),
                how: claim
                    .map_or("unknown", |claim| claim.how().as_str())
                    .to_owned(),
                basis: claim
                    .and_then(|claim| claim.basis())
                    .unwrap_or(if claim.is_none() {
                        "no source says it"
                    } else {
                        ""
                    })
                    .to_owned(),
                as_of: as_of(snapshot, at),
            });
        }
    }
    rows
}

/// Who uses what holds data: `used by 2` or `unused`.
fn use_of(snapshot: &Snapshot, at: u32) -> String {
    let kinds = [
        RelationKind::StoresOn,
        RelationKind::Uses,
        RelationKind::RunsOn,
    ];
    let users: HashSet<u32> = kinds
        .into_iter()
        .flat_map(|kind| snapshot.against(at, kind))
        .map(|(user, _)| user)
        .collect();
    match users.len() {
        0 => "unused".to_owned(),
        users => format!("used by {users}"),
    }
}

/// When the newest of an asset's sources looked at it.
fn as_of(snapshot: &Snapshot, at: u32) -> Option<Timestamp> {
    let node = snapshot.nodes().get(at as usize)?;
    let of_node = |scope: &&crate::inventory::Coverage| node.sources.contains(&scope.source);
    let own = snapshot
        .coverage()
        .iter()
        .filter(of_node)
        .filter(|scope| scope.scope == node.asset.scope)
        .map(|scope| scope.as_of)
        .max();
    own.or_else(|| {
        let any = snapshot.coverage().iter().filter(of_node);
        any.map(|scope| scope.as_of).max()
    })
}

fn tally(rows: &[Row]) -> BTreeMap<String, u64> {
    let mut counts = BTreeMap::new();
    for row in rows {
        *counts
            .entry(format!("{} {}", row.record, row.result))
            .or_default() += 1;
    }
    counts
}

fn words(tally: &BTreeMap<String, u64>) -> String {
    if tally.is_empty() {
        return "nothing is asked about it".to_owned();
    }
    let words: Vec<String> = tally
        .iter()
        .map(|(what, count)| match what.split_once(' ') {
            Some((record, result)) if *count != 1 => format!("{count} {record}s {result}"),
            _ => format!("{count} {what}"),
        })
        .collect();
    words.join(", ")
}
