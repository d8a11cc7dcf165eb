//! Whatever is dropped, repeated, put in another order or cut in whatever answer: no yes is proven that was not, and no doubt is gone.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod common;

use common::*;
use plimsoll_github::testkit::{Alter, FakeGithub, Fault, Hub};
use plimsoll_kit::Harvest;
use plimsoll_kit::testkit::spoil::{Spoil, spoils};
use plimsoll_kit::testkit::standing;
use serde_json::Value;

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

/// Who stands behind it for sure, and whether anything is in doubt; none where it was not handed over.
fn found(harvest: &Harvest, number: u64) -> Option<(Vec<String>, bool)> {
    let id = format!("{NAME}#{number}");
    let request = harvest.requests.iter().find(|one| one.id == id)?;
    let open = request.reviews.iter().any(|review| review.doubt.is_some());
    Some((standing(request), request.is_doubted().is_some() || open))
}

#[test]
fn no_answer_that_lacks_a_part_makes_a_yes() {
    for (at, story) in STORIES.iter().enumerate() {
        let (fake, number) = told(*story);
        let (before, _) = found(&read(&fake), number).unwrap();
        assert_eq!(before.is_empty(), at > 0, "{at}: {before:?}");
        let mut targets: Vec<String> = fake
            .server()
            .requests()
            .iter()
            .map(|one| one.target())
            .collect();
        targets.sort();
        targets.dedup();
        let parts = [
            "/reviews",
            "/timeline",
            "/commits",
            "/activity",
            "/graphql",
            "/pulls/1",
        ];
        targets.retain(|target| parts.iter().any(|part| target.contains(part)));
        for target in targets {
            // Fields are left out where they tell most, as each takes a read.
            let fields = [1, 2, 7].contains(&at);
            let ways = all(&fake, &target).into_iter();
            for spoil in ways.filter(|spoil| fields || spoil.is_of_list()) {
                let name = format!("story {at}, {target}: {spoil:?}");
                fake.mend();
                let alter = Alter::new(move |answer| spoil.apply(answer));
                fake.fail(&target, Fault::Altered(alter), 100);
                let harvest = read(&fake);
                let Some((after, _)) = found(&harvest, number) else {
                    continue;
                };
                let more = after.iter().find(|one| !before.contains(one));
                assert_eq!(more, None, "{name}");
            }
        }
    }
}

#[test]
fn no_answer_that_lacks_a_part_takes_a_doubt_away() {
    // In doubt, as it has a label that nobody put on, and as the record of pushes has a gap.
    let (fake, number) = told(STORIES[1]);
    fake.with(|hub| {
        hub.pull(number).labels.push("unexplained".to_owned());
        hub.repo.activities.remove(1);
    });
    assert!(found(&read(&fake), number).unwrap().1);
    let mut targets: Vec<String> = fake
        .server()
        .requests()
        .iter()
        .map(|one| one.target())
        .collect();
    targets.sort();
    targets.dedup();
    for target in targets.into_iter().filter(|target| target.contains("/1")) {
        for spoil in all(&fake, &target) {
            let name = format!("{target}: {spoil:?}");
            fake.mend();
            let alter = Alter::new(move |answer| spoil.apply(answer));
            fake.fail(&target, Fault::Altered(alter), 100);
            if let Some((_, doubt)) = found(&read(&fake), number) {
                assert!(doubt, "{name}");
            }
        }
    }
}

/// Every way to spoil the answer to a request.
fn all(fake: &FakeGithub, target: &str) -> Vec<Spoil> {
    fake.mend();
    let seen = std::sync::Arc::new(std::sync::Mutex::new(Value::Null));
    let keep = std::sync::Arc::clone(&seen);
    let look = Alter::new(move |answer| *keep.lock().unwrap() = answer.clone());
    fake.fail(target, Fault::Altered(look), 1);
    read(fake);
    let answer = seen.lock().unwrap();
    spoils(&answer)
}
