//! Changes that were approved in YouTrack or in Asana, from their collector to the verdict: what proves an approval, and what does not.

#![allow(
    clippy::unwrap_used,
    reason = "a panic is how a test tells what is wrong"
)]

use std::process::Command;

use jiff::{SignedDuration, Timestamp};
use plimsoll_asana::testkit::{FakeAsana, Fault, PROJECT};
use plimsoll_youtrack::testkit::FakeYouTrack;
use serde_json::{Value, json};

/// The time so many minutes ago: what a tracker tells has to be of the time around the scans.
fn ago(minutes: i64) -> String {
    let time = Timestamp::now() - SignedDuration::from_mins(minutes);
    time.strftime("%Y-%m-%dT%H:%M:%S.000Z").to_string()
}

fn text() -> String {
    "System: api\nAsset: container:h/api\nEnvironment: production".to_owned()
}

/// Scans a system before and after somebody altered it, with a tracker and who is who in it; the verdict with its reasons.
fn verdict(tracker: &str, lead: &str, asker: &str) -> (String, String) {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let config = format!(
        "[store]\npath = {:?}\n[approval]\npolicy = \"chat-or-tasks\"\n\
         [[people]]\nname = \"Kim\"\nroles = [\"engineering-lead\"]\naccounts = {{ tracker = \"{lead}\" }}\n\
         [[people]]\nname = \"Sam\"\nroles = [\"engineer\"]\naccounts = {{ tracker = \"{asker}\" }}\n\
         [[sources]]\nname = \"estate\"\ncollector = \"file\"\nsettings.path = {:?}\n{tracker}",
        at("plimsoll.db"),
        at("estate.jsonl"),
    );
    std::fs::write(at("config.toml"), config).unwrap();
    let mut report = Value::Null;
    for restart in ["no", "always"] {
        let asset = json!({"asset": {"id": "container:h/api", "kind": "container", "name": "api",
            "labels": {"plimsoll.environment": "production", "plimsoll.role": "worker"}, "facts": {"restart-policy": restart}}});
        let estate = format!(
            "{{\"plimsoll\":\"findings/v1\",\"scope\":\"h\"}}\n{asset}\n{{\"scope\":{{\"complete\":true}}}}\n"
        );
        std::fs::write(at("estate.jsonl"), estate).unwrap();
        let output = Command::new(env!("CARGO_BIN_EXE_plimsoll"))
            .args(["--quiet", "--config"])
            .arg(at("config.toml"))
            .args(["scan", "--format", "json"])
            .output()
            .unwrap();
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!told.contains("panicked"), "{told}");
        report = serde_json::from_slice(&output.stdout)
            .unwrap_or_else(|error| panic!("{error}: {told}"));
    }
    let changes = report["changes"].as_array().unwrap();
    assert_eq!(changes.len(), 1, "{changes:#?}");
    let verdict = changes[0]["verdict"].as_str().unwrap().to_owned();
    (verdict, changes[0].to_string())
}

/// A task with a window around now and an approval below it, and the verdict after something happened to both.
fn asana(act: impl FnOnce(&mut plimsoll_asana::testkit::State, usize, usize)) -> (String, String) {
    asana_with(act, None)
}

fn asana_with(
    act: impl FnOnce(&mut plimsoll_asana::testkit::State, usize, usize),
    fault: Option<Fault>,
) -> (String, String) {
    let (fake, folder) = (FakeAsana::new(), tempfile::tempdir().unwrap());
    let [lead, asker] = ["kim", "sam"].map(|name| {
        let person = fake.with(|tracker| tracker.at(&ago(120), name).user());
        person["gid"].as_str().unwrap().to_owned()
    });
    fake.with(|tracker| {
        let task = tracker
            .at(&ago(120), "sam")
            .open(PROJECT, "Restart the api by itself");
        tracker.describe(task, &text());
        tracker.plan(task, &ago(90), &ago(-90));
        let ask = tracker.ask(task, "Please approve");
        act(tracker, task, ask);
    });
    if let Some(fault) = fault {
        fake.fail("modified_since", fault, usize::MAX);
    }
    let settings = fake.settings(folder.path());
    let source = format!(
        "[[sources]]\nname = \"tracker\"\ncollector = \"asana\"\n[sources.settings]\n{settings}"
    );
    verdict(&source, &lead, &asker)
}

