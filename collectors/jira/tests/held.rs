//! What Jira may rewrite, cut or leave out, and what is said then: the table in the README names these tests.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod common;

use common::*;
use plimsoll_jira::testkit::{FakeJira, Fault, Jira};
use plimsoll_kit::model::ChangeRequest;
use serde_json::json;

const RULES: &str = r#"
[[approvals]]
status = "Approved"
[[approvals]]
label = "ok"
[[approvals]]
field = "CAB decision"
values = ["Approved"]
[[approvals]]
field = "Approved by"
"#;

/// OPS-1 of both products, which waits for the CAB, after something was done with it.
fn read_after(act: impl Fn(&mut Jira)) -> [ChangeRequest; 2] {
    [FakeJira::cloud("OPS"), FakeJira::data_center("OPS")].map(|fake| {
        fake.with(|jira| {
            jira.at("2026-01-10T08:00:00Z").open("OPS", "x", "ann");
            jira.at("2026-01-11T08:00:00Z")
                .to("OPS-1", "Awaiting CAB", "ann");
            jira.at("2026-01-12T08:00:00Z");
            act(jira);
        });
        let harvest = read(&fake, RULES);
        assert!(complete(&harvest), "{:?}", troubles(&harvest));
        request(&harvest, "OPS-1").clone()
    })
}

fn is_whole(request: &ChangeRequest) {
    assert_eq!((request.whole_history, request.is_doubted()), (None, None));
}

fn is_doubted(request: &ChangeRequest, why: &str) {
    assert_eq!(request.whole_history, Some(false));
    let mut doubts = request.doubts.iter();
    assert!(
        doubts.any(|doubt| doubt.contains(why)),
        "{why}: {:?}",
        request.doubts
    );
}

/// Does something of which the history keeps nothing.
fn unseen(jira: &mut Jira, act: impl Fn(&mut Jira)) {
    let history = jira.issue("OPS-1").history.clone();
    act(jira);
    jira.issue("OPS-1").history = history;
}

#[test]
fn a_field_holds_what_its_history_ends_with() {
    type Act = fn(&mut Jira);
    let given: [(&str, Act, Act); 7] = [
        (
            "labels",
            |jira| {
                jira.labels("OPS-1", &["ok"], "kim");
            },
            |jira| {
                jira.labels("OPS-1", &[], "ann");
            },
        ),
        (
            "customfield_10055",
            |jira| {
                jira.edit("OPS-1", "CAB decision", "Approved", "kim");
            },
            |jira| {
                jira.edit("OPS-1", "CAB decision", "Rejected", "ann");
            },
        ),
        (
            "customfield_10056",
            |jira| {
                jira.name("OPS-1", "Approved by", "kim", "kim");
            },
            |jira| {
                jira.name("OPS-1", "Approved by", "lee", "ann");
            },
        ),
        (
            "summary",
            |jira| {
                jira.edit("OPS-1", "summary", "open 1", "ann");
            },
            |jira| {
                jira.edit("OPS-1", "summary", "open 2", "ann");
            },
        ),
        (
            "description",
            |jira| {
                let text = format!("Commit {}", "ab".repeat(20));
                jira.edit("OPS-1", "description", &text, "ann");
            },
            |jira| {
                let text = format!("Commit {}", "cd".repeat(20));
                jira.edit("OPS-1", "description", &text, "ann");
            },
        ),
        (
            "assignee",
            |jira| {
                jira.assign("OPS-1", "bob", "ann");
            },
            |jira| {
                jira.assign("OPS-1", "kim", "ann");
            },
        ),
        (
            "customfield_10053",
            |jira| {
                jira.edit("OPS-1", "Affected services", "api", "ann");
            },
            |jira| {
                jira.edit("OPS-1", "Affected services", "db", "ann");
            },
        ),
    ];
    for (field, seen, then) in given {
        for request in read_after(seen) {
            is_whole(&request);
        }
        for request in read_after(|jira| {
            seen(jira);
            unseen(jira, then);
        }) {
            is_doubted(&request, &format!("its field {field} does not hold"));
        }
    }
    // Another wording of the same is the same.
    for request in read_after(|jira| {
        jira.edit("OPS-1", "description", "System: api\nsoon", "ann");
        unseen(jira, |jira| {
            jira.edit("OPS-1", "description", "System: api\nlater", "ann");
        });
    }) {
        is_whole(&request);
    }
}

#[test]
fn a_field_goes_on_where_it_ended() {
    for request in read_after(|jira| {
        jira.labels("OPS-1", &["ok"], "kim");
        unseen(jira, |jira| {
            jira.labels("OPS-1", &[], "ann");
        });
        jira.labels("OPS-1", &["ok"], "lee");
    }) {
        is_doubted(&request, "a change of its field labels is missing");
    }
}

#[test]
fn a_status_that_nothing_leads_to_is_in_doubt() {
    for status in ["3", "5", "6", "7"] {
        for request in read_after(|jira| {
            jira.labels("OPS-1", &["ok"], "kim");
            let issue = jira.issue("OPS-1");
            issue.history.remove(0);
            issue.status = status.to_owned();
        }) {
            is_doubted(&request, "how it came to its status");
        }
    }
    // In the first one it was opened.
    for request in read_after(|jira| {
        let issue = jira.issue("OPS-1");
        issue.history.clear();
        issue.status = "1".to_owned();
    }) {
        is_whole(&request);
    }
}

/// Gives the last entries of a history one time, and their numbers the other way round.
fn at_once(jira: &mut Jira, many: usize) {
    let history = &mut jira.issue("OPS-1").history;
    let first = history.len() - many;
    let at = history[first].2;
    let numbers: Vec<u64> = history[first..].iter().rev().map(|one| one.0).collect();
    for (one, number) in history[first..].iter_mut().zip(numbers) {
        (one.0, one.2) = (number, at);
    }
}

