//! What becomes of a run when Slack misbehaves, or keeps something back.

#![allow(
    clippy::unwrap_used,
    reason = "a panic is the message, in helpers of tests too"
)]

mod common;

use common::*;
use plimsoll_kit::Right;
use plimsoll_kit::testkit::{build, render, run};
use plimsoll_slack::REGISTRATION;
use plimsoll_slack::testkit::{FakeSlack, Fault};
use serde_json::json;

/// Two requests, each with a thread.
fn two() -> (FakeSlack, String, String) {
    let fake = workspace();
    let [one, other] = fake.with(|slack| {
        ["open port 1", "open port 2"].map(|text| {
            let ts = slack.say(CHANNEL, "U0IDA", text);
            slack.reply(CHANNEL, &ts, "U0NORA", "approved");
            slack.react(CHANNEL, &ts, "U0RAJ", "white_check_mark");
            ts
        })
    });
    (fake, one, other)
}

#[test]
fn what_passes_is_waited_for() {
    let (fake, ..) = two();
    let healthy = render(&read(&fake));
    for fault in [
        Fault::Status(429),
        Fault::RetryAfter(0),
        Fault::Status(503),
        Fault::Truncated,
    ] {
        for method in [
            "auth.test",
            "conversations.history",
            "conversations.replies",
            "users.info",
        ] {
            fake.fail(method, fault.clone(), 1);
        }
        assert_eq!(render(&read(&fake)), healthy, "{fault:?}");
    }
}

#[test]
fn what_stays_broken_leaves_the_scope_incomplete_and_quotes_nothing() {
    for (method, left) in [
        ("auth.test", 0),
        ("conversations.history", 0),
        ("conversations.replies", 0),
        ("users.info", 2),
    ] {
        for fault in [
            Fault::Status(500),
            Fault::RetryAfter(3600),
            Fault::Instead("{\"ok\":tru".into()),
            Fault::Instead("<html>PLIMSOLL-MARKER</html>".into()),
            Fault::Instead(
                "{\"ok\":true,\"messages\":\"PLIMSOLL-MARKER\",\"user\":5,\"url\":[]}".into(),
            ),
            Fault::Refused("ratelimited"),
            Fault::Refused("PLIMSOLL-MARKER"),
        ] {
            let (fake, ..) = two();
            fake.fail(method, fault.clone(), usize::MAX);
            let harvest = read(&fake);
            let told = troubles(&harvest);
            assert!(!complete(&harvest), "{method} {fault:?}");
            assert!(!told.is_empty() && !told.contains("MARKER"), "{told}");
            assert_eq!(harvest.requests.len(), left, "{method} {fault:?}: {told}");
        }
    }
}

#[test]
fn a_thread_that_cannot_be_read_costs_its_own_request() {
    let (fake, one, other) = two();
    fake.fail(&format!("ts={one}"), Fault::Status(500), usize::MAX);
    let harvest = read(&fake);
    assert!(!complete(&harvest));
    assert!(troubles(&harvest).contains(&one));
    assert_eq!(harvest.requests.len(), 1);
    assert_eq!(approvals(request(&harvest, &other)).len(), 2);
}

#[test]
fn a_list_that_breaks_off_is_incomplete() {
    let (fake, _, other) = two();
    fake.with(|slack| slack.page = 1);
    fake.fail("cursor=", Fault::Status(500), usize::MAX);
    let harvest = read(&fake);
    assert!(!complete(&harvest));
    // Of the first page the thread breaks off too, and half a thread is none.
    assert!(harvest.requests.is_empty(), "{other}");
    let (fake, ..) = two();
    let circle =
        r#"{"ok":true,"messages":[],"has_more":true,"response_metadata":{"next_cursor":"again"}}"#;
    fake.fail(
        "conversations.history",
        Fault::Instead(circle.into()),
        usize::MAX,
    );
    let harvest = read(&fake);
    assert!(!complete(&harvest) && troubles(&harvest).contains("read already"));
    let (fake, ..) = two();
    let lost = r#"{"ok":true,"messages":[],"has_more":true}"#;
    fake.fail(
        "conversations.history",
        Fault::Instead(lost.into()),
        usize::MAX,
    );
    assert!(troubles(&read(&fake)).contains("there is more"));
}

