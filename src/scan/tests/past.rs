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
    let (open, resolved) = house.store().drifts(report.scan.id).unwrap();
    assert_eq!((open.len(), resolved.len()), (report.drifts.len(), 0));
    assert!(open.iter().all(|drift| drift.actual.contains("damaged")));
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

fn hosts_of(baseline: &str) -> Baselines {
    let mut documents = Baselines::shipped();
    documents.push(plimsoll_settings::Document::new(
        "house/host.toml",
        baseline,
    ));
    Baselines::load(&documents).unwrap()
}

/// What is asked of nothing any more is not mended, and the scan that asks no more is not clean.
#[test]
fn what_loses_its_role_is_not_resolved() {
    let mut house = House::new();
    let scan = |house: &mut House| {
        let harvest = harvest(true, vec![asset("x", 1), asset("y", 1)], vec![]);
        house.scan(vec![("one", harvest)])
    };
    let first = scan(&mut house);
    assert!(!first.drifts.is_empty());
    house.baselines = hosts_of("title = 'ours'");
    let second = scan(&mut house);
    assert!(second.systems.is_empty() && second.drifts.is_empty());
    assert!(second.resolved.is_empty(), "{:?}", second.resolved);
    assert_eq!(second.unasked.len(), first.drifts.len());
    let lost = second.unjudged.iter();
    let lost: Vec<_> = lost
        .map(|row| (row.name.as_str(), row.role.as_str()))
        .collect();
    assert_eq!(lost, [("x", "host"), ("y", "host")]);
    assert_eq!(second.outcome(), Outcome::Drift);
    let store = house.store();
    let info = store.scan_at(Some(second.scan.finished)).unwrap().unwrap();
    let yardstick = house.yardstick(Duration::MAX);
    for how in [Recall::Whole, Recall::Quick] {
        let again = recall(&store, &info, &yardstick, how).unwrap();
        assert_eq!(again.unjudged, second.unjudged);
        assert_eq!(again.unasked.len(), second.unasked.len());
        assert_eq!(again.outcome(), second.outcome());
    }
    drop(store);
    let third = scan(&mut house);
    assert!(third.unjudged.is_empty() && third.unasked.is_empty());
    // A role that is given back opens what had been open.
    house.baselines = hosts_of("extends = 'host'");
    let fourth = scan(&mut house);
    assert_eq!(fourth.drifts.len(), first.drifts.len());
    assert!(fourth.unjudged.is_empty());
}

/// One expectation that its baseline switches off takes its drifts along, and mends none.
#[test]
fn what_a_baseline_switches_off_is_not_resolved() {
    let mut house = House::new();
    let scan = |house: &mut House, assets| house.scan(vec![("one", harvest(true, assets, vec![]))]);
    let first = scan(&mut house, vec![asset("x", 1), asset("y", 1)]);
    let of = |report: &[crate::report::DriftRow]| -> Vec<(String, String)> {
        let row = |row: &crate::report::DriftRow| (row.control.to_string(), row.name.to_string());
        report.iter().map(row).collect()
    };
    let tagged = ("environment-tagged".to_owned(), "x".to_owned());
    assert!(of(&first.drifts).contains(&tagged));
    house.baselines = hosts_of(
        "extends = 'host'\n[[expect]]\nid = 'environment-tagged'\noff = true\nreason = 'one house'\n",
    );
    let second = scan(&mut house, vec![asset("x", 1)]);
    assert_eq!(of(&second.unasked), [tagged]);
    // What went with its host is resolved as ever.
    assert!(of(&second.resolved).iter().all(|(_, name)| name == "y"));
    assert!(second.unjudged.is_empty());
}

