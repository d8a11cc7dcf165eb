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
