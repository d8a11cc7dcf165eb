//! A table and its keys.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::time::Duration;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::{Document, Mistake, Notes, Place, SettingValue, span};

/// What a table that is not there holds.
static EMPTY: LazyLock<DeTable<'static>> = LazyLock::new(DeTable::new);

/// A table of a document. Each getter notes a mistake and gives none when the key is there with a wrong type.
pub struct Section<'a> {
    document: &'a Document,
    table: &'a DeTable<'a>,
    start: usize,
    path: String,
    asked: RefCell<BTreeSet<String>>,
    notes: &'a Notes,
}

impl<'a> Section<'a> {
    pub(crate) fn root(
        document: &'a Document,
        table: &'a Spanned<DeTable<'a>>,
        notes: &'a Notes,
    ) -> Self {
        Self {
            document,
            table: table.as_ref(),
            start: table.span().start,
            path: String::new(),
            asked: RefCell::default(),
            notes,
        }
    }

    /// The section's path in its document, as `sources[0].settings`; empty for the root.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The name of the document it stands in.
    pub fn file(&self) -> &str {
        self.document.name()
    }

    /// The path that a text of this document means: a relative one starts from the document's folder, and `~/` from the home folder.
    /// Every setting that is a path goes through here, so that it does not matter where a program was started.
    pub fn path_from(&self, text: &str) -> PathBuf {
        let home = || std::env::var_os("HOME").filter(|home| !home.is_empty());
        if let Some((inside, home)) = text.strip_prefix("~/").zip(home()) {
            return PathBuf::from(home).join(inside);
        }
        let folder = Path::new(self.file()).parent();
        folder.map_or_else(|| PathBuf::from(text), |folder| folder.join(text))
    }

    /// The path under a key, as [`path_from`](Self::path_from) takes it.
    pub fn file_path(&self, key: &str) -> Option<PathBuf> {
        self.text(key).map(|text| self.path_from(&text))
    }

    /// Where the section starts.
    pub fn place(&self) -> Place {
        Place(self.start)
    }

    /// Where a key's value stands, or the section where there is none.
    pub fn place_of(&self, key: &str) -> Place {
        Place(
            self.table
                .get(key)
                .map_or(self.start, |value| value.span().start),
        )
    }

    /// The line of a place, from 1; for a mistake that is about two places.
    pub fn line(&self, place: Place) -> usize {
        self.document.line_and_column(place.0).0
    }

    /// Whether the key is there.
    pub fn has(&self, key: &str) -> bool {
        self.table.contains_key(key)
    }

    /// The section's keys in the order of the alphabet; for tables whose keys are the user's own.
    pub fn keys(&self) -> Vec<String> {
        self.table
            .keys()
            .map(|key| key.as_ref().to_string())
            .collect()
    }

    /// Notes a mistake at a place.
    pub fn mistake(&self, at: Place, message: impl Into<String>, hint: Option<String>) {
        let mistake: Mistake = self.document.mistake(at.0, message.into(), hint);
        self.notes.mistakes.borrow_mut().push(mistake);
    }

    /// A mistake at a place that is not noted: for what can only be judged when other documents have been read.
    pub fn draft(&self, at: Place, message: impl Into<String>, hint: Option<String>) -> Mistake {
        self.document.mistake(at.0, message.into(), hint)
    }

    /// Notes a mistake at a key's value.
    pub fn mistake_at(&self, key: &str, message: impl Into<String>) {
        self.mistake(self.place_of(key), message, None);
    }

    /// Notes that a key that must be there is not.
    pub fn missing(&self, key: &str, hint: &str) {
        let place = if self.path.is_empty() {
            String::new()
        } else {
            format!(" in {}", self.path)
        };
        let hint = (!hint.is_empty()).then(|| hint.to_owned());
        self.mistake(self.place(), format!("`{key}` is missing{place}"), hint);
    }