/// Another redaction key makes every mark new: whether a secret changed in between is unknown, and never unchanged.
#[test]
fn hidden_values_under_another_key_are_counted_as_unknown() {
    let mut house = House::new();
    let controls = Baselines::shipped().remove(0);
    house.baselines = Baselines::load(&[controls]).unwrap();
    let scan = |house: &mut House, key: &str, digit: &str| {
        let mark = format!("secret:{key}:{}", digit.repeat(32));
        let mut x = asset("x", 1);
        let env = [("A", mark.as_str()), ("B", mark.as_str()), ("C", "plain")];
        let env = env.map(|(name, value)| (name, plimsoll_model::Value::from(value)));
        x.claim(
            "env",
            Claim::reported(env.into_iter().collect::<plimsoll_model::Table>()),
        );
        house.scan(vec![("one", harvest(true, vec![x], vec![]))])
    };
    assert_eq!(scan(&mut house, "00000001", "a").outcome(), Outcome::Clean);
    let lost = scan(&mut house, "00000002", "b");
    assert!(lost.changes.is_empty());
    let uncompared = lost.summary.uncompared;
    assert_eq!((uncompared.values, uncompared.assets), (2, 1));
    assert_eq!(lost.outcome(), Outcome::Drift);
    let next = scan(&mut house, "00000002", "b");
    assert_eq!(next.summary.uncompared.values, 0);
    assert_eq!(next.outcome(), Outcome::Clean);
    assert_eq!(scan(&mut house, "00000002", "c").changes.len(), 1);
}

/// What only a retired source had seen ends, and that is neither a change nor mended.
#[test]
fn a_retired_source_takes_its_assets_along_without_a_change() {
    let mut house = House::new();
    let two = || {
        (
            "two",
            harvest(true, vec![asset("y", 1), asset("z", 1)], vec![]),
        )
    };
    let one = harvest(
        true,
        vec![asset("x", 1), asset("y", 1)],
        vec![uses("x", "y"), uses("y", "x")],
    );
    let first = house.scan(vec![("one", one), two()]);
    assert_eq!(names(&house, first.scan.id), ["x", "y", "z"]);
    let report = house.retire("one", "moved, OPS-311");
    assert!(report.changes.is_empty(), "{:?}", changes(&report));
    assert!(report.resolved.is_empty() && report.unjudged.is_empty());
    let ended = report.unasked.iter();
    assert!(ended.clone().count() > 0 && ended.clone().all(|row| row.name == "x"));
    assert_eq!(names(&house, report.scan.id), ["y", "z"]);
    let said = report.coverage.iter().flat_map(|row| &row.troubles);
    assert!(
        said.clone()
            .any(|trouble| trouble.contains("moved, OPS-311"))
    );
    let retired = house.store().retired_sources().unwrap();
    let told = |one: &crate::store::RetiredSource| (one.source.clone(), one.scan, one.assets);
    assert_eq!(
        retired.iter().map(told).collect::<Vec<_>>(),
        [("one".into(), report.scan.id, 2)]
    );
    // Nothing is said of it from then on, in any scan's report.
    let next = house.scan(vec![two()]);
    let sources = |report: &Report| -> Vec<String> {
        let sources = report.coverage.iter().map(|row| row.source.to_string());
        sources.collect()
    };
    assert_eq!(sources(&next), ["two"]);
    let store = house.store();
    let coverage = |scan| store.coverage(scan).unwrap().len();
    assert_eq!(
        [first.scan.id, report.scan.id, next.scan.id].map(coverage),
        [2, 2, 1]
    );
    drop(store);
    // One that comes back is there again.
    let back = harvest(true, vec![asset("x", 1)], vec![]);
    let back = house.scan(vec![("one", back), two()]);
    assert_eq!(names(&house, back.scan.id), ["x", "y", "z"]);
    assert_eq!(sources(&back), ["one", "two"]);
    assert_eq!(sources(&house.scan(vec![two()])), ["one", "two"]);
}

