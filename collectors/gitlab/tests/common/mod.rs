//! A small house on a fake GitLab.

#![allow(
    dead_code,
    clippy::unwrap_used,
    reason = "each test uses a part of it, and a panic is the message"
)]

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use plimsoll_gitlab::REGISTRATION;
use plimsoll_gitlab::testkit::FakeGitlab;
use plimsoll_kit::testkit::{build, context, harvest, run};
use plimsoll_kit::{Cursors, Harvest};
use plimsoll_model::ChangeRequest;

pub(crate) const IDA: i64 = 11;
pub(crate) const NORA: i64 = 12;
pub(crate) const BO: i64 = 13;
pub(crate) const KIM: i64 = 14;

/// Two merge requests, one of them merged, and an issue.
pub(crate) fn estate() -> FakeGitlab {
    let fake = FakeGitlab::new("acme/infra");
    fake.with(|gitlab| {
        let ticket = gitlab.issue(IDA, "Open a port", "System: api");
        gitlab.label_issue(ticket, NORA, "approved", true);
        let one = gitlab.open(IDA, "OPS-17 open port 8443", "System: api");
        gitlab.closes(one, ticket);
        gitlab.comment(one, BO, "PLIMSOLL-MARKER-comment: looks good");
        gitlab.approve(one, NORA);
        gitlab.label(one, IDA, "network", true);
        let head = gitlab.head(one);
        gitlab.pipeline(&head, "success");
        let merged = gitlab.merge(one, BO);
        gitlab.pipeline(&merged, "success");
        let other = gitlab.open(BO, "Raise the limit", "");
        gitlab.approve(other, KIM);
        gitlab.rules.push(serde_json::json!({"id": 1, "name": "Security team", "approvals_required": 1, "protected_branches": []}));
    });
    fake
}

pub(crate) fn read(fake: &FakeGitlab) -> Harvest {
    read_with(fake, "")
}

pub(crate) fn read_with(fake: &FakeGitlab, more: &str) -> Harvest {
    read_since(fake, more, None)
}

/// Reads with the last whole read having begun at a time.
pub(crate) fn read_since(fake: &FakeGitlab, more: &str, before: Option<i64>) -> Harvest {
    let folder = tempfile::tempdir().unwrap();
    let settings = format!("{}{more}", fake.settings(folder.path()));
    let collector = build(&REGISTRATION, &settings).unwrap();
    let mut context = context("gitlab");
    let before = before.map(|second| Timestamp::from_second(second).unwrap());
    context.cursors = Arc::new(Cursors {
        keep_from: Timestamp::UNIX_EPOCH,
        read_before: before
            .map(|at| ("acme/infra".into(), at))
            .into_iter()
            .collect::<BTreeMap<_, _>>(),
    });
    run(harvest(&*collector, &context))
}

pub(crate) fn complete(harvest: &Harvest) -> bool {
    harvest.scopes.iter().all(|scope| scope.complete)
}

pub(crate) fn troubles(harvest: &Harvest) -> String {
    let troubles = harvest.scopes.iter().flat_map(|scope| &scope.troubles);
    let texts = troubles.map(|trouble| trouble.what.as_str());
    texts.collect::<Vec<_>>().join("\n")
}

pub(crate) fn request<'h>(harvest: &'h Harvest, id: &str) -> &'h ChangeRequest {
    let found = harvest.requests.iter().find(|one| one.id == id);
    found.unwrap_or_else(|| panic!("no {id}: {}", troubles(harvest)))
}
