//! Scans of made-up harvests, one after another, through the real store.

mod listeners;
mod past;
mod records;
mod sight;
mod told;

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use plimsoll_kit::{Clock, Harvester, Limits};
use plimsoll_model::{Alias, Asset, AssetId, Claim, Relation, RelationKind, Text};

use super::gather::Gathered;
use super::settle::settle;
use super::{Recall, Yardstick, recall};
use crate::approval::{People, Policy};
use crate::baseline::{Baselines, Status};
use crate::change::ChangeKind;
use crate::notify::plan::Notify;
use crate::report::{Observed, Report};
use crate::store::{SettingsMark, Store};

struct House {
    folder: tempfile::TempDir,
    baselines: Baselines,
    attests: Vec<crate::baseline::Attest>,
    policy: Option<Policy>,
    people: People,
    request_sources: Vec<Text>,
    configured: Option<Vec<Text>>,
    notify: Option<Notify>,
    minute: i64,
    /// For how many minutes a source is read.
    takes: i64,
}

/// By which settings the sources of these tests are read.
const SETTINGS: SettingsMark = [1; 32];

fn at(minute: i64) -> Timestamp {
    Timestamp::from_second(1_700_000_000 + minute * 60).unwrap()
}

fn id(name: &str) -> AssetId {
    AssetId::of("host", &[name])
}

fn asset(name: &str, fact: i64) -> Asset {
    let mut asset = Asset::new(id(name), "host", name);
    asset.claim("number", Claim::reported(fact));
    asset
}

fn uses(from: &str, to: &str) -> Relation {
    Relation {
        from: id(from),
        kind: RelationKind::Uses,
        to: id(to),
        scope: Text::default(),
    }
}

impl House {
    fn new() -> Self {
        let baselines = Baselines::load(&Baselines::shipped()).unwrap();
        Self {
            folder: tempfile::tempdir().unwrap(),
            baselines,
            attests: Vec::new(),
            policy: None,
            people: People::default(),
            request_sources: Vec::new(),
            configured: None,
            notify: None,
            minute: 0,
            takes: 0,
        }
    }

    fn store(&self) -> Store {
        Store::open(
            &self.folder.path().join("plimsoll.db"),
            Duration::from_secs(1),
        )
        .unwrap()
    }

    fn yardstick(&self, retention: Duration) -> Yardstick<'_> {
        Yardstick {
            baselines: &self.baselines,
            rules: &[],
            ignores: &[],
            attests: &self.attests,
            configured: self.configured.as_deref(),
            policy: self.policy.as_ref(),
            request_sources: &self.request_sources,
            people: &self.people,
            retention,
            notify: self.notify.as_ref(),
        }
    }

    /// One scan a minute, of the sources given.
    fn scan(&mut self, sources: Vec<(&str, Harvester)>) -> Report {
        self.scan_keeping(Duration::from_secs(86_400), sources)
    }

    fn scan_keeping(&mut self, retention: Duration, sources: Vec<(&str, Harvester)>) -> Report {
        self.minute += 1;
        let (now, started) = (at(self.minute), at(self.minute - self.takes));
        let gathered = sources.into_iter().map(|(source, harvester)| Gathered {
            source: source.into(),
            settings: SETTINGS,
            started,
            finished: now,
            harvest: harvester.finish(),
            calls: Default::default(),
            retired: None,
        });
        let clock: Clock = Arc::new(move || now);
        let mut store = self.store();
        let commit = store.begin().unwrap();
        settle(
            commit,
            gathered.collect(),
            &self.yardstick(retention),
            now,
            &clock,
        )
        .unwrap()
        .report
    }

    /// Takes a source out for good.
    fn retire(&mut self, source: &str, reason: &str) -> Report {
        self.minute += 1;
        let now = at(self.minute);
        let known = self.store().known_sources().unwrap();
        let found = known.iter().find(|one| one.source == source).unwrap();
        let gathered = super::retire::retirement(&found.source, &found.scopes, reason, now);
        let clock: Clock = Arc::new(move || now);
        let mut store = self.store();
        let commit = store.begin().unwrap();
        let yardstick = self.yardstick(Duration::from_secs(86_400));
        settle(commit, vec![gathered], &yardstick, now, &clock)
            .unwrap()
            .report
    }

    fn rows(&self, table: &str) -> i64 {
        let database = rusqlite::Connection::open(self.folder.path().join("plimsoll.db")).unwrap();
        let count = format!("select count(*) from {table}");
        database.query_row(&count, [], |row| row.get(0)).unwrap()
    }
}