/// A statement that fits nothing is said by the scan that finds so, and by its report later.
#[test]
fn an_attestation_that_fits_nothing_is_not_clean() {
    let mut house = House::new();
    let controls = Baselines::shipped().remove(0);
    house.baselines = Baselines::load(&[controls]).unwrap();
    let text = "asset = 'volume:*'\nfact = 'x'\nvalue = 1\nreference = 'y'\nuntil = 2100-01-01";
    let document = plimsoll_settings::Document::new("config.toml", text);
    let read = document.read(|section| crate::baseline::Attest::read(section, 1));
    house.attests = vec![read.unwrap().unwrap()];
    let report = house.scan(vec![("one", harvest(true, vec![asset("x", 1)], vec![]))]);
    assert_eq!(report.misattested.len(), 1);
    assert_eq!(report.outcome(), Outcome::Drift);
    let store = house.store();
    let info = store.scan_at(None).unwrap().unwrap();
    let yardstick = house.yardstick(Duration::MAX);
    let again = recall(&store, &info, &yardstick, Recall::Quick).unwrap();
    assert_eq!(again.misattested, report.misattested);
}

/// One scan with the clock far ahead: what would be forgotten by it would not come back.
#[test]
fn a_clock_that_leaps_ahead_makes_nothing_forgotten() {
    const DAY: i64 = 24 * 60;
    let mut house = House::new();
    let retention = Duration::from_secs(30 * 86_400);
    let scan = |house: &mut House, number| {
        let seen = harvest(true, vec![asset("x", number)], vec![]);
        house.scan_keeping(retention, vec![("one", seen)])
    };
    for number in 1..=3 {
        scan(&mut house, number);
        house.minute += DAY;
    }
    let kept = house.rows("version");
    let right = house.minute;
    house.minute += 3 * 365 * DAY;
    let ahead = scan(&mut house, 4);
    let told = &ahead.coverage[0].troubles;
    assert!(told[0].contains("days after the scan before"), "{told:?}");
    assert!(ahead.coverage[0].complete);
    assert_eq!(house.rows("version"), kept + 1);
    // Nor by the next, whether the clock is right again or not.
    house.minute += 60;
    scan(&mut house, 5);
    assert_eq!(house.rows("version"), kept + 2);
    house.minute = right;
    let back = scan(&mut house, 6);
    let told = &back.coverage[0].troubles;
    assert!(told[0].contains("the clock was set back"), "{told:?}");
    assert_eq!(house.rows("version"), kept + 3);
    // A change is never seen before it was looked for.
    let observed = &back.changes[0].observed;
    assert!(observed.after.is_none_or(|after| after <= observed.before));
    // When the clock has gone on for a while, what is old is forgotten.
    for number in 7..100 {
        house.minute += DAY;
        scan(&mut house, number);
    }
    assert!(house.rows("version") < 40, "{}", house.rows("version"));
}

#[test]
fn records_from_days_to_come_are_remarked() {
    let mut house = House::new();
    let mut harvester = harvest(true, vec![asset("x", 1)], vec![]);
    let json = r#"{"id":"1","asset":"host:x","at":"2999-01-01T00:00:00Z","what":"deploy"}"#;
    harvester.action("a", serde_json::from_str(json).unwrap());
    let report = house.scan(vec![("one", harvester)]);
    let row = &report.coverage[0];
    assert!(row.complete);
    assert!(
        row.troubles[0].contains("records dated after now: 1"),
        "{:?}",
        row.troubles
    );
}

/// Flips one bit in the middle of every stored body of an asset, or of all.
fn flip(house: &House, only: &str) {
    let database = rusqlite::Connection::open(house.folder.path().join("plimsoll.db")).unwrap();
    let sql =
        "select id, body from version where asset in (select id from asset where name like ?1)";
    let mut query = database.prepare(sql).unwrap();
    let rows = query.query_map([only], |row| Ok((row.get(0)?, row.get(1)?)));
    let rows: Vec<(i64, Vec<u8>)> = rows.unwrap().map(Result::unwrap).collect();
    assert!(!rows.is_empty());
    for (id, mut body) in rows {
        let middle = body.len() / 2;
        body[middle] ^= 1;
        let put = "update version set body = ?2 where id = ?1";
        database.execute(put, rusqlite::params![id, body]).unwrap();
    }
}

