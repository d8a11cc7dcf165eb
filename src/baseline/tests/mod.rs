//! Judging as a whole: loading, choosing, every type of expectation, ignores.

mod attesting;
mod branches;
mod causes;
mod choosing;
mod corpora;
mod half_seen;
mod loading;
mod mirrors;
mod own_rules;
mod platforms;
mod protection;
mod references;
mod security_facts;
mod shapes;
mod shared;
mod spread;
mod types;

use std::sync::{Arc, LazyLock};

use jiff::Timestamp;
use plimsoll_model::{Asset, AssetId, Claim, RelationKind, Table, Text, Value};
use plimsoll_settings::Document;

use super::*;
use crate::inventory::{Edge, Node, Snapshot};

static SHIPPED: LazyLock<Baselines> =
    LazyLock::new(|| Baselines::load(&Baselines::shipped()).unwrap());

/// The shipped ones of a house that wants front ends and back ends on servers of their own.
static ON_HOSTS: LazyLock<Baselines> = LazyLock::new(|| {
    let own =
        "extends = 'base'\n[[expect]]\ncontrol = 'frontend-backend-separated'\nboundary = 'host'\n";
    let mut documents = Baselines::shipped();
    documents.push(Document::new("base.toml", own));
    Baselines::load(&documents).unwrap()
});

pub(super) fn now() -> Timestamp {
    "2026-06-01T00:00:00Z".parse().unwrap()
}

/// An asset with claims written as a JSON object: each is a reported value, a measured one under a name with `!`, a
/// reading under one with `~`, and unknown where the text starts with `?`.
pub(super) fn asset(id: &str, labels: &[(&str, &str)], facts: &str) -> Asset {
    let (kind, name) = id.split_once(':').unwrap();
    let mut asset = Asset::new(AssetId::new(id).unwrap(), kind, name);
    for (name, value) in labels {
        asset.labels.insert(*name, (*value).into());
    }
    let facts = if facts.is_empty() { "{}" } else { facts };
    for (name, value) in serde_json::from_str::<Table>(facts).unwrap() {
        let claim = match value {
            Value::Text(text) if text.starts_with('?') => Claim::unknown(&text[1..]),
            value if name.starts_with('!') => Claim::measured(value),
            value => Claim::reported(value),
        };
        match name.strip_prefix('~') {
            Some(name) => asset.reading(name, claim),
            None => asset.claim(name.trim_start_matches('!'), claim),
        };
    }
    asset
}

/// A snapshot of assets with relations by their ids.
pub(super) fn snapshot(assets: Vec<Asset>, relations: &[(&str, RelationKind, &str)]) -> Snapshot {
    let sources: Arc<[Text]> = vec!["test".into()].into();
    let node = |asset| Node {
        asset,
        sources: Arc::clone(&sources),
    };
    let mut nodes: Vec<Node> = assets.into_iter().map(node).collect();
    nodes.sort_by(|a, b| a.asset.id.cmp(&b.asset.id));
    let bare = Snapshot::new(nodes.clone(), Vec::new(), Vec::new());
    let edges = relations.iter().map(|(from, kind, to)| Edge {
        from: bare.find(from).unwrap(),
        kind: *kind,
        to: bare.find(to).unwrap(),
    });
    Snapshot::new(nodes, edges.collect(), Vec::new())
}

/// The shipped controls and base with one baseline, `own.toml`.
fn load(own: &str) -> Result<Baselines, String> {
    let mut documents = Baselines::shipped();
    documents.truncate(2);
    documents.push(Document::new("own.toml", own));
    Baselines::load(&documents).map_err(|mistakes| mistakes.to_string())
}

/// How one expectation comes out for one asset: `pass (measured)`, `fail: what`, `unknown: why`, `n/a`.
fn outcome(baselines: &Baselines, snapshot: &Snapshot, id: &str, expectation: &str) -> String {
    let at = snapshot.find(id).unwrap();
    let (_, explained) = baselines.explain(snapshot, at, &[], now()).unwrap();
    let mut found = explained
        .iter()
        .filter(|one| one.expectation == expectation);
    match &found.next().unwrap().result {
        Explanation::Pass { how, .. } => format!("pass ({how})"),
        Explanation::Fail { actual, .. } => format!("fail: {actual}"),
        Explanation::Unknown(reason) => format!("unknown: {reason}"),
        Explanation::NotApplicable(_) => "n/a".to_owned(),
        Explanation::Off(reason) => format!("off: {reason}"),
    }
}

/// Checks rows of facts and outcome for one expectation of an asset on its own.
fn table(expectation: &str, id: &str, rows: &[(&str, &str)]) {
    for (facts, want) in rows {
        let one = snapshot(vec![asset(id, &[], facts)], &[]);
        let have = outcome(&SHIPPED, &one, id, expectation);
        assert_eq!(have, *want, "{expectation} of {id} with {facts}");
    }
}
