//! `kill -9` at every step of delivery: nothing is lost, and nothing is sent twice.

use plimsoll_kit::testkit::Gate;
use rustix::process::Signal;

use crate::house::{House, ticket};
use crate::slack::{FakeSlack, Fault};

/// Scans until something comes to the gate, and kills the scan there.
fn scan_and_kill(house: &House, gate: &Gate) {
    let running = house.start(&["scan", "--format", "json"]);
    reached(gate);
    running.kill(Signal::KILL);
}

/// Waits until something comes to a gate.
pub(crate) fn reached(gate: &Gate) {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    let runtime = builder.enable_all().build().unwrap();
    runtime.block_on(async {
        let limit = std::time::Duration::from_secs(60);
        let reached = tokio::time::timeout(limit, gate.reached());
        reached.await.expect("it comes to the gate");
    });
}

fn started() -> (FakeSlack, House) {
    let slack = FakeSlack::start();
    let house = House::with_slack(&slack, "");
    house.scan();
    (slack, house)
}

#[test]
fn before_and_after_slack_took_the_message() {
    for after in [false, true] {
        let (slack, house) = started();
        let told = slack.said().len();
        let gate = Gate::new();
        slack.fault(if after {
            Fault::HangAfter("chat.postMessage", gate.clone())
        } else {
            Fault::HangBefore("chat.postMessage", gate.clone())
        });
        house.estate(&["api"], "no");
        scan_and_kill(&house, &gate);
        assert_eq!(slack.said().len(), told + usize::from(after));
        slack.fault(Fault::None);
        house.run(&["notify", "deliver"]).success("deliver");
        slack.assert_once();
        assert_eq!(slack.said().len(), told + 1, "{:#?}", slack.said());
        assert!(slack.calls("conversations.history") >= 1);
        assert!(
            house.states().iter().all(|state| state == "sent"),
            "{:?}",
            house.states()
        );
        // What goes on with it finds it.
        house.tracker(&[ticket(true)]);
        house.scan();
        let reply = slack.said().pop().unwrap();
        assert_eq!(reply.thread.as_ref(), Some(&slack.said()[told].ts));
    }
}

#[test]
fn while_it_looks_for_what_may_have_arrived() {
    let (slack, house) = started();
    let told = slack.said().len();
    let gate = Gate::new();
    slack.fault(Fault::HangAfter("chat.postMessage", gate.clone()));
    house.estate(&["api"], "no");
    scan_and_kill(&house, &gate);
    let gate = Gate::new();
    slack.fault(Fault::HangBefore("conversations.history", gate.clone()));
    scan_and_kill(&house, &gate);
    slack.fault(Fault::None);
    house.run(&["notify", "deliver"]).success("deliver");
    slack.assert_once();
    assert_eq!(slack.said().len(), told + 1);
}

#[test]
fn before_and_after_a_reply_and_an_edit() {
    for (method, after) in [
        ("chat.postMessage", false),
        ("chat.postMessage", true),
        ("chat.update", false),
        ("chat.update", true),
    ] {
        let (slack, house) = started();
        let told = slack.said().len();
        house.estate(&["api"], "no");
        house.scan();
        let gate = Gate::new();
        slack.fault(if after {
            Fault::HangAfter(method, gate.clone())
        } else {
            Fault::HangBefore(method, gate.clone())
        });
        house.tracker(&[ticket(true)]);
        scan_and_kill(&house, &gate);
        slack.fault(Fault::None);
        house.run(&["notify", "deliver"]).success("deliver");
        slack.assert_once();
        let said = slack.said();
        assert_eq!(said.len(), told + 2, "{method} {after}: {said:#?}");
        let root = crate::story::shown(&said[told]);
        assert_eq!(root.matches("approved by CHG-1").count(), 1, "{root}");
        assert!(
            house.states().iter().all(|state| state == "sent"),
            "{:?}",
            house.states()
        );
    }
}

#[test]
fn a_connection_that_breaks_is_no_second_message_either() {
    let (slack, house) = started();
    let told = slack.said().len();
    slack.fault(Fault::BreakAfter("chat.postMessage"));
    house.configure(&House::ops(&slack.api()).replace("\"10s\"", "\"0s\""));
    house.estate(&["api"], "no");
    let (_, stderr) = house.scan();
    assert!(
        stderr.contains("notice not sent: the channel ops: the connection broke"),
        "{stderr}"
    );
    assert_eq!(house.states().last().map(String::as_str), Some("sending"));
    slack.fault(Fault::None);
    // It waits a few seconds before it tries again.
    house.configure(&House::ops(&slack.api()).replace("\"10s\"", "\"30s\""));
    house.run(&["notify", "deliver"]).success("deliver");
    slack.assert_once();
    assert_eq!(slack.said().len(), told + 1);
}

#[test]
fn where_the_history_may_not_be_read_that_is_said() {
    let (slack, house) = started();
    let gate = Gate::new();
    slack.fault(Fault::HangAfter("chat.postMessage", gate.clone()));
    slack.forget_history_right();
    house.estate(&["api"], "no");
    scan_and_kill(&house, &gate);
    slack.fault(Fault::None);
    house.run(&["notify", "deliver"]).success("deliver");
    let outbox = house.outbox().to_string();
    assert!(
        outbox.contains("it may be there twice: the bot may not read the channel's history"),
        "{outbox}"
    );
}
