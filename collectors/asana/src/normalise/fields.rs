//! What a task's tags, dates and custom fields say now.

use jiff::Timestamp;
use plimsoll_model::{AssetId, Text};

use super::{Making, Site, time, word};
use crate::wire::{CustomField, Named, Task};

/// Fills in what they say of the change.
pub(super) fn read(site: &Site<'_>, task: &Task, making: &mut Making) {
    let meaning = &site.settings.meaning;
    let fields = &meaning.fields;
    let tags = task.tags.items.iter().filter_map(|tag| tag.name.as_ref());
    making.request.labels = tags.map(|tag| word(tag)).collect();
    // Whoever an approval is assigned to is to approve it.
    if !task.is_approval() {
        let assignee = task.assignee.iter().map(|person| site.party(person));
        making.request.implementers.extend(assignee);
    }
    let mut window = [None, None];
    for field in &task.custom_fields.items {
        let Some(name) = &field.name else {
            making.doubt("some of its fields cannot be understood");
            continue;
        };
        let name = name.trim().to_lowercase();
        let is = |list: &[String]| list.iter().any(|one| **one == *name);
        if is(&fields.systems) {
            making.request.names.extend(names(field));
        }
        if is(&fields.environments) {
            making.request.environments.extend(names(field));
        }
        if is(&fields.facts) {
            making.request.facts.extend(names(field));
        }
        if is(&fields.labels) || is(&fields.priority) {
            let marks = names(field).filter(|mark| {
                let mark = mark.as_str().to_lowercase();
                // A priority is a label only where it is a mark.
                is(&fields.labels)
                    || meaning.emergency.contains(&mark)
                    || meaning.provisioning.contains(&mark)
            });
            making.request.labels.extend(marks);
        }
        if is(&fields.assets) {
            for name in names(field) {
                match AssetId::new(name) {
                    Ok(id) if id.as_str().contains(':') => making.request.assets.push(id),
                    _ => making.doubt("it names an asset by something that is no id"),
                }
            }
        }
        if is(&fields.implementers) {
            let people = field.people_value.items.iter();
            let people = people.map(|person| site.party(person));
            making.request.implementers.extend(people);
        }
        for (at, list) in [&fields.window_start, &fields.window_end]
            .into_iter()
            .enumerate()
        {
            if is(list) {
                moment(field, &mut window[at], making);
            }
        }
    }
    let dates = [time(task.start_at.as_ref()), time(task.due_at.as_ref())];
    // A day on which it is due is no window; an hour from which to which is one.
    if window == [None, None] && dates.iter().all(Option::is_some) {
        window = dates;
    }
    match window {
        [Some(start), Some(end)] if start <= end => making.request.window = Some((start, end)),
        [None, None] => {}
        _ => making.doubt("its window has no start, no end, or its end before its start"),
    }
    let marked = |words: &[String]| {
        let mut labels = making.request.labels.iter();
        labels.any(|label| words.contains(&label.as_str().to_lowercase()))
    };
    let marks = (marked(&meaning.emergency), marked(&meaning.provisioning));
    (making.request.emergency, making.request.provisions) = marks;
}

/// An end of the window. A day says no hour and no zone, so that nothing can be held against it.
fn moment(field: &CustomField, place: &mut Option<Timestamp>, making: &mut Making) {
    let value = field.date_value.as_ref();
    let exact = value.and_then(|value| value.date_time.as_ref());
    let said = value.is_some_and(|value| value.date.is_some()) || exact.is_some();
    let said = said || field.text_value.is_some() || field.enum_value.is_some();
    match time(exact) {
        Some(at) if place.is_none() => *place = Some(at),
        None if !said => {}
        _ => making.doubt(
            "a time of its window is a day without an hour, or cannot be understood: use fields of date and time",
        ),
    }
}

/// The names in a field; those of a field of text stand between commas.
pub(super) fn names(field: &CustomField) -> impl Iterator<Item = Text> + use<> {
    let chosen = field.enum_value.iter();
    let chosen = chosen.chain(&field.multi_enum_values.items);
    let mut all: Vec<Text> = chosen.filter_map(name).take(256).collect();
    if let Some(text) = &field.text_value {
        let parts = text.split([',', ';', '\n']).map(str::trim);
        let parts = parts.filter(|part| !part.is_empty() && part.len() <= 256);
        all.extend(parts.take(256).map(word));
    }
    all.into_iter().filter(|name| !name.is_empty())
}

fn name(value: &Named) -> Option<Text> {
    value.name.as_ref().map(|name| word(name))
}
