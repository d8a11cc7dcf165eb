//! What is done in Jira shows in the next harvest.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod common;

use common::*;
use plimsoll_jira::testkit::FakeJira;
use plimsoll_kit::model::ChangeRequest;
use serde_json::json;

const TEXT: &str = "Please open the port.\nSystem: api\nEnvironment: production\nWindow: 2026-01-15T20:00Z/2026-01-15T22:00Z";

/// OPS-1, asked for by ann, approved by kim.
fn approved(fake: &FakeJira) {
    fake.with(|jira| {
        jira.at("2026-01-10T08:00:00Z")
            .open("OPS", "Open port 8443 of api", "ann");
        jira.describe("OPS-1", TEXT);
        jira.at("2026-01-11T08:00:00Z")
            .to("OPS-1", "Awaiting CAB", "ann");
        jira.at("2026-01-12T08:00:00Z")
            .to("OPS-1", "Approved", "kim");
    });
}

fn both() -> [FakeJira; 2] {
    [FakeJira::cloud("OPS"), FakeJira::data_center("OPS")]
}

#[test]
fn an_issue_goes_its_way_from_the_asking_to_the_end() {
    for fake in both() {
        approved(&fake);
        fake.with(|jira| {
            jira.at("2026-01-13T08:00:00Z")
                .assign("OPS-1", "bob", "ann");
            jira.at("2026-01-15T20:30:00Z")
                .to("OPS-1", "Implementing", "bob");
            jira.at("2026-01-15T21:00:00Z")
                .to("OPS-1", "Implemented", "bob");
            jira.at("2026-01-16T08:00:00Z")
                .assign("OPS-1", "kim", "kim")
                .to("OPS-1", "Closed", "kim");
        });
        let harvest = read(&fake, "");
        assert!(complete(&harvest), "{:?}", troubles(&harvest));
        let request = request(&harvest, "OPS-1");
        assert_eq!(request.title, "Open port 8443 of api");
        assert_eq!(request.requester.as_ref().unwrap().account, "ann");
        assert_eq!(request.names, ["api"]);
        assert_eq!(request.environments, ["production"]);
        assert_eq!(
            request.window.unwrap().0.to_string(),
            "2026-01-15T20:00:00Z"
        );
        assert_eq!(approvals(request), ["kim at 2026-01-12T08:00:00Z"]);
        assert_eq!(
            states(request),
            [
                "Awaiting CAB",
                "approved",
                "implementing",
                "implemented",
                "closed"
            ]
        );
        // Whoever it is given to after it is done does not carry it out.
        let implementers = request.implementers.iter().map(|one| one.account.as_str());
        assert_eq!(implementers.collect::<Vec<_>>(), ["bob"]);
        assert_eq!(edits(request), ["implementers", "implementers"]);
        assert_eq!(request.whole_history, None);
        assert_eq!(
            request.url.as_deref(),
            Some("https://jira.example/browse/OPS-1")
        );
        assert_eq!(request.scope, "OPS");
    }
}

#[test]
fn an_approval_that_is_taken_back_shows_with_who_and_when() {
    for fake in both() {
        approved(&fake);
        fake.with(|jira| {
            jira.at("2026-01-13T08:00:00Z")
                .to("OPS-1", "Awaiting CAB", "ann");
        });
        let harvest = read(&fake, "");
        let first = request(&harvest, "OPS-1");
        assert_eq!(
            approvals(first),
            ["kim at 2026-01-12T08:00:00Z, taken back by ann"]
        );
        assert_eq!(states(first), ["Awaiting CAB", "approved", "reopened"]);
        let back = first.approvals[0].withdrawn.as_ref().unwrap();
        assert_eq!(back.at.unwrap().to_string(), "2026-01-13T08:00:00Z");
        fake.with(|jira| {
            jira.at("2026-01-14T08:00:00Z")
                .to("OPS-1", "Approved", "lee");
            jira.at("2026-01-14T09:00:00Z")
                .to("OPS-1", "Scheduled", "ann");
        });
        let harvest = read(&fake, "");
        let again = request(&harvest, "OPS-1");
        assert_eq!(
            approvals(again),
            [
                "kim at 2026-01-12T08:00:00Z, taken back by ann",
                "lee at 2026-01-14T08:00:00Z"
            ],
            "a status in which approvals stand takes none back"
        );
    }
}

