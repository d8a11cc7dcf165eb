//! Whatever is dropped, repeated, put in another order or cut in whatever answer: nothing gets better by it, and no doubt is gone.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod common;

use common::*;
use plimsoll_github::testkit::{FakeGithub, Hub};
use plimsoll_kit::testkit::distort::{assert_never_better, is_approved, is_in_doubt};

type Story = fn(&mut Hub) -> u64;

/// Pull requests that are approved, and some that only look like it.
const STORIES: &[Story] = &[
    |hub| {
        let number = hub.open("ida", "Pool", "", "pool", "main");
        hub.push(number, "raj");
        hub.review(number, "nora", "APPROVED");
        hub.review(number, "lee", "COMMENTED");
        number
    },
    |hub| {
        hub.moves_reviews = true;
        let number = hub.open("ida", "Pool", "", "pool", "main");
        hub.review(number, "nora", "APPROVED");
        hub.push(number, "raj");
        hub.push(number, "raj");
        number
    },
    |hub| {
        let number = hub.open("ida", "Pool", "", "pool", "main");
        hub.review(number, "nora", "APPROVED");
        hub.review(number, "nora", "CHANGES_REQUESTED");
        number
    },
    |hub| {
        let number = hub.open("ida", "Pool", "", "pool", "main");
        let review = hub.review(number, "nora", "APPROVED");
        hub.dismiss(number, review, "raj");
        number
    },
    |hub| {
        let number = hub.open("ida", "Pool", "", "pool", "main");
        hub.review(number, "nora", "APPROVED");
        hub.label(number, "raj", "bug");
        hub.unlabel(number, "raj", "bug");
        number
    },
    |hub| {
        let number = hub.open("ida", "Pool", "", "pool", "main");
        hub.review(number, "nora", "APPROVED");
        hub.event(number, "base_ref_changed", "ida", serde_json::json!({}));
        number
    },
    |hub| {
        let number = hub.open("ida", "Pool", "", "pool", "main");
        hub.review(number, "nora", "APPROVED");
        hub.close(number, "ida", None);
        hub.reopen(number, "ida");
        number
    },
    |hub| {
        let number = hub.open("ida", "Pool", "", "pool", "main");
        hub.wait(1);
        let message = "Pool\n\nCo-authored-by: Nora <12+nora@users.noreply.github.com>";
        hub.commit(number, "ida", hub.now, message);
        hub.push(number, "raj");
        hub.review(number, "nora", "APPROVED");
        number
    },
    |hub| {
        hub.moves_reviews = true;
        let number = hub.open("ida", "Pool", "", "pool", "main");
        hub.review(number, "nora", "APPROVED");
        hub.force_push(number, "ida");
        number
    },
];

fn told(story: Story) -> (FakeGithub, u64) {
    let fake = fake();
    let number = fake.with(|hub| {
        let number = story(hub);
        let commit = hub.merge(number, "raj", "pass");
        hub.check(&commit, "ci", "success");
        hub.check(&commit, "lint", "failure");
        number
    });
    (fake, number)
}

/// What of an answer tells of accounts and places, and not of what happened: there only the whole of it is left out.
const NOISE: [&str; 12] = [
    "user",
    "actor",
    "author",
    "committer",
    "merged_by",
    "repo",
    "_links",
    "verification",
    "performed_via_github_app",
    "app",
    "parents",
    "tree",
];

fn assert_held(fake: &FakeGithub, parts: &[&str], fields: bool) -> usize {
    assert_never_better(
        fake.server(),
        |request| parts.iter().any(|part| request.target().contains(part)),
        |_, one| {
            let counts = !one.is_inside(&NOISE) && !one.is_of_name("url");
            counts && (fields || one.is_of_list())
        },
        || read(fake),
    )
}

#[test]
fn no_distortion_of_an_answer_makes_a_verdict_better() {
    for (at, story) in STORIES.iter().enumerate() {
        let (fake, number) = told(*story);
        let harvest = read(&fake);
        let request = request(&harvest, number);
        assert_eq!(is_approved(request), at == 0, "{at}: {request:#?}");
        let of_pull = [
            "/reviews",
            "/timeline",
            "/commits",
            "/activity",
            "/graphql",
            "/pulls",
            "/check-runs",
            "/status",
        ];
        // Fields are left out where they tell most, as each takes a read.
        let fields = [1, 7].contains(&at);
        let reads = assert_held(&fake, &of_pull, fields);
        assert!(reads > 10, "{reads}");
    }
}

#[test]
fn no_distortion_of_an_answer_takes_a_doubt_away() {
    // In doubt, as it has a label that nobody put on, and as the record of pushes has a gap.
    let (fake, number) = told(STORIES[1]);
    fake.with(|hub| {
        hub.pull(number).labels.push("unexplained".to_owned());
        hub.repo.activities.remove(1);
    });
    assert!(is_in_doubt(request(&read(&fake), number)));
    assert_held(&fake, &["/1", "/activity", "/graphql"], true);
}
