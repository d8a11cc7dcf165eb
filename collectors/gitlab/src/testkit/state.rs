//! The fake's state and what can be done to it.

use std::collections::BTreeMap;

use plimsoll_kit::testkit::MARKER;
use serde_json::{Value, json};

/// When the fake's time begins: 1 December 2025.
const START: i64 = 1_764_547_200;
/// The number of the fake's one project.
pub(super) const PROJECT: i64 = 3;

/// A fake GitLab with one project.
pub struct Gitlab {
    /// The project's path.
    pub project: String,
    /// Users by number: those that are gone are not here.
    pub users: BTreeMap<i64, String>,
    /// Its merge requests, by number.
    pub merge_requests: BTreeMap<i64, MergeRequest>,
    /// Its issues, by number.
    pub issues: BTreeMap<i64, Issue>,
    /// Its protected branches, as the interface has them.
    pub protected: Vec<Value>,
    /// What was merged became these commits.
    pub landed: BTreeMap<String, Value>,
    /// Its pipelines, the newest last.
    pub pipelines: Vec<Value>,
    /// Its approval rules.
    pub rules: Vec<Value>,
    /// Whether the licence has approval rules.
    pub premium: bool,
    /// Whether the server says when somebody approved, besides the notes.
    pub approved_at: bool,
    /// Whether a push takes approvals away.
    pub reset_on_push: bool,
    /// Whether the token is right.
    pub token: bool,
    /// The most items of a page.
    pub page: usize,
    /// Whether lists that have no order come in another.
    pub shuffled: bool,
    /// Seconds since 1970; it goes on with what is done.
    pub now: i64,
    made: i64,
}

/// A merge request.
#[derive(Clone, Default)]
pub struct MergeRequest {
    /// As the list has it, but for its author and merger.
    pub json: Value,
    /// Who opened it.
    pub author: i64,
    /// Who merged it.
    pub merger: Option<i64>,
    /// Its notes.
    pub notes: Vec<Value>,
    /// Its states.
    pub states: Vec<Value>,
    /// What was put on it and taken off.
    pub labels: Vec<Value>,
    /// What it proposed when.
    pub versions: Vec<Value>,
    /// Its commits, the newest first.
    pub commits: Vec<Value>,
    /// Who approves it, since when.
    pub approved: Vec<(i64, i64)>,
    /// What it closes.
    pub closes: Vec<Value>,
    /// Who asks for changes.
    pub refused: Vec<i64>,
}

/// An issue.
#[derive(Clone, Default)]
pub struct Issue {
    /// As the list has it, but for its author.
    pub json: Value,
    /// Who opened it.
    pub author: i64,
    /// Its notes.
    pub notes: Vec<Value>,
    /// Its states.
    pub states: Vec<Value>,
    /// What was put on it and taken off.
    pub labels: Vec<Value>,
}

/// A number of seconds since 1970 as the server writes times.
pub(super) fn time(seconds: i64) -> String {
    let time = jiff::Timestamp::from_second(seconds).unwrap_or_default();
    time.strftime("%Y-%m-%dT%H:%M:%S.120Z").to_string()
}

impl Gitlab {
    pub(super) fn new(project: &str) -> Self {
        let users = [(11, "ida"), (12, "nora"), (13, "bo"), (14, "kim")];
        Self {
            project: project.to_owned(),
            users: users.map(|(id, name)| (id, name.to_owned())).into(),
            merge_requests: BTreeMap::new(),
            issues: BTreeMap::new(),
            protected: vec![json!({
                "id": 1, "name": "main", "push_access_levels": [{"id": 1, "access_level": 0, "access_level_description": "No one"}],
                "merge_access_levels": [{"id": 2, "access_level": 40, "access_level_description": "Maintainers"}],
                "unprotect_access_levels": [], "allow_force_push": false, "code_owner_approval_required": false,
            })],
            landed: BTreeMap::new(),
            pipelines: Vec::new(),
            rules: Vec::new(),
            premium: true,
            approved_at: true,
            reset_on_push: false,
            token: true,
            page: 100,
            shuffled: false,
            now: START,
            made: 0,
        }
    }

    /// A user as the interface shows one; that of nobody where it is gone.
    pub fn user(&self, id: i64) -> Value {
        let (id, name) = match self.users.get(&id) {
            Some(name) => (id, name.as_str()),
            None => (1, "ghost"),
        };
        json!({
            "id": id, "username": name, "name": format!("{name} {name}"), "state": "active", "locked": false,
            "avatar_url": format!("https://gravatar.example.com/{MARKER}-avatar"), "web_url": format!("https://gitlab.example.com/{name}"),
        })
    }

    /// Time goes by: a minute with everything that is done.
    fn tick(&mut self) -> String {
        self.now += 60;
        time(self.now)
    }

    fn number(&mut self) -> i64 {
        self.made += 1;
        self.made
    }

    /// A commit that nobody has seen before.
    fn sha(&mut self) -> String {
        let number = self.number();
        format!("{:040x}", 0xC0FF_EE00 + number)
    }

