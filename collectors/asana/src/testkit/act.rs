//! What can be done to a task.

use plimsoll_kit::testkit::MARKER;
use serde_json::{Value, json};

use super::state::{State, user};

impl State {
    /// Notes what happened to a task, which thereby is altered.
    fn story(&mut self, at: usize, kind: &str, more: Value) {
        let mut story = json!({
            "gid": format!("1210000000000{:05}", self.next), "resource_type": "story", "type": if kind == "comment_added" { "comment" } else { "system" },
            "resource_subtype": kind, "created_at": self.now.to_string(), "created_by": self.user(), "text": format!("{MARKER}-text"), "source": self.source,
            "target": {"gid": self.tasks[at].gid, "resource_type": "task"},
        });
        if let (Some(story), Value::Object(more)) = (story.as_object_mut(), more) {
            story.extend(more);
        }
        self.next += 1;
        self.tasks[at].stories.push(story);
        self.tasks[at].modified = self.now;
    }

    fn put(&mut self, at: usize, key: &str, value: Value) -> Value {
        std::mem::replace(&mut self.tasks[at].json[key], value)
    }

    /// Answers an approval task: `approved`, `rejected`, `changes_requested` or `pending`.
    pub fn answer(&mut self, at: usize, status: &str) {
        let old = self.put(at, "approval_status", status.into());
        self.done(at, status != "pending");
        let more = json!({"old_approval_status": old, "new_approval_status": status});
        self.story(at, "approval_status_changed", more);
    }

    /// Answers an approval task so that no story tells of it.
    pub fn answer_silently(&mut self, at: usize, status: &str) {
        self.put(at, "approval_status", status.into());
        self.done(at, status != "pending");
        self.tasks[at].modified = self.now;
    }

    fn done(&mut self, at: usize, done: bool) {
        self.tasks[at].completed = done.then_some(self.now);
        let (when, who) = match done {
            true => (Value::from(self.now.to_string()), self.user()),
            false => (Value::Null, Value::Null),
        };
        self.put(at, "completed", done.into());
        self.put(at, "completed_at", when);
        self.put(at, "completed_by", who);
    }

    /// Marks a task as done or as open.
    pub fn complete(&mut self, at: usize, done: bool) {
        self.done(at, done);
        let kind = if done {
            "marked_complete"
        } else {
            "marked_incomplete"
        };
        self.story(at, kind, json!({}));
    }

    /// Moves a task to a section of one of its projects.
    ///
    /// # Panics
    /// When there is no such section.
    pub fn move_to(&mut self, at: usize, project: &str, section: &str) {
        let place = self.projects[project].iter().position(|one| one == section);
        let new = self.section(project, place.expect("a section"));
        let mut old = Value::Null;
        if let Some(all) = self.tasks[at].json["memberships"].as_array_mut() {
            for membership in all {
                if membership["project"]["gid"] == project {
                    old = std::mem::replace(&mut membership["section"], new.clone());
                }
            }
        }
        self.story(
            at,
            "section_changed",
            json!({"old_section": old, "new_section": new}),
        );
    }

    /// Puts a task into another project too.
    pub fn add_to(&mut self, at: usize, project: &str) {
        let project_json = json!({"gid": project, "resource_type": "project", "name": "Another"});
        let membership = json!({"project": project_json, "section": self.section(project, 0)});
        if let Some(all) = self.tasks[at].json["memberships"].as_array_mut() {
            all.push(membership);
        }
        self.story(at, "added_to_project", json!({"project": project_json}));
    }

    fn field(&mut self, at: usize, name: &str, kind: &str, now: Value, more: Value) {
        let field =
            json!({"gid": "1207", "resource_type": "custom_field", "name": name, "type": kind});
        let mut shown = field.clone();
        if let (Some(shown), Value::Object(now)) = (shown.as_object_mut(), now) {
            shown.extend(now);
        }
        if let Some(all) = self.tasks[at].json["custom_fields"].as_array_mut() {
            all.retain(|one| one["name"] != name);
            all.push(shown);
        }
        let mut story = json!({"custom_field": field});
        if let (Some(story), Value::Object(more)) = (story.as_object_mut(), more) {
            story.extend(more);
        }
        self.story(at, &format!("{kind}_custom_field_changed"), story);
    }

    fn value(&self, at: usize, name: &str, key: &str) -> Value {
        let fields = self.tasks[at].json["custom_fields"].as_array();
        let mut fields = fields.into_iter().flatten();
        let field = fields.find(|field| field["name"] == name);
        field.map_or(Value::Null, |field| field[key].clone())
    }

