//! When a change is told, where the sources of change requests have a schedule of their own.

use super::*;
use crate::approval::Policies;
use crate::notify::plan::tests::{settings, slack};
use crate::notify::plan::{Hold, What};
use crate::report::Verdict;

/// A house whose changes all need an approval, and are all told.
fn house() -> House {
    let mut house = House::new();
    let policies = Policies::load(&Policies::shipped()).unwrap();
    house.policy = policies.get("tracker-cto").cloned();
    house.request_sources = vec!["tracker".into()];
    house.notify = Some(settings(vec![slack("ops")]));
    house.scan(vec![estate(1), tracker(true)]);
    house
}

fn estate(number: i64) -> (&'static str, Harvester) {
    let mut asset = asset("x", number);
    asset
        .labels
        .insert("plimsoll.environment", "production".into());
    ("estate", harvest(true, vec![asset], vec![]))
}

fn tracker(complete: bool) -> (&'static str, Harvester) {
    ("tracker", harvest(complete, vec![], vec![]))
}

/// What was decided about the change, the oldest first.
fn decided(house: &House, report: &Report) -> Vec<(What, Option<Verdict>, Option<Hold>)> {
    let subject = format!("change:{}", report.changes[0].id);
    let mut notices = house.store().notices_of(&subject, 100).unwrap();
    notices.reverse();
    let row = |row: crate::store::NoticeRow| {
        let hold = row.decisions[0].1.clone();
        (row.occurrence.what, row.occurrence.verdict, hold)
    };
    notices.into_iter().map(row).collect()
}

const EARLY: (What, Option<Verdict>, Option<Hold>) = (
    What::Seen,
    Some(Verdict::Unproven),
    Some(Hold::TrackersToCome),
);

#[test]
fn a_change_is_told_when_its_trackers_were_read_and_once() {
    let mut house = house();
    let report = house.scan(vec![estate(2)]);
    assert_eq!(report.changes[0].verdict, Verdict::Unproven);
    assert_eq!(decided(&house, &report), [EARLY]);
    // Another look at the estate is none at the trackers.
    house.scan(vec![estate(2)]);
    assert_eq!(decided(&house, &report), [EARLY]);
    let told = [EARLY, (What::Seen, Some(Verdict::Unapproved), None)];
    for _ in 0..2 {
        house.scan(vec![tracker(true)]);
        assert_eq!(decided(&house, &report), told);
    }
}

#[test]
fn trackers_that_cannot_be_read_are_not_waited_for() {
    let told = (What::Seen, Some(Verdict::Unproven), None);
    let mut one = house();
    let report = one.scan(vec![estate(2)]);
    one.scan(vec![tracker(false)]);
    assert_eq!(decided(&one, &report), [EARLY, told.clone()]);
    // What they say at last is news.
    one.scan(vec![tracker(true)]);
    let news = (What::Judged, Some(Verdict::Unapproved), None);
    assert_eq!(decided(&one, &report), [EARLY, told.clone(), news]);

    let mut both = house();
    let report = both.scan(vec![estate(2), tracker(false)]);
    assert_eq!(decided(&both, &report), [told]);
}

#[test]
fn trackers_that_nobody_reads_are_not_waited_for_for_ever() {
    let mut house = house();
    let report = house.scan(vec![estate(2)]);
    house.minute += 18;
    house.scan(vec![estate(2)]);
    assert_eq!(decided(&house, &report), [EARLY]);
    let told = [EARLY, (What::Seen, Some(Verdict::Unproven), None)];
    for _ in 0..2 {
        house.scan(vec![estate(2)]);
        assert_eq!(decided(&house, &report), told);
    }
}

#[test]
fn of_trackers_that_were_read_together_nothing_waits() {
    let mut house = house();
    let report = house.scan(vec![estate(2), tracker(true)]);
    let told = (What::Seen, Some(Verdict::Unapproved), None);
    assert_eq!(decided(&house, &report), [told]);
}
