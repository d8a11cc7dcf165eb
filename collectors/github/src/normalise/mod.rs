//! From the API's shapes to the model; pure.

mod agreement;
pub(crate) mod branch;
mod checks;
mod closing;
mod commits;
mod heads;
mod history;
pub(crate) mod issue;
mod markdown;
mod party;
pub(crate) mod pull;
mod pushes;
mod reviews;
mod spoken;
#[cfg(test)]
mod tests;

use jiff::Timestamp;
use plimsoll_kit::http::Url;
use plimsoll_model::{ChangeRequest, Edit, Party, Text, edit_field};

use crate::wire::{Edits, Label};
use party::party_of_editor;

/// The longest title that is shown, in characters.
const TITLE: usize = 300;
/// The longest name, of an account, a label or a check.
const WORD: usize = 200;
/// The most labels of one request.
const LABELS: usize = 200;

/// A request, and what is to be said of it.
pub(crate) struct Made {
    pub(crate) request: ChangeRequest,
    /// What is broken in it: each is a trouble.
    pub(crate) troubles: Vec<String>,
    /// What could not be understood, or seen: each is a remark.
    pub(crate) remarks: Vec<String>,
}

/// What GraphQL said of a text and its edits.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Extra<'a> {
    /// It was not asked, or did not answer.
    Unread,
    /// What it said.
    Read(&'a Edits),
}

/// What is wrong with one item, gathered while it is read.
#[derive(Debug, Default)]
pub(crate) struct Notes {
    pub(crate) troubles: Vec<String>,
}

impl Notes {
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

/// A text from outside that is shown to people: one line, and not a long one.
pub(crate) fn line(text: &str, most: usize) -> Text {
    let line = text.chars().take(most);
    line.map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// A name from outside.
pub(crate) fn word(text: &str) -> Text {
    line(text, WORD)
}

/// A title; never empty, so that a person finds something to read.
fn title(text: Option<&str>) -> Text {
    match text.map(str::trim).filter(|text| !text.is_empty()) {
        Some(text) => line(text, TITLE),
        None => Text::const_new("(without a title)"),
    }
}

fn labels(labels: &[Label]) -> Vec<Text> {
    let names = labels.iter().map(|label| word(label.name()));
    let mut names: Vec<Text> = names.filter(|name| !name.is_empty()).take(LABELS).collect();
    names.sort();
    names.dedup();
    names
}

/// A hash in lower case; none where it is no whole one.
fn hash(text: Option<&Text>) -> Option<Text> {
    let text = text?;
    let whole = matches!(text.len(), 40 | 64) && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    whole.then(|| text.to_ascii_lowercase())
}

/// Where a person finds it: without what may hold a secret.
fn url(text: Option<&str>) -> Option<Text> {
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

/// The edits of a text after it was written, and whether all of them are known.
fn text_edits(
    extra: Extra<'_>,
    opened: Timestamp,
    field: &'static str,
    by: crate::settings::AccountBy,
    notes: &mut Notes,
) -> (Vec<Edit>, bool) {
    let Extra::Read(edits) = extra else {
        return (Vec::new(), false);
    };
    let last = notes.time(edits.last_edited_at.as_ref(), "the time of an edit");
    let list = edits.user_content_edits.as_ref();
    let mut all = Vec::new();
    for one in list.iter().flat_map(|list| list.nodes()) {
        let at = notes.time(one.edited_at.as_ref(), "the time of an edit");
        // The first writing is one of them, once there are others.
        if at.is_some_and(|at| at <= opened) {
            continue;
        }
        let by: Option<Party> = one
            .editor
            .as_ref()
            .map(|editor| party_of_editor(editor, by));
        all.push(Edit {
            at,
            by,
            field: Text::const_new(field),
        });
    }
    // The last one is told by itself too, and so is that there was none.
    if let Some(last) = last.filter(|last| *last > opened)
        && !all.iter().any(|edit| edit.at.is_none_or(|at| at >= last))
    {
        all.push(Edit {
            at: Some(last),
            by: None,
            field: Text::const_new(field),
        });
        return (all, false);
    }
    let never = edits.includes_created_edit == Some(false) && edits.last_edited_at.is_none();
    (all, list.map_or(never, |list| !list.is_cut()))
}

/// Puts events into their one order, and leaves out what is there twice.
fn settle(request: &mut ChangeRequest) {
    let edit = |edit: &Edit| {
        let by = edit.by.as_ref().map(|by| by.account.clone());
        (edit.at, edit.field.clone(), by)
    };
    request.edits.sort_by_key(edit);
    request.edits.dedup();
    request
        .transitions
        .sort_by(|a, b| (a.at, &a.word).cmp(&(b.at, &b.word)));
    request
        .approvals
        .sort_by(|a, b| (a.at, &a.by.account, &a.kind).cmp(&(b.at, &b.by.account, &b.kind)));
    request
        .sign_offs
        .sort_by(|a, b| (a.at, &a.by.account, &a.kind).cmp(&(b.at, &b.by.account, &b.kind)));
}

/// What an edit of a text altered that says what is to change where: the vendor does not tell which line.
const ANYTHING: &str = "";
/// What an edit of a text altered that says nothing of the kind.
const DESCRIPTION: &str = edit_field::DESCRIPTION;
