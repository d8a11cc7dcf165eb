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
        started: now,
        finished: now,
        harvest: harvest(true, vec![asset("y", 1)], vec![]).finish(),
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
