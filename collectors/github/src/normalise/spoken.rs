//! What the texts of a request name.

use plimsoll_kit::mention::{Mentions, mentions};
use plimsoll_model::ChangeRequest;

use super::closing;
use crate::settings::Settings;

/// What the texts said.
#[derive(Default)]
pub(super) struct Spoken {
    /// Whether a line says what is to change, where or when.
    pub(super) says_what: bool,
    pub(super) oddities: Vec<String>,
}

/// Takes out of a text what it names.
pub(super) fn listen(
    text: &str,
    repository: &str,
    settings: &Settings,
    request: &mut ChangeRequest,
    spoken: &mut Spoken,
) {
    let found = mentions(text, &settings.words);
    spoken.says_what |= says_what(&found);
    spoken.oddities.extend(found.add_to(request));
    for issue in closing::closing(text, repository) {
        if issue != request.id && !request.links.requests.contains(&issue) {
            request.links.requests.push(issue);
        }
    }
}

/// Whether lines of a text say what is to change, where or when: then it matters what an edit altered.
fn says_what(found: &Mentions) -> bool {
    let lists = found.names.len() + found.environments.len() + found.facts.len();
    let artefacts = found.images.len() + found.releases.len() + found.operations.len();
    lists + artefacts + found.assets.len() > 0
        || found.window.is_some()
        || found.provisions
        || found.emergency
        || !found.oddities.is_empty()
}