#[test]
fn moves_of_one_moment_have_the_order_that_is_possible() {
    for request in read_after(|jira| {
        jira.to("OPS-1", "Scheduled", "ann")
            .to("OPS-1", "Approved", "kim");
        at_once(jira, 2);
    }) {
        is_whole(&request);
        assert_eq!(approvals(&request), ["kim at 2026-01-12T08:00:00Z"]);
    }
    // Approved and taken back: by the end it was, whatever the numbers say.
    for request in read_after(|jira| {
        jira.to("OPS-1", "Approved", "kim")
            .to("OPS-1", "Awaiting CAB", "ann");
        at_once(jira, 2);
    }) {
        is_whole(&request);
        assert_eq!(
            approvals(&request),
            ["kim at 2026-01-12T08:00:00Z, taken back by ann"]
        );
    }
    // By whom it was approved last nobody can say.
    for request in read_after(|jira| {
        jira.to("OPS-1", "Approved", "kim")
            .to("OPS-1", "Awaiting CAB", "ann")
            .to("OPS-1", "Approved", "lee");
        at_once(jira, 3);
    }) {
        is_doubted(&request, "two moves are of one moment");
    }
    // A label has its own order, and what a status takes back at once has none.
    for request in read_after(|jira| {
        jira.labels("OPS-1", &["ok"], "kim")
            .to("OPS-1", "Rejected", "ann");
        at_once(jira, 2);
    }) {
        let unsure = request
            .doubts
            .iter()
            .any(|doubt| doubt.contains("in one moment"));
        let stands = request.approvals.iter().any(|one| one.withdrawn.is_none());
        assert!(unsure || stands, "{request:?}");
    }
}

#[test]
fn a_move_by_a_program_makes_nobody_the_implementer() {
    for (name, implementers) in [("lee", vec!["lee"]), ("", Vec::new())] {
        for request in read_after(|jira| {
            jira.to("OPS-1", "Implementing", "lee");
            if name.is_empty() {
                let last = jira.issue("OPS-1").history.last_mut().unwrap();
                last.4 = Some(json!({"type": "automation"}));
            }
        }) {
            let all: Vec<&str> = request
                .implementers
                .iter()
                .map(|one| one.account.as_str())
                .collect();
            assert_eq!(all, implementers);
        }
    }
}

#[test]
fn the_desks_own_move_makes_nobody_the_implementer() {
    for request in read_after(|jira| {
        jira.projects
            .insert("OPS".to_owned(), "service_desk".to_owned());
        jira.set(
            "OPS-1",
            "Request Type",
            json!({"requestType": {"name": "Change"}}),
        );
        jira.ask("OPS-1", "CAB", &["kim"]);
        jira.answer("OPS-1", "CAB", true, "kim", Some("Implementing"));
    }) {
        assert!(request.implementers.is_empty(), "{request:?}");
        assert_eq!(request.approvals.len(), 1);
        assert!(request.approvals[0].withdrawn.is_none());
    }
}

#[test]
fn a_name_makes_no_program() {
    let fake = FakeJira::cloud("OPS");
    fake.with(|jira| {
        jira.at("2026-01-10T08:00:00Z").open("OPS", "x", "ann");
    });
    for (bots, bot) in [("The ann", false), ("ann", true)] {
        let harvest = read(&fake, &format!("bots = [\"{bots}\"]\n"));
        let asked = request(&harvest, "OPS-1").requester.clone().unwrap();
        assert_eq!(asked.bot, bot, "{bots}");
    }
}

#[test]
fn two_fields_of_one_name_approve_nothing() {
    for request in read_after(|jira| {
        jira.edit("OPS-1", "CAB decision", "Approved", "kim");
        let kind = "com.atlassian.jira.plugin.system.customfieldtypes:select";
        jira.fields.push((
            "customfield_10099".to_owned(),
            "CAB decision".to_owned(),
            kind.to_owned(),
        ));
        jira.issue("OPS-1")
            .fields
            .insert("customfield_10099".to_owned(), json!({"value": "Rejected"}));
    }) {
        is_doubted(&request, "two of its fields are called cab decision");
    }
}

#[test]
fn a_field_that_says_yes_and_no_says_no() {
    for request in read_after(|jira| {
        let value = json!([{"value": "Approved"}, {"value": "Rejected"}]);
        jira.edit("OPS-1", "CAB decision", "Approved, Rejected", "kim");
        jira.set("OPS-1", "CAB decision", value);
    }) {
        assert!(request.approvals.is_empty());
        is_doubted(&request, "yes and no at once");
    }
}

#[test]
fn a_page_that_does_not_say_that_it_is_the_last_one_is_not() {
    let fake = FakeJira::cloud("OPS");
    fake.with(|jira| {
        jira.at("2026-01-10T08:00:00Z").open("OPS", "x", "ann");
        jira.to("OPS-1", "Awaiting CAB", "ann")
            .to("OPS-1", "Approved", "kim");
    });
    let item = json!({"field": "status", "fieldId": "status", "fieldtype": "jira", "from": "1", "fromString": "To Do",
        "to": "2", "toString": "Awaiting CAB"});
    let page = json!({"values": [{"id": "1", "author": {"accountId": "ann"}, "created": "2026-01-10T08:00:01.000+0000",
        "items": [item]}]});
    fake.fail("/changelog", Fault::Instead(page.to_string()), 1);
    let harvest = read(&fake, "");
    let request = request(&harvest, "OPS-1");
    is_whole(request);
    assert_eq!(approvals(request).len(), 1);
}
