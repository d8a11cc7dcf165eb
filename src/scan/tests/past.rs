//! What is asked of scans long past, and what is left of them.

use super::*;
use crate::approval::Policies;
use crate::report::{Outcome, Verdict};

#[test]
fn a_past_report_is_what_it_was() {
    let mut house = House::new();
    let scan = |house: &mut House, number| {
        house.scan(vec![(
            "one",
            harvest(true, vec![asset("x", number)], vec![]),
        )])
    };
    let reports = [
        scan(&mut house, 1),
        scan(&mut house, 2),
        scan(&mut house, 2),
    ];
    let store = house.store();
    for report in &reports {
        let info = store.scan_at(Some(report.scan.finished)).unwrap().unwrap();
        let again = recall(
            &store,
            &info,
            &house.yardstick(Duration::MAX),
            Recall::Whole,
        )
        .unwrap();
        let json = |report: &Report| serde_json::to_value(report).unwrap();
        assert_eq!(json(&again), json(report), "scan {}", report.scan.id);
    }
}

#[test]
fn history_is_forgotten_and_the_present_is_not() {
    let mut house = House::new();
    let hour = Duration::from_secs(3_600);
    for number in 1..=3 {
        let assets = vec![asset("x", number), asset("steady", 1)];
        house.scan_keeping(
            hour,
            vec![("one", harvest(true, assets, vec![uses("x", "steady")]))],
        );
    }
    house.minute += 120;
    let assets = || vec![asset("x", 4), asset("steady", 1)];
    house.scan_keeping(
        hour,
        vec![("one", harvest(true, assets(), vec![uses("x", "steady")]))],
    );
    house.minute += 120;
    let last = house.scan_keeping(
        hour,
        vec![("one", harvest(true, assets(), vec![uses("x", "steady")]))],
    );
    assert_eq!(house.rows("scan"), 1);
    assert_eq!(house.rows("version"), 2);
    assert_eq!(house.rows("relation"), 1);
    // The newest stays for its number.
    assert_eq!(house.rows("change"), 1);
    assert_eq!(names(&house, last.scan.id), ["steady", "x"]);
}

/// An open drift may name a change that is forgotten: no other may go by its number.
#[test]
fn a_forgotten_changes_number_is_not_given_again() {
    let mut house = House::new();
    let hour = Duration::from_secs(3_600);
    let mut number = |number| {
        house.minute += 120;
        let assets = vec![asset("x", number)];
        let report = house.scan_keeping(hour, vec![("one", harvest(true, assets, vec![]))]);
        report.changes.first().map(|row| row.id)
    };
    let ids = [number(1), number(2), number(2), number(2), number(3)];
    assert_eq!(ids, [None, Some(1), None, None, Some(2)]);
}

/// A scope that the oldest scan that is kept did not read itself is covered by a read before it.
#[test]
fn what_is_left_of_the_past_keeps_its_coverage() {
    let mut house = House::new();
    let hour = Duration::from_secs(3_600);
    let of = |source| (source, harvest(true, vec![asset(source, 1)], vec![]));
    house.scan_keeping(hour, vec![of("one"), of("two")]);
    house.minute += 120;
    let oldest = house.scan_keeping(hour, vec![of("one")]);
    house.scan_keeping(hour, vec![of("two")]);
    assert_eq!(house.rows("scan"), 2);
    let coverage = house.store().coverage(oldest.scan.id).unwrap();
    let sources: Vec<&str> = coverage.iter().map(|row| row.source.as_str()).collect();
    assert_eq!(sources, ["one", "two"]);
}

#[test]
fn a_drift_that_cannot_be_read_is_not_left_out() {
    let mut house = House::new();
    let harvest = harvest(true, vec![asset("x", 1)], vec![]);
    let report = house.scan(vec![("one", harvest)]);
    assert!(!report.drifts.is_empty());
    let path = house.folder.path().join("plimsoll.db");
    let database = rusqlite::Connection::open(path).unwrap();
    database
        .execute("update drift set body = '{}'", [])
        .unwrap();
    let error = house.store().drifts(report.scan.id).unwrap_err();
    assert!(error.to_string().contains("a drift"), "{error}");
}

#[test]
fn a_reader_sees_one_moment_whatever_is_written_meanwhile() {
    let mut house = House::new();
    let scan = |house: &mut House, number| {
        let harvest = harvest(true, vec![asset("x", number)], vec![]);
        house.scan(vec![("one", harvest)]).scan.id
    };
    let first = scan(&mut house, 1);
    let path = house.folder.path().join("plimsoll.db");
    let reader = Store::open_existing(&path, Duration::from_secs(1)).unwrap();
    let last = |store: &Store| store.scan_at(None).unwrap().map(|scan| scan.id);
    assert_eq!(last(&reader), Some(first));
    let second = scan(&mut house, 2);
    assert_eq!(last(&reader), Some(first));
    drop(reader);
    assert_eq!(last(&house.store()), Some(second));
}

/// A drift that reads otherwise later read as it did at the time.
#[test]
fn a_past_report_keeps_its_wording() {
    let mut house = House::new();
    let mut scan = |word: &str| {
        let mut host = asset("x", 1);
        host.labels.insert("plimsoll.environment", word.into());
        house.scan(vec![("one", harvest(true, vec![host], vec![]))])
    };
    let reports = [
        scan("qa"),
        scan("test"),
        scan("test"),
        scan("production"),
        scan("qa"),
    ];
    let store = house.store();
    for report in &reports {
        let info = store.scan_at(Some(report.scan.finished)).unwrap().unwrap();
        let again = recall(
            &store,
            &info,
            &house.yardstick(Duration::MAX),
            Recall::Whole,
        )
        .unwrap();
        let drifts =
            |report: &Report| serde_json::to_value((&report.drifts, &report.resolved)).unwrap();
        assert_eq!(drifts(&again), drifts(report), "scan {}", report.scan.id);
    }
    let said = |report: &Report| {
        let mut rows = report
            .drifts
            .iter()
            .filter(|row| row.control == "environment-tagged");
        rows.next()
            .map(|row| (row.actual.to_string(), row.since, row.state.as_str()))
    };
    assert!(said(&reports[0]).unwrap().0.contains("qa"));
    let (actual, since, state) = said(&reports[1]).unwrap();
    assert!(actual.contains("test") && since == at(1) && state == "open");
    assert_eq!(said(&reports[4]).unwrap().2, "reopened");
}