#[test]
fn after_some_failures_the_rest_is_left() {
    let fake = workspace();
    fake.with(|slack| {
        for number in 0..40 {
            let ts = slack.say(CHANNEL, "U0IDA", &format!("open port {number}"));
            slack.reply(CHANNEL, &ts, "U0NORA", "approved");
        }
    });
    fake.fail("conversations.replies", Fault::Status(500), usize::MAX);
    let harvest = read(&fake);
    assert!(!complete(&harvest));
    assert!(troubles(&harvest).contains("left unread"));
    assert!(fake.calls("conversations.replies") < 15);
}

#[test]
fn rights_that_are_missing_are_named() {
    let (fake, ..) = two();
    fake.fail(
        "conversations.history",
        Fault::MissingScope("groups:history"),
        usize::MAX,
    );
    let told = troubles(&read(&fake));
    assert!(
        told.contains("groups:history") && !told.contains("MARKER"),
        "{told}"
    );
    for (word, advice) in [
        ("not_in_channel", "/invite"),
        ("channel_not_found", "/invite"),
        ("invalid_auth", "the token is wrong"),
        ("token_revoked", "install the app again"),
    ] {
        let (fake, ..) = two();
        fake.fail("conversations.history", Fault::Refused(word), usize::MAX);
        let harvest = read(&fake);
        assert!(
            !complete(&harvest) && troubles(&harvest).contains(advice),
            "{word}"
        );
    }
}

#[test]
fn without_the_right_to_names_all_else_is_read() {
    let (fake, one, _) = two();
    fake.fail("users.info", Fault::MissingScope("users:read"), usize::MAX);
    let harvest = read(&fake);
    assert!(complete(&harvest), "{}", troubles(&harvest));
    assert_eq!(troubles(&harvest).matches("users:read").count(), 1);
    assert_eq!(fake.calls("users.info"), 1);
    let request = request(&harvest, &one);
    assert_eq!(request.requester.as_ref().unwrap().name, None);
    assert_eq!(approvals(request).len(), 2);
}

#[test]
fn who_reacted_and_cannot_be_read_is_a_trouble() {
    let (fake, _, other) = two();
    fake.with(|slack| {
        slack.named = 1;
        slack.react(CHANNEL, &other, "U0SAM", "white_check_mark");
    });
    fake.fail(
        "reactions.get",
        Fault::MissingScope("reactions:read"),
        usize::MAX,
    );
    let harvest = read(&fake);
    assert!(!complete(&harvest) && troubles(&harvest).contains("reactions:read"));
    assert_eq!(harvest.requests.len(), 1);
}

#[test]
fn people_who_left_and_people_of_elsewhere_stay_who_they_were() {
    let (fake, one, _) = two();
    fake.with(|slack| {
        slack.users.get_mut("U0NORA").unwrap().gone = true;
        slack.users.remove("U0RAJ");
    });
    let harvest = read(&fake);
    assert!(complete(&harvest), "{}", troubles(&harvest));
    let approvals = &request(&harvest, &one).approvals;
    let names: Vec<_> = approvals
        .iter()
        .map(|yes| (yes.by.account.as_str(), yes.by.name.as_deref()))
        .collect();
    assert_eq!(names, [("U0RAJ", None), ("U0NORA", Some("Nora"))]);
}

#[test]
fn broken_messages_cost_themselves() {
    for more in [
        json!({"text": {"a": "PLIMSOLL-MARKER"}}),
        json!({"ts": 5}),
        json!({"ts": "PLIMSOLL-MARKER"}),
        json!({"edited": "PLIMSOLL-MARKER"}),
        json!({"reactions": [{"name": "x", "users": 5}]}),
        json!({"user": ["PLIMSOLL-MARKER"]}),
    ] {
        let (fake, one, other) = two();
        fake.with(|slack| slack.message(CHANNEL, &one).more = more.clone());
        let harvest = read(&fake);
        assert!(!complete(&harvest), "{more}");
        let told = troubles(&harvest);
        assert!(
            !told.is_empty() && !told.contains("MARKER"),
            "{more}: {told}"
        );
        assert_eq!(harvest.requests.len(), 1, "{more}: {told}");
        assert_eq!(approvals(request(&harvest, &other)).len(), 2);
    }
}

