//! `plimsoll changes`.

use std::time::Duration;

use anyhow::Context as _;
use jiff::Timestamp;
use plimsoll_model::AssetId;

use super::args::{Format, ListFormat};
use super::args_changes::{ChangesArgs, ChangesCommand};
use super::door::{Door, Out};
use super::exit::Exit;
use crate::approval::Judged;
use crate::report::tame;
use crate::report::text::Part;
use crate::scan::{recall_changes, stored_row};

const DEFAULT_SPAN: Duration = Duration::from_secs(30 * 86_400);

pub(super) fn run(door: &Door, args: &ChangesArgs, out: &mut Out) -> anyhow::Result<Exit> {
    match &args.command {
        Some(ChangesCommand::Explain { id, format }) => return explain(door, *id, *format, out),
        Some(ChangesCommand::Evidence { id, format }) => {
            return super::evidence::run(door, *id, *format, out);
        }
        Some(ChangesCommand::Population {
            from,
            to,
            environment,
            verdict,
            approver,
            changed,
            format,
            sample,
            seed,
        }) => {
            let chosen = sample.zip(seed.as_deref());
            let filter = super::population::Filter {
                environment,
                verdict,
                approver: approver.as_deref(),
                changed: changed.as_deref(),
            };
            return super::population::run(door, (*from, *to), &filter, *format, chosen, out);
        }
        None => {}
    }
    let (store, scan) = door.inventory(None)?;
    let asset = args.asset.as_deref().map(AssetId::new).transpose();
    let asset = asset.context("--asset")?;
    let asset = asset.map(|id| store.goes_by(id)).transpose()?;
    let from = args
        .from
        .or_else(|| Timestamp::now().checked_sub(DEFAULT_SPAN).ok());
    let (report, truncated) =
        recall_changes(&store, &scan, (from, args.to), asset.as_ref(), args.limit)?;
    match args.format {
        ListFormat::Text => {
            out.report(&report, Format::Text, Part::Changes, true)?;
            if truncated {
                let limit = args.limit;
                let text = format!("only the newest {limit} are shown: raise --limit");
                super::log::say("WARN", &text);
            }
        }
        ListFormat::Json => out.write(|out| {
            let page = serde_json::json!({
                "schema": "plimsoll/changes/v1",
                "changes": report.changes,
                "truncated": truncated,
            });
            crate::inert::json::write_pretty(out, &page)?;
            writeln!(out)
        })?,
    }
    Ok(Exit::Clean)
}

/// Why the verdict on a change is what it is, and what was said of it before.
fn explain(door: &Door, id: i64, format: ListFormat, out: &mut Out) -> anyhow::Result<Exit> {
    let (store, _) = door.inventory(None)?;
    let stored = store.change(id)?;
    let stored = stored
        .with_context(|| format!("no change has the number {id}: `plimsoll changes` lists them"))?;
    let history = store.rulings_of(id)?;
    let row = stored_row(&stored);
    if format == ListFormat::Json {
        let past: Vec<serde_json::Value> = history
            .iter()
            .map(|(scan, at, ruling)| serde_json::json!({ "scan": scan, "at": at, "ruling": ruling }))
            .collect();
        let page = serde_json::json!({
            "schema": "plimsoll/verdict/v1",
            "change": row,
            "history": past,
        });
        out.write(|out| {
            crate::inert::json::write_pretty(out, &page)?;
            writeln!(out)
        })?;
        return Ok(Exit::Clean);
    }
    out.write(|out| {
        let request = row.request.as_deref();
        let request = request.map_or(String::new(), |request| format!(" ({})", tame(request, 80)));
        writeln!(
            out,
            "change {id}: {} {}",
            tame(row.asset.as_str(), 120),
            row.kind.as_str()
        )?;
        for path in row.paths.iter().take(50) {
            let shown = |value: &Option<plimsoll_model::Value>| {
                value.as_ref().map_or("(none)".to_owned(), |value| {
                    tame(&value.to_string(), 120).into_owned()
                })
            };
            writeln!(
                out,
                "  {}: {} -> {}",
                tame(&path.path, 120),
                shown(&path.from),
                shown(&path.to)
            )?;
        }
        match row.observed.after {
            Some(after) => {
                let before = row.observed.before;
                writeln!(out, "seen between {after:.0} and {before:.0}")?;
            }
            None => writeln!(out, "seen first at {:.0}", row.observed.before)?,
        }
        if let Some(found) = &row.attribution {
            writeln!(out, "made by {}", tame(&found.words(), 200))?;
        }
        writeln!(out, "verdict: {}{request}", row.verdict.as_str())?;
        let Some(judged) = &row.judged else {
            return row
                .reasons
                .iter()
                .try_for_each(|reason| writeln!(out, "  {}", tame(reason, 300)));
        };
        writeln!(out, "policy: {}", judged.rule)?;
        write_proof(judged, out)?;
        writeln!(out, "controls:")?;
        for reason in &judged.reasons {
            writeln!(
                out,
                "  {:8} {}: {} [{}]",
                reason.outcome.as_str(),
                reason.control,
                tame(&reason.text, 300),
                reason.rule
            )?;
            for evidence in &reason.evidence {
                writeln!(out, "           by {}", tame(evidence, 200))?;
            }
            if let Some(missing) = &reason.missing {
                writeln!(out, "           missing: {}", tame(missing, 200))?;
            }
        }
        if !judged.candidates.is_empty() {
            writeln!(out, "nearest requests, of which none covers it:")?;
        }
        for near in &judged.candidates {
            let title = tame(&near.title, 80);
            writeln!(
                out,
                "  {} {} {title:?}: {}",
                near.source,
                tame(&near.request, 60),
                tame(&near.why, 200)
            )?;
        }
        if history.len() > 1 {
            writeln!(out, "before:")?;
        }
        for (scan, at, ruling) in history.iter().rev().skip(1) {
            writeln!(
                out,
                "  scan {scan} at {at:.0}: {}",
                ruling.judged.verdict().as_str()
            )?;
        }
        Ok(())
    })?;
    Ok(Exit::Clean)
}

/// What an approval rests on, as the checker derived it; or why it refused what looked like one.
fn write_proof(judged: &Judged, out: &mut dyn std::io::Write) -> std::io::Result<()> {
    if let Some(refusal) = &judged.refusal {
        let refusal = tame(refusal, 400);
        writeln!(
            out,
            "refused: it looks approved, and the checker cannot derive that from what is stored ({refusal}). This is a mistake of \
             Plimsoll's own, so the change is called unproven"
        )?;
    }
    if !judged.proof.is_empty() {
        writeln!(
            out,
            "proof, derived from what is stored and from nothing else:"
        )?;
    }
    for sentence in &judged.proof {
        writeln!(out, "  - {}", tame(sentence, 400))?;
    }
    Ok(())
}
