//! What becomes of a run when Asana misbehaves, or keeps something back.

#![allow(
    clippy::unwrap_used,
    reason = "a panic is the message, in helpers of tests too"
)]

mod common;

use common::{approvals, complete, read, request, titles, troubles};
use plimsoll_asana::REGISTRATION;
use plimsoll_asana::testkit::{FakeAsana, Fault, PROJECT};
use plimsoll_kit::testkit::{build, context, render, run};
use plimsoll_kit::{Limits, Right};
use serde_json::json;

fn tracker(count: usize) -> FakeAsana {
    let fake = FakeAsana::new();
    fake.with(|tracker| {
        for number in 1..=count {
            tracker.at("2026-01-01T08:00:00Z", "sam");
            let at = tracker.open(PROJECT, &format!("Change {number}"));
            tracker.describe(at, "System: api");
            let ask = tracker.ask(at, "Approve");
            tracker
                .at("2026-01-01T09:00:00Z", "kim")
                .answer(ask, "approved");
            tracker
                .at("2026-01-01T10:00:00Z", "kim")
                .move_to(at, PROJECT, "Approved");
        }
    });
    fake
}

#[test]
fn pages_of_any_size_make_one_list() {
    let whole = render(&read(&tracker(5)));
    for page in [1, 2, 3, 4] {
        let fake = tracker(5);
        fake.with(|tracker| tracker.page = page);
        assert_eq!(render(&read(&fake)), whole, "{page}");
    }
}

#[test]
fn what_passes_is_waited_for() {
    for fault in [
        Fault::Status(429),
        Fault::RetryAfter(0),
        Fault::Status(503),
        Fault::Truncated,
    ] {
        let fake = tracker(2);
        for part in ["/sections", "modified_since", "/stories", "/subtasks"] {
            fake.fail(part, fault.clone(), 1);
        }
        let harvest = read(&fake);
        assert!(
            complete(&harvest, PROJECT),
            "{fault:?}: {}",
            troubles(&harvest)
        );
        assert_eq!(titles(&harvest), ["Change 1", "Change 2"], "{fault:?}");
        assert_eq!(approvals(&harvest.requests[0]).len(), 2);
    }
}

