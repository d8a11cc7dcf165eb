//! What the texts of a request name.

use plimsoll_kit::mention::{Mentions, mentions};
use plimsoll_model::ChangeRequest;

use super::Odd;
use crate::settings::Settings;

/// Takes out of a text what it names; gives whether lines of it say what is to change, where or when, so that it matters what an
/// edit altered.
pub(super) fn listen(
    text: &str,
    settings: &Settings,
    request: &mut ChangeRequest,
    odd: &mut Odd,
) -> bool {
    let found = mentions(text, &settings.words);
    let says = says_what(&found);
    for oddity in found.add_to(request) {
        if !odd.remarks.contains(&oddity) {
            odd.remarks.push(oddity);
        }
    }
    says
}

fn says_what(found: &Mentions) -> bool {
    let lists = found.names.len() + found.environments.len() + found.facts.len();
    let artefacts = found.images.len() + found.releases.len() + found.operations.len();
    lists + artefacts + found.assets.len() > 0
        || found.window.is_some()
        || found.provisions
        || found.emergency
        || !found.oddities.is_empty()
}
