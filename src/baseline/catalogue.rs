//! The controls that there are.

use plimsoll_model::Text;
use plimsoll_settings::{Section, nearest};

/// What must hold, as a stable id with the references that it answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Control {
    /// Its id: `ports-allowed`.
    pub id: Text,
    /// What must hold, in a line.
    pub title: Text,
    /// Which question it is about.
    pub group: ControlGroup,
    /// What it answers in the frameworks: `SOC 2 CC8.1`.
    pub references: Vec<Text>,
}

/// Which question a control is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ControlGroup {
    /// Was this change allowed?
    Change,
    /// Is this system as its role's baseline says?
    State,
}

/// Reads a document of `[[control]]` into the catalogue; one with an id that is there takes its place.
pub(crate) fn read(section: &Section<'_>, controls: &mut Vec<Control>) {
    for row in section.tables("control") {
        let id = row.required_text("id", "give it one, as \"ports-allowed\"");
        let title = row.required_text("title", "say in a line what must hold");
        let group = row.choice(
            "group",
            &[
                ("change", ControlGroup::Change),
                ("state", ControlGroup::State),
            ],
        );
        if !row.has("group") {
            row.missing("group", "\"change\" or \"state\"");
        }
        let references = row.texts("references").unwrap_or_default();
        row.finish();
        let (Some(id), Some(title), Some(group)) = (id, title, group) else {
            continue;
        };
        let control = Control {
            id: id.into(),
            title: title.into(),
            group,
            references: references.into_iter().map(Text::from).collect(),
        };
        match controls.binary_search_by(|have| have.id.cmp(&control.id)) {
            Ok(at) => {
                if let Some(have) = controls.get_mut(at) {
                    *have = control;
                }
            }
            Err(at) => controls.insert(at, control),
        }
    }
}

/// The control with an id.
pub(crate) fn find<'c>(controls: &'c [Control], id: &str) -> Option<&'c Control> {
    let at = controls.binary_search_by(|control| control.id.as_str().cmp(id));
    at.ok().and_then(|at| controls.get(at))
}

/// What to suggest for an id that is none.
pub(crate) fn suggest(controls: &[Control], id: &str) -> String {
    let ids = controls.iter().map(|control| control.id.as_str());
    match nearest(id, ids) {
        Some(near) => format!("did you mean {near:?}?"),
        None => "`plimsoll baseline list` shows the controls".to_owned(),
    }
}
