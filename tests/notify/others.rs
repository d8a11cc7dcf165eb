//! The channels beside Slack: what each of them gets, and what its secrets do.

use std::sync::{Arc, Mutex};

use plimsoll::notify::send::cloudevents::{SIGNATURE, TIMESTAMP, sign};
use plimsoll_kit::testkit::{FakeServer, Reply, Request};
use serde_json::{Value, json};

use crate::house::House;

/// A server that takes everything, and what it took.
fn server(status: u16, answer: &'static str) -> (FakeServer, Arc<Mutex<Vec<Request>>>) {
    let server = FakeServer::on_loopback();
    let taken = Arc::<Mutex<Vec<Request>>>::default();
    let own = Arc::clone(&taken);
    server.handle(move |request| {
        own.lock().unwrap().push(request.clone());
        Some(Reply::json(answer).with_status(status))
    });
    (server, taken)
}

fn bodies(taken: &Mutex<Vec<Request>>) -> Vec<Value> {
    let taken = taken.lock().unwrap();
    taken
        .iter()
        .map(|one| serde_json::from_slice(&one.body).unwrap())
        .collect()
}

#[test]
fn a_program_gets_signed_events() {
    let (server, taken) = server(202, "");
    let house = House::new(
        "[[notify.channels]]\nname = \"events\"\nkind = \"webhook\"\nurl_file = \"events.url\"\nsecret_file = \"events.secret\"\n",
    );
    house.secret("events.url", &format!("{}/in?code=hunter2", server.url()));
    house.secret("events.secret", "s3cret");
    house.scan();
    house.estate(&["api"], "no");
    house.scan();
    let events = bodies(&taken);
    let event = events
        .iter()
        .find(|one| one["type"] == "plimsoll.change.seen")
        .unwrap();
    assert_eq!(
        (
            &event["specversion"],
            &event["source"],
            &event["data"]["occurrence"]["verdict"]
        ),
        (&json!("1.0"), &json!("urn:plimsoll"), &json!("unapproved")),
        "{event:#}"
    );
    let taken = taken.lock().unwrap();
    for request in taken.iter() {
        assert_eq!(
            request.header("content-type"),
            Some("application/cloudevents+json; charset=utf-8")
        );
        let at: i64 = request.header(TIMESTAMP).unwrap().parse().unwrap();
        assert_eq!(
            request.header(SIGNATURE).unwrap(),
            sign(b"s3cret", at, &request.body)
        );
    }
    let mut ids: Vec<&str> = events
        .iter()
        .map(|one| one["id"].as_str().unwrap())
        .collect();
    let all = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), all);
}

#[test]
fn a_pager_rings_for_one_subject_once_and_is_resolved() {
    let (server, taken) = server(202, "{\"status\":\"success\"}");
    let house = House::new(&format!(
        "[[notify.channels]]\nname = \"pager\"\nkind = \"pagerduty\"\nkey_file = \"pager.key\"\napi = \"{}\"\n\
         [[notify.routes]]\nchannels = [\"pager\"]\nabout = [\"drift\"]\ncontrols = [\"least-privilege\"]\nseverity = \"high\"\n",
        server.url()
    ));
    house.secret("pager.key", "0123456789abcdef0123456789abcdef");
    house.scan();
    house.estate(&["api"], "no");
    house.scan();
    house.estate(&["api"], "always");
    house.scan();
    let events = bodies(&taken);
    let words: Vec<(&str, &str)> = events
        .iter()
        .map(|one| {
            (
                one["event_action"].as_str().unwrap(),
                one["dedup_key"].as_str().unwrap(),
            )
        })
        .filter(|(_, key)| key.contains("least-privilege/least-privilege@"))
        .collect();
    assert_eq!(
        words.iter().map(|(word, _)| *word).collect::<Vec<_>>(),
        ["trigger", "resolve"],
        "{events:#?}"
    );
    assert_eq!(words[0].1, words[1].1);
    assert!(
        events
            .iter()
            .all(|one| one["routing_key"] == "0123456789abcdef0123456789abcdef")
    );
    let trigger = &events[0]["payload"];
    assert!(
        trigger["summary"]
            .as_str()
            .unwrap()
            .contains("least-privilege on api (production)"),
        "{trigger:#}"
    );
}

