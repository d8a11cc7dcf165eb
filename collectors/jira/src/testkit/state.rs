//! What the fake holds, and what can be done in it.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::Issue;

/// Which of the two products it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Jira Cloud.
    Cloud,
    /// Jira Data Center.
    DataCenter,
}

/// A Jira. Every deed takes a second of its clock.
pub struct Jira {
    /// Which product it is.
    pub kind: Kind,
    /// Its projects by their keys, each with its type: `software` or `service_desk`.
    pub projects: BTreeMap<String, String>,
    /// The issues, in the order in which they were created.
    pub issues: Vec<Issue>,
    /// Custom fields: id, name, and the type of the field.
    pub fields: Vec<(String, String, String)>,
    /// Statuses by their ids: name and category.
    pub statuses: BTreeMap<String, (String, String)>,
    /// The most items of a page.
    pub page: usize,
    /// Whether lists without an order come in another one.
    pub shuffled: bool,
    /// Whether the token is unknown.
    pub locked: bool,
    /// Accounts that were deleted.
    pub deleted: BTreeSet<String>,
    /// Accounts of apps.
    pub apps: BTreeSet<String>,
    now: Timestamp,
    number: u64,
}

impl Jira {
    pub(super) fn new(kind: Kind, project: &str) -> Self {
        let statuses = [
            ("1", "To Do", "new"),
            ("2", "Awaiting CAB", "indeterminate"),
            ("3", "Approved", "indeterminate"),
            ("4", "Implementing", "indeterminate"),
            ("5", "Implemented", "done"),
            ("6", "Closed", "done"),
            ("7", "Rejected", "done"),
            ("8", "Scheduled", "indeterminate"),
            ("9", "In QA", "indeterminate"),
            ("10", "QA passed", "indeterminate"),
        ];
        let fields = [
            (
                "customfield_10050",
                "Planned start date",
                "com.atlassian.jira.plugin.system.customfieldtypes:datetime",
            ),
            (
                "customfield_10051",
                "Planned end date",
                "com.atlassian.jira.plugin.system.customfieldtypes:datetime",
            ),
            (
                "customfield_10052",
                "Change type",
                "com.atlassian.jira.plugin.system.customfieldtypes:select",
            ),
            (
                "customfield_10053",
                "Affected services",
                "com.atlassian.jira.plugin.system.customfieldtypes:multiselect",
            ),
            (
                "customfield_10054",
                "Root cause",
                "com.atlassian.jira.plugin.system.customfieldtypes:textarea",
            ),
            (
                "customfield_10055",
                "CAB decision",
                "com.atlassian.jira.plugin.system.customfieldtypes:select",
            ),
            (
                "customfield_10056",
                "Approved by",
                "com.atlassian.jira.plugin.system.customfieldtypes:userpicker",
            ),
            (
                "customfield_10019",
                "Rank",
                "com.pyxis.greenhopper.jira:gh-lexo-rank",
            ),
            (
                "customfield_10020",
                "Sprint",
                "com.pyxis.greenhopper.jira:gh-sprint",
            ),
            (
                "customfield_10021",
                "Resolution",
                "com.atlassian.jira.plugin.system.customfieldtypes:textfield",
            ),
            (
                "customfield_10057",
                "Request Type",
                "com.atlassian.servicedesk:vp-origin",
            ),
        ];
        let own = |text: &str| text.to_owned();
        let statuses = statuses.map(|(id, name, category)| (own(id), (own(name), own(category))));
        Self {
            kind,
            projects: BTreeMap::from([(own(project), own("software"))]),
            issues: Vec::new(),
            fields: fields
                .map(|(id, name, kind)| (own(id), own(name), own(kind)))
                .to_vec(),
            statuses: BTreeMap::from(statuses),
            page: 50,
            shuffled: false,
            locked: false,
            deleted: BTreeSet::new(),
            apps: BTreeSet::new(),
            now: Timestamp::UNIX_EPOCH,
            number: 10_000,
        }
    }

