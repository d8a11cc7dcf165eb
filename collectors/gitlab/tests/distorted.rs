//! Whatever is dropped, repeated, put in another order or cut in whatever answer: nothing gets better by it, and no doubt is gone.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod common;

use common::{BO, IDA, KIM, NORA, read};
use plimsoll_gitlab::testkit::{FakeGitlab, Gitlab};
use plimsoll_kit::testkit::distort::{assert_never_better, is_approved, is_in_doubt};
use plimsoll_model::ChangeRequest;

type Story = fn(&mut Gitlab, i64);

/// Merge requests that are approved, and some that only look like it.
const STORIES: &[Story] = &[
    |gitlab, one| {
        gitlab.push(one, BO);
        gitlab.approve(one, NORA);
        gitlab.comment(one, KIM, "fine");
    },
    |gitlab, one| {
        gitlab.approve(one, NORA);
        gitlab.push(one, BO);
    },
    |gitlab, one| {
        gitlab.approve(one, NORA);
        gitlab.unapprove(one, NORA);
    },
    |gitlab, one| {
        gitlab.approve(one, NORA);
        gitlab.request_changes(one, NORA);
    },
    |gitlab, one| {
        gitlab.approve(one, NORA);
        gitlab.label(one, IDA, "bug", true);
        gitlab.label(one, IDA, "bug", false);
    },
    |gitlab, one| {
        gitlab.approve(one, NORA);
        gitlab.state(one, IDA, "closed");
        gitlab.state(one, IDA, "reopened");
    },
    |gitlab, one| {
        gitlab.approve(one, NORA);
        gitlab.say(one, IDA, "changed target branch from `main` to `prod`");
    },
    |gitlab, one| {
        gitlab.of(one).commits[0]["message"] =
            "Work\n\nCo-authored-by: Nora <12-nora@users.noreply.example.com>".into();
        gitlab.push(one, BO);
        gitlab.approve(one, NORA);
    },
];

fn told(story: Story) -> FakeGitlab {
    let fake = FakeGitlab::new("acme/infra");
    fake.with(|gitlab| {
        let one = gitlab.open(IDA, "Open a port", "");
        // Addresses that name their accounts.
        story(gitlab, one);
        gitlab.merge(one, KIM);
    });
    fake
}

fn request(fake: &FakeGitlab) -> ChangeRequest {
    let mut all = read(fake).requests.into_iter();
    all.find(|one| one.id == "acme/infra!1").unwrap()
}

/// What of an answer tells of accounts, and not of what happened: there only the whole of it is left out.
const NOISE: [&str; 8] = [
    "user",
    "author",
    "merge_user",
    "merged_by",
    "closed_by",
    "milestone",
    "references",
    "time_stats",
];

fn assert_held(fake: &FakeGitlab) -> usize {
    assert_never_better(
        fake.server(),
        |request| {
            let parts = ["/merge_requests", "/pipelines", "/repository/commits"];
            parts.iter().any(|part| request.path.contains(part))
        },
        |_, distortion| !distortion.is_inside(&NOISE) && !distortion.is_of_name("url"),
        || read(fake),
    )
}

#[test]
fn no_distortion_of_an_answer_makes_a_verdict_better() {
    for (at, story) in STORIES.iter().enumerate() {
        let fake = told(*story);
        assert_eq!(is_approved(&request(&fake)), at == 0, "{at}");
        let reads = assert_held(&fake);
        assert!(reads > 50, "{reads}");
    }
}

#[test]
fn no_distortion_of_an_answer_takes_a_doubt_away() {
    // In doubt, as it has a label that nobody put on, and as its versions are cut.
    let fake = told(STORIES[1]);
    fake.with(|gitlab| {
        gitlab.of(1).json["labels"] = serde_json::json!(["unexplained"]);
        gitlab.of(1).versions.remove(0);
    });
    assert!(is_in_doubt(&request(&fake)));
    assert_held(&fake);
}