    /// Opens a merge request with one commit, and gives its number.
    pub fn open(&mut self, author: i64, title: &str, description: &str) -> i64 {
        let now = self.tick();
        let iid = i64::try_from(self.merge_requests.len()).unwrap_or(0) + 1;
        let project = &self.project;
        let json = json!({
            "id": 9000 + iid, "iid": iid, "project_id": PROJECT, "source_project_id": PROJECT, "target_project_id": PROJECT,
            "title": title, "description": format!("{description}\n\n{MARKER}-description"), "state": "opened", "draft": false,
            "created_at": now, "updated_at": now, "merged_at": null, "closed_at": null, "target_branch": "main",
            "source_branch": format!("work-{iid}"), "labels": [], "milestone": null, "sha": null, "merge_commit_sha": null,
            "squash_commit_sha": null, "squash": false, "detailed_merge_status": "mergeable", "user_notes_count": 0,
            "references": {"short": format!("!{iid}"), "relative": format!("!{iid}"), "full": format!("{project}!{iid}")},
            "web_url": format!("https://gitlab.example.com/{project}/-/merge_requests/{iid}"),
        });
        let made = MergeRequest {
            json,
            author,
            ..MergeRequest::default()
        };
        self.merge_requests.insert(iid, made);
        self.commit(iid, author, &now);
        iid
    }

    /// A merge request.
    ///
    /// # Panics
    /// When there is none of this number.
    pub fn of(&mut self, iid: i64) -> &mut MergeRequest {
        self.merge_requests
            .get_mut(&iid)
            .expect("a merge request of this number")
    }

    fn commit(&mut self, iid: i64, by: i64, now: &str) {
        let (sha, version) = (self.sha(), self.number());
        let name = self.users.get(&by).cloned().unwrap_or_default();
        let commit = json!({
            "id": sha, "short_id": sha.get(..8), "title": "Work", "message": format!("Work\n\n{MARKER}-message"), "author_name": name,
            "author_email": format!("{name}@example.com"), "authored_date": now, "committer_name": name,
            "committer_email": format!("{name}@example.com"), "committed_date": now, "parent_ids": [],
        });
        let of = self.of(iid);
        of.json["sha"] = sha.clone().into();
        of.json["updated_at"] = now.into();
        of.commits.insert(0, commit);
        of.versions.insert(0, json!({
            "id": version, "head_commit_sha": sha, "base_commit_sha": format!("{:040x}", 1), "start_commit_sha": format!("{:040x}", 1),
            "created_at": now, "merge_request_id": 9000 + iid, "state": "collected", "real_size": "1",
        }));
    }

    fn note(&mut self, iid: i64, by: i64, body: &str, system: bool, now: &str) {
        let (id, author) = (500 + self.number(), by);
        let of = self.of(iid);
        of.json["updated_at"] = now.into();
        of.notes.push(json!({
            "id": id, "body": body, "author": author, "created_at": now, "updated_at": now, "system": system, "noteable_id": 9000 + iid,
            "noteable_type": "MergeRequest", "noteable_iid": iid,
        }));
    }

    /// Somebody pushes a commit.
    pub fn push(&mut self, iid: i64, by: i64) {
        let now = self.tick();
        self.commit(iid, by, &now);
        let body = format!("added 1 commit\n\n<ul><li>93b5cbba - {MARKER}-push</li></ul>");
        self.note(iid, by, &body, true, &now);
        if self.reset_on_push && !self.of(iid).approved.is_empty() {
            let gone = std::mem::take(&mut self.of(iid).approved);
            let names = gone.iter().filter_map(|(by, _)| self.users.get(by));
            let names: Vec<String> = names.map(|name| format!("@{name}")).collect();
            let body = format!(
                "reset approvals from {} by pushing to the branch",
                names.join(", ")
            );
            self.note(iid, by, &body, true, &now);
        }
    }

    /// Somebody approves.
    pub fn approve(&mut self, iid: i64, by: i64) {
        let now = self.tick();
        let since = self.now;
        self.of(iid).approved.push((by, since));
        self.note(iid, by, "approved this merge request", true, &now);
    }

    /// Somebody takes their approval back.
    pub fn unapprove(&mut self, iid: i64, by: i64) {
        let now = self.tick();
        self.of(iid).approved.retain(|(who, _)| *who != by);
        self.note(iid, by, "unapproved this merge request", true, &now);
    }

    /// Somebody asks for changes.
    pub fn request_changes(&mut self, iid: i64, by: i64) {
        let now = self.tick();
        self.of(iid).refused.push(by);
        self.note(iid, by, "requested changes", true, &now);
    }

    /// Somebody writes a comment.
    pub fn comment(&mut self, iid: i64, by: i64, body: &str) {
        let now = self.tick();
        self.note(iid, by, body, false, &now);
    }

    /// The server says something.
    pub fn say(&mut self, iid: i64, by: i64, body: &str) {
        let now = self.tick();
        self.note(iid, by, body, true, &now);
    }

