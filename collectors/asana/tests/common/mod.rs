//! What the tests share: one read of a fake, with or without a read before it.

#![allow(
    dead_code,
    clippy::unwrap_used,
    reason = "each test uses a part of it, and a panic is the message"
)]

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use plimsoll_asana::REGISTRATION;
use plimsoll_asana::testkit::{FakeAsana, PROJECT};
use plimsoll_kit::testkit::{build, context, harvest, run};
use plimsoll_kit::{Cursors, Harvest};
use plimsoll_model::ChangeRequest;

pub(crate) fn read(fake: &FakeAsana) -> Harvest {
    read_with(fake, "", None)
}

/// Reads, with more settings, as if its project had been read completely at a time.
pub(crate) fn read_with(fake: &FakeAsana, more: &str, before: Option<&str>) -> Harvest {
    let folder = tempfile::tempdir().unwrap();
    let settings = format!("{}{more}", fake.settings(folder.path()));
    let collector = build(&REGISTRATION, &settings).unwrap();
    let mut context = context("asana");
    if let Some(before) = before {
        context.cursors = Arc::new(Cursors {
            keep_from: Timestamp::UNIX_EPOCH,
            read_before: BTreeMap::from([(PROJECT.into(), before.parse().unwrap())]),
        });
    }
    run(harvest(&*collector, &context))
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

pub(crate) fn titles(harvest: &Harvest) -> Vec<&str> {
    let requests = harvest.requests.iter();
    requests.map(|one| one.title.as_str()).collect()
}

pub(crate) fn request<'h>(harvest: &'h Harvest, title: &str) -> &'h ChangeRequest {
    let found = harvest.requests.iter().find(|one| one.title == title);
    found.unwrap_or_else(|| panic!("no request {title}: {}", troubles(harvest)))
}

/// Each approval as `kim 2026-01-02T08:00:00Z`, with what became of it.
pub(crate) fn approvals(request: &ChangeRequest) -> Vec<String> {
    let time = |at: Option<Timestamp>| at.map_or("no time".to_owned(), |at| at.to_string());
    let tell = |approval: &plimsoll_model::Approval| {
        let withdrawn = approval.withdrawn.as_ref();
        let withdrawn = withdrawn.map(|one| format!(" until {}", time(one.at)));
        let kind = match approval.kind.as_str() {
            "" => String::new(),
            kind => format!(" {kind}"),
        };
        let name = approval.by.name.as_deref().unwrap_or(&approval.by.account);
        format!(
            "{name}{kind} {}{}",
            time(approval.at),
            withdrawn.unwrap_or_default()
        )
    };
    request.approvals.iter().map(tell).collect()
}
