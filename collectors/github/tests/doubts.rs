//! What the vendor rewrites, cuts or tells in two ways leaves a doubt, and is not believed.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod common;

use common::*;
use plimsoll_github::testkit::{Alter, FakeGithub, Fault, Hub};
use plimsoll_model::{ChangeRequest, review_said};
use serde_json::{Value, json};

/// A pull request that Nora approved, with what happened to it.
fn story(happens: impl FnOnce(&mut Hub, u64)) -> (FakeGithub, u64) {
    let fake = fake();
    let number = fake.with(|hub| {
        let number = hub.open("ida", "Pool", "", "pool", "main");
        hub.review(number, "nora", "APPROVED");
        happens(hub, number);
        number
    });
    (fake, number)
}

fn made(fake: &FakeGithub, number: u64) -> ChangeRequest {
    request(&read(fake), number).clone()
}

/// What becomes of it where an answer comes in another form.
fn spoiled(
    fake: &FakeGithub,
    number: u64,
    part: &str,
    spoil: impl Fn(&mut Value) + Send + Sync + 'static,
) -> ChangeRequest {
    fake.fail(part, Fault::Altered(Alter::new(spoil)), 100);
    made(fake, number)
}

fn list(answer: &mut Value) -> &mut Vec<Value> {
    answer.as_array_mut().unwrap()
}

/// The event of a kind.
fn event<'v>(answer: &'v mut Value, kind: &str) -> &'v mut Value {
    let found = list(answer).iter_mut().find(|one| one["event"] == kind);
    found.unwrap()
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
    let (fake, number) = story(|hub, number| {
        hub.label(number, "ida", "bug");
        hub.push(number, "ida");
        hub.review(number, "nora", "APPROVED");
        hub.review(number, "raj", "COMMENTED");
        hub.close(number, "ida", None);
        hub.reopen(number, "ida");
        let forced = hub.force_push(number, "ida");
        hub.check(&forced, "ci", "success");
        let review = hub.review(number, "nora", "APPROVED");
        hub.dismiss(number, review, "raj");
        hub.review(number, "lee", "APPROVED");
        hub.merge(number, "raj", "pass");
    });
    let one = made(&fake, number);
    assert!(one.doubts.is_empty(), "{:?}", one.doubts);
    assert!(
        one.reviews.iter().all(|review| review.doubt.is_none()),
        "{:?}",
        one.reviews
    );
    assert_eq!(one.reviews.last().unwrap().commit, one.head);
}

#[test]
fn a_review_that_was_moved_to_a_later_commit_is_of_the_one_of_its_time() {
    let (fake, number) = story(|hub, number| {
        hub.moves_reviews = true;
        hub.push(number, "mallory");
    });
    let one = made(&fake, number);
    let first = fake.with(|hub| {
        hub.pull(number).commits[0]["sha"]
            .as_str()
            .unwrap()
            .to_owned()
    });
    assert_eq!(one.reviews[0].commit.as_deref(), Some(first.as_str()));
    assert_ne!(one.reviews[0].commit, one.head);
    // And the push is one that came after it.
    let pushed = one
        .edits
        .iter()
        .find(|edit| edit.field == "commits")
        .unwrap();
    assert!(pushed.at > one.reviews[0].at);
}

#[test]
fn a_review_is_in_doubt_where_no_record_of_pushes_tells_what_it_was_of() {
    let moved = |hub: &mut Hub, number| {
        hub.moves_reviews = true;
        hub.push(number, "mallory");
    };
    let doubt = |request: &ChangeRequest| request.reviews[0].doubt.is_some();
    // It may not be read, is not asked for, is empty, or comes from a fork.
    for (part, fault) in [
        ("/activity", Fault::Status(403)),
        ("/activity", Fault::Status(404)),
        ("/activity", Fault::Instead("[]".to_owned())),
    ] {
        let (fake, number) = story(moved);
        fake.fail(part, fault, 100);
        assert!(doubt(&made(&fake, number)), "{part}");
    }
    let (fake, number) = story(moved);
    let harvest = read_with(&fake, "pushes = false\n");
    assert!(doubt(request(&harvest, number)));
    // With one commit, and nothing ever put in its place, there is nothing else that it can have been of.
    let (fake, number) = story(|_, _| {});
    let harvest = read_with(&fake, "pushes = false\n");
    assert!(!doubt(request(&harvest, number)));
    let (fake, number) = story(|hub, number| {
        hub.moves_reviews = true;
        hub.force_push(number, "mallory");
    });
    let harvest = read_with(&fake, "pushes = false\n");
    assert!(doubt(request(&harvest, number)));
}

