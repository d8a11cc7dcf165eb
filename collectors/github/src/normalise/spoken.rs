//! What the texts of a request name.

use plimsoll_kit::mention::{Mentions, mentions};
use plimsoll_model::ChangeRequest;

use super::closing;
use super::markdown::said;
use crate::settings::Settings;

/// What the texts said.
#[derive(Default)]
pub(super) struct Spoken {
    /// Whether a line says what is to change, where or when.
    pub(super) says_what: bool,
    pub(super) oddities: Vec<String>,
}

/// Takes out of a description what it names. What is quoted, struck out or a block of code is not said; where it would limit what
/// is asked for, that is a doubt.
pub(super) fn listen_to_markdown(
    text: &str,
    repository: &str,
    settings: &Settings,
    request: &mut ChangeRequest,
    spoken: &mut Spoken,
) {
    let said = said(text);
    listen(&said.plain, repository, settings, request, spoken);
    let aside = mentions(&said.aside, &settings.words);
    let limits = aside.environments.len() + aside.assets.len() + aside.facts.len();
    if limits > 0 || aside.window.is_some() {
        request.whole_history = Some(false);
        let text = "an environment, a window or an asset is quoted, struck out or in a block of code: whether it is meant is not known";
        spoken.oddities.push(text.to_owned());
    }
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
pub(super) fn says_what(found: &Mentions) -> bool {
    let lists = found.names.len() + found.environments.len() + found.facts.len();
    let artefacts = found.images.len() + found.releases.len() + found.operations.len();
    lists + artefacts + found.assets.len() > 0
        || found.window.is_some()
        || found.provisions
        || found.emergency
        || !found.oddities.is_empty()
}
