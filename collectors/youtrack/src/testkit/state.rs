//! What the fake knows, and what can be done to it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::issue::Issue;

/// Everything in the fake.
#[derive(Clone, Debug)]
pub struct State {
    /// The projects by their short names, and whether each is archived.
    pub projects: BTreeMap<String, bool>,
    /// The issues in the order in which they were opened.
    pub issues: Vec<Issue>,
    /// The most rows of a page, whatever is asked for.
    pub page: usize,
    /// What has no order comes in another: projects, fields, tags.
    pub shuffled: bool,
    /// How many hours the time zone of the token's owner is ahead of UTC.
    pub zone: i64,
    /// The word of the search language for `updated`; others find nothing.
    pub word: String,
    /// Whether it knows of pull requests.
    pub pull_requests: bool,
    /// Whether the token is good.
    pub token: bool,
    /// Who acts from now on, by login; nobody who is named where it is empty.
    pub who: String,
    /// What time it is.
    pub now: Timestamp,
    next: u64,
}

impl State {
    pub(super) fn new(project: &str) -> Self {
        Self {
            projects: BTreeMap::from([(project.to_owned(), false)]),
            issues: Vec::new(),
            page: 100,
            shuffled: false,
            zone: 0,
            word: "updated".to_owned(),
            pull_requests: true,
            token: true,
            who: "sam".to_owned(),
            now: Timestamp::UNIX_EPOCH,
            next: 1,
        }
    }

    /// From now on it is this time, and somebody acts.
    ///
    /// # Panics
    /// When it is no time.
    pub fn at(&mut self, now: &str, who: &str) -> &mut Self {
        self.now = now.parse().expect("a time");
        self.who = who.to_owned();
        self
    }

    /// Opens an issue, and gives its place.
    pub fn open(&mut self, project: &str, summary: &str) -> usize {
        self.projects.entry(project.to_owned()).or_default();
        let number = self
            .issues
            .iter()
            .filter(|issue| issue.project == project)
            .count()
            + 1;
        let issue = Issue {
            id: format!("2-{}", self.issues.len() + 10),
            readable: format!("{project}-{number}"),
            project: project.to_owned(),
            summary: Value::from(summary),
            description: Value::Null,
            created: self.now.as_millisecond().into(),
            updated: self.now.as_millisecond(),
            reporter: self.user(),
            tags: Vec::new(),
            fields: vec![field("State", "Submitted"), field("Priority", "Normal")],
            linked: Vec::new(),
            events: Vec::new(),
        };
        self.issues.push(issue);
        self.issues.len() - 1
    }

    /// Who acts now, as the API shows an account.
    pub fn user(&self) -> Value {
        user(&self.who)
    }

    /// Notes an event of an issue, which thereby is updated.
    pub(super) fn event(
        &mut self,
        at: usize,
        category: &str,
        field: Value,
        removed: Value,
        added: Value,
    ) {
        let event = json!({
            "id": format!("3-{}.0-0", self.next), "$type": "ActivityItem", "timestamp": self.now.as_millisecond(), "author": self.user(),
            "category": {"id": category, "$type": "ActivityCategory"}, "field": field, "removed": removed, "added": added,
        });
        self.next += 1;
        self.issues[at].events.push(event);
        self.issues[at].updated = self.now.as_millisecond();
    }
}

/// An account as the API shows it; null where nobody is named.
pub(super) fn user(login: &str) -> Value {
    if login.is_empty() {
        return Value::Null;
    }
    let number = login
        .bytes()
        .fold(0_u64, |sum, byte| (sum * 31 + u64::from(byte)) % 10_000);
    json!({"$type": "User", "id": format!("1-{number}"), "login": login, "fullName": format!("{} Sample", login.to_uppercase()),
        "guest": login == "guest", "email": format!("{}@example.com", plimsoll_kit::testkit::MARKER)})
}

/// A field of values.
fn field(name: &str, value: &str) -> Value {
    json!({"$type": "StateIssueCustomField", "name": name, "value": super::issue::value(value)})
}
