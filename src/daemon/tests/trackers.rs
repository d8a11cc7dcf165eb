//! Sources of change requests beside those that see changes.

use super::*;
use crate::approval::Policies;

/// A house with a tracker that is read every hour, and an estate that is every quarter and changes at its second read.
fn house() -> House {
    let sources = || {
        let changes_next = Reads::Hosts(Arc::new(AtomicU64::new(5)));
        vec![
            source("estate", "*/15 * * * *", changes_next),
            source("tracker", "0 * * * *", Reads::Nothing),
        ]
    };
    let mut house = House::of(sources());
    let mut duty = bare_duty(house.folder.path(), sources());
    let policies = Policies::load(&Policies::shipped()).unwrap();
    duty.config.approval.policy = policies.get("tracker-cto").cloned();
    duty.config.approval.sources = vec!["tracker".into()];
    house.keeper.take(Arc::new(duty));
    house
}

#[test]
fn trackers_are_read_for_a_change_that_only_they_can_say_something_of() {
    let mut house = house();
    house.settle();
    assert_eq!(house.results("tracker"), [("complete", 1)]);
    house.set("2026-01-01T00:15:00Z");
    house.settle();
    assert_eq!(house.results("estate"), [("complete", 2)]);
    assert_eq!(house.results("tracker"), [("complete", 2)]);
    // Nothing changed, nothing is asked.
    house.set("2026-01-01T00:30:00Z");
    house.settle();
    assert_eq!(house.results("estate"), [("complete", 3)]);
    assert_eq!(house.results("tracker"), [("complete", 2)]);
}
