//! What the time makes due: the daily word, the digest, and sources that nobody reads any more. In handed-in time.

use jiff::{SignedDuration, Timestamp};

use crate::house::House;
use crate::outage::{courier, drive};
use crate::slack::FakeSlack;
use crate::story::shown;

#[test]
fn the_daily_word_comes_daily_the_digest_once_and_an_alarm_once() {
    let slack = FakeSlack::start();
    slack.unpaced();
    let start = Timestamp::now();
    let in_hours = |hours| start + SignedDuration::from_hours(hours);
    let time_of_day = |hours| in_hours(hours).strftime("%H:%M").to_string();
    let ops = House::ops(&slack.api());
    let (channel, _) = ops.split_once("[[notify.routes]]").unwrap();
    let house = House::new(&format!(
        "{channel}[[notify.routes]]\nchannels = [\"ops\"]\nabout = [\"drift\"]\nmode = \"digest\"\n\
         [[notify.routes]]\nchannels = [\"ops\"]\nabout = [\"source\", \"heartbeat\"]\n\
         [notify.heartbeat]\nat = \"{}\"\n[notify.digest]\nat = \"{}\"\n",
        time_of_day(2),
        time_of_day(3),
    ));
    house.estate(&["api", "web"], "no");
    house.scan();
    house.estate(&["api", "web"], "always");
    house.scan();
    assert!(slack.said().is_empty(), "{:#?}", slack.said());

    let courier = courier(&house);
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    let runtime = runtime.enable_all().build().unwrap();
    runtime.block_on(async {
        for hour in 0..72 {
            drive(
                &courier,
                in_hours(hour),
                in_hours(hour) + SignedDuration::from_mins(1),
            )
            .await;
        }
    });
    let said = slack.said();
    let starting = |word: &str| said.iter().filter(|one| one.text.starts_with(word)).count();
    assert_eq!(starting("How things stand"), 3, "{said:#?}");
    assert_eq!(starting("Digest"), 1, "{said:#?}");
    assert_eq!(starting("Source not read"), 2, "{said:#?}");
    assert_eq!(said.len(), 6, "{said:#?}");
    let first = shown(&said[0]);
    assert!(
        first.contains("scanned 2 times, 2 changes (2 unapproved)"),
        "{first}"
    );
    assert!(first.contains("coverage 2 of 2"), "{first}");
    let digest = shown(
        said.iter()
            .find(|one| one.text.starts_with("Digest"))
            .unwrap(),
    );
    assert!(
        digest.contains("2 × high opened least-privilege"),
        "{digest}"
    );
    assert!(
        digest.contains("2 × high resolved least-privilege"),
        "{digest}"
    );
    let last = shown(
        said.iter()
            .rfind(|one| one.text.starts_with("How"))
            .unwrap(),
    );
    assert!(last.contains("not scanned since"), "{last}");

    // Read again, which goes on in the alarm's thread.
    runtime.block_on(async { drive(&courier, Timestamp::now(), in_hours(1)).await });
    let said = slack.said();
    let again: Vec<_> = said
        .iter()
        .filter(|one| one.text.starts_with("Source is read again"))
        .collect();
    assert_eq!(again.len(), 2, "{said:#?}");
    assert!(again.iter().all(|one| one.thread.is_some()));
    slack.assert_once();
}
