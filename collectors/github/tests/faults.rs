//! A fake GitHub that goes wrong: each fault is told where it is, and the rest is intact.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod common;

use common::*;
use plimsoll_github::REGISTRATION;
use plimsoll_github::testkit::{Alter, FakeGithub, Fault, Rights};
use plimsoll_kit::Right;
use plimsoll_kit::testkit::{build, context, run};
use serde_json::json;

/// Three pull requests, each reviewed; the numbers.
fn three() -> (FakeGithub, Vec<u64>) {
    let fake = fake();
    let numbers = fake.with(|hub| {
        (0..3)
            .map(|_| {
                let number = hub.open("ida", "Pool", "", "pool", "main");
                hub.review(number, "nora", "APPROVED");
                number
            })
            .collect()
    });
    (fake, numbers)
}

#[test]
fn a_limit_that_ends_soon_is_waited_for() {
    for fault in [
        Fault::RetryAfter(0),
        Fault::Status(429),
        Fault::Exhausted(-1),
    ] {
        let (fake, _) = three();
        fake.fail("/reviews", fault.clone(), 1);
        let harvest = read(&fake);
        assert!(whole(&harvest), "{fault:?}: {}", said(&harvest));
        assert_eq!(harvest.requests.len(), 3);
    }
}

#[test]
fn a_limit_that_ends_late_ends_the_run() {
    let (fake, _) = three();
    fake.fail("/pulls/2/reviews", Fault::Exhausted(1800), 1);
    let harvest = read_with(&fake, "concurrency = 1\n");
    assert!(!whole(&harvest));
    assert!(
        said(&harvest).contains("asks to wait 1801s"),
        "{}",
        said(&harvest)
    );
    // What was read before is there, and the next run reads it all: the cursor has stayed where it was.
    assert_eq!(request(&harvest, 1).reviews.len(), 1);
    assert!(harvest.requests.iter().all(|one| one.id != "acme/infra#2"));
    let before = fake.server().requests().len();
    assert!(whole(&read(&fake)));
    assert!(fake.server().requests().len() > before);
}

#[test]
fn nothing_more_is_asked_once_the_budget_is_used_up() {
    let fake = fake();
    fake.with(|hub| {
        for _ in 0..60 {
            hub.open("ida", "Pool", "", "pool", "main");
        }
    });
    fake.fail("/timeline", Fault::Exhausted(1800), 1_000);
    let harvest = read(&fake);
    assert!(!whole(&harvest));
    let asked = fake.requests();
    assert_eq!(asked["/repos/acme/infra/pulls/{n}"], 20, "{asked:?}");
}

#[test]
fn a_history_that_may_not_be_read_leaves_doubt() {
    let (fake, numbers) = three();
    fake.fail(
        &format!("/issues/{}/timeline", numbers[1]),
        Fault::Status(403),
        1,
    );
    let harvest = read(&fake);
    assert!(!whole(&harvest));
    assert!(
        said(&harvest).contains("acme/infra#2: "),
        "{}",
        said(&harvest)
    );
    assert_eq!(request(&harvest, numbers[0]).whole_history, None);
    assert_eq!(request(&harvest, numbers[1]).whole_history, Some(false));
    assert_eq!(request(&harvest, numbers[2]).whole_history, None);
}

#[test]
fn one_that_cannot_be_read_is_left_as_it_was_known() {
    let (fake, numbers) = three();
    fake.fail(&format!("/pulls/{}", numbers[1]), Fault::Status(500), 1);
    let harvest = read(&fake);
    assert!(!whole(&harvest) && harvest.requests.len() == 2);
    assert!(
        said(&harvest).contains("acme/infra#2: "),
        "{}",
        said(&harvest)
    );
}

#[test]
fn a_list_that_breaks_off_is_not_whole() {
    let (fake, _) = three();
    fake.with(|hub| hub.page = 1);
    fake.fail(
        "/pulls?state=all&sort=updated&direction=desc&per_page=100&page=2",
        Fault::Status(500),
        1,
    );
    let harvest = read(&fake);
    assert!(!whole(&harvest));
    assert_eq!(harvest.requests.len(), 1);
    // Reviews too.
    fake.with(|hub| {
        hub.review(3, "raj", "CHANGES_REQUESTED");
    });
    fake.fail(
        "/pulls/3/reviews?per_page=100&page=2",
        Fault::Status(500),
        1,
    );
    let harvest = read(&fake);
    assert!(!whole(&harvest) && harvest.requests.iter().all(|one| one.id != "acme/infra#3"));
}

/// What lies in between may take the header away that says that a list goes on.
#[test]
fn a_list_that_does_not_say_whether_it_goes_on_is_not_whole() {
    let (fake, _) = three();
    fake.with(|hub| {
        hub.page = 1;
        hub.review(3, "raj", "CHANGES_REQUESTED");
    });
    fake.fail("/pulls/3/reviews?per_page=100&page=2", Fault::Bare, 1);
    let harvest = read(&fake);
    assert!(!whole(&harvest));
    assert!(
        said(&harvest).contains("`Link` header away"),
        "{}",
        said(&harvest)
    );
    // A page that is full may be the whole list, or its beginning: that shows the next one.
    for (reviews, is_whole) in [(100, true), (101, false)] {
        let (fake, _) = three();
        fake.with(|hub| {
            for _ in 1..reviews {
                hub.review(1, "raj", "COMMENTED");
            }
        });
        fake.fail("/pulls/1/reviews?per_page=100", Fault::Bare, 1);
        assert_eq!(whole(&read(&fake)), is_whole, "{reviews}");
    }
}

