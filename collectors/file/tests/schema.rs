//! The published format, the examples and the reader say the same.

#![expect(clippy::unwrap_used, reason = "a panic in a test is the message")]

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, SystemTime};

use jsonschema::Validator;
use plimsoll_file::findings::{self, Gathering, Origin};
use plimsoll_kit::testkit::{context, run};
use plimsoll_kit::{Harvest, Harvester};
use serde_json::Value;

#[path = "../../../examples/estate.rs"]
#[expect(dead_code, reason = "its main is for itself")]
mod estate;

const HEADER: &str = "{\"plimsoll\":\"findings/v1\"}\n";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn schema() -> Validator {
    let text = std::fs::read_to_string(root().join("docs/findings.schema.json")).unwrap();
    let schema: Value = serde_json::from_str(&text).unwrap();
    jsonschema::meta::validate(&schema).unwrap();
    jsonschema::validator_for(&schema).unwrap()
}

fn fits(schema: &Validator, line: &str) -> bool {
    serde_json::from_str(line).is_ok_and(|line: Value| schema.is_valid(&line))
}

fn assert_all_fit(text: &str) {
    let schema = schema();
    for line in text.lines() {
        assert!(fits(&schema, line), "{line}");
    }
}

fn read(text: &str) -> Harvest {
    let origin = Origin {
        name: "x".to_owned(),
        scope: findings::SCOPE.to_owned(),
        max_bytes: findings::MAX_BYTES,
    };
    let context = context("test");
    let mut harvest = Harvester::new(context.limits);
    let mut gathering = Gathering::new(&origin, &context);
    let source = Box::new(std::io::Cursor::new(text.to_owned().into_bytes()));
    run(findings::read(
        source,
        &mut gathering,
        &context,
        &mut harvest,
    ));
    gathering.finish(&mut harvest);
    harvest.finish()
}

/// Whether the reader takes a line without a word against it.
fn is_read(line: &str) -> bool {
    let close = "{\"scope\":{\"complete\":true}}\n";
    let harvest = read(&format!("{HEADER}{line}\n{close}"));
    harvest.scopes.iter().all(|scope| {
        let against = |what: &str| what.contains("line 2:");
        !scope.troubles.iter().any(|trouble| against(&trouble.what))
    })
}

#[test]
fn the_guide_shows_what_is_read() {
    let guide = std::fs::read_to_string(root().join("docs/reference/findings.md")).unwrap();
    let blocks: Vec<&str> = guide
        .split("```jsonl\n")
        .skip(1)
        .filter_map(|rest| rest.split("```").next())
        .collect();
    assert_eq!(read(blocks[0]).scopes[0].troubles, []);
    assert!(read(blocks[0]).scopes[0].complete);
    for block in &blocks {
        assert_all_fit(block);
    }
    for line in blocks[1..].iter().flat_map(|block| block.lines()) {
        assert!(is_read(line), "{line}");
    }
}

#[test]
fn schema_and_reader_refuse_the_same() {
    let schema = schema();
    for line in [
        r#"{}"#,
        r#"[]"#,
        r#"{"assets":{}}"#,
        r#"{"asset":{"id":"","kind":"a","name":"b"}}"#,
        r#"{"asset":{"id":"a","kind":" ","name":"b"}}"#,
        r#"{"asset":{"id":"a\u0085","kind":"a","name":"b"}}"#,
        r#"{"asset":{"id":"a","kind":"a","name":"b","colour":"red"}}"#,
        r#"{"asset":{"id":"a","kind":"a","name":"b","facts":{"x":null}}}"#,
        r#"{"asset":{"id":"a","kind":"a","name":"b","facts":{"x":[null]}}}"#,
        r#"{"asset":{"id":"a","kind":"a","name":"b","facts":{"x":{"how":"measured"}}}}"#,
        r#"{"asset":{"id":"a","kind":"a","name":"b","facts":{"x":{"how":"unknown","value":1}}}}"#,
        r#"{"asset":{"id":"a","kind":"a","name":"b","secrets":{"x":1}}}"#,
        r#"{"relation":{"from":"a","kind":"likes","to":"b"}}"#,
        r#"{"action":{"id":"a","asset":"b","what":"c","at":"yesterday"}}"#,
        r#"{"action":{"id":"a","asset":"b","what":"c","at":"2026-01-01T00:00:00Z","details":["release"]}}"#,
        r#"{"action":{"id":"a","asset":"b","what":"c","at":"2026-01-01T00:00:00Z","details":{"release":12}}}"#,
        r#"{"action":{"id":"a","asset":"b","what":"c","at":"2026-01-01T00:00:00Z","fields":"spec"}}"#,
        r#"{"action":{"id":"a","asset":"b","what":"c","at":"2026-01-01T00:00:00Z","by":"d"}}"#,
        r#"{"request":{"id":"a","title":"b","opened":"2026-01-01T00:00:00Z","window":["2026-01-01T00:00:00Z"]}}"#,
        r#"{"request":{"id":"a","title":"b","opened":"2026-01-01T00:00:00Z","approvals":[{"at":"2026-01-01T00:00:00Z"}]}}"#,
        r#"{"request":{"id":"a","title":"b","opened":"2026-01-01T00:00:00Z","approvals":[{"by":"kim"}]}}"#,
        r#"{"request":{"id":"a","title":"b","opened":"2026-01-01T00:00:00Z","approvals":[{"by":{"account":"kim"},"at":"soon"}]}}"#,
        r#"{"request":{"id":"a","title":"b","opened":"2026-01-01T00:00:00Z","reviews":[{"by":{"account":"kim"}}]}}"#,
        r#"{"request":{"id":"a","title":"b","opened":"2026-01-01T00:00:00Z","links":{"comits":[]}}}"#,
        r#"{"request":{"id":"a","title":"b","opened":"2026-01-01T00:00:00Z","emergency":"yes"}}"#,
        r#"{"request":{"id":"a","title":"b","opened":"2026-01-01T00:00:00Z","sign_offs":[{"kind":"qa"}]}}"#,
        r#"{"request":{"id":"a","title":"b","opened":"2026-01-01T00:00:00Z","transitions":[{"word":"Done"}]}}"#,
        r#"{"scope":{"name":"a"}}"#,
        r#"{"scope":{"complete":true},"trouble":{"what":"a"}}"#,
    ] {
        assert!(!fits(&schema, line), "the schema takes {line}");
        assert!(!is_read(line), "the reader takes {line}");
    }
}

