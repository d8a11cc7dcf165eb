//! Records of platforms over several scans: who made a change, also when that is told late, and who got at what.

use plimsoll_model::{Action, Actor, ChangeRequest};

use super::*;
use crate::change::Evidence;
use crate::report::ChangeRow;

/// An action by somebody called as it is.
fn action(id_: &str, asset: &str, what: &str, minute: i64) -> Action {
    Action {
        id: id_.into(),
        asset: id(asset),
        what: what.into(),
        at: at(minute),
        actor: Some(Actor {
            account: id_.into(),
            name: None,
        }),
        details: Default::default(),
        fields: Vec::new(),
        scope: Text::default(),
    }
}

fn with(mut harvester: Harvester, actions: &[Action]) -> Harvester {
    for action in actions {
        harvester.action("a", action.clone());
    }
    harvester
}

fn contains(whole: &str, part: &str) -> Relation {
    Relation {
        kind: RelationKind::Contains,
        ..uses(whole, part)
    }
}

/// A host inside another, at a number of its own, with records.
fn inside(number: i64, actions: &[Action]) -> Vec<(&'static str, Harvester)> {
    let mut part = asset("part", number);
    part.claim("release", Claim::reported(number.to_string()));
    let assets = vec![asset("whole", 1), part];
    let relations = vec![contains("whole", "part")];
    vec![("one", with(harvest(true, assets, relations), actions))]
}

fn makers(rows: &[ChangeRow]) -> Vec<(&str, Option<&str>)> {
    rows.iter()
        .map(|row| (row.name.as_str(), row.actor.as_deref()))
        .collect()
}

fn past(house: &House, minute: i64) -> Report {
    let store = house.store();
    let scan = store.scan_at(Some(at(minute))).unwrap().unwrap();
    recall(
        &store,
        &scan,
        &house.yardstick(Duration::MAX),
        Recall::Whole,
    )
    .unwrap()
}

#[test]
fn a_change_is_told_by_the_record_of_what_contains_it() {
    let mut house = House::new();
    house.scan(inside(1, &[]));
    let deploy = action("deploy", "whole", "deploy", 2);
    let second = house.scan(inside(2, &[deploy]));
    assert_eq!(makers(&second.changes), [("part", Some("deploy"))]);
    let found = second.changes[0].attribution.as_ref().unwrap();
    assert_eq!((found.evidence, found.exact), (Evidence::Time, false));
    assert_eq!(makers(&past(&house, 2).changes), [("part", Some("deploy"))]);
    // It was before the next look already, and clocks differ by less than that.
    house.minute += 5;
    let third = house.scan(inside(3, &[action("deploy", "whole", "deploy", 2)]));
    assert_eq!(third.changes[0].actor, None, "a record is of one change");
}

#[test]
fn a_record_that_comes_late_tells_of_changes_before() {
    let mut house = House::new();
    house.scan(inside(1, &[]));
    house.minute = 9;
    assert_eq!(
        makers(&house.scan(inside(2, &[])).changes),
        [("part", None)]
    );
    house.minute = 19;
    let late = action("late", "part", "scale", 5);
    let third = house.scan(inside(2, std::slice::from_ref(&late)));
    assert!(third.changes.is_empty());
    assert_eq!(makers(&past(&house, 10).changes), [("part", Some("late"))]);

    // One that is no better and on something farther does not take its place; one that proves itself does.
    let release = |number: &str| {
        let mut release = action("release", "whole", "release", 6);
        release.details.insert("release", number.into());
        release
    };
    house.minute = 29;
    house.scan(inside(2, &[late.clone(), release("7")]));
    let told = past(&house, 10).changes;
    assert_eq!(makers(&told), [("part", Some("late"))]);
    assert_eq!(told[0].attribution.as_ref().unwrap().candidates.len(), 1);
    house.minute = 39;
    house.scan(inside(2, &[late, release("2")]));
    let told = past(&house, 10).changes;
    assert_eq!(makers(&told), [("part", Some("release"))]);
    assert_eq!(told[0].observed.at, Some(at(6)));
}

#[test]
fn what_a_platform_keeps_no_more_stays_told() {
    let mut house = House::new();
    house.scan(inside(1, &[]));
    house.minute = 9;
    // A platform that keeps the last write of each manager, under one id.
    house.scan(inside(2, &[action("editor", "part", "Update", 5)]));
    house.minute = 19;
    let moved_on = [
        action("editor", "part", "Update", 15),
        action("other", "part", "Update", 10),
    ];
    house.scan(inside(3, &moved_on));
    assert_eq!(
        makers(&past(&house, 10).changes),
        [("part", Some("editor"))]
    );
    assert_eq!(
        makers(&past(&house, 20).changes),
        [("part", Some("editor"))]
    );
}

