//! A story in a task list, as several runs see it.

#![allow(
    clippy::unwrap_used,
    reason = "a panic is the message, in helpers of tests too"
)]

mod common;

use common::{approvals, complete, read, read_with, request, titles, troubles};
use plimsoll_asana::testkit::{FakeAsana, PROJECT};
use plimsoll_kit::testkit::render;
use plimsoll_model::ChangeRequest;

fn edits(request: &ChangeRequest) -> Vec<&str> {
    let edits = request.edits.iter();
    edits.map(|edit| edit.field.as_str()).collect()
}

fn states(request: &ChangeRequest) -> Vec<String> {
    let states = request.transitions.iter();
    states
        .map(|step| format!("{} {}", step.to, step.word))
        .collect()
}

#[test]
fn a_request_is_approved_in_its_subtasks_and_carried_out() {
    let fake = FakeAsana::new();
    fake.with(|tracker| {
        tracker.at("2026-01-01T08:00:00Z", "sam");
        let at = tracker.open(PROJECT, "Open port 8443 of the api");
        tracker.describe(at, "System: api\nEnvironment: production\nsee acme/app#44");
        tracker.assign(at, "eli");
        tracker.plan(at, "2026-01-01T20:00:00Z", "2026-01-01T22:00:00Z");
        let [lead, security, sign_off] =
            ["Please approve", "Security approval", "Sign-off"].map(|name| tracker.ask(at, name));
        tracker.assign(lead, "kim");
        tracker
            .at("2026-01-01T10:00:00Z", "kim")
            .answer(lead, "approved");
        tracker
            .at("2026-01-01T11:00:00Z", "sec")
            .answer(security, "approved");
        tracker.at("2026-01-01T12:00:00Z", "sam").comment(at);
        tracker
            .at("2026-01-01T20:30:00Z", "eli")
            .move_to(at, PROJECT, "In progress");
        tracker.at("2026-01-01T21:00:00Z", "eli").complete(at, true);
        tracker
            .at("2026-01-02T08:00:00Z", "cto")
            .answer(sign_off, "approved");
    });
    let harvest = read(&fake);
    assert!(complete(&harvest, PROJECT), "{}", troubles(&harvest));
    // Subtasks that ask for approvals are no requests.
    assert_eq!(titles(&harvest), ["Open port 8443 of the api"]);
    let one = &harvest.requests[0];
    assert_eq!(
        approvals(one),
        [
            "KIM Sample 2026-01-01T10:00:00Z",
            "SEC Sample security 2026-01-01T11:00:00Z"
        ]
    );
    assert_eq!(one.sign_offs[0].kind, "signed-off");
    assert_eq!(
        one.sign_offs[0].at.unwrap().to_string(),
        "2026-01-02T08:00:00Z"
    );
    assert_eq!(
        edits(one),
        ["description", "", "implementers", "window", "comment"]
    );
    assert_eq!(states(one), ["implementing In progress", "implemented "]);
    assert_eq!(one.implementers[0].name.as_deref(), Some("ELI Sample"));
    assert_eq!(
        (one.names[0].as_str(), one.environments[0].as_str()),
        ("api", "production")
    );
    assert_eq!(one.links.requests, ["acme/app#44"]);
    assert!(one.window.is_some() && one.whole_history.is_none());
    assert_eq!(render(&read(&fake)), render(&harvest));
}

