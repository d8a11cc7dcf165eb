//! What the tests of this crate share.

#![allow(
    dead_code,
    clippy::unwrap_used,
    reason = "each test file uses a part, and a panic is how a test fails"
)]

use std::collections::BTreeMap;
use std::sync::Arc;

use plimsoll_jira::REGISTRATION;
use plimsoll_jira::testkit::FakeJira;
use plimsoll_kit::model::{Approval, ChangeRequest};
use plimsoll_kit::testkit::{build, context, harvest, run};
use plimsoll_kit::{Access, Cursors, Harvest};

/// Reads all there is.
pub(crate) fn read(fake: &FakeJira, more: &str) -> Harvest {
    read_since(fake, more, None)
}

/// Reads what was altered since the last whole read of the project OPS.
pub(crate) fn read_since(fake: &FakeJira, more: &str, last: Option<&str>) -> Harvest {
    let folder = tempfile::tempdir().unwrap();
    let settings = format!("{}{more}", fake.settings(folder.path()));
    let collector = build(&REGISTRATION, &settings).unwrap();
    let mut context = context("jira");
    if let Some(last) = last {
        context.cursors = Arc::new(Cursors {
            read_before: BTreeMap::from([("OPS".into(), last.parse().unwrap())]),
            ..Cursors::default()
        });
    }
    run(harvest(&*collector, &context))
}

/// Asks what can be read.
pub(crate) fn check(fake: &FakeJira, more: &str) -> Vec<Access> {
    let folder = tempfile::tempdir().unwrap();
    let settings = format!("{}{more}", fake.settings(folder.path()));
    let collector = build(&REGISTRATION, &settings).unwrap();
    run(collector.check(&context("jira")))
}

/// A request that must be there.
pub(crate) fn request<'h>(harvest: &'h Harvest, id: &str) -> &'h ChangeRequest {
    let found = harvest.requests.iter().find(|request| request.id == id);
    found.unwrap_or_else(|| panic!("there is no {id}; troubles: {:?}", troubles(harvest)))
}

/// Every trouble and remark.
pub(crate) fn troubles(harvest: &Harvest) -> Vec<String> {
    let all = harvest.scopes.iter().flat_map(|scope| &scope.troubles);
    all.map(|trouble| trouble.what.to_string()).collect()
}

/// Whether all was read.
pub(crate) fn complete(harvest: &Harvest) -> bool {
    !harvest.scopes.is_empty() && harvest.scopes.iter().all(|scope| scope.complete)
}

/// `kim at 2026-…`, with what kind and how it was taken back.
pub(crate) fn approvals(request: &ChangeRequest) -> Vec<String> {
    request.approvals.iter().map(approval).collect()
}

fn approval(approval: &Approval) -> String {
    let mut text = approval.by.account.to_string();
    if approval.by.bot {
        text.push_str(" (bot)");
    }
    match approval.at {
        Some(at) => text.push_str(&format!(" at {at}")),
        None => text.push_str(" at no known time"),
    }
    if !approval.kind.is_empty() {
        text.push_str(&format!(" as {}", approval.kind));
    }
    if let Some(back) = &approval.withdrawn {
        let by = back.by.as_ref().map_or("nobody", |by| &by.account);
        text.push_str(&format!(", taken back by {by}"));
    }
    text
}

/// The states that it went through.
pub(crate) fn states(request: &ChangeRequest) -> Vec<&str> {
    request
        .transitions
        .iter()
        .map(|step| step.to.as_str())
        .collect()
}

/// What was edited, in order.
pub(crate) fn edits(request: &ChangeRequest) -> Vec<&str> {
    request
        .edits
        .iter()
        .map(|edit| edit.field.as_str())
        .collect()
}
