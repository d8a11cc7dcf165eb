//! The whole way: a daemon that watches a real engine, a container that is changed by hand, and the message in Slack.

#![allow(
    clippy::unwrap_used,
    reason = "a panic is how a test tells what is wrong"
)]

#[path = "support/slack.rs"]
#[allow(dead_code, reason = "another test program uses the rest")]
mod slack;
mod support;

use std::os::unix::fs::PermissionsExt as _;
use std::time::Duration;

use plimsoll_youtrack::testkit::FakeYouTrack;
use rustix::process::Signal;
use slack::{CHANNEL, FakeSlack, Said, TOKEN};
use support::{Engine, Estate, Plimsoll, until};

const LIMIT: Duration = Duration::from_secs(60);

fn make(estate: &Estate, options: &[&str]) {
    let labels = [
        "--label=plimsoll.environment=production",
        "--label=plimsoll.role=worker",
    ];
    let image = ["estate/busybox:1", "sleep", "600"];
    estate.create("worker", &[options, &labels, &image].concat());
}

fn configuration(
    endpoint: &str,
    tracker: &FakeYouTrack,
    slack: &FakeSlack,
    folder: &std::path::Path,
) -> String {
    let token = folder.join("slack.token");
    std::fs::write(&token, TOKEN).unwrap();
    std::fs::set_permissions(&token, std::fs::Permissions::from_mode(0o600)).unwrap();
    format!(
        "{}[[sources]]\nname = \"tracker\"\ncollector = \"youtrack\"\n[sources.settings]\n{}\
         [schedule]\ndefault = \"0 0 1 1 *\"\njitter = \"0s\"\n[approval]\npolicy = \"tracker-cto\"\nsources = [\"tracker\"]\n\
         [[people]]\nname = \"Carol\"\nroles = [\"cto\"]\naccounts = {{ tracker = \"carol\" }}\n\
         [notify]\nreview_url = \"https://plimsoll.example.org\"\n\
         [[notify.channels]]\nname = \"ops\"\nkind = \"slack\"\nchannel = \"{CHANNEL}\"\ntoken_file = {token:?}\napi = \"{}\"\n\
         [[notify.routes]]\nchannels = [\"ops\"]\nabout = [\"change\"]\n",
        Plimsoll::docker_source(endpoint),
        tracker.settings(folder),
        slack.api(),
    )
}

#[test]
fn the_channel_hears_of_a_container_that_somebody_changed_by_hand() {
    let folder = tempfile::tempdir().unwrap();
    let engine = Engine::required();
    let estate = Estate::on(&engine);
    make(&estate, &[]);
    let (tracker, slack) = (FakeYouTrack::new("CHG"), FakeSlack::start());
    let configuration = configuration(&engine.endpoint, &tracker, &slack, folder.path());
    let plimsoll = Plimsoll::new(&configuration);
    let daemon = plimsoll.start(&["serve"]);
    // Both sources are new, so both are read at the start.
    until("the first scan", LIMIT, || {
        let page = plimsoll.run(&["report", "--format", "json"]);
        let report: serde_json::Value = serde_json::from_str(&page.stdout).ok()?;
        let read = report["coverage"].as_array()?.iter();
        let sources: std::collections::BTreeSet<_> =
            read.map(|row| row["source"].as_str()).collect();
        (sources.len() == 2).then_some(())
    });
    let told = |said: &[Said]| {
        let name = estate.name("worker");
        let about = said.iter().filter(|one| {
            one.thread.is_none()
                && one.text.contains("Unapproved change")
                && one.text.contains(&name)
        });
        about.count()
    };
    assert_eq!(told(&slack.said()), 0);

    estate.remove("worker");
    make(&estate, &["--privileged"]);
    let report = plimsoll.run(&["scan", "--via-daemon", "--format", "json"]);
    assert_eq!(report.code, Some(10), "{}", report.stderr);
    until("the message in Slack", LIMIT, || {
        (told(&slack.said()) > 0).then_some(())
    });

    // Nothing else happened: what is seen again is not told again.
    plimsoll.run(&["scan", "--via-daemon", "--format", "json"]);
    daemon.signal(Signal::TERM);
    let end = daemon.finish(LIMIT);
    assert_eq!(end.code, Some(0), "{}", end.stderr);
    assert_eq!(told(&slack.said()), 1);
    slack.assert_once();
}
