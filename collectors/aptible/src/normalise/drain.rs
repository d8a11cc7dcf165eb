//! Log drains, and what they take.

use plimsoll_kit::model::{AssetId, Claim, RelationKind, Text, Value, fact, kind};

use super::environment::Site;
use super::{Piece, id_of, name_of, own, said, say, time, word};
use crate::wire::LogDrain;

const BASIS: &str = "GET /accounts/{id}/log_drains";

/// An environment's drains; none where they could not be read.
pub(crate) struct Drains(pub(crate) Option<Vec<LogDrain>>);

impl Drains {
    /// Where the logs of apps go.
    pub(crate) fn of_apps(&self) -> Claim {
        self.destinations(|drain| drain.drain_apps)
    }

    /// Where the logs of databases go.
    pub(crate) fn of_databases(&self) -> Claim {
        self.destinations(|drain| drain.drain_databases)
    }

    /// Where the logs of endpoints go.
    pub(crate) fn of_proxies(&self) -> Claim {
        self.destinations(|drain| drain.drain_proxies)
    }

    fn destinations(&self, takes: impl Fn(&LogDrain) -> Option<bool>) -> Claim {
        let Some(drains) = &self.0 else {
            return Claim::unknown("the environment's log drains could not be read");
        };
        let taking = drains
            .iter()
            .filter(|drain| ships(drain) && takes(drain) == Some(true));
        let names = taking.map(|drain| format!("{} {}", drain_type(drain), name(drain)));
        Claim::reported(Value::texts(names)).by(BASIS)
    }

    /// Relates something to the drains that take its logs.
    pub(crate) fn relate(&self, piece: &mut Piece, takes: impl Fn(&LogDrain) -> Option<bool>) {
        for drain in self.0.iter().flatten() {
            if ships(drain) && takes(drain) == Some(true) {
                piece.relate(RelationKind::Uses, id(drain));
            }
        }
    }
}

/// Whether a drain sends anything away: it is provisioned, and no mere tail for the command line.
fn ships(drain: &LogDrain) -> bool {
    drain.status.as_deref() == Some("provisioned") && drain.drain_type.as_deref() != Some("tail")
}

fn drain_type(drain: &LogDrain) -> Text {
    drain.drain_type.as_deref().map_or("unknown".into(), word)
}

fn name(drain: &LogDrain) -> Text {
    name_of(
        drain.handle.as_ref(),
        drain.id.as_deref().unwrap_or_default(),
    )
}

/// The id of a drain's asset.
pub(crate) fn id(drain: &LogDrain) -> AssetId {
    id_of(kind::LOG_DRAIN, drain.id.as_deref().unwrap_or_default())
}

/// A drain. Where it sends is not read: its address may hold credentials.
pub(crate) fn drain(site: &Site<'_>, drain: &LogDrain) -> Piece {
    let number = drain.id.as_deref().unwrap_or_default();
    let called = name(drain);
    let mut asset = site.asset(
        id(drain),
        kind::LOG_DRAIN,
        called.clone(),
        &[&called],
        ("log_drains", number),
    );
    asset.claim(fact::PLATFORM_KIND, Claim::reported("log_drain"));
    say(&mut asset, own::STATUS, said(drain.status.as_ref()), BASIS);
    say(
        &mut asset,
        "drain.type",
        said(drain.drain_type.as_ref()),
        BASIS,
    );
    say(&mut asset, "drain.apps", drain.drain_apps, BASIS);
    say(&mut asset, "drain.databases", drain.drain_databases, BASIS);
    say(&mut asset, "drain.proxies", drain.drain_proxies, BASIS);
    say(
        &mut asset,
        "drain.sessions",
        drain.drain_ephemeral_sessions,
        BASIS,
    );
    say(
        &mut asset,
        fact::CREATED,
        time(drain.created_at.as_ref()),
        BASIS,
    );
    let mut piece = Piece::new(asset);
    piece.relate_from(site.id(), RelationKind::Contains);
    piece
}