/// A harvest of scope `a`, complete or not.
fn harvest(complete: bool, assets: Vec<Asset>, relations: Vec<Relation>) -> Harvester {
    let mut harvester = Harvester::new(Limits::default());
    harvester.open("a");
    for asset in assets {
        harvester.asset("a", asset);
    }
    for relation in relations {
        harvester.relation("a", relation);
    }
    if complete {
        harvester.complete("a");
    } else {
        harvester.trouble("a", "half of it was not readable");
    }
    harvester
}

fn changes(report: &Report) -> Vec<(String, ChangeKind, Vec<String>)> {
    let row = |row: &crate::report::ChangeRow| {
        let paths = row.paths.iter().map(|path| path.path.to_string()).collect();
        (row.name.to_string(), row.kind, paths)
    };
    let mut rows: Vec<_> = report.changes.iter().map(row).collect();
    rows.sort_by(|a, b| a.0.cmp(&b.0));
    rows
}

fn names(house: &House, scan: i64) -> Vec<String> {
    let snapshot = house.store().snapshot(scan).unwrap();
    snapshot
        .nodes()
        .iter()
        .map(|node| node.asset.name.to_string())
        .collect()
}

#[test]
fn the_first_scan_records_and_the_next_tells_what_changed() {
    let mut house = House::new();
    let first = house.scan(vec![(
        "one",
        harvest(
            true,
            vec![asset("x", 1), asset("y", 1), asset("z", 1)],
            vec![uses("x", "y")],
        ),
    )]);
    assert_eq!(
        first.changes.len(),
        0,
        "what is met for the first time is no change"
    );
    let second = house.scan(vec![(
        "one",
        harvest(
            true,
            vec![asset("x", 2), asset("y", 1), asset("new", 1)],
            vec![uses("x", "new"), uses("y", "x")],
        ),
    )]);
    assert_eq!(
        changes(&second),
        [
            ("new".into(), ChangeKind::Added, vec![]),
            (
                "x".into(),
                ChangeKind::Modified,
                vec![
                    "number".into(),
                    "relations.uses[host:new]".into(),
                    "relations.uses[host:y]".into()
                ]
            ),
            (
                "y".into(),
                ChangeKind::Modified,
                vec!["relations.uses[host:x]".into()]
            ),
            ("z".into(), ChangeKind::Removed, vec![]),
        ]
    );
    let observed = Observed {
        after: Some(at(1)),
        before: at(2),
        at: None,
    };
    assert!(
        second
            .changes
            .iter()
            .all(|change| change.observed == observed)
    );
    assert_eq!(names(&house, 1), ["x", "y", "z"]);
    assert_eq!(names(&house, 2), ["new", "x", "y"]);
    let snapshot = house.store().snapshot(1).unwrap();
    assert_eq!(snapshot.edges().len(), 1, "edges are as of then, too");
}

#[test]
fn an_unchanged_scan_writes_no_asset_rows() {
    let mut house = House::new();
    let estate = || {
        let relations = vec![uses("x", "y")];
        vec![(
            "one",
            harvest(true, vec![asset("y", 1), asset("x", 1)], relations),
        )]
    };
    house.scan(estate());
    let before: Vec<i64> = ["asset", "version", "relation", "drift"]
        .map(|table| house.rows(table))
        .to_vec();
    for _ in 0..3 {
        assert!(house.scan(estate()).changes.is_empty());
    }
    let after: Vec<i64> = ["asset", "version", "relation", "drift"]
        .map(|table| house.rows(table))
        .to_vec();
    assert_eq!(before, after);
    assert_eq!(house.rows("scan"), 4);
}