/// One flipped bit costs what was known of one asset, is told by its name, and mends itself.
#[test]
fn a_damaged_body_costs_one_asset_and_is_healed() {
    let mut house = House::new();
    let seen = || {
        harvest(
            true,
            vec![asset("x", 1), asset("y", 1)],
            vec![uses("x", "y")],
        )
    };
    let before = house.scan(vec![("one", seen())]);
    flip(&house, "host:x");
    let told = house.store().verify().unwrap_err().to_string();
    assert!(
        told.contains("host:x") && !told.contains("host:y"),
        "{told}"
    );
    // Every report is still there, and knows nothing of this one asset.
    let store = house.store();
    let snapshot = store.snapshot(before.scan.id).unwrap();
    let of = |name: &str| snapshot.asset(snapshot.find(name).unwrap());
    assert_eq!(of("host:y").value("number"), Some(&1.into()));
    assert_eq!(of("host:x").value("number"), None);
    assert!(of("host:x").partial.is_some());
    assert_eq!(store.history(&id("x")).unwrap().len(), 1);
    let mut walked = Vec::new();
    let walk = store.walk(before.scan.id).unwrap();
    walk.nodes(|node| {
        walked.push((node.asset.id.clone(), node.asset.partial.is_some()));
        Ok(())
    })
    .unwrap();
    assert_eq!(walked, [(id("x"), true), (id("y"), false)]);
    drop(walk);
    drop(store);
    // Unchanged, and written anew all the same; no change is made up.
    let after = house.scan(vec![("one", seen())]);
    assert!(after.changes.is_empty(), "{:?}", after.changes);
    let told = &after.coverage[0].troubles;
    assert!(
        told[0].contains("what was stored of host:x was damaged"),
        "{told:?}"
    );
    let snapshot = house.store().snapshot(after.scan.id).unwrap();
    let x = snapshot.asset(snapshot.find("host:x").unwrap());
    assert_eq!(x.value("number"), Some(&1.into()));
    house.store().verify().unwrap();
    assert_eq!(
        house.store().history(&id("x")).unwrap()[0].from,
        Some(at(1))
    );
    let again = house.scan(vec![("one", seen())]);
    assert!(again.coverage[0].troubles.is_empty());
    // One that changed meanwhile changed, and nobody knows from what.
    flip(&house, "host:x");
    let assets = vec![asset("x", 2), asset("y", 1)];
    let report = house.scan(vec![("one", harvest(true, assets, vec![uses("x", "y")]))]);
    let row = &report.changes[0];
    assert_eq!(
        (row.kind, row.paths[0].path.as_str()),
        (ChangeKind::Modified, "stored")
    );
}

/// What is damaged and gone is told by its id.
#[test]
fn what_is_damaged_and_gone_is_removed() {
    let mut house = House::new();
    house.scan(vec![("one", harvest(true, vec![asset("x", 1)], vec![]))]);
    flip(&house, "%");
    let report = house.scan(vec![("one", harvest(true, vec![], vec![]))]);
    let row = &report.changes[0];
    assert_eq!(
        (row.kind, row.asset.as_str()),
        (ChangeKind::Removed, "host:x")
    );
    // And what is damaged and was not looked for stays, and is unknown.
    house.scan(vec![("one", harvest(true, vec![asset("x", 1)], vec![]))]);
    flip(&house, "%");
    let report = house.scan(vec![("one", harvest(false, vec![], vec![]))]);
    assert!(report.changes.is_empty());
    assert_eq!(report.systems.len(), 1);
}

/// Of what is older than all that is kept nobody knows when it was first seen.
#[test]
fn what_was_seen_before_all_that_is_kept_has_no_time() {
    let mut house = House::new();
    let hour = Duration::from_secs(3_600);
    for _ in 0..3 {
        house.minute += 120;
        house.scan_keeping(
            hour,
            vec![("one", harvest(true, vec![asset("x", 1)], vec![]))],
        );
    }
    let store = house.store();
    let history = store.history(&id("x")).unwrap();
    assert_eq!(history[0].from, None);
    assert_eq!(store.kept_since().unwrap(), Some(at(house.minute)));
}

