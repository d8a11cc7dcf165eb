//! What becomes of a run when YouTrack misbehaves, or keeps something back.

#![allow(
    clippy::unwrap_used,
    reason = "a panic is the message, in helpers of tests too"
)]

mod common;

use common::{approvals, complete, ids, read, read_with, request, troubles};
use plimsoll_kit::testkit::{build, context, render, run};
use plimsoll_kit::{Limits, Right};
use plimsoll_youtrack::REGISTRATION;
use plimsoll_youtrack::testkit::{FakeYouTrack, Fault};
use serde_json::json;

fn tracker(count: usize) -> FakeYouTrack {
    let fake = FakeYouTrack::new("CHG");
    fake.with(|tracker| {
        for number in 1..=count {
            tracker.at("2026-01-01T08:00:00Z", "sam");
            let at = tracker.open("CHG", &format!("Change {number}"));
            tracker.describe(at, "System: api");
            tracker
                .at("2026-01-01T09:00:00Z", "kim")
                .state(at, "Approved");
        }
    });
    fake
}

#[test]
fn pages_of_any_size_make_one_list() {
    let whole = render(&read(&tracker(101))).replace("127.0.0.1", "");
    let ports = |text: &str| -> String {
        let mut out = String::new();
        for line in text.lines().filter(|line| !line.contains("url \"")) {
            out.push_str(line);
            out.push('\n');
        }
        out
    };
    for page in [42, 43, 99, 100, 101] {
        let fake = tracker(101);
        fake.with(|tracker| tracker.page = page);
        let read = render(&read(&fake)).replace("127.0.0.1", "");
        assert_eq!(ports(&read), ports(&whole), "{page}");
    }
}

#[test]
fn a_list_that_is_altered_meanwhile_is_not_taken_for_whole() {
    // One that goes moves those after it, and one would be missed.
    let fake = tracker(150);
    fake.fail("$skip=99", Fault::Instead("[{\"id\":\"2-999\"}]".into()), 1);
    let harvest = read(&fake);
    assert!(!complete(&harvest, "CHG") && harvest.requests.len() == 100);
    assert!(troubles(&harvest).contains("altered while it was read"));
    // A server that does not know `$skip` gives the same page for ever.
    let fake = tracker(150);
    let page: Vec<_> = (0..100)
        .map(|at| json!({"id": format!("2-{}", at + 10)}))
        .collect();
    fake.fail("$skip=99", Fault::Instead(json!(page).to_string()), 1);
    assert!(troubles(&read(&fake)).contains("nothing but what came before"));
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
        for part in ["/admin/projects", "/issues?", "/activities"] {
            fake.fail(part, fault.clone(), 1);
        }
        let harvest = read(&fake);
        assert!(
            complete(&harvest, "CHG"),
            "{fault:?}: {}",
            troubles(&harvest)
        );
        assert_eq!(ids(&harvest), ["CHG-1", "CHG-2"], "{fault:?}");
    }
}

#[test]
fn what_stays_broken_costs_its_scope() {
    for (part, fault, requests) in [
        ("/admin/projects", Fault::Status(403), 0),
        ("/issues?", Fault::Status(500), 0),
        ("/issues?", Fault::Instead("{}".into()), 0),
        ("/api/activities?", Fault::Status(500), 2),
        ("/api/activities?", Fault::Instead("[{}]".into()), 2),
        ("/2-10/activities", Fault::Status(500), 1),
        ("/2-10/activities", Fault::Status(404), 1),
        ("/2-10/activities", Fault::Instead("[".into()), 1),
    ] {
        let fake = tracker(2);
        fake.fail(part, fault.clone(), usize::MAX);
        let harvest = read_with(&fake, "projects = [\"CHG\"]\n", None);
        let told = troubles(&harvest);
        assert!(!complete(&harvest, "CHG"), "{part} {fault:?}");
        assert!(!told.is_empty() && !told.contains("MARKER"), "{told}");
        // One whose history cannot be read this time is better known as it was.
        assert_eq!(harvest.requests.len(), requests, "{part} {fault:?}: {told}");
    }
}

