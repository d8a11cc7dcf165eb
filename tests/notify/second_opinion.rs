//! Slack's own specification has the last word on what is sent to it.

use plimsoll_kit::testkit::Gate;
use plimsoll_kit::testkit::prism::{Mode, prism};
use rustix::process::Signal;

use crate::house::{House, ticket};
use crate::slack::{FakeSlack, Fault};

/// The specification was cut in 2021. It has the token in a header or parameter of its own, which Slack's documentation does not
/// any more, and knows no metadata.
const KNOWN: &[&str] = &["token", "metadata"];

#[test]
fn every_request_is_as_the_specification_has_it() {
    let slack = FakeSlack::start();
    // Of the pace it knows another word than Slack has today.
    slack.unpaced();
    let prism = prism("slack", &Mode::Proxy(slack.api()));
    let house = House::new(&House::ops(prism.url()));
    house.scan();
    // One that is killed has to look for what it sent.
    let gate = Gate::new();
    slack.fault(Fault::HangAfter("chat.postMessage", gate.clone()));
    house.estate(&["api"], "no");
    let running = house.start(&["scan"]);
    crate::kill::reached(&gate);
    running.kill(Signal::KILL);
    slack.fault(Fault::None);
    house.run(&["notify", "deliver"]).success("deliver");
    house.tracker(&[ticket(true)]);
    house.scan();
    slack.assert_once();
    let requests = prism.requests();
    for call in [
        "post /chat.postMessage",
        "post /chat.update",
        "get /conversations.history",
    ] {
        assert!(
            requests.iter().any(|one| one == call),
            "{call} was not made: {requests:?}"
        );
    }
    let mut violations = prism.violations();
    violations.retain(|what| {
        let history = what.contains("conversations.") && what.contains("response");
        !history && !KNOWN.iter().any(|word| what.contains(word))
    });
    assert_eq!(violations, [""; 0]);
}
