//! A table of a scenario after merging: it notes what is wrong, and which keys nobody asked for.

use jiff::Timestamp;
use plimsoll_model::AssetId;
use plimsoll_settings::{Section, SettingValue, nearest};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::short::expand;

/// Where the mistakes of one scenario go: to its key, or to what the file says of that key for all.
pub(super) struct Notes<'a> {
    pub(super) root: &'a Section<'a>,
    pub(super) row: &'a Section<'a>,
    pub(super) name: &'a str,
}

impl Notes<'_> {
    /// Notes what is wrong at a path, as `requests[0].approvals[1]`.
    pub(super) fn note(&self, path: &str, message: &str, hint: Option<String>) {
        let key = path.split(['.', '[']).next().unwrap_or(path);
        let message = format!("scenario {:?}: `{path}` {message}", self.name);
        let shared = if key == "requests" { "request" } else { key };
        if !self.row.has(key) && self.root.has(shared) {
            self.root.mistake(self.root.place_of(shared), message, hint);
        } else {
            self.row.mistake(self.row.place_of(key), message, hint);
        }
    }
}

/// The value of a key as it is written, with its stand-ins spelled out; null where there is none.
pub(super) fn value_of(section: &Section<'_>, key: &str) -> Value {
    let Some(value) = section.any(key) else {
        return Value::Null;
    };
    match plain(value) {
        Ok(value) => value,
        Err(message) => {
            section.mistake_at(key, format!("`{key}`: {message}"));
            Value::Null
        }
    }
}

fn plain(value: SettingValue) -> Result<Value, String> {
    Ok(match value {
        SettingValue::Bool(yes) => Value::from(yes),
        SettingValue::Int(number) => Value::from(number),
        SettingValue::Float(number) => Value::from(number),
        SettingValue::Text(text) => Value::from(expand(&text)?),
        SettingValue::List(items) => {
            Value::Array(items.into_iter().map(plain).collect::<Result<_, _>>()?)
        }
        SettingValue::Table(table) => {
            let pairs = table.into_iter();
            let pairs = pairs.map(|(key, value)| Ok((expand(&key)?, plain(value)?)));
            Value::Object(pairs.collect::<Result<Map<_, _>, String>>()?)
        }
    })
}

/// What a value is, for a person.
fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "nothing",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "a table",
    }
}

/// A table, emptied key by key.
pub(super) struct Table<'a> {
    notes: &'a Notes<'a>,
    path: String,
    keys: Map<String, Value>,
    asked: Vec<&'static str>,
}

impl<'a> Table<'a> {
    /// The table at a path. What is none is noted, and an empty one stands in its place.
    pub(super) fn new(notes: &'a Notes<'a>, path: impl Into<String>, value: Value) -> Self {
        let path = path.into();
        let keys = match value {
            Value::Object(keys) => keys,
            Value::Null => Map::new(),
            other => {
                notes.note(
                    &path,
                    &format!("must be a table, not {}", kind_of(&other)),
                    None,
                );
                Map::new()
            }
        };
        Self {
            notes,
            path,
            keys,
            asked: Vec::new(),
        }
    }

    pub(super) fn path(&self, key: &str) -> String {
        format!("{}.{key}", self.path)
    }

    pub(super) fn take(&mut self, key: &'static str) -> Option<Value> {
        self.asked.push(key);
        self.keys.remove(key)
    }

    pub(super) fn has(&self, key: &str) -> bool {
        self.keys.contains_key(key)
    }

    /// Notes what is wrong with a key.
    pub(super) fn note(&self, key: &str, message: &str, hint: Option<String>) {
        self.notes.note(&self.path(key), message, hint);
    }

    /// Notes a key that must be there and is not.
    fn require(&self, key: &str, hint: &str) {
        if !self.keys.contains_key(key) {
            self.note(key, "is missing", Some(hint.to_owned()));
        }
    }

    fn wrong<T>(&self, key: &str, want: &str, have: &Value) -> Option<T> {
        self.note(key, &format!("must be {want}, not {}", kind_of(have)), None);
        None
    }

    pub(super) fn text(&mut self, key: &'static str) -> Option<String> {
        match self.take(key)? {
            Value::String(text) => Some(text),
            other => self.wrong(key, "a text in quotes", &other),
        }
    }

    pub(super) fn required_text(&mut self, key: &'static str, hint: &str) -> Option<String> {
        self.require(key, hint);
        self.text(key)
    }

    pub(super) fn required_time(&mut self, key: &'static str, hint: &str) -> Option<Timestamp> {
        self.require(key, hint);
        self.time(key)
    }

    pub(super) fn flag(&mut self, key: &'static str) -> Option<bool> {
        match self.take(key)? {
            Value::Bool(yes) => Some(yes),
            other => self.wrong(key, "true or false", &other),
        }
    }

    pub(super) fn time(&mut self, key: &'static str) -> Option<Timestamp> {
        let text = self.text(key)?;
        self.moment(key, &text)
    }