#[test]
fn a_partial_read_never_removes_anything() {
    let mut house = House::new();
    let all = vec![asset("x", 1), asset("y", 1)];
    house.scan(vec![("one", harvest(true, all, vec![uses("x", "y")]))]);
    let partial = house.scan(vec![("one", harvest(false, vec![asset("x", 1)], vec![]))]);
    assert!(partial.changes.is_empty());
    assert_eq!(names(&house, 2), ["x", "y"]);
    assert_eq!(house.store().snapshot(2).unwrap().edges().len(), 1);
    assert!(!partial.coverage[0].complete && !partial.coverage[0].troubles.is_empty());

    // Nothing at all read: not even the scope is named.
    let mut nothing = Harvester::new(Limits::default());
    nothing.trouble("all", "no answer");
    assert!(house.scan(vec![("one", nothing)]).changes.is_empty());
    assert_eq!(names(&house, 3), ["x", "y"]);

    let whole = house.scan(vec![("one", harvest(true, vec![asset("x", 1)], vec![]))]);
    let gone = whole
        .changes
        .iter()
        .find(|change| change.kind == ChangeKind::Removed)
        .unwrap();
    assert_eq!(gone.name, "y");
    assert_eq!(
        gone.observed,
        Observed {
            after: Some(at(1)),
            before: at(4),
            at: None
        },
        "it may have gone at any time since the last complete read"
    );
}

#[test]
fn what_could_not_be_read_is_unknown_and_never_a_pass() {
    let mut house = House::new();
    let host = || {
        let mut host = asset("x", 1);
        host.claim("clock.settable", Claim::reported(true));
        host.labels.insert("plimsoll.role", "host".into());
        host.claim("clock.synchronised", Claim::measured(true));
        host.reading("clock.max-error-us", Claim::measured(10));
        host
    };
    let clock = |report: &Report| {
        let row = report
            .controls
            .iter()
            .find(|row| row.control == "time-synchronised")
            .unwrap();
        (row.counts.pass, row.counts.unknown)
    };
    assert_eq!(
        clock(&house.scan(vec![("one", harvest(true, vec![host()], vec![]))])),
        (1, 0)
    );
    let dark = house.scan(vec![("one", harvest(false, vec![], vec![]))]);
    assert_eq!(
        clock(&dark),
        (0, 1),
        "it was not seen: what held before is not known to hold now"
    );
    let light = house.scan(vec![("one", harvest(true, vec![host()], vec![]))]);
    assert_eq!(clock(&light), (1, 0));
    assert!(light.changes.is_empty());
}

#[test]
fn what_first_shows_after_a_partial_read_is_not_called_new() {
    let mut house = House::new();
    house.scan(vec![("one", harvest(false, vec![asset("x", 1)], vec![]))]);
    let whole = house.scan(vec![(
        "one",
        harvest(true, vec![asset("x", 1), asset("y", 1)], vec![]),
    )]);
    assert!(whole.changes.is_empty(), "y may have been there all along");
}

#[test]
fn what_changes_in_the_dark_shows_when_it_is_light_again() {
    let mut house = House::new();
    let dark = || {
        let mut asset = Asset::new(id("x"), "host", "x");
        asset.claim("number", Claim::unknown("no answer from x"));
        asset
    };
    house.scan(vec![("one", harvest(true, vec![asset("x", 1)], vec![]))]);
    for _ in 0..2 {
        assert!(
            house
                .scan(vec![("one", harvest(true, vec![dark()], vec![]))])
                .changes
                .is_empty()
        );
    }
    let light = house.scan(vec![("one", harvest(true, vec![asset("x", 2)], vec![]))]);
    assert_eq!(
        changes(&light),
        [("x".into(), ChangeKind::Modified, vec!["number".into()])]
    );
}