    /// A text.
    pub fn text(&self, key: &str) -> Option<String> {
        match self.ask(key)?.as_ref() {
            DeValue::String(text) => Some(text.to_string()),
            other => self.wrong(key, "a text in quotes", other),
        }
    }

    /// A text that must be there and not be empty.
    pub fn required_text(&self, key: &str, hint: &str) -> Option<String> {
        if !self.has(key) {
            self.missing(key, hint);
        }
        let text = self.text(key)?;
        if text.trim().is_empty() {
            self.mistake_at(key, format!("`{key}` must not be empty"));
            return None;
        }
        Some(text)
    }

    /// A boolean.
    pub fn bool(&self, key: &str) -> Option<bool> {
        match self.ask(key)?.as_ref() {
            DeValue::Boolean(yes) => Some(*yes),
            other => self.wrong(key, "true or false", other),
        }
    }

    /// A whole number in a range.
    pub fn int(&self, key: &str, range: RangeInclusive<i64>) -> Option<i64> {
        let value = self.ask(key)?;
        let DeValue::Integer(number) = value.as_ref() else {
            return self.wrong(key, "a whole number", value.as_ref());
        };
        let number = i64::from_str_radix(number.as_str(), number.radix()).ok();
        if let Some(number) = number.filter(|number| range.contains(number)) {
            return Some(number);
        }
        self.mistake_at(
            key,
            format!("`{key}` must be from {} to {}", range.start(), range.end()),
        );
        None
    }