fn youtrack(act: impl FnOnce(&mut plimsoll_youtrack::testkit::State, usize)) -> (String, String) {
    let (fake, folder) = (FakeYouTrack::new("CHG"), tempfile::tempdir().unwrap());
    fake.with(|tracker| {
        let issue = tracker
            .at(&ago(120), "sam")
            .open("CHG", "Restart the api by itself");
        tracker.describe(issue, &text());
        tracker.moment(issue, "Window start", &ago(90));
        tracker.moment(issue, "Window end", &ago(-90));
        act(tracker, issue);
    });
    let settings = fake.settings(folder.path());
    let source = format!(
        "[[sources]]\nname = \"tracker\"\ncollector = \"youtrack\"\n[sources.settings]\naccounts = \"login\"\n{settings}"
    );
    verdict(&source, "kim", "sam")
}

fn is(told: &(String, String), verdict: &str, because: &str) {
    assert_eq!(told.0, verdict, "{}", told.1);
    assert!(told.1.contains(because), "{because}: {}", told.1);
}

#[test]
fn what_a_lead_approves_in_asana() {
    let told = asana(|tracker, _, ask| {
        tracker.at(&ago(60), "kim").answer(ask, "approved");
    });
    is(&told, "approved", "1209000000000010");
    // Taken back before, given by who asked, by nobody that a story names, by a program.
    let told = asana(|tracker, _, ask| {
        tracker.at(&ago(60), "kim").answer(ask, "approved");
        tracker.at(&ago(30), "kim").answer(ask, "pending");
    });
    is(&told, "unapproved", "withdrawn");
    let told = asana(|tracker, _, ask| {
        tracker.at(&ago(60), "sam").answer(ask, "approved");
    });
    is(&told, "unapproved", "Sam");
    let told = asana(|tracker, _, ask| {
        tracker.at(&ago(60), "kim").answer_silently(ask, "approved");
    });
    is(&told, "unproven", "does not say when");
    let told = asana(|tracker, _, ask| {
        tracker.source = "api".to_owned();
        tracker.at(&ago(60), "kim").answer(ask, "approved");
    });
    is(&told, "unproven", "does not say when");
}

#[test]
fn what_is_altered_or_cannot_be_read_in_asana() {
    let told = asana(|tracker, task, ask| {
        tracker.at(&ago(60), "kim").answer(ask, "approved");
        tracker.at(&ago(30), "sam").describe(task, &text());
    });
    is(&told, "unapproved", "altered");
    let told = asana_with(
        |tracker, _, ask| {
            tracker.at(&ago(60), "kim").answer(ask, "approved");
        },
        Some(Fault::Status(500)),
    );
    is(&told, "unproven", "");
}

#[test]
fn what_a_lead_approves_in_youtrack() {
    let told = youtrack(|tracker, issue| {
        tracker.at(&ago(60), "kim").state(issue, "Approved");
    });
    is(&told, "approved", "CHG-1");
    let told = youtrack(|tracker, issue| {
        tracker
            .at(&ago(60), "kim")
            .person(issue, "Approved by", "kim");
    });
    is(&told, "approved", "CHG-1");
    // Put there by another hand, sent back, altered afterwards.
    let told = youtrack(|tracker, issue| {
        tracker
            .at(&ago(60), "sam")
            .person(issue, "Approved by", "kim");
    });
    is(&told, "unproven", "does not say when");
    let told = youtrack(|tracker, issue| {
        tracker.at(&ago(60), "kim").state(issue, "Approved");
        tracker.at(&ago(30), "sam").state(issue, "Waiting");
    });
    is(&told, "unapproved", "withdrawn");
    let told = youtrack(|tracker, issue| {
        tracker.at(&ago(60), "kim").state(issue, "Approved");
        tracker
            .at(&ago(30), "sam")
            .moment(issue, "Window end", &ago(-120));
    });
    is(&told, "unapproved", "altered");
}