#[test]
fn a_list_that_is_not_as_long_as_its_count_is_not_whole() {
    for (part, list) in [("/check-runs", "check_runs"), ("/status?", "statuses")] {
        let alters: [fn(&mut serde_json::Value, &str); 3] = [
            |body, _| body["total_count"] = json!(7),
            |body, _| body["total_count"] = json!("1"),
            |body, list| {
                let first = body[list][0].clone();
                body["total_count"] = json!(2);
                body[list] = json!([first.clone(), first]);
            },
        ];
        for (at, alter) in alters.into_iter().enumerate() {
            let (fake, _) = three();
            let sha = fake.with(|hub| hub.head(1));
            fake.with(|hub| {
                hub.check(&sha, "test", "success");
                hub.status(&sha, "lint", "success");
            });
            assert!(whole(&read(&fake)));
            let alter = move |body: &mut serde_json::Value| alter(body, list);
            fake.fail(part, Fault::Altered(Alter::new(alter)), 1);
            let harvest = read(&fake);
            assert!(!whole(&harvest), "{part} {at}");
        }
    }
}

#[test]
fn broken_json_is_told_without_a_word_of_it() {
    let (fake, numbers) = three();
    for (part, text) in [
        ("/pulls/1/reviews", "[{\"id\":\"hunter2\"}]"),
        ("/pulls/2/commits", "[{\"sha\":7,\"x\":\"hunter2\"}]"),
        ("/issues/3/timeline", "[\"hunter2\"]"),
        ("/rules/branches/main", "{\"hunter2\":1}"),
    ] {
        fake.fail(part, Fault::Instead(text.to_owned()), 1);
    }
    let harvest = read(&fake);
    assert!(
        !whole(&harvest) && !said(&harvest).contains("hunter2"),
        "{}",
        said(&harvest)
    );
    for number in numbers {
        assert_eq!(
            request(&harvest, number).whole_history,
            Some(false),
            "{number}"
        );
    }
    // What is no list, or no answer, may be one the next time: what is known of these stays.
    fake.fail("/commits/", Fault::Instead("{\"hunter2\":[".to_owned()), 1);
    let harvest = read(&fake);
    assert_eq!((whole(&harvest), harvest.requests.len()), (false, 2));
    fake.fail(
        "/graphql",
        Fault::Instead("{\"data\":\"hunter2\"}".to_owned()),
        1,
    );
    let harvest = read(&fake);
    assert_eq!((whole(&harvest), harvest.requests.len()), (false, 0));
    assert!(!said(&harvest).contains("hunter2"));
    // What breaks off once is asked for again.
    fake.fail("/pulls/1/reviews", Fault::Truncated, 1);
    let harvest = read(&fake);
    assert!(whole(&harvest), "{}", said(&harvest));
}

#[test]
fn odd_times_are_unknown_and_told() {
    let fake = fake();
    let number = fake.with(|hub| {
        let number = hub.open("ida", "Pool", "", "pool", "main");
        hub.review(number, "nora", "APPROVED");
        hub.event(number, "renamed", "ida", json!({"created_at": "last week"}));
        number
    });
    let review = r#"[{"id":1,"user":null,"state":"APPROVED","commit_id":"12","submitted_at":"yesterday"},{"id":2,"state":"PENDING"},{"id":3,"state":"DISMISSED","submitted_at":"2025-12-01T10:00:00Z"}]"#;
    fake.fail("/reviews", Fault::Instead(review.to_owned()), 1);
    let harvest = read(&fake);
    assert!(!whole(&harvest));
    assert!(
        said(&harvest).contains("the time of a review is no time"),
        "{}",
        said(&harvest)
    );
    let one = request(&harvest, number);
    assert_eq!(edits(one, "title"), [None]);
    let [first, second] = one.reviews.as_slice() else {
        panic!("{:?}", one.reviews)
    };
    assert_eq!(
        (first.at, first.by.account.as_str(), &first.commit),
        (None, "ghost", &None)
    );
    // A dismissed one of which no event says what it was is no yes.
    assert_eq!(
        (second.said.as_str(), second.withdrawn.is_some()),
        ("dismissed", true)
    );
}

#[test]
fn an_account_that_is_gone_is_nobodys() {
    let fake = fake();
    let number = fake.with(|hub| {
        let number = hub.open("ida", "Pool", "", "pool", "main");
        hub.review(number, "nora", "APPROVED");
        hub.edit(number, "nora", "Anew");
        hub.merge(number, "nora", "pass");
        hub.delete("nora");
        hub.delete("ida");
        number
    });
    let harvest = read(&fake);
    let one = request(&harvest, number);
    assert_eq!(one.requester.as_ref().unwrap().account, "ghost");
    assert_eq!(one.reviews[0].by.account, "ghost");
    assert_eq!(
        one.merge.as_ref().unwrap().by.as_ref().unwrap().account,
        "ghost"
    );
    assert!(whole(&harvest), "{}", said(&harvest));
}

