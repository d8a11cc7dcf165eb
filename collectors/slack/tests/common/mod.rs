//! A channel on a fake Slack, and reading it.

#![allow(
    dead_code,
    clippy::unwrap_used,
    reason = "each test uses a part of it, and a panic is the message"
)]

use std::sync::Arc;

use jiff::Timestamp;
use plimsoll_kit::testkit::{build, context, harvest, run};
use plimsoll_kit::{Context, Cursors, Harvest};
use plimsoll_model::{ChangeRequest, Text};
use plimsoll_slack::REGISTRATION;
use plimsoll_slack::testkit::FakeSlack;

pub(crate) const CHANNEL: &str = "C0CHG";

/// A workspace of four people and a program, which is in one channel.
pub(crate) fn workspace() -> FakeSlack {
    let fake = FakeSlack::new();
    fake.with(|slack| {
        for (id, name) in [
            ("U0IDA", "Ida"),
            ("U0NORA", "Nora"),
            ("U0RAJ", "Raj"),
            ("U0SAM", "Sam"),
        ] {
            slack.hire(id, name);
        }
        slack.install("U0BOT", "Gatekeeper");
        slack.join(CHANNEL);
    });
    fake
}

pub(crate) fn time(seconds: i64) -> Timestamp {
    Timestamp::from_second(seconds).unwrap()
}

/// Now, by the workspace's own clock, with nothing read before.
pub(crate) fn now(fake: &FakeSlack) -> Context {
    let now = time(fake.with(|slack| slack.now));
    Context {
        clock: Arc::new(move || now),
        ..context("slack")
    }
}

/// The same, with the channel read completely at a time.
pub(crate) fn after(fake: &FakeSlack, read: i64) -> Context {
    let cursors = Cursors {
        keep_from: Timestamp::UNIX_EPOCH,
        read_before: [(Text::from(CHANNEL), time(read))].into(),
    };
    Context {
        cursors: Arc::new(cursors),
        ..now(fake)
    }
}

pub(crate) fn read(fake: &FakeSlack) -> Harvest {
    read_with(fake, "replies_stay = true\n", &now(fake))
}

pub(crate) fn read_with(fake: &FakeSlack, more: &str, context: &Context) -> Harvest {
    let folder = tempfile::tempdir().unwrap();
    let settings = format!(
        "channels = [\"{CHANNEL}\"]\n{}{more}",
        fake.settings(folder.path())
    );
    let collector = build(&REGISTRATION, &settings).unwrap();
    run(harvest(&*collector, context))
}

pub(crate) fn complete(harvest: &Harvest) -> bool {
    harvest.scopes.iter().all(|scope| scope.complete)
}

pub(crate) fn troubles(harvest: &Harvest) -> String {
    let troubles = harvest.scopes.iter().flat_map(|scope| &scope.troubles);
    let texts = troubles.map(|trouble| trouble.what.as_str());
    texts.collect::<Vec<_>>().join("\n")
}

pub(crate) fn request<'h>(harvest: &'h Harvest, ts: &str) -> &'h ChangeRequest {
    let id = format!("{CHANNEL}-{ts}");
    let mut requests = harvest.requests.iter();
    requests
        .find(|request| request.id == id)
        .unwrap_or_else(|| panic!("no {id}: {}", troubles(harvest)))
}

/// Who approved when, in seconds, and whether it was withdrawn and when.
pub(crate) fn approvals(request: &ChangeRequest) -> Vec<String> {
    let at = |at: Option<Timestamp>| at.map_or("?".to_owned(), |at| at.as_second().to_string());
    let approval = |yes: &plimsoll_model::Approval| {
        let bot = if yes.by.bot { " (bot)" } else { "" };
        let kind = match yes.kind.is_empty() {
            true => String::new(),
            false => format!(" {}", yes.kind),
        };
        let withdrawn = yes.withdrawn.as_ref();
        let withdrawn = withdrawn
            .map(|it| format!(" withdrawn {}", at(it.at)))
            .unwrap_or_default();
        format!("{}{bot} {}{kind}{withdrawn}", yes.by.account, at(yes.at))
    };
    request.approvals.iter().map(approval).collect()
}

/// Which states it went to, and when.
pub(crate) fn states(request: &ChangeRequest) -> Vec<String> {
    let at = |at: Option<Timestamp>| at.map_or("?".to_owned(), |at| at.as_second().to_string());
    let step = |step: &plimsoll_model::Transition| format!("{} {}", step.to, at(step.at));
    request.transitions.iter().map(step).collect()
}