    /// Sets its clock.
    ///
    /// # Panics
    /// When this is no time.
    pub fn at(&mut self, time: &str) -> &mut Self {
        self.now = time.parse().expect("a time");
        self
    }

    pub(super) fn tick(&mut self) -> Timestamp {
        let now = self.now;
        self.now = now + SignedDuration::from_secs(1);
        now
    }

    pub(super) fn number(&mut self) -> u64 {
        self.number += 1;
        self.number
    }

    /// Opens an issue, and gives its key.
    pub fn open(&mut self, project: &str, summary: &str, by: &str) -> String {
        let own = self.issues.iter().filter(|one| one.created_in == project);
        let key = format!("{project}-{}", own.count() + 1);
        let (id, at) = (self.number(), self.tick());
        let issue = Issue::new(id, &key, summary, by, at);
        self.issues.push(issue);
        key
    }

    /// An issue.
    ///
    /// # Panics
    /// When there is none of this key.
    pub fn issue(&mut self, key: &str) -> &mut Issue {
        let found = self.issues.iter_mut().find(|issue| issue.key == key);
        found.unwrap_or_else(|| panic!("there is no {key}"))
    }

    /// Writes the description that an issue has from its beginning.
    pub fn describe(&mut self, key: &str, text: &str) -> &mut Self {
        self.issue(key).description = text.to_owned();
        self
    }

    /// Gives a field the value that it has from the beginning.
    pub fn set(&mut self, key: &str, field: &str, value: Value) -> &mut Self {
        let id = self.field_id(field);
        self.issue(key).fields.insert(id, value);
        self
    }

    /// The id of a field by its name; one of the system's own is called as it is.
    pub fn field_id(&self, name: &str) -> String {
        let found = self.fields.iter().find(|(_, own, _)| own == name);
        found.map_or_else(|| name.to_owned(), |(id, ..)| id.clone())
    }

    fn status_id(&self, name: &str) -> String {
        let found = self.statuses.iter().find(|(_, (own, _))| own == name);
        found.map_or_else(|| panic!("there is no status {name}"), |(id, _)| id.clone())
    }

    /// Moves an issue to a status.
    pub fn to(&mut self, key: &str, status: &str, by: &str) -> &mut Self {
        let to = self.status_id(status);
        let from = std::mem::replace(&mut self.issue(key).status, to.clone());
        let was = self
            .statuses
            .get(&from)
            .map_or("", |(name, _)| name)
            .to_owned();
        self.note(key, by, "status", "status", (&from, &was), (&to, status))
    }

    /// Alters a field's text: `summary`, `description`, or a custom field by its name.
    pub fn edit(&mut self, key: &str, field: &str, text: &str, by: &str) -> &mut Self {
        let id = self.field_id(field);
        let issue = self.issue(key);
        let was = match field {
            "summary" => std::mem::replace(&mut issue.summary, text.to_owned()),
            "description" => std::mem::replace(&mut issue.description, text.to_owned()),
            _ => {
                let value = if text.is_empty() {
                    Value::Null
                } else {
                    json!({"value": text})
                };
                let was = issue.fields.insert(id.clone(), value);
                let was = was.unwrap_or_default();
                was["value"].as_str().unwrap_or_default().to_owned()
            }
        };
        self.note(key, by, &id, field, ("", &was), ("", text))
    }

    /// Puts an account into a field of people.
    pub fn name(&mut self, key: &str, field: &str, account: &str, by: &str) -> &mut Self {
        let id = self.field_id(field);
        let now = match self.kind {
            Kind::Cloud => {
                json!({"accountId": account, "accountType": "atlassian", "displayName": account})
            }
            Kind::DataCenter => json!({"key": account, "name": account, "displayName": account}),
        };
        let was = self.issue(key).fields.insert(id.clone(), now);
        let was = was.unwrap_or_default();
        let was = was["accountId"].as_str().or(was["key"].as_str());
        let was = was.unwrap_or_default().to_owned();
        self.note(key, by, &id, field, (&was, &was), (account, account))
    }

