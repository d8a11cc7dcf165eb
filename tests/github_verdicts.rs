//! Pull requests from a fake GitHub to the verdict, by the shipped policy for a production branch: what proves an approval, and what
//! does not.

#![allow(
    clippy::unwrap_used,
    reason = "a panic is how a test tells what is wrong"
)]

use std::process::Command;

use plimsoll_github::testkit::{Alter, FakeGithub, Fault, Hub, Rights};
use serde_json::{Value, json};

const PEOPLE: &str = r#"
[approval]
policy = "prod-branch"
[[people]]
name = "Ida"
roles = ["engineer"]
accounts = { github = ["11", "ida@example.com"] }
[[people]]
name = "Nora"
roles = ["engineer"]
accounts = { github = "12" }
[[people]]
name = "Raj"
roles = ["ops"]
accounts = { github = "13" }
"#;

/// A repository whose branch `prod` asks for a review and a test.
fn repository() -> FakeGithub {
    let fake = FakeGithub::new("acme/infra");
    fake.with(|hub| {
        // Two days ago: all that happens comes before the first scan.
        hub.now = jiff::Timestamp::now().as_second() - 2 * 86_400;
        hub.branch("prod");
        hub.rule("prod", 1, &["ci"]);
    });
    fake
}

/// Ida's pull request, which Nora approves.
fn approved(hub: &mut Hub) -> u64 {
    let number = hub.open("ida", "Larger pool", "", "pool", "prod");
    hub.review(number, "nora", "APPROVED");
    number
}

/// Raj merges it, and the test passes.
fn merged(hub: &mut Hub, number: u64, result: &str) -> String {
    let commit = hub.merge(number, "raj", result);
    hub.check(&commit, "ci", "success");
    commit
}

/// Scans with an older commit running, and again with another; gives the change.
fn deployed(fake: &FakeGithub, commit: &str) -> Value {
    deployed_with(fake, commit, "")
}

fn deployed_with(fake: &FakeGithub, commit: &str, more: &str) -> Value {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let config = format!(
        "[store]\npath = {:?}\n[[sources]]\nname = \"estate\"\ncollector = \"file\"\nsettings.path = {:?}\n\
         [[sources]]\nname = \"github\"\ncollector = \"github\"\n[sources.settings]\nbranches = [\"prod\"]\n{more}{}{PEOPLE}",
        at("plimsoll.db"),
        at("estate.jsonl"),
        fake.settings(folder.path())
    );
    std::fs::write(at("config.toml"), config).unwrap();
    let mut report = Value::Null;
    for commit in ["1234567890123456789012345678901234567890", commit] {
        let asset = json!({"asset": {"id": "container:h/api", "kind": "container", "name": "api",
            "labels": {"plimsoll.environment": "production", "plimsoll.role": "worker"},
            "facts": {"source.commit": commit, "data.sensitive": false}}});
        let text = format!(
            "{{\"plimsoll\":\"findings/v1\",\"scope\":\"h\"}}\n{asset}\n{{\"scope\":{{\"complete\":true}}}}\n"
        );
        std::fs::write(at("estate.jsonl"), text).unwrap();
        let output = Command::new(env!("CARGO_BIN_EXE_plimsoll"))
            .args(["--quiet", "--config"])
            .arg(at("config.toml"))
            .args(["scan", "--format", "json"])
            .output()
            .unwrap();
        report = serde_json::from_slice(&output.stdout)
            .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)));
    }
    let changes = report["changes"].as_array().unwrap();
    let own = changes.iter().find(|one| one["kind"] == "modified");
    own.unwrap_or_else(|| panic!("no change: {report:#}"))
        .clone()
}

#[track_caller]
fn assert_verdict(change: &Value, verdict: &str, because: &str) {
    let reasons = &change["reasons"];
    assert_eq!(change["verdict"], verdict, "{reasons:#}");
    assert!(
        reasons.to_string().contains(because),
        "{because}: {reasons:#}"
    );
}

#[test]
fn a_reviewed_and_tested_merge_by_the_rules_is_approved() {
    let fake = repository();
    let commit = fake.with(|hub| {
        let number = approved(hub);
        merged(hub, number, "pass")
    });
    let change = deployed(&fake, &commit);
    assert_verdict(&change, "approved", "went into prod by its rules");
    assert_eq!(change["request"], "acme/infra#1");
}

