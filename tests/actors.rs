//! Who made a change and who got at production, through the program: the records are findings like everything else.

#![allow(
    clippy::unwrap_used,
    reason = "a panic is how a test tells what is wrong"
)]

mod support;

use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};
use support::{Findings, Plimsoll, Report};

const DATABASE: &str = "database:shop/orders";

/// The shop with its database at a version, and what its platform has records of.
fn shop(version: &str, records: &[Value]) -> String {
    let lines = [
        json!({"asset": {"id": "app:shop/web", "kind": "app", "name": "web"}}),
        json!({"asset": {"id": DATABASE, "kind": "database", "name": "orders",
            "labels": {"plimsoll.role": "database", "plimsoll.environment": "production"},
            "facts": {"image": format!("postgres:{version}"), "release": version}}}),
        json!({"asset": {"id": "database:shop/trial", "kind": "database", "name": "trial",
            "labels": {"plimsoll.role": "database", "plimsoll.environment": "staging"}}}),
        json!({"relation": {"from": "app:shop/web", "kind": "contains", "to": DATABASE}}),
    ];
    let records = records.iter().map(|action| json!({ "action": action }));
    let lines = lines.into_iter().chain(records);
    lines.map(|line| format!("{line}\n")).collect()
}

/// A record of this moment, by an account of that name.
fn record(id: &str, asset: &str, what: &str, account: &str) -> Value {
    json!({"id": id, "asset": asset, "what": what, "at": now(), "actor": {"account": account, "name": "Of Shop"}})
}

/// Now as it is stored, in microseconds.
fn now() -> Timestamp {
    Timestamp::from_microsecond(Timestamp::now().as_microsecond()).unwrap()
}

struct Scanned {
    findings: Findings,
    plimsoll: Plimsoll,
}

impl Scanned {
    fn new() -> Self {
        let findings = Findings::of(&shop("16.1", &[]));
        let plimsoll = Plimsoll::new(&findings.source());
        plimsoll.scan();
        Self { findings, plimsoll }
    }

    fn scan(&self, version: &str, records: &[Value]) -> Report {
        self.findings.write(&shop(version, records));
        self.plimsoll.scan()
    }

    fn says(&self, arguments: &[&str]) -> String {
        self.plimsoll.run(arguments).stdout
    }

    fn json(&self, arguments: &[&str]) -> Value {
        serde_json::from_str(&self.says(arguments)).unwrap()
    }
}

#[test]
fn every_view_names_who_made_a_change_and_how_that_is_known() {
    let shop = Scanned::new();
    let mut deploy = record("41", "app:shop/web", "release", "kim@example.org");
    deploy["details"] = json!({"release": "16.2", "status": "succeeded"});
    let restart = record("42", DATABASE, "restart", "lee@example.org");
    let report = shop.scan("16.2", &[deploy.clone(), restart]);

    let change = report.change(DATABASE);
    assert_eq!(change["actor"], "kim@example.org");
    assert_eq!(change["observed"]["at"], deploy["at"]);
    let found = &change["attribution"];
    let parts = [
        "how", "evidence", "exact", "source", "action", "asset", "account", "name",
    ];
    let expected = [
        json!("platform record"),
        json!("details"),
        json!(true),
        json!("estate"),
        json!("41"),
        json!("app:shop/web"),
        json!("kim@example.org"),
        json!("Of Shop"),
    ];
    assert_eq!(parts.map(|part| found[part].clone()), expected);
    assert_eq!(found["candidates"][0]["account"], "lee@example.org");

    let by = "by kim@example.org (estate release 16.2)";
    for view in [
        ["report"].as_slice(),
        &["changes"],
        &["inventory", "history", DATABASE],
        &["report", "--explain"],
    ] {
        let text = shop.says(view);
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(text.contains(by), "{view:?}: {text}");
    }
    let explained = shop.says(&["report", "--explain"]);
    assert!(
        explained.contains("or by lee@example.org (estate restart)"),
        "{explained}"
    );
    let markdown = shop.says(&["report", "--format", "markdown"]);
    assert!(
        markdown.contains("by `kim@example.org (estate release 16.2)`"),
        "{markdown}"
    );
    let html = shop.says(&["report", "--format", "html"]);
    assert!(
        html.contains("by <bdi>kim@example.org (estate release 16.2)</bdi>"),
        "{html}"
    );
    let history = shop.json(&["inventory", "history", DATABASE, "--format", "json"]);
    assert_eq!(history["versions"][0]["actor"], Value::Null);
    assert_eq!(history["versions"][1]["actor"], "kim@example.org");
    assert_eq!(history["versions"][1]["change"], change["id"]);
}

#[test]
fn without_a_record_it_was_nobody_knows_who_until_one_comes() {
    let shop = Scanned::new();
    let meanwhile = record("43", DATABASE, "configure", "kim@example.org");
    let second = shop.scan("16.2", &[]);
    assert_eq!(second.change(DATABASE)["actor"], Value::Null);
    assert_eq!(second.change(DATABASE)["attribution"], Value::Null);
    assert_eq!(second.change(DATABASE)["observed"]["at"], Value::Null);
    let text = shop.says(&["changes"]);
    assert!(text.contains("database modified by unknown"), "{text}");

    // The platform tells it only now.
    let third = shop.scan("16.2", &[meanwhile]);
    third.assert_changes(&[]);
    let changes = shop.json(&["changes", "--format", "json"]);
    assert_eq!(changes["changes"][0]["actor"], "kim@example.org");
    assert_eq!(changes["changes"][0]["attribution"]["evidence"], "time");
    let then = second.json["scan"]["finished"].as_str().unwrap();
    let past = shop.json(&["report", "--at", then, "--format", "json"]);
    assert_eq!(past["changes"][0]["actor"], "kim@example.org");
    let text = shop.says(&["changes"]);
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        text.contains("(estate configure, the only record of that time)"),
        "{text}"
    );
}