#[test]
fn sources_that_are_not_scanned_stay_as_last_known() {
    let mut house = House::new();
    house.scan(vec![
        (
            "one",
            harvest(true, vec![asset("x", 1)], vec![uses("x", "y")]),
        ),
        ("two", harvest(true, vec![asset("y", 1)], vec![])),
    ]);
    let one = house.scan(vec![(
        "one",
        harvest(true, vec![asset("x", 1)], vec![uses("x", "y")]),
    )]);
    assert!(one.changes.is_empty());
    assert_eq!(
        one.summary.relations, 1,
        "an edge into a source that was not scanned holds"
    );
    let fresh: Vec<bool> = one.coverage.iter().map(|row| row.fresh).collect();
    assert_eq!(fresh, [true, false]);
}

#[test]
fn an_asset_that_another_source_sees_is_neither_new_nor_gone() {
    let mut house = House::new();
    let known = |name: &str, alias: &str| {
        let mut asset = asset(name, 1);
        asset.aliases.push(Alias::new("machine-id", alias));
        asset
    };
    house.scan(vec![
        ("one", harvest(true, vec![known("x", "1")], vec![])),
        ("two", harvest(true, vec![], vec![])),
    ]);
    let both = house.scan(vec![
        ("one", harvest(true, vec![known("x", "1")], vec![])),
        ("two", harvest(true, vec![known("x", "1")], vec![])),
    ]);
    assert!(both.changes.is_empty());
    let snapshot = house.store().snapshot(2).unwrap();
    assert_eq!(snapshot.nodes()[0].sources.len(), 2);
    let one_left = house.scan(vec![
        ("one", harvest(true, vec![], vec![])),
        ("two", harvest(true, vec![known("x", "1")], vec![])),
    ]);
    assert!(one_left.changes.is_empty());
    let none_left = house.scan(vec![
        ("one", harvest(true, vec![], vec![])),
        ("two", harvest(true, vec![], vec![])),
    ]);
    assert_eq!(
        changes(&none_left),
        [("x".into(), ChangeKind::Removed, vec![])]
    );
}

#[test]
fn both_sources_meet_an_asset_in_one_scan_and_it_is_added_once() {
    let mut house = House::new();
    house.scan(vec![
        ("one", harvest(true, vec![], vec![])),
        ("two", harvest(true, vec![], vec![])),
    ]);
    let report = house.scan(vec![
        ("one", harvest(true, vec![asset("x", 1)], vec![])),
        ("two", harvest(true, vec![asset("x", 1)], vec![])),
    ]);
    assert_eq!(changes(&report), [("x".into(), ChangeKind::Added, vec![])]);
}

#[test]
fn drifts_open_stay_are_resolved_and_reopen() {
    let mut house = House::new();
    let host = |environment: Option<&str>| {
        let mut asset = asset("x", 1);
        if let Some(environment) = environment {
            asset
                .labels
                .insert("plimsoll.environment", environment.into());
        }
        vec![("one", harvest(true, vec![asset], vec![]))]
    };
    let tagged = |report: &Report| {
        let all = report.drifts.iter().chain(&report.resolved);
        let mut all = all;
        let row = all.rfind(|row| row.control == "environment-tagged");
        row.map(|row| (row.state.as_str(), row.since, row.change.is_some()))
    };
    assert_eq!(tagged(&house.scan(host(None))), Some(("new", at(1), false)));
    assert_eq!(
        tagged(&house.scan(host(None))),
        Some(("open", at(1), false))
    );
    assert_eq!(
        tagged(&house.scan(host(Some("production")))),
        Some(("resolved", at(1), false))
    );
    assert_eq!(tagged(&house.scan(host(Some("production")))), None);
    assert_eq!(
        tagged(&house.scan(host(None))).map(|row| (row.0, row.1)),
        Some(("reopened", at(5)))
    );
    assert_eq!(
        tagged(&house.scan(vec![("one", harvest(true, vec![], vec![]))])).map(|row| row.0),
        Some("resolved")
    );
}