#[test]
fn what_was_done_after_the_review_was_not_reviewed() {
    type Act = fn(&mut Hub, u64);
    let stories: [(&str, Act); 6] = [
        ("commits of acme/infra#1 was altered", |hub, number| {
            hub.push(number, "ida");
        }),
        // By a commit that claims to be older than the review.
        ("commits of acme/infra#1 was altered", |hub, number| {
            hub.forge(number, "ida", hub.now - 86_400, "ida");
        }),
        ("commits of acme/infra#1 was altered", |hub, number| {
            hub.force_push(number, "ida");
        }),
        ("was withdrawn", |hub, number| {
            let review = hub.pull(number).reviews[0].id;
            hub.dismiss(number, review, "raj");
        }),
        ("asked for changes", |hub, number| {
            hub.review(number, "nora", "CHANGES_REQUESTED");
        }),
        ("was given up", |hub, number| {
            hub.close(number, "ida", None);
            hub.reopen(number, "ida");
        }),
    ];
    for (because, act) in stories {
        let fake = repository();
        let commit = fake.with(|hub| {
            let number = approved(hub);
            act(hub, number);
            merged(hub, number, "pass")
        });
        assert_verdict(&deployed(&fake, &commit), "unapproved", because);
    }
}

#[test]
fn nobody_approves_their_own_work_under_another_name() {
    let fake = repository();
    let commit = fake.with(|hub| {
        let number = hub.open("ida", "Larger pool", "", "pool", "prod");
        // Nora pushes what claims to be Ida's, and approves it.
        hub.forge(number, "ida", hub.now, "nora");
        hub.review(number, "nora", "APPROVED");
        merged(hub, number, "pass")
    });
    assert_verdict(
        &deployed(&fake, &commit),
        "unapproved",
        "Nora approved it and wrote it",
    );
}

#[test]
fn a_program_approves_nothing() {
    let fake = repository();
    let commit = fake.with(|hub| {
        let number = hub.open("ida", "Larger pool", "", "pool", "prod");
        hub.review(number, "approver[bot]", "APPROVED");
        merged(hub, number, "pass")
    });
    assert_verdict(&deployed(&fake, &commit), "unapproved", "is a program");
}

#[test]
fn going_around_the_rules_is_seen_and_not_knowing_is_no_proof() {
    let fake = repository();
    let commit = fake.with(|hub| {
        let number = approved(hub);
        merged(hub, number, "bypass")
    });
    assert_verdict(
        &deployed(&fake, &commit),
        "unapproved",
        "rules were gone around",
    );
    fake.with(|hub| hub.rights = Rights::Reader);
    assert_verdict(
        &deployed(&fake, &commit),
        "unproven",
        "nobody says whether prod is protected",
    );
}

#[test]
fn what_could_not_be_read_leaves_it_unproven() {
    for (part, fault) in [
        ("/issues/1/timeline", Fault::Status(403)),
        ("/pulls/1/reviews", Fault::Status(500)),
        ("/pulls?", Fault::Status(500)),
        ("/check-runs", Fault::Status(403)),
        ("/pulls/1", Fault::Instead("{}".to_owned())),
    ] {
        let fake = repository();
        let commit = fake.with(|hub| {
            let number = approved(hub);
            merged(hub, number, "pass")
        });
        fake.fail(part, fault, 1_000);
        let change = deployed(&fake, &commit);
        assert_eq!(
            change["verdict"], "unproven",
            "{part}: {:#}",
            change["reasons"]
        );
    }
}

fn alter(fake: &FakeGithub, part: &str, alter: impl Fn(&mut Vec<Value>) + Send + Sync + 'static) {
    let alter = Alter::new(move |answer| alter(answer.as_array_mut().unwrap()));
    fake.fail(part, Fault::Altered(alter), 1_000);
}

#[test]
fn a_review_that_was_moved_to_a_later_commit_proves_nothing_of_it() {
    let story = |hub: &mut Hub| {
        let number = approved(hub);
        hub.moves_reviews = true;
        hub.push(number, "ida");
        merged(hub, number, "pass")
    };
    let fake = repository();
    let commit = fake.with(story);
    assert_verdict(
        &deployed(&fake, &commit),
        "unapproved",
        "commits of acme/infra#1 was altered",
    );
    // Nothing tells when it was pushed: neither that it was looked at, nor that it was not.
    for (part, fault) in [
        ("/activity", Fault::Status(404)),
        ("/activity", Fault::Instead("[]".to_owned())),
    ] {
        let fake = repository();
        let commit = fake.with(story);
        fake.fail(part, fault, 1_000);
        assert_verdict(
            &deployed(&fake, &commit),
            "unproven",
            "the peer review is in doubt",
        );
    }
    // A record of pushes that lacks one.
    for lacks in 0..2 {
        let fake = repository();
        let commit = fake.with(story);
        alter(&fake, "/activity", move |pushes| drop(pushes.remove(lacks)));
        assert_ne!(deployed(&fake, &commit)["verdict"], "approved", "{lacks}");
    }
}