#[test]
fn a_history_that_is_refused_leaves_doubt() {
    let fake = tracker(2);
    fake.fail("/2-10/activities", Fault::Status(403), usize::MAX);
    let harvest = read(&fake);
    assert!(!complete(&harvest, "CHG"));
    let one = request(&harvest, "CHG-1");
    assert_eq!(one.whole_history, Some(false));
    assert!(one.approvals.is_empty());
    assert_eq!(request(&harvest, "CHG-2").whole_history, None);
}

#[test]
fn a_list_that_breaks_off_keeps_what_came() {
    let fake = tracker(150);
    fake.fail("$skip=99", Fault::Status(500), usize::MAX);
    let harvest = read(&fake);
    assert_eq!(harvest.requests.len(), 100);
    assert!(!complete(&harvest, "CHG"));
}

#[test]
fn texts_of_ten_megabytes_cost_no_list() {
    let fake = tracker(3);
    let long = format!("{}\nEnvironment: production", "x".repeat(10 << 20));
    fake.with(|tracker| tracker.describe(1, &long));
    let harvest = read(&fake);
    assert!(complete(&harvest, "CHG"), "{}", troubles(&harvest));
    let two = request(&harvest, "CHG-2");
    assert_eq!((two.whole_history, approvals(two).len()), (Some(false), 1));
    assert_eq!(request(&harvest, "CHG-3").whole_history, None);
    assert!(troubles(&harvest).contains("CHG-2: its text is longer than"));
}

#[test]
fn what_is_longer_than_an_answer_may_be_is_read_without_its_text() {
    let fake = tracker(3);
    fake.with(|tracker| tracker.describe(1, &"x".repeat(300 << 10)));
    let folder = tempfile::tempdir().unwrap();
    let collector = build(&REGISTRATION, &fake.settings(folder.path())).unwrap();
    let mut context = context("youtrack");
    context.limits = Limits {
        bytes: 128 << 10,
        ..Limits::default()
    };
    let harvest = run(plimsoll_kit::testkit::harvest(&*collector, &context));
    assert!(complete(&harvest, "CHG"), "{}", troubles(&harvest));
    let two = request(&harvest, "CHG-2");
    assert_eq!((two.whole_history, approvals(two).len()), (Some(false), 1));
    // What the texts said is not known: each edit may have altered anything.
    assert_eq!(two.edits.len(), 4);
    assert!(troubles(&harvest).contains("CHG-2: its description is too long"));
}

#[test]
fn circles_of_links_are_links() {
    let fake = tracker(2);
    fake.with(|tracker| {
        tracker.link(0, "CHG-2");
        tracker.link(1, "CHG-1");
        tracker.link(1, "CHG-2");
    });
    let harvest = read(&fake);
    assert_eq!(request(&harvest, "CHG-1").links.requests, ["CHG-2"]);
    assert_eq!(request(&harvest, "CHG-2").links.requests, ["CHG-1"]);
}

#[test]
fn what_somebody_did_who_is_no_more_was_done_by_nobody() {
    let fake = tracker(1);
    fake.with(|tracker| {
        tracker.delete_user("kim");
        tracker.delete_user("sam");
    });
    let harvest = read(&fake);
    let one = request(&harvest, "CHG-1");
    assert_eq!(approvals(one), ["(nobody named) no time"]);
    assert!(one.requester.is_none() && one.edits[0].by.is_none());
    assert!(complete(&harvest, "CHG"));
}

#[test]
fn broken_parts_cost_no_more_than_they_are() {
    let fake = tracker(6);
    fake.with(|tracker| {
        tracker.issues[0].created = json!("soon");
        tracker.issues[1].created = json!(-5);
        tracker.issues[2].fields.push(json!({"name": 5}));
        tracker.issues[3].summary = json!({"type": "doc"});
        tracker.issues[3].description = json!([1, 2]);
        tracker.issues[4].events[1]["timestamp"] = json!("2026-13-01");
        tracker.issues[5].events[1]["author"] = json!("kim");
        tracker.issues[5].events.push(json!("nothing"));
    });
    let harvest = read(&fake);
    assert_eq!(ids(&harvest), ["CHG-3", "CHG-4", "CHG-5", "CHG-6"]);
    assert!(!complete(&harvest, "CHG"));
    for id in ["CHG-3", "CHG-5", "CHG-6"] {
        assert_eq!(request(&harvest, id).whole_history, Some(false), "{id}");
    }
    assert_eq!(
        approvals(request(&harvest, "CHG-5")),
        ["KIM Sample no time"]
    );
    assert_eq!(
        approvals(request(&harvest, "CHG-6")),
        ["(nobody named) no time"]
    );
    let told = troubles(&harvest);
    for word in [
        "2-10 is left out: the answer has",
        "2-11 is left out: nobody",
        "CHG-3: some of",
    ] {
        assert!(told.contains(word), "{word}: {told}");
    }
}