#[test]
fn a_record_of_pushes_with_a_gap_tells_nothing() {
    let twice = |hub: &mut Hub, number| {
        hub.moves_reviews = true;
        hub.push(number, "mallory");
        hub.push(number, "mallory");
    };
    // The newest first: the last push, the one in the middle, the first.
    for lacks in 0..3 {
        let (fake, number) = story(twice);
        let one = spoiled(&fake, number, "/activity", move |answer| {
            drop(list(answer).remove(lacks))
        });
        let review = &one.reviews[0];
        assert!(
            review.doubt.is_some() || review.commit != one.head,
            "{lacks}: {review:?}"
        );
        let (fake, number) = story(twice);
        let one = spoiled(&fake, number, "/activity", move |answer| {
            list(answer).truncate(lacks)
        });
        let review = &one.reviews[0];
        assert!(
            review.doubt.is_some() || review.commit != one.head,
            "{lacks}: {review:?}"
        );
    }
    // A push that the timeline has.
    let (fake, number) = story(|hub, number| {
        hub.force_push(number, "mallory");
        hub.wait(60);
        hub.review(number, "nora", "APPROVED");
    });
    let one = spoiled(&fake, number, "/timeline", |answer| {
        let mut other = event(answer, "head_ref_force_pushed").clone();
        other["id"] = 77.into();
        other["created_at"] = "2025-12-01T01:45:00Z".into();
        list(answer).push(other);
    });
    assert!(one.reviews.last().unwrap().doubt.is_some());
}

#[test]
fn a_push_at_the_moment_of_a_review_has_no_order() {
    let (fake, number) = story(|hub, number| {
        hub.moves_reviews = true;
        let now = hub.now;
        hub.commit(number, "mallory", now, "At once");
    });
    assert!(made(&fake, number).reviews[0].doubt.is_some());
}

#[test]
fn a_review_that_began_before_a_push_is_of_what_was_there_before() {
    let (fake, number) = story(|hub, number| {
        let first = hub.head(number);
        hub.push(number, "ida");
        hub.review(number, "raj", "APPROVED");
        hub.pull(number).reviews[1].commit = first;
    });
    let one = made(&fake, number);
    assert!(one.reviews[1].commit != one.head && one.reviews[1].doubt.is_none());
}

#[test]
fn reviews_and_timeline_are_held_against_each_other() {
    let no = |hub: &mut Hub, number| {
        hub.review(number, "nora", "CHANGES_REQUESTED");
    };
    // The list lacks the no that the timeline has.
    let (fake, number) = story(no);
    let one = spoiled(&fake, number, "/reviews", |answer| drop(list(answer).pop()));
    assert_doubt(
        &one,
        "its timeline has a review that its list of reviews lacks",
    );
    assert_eq!(
        one.reviews.last().unwrap().said,
        review_said::CHANGES_REQUESTED
    );
    // The list has nothing, and the timeline the yes.
    let (fake, number) = story(|_, _| {});
    let one = spoiled(&fake, number, "/reviews", |answer| list(answer).clear());
    assert_doubt(
        &one,
        "its timeline has a review that its list of reviews lacks",
    );
    // The timeline lacks it.
    let (fake, number) = story(no);
    let one = spoiled(&fake, number, "/timeline", |answer| {
        list(answer).retain(|event| event["event"] != "reviewed");
    });
    assert_doubt(&one, "its list of reviews has one that its timeline lacks");
    // They tell of another word, another time or another person.
    for (key, value) in [
        ("state", json!("approved")),
        ("submitted_at", json!("2025-12-01T00:00:00Z")),
        ("user", json!({"login": "raj", "id": 13})),
    ] {
        let (fake, number) = story(no);
        let one = spoiled(&fake, number, "/timeline", move |answer| {
            let last = list(answer)
                .iter_mut()
                .rfind(|event| event["event"] == "reviewed");
            last.unwrap()[key] = value.clone();
        });
        assert_doubt(&one, "in two ways");
    }
    let (fake, number) = story(|_, _| {});
    let one = spoiled(&fake, number, "/timeline", |answer| {
        event(answer, "reviewed")["commit_id"] = "ab".repeat(20).into();
    });
    assert!(one.reviews[0].doubt.is_some());
}