#[test]
fn a_section_approves_until_the_task_leaves_it_for_one_that_does_not_follow() {
    let fake = FakeAsana::new();
    fake.with(|tracker| {
        tracker.at("2026-01-01T08:00:00Z", "sam");
        let at = tracker.open(PROJECT, "Another disk");
        tracker
            .at("2026-01-01T09:00:00Z", "kim")
            .move_to(at, PROJECT, "Approved");
        tracker
            .at("2026-01-01T10:00:00Z", "sam")
            .move_to(at, PROJECT, "In progress");
    });
    let one = &read(&fake).requests[0];
    assert_eq!(approvals(one), ["KIM Sample 2026-01-01T09:00:00Z"]);
    fake.with(|tracker| {
        tracker
            .at("2026-01-01T11:00:00Z", "sam")
            .move_to(0, PROJECT, "Requested");
        tracker
            .at("2026-01-01T12:00:00Z", "kim")
            .move_to(0, PROJECT, "Approved");
        tracker
            .at("2026-01-01T13:00:00Z", "sam")
            .rename(0, "Another two disks");
    });
    let one = &read(&fake).requests[0];
    assert_eq!(
        approvals(one),
        [
            "KIM Sample 2026-01-01T09:00:00Z until 2026-01-01T11:00:00Z",
            "KIM Sample 2026-01-01T12:00:00Z"
        ]
    );
    assert_eq!(
        states(one),
        [
            "approved Approved",
            "implementing In progress",
            "reopened Requested",
            "approved Approved"
        ]
    );
    assert_eq!(
        (edits(one), one.title.as_str()),
        (vec!["title"], "Another two disks")
    );
}

#[test]
fn a_section_of_another_project_approves_nothing() {
    let fake = FakeAsana::new();
    fake.with(|tracker| {
        let sections = ["New", "Approved"].map(str::to_owned).to_vec();
        tracker
            .projects
            .insert("1208000000000002".to_owned(), sections);
        tracker.at("2026-01-01T08:00:00Z", "sam");
        let at = tracker.open(PROJECT, "Another disk");
        tracker.add_to(at, "1208000000000002");
        tracker.move_to(at, "1208000000000002", "Approved");
    });
    let harvest = read(&fake);
    let one = &harvest.requests[0];
    assert!(approvals(one).is_empty() && states(one).is_empty());
    assert!(edits(one).is_empty(), "{:?}", edits(one));
    // Where both are read it is a request of the first.
    let folder = tempfile::tempdir().unwrap();
    let url = format!("{}/api/1.0", fake.server().url());
    let settings = FakeAsana::settings_at(&url, folder.path());
    let settings = format!("{settings}projects = [\"1208000000000002\", \"{PROJECT}\"]\n");
    let collector = plimsoll_kit::testkit::build(&plimsoll_asana::REGISTRATION, &settings).unwrap();
    let context = plimsoll_kit::testkit::context("asana");
    let harvest = plimsoll_kit::testkit::run(plimsoll_kit::testkit::harvest(&*collector, &context));
    assert_eq!(harvest.requests.len(), 1);
    assert_eq!(harvest.requests[0].scope, PROJECT);
    assert!(harvest.scopes.iter().all(|scope| scope.complete));
}

#[test]
fn fields_approve_by_the_hand_that_sets_them() {
    let fake = FakeAsana::new();
    fake.with(|tracker| {
        tracker.at("2026-01-01T08:00:00Z", "sam");
        let [own, other, value] = ["own", "other", "value"].map(|name| tracker.open(PROJECT, name));
        tracker
            .at("2026-01-01T09:00:00Z", "sam")
            .people(other, "Approved by", &["kim"]);
        tracker
            .at("2026-01-01T09:00:00Z", "kim")
            .people(own, "Approved by", &["kim"]);
        tracker.set(value, "Approval", "Approved");
        tracker
            .at("2026-01-01T10:00:00Z", "sam")
            .people(own, "Approved by", &[]);
        tracker.set(value, "Approval", "Pending");
    });
    let harvest = read(&fake);
    assert_eq!(
        approvals(request(&harvest, "own")),
        ["KIM Sample 2026-01-01T09:00:00Z until 2026-01-01T10:00:00Z"]
    );
    assert_eq!(
        approvals(request(&harvest, "other")),
        ["KIM Sample no time"]
    );
    assert_eq!(
        approvals(request(&harvest, "value")),
        ["KIM Sample 2026-01-01T09:00:00Z until 2026-01-01T10:00:00Z"]
    );
    assert!(troubles(&harvest).contains("did not set this itself"));
    assert!(complete(&harvest, PROJECT));
}

