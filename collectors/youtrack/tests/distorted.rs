//! Whatever part of an answer is missing, comes twice or in another order: nothing is approved by it.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod common;

use common::{read, request};
use plimsoll_kit::testkit::distort::{assert_nothing_approved, proves};
use plimsoll_youtrack::testkit::{FakeYouTrack, Fault, State};

fn issue(act: fn(&mut State, usize)) -> FakeYouTrack {
    let fake = FakeYouTrack::new("CHG");
    fake.with(|tracker| {
        let issue = tracker.at("2026-01-01T08:00:00Z", "sam").open("CHG", "x");
        tracker.describe(issue, "System: api");
        act(tracker, issue);
    });
    fake
}

#[test]
fn no_distortion_of_an_answer_approves() {
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
        let fail = |part: &str, number| fake.fail(part, Fault::Distorted(number), 1);
        let reads = assert_nothing_approved(fake.server(), &[""], || read(&fake), fail);
        assert!(reads > 100, "{reads}");
    }
    let fake = issue(|tracker, issue| {
        tracker
            .at("2026-01-01T09:00:00Z", "kim")
            .state(issue, "Approved");
    });
    assert!(proves(request(&read(&fake), "CHG-1")));
}
