//! A message before it is put into any platform's form.

use plimsoll_model::Text;
use serde::{Deserialize, Serialize};

use super::occurrence::Occurrence;
use crate::baseline::Severity;

/// What a message says. Its texts are as they came: each platform's form escapes and cuts them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// What it is about, in a line: `Unapproved change: api (production)`.
    pub title: Text,
    /// How things stand now, in a line.
    pub headline: Text,
    /// Whether that is bad, good, or neither.
    pub tone: Tone,
    /// The worst of what it tells.
    pub severity: Severity,
    /// Short values with their names.
    #[serde(default)]
    pub fields: Vec<(Text, Text)>,
    /// Longer texts with their headings.
    #[serde(default)]
    pub parts: Vec<Part>,
    /// A list, each line with what stands before it.
    #[serde(default)]
    pub lines: Vec<Line>,
    /// Where to go on: the name and the address of a page.
    #[serde(default)]
    pub link: Option<(Text, Text)>,
    /// Where it comes from, in small letters.
    #[serde(default)]
    pub footer: Text,
    /// What became of it since, the oldest first.
    #[serde(default)]
    pub since: Vec<Since>,
    /// What it tells, for programs; none for a digest.
    #[serde(default)]
    pub occurrence: Option<Box<Occurrence>>,
}

/// A longer text with its heading.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "StoredPart")]
pub struct Part {
    /// The heading; empty for none.
    pub heading: Text,
    /// The text. What stands between two of its lines is ours: a line break within one came from outside, and breaks nothing.
    pub lines: Vec<Text>,
}

impl Part {
    /// A part of one line.
    pub fn line(heading: impl Into<Text>, line: impl Into<Text>) -> Self {
        Self {
            heading: heading.into(),
            lines: vec![line.into()],
        }
    }
}

/// A part as it was stored.
#[derive(Deserialize)]
#[serde(untagged)]
enum StoredPart {
    Lines {
        heading: Text,
        lines: Vec<Text>,
    },
    /// An earlier form: which of its line breaks came from outside is not known.
    Pair(Text, Text),
}

impl From<StoredPart> for Part {
    fn from(stored: StoredPart) -> Self {
        match stored {
            StoredPart::Lines { heading, lines } => Self { heading, lines },
            StoredPart::Pair(heading, text) => Self::line(heading, text),
        }
    }
}

/// What became of something that a message tells.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Since {
    /// Of what it is, as `change:118`.
    pub subject: Text,
    /// That in a word, as the control of a drift.
    pub name: Text,
    /// How it stands.
    pub standing: Text,
    /// Whether that is good.
    pub good: bool,
}

/// A line of a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// What stands before it, as a severity.
    pub mark: Text,
    /// The line.
    pub text: Text,
}

/// Whether a message is good news.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Tone {
    /// Somebody has to do something.
    Bad,
    /// Something is well again.
    Good,
    /// Neither.
    Plain,
}
