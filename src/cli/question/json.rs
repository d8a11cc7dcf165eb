//! Answers as one object.

use plimsoll_model::{AssetId, Text};
use serde::Serialize;

use crate::cli::export::Estate;
use crate::inventory::{self, Reach, Sharing, Way};

/// An asset in an answer.
#[derive(Serialize)]
struct Named<'a> {
    id: &'a AssetId,
    kind: &'a Text,
    name: &'a Text,
}

impl Estate<'_> {
    fn named(&self, at: u32) -> Named<'_> {
        let asset = self.snapshot.asset(at);
        Named {
            id: &asset.id,
            kind: &asset.kind,
            name: &asset.name,
        }
    }

    fn id(&self, at: u32) -> &AssetId {
        &self.snapshot.asset(at).id
    }

    /// Whether every scope was read completely: if not, there may be more than an answer says.
    pub(super) fn complete(&self) -> bool {
        self.snapshot.coverage().iter().all(|row| row.complete)
    }
}

#[derive(Serialize)]
struct Step<'a> {
    from: &'a AssetId,
    kind: &'static str,
    to: &'a AssetId,
    against: bool,
}

#[derive(Serialize)]
pub(super) struct PathAnswer<'a> {
    complete: bool,
    from: Named<'a>,
    to: Named<'a>,
    /// `along`, `against` or `mixed`; none where nothing connects them.
    way: Option<&'static str>,
    steps: Vec<Step<'a>>,
}

pub(super) fn path<'a>(
    estate: &'a Estate<'_>,
    ends: (u32, u32),
    path: Option<&inventory::Path>,
) -> PathAnswer<'a> {
    let steps = path
        .into_iter()
        .flat_map(|path| &path.hops)
        .map(|hop| Step {
            from: estate.id(hop.edge.from),
            kind: hop.edge.kind.as_str(),
            to: estate.id(hop.edge.to),
            against: hop.against,
        });
    PathAnswer {
        complete: estate.complete(),
        from: estate.named(ends.0),
        to: estate.named(ends.1),
        way: path.map(|path| match path.way {
            Way::Along => "along",
            Way::Against => "against",
            Way::Mixed => "mixed",
        }),
        steps: steps.collect(),
    }
}

#[derive(Serialize)]
struct EntryRow<'a> {
    #[serde(flatten)]
    asset: Named<'a>,
    ports: &'a [String],
}

#[derive(Serialize)]
struct ThroughRow<'a> {
    #[serde(flatten)]
    asset: Named<'a>,
    from: &'a AssetId,
    relation: &'static str,
    entry: &'a AssetId,
    depth: u32,
}

#[derive(Serialize)]
struct UnknownRow<'a> {
    #[serde(flatten)]
    asset: Named<'a>,
    why: &'a str,
    from: Option<&'a AssetId>,
}

#[derive(Serialize)]
pub(super) struct ReachAnswer<'a> {
    complete: bool,
    public: Vec<EntryRow<'a>>,
    through: Vec<ThroughRow<'a>>,
    unknown: Vec<UnknownRow<'a>>,
    not_running: Vec<EntryRow<'a>>,
    not_reached: usize,
}

pub(super) fn reach<'a>(estate: &'a Estate<'_>, reach: &'a Reach) -> ReachAnswer<'a> {
    let public = reach.entries.iter().map(|entry| EntryRow {
        asset: estate.named(entry.at),
        ports: &entry.ports,
    });
    let idle = reach.idle.iter().map(|entry| EntryRow {
        asset: estate.named(entry.at),
        ports: &entry.ports,
    });
    let through = reach.through.iter().map(|one| ThroughRow {
        asset: estate.named(one.at),
        from: estate.id(one.from),
        relation: one.kind.as_str(),
        entry: estate.id(one.entry),
        depth: one.depth,
    });
    let unknown = reach.unknown.iter().map(|one| UnknownRow {
        asset: estate.named(one.at),
        why: &one.why,
        from: one.from.map(|from| estate.id(from)),
    });
    ReachAnswer {
        complete: estate.complete(),
        public: public.collect(),
        through: through.collect(),
        unknown: unknown.collect(),
        not_running: idle.collect(),
        not_reached: reach.unreached,
    }
}

#[derive(Serialize)]
struct AffectedRow<'a> {
    #[serde(flatten)]
    asset: Named<'a>,
    through: &'a AssetId,
    relation: &'static str,
    depth: u32,
}

#[derive(Serialize)]
pub(super) struct BlastAnswer<'a> {
    complete: bool,
    asset: Named<'a>,
    affected: Vec<AffectedRow<'a>>,
}

pub(super) fn blast<'a>(
    estate: &'a Estate<'_>,
    at: u32,
    affected: &[inventory::Affected],
) -> BlastAnswer<'a> {
    let affected = affected.iter().map(|one| AffectedRow {
        asset: estate.named(one.at),
        through: estate.id(one.through),
        relation: one.kind.as_str(),
        depth: one.depth,
    });
    BlastAnswer {
        complete: estate.complete(),
        asset: estate.named(at),
        affected: affected.collect(),
    }
}

#[derive(Serialize)]
struct User<'a> {
    environment: Option<&'static str>,
    system: &'a AssetId,
}

#[derive(Serialize)]
struct SharedRow<'a> {
    #[serde(flatten)]
    asset: Named<'a>,
    users: Vec<User<'a>>,
}

#[derive(Serialize)]
pub(super) struct SharedAnswer<'a> {
    complete: bool,
    shared: Vec<SharedRow<'a>>,
    unknown: Vec<SharedRow<'a>>,
    production: usize,
    untagged: usize,
}

pub(super) fn shared<'a>(estate: &'a Estate<'_>, sharing: &Sharing) -> SharedAnswer<'a> {
    let rows = |list: &[inventory::Shared]| {
        let row = |one: &inventory::Shared| SharedRow {
            asset: estate.named(one.at),
            users: one
                .users
                .iter()
                .map(|(environment, user)| User {
                    environment: *environment,
                    system: estate.id(*user),
                })
                .collect(),
        };
        list.iter().map(row).collect()
    };
    SharedAnswer {
        complete: estate.complete(),
        shared: rows(&sharing.shared),
        unknown: rows(&sharing.unknown),
        production: sharing.production,
        untagged: sharing.untagged,
    }
}

#[derive(Serialize)]
struct OrphanRow<'a> {
    #[serde(flatten)]
    asset: Named<'a>,
    why: &'static str,
    certain: bool,
}

#[derive(Serialize)]
pub(super) struct OrphansAnswer<'a> {
    complete: bool,
    orphans: Vec<OrphanRow<'a>>,
}

pub(super) fn orphans<'a>(
    estate: &'a Estate<'_>,
    orphans: &[inventory::Orphan],
) -> OrphansAnswer<'a> {
    let row = |one: &inventory::Orphan| OrphanRow {
        asset: estate.named(one.at),
        why: one.why,
        certain: one.certain,
    };
    OrphansAnswer {
        complete: estate.complete(),
        orphans: orphans.iter().map(row).collect(),
    }
}
