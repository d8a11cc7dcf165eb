//! `plimsoll export` and the questions of `plimsoll inventory`, from the command line.

#![allow(
    clippy::unwrap_used,
    reason = "a panic is how a test tells what is wrong"
)]

mod support;

use plimsoll_kit::testkit::assert_text;
use serde_json::Value;
use support::{Findings, Plimsoll};

/// The shop of the golden exports, as findings; facts of a finding are reported unless they say how.
fn shop() -> String {
    include_str!("export/estate.jsonl").to_owned()
}

struct Scanned {
    _findings: Findings,
    plimsoll: Plimsoll,
    times: [String; 2],
}

fn scanned_twice() -> Scanned {
    let before: Vec<String> = shop()
        .lines()
        .filter(|line| !line.contains("shop/worker"))
        .map(|line| line.replace("redis:7", "redis:6"))
        .collect();
    let findings = Findings::of(&before.join("\n"));
    let plimsoll = Plimsoll::new(&findings.source());
    let finished = |report: &Value| report["scan"]["finished"].as_str().unwrap().to_owned();
    let first = finished(&plimsoll.scan().json);
    findings.write(&shop());
    let second = finished(&plimsoll.scan().json);
    Scanned {
        _findings: findings,
        plimsoll,
        times: [first, second],
    }
}

impl Scanned {
    fn says(&self, arguments: &[&str]) -> String {
        let output = self.plimsoll.run(arguments).success(&arguments.join(" "));
        assert_eq!(output.stderr, "", "{arguments:?}");
        output.stdout
    }

    fn transcript(&self, arguments: &[&str]) -> String {
        let mut text = format!(
            "$ plimsoll {}\n{}\n",
            arguments.join(" "),
            self.says(arguments)
        );
        for (time, name) in self.times.iter().zip(["FIRST", "SECOND"]) {
            text = text.replace(time.as_str(), name);
        }
        text
    }

    fn refused(&self, arguments: &[&str], code: i32, words: &[&str]) {
        let output = self.plimsoll.run(arguments);
        assert_eq!(
            output.code,
            Some(code),
            "{arguments:?}: {}{}",
            output.stdout,
            output.stderr
        );
        assert_eq!(output.stdout, "", "{arguments:?}");
        for word in words {
            assert!(
                output.stderr.contains(word),
                "{arguments:?}: {}",
                output.stderr
            );
        }
    }
}

#[test]
fn the_questions_word_for_word() {
    let shop = scanned_twice();
    let [first, _] = &shop.times;
    let text: String = [
        ["inventory", "path", "shop_proxy_1", "orders"].as_slice(),
        &["inventory", "path", "host:test-1", "shop_old"],
        &[
            "inventory",
            "path",
            "app-1",
            "container:app-1/shop/web",
            "--format",
            "json",
        ],
        &["inventory", "reach"],
        &["inventory", "reach", "--at", first],
        &["inventory", "blast", "orders"],
        &["inventory", "blast", "orders", "--format", "json"],
        &["inventory", "shared"],
        &["inventory", "shared", "--format", "json"],
        &["inventory", "orphans"],
        &["inventory", "orphans", "--format", "json"],
        &[
            "inventory",
            "path",
            "shop_proxy_1",
            "orders",
            "--format",
            "mermaid",
        ],
    ]
    .iter()
    .map(|arguments| shop.transcript(arguments))
    .collect();
    // The scan's minute is in a diagram's title.
    let minute = regex::Regex::new(r"\d{4}-\d\d-\d\d \d\d:\d\d UTC").unwrap();
    let text = minute.replace_all(&text, "MINUTE");
    assert_text(
        concat!(env!("CARGO_MANIFEST_DIR"), "/tests/export_cli/expected.txt"),
        &text,
    );
}

#[test]
fn every_question_is_a_diagram_in_every_format() {
    let shop = scanned_twice();
    let questions: [&[&str]; 6] = [
        &["export", "diagram"],
        &["inventory", "path", "shop_proxy_1", "disk-7"],
        &["inventory", "reach"],
        &["inventory", "blast", "app-1"],
        &["inventory", "shared"],
        &["inventory", "orphans"],
    ];
    let formats = [
        ("dot", "digraph plimsoll {"),
        ("mermaid", "---\ntitle: "),
        ("d2", "direction: right"),
        ("drawio", "<mxfile>"),
        ("graphml", "<?xml"),
        ("svg", "<?xml"),
        ("png", "\u{fffd}PNG"),
    ];
    for question in questions {
        for (format, start) in formats {
            let arguments = [question, &["--format", format]].concat();
            let text = shop.says(&arguments);
            assert!(
                text.starts_with(start),
                "{arguments:?}: {}",
                &text.chars().take(80).collect::<String>()
            );
            let again = question[0] == "export" && format != "png";
            assert!(
                !again || text == shop.says(&arguments),
                "{arguments:?} is another the second time"
            );
        }
    }
}

