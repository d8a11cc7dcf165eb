//! Whatever is dropped, repeated, put in another order or cut in whatever answer: no yes is proven that was not, and no doubt is gone.

#![allow(
    clippy::unwrap_used,
    reason = "a panic is the message, in helpers of tests too"
)]

mod common;

use std::sync::{Arc, Mutex};

use common::{BO, IDA, KIM, NORA, read};
use plimsoll_gitlab::testkit::{Alter, FakeGitlab, Fault, Gitlab};
use plimsoll_kit::Harvest;
use plimsoll_kit::testkit::spoil::{Spoil, spoils};
use plimsoll_kit::testkit::standing;
use serde_json::Value;

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

/// Who stands behind it for sure, and whether anything is in doubt; none where it was not handed over.
fn found(harvest: &Harvest) -> Option<(Vec<String>, bool)> {
    let request = harvest
        .requests
        .iter()
        .find(|one| one.id == "acme/infra!1")?;
    let open = request.reviews.iter().any(|review| review.doubt.is_some());
    Some((standing(request), request.is_doubted().is_some() || open))
}

/// Every answer of a read that is of the merge request, with every way to spoil it.
fn ways(fake: &FakeGitlab) -> Vec<(String, Spoil)> {
    fake.mend();
    read(fake);
    let requests = fake.server().requests();
    let mut targets: Vec<String> = requests.iter().map(|one| one.target()).collect();
    targets.retain(|target| target.contains("/merge_requests/1/"));
    targets.sort();
    targets.dedup();
    let mut all = Vec::new();
    for target in targets {
        fake.mend();
        let seen = Arc::new(Mutex::new(Value::Null));
        let keep = Arc::clone(&seen);
        let look = Alter::new(move |answer| *keep.lock().unwrap() = answer.clone());
        fake.fail(&target, Fault::Altered(look), 1);
        read(fake);
        let answer = seen.lock().unwrap();
        all.extend(
            spoils(&answer)
                .into_iter()
                .map(|spoil| (target.clone(), spoil)),
        );
    }
    all
}

fn spoiled(fake: &FakeGitlab, target: &str, spoil: Spoil) -> Option<(Vec<String>, bool)> {
    fake.mend();
    let alter = Alter::new(move |answer| spoil.apply(answer));
    fake.fail(target, Fault::Altered(alter), 100);
    found(&read(fake))
}

#[test]
fn no_answer_that_lacks_a_part_makes_a_yes() {
    for (at, story) in STORIES.iter().enumerate() {
        let fake = told(*story);
        let (before, _) = found(&read(&fake)).unwrap();
        assert_eq!(before.is_empty(), at > 0, "{at}: {before:?}");
        for (target, spoil) in ways(&fake) {
            let name = format!("story {at}, {target}: {spoil:?}");
            let Some((after, _)) = spoiled(&fake, &target, spoil) else {
                continue;
            };
            let more = after.iter().find(|one| !before.contains(one));
            assert_eq!(more, None, "{name}");
        }
    }
}

#[test]
fn no_answer_that_lacks_a_part_takes_a_doubt_away() {
    // In doubt, as it has a label that nobody put on, and as its versions are cut.
    let fake = told(STORIES[1]);
    fake.with(|gitlab| {
        gitlab.of(1).json["labels"] = serde_json::json!(["unexplained"]);
        gitlab.of(1).versions.remove(0);
    });
    assert!(found(&read(&fake)).unwrap().1);
    for (target, spoil) in ways(&fake) {
        let name = format!("{target}: {spoil:?}");
        if let Some((_, doubt)) = spoiled(&fake, &target, spoil) {
            assert!(doubt, "{name}");
        }
    }
}
