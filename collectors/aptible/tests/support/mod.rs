//! What the tests of this crate share.

#![allow(
    dead_code,
    clippy::unwrap_used,
    reason = "each test file uses a part, and a panic is how a test fails"
)]

use std::collections::HashMap;

use plimsoll_aptible::REGISTRATION;
use plimsoll_aptible::testkit::FakeAptible;
use plimsoll_kit::model::{Action, Asset, AssetId, Claim, Text, Value};
use plimsoll_kit::testkit::{build, context, harvest, run};
use plimsoll_kit::{Access, Harvest};

/// Reads a fake organisation.
pub(crate) fn read(fake: &FakeAptible) -> Harvest {
    read_with(fake, "")
}

/// Reads a fake organisation with more settings.
pub(crate) fn read_with(fake: &FakeAptible, more: &str) -> Harvest {
    by_names(read_by_numbers(fake, more))
}

/// Reads a fake organisation, with the ids and scopes that the collector gives.
pub(crate) fn read_by_numbers(fake: &FakeAptible, more: &str) -> Harvest {
    let settings = format!("{}{more}", fake.settings());
    let collector = build(&REGISTRATION, &settings).unwrap();
    run(harvest(&*collector, &context("aptible")))
}

/// The same harvest with what people call things in the place of ids and scopes, so that a test can be read.
fn by_names(mut harvest: Harvest) -> Harvest {
    let mut names: HashMap<AssetId, AssetId> = HashMap::new();
    for asset in &harvest.assets {
        if let Some(called) = asset.ids().nth(1) {
            names.insert(asset.id.clone(), AssetId::new(called).unwrap());
        }
    }
    let name = |id: &mut AssetId| {
        if let Some(called) = names.get(id) {
            id.clone_from(called);
        }
    };
    let mut scopes: HashMap<Text, Text> = HashMap::new();
    for (from, to) in &harvest.former_scopes {
        scopes.insert(to.clone(), from.clone());
    }
    let scope = |text: &mut Text| {
        if let Some(called) = scopes.get(text) {
            text.clone_from(called);
        }
    };
    for asset in &mut harvest.assets {
        name(&mut asset.id);
        scope(&mut asset.scope);
    }
    for relation in &mut harvest.relations {
        name(&mut relation.from);
        name(&mut relation.to);
        scope(&mut relation.scope);
    }
    for action in &mut harvest.actions {
        name(&mut action.asset);
        scope(&mut action.scope);
    }
    for read in &mut harvest.scopes {
        scope(&mut read.scope);
    }
    harvest.assets.sort_by(|a, b| a.id.cmp(&b.id));
    harvest.relations.sort_unstable();
    harvest.scopes.sort_by(|a, b| a.scope.cmp(&b.scope));
    harvest
}

/// Asks what can be read.
pub(crate) fn check(fake: &FakeAptible) -> Vec<Access> {
    let collector = build(&REGISTRATION, &fake.settings()).unwrap();
    run(collector.check(&context("aptible")))
}

/// An asset that must be there.
pub(crate) fn asset<'h>(harvest: &'h Harvest, id: &str) -> &'h Asset {
    let found = harvest.assets.iter().find(|asset| asset.id.as_str() == id);
    found.unwrap_or_else(|| panic!("there is no {id}; troubles: {:?}", troubles(harvest)))
}

/// A claim that must be there.
pub(crate) fn claim<'h>(harvest: &'h Harvest, id: &str, fact: &str) -> &'h Claim {
    let claim = asset(harvest, id).get(fact);
    claim.unwrap_or_else(|| panic!("{id} says nothing of {fact}"))
}

/// What a claim says, as a person reads it; none where it is unknown.
pub(crate) fn value(harvest: &Harvest, id: &str, fact: &str) -> Option<String> {
    claim(harvest, id, fact).value().map(Value::to_string)
}

/// The facts of an asset that differ between two harvests.
pub(crate) fn changed(before: &Harvest, after: &Harvest, id: &str) -> Vec<String> {
    let (before, after) = (asset(before, id), asset(after, id));
    let names = before.facts.names().chain(after.facts.names());
    let mut names: Vec<String> = names
        .filter(|name| before.facts.get(name) != after.facts.get(name))
        .map(str::to_owned)
        .collect();
    names.sort();
    names.dedup();
    names
}

/// The assets of which a fact differs between two harvests, or that came or went.
pub(crate) fn touched(before: &Harvest, after: &Harvest) -> Vec<String> {
    let ids = before.assets.iter().chain(&after.assets);
    let mut ids: Vec<String> = ids.map(|asset| asset.id.to_string()).collect();
    ids.sort();
    ids.dedup();
    let facts = |harvest: &Harvest, id: &str| {
        let found = harvest.assets.iter().find(|asset| asset.id.as_str() == id);
        found.map(|asset| asset.facts.clone())
    };
    ids.retain(|id| facts(before, id) != facts(after, id));
    ids
}

/// The actions that only the later harvest has.
pub(crate) fn new_actions(before: &Harvest, after: &Harvest) -> Vec<Action> {
    let new = after.actions.iter();
    new.filter(|action| !before.actions.contains(action))
        .cloned()
        .collect()
}

/// The only new action.
pub(crate) fn new_action(before: &Harvest, after: &Harvest) -> Action {
    let mut new = new_actions(before, after);
    assert_eq!(new.len(), 1, "{new:?}");
    new.remove(0)
}

/// The scopes that were read completely.
pub(crate) fn complete(harvest: &Harvest) -> Vec<&str> {
    let scopes = harvest.scopes.iter().filter(|scope| scope.complete);
    scopes.map(|scope| scope.scope.as_str()).collect()
}

/// Every trouble and remark, with its scope.
pub(crate) fn troubles(harvest: &Harvest) -> Vec<String> {
    let of = |scope: &plimsoll_kit::model::ScopeRead| {
        let name = scope.scope.clone();
        let texts = scope.troubles.iter();
        texts
            .map(move |trouble| format!("{name}: {}", trouble.what))
            .collect::<Vec<_>>()
    };
    harvest.scopes.iter().flat_map(of).collect()
}

/// All scopes of the small company.
pub(crate) const ALL: [&str; 4] = [
    "environment/acme-dev",
    "environment/acme-prod",
    "environment/acme-staging",
    "organisation",
];
