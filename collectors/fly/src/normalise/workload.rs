//! Process groups.

use std::collections::BTreeSet;

use plimsoll_model::{Asset, Claim, Labels, RelationKind, Table, Text, Value, fact, kind};

use super::edge::{self, Reach};
use super::group::{ALONE, Instance};
use super::reference::{Seen, Unseen, reference};
use super::shape::{self, EDGE, LABELS, Shape};
use super::union::{self, UNION, union};
use super::{Piece, Site, network_id, organisation_id, reported, volume_id, word, workload_id};
use crate::wire::Volume;

/// What a group's meaning hangs on besides its machines.
pub(crate) struct Around<'a> {
    pub(crate) app: &'a str,
    pub(crate) network: &'a str,
    pub(crate) reach: Reach,
    pub(crate) volumes: &'a [Volume],
    /// How many machines of the app cannot be observed and may be of any group.
    pub(crate) lost: usize,
}

/// The facts that a group's reference gives; each is unknown where there is none.
const FACTS: &[(&str, &str)] = &[
    (fact::IMAGE, "GET /apps/{app}/machines config.image"),
    (
        fact::IMAGE_DIGESTS,
        "GET /apps/{app}/machines image_ref.digest",
    ),
    (
        fact::RELEASE,
        "GET /apps/{app}/machines config.metadata.fly_release_version",
    ),
    (
        fact::ENV,
        "GET /apps/{app}/machines config.env of all machines",
    ),
    (
        fact::MOUNTS,
        "GET /apps/{app}/machines config.mounts of all machines",
    ),
    (
        fact::HEALTH_CHECKED,
        "GET /apps/{app}/machines config.checks, config.services.checks of all machines",
    ),
    (
        "auto-destroy",
        "GET /apps/{app}/machines config.auto_destroy of all machines",
    ),
    (
        "files",
        "GET /apps/{app}/machines config.files of all machines",
    ),
    ("guest", "GET /apps/{app}/machines config.guest"),
    (
        "services",
        "GET /apps/{app}/machines config.services of all machines",
    ),
];
/// Those of which nothing is claimed where the platform says nothing.
const SOMETIMES: &[(&str, &str)] = &[
    (
        fact::SOURCE_COMMIT,
        "GET /apps/{app}/machines image_ref.labels",
    ),
    (
        fact::RESTART_POLICY,
        "GET /apps/{app}/machines config.restart.policy",
    ),
    (fact::COMMAND, "GET /apps/{app}/machines config.init.cmd"),
    (
        fact::ENTRYPOINT,
        "GET /apps/{app}/machines config.init.entrypoint",
    ),
    (
        fact::HTTPS_FORCED,
        "GET /apps/{app}/machines config.services.ports.force_https of all machines",
    ),
    (
        fact::IMAGES,
        "GET /apps/{app}/machines config.image, config.containers of all machines",
    ),
    ("schedule", "GET /apps/{app}/machines config.schedule"),
];
const MACHINES: &str = "GET /apps/{app}/machines";
/// Where the platform says how machines are kept apart.
const ISOLATION: &str = "every machine is a virtual machine with a kernel of its own: https://fly.io/docs/reference/architecture/";

/// A group of machines.
pub(crate) struct Workload {
    pub(crate) piece: Piece,
    /// Why not all of it could be observed, where that is so.
    pub(crate) partial: Option<Text>,
    /// The ports from which the edge sends something on to it; none where nothing is known of any of its machines.
    pub(crate) on_the_edge: Option<Table>,
}

