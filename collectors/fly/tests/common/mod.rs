//! A small estate on a fake Fly, and what an engine would make of two harvests of it.

#![allow(
    dead_code,
    clippy::unwrap_used,
    reason = "each test uses a part of it, and a panic is the message"
)]

use std::collections::BTreeMap;

use plimsoll_fly::REGISTRATION;
use plimsoll_fly::testkit::FakeFly;
use plimsoll_kit::Harvest;
use plimsoll_kit::testkit::{build, context, harvest, run};
use plimsoll_model::{Action, Claim};
use serde_json::json;

/// Two apps with two groups, a volume, a certificate, a secret and a public address each.
pub(crate) fn estate() -> FakeFly {
    let fake = FakeFly::new("acme");
    fake.with(|fly| {
        let services = json!([{"protocol": "tcp", "internal_port": 8080, "ports": [
            {"port": 80, "handlers": ["http"], "force_https": true}, {"port": 443, "handlers": ["tls", "http"]}]}]);
        for (number, app) in ["blog", "shop"].into_iter().enumerate() {
            fly.launch(app);
            fly.scale(app, "web", 3, services.clone());
            fly.scale(app, "worker", 1, json!([]));
            fly.mount(app, 3, true);
            fly.address(app, &format!("2001:db8::{number}"), false);
            fly.address(app, "66.241.124.1", true);
            fly.certificate(app, &format!("{app}.example.com"));
            fly.set_secret(app, "DATABASE_URL", "d1", "ben@example.com");
            fly.deploy(app, "one", "anna@example.com");
        }
    });
    fake
}

pub(crate) fn read(fake: &FakeFly) -> Harvest {
    read_with(fake, "")
}

pub(crate) fn read_with(fake: &FakeFly, more: &str) -> Harvest {
    let folder = tempfile::tempdir().unwrap();
    let settings = format!("{}{more}", fake.settings(folder.path()));
    let collector = build(&REGISTRATION, &settings).unwrap();
    run(harvest(&*collector, &context("fly")))
}

pub(crate) fn complete(harvest: &Harvest, scope: &str) -> bool {
    let found = harvest.scopes.iter().find(|one| one.scope == scope);
    found.unwrap_or_else(|| panic!("no scope {scope}")).complete
}

pub(crate) fn troubles(harvest: &Harvest) -> String {
    let troubles = harvest.scopes.iter().flat_map(|scope| &scope.troubles);
    let texts = troubles.map(|trouble| trouble.what.as_str());
    texts.collect::<Vec<_>>().join("\n")
}

/// What an engine would call a change: facts of an asset that are known before and after and differ, assets and relations that came,
/// and where the scope is complete those that went. Of a partly read asset nothing went.
pub(crate) fn changes(before: &Harvest, after: &Harvest) -> Vec<String> {
    let mut changes = Vec::new();
    let whole = complete(after, "organisation/77");
    let old: BTreeMap<_, _> = before
        .assets
        .iter()
        .map(|asset| (&asset.id, asset))
        .collect();
    let new: BTreeMap<_, _> = after
        .assets
        .iter()
        .map(|asset| (&asset.id, asset))
        .collect();
    for (id, asset) in &new {
        let Some(was) = old.get(id) else {
            changes.push(format!("+ {id}"));
            continue;
        };
        let names = was.facts.names().chain(asset.facts.names());
        let names: std::collections::BTreeSet<&str> = names.collect();
        for name in names {
            let (from, to) = (was.facts.get(name), asset.facts.get(name));
            let dark = to.map_or(asset.partial.is_some(), |to| to.value().is_none());
            if from.and_then(Claim::value) != to.and_then(Claim::value) && !dark {
                changes.push(format!("~ {id} {name}"));
            }
        }
    }
    if whole {
        changes.extend(
            old.keys()
                .filter(|id| !new.contains_key(*id))
                .map(|id| format!("- {id}")),
        );
    }
    for relation in &after.relations {
        if !before.relations.contains(relation) {
            changes.push(format!(
                "+ {} {} {}",
                relation.from, relation.kind, relation.to
            ));
        }
    }
    for relation in before.relations.iter().filter(|_| whole) {
        if !after.relations.contains(relation) {
            changes.push(format!(
                "- {} {} {}",
                relation.from, relation.kind, relation.to
            ));
        }
    }
    changes
}

/// The actions that came, each with who did it.
pub(crate) fn came(before: &Harvest, after: &Harvest) -> Vec<String> {
    let known = |action: &&Action| !before.actions.iter().any(|have| have.id == action.id);
    let tell = |action: &Action| {
        let actor = action
            .actor
            .as_ref()
            .map_or("nobody", |actor| actor.account.as_str());
        format!("{} {} by {actor}", action.what, action.asset)
    };
    after.actions.iter().filter(known).map(tell).collect()
}