#[test]
fn a_record_that_is_known_costs_no_row() {
    let mut house = House::new();
    let request = ChangeRequest {
        assets: vec![id("part"), id("elsewhere")],
        ..ChangeRequest::new("OPS-1", "x", at(0))
    };
    let estate = |status: &str| {
        let mut deploy = action("deploy", "part", "deploy", 1);
        deploy.details.insert("status", status.into());
        let mut estate = inside(
            1,
            &[
                deploy,
                action("again", "part", "deploy", 1),
                action("again", "part", "deploy", 0),
            ],
        );
        estate[0].1.request("a", request.clone());
        estate
    };
    house.scan(estate("queued"));
    let tables = ["asset", "action", "request", "request_asset", "access"];
    let before = tables.map(|table| house.rows(table));
    assert_eq!(before, [3, 2, 1, 2, 0]);
    let database = rusqlite::Connection::open(house.folder.path().join("plimsoll.db")).unwrap();
    database
        .execute_batch("CREATE TABLE touched (what TEXT)")
        .unwrap();
    for table in tables {
        for how in ["INSERT", "UPDATE", "DELETE"] {
            let note = format!(
                "CREATE TRIGGER {table}_{how} AFTER {how} ON {table} \
                 BEGIN INSERT INTO touched VALUES ('{how} {table}'); END"
            );
            database.execute_batch(&note).unwrap();
        }
    }
    house.scan(estate("queued"));
    assert_eq!(house.rows("touched"), 0);
    house.scan(estate("succeeded"));
    assert_eq!(house.rows("touched"), 1);
    assert_eq!(tables.map(|table| house.rows(table)), before);
}

#[test]
fn old_records_are_forgotten_and_not_taken_in_again() {
    let mut house = House::new();
    let keep = Duration::from_secs(10 * 60);
    let estate = |number| {
        inside(
            number,
            &[
                action("old", "part", "deploy", 1),
                action("exec", "part", "execute", 1),
            ],
        )
    };
    let first = house.scan_keeping(keep, estate(1));
    assert_eq!(first.accesses.len(), 1);
    for number in 2..15 {
        let report = house.scan_keeping(keep, estate(number));
        assert!(report.accesses.is_empty(), "an access is told once");
    }
    assert_eq!(["action", "access"].map(|table| house.rows(table)), [0, 0]);
}

/// One host of each environment, and one of none.
fn fleet(actions: &[Action]) -> Vec<(&'static str, Harvester)> {
    let host = |name: &str, environment: Option<&str>| {
        let mut host = asset(name, 1);
        if let Some(environment) = environment {
            host.labels
                .insert("plimsoll.environment", environment.into());
        }
        host
    };
    let assets = vec![
        host("live", Some("production")),
        host("play", Some("staging")),
        host("dark", None),
    ];
    vec![("one", with(harvest(true, assets, vec![]), actions))]
}

fn accesses(report: &Report) -> Vec<(&str, &str)> {
    report
        .accesses
        .iter()
        .map(|row| (row.action.as_str(), row.name.as_str()))
        .collect()
}

#[test]
fn accesses_to_production_are_told_once() {
    let mut house = House::new();
    let all = |minute| {
        vec![
            action("a", "live", "execute", minute),
            action("b", "play", "execute", minute),
            action("c", "dark", "pods/exec", minute),
            action("d", "live", "logs", minute),
            action("e", "live", "deploy", minute),
            action("f", "nowhere", "tunnel", minute),
        ]
    };
    let mut first = all(1);
    let week = 7 * 24 * 60;
    first.push(action("ancient", "live", "execute", 1 - week - 1));
    first.push(action("old", "live", "execute", 1 - week + 1));
    let report = house.scan_keeping(Duration::from_secs(30 * 86_400), fleet(&first));
    assert_eq!(
        accesses(&report),
        [
            ("c", "dark"),
            ("a", "live"),
            ("f", "nowhere"),
            ("old", "live")
        ]
    );
    assert_eq!(report.summary.accesses, 4);
    assert_eq!(report.accesses[0].environment, None);
    assert_eq!(
        report.accesses[1].environment.as_deref(),
        Some("production")
    );
    assert_eq!(report.accesses[1].opens, "a shell or command inside");
    let second = house.scan_keeping(Duration::from_secs(30 * 86_400), fleet(&first));
    assert_eq!(accesses(&second), []);
    assert_eq!(past(&house, 1).accesses, report.accesses);
}

#[test]
fn an_access_that_is_told_late_is_told() {
    let mut house = House::new();
    house.scan(fleet(&[]));
    // Three weeks without a scan.
    house.minute = 3 * 7 * 24 * 60;
    let long_ago = action("a", "live", "execute", 5);
    let keep = Duration::from_secs(60 * 86_400);
    assert_eq!(
        accesses(&house.scan_keeping(keep, fleet(&[long_ago]))),
        [("a", "live")]
    );
}

