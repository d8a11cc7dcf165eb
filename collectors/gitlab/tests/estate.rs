//! A house in which things happen, as the collector sees it over several reads.

#![allow(
    clippy::unwrap_used,
    reason = "a panic is the message, in helpers of tests too"
)]

mod common;

use common::{
    BO, IDA, KIM, NORA, complete, estate, read, read_since, read_with, request, troubles,
};
use plimsoll_gitlab::testkit::FakeGitlab;
use plimsoll_kit::testkit::render;
use plimsoll_model::{Claim, Value};

#[test]
fn everything_of_a_merge_request_is_there() {
    let fake = estate();
    let harvest = read(&fake);
    assert!(complete(&harvest), "{}", troubles(&harvest));
    let one = request(&harvest, "acme/infra!1");
    assert_eq!(one.approvals.len(), 1);
    assert_eq!(one.approvals[0].by.account, "12");
    assert_eq!(one.approvals[0].by.name.as_deref(), Some("nora"));
    assert_eq!(one.reviews[0].commit, one.head);
    assert_eq!(one.links.requests, ["OPS-17", "acme/infra#1"]);
    assert_eq!(one.checks.len(), 2);
    assert!(
        one.checks
            .iter()
            .all(|check| check.passed == Some(true) && check.at.is_some())
    );
    let merge = one.merge.as_ref().unwrap();
    assert_eq!(
        (merge.by.as_ref().unwrap().account.as_str(), merge.protected),
        ("13", None)
    );
    assert_eq!(one.whole_history, None);
    assert!(request(&harvest, "acme/infra!2").merge.is_none());
    assert_eq!(harvest.requests.len(), 2);
    let sure = read_with(&fake, "protected_as_now = true\n");
    let merge = request(&sure, "acme/infra!1").merge.as_ref().unwrap();
    assert_eq!(merge.protected, Some(true));
    fake.with(|gitlab| gitlab.protected.clear());
    let open = read(&fake);
    assert_eq!(
        request(&open, "acme/infra!1")
            .merge
            .as_ref()
            .unwrap()
            .protected,
        Some(false)
    );
}

#[test]
fn a_yes_that_is_taken_back_and_a_push_after_it() {
    let fake = FakeGitlab::new("acme/infra");
    let one = fake.with(|gitlab| {
        let one = gitlab.open(IDA, "Open a port", "");
        gitlab.approve(one, NORA);
        gitlab.approve(one, KIM);
        gitlab.unapprove(one, KIM);
        gitlab.push(one, BO);
        one
    });
    let first = read(&fake);
    let seen = request(&first, "acme/infra!1");
    assert!(
        seen.approvals[0].withdrawn.is_none()
            && seen.approvals[1].withdrawn.as_ref().unwrap().at.is_some()
    );
    let push = seen
        .edits
        .iter()
        .find(|edit| edit.field == "commits")
        .unwrap();
    assert!(
        push.at > seen.approvals[0].at,
        "the push came after the yes"
    );
    assert_ne!(
        seen.reviews[0].commit, seen.head,
        "what was looked at is not what is proposed"
    );
    // With a reset on push the first yes falls too, and a later one is of the new commit.
    fake.with(|gitlab| {
        gitlab.reset_on_push = true;
        gitlab.push(one, BO);
        gitlab.approve(one, NORA);
        gitlab.merge(one, KIM);
    });
    let second = read(&fake);
    let seen = request(&second, "acme/infra!1");
    let of_nora: Vec<_> = seen
        .approvals
        .iter()
        .filter(|yes| yes.by.account == "12")
        .collect();
    assert_eq!(
        (
            of_nora.len(),
            of_nora[0].withdrawn.is_some(),
            of_nora[1].withdrawn.is_some()
        ),
        (2, true, false)
    );
    assert_eq!(seen.reviews.last().unwrap().commit, seen.head);
    // Who pushed had a part in it.
    assert!(seen.authors.iter().any(|by| by.account == "13"));
}

#[test]
fn a_comment_of_a_person_is_no_approval() {
    let fake = FakeGitlab::new("acme/infra");
    fake.with(|gitlab| {
        let one = gitlab.open(IDA, "Open a port", "");
        gitlab.comment(one, NORA, "approved this merge request");
    });
    assert!(request(&read(&fake), "acme/infra!1").approvals.is_empty());
}

