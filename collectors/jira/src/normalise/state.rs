//! What statuses mean.

use plimsoll_model::request_state;

use crate::settings::{On, Settings};
use crate::world::World;

/// What a status means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Meaning {
    Approved,
    /// Approved before, and waiting for its time.
    Standing,
    Reopened,
    Rejected,
    Cancelled,
    Implementing,
    Implemented,
    Closed,
    /// Nothing that is known here.
    Other,
}

impl Meaning {
    /// The agreed word; none where there is none.
    pub(crate) fn word(self) -> Option<&'static str> {
        Some(match self {
            Self::Approved => request_state::APPROVED,
            Self::Reopened => request_state::REOPENED,
            Self::Rejected => request_state::REJECTED,
            Self::Cancelled => request_state::CANCELLED,
            Self::Implementing => request_state::IMPLEMENTING,
            Self::Implemented => request_state::IMPLEMENTED,
            Self::Closed => request_state::CLOSED,
            Self::Standing | Self::Other => return None,
        })
    }
}

/// What a status means, by its id and today's name. Of what the settings do not name, only the category `done` says something.
pub(crate) fn meaning(id: &str, name: &str, category: &str, settings: &Settings) -> Meaning {
    let name = name.trim().to_lowercase();
    let among = |list: &[String]| list.iter().any(|one| *one == name || *one == id);
    let statuses = &settings.statuses;
    let approved = settings.approvals.iter().any(|rule| match &rule.on {
        On::Status { to, .. } => among(to),
        _ => false,
    });
    // Who named a status as a confirmation knows it: it is a step on the way, and none back.
    let confirms = settings.sign_offs.iter().any(|rule| match &rule.on {
        On::Status { to, .. } => among(to),
        _ => false,
    });
    let known = [
        (Meaning::Rejected, &statuses.rejected),
        (Meaning::Cancelled, &statuses.cancelled),
        (Meaning::Reopened, &statuses.reopened),
        (Meaning::Implementing, &statuses.implementing),
        (Meaning::Implemented, &statuses.implemented),
        (Meaning::Closed, &statuses.closed),
        (Meaning::Standing, &statuses.standing),
    ];
    if approved {
        return Meaning::Approved;
    }
    let found = known.into_iter().find(|(_, list)| among(list));
    match found {
        Some((meaning, _)) => meaning,
        None if confirms => Meaning::Standing,
        None if category == "done" => Meaning::Closed,
        None => Meaning::Other,
    }
}

/// What a move into a status means, where the status may have been renamed since. Where then and today it means different things, it is no
/// approval and leaves none standing; a refusal by either is one.
pub(crate) fn meaning_of_move(id: &str, then: &str, world: &World, settings: &Settings) -> Meaning {
    let (today, category) = world.status(id, then);
    let today = meaning(id, today, category, settings);
    let then = meaning(id, then, category, settings);
    if today == then {
        return today;
    }
    let off = [Meaning::Rejected, Meaning::Cancelled, Meaning::Reopened];
    let off = off.into_iter().find(|one| *one == today || *one == then);
    off.unwrap_or(Meaning::Other)
}

/// Whether a status is one of a list: by its id, or by its name, which must be one of them today as it was then.
pub(crate) fn named(id: &str, then: &str, list: &[String], world: &World) -> bool {
    let (today, _) = world.status(id, then);
    let among = |name: &str| list.contains(&name.trim().to_lowercase());
    list.iter().any(|one| one == id) || (among(then) && among(today))
}

#[cfg(test)]
mod tests {
    use super::*;
    use plimsoll_kit::settings::Document;

    fn settings(more: &str) -> Settings {
        let text = format!("url = \"https://jira.example\"\nprojects = [\"OPS\"]\n{more}");
        let document = Document::new("s.toml", text);
        document.read(Settings::read).unwrap().unwrap()
    }

    #[test]
    fn what_is_named_goes_before_what_its_category_says() {
        let settings = settings(
            "[[approvals]]\nstatus = [\"CAB ok\", \"77\"]\n[[sign_offs]]\nstatus = \"QA\"\nkind = \"qa\"",
        );
        let of = |id, name, category| meaning(id, name, category, &settings);
        assert_eq!(of("1", " cab OK ", "new"), Meaning::Approved);
        assert_eq!(of("77", "whatever", ""), Meaning::Approved);
        assert_eq!(of("1", "QA", "new"), Meaning::Standing);
        assert_eq!(of("1", "Declined", "done"), Meaning::Rejected);
        assert_eq!(of("1", "Duplicate", "done"), Meaning::Closed);
        // No approval by default where rules are written.
        assert_eq!(of("1", "Approved", "indeterminate"), Meaning::Other);
    }

    #[test]
    fn a_refusal_by_either_name_is_one_and_an_approval_needs_both() {
        let settings = settings("");
        let statuses = r#"[{"id":"1","name":"Approved"},{"id":"2","name":"Draft"},{"id":"3","name":"Rejected"}]"#;
        let world = World::of(&[], &serde_json::from_str::<Vec<_>>(statuses).unwrap());
        let of = |id, then| meaning_of_move(id, then, &world, &settings);
        assert_eq!(of("1", "Approved"), Meaning::Approved);
        assert_eq!(of("1", "To Do"), Meaning::Other);
        assert_eq!(of("2", "Approved"), Meaning::Other);
        assert_eq!(of("3", "Approved"), Meaning::Rejected);
        assert_eq!(of("1", "Rejected"), Meaning::Rejected);
        assert_eq!(of("9", "Approved"), Meaning::Approved, "one that is gone");
    }
}