    /// Somebody gives it another title.
    pub fn retitle(&mut self, iid: i64, by: i64, title: &str) {
        let old = self.of(iid).json["title"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        self.of(iid).json["title"] = title.into();
        self.say(
            iid,
            by,
            &format!("changed title from **{{-{old}-}}** to **{{+{title}+}}**"),
        );
    }

    /// Somebody gives it another text.
    pub fn describe(&mut self, iid: i64, by: i64, description: &str) {
        self.of(iid).json["description"] = description.into();
        self.say(iid, by, "changed the description");
    }

    /// Somebody puts a label on, or takes it off.
    pub fn label(&mut self, iid: i64, by: i64, name: &str, on: bool) {
        let (now, id) = (self.tick(), self.number());
        let of = self.of(iid);
        of.labels.push(label_event(
            id,
            by,
            name,
            on,
            &now,
            "MergeRequest",
            9000 + iid,
        ));
        put(&mut of.json, name, on);
        of.json["updated_at"] = now.into();
    }

    /// It goes into another state: `closed` or `reopened`.
    pub fn state(&mut self, iid: i64, by: i64, state: &str) {
        let (now, id) = (self.tick(), self.number());
        let of = self.of(iid);
        of.json["state"] = if state == "reopened" { "opened" } else { state }.into();
        of.json["updated_at"] = now.clone().into();
        of.states.push(json!({"id": id, "user": by, "created_at": now, "resource_type": "MergeRequest", "resource_id": 9000 + iid, "state": state}));
    }

    /// Somebody merges it; gives the commit that it became.
    pub fn merge(&mut self, iid: i64, by: i64) -> String {
        let sha = self.sha();
        self.state(iid, by, "merged");
        let now = time(self.now);
        let of = self.of(iid);
        of.merger = Some(by);
        let message = format!("Merge branch 'work' into 'main'\n\n{MARKER}-merge");
        let parents = [
            "0".repeat(40),
            of.json["sha"].as_str().unwrap_or_default().to_owned(),
        ];
        let commit = json!({"id": sha, "message": message, "author_name": "x", "author_email": "merger@example.com", "parent_ids": parents});
        of.json["merge_commit_sha"] = sha.clone().into();
        of.json["merged_at"] = now.into();
        self.landed.insert(sha.clone(), commit);
        sha
    }

    /// A pipeline runs over a commit; it touches no merge request.
    pub fn pipeline(&mut self, sha: &str, status: &str) {
        let (now, id) = (self.tick(), self.number());
        self.pipelines.push(json!({
            "id": id, "iid": id, "project_id": PROJECT, "sha": sha, "ref": "main", "status": status, "source": "push", "created_at": now,
            "updated_at": now, "web_url": format!("https://gitlab.example.com/-/pipelines/{id}"),
        }));
    }

    /// The last commit of a merge request.
    pub fn head(&mut self, iid: i64) -> String {
        self.of(iid).json["sha"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    }

    /// A user is removed: the server puts nobody in their place.
    pub fn remove_user(&mut self, id: i64) {
        self.users.remove(&id);
    }

    /// Opens an issue, and gives its number.
    pub fn issue(&mut self, author: i64, title: &str, description: &str) -> i64 {
        let now = self.tick();
        let iid = i64::try_from(self.issues.len()).unwrap_or(0) + 1;
        let project = &self.project;
        let json = json!({
            "id": 700 + iid, "iid": iid, "project_id": PROJECT, "title": title, "description": format!("{description}\n\n{MARKER}-issue"),
            "state": "opened", "labels": [], "assignees": [], "created_at": now, "updated_at": now,
            "references": {"short": format!("#{iid}"), "relative": format!("#{iid}"), "full": format!("{project}#{iid}")},
            "web_url": format!("https://gitlab.example.com/{project}/-/issues/{iid}"),
        });
        let made = Issue {
            json,
            author,
            ..Issue::default()
        };
        self.issues.insert(iid, made);
        iid
    }

    /// Somebody puts a label on an issue, or takes it off.
    ///
    /// # Panics
    /// When there is no issue of this number.
    pub fn label_issue(&mut self, iid: i64, by: i64, name: &str, on: bool) {
        let (now, id) = (self.tick(), self.number());
        let of = self.issues.get_mut(&iid).expect("an issue of this number");
        of.labels
            .push(label_event(id, by, name, on, &now, "Issue", 700 + iid));
        put(&mut of.json, name, on);
        of.json["updated_at"] = now.into();
    }

    /// A merge request closes an issue.
    pub fn closes(&mut self, iid: i64, issue: i64) {
        let closes = match self.issues.get(&issue) {
            Some(have) => have.json.clone(),
            None => return,
        };
        self.of(iid).closes.push(closes);
    }
}

fn label_event(id: i64, by: i64, name: &str, on: bool, now: &str, kind: &str, of: i64) -> Value {
    json!({
        "id": id, "user": by, "created_at": now, "resource_type": kind, "resource_id": of, "action": if on { "add" } else { "remove" },
        "label": {"id": 73, "name": name, "color": "#34495E", "description": format!("{MARKER}-label")},
    })
}

fn put(json: &mut Value, name: &str, on: bool) {
    if let Some(labels) = json["labels"].as_array_mut() {
        labels.retain(|label| label != name);
        if on {
            labels.push(name.into());
        }
    }
}
