//! A disk that is full while notices are sent.

use std::fs::File;
use std::io::Write as _;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use plimsoll::store::StoreError;

use crate::house::House;
use crate::outage::{courier, drive};
use crate::slack::{FakeSlack, Fault};
use crate::support::{has_own_mounts, mount_small};

#[test]
fn on_a_full_disk_nothing_is_sent_twice_and_nothing_is_lost() {
    const NAME: &str = "disk::on_a_full_disk_nothing_is_sent_twice_and_nothing_is_lost";
    if !has_own_mounts(NAME, Duration::from_secs(240)) {
        return;
    }
    let slack = FakeSlack::start();
    slack.unpaced();
    let house = House::with_slack(&slack, "");
    let data = house.path("data");
    std::fs::create_dir(&data).unwrap();
    mount_small(&data, 2 << 20);
    let quick = House::ops(&slack.api()).replace("\"10s\"", "\"0s\"");
    house.configure(&quick);
    let config = std::fs::read_to_string(house.path("config.toml")).unwrap();
    let config = config.replace("\"plimsoll.db\"", "\"data/plimsoll.db\"");
    std::fs::write(house.path("config.toml"), config).unwrap();
    slack.fault(Fault::Status(503));
    house.estate(&["api", "web", "db"], "no");
    house.scan();
    slack.fault(Fault::None);
    let courier = courier(&house);
    let mut file = File::create(data.join("ballast")).unwrap();
    while file.write(&[0; 4096]).is_ok() {}
    let full = file.metadata().unwrap().len();
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    let runtime = runtime.enable_all().build().unwrap();
    let mut now = Timestamp::now() + SignedDuration::from_hours(1);
    let mut refused = 0;
    runtime.block_on(async {
        // What is left decides which step fails: taking a message, or noting that it was sent.
        for left in [0, 4, 8, 16, 24, 32, 48, 64] {
            file.set_len(full.saturating_sub(left << 10)).unwrap();
            for _ in 0..4 {
                match courier.deliver(now).await {
                    Ok(_) => {}
                    Err(StoreError::Full(_)) => refused += 1,
                    Err(error) => panic!("{error}"),
                }
                now += SignedDuration::from_mins(20);
            }
        }
        file.set_len(0).unwrap();
        drive(&courier, now, now + SignedDuration::from_hours(2)).await;
    });
    assert!(refused >= 1, "the disk was never full");
    slack.assert_once();
    let drifts = slack
        .said()
        .iter()
        .filter(|one| one.text.starts_with("Drift"))
        .count();
    assert_eq!(drifts, 3, "{:#?}", slack.said());
    let depth = courier.depth().unwrap();
    assert_eq!((depth[0].waiting, depth[0].given_up), (0, 0));
}
