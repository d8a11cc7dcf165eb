//! Whole findings, good and bad, through the collector.

#![expect(clippy::unwrap_used, reason = "a panic in a test is the message")]

use std::fmt::Write as _;
use std::io::Cursor;
use std::os::unix::fs::{FileExt, PermissionsExt};
use std::path::Path;
use std::sync::Arc;

use plimsoll_file::REGISTRATION;
use plimsoll_file::findings::{self, Gathering, Origin};
use plimsoll_kit::settings::Document;
use plimsoll_kit::testkit::{context, run};
use plimsoll_kit::{Context, Harvest, Harvester, Limits, Right};
use proptest::prelude::*;

const HEADER: &str = "{\"plimsoll\":\"findings/v1\",\"scope\":\"a\"}\n";
const CLOSE: &str = "{\"scope\":{\"complete\":true}}\n";

/// The harvest of a text that is read as a stream.
fn read_with(text: impl Into<Vec<u8>>, context: &Context) -> Harvest {
    let origin = Origin {
        name: "x.jsonl".to_owned(),
        scope: "findings".to_owned(),
        max_bytes: findings::MAX_BYTES,
    };
    let mut harvest = Harvester::new(context.limits);
    let source = Box::new(Cursor::new(text.into()));
    let mut gathering = Gathering::new(&origin, context);
    run(findings::read(
        source,
        &mut gathering,
        context,
        &mut harvest,
    ));
    gathering.finish(&mut harvest);
    harvest.finish()
}

fn read(text: impl Into<Vec<u8>>) -> Harvest {
    read_with(text, &context("test"))
}

fn asset(id: &str) -> String {
    format!("{{\"asset\":{{\"id\":\"{id}\",\"kind\":\"host\",\"name\":\"n\"}}}}\n")
}

/// Each scope as `name complete` or `name: trouble; trouble`.
fn scopes(harvest: &Harvest) -> Vec<String> {
    let show = |read: &plimsoll_model::ScopeRead| match read.complete {
        true => format!("{} complete", read.scope),
        false => {
            let troubles: Vec<_> = read.troubles.iter().map(|it| it.what.as_str()).collect();
            format!("{}: {}", read.scope, troubles.join("; "))
        }
    };
    harvest.scopes.iter().map(show).collect()
}

/// The harvest through the collector, and what `check` says.
fn collect(path: &Path) -> (Harvest, Right) {
    let settings = Document::new("c.toml", format!("path = {path:?}"));
    let collector = settings.read(REGISTRATION.build).unwrap().unwrap();
    let mut harvest = Harvester::new(Limits::default());
    let context = context("test");
    run(collector.collect(&context, &mut harvest));
    let access = run(collector.check(&context));
    (harvest.finish(), access[0].right)
}

#[test]
fn every_line_arrives_in_its_scope() {
    let text = [
        HEADER,
        r#"{"asset":{"id":"host:1","kind":"host","name":"one","scope":"b","facts":{"os":"Debian 12"},"secrets":{"KEY":"hunter2"}}}"#,
        "\n\r\n",
        r#"{"relation":{"from":"host:1","kind":"uses","to":"host:2"}}"#,
        "\r\n",
        r#"{"action":{"id":"7","asset":"host:1","what":"deploy","at":"2026-01-02T03:04:05Z"}}"#,
        "\n",
        r#"{"request":{"id":"OPS-1","title":"t","opened":"2026-01-02T03:04:05Z"}}"#,
        "\n",
        r#"{"scope":{"name":"b","complete":true}}"#,
        "\n",
        CLOSE.trim_end(),
    ];
    let harvest = read(text.concat());
    assert_eq!(scopes(&harvest), ["a complete", "b complete"]);
    assert_eq!(harvest.assets[0].scope, "b");
    assert_eq!(harvest.relations[0].scope, "a");
    assert_eq!((harvest.actions.len(), harvest.requests.len()), (1, 1));
    assert!(!format!("{harvest:?}").contains("hunter2"));
}

#[test]
fn an_action_says_what_it_was_about() {
    let line = r#"{"action":{"id":"7","asset":"host:1","what":"release","at":"2026-01-02T03:04:05Z","actor":{"account":"kim@example.org","name":"Kim"},"details":{"release":"12","commit":"0123abcd"},"fields":["spec.replicas"]}}"#;
    let harvest = read(format!("{HEADER}{line}\n{CLOSE}"));
    assert_eq!(scopes(&harvest), ["a complete"]);
    let action = &harvest.actions[0];
    assert_eq!(action.scope, "a");
    assert_eq!(
        action.details.get("release").map(|text| text.as_str()),
        Some("12")
    );
    assert_eq!(action.details.len(), 2);
    assert_eq!(action.fields, ["spec.replicas"]);
    assert_eq!(
        action.actor.as_ref().map(|actor| actor.account.as_str()),
        Some("kim@example.org")
    );
}

