//! One issue, and what can be done to it.

use plimsoll_kit::testkit::MARKER;
use serde_json::{Value, json};

use super::state::{State, user};

/// An issue as the fake keeps it. What is a [`Value`] can be made to be anything.
#[derive(Clone, Debug)]
pub struct Issue {
    /// Its id in the database.
    pub id: String,
    /// Its id for people.
    pub readable: String,
    /// The short name of its project.
    pub project: String,
    /// Its title.
    pub summary: Value,
    /// Its text.
    pub description: Value,
    /// When it was opened, in milliseconds.
    pub created: Value,
    /// When it was last altered, in milliseconds.
    pub updated: i64,
    /// Who opened it.
    pub reporter: Value,
    /// Its tags.
    pub tags: Vec<String>,
    /// Its custom fields as the API shows them.
    pub fields: Vec<Value>,
    /// The ids of the issues that it is linked with.
    pub linked: Vec<String>,
    /// What happened to it, as the API shows it.
    pub events: Vec<Value>,
}

impl State {
    /// Sets a field that holds one value.
    pub fn set(&mut self, at: usize, name: &str, to: &str) {
        self.put(
            at,
            name,
            "SingleEnumIssueCustomField",
            json!([value(to)]),
            value(to),
        );
    }

    /// Moves an issue to a state.
    pub fn state(&mut self, at: usize, to: &str) {
        self.set(at, "State", to);
    }

    /// Sets a field that holds a person, or empties it.
    pub fn person(&mut self, at: usize, name: &str, login: &str) {
        let kind = "SingleUserIssueCustomField";
        let added = match user(login) {
            Value::Null => json!([]),
            user => json!([user]),
        };
        self.put(at, name, kind, added, user(login));
    }

    /// Sets a field of date and time.
    ///
    /// # Panics
    /// When it is no time.
    pub fn moment(&mut self, at: usize, name: &str, time: &str) {
        let time: jiff::Timestamp = time.parse().expect("a time");
        let time = time.as_millisecond();
        self.put(at, name, "SimpleIssueCustomField", time.into(), time.into());
    }

    /// Sets a field of text.
    pub fn text(&mut self, at: usize, name: &str, text: &str) {
        let now = json!({"$type": "TextFieldValue", "text": text});
        self.put(at, name, "TextIssueCustomField", text.into(), now);
    }

    fn put(&mut self, at: usize, name: &str, kind: &str, added: Value, now: Value) {
        let mut fields = self.issues[at].fields.iter();
        let before = fields.find(|field| field["name"] == name);
        let removed = before.map_or(Value::Null, |field| match &field["value"] {
            Value::Object(_) => json!([field["value"]]),
            value => value.clone(),
        });
        self.issues[at].fields.retain(|field| field["name"] != name);
        let field = json!({"$type": kind, "name": name, "value": now});
        self.issues[at].fields.push(field);
        let field = json!({"$type": "CustomFilterField", "id": "92-7", "name": name.to_lowercase(), "customField": {"id": "58-7", "name": name}});
        self.event(at, "CustomFieldCategory", field, removed, added);
    }

    /// Writes another title.
    pub fn rename(&mut self, at: usize, summary: &str) {
        let before = std::mem::replace(&mut self.issues[at].summary, summary.into());
        let field = json!({"name": "summary"});
        self.event(at, "SummaryCategory", field, before, summary.into());
    }

    /// Writes another text.
    pub fn describe(&mut self, at: usize, text: &str) {
        let before = std::mem::replace(&mut self.issues[at].description, text.into());
        let field = json!({"name": "description"});
        self.event(at, "DescriptionCategory", field, before, text.into());
    }

    /// Adds a comment, which holds a secret.
    pub fn comment(&mut self, at: usize) {
        let comment =
            json!([{"$type": "IssueComment", "id": "4-1", "text": format!("{MARKER}-comment")}]);
        let field = json!({"name": "comments"});
        self.event(at, "CommentsCategory", field, json!([]), comment);
    }

    /// Adds a tag.
    pub fn tag(&mut self, at: usize, name: &str) {
        self.issues[at].tags.push(name.to_owned());
        let (field, tag) = (
            json!({"name": "tags"}),
            json!([{"$type": "Tag", "name": name}]),
        );
        self.event(at, "TagsCategory", field, json!([]), tag);
    }

    /// Adds a tag, and leaves the issue's time of update as it was.
    pub fn tag_quietly(&mut self, at: usize, name: &str) {
        let updated = self.issues[at].updated;
        self.tag(at, name);
        self.issues[at].updated = updated;
    }

    /// Links an issue with another.
    pub fn link(&mut self, at: usize, other: &str) {
        self.issues[at].linked.push(other.to_owned());
        let (field, issue) = (
            json!({"name": "relates to"}),
            json!([{"$type": "Issue", "idReadable": other}]),
        );
        self.event(at, "LinksCategory", field, json!([]), issue);
    }

    /// Links a commit by somebody with an account, or by a stranger where there is no such login.
    pub fn commit(&mut self, at: usize, hash: &str, author: &str) {
        let author = match user(author) {
            Value::Null => json!({"$type": "VcsUnresolvedUser", "id": "0-0", "name": "a stranger"}),
            user => user,
        };
        let change = json!([{"$type": "VcsChange", "id": "157-4", "version": hash, "author": author, "text": format!("{MARKER}-message")}]);
        self.event(
            at,
            "VcsChangeCategory",
            json!({"name": "vcs changes"}),
            json!([]),
            change,
        );
    }

    /// Links a pull request.
    pub fn pull_request(&mut self, at: usize, url: &str) {
        let change = json!([{"$type": "PullRequestChange", "state": {"id": "OPEN"}, "pullRequest": {"idExternal": "1", "url": url}}]);
        self.event(
            at,
            "PullRequestChangeCategory",
            json!({"name": "pull requests"}),
            json!([]),
            change,
        );
    }

    /// Removes an account: what it did is then done by nobody who is named.
    pub fn delete_user(&mut self, login: &str) {
        for issue in &mut self.issues {
            let authors = issue.events.iter_mut().map(|event| &mut event["author"]);
            for author in authors.chain([&mut issue.reporter]) {
                if author["login"] == login {
                    *author = Value::Null;
                }
            }
        }
    }
}

/// A value of a field.
pub(super) fn value(name: &str) -> Value {
    if name.is_empty() {
        return Value::Null;
    }
    json!({"$type": "StateBundleElement", "id": "57-3", "name": name})
}
