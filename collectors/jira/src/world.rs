//! What names mean in one Jira: its fields and statuses.

use std::collections::{BTreeSet, HashMap};

use plimsoll_kit::http::Error;
use serde_json::value::RawValue;

use crate::client::Jira;
use crate::settings::{On, Settings};
use crate::wire;

/// The type of the field by which the service desk marks its requests.
const REQUEST_TYPE: &str = "com.atlassian.servicedesk:vp-origin";

/// What names mean in one Jira.
#[derive(Default)]
pub(crate) struct World {
    /// Ids of fields by their names in lower case; several may have one name.
    fields: HashMap<String, Vec<String>>,
    /// Kinds of custom fields by their ids.
    kinds: HashMap<String, String>,
    /// Name and category of statuses by their ids.
    statuses: HashMap<String, (String, String)>,
    /// The field that says that an issue is a service desk's request.
    pub(crate) request_type: Option<String>,
}

impl World {
    /// Reads fields and statuses, after having made sure that the token is known.
    pub(crate) async fn read(jira: &Jira) -> Result<Self, Error> {
        let _: wire::Myself = jira.myself().await?.json()?;
        let fields: Vec<Box<RawValue>> = jira.fields().await?.json()?;
        let statuses: Vec<Box<RawValue>> = jira.statuses().await?.json()?;
        Ok(Self::of(&fields, &statuses))
    }

    /// From the two lists. What is broken in one has no name, and so means nothing.
    pub(crate) fn of(fields: &[Box<RawValue>], statuses: &[Box<RawValue>]) -> Self {
        let mut world = Self::default();
        for field in wire::sound::<wire::Field>(fields).0 {
            let custom = field.schema.and_then(|schema| schema.custom);
            if custom.as_deref() == Some(REQUEST_TYPE) {
                world.request_type = Some(field.id.clone());
            }
            if let Some(kind) = custom {
                world.kinds.insert(field.id.clone(), kind);
            }
            let names = [field.name.to_lowercase(), field.id.to_lowercase()];
            for name in names {
                let ids = world.fields.entry(name).or_default();
                if !ids.contains(&field.id) {
                    ids.push(field.id.clone());
                }
            }
        }
        for ids in world.fields.values_mut() {
            ids.sort();
        }
        for status in wire::sound::<wire::Status>(statuses).0 {
            let category = status.status_category.map(|category| category.key);
            let about = (status.name, category.unwrap_or_default());
            world.statuses.insert(status.id, about);
        }
        world
    }

    /// The ids of the fields with one of these names or ids.
    pub(crate) fn ids<'w>(&'w self, names: &'w [String]) -> impl Iterator<Item = &'w str> {
        let found = names.iter().filter_map(|name| self.fields.get(name));
        found.flatten().map(String::as_str)
    }

    /// What somebody named in the settings and that is not there, for people.
    pub(crate) fn missing(&self, settings: &Settings) -> BTreeSet<String> {
        let mut fields: Vec<&String> = settings.fields.named.iter().collect();
        let mut statuses: Vec<&String> = settings.statuses.named.iter().collect();
        let approvals = settings.approvals.iter().map(|rule| (rule.named, &rule.on));
        let sign_offs = settings.sign_offs.iter().map(|rule| (rule.named, &rule.on));
        for (_, on) in approvals.chain(sign_offs).filter(|(named, _)| *named) {
            match on {
                On::Status { to, from } => statuses.extend(to.iter().chain(from)),
                On::Field { field, .. } => fields.push(field),
                On::Label(_) | On::Step(_) | On::Comment(_) => {}
            }
        }
        let field = |name: &&&String| !self.fields.contains_key(**name);
        let status = |name: &&&String| {
            let mut all = self.statuses.iter();
            !all.any(|(id, (own, _))| id == **name || own.trim().to_lowercase() == ***name)
        };
        let fields = fields.iter().filter(field).map(|name| {
            format!("no field is called {name}: check the settings, and whether the token's account sees it")
        });
        let statuses = statuses.iter().filter(status).map(|name| {
            format!(
                "no status is called {name} today: check the settings, and whether it was renamed"
            )
        });
        fields.chain(statuses).collect()
    }

    /// What a status is called today, by its id. A status that is gone has the name that it had.
    pub(crate) fn status<'w>(&'w self, id: &str, then: &'w str) -> (&'w str, &'w str) {
        match self.statuses.get(id) {
            Some((name, category)) => (name, category),
            None => (then, ""),
        }
    }

    /// Of which kind a custom field is: by its id, or by its name where the history gives no id and all of that name are of one kind.
    pub(crate) fn kind(&self, item: &wire::Item) -> Option<&str> {
        if !item.field_id.is_empty() {
            return self.kinds.get(&item.field_id).map(String::as_str);
        }
        let ids = self.fields.get(&item.field.to_lowercase())?;
        let mut kinds = ids.iter().map(|id| self.kinds.get(id));
        let first = kinds.next()??;
        kinds.all(|kind| kind == Some(first)).then_some(first)
    }

    /// Which field was altered, by its id in lower case. One of which the history gives no id and several have the name is called by that.
    pub(crate) fn key(&self, item: &wire::Item) -> String {
        let own = item.own();
        if !own.is_empty() {
            return plain(&own);
        }
        if !item.field_id.is_empty() {
            return item.field_id.to_lowercase();
        }
        let name = item.field.to_lowercase();
        let known = self.fields.get(&name).into_iter().flatten();
        let mut custom = known.filter(|id| id.starts_with("customfield_"));
        match (custom.next(), custom.next()) {
            (Some(id), None) => id.to_lowercase(),
            _ => name,
        }
    }

    /// Whether what was altered is one of these fields: by its id, or by its name where the history gives no id.
    pub(crate) fn is(&self, item: &wire::Item, names: &[String]) -> bool {
        if item.field_id.is_empty() {
            let field = item.field.to_lowercase();
            let known = plain(&field);
            names.iter().any(|name| *name == field || *name == known)
                || self.ids(names).any(|id| id.to_lowercase() == known)
                || self
                    .fields
                    .get(&field)
                    .is_some_and(|ids| ids.iter().any(|id| self.ids(names).any(|own| own == id)))
        } else {
            let id = item.field_id.to_lowercase();
            names.contains(&id) || self.ids(names).any(|own| own == item.field_id)
        }
    }
}

/// The id of a field of the system's own that a history calls otherwise.
pub(crate) fn plain(name: &str) -> String {
    match name {
        "component" => "components",
        "fix version" => "fixversions",
        "version" => "versions",
        "link" => "issuelinks",
        other => other,
    }
    .to_owned()
}