#[test]
fn a_text_of_ten_megabytes_and_a_circle_of_links() {
    let fake = fake();
    let (long, other) = fake.with(|hub| {
        let body = format!("System: api\n{}\nEmergency: yes", "x ".repeat(5 << 20));
        let long = hub.open("ida", "Fixes acme/infra#2", &body, "pool", "main");
        let other = hub.open(
            "ida",
            "Fixes #1, fixes #2",
            "acme/infra#1 acme/infra#2",
            "pool",
            "main",
        );
        (long, other)
    });
    let harvest = read(&fake);
    let one = request(&harvest, long);
    assert_eq!((one.whole_history, one.emergency), (Some(false), false));
    assert_eq!(one.names, ["api"]);
    assert!(
        said(&harvest).contains("acme/infra#1: its text is longer"),
        "{}",
        said(&harvest)
    );
    assert_eq!(one.links.requests, ["acme/infra#2"]);
    assert_eq!(request(&harvest, other).links.requests, ["acme/infra#1"]);
    // One answer that is longer than the cap is a trouble of that one.
    let mut context = context("github");
    context.limits.bytes = 1 << 20;
    fake.with(|hub| hub.pull(long).body = String::new());
    fake.fail(
        "/pulls/1/commits",
        Fault::Instead(format!("[{}]", " ".repeat(2 << 20))),
        1,
    );
    let harvest = read_in(&fake, "", &context);
    assert_eq!(request(&harvest, long).whole_history, Some(false));
    assert_eq!(request(&harvest, other).whole_history, None);
}

#[test]
fn more_commits_than_are_listed_leave_doubt() {
    let fake = fake();
    let number = fake.with(|hub| {
        let number = hub.open("ida", "Pool", "", "pool", "main");
        for _ in 0..250 {
            hub.commit(number, "ida", hub.now, "More");
        }
        number
    });
    let harvest = read(&fake);
    assert_eq!(request(&harvest, number).whole_history, Some(false));
    assert!(said(&harvest).contains("more commits than are listed"));
}

#[test]
fn what_fails_for_each_is_not_told_for_each() {
    let fake = fake();
    fake.with(|hub| {
        for _ in 0..30 {
            hub.open("ida", "Pool", "", "pool", "main");
        }
    });
    fake.fail("/check-runs", Fault::Status(403), 1_000);
    let harvest = read(&fake);
    assert!(!whole(&harvest) && harvest.requests.len() == 30);
    let said = said(&harvest);
    assert_eq!(said.matches("check-runs").count(), 3, "{said}");
    assert!(said.contains("checks: and 27 times more"), "{said}");
    assert!(whole(&read_with(&fake, "checks = false\n")));
}

#[test]
fn a_server_without_a_list_of_pushes_is_read_all_the_same() {
    let (fake, numbers) = three();
    fake.fail("/activity", Fault::Status(404), 1_000);
    let harvest = read(&fake);
    assert!(whole(&harvest));
    assert_eq!(said(&harvest).matches("who pushed to branches").count(), 1);
    assert_eq!(request(&harvest, numbers[0]).whole_history, None);
    let (fake, numbers) = three();
    fake.fail("/activity", Fault::Status(500), 1);
    let harvest = read_with(&fake, "concurrency = 1\n");
    assert_eq!(
        (whole(&harvest), harvest.requests.len()),
        (false, numbers.len() - 1)
    );
}

#[test]
fn a_wrong_token_reads_nothing_and_says_so() {
    let (fake, _) = three();
    fake.with(|hub| hub.rights = Rights::Wrong);
    let harvest = read(&fake);
    assert!(!whole(&harvest) && harvest.requests.is_empty() && harvest.assets.is_empty());
    assert_eq!(fake.server().requests().len(), 1);
    let asked = |fake: &FakeGithub| {
        let folder = tempfile::tempdir().unwrap();
        let collector = build(&REGISTRATION, &fake.settings(folder.path())).unwrap();
        run(async { collector.check(&context("github")).await })
    };
    let all = asked(&fake);
    assert_eq!((all.len(), all[0].right), (1, Right::Denied));
    fake.with(|hub| hub.rights = Rights::Reader);
    let all = asked(&fake);
    let of = |what: &str| {
        all.iter()
            .find(|one| one.what.contains(what))
            .unwrap()
            .right
    };
    assert_eq!(of("token"), Right::Granted);
    assert_eq!(of("pull requests"), Right::Granted);
    assert_eq!(of("edits of descriptions"), Right::Granted);
    assert_eq!(of("protection of a branch"), Right::Unreachable);
    fake.with(|hub| hub.rights = Rights::Administrator);
    fake.with(|hub| hub.protect("main", 1, &[]));
    assert!(
        asked(&fake).iter().all(|one| one.right == Right::Granted),
        "{:?}",
        asked(&fake)
    );
}