    /// A number, whole or with a fraction.
    pub fn float(&self, key: &str) -> Option<f64> {
        match self.ask(key)?.as_ref() {
            DeValue::Float(number) => number.as_str().replace('_', "").parse().ok(),
            DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix())
                .ok()
                .map(|n| n as f64),
            other => self.wrong(key, "a number", other),
        }
    }

    /// A duration with its unit, as `"90s"`, `"15 min"`, `"7 days"`, in a range.
    pub fn duration(&self, key: &str, range: RangeInclusive<Duration>) -> Option<Duration> {
        let text = self.text(key)?;
        let Some(duration) = span::parse(&text) else {
            let hint =
                Some("write a number with its unit, as \"30s\", \"15m\", \"7 days\"".to_owned());
            self.mistake(
                self.place_of(key),
                format!("`{key}`: {text:?} is no duration"),
                hint,
            );
            return None;
        };
        if range.contains(&duration) {
            return Some(duration);
        }
        let (low, high) = (span::show(*range.start()), span::show(*range.end()));
        self.mistake_at(key, format!("`{key}` must be from {low} to {high}"));
        None
    }

    /// A date (`2027-03-31`) or a time with zone (`2027-03-31T12:00:00Z`), as written, quoted or not. A time without a zone is a
    /// mistake: which moment is meant, nobody can know.
    pub fn date(&self, key: &str) -> Option<String> {
        let text = match self.ask(key)?.as_ref() {
            DeValue::Datetime(time) => time.to_string(),
            DeValue::String(text) => text.to_string(),
            other => return self.wrong(key, "a date, as 2027-03-31", other),
        };
        if lacks_zone(&text) {
            let hint = Some(format!("write {text}Z, or its offset, as {text}+01:00"));
            let message = format!("`{key}`: {text:?} has no zone");
            self.mistake(self.place_of(key), message, hint);
            return None;
        }
        Some(text)
    }

    /// A list of texts; a single text is a list of one.
    pub fn texts(&self, key: &str) -> Option<Vec<String>> {
        match self.ask(key)?.as_ref() {
            DeValue::String(text) => Some(vec![text.to_string()]),
            DeValue::Array(items) => {
                let mut texts = Vec::with_capacity(items.len());
                for item in items.iter() {
                    match item.as_ref() {
                        DeValue::String(text) => texts.push(text.to_string()),
                        other => {
                            let message =
                                format!("`{key}` takes texts in quotes, not {}", other.type_str());
                            self.mistake(Place(item.span().start), message, None);
                        }
                    }
                }
                Some(texts)
            }
            other => self.wrong(key, "a list of texts, as [\"a\", \"b\"]", other),
        }
    }

    /// A list of whole numbers in a range; a single number is a list of one.
    pub fn ints(&self, key: &str, range: RangeInclusive<i64>) -> Option<Vec<i64>> {
        let items: Vec<&Spanned<DeValue<'_>>> = match self.ask(key)? {
            value if value.as_ref().is_integer() => vec![value],
            value => match value.as_ref().as_array() {
                Some(items) => items.iter().collect(),
                None => return self.wrong(key, "a list of whole numbers", value.as_ref()),
            },
        };
        let mut numbers = Vec::with_capacity(items.len());
        for item in items {
            let number = item.as_ref().as_integer();
            let number = number.and_then(|n| i64::from_str_radix(n.as_str(), n.radix()).ok());
            match number.filter(|number| range.contains(number)) {
                Some(number) => numbers.push(number),
                None => {
                    let (low, high) = (range.start(), range.end());
                    let message = format!("`{key}` takes whole numbers from {low} to {high}");
                    self.mistake(Place(item.span().start), message, None);
                }
            }
        }
        Some(numbers)
    }

    /// One of several words, and what it stands for.
    pub fn choice<T: Clone>(&self, key: &str, choices: &[(&str, T)]) -> Option<T> {
        let text = self.text(key)?;
        if let Some((_, chosen)) = choices.iter().find(|(word, _)| *word == text) {
            return Some(chosen.clone());
        }
        let words: Vec<&str> = choices.iter().map(|(word, _)| *word).collect();
        let hint =
            nearest(&text, words.iter().copied()).map(|word| format!("did you mean {word:?}?"));
        let message = format!("`{key}`: {text:?} is none of {}", words.join(", "));
        self.mistake(self.place_of(key), message, hint);
        None
    }

    /// A value of any type.
    pub fn any(&self, key: &str) -> Option<SettingValue> {
        let value = self.ask(key)?;
        let made = SettingValue::of(value.as_ref());
        if made.is_none() {
            self.mistake_at(key, format!("`{key}` holds a number that is too large"));
        }
        made
    }

    /// All that is written here, as one text that only depends on what it says: to tell whether anything was altered. It
    /// holds what the settings hold, secrets included.
    pub fn said(&self) -> String {
        let table = self.table.iter().map(|(key, value)| {
            let key = key.as_ref().to_string();
            (key, SettingValue::of(value.as_ref()))
        });
        format!("{:?}", table.collect::<std::collections::BTreeMap<_, _>>())
    }

    /// A table.
    pub fn table(&self, key: &str) -> Option<Section<'a>> {
        let value = self.ask(key)?;
        match value.as_ref() {
            DeValue::Table(table) => Some(self.inner(key.to_owned(), table, value.span().start)),
            other => self.wrong(key, "a table", other),
        }
    }

    /// A table whose keys all have defaults: where it is not there, or no table, an empty one in its place.
    pub fn table_or_empty(&self, key: &str) -> Section<'a> {
        self.table(key)
            .unwrap_or_else(|| self.inner(key.to_owned(), &EMPTY, self.start))
    }

    /// An array of tables; empty where the key is missing.
    pub fn tables(&self, key: &str) -> Vec<Section<'a>> {
        let Some(value) = self.ask(key) else {
            return Vec::new();
        };
        let DeValue::Array(items) = value.as_ref() else {
            let hint = Some(format!("write [[{key}]]"));
            let message = format!("`{key}` must be an array of tables");
            self.mistake(Place(value.span().start), message, hint);
            return Vec::new();
        };
        let mut sections = Vec::with_capacity(items.len());
        for (at, item) in items.iter().enumerate() {
            match item.as_ref() {
                DeValue::Table(table) => {
                    sections.push(self.inner(format!("{key}[{at}]"), table, item.span().start));
                }
                other => {
                    let message = format!("`{key}` holds tables, not {}", other.type_str());
                    self.mistake(
                        Place(item.span().start),
                        message,
                        Some(format!("write [[{key}]]")),
                    );
                }
            }
        }
        sections
    }

    /// Notes every key that was not asked for. Call it when all have been.
    pub fn finish(&self) {
        let asked = self.asked.borrow();
        for key in self.table.keys() {
            if asked.contains(key.as_ref().as_ref()) {
                continue;
            }
            let place = if self.path.is_empty() {
                String::new()
            } else {
                format!(" in {}", self.path)
            };
            let hint = nearest(key.as_ref(), asked.iter().map(String::as_str)).map_or_else(
                || {
                    let known: Vec<&str> = asked.iter().map(String::as_str).collect();
                    (!known.is_empty()).then(|| format!("known here: {}", known.join(", ")))
                },
                |word| Some(format!("did you mean `{word}`?")),
            );
            // A secret that was pasted into the wrong place is not repeated; its line and column say where it is.
            let key_text = key.as_ref().as_ref();
            let near = hint
                .as_ref()
                .is_some_and(|hint| hint.starts_with("did you mean"));
            let message = if near || is_word(key_text) {
                format!("unknown key `{key_text}`{place}")
            } else {
                format!("unknown key, which looks like no word and is not repeated here{place}")
            };
            self.mistake(Place(key.span().start), message, hint);
        }
    }

    fn inner(&self, key: String, table: &'a DeTable<'a>, start: usize) -> Section<'a> {
        let path = if self.path.is_empty() {
            key
        } else {
            format!("{}.{key}", self.path)
        };
        Section {
            document: self.document,
            table,
            start,
            path,
            asked: RefCell::default(),
            notes: self.notes,
        }
    }

    fn ask(&self, key: &str) -> Option<&'a Spanned<DeValue<'a>>> {
        self.asked.borrow_mut().insert(key.to_owned());
        self.notes.ask(&self.path, key);
        self.table.get(key)
    }

    fn wrong<T>(&self, key: &str, want: &str, have: &DeValue<'_>) -> Option<T> {
        self.mistake_at(
            key,
            format!("`{key}` must be {want}, not {}", have.type_str()),
        );
        None
    }
}

