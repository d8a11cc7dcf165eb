//! `plimsoll inventory`: list, show, history, and the difference of two times.

use anyhow::Context as _;
use jiff::Timestamp;
use plimsoll_model::{Asset, AssetId, Text};
use serde::Serialize;

use super::args::{InventoryArgs, InventoryCommand, ListFormat};
use super::door::{Door, Out};
use super::exit::Exit;
use super::inventory_text as text;
use super::question;
use crate::change::{Attribution, Change, ChangeKind};
use crate::inventory::{Published, Snapshot, differences};
use crate::store::{AssetVersion, ScanInfo, StoredChange};

#[derive(Serialize)]
struct Page<'a, T> {
    schema: &'static str,
    scan: i64,
    as_of: Timestamp,
    #[serde(flatten)]
    content: &'a T,
}

/// A node for JSON.
#[derive(Serialize)]
pub(super) struct Row<'a> {
    #[serde(flatten)]
    pub(super) asset: &'a Asset,
    pub(super) sources: &'a [Text],
}

/// An edge for JSON.
#[derive(Serialize)]
pub(super) struct RelationRow<'a> {
    pub(super) from: &'a AssetId,
    pub(super) kind: &'static str,
    pub(super) to: &'a AssetId,
}

pub(super) fn run(door: &Door, args: &InventoryArgs, out: &mut Out) -> anyhow::Result<Exit> {
    match &args.command {
        InventoryCommand::List {
            kind,
            contains,
            at,
            format,
        } => {
            let (store, scan) = door.inventory(*at)?;
            let snapshot = door.snapshot(&store, &scan)?;
            let wanted = |asset: &Asset| {
                (kind.is_empty() || kind.iter().any(|kind| *kind == *asset.kind))
                    && contains.as_ref().is_none_or(|text| {
                        asset.id.as_str().contains(text) || asset.name.contains(text.as_str())
                    })
            };
            list(&snapshot, &scan, wanted, *format, out)?;
        }
        InventoryCommand::Show { asset, at, format } => {
            let (store, scan) = door.inventory(*at)?;
            let snapshot = door.snapshot(&store, &scan)?;
            let place = find(&snapshot, asset)?;
            show(&snapshot, &scan, place, *format, out)?;
        }
        InventoryCommand::History { asset, format } => {
            let (store, scan) = door.inventory(None)?;
            let id = AssetId::new(asset.as_str()).context("the asset's id")?;
            let id = store.goes_by(id)?;
            let versions = store.history(&id)?;
            if versions.is_empty() {
                anyhow::bail!(
                    "no asset with the id {id} was ever seen: `plimsoll inventory list` has those there are"
                );
            }
            let changes = store.changes(None, None, Some(&id), usize::MAX)?;
            let since = store.kept_since()?;
            history(&versions, &changes, (&scan, since), *format, out)?;
        }
        InventoryCommand::Diff { from, to, format } => {
            let (store, _) = door.inventory(None)?;
            let later = store
                .scan_at(Some(*to))?
                .with_context(|| format!("there was no scan at {to} or before"))?;
            let earlier = store.scan_from(*from)?;
            let earlier = earlier
                .filter(|earlier| earlier.id <= later.id)
                .with_context(|| format!("there was no scan at {from} or before"))?;
            let changes = between(&store.snapshot(earlier.id)?, &store.snapshot(later.id)?);
            difference(&changes, &earlier, &later, *format, out)?;
        }
        InventoryCommand::Path { from, to, answer } => question::path(door, from, to, answer, out)?,
        InventoryCommand::Reach { role, kind, answer } => {
            question::reach(door, question::Wanted { role, kind }, answer, out)?;
        }
        InventoryCommand::Blast { asset, answer } => question::blast(door, asset, answer, out)?,
        InventoryCommand::Shared { answer } => question::shared(door, answer, out)?,
        InventoryCommand::Orphans { answer } => question::orphans(door, answer, out)?,
    }
    Ok(Exit::Clean)
}

/// The place of the asset with an id, or of the only one with a name.
pub(super) fn find(snapshot: &Snapshot, wanted: &str) -> anyhow::Result<u32> {
    if let Some(place) = snapshot.find(wanted) {
        return Ok(place);
    }
    let tail = format!("/{wanted}");
    let fits = |asset: &Asset| *asset.name == *wanted || asset.id.as_str().ends_with(&tail);
    let mut found = (0u32..)
        .zip(snapshot.nodes())
        .filter(|(_, node)| fits(&node.asset));
    let Some((place, _)) = found.next() else {
        anyhow::bail!(
            "no asset has the id or name {wanted:?}: `plimsoll inventory list --contains TEXT` finds those there are"
        );
    };
    let others: Vec<&str> = found
        .take(5)
        .map(|(_, node)| node.asset.id.as_str())
        .collect();
    if others.is_empty() {
        return Ok(place);
    }
    let first = snapshot.asset(place).id.as_str();
    anyhow::bail!(
        "several assets are named {wanted:?}; give the id of one: {first}, {}",
        others.join(", ")
    )
}

fn list(
    snapshot: &Snapshot,
    scan: &ScanInfo,
    wanted: impl Fn(&Asset) -> bool,
    format: ListFormat,
    out: &mut Out,
) -> anyhow::Result<()> {
    let nodes = || snapshot.nodes().iter().filter(|node| wanted(&node.asset));
    match format {
        ListFormat::Text => {
            let width = out.width();
            out.write(|out| text::list(nodes(), scan, width, out))
        }
        ListFormat::Json => {
            #[derive(Serialize)]
            struct Content<'a> {
                assets: Vec<Row<'a>>,
                relations: Vec<RelationRow<'a>>,
            }
            let edges = snapshot.edges().iter().filter(|edge| {
                wanted(snapshot.asset(edge.from)) && wanted(snapshot.asset(edge.to))
            });
            let content = Content {
                assets: nodes()
                    .map(|node| Row {
                        asset: &node.asset,
                        sources: &node.sources,
                    })
                    .collect(),
                relations: edges
                    .map(|edge| RelationRow {
                        from: &snapshot.asset(edge.from).id,
                        kind: edge.kind.as_str(),
                        to: &snapshot.asset(edge.to).id,
                    })
                    .collect(),
            };
            json(scan, &content, out)
        }
    }
}

