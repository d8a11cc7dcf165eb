//! What goes wrong is said, and nothing is taken for approved by it.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod common;

use common::*;
use plimsoll_jira::testkit::{FakeJira, Fault};
use plimsoll_kit::Right;
use serde_json::{Value, json};

fn both() -> [FakeJira; 2] {
    [FakeJira::cloud("OPS"), FakeJira::data_center("OPS")].map(|fake| {
        fake.with(|jira| {
            jira.at("2026-01-10T08:00:00Z");
            for number in 1..=7 {
                let key = jira.open("OPS", &format!("number {number}"), "ann");
                jira.to(&key, "Awaiting CAB", "ann")
                    .to(&key, "Approved", "kim");
            }
        });
        fake
    })
}

fn cloud() -> FakeJira {
    let [cloud, _] = both();
    cloud
}

#[test]
fn pages_of_every_list_are_read_to_the_end() {
    for fake in both() {
        fake.with(|jira| {
            jira.page = 3;
            for _ in 0..5 {
                jira.comment("OPS-1", "no rule asks for this", "ann");
                jira.edit("OPS-1", "summary", "again", "ann");
            }
        });
        let harvest = read(&fake, "");
        assert!(complete(&harvest), "{:?}", troubles(&harvest));
        assert_eq!(harvest.requests.len(), 7);
        assert_eq!(edits(request(&harvest, "OPS-1")), ["title"; 5]);
        let comments = fake.server().requests();
        let comments = comments.iter().filter(|one| one.path.ends_with("/comment"));
        assert_eq!(comments.count(), 0, "what no rule asks for is not read");
    }
}

#[test]
fn a_limit_is_waited_for_and_then_all_is_there() {
    for fake in both() {
        fake.fail("/search", Fault::RetryAfter(0), 2);
        fake.fail("/remotelink", Fault::RetryAfter(0), 1);
        let harvest = read(&fake, "");
        assert!(complete(&harvest), "{:?}", troubles(&harvest));
        assert_eq!(harvest.requests.len(), 7);
        fake.fail("/search", Fault::RetryAfter(3600), 1);
        let harvest = read(&fake, "");
        assert!(!complete(&harvest) && harvest.requests.is_empty());
        assert!(troubles(&harvest)[0].contains("asks to wait 3600s"));
    }
}

#[test]
fn a_history_that_is_refused_leaves_doubt_and_one_that_fails_leaves_what_was_known() {
    let fake = cloud();
    fake.fail("/changelog", Fault::Status(403), 1);
    let harvest = read(&fake, "");
    assert!(!complete(&harvest));
    let doubtful = request(&harvest, "OPS-1");
    assert_eq!(doubtful.whole_history, Some(false));
    assert!(doubtful.approvals.is_empty());
    assert_eq!(request(&harvest, "OPS-2").whole_history, None);
    fake.fail("/changelog", Fault::Status(500), 1);
    let harvest = read(&fake, "");
    assert!(!complete(&harvest));
    assert_eq!(
        harvest.requests.len(),
        6,
        "OPS-1 stays as it was last known"
    );
    assert!(troubles(&harvest)[0].starts_with("OPS-1: its history"));
}

#[test]
fn a_list_that_breaks_off_leaves_the_scope_incomplete() {
    for fake in both() {
        fake.with(|jira| jira.page = 3);
        for fault in [
            Fault::Status(500),
            Fault::Instead("{\"issues\": 5}".to_owned()),
        ] {
            let next = match fake.with(|jira| jira.kind) {
                plimsoll_jira::testkit::Kind::Cloud => "nextPageToken=token-3",
                plimsoll_jira::testkit::Kind::DataCenter => "startAt=1",
            };
            fake.fail(next, fault.clone(), 1);
            let harvest = read(&fake, "");
            assert!(!complete(&harvest), "{fault:?}");
            assert_eq!(harvest.requests.len(), 3, "{fault:?}");
            assert!(complete(&read(&fake, "")), "the next scan has it all");
        }
    }
}

