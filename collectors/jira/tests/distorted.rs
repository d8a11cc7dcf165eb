//! Whatever is dropped, repeated, put in another order or cut in whatever answer: nothing gets better by it, and no doubt is gone.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod common;

use common::*;
use plimsoll_jira::testkit::{FakeJira, Jira};
use plimsoll_kit::testkit::distort::{assert_never_better, is_approved, is_in_doubt};
use serde_json::json;

const RULES: &str = "remote_links = false\n[[approvals]]\nstatus = \"Approved\"\n[[approvals]]\nlabel = \"ok\"\n\
    [[approvals]]\nfield = \"CAB decision\"\nvalues = [\"Approved\"]\n[[approvals]]\nfield = \"Approved by\"\n";

fn issue(act: fn(&mut Jira)) -> FakeJira {
    let fake = FakeJira::cloud("OPS");
    fake.with(|jira| {
        // What means nothing here only takes time.
        let means = ["CAB decision", "Approved by", "Request Type"];
        jira.fields
            .retain(|(_, name, _)| means.contains(&name.as_str()));
        jira.statuses
            .retain(|id, _| ["1", "2", "3", "7", "8"].contains(&id.as_str()));
        jira.at("2026-01-10T08:00:00Z").open("OPS", "x", "ann");
        jira.describe("OPS-1", "System: api");
        jira.at("2026-01-11T08:00:00Z")
            .to("OPS-1", "Awaiting CAB", "ann");
        jira.at("2026-01-12T08:00:00Z");
        act(jira);
    });
    fake
}

fn assert_held(fake: &FakeJira, parts: &[&str]) -> usize {
    assert_never_better(
        fake.server(),
        |request| parts.iter().any(|part| request.target().contains(part)),
        |_, _| true,
        || read(fake, RULES),
    )
}

#[test]
fn no_distortion_of_an_answer_makes_a_verdict_better() {
    let cases: [fn(&mut Jira); 7] = [
        |jira| {
            jira.to("OPS-1", "Approved", "kim")
                .to("OPS-1", "Awaiting CAB", "ann");
        },
        |jira| {
            jira.to("OPS-1", "Approved", "kim")
                .to("OPS-1", "Rejected", "ann");
        },
        |jira| {
            jira.to("OPS-1", "Approved", "kim")
                .edit("OPS-1", "summary", "y", "ann");
        },
        |jira| {
            jira.labels("OPS-1", &["ok"], "kim")
                .labels("OPS-1", &[], "ann");
        },
        |jira| {
            jira.edit("OPS-1", "CAB decision", "Approved", "kim").edit(
                "OPS-1",
                "CAB decision",
                "Rejected",
                "ann",
            );
        },
        |jira| {
            jira.projects
                .insert("OPS".to_owned(), "service_desk".to_owned());
            let kind = json!({"requestType": {"name": "Change"}});
            jira.set("OPS-1", "Request Type", kind);
            jira.ask("OPS-1", "CAB", &["kim"]);
            jira.answer("OPS-1", "CAB", true, "kim", Some("Scheduled"))
                .to("OPS-1", "Rejected", "ann");
        },
        // In doubt: approved, of which the history knows nothing.
        |jira| {
            jira.to("OPS-1", "Approved", "kim");
            jira.issue("OPS-1").history.pop();
        },
    ];
    for (at, act) in cases.into_iter().enumerate() {
        let fake = issue(act);
        let harvest = read(&fake, RULES);
        assert!(!is_approved(request(&harvest, "OPS-1")), "{at}");
        assert_eq!(is_in_doubt(request(&harvest, "OPS-1")), at > 5, "{at}");
        // What fields and statuses mean is the same for all.
        let parts: &[&str] = match at {
            0 | 6 => &[""],
            // What it holds now matters where something is held by a label or a field.
            3 | 4 => &["/changelog", "/search"],
            _ => &["/changelog", "/approval"],
        };
        let reads = assert_held(&fake, parts);
        assert!(reads > 4, "{reads}");
    }
}

#[test]
fn no_distortion_of_an_approved_issue_approves_more() {
    let fake = issue(|jira| {
        jira.to("OPS-1", "Approved", "kim");
    });
    assert!(is_approved(request(&read(&fake, RULES), "OPS-1")));
    assert_held(&fake, &["/changelog", "/search"]);
}
