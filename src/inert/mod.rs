//! Text from outside on its way out. For each format one function makes it a single line that means nothing but itself
//! there, and a type of its own: what sends or writes that format takes this type, so that no other text gets there.

mod cell;
mod forms;
pub(crate) mod html;
pub(crate) mod json;
#[cfg(test)]
mod tests;

use std::fmt;
use std::marker::PhantomData;

use serde::{Serialize, Serializer};

pub(crate) use cell::{Cell, Table, short};
pub use forms::{Address, Card, Mrkdwn, Plain, Subject};

use crate::report::tame;

/// The most columns that are made fit: no channel shows as much.
const WIDEST: usize = 20_000;

/// A format in which text is shown.
pub trait Format {
    /// Puts a character between what stands before it and what comes after it, so that the format shows it and does nothing
    /// else with it. The text is one line without control characters.
    fn put(before: &str, c: char, after: &str, made: &mut String);
}

/// A text that is inert in a format: made of our own words and of lines from outside, and of nothing else.
pub struct Inert<F> {
    text: String,
    format: PhantomData<F>,
}

impl<F: Format> Inert<F> {
    /// A text from outside: one line of at most `most` characters in this format; what is longer ends in `…`.
    pub fn line(outside: &str, most: usize) -> Self {
        let tamed = tame(outside, most.saturating_mul(2).min(WIDEST));
        let mut made = String::with_capacity(tamed.len());
        let (mut used, mut fits) = (0, 0);
        for (at, c) in tamed.char_indices() {
            let start = made.len();
            let (before, rest) = tamed.split_at(at);
            F::put(before, c, rest.get(c.len_utf8()..).unwrap_or(""), &mut made);
            used += made.get(start..).map_or(0, |piece| piece.chars().count());
            if used > most {
                made.truncate(fits);
                made.push('…');
                break;
            }
            if used < most {
                fits = made.len();
            }
        }
        Self::of(made)
    }

    /// Our own words, with whatever mark-up and line breaks they have.
    pub fn own(words: &'static str) -> Self {
        Self::of(words.to_owned())
    }

    /// The same with something after it.
    #[must_use]
    pub fn and(mut self, more: &Self) -> Self {
        self.text.push_str(&more.text);
        self
    }

    /// The same with our own words after it.
    #[must_use]
    pub fn and_own(mut self, words: &'static str) -> Self {
        self.text.push_str(words);
        self
    }

    /// Texts with our own words between them.
    pub fn join(texts: &[Self], between: &'static str) -> Self {
        let texts: Vec<&str> = texts.iter().map(|one| one.text.as_str()).collect();
        Self::of(texts.join(between))
    }

    /// As many of these texts, each on a line of its own, as fit into so many characters; `…` says that there are more.
    pub fn lines(texts: impl IntoIterator<Item = Self>, most: usize) -> Self {
        let mut made = String::new();
        let mut used = 0;
        for text in texts {
            let long = text.len() + 1;
            if used + long + 2 > most {
                made.push_str(if made.is_empty() { "…" } else { "\n…" });
                break;
            }
            if used > 0 {
                made.push('\n');
            }
            used += long;
            made.push_str(&text.text);
        }
        Self::of(made)
    }

    /// How many characters it has.
    pub fn len(&self) -> usize {
        self.text.chars().count()
    }

    /// Whether it says nothing.
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    fn of(text: String) -> Self {
        Self {
            text,
            format: PhantomData,
        }
    }
}

impl Inert<Mrkdwn> {
    /// A link.
    pub fn link(address: &str, name: &Self) -> Self {
        let address = Inert::<Address>::line(address, 2_000);
        Self::of(format!(
            "<{}|{}>",
            address.text.replace('&', "&amp;"),
            name.text
        ))
    }
}

impl<F> Clone for Inert<F> {
    fn clone(&self) -> Self {
        Self {
            text: self.text.clone(),
            format: PhantomData,
        }
    }
}

impl<F> fmt::Debug for Inert<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.text, f)
    }
}

impl<F> PartialEq for Inert<F> {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl<F> Serialize for Inert<F> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}