/// The known word nearest to one that is not, if any is near enough to be what was meant.
pub fn nearest<'w>(word: &str, known: impl Iterator<Item = &'w str>) -> Option<&'w str> {
    known
        .map(|other| (strsim::jaro_winkler(word, other), other))
        .filter(|(nearness, _)| *nearness >= 0.8)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, other)| other)
}

/// Whether a text begins with a date, goes on with a time of day, and names no zone.
fn lacks_zone(text: &str) -> bool {
    let Some((date, time)) = text.trim().split_at_checked("2027-03-31".len()) else {
        return false;
    };
    let digits = |byte: u8| byte.is_ascii_digit() || byte == b'-';
    date.bytes().all(digits) && !time.is_empty() && !time.contains(['Z', 'z', '+', '-', '['])
}

/// The longest key that is shown where it is none that is known: longer than any of ours.
const LONGEST_WORD: usize = 24;

/// Whether a key may be shown: short, of small letters, and so hardly a secret.
fn is_word(key: &str) -> bool {
    key.len() <= LONGEST_WORD
        && key
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b"_-.".contains(&b))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mistakes(text: &str, read: impl FnOnce(&Section<'_>)) -> Vec<String> {
        match Document::new("c.toml", text).read(read) {
            Ok(()) => Vec::new(),
            Err(mistakes) => mistakes.iter().map(ToString::to_string).collect(),
        }
    }

    #[test]
    fn all_mistakes_come_at_once_with_their_places() {
        let found = mistakes("a = 1\nnme = \"x\"\n[[b]]\nd = \"5 parsecs\"\n", |root| {
            root.text("a");
            root.text("name");
            for b in root.tables("b") {
                b.duration("d", Duration::ZERO..=Duration::from_secs(60));
                b.required_text("e", "give one");
                b.finish();
            }
        });
        assert_eq!(
            found,
            [
                "c.toml:1:5: `a` must be a text in quotes, not integer",
                "c.toml:2:1: unknown key `nme` (did you mean `name`?)",
                "c.toml:3:1: `e` is missing in b[0] (give one)",
                "c.toml:4:5: `d`: \"5 parsecs\" is no duration (write a number with its unit, as \"30s\", \"15m\", \"7 days\")",
            ]
        );
    }

    #[test]
    fn a_secret_in_the_place_of_a_key_is_not_repeated() {
        for key in [
            "ghp_16C7e42F292c6912E7710c838347Ae178B4a",
            "\"p w!\"",
            "eyJhbGciOi",
            "hunter2",
        ] {
            let found = mistakes(&format!("name = 1\n{key} = 1\n"), |root| {
                root.int("name", 0..=9);
                root.finish();
            });
            let bare = key.trim_matches('"');
            assert!(
                found[0].starts_with("c.toml:2:1: unknown key, "),
                "{found:?}"
            );
            assert!(!found[0].contains(bare), "{found:?}");
        }
        let found = mistakes("name = 1\nname2 = 1\ncolour = 1", |root| {
            root.int("name", 0..=9);
            root.finish();
        });
        assert!(
            found[0].contains("`name2`") && found[1].contains("`colour`"),
            "{found:?}"
        );
    }

    #[test]
    fn syntax_errors_have_lines_too() {
        let found = mistakes("a = 1\nb = = 2\n", |root| {
            root.int("a", 0..=9);
        });
        assert!(found[0].starts_with("c.toml:2:"), "{found:?}");
    }

    #[test]
    fn durations_in_days_and_ranges() {
        let found = mistakes("a = \"7 days\"\nb = \"2h\"\nc = \"1500ms\"", |root| {
            let week = Duration::from_secs(7 * 86_400);
            assert_eq!(root.duration("a", Duration::ZERO..=week), Some(week));
            assert_eq!(
                root.duration("b", Duration::ZERO..=Duration::from_secs(3600)),
                None
            );
            assert_eq!(
                root.duration("c", Duration::ZERO..=week),
                Some(Duration::from_millis(1500))
            );
        });
        assert_eq!(found, ["c.toml:2:5: `b` must be from 0ms to 1h"]);
    }

    #[test]
    fn a_table_that_is_not_there_is_read_for_its_defaults_and_its_keys() {
        let document = Document::new("c.toml", "b = 1\n[[list]]\n[[list]]\n");
        let read = |root: &Section<'_>| {
            for key in ["a", "b"] {
                let table = root.table_or_empty(key);
                assert_eq!(table.bool("on"), None);
                table.finish();
            }
            for list in root.tables("list") {
                list.text("x");
            }
        };
        let found = document.read(read).unwrap_err();
        assert_eq!(
            found.to_string(),
            "c.toml:1:5: `b` must be a table, not integer"
        );
        let keys = document.keys(read).into_iter().collect::<Vec<_>>();
        assert_eq!(keys, ["a", "a.on", "b", "b.on", "list", "list.x"]);
    }

    #[test]
    fn numbers_in_every_radix_and_none_too_large() {
        let found = mistakes(
            "a = 0x10\nb = 99999999999999999999\nc = [1, 70000]",
            |root| {
                assert_eq!(root.int("a", 0..=100), Some(16));
                assert_eq!(root.int("b", 0..=100), None);
                assert_eq!(root.ints("c", 1..=65535), Some(vec![1]));
            },
        );
        assert_eq!(found.len(), 2, "{found:?}");
    }
}
