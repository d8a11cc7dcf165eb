//! Whatever part of an answer is missing, comes twice or in another order: nothing is approved by it.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod common;

use common::*;
use plimsoll_kit::testkit::distort::{assert_nothing_approved, proves};
use plimsoll_slack::testkit::{FakeSlack, Fault, Workspace};

fn message(act: fn(&mut Workspace, &str)) -> (FakeSlack, String) {
    let fake = workspace();
    let ts = fake.with(|slack| {
        let ts = slack.say(CHANNEL, "U0IDA", "System: api");
        slack.reply(CHANNEL, &ts, "U0NORA", "approved");
        act(slack, &ts);
        ts
    });
    (fake, ts)
}

#[test]
fn no_distortion_of_an_answer_approves() {
    let cases: [fn(&mut Workspace, &str); 4] = [
        |slack, ts| drop(slack.reply(CHANNEL, ts, "U0NORA", "withdrawn")),
        |slack, ts| drop(slack.reply(CHANNEL, ts, "U0SAM", "rejected")),
        |slack, ts| slack.react(CHANNEL, ts, "U0SAM", "x"),
        |slack, ts| slack.edit(CHANNEL, ts, "System: db"),
    ];
    for act in cases {
        let (fake, _) = message(act);
        let fail = |part: &str, number| fake.fail(part, Fault::Distorted(number), 1);
        let reads = assert_nothing_approved(fake.server(), &[""], || read(&fake), fail);
        assert!(reads > 30, "{reads}");
    }
    let (fake, ts) = message(|_, _| {});
    assert!(proves(request(&read(&fake), &ts)));
}
