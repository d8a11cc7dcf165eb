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

#[test]
fn a_read_that_began_before_a_change_says_nothing_of_it() {
    let mut house = house();
    house.minute += 10;
    let report = house.scan(vec![estate(2)]);
    // It ran while the change was made: what it saw at its start may be over.
    house.takes = 5;
    house.scan(vec![tracker(true)]);
    assert_eq!(decided(&house, &report), [EARLY]);
    house.takes = 0;
    house.scan(vec![tracker(true)]);
    let told = (What::Seen, Some(Verdict::Unapproved), None);
    assert_eq!(decided(&house, &report), [EARLY, told]);
}

#[test]
fn what_was_said_stays_until_the_trackers_are_read_again() {
    let mut house = house();
    house.minute += 10;
    // One source that has changes and requests, and takes its time.
    house.request_sources = vec!["estate".into()];
    house.takes = 3;
    let report = house.scan(vec![estate(2)]);
    let told = (What::Seen, Some(Verdict::Unapproved), None);
    assert_eq!(decided(&house, &report), std::slice::from_ref(&told));
    house.scan(vec![(
        "another",
        harvest(true, vec![asset("y", 1)], vec![]),
    )]);
    assert_eq!(decided(&house, &report), [told]);
}

#[test]
fn a_scope_that_is_named_no_more_is_not_waited_for() {
    let mut house = house();
    let mut two = Harvester::new(Limits::default());
    two.complete("a");
    two.complete("b");
    house.scan(vec![("tracker", two)]);
    let report = house.scan(vec![estate(2), tracker(true)]);
    let told = (What::Seen, Some(Verdict::Unproven), None);
    assert_eq!(decided(&house, &report), [told]);
}

#[test]
fn of_two_trackers_one_of_which_fails_both_need_be_tried() {
    let mut house = house();
    house.request_sources.push("other".into());
    let report = house.scan(vec![estate(2)]);
    house.scan(vec![tracker(false)]);
    assert_eq!(decided(&house, &report), [EARLY]);
    house.scan(vec![("other", harvest(true, vec![], vec![]))]);
    let told = (What::Seen, Some(Verdict::Unproven), None);
    assert_eq!(decided(&house, &report), [EARLY, told]);
}

#[test]
fn what_waits_is_told_however_long_it_takes_and_whoever_scans_in_between() {
    let mut house = house();
    let report = house.scan(vec![estate(2)]);
    let notify = house.notify.take();
    house.scan(vec![tracker(true)]);
    assert_eq!(decided(&house, &report), [EARLY]);
    house.notify = notify;
    house.minute += 100 * 24 * 60;
    let keep = Duration::from_secs(400 * 86_400);
    for _ in 0..2 {
        house.scan_keeping(keep, vec![estate(2)]);
        let told = (What::Seen, Some(Verdict::Unapproved), None);
        assert_eq!(decided(&house, &report), [EARLY, told]);
    }
}