#[test]
fn an_access_to_production_is_told_once() {
    let shop = Scanned::new();
    let records = [
        record("51", DATABASE, "tunnel", "kim@example.org"),
        record("52", "database:shop/trial", "tunnel", "kim@example.org"),
        record("53", DATABASE, "logs", "kim@example.org"),
    ];
    let second = shop.scan("16.1", &records);
    second.assert_changes(&[]);
    let told: Vec<&Value> = second.list("accesses").collect();
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(told[0]["asset"], DATABASE);
    assert_eq!(told[0]["environment"], "production");
    assert_eq!(told[0]["actor"], "kim@example.org");
    assert_eq!(second.json["summary"]["accesses"], 1);
    for (format, says) in [
        ("text", "tunnel on orders"),
        ("markdown", "## Accesses"),
        ("html", "Accesses to production"),
    ] {
        let text = shop.says(&["report", "--format", format]);
        assert!(text.contains(says), "{text}");
    }

    let third = shop.scan("16.1", &records);
    assert_eq!(third.list("accesses").count(), 0);
    assert!(!shop.says(&["report"]).contains("ACCESSES"));
    let then = second.json["scan"]["finished"].as_str().unwrap();
    let past = shop.json(&["report", "--at", then, "--format", "json"]);
    assert_eq!(past["accesses"], second.json["accesses"]);
}

/// A database that the first version of the program made, by its own schema.
#[test]
fn an_inventory_of_the_first_version_is_brought_up_to_date_in_place() {
    let findings = Findings::of(&shop("16.3", &[]));
    let plimsoll = Plimsoll::new(&findings.source());
    let path = plimsoll.data().join("plimsoll.db");
    let hour_ago = now().checked_sub(Duration::from_secs(3600)).unwrap();
    let database = rusqlite::Connection::open(&path).unwrap();
    database
        .execute_batch(include_str!("store_upgrade/version-1.sql"))
        .unwrap();
    database.execute_batch("PRAGMA application_id = 1347177811; PRAGMA user_version = 1; PRAGMA journal_mode = WAL").unwrap();
    // Its two scans were an hour ago, whenever this runs.
    let newest: i64 = database
        .query_row("SELECT max(finished) FROM scan", [], |row| row.get(0))
        .unwrap();
    for column in [
        "scan.started",
        "scan.finished",
        "scope_read.at",
        "change.after",
        "change.before",
    ] {
        let (table, column) = column.split_once('.').unwrap();
        let later = format!("UPDATE {table} SET {column} = {column} + ?1");
        database
            .execute(&later, [hour_ago.as_microsecond() - newest])
            .unwrap();
    }
    let between: i64 = database
        .query_row("SELECT (after + before) / 2 FROM change", [], |row| {
            row.get(0)
        })
        .unwrap();
    drop(database);

    // What reads it brings it up to date as well as what scans.
    let shop = Scanned { findings, plimsoll };
    let before = shop.json(&["changes", "--format", "json"]);
    assert_eq!(before["changes"][0]["asset"], DATABASE);
    assert_eq!(before["changes"][0]["actor"], Value::Null);
    let version = |path: &std::path::Path| -> i64 {
        let database = rusqlite::Connection::open(path).unwrap();
        database
            .query_row("PRAGMA user_version", [], |row| row.get(0))
            .unwrap()
    };
    // As a new one is.
    assert_eq!(version(&path), 12);

    let mut late = record("61", "app:shop/web", "deploy", "kim@example.org");
    late["at"] = json!(Timestamp::from_microsecond(between).unwrap());
    let mut now = record("62", DATABASE, "deploy", "lee@example.org");
    now["details"] = json!({"image": "postgres:16.3"});
    let third = shop.scan("16.3", &[late, now]);
    assert_eq!(third.json["scan"]["id"], 3);
    assert_eq!(third.change(DATABASE)["actor"], "lee@example.org");
    let changes = shop.json(&["changes", "--format", "json"]);
    let rows = changes["changes"].as_array().unwrap().iter();
    let actors: Vec<(&Value, &Value)> = rows.map(|row| (&row["asset"], &row["actor"])).collect();
    let of = |asset: &str| {
        let rows = actors.iter().filter(|(of, _)| *of == asset);
        rows.map(|(_, actor)| (*actor).clone()).collect::<Vec<_>>()
    };
    assert_eq!(of(DATABASE), ["lee@example.org", "kim@example.org"]);
    // The late record tells of that change and of no later one.
    assert_eq!(of("app:shop/web"), [Value::Null]);
    let past = shop.json(&["report", "--at", "30 minutes ago", "--format", "json"]);
    assert_eq!(past["scan"]["id"], 2);
    assert_eq!(past["changes"][0]["actor"], "kim@example.org");
}