#[test]
fn whatever_is_edited_later_is_told() {
    for fake in both() {
        approved(&fake);
        fake.with(|jira| {
            jira.at("2026-01-13T08:00:00Z");
            jira.edit("OPS-1", "summary", "Open all ports", "ann");
            jira.edit("OPS-1", "description", "System: db", "ann");
            jira.edit("OPS-1", "Affected services", "db", "ann");
            jira.edit("OPS-1", "Planned start date", "x", "ann");
            jira.labels("OPS-1", &["net"], "ann");
            jira.labels("OPS-1", &["net", "hotfix"], "ann");
            jira.edit("OPS-1", "Change type", "Emergency", "ann");
            jira.edit("OPS-1", "Root cause", "A fan", "bob");
            jira.edit("OPS-1", "Sprint", "Sprint 2", "ann");
            jira.edit("OPS-1", "Rank", "Ranked higher", "ann");
            // Called as one of the system's own, and none of them.
            jira.edit("OPS-1", "Resolution", "1080p", "ann");
            jira.note(
                "OPS-1",
                "ann",
                "attachment",
                "Attachment",
                ("", ""),
                ("7", "plan.pdf"),
            );
            jira.note(
                "OPS-1",
                "ann",
                "priority",
                "priority",
                ("", "Low"),
                ("", "High"),
            );
            jira.note(
                "OPS-1",
                "ann",
                "resolution",
                "resolution",
                ("", ""),
                ("1", "Done"),
            );
        });
        let harvest = read(&fake, "");
        let request = request(&harvest, "OPS-1");
        assert_eq!(
            edits(request),
            [
                "title",
                "assets",
                "description",
                "environments",
                "window",
                "assets",
                "window",
                "labels",
                "emergency",
                "emergency",
                "priority",
                "priority",
                "Resolution",
                "Attachment",
                "priority",
                "outcome"
            ]
        );
        assert!(request.emergency);
        let signed = &request.sign_offs[0];
        assert_eq!(
            (
                signed.by.account.as_str(),
                signed.kind.as_str(),
                signed.root_cause
            ),
            ("bob", "documented", true)
        );
        assert!(
            request
                .edits
                .iter()
                .all(|edit| edit.at.is_some() && edit.by.is_some())
        );
    }
}

#[test]
fn a_text_that_says_more_afterwards_is_more_than_a_text() {
    for fake in both() {
        approved(&fake);
        fake.with(|jira| {
            jira.at("2026-01-16T08:00:00Z");
            jira.edit(
                "OPS-1",
                "description",
                &format!("{TEXT}\nThat is all."),
                "ann",
            );
            jira.edit(
                "OPS-1",
                "description",
                &format!("{TEXT}\nEmergency: yes"),
                "ann",
            );
            jira.edit("OPS-1", "description", "Emergency: yes\nSee OPS-9", "ann");
        });
        let harvest = read(&fake, "");
        assert_eq!(
            edits(request(&harvest, "OPS-1")),
            [
                "description",
                "description",
                "emergency",
                "assets",
                "description",
                "environments",
                "links",
                "window"
            ]
        );
    }
}

const RULES: &str = r#"
[[approvals]]
status = "Approved"
from = "Awaiting CAB"
[[approvals]]
label = "security-approved"
kind = "security"
[[approvals]]
field = "CAB decision"
values = ["Approved"]
kind = "cab"
[[approvals]]
field = "Approved by"
[[sign_offs]]
status = "QA passed"
kind = "qa"
[[sign_offs]]
comment = "Reviewed:"
kind = "reviewed"
[[sign_offs]]
label = "announced"
kind = "announced"
"#;