#[test]
fn an_approval_is_taken_back_in_every_way_that_there_is() {
    let fake = FakeAsana::new();
    let back: [fn(&mut plimsoll_asana::testkit::State, usize); 6] = [
        |tracker, at| tracker.answer(at, "pending"),
        |tracker, at| tracker.answer(at, "changes_requested"),
        |tracker, at| tracker.complete(at, false),
        |tracker, at| tracker.rename(at, "Approve something else"),
        |tracker, at| tracker.describe(at, "something else"),
        |tracker, at| tracker.something(at, "never_heard_of"),
    ];
    fake.with(|tracker| {
        for (number, back) in back.iter().enumerate() {
            tracker.at("2026-01-01T08:00:00Z", "sam");
            let at = tracker.open(PROJECT, &format!("Change {number}"));
            let ask = tracker.ask(at, "Approve");
            tracker
                .at("2026-01-01T09:00:00Z", "kim")
                .answer(ask, "approved");
            tracker.at("2026-01-01T10:00:00Z", "sam");
            back(tracker, ask);
        }
    });
    let harvest = read(&fake);
    assert_eq!(harvest.requests.len(), back.len());
    for one in &harvest.requests {
        assert_eq!(
            approvals(one)[0],
            "KIM Sample 2026-01-01T09:00:00Z until 2026-01-01T10:00:00Z",
            "{}",
            one.title
        );
    }
}

#[test]
fn an_approved_subtask_that_is_put_below_another_task_does_not_approve_that() {
    let fake = FakeAsana::new();
    fake.with(|tracker| {
        tracker.at("2026-01-01T08:00:00Z", "sam");
        let [one, two] = ["one", "two"].map(|name| tracker.open(PROJECT, name));
        let ask = tracker.ask(one, "Approve");
        tracker
            .at("2026-01-01T09:00:00Z", "kim")
            .answer(ask, "approved");
        tracker
            .at("2026-01-01T10:00:00Z", "sam")
            .put_below(ask, two);
    });
    let harvest = read(&fake);
    assert!(approvals(request(&harvest, "one")).is_empty());
    assert_eq!(
        approvals(request(&harvest, "two")),
        ["KIM Sample 2026-01-01T09:00:00Z until 2026-01-01T10:00:00Z"]
    );
}

#[test]
fn an_approval_that_nothing_proves_has_no_time() {
    let fake = FakeAsana::new();
    fake.with(|tracker| {
        tracker.at("2026-01-01T08:00:00Z", "sam");
        let [silent, api, nobody] =
            ["silent", "api", "nobody"].map(|name| tracker.open(PROJECT, name));
        let [a, b, c] = [silent, api, nobody].map(|at| tracker.ask(at, "Approve"));
        // As where it is only marked as done.
        tracker
            .at("2026-01-01T09:00:00Z", "kim")
            .answer_silently(a, "approved");
        tracker.source = "api".to_owned();
        tracker.answer(b, "approved");
        tracker.source = "web".to_owned();
        tracker.at("2026-01-01T09:00:00Z", "").answer(c, "approved");
    });
    let harvest = read(&fake);
    assert_eq!(
        approvals(request(&harvest, "silent")),
        ["KIM Sample no time"]
    );
    assert_eq!(approvals(request(&harvest, "api")), ["KIM Sample no time"]);
    assert_eq!(
        approvals(request(&harvest, "nobody")),
        ["(nobody named) no time"]
    );
    // Anybody can send a mail.
    fake.with(|tracker| tracker.tasks[3 + 1].stories[0]["source"] = "email".into());
    let mailed = read_with(&fake, "approvals_by_api = \"count\"\n", None);
    assert_eq!(approvals(request(&mailed, "api")), ["KIM Sample no time"]);
    fake.with(|tracker| tracker.tasks[3 + 1].stories[0]["source"] = "api".into());
    let harvest = read_with(&fake, "approvals_by_api = \"count\"\n", None);
    assert_eq!(
        approvals(request(&harvest, "api")),
        ["KIM Sample 2026-01-01T09:00:00Z"]
    );
    let kim = harvest.requests[1].approvals[0].by.account.clone();
    let harvest = read_with(&fake, &format!("bots = [\"{kim}\"]\n"), None);
    assert!(request(&harvest, "api").approvals[0].by.bot);
}

