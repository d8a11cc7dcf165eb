//! What was altered in an issue, in the agreed words.

use jiff::Timestamp;
use plimsoll_model::{ChangeRequest, Edit, Party, Text, edit_field};
use serde_json::Value;

use super::replay::text;
use super::{Site, otherwise, plain, word};
use crate::wire::{Event, Part, parts};

/// Notes an edit.
pub(super) fn note(
    request: &mut ChangeRequest,
    at: &Option<Timestamp>,
    by: &Option<Party>,
    field: Text,
) {
    request.edits.push(Edit {
        at: *at,
        by: by.clone(),
        field,
    });
}

/// What an event altered that is about no custom field; none where it altered nothing that the issue says.
pub(super) fn field(site: &Site<'_>, category: Option<&str>, event: &Event) -> Option<Text> {
    let field = match category {
        Some("SummaryCategory") => edit_field::TITLE,
        Some("DescriptionCategory") => edit_field::DESCRIPTION,
        Some("LinksCategory") => edit_field::LINKS,
        Some("CommentsCategory") => edit_field::COMMENT,
        Some("TagsCategory") => {
            marks(site, &parts(&event.added), &parts(&event.removed)).unwrap_or(edit_field::LABELS)
        }
        Some("AttachmentsCategory") => "attachments",
        Some("ProjectCategory") => "project",
        // Code comes after the approval, and is approved by what names the issue.
        Some("VcsChangeCategory" | "PullRequestChangeCategory") => return None,
        _ => "",
    };
    Some(field.into())
}

/// What a title or text says otherwise since an event.
pub(super) fn otherwise(
    site: &Site<'_>,
    category: Option<&str>,
    event: &Event,
) -> Vec<&'static str> {
    if !matches!(category, Some("SummaryCategory" | "DescriptionCategory")) {
        return Vec::new();
    }
    let (before, after) = (event.removed.as_str(), event.added.as_str());
    let null = |value: &Value| value.is_null();
    match (before, after) {
        (None, None) => vec![""],
        (None, _) if !null(&event.removed) => vec![""],
        (_, None) if !null(&event.added) => vec![""],
        (before, after) => {
            let plain = |text: Option<&str>| plain::plain(text.unwrap_or_default());
            let words = &site.settings.meaning.words;
            otherwise::otherwise(&plain(before), &plain(after), words)
        }
    }
}

/// What is altered by another value of a custom field.
pub(super) fn custom(site: &Site<'_>, name: &str, added: &[Part], removed: &[Part]) -> Text {
    let fields = &site.settings.meaning.fields;
    let lower = name.trim().to_lowercase();
    let is = |list: &[String]| list.contains(&lower);
    let marking = is(&fields.labels) || is(&fields.priority);
    if let Some(mark) = marks(site, added, removed).filter(|_| marking) {
        return mark.into();
    }
    let word = word(&lower);
    let known = [
        (&fields.systems, edit_field::ASSETS),
        (&fields.assets, edit_field::ASSETS),
        (&fields.facts, edit_field::ASSETS),
        (&fields.environments, edit_field::ENVIRONMENTS),
        (&fields.window_start, edit_field::WINDOW),
        (&fields.window_end, edit_field::WINDOW),
        (&fields.implementers, edit_field::IMPLEMENTERS),
        (&fields.labels, edit_field::LABELS),
        (&fields.priority, edit_field::PRIORITY),
        (&fields.outcome, edit_field::OUTCOME),
    ];
    let known = known.iter().find(|(list, _)| is(list));
    match known {
        Some((_, agreed)) => (*agreed).into(),
        // A field of that name is not what is agreed on by it, and must not pass for harmless.
        None if edit_field::HARMLESS.contains(&word.as_str()) => Text::default(),
        None => word,
    }
}

/// Whether what came or went marks an emergency, or a wish for a new system.
fn marks(site: &Site<'_>, added: &[Part], removed: &[Part]) -> Option<&'static str> {
    let meaning = &site.settings.meaning;
    let any = |words: &[String]| {
        let mut all = added.iter().chain(removed);
        all.any(|part| words.contains(&text(part).to_lowercase()))
    };
    if any(&meaning.emergency) {
        Some(edit_field::EMERGENCY)
    } else if any(&meaning.provisioning) {
        Some(edit_field::LABELS)
    } else {
        None
    }
}
