//! What becomes of a run when GitLab misbehaves, or keeps something back.

#![allow(
    clippy::unwrap_used,
    reason = "a panic is the message, in helpers of tests too"
)]

mod common;

use common::{IDA, NORA, complete, estate, read, read_with, request, troubles};
use plimsoll_gitlab::REGISTRATION;
use plimsoll_gitlab::testkit::{FakeGitlab, Fault};
use plimsoll_kit::Right;
use plimsoll_kit::testkit::{build, context, render, run};

#[test]
fn pages_of_any_size_make_one_list() {
    let fake = estate();
    let whole = render(&read(&fake));
    for page in [1, 2, 3] {
        fake.with(|gitlab| gitlab.page = page);
        assert_eq!(render(&read(&fake)), whole, "{page}");
    }
}

/// What lies in between may take the headers away that say that a list goes on.
#[test]
fn a_list_that_does_not_say_whether_it_goes_on_is_not_whole() {
    for (page, part) in [
        (100, "/merge_requests/1/notes?"),
        (
            1,
            "/merge_requests/1/notes?sort=asc&order_by=created_at&per_page=100&page=2",
        ),
        (1, "&order_by=updated_at&sort=asc&per_page=100&page=2"),
    ] {
        let fake = estate();
        fake.with(|gitlab| {
            gitlab.page = page;
            for _ in 0..page {
                gitlab.say(1, IDA, "again");
            }
        });
        assert!(complete(&read(&fake)));
        fake.fail(part, Fault::Bare, 1);
        let harvest = read(&fake);
        assert!(!complete(&harvest), "{part}");
        assert!(troubles(&harvest).contains("takes headers away"));
    }
}

#[test]
fn what_passes_is_waited_for() {
    let healthy = render(&read(&estate()));
    for fault in [
        Fault::Status(429),
        Fault::RetryAfter(0),
        Fault::Status(502),
        Fault::Truncated,
    ] {
        let fake = estate();
        for part in [
            "/merge_requests?",
            "/notes",
            "/approvals",
            "/versions",
            "/pipelines",
        ] {
            fake.fail(part, fault.clone(), 1);
        }
        assert_eq!(render(&read(&fake)), healthy, "{fault:?}");
    }
}

#[test]
fn what_stays_broken_costs_the_scope_and_leaves_doubt() {
    let healthy = read(&estate());
    // Each call, and whether a part of the history is in it.
    for (part, fault, history) in [
        ("/merge_requests/1/notes", Fault::Status(403), true),
        ("/merge_requests/1/notes", Fault::Status(500), true),
        ("/merge_requests/1/notes", Fault::Instead("{}".into()), true),
        (
            "/merge_requests/1/notes",
            Fault::Instead("[{\"id\":\"PLIMSOLL-MARKER\"}]".into()),
            true,
        ),
        ("/merge_requests/1/approvals", Fault::Status(403), true),
        (
            "/merge_requests/1/approvals",
            Fault::Instead("[]".into()),
            true,
        ),
        (
            "/merge_requests/1/resource_state_events",
            Fault::Status(500),
            true,
        ),
        (
            "/merge_requests/1/resource_label_events",
            Fault::Status(403),
            true,
        ),
        ("/merge_requests/1/versions", Fault::Status(500), true),
        ("/merge_requests/1/commits", Fault::Status(404), true),
        ("/merge_requests/1/closes_issues", Fault::Status(500), false),
        ("/merge_requests/1/pipelines", Fault::Status(403), false),
        ("/pipelines?sha=", Fault::Status(500), false),
        ("/merge_requests/1/reviewers", Fault::Status(500), true),
    ] {
        let fake = estate();
        fake.fail(part, fault.clone(), usize::MAX);
        let broken = read(&fake);
        let told = troubles(&broken);
        assert!(!complete(&broken) && !told.is_empty(), "{part} {fault:?}");
        assert!(!told.contains("MARKER"), "{part}: {told}");
        let one = request(&broken, "acme/infra!1");
        assert_eq!(
            one.whole_history == Some(false),
            history,
            "{part} {fault:?}: {told}"
        );
        assert_eq!(
            request(&broken, "acme/infra!2"),
            request(&healthy, "acme/infra!2"),
            "{part}"
        );
    }
}

#[test]
fn what_an_older_server_or_a_lesser_licence_has_not_is_no_trouble() {
    let healthy = render(&read(&estate()));
    let fake = estate();
    fake.fail("/reviewers", Fault::Status(404), usize::MAX);
    assert_eq!(render(&read(&fake)), healthy);
    let fake = estate();
    fake.fail("/protected_branches", Fault::Status(403), usize::MAX);
    let harvest = read(&fake);
    assert!(complete(&harvest), "{}", troubles(&harvest));
    let merge = request(&harvest, "acme/infra!1").merge.as_ref().unwrap();
    assert_eq!(merge.protected, None);
    let fake = estate();
    fake.fail("/protected_branches", Fault::Status(500), usize::MAX);
    assert!(!complete(&read(&fake)));
    // Rules that the settings ask for are another matter.
    let fake = estate();
    fake.with(|gitlab| gitlab.premium = false);
    let harvest = read_with(&fake, "[rules]\na = \"security\"\n");
    assert!(!complete(&harvest) && troubles(&harvest).contains("leave `rules` out"));
}

#[test]
fn approvals_without_a_word_about_who_leave_doubt() {
    let fake = estate();
    fake.fail(
        "/merge_requests/1/approvals",
        Fault::Instead("{\"approved\":true}".into()),
        usize::MAX,
    );
    let harvest = read(&fake);
    assert_eq!(request(&harvest, "acme/infra!1").whole_history, Some(false));
}