#[test]
fn what_stays_broken_costs_its_scope() {
    for (part, fault, requests) in [
        ("/sections", Fault::Status(403), 0),
        (
            "/sections",
            Fault::Instead(r#"{"data":[{"gid":"1"}],"next_page":null}"#.into()),
            0,
        ),
        ("modified_since", Fault::Status(404), 0),
        ("modified_since", Fault::Instead("{}".into()), 0),
        ("completed_since", Fault::Status(500), 2),
        (
            "completed_since",
            Fault::Instead(r#"{"data":[{"gid":1}],"next_page":null}"#.into()),
            2,
        ),
        ("/1209000000000010/stories", Fault::Status(500), 1),
        ("/1209000000000011/stories", Fault::Status(404), 1),
        ("/1209000000000010/subtasks", Fault::Instead("[".into()), 1),
    ] {
        let fake = tracker(2);
        fake.fail(part, fault.clone(), usize::MAX);
        let harvest = read(&fake);
        let told = troubles(&harvest);
        assert!(!complete(&harvest, PROJECT), "{part} {fault:?}");
        assert!(!told.is_empty() && !told.contains("MARKER"), "{told}");
        // One whose history cannot be read this time is better known as it was.
        assert_eq!(harvest.requests.len(), requests, "{part} {fault:?}: {told}");
    }
}

#[test]
fn a_history_that_is_refused_leaves_doubt() {
    for (part, status) in [
        ("/1209000000000010/stories", 403),
        ("/1209000000000011/stories", 403),
        ("/1209000000000010/subtasks", 402),
    ] {
        let fake = tracker(2);
        fake.fail(part, Fault::Status(status), usize::MAX);
        let harvest = read(&fake);
        assert!(!complete(&harvest, PROJECT), "{part}");
        let one = request(&harvest, "Change 1");
        assert_eq!(one.whole_history, Some(false), "{part}");
        // Of a subtask without stories only its state is known, which proves nothing.
        let proven = one.approvals.iter().filter(|one| one.at.is_some());
        assert_eq!(proven.count(), 1, "{part}");
        assert_eq!(request(&harvest, "Change 2").whole_history, None);
        // What may be there the next time goes before what is refused.
        fake.fail("/1209000000000010/s", Fault::Status(500), usize::MAX);
        fake.fail("/1209000000000011/s", Fault::Status(500), usize::MAX);
        assert_eq!(titles(&read(&fake)), ["Change 2"], "{part}");
    }
}

#[test]
fn a_list_that_breaks_off_keeps_what_came() {
    for fault in [
        Fault::Status(500),
        Fault::Status(400),
        Fault::Instead(r#"{"data":[],"next_page":{"offset":"at/2"}}"#.into()),
    ] {
        let fake = tracker(5);
        fake.with(|tracker| tracker.page = 2);
        fake.fail(
            "html_notes&limit=100&offset=at%2F2",
            fault.clone(),
            usize::MAX,
        );
        let harvest = read(&fake);
        assert_eq!(titles(&harvest), ["Change 1", "Change 2"], "{fault:?}");
        assert!(!complete(&harvest, PROJECT));
    }
}

#[test]
fn texts_of_ten_megabytes_cost_no_list() {
    let fake = tracker(3);
    let long = format!("{}\nEnvironment: production", "x".repeat(10 << 20));
    fake.with(|tracker| tracker.tasks[2].json["html_notes"] = long.into());
    let harvest = read(&fake);
    assert!(complete(&harvest, PROJECT), "{}", troubles(&harvest));
    let two = request(&harvest, "Change 2");
    assert_eq!((two.whole_history, approvals(two).len()), (Some(false), 2));
    assert!(two.environments.is_empty());
    assert_eq!(request(&harvest, "Change 3").whole_history, None);
    assert!(troubles(&harvest).contains("its text is longer than"));
}

#[test]
fn what_is_longer_than_an_answer_may_be_is_read_without_its_text() {
    let fake = tracker(3);
    fake.with(|tracker| tracker.tasks[2].json["html_notes"] = "x".repeat(300 << 10).into());
    // A server that leaves out what is not asked for.
    fake.server().handle({
        let bare = tracker(3);
        let rows = bare.with(|tracker| tracker.tasks[2].json.clone());
        move |request| {
            let target = request.target();
            let second =
                target.contains("limit=1&offset=at%2F1") && !target.contains(",html_notes");
            let page = json!({"data": [rows], "next_page": {"offset": "at/2"}});
            (second && target.contains("modified_since"))
                .then(|| plimsoll_kit::testkit::Reply::json(page.to_string()))
        }
    });
    let folder = tempfile::tempdir().unwrap();
    let collector = build(&REGISTRATION, &fake.settings(folder.path())).unwrap();
    let mut context = context("asana");
    context.limits = Limits {
        bytes: 128 << 10,
        ..Limits::default()
    };
    let harvest = run(plimsoll_kit::testkit::harvest(&*collector, &context));
    assert_eq!(titles(&harvest), ["Change 1", "Change 2", "Change 3"]);
    let two = request(&harvest, "Change 2");
    assert_eq!((two.whole_history, approvals(two).len()), (Some(false), 2));
    assert!(troubles(&harvest).contains("its text is too long"));
}

#[test]
fn what_somebody_did_who_is_no_more_was_done_by_nobody() {
    let fake = tracker(1);
    fake.with(|tracker| {
        tracker.delete_user("kim");
        tracker.delete_user("sam");
    });
    let harvest = read(&fake);
    let one = &harvest.requests[0];
    assert_eq!(
        approvals(one),
        ["(nobody named) no time", "(nobody named) no time"]
    );
    assert!(one.requester.is_none() && one.edits[0].by.is_none());
    assert!(complete(&harvest, PROJECT));
}

#[test]
fn broken_parts_cost_no_more_than_they_are() {
    let fake = tracker(7);
    fake.with(|tracker| {
        let mut tasks = tracker.tasks.iter_mut().step_by(2);
        let mut next = || tasks.next().unwrap();
        next().json["created_at"] = json!("yesterday");
        next().json["gid"] = json!(7);
        next().json["custom_fields"] = json!([{"name": 5}, 7]);
        next().json["html_notes"] = json!({"type": "doc"});
        let four = next();
        four.stories[1]["created_at"] = json!(12);
        next().stories[1]["created_by"] = json!("kim");
        next().stories.push(json!("nothing"));
    });
    let harvest = read(&fake);
    assert_eq!(
        titles(&harvest),
        ["Change 3", "Change 4", "Change 5", "Change 6", "Change 7"]
    );
    assert!(!complete(&harvest, PROJECT));
    for (title, doubt) in [
        ("Change 3", Some(false)),
        ("Change 4", Some(false)),
        ("Change 5", Some(false)),
        ("Change 6", None),
        ("Change 7", Some(false)),
    ] {
        assert_eq!(request(&harvest, title).whole_history, doubt, "{title}");
    }
    assert_eq!(
        approvals(request(&harvest, "Change 5"))[0],
        "KIM Sample no time"
    );
    assert_eq!(
        approvals(request(&harvest, "Change 6"))[0],
        "(nobody named) no time"
    );
    let told = troubles(&harvest);
    for word in [
        "without an id is left out",
        "nobody can tell when it was opened",
    ] {
        assert!(told.contains(word), "{word}: {told}");
    }
}

#[test]
fn a_history_that_says_otherwise_than_the_task_is_not_trusted() {
    let fake = tracker(3);
    fake.with(|tracker| {
        tracker.move_to(0, PROJECT, "Requested");
        tracker.tasks[0].stories.pop();
        tracker.answer(3, "pending");
        tracker.tasks[3].stories.pop();
    });
    let harvest = read(&fake);
    for title in ["Change 1", "Change 2"] {
        assert_eq!(
            request(&harvest, title).whole_history,
            Some(false),
            "{title}"
        );
    }
    assert_eq!(request(&harvest, "Change 3").whole_history, None);
}

#[test]
fn what_check_says_of_each_right() {
    let fake = tracker(1);
    let check = |fake: &FakeAsana| {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("{}/api/1.0", fake.server().url());
        let settings = FakeAsana::settings_at(&url, folder.path());
        let settings = format!("{settings}projects = [\"{PROJECT}\", \"999\"]\n");
        let collector = build(&REGISTRATION, &settings).unwrap();
        let all = run(collector.check(&context("asana")));
        let told = all.into_iter().map(|access| (access.what, access.right));
        told.collect::<Vec<_>>()
    };
    let right = |what: &str, right| (what.to_owned(), right);
    let own = |what: &str| (format!("{PROJECT}: {what}"), Right::Granted);
    assert_eq!(
        check(&fake),
        [
            right("token", Right::Granted),
            own("sections"),
            own("tasks"),
            own("history"),
            own("subtasks"),
            right("999: sections", Right::Denied),
            right("999: tasks", Right::Denied),
        ]
    );
    fake.with(|tracker| tracker.token = false);
    assert_eq!(check(&fake), [right("token", Right::Denied)]);
    assert!(!complete(&read(&fake), PROJECT));
}
