//! A service desk's approval steps.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod common;

use common::*;
use plimsoll_jira::testkit::{FakeJira, Fault};
use plimsoll_kit::Right;
use serde_json::json;

/// A service desk with OPS-1, which waits for the answers of kim and lee.
fn desks() -> [FakeJira; 2] {
    [FakeJira::cloud("OPS"), FakeJira::data_center("OPS")].map(|fake| {
        fake.with(|jira| {
            jira.projects
                .insert("OPS".to_owned(), "service_desk".to_owned());
            jira.at("2026-01-10T08:00:00Z")
                .open("OPS", "Open a port", "ann");
            jira.set(
                "OPS-1",
                "Request Type",
                json!({"requestType": {"name": "Change"}}),
            );
            jira.at("2026-01-11T08:00:00Z")
                .to("OPS-1", "Awaiting CAB", "ann");
            jira.ask("OPS-1", "CAB", &["kim", "lee", "mia"]);
        });
        fake
    })
}

#[test]
fn the_yes_that_completed_a_step_has_its_time_and_an_earlier_one_has_none() {
    for fake in desks() {
        fake.with(|jira| {
            jira.at("2026-01-12T08:00:00Z")
                .answer("OPS-1", "CAB", true, "kim", None);
            jira.at("2026-01-12T10:00:00Z")
                .answer("OPS-1", "CAB", true, "lee", Some("Scheduled"));
        });
        let harvest = read(&fake, "");
        assert!(complete(&harvest), "{:?}", troubles(&harvest));
        let request = request(&harvest, "OPS-1");
        assert_eq!(
            approvals(request),
            ["lee at 2026-01-12T10:00:00Z", "kim at no known time"]
        );
        assert_eq!(request.whole_history, None);
    }
}

#[test]
fn the_move_of_a_step_takes_nothing_back_and_the_next_one_does() {
    for fake in desks() {
        fake.with(|jira| {
            // The status is named nowhere in the settings.
            jira.at("2026-01-12T10:00:00Z")
                .answer("OPS-1", "CAB", true, "lee", Some("In QA"));
        });
        let harvest = read(&fake, "");
        assert_eq!(
            approvals(request(&harvest, "OPS-1")),
            ["lee at 2026-01-12T10:00:00Z"]
        );
        fake.with(|jira| {
            jira.at("2026-01-12T10:00:05Z")
                .to("OPS-1", "Awaiting CAB", "lee");
        });
        let harvest = read(&fake, "");
        assert_eq!(
            approvals(request(&harvest, "OPS-1")),
            ["lee at 2026-01-12T10:00:00Z, taken back by lee"]
        );
    }
}

#[test]
fn a_step_that_is_open_is_no_approval_and_a_no_is_a_refusal() {
    for fake in desks() {
        fake.with(|jira| {
            jira.at("2026-01-12T08:00:00Z")
                .answer("OPS-1", "CAB", true, "kim", None);
        });
        let harvest = read(&fake, "");
        assert!(request(&harvest, "OPS-1").approvals.is_empty());
        fake.with(|jira| {
            jira.at("2026-01-12T09:00:00Z")
                .answer("OPS-1", "CAB", false, "lee", Some("Rejected"));
        });
        let harvest = read(&fake, "");
        let request = request(&harvest, "OPS-1");
        assert!(request.approvals.is_empty());
        assert_eq!(states(request), ["Awaiting CAB", "rejected", "rejected"]);
    }
}

#[test]
fn a_step_and_the_move_to_approved_are_one_yes() {
    for fake in desks() {
        fake.with(|jira| {
            jira.at("2026-01-12T10:00:00Z")
                .answer("OPS-1", "CAB", true, "lee", Some("Approved"));
        });
        let rules = "[[approvals]]\nstatus = \"Approved\"\n[[approvals]]\nservice_desk = \"cab\"\nkind = \"security\"\n";
        let harvest = read(&fake, rules);
        assert_eq!(
            approvals(request(&harvest, "OPS-1")),
            ["lee at 2026-01-12T10:00:00Z as security"]
        );
    }
}

#[test]
fn approvals_that_may_not_be_read_are_a_trouble() {
    for fake in desks() {
        fake.with(|jira| {
            jira.at("2026-01-12T10:00:00Z")
                .to("OPS-1", "Approved", "lee");
        });
        fake.fail("/approval", Fault::Status(403), 9);
        let harvest = read(&fake, "");
        assert!(!complete(&harvest));
        let request = request(&harvest, "OPS-1");
        assert_eq!(request.whole_history, Some(false));
        let access = check(&fake, "");
        let denied = access
            .iter()
            .find(|one| one.right == Right::Denied)
            .unwrap();
        assert_eq!(denied.what, "OPS: service desk approvals");
        let harvest = read(&fake, "service_desk = \"never\"\n");
        assert!(complete(&harvest));
    }
}

#[test]
fn an_issue_that_is_no_request_of_the_desk_has_none() {
    for fake in desks() {
        fake.with(|jira| {
            jira.set("OPS-1", "Request Type", json!(null));
        });
        fake.fail("/approval", Fault::Status(404), 9);
        let harvest = read(&fake, "");
        assert!(complete(&harvest), "{:?}", troubles(&harvest));
        assert_eq!(request(&harvest, "OPS-1").whole_history, None);
        fake.with(|jira| {
            // Where no field says so, it may be one that is out of sight.
            jira.fields.retain(|(_, name, _)| name != "Request Type");
        });
        let harvest = read(&fake, "");
        assert!(complete(&harvest), "{:?}", troubles(&harvest));
        assert_eq!(request(&harvest, "OPS-1").whole_history, Some(false));
    }
}