#[test]
fn odd_fields_that_say_nothing_cost_nothing() {
    for more in [
        json!({"text": null, "reactions": null, "bot_profile": null, "blocks": null, "subtype": null}),
        json!({"bot_id": null, "username": null, "attachments": "odd", "blocks": 5}),
        json!({"edited": {}, "latest_reply": "odd", "team": 5}),
        json!({"edited": {"user": null, "ts": "PLIMSOLL-MARKER"}}),
    ] {
        let (fake, one, _) = two();
        fake.with(|slack| slack.message(CHANNEL, &one).more = more.clone());
        let harvest = read(&fake);
        assert!(complete(&harvest), "{more}: {}", troubles(&harvest));
        let request = request(&harvest, &one);
        // An edit at a time that is none is one at no known time.
        assert_eq!(
            request.edits.len(),
            usize::from(more.get("edited").is_some())
        );
        assert!(request.edits.iter().all(|edit| edit.at.is_none()));
    }
}

#[test]
fn a_broken_reply_leaves_its_request_in_doubt() {
    let (fake, one, other) = two();
    fake.with(|slack| {
        let reply = slack.reply(CHANNEL, &one, "U0NORA", "withdrawn");
        slack.message(CHANNEL, &reply).more = json!({"text": ["PLIMSOLL-MARKER"]});
    });
    let harvest = read(&fake);
    assert!(!complete(&harvest));
    assert_eq!(request(&harvest, &one).whole_history, Some(false));
    assert_eq!(request(&harvest, &other).whole_history, None);
}

#[test]
fn a_long_thread_is_cut_and_left_in_doubt() {
    let (fake, one, other) = two();
    fake.with(|slack| {
        for _ in 0..5 {
            slack.reply(CHANNEL, &one, "U0SAM", "hm");
        }
        slack.reply(CHANNEL, &one, "U0NORA", "withdrawn");
    });
    let settings = "replies_stay = true\nreplies = 4\n";
    let harvest = read_with(&fake, settings, &now(&fake));
    assert!(complete(&harvest));
    assert_eq!(request(&harvest, &one).whole_history, Some(false));
    assert_eq!(request(&harvest, &other).whole_history, None);
}

#[test]
fn replies_that_are_counted_and_not_shown_leave_it_in_doubt() {
    let (fake, one, _) = two();
    fake.with(|slack| slack.message(CHANNEL, &one).more = json!({"reply_count": 3}));
    let harvest = read(&fake);
    assert_eq!(request(&harvest, &one).whole_history, Some(false));
}

#[test]
fn a_message_that_goes_while_it_is_read_is_left_as_it_is_known() {
    let (fake, one, _) = two();
    fake.fail(&format!("ts={one}"), Fault::Refused("thread_not_found"), 1);
    let harvest = read(&fake);
    assert!(complete(&harvest), "{}", troubles(&harvest));
    assert_eq!(harvest.requests.len(), 1);
}

#[test]
fn a_text_of_ten_megabytes_survives() {
    let (fake, one, _) = two();
    let long = format!(
        "open port 1\n{}\nWindow: 2026",
        "x ~y <z é\n".repeat(900_000)
    );
    fake.with(|slack| {
        slack.message(CHANNEL, &one).text = long.clone();
        slack.reply(CHANNEL, &one, "U0RAJ", &format!("approved {long}"));
    });
    let harvest = read(&fake);
    assert!(complete(&harvest), "{}", troubles(&harvest));
    let request = request(&harvest, &one);
    assert_eq!(request.title, "open port 1");
    assert_eq!(request.whole_history, Some(false));
    assert!(serde_json::to_string(request).unwrap().len() < 10_000);
}

#[test]
fn requests_that_name_each_other_in_a_circle_are_two() {
    let fake = workspace();
    fake.with(|slack| {
        slack.say(CHANNEL, "U0IDA", "after OPS-2");
        slack.say(CHANNEL, "U0IDA", "OPS-2 after OPS-1 and OPS-2");
    });
    assert_eq!(read(&fake).requests.len(), 2);
}

#[test]
fn a_window_that_makes_no_sense_is_a_remark_and_a_doubt() {
    let fake = workspace();
    let ts = fake.with(|slack| {
        let text = "open port 1\nWindow: tonight\nImplementer: somebody PLIMSOLL-MARKER";
        slack.say(CHANNEL, "U0IDA", text)
    });
    let harvest = read(&fake);
    assert!(complete(&harvest));
    assert_eq!(request(&harvest, &ts).whole_history, Some(false));
    let told = troubles(&harvest);
    assert!(
        told.contains("window") && told.contains("mention"),
        "{told}"
    );
    assert!(!told.contains("MARKER"), "{told}");
}

