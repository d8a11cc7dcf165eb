//! Whatever is dropped, repeated, put in another order or cut in whatever answer: nothing gets better by it, and no doubt is gone.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod common;

use common::{read, request};
use plimsoll_kit::testkit::distort::{assert_never_better, is_approved};
use plimsoll_youtrack::testkit::{FakeYouTrack, State};

fn issue(act: fn(&mut State, usize)) -> FakeYouTrack {
    let fake = FakeYouTrack::new("CHG");
    fake.with(|tracker| {
        let issue = tracker.at("2026-01-01T08:00:00Z", "sam").open("CHG", "x");
        tracker.describe(issue, "System: api");
        act(tracker, issue);
    });
    fake
}

fn assert_held(fake: &FakeYouTrack) -> usize {
    assert_never_better(fake.server(), |_| true, |_, _| true, || read(fake))
}

#[test]
fn no_distortion_of_an_answer_makes_a_verdict_better() {
    let cases: [fn(&mut State, usize); 3] = [
        |tracker, issue| {
            tracker
                .at("2026-01-01T09:00:00Z", "kim")
                .state(issue, "Approved");
            tracker
                .at("2026-01-01T10:00:00Z", "sam")
                .state(issue, "Waiting");
        },
        |tracker, issue| {
            tracker
                .at("2026-01-01T09:00:00Z", "kim")
                .state(issue, "Approved");
            tracker
                .at("2026-01-01T10:00:00Z", "sam")
                .state(issue, "Rejected");
        },
        |tracker, issue| {
            tracker
                .at("2026-01-01T09:00:00Z", "kim")
                .person(issue, "Approved by", "kim");
            tracker
                .at("2026-01-01T10:00:00Z", "kim")
                .person(issue, "Approved by", "");
        },
    ];
    for act in cases {
        let fake = issue(act);
        let reads = assert_held(&fake);
        assert!(reads > 100, "{reads}");
    }
    let fake = issue(|tracker, issue| {
        tracker
            .at("2026-01-01T09:00:00Z", "kim")
            .state(issue, "Approved");
    });
    assert!(is_approved(request(&read(&fake), "CHG-1")));
    assert_held(&fake);
}
