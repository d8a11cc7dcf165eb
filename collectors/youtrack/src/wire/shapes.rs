//! What is read of each thing.

use plimsoll_model::Text;
use serde::Deserialize;
use serde_json::Value;

use super::{Several, lenient, maybe};

/// A project.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Project {
    pub(crate) short_name: Text,
    #[serde(default, deserialize_with = "maybe")]
    pub(crate) archived: Option<bool>,
}

/// Somebody with an account.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct User {
    #[serde(default, deserialize_with = "maybe")]
    pub(crate) id: Option<Text>,
    #[serde(default, deserialize_with = "maybe")]
    pub(crate) login: Option<Text>,
    #[serde(default, deserialize_with = "maybe")]
    pub(crate) full_name: Option<Text>,
    #[serde(default, deserialize_with = "maybe")]
    pub(crate) guest: Option<bool>,
}

/// An issue.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Issue {
    pub(crate) id: Text,
    pub(crate) id_readable: Text,
    #[serde(default, deserialize_with = "maybe")]
    pub(crate) summary: Option<String>,
    #[serde(default, deserialize_with = "maybe")]
    pub(crate) description: Option<String>,
    /// Milliseconds since 1970, as all times.
    pub(crate) created: i64,
    #[serde(default, deserialize_with = "maybe")]
    pub(crate) updated: Option<i64>,
    #[serde(default, deserialize_with = "maybe")]
    pub(crate) reporter: Option<User>,
    #[serde(default, deserialize_with = "lenient")]
    pub(crate) tags: Several<Named>,
    #[serde(default, deserialize_with = "maybe")]
    pub(crate) project: Option<Project>,
    #[serde(default, deserialize_with = "lenient")]
    pub(crate) custom_fields: Several<CustomField>,
    #[serde(default, deserialize_with = "lenient")]
    pub(crate) links: Several<Link>,
}

/// Something of which the name counts.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Named {
    pub(crate) name: Text,
}

/// Links of one kind and direction.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Link {
    #[serde(default, deserialize_with = "lenient")]
    pub(crate) issues: Several<Linked>,
}

/// The other end of a link.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Linked {
    pub(crate) id_readable: Text,
}

/// A custom field of an issue as it stands now.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct CustomField {
    pub(crate) name: Text,
    #[serde(default, rename = "$type", deserialize_with = "maybe")]
    pub(crate) kind: Option<Text>,
    #[serde(default)]
    pub(crate) value: Value,
}

/// Something that happened to an issue.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Event {
    #[serde(default, deserialize_with = "maybe")]
    pub(crate) timestamp: Option<i64>,
    #[serde(default, deserialize_with = "maybe")]
    pub(crate) author: Option<User>,
    #[serde(default, deserialize_with = "maybe")]
    pub(crate) category: Option<Category>,
    #[serde(default, deserialize_with = "maybe")]
    pub(crate) field: Option<Field>,
    #[serde(default)]
    pub(crate) added: Value,
    #[serde(default)]
    pub(crate) removed: Value,
}

/// An event among those of many issues.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Quiet {
    #[serde(default, deserialize_with = "maybe")]
    pub(crate) target: Option<Target>,
}

/// The issue that an event happened to.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Target {
    pub(crate) id: Text,
    #[serde(default, deserialize_with = "maybe")]
    pub(crate) project: Option<Project>,
}

/// What kind of event it is.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Category {
    pub(crate) id: Text,
}

/// Which field an event is about.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Field {
    #[serde(default, deserialize_with = "maybe")]
    pub(crate) name: Option<Text>,
    #[serde(default, deserialize_with = "maybe")]
    pub(crate) custom_field: Option<Named>,
}

/// A commit or a pull request that was linked.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Vcs {
    #[serde(default, deserialize_with = "maybe")]
    pub(crate) version: Option<String>,
    #[serde(default, deserialize_with = "maybe")]
    pub(crate) author: Option<User>,
    #[serde(default, deserialize_with = "maybe")]
    pub(crate) user_name: Option<Text>,
    #[serde(default, deserialize_with = "maybe")]
    pub(crate) pull_request: Option<PullRequest>,
}

/// A pull request.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PullRequest {
    #[serde(default, deserialize_with = "maybe")]
    pub(crate) url: Option<String>,
}

/// A field of a project with the values that it may have.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct ProjectField {
    pub(crate) field: Named,
    #[serde(default, deserialize_with = "maybe")]
    pub(crate) bundle: Option<Bundle>,
}

/// The values of a field.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Bundle {
    #[serde(default, deserialize_with = "lenient")]
    pub(crate) values: Several<Named>,
}

/// One value of a field: it comes as null, a number, a text, an object or an array of these.
#[derive(Clone, Debug)]
pub(crate) enum Part {
    Name(Text),
    User(User),
    Text(String),
    Number(i64),
    /// Something of another shape.
    Other,
}

/// The values in what a field holds, or an event added or took away.
pub(crate) fn parts(value: &Value) -> Vec<Part> {
    match value {
        Value::Null => Vec::new(),
        Value::Array(all) => all.iter().flat_map(parts).collect(),
        Value::String(text) => vec![Part::Text(text.clone())],
        Value::Number(number) => vec![number.as_i64().map_or(Part::Other, Part::Number)],
        Value::Object(object) => {
            let text = |key: &str| object.get(key).and_then(Value::as_str);
            let user = text("login").is_some() || text("$type") == Some("User");
            vec![match (user, text("name"), text("text")) {
                (true, _, _) => User::deserialize(value).map_or(Part::Other, Part::User),
                (_, Some(name), _) => Part::Name(name.into()),
                (_, _, Some(text)) => Part::Text(text.to_owned()),
                _ => Part::Other,
            }]
        }
        Value::Bool(_) => vec![Part::Other],
    }
}
