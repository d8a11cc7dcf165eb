//! `plimsoll export`: the inventory as diagrams and tables.

use std::collections::{BTreeSet, HashMap};

use anyhow::Context as _;
use plimsoll_model::Text;

use super::args_export::{DiagramArgs, ExportArgs, ExportCommand, TableArgs, TableFormat};
use super::door::{Door, Out};
use super::exit::Exit;
use super::inventory::find;
use crate::baseline::{Baseline, System, environments, systems};
use crate::export::{
    self, Diagram, Format, Heading, Mark, Picture, Selection, Wanted, select, title,
};
use crate::inventory::{Edge, Snapshot};
use crate::store::{ScanInfo, Store};

pub(super) fn run(door: &Door, args: &ExportArgs, out: &mut Out) -> anyhow::Result<Exit> {
    match &args.command {
        ExportCommand::Diagram(args) => diagram(door, args, out)?,
        ExportCommand::Inventory(args) => table(door, args, out)?,
    }
    Ok(Exit::Clean)
}

/// An inventory as of a scan, with what each asset is.
pub(super) struct Estate<'d> {
    door: &'d Door,
    pub(super) store: Store,
    pub(super) scan: ScanInfo,
    pub(super) snapshot: Snapshot,
    pub(super) systems: Vec<System>,
    /// Of every asset.
    environments: Vec<Option<Text>>,
}

impl<'d> Estate<'d> {
    pub(super) fn load(door: &'d Door, at: Option<jiff::Timestamp>) -> anyhow::Result<Self> {
        let (store, scan) = door.inventory(at)?;
        let snapshot = door.snapshot(&store, &scan)?;
        let mut estate = Self {
            door,
            store,
            scan,
            snapshot: Snapshot::default(),
            systems: Vec::new(),
            environments: Vec::new(),
        };
        estate.show(snapshot);
        Ok(estate)
    }

    /// Takes another snapshot in the place of the one that is there.
    fn show(&mut self, snapshot: Snapshot) {
        self.systems = systems(&snapshot, &self.door.baselines, &self.door.config.rules);
        self.environments = environments(&snapshot, &self.door.config.rules);
        self.snapshot = snapshot;
    }

    /// The baseline of the role that an asset has.
    pub(super) fn role(&self, at: u32) -> Option<&Baseline> {
        let place = self.systems.binary_search_by_key(&at, |system| system.at);
        let system = self.systems.get(place.ok()?)?;
        self.door.baselines.role(&system.role)
    }

    /// The names of the roles that there are.
    pub(super) fn roles(&self) -> impl Iterator<Item = &str> {
        let roles = self.door.baselines.roles();
        roles.iter().map(|role| role.name.as_str())
    }

    pub(super) fn is_system(&self, at: u32) -> bool {
        self.systems
            .binary_search_by(|system| system.at.cmp(&at))
            .is_ok()
    }

    /// Draws a part of the inventory.
    pub(super) fn draw(
        &self,
        heading: &Heading<'_>,
        selection: &Selection,
        marks: &HashMap<u32, Mark>,
        edges: &HashMap<Edge, Mark>,
        limit: u32,
    ) -> Diagram {
        let environment = |at: u32| self.environments.get(at as usize)?.clone();
        let picture = Picture {
            snapshot: &self.snapshot,
            systems: &self.systems,
            environment: &environment,
            selection,
            marks,
            edges,
            limit: limit as usize,
        };
        export::draw(&picture, title(heading, &self.snapshot, selection))
    }

    /// What a title block says of this scan.
    pub(super) fn heading(&self, heading: impl Into<String>) -> Heading<'static> {
        Heading {
            heading: heading.into(),
            scan: self.scan.id,
            finished: self.scan.finished,
            since: None,
            asked: Vec::new(),
            marks: None,
        }
    }
}

/// Writes a diagram to standard output.
pub(super) fn write(diagram: &Diagram, format: Format, out: &mut Out) -> anyhow::Result<()> {
    let binary = (format == Format::Png).then_some("a PNG picture");
    out.raw(binary, |out| export::write(diagram, format, out))
}