#[test]
fn rules_say_what_an_approval_is() {
    for fake in both() {
        fake.with(|jira| {
            jira.at("2026-01-10T08:00:00Z").open("OPS", "x", "ann");
            // Not by the way that means approval.
            jira.at("2026-01-11T08:00:00Z")
                .to("OPS-1", "Approved", "ann");
            jira.at("2026-01-12T08:00:00Z")
                .labels("OPS-1", &["Security-Approved", "net"], "sue");
            jira.at("2026-01-13T08:00:00Z")
                .edit("OPS-1", "CAB decision", "Approved", "kim");
            jira.at("2026-01-14T08:00:00Z")
                .name("OPS-1", "Approved by", "lee", "lee");
            jira.at("2026-01-14T09:00:00Z").open("OPS", "y", "ann");
            jira.name("OPS-2", "Approved by", "lee", "ann");
        });
        let harvest = read(&fake, RULES);
        let first = request(&harvest, "OPS-1");
        assert_eq!(
            approvals(first),
            [
                "sue at 2026-01-12T08:00:00Z as security",
                "kim at 2026-01-13T08:00:00Z as cab",
                "lee at 2026-01-14T08:00:00Z"
            ]
        );
        assert_eq!(edits(first), ["labels"], "the other label alone is an edit");
        assert_eq!(states(first), ["Approved"]);
        let second = request(&harvest, "OPS-2");
        assert_eq!(
            approvals(second),
            ["lee at no known time"],
            "another put the name there"
        );
        fake.with(|jira| {
            jira.at("2026-01-15T08:00:00Z")
                .labels("OPS-1", &["net"], "sue");
            jira.edit("OPS-1", "CAB decision", "Deferred", "kim");
        });
        let harvest = read(&fake, RULES);
        assert_eq!(
            approvals(request(&harvest, "OPS-1")),
            [
                "sue at 2026-01-12T08:00:00Z as security, taken back by sue",
                "kim at 2026-01-13T08:00:00Z as cab, taken back by kim",
                "lee at 2026-01-14T08:00:00Z"
            ]
        );
    }
}

#[test]
fn rules_say_what_a_confirmation_is() {
    for fake in both() {
        fake.with(|jira| {
            jira.at("2026-01-10T08:00:00Z").open("OPS", "x", "ann");
            jira.at("2026-01-11T08:00:00Z")
                .to("OPS-1", "QA passed", "quin");
            jira.at("2026-01-12T08:00:00Z").comment(
                "OPS-1",
                "Reviewed: PLIMSOLL-MARKER-comment",
                "sue",
            );
            jira.at("2026-01-13T08:00:00Z")
                .comment("OPS-1", "Not reviewed: yet", "sue");
            jira.at("2026-01-14T08:00:00Z")
                .labels("OPS-1", &["announced"], "ann");
        });
        let said = |request: &ChangeRequest| -> Vec<String> {
            let all = request.sign_offs.iter();
            all.map(|one| format!("{} by {} at {}", one.kind, one.by.account, one.at.unwrap()))
                .collect()
        };
        let harvest = read(&fake, RULES);
        assert_eq!(
            said(request(&harvest, "OPS-1")),
            [
                "qa by quin at 2026-01-11T08:00:00Z",
                "reviewed by sue at 2026-01-12T08:00:00Z",
                "announced by ann at 2026-01-14T08:00:00Z"
            ]
        );
        fake.with(|jira| {
            let comment = &mut jira.issue("OPS-1").comments[0];
            // Altered by another: then nobody confirmed it.
            comment["updateAuthor"] = json!("ann");
            jira.at("2026-01-15T08:00:00Z").labels("OPS-1", &[], "ann");
            jira.to("OPS-1", "Rejected", "kim");
        });
        let harvest = read(&fake, RULES);
        assert_eq!(said(request(&harvest, "OPS-1")), [""; 0]);
    }
}

