//! The inventory for a terminal.

use std::collections::BTreeMap;
use std::io::{self, Write};

use jiff::Timestamp;
use plimsoll_model::{Asset, Claim, Value};

use crate::change::{Attribution, Change, ChangeKind, diff};
use crate::inventory::{Node, Snapshot, carries, rests_on};
use crate::report::tame;
use crate::store::{AssetVersion, ScanInfo, StoredChange};

/// A text that came from outside, with control characters written out and no longer than a line.
pub(super) fn shown(text: &str) -> String {
    tame(text, 200).into_owned()
}

pub(super) fn list<'a>(
    nodes: impl Iterator<Item = &'a Node> + Clone,
    scan: &ScanInfo,
    width: usize,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut by_kind: BTreeMap<&str, Vec<&Node>> = BTreeMap::new();
    for node in nodes {
        by_kind.entry(&node.asset.kind).or_default().push(node);
    }
    writeln!(out, "inventory as of {} (scan {})", scan.finished, scan.id)?;
    for (kind, nodes) in &by_kind {
        writeln!(out, "\n{} ({})", shown(kind), nodes.len())?;
        let widest = nodes
            .iter()
            .map(|node| node.asset.id.as_str().chars().count())
            .max();
        let column = widest.unwrap_or(0).min(width.saturating_sub(30).max(30));
        for node in nodes {
            let summary = summary(&node.asset);
            let line = format!("  {:<column$}  {summary}", shown(node.asset.id.as_str()));
            writeln!(out, "{}", line.trim_end())?;
        }
    }
    if by_kind.is_empty() {
        writeln!(out, "\nnothing fits")?;
    }
    Ok(())
}

/// The one or two facts by which a person knows a thing.
fn summary(asset: &Asset) -> String {
    let mut parts = Vec::new();
    for name in [
        "state",
        "image",
        "version",
        "os",
        "filesystem.type",
        "driver",
    ] {
        if let Some(value) = asset.value(name) {
            parts.push(shown(&value.to_string()));
        }
    }
    if let Some(Value::Table(ports)) = asset.value("ports")
        && !ports.is_empty()
    {
        let public = ports.iter().filter(|(_, port)| {
            let reach = port.as_table().and_then(|port| port.get("reach"));
            reach.and_then(Value::as_str) == Some("public")
        });
        let names: Vec<&str> = public.map(|(name, _)| name).take(4).collect();
        if !names.is_empty() {
            parts.push(format!("public {}", shown(&names.join(" "))));
        }
    }
    parts.join("  ")
}

pub(super) fn show(
    snapshot: &Snapshot,
    scan: &ScanInfo,
    place: u32,
    out: &mut dyn Write,
) -> io::Result<()> {
    let node = &snapshot.nodes()[place as usize];
    let asset = &node.asset;
    writeln!(out, "{}", shown(asset.id.as_str()))?;
    let sources: Vec<&str> = node.sources.iter().map(|source| source.as_str()).collect();
    writeln!(
        out,
        "  {} {}, seen by {}",
        shown(&asset.kind),
        shown(&asset.name),
        sources.join(", ")
    )?;
    writeln!(out, "  as of {} (scan {})", scan.finished, scan.id)?;
    if let Some(partial) = &asset.partial {
        writeln!(out, "  only partly read: {}", shown(partial))?;
    }
    for alias in &asset.aliases {
        writeln!(out, "  also {}", shown(&alias.0))?;
    }
    if !asset.labels.is_empty() {
        writeln!(out, "\nlabels")?;
        for (name, value) in asset.labels.iter() {
            writeln!(out, "  {} = {}", shown(name), shown(value))?;
        }
    }
    facts("facts", asset.facts.iter(), out)?;
    facts("readings", asset.readings.iter(), out)?;
    let (outgoing, incoming) = (snapshot.outgoing(place), snapshot.incoming(place));
    if !outgoing.is_empty() || !incoming.is_empty() {
        writeln!(out, "\nrelations")?;
    }
    for edge in outgoing {
        writeln!(
            out,
            "  {} {}",
            edge.kind,
            shown(snapshot.asset(edge.to).id.as_str())
        )?;
    }
    for edge in incoming {
        writeln!(
            out,
            "  {} {} this",
            shown(snapshot.asset(edge.from).id.as_str()),
            edge.kind
        )?;
    }
    chain(
        "rests on, through others",
        &rests_on(snapshot, place),
        outgoing.len(),
        snapshot,
        out,
    )?;
    chain(
        "carries, through others",
        &carries(snapshot, place),
        incoming.len(),
        snapshot,
        out,
    )?;
    Ok(())
}

/// Names what is reached beyond the direct relations, if there is more.
fn chain(
    title: &str,
    places: &[u32],
    direct: usize,
    snapshot: &Snapshot,
    out: &mut dyn Write,
) -> io::Result<()> {
    const SHOWN: usize = 12;
    if places.len() <= direct {
        return Ok(());
    }
    writeln!(out, "\n{title}")?;
    for place in places.iter().take(SHOWN) {
        writeln!(out, "  {}", shown(snapshot.asset(*place).id.as_str()))?;
    }
    if places.len() > SHOWN {
        writeln!(out, "  and {} more", places.len() - SHOWN)?;
    }
    Ok(())
}

