//! Which of the agreed words says what was altered.

use plimsoll_model::{Text, edit_field};

use super::said;
use crate::settings::{Settings, Valued};
use crate::wire::Item;
use crate::world::World;

/// Fields of the system's own, as the history calls them.
const OWN: &[(&str, &[&str])] = &[
    (edit_field::TITLE, &["summary"]),
    (edit_field::DESCRIPTION, &["description"]),
    (edit_field::ENVIRONMENTS, &["environment"]),
    (
        edit_field::LINKS,
        &[
            "link",
            "issuelinks",
            "remoteissuelink",
            "remoteworkitemlink",
            "parent",
            "issueparentassociation",
            "epic link",
            "epic child",
        ],
    ),
    (edit_field::PRIORITY, &["priority", "rank"]),
    (edit_field::COMMENT, &["comment"]),
    (
        edit_field::OUTCOME,
        &[
            "resolution",
            "resolutiondate",
            "timespent",
            "timeestimate",
            "timeoriginalestimate",
            "timetracking",
            "worklogid",
            "worklogtimespent",
        ],
    ),
];

/// What was altered: an agreed word, or the field's own name; empty where the history does not say.
pub(crate) fn word(item: &Item, world: &World, settings: &Settings) -> Text {
    let fields = &settings.fields;
    if valued(item, &fields.emergency, world) {
        return Text::const_new(edit_field::EMERGENCY);
    }
    let listed: [(&str, &[&[String]]); 5] = [
        (
            edit_field::WINDOW,
            &[&fields.window_start, &fields.window_end],
        ),
        (
            edit_field::ASSETS,
            &[&fields.systems, &fields.assets, &fields.facts],
        ),
        (edit_field::ENVIRONMENTS, &[&fields.environments]),
        (edit_field::LINKS, &[&fields.releases, &fields.operations]),
        (edit_field::IMPLEMENTERS, &[&fields.implementers]),
    ];
    for (word, lists) in listed {
        if lists.iter().any(|names| world.is(item, names)) {
            return Text::const_new(word);
        }
    }
    if names(&fields.provisions, item, world) {
        return Text::const_new(edit_field::ASSETS);
    }
    // Last of those that are set: a field that says what is asked for is no outcome, whatever else lists it.
    if world.is(item, &fields.outcome) {
        return Text::const_new(edit_field::OUTCOME);
    }
    let own = [item.field_id.to_lowercase(), item.field.to_lowercase()];
    for (word, names) in OWN {
        // A custom field may be called as one of the system's own, and is none: its id tells.
        let own = if item.field_id.is_empty() || !item.field_id.starts_with("customfield_") {
            own.iter().any(|name| names.contains(&name.as_str()))
        } else {
            false
        };
        if own {
            return Text::const_new(word);
        }
    }
    said(&item.field, 100)
}

/// Whether a field that marks something was set to such a value, or away from it.
fn valued(item: &Item, marks: &[Valued], world: &World) -> bool {
    marks.iter().any(|mark| {
        let has = |text: &str| {
            text.to_lowercase()
                .split(',')
                .any(|part| part.trim() == mark.value)
        };
        world.is(item, std::slice::from_ref(&mark.field))
            && (has(&item.to_string) || has(&item.from_string))
    })
}

fn names(marks: &[Valued], item: &Item, world: &World) -> bool {
    marks
        .iter()
        .any(|mark| world.is(item, std::slice::from_ref(&mark.field)))
}
