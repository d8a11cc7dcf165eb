//! I/O and nothing else: the calls that the collector makes.

use plimsoll_kit::Context;
use plimsoll_kit::http::{Answer, Budget, Client, Error, Retry, Secret};

use crate::settings::Settings;

/// How many requests may come at once before the pace is kept.
const BURST: u32 = 30;
/// What is asked of a task, but for its text. Ids come with everything that has one; who opened it comes without a name.
const TASK: &str = "name,resource_subtype,approval_status,completed_by.name,created_at,created_by,modified_at,start_at,due_at,assignee.name,memberships.project,memberships.section.name,custom_fields.name,custom_fields.enum_value.name,custom_fields.multi_enum_values.name,custom_fields.date_value.date,custom_fields.date_value.date_time,custom_fields.people_value.name,custom_fields.text_value,tags.name,parent,num_subtasks";
/// What is asked of a subtask. What its text says counts for nothing.
const SUBTASK: &str =
    "name,resource_subtype,approval_status,completed_by.name,created_at,modified_at";
/// What is asked of a story: no text of a comment, and of altered texts only what was written last.
const STORY: &str = "created_at,created_by.name,resource_subtype,source,old_name,new_name,old_approval_status,new_approval_status,old_section.name,new_section.name,project.name,tag.name,assignee.name,custom_field.name,old_enum_value.name,new_enum_value.name,old_multi_enum_values.name,new_multi_enum_values.name,old_people_value.name,new_people_value.name,new_text_value,old_dates.start_on,old_dates.due_at,new_dates.start_on,new_dates.due_at";

/// Asana, for one token.
pub(crate) struct Asana {
    client: Client,
}

/// A list by its path and what is asked of its items, with and without what makes them long.
#[derive(Clone, Debug)]
pub(crate) struct Listed {
    pub(crate) path: String,
    pub(crate) fields: String,
    pub(crate) thin: Option<&'static str>,
}

impl Asana {
    /// Connects nowhere.
    pub(crate) fn new(
        token: Secret,
        settings: &Settings,
        context: &Context,
    ) -> Result<Self, Error> {
        let client = Client::builder(&settings.url)
            .token(token)
            .header("accept", "application/json")
            .timeout(settings.timeout)
            .most_bytes(context.limits.bytes)
            .concurrency(settings.concurrency)
            .budget(Budget::new(f64::from(settings.per_minute) / 60.0, BURST))
            .retry(Retry {
                attempts: 4,
                ..Retry::default()
            })
            .clock(std::sync::Arc::clone(&context.clock))
            .build()?;
        Ok(Self { client })
    }

    pub(crate) async fn get(&self, target: &str) -> Result<Answer, Error> {
        self.client.get(target).await
    }

    /// Who the token is.
    pub(crate) async fn me(&self) -> Result<Answer, Error> {
        self.get("/users/me?opt_fields=name").await
    }

    /// One task.
    pub(crate) async fn task(&self, task: &str) -> Result<Answer, Error> {
        let task = encoded(task);
        self.get(&format!("/tasks/{task}?opt_fields={TASK},html_notes"))
            .await
    }
}

/// The sections of a project.
pub(crate) fn sections(project: &str) -> Listed {
    Listed {
        path: format!("/projects/{}/sections?", encoded(project)),
        fields: "name".to_owned(),
        thin: None,
    }
}

/// The tasks of a project that were altered since a time.
pub(crate) fn altered(project: &str, since: &str) -> Listed {
    Listed {
        path: format!(
            "/tasks?project={}&modified_since={}&",
            encoded(project),
            encoded(since)
        ),
        fields: format!("{TASK},html_notes"),
        thin: Some(TASK),
    }
}

/// The tasks of a project that are open, or were done since a time, with little about each.
pub(crate) fn open(project: &str, since: &str) -> Listed {
    Listed {
        path: format!(
            "/tasks?project={}&completed_since={}&",
            encoded(project),
            encoded(since)
        ),
        fields: "num_subtasks,resource_subtype,parent,memberships.project".to_owned(),
        thin: None,
    }
}

/// What happened to a task.
pub(crate) fn stories(task: &str) -> Listed {
    Listed {
        path: format!("/tasks/{}/stories?", encoded(task)),
        fields: STORY.to_owned(),
        thin: None,
    }
}

/// The subtasks of a task.
pub(crate) fn subtasks(task: &str) -> Listed {
    Listed {
        path: format!("/tasks/{}/subtasks?", encoded(task)),
        fields: SUBTASK.to_owned(),
        thin: None,
    }
}

/// A text as one part of a path or a query's value, whatever it holds.
pub(crate) fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~') {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}
