//! A story in a tracker, as several runs see it.

#![allow(
    clippy::unwrap_used,
    reason = "a panic is the message, in helpers of tests too"
)]

mod common;

use common::{approvals, complete, ids, read, read_with, request, troubles};
use plimsoll_kit::testkit::render;
use plimsoll_model::ChangeRequest;
use plimsoll_youtrack::testkit::FakeYouTrack;

fn edits(request: &ChangeRequest) -> Vec<&str> {
    request
        .edits
        .iter()
        .map(|edit| edit.field.as_str())
        .collect()
}

fn states(request: &ChangeRequest) -> Vec<String> {
    let states = request.transitions.iter();
    states
        .map(|step| format!("{} {}", step.to, step.word))
        .collect()
}

#[test]
fn a_request_is_opened_approved_carried_out_and_closed() {
    let fake = FakeYouTrack::new("CHG");
    let commit = "0123456789abcdef0123456789abcdef01234567";
    fake.with(|tracker| {
        tracker.at("2026-01-01T08:00:00Z", "sam");
        let at = tracker.open("CHG", "Open port 8443 of the api");
        tracker.describe(at, "System: api\nEnvironment: production\nFact: ports\nWindow: 2026-01-01T20:00Z/2026-01-01T22:00Z\nsee OPS-7");
        tracker.person(at, "Assignee", "eli");
        tracker.at("2026-01-01T10:00:00Z", "kim").state(at, "Approved");
        tracker.at("2026-01-01T11:00:00Z", "sam").commit(at, commit, "eli");
        tracker.pull_request(at, "https://github.com/acme/app/pull/44");
        tracker.comment(at);
        tracker.at("2026-01-01T20:10:00Z", "eli").state(at, "In Progress");
        tracker.at("2026-01-01T20:20:00Z", "eli").state(at, "Fixed");
        tracker.at("2026-01-01T21:00:00Z", "kim").state(at, "Closed");
    });
    let harvest = read(&fake);
    assert!(complete(&harvest, "CHG"), "{}", troubles(&harvest));
    assert!(complete(&harvest, "projects of the token"));
    let one = request(&harvest, "CHG-1");
    assert_eq!(approvals(one), ["KIM Sample 2026-01-01T10:00:00Z"]);
    assert_eq!(
        edits(one),
        [
            "description",
            "assets",
            "environments",
            "window",
            "links",
            "implementers",
            "comment"
        ]
    );
    assert_eq!(
        states(one),
        [
            "approved Approved",
            "implementing In Progress",
            "implemented Fixed",
            "closed Closed"
        ]
    );
    assert_eq!(
        (&one.names[..], &one.environments[..], &one.facts[..]),
        (
            &["api".into()][..],
            &["production".into()][..],
            &["ports".into()][..]
        )
    );
    assert_eq!(one.links.commits, [commit]);
    assert_eq!(one.links.requests, ["OPS-7", "acme/app#44"]);
    assert!(one.window.is_some() && one.whole_history.is_none());
    assert_eq!(one.authors[0].name.as_deref(), Some("ELI Sample"));
    assert_eq!(one.implementers, one.authors);
    assert!(
        one.url
            .as_deref()
            .unwrap()
            .ends_with("/youtrack/issue/CHG-1")
    );
    assert_eq!(render(&read(&fake)), render(&harvest));
}

#[test]
fn an_approval_is_taken_back_and_given_again() {
    let fake = FakeYouTrack::new("CHG");
    fake.with(|tracker| {
        tracker.at("2026-01-01T08:00:00Z", "sam");
        let at = tracker.open("CHG", "Another disk");
        tracker
            .at("2026-01-01T09:00:00Z", "kim")
            .state(at, "Approved");
        tracker
            .at("2026-01-01T10:00:00Z", "sam")
            .state(at, "In Progress");
        // Nobody ever said what this means: it is no state in which an approval stands.
        tracker
            .at("2026-01-01T11:00:00Z", "sam")
            .state(at, "To be discussed");
        tracker
            .at("2026-01-01T12:00:00Z", "kim")
            .state(at, "Approved");
        tracker
            .at("2026-01-01T13:00:00Z", "sam")
            .rename(at, "Another two disks");
    });
    let harvest = read(&fake);
    let one = request(&harvest, "CHG-1");
    assert_eq!(
        approvals(one),
        [
            "KIM Sample 2026-01-01T09:00:00Z until 2026-01-01T11:00:00Z",
            "KIM Sample 2026-01-01T12:00:00Z"
        ]
    );
    assert_eq!(edits(one), ["title"]);
    assert_eq!(one.title, "Another two disks");

    fake.with(|tracker| tracker.at("2026-01-01T14:00:00Z", "kim").state(0, "Open"));
    let later = read(&fake);
    let one = request(&later, "CHG-1");
    assert_eq!(
        approvals(one)[1],
        "KIM Sample 2026-01-01T12:00:00Z until 2026-01-01T14:00:00Z"
    );
    assert_eq!(states(one).last().unwrap(), "reopened Open");
}