#[test]
fn a_request_that_is_an_approval_task_itself() {
    let fake = FakeAsana::new();
    fake.with(|tracker| {
        tracker.at("2026-01-01T08:00:00Z", "sam");
        let at = tracker.open(PROJECT, "Rotate the keys");
        tracker.tasks[at].json["resource_subtype"] = "approval".into();
        tracker.tasks[at].json["approval_status"] = "pending".into();
        tracker.assign(at, "kim");
        tracker
            .at("2026-01-01T09:00:00Z", "kim")
            .answer(at, "approved");
        tracker
            .at("2026-01-01T10:00:00Z", "sam")
            .describe(at, "System: worker");
        tracker.tag(at, "Hotfix");
        tracker.moment(at, "Window start", "2026-01-01T20:00:00Z");
        tracker.moment(at, "Window end", "2026-01-01T22:00:00Z");
        tracker.text(at, "Root cause", "PLIMSOLL-MARKER-why");
        tracker.set(at, "Risk", "high");
    });
    let harvest = read(&fake);
    let one = request(&harvest, "Rotate the keys");
    assert_eq!(approvals(one), ["KIM Sample 2026-01-01T09:00:00Z"]);
    // Whom it is assigned to is to approve it, and not to carry it out.
    assert!(one.implementers.is_empty());
    assert!(one.emergency && one.window.is_some());
    assert_eq!(
        edits(one),
        [
            "implementers",
            "description",
            "",
            "emergency",
            "window",
            "window",
            "risk"
        ]
    );
    assert!(one.sign_offs[0].root_cause);
    assert!(!render(&harvest).contains("MARKER"));
}

#[test]
fn what_was_approved_since_is_read_again_also_where_only_a_subtask_knows() {
    let fake = FakeAsana::new();
    fake.with(|tracker| {
        tracker.at("2025-11-01T08:00:00Z", "sam");
        for name in ["a", "b", "c", "d"] {
            let at = tracker.open(PROJECT, name);
            tracker.ask(at, "Approve");
        }
        // Done long ago, and not long ago.
        tracker.at("2025-11-02T08:00:00Z", "sam").complete(4, true);
        tracker.at("2025-12-10T08:00:00Z", "sam").complete(6, true);
    });
    let before = Some("2025-12-20T00:00:00Z");
    assert_eq!(titles(&read(&fake)), ["a", "b", "c", "d"]);
    let nothing = read_with(&fake, "", before);
    assert!(nothing.requests.is_empty() && complete(&nothing, PROJECT));
    fake.with(|tracker| {
        for ask in [1, 5, 7] {
            tracker
                .at("2025-12-20T00:00:00Z", "kim")
                .answer(ask, "approved");
        }
    });
    let harvest = read_with(&fake, "", before);
    assert_eq!(titles(&harvest), ["a", "d"], "{}", troubles(&harvest));
    assert_eq!(approvals(request(&harvest, "a")).len(), 1);
    let harvest = read_with(&fake, "follow = \"90 days\"\n", before);
    assert_eq!(titles(&harvest), ["a", "c", "d"]);
    // One that was altered itself is read whole.
    fake.with(|tracker| tracker.at("2025-12-21T00:00:00Z", "sam").comment(2));
    let harvest = read_with(&fake, "", before);
    assert_eq!(titles(&harvest), ["a", "b", "d"]);
}