    /// Gives an issue other labels.
    pub fn labels(&mut self, key: &str, labels: &[&str], by: &str) -> &mut Self {
        let labels: Vec<String> = labels.iter().map(|label| (*label).to_owned()).collect();
        let now = labels.join(" ");
        let was = std::mem::replace(&mut self.issue(key).labels, labels).join(" ");
        self.note(key, by, "labels", "labels", ("", &was), ("", &now))
    }

    /// Assigns an issue.
    pub fn assign(&mut self, key: &str, account: &str, by: &str) -> &mut Self {
        let was = self.issue(key).assignee.replace(account.to_owned());
        let was = was.unwrap_or_default();
        self.note(
            key,
            by,
            "assignee",
            "assignee",
            (&was, &was),
            (account, account),
        )
    }

    /// Links two issues with one another.
    pub fn link(&mut self, one: &str, other: &str, by: &str) -> &mut Self {
        for (from, to) in [(one, other), (other, one)] {
            self.issue(from).links.push(to.to_owned());
            let words = format!("This issue relates to {to}");
            self.note(from, by, "issuelinks", "Link", ("", ""), (to, &words));
        }
        self
    }

    /// Links an issue with something elsewhere.
    pub fn link_to(&mut self, key: &str, url: &str, by: &str) -> &mut Self {
        self.issue(key).urls.push(url.to_owned());
        self.note(
            key,
            by,
            "RemoteIssueLink",
            "RemoteIssueLink",
            ("", ""),
            ("1", url),
        )
    }

    /// Moves an issue to another project, where it gets a new key, which this gives.
    pub fn move_to(&mut self, key: &str, project: &str, by: &str) -> String {
        let own = self
            .issues
            .iter()
            .filter(|one| one.key.starts_with(&format!("{project}-")));
        let now = format!("{project}-{}", own.count() + 100);
        self.issue(key).key.clone_from(&now);
        self.note(&now, by, "Key", "Key", ("", key), ("", &now));
        now
    }

    /// Deletes an issue.
    pub fn delete(&mut self, key: &str) -> &mut Self {
        self.issues.retain(|issue| issue.key != key);
        self
    }

    /// Deletes an account: nothing tells it from other deleted ones.
    pub fn delete_user(&mut self, account: &str) -> &mut Self {
        self.deleted.insert(account.to_owned());
        self
    }

    /// Begins a service desk's approval step.
    pub fn ask(&mut self, key: &str, step: &str, approvers: &[&str]) -> &mut Self {
        let (id, at) = (self.number(), self.tick());
        self.issue(key).ask(id, at, step, approvers);
        self
    }

    /// Answers a step; where that ends it, the issue moves to a status by itself.
    pub fn answer(
        &mut self,
        key: &str,
        step: &str,
        yes: bool,
        by: &str,
        then: Option<&str>,
    ) -> &mut Self {
        let at = self.tick();
        self.issue(key).answer(at, step, yes, by, then.is_some());
        match then {
            Some(status) => self.to(key, status, by),
            None => self,
        }
    }

    /// Comments on an issue.
    pub fn comment(&mut self, key: &str, text: &str, by: &str) -> &mut Self {
        let (id, at) = (self.number(), self.tick());
        self.issue(key).comment(id, at, text, by);
        self
    }

    /// Writes down something that was altered.
    pub fn note(
        &mut self,
        key: &str,
        by: &str,
        id: &str,
        field: &str,
        from: (&str, &str),
        to: (&str, &str),
    ) -> &mut Self {
        let (number, at) = (self.number(), self.tick());
        let cloud = self.kind == Kind::Cloud;
        let some = |text: &str| {
            if text.is_empty() {
                Value::Null
            } else {
                json!(text)
            }
        };
        let mut item = json!({
            "field": field, "fieldtype": if id.starts_with("custom") { "custom" } else { "jira" },
            "from": some(from.0), "fromString": some(from.1), "to": some(to.0), "toString": some(to.1),
        });
        if cloud {
            item["fieldId"] = json!(id);
        }
        let issue = self.issue(key);
        issue.updated = at;
        issue
            .history
            .push((number, by.to_owned(), at, vec![item], None));
        self
    }
}
