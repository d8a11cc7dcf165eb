//! Verdicts through the doors: from requests and people to what every command says of them.

#![allow(
    clippy::unwrap_used,
    reason = "a panic is how a test tells what is wrong"
)]

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

/// A house: a configuration, a system, a tracker.
struct House {
    folder: tempfile::TempDir,
}

const PEOPLE: &str = r#"
[[people]]
name = "Kim"
roles = ["cto"]
accounts = { any = "kim" }
[[people]]
name = "Lee"
roles = ["security-officer"]
accounts = { any = "lee" }
[[people]]
name = "Sam"
accounts = { any = "sam" }
"#;

impl House {
    fn new(more: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let config = format!(
            "[store]\npath = {:?}\n[[sources]]\nname = \"estate\"\ncollector = \"file\"\nsettings.path = {:?}\n\
             [[sources]]\nname = \"tracker\"\ncollector = \"file\"\nsettings.path = {:?}\n{more}{PEOPLE}",
            at("plimsoll.db"),
            at("estate.jsonl"),
            at("tracker.jsonl"),
        );
        std::fs::write(at("config.toml"), config).unwrap();
        let house = Self { folder };
        house.estate("no");
        house.tracker(&[], true);
        house
    }

    fn estate(&self, restart: &str) {
        let asset = json!({"asset": {"id": "container:h/api", "kind": "container", "name": "api",
            "labels": {"plimsoll.environment": "production", "plimsoll.role": "worker"},
            "facts": {"restart-policy": restart}}});
        self.write("estate.jsonl", &[asset], true);
    }

    fn tracker(&self, requests: &[Value], complete: bool) {
        let lines: Vec<Value> = requests
            .iter()
            .map(|one| json!({ "request": one }))
            .collect();
        self.write("tracker.jsonl", &lines, complete);
    }

    fn write(&self, name: &str, lines: &[Value], complete: bool) {
        let mut text = format!("{{\"plimsoll\":\"findings/v1\",\"scope\":\"{name}\"}}\n");
        for line in lines {
            text.push_str(&line.to_string());
            text.push('\n');
        }
        if complete {
            text.push_str("{\"scope\":{\"complete\":true}}\n");
        }
        std::fs::write(self.folder.path().join(name), text).unwrap();
    }

    fn run(&self, arguments: &[&str]) -> (i32, String) {
        let config: &Path = &self.folder.path().join("config.toml");
        let output = Command::new(env!("CARGO_BIN_EXE_plimsoll"))
            .arg("--quiet")
            .arg("--config")
            .arg(config)
            .args(arguments)
            .output()
            .unwrap();
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(!told.contains("panicked"), "{told}");
        (
            output.status.code().unwrap(),
            if text.is_empty() { told } else { text },
        )
    }

    fn scan(&self) -> (i32, Value) {
        let (code, text) = self.run(&["scan", "--format", "json"]);
        let report: Value =
            serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"));
        let schema: Value =
            serde_json::from_str(include_str!("../docs/report.schema.json")).unwrap();
        let schema = jsonschema::validator_for(&schema).unwrap();
        let wrong: Vec<String> = schema
            .iter_errors(&report)
            .map(|error| error.to_string())
            .collect();
        assert!(wrong.is_empty(), "{wrong:#?}");
        (code, report)
    }
}

/// A ticket for the api that is good from the first day of 2020 on, with a window far into the future.
fn ticket() -> Value {
    json!({"id": "CHG-1", "title": "Restart the api by itself", "opened": "2020-01-01T08:00:00Z",
        "requester": {"account": "sam"}, "environments": ["production"], "assets": ["container:h/api"],
        "window": ["2020-01-02T00:00:00Z", "2100-01-01T00:00:00Z"],
        "approvals": [{"by": {"account": "kim"}, "at": "2020-01-01T10:00:00Z"}]})
}

/// A ticket for something else, that is not yet done with.
fn elsewhere() -> Value {
    json!({"id": "CHG-9", "title": "Something else", "opened": "2020-01-01T08:00:00Z",
        "assets": ["container:h/other"], "window": ["2099-01-01T00:00:00Z", "2100-01-01T00:00:00Z"]})
}

const POLICY: &str = "[approval]\npolicy = \"ours\"\npaths = [\"ours.toml\"]\n";

