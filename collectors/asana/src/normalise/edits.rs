//! What was altered in a task, in the agreed words.

use plimsoll_model::{ChangeRequest, Edit, Text, edit_field};

use super::said::{Hand, kind};
use super::{Site, otherwise, word};
use crate::wire::{Named, Story};

/// Kinds of story after which the task says what it said before.
const NOTHING: [&str; 25] = [
    "added_to_task",
    "attachment_liked",
    "comment_liked",
    "completion_liked",
    "dependency_due_date_changed",
    "dependency_duplicated",
    "dependency_marked_complete",
    "dependency_marked_incomplete",
    "dependent_added",
    "dependent_removed",
    "due_today",
    "duplicated",
    "follower_added",
    "follower_removed",
    "hearted",
    "liked",
    "marked_complete",
    "marked_duplicate",
    "marked_incomplete",
    "mentioned",
    "subtask_added",
    "subtask_removed",
    "unhearted",
    "unliked",
    "unmarked_duplicate",
];

/// Notes an edit.
pub(super) fn note(request: &mut ChangeRequest, hand: &Hand<'_>, field: Text) {
    request.edits.push(Edit {
        at: hand.at,
        by: hand.by.clone(),
        field,
    });
}

/// What a story altered that is about no custom field and no section; none where it altered nothing that the task says.
pub(super) fn field(site: &Site<'_>, story: &Story, ours: bool) -> Option<Text> {
    let field = match kind(story) {
        "name_changed" => edit_field::TITLE,
        "notes_changed" => edit_field::DESCRIPTION,
        "assigned" | "unassigned" | "reassigned" => edit_field::IMPLEMENTERS,
        "comment_added" => edit_field::COMMENT,
        "dependency_added" | "dependency_removed" => edit_field::LINKS,
        "due_date_changed" | "start_date_changed" | "dates_changed" => dates(story),
        "added_to_tag" | "removed_from_tag" => {
            marks(site, story.tag.iter()).unwrap_or(edit_field::LABELS)
        }
        "attachment_added" | "attachment_removed" => "attachments",
        "added_to_project" | "removed_from_project" if ours => "project",
        "added_to_project" | "removed_from_project" => return None,
        "resource_subtype_changed" => "type",
        kind if NOTHING.contains(&kind) => return None,
        // It may have been anything.
        _ => "",
    };
    Some(field.into())
}

/// What a name or text says otherwise since a story. Of a text Asana tells neither what it was nor what it became.
pub(super) fn otherwise(site: &Site<'_>, story: &Story) -> Vec<&'static str> {
    match (kind(story), &story.old_name, &story.new_name) {
        ("name_changed", Some(old), Some(new)) => {
            otherwise::otherwise(old, new, &site.settings.meaning.words)
        }
        ("name_changed" | "notes_changed", _, _) => vec![""],
        _ => Vec::new(),
    }
}

/// An hour is a part of a window, and a day is when it is due.
fn dates(story: &Story) -> &'static str {
    let dates = [&story.old_dates, &story.new_dates];
    let mut dates = dates.into_iter().flatten();
    let timed = dates.any(|dates| dates.due_at.is_some() || dates.start_on.is_some());
    if timed {
        edit_field::WINDOW
    } else {
        "due date"
    }
}

/// What is altered by another value of a custom field.
pub(super) fn custom(site: &Site<'_>, name: &str, story: &Story) -> Text {
    let fields = &site.settings.meaning.fields;
    let lower = name.trim().to_lowercase();
    let is = |list: &[String]| list.contains(&lower);
    let values = story.old_enum_value.iter().chain(&story.new_enum_value);
    let values = values
        .chain(&story.old_multi_enum_values.items)
        .chain(&story.new_multi_enum_values.items);
    let marking = is(&fields.labels) || is(&fields.priority);
    if let Some(mark) = marks(site, values).filter(|_| marking) {
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

/// Whether a story of a subtask that asks for an approval alters what it asks for, or of which task.
pub(super) fn alters_subtask(site: &Site<'_>, story: &Story) -> bool {
    if story.custom_field.is_some() || story.new_section.is_some() || story.old_section.is_some() {
        return false;
    }
    match kind(story) {
        "added_to_task" | "removed_from_task" | "name_changed" | "notes_changed" => true,
        _ => field(site, story, false).is_some_and(|field| field.is_empty() || field == "type"),
    }
}

/// Whether what came or went marks an emergency, or a wish for a new system.
fn marks<'n>(site: &Site<'_>, values: impl Iterator<Item = &'n Named>) -> Option<&'static str> {
    let meaning = &site.settings.meaning;
    let names = values.filter_map(|value| value.name.as_ref());
    let names: Vec<String> = names
        .map(|name| name.as_str().trim().to_lowercase())
        .collect();
    let any = |words: &[String]| names.iter().any(|name| words.contains(name));
    if any(&meaning.emergency) {
        Some(edit_field::EMERGENCY)
    } else if any(&meaning.provisioning) {
        Some(edit_field::LABELS)
    } else {
        None
    }
}

/// The names that a field had before a story.
pub(super) fn old(story: &Story) -> Vec<&Text> {
    let all = story.old_enum_value.iter();
    let all = all.chain(&story.old_multi_enum_values.items);
    all.filter_map(|value| value.name.as_ref()).collect()
}

/// The names that it has since.
pub(super) fn new(story: &Story) -> Vec<&Text> {
    let all = story.new_enum_value.iter();
    let all = all.chain(&story.new_multi_enum_values.items);
    all.filter_map(|value| value.name.as_ref()).collect()
}
