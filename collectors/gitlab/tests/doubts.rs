//! What the server rewrites, cuts or tells in two ways leaves a doubt, and is not believed.

#![allow(
    clippy::unwrap_used,
    reason = "a panic is the message, in helpers of tests too"
)]

mod common;

use common::{BO, IDA, KIM, NORA, read, read_with, request};
use plimsoll_gitlab::testkit::{Alter, FakeGitlab, Fault, Gitlab, MergeRequest};
use plimsoll_model::ChangeRequest;
use serde_json::{Value, json};

/// A merge request that Nora approved, with what happened to it.
fn story(happens: impl FnOnce(&mut Gitlab, i64)) -> FakeGitlab {
    let fake = FakeGitlab::new("acme/infra");
    fake.with(|gitlab| {
        let one = gitlab.open(IDA, "Open a port", "");
        gitlab.approve(one, NORA);
        happens(gitlab, one);
    });
    fake
}

fn made(fake: &FakeGitlab) -> ChangeRequest {
    request(&read(fake), "acme/infra!1").clone()
}

/// What becomes of it where an answer comes in another form.
fn spoiled(
    fake: &FakeGitlab,
    part: &str,
    spoil: impl Fn(&mut Value) + Send + Sync + 'static,
) -> ChangeRequest {
    fake.fail(part, Fault::Altered(Alter::new(spoil)), 100);
    made(fake)
}

fn list(answer: &mut Value) -> &mut Vec<Value> {
    answer.as_array_mut().unwrap()
}

#[track_caller]
fn assert_doubt(request: &ChangeRequest, because: &str) {
    let doubts = &request.doubts;
    assert!(
        doubts.iter().any(|one| one.contains(because)),
        "{because}: {doubts:?}"
    );
}

#[test]
fn nothing_is_in_doubt_of_a_sound_history() {
    let fake = story(|gitlab, one| {
        gitlab.comment(one, KIM, "fine");
        gitlab.label(one, IDA, "bug", true);
        gitlab.label(one, IDA, "docs", true);
        gitlab.label(one, IDA, "docs", false);
        gitlab.push(one, BO);
        gitlab.unapprove(one, NORA);
        gitlab.approve(one, NORA);
        gitlab.state(one, IDA, "closed");
        gitlab.state(one, IDA, "reopened");
        gitlab.approve(one, KIM);
        gitlab.merge(one, KIM);
    });
    let one = made(&fake);
    assert!(one.doubts.is_empty(), "{:?}", one.doubts);
    assert!(one.reviews.iter().all(|review| review.doubt.is_none()));
    assert_eq!(one.whole_history, None);
}

#[test]
fn versions_commits_and_the_last_commit_are_held_against_each_other() {
    type Spoil = fn(&mut MergeRequest);
    let cases: [(Spoil, &str); 5] = [
        (|one| one.versions.clear(), "the last of its versions"),
        (
            |one| drop(one.versions.remove(0)),
            "the last of its versions",
        ),
        (
            |one| drop(one.versions.remove(1)),
            "no version of it is of that time",
        ),
        (|one| drop(one.commits.remove(0)), "its last commit is none"),
        (
            |one| one.json["sha"] = "ab".repeat(20).into(),
            "its last commit is none",
        ),
    ];
    for (spoil, because) in cases {
        let fake = story(|gitlab, one| {
            gitlab.push(one, BO);
            gitlab.push(one, BO);
            gitlab.approve(one, KIM);
            spoil(gitlab.of(one));
        });
        assert_doubt(&made(&fake), because);
    }
}

#[test]
fn a_push_at_the_moment_of_an_approval_has_no_order() {
    let fake = story(|gitlab, one| {
        let at = gitlab.of(one).notes[0]["created_at"].clone();
        gitlab.push(one, BO);
        gitlab.of(one).versions[0]["created_at"] = at;
    });
    assert_eq!(made(&fake).reviews[0].commit, None);
}

#[test]
fn notes_and_who_approves_now_are_held_against_each_other() {
    // No note says what the server says.
    let fake = story(|gitlab, one| gitlab.of(one).notes.clear());
    assert_doubt(&made(&fake), "no note says so");
    // They say it of two times.
    let fake = story(|gitlab, one| gitlab.of(one).approved[0].1 += 3600);
    assert_doubt(&made(&fake), "another time than its note");
    // Near ones, and a push between them.
    let fake = story(|gitlab, one| {
        gitlab.push(one, BO);
        gitlab.of(one).approved[0].1 += 90;
    });
    assert!(made(&fake).reviews[0].doubt.is_some());
}

#[test]
fn an_end_that_nothing_tells_of_is_a_doubt() {
    type Spoil = fn(&mut MergeRequest);
    let cases: [(Spoil, &str); 3] = [
        (
            |one| one.states.clear(),
            "nothing that happened to it says so",
        ),
        (
            |one| one.states[2]["created_at"] = "2025-12-01T00:00:00Z".into(),
            "two times",
        ),
        (|one| drop(one.states.remove(0)), "the state that it is in"),
    ];
    for (spoil, because) in cases {
        let fake = story(|gitlab, one| {
            gitlab.state(one, IDA, "closed");
            gitlab.state(one, IDA, "reopened");
            gitlab.merge(one, KIM);
            spoil(gitlab.of(one));
        });
        assert_doubt(&made(&fake), because);
    }
}

