//! The conformance suite over a fake Slack.

#![allow(
    clippy::unwrap_used,
    reason = "a panic is the message, in helpers of tests too"
)]

mod common;

use common::{CHANNEL, workspace};
use plimsoll_kit::Registration;
use plimsoll_kit::testkit::conformance::Subject;
use plimsoll_kit::testkit::{Gate, Held, Input, Reply};
use plimsoll_slack::REGISTRATION;
use plimsoll_slack::testkit::{FakeSlack, settings};
use serde_json::json;

struct Channel;

/// Three requests; what they say besides is a secret.
fn estate() -> (FakeSlack, Vec<String>) {
    let fake = workspace();
    let all = fake.with(|slack| {
        slack.page = 2;
        slack.named = 1;
        let mut all = Vec::new();
        for number in 1..4 {
            let text = format!(
                "open port {number} <https://joe:PLIMSOLL-MARKER-pw@x.test/p?t=PLIMSOLL-MARKER-query|here>\nSystem: api\nthe password is PLIMSOLL-MARKER-text"
            );
            let ts = slack.say(CHANNEL, "U0IDA", &text);
            slack.reply(CHANNEL, &ts, "U0NORA", "approved");
            slack.reply(CHANNEL, &ts, "U0RAJ", "approved, with PLIMSOLL-MARKER-reply");
            slack.reply(CHANNEL, &ts, "U0SAM", "Root cause: PLIMSOLL-MARKER-cause");
            for user in ["U0NORA", "U0RAJ", "U0SAM"] {
                slack.react(CHANNEL, &ts, user, "white_check_mark");
                slack.react(CHANNEL, &ts, user, "+1");
            }
            slack.message(CHANNEL, &ts).more = json!({
                "files": [{"name": "PLIMSOLL-MARKER-file", "url_private": "https://x.test/PLIMSOLL-MARKER"}],
                "attachments": [{"text": "PLIMSOLL-MARKER-attachment", "title": "PLIMSOLL-MARKER-title"}],
                "metadata": {"event_type": "PLIMSOLL-MARKER", "event_payload": {"a": "PLIMSOLL-MARKER"}},
            });
            all.push(ts);
        }
        all
    });
    (fake, all)
}

fn input(fake: FakeSlack) -> Input {
    let folder = tempfile::tempdir().unwrap();
    let settings = format!(
        "channels = [\"{CHANNEL}\"]\nreplies_stay = true\n{}",
        fake.settings(folder.path())
    );
    Input::new(settings)
        .with_server(fake.into_server())
        .with_folder(folder)
}

impl Subject for Channel {
    fn registration(&self) -> Registration {
        REGISTRATION
    }

    fn healthy(&self) -> Input {
        input(estate().0)
    }

    fn shuffled(&self) -> Input {
        let (fake, _) = estate();
        fake.with(|slack| slack.shuffled = true);
        input(fake)
    }

    fn broken_item(&self) -> (Input, Vec<String>) {
        let (fake, all) = estate();
        let broken = json!({"text": {"text": "PLIMSOLL-MARKER-type"}});
        fake.with(|slack| slack.message(CHANNEL, &all[1]).more = broken);
        (input(fake), vec![format!("{CHANNEL}-{}", all[1])])
    }

    fn hanging(&self) -> Option<Held> {
        let ((fake, _), gate) = (estate(), Gate::new());
        let reply = Reply::json(r#"{"ok":true,"messages":[]}"#).stalled(1, &gate);
        fake.server().handle(move |request| {
            let held = request.path == "/api/conversations.replies";
            held.then(|| reply.clone())
        });
        let input = input(fake);
        Some(Held { input, gate })
    }

    fn endless(&self) -> Input {
        let (fake, _) = estate();
        let reply = Reply::json(r#"{"ok":true,"text":"PLIMSOLL-MARKER-endless"},"#).endless();
        fake.server().handle(move |request| {
            let held = request.path == "/api/conversations.history";
            held.then(|| reply.clone())
        });
        input(fake)
    }

    fn absent(&self) -> Input {
        let folder = tempfile::tempdir().unwrap();
        let nowhere = settings(folder.path(), "http://127.0.0.1:1/api");
        let settings = format!("channels = [\"{CHANNEL}\"]\n{nowhere}");
        Input::new(settings).with_folder(folder)
    }

    fn bad_settings(&self) -> Vec<&'static str> {
        vec![
            "",
            "channels = []",
            "channels = [\"#changes\"]",
            "channels = 5",
            "channels = \"C0CHG\"\ntoken_file = 5",
            "channels = \"C0CHG\"\ntoken_file = \"a\"\ntoken_variable = \"b\"",
            "channels = \"C0CHG\"\napi_url = \"https://joe:PLIMSOLL-MARKER@there\"",
            "channels = \"C0CHG\"\napps = [\"deploybot\"]",
            "channels = \"C0CHG\"\napprove = [\"...\"]",
            "channels = \"C0CHG\"\napprove_reactions = [1]",
            "channels = \"C0CHG\"\nlook_back = \"1 min\"",
            "channels = \"C0CHG\"\nfrom = \"PLIMSOLL\"",
            "channels = \"C0CHG\"\nreplies = 0",
            "channels = \"C0CHG\"\nreplies_stay = \"yes\"",
            "channels = \"C0CHG\"\napps_stay = 1",
            "channels = \"C0CHG\"\npace = \"PLIMSOLL\"",
            "channels = \"C0CHG\"\nreply = \"PLIMSOLL\"",
            "channels = \"C0CHG\"\nkinds = 5",
            "channels = \"C0CHG\"\n[states]\nmerged = [\"x\"]",
            "channels = \"C0CHG\"\n[words]\nsystem = [\"a:b\"]",
        ]
    }
}

plimsoll_kit::conformance!(Channel);