#[test]
fn a_broken_line_costs_itself_and_completeness() {
    let deep = "[".repeat(100_000);
    let nul = asset("host:n").replace("host", "\0");
    for (line, says) in [
        ("{\"asset\":", "cut off"),
        ("null", "no valid JSON"),
        ("{\"asset\":{\"id\":\"a\"}}", "missing field `kind`"),
        (
            "{\"asset\":{\"id\":\"a\",\"kind\":\"\",\"name\":\"n\"}}",
            "must not be empty",
        ),
        (
            "{\"asset\":{\"id\":\"a\",\"kind\":\"b\",\"name\":\"c\",\"colour\":1}}",
            "unknown field",
        ),
        (deep.as_str(), "no valid JSON"),
        (nul.trim_end(), "no valid JSON"),
        (
            "{\"scope\":{\"name\":\"\\u0007\",\"complete\":true}}",
            "control characters",
        ),
    ] {
        let (one, two) = (asset("host:1"), asset("host:2"));
        let other = "{\"scope\":{\"name\":\"b\",\"complete\":true}}\n";
        let harvest = read([HEADER, &one, line, "\n", &two, other, CLOSE].concat());
        assert_eq!(harvest.assets.len(), 2, "{line:.80}");
        let scopes = scopes(&harvest);
        assert!(scopes[0].starts_with("a: x.jsonl line 3: "), "{scopes:?}");
        assert!(scopes[0].contains(says), "{says}: {scopes:?}");
        assert!(
            scopes[1].starts_with("b: x.jsonl: 1 lines could not be read"),
            "{scopes:?}"
        );
    }
}

#[test]
fn a_misfit_that_names_its_scope_leaves_the_others_whole() {
    let line = "{\"asset\":{\"id\":\"a\",\"scope\":\"b\"}}\n";
    let harvest = read([HEADER, line, CLOSE].concat());
    let scopes = scopes(&harvest);
    assert_eq!(scopes[0], "a complete");
    assert!(
        scopes[1].starts_with("b: x.jsonl line 2: does not fit"),
        "{scopes:?}"
    );
}

#[test]
fn invalid_utf8_is_one_line() {
    let mut text = [HEADER, &asset("host:1")].concat().into_bytes();
    text.extend(b"{\"asset\":{\"id\":\"\xff\"}}\n");
    text.extend([asset("host:\u{e9}").as_str(), CLOSE].concat().bytes());
    let harvest = read(text);
    assert_eq!(harvest.assets.len(), 2);
    assert!(scopes(&harvest)[0].starts_with("a: x.jsonl line 3: no valid JSON"));
}

#[test]
fn a_long_line_is_left_out_and_lines_count_on() {
    let long = "x".repeat(findings::MAX_LINE + 600_000);
    let harvest = read(
        [
            HEADER,
            &asset("host:1"),
            &long,
            "\nbad\n",
            &asset("host:2"),
            CLOSE,
        ]
        .concat(),
    );
    assert_eq!(harvest.assets.len(), 2);
    let scopes = scopes(&harvest);
    assert!(
        scopes[0].contains("line 3: longer than 4194304 bytes"),
        "{scopes:?}"
    );
    assert!(scopes[0].contains("line 4: no valid JSON"), "{scopes:?}");
}

#[test]
fn without_the_closing_line_nothing_is_complete() {
    for (text, says) in [
        (asset("host:1"), "nothing says that all of a was read"),
        (
            CLOSE.to_owned() + &asset("host:1"),
            "line 3: more of a after line 2 closed it",
        ),
        (CLOSE.replace("true", "false"), "read only in part"),
        (CLOSE.replace("true", "false") + CLOSE, "read only in part"),
        (CLOSE[..20].to_owned(), "line 2: cut off"),
        (
            "{\"trouble\":{\"what\":\"no\\nanswer\"}}\n".to_owned() + CLOSE,
            "a: no answer",
        ),
        (
            asset("host:1") + &asset("host:1").replace("\"n\"", "\"m\"") + CLOSE,
            "two different assets",
        ),
    ] {
        let scopes = scopes(&read(HEADER.to_owned() + &text));
        assert_eq!(scopes.len(), 1);
        assert!(scopes[0].contains(says), "{says}: {scopes:?}");
    }
}

#[test]
fn caps_leave_every_scope_incomplete() {
    let mut context = context("test");
    context.limits.assets = 2;
    let ids = ["host:1", "host:2", "host:3"].map(asset).concat();
    let other = "{\"scope\":{\"name\":\"b\",\"complete\":true}}\n";
    let harvest = read_with([HEADER, &ids, other, CLOSE].concat(), &context);
    assert_eq!(harvest.assets.len(), 2);
    assert!(harvest.scopes.iter().all(|scope| !scope.complete));

    let mut many = HEADER.to_owned();
    for at in 0..findings::MAX_SCOPES + 5 {
        writeln!(
            many,
            "{{\"scope\":{{\"name\":\"s{at}\",\"complete\":true}}}}"
        )
        .unwrap();
    }
    let harvest = read(many);
    assert!(harvest.scopes.len() <= findings::MAX_SCOPES + 1);
    assert!(harvest.scopes.iter().all(|scope| !scope.complete));
}

