//! What cannot be seen wholly, and what two sources see differently.

use super::*;

/// The second look at half an asset remembers as much as the first.
#[test]
fn what_stays_half_seen_stays_what_it_was() {
    let mut house = House::new();
    let mut whole = asset("x", 1);
    whole
        .labels
        .insert("plimsoll.environment", "production".into());
    house.scan(vec![("one", harvest(true, vec![whole], vec![]))]);
    for _ in 0..3 {
        let mut half = Asset::new(id("x"), "host", "x");
        half.partial = Some("the rest timed out".into());
        let report = house.scan(vec![("one", harvest(true, vec![half], vec![]))]);
        let environment = report.systems[0].environment.as_deref();
        assert_eq!(environment, Some("production"), "scan {}", report.scan.id);
        assert!(report.changes.is_empty());
    }
}

/// A source that is scanned no more must not speak for one that is.
#[test]
fn the_last_known_of_one_source_gives_way_to_what_another_sees() {
    let mut house = House::new();
    let tagged = |word: &str| {
        let mut asset = asset("x", 1);
        asset.labels.insert("plimsoll.environment", word.into());
        harvest(true, vec![asset], vec![])
    };
    house.scan(vec![("a-former", tagged("production"))]);
    let report = house.scan(vec![("b-present", tagged("staging"))]);
    let environment = report.systems[0].environment.as_deref();
    assert_eq!(environment, Some("staging"));
    let snapshot = house.store().snapshot(report.scan.id).unwrap();
    let labels = &snapshot.nodes()[0].asset.labels;
    assert_eq!(labels.get("plimsoll.environment").unwrap(), "staging");
}

/// Of two things under one id the later one goes by an id that no harvest has; its drifts are kept all the same.
#[test]
fn drifts_of_an_id_that_two_things_share_are_kept() {
    let mut house = House::new();
    let proven = |machine: &str| {
        let mut asset = asset("x", 1);
        asset.aliases.push(Alias::new("machine-id", machine));
        harvest(true, vec![asset], vec![])
    };
    let mut states = Vec::new();
    for _ in 0..2 {
        let report = house.scan(vec![("one", proven("1")), ("two", proven("2"))]);
        let rows = report.drifts.iter();
        let mut rows = rows.filter(|row| row.asset.as_str() == "host:x@two");
        let row = rows.find(|row| row.control == "environment-tagged");
        states.push(row.map(|row| row.state.as_str()));
        let (open, _) = house.store().drifts(report.scan.id).unwrap();
        assert_eq!(open.len(), report.drifts.len());
    }
    assert_eq!(states, [Some("new"), Some("open")]);
}

/// A scan of another source in between does not bring back what was out of sight.
#[test]
fn out_of_sight_lasts_until_it_is_seen_again() {
    let mut house = House::new();
    let tagged = || {
        let mut host = asset("x", 1);
        host.labels
            .insert("plimsoll.environment", "production".into());
        host
    };
    let whole = || ("one", harvest(true, vec![tagged()], vec![]));
    let other = || ("two", harvest(true, vec![asset("y", 1)], vec![]));
    let passes = |report: &Report| {
        let row = report
            .controls
            .iter()
            .find(|row| row.control == "environment-tagged")
            .unwrap();
        row.counts.pass > 0
            && !report
                .drifts
                .iter()
                .any(|row| row.name == "x" && row.control == "environment-tagged")
    };
    assert!(passes(&house.scan(vec![whole(), other()])));
    house.scan(vec![("one", harvest(false, vec![], vec![]))]);
    let between = house.scan(vec![other()]);
    assert!(!passes(&between), "its label was not seen either");
    let stored = house.store().snapshot(between.scan.id).unwrap();
    assert_eq!(
        stored.nodes()[0].asset.value("number"),
        None,
        "nor is it known as of then"
    );
    assert!(passes(&house.scan(vec![whole()])));
    assert!(passes(&house.scan(vec![other()])));
}

/// Measurements of a source that is not scanned are its newest, not those of its last change.
#[test]
fn readings_are_the_newest_there_are() {
    let mut house = House::new();
    let measured = |error: i64| {
        let mut host = asset("x", 1);
        host.reading("clock.max-error-us", Claim::measured(error));
        ("one", harvest(true, vec![host], vec![]))
    };
    for error in [1, 2, 3] {
        house.scan(vec![measured(error)]);
    }
    assert_eq!(
        house.rows("version"),
        1,
        "a new measurement is no new version"
    );
    let other = house.scan(vec![("two", harvest(true, vec![asset("y", 1)], vec![]))]);
    let stored = house.store().snapshot(other.scan.id).unwrap();
    let reading = stored.nodes()[0].asset.value("clock.max-error-us").cloned();
    assert_eq!(reading, Some(plimsoll_model::Value::Int(3)));
}

/// What a source had seen that is configured no more is not known for ever.
#[test]
fn a_source_that_left_the_configuration_vouches_for_nothing() {
    let mut house = House::new();
    house.scan(vec![("one", harvest(true, vec![asset("x", 1)], vec![]))]);
    let configured = [Text::from("two")];
    house.minute += 1;
    let now = at(house.minute);
    let gathered = Gathered {
        source: "two".into(),
        settings: SETTINGS,
        started: now,
        finished: now,
        harvest: harvest(true, vec![asset("y", 1)], vec![]).finish(),
        calls: Default::default(),
        retired: None,
    };
    let clock: Clock = Arc::new(move || now);
    let yardstick = Yardstick {
        configured: Some(&configured),
        ..house.yardstick(Duration::MAX)
    };
    let mut store = house.store();
    let scanned = settle(
        store.begin().unwrap(),
        vec![gathered],
        &yardstick,
        now,
        &clock,
    )
    .unwrap();
    let x = &scanned.snapshot.nodes()[0].asset;
    assert_eq!((x.name.as_str(), x.value("number")), ("x", None));
    assert!(scanned.report.changes.is_empty(), "it is not gone either");
}