#[test]
fn labels_that_nothing_leads_to_are_a_doubt() {
    for lacks in 0..2 {
        let fake = story(|gitlab, one| {
            gitlab.label(one, IDA, "bug", true);
            gitlab.label(one, IDA, "bug", false);
            gitlab.of(one).labels.remove(lacks);
        });
        assert_doubt(&made(&fake), "its labels are not those");
    }
    let more = "issues = true\n[approvals]\napproved = ''\n";
    let fake = FakeGitlab::new("acme/infra");
    fake.with(|gitlab| {
        let one = gitlab.issue(IDA, "Open a port", "");
        gitlab.label_issue(one, NORA, "approved", true);
    });
    assert!(
        request(&read_with(&fake, more), "acme/infra#1")
            .doubts
            .is_empty()
    );
    fake.with(|gitlab| {
        gitlab
            .issues
            .values_mut()
            .for_each(|one| one.labels.clear())
    });
    let harvest = read_with(&fake, more);
    assert_doubt(
        request(&harvest, "acme/infra#1"),
        "its labels are not those",
    );
}

#[test]
fn a_list_that_is_shorter_than_its_count_is_not_whole() {
    // By the server's count of the list.
    for part in ["/notes", "/resource_state_events", "/1/commits"] {
        let fake = story(|gitlab, one| {
            gitlab.push(one, BO);
            gitlab.merge(one, KIM);
        });
        let one = spoiled(&fake, part, |answer| drop(list(answer).pop()));
        assert_eq!(one.whole_history, Some(false), "{part}");
    }
    // By the merge request's count of notes.
    let fake = story(|gitlab, one| {
        gitlab.comment(one, KIM, "fine");
        gitlab.of(one).json["user_notes_count"] = json!(2);
    });
    assert_doubt(&made(&fake), "it counts more notes");
}

#[test]
fn what_comes_twice_is_there_once() {
    let fake = story(|gitlab, one| {
        gitlab.push(one, BO);
        gitlab.approve(one, KIM);
        gitlab.merge(one, KIM);
    });
    let sound = made(&fake);
    for part in [
        "/notes",
        "/versions",
        "resource_state_events",
        "/approvals",
        "/1/commits",
    ] {
        fake.fail(
            part,
            Fault::Altered(Alter::new(|answer| {
                if let Some(items) = answer.as_array_mut() {
                    items.extend(items.clone());
                }
            })),
            1,
        );
    }
    let again = made(&fake);
    assert_eq!(again.approvals, sound.approvals);
    assert!(again.doubts.is_empty(), "{:?}", again.doubts);
}

#[test]
fn everybody_whom_a_commit_names_is_an_author() {
    let fake = story(|gitlab, one| {
        let commit = &mut gitlab.of(one).commits[0];
        commit["committer_email"] = "mo@example.com".into();
        commit["message"] = "Work\n\n* Co-authored-by: Nora\n <nora@example.com>\nmore text".into();
    });
    let one = made(&fake);
    let authors: Vec<&str> = one.authors.iter().map(|by| by.account.as_str()).collect();
    assert_eq!(
        authors,
        ["ida@example.com", "mo@example.com", "nora@example.com"]
    );
}

#[test]
fn everybody_whom_a_squash_names_is_an_author() {
    for (parents, typed) in [(1, true), (2, false)] {
        let fake = story(|gitlab, one| {
            let commit = gitlab.merge(one, KIM);
            let squash = json!({"id": "5".repeat(40), "message": "Work\n\nCo-authored-by: Nora <nora@example.com>",
                "author_name": "Typed", "author_email": "typed@example.com", "parent_ids": vec!["0".repeat(40); parents]});
            gitlab.of(one).json["squash_commit_sha"] = "5".repeat(40).into();
            gitlab.landed.insert("5".repeat(40), squash);
            let merge = gitlab.landed.get_mut(&commit).unwrap();
            merge["message"] = "Merge\n\nCo-authored-by: Lee <lee@example.com>".into();
        });
        let one = made(&fake);
        let wrote = |account: &str| one.authors.iter().any(|by| by.account == account);
        assert!(
            wrote("nora@example.com") && wrote("lee@example.com"),
            "{:?}",
            one.authors
        );
        assert_eq!(wrote("typed@example.com"), typed);
        assert!(!wrote("merger@example.com"));
        assert_eq!(one.is_doubted(), None);
    }
}

#[test]
fn a_squash_that_may_not_be_read_leaves_its_authors_in_doubt() {
    let fake = story(|gitlab, one| {
        gitlab.merge(one, KIM);
        gitlab.landed.clear();
    });
    assert!(made(&fake).is_doubted().is_some());
}
