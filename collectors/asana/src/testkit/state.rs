//! What the fake knows.

use std::collections::BTreeMap;

use jiff::Timestamp;
use plimsoll_kit::testkit::MARKER;
use serde_json::{Value, json};

/// The project that is there from the start.
pub const PROJECT: &str = "1208000000000001";

/// Everything in the fake.
#[derive(Clone, Debug)]
pub struct State {
    /// The projects by their ids, each with the names of its sections.
    pub projects: BTreeMap<String, Vec<String>>,
    /// The tasks and subtasks in the order in which they were made.
    pub tasks: Vec<Task>,
    /// The most rows of a page, whatever is asked for.
    pub page: usize,
    /// What has no order comes in another: tasks, subtasks, fields, tags.
    pub shuffled: bool,
    /// Whether the token is good.
    pub token: bool,
    /// Who acts from now on; nobody who is named where it is empty.
    pub who: String,
    /// By what they act: `web`, `api`.
    pub source: String,
    /// What time it is.
    pub now: Timestamp,
    pub(super) next: u64,
}

/// A task as the fake keeps it.
#[derive(Clone, Debug)]
pub struct Task {
    /// Its id.
    pub gid: String,
    /// The task that it is below.
    pub parent: Option<String>,
    /// As the API shows it: it can be made to be anything.
    pub json: Value,
    /// When it was last altered.
    pub modified: Timestamp,
    /// Whether and when it was done.
    pub completed: Option<Timestamp>,
    /// What happened to it, as the API shows it.
    pub stories: Vec<Value>,
}

impl State {
    pub(super) fn new() -> Self {
        let sections = ["Requested", "Approved", "In progress", "Done"];
        let sections = sections.map(str::to_owned).to_vec();
        Self {
            projects: BTreeMap::from([(PROJECT.to_owned(), sections)]),
            tasks: Vec::new(),
            page: 100,
            shuffled: false,
            token: true,
            who: "sam".to_owned(),
            source: "web".to_owned(),
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

    /// Makes a task in a project's first section, and gives its place.
    pub fn open(&mut self, project: &str, name: &str) -> usize {
        let membership = json!({"project": {"gid": project, "resource_type": "project", "name": "Changes"}, "section": self.section(project, 0)});
        self.task(name, "default_task", None, json!([membership]))
    }

    /// Makes a subtask that asks for an approval, and gives its place.
    pub fn ask(&mut self, below: usize, name: &str) -> usize {
        let parent = self.tasks[below].gid.clone();
        self.task(name, "approval", Some(parent), json!([]))
    }

    fn task(
        &mut self,
        name: &str,
        subtype: &str,
        parent: Option<String>,
        memberships: Value,
    ) -> usize {
        let gid = format!("1209000000000{:03}", self.tasks.len() + 10);
        let mut json = json!({
            "gid": gid, "resource_type": "task", "resource_subtype": subtype, "name": name, "notes": "", "html_notes": format!("<body>{MARKER}-html</body>"),
            "completed": false, "completed_at": null, "completed_by": null, "created_at": self.now.to_string(), "created_by": self.user(), "assignee": null,
            "start_on": null, "start_at": null, "due_on": null, "due_at": null, "memberships": memberships, "custom_fields": [], "tags": [],
            "parent": parent.as_ref().map(|gid| json!({"gid": gid, "resource_type": "task", "name": "A task"})),
            "permalink_url": format!("https://app.asana.com/1/1100/task/{gid}"),
        });
        if subtype == "approval" {
            json["approval_status"] = "pending".into();
        }
        self.tasks.push(Task {
            gid,
            parent,
            json,
            modified: self.now,
            completed: None,
            stories: Vec::new(),
        });
        self.tasks.len() - 1
    }

    /// Who acts now, as the API shows an account.
    pub fn user(&self) -> Value {
        user(&self.who)
    }

    /// A section of a project as the API shows it.
    pub(super) fn section(&self, project: &str, at: usize) -> Value {
        let name = self.projects[project].get(at);
        json!({"gid": format!("{}{at:02}", &project[8..]), "resource_type": "section", "name": name})
    }
}

/// An account as the API shows it; null where nobody is named.
pub(super) fn user(name: &str) -> Value {
    if name.is_empty() {
        return Value::Null;
    }
    json!({"gid": gid(name), "resource_type": "user", "name": format!("{} Sample", name.to_uppercase())})
}

fn gid(name: &str) -> String {
    let number = name
        .bytes()
        .fold(0_u64, |sum, byte| (sum * 31 + u64::from(byte)) % 1_000_000);
    format!("1200{number:012}")
}