/// A group of machines as a system.
pub(crate) fn workload(
    site: &Site<'_>,
    around: &Around<'_>,
    group: &str,
    instances: &[Instance<'_>],
) -> Workload {
    let id = workload_id(around.app, group);
    let shown = format!("{} {group}", around.app);
    let what = match group.starts_with(ALONE) {
        true => "machine",
        false => "process group",
    };
    let mut piece = Piece::new(id.clone(), kind::WORKLOAD, shown, what);
    let (mut seen, mut unseen, mut dark) = (Vec::new(), Vec::new(), Vec::new());
    for instance in instances {
        match (instance.machine, instance.config) {
            (Some(machine), Some(config)) => seen.push(Seen {
                id: instance.id.to_owned(),
                release: shape::release(config),
                shape: Shape::of(site, &id, machine, config),
            }),
            _ => {
                dark.push(instance.id);
                unseen.push(unseen_of(site, &id, instance));
            }
        }
    }
    unseen.resize_with(unseen.len() + around.lost, Unseen::default);
    let asset = &mut piece.asset;
    let reference = reference(&seen, &unseen);
    match reference {
        Some(shape) => {
            let all = union(shape, &seen, &unseen);
            claim_shape(asset, shape, all.as_ref(), around.reach);
        }
        None => claim_nothing(asset, around.reach),
    }
    if let Some(shape) = reference.filter(|_| unseen.is_empty()) {
        asset.claim(
            fact::INSTANCES_DIFFER,
            reported(differ(shape, &seen), MACHINES),
        );
        asset.reading(fact::INSTANCES_RUNNING, running(instances));
    } else {
        asset.claim(
            fact::INSTANCES_DIFFER,
            Claim::unknown("not all of its machines can be observed, so they cannot be compared"),
        );
    }
    let count = i64::try_from(instances.len()).unwrap_or(i64::MAX);
    if around.lost == 0 {
        asset.claim(fact::REPLICAS, reported(count, MACHINES));
        claim_regions(asset, site, instances);
    } else {
        for name in [fact::REPLICAS, fact::REGION, "region.name"] {
            asset.claim(
                name,
                Claim::unknown("machines that cannot be observed may be of this group"),
            );
        }
    }
    asset.claim(fact::CLOCK_SETTABLE, Claim::attested(false, ISOLATION));
    asset.claim(
        fact::CLOCK_SYNCHRONISED,
        Claim::unknown("the platform keeps the clocks of its machines, and no call says how; one that resumes from suspension may be late"),
    );
    let reason = match (dark.is_empty(), around.lost) {
        (false, _) => Some(dark_text(&dark, instances.len())),
        (true, 0) => None,
        (true, lost) => Some(Text::from(format!(
            "{lost} machines of the app cannot be observed, and may be of this group"
        ))),
    };
    asset.partial.clone_from(&reason);
    relate(&mut piece, site, around, instances);
    let known = seen.iter().map(|machine| &machine.shape);
    let known = known.chain(unseen.iter().filter_map(|machine| machine.known.as_ref()));
    let any_known = known.clone().next().is_some();
    Workload {
        piece,
        partial: reason,
        on_the_edge: any_known.then(|| union::ports(known)),
    }
}

fn unseen_of(site: &Site<'_>, id: &plimsoll_model::AssetId, instance: &Instance<'_>) -> Unseen {
    let release = |text: &Text| text.parse().ok();
    let version = instance
        .metadata
        .and_then(|all| all.get("fly_release_version"));
    let known = instance.machine.and_then(|machine| {
        let config = machine
            .config
            .as_ref()
            .or(machine.incomplete_config.as_ref())?;
        Some(Shape::of(site, id, machine, config))
    });
    let whole = instance
        .machine
        .is_some_and(|machine| machine.config.is_some());
    Unseen {
        id: instance.id.to_owned(),
        whole,
        release: version.and_then(|version| version.as_ref().and_then(release)),
        known,
    }
}

/// Claims what the machines are: by `all` of them where one is enough, else by the shape that speaks for most.
fn claim_shape(asset: &mut Asset, Shape(parts): &Shape, all: Result<&Table, &Text>, reach: Reach) {
    let part = |name: &str| match all {
        Ok(all) if UNION.contains(&name) => Ok(all.get(name)),
        Err(why) if UNION.contains(&name) => Err(why),
        _ => Ok(parts.get(name)),
    };
    for (name, basis) in FACTS {
        match part(name) {
            Ok(Some(value)) => asset.claim(name, reported(value.clone(), basis)),
            Ok(None) => asset.claim(
                name,
                Claim::unknown(format!("the platform does not say: {basis} is empty")),
            ),
            Err(why) => asset.claim(name, Claim::unknown(why.as_str())),
        };
    }
    for (name, basis) in SOMETIMES {
        let there = |value: &&Value| value.as_table().is_none_or(|table| !table.is_empty());
        let known = parts.get(name).filter(there).is_some();
        match part(name) {
            Ok(Some(value)) if there(&value) => {
                asset.claim(name, reported(value.clone(), basis));
            }
            Err(why) if known => {
                asset.claim(name, Claim::unknown(why.as_str()));
            }
            _ => {}
        }
    }
    let empty = Table::new();
    let ports = match part(EDGE) {
        Ok(ports) => {
            let ports = ports.and_then(Value::as_table).unwrap_or(&empty);
            edge::exposed(ports, reach)
        }
        // Without an address nothing of it is on the edge, whatever its services are.
        Err(_) if reach.is_none() => edge::exposed(&empty, reach),
        Err(why) => Claim::unknown(why.as_str()),
    };
    asset.claim(fact::PORTS, ports);
    let labels = parts.get(LABELS).and_then(Value::as_table);
    let labels = labels.into_iter().flat_map(|labels| labels.iter());
    asset.labels = labels
        .map(|(name, value)| (name, Text::from(value.to_string())))
        .collect::<Labels>();
}

fn claim_nothing(asset: &mut Asset, reach: Reach) {
    let why = "too many of its machines cannot be observed to say what holds for the group";
    for (name, _) in FACTS {
        asset.claim(name, Claim::unknown(why));
    }
    // Without an address nothing of it is on the edge, whatever its services are.
    let ports = match reach.is_none() {
        true => edge::exposed(&Table::new(), reach),
        false => Claim::unknown(why),
    };
    asset.claim(fact::PORTS, ports);
}

/// Machines that are not as their group is, each with what differs.
fn differ(reference: &Shape, seen: &[Seen]) -> Table {
    let rows = seen.iter().filter_map(|machine| {
        let differences = reference.differences(&machine.shape);
        (!differences.is_empty()).then(|| (machine.id.as_str(), Value::Table(differences)))
    });
    rows.collect()
}

fn running(instances: &[Instance<'_>]) -> Claim {
    let states = instances.iter().filter_map(|instance| instance.machine);
    let running = states.filter(|machine| machine.state == "started").count();
    reported(
        i64::try_from(running).unwrap_or(i64::MAX),
        "GET /apps/{app}/machines state",
    )
}

/// The regions of all machines, in one text as they are mostly one.
fn claim_regions(asset: &mut Asset, site: &Site<'_>, instances: &[Instance<'_>]) {
    let basis = "GET /apps/{app}/machines region";
    if instances.iter().any(|instance| instance.region.is_none()) {
        asset.claim(
            fact::REGION,
            Claim::unknown("one of its machines says no region"),
        );
        return;
    }
    let regions: BTreeSet<&Text> = instances.iter().filter_map(|i| i.region).collect();
    let text = |parts: Vec<&str>| word(&parts.join(", "));
    let codes = regions.iter().map(|code| code.as_str()).collect();
    asset.claim(fact::REGION, reported(text(codes), basis));
    let names: Option<Vec<&str>> = regions
        .iter()
        .map(|code| Some(site.regions.get(*code)?.as_str()))
        .collect();
    if let Some(names) = names {
        asset.claim(
            "region.name",
            reported(text(names), "GET /platform/regions name"),
        );
    }
}

fn dark_text(dark: &[&str], of: usize) -> Text {
    let few = dark.iter().take(5).copied().collect::<Vec<_>>().join(", ");
    let more = if dark.len() > 5 { ", …" } else { "" };
    Text::from(format!(
        "{} of {of} machines cannot be observed ({few}{more}): the platform reaches their hosts no more, or gives no sound entry; wait for the hosts, or destroy machines that are gone for good",
        dark.len()
    ))
}

fn relate(piece: &mut Piece, site: &Site<'_>, around: &Around<'_>, instances: &[Instance<'_>]) {
    piece.relate(RelationKind::MemberOf, organisation_id(&site.number));
    piece.relate(
        RelationKind::MemberOf,
        network_id(&site.number, around.network),
    );
    let mut volumes: BTreeSet<&str> = BTreeSet::new();
    for instance in instances {
        let mounts = instance.config.iter().flat_map(|config| &config.mounts);
        volumes.extend(mounts.filter_map(|mount| mount.volume.as_deref()));
        let attached = around
            .volumes
            .iter()
            .filter(|volume| volume.attached_machine_id.as_deref() == Some(instance.id));
        volumes.extend(attached.map(|volume| volume.id.as_str()));
    }
    for volume in volumes.into_iter().filter(|volume| !volume.is_empty()) {
        piece.relate(RelationKind::StoresOn, volume_id(volume));
    }
}