#[test]
fn whoever_puts_themselves_into_approved_by_approves_and_nobody_for_another() {
    let fake = FakeYouTrack::new("CHG");
    fake.with(|tracker| {
        tracker.at("2026-01-01T08:00:00Z", "sam");
        let [own, other, both] = ["a", "b", "c"].map(|name| tracker.open("CHG", name));
        tracker
            .at("2026-01-01T09:00:00Z", "kim")
            .person(own, "Approved by", "kim");
        tracker
            .at("2026-01-01T09:00:00Z", "sam")
            .person(other, "Approved by", "kim");
        tracker.person(both, "Approved by", "kim");
        tracker
            .at("2026-01-01T10:00:00Z", "kim")
            .state(both, "Approved");
        tracker
            .at("2026-01-01T11:00:00Z", "sam")
            .person(own, "Approved by", "");
    });
    let harvest = read(&fake);
    assert!(complete(&harvest, "CHG"));
    assert_eq!(
        approvals(request(&harvest, "CHG-1")),
        ["KIM Sample 2026-01-01T09:00:00Z until 2026-01-01T11:00:00Z"]
    );
    assert_eq!(
        approvals(request(&harvest, "CHG-2")),
        ["KIM Sample no time"]
    );
    assert_eq!(
        approvals(request(&harvest, "CHG-3")),
        ["KIM Sample no time", "KIM Sample 2026-01-01T10:00:00Z"]
    );
    assert!(troubles(&harvest).contains("CHG-2: it says that somebody approved it"));
}

#[test]
fn a_company_says_what_its_fields_mean() {
    let fake = FakeYouTrack::new("CHG");
    fake.with(|tracker| {
        tracker.at("2026-01-01T08:00:00Z", "sam");
        let at = tracker.open("CHG", "Rotate the keys");
        tracker.set(at, "Service", "api");
        tracker.set(at, "Where", "prod");
        tracker.set(at, "Type", "hotfix");
        tracker.moment(at, "Window start", "2026-01-01T20:00:00Z");
        tracker.moment(at, "Window end", "2026-01-01T22:00:00Z");
        tracker.tag(at, "security");
        tracker
            .at("2026-01-01T09:00:00Z", "sec")
            .set(at, "Security", "Yes");
        tracker
            .at("2026-01-01T10:00:00Z", "robot")
            .state(at, "Ready");
        tracker
            .at("2026-01-01T23:00:00Z", "kim")
            .text(at, "Root cause", "PLIMSOLL-MARKER-why");
        tracker.person(at, "Accepted", "kim");
    });
    let settings = "bots = [\"robot\"]\naccounts = \"login\"\n[fields]\nsystems = [\"service\"]\nenvironments = [\"where\"]\n\
        [[approvals]]\nfield = \"Security\"\nvalues = [\"yes\"]\nkind = \"security\"\n[[approvals]]\nfield = \"State\"\nvalues = [\"Ready\"]\n\
        [[sign_offs]]\nfield = \"Root cause\"\nkind = \"documented\"\nroot_cause = true\n[[sign_offs]]\nfield = \"Accepted\"\nkind = \"signed-off\"\n";
    let harvest = read_with(&fake, settings, None);
    let one = request(&harvest, "CHG-1");
    assert_eq!(
        approvals(one),
        [
            "SEC Sample security 2026-01-01T09:00:00Z",
            "ROBOT Sample 2026-01-01T10:00:00Z"
        ]
    );
    assert_eq!(one.approvals[0].by.account, "sec");
    assert!(one.approvals[1].by.bot && !one.approvals[0].by.bot);
    assert_eq!(
        (one.names[0].as_str(), one.environments[0].as_str()),
        ("api", "prod")
    );
    assert!(one.emergency && one.window.is_some() && !one.provisions);
    assert_eq!(one.labels, ["hotfix", "security"]);
    let sign_offs: Vec<_> = one
        .sign_offs
        .iter()
        .map(|one| (one.kind.as_str(), one.root_cause, one.at.is_some()))
        .collect();
    assert_eq!(
        sign_offs,
        [("documented", true, true), ("signed-off", false, true)]
    );
    assert_eq!(
        edits(one),
        [
            "assets",
            "environments",
            "emergency",
            "window",
            "window",
            "labels"
        ]
    );
    assert!(!render(&harvest).contains("MARKER"));
}

