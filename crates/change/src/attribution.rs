//! Who made a change, and how that is known.

use jiff::Timestamp;
use plimsoll_model::{AssetId, Labels, Text};
use serde::{Deserialize, Serialize};

use super::words::has_failed;

/// Who made a change, and how that is known. Its JSON form is stored, and part of the report's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attribution {
    /// What kind of evidence names the maker.
    pub how: Witness,
    /// What connects the record with the change.
    pub evidence: Evidence,
    /// Whether the record's time is that of the change: it is about this very change and lies between the looks.
    pub exact: bool,
    /// The record.
    #[serde(flatten)]
    pub record: Record,
    /// Other records that may be of this change, the newest first.
    #[serde(default)]
    pub candidates: Vec<Record>,
    /// Witness many more of them there are.
    #[serde(default)]
    pub more: u64,
}

/// What kind of evidence names the maker of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Witness {
    /// A platform's own record of what was done on it.
    #[serde(rename = "platform record")]
    PlatformRecord,
}

/// What connects a record with a change, the weakest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Evidence {
    /// That it was made in that time, and nothing else.
    Time,
    /// Its word means that the asset came to be, or ceased to be.
    Word,
    /// It says that it touched what changed.
    Fields,
    /// It names the value that is new: an image, a commit, a release.
    Details,
}

/// A platform's record, as far as it is kept with a change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// The source that gave it.
    pub source: Text,
    /// Its id.
    pub action: Text,
    /// The asset that it is about: the changed one, or one that contains it.
    pub asset: AssetId,
    /// What was done, in the platform's word.
    pub what: Text,
    /// When, by the platform's clock.
    pub at: Timestamp,
    /// Who did it, as the platform names the account; none where it does not say.
    #[serde(default)]
    pub account: Option<Text>,
    /// That account's display name.
    #[serde(default)]
    pub name: Option<Text>,
    /// What it says besides.
    #[serde(default)]
    pub details: Labels,
    /// The platform's names of the fields that it touched, where it says them; the first of many.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<Text>,
}

impl Record {
    /// What was done where, and as which release or commit: `fly release 12`.
    pub fn called(&self) -> Text {
        const COMMIT: usize = 12;
        let mut text = Text::from(self.source.as_str());
        for word in [Some(&self.what), self.details.get("release")]
            .into_iter()
            .flatten()
        {
            text.push(' ');
            text.push_str(word);
        }
        if let Some(commit) = self
            .details
            .get("commit")
            .filter(|_| !self.details.contains("release"))
        {
            text.push(' ');
            text.extend(commit.chars().take(COMMIT));
        }
        text
    }
}

impl Attribution {
    /// Who, by which record, and what that rests on where it is no more than the time: `ops@example.com (fly release
    /// 12)`, `unknown (fly update, the last of 3 records of that time)`.
    pub fn words(&self) -> Text {
        let who = self.record.account.as_deref().unwrap_or("unknown");
        let mut text = Text::from(who);
        text.push_str(" (");
        text.push_str(&self.record.called());
        let detail = |name: &str| self.record.details.get(name).map(Text::as_str);
        if detail("automated") == Some("true") {
            text.push_str(", automated");
        }
        if let Some(status) = detail("status").filter(|status| has_failed(status)) {
            text.push_str(", ");
            text.push_str(status);
        }
        if self.evidence == Evidence::Time {
            let all = self.candidates.len() as u64 + self.more + 1;
            match all {
                1 => text.push_str(", the only record of that time"),
                _ => text.push_str(&format!(", one of {all} records of that time")),
            }
        }
        text.push(')');
        text
    }
}

/// What of a record's details is kept with a change or an access, and shown.
const SHOWN: [&str; 6] = [
    "automated",
    "commit",
    "image",
    "release",
    "status",
    "ticket",
];
/// Witness many characters of one text are.
const LONGEST: usize = 256;

/// The details that are kept with a change or an access: a record may tell of a thousand changes, so they are few.
pub fn showable(details: &Labels) -> Labels {
    let kept = SHOWN
        .iter()
        .filter_map(|name| Some((*name, brief(details.get(name)?))));
    kept.collect()
}

/// The start of a text: of all that is said in words.
pub fn brief(text: &str) -> Text {
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => Text::from(&text[..end]),
        None => Text::from(text),
    }
}