#[test]
fn an_end_that_its_timeline_does_not_tell_of_is_a_doubt() {
    type Spoil = fn(&mut Value);
    let cases: [(&str, Spoil, &str); 6] = [
        (
            "/timeline",
            |answer| list(answer).clear(),
            "its timeline does not say so",
        ),
        (
            "/timeline",
            |answer| event(answer, "merged")["created_at"] = "2025-12-01T00:00:00Z".into(),
            "two times",
        ),
        (
            "/timeline",
            |answer| event(answer, "merged")["commit_id"] = "ab".repeat(20).into(),
            "two commits that it became",
        ),
        (
            "/timeline",
            |answer| event(answer, "closed")["event"] = "reopened".into(),
            "the state that it is in",
        ),
        (
            "/graphql",
            |answer| answer["data"]["nodes"][0]["mergeCommit"]["oid"] = "ab".repeat(20).into(),
            "two interfaces",
        ),
        (
            "/pulls/1/commits",
            |answer| list(answer).clear(),
            "none of its commits",
        ),
    ];
    for (part, spoil, because) in cases {
        let (fake, number) = story(|hub, number| {
            hub.merge(number, "raj", "pass");
        });
        assert_doubt(&spoiled(&fake, number, part, spoil), because);
    }
    // It is open, and was closed and not opened again.
    let (fake, number) = story(|hub, number| {
        hub.close(number, "ida", None);
        hub.reopen(number, "ida");
    });
    let one = spoiled(&fake, number, "/timeline", |answer| {
        list(answer).retain(|event| event["event"] != "reopened");
    });
    assert_doubt(&one, "the state that it is in");
}

#[test]
fn commits_and_labels_that_its_timeline_does_not_tell_of_are_doubts() {
    let (fake, number) = story(|hub, number| {
        hub.push(number, "ida");
    });
    let one = spoiled(&fake, number, "/timeline", |answer| {
        event(answer, "committed")["sha"] = "ab".repeat(20).into();
    });
    assert_doubt(&one, "tell of other commits");
    let (fake, number) = story(|hub, number| {
        hub.push(number, "ida");
    });
    let one = spoiled(&fake, number, "/pulls/1/commits", |answer| {
        drop(list(answer).pop())
    });
    assert_doubt(&one, "its last commit");
    for lacks in ["labeled", "unlabeled"] {
        let (fake, number) = story(|hub, number| {
            hub.label(number, "ida", "bug");
            hub.label(number, "ida", "kept");
            hub.unlabel(number, "ida", "bug");
        });
        let one = spoiled(&fake, number, "/timeline", move |answer| {
            let place = list(answer)
                .iter()
                .position(|event| event["event"] == lacks);
            list(answer).remove(place.unwrap());
        });
        assert_doubt(&one, "its labels are not those");
    }
}

#[test]
fn an_issue_whose_label_or_title_its_timeline_does_not_lead_to_is_in_doubt() {
    let more = "issues = true\n[approvals]\napproved = \"\"\n";
    let fake = fake();
    let number = fake.with(|hub| {
        let number = hub.ask("ida", "Pool", "");
        hub.rename(number, "ida", "Larger pool");
        hub.label(number, "nora", "approved");
        number
    });
    let sound = read_with(&fake, more);
    let one = request(&sound, number);
    assert!(
        one.doubts.is_empty() && one.approvals[0].withdrawn.is_none(),
        "{one:?}"
    );
    // The label is gone, and nothing says who took it off.
    fake.with(|hub| hub.pull(number).labels.clear());
    let harvest = read_with(&fake, more);
    let one = request(&harvest, number);
    assert_doubt(one, "its labels are not those");
    assert!(one.approvals[0].withdrawn.is_some());
    fake.with(|hub| {
        hub.pull(number).labels.push("approved".to_owned());
        hub.pull(number).title = "Another pool".to_owned();
    });
    assert_doubt(
        request(&read_with(&fake, more), number),
        "its title is not the one",
    );
}

#[test]
fn everybody_whom_a_message_names_is_an_author() {
    let fake = fake();
    let number = fake.with(|hub| {
        let number = hub.open("ida", "Pool", "", "pool", "main");
        let message = "Pool\n\nCo-authored-by: Nora <12+nora@users.noreply.github.com>\nCo-authored-by: Bo\n <bo@example.com>\n\nmore text";
        hub.commit(number, "ida", hub.now, message);
        number
    });
    let one = made(&fake, number);
    let authors: Vec<&str> = one.authors.iter().map(|by| by.account.as_str()).collect();
    assert!(
        authors.contains(&"12") && authors.contains(&"bo@example.com"),
        "{authors:?}"
    );
    // More than are read may hide one.
    fake.with(|hub| {
        let many: String = (0..300)
            .map(|at| format!("Co-authored-by: {at}@example.com\n"))
            .collect();
        let now = hub.now;
        hub.commit(number, "ida", now, &many);
    });
    assert_doubt(&made(&fake, number), "more people");
}

