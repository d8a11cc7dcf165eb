//! `plimsoll baseline`: list, explain, check and record.

use std::path::PathBuf;

use anyhow::Context as _;
use jiff::Timestamp;
use plimsoll_settings::{Document, Mistake, Mistakes};

use super::args::{BaselineArgs, BaselineCommand};
use super::door::{Door, Out};
use super::exit::Exit;
use super::inventory::find;
use crate::baseline::{Baselines, Explanation};
use crate::config::read_document;
use crate::report::tame;

pub(super) fn run(door: &Door, args: &BaselineArgs, out: &mut Out) -> anyhow::Result<Exit> {
    match &args.command {
        BaselineCommand::List => list(&door.baselines, out)?,
        BaselineCommand::Explain { asset, at } => return explain(door, asset, *at, out),
        BaselineCommand::Record { role, at } => record(door, role, *at, out)?,
        BaselineCommand::Check { files } => return check(files, out),
    }
    Ok(Exit::Clean)
}

/// Checks baseline files beside the shipped ones, without a configuration.
pub(super) fn check(files: &[PathBuf], out: &mut Out) -> anyhow::Result<Exit> {
    let mut documents: Vec<Document> = Baselines::shipped();
    let mut unreadable: Vec<Mistake> = Vec::new();
    for file in files {
        match read_document(file) {
            Ok(document) => documents.push(document),
            Err(mistake) => unreadable.push(mistake),
        }
    }
    match (Baselines::load(&documents), unreadable.is_empty()) {
        (Ok(_), true) => {}
        (Ok(_), false) => return Err(Mistakes::new(unreadable).into()),
        (Err(mistakes), _) => return Err(mistakes.and(Mistakes::new(unreadable)).into()),
    }
    let noun = if files.len() == 1 { "file" } else { "files" };
    out.write(|out| writeln!(out, "{} {noun}, no mistakes", files.len()))?;
    Ok(Exit::Clean)
}

fn list(baselines: &Baselines, out: &mut Out) -> anyhow::Result<()> {
    out.write(|out| {
        for role in baselines.roles() {
            let side = role
                .side
                .map(|side| format!(", {}", side.as_str()))
                .unwrap_or_default();
            writeln!(out, "{}  {}{side}  ({})", role.name, role.title, role.file)?;
            for expectation in &role.expectations {
                let (control, severity) = (&expectation.control, expectation.severity.as_str());
                match &expectation.off {
                    Some(reason) => writeln!(out, "    off        {control}: {reason}")?,
                    None => writeln!(
                        out,
                        "    {severity:<9}  {control}: {}",
                        expectation.expected
                    )?,
                }
            }
            writeln!(out)?;
        }
        Ok(())
    })
}

fn explain(
    door: &Door,
    wanted: &str,
    at: Option<Timestamp>,
    out: &mut Out,
) -> anyhow::Result<Exit> {
    let (store, scan) = door.inventory(at)?;
    let snapshot = door.snapshot(&store, &scan)?;
    let place = find(&snapshot, wanted)?;
    let asset = snapshot.asset(place);
    let explained = door
        .baselines
        .explain(&snapshot, place, &door.config.rules, scan.finished);
    let (system, explained) = explained.with_context(|| {
        format!(
            "{} is no system: nothing is expected of a {}",
            asset.id, asset.kind
        )
    })?;
    let mut fails = false;
    out.write(|out| {
        let shown = |text: &str| tame(text, 400).into_owned();
        writeln!(out, "{}", shown(asset.id.as_str()))?;
        writeln!(
            out,
            "  role         {} (by {})",
            shown(&system.role),
            shown(&system.role_by)
        )?;
        match (&system.environment, &system.environment_by) {
            (Some(environment), by) => {
                let by = by.as_deref().unwrap_or_default();
                writeln!(
                    out,
                    "  environment  {} (by {})",
                    shown(environment),
                    shown(by)
                )?;
            }
            (None, _) => writeln!(out, "  environment  unknown: nothing says it")?,
        }
        for one in &explained {
            writeln!(
                out,
                "\n{:<14} {} ({})",
                one.result.as_str(),
                one.control,
                one.severity.as_str()
            )?;
            writeln!(
                out,
                "    expected  {} (baseline {})",
                shown(&one.expected),
                one.baseline
            )?;
            match &one.result {
                Explanation::Pass { how, basis } => {
                    writeln!(out, "    evidence  {how}: {}", shown(basis))?;
                }
                Explanation::Fail { actual, how, basis } => {
                    fails = true;
                    writeln!(out, "    actual    {}", shown(actual))?;
                    writeln!(out, "    evidence  {how}: {}", shown(basis))?;
                }
                Explanation::Unknown(why) => {
                    fails = true;
                    writeln!(out, "    because   {}", shown(why))?;
                }
                Explanation::NotApplicable(why) | Explanation::Off(why) => {
                    writeln!(out, "    because   {}", shown(why))?;
                }
            }
        }
        Ok(())
    })?;
    Ok(if fails { Exit::Drift } else { Exit::Clean })
}

fn record(door: &Door, role: &str, at: Option<Timestamp>, out: &mut Out) -> anyhow::Result<()> {
    let (store, scan) = door.inventory(at)?;
    let snapshot = door.snapshot(&store, &scan)?;
    let text = door.baselines.record(&snapshot, role, &door.config.rules);
    let text = text.with_context(|| {
        format!("no system has the role {role:?}: `plimsoll report --explain` lists the systems and their roles")
    })?;
    out.write(|out| out.write_all(text.as_bytes()))
}