#[test]
fn the_script_tells_of_real_backups() {
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("bo\"o\\ks");
    std::fs::create_dir_all(&database).unwrap();
    std::fs::create_dir(folder.path().join("empty")).unwrap();
    for (name, days) in [("old", 1), ("new", 400), ("older", 0)] {
        let file = std::fs::File::create(database.join(name)).unwrap();
        let time = SystemTime::UNIX_EPOCH + Duration::from_secs(days * 86_400);
        file.set_len(days).unwrap();
        file.set_modified(time).unwrap();
    }
    let output = Command::new("/bin/sh")
        .arg(root().join("examples/findings.sh"))
        .arg(folder.path())
        .output()
        .unwrap();
    assert!(
        output.status.success() && output.stderr.is_empty(),
        "{output:?}"
    );
    let text = String::from_utf8(output.stdout).unwrap();
    assert_all_fit(&text);
    let harvest = read(&text);
    assert!(harvest.scopes[0].complete, "{:?}", harvest.scopes);
    assert_eq!((harvest.assets.len(), harvest.relations.len()), (3, 2));
    let books = harvest
        .assets
        .iter()
        .find(|asset| asset.name == "bo\"o\\ks")
        .unwrap();
    assert_eq!(
        books.value("backup.latest").unwrap().as_str(),
        Some("1971-02-05T00:00:00Z")
    );
    assert_eq!(books.value("backup.bytes").unwrap().as_int(), Some(400));
    let empty = harvest
        .assets
        .iter()
        .find(|asset| asset.name == "empty")
        .unwrap();
    assert_eq!(
        empty.value("backup.present").unwrap().as_bool(),
        Some(false)
    );
}

fn made_up(assets: u64, changed: &str) -> String {
    let assets = assets.to_string();
    let arguments = [
        "--assets",
        &assets,
        "--changed",
        changed,
        "--month",
        "2026-03",
    ]
    .map(str::to_owned);
    let mut text = Vec::new();
    let estate = estate::Estate::from_arguments(arguments.into_iter()).unwrap();
    estate.write(&mut text).unwrap();
    String::from_utf8(text).unwrap()
}

#[test]
fn the_made_up_estate_is_whole_and_changes_as_asked() {
    let (one, again, other) = (made_up(2000, "0"), made_up(2000, "0"), made_up(2000, "5"));
    assert_eq!(one, again);
    assert_all_fit(&made_up(80, "50"));
    let (one, other) = (read(&one), read(&other));
    assert!(
        one.scopes.iter().all(|scope| scope.complete),
        "{:?}",
        one.scopes
    );
    assert_eq!((one.assets.len(), one.relations.len()), (2000, 3000));
    assert_eq!(one.relations, other.relations);
    let pairs = one.assets.iter().zip(&other.assets);
    let changed = pairs.filter(|(a, b)| a.id == b.id && a != b).count();
    assert!((60..=140).contains(&changed), "{changed}");
    for relation in &one.relations {
        for end in [&relation.from, &relation.to] {
            let known = one.assets.binary_search_by(|asset| asset.id.cmp(end));
            assert!(known.is_ok(), "{end}");
        }
    }
}
