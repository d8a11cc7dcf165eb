//! Whatever part of an answer is missing, comes twice or in another order: nothing is approved by it.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod common;

use common::{read, request};
use plimsoll_asana::testkit::{FakeAsana, Fault, PROJECT, State};
use plimsoll_kit::testkit::distort::{assert_nothing_approved, proves};

fn task(act: fn(&mut State, usize, usize)) -> FakeAsana {
    let fake = FakeAsana::new();
    fake.with(|tracker| {
        let task = tracker
            .at("2026-01-01T08:00:00Z", "sam")
            .open(PROJECT, "Open a port");
        let ask = tracker.ask(task, "Please approve");
        act(tracker, task, ask);
    });
    fake
}

#[test]
fn no_distortion_of_an_answer_approves() {
    let cases: [fn(&mut State, usize, usize); 2] = [
        |tracker, _, ask| {
            tracker
                .at("2026-01-01T09:00:00Z", "kim")
                .answer(ask, "approved");
            tracker
                .at("2026-01-01T10:00:00Z", "kim")
                .answer(ask, "pending");
        },
        |tracker, _, ask| {
            tracker
                .at("2026-01-01T09:00:00Z", "kim")
                .answer(ask, "approved");
            tracker
                .at("2026-01-01T10:00:00Z", "kim")
                .answer(ask, "rejected");
        },
    ];
    for act in cases {
        let fake = task(act);
        let fail = |part: &str, number| fake.fail(part, Fault::Distorted(number), 1);
        let reads = assert_nothing_approved(fake.server(), &[""], || read(&fake), fail);
        assert!(reads > 50, "{reads}");
    }
    let fake = task(|tracker, _, ask| {
        tracker
            .at("2026-01-01T09:00:00Z", "kim")
            .answer(ask, "approved");
    });
    assert!(proves(request(&read(&fake), "Open a port")));
}