#[test]
fn a_page_that_leads_nowhere_ends_the_list_aloud() {
    let fake = cloud();
    fake.with(|jira| jira.page = 3);
    let page = r#"{"issues": [], "isLast": false, "nextPageToken": "token-3"}"#;
    fake.fail("token-3", Fault::Instead(page.to_owned()), 1);
    let harvest = read(&fake, "");
    assert!(!complete(&harvest));
    assert!(
        troubles(&harvest)[0].contains("read already"),
        "{:?}",
        troubles(&harvest)
    );
    fake.fail(
        "/search",
        Fault::Instead(r#"{"issues": [], "isLast": false}"#.to_owned()),
        1,
    );
    assert!(!complete(&read(&fake, "")));
}

#[test]
fn a_list_that_moves_while_it_is_read_is_read_again() {
    let [_, fake] = both();
    // As many are deleted in front as no overlap shows.
    fake.with(|jira| jira.page = 3);
    let page = json!({"startAt": 1, "maxResults": 3, "total": 7, "issues": [{"id": "99001", "key": "OPS-90", "fields": {}}]});
    fake.fail("startAt=1", Fault::Instead(page.to_string()), 1);
    let harvest = read(&fake, "");
    assert!(!complete(&harvest));
    assert!(
        troubles(&harvest)
            .iter()
            .any(|what| what.contains("moved while it was read"))
    );
    assert!(complete(&read(&fake, "")));
}

#[test]
fn broken_parts_cost_no_more_than_themselves() {
    for fake in both() {
        fake.with(|jira| {
            let mut spoil = |key: &str, member: &str, value: Value| {
                jira.issue(key).spoiled.insert(member.to_owned(), value);
            };
            spoil("OPS-1", ".fields", json!("PLIMSOLL-MARKER"));
            spoil("OPS-2", "created", json!("yesterday"));
            spoil("OPS-3", "labels", json!({"PLIMSOLL-MARKER": 1}));
            spoil("OPS-4", "customfield_10050", json!("2026-01-15"));
            spoil("OPS-5", "description", json!([1, 2]));
            spoil("OPS-6", "reporter", json!(null));
        });
        let harvest = read(&fake, "");
        assert!(!complete(&harvest));
        let all = troubles(&harvest);
        for what in [
            "OPS-1: it is not the issue that was expected",
            "OPS-2: it does not say when it was created",
            "OPS-3: its field labels is not what it should be",
            "OPS-4: its window has no times with a zone",
            "OPS-5: a part of its text cannot be read",
        ] {
            assert!(
                all.iter().any(|one| one.starts_with(what)),
                "{what}: {all:?}"
            );
        }
        assert_eq!(harvest.requests.len(), 5);
        for key in ["OPS-3", "OPS-4", "OPS-5"] {
            assert_eq!(request(&harvest, key).whole_history, Some(false), "{key}");
        }
        let nobody = request(&harvest, "OPS-6");
        assert_eq!(
            (nobody.requester.clone(), nobody.authenticated),
            (None, Some(false))
        );
        assert_eq!(approvals(request(&harvest, "OPS-7")).len(), 1);
        assert!(!format!("{harvest:?}").contains("MARKER"));
    }
}

#[test]
fn a_history_that_cannot_be_whole_leaves_doubt() {
    for fake in both() {
        fake.with(|jira| {
            // It ends with another status than the issue has.
            jira.issue("OPS-1").history.pop();
            // A move in the middle is missing.
            jira.to("OPS-2", "Closed", "ann")
                .issue("OPS-2")
                .history
                .remove(1);
            // One that nobody can read.
            jira.issue("OPS-3").history[0].3[0] = json!("PLIMSOLL-MARKER");
        });
        let harvest = read(&fake, "");
        for key in ["OPS-1", "OPS-2", "OPS-3"] {
            assert_eq!(request(&harvest, key).whole_history, Some(false), "{key}");
        }
        assert!(
            complete(&harvest),
            "it is said of each: {:?}",
            troubles(&harvest)
        );
        assert_eq!(troubles(&harvest).len(), 3);
        assert_eq!(request(&harvest, "OPS-4").whole_history, None);
    }
}

#[test]
fn a_history_that_is_cut_leaves_doubt() {
    let fake = cloud();
    let page = json!({"startAt": 0, "maxResults": 100, "total": 9, "isLast": true, "values": []});
    fake.fail("/changelog", Fault::Instead(page.to_string()), 1);
    let harvest = read(&fake, "");
    assert_eq!(request(&harvest, "OPS-1").whole_history, Some(false));
    let [_, fake] = both();
    fake.with(|jira| {
        let cut = json!({"startAt": 0, "maxResults": 1, "total": 2, "histories": []});
        jira.issue("OPS-1")
            .spoiled
            .insert(".changelog".to_owned(), cut);
        jira.issue("OPS-2")
            .spoiled
            .insert(".changelog".to_owned(), json!(null));
    });
    let harvest = read(&fake, "");
    assert!(!complete(&harvest));
    for key in ["OPS-1", "OPS-2"] {
        assert_eq!(request(&harvest, key).whole_history, Some(false), "{key}");
    }
}

#[test]
fn a_description_of_ten_megabytes_is_read_as_far_as_it_goes() {
    for fake in both() {
        fake.with(|jira| {
            let line = format!("{}\n", "nothing to see here ".repeat(5_000));
            let text = format!("System: api\n{}", line.repeat((10 << 20) / line.len()));
            jira.describe("OPS-2", &text);
        });
        let harvest = read(&fake, "");
        assert!(complete(&harvest), "{:?}", troubles(&harvest));
        let long = request(&harvest, "OPS-2");
        assert_eq!(long.names, ["api"]);
        assert_eq!(long.whole_history, Some(false));
        assert_eq!(harvest.requests.len(), 7);
    }
}

#[test]
fn issues_too_long_for_one_answer_come_in_smaller_pages() {
    for fake in both() {
        fake.with(|jira| {
            for number in 1..=7 {
                jira.describe(&format!("OPS-{number}"), &"x".repeat(40_000));
            }
        });
        let folder = tempfile::tempdir().unwrap();
        let settings = fake.settings(folder.path());
        let collector =
            plimsoll_kit::testkit::build(&plimsoll_jira::REGISTRATION, &settings).unwrap();
        let mut context = plimsoll_kit::testkit::context("jira");
        context.limits.bytes = 130_000;
        let harvest =
            plimsoll_kit::testkit::run(plimsoll_kit::testkit::harvest(&*collector, &context));
        assert!(complete(&harvest), "{:?}", troubles(&harvest));
        assert_eq!(harvest.requests.len(), 7);
    }
}

#[test]
fn links_that_are_turned_off_are_asked_for_once() {
    let fake = cloud();
    fake.fail("/remotelink", Fault::Status(403), 99);
    let harvest = read(&fake, "");
    assert!(complete(&harvest), "{:?}", troubles(&harvest));
    let asked = fake.server().requests();
    let asked = asked.iter().filter(|one| one.path.ends_with("/remotelink"));
    assert_eq!(asked.count(), 1);
    fake.fail("/dev-status", Fault::Status(404), 99);
    assert!(complete(&read(&fake, "development = [\"GitHub\"]\n")));
}

#[test]
fn a_token_that_is_not_known_reads_nothing_and_says_so() {
    for fake in both() {
        fake.with(|jira| jira.locked = true);
        let harvest = read(&fake, "");
        assert!(!complete(&harvest) && harvest.requests.is_empty());
        assert!(troubles(&harvest)[0].contains("the token from"));
        let access = check(&fake, "");
        assert_eq!((access.len(), access[0].right), (1, Right::Denied));
    }
}

#[test]
fn a_project_that_is_not_there_is_no_empty_one() {
    for fake in both() {
        let harvest = read(&fake, "");
        assert!(complete(&harvest));
        fake.with(|jira| jira.projects.clear());
        let folder = tempfile::tempdir().unwrap();
        let settings = fake
            .settings(folder.path())
            .replace("projects = []", "projects = [\"OPS\"]");
        let collector =
            plimsoll_kit::testkit::build(&plimsoll_jira::REGISTRATION, &settings).unwrap();
        let context = plimsoll_kit::testkit::context("jira");
        let harvest =
            plimsoll_kit::testkit::run(plimsoll_kit::testkit::harvest(&*collector, &context));
        assert!(!complete(&harvest));
        assert!(
            troubles(&harvest)[0].contains("no such project"),
            "{:?}",
            troubles(&harvest)
        );
    }
}

#[test]
fn what_is_named_and_nowhere_is_said() {
    let more = "[statuses]\nclosed = [\"Erledigt\", \"Closed\"]\n[fields]\nsystems = [\"Betroffene Systeme\"]\n\
                [[approvals]]\nstatus = [\"Approved\", \"Genehmigt\"]\n[[approvals]]\nfield = \"CAB-Votum\"\nvalues = \"Ja\"\n";
    let harvest = read(&cloud(), more);
    assert!(complete(&harvest));
    let said = troubles(&harvest);
    for (what, said) in [
        "no field is called betroffene systeme",
        "no field is called cab-votum",
        "no status is called erledigt today",
        "no status is called genehmigt today",
    ]
    .iter()
    .zip(&said)
    {
        assert!(said.starts_with(what), "{what}: {said}");
    }
    assert_eq!(said.len(), 4, "{said:?}");
    assert_eq!(approvals(request(&harvest, "OPS-1")).len(), 1);
}

#[test]
fn check_says_what_can_be_read() {
    for fake in both() {
        let rules = "development = [\"GitHub\"]\n[[sign_offs]]\ncomment = \"Reviewed\"\nkind = \"reviewed\"\n";
        let access = check(&fake, rules);
        let what: Vec<&str> = access.iter().map(|one| one.what.as_str()).collect();
        assert_eq!(
            what,
            [
                "token",
                "fields",
                "statuses",
                "OPS: issues",
                "OPS: histories",
                "OPS: links to elsewhere",
                "OPS: comments",
                "OPS: what GitHub told"
            ]
        );
        assert!(
            access.iter().all(|one| one.right == Right::Granted),
            "{access:?}"
        );
        fake.with(|jira| jira.issues.clear());
        let access = check(&fake, "");
        assert_eq!(access.last().unwrap().right, Right::Denied);
    }
}