fn diagram(door: &Door, args: &DiagramArgs, out: &mut Out) -> anyhow::Result<()> {
    let mut estate = Estate::load(door, args.at)?;
    let (mut marks, mut edges) = (HashMap::new(), HashMap::new());
    let mut heading = estate.heading("Inventory");
    if let Some(since) = args.since {
        let earlier = estate.store.scan_from(since)?;
        let earlier = earlier
            .filter(|earlier| earlier.id <= estate.scan.id)
            .with_context(|| format!("--since: there was no scan at {since} or before"))?;
        let before = estate.store.snapshot(earlier.id)?;
        let overlay = export::overlay(&before, &estate.snapshot);
        estate.show(overlay.snapshot);
        (marks, edges) = (overlay.marks, overlay.edges);
        heading.heading = "What changed".to_owned();
        heading.since = Some((earlier.id, earlier.finished));
    }
    let around = args
        .around
        .as_deref()
        .map(|name| find(&estate.snapshot, name))
        .transpose();
    let around = around.context("--around")?.map(|at| (at, args.depth));
    if let Some(role) = &args.role {
        known_role(role, &estate.systems)?;
    }
    let wanted = Wanted {
        environment: args.environment.map(|name| name.as_str().into()),
        role: args.role.as_deref().map(Text::from),
        around,
        details: args.details,
    };
    let selection = select(&estate.snapshot, &estate.systems, &marks, &wanted);
    if selection.places.is_empty() {
        anyhow::bail!(
            "nothing fits: `plimsoll inventory list` shows what there is, `plimsoll baseline explain ASSET` what role and environment it has"
        );
    }
    let named = |at: u32| export::shown(&estate.snapshot.asset(at).name);
    heading.asked.extend(
        args.environment
            .map(|name| format!("environment {}", name.as_str())),
    );
    heading.asked.extend(
        args.role
            .as_deref()
            .map(|role| format!("role {}", export::shown(role))),
    );
    heading.asked.extend(
        around.map(|(at, depth)| format!("what is up to {depth} relations from {}", named(at))),
    );
    heading.marks = Some(&marks);
    let mut shown = marks.clone();
    if let Some((at, _)) = around {
        shown.entry(at).or_insert(Mark::Focus);
    }
    let diagram = estate.draw(&heading, &selection, &shown, &edges, args.limit);
    write(&diagram, args.format.into(), out)
}

/// Refuses a role that no system has: nothing drawn would look like nothing there.
fn known_role(role: &str, systems: &[System]) -> anyhow::Result<()> {
    let roles: BTreeSet<&str> = systems.iter().map(|system| system.role.as_str()).collect();
    if roles.contains(role) {
        return Ok(());
    }
    let roles: Vec<&str> = roles.into_iter().collect();
    anyhow::bail!(
        "--role: no system has the role {role:?}; there are {}",
        roles.join(", ")
    )
}

fn table(door: &Door, args: &TableArgs, out: &mut Out) -> anyhow::Result<()> {
    let (store, scan) = door.inventory(args.at)?;
    let walk = store.walk(scan.id)?;
    let coverage = store.coverage(scan.id)?;
    let head = export::table::Head {
        scan: scan.id,
        started: scan.started,
        finished: scan.finished,
        coverage: &coverage,
    };
    let binary = (args.format == TableFormat::Xlsx).then_some("a workbook");
    let mut fault = None;
    out.raw(binary, |out| {
        let mut table = export::table::begin(args.format.into(), args.records.into(), &head, out)?;
        let walked = walk.nodes(|node| table.asset(node));
        if let Err(error) = walked {
            return Err(keep(&mut fault, error));
        }
        for (from, kind, to) in walk.relations() {
            table.relation(from, *kind, to)?;
        }
        table.finish()
    })
    .map_err(|error| fault.map_or(error, anyhow::Error::from))
}

/// The error as one of writing; where it is the store's, that is kept to be told instead.
fn keep(
    fault: &mut Option<crate::store::StoreError>,
    error: crate::store::WalkError,
) -> std::io::Error {
    match error {
        crate::store::WalkError::Output(error) => error,
        crate::store::WalkError::Store(error) => {
            *fault = Some(error);
            std::io::Error::other("the inventory cannot be read")
        }
    }
}