#[test]
fn a_commit_that_a_text_takes_back_is_not_its_own() {
    let fake = fake();
    let hash = "0123456789abcdef0123456789abcdef01234567";
    let number = fake.with(|hub| {
        let text = format!("This reverts commit {hash}. See also {hash}");
        hub.open("ida", "Revert the pool", &text, "pool", "main")
    });
    assert!(
        !made(&fake, number)
            .links
            .commits
            .iter()
            .any(|one| one == hash)
    );
}

/// Merged, with a message that the vendor, or whoever merged, wrote.
fn squashed(message: &str, parents: usize) -> (FakeGithub, u64) {
    let (fake, number) = story(|hub, number| {
        let commit = hub.merge(number, "raj", "pass");
        let landed = hub.repo.landed.get_mut(&commit).unwrap();
        landed["commit"]["message"] = message.into();
        landed["author"] = Value::Null;
        landed["commit"]["author"]["email"] = "typed@example.com".into();
        landed["parents"] = (0..parents)
            .map(|at| json!({"sha": format!("{at:040}")}))
            .collect();
    });
    (fake, number)
}

#[test]
fn everybody_whom_a_squash_names_is_an_author() {
    let message = "Pool (#1)\n\nCo-authored-by: Nora <12+nora@users.noreply.github.com>";
    for (parents, typed) in [(1, true), (2, false)] {
        let (fake, number) = squashed(message, parents);
        let one = made(&fake, number);
        let wrote = |account: &str| one.authors.iter().any(|by| by.account == account);
        assert!(wrote("12"), "{:?}", one.authors);
        // What joins branches is by whoever merged, and that makes nobody an author.
        assert_eq!(wrote("typed@example.com"), typed, "{:?}", one.authors);
        assert_eq!(one.is_doubted(), None);
    }
    let many: String = (0..300)
        .map(|at| format!("Co-authored-by: {at}@example.com\n"))
        .collect();
    let (fake, number) = squashed(&many, 1);
    assert_doubt(&made(&fake, number), "more people");
}

#[test]
fn a_squash_that_may_not_be_read_leaves_its_authors_in_doubt() {
    let (fake, number) = squashed("Pool (#1)", 1);
    fake.with(|hub| hub.repo.landed.clear());
    assert_doubt(&made(&fake, number), "who wrote the commit that it became");
    let (fake, number) = squashed("Pool (#1)", 1);
    fake.with(|hub| {
        for commit in hub.repo.landed.values_mut() {
            commit["sha"] = "f".repeat(40).into();
        }
    });
    assert_doubt(&made(&fake, number), "told as another one");
}

#[test]
fn what_the_list_of_pull_requests_tells_in_another_way_is_in_doubt() {
    for (part, value) in [
        ("labels", json!([])),
        ("title", json!("Another pool")),
        ("user", Value::Null),
        ("merged_at", Value::Null),
    ] {
        let (fake, number) = story(|hub, number| {
            hub.label(number, "raj", "bug");
            hub.merge(number, "raj", "pass");
        });
        assert_eq!(made(&fake, number).is_doubted(), None);
        let alter = move |answer: &mut Value| {
            for one in answer.as_array_mut().into_iter().flatten() {
                one[part] = value.clone();
            }
        };
        let one = spoiled(&fake, number, "/pulls?", alter);
        assert_doubt(&one, "the list of pull requests");
    }
}

#[test]
fn a_title_that_says_what_is_to_change_is_no_mere_title() {
    for (from, to, field) in [
        ("Pool", "Larger pool", "title"),
        ("System: api", "Larger pool", ""),
        ("Pool", "Environment: production", ""),
    ] {
        let (fake, number) = story(|hub, number| {
            hub.pull(number).title = from.to_owned();
            hub.rename(number, "ida", to);
        });
        let one = made(&fake, number);
        let fields: Vec<&str> = one.edits.iter().map(|edit| edit.field.as_str()).collect();
        assert_eq!(fields, [field], "{from} {to}");
    }
}