#[test]
fn only_what_was_altered_since_is_read_again_and_its_history_whole() {
    let fake = FakeYouTrack::new("CHG");
    fake.with(|tracker| {
        tracker.at("2025-11-01T08:00:00Z", "sam");
        for name in ["a", "b", "c"] {
            tracker.open("CHG", name);
        }
        tracker
            .at("2025-12-01T08:00:00Z", "kim")
            .state(1, "Approved");
    });
    assert_eq!(ids(&read(&fake)), ["CHG-1", "CHG-2", "CHG-3"]);
    let before = Some("2025-12-20T00:00:00Z");
    let nothing = read_with(&fake, "", before);
    assert!(
        nothing.requests.is_empty() && complete(&nothing, "CHG"),
        "{}",
        troubles(&nothing)
    );
    // In whatever time zone the owner of the token lives.
    for (zone, number) in [(0, 0), (-12, 1), (14, 2)] {
        fake.with(|tracker| {
            tracker.zone = zone;
            tracker
                .at("2025-12-20T00:00:00Z", "kim")
                .state(number, "Approved");
        });
    }
    for zone in [-12, 0, 14] {
        fake.with(|tracker| tracker.zone = zone);
        let harvest = read_with(&fake, "", before);
        assert_eq!(ids(&harvest), ["CHG-1", "CHG-2", "CHG-3"], "{zone}");
        assert_eq!(approvals(request(&harvest, "CHG-2")).len(), 2);
    }
    // Altered an hour and a second before: that was read.
    fake.with(|tracker| tracker.issues[2].updated = 1_766_185_199_000);
    assert_eq!(ids(&read_with(&fake, "", before)), ["CHG-1", "CHG-2"]);
}

#[test]
fn a_tag_that_leaves_the_time_of_update_as_it_was_is_seen() {
    let fake = FakeYouTrack::new("CHG");
    fake.with(|tracker| {
        tracker.at("2025-11-01T08:00:00Z", "sam");
        for name in ["a", "b", "c"] {
            tracker.open("CHG", name);
        }
        tracker.open("OPS", "d");
        tracker.pull_requests = false;
        tracker.at("2025-12-21T08:00:00Z", "kim");
        tracker.tag_quietly(1, "security");
        tracker.tag_quietly(3, "security");
    });
    let settings = "projects = [\"CHG\"]\n";
    let harvest = read_with(&fake, settings, Some("2025-12-20T00:00:00Z"));
    assert!(complete(&harvest, "CHG"), "{}", troubles(&harvest));
    assert_eq!(ids(&harvest), ["CHG-2"]);
    assert_eq!(request(&harvest, "CHG-2").labels, ["security"]);
    let harvest = read_with(&fake, settings, Some("2025-12-22T00:00:00Z"));
    assert_eq!(ids(&harvest), [""; 0]);
}

#[test]
fn what_is_quoted_or_struck_out_is_not_asked_for() {
    let fake = FakeYouTrack::new("CHG");
    fake.with(|tracker| {
        tracker.at("2026-01-01T08:00:00Z", "sam");
        let at = tracker.open("CHG", "a");
        let text =
            "> System: old\n~~System: other~~\n<!-- Environment: staging -->\n- **System:** api";
        tracker.describe(at, text);
    });
    let harvest = read(&fake);
    let one = request(&harvest, "CHG-1");
    assert_eq!((one.names.len(), one.environments.len()), (1, 0));
    assert_eq!(one.names[0], "api");
}

#[test]
fn a_project_that_is_named_is_read_and_no_other() {
    let fake = FakeYouTrack::new("CHG");
    fake.with(|tracker| {
        tracker.at("2025-11-01T08:00:00Z", "sam");
        tracker.open("CHG", "a");
        tracker.open("OPS", "b");
        tracker.open("OLD", "c");
        tracker.projects.insert("OLD".to_owned(), true);
    });
    assert_eq!(ids(&read(&fake)), ["CHG-1", "OPS-1"]);
    let harvest = read_with(&fake, "projects = [\"OPS\", \"NONE\"]\n", None);
    assert_eq!(ids(&harvest), ["OPS-1"]);
    assert!(complete(&harvest, "OPS") && !complete(&harvest, "NONE"));
    assert!(troubles(&harvest).contains("there is no project NONE"));
    assert_eq!(harvest.scopes.len(), 2);
}