#[test]
fn the_part_of_a_whole_has_its_environment() {
    let mut house = House::new();
    let mut whole = Asset::new(AssetId::of("place", &["p"]), "place", "p");
    whole.claim("environment", Claim::reported("Development"));
    let part = Asset::new(AssetId::of("thing", &["t"]), "thing", "t");
    let relation = Relation {
        from: whole.id.clone(),
        kind: RelationKind::Contains,
        to: part.id.clone(),
        scope: Text::default(),
    };
    let exec = Action {
        asset: part.id.clone(),
        ..action("a", "x", "execute", 1)
    };
    let unheard = |word: &str| {
        let mut whole = whole.clone();
        whole.claim("environment", Claim::reported(word));
        vec![(
            "one",
            with(
                harvest(true, vec![whole, part.clone()], vec![relation.clone()]),
                std::slice::from_ref(&exec),
            ),
        )]
    };
    assert_eq!(accesses(&house.scan(unheard("Development"))), []);
    let mut house = House::new();
    let report = house.scan(unheard("blue"));
    assert_eq!(
        accesses(&report),
        [("a", "t")],
        "a word that nobody knows says nothing"
    );
    assert_eq!(report.accesses[0].environment, None);
}

#[test]
fn a_drift_of_a_merged_asset_has_the_change_of_either_id() {
    let seen = |name: &str, source: &'static str, synchronised: Option<bool>| {
        let mut host = Asset::new(id(name), "host", name);
        host.aliases.push(Alias::new("machine-id", "1"));
        if let Some(yes) = synchronised {
            host.claim("clock.synchronised", Claim::measured(yes));
        }
        (source, harvest(true, vec![host], vec![]))
    };
    let mut house = House::new();
    house.scan(vec![seen("first", "one", None)]);
    house.scan(vec![
        seen("first", "one", None),
        seen("second", "two", Some(true)),
    ]);
    house.minute += 5;
    let mut estate = vec![
        seen("first", "one", None),
        seen("second", "two", Some(false)),
    ];
    let stop = action("stop", "first", "stop-clock", 5);
    estate[0].1.action("a", stop);
    let report = house.scan(estate);
    let drift = report
        .drifts
        .iter()
        .find(|drift| drift.control == "time-synchronised")
        .unwrap();
    assert_eq!(drift.asset, id("first"));
    let change = report
        .changes
        .iter()
        .find(|change| Some(change.id) == drift.change)
        .unwrap();
    assert_eq!(change.asset, id("second"));
    // What was done to it under its other id was done to it.
    assert_eq!(change.actor.as_deref(), Some("stop"));
    assert_eq!(drift.actor.as_deref(), Some("stop"));
}

#[test]
fn what_a_tracker_tells_no_more_stays_and_leaves_a_doubt() {
    use plimsoll_model::{Approval, Party, Withdrawal};
    let mut house = House::new();
    let estate = |complete: bool, back: bool| {
        let mut request = ChangeRequest::new("OPS-1", "x", at(0));
        request.approvals = vec![Approval {
            withdrawn: back.then(|| Withdrawal {
                at: Some(at(2)),
                by: Some(Party::new("sam")),
            }),
            ..Approval::new("kim", Some(at(1)))
        }];
        let mut harvester = harvest(complete, vec![asset("part", 1)], vec![]);
        harvester.request("a", request);
        vec![("one", harvester)]
    };
    let known = |house: &House| house.store().requests().unwrap().remove(0).1;
    house.scan(estate(true, false));
    assert!(known(&house).is_doubted().is_none());
    house.scan(estate(true, true));
    assert!(known(&house).is_doubted().is_none(), "history grows");
    // Also where the reading is not whole, and however often it is read.
    for complete in [true, false, true] {
        house.scan(estate(complete, false));
        let now = known(&house);
        assert!(now.approvals[0].withdrawn.is_some(), "{now:?}");
        assert_eq!(now.doubts.len(), 1, "{now:?}");
    }
    house.scan(estate(true, true));
    assert!(known(&house).is_doubted().is_none(), "it is told again");
}

#[test]
fn two_readings_of_one_request_in_one_scan_are_held_together() {
    use plimsoll_model::{Approval, Edit};
    let mut house = House::new();
    let mut harvester = harvest(true, vec![asset("part", 1)], vec![]);
    let mut first = ChangeRequest::new("OPS-1", "x", at(0));
    first.approvals = vec![Approval::new("kim", Some(at(3)))];
    let mut second = ChangeRequest::new("OPS-1", "x", at(0));
    second.edits = vec![Edit {
        at: Some(at(2)),
        by: None,
        field: "window".into(),
    }];
    harvester.request("a", first);
    harvester.request("a", second);
    house.scan(vec![("one", harvester)]);
    let known = house.store().requests().unwrap().remove(0).1;
    assert_eq!((known.approvals.len(), known.edits.len()), (1, 1));
    assert!(known.is_doubted().is_some());
}