fn facts<'a>(
    title: &str,
    facts: impl ExactSizeIterator<Item = (&'a str, &'a Claim)> + Clone,
    out: &mut dyn Write,
) -> io::Result<()> {
    if facts.len() == 0 {
        return Ok(());
    }
    writeln!(out, "\n{title}")?;
    let column = facts
        .clone()
        .map(|(name, _)| name.chars().count())
        .max()
        .unwrap_or(0)
        .min(32);
    for (name, claim) in facts {
        let basis = claim
            .basis()
            .map(|basis| format!(": {}", shown(basis)))
            .unwrap_or_default();
        match claim.value() {
            Some(Value::Table(table)) if !table.is_empty() => {
                writeln!(out, "  {:<column$}  ({}{basis})", shown(name), claim.how())?;
                for (key, part) in table.iter() {
                    writeln!(
                        out,
                        "  {:<column$}    {}  {}",
                        "",
                        shown(key),
                        shown(&part.to_string())
                    )?;
                }
            }
            Some(value) => {
                let value = shown(&value.to_string());
                writeln!(
                    out,
                    "  {:<column$}  {value}  ({}{basis})",
                    shown(name),
                    claim.how()
                )?;
            }
            None => writeln!(out, "  {:<column$}  unknown{basis}", shown(name))?,
        }
    }
    Ok(())
}

/// The change of an asset that a scan saw.
pub(super) fn change_at(changes: &[StoredChange], scan: i64) -> Option<&StoredChange> {
    changes.iter().find(|change| change.scan == scan)
}

/// By whom, for a change that a scan saw, whether or not a record tells; nothing where it saw none.
fn by(changes: &[StoredChange], scan: i64) -> String {
    change_at(changes, scan).map_or(String::new(), |change| maker("", change))
}

/// The same for an asset that came or went, and was not only met or lost from sight.
fn came_or_went(changes: &[StoredChange], scan: i64, kind: ChangeKind) -> String {
    let change = change_at(changes, scan).filter(|change| change.change.kind == kind);
    change.map_or(String::new(), |change| maker(kind.as_str(), change))
}

fn maker(what: &str, change: &StoredChange) -> String {
    let maker = change.attribution.as_ref().map(Attribution::words);
    let comma = if what.is_empty() { "" } else { ", " };
    format!(
        "{comma}{what} by {}",
        shown(maker.as_deref().unwrap_or("unknown"))
    )
}

pub(super) fn history(
    versions: &[AssetVersion],
    changes: &[StoredChange],
    kept_since: Option<Timestamp>,
    out: &mut dyn Write,
) -> io::Result<()> {
    // What is older than all that is kept has no time of its own any more.
    let when = |from: Option<Timestamp>| match (from, kept_since) {
        (Some(from), _) => from.to_string(),
        (None, Some(since)) => format!("before {since}"),
        (None, None) => "before what is kept".to_owned(),
    };
    let mut before: Option<&AssetVersion> = None;
    for version in versions {
        let last = before.filter(|last| last.source == version.source);
        match last {
            None => writeln!(
                out,
                "{}  {} by {} as {} {}{}",
                when(version.from),
                if version.from.is_some() {
                    "first seen"
                } else {
                    "seen"
                },
                shown(&version.source),
                shown(&version.asset.kind),
                shown(&version.asset.name),
                came_or_went(changes, version.from_scan, ChangeKind::Added)
            )?,
            Some(last) => {
                let paths = diff(&last.asset, &version.asset);
                if paths.is_empty() {
                    writeln!(out, "{}  how it is known changed", when(version.from))?;
                } else {
                    let by = by(changes, version.from_scan);
                    writeln!(out, "{}  changed{by}", when(version.from))?;
                }
                for path in &paths {
                    write_path(path, out)?;
                }
            }
        }
        if let Some(to) = version.to {
            let followed = versions
                .iter()
                .any(|other| other.source == version.source && other.from == Some(to));
            if !followed {
                let gone = version
                    .to_scan
                    .map(|scan| came_or_went(changes, scan, ChangeKind::Removed));
                let gone = gone.unwrap_or_default();
                writeln!(
                    out,
                    "{to}  seen no more by {}{gone}",
                    shown(&version.source)
                )?;
            }
        }
        before = Some(version);
    }
    Ok(())
}

pub(super) fn difference(
    changes: &[Change],
    earlier: &ScanInfo,
    later: &ScanInfo,
    out: &mut dyn Write,
) -> io::Result<()> {
    writeln!(
        out,
        "from {} (scan {}) to {} (scan {}): {} changed",
        earlier.finished,
        earlier.id,
        later.finished,
        later.id,
        changes.len()
    )?;
    for change in changes {
        writeln!(
            out,
            "\n{} {}",
            change.kind.as_str(),
            shown(change.asset.as_str())
        )?;
        for path in &change.paths {
            write_path(path, out)?;
        }
    }
    Ok(())
}

fn write_path(path: &crate::change::PathChange, out: &mut dyn Write) -> io::Result<()> {
    let value = |value: &Option<Value>| {
        value
            .as_ref()
            .map_or("(not there)".to_owned(), |value| shown(&value.to_string()))
    };
    writeln!(
        out,
        "    {}: {} -> {}",
        shown(&path.path),
        value(&path.from),
        value(&path.to)
    )
}