/// A house with a policy that knows no end of an approval, since the test's changes happen now.
fn with_policy() -> House {
    let folder = House::new(POLICY);
    let policy = "[[rule]]\nid = \"all\"\napprovers = [\"cto\"]\n\
        [rule.emergency]\nauthorisers = [\"cto\"]\nsigned-off-within = \"3 days\"\n";
    std::fs::write(folder.folder.path().join("ours.toml"), policy).unwrap();
    folder
}

fn change(report: &Value) -> &Value {
    let changes = report["changes"].as_array().unwrap();
    assert_eq!(changes.len(), 1, "{changes:#?}");
    &changes[0]
}

#[test]
fn approved_with_its_evidence() {
    let house = with_policy();
    house.tracker(&[ticket()], true);
    house.scan();
    house.estate("always");
    let (_, report) = house.scan();
    let row = change(&report);
    assert_eq!(
        (&row["verdict"], &row["request"]),
        (&json!("approved"), &json!("CHG-1")),
        "{row:#}"
    );
    assert_eq!(row["judged"]["rule"], "ours/all");
    let id = row["id"].to_string();

    let (code, text) = house.run(&["changes", "explain", &id]);
    assert_eq!(code, 0);
    for part in [
        "verdict: approved (CHG-1)",
        "policy: ours/all",
        "approver-authorised: Kim is cto",
        "tracker: CHG-1 approved by kim",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let (_, text) = house.run(&["changes", "explain", &id, "--format", "json"]);
    let explained: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(explained["history"].as_array().unwrap().len(), 1);

    // Every part's hash is that of what is printed, and the whole's that of all of them.
    let (_, text) = house.run(&["changes", "evidence", &id]);
    let evidence: Value = serde_json::from_str(&text).unwrap();
    let mut whole = blake3::Hasher::new();
    for part in evidence["parts"].as_array().unwrap() {
        let hash = blake3::hash(part["content"].to_string().as_bytes())
            .to_hex()
            .to_string();
        assert_eq!(part["blake3"], hash, "{part:#}");
        whole.update(format!("{} {hash}\n", part["name"].as_str().unwrap()).as_bytes());
    }
    assert_eq!(evidence["blake3"], whole.finalize().to_hex().to_string());
    assert!(text.contains("\"CHG-1\"") && text.contains("2020-01-01T10:00:00Z"));
    for (format, mark) in [
        ("markdown", "# Evidence of change"),
        ("html", "<h1>Evidence of change"),
    ] {
        let (_, text) = house.run(&["changes", "evidence", &id, "--format", format]);
        assert!(
            text.contains(mark) && text.contains(evidence["blake3"].as_str().unwrap()),
            "{text}"
        );
    }
}

#[test]
fn unapproved_until_the_ticket_comes_in_and_never_by_one_approved_after() {
    let house = with_policy();
    let other = elsewhere();
    house.tracker(std::slice::from_ref(&other), true);
    house.scan();
    house.estate("always");
    let (code, report) = house.scan();
    let row = change(&report).clone();
    assert_eq!((code, &row["verdict"]), (10, &json!("unapproved")));
    let id = row["id"].to_string();

    // Approved after the change: it stays what it is.
    let mut late = ticket();
    late["approvals"][0]["at"] = json!("2090-01-01T00:00:00Z");
    let afterwards = late["approvals"][0].clone();
    house.tracker(&[other.clone(), late], true);
    house.scan();
    let (_, text) = house.run(&["changes", "explain", &id]);
    assert!(
        text.contains("verdict: unapproved (CHG-1)") && text.contains("approval-after-change"),
        "{text}"
    );

    // Approved before too, and synchronised only now: a history grows, and what was seen of it stays.
    let mut both = ticket();
    both["approvals"].as_array_mut().unwrap().push(afterwards);
    house.tracker(&[other, both], true);
    house.scan();
    let (_, text) = house.run(&["changes", "explain", &id]);
    assert!(text.contains("verdict: approved (CHG-1)"), "{text}");
    let before = text.split("before:").nth(1).unwrap();
    assert_eq!(
        before.matches(": unapproved").count(),
        2,
        "the history is kept: {text}"
    );
    let (_, text) = house.run(&["changes", "--format", "json"]);
    let listed: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(listed["changes"][0]["verdict"], "approved");
}

#[test]
fn a_tracker_that_cannot_be_read_proves_nothing() {
    let house = with_policy();
    let other = elsewhere();
    house.tracker(std::slice::from_ref(&other), true);
    house.scan();
    house.estate("always");
    house.tracker(std::slice::from_ref(&other), false);
    let (_, report) = house.scan();
    assert_eq!(change(&report)["verdict"], "unproven", "{report:#}");
    let id = change(&report)["id"].to_string();
    house.tracker(&[other], true);
    house.scan();
    let (_, text) = house.run(&["changes", "explain", &id]);
    assert!(text.contains("verdict: unapproved"), "{text}");
}

#[test]
fn a_tracker_that_is_empty_and_was_read_is_read() {
    let house = House::new(&format!("{POLICY}sources = [\"tracker\"]\n"));
    let policy = "[[rule]]\nid = \"all\"\napprovers = [\"cto\"]\n";
    std::fs::write(house.folder.path().join("ours.toml"), policy).unwrap();
    house.scan();
    house.estate("always");
    let (code, report) = house.scan();
    assert_eq!(
        (code, &change(&report)["verdict"]),
        (10, &json!("unapproved")),
        "{report:#}"
    );
    // And where it was not, nothing is proven.
    std::fs::remove_file(house.folder.path().join("tracker.jsonl")).unwrap();
    house.estate("no");
    let (_, report) = house.scan();
    assert_eq!(change(&report)["verdict"], "unproven", "{report:#}");
}

#[test]
fn an_emergency_waits_for_its_sign_off() {
    let house = with_policy();
    let mut urgent = ticket();
    urgent["emergency"] = json!(true);
    house.tracker(&[urgent], true);
    house.scan();
    house.estate("always");
    let (_, report) = house.scan();
    assert_eq!(change(&report)["verdict"], "pending", "{report:#}");
}

#[test]
fn without_requests_or_a_policy_everything_is_unproven() {
    for house in [House::new(""), with_policy()] {
        house.scan();
        house.estate("always");
        let (_, report) = house.scan();
        let row = change(&report);
        assert_eq!(row["verdict"], "unproven");
        assert!(
            row["reasons"][0]
                .as_str()
                .unwrap()
                .contains("no source of change requests"),
            "{row:#}"
        );
    }
    let house = House::new("");
    house.tracker(&[ticket()], true);
    house.scan();
    house.estate("always");
    let (_, report) = house.scan();
    let reason = change(&report)["reasons"][0].as_str().unwrap().to_owned();
    assert!(reason.contains("no approval policy is chosen"), "{reason}");
}

#[test]
fn the_population_is_what_was_observed() {
    let house = with_policy();
    house.tracker(&[ticket()], true);
    house.scan();
    for restart in ["always", "no", "always", "on-failure"] {
        house.estate(restart);
        house.scan();
    }
    let span = [
        "changes",
        "population",
        "--from",
        "2020-01-01",
        "--to",
        "2099-01-01",
    ];
    let (_, text) = house.run(&span);
    let rows: Vec<&str> = text.lines().collect();
    assert_eq!(
        rows.iter().filter(|row| row.starts_with("change,")).count(),
        4,
        "{text}"
    );
    assert_eq!(
        rows.iter().filter(|row| row.starts_with("read,")).count(),
        10,
        "{text}"
    );
    assert!(text.contains("production,approved,CHG-1,ours/all"));
    let sampled = |seed: &str| {
        let (_, text) = house.run(
            &[
                &span[..],
                &["--format", "json", "--sample", "2", "--seed", seed],
            ]
            .concat(),
        );
        let page: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(
            (&page["observed"], page["changes"].as_array().unwrap().len()),
            (&json!(4), 2)
        );
        page["changes"].to_string()
    };
    assert_eq!(sampled("a"), sampled("a"));
    let seeds = ["a", "b", "c", "d", "e", "f"];
    assert!(seeds.iter().any(|seed| sampled(seed) != sampled("a")));
    let (_, text) = house.run(&[&span[..], &["--format", "html"]].concat());
    assert!(text.contains("4 changes were observed") && text.contains("What was scanned when"));
    // Who approved, what changed and where, and by these.
    let (_, text) = house.run(&[&span[..], &["--format", "html"]].concat());
    assert!(text.contains("Approver") && text.contains("kim"), "{text}");
    assert!(text.contains("restart-policy: no → always"), "{text}");
    let matching = |filter: &[&str]| {
        let (_, text) = house.run(&[&span[..], &["--format", "json"], filter].concat());
        let page: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(page["observed"], 4, "a filter hides nothing: {filter:?}");
        page["matching"].as_u64().unwrap()
    };
    assert_eq!(matching(&["--approver", "KIM"]), 4);
    assert_eq!(matching(&["--approver", "lee"]), 0);
    assert_eq!(matching(&["--environment", "production"]), 4);
    assert_eq!(matching(&["--environment", "unknown"]), 0);
    assert_eq!(
        matching(&["--verdict", "approved", "--verdict", "unapproved"]),
        4
    );
    assert_eq!(matching(&["--verdict", "unapproved"]), 0);
    assert_eq!(matching(&["--changed", "on-failure"]), 1);
    assert_eq!(matching(&["--changed", "image"]), 0);
    let (code, text) = house.run(&[&span[..], &["--environment", "prod"]].concat());
    assert!(code == 1 && text.contains("production, staging"), "{text}");
    let (code, text) = house.run(&[
        "changes",
        "population",
        "--from",
        "2027-01-01",
        "--to",
        "2026-01-01",
    ]);
    assert!(code == 1 && text.contains("later than"), "{text}");
}

#[test]
fn people_are_listed_and_checked() {
    let house = with_policy();
    let mut ticket = ticket();
    ticket["approvals"][0]["by"]["account"] = json!("k1m");
    house.tracker(&[ticket], true);
    house.scan();
    let (code, text) = house.run(&["people", "list"]);
    assert!(code == 0 && text.contains("Kim: cto"), "{text}");
    let (code, text) = house.run(&["people", "unmatched"]);
    assert!(
        code == 0 && text.contains("tracker: k1m (approved)"),
        "{text}"
    );
    let (code, text) = house.run(&["people", "check"]);
    assert!(code == 0 && text.contains("every role"), "{text}");
    let other = House::new("[approval]\npolicy = \"four-reviews\"\n");
    let (code, text) = other.run(&["people", "check"]);
    assert!(
        code == 1 && text.contains("a review needs qa, and nobody has that role"),
        "{text}"
    );
}

#[test]
fn mistakes_in_policy_and_people_come_at_once() {
    let house = House::new(
        "[approval]\npolicy = \"tracker-ceo\"\n[[people]]\nname = \"Kim\"\nrole = \"x\"\n",
    );
    let (code, text) = house.run(&["scan"]);
    assert_eq!(code, 20);
    for part in [
        "no approval policy is called \"tracker-ceo\" (did you mean \"tracker-cto\"?)",
        "two are called \"Kim\"",
        "unknown key `role`",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
}

#[test]
fn what_is_removed_is_judged_by_what_it_was_and_controls_count_it() {
    for (environment, rule) in [("production", "ours/live"), ("development", "ours/rest")] {
        let house = House::new(POLICY);
        let policy = "[[rule]]\nid = \"live\"\nenvironments = [\"production\"]\napprovers = [\"cto\"]\n\
            [[rule]]\nid = \"rest\"\nenvironments = [\"development\"]\napprovers = [\"cto\"]\n";
        std::fs::write(house.folder.path().join("ours.toml"), policy).unwrap();
        house.tracker(&[elsewhere()], true);
        // What it is in says where it belongs, as a stack or a namespace does.
        let project = json!({"asset": {"id": "project:p", "kind": "project", "name": "p",
            "labels": {"plimsoll.environment": environment}}});
        let api = json!({"asset": {"id": "container:h/api", "kind": "container", "name": "api",
            "labels": {"plimsoll.role": "worker"}}});
        let inside =
            json!({"relation": {"from": "project:p", "kind": "contains", "to": "container:h/api"}});
        house.write("estate.jsonl", &[project.clone(), api, inside], true);
        house.scan();
        house.write("estate.jsonl", &[project], true);
        let (_, report) = house.scan();
        let row = change(&report);
        assert_eq!(
            (&row["kind"], &row["judged"]["rule"]),
            (&json!("removed"), &json!(rule)),
            "{row:#}"
        );
        assert_eq!(row["verdict"], "unapproved");
        let controls = report["controls"].as_array().unwrap();
        let failed = row["judged"]["reasons"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|reason| reason["outcome"] == "fails");
        for reason in failed {
            let control = controls
                .iter()
                .find(|row| row["control"] == reason["control"])
                .unwrap();
            assert!(control["fail"].as_u64().unwrap() > 0, "{control:#}");
        }
    }
}