fn show(
    snapshot: &Snapshot,
    scan: &ScanInfo,
    place: u32,
    format: ListFormat,
    out: &mut Out,
) -> anyhow::Result<()> {
    match format {
        ListFormat::Text => out.write(|out| text::show(snapshot, scan, place, out)),
        ListFormat::Json => {
            #[derive(Serialize)]
            struct Content<'a> {
                asset: Row<'a>,
                relations: Vec<RelationRow<'a>>,
            }
            let edges = snapshot
                .outgoing(place)
                .iter()
                .chain(snapshot.incoming(place));
            let node = &snapshot.nodes()[place as usize];
            let content = Content {
                asset: Row {
                    asset: &node.asset,
                    sources: &node.sources,
                },
                relations: edges
                    .map(|edge| RelationRow {
                        from: &snapshot.asset(edge.from).id,
                        kind: edge.kind.as_str(),
                        to: &snapshot.asset(edge.to).id,
                    })
                    .collect(),
            };
            json(scan, &content, out)
        }
    }
}

fn history(
    versions: &[AssetVersion],
    changes: &[StoredChange],
    (scan, since): (&ScanInfo, Option<Timestamp>),
    format: ListFormat,
    out: &mut Out,
) -> anyhow::Result<()> {
    match format {
        ListFormat::Text => out.write(|out| text::history(versions, changes, since, out)),
        ListFormat::Json => {
            #[derive(Serialize)]
            struct Version<'a> {
                source: &'a Text,
                scope: &'a Text,
                /// None where it was before what is kept.
                from: Option<Timestamp>,
                to: Option<Timestamp>,
                asset: &'a Asset,
                change: Option<i64>,
                actor: Option<&'a Text>,
                attribution: Option<&'a Attribution>,
            }
            #[derive(Serialize)]
            struct Content<'a> {
                versions: Vec<Version<'a>>,
            }
            let versions = versions.iter().map(|version| {
                let AssetVersion {
                    source,
                    scope,
                    from,
                    to,
                    asset,
                    ..
                } = version;
                let change = text::change_at(changes, version.from_scan);
                let attribution = change.and_then(|change| change.attribution.as_ref());
                Version {
                    change: change.map(|change| change.id),
                    actor: attribution.and_then(|found| found.record.account.as_ref()),
                    attribution,
                    source,
                    scope,
                    from: *from,
                    to: *to,
                    asset,
                }
            });
            json(
                scan,
                &Content {
                    versions: versions.collect(),
                },
                out,
            )
        }
    }
}

fn difference(
    changes: &[Change],
    earlier: &ScanInfo,
    later: &ScanInfo,
    format: ListFormat,
    out: &mut Out,
) -> anyhow::Result<()> {
    match format {
        ListFormat::Text => out.write(|out| text::difference(changes, earlier, later, out)),
        ListFormat::Json => {
            #[derive(Serialize)]
            struct Content<'a> {
                from_scan: i64,
                from: Timestamp,
                changes: &'a [Change],
            }
            json(
                later,
                &Content {
                    from_scan: earlier.id,
                    from: earlier.finished,
                    changes,
                },
                out,
            )
        }
    }
}

pub(super) fn json(scan: &ScanInfo, content: &impl Serialize, out: &mut Out) -> anyhow::Result<()> {
    out.write(|out| {
        let schema = "plimsoll/inventory/v1";
        let page = Page {
            schema,
            scan: scan.id,
            as_of: scan.finished,
            content,
        };
        crate::inert::json::write_pretty(out, &page)?;
        writeln!(out)
    })
}

/// What differs between two snapshots, in order of the assets' ids.
fn between(before: &Snapshot, after: &Snapshot) -> Vec<Change> {
    let change = |asset: &Asset, kind, paths| Change {
        asset: asset.id.clone(),
        asset_kind: asset.kind.clone(),
        asset_name: asset.name.clone(),
        kind,
        paths,
    };
    let mut changes = Vec::new();
    let published = Published::of(after);
    let (mut was, mut is) = (
        before.nodes().iter().peekable(),
        after.nodes().iter().peekable(),
    );
    loop {
        let order = match (was.peek(), is.peek()) {
            (Some(a), Some(b)) => a.asset.id.cmp(&b.asset.id),
            (Some(_), None) => std::cmp::Ordering::Less,
            (None, Some(_)) => std::cmp::Ordering::Greater,
            (None, None) => return changes,
        };
        let old = if order.is_le() { was.next() } else { None };
        let new = if order.is_ge() { is.next() } else { None };
        match (old, new) {
            (Some(old), Some(new)) => {
                let (was, is) = ((before, &old.asset), (after, &new.asset));
                let paths = differences(was, is, &published);
                if !paths.is_empty() {
                    changes.push(change(&new.asset, ChangeKind::Modified, paths));
                }
            }
            (Some(old), None) => changes.push(change(&old.asset, ChangeKind::Removed, Vec::new())),
            (None, Some(new)) => changes.push(change(&new.asset, ChangeKind::Added, Vec::new())),
            (None, None) => {}
        }
    }
}
