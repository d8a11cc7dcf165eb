//! A small house on a fake GitHub, read as an engine reads it: with the cursor of the read before.

#![allow(
    dead_code,
    clippy::unwrap_used,
    reason = "each test uses a part of it, and a panic is the message"
)]

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use plimsoll_github::REGISTRATION;
use plimsoll_github::testkit::FakeGithub;
use plimsoll_kit::testkit::{build, context, harvest, run};
use plimsoll_kit::{Context, Cursors, Harvest};
use plimsoll_model::{Asset, ChangeRequest};

pub(crate) const NAME: &str = "acme/infra";

pub(crate) fn fake() -> FakeGithub {
    FakeGithub::new(NAME)
}

/// Everything, as at the first time.
pub(crate) fn read(fake: &FakeGithub) -> Harvest {
    read_with(fake, "")
}

pub(crate) fn read_with(fake: &FakeGithub, more: &str) -> Harvest {
    read_in(fake, more, &context("github"))
}

/// What was altered since a complete read began.
pub(crate) fn read_since(fake: &FakeGithub, more: &str, since: i64) -> Harvest {
    let mut context = context("github");
    let since = Timestamp::from_second(since).unwrap();
    context.cursors = Arc::new(Cursors {
        keep_from: Timestamp::UNIX_EPOCH,
        read_before: BTreeMap::from([(NAME.into(), since)]),
    });
    read_in(fake, more, &context)
}

pub(crate) fn read_in(fake: &FakeGithub, more: &str, context: &Context) -> Harvest {
    let folder = tempfile::tempdir().unwrap();
    let settings = format!("{}{more}", fake.settings(folder.path()));
    let collector = build(&REGISTRATION, &settings).unwrap();
    run(harvest(&*collector, context))
}

pub(crate) fn request(harvest: &Harvest, number: u64) -> &ChangeRequest {
    let id = format!("{NAME}#{number}");
    let found = harvest.requests.iter().find(|one| one.id == id);
    found.unwrap_or_else(|| panic!("no {id} in {:?}", harvest.scopes))
}

pub(crate) fn asset<'h>(harvest: &'h Harvest, id: &str) -> &'h Asset {
    let found = harvest.assets.iter().find(|one| one.id.as_str() == id);
    found.unwrap_or_else(|| panic!("no {id}"))
}

/// A fact as text: its value, or that it is unknown.
pub(crate) fn fact(asset: &Asset, name: &str) -> String {
    let claim = asset.facts.get(name).unwrap_or_else(|| panic!("no {name}"));
    let value = claim
        .value()
        .map(|value| serde_json::to_string(value).unwrap());
    value.unwrap_or_else(|| "unknown".to_owned())
}

pub(crate) fn whole(harvest: &Harvest) -> bool {
    harvest.scopes.iter().all(|scope| scope.complete)
}

pub(crate) fn said(harvest: &Harvest) -> String {
    let all = harvest.scopes.iter().flat_map(|scope| &scope.troubles);
    let all: Vec<&str> = all.map(|trouble| trouble.what.as_str()).collect();
    all.join("\n")
}

/// The edits of a field, each with its time in seconds.
pub(crate) fn edits(request: &ChangeRequest, field: &str) -> Vec<Option<i64>> {
    let own = request.edits.iter().filter(|edit| edit.field == field);
    own.map(|edit| edit.at.map(Timestamp::as_second)).collect()
}