/// Flips one bit in the middle of every record of a table.
fn flip_records(house: &House, table: &str, column: &str) -> usize {
    let database = rusqlite::Connection::open(house.folder.path().join("plimsoll.db")).unwrap();
    let rows: Vec<(i64, String)> = database
        .prepare(&format!("SELECT id, {column} FROM {table}"))
        .unwrap()
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    let count = rows.len();
    for (id, body) in rows {
        // In a value, so that it is JSON as before.
        let at = body.rfind("\":\"").unwrap() + 3;
        let mut bytes = body.into_bytes();
        bytes[at] ^= 1;
        let body = String::from_utf8(bytes).unwrap();
        let put = format!("UPDATE {table} SET {column} = ?2 WHERE id = ?1");
        database.execute(&put, rusqlite::params![id, body]).unwrap();
    }
    count
}

#[test]
fn a_damaged_drift_costs_itself_and_is_healed() {
    let mut house = House::new();
    let seen = || harvest(true, vec![asset("x", 1)], vec![]);
    let before = house.scan(vec![("one", seen())]);
    assert!(!before.drifts.is_empty());
    assert!(flip_records(&house, "drift", "body") > 0);
    let told = house.store().verify().unwrap_err().to_string();
    assert!(told.contains("a drift of host:x"), "{told}");
    // Left out, it would look as if it had been mended.
    let (open, resolved) = house.store().drifts(before.scan.id).unwrap();
    assert_eq!((open.len(), resolved.len()), (before.drifts.len(), 0));
    assert!(open.iter().all(|drift| drift.actual.contains("damaged")));
    let after = house.scan(vec![("one", seen())]);
    let said = |report: &Report| -> Vec<(String, String)> {
        let rows = report.drifts.iter();
        rows.map(|row| (row.expectation.to_string(), row.status.as_str().to_owned()))
            .collect()
    };
    assert_eq!(said(&after), said(&before));
    assert!(after.resolved.is_empty());
    assert!(after.drifts.iter().all(|row| row.state.as_str() == "open"));
    house.store().verify().unwrap();
}

#[test]
fn a_damaged_change_costs_itself() {
    let mut house = House::new();
    judged(&mut house, 1);
    let then = judged(&mut house, 2);
    assert_eq!(then.changes.len(), 1);
    assert_eq!(flip_records(&house, "change", "body"), 1);
    let told = house.store().verify().unwrap_err().to_string();
    let number = then.changes[0].id;
    assert!(told.contains(&format!("change {number}")), "{told}");
    let read = house.store().changes_of(then.scan.id).unwrap();
    assert_eq!(read[0].change.asset, id("x"));
    assert!(read[0].change.paths[0].path.contains("damaged") && read[0].ruling.is_none());
    // Nothing is concluded of it, and everything else goes on.
    assert_eq!(judged(&mut house, 3).changes.len(), 1);
}

#[test]
fn a_damaged_verdict_is_none_and_given_anew() {
    let mut house = House::new();
    let policies = Policies::load(&Policies::shipped()).unwrap();
    house.policy = policies.get("tracker-cto").cloned();
    house.request_sources = vec!["tracker".into()];
    judged(&mut house, 1);
    let then = judged(&mut house, 2);
    assert_eq!(verdicts(&then), [Verdict::Unapproved]);
    assert!(flip_records(&house, "verdict", "body") > 0);
    let told = house.store().verify().unwrap_err().to_string();
    assert!(told.contains("a verdict on change"), "{told}");
    assert!(
        house.store().changes_of(then.scan.id).unwrap()[0]
            .ruling
            .is_none()
    );
    judged(&mut house, 2);
    let store = house.store();
    let change = store.change(then.changes[0].id).unwrap().unwrap();
    assert_eq!(change.ruling.unwrap().judged.verdict(), Verdict::Unapproved);
    store.verify().unwrap();
}
