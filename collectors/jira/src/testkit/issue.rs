//! An issue of the fake.

use std::collections::BTreeMap;

use jiff::Timestamp;
use plimsoll_kit::testkit::MARKER;
use serde_json::{Value, json};

/// An entry of a history: its number, who, when, what was altered, and what else is told of it.
type Entry = (u64, String, Timestamp, Vec<Value>, Option<Value>);

/// An issue.
#[derive(Clone, Debug)]
pub struct Issue {
    /// Its number, which stays.
    pub id: u64,
    /// Its key.
    pub key: String,
    /// Its title.
    pub summary: String,
    /// Its text: on Cloud a paragraph a line.
    pub description: String,
    /// The id of its status.
    pub status: String,
    /// Its labels.
    pub labels: Vec<String>,
    /// Whom it is assigned to.
    pub assignee: Option<String>,
    /// Who asked for it.
    pub reporter: Option<String>,
    /// Who wrote it down.
    pub creator: String,
    /// Its other fields, by their ids.
    pub fields: BTreeMap<String, Value>,
    /// Keys of issues that it is linked with.
    pub links: Vec<String>,
    /// Where else it is linked to.
    pub urls: Vec<String>,
    /// What happened to it.
    pub history: Vec<Entry>,
    /// Its approval steps, with accounts in the place of users.
    pub steps: Vec<Value>,
    /// Its comments, likewise.
    pub comments: Vec<Value>,
    /// What a code host told of it.
    pub development: Option<Value>,
    /// When it was created.
    pub created: Timestamp,
    /// When it was altered last.
    pub updated: Timestamp,
    /// What takes the place of a member of the answer, for faults.
    pub spoiled: BTreeMap<String, Value>,
    /// The project that it was created in.
    pub(super) created_in: String,
}

impl Issue {
    pub(super) fn new(id: u64, key: &str, summary: &str, by: &str, at: Timestamp) -> Self {
        let project = key.split('-').next().unwrap_or_default();
        Self {
            id,
            key: key.to_owned(),
            summary: summary.to_owned(),
            description: format!("Nobody needs to see {MARKER}-description."),
            status: "1".to_owned(),
            labels: Vec::new(),
            assignee: None,
            reporter: Some(by.to_owned()),
            creator: by.to_owned(),
            fields: BTreeMap::new(),
            links: Vec::new(),
            urls: Vec::new(),
            history: Vec::new(),
            steps: Vec::new(),
            comments: Vec::new(),
            development: None,
            created: at,
            updated: at,
            spoiled: BTreeMap::new(),
            created_in: project.to_owned(),
        }
    }

    pub(super) fn ask(&mut self, id: u64, at: Timestamp, step: &str, approvers: &[&str]) {
        let approvers = approvers
            .iter()
            .map(|account| json!({"approver": account, "approverDecision": "pending"}));
        self.steps.push(json!({
            "id": id.to_string(), "name": step, "finalDecision": "pending", "canAnswerApproval": false,
            "approvers": approvers.collect::<Vec<_>>(), "createdDate": date(at),
        }));
        self.updated = at;
    }

    pub(super) fn answer(&mut self, at: Timestamp, name: &str, yes: bool, by: &str, last: bool) {
        let word = if yes { "approved" } else { "declined" };
        let open = self.steps.iter_mut().rev();
        let mut open = open.filter(|step| step["name"] == name);
        let step = open
            .next()
            .unwrap_or_else(|| panic!("there is no step {name}"));
        for approver in step["approvers"].as_array_mut().into_iter().flatten() {
            if approver["approver"] == by {
                approver["approverDecision"] = json!(word);
            }
        }
        if last {
            step["finalDecision"] = json!(word);
            step["completedDate"] = date(at);
        }
        self.updated = at;
    }

    pub(super) fn comment(&mut self, id: u64, at: Timestamp, text: &str, by: &str) {
        self.comments.push(json!({
            "id": id.to_string(), "author": by, "updateAuthor": by, "body": text,
            "created": stamp(at), "updated": stamp(at),
        }));
        self.updated = at;
    }
}

/// A time as Jira writes it: with milliseconds, and an offset without a colon.
pub(super) fn stamp(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S%.3f+0000").to_string()
}

/// A time as the service desk writes it.
fn date(at: Timestamp) -> Value {
    json!({"iso8601": at.strftime("%Y-%m-%dT%H:%M:%S+0000").to_string(), "jira": stamp(at),
        "friendly": "a while ago", "epochMillis": at.as_millisecond()})
}