#[test]
fn only_what_was_altered_since_is_read_again_and_then_whole() {
    for fake in both() {
        approved(&fake);
        fake.with(|jira| {
            jira.at("2026-01-12T09:00:00Z")
                .open("OPS", "Another", "ann");
        });
        let first = read(&fake, "");
        assert_eq!(first.requests.len(), 2);
        let quiet = read_since(&fake, "", Some("2026-01-20T12:00:00Z"));
        assert!(quiet.requests.is_empty() && complete(&quiet));
        fake.with(|jira| {
            // Seen late, and still within the overlap of an hour.
            jira.at("2026-01-20T11:30:00Z")
                .to("OPS-1", "Awaiting CAB", "ann");
        });
        let later = read_since(&fake, "", Some("2026-01-20T12:00:00Z"));
        assert_eq!(later.requests.len(), 1);
        let request = request(&later, "OPS-1");
        assert_eq!(
            approvals(request),
            ["kim at 2026-01-12T08:00:00Z, taken back by ann"]
        );
        let asked = fake.server().requests();
        let query = asked
            .iter()
            .rfind(|one| one.path.contains("/search"))
            .unwrap();
        // 2026-01-20T11:00:00Z, as a number without quotes.
        assert!(
            query
                .query
                .contains("updated%20%3E%3D%201768906800000%20ORDER"),
            "{}",
            query.query
        );
    }
}

#[test]
fn a_program_and_a_deleted_account_are_told() {
    let fake = FakeJira::cloud("OPS");
    fake.with(|jira| {
        jira.apps.insert("robot".to_owned());
        jira.at("2026-01-10T08:00:00Z").open("OPS", "x", "ann");
        jira.at("2026-01-11T08:00:00Z")
            .to("OPS-1", "Approved", "robot");
        jira.open("OPS", "y", "ann");
        jira.at("2026-01-12T08:00:00Z")
            .to("OPS-2", "Approved", "kim");
        // A rule acted in kim's name.
        let entry = jira.issue("OPS-2").history.last_mut().unwrap();
        entry.4 = Some(
            json!({"type": "automation", "generator": {"id": "rule-7", "type": "automation"}}),
        );
        jira.open("OPS", "z", "ann");
        jira.at("2026-01-13T08:00:00Z")
            .to("OPS-3", "Approved", "gone");
        jira.delete_user("gone");
    });
    let harvest = read(&fake, "");
    assert_eq!(
        approvals(request(&harvest, "OPS-1")),
        ["robot (bot) at 2026-01-11T08:00:00Z"]
    );
    assert_eq!(
        approvals(request(&harvest, "OPS-2")),
        ["kim (bot) at 2026-01-12T08:00:00Z"]
    );
    assert_eq!(
        approvals(request(&harvest, "OPS-3")),
        ["unknown at 2026-01-13T08:00:00Z"]
    );
    assert!(complete(&harvest));
    assert_eq!(
        troubles(&harvest),
        [
            "OPS-2: an approval was given by a rule or an app in somebody's name, and so by a program",
            "OPS-3: an approval is by an account that was deleted, so nobody can say whose it was"
        ]
    );
    let own = FakeJira::data_center("OPS");
    approved(&own);
    let harvest = read(&own, "bots = [\"kim\"]\n");
    assert_eq!(
        approvals(request(&harvest, "OPS-1")),
        ["kim (bot) at 2026-01-12T08:00:00Z"]
    );
}