#[test]
fn a_thousand_broken_lines_are_counted() {
    let harvest = read([HEADER, &"x\n".repeat(1000), CLOSE].concat());
    assert!(!harvest.scopes[0].complete);
    assert!(harvest.scopes[0].troubles.len() <= Limits::default().troubles + 1);
}

#[test]
fn what_is_no_readable_file_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    std::fs::write(path("empty"), "").unwrap();
    std::fs::write(path("newer"), "{\"plimsoll\":\"findings/v2\"}\n").unwrap();
    rustix::fs::mknodat(
        rustix::fs::CWD,
        path("fifo"),
        rustix::fs::FileType::Fifo,
        rustix::fs::Mode::RWXU,
        0,
    )
    .unwrap();
    for (path, says) in [
        (path("missing"), "does not exist"),
        (path("empty"), "is empty"),
        (path("newer"), "version 2"),
        (path("fifo"), "no regular file"),
        (folder.path().to_owned(), "no regular file"),
        (Path::new("/dev/zero").to_owned(), "no regular file"),
    ] {
        let (harvest, right) = collect(&path);
        let scopes = scopes(&harvest);
        assert!(
            scopes[0].starts_with("findings: ") && scopes[0].contains(says),
            "{scopes:?}"
        );
        assert_eq!(right, Right::Unreachable);
    }
    std::fs::write(path("good"), [HEADER, CLOSE].concat()).unwrap();
    let (harvest, right) = collect(&path("good"));
    assert_eq!(
        (scopes(&harvest), right),
        (vec!["a complete".to_owned()], Right::Granted)
    );
    std::fs::set_permissions(path("good"), std::fs::Permissions::from_mode(0o000)).unwrap();
    // Root may read it all the same.
    if std::fs::File::open(path("good")).is_err() {
        assert_eq!(collect(&path("good")).1, Right::Denied);
    }
}

#[test]
fn a_file_that_changes_meanwhile_is_incomplete() {
    struct Meddle(std::path::PathBuf);
    impl plimsoll_kit::Progress for Meddle {
        fn step(&self, _: usize, _: usize) {
            let file = std::fs::OpenOptions::new()
                .write(true)
                .open(&self.0)
                .unwrap();
            let end = file.metadata().unwrap().len();
            file.write_all_at(b"\n", end).unwrap();
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("findings.jsonl");
    std::fs::write(&path, [HEADER, CLOSE].concat()).unwrap();
    let settings = Document::new("c.toml", format!("path = {path:?}"));
    let collector = settings.read(REGISTRATION.build).unwrap().unwrap();
    let context = Context {
        progress: Arc::new(Meddle(path)),
        ..context("test")
    };
    let mut harvest = Harvester::new(Limits::default());
    run(collector.collect(&context, &mut harvest));
    assert!(scopes(&harvest.finish())[0].contains("changed while it was read"));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_bytes_cause_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..2000), headed: bool) {
        let mut text = if headed { HEADER.as_bytes().to_vec() } else { Vec::new() };
        text.extend(bytes);
        prop_assert!(!read(text).scopes.is_empty());
    }

    #[test]
    fn no_damage_causes_a_panic_or_completes_a_scope(at in 0..200_usize, with: u8) {
        let good = [HEADER, &asset("host:1"), &asset("host:2"), CLOSE].concat().into_bytes();
        let mut text = good.clone();
        let at = at % text.len();
        text[at] = with;
        let harvest = read(text.clone());
        let lost = 2 - harvest.assets.len().min(2);
        prop_assert!(lost == 0 || harvest.scopes.iter().all(|scope| !scope.complete));
    }

    #[test]
    fn the_order_of_lines_does_not_show(
        mut lines in Just((0..40).map(|n| format!(
            "{{\"asset\":{{\"id\":\"host:{n}\",\"kind\":\"host\",\"name\":\"n\",\"scope\":\"s{}\"}}}}\n{{\"relation\":{{\"from\":\"host:{n}\",\"kind\":\"uses\",\"to\":\"host:0\"}}}}\n", n % 3
        )).collect::<Vec<_>>()).prop_shuffle()
    ) {
        let close = (0..3).map(|n| format!("{{\"scope\":{{\"name\":\"s{n}\",\"complete\":true}}}}\n")).collect::<String>() + CLOSE;
        let shuffled = read(HEADER.to_owned() + &lines.concat() + &close);
        lines.sort();
        prop_assert_eq!(shuffled, read(HEADER.to_owned() + &lines.concat() + &close));
    }
}
