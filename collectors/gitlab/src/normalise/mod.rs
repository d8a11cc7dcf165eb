//! From the API's shapes to the model: pure.

mod agreement;
mod approvals;
pub(crate) mod branch;
pub(crate) mod checks;
mod events;
mod history;
pub(crate) mod issue;
pub(crate) mod merge_request;
mod party;
mod spoken;

use jiff::Timestamp;
use plimsoll_kit::http::Url;
use plimsoll_model::{ChangeRequest, Text};

/// The longest title, in characters.
const TITLE: usize = 300;
/// The longest name of an account, a label, a branch.
const WORD: usize = 255;
/// The most labels of one request.
const LABELS: usize = 200;
/// The most commits and authors of one request: what is beyond leaves it in doubt.
const COMMITS: usize = 5000;

/// A request, and what is to be said of it.
#[derive(Debug)]
pub(crate) struct Made {
    pub(crate) request: ChangeRequest,
    pub(crate) odd: Odd,
}

/// What is wrong with one item, gathered while it is read.
#[derive(Debug, Default)]
pub(crate) struct Odd {
    /// What is broken: each costs its scope the completeness.
    pub(crate) troubles: Vec<String>,
    /// What could not be understood.
    pub(crate) remarks: Vec<String>,
}

impl Odd {
    /// A time; none where there is none, and a trouble where it is no time.
    fn time(&mut self, text: Option<&Text>, of: &str) -> Option<Timestamp> {
        let text = text?;
        let time = text.parse().ok();
        if time.is_none() {
            let what = format!("{of} is no time, and counts as unknown");
            if !self.troubles.contains(&what) {
                self.troubles.push(what);
            }
        }
        time
    }
}

/// A text from outside on one line, and not a long one.
fn line(text: &str, most: usize) -> Text {
    let line = text.trim().chars().take(most);
    line.map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// A name from outside.
pub(crate) fn word(text: &str) -> Text {
    line(text, WORD)
}

/// A title; never empty, so that a person finds something to read.
fn title(text: Option<&Text>) -> Text {
    match text
        .map(|text| line(text, TITLE))
        .filter(|text| !text.is_empty())
    {
        Some(text) => text,
        None => Text::const_new("(without a title)"),
    }
}

fn labels(labels: &[Text]) -> Vec<Text> {
    let mut names: Vec<Text> = labels.iter().map(|label| word(label)).collect();
    names.retain(|name| !name.is_empty());
    names.sort();
    names.dedup();
    names.truncate(LABELS);
    names
}

/// A hash in lower case; none where it is no whole one.
fn hash(text: Option<&Text>) -> Option<Text> {
    let text = text?;
    let whole = matches!(text.len(), 40 | 64) && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    whole.then(|| text.to_ascii_lowercase())
}

/// Where a person finds it: without what may hold a secret.
fn url(text: Option<&Text>) -> Option<Text> {
    let mut url: Url = text?.parse().ok()?;
    if !matches!(url.scheme(), "http" | "https") {
        return None;
    }
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url.set_query(None);
    url.set_fragment(None);
    Some(line(url.as_str(), 1000))
}
