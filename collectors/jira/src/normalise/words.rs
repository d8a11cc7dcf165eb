//! Which of the agreed words says what was altered.

use plimsoll_kit::mention::{self, Mentions};
use plimsoll_model::{Text, edit_field};

use super::said;
use crate::settings::{Settings, Valued};
use crate::wire::Item;
use crate::world::World;

/// What a history calls links to elsewhere.
pub(crate) const REMOTE: [&str; 2] = ["remoteissuelink", "remoteworkitemlink"];
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
            "epic child",
        ],
    ),
    (edit_field::PRIORITY, &["priority"]),
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
    let own = item.own();
    let known = OWN.iter().find(|(_, names)| names.contains(&own.as_str()));
    let known = known.map(|(word, _)| *word);
    match known.or_else(|| world.kind(item).and_then(agile)) {
        Some(word) => Text::const_new(word),
        None => said(&item.field, 100),
    }
}

/// Fields that boards bring: custom ones by their kind, whatever they are called.
fn agile(kind: &str) -> Option<&'static str> {
    match kind.strip_prefix("com.pyxis.greenhopper.jira:")? {
        // Where it stands in a list, and when it is looked at: neither says what is to be done.
        "gh-lexo-rank" | "gh-global-rank" | "gh-sprint" => Some(edit_field::PRIORITY),
        "gh-epic-link" => Some(edit_field::LINKS),
        _ => None,
    }
}

/// What else an edit of a text altered: what its lines and keys say. A text alone may be put into better words after the change; what it
/// asks for may not.
pub(crate) fn of_text(item: &Item, world: &World, settings: &Settings) -> Vec<Text> {
    let is_text = item.own() == "description" || world.is(item, &settings.fields.texts);
    if !is_text {
        return Vec::new();
    }
    let before = mention::mentions(&item.from_string, &settings.words);
    let after = mention::mentions(&item.to_string, &settings.words);
    let links = |one: &Mentions| {
        (
            one.commits.clone(),
            one.images.clone(),
            one.releases.clone(),
            one.operations.clone(),
            one.requests.clone(),
        )
    };
    let altered = [
        (edit_field::EMERGENCY, before.emergency != after.emergency),
        (edit_field::WINDOW, before.window != after.window),
        (
            edit_field::ENVIRONMENTS,
            before.environments != after.environments,
        ),
        (
            edit_field::ASSETS,
            (
                &before.names,
                &before.assets,
                &before.facts,
                before.provisions,
            ) != (&after.names, &after.assets, &after.facts, after.provisions),
        ),
        (edit_field::LINKS, links(&before) != links(&after)),
    ];
    let altered = altered.into_iter().filter(|(_, altered)| *altered);
    altered.map(|(word, _)| Text::const_new(word)).collect()
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