#[test]
fn check_says_what_is_missing() {
    let check = |fake: &FakeSlack, more: &str| {
        let folder = tempfile::tempdir().unwrap();
        let settings = format!(
            "channels = [\"{CHANNEL}\", \"C0NOTIN\"]\n{}{more}",
            fake.settings(folder.path())
        );
        let collector = build(&REGISTRATION, &settings).unwrap();
        run(collector.check(&now(fake)))
    };
    let (fake, ..) = two();
    fake.with(|slack| slack.install("U0PLIMSOLL", "Plimsoll"));
    let told = check(&fake, "replies_stay = true\n");
    let of = |what: &str| told.iter().find(|one| one.what == what).unwrap();
    for what in [
        "token",
        "C0CHG: messages",
        "C0CHG: threads",
        "C0CHG: who reacted",
    ] {
        assert_eq!(of(what).right, Right::Granted, "{told:?}");
    }
    assert_eq!(of("C0NOTIN: messages").right, Right::Denied);
    assert!(told.iter().all(|one| one.what != "proof"));
    fake.fail("users.info", Fault::MissingScope("users:read"), 1);
    fake.fail("reactions.get", Fault::MissingScope("reactions:read"), 1);
    let told = check(&fake, "");
    let denied: Vec<_> = told
        .iter()
        .filter(|one| one.right == Right::Denied)
        .map(|one| one.what.as_str())
        .collect();
    assert_eq!(
        denied,
        [
            "C0CHG: who reacted",
            "C0NOTIN: messages",
            "names of accounts, and which are programs",
            "proof"
        ]
    );
    fake.fail("auth.test", Fault::Refused("invalid_auth"), 1);
    let told = check(&fake, "");
    assert_eq!((told.len(), told[0].right), (1, Right::Denied));
}

#[test]
fn a_thread_that_ends_before_its_last_reply_is_in_doubt() {
    let (fake, one, other) = two();
    fake.with(|slack| {
        slack.message(CHANNEL, &one).more = json!({"latest_reply": "1999999999.000100"});
    });
    let harvest = read(&fake);
    assert_eq!(request(&harvest, &one).whole_history, Some(false));
    assert_eq!(request(&harvest, &other).whole_history, None);
    // The thread itself says neither how many there are nor when the last one came: the list does.
    let (fake, one, _) = two();
    let first = json!({"ts": one, "user": "U0IDA", "text": "open port 1", "thread_ts": one});
    let thread = json!({"ok": true, "has_more": false, "messages": [first]});
    fake.fail(&format!("ts={one}"), Fault::Instead(thread.to_string()), 1);
    let harvest = read(&fake);
    assert_eq!(request(&harvest, &one).whole_history, Some(false));
}

#[test]
fn an_emoji_has_other_names() {
    let (fake, one, _) = two();
    fake.with(|slack| {
        slack.react(CHANNEL, &one, "U0SAM", "thumbsup");
        slack.react(CHANNEL, &one, "U0IDA", "thumbsdown::skin-tone-2");
    });
    let harvest = read(&fake);
    let request = request(&harvest, &one);
    assert!(approvals(request).contains(&"U0SAM ?".to_owned()));
    assert_eq!(states(request), ["rejected ?"]);
}