#[test]
fn teams_gets_a_card_below_its_cap() {
    let (server, taken) = server(202, "");
    let house = House::new(
        "[notify]\nper_scan = 1\n[[notify.channels]]\nname = \"teams\"\nkind = \"teams\"\nurl_file = \"teams.url\"\n",
    );
    house.secret("teams.url", &format!("{}/workflows/hunter2", server.url()));
    let names: Vec<String> = (0..60)
        .map(|n| format!("<at>{}-{n}</at>", "x".repeat(900)))
        .collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    house.estate(&names, "no");
    house.scan();
    let cards = bodies(&taken);
    assert_eq!(cards.len(), 2);
    for card in &cards {
        let text = card.to_string();
        assert!(text.len() < 20_000, "{}", text.len());
        assert!(!text.contains("<at>"), "{text}");
        assert_eq!(
            card["attachments"][0]["contentType"],
            "application/vnd.microsoft.card.adaptive"
        );
        assert_eq!(card["attachments"][0]["content"]["type"], "AdaptiveCard");
    }
}

#[test]
fn what_fails_is_said_without_its_address_and_changes_no_exit_code() {
    let (refusing, _) = server(400, "hunter3");
    let (gone, _) = server(404, "hunter3");
    let house = House::new(
        "[[notify.channels]]\nname = \"one\"\nkind = \"webhook\"\nurl_file = \"one.url\"\n\
         [[notify.channels]]\nname = \"two\"\nkind = \"teams\"\nurl_file = \"two.url\"\n\
         [[notify.channels]]\nname = \"three\"\nkind = \"webhook\"\nurl_file = \"three.url\"\n",
    );
    house.secret("one.url", &format!("{}/hunter2", refusing.url()));
    house.secret("two.url", &format!("{}/hunter2", gone.url()));
    house.secret("three.url", "http://192.0.2.1/hunter2");
    house.estate(&["api"], "no");
    let output = house.run(&["scan", "--format", "json"]);
    assert_eq!(output.code, Some(10), "{}", output.stderr);
    for part in [
        "the channel one: given up: refused (400)",
        "the channel two: the address, or the right to post there, is wrong (404)",
        "the channel three: its address is not https",
        "stay in the outbox",
    ] {
        assert!(output.stderr.contains(part), "{part}: {}", output.stderr);
    }
    let listed = house.run(&["notify", "list"]).success("list").stdout;
    for text in [&output.stderr, &output.stdout, &listed] {
        assert!(!text.contains("hunter"), "{text}");
    }
    assert!(
        listed.contains("given-up") && listed.contains("planned"),
        "{listed}"
    );
}

#[test]
fn every_production_change_is_announced_and_that_counts() {
    let (server, taken) = server(200, "");
    let house = House::new(
        "[[notify.channels]]\nname = \"control\"\nkind = \"webhook\"\nurl_file = \"control.url\"\nchange_control = true\n",
    );
    house.secret("control.url", &format!("{}/in", server.url()));
    std::fs::write(
        house.path("ours.toml"),
        "[[rule]]\nid = \"all\"\napprovers = [\"cto\"]\nannounced = true\n",
    )
    .unwrap();
    house.tracker(&[crate::house::ticket(true)]);
    house.scan();
    house.estate(&["api"], "no");
    let (report, _) = house.scan();
    let change = &report["changes"][0];
    assert_eq!(change["verdict"], "pending", "{change:#}");
    let (_, _) = house.scan();
    let id = change["id"].to_string();
    let explained = house
        .run(&["changes", "explain", &id])
        .success("explain")
        .stdout;
    assert!(
        explained.contains("verdict: approved (CHG-1)"),
        "{explained}"
    );
    assert!(
        explained.contains("Plimsoll announced it in the change-control channel at"),
        "{explained}"
    );
    let types: Vec<Value> = bodies(&taken)
        .into_iter()
        .map(|one| one["type"].clone())
        .collect();
    assert_eq!(types, ["plimsoll.change.seen", "plimsoll.change.judged"]);
}
