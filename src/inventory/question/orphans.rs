//! What nobody uses.

use plimsoll_model::{RelationKind, kind};

use crate::inventory::Snapshot;

/// An asset that nobody uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Orphan {
    /// Its place.
    pub at: u32,
    /// Why it is one.
    pub why: &'static str,
    /// Whether that is certain: every scope of the sources that see it was read completely, and it was seen itself.
    pub certain: bool,
}

/// Kinds that are there for others to use.
const SERVING: &[&str] = &[
    kind::IMAGE,
    kind::NETWORK,
    kind::VOLUME,
    kind::VOLUME_CLAIM,
    kind::SECRET,
    kind::CONFIGURATION,
    kind::SERVICE_ACCOUNT,
    kind::NETWORK_SERVICE,
    kind::ENDPOINT,
    kind::ADDRESS,
    kind::CERTIFICATE,
    kind::DNS_NAME,
    kind::LOG_DRAIN,
    kind::STORAGE_CLASS,
];

/// Kinds that are of use by leading somewhere, not by being led to.
const LEADING: &[&str] = &[kind::NETWORK_SERVICE, kind::ENDPOINT];

/// What nobody uses, in order of ids: things that are there for others to use and that no relation but their place
/// leads to, ways in that lead nowhere, and things without any relation. `is_system` says of a place whether it has a
/// role.
pub fn orphans(snapshot: &Snapshot, is_system: impl Fn(u32) -> bool) -> Vec<Orphan> {
    let placing = |kind| matches!(kind, RelationKind::Contains);
    let mut found = Vec::new();
    for (at, node) in (0u32..).zip(snapshot.nodes()) {
        let kind = node.asset.kind.as_str();
        let (leads, led) = (snapshot.outgoing(at), snapshot.incoming(at));
        let why = if LEADING.contains(&kind) {
            let leads = leads.iter().any(|edge| edge.kind == RelationKind::RoutesTo);
            let offered = led.iter().any(|edge| edge.kind == RelationKind::Exposes);
            (!leads && !offered).then_some("it leads nowhere")
        } else if SERVING.contains(&kind) {
            let used = led.iter().any(|edge| !placing(edge.kind));
            (!used).then_some("nothing uses it")
        } else if leads.is_empty() && led.is_empty() && !is_system(at) {
            Some("it has no role and no relation to anything")
        } else {
            None
        };
        if let Some(why) = why {
            let half_read = |source: &plimsoll_model::Text| {
                snapshot
                    .coverage()
                    .iter()
                    .any(|row| !row.complete && row.source == *source)
            };
            let certain = node.asset.partial.is_none() && !node.sources.iter().any(half_read);
            found.push(Orphan { at, why, certain });
        }
    }
    found
}