    /// A time as it is written.
    pub(super) fn moment(&self, key: &str, text: &str) -> Option<Timestamp> {
        let time = text.parse().ok();
        if time.is_none() {
            let hint = "as \"2026-03-01T08:00:00Z\", with its zone".to_owned();
            self.note(key, &format!("{text:?} is no time"), Some(hint));
        }
        time
    }

    pub(super) fn table(&mut self, key: &'static str) -> Option<Table<'a>> {
        let value = self.take(key)?;
        Some(Table::new(self.notes, self.path(key), value))
    }

    /// The tables of a list.
    pub(super) fn tables(&mut self, key: &'static str) -> Vec<Table<'a>> {
        let items = self.list(key).unwrap_or_default();
        let made = (0..).zip(items).map(|(at, item)| {
            let path = format!("{}[{at}]", self.path(key));
            Table::new(self.notes, path, item)
        });
        made.collect()
    }

    fn list(&mut self, key: &'static str) -> Option<Vec<Value>> {
        match self.take(key)? {
            Value::Array(items) => Some(items),
            other => self.wrong(key, "a list", &other),
        }
    }

    /// The ids of assets in a list; none where the key is not there.
    pub(super) fn ids(&mut self, key: &'static str) -> Option<Vec<AssetId>> {
        let items = self.list(key)?;
        let ids = items.iter().filter_map(|item| match item.as_str() {
            Some(text) => self.id(key, text),
            None => self.wrong(key, "a list of ids in quotes", item),
        });
        Some(ids.collect())
    }

    /// A text as the id of an asset.
    pub(super) fn id(&self, key: &str, text: &str) -> Option<AssetId> {
        let id = AssetId::new(text);
        let hint = || Some("as \"container:web-1/api\"".to_owned());
        id.map_err(|error| self.note(key, &format!("{text:?}: {error}"), hint()))
            .ok()
    }

    /// The keys that are the user's own, each with its table or other value.
    pub(super) fn own(&mut self) -> Vec<(String, Value)> {
        std::mem::take(&mut self.keys).into_iter().collect()
    }

    /// An inner table under a key that is the user's own.
    pub(super) fn inner(&self, key: &str, value: Value) -> Table<'a> {
        Table::new(self.notes, self.path(key), value)
    }

    /// The whole as a type of the model. `least` is the least that the type needs, to find out which key does not fit.
    pub(super) fn read<T: DeserializeOwned>(self, least: &Value) -> Option<T> {
        let whole = Value::Object(self.keys.clone());
        let error = match serde_json::from_value::<T>(whole) {
            Ok(read) => return Some(read),
            Err(error) => error,
        };
        let fits = |key: &str, value: &Value| {
            let mut probe = least.clone();
            if let Some(probe) = probe.as_object_mut() {
                probe.insert(key.to_owned(), value.clone());
            }
            serde_json::from_value::<T>(probe).map(|_| ())
        };
        let mut found = false;
        for (key, value) in &self.keys {
            let Err(error) = fits(key, value) else {
                continue;
            };
            found = true;
            let mut inner = false;
            // What takes no empty list is no list of any length, and is told as a whole.
            let is_list = fits(key, &Value::Array(Vec::new())).is_ok();
            let items = value.as_array().filter(|_| is_list);
            for (at, item) in items.into_iter().flatten().enumerate() {
                if let Err(error) = fits(key, &Value::Array(vec![item.clone()])) {
                    inner = true;
                    self.explain(&format!("{}.{key}[{at}]", self.path), &error);
                }
            }
            if !inner {
                self.explain(&self.path(key), &error);
            }
        }
        if !found {
            self.explain(&self.path, &error);
        }
        None
    }

    /// Notes what the reader of a type says, with a suggestion where a word is nearly one that it knows.
    fn explain(&self, path: &str, error: &serde_json::Error) {
        let text = error.to_string();
        let parts: Vec<&str> = text.split('`').collect();
        let known: Vec<&str> = parts.iter().skip(3).step_by(2).copied().collect();
        let (message, hint) = match (text.starts_with("unknown "), parts.get(1)) {
            (true, Some(word)) => {
                let hint = nearest(word, known.iter().copied()).map_or_else(
                    || format!("known here: {}", known.join(", ")),
                    |near| format!("did you mean `{near}`?"),
                );
                (format!("has the unknown key `{word}`"), Some(hint))
            }
            _ => (format!("does not fit: {text}"), None),
        };
        // Of a key that is unknown itself, the table around it is the place.
        let path = match path.rsplit_once('.') {
            Some((around, key)) if parts.get(1) == Some(&key) && text.starts_with("unknown ") => {
                around
            }
            _ => path,
        };
        self.notes.note(path, &message, hint);
    }

    /// Notes every key that nobody asked for.
    pub(super) fn finish(self) {
        for key in self.keys.keys() {
            let hint = nearest(key, self.asked.iter().copied()).map_or_else(
                || format!("known here: {}", self.asked.join(", ")),
                |near| format!("did you mean `{near}`?"),
            );
            let message = format!("has the unknown key `{key}`");
            self.notes.note(&self.path, &message, Some(hint));
        }
    }
}
