//! TOML tables that know their place, and report every mistake at once.
//!
//! A [`Document`] is parsed into a [`Section`]; a reader asks it for its keys by name and type, and gets
//! what is there and right. What is wrong, missing or unknown is noted with file, line and a suggestion, and reading goes
//! on, so that a person mends a file in one go.

mod hidden;
mod mistake;
mod section;
mod span;
mod value;

pub use mistake::{Mistake, Mistakes};
pub use section::{Section, nearest};
pub use value::{Place, SettingValue};

use std::cell::RefCell;
use std::collections::BTreeSet;

/// A TOML text with its name, to point at in mistakes.
#[derive(Clone, Debug)]
pub struct Document {
    name: String,
    text: String,
}

impl Document {
    /// A document called `name` (a path, mostly) with the given text.
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            text: text.into(),
        }
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Reads the document with `read` and gives back what that made of it.
    ///
    /// # Errors
    /// All the mistakes, in order of their lines, when there is at least one: of syntax, found by `read`, or keys that
    /// `read` did not ask for.
    pub fn read<T>(&self, read: impl FnOnce(&Section<'_>) -> T) -> Result<T, Mistakes> {
        let (made, notes) = self.note(read);
        let mistakes = notes.mistakes.into_inner();
        if mistakes.is_empty() {
            Ok(made)
        } else {
            Err(Mistakes::new(mistakes))
        }
    }

    /// Every key that `read` asks for, as `sources.settings.socket`: for a test that compares a description with the
    /// reader that it describes.
    pub fn keys<T>(&self, read: impl FnOnce(&Section<'_>) -> T) -> BTreeSet<String> {
        self.note(read).1.asked.into_inner()
    }

    fn note<T>(&self, read: impl FnOnce(&Section<'_>) -> T) -> (T, Notes) {
        let notes = Notes::default();
        let (root, errors) = toml::de::DeTable::parse_recoverable(&self.text);
        for error in &errors {
            let at = error.span().unwrap_or(0..0);
            let mistake = self.mistake(at.start, error.message().to_owned(), None);
            notes.mistakes.borrow_mut().push(mistake);
        }
        let section = Section::root(self, &root, &notes);
        let made = read(&section);
        // What a line that is no TOML was meant to say is not known, so neither are the keys that are missing or too many.
        if errors.is_empty() {
            section.finish();
        }
        drop(section);
        (made, notes)
    }

    fn mistake(&self, offset: usize, message: String, hint: Option<String>) -> Mistake {
        let (line, column) = self.line_and_column(offset);
        Mistake {
            file: self.name.clone(),
            line,
            column,
            message: hidden::without_secrets(&message).into_owned(),
            hint: hint.map(|hint| hidden::without_secrets(&hint).into_owned()),
        }
    }

    fn line_and_column(&self, offset: usize) -> (usize, usize) {
        let mut end = offset.min(self.text.len());
        while !self.text.is_char_boundary(end) {
            end -= 1;
        }
        let before = &self.text[..end];
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        let line = before.matches('\n').count() + 1;
        (line, before[line_start..].chars().count() + 1)
    }
}

/// What is noted while a document is read.
#[derive(Default)]
struct Notes {
    mistakes: RefCell<Vec<Mistake>>,
    asked: RefCell<BTreeSet<String>>,
}

impl Notes {
    /// Notes that a key was asked for; the rows of an array of tables count as one.
    fn ask(&self, path: &str, key: &str) {
        let mut whole = String::with_capacity(path.len() + key.len() + 1);
        for part in path.split('.').filter(|part| !part.is_empty()) {
            whole.push_str(part.split('[').next().unwrap_or(part));
            whole.push('.');
        }
        whole.push_str(key);
        self.asked.borrow_mut().insert(whole);
    }
}