#[test]
fn links_lead_to_other_requests_and_circles_end() {
    for fake in both() {
        fake.with(|jira| {
            jira.at("2026-01-10T08:00:00Z");
            for key in ["OPS-1", "OPS-2", "OPS-3"] {
                jira.open("OPS", &format!("{key} in a circle"), "ann");
            }
            jira.link("OPS-1", "OPS-2", "ann");
            jira.link("OPS-2", "OPS-3", "ann").link("OPS-3", "OPS-1", "ann");
            jira.link("OPS-1", "OPS-1", "ann");
            jira.link_to("OPS-1", "https://github.com/acme/infra/pull/42/files", "ann");
            jira.link_to("OPS-1", "https://git.example/g/p/-/merge_requests/7", "ann");
            jira.issue("OPS-1").development = Some(json!({"errors": [], "detail": [{
                "pullRequests": [{"id": "#43", "url": "https://github.com/acme/infra/pull/43"}],
                "repositories": [{"name": "infra", "commits": [{"id": "ABCDEF0123456789abcdef0123456789abcdef01"}, {"id": "abc"}]}]}]}));
        });
        let harvest = read(&fake, "development = [\"GitHub\"]\n");
        assert!(complete(&harvest), "{:?}", troubles(&harvest));
        let links = &request(&harvest, "OPS-1").links;
        assert_eq!(
            links.requests,
            ["OPS-2", "OPS-3", "acme/infra#42", "acme/infra#43", "g/p!7"]
        );
        assert!(
            links.commits.is_empty(),
            "what a message alone says of an issue is not the issue's own"
        );
    }
}

#[test]
fn a_commit_that_is_linked_counts_from_when_the_history_tells() {
    let url = "https://git.example/acme/infra/commit/abcdef0123456789abcdef0123456789abcdef01";
    for fake in both() {
        approved(&fake);
        fake.with(|jira| {
            jira.at("2026-01-13T08:00:00Z").link_to("OPS-1", url, "bob");
            jira.open("OPS", "linked, and nobody says when", "ann");
            jira.issue("OPS-2").urls.push(url.to_owned());
        });
        let harvest = read(&fake, "");
        let told = request(&harvest, "OPS-1");
        assert_eq!(told.links.commits.len(), 1);
        assert_eq!(edits(told), ["links"]);
        assert!(request(&harvest, "OPS-2").links.commits.is_empty());
    }
}

#[test]
fn an_issue_that_moved_is_found_by_both_its_keys() {
    let fake = FakeJira::cloud("OPS");
    approved(&fake);
    fake.with(|jira| {
        jira.projects
            .insert("NET".to_owned(), "software".to_owned());
        jira.at("2026-01-13T08:00:00Z");
        let key = jira.move_to("OPS-1", "NET", "ann");
        jira.to(&key, "Rejected", "kim");
    });
    let harvest = read(&fake, "");
    let keys: Vec<&str> = harvest.requests.iter().map(|one| one.id.as_str()).collect();
    assert_eq!(keys, ["NET-100", "OPS-1"]);
    // Whoever knows the old key must not go on seeing the approval.
    for key in keys {
        let request = request(&harvest, key);
        assert_eq!(
            approvals(request),
            ["kim at 2026-01-12T08:00:00Z, taken back by kim"]
        );
    }
}

#[test]
fn a_renamed_status_approves_nothing_but_by_its_id() {
    for fake in both() {
        approved(&fake);
        fake.with(|jira| {
            // "Approved" is called otherwise today, and another has its name.
            jira.statuses.get_mut("3").unwrap().0 = "Draft".to_owned();
            jira.statuses.get_mut("2").unwrap().0 = "Approved".to_owned();
        });
        let harvest = read(&fake, "");
        let request = request(&harvest, "OPS-1");
        // Neither by what was called so then, nor by what is called so today.
        assert_eq!(approvals(request), [""; 0]);
        assert_eq!(states(request), ["Approved", "Draft"]);
        let harvest = read(&fake, "[[approvals]]\nstatus = [\"3\"]\n");
        assert_eq!(
            approvals(common::request(&harvest, "OPS-1")),
            ["kim at 2026-01-12T08:00:00Z"]
        );
    }
}