#[test]
fn one_who_approves_no_more_without_a_note_is_in_doubt() {
    let fake = estate();
    fake.with(|gitlab| gitlab.of(1).approved.clear());
    let harvest = read(&fake);
    let yes = &request(&harvest, "acme/infra!1").approvals[0];
    assert_eq!(yes.withdrawn.as_ref().unwrap().at, None);
}

#[test]
fn a_broken_list_of_merge_requests_is_an_incomplete_scope() {
    for fault in [
        Fault::Status(500),
        Fault::Instead("{}".into()),
        Fault::Instead("[{\"iid\":\"x\"}]".into()),
    ] {
        let fake = estate();
        fake.fail("/merge_requests?", fault, usize::MAX);
        let harvest = read(&fake);
        assert!(!complete(&harvest) && !harvest.assets.is_empty());
    }
}

#[test]
fn broken_merge_requests_cost_themselves() {
    let fake = estate();
    fake.with(|gitlab| {
        let broken = gitlab.open(IDA, "Broken", "Window: tomorrow");
        gitlab.of(broken).json["created_at"] = "PLIMSOLL-MARKER-time".into();
        let odd = gitlab.open(IDA, "Odd", "Window: tomorrow");
        gitlab.of(odd).json["labels"] = serde_json::Value::Null;
        gitlab.of(odd).json["title"] = serde_json::Value::Null;
        gitlab.of(odd).json["merged_at"] = "PLIMSOLL-MARKER-time".into();
        gitlab.approve(odd, NORA);
        gitlab.of(odd).notes[0]["created_at"] = "PLIMSOLL-MARKER-time".into();
    });
    let harvest = read(&fake);
    let told = troubles(&harvest);
    assert!(!complete(&harvest) && !told.contains("MARKER"), "{told}");
    assert!(
        told.contains("acme/infra!3 was left out: nobody says when it was opened"),
        "{told}"
    );
    let odd = request(&harvest, "acme/infra!4");
    assert_eq!(
        (odd.title.as_str(), odd.whole_history),
        ("(without a title)", Some(false))
    );
    assert!(odd.merge.as_ref().unwrap().at.is_none());
    assert_eq!(harvest.requests.len(), 3);
}

#[test]
fn a_description_of_ten_megabytes_is_cut_and_said_to_be() {
    let fake = estate();
    fake.with(|gitlab| {
        let long = format!("{}\nEnvironment: staging", "x ".repeat(5 << 20));
        gitlab.describe(2, IDA, &long);
    });
    let harvest = read(&fake);
    assert!(complete(&harvest), "{}", troubles(&harvest));
    let long = request(&harvest, "acme/infra!2");
    assert!(long.whole_history == Some(false) && long.environments.is_empty());
    assert!(troubles(&harvest).contains("longer than"));
    assert_eq!(request(&harvest, "acme/infra!1").whole_history, None);
}

#[test]
fn requests_that_name_one_another_in_a_ring_are_two_requests() {
    let fake = FakeGitlab::new("acme/infra");
    fake.with(|gitlab| {
        gitlab.open(IDA, "First", "after acme/infra!2 and acme/infra!1");
        gitlab.open(IDA, "Second", "after acme/infra!1");
    });
    let harvest = read(&fake);
    assert_eq!(
        request(&harvest, "acme/infra!1").links.requests,
        ["acme/infra!2"]
    );
    assert_eq!(
        request(&harvest, "acme/infra!2").links.requests,
        ["acme/infra!1"]
    );
}

#[test]
fn a_wait_that_is_too_long_ends_the_run() {
    let fake = estate();
    fake.with(|gitlab| {
        for number in 0..20 {
            gitlab.open(IDA, &format!("Number {number}"), "");
        }
    });
    fake.fail("/merge_requests/", Fault::RetryAfter(3600), usize::MAX);
    let harvest = read(&fake);
    assert!(
        troubles(&harvest).contains("asks to wait 3600s"),
        "{}",
        troubles(&harvest)
    );
    assert!(!complete(&harvest));
    let asked: usize = fake.requests().values().sum();
    assert!(
        asked < 80,
        "{asked} requests after it was said that there is no use"
    );
}

#[test]
fn a_wrong_token_ends_it_and_is_not_shown() {
    let fake = estate();
    fake.with(|gitlab| gitlab.token = false);
    let harvest = read(&fake);
    let told = troubles(&harvest);
    assert!(
        !complete(&harvest) && told.contains("renew it") && !told.contains("MARKER"),
        "{told}"
    );
    assert_eq!(fake.server().requests().len(), 1);
}

#[test]
fn check_says_which_right_is_missing() {
    let fake = estate();
    let check = |more: &str| {
        let folder = tempfile::tempdir().unwrap();
        let settings = format!("{}{more}", fake.settings(folder.path()));
        run(build(&REGISTRATION, &settings)
            .unwrap()
            .check(&context("gitlab")))
    };
    let all = check("issues = true\n[rules]\na = \"qa\"\n");
    assert!(all.iter().all(|one| one.right == Right::Granted), "{all:?}");
    assert_eq!(all.len(), 13);
    fake.fail("/protected_branches", Fault::Status(403), 1);
    fake.fail("/notes", Fault::Status(404), 1);
    let all = check("");
    let denied: Vec<_> = all
        .iter()
        .filter(|one| one.right == Right::Denied)
        .map(|one| one.what.as_str())
        .collect();
    assert_eq!(
        denied,
        ["acme/infra: notes", "acme/infra: protected branches"]
    );
    fake.with(|gitlab| gitlab.project = "acme/other".into());
    fake.with(|gitlab| gitlab.token = false);
    let all = check("");
    assert_eq!((all.len(), all[0].right), (1, Right::Denied));
}
