//! Slack down for hours, then asking to wait, then up: in handed-in time.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use plimsoll::config::Config;
use plimsoll::notify::Courier;
use plimsoll::registry::COLLECTORS;
use plimsoll_kit::Surroundings;

use crate::house::House;
use crate::slack::{FakeSlack, Fault};

pub(crate) fn courier(house: &House) -> Courier {
    let surroundings = Surroundings::new(|_| None, "/");
    let path = house.path("config.toml");
    let config = Config::load(Some(&path), COLLECTORS, &surroundings);
    let Ok(config) = config.map_err(|mistakes| panic!("{mistakes}"));
    Courier::new(
        config.notify.as_ref().unwrap(),
        &config.store.path,
        Duration::from_secs(1),
    )
    .unwrap()
}

/// Calls the courier when it says, until a time; how often that was, and how many it sent.
pub(crate) async fn drive(courier: &Courier, from: Timestamp, until: Timestamp) -> (u32, u64) {
    let (mut now, mut calls, mut sent) = (from, 0, 0);
    while now < until {
        let round = courier.deliver(now).await.unwrap();
        calls += 1;
        sent += round.sent;
        assert!(calls < 1_000, "it is called for ever");
        match round.next {
            Some(next) => now = next.max(now + SignedDuration::from_millis(1)),
            None => break,
        }
    }
    (calls, sent)
}

#[test]
fn nothing_is_lost_and_nothing_comes_twice() {
    let slack = FakeSlack::start();
    slack.unpaced();
    slack.fault(Fault::Status(503));
    let house = House::with_slack(&slack, "");
    house.configure(&House::ops(&slack.api()).replace("\"10s\"", "\"0s\""));
    house.scan();
    house.estate(&["api", "web", "db"], "no");
    let (_, stderr) = house.scan();
    let waiting = house.states().len();
    assert!(waiting >= 1 && stderr.len() < 400, "{stderr}");
    let courier = courier(&house);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let start = Timestamp::now() + SignedDuration::from_secs(60);
        let hours = |hours: i64| start + SignedDuration::from_hours(hours);
        // Six hours of nothing: it is tried at growing distances, at least every quarter of an hour.
        let (calls, sent) = drive(&courier, start, hours(6)).await;
        assert_eq!(sent, 0);
        assert!((20..60).contains(&calls), "{calls}");
        // Then Slack asks to wait, for ten minutes.
        slack.fault(Fault::Wait(600));
        let before = slack.calls("");
        courier.deliver(hours(7)).await.unwrap();
        let asked = slack.calls("") - before;
        let early = courier
            .deliver(hours(7) + SignedDuration::from_secs(599))
            .await
            .unwrap();
        assert_eq!(
            (early.sent, slack.calls("") - before),
            (0, asked),
            "it waits as long as it was asked to"
        );
        // Then it is up, and everything comes, a second apart.
        slack.fault(Fault::None);
        let (calls, sent) = drive(&courier, hours(8), hours(9)).await;
        assert_eq!(usize::try_from(sent).unwrap(), waiting);
        assert!(usize::try_from(calls).unwrap() <= waiting + 1, "{calls}");
        let round = courier.deliver(hours(9)).await.unwrap();
        assert_eq!((round.sent, round.failed), (0, 0));
        // All that is left is to wait for a source that is not read any more.
        assert!(round.next.is_some_and(|next| next > hours(20)), "{round:?}");
        let depth = courier.depth().unwrap();
        assert_eq!((depth[0].waiting, depth[0].given_up), (0, 0));
    });
    slack.assert_once();
    assert_eq!(slack.said().len(), waiting);
}

#[test]
fn a_clock_that_is_set_back_or_forward_loses_nothing() {
    for years in [-3, 3] {
        let slack = FakeSlack::start();
        slack.unpaced();
        slack.fault(Fault::Status(503));
        let house = House::with_slack(&slack, "");
        house.configure(&House::ops(&slack.api()).replace("\"10s\"", "\"0s\""));
        house.estate(&["api"], "no");
        house.scan();
        let waiting = house.states().len();
        let courier = courier(&house);
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            let now = Timestamp::now() + SignedDuration::from_hours(24 * 365 * years);
            courier.deliver(now).await.unwrap();
            slack.fault(Fault::None);
            let later = now + SignedDuration::from_hours(1);
            let (_, sent) = drive(&courier, later, later + SignedDuration::from_hours(1)).await;
            // One more is that the sources were not read for three years.
            assert!(
                usize::try_from(sent).unwrap() >= waiting,
                "{years}: {sent} of {waiting}"
            );
            assert_eq!(courier.depth().unwrap()[0].given_up, 0);
        });
        slack.assert_once();
    }
}

#[test]
fn two_couriers_do_not_work_at_once_and_a_locked_store_is_waited_for() {
    let slack = FakeSlack::start();
    slack.unpaced();
    let house = House::with_slack(&slack, "");
    house.configure(&House::ops(&slack.api()).replace("\"10s\"", "\"0s\""));
    slack.fault(Fault::Status(503));
    house.estate(&["api"], "no");
    house.scan();
    let (one, other) = (courier(&house), courier(&house));
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let now = Timestamp::now() + SignedDuration::from_hours(1);
        let gate = plimsoll_kit::testkit::Gate::new();
        slack.fault(Fault::HangAfter("chat.postMessage", gate.clone()));
        let both = async {
            gate.reached().await;
            let round = other.deliver(now).await.unwrap();
            assert!(round.busy && round.sent == 0 && round.next.is_some());
        };
        tokio::select! {
            _ = one.deliver(now) => panic!("it hangs"),
            () = both => {}
        }
        // Dropped where it hung: what may have arrived is looked for, and found.
        slack.fault(Fault::None);
        let database = rusqlite::Connection::open(house.path("plimsoll.db")).unwrap();
        database.execute_batch("BEGIN IMMEDIATE").unwrap();
        let locked = one.deliver(now).await.unwrap_err();
        assert!(locked.to_string().contains("lock"), "{locked}");
        database.execute_batch("ROLLBACK").unwrap();
        drive(&one, now, now + SignedDuration::from_hours(1)).await;
    });
    slack.assert_once();
    assert!(
        house.states().iter().all(|state| state == "sent"),
        "{:?}",
        house.states()
    );
}

#[test]
fn what_waits_for_a_channel_that_is_no_more_is_given_up() {
    let slack = FakeSlack::start();
    slack.fault(Fault::Status(503));
    let house = House::with_slack(&slack, "");
    let quick = House::ops(&slack.api()).replace("\"10s\"", "\"0s\"");
    house.configure(&quick);
    house.scan();
    house.estate(&["api"], "no");
    house.scan();
    assert!(!house.states().is_empty());
    house.configure(&quick.replace("\"ops\"", "\"others\""));
    let courier = courier(&house);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async { courier.deliver(Timestamp::now()).await.unwrap() });
    let states = house.states();
    assert!(states.iter().all(|state| state == "given-up"), "{states:?}");
}