    /// Sets a field of values, or empties it.
    pub fn set(&mut self, at: usize, name: &str, to: &str) {
        let option = |name: &str| match name {
            "" => Value::Null,
            name => {
                json!({"gid": "12071", "resource_type": "enum_option", "name": name, "enabled": true, "color": "red"})
            }
        };
        let old = self.value(at, name, "enum_value");
        let more = json!({"old_enum_value": old, "new_enum_value": option(to)});
        self.field(at, name, "enum", json!({"enum_value": option(to)}), more);
    }

    /// Sets a field of people, or empties it.
    pub fn people(&mut self, at: usize, name: &str, people: &[&str]) {
        let people: Vec<Value> = people.iter().map(|name| user(name)).collect();
        let old = match self.value(at, name, "people_value") {
            Value::Null => json!([]),
            old => old,
        };
        let more = json!({"old_people_value": old, "new_people_value": people});
        self.field(at, name, "people", json!({"people_value": people}), more);
    }

    /// Sets a field of text.
    pub fn text(&mut self, at: usize, name: &str, text: &str) {
        let more = json!({"old_text_value": "", "new_text_value": text});
        self.field(at, name, "text", json!({"text_value": text}), more);
    }

    /// Sets a field of date and time.
    pub fn moment(&mut self, at: usize, name: &str, time: &str) {
        let date = time.split('T').next();
        let now = json!({"date_value": {"date": date, "date_time": time}});
        let more = json!({"new_date_value": {"due_at": time, "due_on": date}});
        self.field(at, name, "date", now, more);
    }

    /// Writes another name.
    pub fn rename(&mut self, at: usize, name: &str) {
        let old = self.put(at, "name", name.into());
        self.story(
            at,
            "name_changed",
            json!({"old_name": old, "new_name": name}),
        );
    }

    /// Writes another text.
    pub fn describe(&mut self, at: usize, text: &str) {
        let escaped = text.replace('&', "&amp;").replace('<', "&lt;");
        self.put(at, "notes", text.into());
        self.put(at, "html_notes", format!("<body>{escaped}</body>").into());
        self.story(at, "notes_changed", json!({}));
    }

    /// Adds a comment, which holds a secret.
    pub fn comment(&mut self, at: usize) {
        self.story(at, "comment_added", json!({"is_edited": false}));
    }

    /// Adds a tag.
    pub fn tag(&mut self, at: usize, name: &str) {
        let tag = json!({"gid": "1201", "resource_type": "tag", "name": name});
        if let Some(all) = self.tasks[at].json["tags"].as_array_mut() {
            all.push(tag.clone());
        }
        self.story(at, "added_to_tag", json!({"tag": tag}));
    }

    /// Gives a task to somebody.
    pub fn assign(&mut self, at: usize, who: &str) {
        self.put(at, "assignee", user(who));
        self.story(at, "assigned", json!({"assignee": user(who)}));
    }

    /// Says from when until when a task is to be done.
    pub fn plan(&mut self, at: usize, start: &str, end: &str) {
        let day = |time: &str| time.split('T').next().map(str::to_owned);
        self.put(at, "start_at", start.into());
        self.put(at, "start_on", day(start).into());
        self.put(at, "due_at", end.into());
        self.put(at, "due_on", day(end).into());
        let dates = json!({"start_on": day(start), "due_at": end, "due_on": day(end)});
        self.story(at, "due_date_changed", json!({"new_dates": dates}));
    }

    /// Puts a subtask below another task.
    pub fn put_below(&mut self, at: usize, parent: usize) {
        let parent = self.tasks[parent].gid.clone();
        self.put(
            at,
            "parent",
            json!({"gid": parent, "resource_type": "task"}),
        );
        let task = json!({"gid": parent, "resource_type": "task"});
        self.tasks[at].parent = Some(parent);
        self.story(at, "added_to_task", json!({"task": task}));
    }

    /// Notes something of a kind that there was not before.
    pub fn something(&mut self, at: usize, kind: &str) {
        self.story(at, kind, json!({}));
    }

    /// Removes an account: what it did is then done by nobody who is named.
    pub fn delete_user(&mut self, name: &str) {
        let gone = user(name);
        for task in &mut self.tasks {
            for story in &mut task.stories {
                if story["created_by"] == gone {
                    story["created_by"] = Value::Null;
                }
            }
            for key in ["created_by", "completed_by", "assignee"] {
                if task.json[key] == gone {
                    task.json[key] = Value::Null;
                }
            }
        }
    }
}