#[test]
fn a_history_that_says_otherwise_than_the_fields_is_not_trusted() {
    let fake = tracker(3);
    fake.with(|tracker| {
        // Its last events are missing, as where they are altered between two calls.
        tracker.state(0, "Open");
        tracker.issues[0].events.pop();
        tracker.issues[1].fields.clear();
    });
    let harvest = read(&fake);
    for id in ["CHG-1", "CHG-2"] {
        assert_eq!(request(&harvest, id).whole_history, Some(false), "{id}");
    }
    assert_eq!(request(&harvest, "CHG-3").whole_history, None);
}

#[test]
fn a_search_in_another_language_is_not_an_empty_project() {
    let fake = tracker(2);
    fake.with(|tracker| tracker.word = "aktualisiert".to_owned());
    let harvest = read(&fake);
    assert!(!complete(&harvest, "CHG"));
    assert!(
        troubles(&harvest).contains("`[search]`"),
        "{}",
        troubles(&harvest)
    );
    let harvest = read_with(&fake, "[search]\nupdated = \"aktualisiert\"\n", None);
    assert_eq!(ids(&harvest), ["CHG-1", "CHG-2"]);
    assert!(complete(&harvest, "CHG"));
    // And an empty one is one.
    assert!(complete(&read(&FakeYouTrack::new("CHG")), "CHG"));
}

#[test]
fn an_older_server_is_asked_without_what_it_does_not_know() {
    let fake = tracker(2);
    fake.with(|tracker| tracker.pull_requests = false);
    let harvest = read(&fake);
    assert!(complete(&harvest, "CHG"), "{}", troubles(&harvest));
    assert_eq!(approvals(request(&harvest, "CHG-2")).len(), 1);
}

#[test]
fn what_check_says_of_each_right() {
    let fake = tracker(1);
    let check = |fake: &FakeYouTrack| {
        let folder = tempfile::tempdir().unwrap();
        let settings = format!(
            "{}projects = [\"CHG\", \"NONE\"]\n",
            fake.settings(folder.path())
        );
        let collector = build(&REGISTRATION, &settings).unwrap();
        let all = run(collector.check(&context("youtrack")));
        let told = all.into_iter().map(|access| (access.what, access.right));
        told.collect::<Vec<_>>()
    };
    let granted = |what: &str| (what.to_owned(), Right::Granted);
    assert_eq!(
        check(&fake),
        [
            granted("token"),
            granted("projects"),
            granted("CHG: issues"),
            granted("CHG: history"),
            granted("CHG: tags and links"),
            granted("CHG: approvals"),
            ("NONE".to_owned(), Right::Denied)
        ]
    );
    fake.fail("/activities", Fault::Status(403), usize::MAX);
    assert!(check(&fake).contains(&("CHG: history".to_owned(), Right::Denied)));
    fake.with(|tracker| tracker.token = false);
    assert_eq!(check(&fake)[0], ("token".to_owned(), Right::Denied));
    let harvest = read(&fake);
    assert!(!complete(&harvest, "projects of the token"));
}

#[test]
fn a_server_that_gives_fewer_rows_is_asked_for_the_rest() {
    let edits = |page: usize| {
        let fake = tracker(45);
        fake.with(|tracker| {
            for _ in 0..30 {
                tracker.comment(0);
            }
            tracker.page = page;
        });
        let harvest = read(&fake);
        assert!(complete(&harvest, "CHG"), "{}", troubles(&harvest));
        let edits = harvest.requests.iter().map(|request| request.edits.len());
        edits.collect::<Vec<_>>()
    };
    // Fewer than it gives where nobody asks for a number.
    let whole = edits(100);
    assert_eq!(whole.len(), 45);
    for page in [2, 20] {
        assert_eq!(edits(page), whole, "{page}");
    }
}
