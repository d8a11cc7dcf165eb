//! `plimsoll sources`: what is and was read, and taking one out for good.

use std::collections::BTreeMap;
use std::sync::Arc;

use plimsoll_kit::Clock;
use plimsoll_model::Text;
use serde_json::json;

use super::args::{ListFormat, SourcesArgs, SourcesCommand};
use super::door::{Door, Out};
use super::exit::Exit;
use crate::report::tame;
use crate::scan;
use crate::store::{KnownSource, RetiredSource, Store};

pub(super) fn run(door: &Door, args: &SourcesArgs, out: &mut Out) -> anyhow::Result<Exit> {
    match &args.command {
        SourcesCommand::List { format } => list(door, *format, out)?,
        SourcesCommand::Retire { name, reason } => retire(door, name, reason, out)?,
    }
    Ok(Exit::Clean)
}

/// One source with what is said of it.
#[derive(Default)]
struct Row<'a> {
    collector: Option<&'static str>,
    known: Option<&'a KnownSource>,
    retired: Option<&'a RetiredSource>,
}

impl Row<'_> {
    fn state(&self) -> &'static str {
        match (self.collector, self.retired) {
            (Some(_), _) => "configured",
            (None, Some(_)) if self.known.is_none_or(|one| one.assets == 0) => "retired",
            (None, _) => "taken out",
        }
    }
}

fn list(door: &Door, format: ListFormat, out: &mut Out) -> anyhow::Result<()> {
    let config = &door.config;
    let (known, retired) = if config.store.path.exists() {
        let store = Store::open_existing(&config.store.path, config.store.busy_timeout)?;
        (store.known_sources()?, store.retired_sources()?)
    } else {
        (Vec::new(), Vec::new())
    };
    let mut rows: BTreeMap<&Text, Row<'_>> = BTreeMap::new();
    for source in &config.sources {
        rows.entry(&source.name).or_default().collector = Some(source.collector_name);
    }
    for one in &known {
        rows.entry(&one.source).or_default().known = Some(one);
    }
    for one in &retired {
        rows.entry(&one.source).or_default().retired = Some(one);
    }
    if format == ListFormat::Json {
        let rows: Vec<_> = rows
            .iter()
            .map(|(name, row)| {
                json!({
                    "source": name,
                    "state": row.state(),
                    "collector": row.collector,
                    "last_read": row.known.map(|one| one.last),
                    "assets": row.known.map(|one| one.assets),
                    "scopes": row.known.map(|one| &one.scopes),
                    "retired": row.retired.map(|one| json!({
                        "scan": one.scan, "at": one.at, "reason": one.reason, "assets": one.assets,
                    })),
                })
            })
            .collect();
        return out.write(|out| {
            let page = json!({ "schema": "plimsoll/sources/v1", "sources": rows });
            crate::inert::json::write_pretty(out, &page)?;
            writeln!(out)
        });
    }
    out.write(|out| {
        for (name, row) in &rows {
            let name = tame(name, 60);
            let state = row.state();
            let seen = row.known.map_or("never read".to_owned(), |one| {
                format!("{} assets, last read {}", one.assets, one.last)
            });
            writeln!(out, "{name}  {state}: {seen}")?;
            if row.state() == "taken out" {
                writeln!(
                    out,
                    "    it is no longer in the configuration, so nothing is known of its assets: `plimsoll sources retire {name}` ends them"
                )?;
            }
            if let Some(one) = row.retired {
                writeln!(
                    out,
                    "    retired by scan {} at {}: {} ({} assets ended)",
                    one.scan,
                    one.at,
                    tame(&one.reason, 300),
                    one.assets
                )?;
            }
        }
        Ok(())
    })
}

fn retire(door: &Door, name: &str, reason: &str, out: &mut Out) -> anyhow::Result<()> {
    if reason.trim().is_empty() {
        anyhow::bail!("--reason is empty: say why, for whoever asks later");
    }
    let clock: Clock = Arc::new(super::scan::now);
    let scanned = scan::retire(&door.config, &door.baselines, name, reason, &clock)?;
    let report = &scanned.report;
    out.write(|out| {
        writeln!(
            out,
            "{} is retired, as scan {}: what it alone had seen has ended ({} drifts are no longer asked about)",
            tame(name, 60),
            report.scan.id,
            report.unasked.len()
        )
    })
}
