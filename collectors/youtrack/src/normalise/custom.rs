//! What an issue's tags and custom fields say now.

use plimsoll_model::{AssetId, ChangeRequest, Text};

use super::{Site, doubt, time, word};
use crate::wire::{CustomField, Issue, Part, parts};

/// Fills in what the fields and tags say of the change.
pub(super) fn read(
    site: &Site<'_>,
    issue: &Issue,
    request: &mut ChangeRequest,
    remarks: &mut Vec<String>,
) {
    let meaning = &site.settings.meaning;
    let fields = &meaning.fields;
    request.labels = issue.tags.items.iter().map(|tag| word(&tag.name)).collect();
    let mut window = [None, None];
    for field in &issue.custom_fields.items {
        let name = field.name.trim().to_lowercase();
        let is = |list: &[String]| list.contains(&name);
        if is(&fields.systems) {
            request.names.extend(names(field));
        }
        if is(&fields.environments) {
            request.environments.extend(names(field));
        }
        if is(&fields.facts) {
            request.facts.extend(names(field));
        }
        if is(&fields.labels) || is(&fields.priority) {
            let marks = names(field);
            let marks = marks.filter(|mark| {
                let mark = mark.as_str().to_lowercase();
                // A priority is a label only where it is a mark.
                is(&fields.labels)
                    || meaning.emergency.contains(&mark)
                    || meaning.provisioning.contains(&mark)
            });
            request.labels.extend(marks);
        }
        if is(&fields.assets) {
            for name in names(field) {
                match AssetId::new(name) {
                    Ok(id) if id.as_str().contains(':') => request.assets.push(id),
                    _ => doubt(
                        request,
                        remarks,
                        "it names an asset by something that is no id",
                    ),
                }
            }
        }
        if is(&fields.implementers) {
            for part in parts(&field.value) {
                if let Part::User(user) = part {
                    request.implementers.push(site.party(&user));
                }
            }
        }
        for (at, list) in [&fields.window_start, &fields.window_end]
            .into_iter()
            .enumerate()
        {
            if is(list) {
                moment(field, &mut window[at], request, remarks);
            }
        }
    }
    match window {
        [Some(start), Some(end)] if start <= end => request.window = Some((start, end)),
        [None, None] => {}
        _ => doubt(
            request,
            remarks,
            "its window has no start, no end, or its end before its start",
        ),
    }
    let marked = |words: &[String]| {
        let mut labels = request.labels.iter();
        labels.any(|label| words.contains(&label.as_str().to_lowercase()))
    };
    (request.emergency, request.provisions) =
        (marked(&meaning.emergency), marked(&meaning.provisioning));
    request.labels.sort();
    request.labels.dedup();
}

/// An end of the window. A field of days says no hour and no zone, so that nothing can be held against it.
fn moment(
    field: &CustomField,
    place: &mut Option<jiff::Timestamp>,
    request: &mut ChangeRequest,
    remarks: &mut Vec<String>,
) {
    let days = field.kind.as_deref() == Some("DateIssueCustomField");
    match parts(&field.value).as_slice() {
        [] => {}
        [Part::Number(at)] if !days && place.is_none() => {
            *place = time(*at);
            if place.is_none() {
                doubt(
                    request,
                    remarks,
                    "a time of its window cannot be understood",
                );
            }
        }
        _ => doubt(
            request,
            remarks,
            "a time of its window is a day without an hour, or cannot be understood: use fields of date and time",
        ),
    }
}

/// The names in a field; those of a field of text stand between commas.
fn names(field: &CustomField) -> impl Iterator<Item = Text> + use<> {
    let all = parts(&field.value).into_iter().take(256);
    let all = all.flat_map(|part| match part {
        Part::Name(name) => vec![word(&name)],
        Part::Text(text) => text
            .split([',', ';', '\n'])
            .map(str::trim)
            .filter(|name| !name.is_empty() && name.len() <= 256)
            .take(256)
            .map(word)
            .collect(),
        Part::User(_) | Part::Number(_) | Part::Other => Vec::new(),
    });
    all.filter(|name| !name.is_empty())
}