#[test]
fn only_what_was_altered_is_read_again_and_of_it_all() {
    let fake = estate();
    fake.with(|gitlab| gitlab.now += 10 * 86_400);
    let last = fake.with(|gitlab| gitlab.now);
    assert!(read_since(&fake, "", Some(last)).requests.is_empty());
    fake.with(|gitlab| {
        gitlab.now += 3600;
        gitlab.retitle(1, IDA, "OPS-17 open ports");
    });
    let again = read_since(&fake, "", Some(last));
    assert_eq!(again.requests.len(), 1);
    let one = request(&again, "acme/infra!1");
    assert_eq!(
        (one.title.as_str(), one.approvals.len()),
        ("OPS-17 open ports", 1)
    );
    // A pipeline touches nothing: the overlap is for it.
    let far = read_since(&fake, "overlap = \"20 days\"\n", Some(last));
    assert_eq!(far.requests.len(), 2);
}

#[test]
fn a_list_that_moves_while_it_is_read_loses_nothing() {
    let fake = FakeGitlab::new("acme/infra");
    fake.with(|gitlab| {
        for number in 0..7 {
            gitlab.open(IDA, &format!("Number {number}"), "");
        }
        // Several of one time, more than a page has.
        let same = gitlab.of(3).json["updated_at"].clone();
        for iid in [4, 5, 6] {
            gitlab.of(iid).json["updated_at"] = same.clone();
        }
        gitlab.page = 2;
    });
    assert_eq!(read(&fake).requests.len(), 7);
}

#[test]
fn a_house_that_approves_in_issues() {
    let fake = estate();
    let settings = "issues = true\n[approvals]\napproved = \"\"\n";
    let harvest = read_with(&fake, settings);
    assert!(complete(&harvest), "{}", troubles(&harvest));
    let ticket = request(&harvest, "acme/infra#1");
    assert_eq!(
        (ticket.approvals[0].by.account.as_str(), ticket.is_code()),
        ("12", false)
    );
    assert_eq!(ticket.names, ["api"]);
    fake.with(|gitlab| gitlab.label_issue(1, KIM, "approved", false));
    let harvest = read_with(&fake, settings);
    let withdrawn = request(&harvest, "acme/infra#1").approvals[0]
        .withdrawn
        .clone()
        .unwrap();
    assert_eq!(withdrawn.by.unwrap().account, "14");
}

#[test]
fn rules_say_what_kind_of_yes_it_is() {
    let fake = estate();
    let harvest = read_with(&fake, "[rules]\n\"Security team\" = \"security\"\n");
    assert_eq!(
        request(&harvest, "acme/infra!1").approvals[0].kind,
        "security"
    );
    fake.with(|gitlab| gitlab.premium = false);
    let harvest = read(&fake);
    assert!(complete(&harvest), "{}", troubles(&harvest));
    let branch = harvest
        .assets
        .iter()
        .find(|asset| asset.kind == "branch")
        .unwrap();
    assert!(
        branch
            .get("branch.approvals-required")
            .unwrap()
            .value()
            .is_none()
    );
    assert_eq!(
        branch.get("branch.protected").and_then(Claim::value),
        Some(&Value::Bool(true))
    );
}

#[test]
fn without_the_time_of_an_approval_the_note_tells() {
    let fake = estate();
    let with = render(&read(&fake));
    fake.with(|gitlab| gitlab.approved_at = false);
    assert_eq!(render(&read(&fake)), with);
}

#[test]
fn a_user_who_is_gone_approves_as_nobody() {
    let fake = estate();
    fake.with(|gitlab| gitlab.remove_user(NORA));
    let harvest = read(&fake);
    assert!(complete(&harvest), "{}", troubles(&harvest));
    let one = request(&harvest, "acme/infra!1");
    assert_eq!(one.approvals[0].by.name.as_deref(), Some("ghost"));
}

#[test]
fn only_the_branches_that_matter_are_read() {
    let fake = estate();
    fake.with(|gitlab| gitlab.of(2).json["target_branch"] = "work".into());
    let harvest = read_with(&fake, "branches = [\"main\", \"prod\"]\n");
    assert_eq!(harvest.requests.len(), 1);
    let branches = harvest.assets.iter().filter(|asset| asset.kind == "branch");
    assert_eq!(branches.count(), 2);
}