/// Scope `a` with one asset, and scope `b` with another where it is there.
fn two_scopes(with_b: bool, every: bool) -> Harvester {
    let mut harvester = harvest(true, vec![asset("x", 1)], vec![]);
    if with_b {
        harvester.asset("b", asset("y", 1));
        harvester.complete("b");
    }
    if every {
        harvester.names_every_scope();
    }
    harvester
}

fn scopes(report: &Report) -> Vec<(&str, bool)> {
    let rows = report.coverage.iter();
    rows.map(|row| (row.scope.as_str(), row.complete)).collect()
}

/// A scope that a source does not come to again says nothing of what was in it: it may be a right that was lost.
#[test]
fn a_scope_that_is_named_no_more_is_not_complete_and_nothing_of_it_is_removed() {
    let mut house = House::new();
    house.scan(vec![("one", two_scopes(true, false))]);
    let report = house.scan(vec![("one", two_scopes(false, false))]);
    assert!(report.changes.is_empty(), "{:?}", report.changes);
    assert_eq!(scopes(&report), [("a", true), ("b", false)]);
    let troubles = &report.coverage[1].troubles;
    assert!(troubles[0].contains("did not name it"), "{troubles:?}");
    let of_y = report.drifts.iter().filter(|row| row.name == "y");
    assert!(of_y.into_iter().any(|row| row.status == Status::Unknown));
}

/// A scope that is missing from a list of all scopes is gone, with what was in it, and is then spoken of no more.
#[test]
fn a_scope_that_is_gone_takes_with_it_what_it_held() {
    let mut house = House::new();
    house.scan(vec![("one", two_scopes(true, true))]);
    let report = house.scan(vec![("one", two_scopes(false, true))]);
    let removed = [("y".to_owned(), ChangeKind::Removed, vec![])];
    assert_eq!(changes(&report), removed);
    assert_eq!(scopes(&report), [("a", true), ("b", true)]);
    assert!(report.coverage[1].troubles[0].contains("it is no more"));
    let report = house.scan(vec![("one", two_scopes(false, true))]);
    assert!(report.changes.is_empty());
    assert_eq!(scopes(&report), [("a", true)]);
    // And it may come back.
    let report = house.scan(vec![("one", two_scopes(true, true))]);
    assert_eq!(
        changes(&report),
        [("y".to_owned(), ChangeKind::Added, vec![])]
    );
}

#[test]
fn records_are_read_on_from_the_last_whole_read_under_the_same_settings() {
    let mut house = House::new();
    let read_before = |house: &House, mark: &SettingsMark| {
        let before = house.store().read_before("one", mark, at(60)).unwrap();
        before.get("a").copied()
    };
    house.scan(vec![("one", harvest(false, vec![], vec![]))]);
    assert_eq!(
        read_before(&house, &SETTINGS),
        None,
        "never read completely"
    );
    house.scan(vec![("one", harvest(true, vec![], vec![]))]);
    house.scan(vec![("one", harvest(false, vec![], vec![]))]);
    assert_eq!(read_before(&house, &SETTINGS), Some(at(2)));
    assert_eq!(
        read_before(&house, &[2; 32]),
        None,
        "what was read by other settings is read again"
    );
    let mut store = house.store();
    let commit = store.begin().unwrap();
    commit.put_settings("one", &[2; 32], at(4)).unwrap();
    drop(commit);
    assert_eq!(
        read_before(&house, &SETTINGS),
        Some(at(2)),
        "a scan that came to nothing moves nothing"
    );
    let early = house.store().read_before("one", &SETTINGS, at(1)).unwrap();
    assert!(
        early.is_empty(),
        "a read in the future was by a wrong clock"
    );
}

#[test]
fn relations_of_a_scope_that_was_not_read_stay_beside_those_of_one_that_was() {
    let mut house = House::new();
    let seen = |relations: &[&str], read: &[&str]| {
        let mut harvester = Harvester::new(Limits::default());
        for name in ["x", "y", "z"] {
            harvester.asset("a", asset(name, 1));
        }
        for scope in relations {
            let (from, to) = if *scope == "a" {
                ("x", "y")
            } else {
                ("x", "z")
            };
            harvester.relation(scope, uses(from, to));
        }
        for scope in ["a", "b"] {
            match read.contains(&scope) {
                true => harvester.complete(scope),
                false => harvester.trouble(scope, "it was not readable"),
            }
        }
        harvester
    };
    house.scan(vec![("one", seen(&["a", "b"], &["a", "b"]))]);
    let report = house.scan(vec![("one", seen(&[], &["a"]))]);
    let snapshot = house.store().snapshot(report.scan.id).unwrap();
    let left = snapshot.edges().iter().map(|edge| snapshot.asset(edge.to));
    assert_eq!(left.map(|asset| &*asset.name).collect::<Vec<_>>(), ["z"]);
}