#[test]
fn what_people_see_of_a_reply_is_read() {
    let rich = |text: &str, style: serde_json::Value| {
        json!([{"type": "rich_text", "elements": [{"type": "rich_text_section",
            "elements": [{"type": "text", "text": text, "style": style}]}]}])
    };
    let quote = json!([{"type": "rich_text", "elements": [{"type": "rich_text_quote",
        "elements": [{"type": "text", "text": "rejected"}]}]}]);
    let emoji = json!([{"type": "rich_text", "elements": [{"type": "rich_text_section",
        "elements": [{"type": "emoji", "name": "white_check_mark"}]}]}]);
    let plain = json!({});
    for (text, more, want) in [
        (
            "approved",
            json!({"blocks": rich("approved", plain.clone())}),
            "yes",
        ),
        (
            "",
            json!({"blocks": rich("approved", plain.clone())}),
            "yes",
        ),
        (":white_check_mark:", json!({"blocks": emoji}), "yes"),
        // The text is for those who see no blocks.
        (
            "approved",
            json!({"blocks": rich("approved, if it rains", plain.clone())}),
            "",
        ),
        ("hm", json!({"blocks": rich("approved", plain.clone())}), ""),
        (
            "",
            json!({"blocks": rich("approved", json!({"strike": true}))}),
            "",
        ),
        (
            "",
            json!({"blocks": rich("approved", json!({"code": true}))}),
            "",
        ),
        (
            "approved",
            json!({"blocks": rich("rejected", plain.clone())}),
            "no",
        ),
        ("", json!({"blocks": rich("rejected", plain.clone())}), "no"),
        ("", json!({"blocks": quote}), ""),
        (
            "",
            json!({"blocks": [{"type": "context", "elements": [{"type": "mrkdwn", "text": "rejected"}]}]}),
            "no",
        ),
        (
            "",
            json!({"blocks": [{"type": "actions", "elements": [{"type": "button", "text": {"type": "plain_text", "text": "rejected"}}]}]}),
            "",
        ),
        ("", json!({"attachments": [{"text": "rejected"}]}), "no"),
        ("", json!({"attachments": [{"fallback": "rejected"}]}), "no"),
        (
            "",
            json!({"attachments": [{"blocks": rich("not approved", plain.clone())}]}),
            "no",
        ),
        (
            "approved",
            json!({"attachments": [{"text": "by no means"}]}),
            "",
        ),
        (
            "approved",
            json!({"attachments": [{"from_url": "https://x.example", "text": "rejected"}]}),
            "yes",
        ),
        (
            "approved",
            json!({"files": [{"id": "F1", "title": "rejected"}]}),
            "no",
        ),
        (
            "approved",
            json!({"files": [{"id": "F1", "title": "How it looks"}]}),
            "yes",
        ),
    ] {
        let fake = workspace();
        let ts = fake.with(|slack| {
            let ts = slack.say(CHANNEL, "U0IDA", "open port 1");
            let reply = slack.reply(CHANNEL, &ts, "U0NORA", text);
            slack.message(CHANNEL, &reply).more = more.clone();
            ts
        });
        let harvest = read(&fake);
        let request = request(&harvest, &ts);
        let said = match (approvals(request).len(), states(request).len()) {
            (1, 0) => "yes",
            (0, 1) => "no",
            (0, 0) => "",
            both => panic!("{both:?}"),
        };
        assert_eq!(said, want, "{text} {more}");
    }
}

#[test]
fn what_people_see_of_a_request_is_read() {
    let rich = |text: &str| {
        json!([{"type": "rich_text", "elements": [{"type": "rich_text_section",
            "elements": [{"type": "text", "text": text}]}]}])
    };
    let quote = json!([{"type": "rich_text", "elements": [{"type": "rich_text_quote",
        "elements": [{"type": "text", "text": "System: db"}]}]}]);
    let file = |title: &str| json!({"files": [{"id": "F1", "title": title, "name": "x.png"}]});
    for (text, more, names, doubt) in [
        ("System: api", json!({}), "api", false),
        (
            "*System:* api",
            json!({"blocks": rich("System: api")}),
            "api",
            false,
        ),
        ("", json!({"blocks": rich("System: api")}), "api", false),
        (
            "",
            json!({"attachments": [{"text": "System: api"}]}),
            "api",
            false,
        ),
        (
            "System: api",
            json!({"attachments": [{"text": "System: db"}]}),
            "api db",
            false,
        ),
        (
            "System: api",
            json!({"attachments": [{"from_url": "https://x.example", "text": "System: db"}]}),
            "api",
            false,
        ),
        ("System: api", json!({"blocks": quote}), "api", false),
        // People saw one of them, and nobody knows which.
        (
            "System: api",
            json!({"blocks": rich("System: db")}),
            "api",
            true,
        ),
        (
            "System: api",
            json!({"blocks": rich("A button")}),
            "api",
            true,
        ),
        ("System: api", file("OPS-17 before"), "api", false),
        ("System: api", file("Environment: staging"), "api", true),
    ] {
        let fake = workspace();
        let ts = fake.with(|slack| {
            let ts = slack.say(CHANNEL, "U0IDA", text);
            slack.message(CHANNEL, &ts).more = more.clone();
            slack.reply(CHANNEL, &ts, "U0NORA", "approved");
            ts
        });
        let harvest = read(&fake);
        let request = request(&harvest, &ts);
        assert_eq!(request.names.join(" "), names, "{text} {more}");
        assert_eq!(
            request.is_doubted().is_some(),
            doubt,
            "{text} {more}: {:?}",
            request.doubts
        );
    }
}