#[test]
fn what_two_lists_tell_in_two_ways_is_unproven() {
    // A no that the list of reviews lacks, a timeline that is empty, and a list of reviews that is.
    type Spoil = fn(&mut Vec<Value>);
    let cases: [(bool, &str, Spoil, &str); 4] = [
        (
            true,
            "/reviews",
            |all| drop(all.pop()),
            "a review that its list of reviews lacks",
        ),
        (
            false,
            "/timeline",
            Vec::clear,
            "its timeline does not say so",
        ),
        (
            false,
            "/reviews",
            Vec::clear,
            "a review that its list of reviews lacks",
        ),
        (false, "/pulls/1/commits", Vec::clear, "none of its commits"),
    ];
    for (refused, part, spoil, because) in cases {
        let fake = repository();
        let commit = fake.with(|hub| {
            let number = approved(hub);
            if refused {
                hub.review(number, "nora", "CHANGES_REQUESTED");
            }
            merged(hub, number, "pass")
        });
        alter(&fake, part, spoil);
        assert_verdict(&deployed(&fake, &commit), "unproven", because);
    }
}

#[test]
fn that_nobody_approved_is_not_proven_by_a_history_that_is_cut() {
    let fake = repository();
    let commit = fake.with(|hub| {
        let number = hub.open("ida", "Larger pool", "", "pool", "prod");
        merged(hub, number, "pass")
    });
    assert_eq!(deployed(&fake, &commit)["verdict"], "unapproved");
    fake.fail("/pulls/1/reviews", Fault::Status(403), 1_000);
    assert_eq!(deployed(&fake, &commit)["verdict"], "unproven");
}

#[test]
fn nobody_approves_what_they_wrote_along() {
    let fake = repository();
    let commit = fake.with(|hub| {
        let number = hub.open("ida", "Larger pool", "", "pool", "prod");
        let message = "Pool\n\nCo-authored-by: Nora <12+nora@users.noreply.github.com>";
        hub.wait(1);
        hub.commit(number, "ida", hub.now, message);
        hub.review(number, "nora", "APPROVED");
        merged(hub, number, "pass")
    });
    assert_verdict(
        &deployed(&fake, &commit),
        "unapproved",
        "Nora approved it and wrote it",
    );
}

#[test]
fn whoever_reports_a_fault_of_a_commit_or_takes_it_back_did_not_ask_for_it() {
    let fake = repository();
    let commit = fake.with(|hub| {
        let number = approved(hub);
        let commit = merged(hub, number, "pass");
        hub.ask(
            "nora",
            "The pool leaks",
            &format!("Seen in staging with {commit}"),
        );
        let text = format!("This reverts commit {commit}.");
        let back = hub.open("nora", "Revert the pool", &text, "revert", "prod");
        hub.close(back, "nora", None);
        commit
    });
    let change = deployed_with(&fake, &commit, "issues = true\n");
    assert_verdict(&change, "approved", "went into prod by its rules");
    assert_eq!(change["request"], "acme/infra#1");
}

#[test]
fn nobody_approves_what_a_squash_says_they_wrote_along() {
    let fake = repository();
    let commit = fake.with(|hub| {
        let number = approved(hub);
        let commit = merged(hub, number, "pass");
        let message = "Larger pool (#1)\n\nCo-authored-by: Nora <12+nora@users.noreply.github.com>";
        let landed = hub.repo.landed.get_mut(&commit).unwrap();
        landed["commit"]["message"] = message.into();
        commit
    });
    assert_verdict(
        &deployed(&fake, &commit),
        "unapproved",
        "Nora approved it and wrote it",
    );
}

#[test]
fn the_last_run_of_a_test_counts_from_whatever_suite() {
    for (results, verdict, because) in [
        (["failure", "success"], "approved", "tests passed on"),
        (["success", "failure"], "unapproved", "ci failed on"),
    ] {
        let fake = repository();
        let commit = fake.with(|hub| {
            let number = approved(hub);
            let commit = hub.merge(number, "raj", "pass");
            for result in results {
                hub.check(&commit, "ci", result);
            }
            commit
        });
        assert_verdict(&deployed(&fake, &commit), verdict, because);
    }
}

#[test]
fn what_the_list_of_pull_requests_tells_in_another_way_is_unproven() {
    let fake = repository();
    let commit = fake.with(|hub| {
        let number = approved(hub);
        merged(hub, number, "pass")
    });
    alter(&fake, "/pulls?", |all| {
        all[0]["title"] = "Smaller pool".into()
    });
    assert_verdict(
        &deployed(&fake, &commit),
        "unproven",
        "the list of pull requests",
    );
}
