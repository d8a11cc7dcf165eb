//! TOML tables that know their place, and report every mistake at once.
//!
//! A [`Document`] is parsed into a [`Section`]; a reader asks it for its keys by name and type, and gets
//! what is there and right. What is wrong, missing or unknown is noted with file, line and a suggestion, and reading goes
//! on, so that a person mends a file in one go.

mod mistake;
mod section;
mod value;

pub use mistake::{Mistake, Mistakes};
pub use section::{Section, nearest};
pub use value::{Place, SettingValue};

use std::cell::RefCell;

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
        let notes = RefCell::new(Vec::new());
        let (root, errors) = toml::de::DeTable::parse_recoverable(&self.text);
        for error in &errors {
            let at = error.span().unwrap_or(0..0);
            notes
                .borrow_mut()
                .push(self.mistake(at.start, error.message().to_owned(), None));
        }
        let section = Section::root(self, &root, &notes);
        let made = read(&section);
        if errors.is_empty() {
            section.finish();
        }
        let mistakes = notes.into_inner();
        if mistakes.is_empty() {
            Ok(made)
        } else {
            Err(Mistakes::new(mistakes))
        }
    }

    fn mistake(&self, offset: usize, message: String, hint: Option<String>) -> Mistake {
        let offset = self.text.floor_char_boundary(offset);
        let before = &self.text[..offset];
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        Mistake {
            file: self.name.clone(),
            line: before.matches('\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
            message,
            hint,
        }
    }
}
