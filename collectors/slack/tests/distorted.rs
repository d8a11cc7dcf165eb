//! Whatever is dropped, repeated, put in another order or cut in whatever answer: nothing gets better by it, and no doubt is gone.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod common;

use common::*;
use plimsoll_kit::testkit::distort::{assert_never_better, is_approved};
use plimsoll_slack::testkit::{FakeSlack, Workspace};

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

fn assert_held(fake: &FakeSlack) -> usize {
    assert_never_better(fake.server(), |_| true, |_, _| true, || read(fake))
}

#[test]
fn no_distortion_of_an_answer_makes_a_verdict_better() {
    let cases: [fn(&mut Workspace, &str); 7] = [
        |_, _| {},
        |slack, ts| drop(slack.reply(CHANNEL, ts, "U0NORA", "withdrawn")),
        |slack, ts| drop(slack.reply(CHANNEL, ts, "U0SAM", "rejected")),
        |slack, ts| slack.react(CHANNEL, ts, "U0SAM", "x"),
        |slack, ts| slack.edit(CHANNEL, ts, "System: db"),
        // In doubt: a reply that is gone, though its thread counts it, and one that says yes and no.
        |slack, ts| {
            slack.message(CHANNEL, ts).more = serde_json::json!({"reply_count": 9});
        },
        |slack, ts| slack.edit(CHANNEL, ts, "System: api, db and so on"),
    ];
    for (at, act) in cases.into_iter().enumerate() {
        let (fake, ts) = message(act);
        let harvest = read(&fake);
        assert_eq!(is_approved(request(&harvest, &ts)), at == 0, "{at}");
        let reads = assert_held(&fake);
        assert!(reads > 30, "{reads}");
    }
}