#[test]
fn what_is_drawn_is_what_was_asked_for() {
    let shop = scanned_twice();
    let [first, _] = &shop.times;
    let dot =
        |more: &[&str]| shop.says(&[&["export", "diagram", "--format", "dot"], more].concat());
    let all = dot(&[]);
    assert!(
        all.contains("shop_worker_1")
            && all.contains("label=\"staging\"")
            && !all.contains("shop-mail")
    );
    assert!(dot(&["--details"]).contains("shop-mail"));
    assert!(!dot(&["--at", first]).contains("shop_worker_1"));
    let production = dot(&["--environment", "production"]);
    assert!(
        production.contains("orders")
            && !production.contains("test-1")
            && production.contains("Shown: environment production")
    );
    let databases = dot(&["--role", "database"]);
    assert!(
        databases.contains("orders")
            && databases.contains("disk-7")
            && !databases.contains("shop_web_1")
    );
    let near = dot(&["--around", "disk-7", "--depth", "1"]);
    assert!(
        near.contains("orders") && near.contains("asked about") && !near.contains("shop_web_1")
    );
    let since = dot(&["--since", first]);
    assert!(
        since.contains("+ added")
            && since.contains("Δ changed")
            && since.contains("1 added, 0 removed, 1 changed"),
        "{since}"
    );
    let small = dot(&["--limit", "3"]);
    assert!(small.contains("assets are drawn as") && small.len() < all.len());
}

#[test]
fn mistakes_are_told() {
    let shop = scanned_twice();
    shop.refused(
        &["export", "diagram", "--role", "databse"],
        1,
        &["--role", "databse", "database"],
    );
    shop.refused(
        &["export", "diagram", "--around", "nobody"],
        1,
        &["--around", "nobody", "plimsoll inventory list"],
    );
    shop.refused(
        &["export", "diagram", "--since", "1999-01-01"],
        1,
        &["--since", "no scan"],
    );
    shop.refused(
        &["export", "diagram", "--at", "1999-01-01"],
        1,
        &["no scan"],
    );
    shop.refused(
        &["export", "diagram", "--format", "gif"],
        2,
        &["svg", "png", "drawio"],
    );
    shop.refused(
        &["export", "diagram", "--environment", "qa"],
        2,
        &["production", "staging"],
    );
    shop.refused(&["export", "diagram", "--depth", "2"], 2, &["--around"]);
    shop.refused(
        &["export", "inventory", "--format", "ods"],
        2,
        &["csv", "xlsx"],
    );
    shop.refused(
        &["export", "diagram", "--environment", "development"],
        1,
        &["nothing fits"],
    );
    shop.refused(
        &["inventory", "path", "shop_web_1", "orders"],
        1,
        &["several assets", "container:test-1/shop/web"],
    );
    let empty = Plimsoll::new(&Findings::new().source());
    let output = empty.run(&["export", "inventory"]);
    assert_eq!(output.code, Some(1), "{}", output.stderr);
    assert!(output.stderr.contains("plimsoll scan"), "{}", output.stderr);
}

#[test]
fn tables_hold_what_the_inventory_holds() {
    // Two sources that see one machine under two ids, proven by an alias, and mean two things by a third.
    let one = Findings::of(
        r#"{"asset":{"id":"host:a","kind":"host","name":"a","aliases":["machine-id:1"],"facts":{"os":"Debian 12"}}}
{"asset":{"id":"host:c","kind":"host","name":"c","aliases":["machine-id:3"]}}
{"asset":{"id":"service:s","kind":"service","name":"s"}}
{"relation":{"from":"service:s","kind":"runs-on","to":"host:a"}}
{"relation":{"from":"service:s","kind":"uses","to":"host:nobody"}}"#,
    );
    let other = Findings::of(
        r#"{"asset":{"id":"host:b","kind":"host","name":"b","aliases":["machine-id:1"],"facts":{"kernel":"6.1"},"readings":{"clock.skew-ms":3}}}
{"asset":{"id":"host:c","kind":"host","name":"other c","aliases":["machine-id:4"]}}
{"relation":{"from":"service:s","kind":"uses","to":"host:b"}}"#,
    );
    let source = |name: &str, findings: &Findings| {
        findings
            .source()
            .replace("name = \"estate\"", &format!("name = \"{name}\""))
    };
    let plimsoll = Plimsoll::new(&(source("one", &one) + &source("two", &other)));
    plimsoll.scan();
    let json = |arguments: &[&str]| -> Value {
        serde_json::from_str(&plimsoll.run(arguments).success(&arguments.join(" ")).stdout).unwrap()
    };
    for complete in [true, false] {
        let listed = json(&["inventory", "list", "--format", "json"]);
        let exported = json(&["export", "inventory", "--format", "json"]);
        assert_eq!(exported["schema"], "plimsoll/export/v1");
        assert!(
            exported["assets"].as_array().unwrap().len() == 4,
            "{exported:#}"
        );
        for what in ["assets", "relations"] {
            assert_eq!(listed[what], exported[what], "{what}");
        }
        let lines = plimsoll
            .run(&["export", "inventory", "--format", "jsonl"])
            .success("jsonl")
            .stdout;
        let lines: Vec<Value> = lines
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        let of = |kind: &str| {
            lines
                .iter()
                .filter_map(|line| line.get(kind).cloned())
                .collect::<Vec<_>>()
        };
        assert_eq!(lines[0]["scan"]["complete"], complete);
        assert_eq!(Value::from(of("asset")), listed["assets"]);
        assert_eq!(Value::from(of("relation")), listed["relations"]);
        assert_eq!(of("scope").len(), 2);
        // The second time one of the sources cannot be read: what it knew is told as out of sight in both.
        std::fs::write(
            other.path(),
            "{\"plimsoll\":\"findings/v1\",\"scope\":\"estate\"}\n",
        )
        .unwrap();
        plimsoll.scan();
    }
    let csv = plimsoll
        .run(&["export", "inventory", "--records", "relations"])
        .success("csv")
        .stdout;
    assert!(
        csv.starts_with("record,asset,kind,name,") && csv.lines().count() == 3,
        "{csv}"
    );
}
