//! Whatever is dropped, repeated, put in another order or cut in whatever answer: nothing gets better by it, and no doubt is gone.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod common;

use common::{read, request};
use plimsoll_asana::testkit::{FakeAsana, PROJECT, State};
use plimsoll_kit::testkit::distort::{assert_never_better, is_approved};

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

fn assert_held(fake: &FakeAsana) -> usize {
    assert_never_better(fake.server(), |_| true, |_, _| true, || read(fake))
}

#[test]
fn no_distortion_of_an_answer_makes_a_verdict_better() {
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
        let reads = assert_held(&fake);
        assert!(reads > 50, "{reads}");
    }
    let fake = task(|tracker, _, ask| {
        tracker
            .at("2026-01-01T09:00:00Z", "kim")
            .answer(ask, "approved");
    });
    assert!(is_approved(request(&read(&fake), "Open a port")));
    assert_held(&fake);
}