/// What was only ever unknown and fails now is news; what had failed before sight of it was lost goes on.
#[test]
fn a_failure_that_comes_out_is_new() {
    let mut house = House::new();
    let mut scan = |claim: Claim| {
        let mut asset = Asset::new(id("x"), "service", "x");
        asset.claim("clock.settable", claim);
        let report = house.scan(vec![("one", harvest(true, vec![asset], vec![]))]);
        let row = report
            .drifts
            .iter()
            .find(|row| row.control == "time-restricted")
            .unwrap();
        assert!(report.resolved.is_empty());
        (row.status.as_str(), row.state.as_str(), row.since)
    };
    assert_eq!(scan(Claim::unknown("no answer")), ("unknown", "new", at(1)));
    assert_eq!(
        scan(Claim::unknown("no answer")),
        ("unknown", "open", at(1))
    );
    assert_eq!(scan(Claim::reported(true)), ("fail", "new", at(3)));
    assert_eq!(
        scan(Claim::unknown("no answer")),
        ("unknown", "open", at(3))
    );
    assert_eq!(scan(Claim::reported(true)), ("fail", "open", at(3)));
    assert_eq!(
        house.rows("drift where to_scan is null and control = 'time-restricted'"),
        1
    );
}

/// One system in production, which a tracker stands beside.
fn judged(house: &mut House, number: i64) -> Report {
    let mut x = asset("x", number);
    let environment = "plimsoll.environment";
    x.labels.insert(environment, "production".into());
    let tracker = ("tracker", harvest(true, vec![], vec![]));
    house.scan(vec![("one", harvest(true, vec![x], vec![])), tracker])
}

fn verdicts(report: &Report) -> Vec<Verdict> {
    report.changes.iter().map(|row| row.verdict).collect()
}

/// `report --at` says what the scan said, whatever was judged since.
#[test]
fn a_past_report_has_the_verdicts_of_its_scan() {
    let mut house = House::new();
    judged(&mut house, 1);
    let then = judged(&mut house, 2);
    assert_eq!(verdicts(&then), [Verdict::Unproven]);
    let policies = Policies::load(&Policies::shipped()).unwrap();
    house.policy = policies.get("tracker-cto").cloned();
    house.request_sources = vec!["tracker".into()];
    let judging = judged(&mut house, 2);
    let again = |scan: &Report| {
        let store = house.store();
        let info = store.scan_at(Some(scan.scan.finished)).unwrap().unwrap();
        let yardstick = house.yardstick(Duration::MAX);
        recall(&store, &info, &yardstick, Recall::Whole).unwrap()
    };
    let json = |report: &Report| serde_json::to_value(report).unwrap();
    assert_eq!(json(&again(&then)), json(&then));
    assert_eq!(json(&again(&judging)), json(&judging));
    let drifts = |report: &Report| -> Vec<Option<Verdict>> {
        report.drifts.iter().map(|row| row.verdict).collect()
    };
    assert_eq!(drifts(&again(&then)), drifts(&then));
}

/// A policy judges what changed before there was one, and the scan that does so says it and is not clean.
#[test]
fn changes_that_a_new_policy_refuses_count_in_the_scan_that_judges_them() {
    let mut house = House::new();
    // Nothing is expected of anything: what is left are the changes.
    let controls = Baselines::shipped().remove(0);
    house.baselines = Baselines::load(&[controls]).unwrap();
    assert_eq!(judged(&mut house, 1).outcome(), Outcome::Clean);
    let unproven = judged(&mut house, 2);
    assert_eq!(unproven.outcome(), Outcome::Drift, "unproven is not clean");
    assert_eq!(judged(&mut house, 2).outcome(), Outcome::Clean);
    let policies = Policies::load(&Policies::shipped()).unwrap();
    house.policy = policies.get("tracker-cto").cloned();
    house.request_sources = vec!["tracker".into()];
    let judging = judged(&mut house, 2);
    assert_eq!(judging.changes.len(), 0);
    let rejudged: Vec<_> = judging
        .rejudged
        .iter()
        .map(|row| (row.change.id, row.verdict_before, row.change.verdict))
        .collect();
    let id = unproven.changes[0].id;
    let want = [(id, Verdict::Unproven, Verdict::Unapproved)];
    assert_eq!(rejudged, want);
    assert_eq!(judging.refused_changes(), 1);
    assert_eq!(judging.outcome(), Outcome::Drift);
    let next = judged(&mut house, 2);
    assert!(next.rejudged.is_empty());
    assert_eq!(next.outcome(), Outcome::Clean);
}

/// A look by a clock that was put back since is no bound for a change.
#[test]
fn a_change_never_ends_before_it_begins() {
    let mut house = House::new();
    house.minute = 120;
    judged(&mut house, 1);
    house.minute = 10;
    let report = judged(&mut house, 2);
    assert_eq!(report.changes[0].observed.after, None);
    assert_eq!(report.changes[0].observed.before, at(11));
    let mut house = House::new();
    judged(&mut house, 1);
    let report = judged(&mut house, 2);
    assert_eq!(report.changes[0].observed.after, Some(at(1)));
}
