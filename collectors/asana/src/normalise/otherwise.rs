//! What a text says otherwise than before: a window or an emergency that is written into it, or taken out of it, is more than
//! another wording.

use plimsoll_kit::mention::{Mentions, Words, mentions};
use plimsoll_model::edit_field;

/// What was altered by another text, besides its wording: in the agreed words, empty where nobody can tell.
pub(super) fn otherwise(before: &str, after: &str, words: &Words) -> Vec<&'static str> {
    let (before, after) = (mentions(before, words), mentions(after, words));
    let scope = |one: &Mentions| {
        let mut all = (one.names.clone(), one.assets.clone(), one.facts.clone());
        all.0.sort();
        all.1.sort();
        all.2.sort();
        (all, one.provisions)
    };
    let links = |one: &Mentions| {
        let lists = [
            &one.commits,
            &one.images,
            &one.releases,
            &one.operations,
            &one.requests,
        ];
        lists.map(|list| {
            let mut list = list.clone();
            list.sort();
            list
        })
    };
    let mut altered = Vec::new();
    if scope(&before) != scope(&after) {
        altered.push(edit_field::ASSETS);
    }
    if before.environments != after.environments {
        altered.push(edit_field::ENVIRONMENTS);
    }
    if before.window != after.window {
        altered.push(edit_field::WINDOW);
    }
    if before.emergency != after.emergency {
        altered.push(edit_field::EMERGENCY);
    }
    if links(&before) != links(&after) {
        altered.push(edit_field::LINKS);
    }
    // What is not wholly understood may say anything.
    if [&before, &after]
        .iter()
        .any(|one| one.cut || !one.oddities.is_empty())
    {
        altered.push("");
    }
    altered
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_wording_is_not_another_request() {
        let otherwise = |before, after| otherwise(before, after, &Words::default());
        assert_eq!(
            otherwise("System: api\nsoon", "System: api\nlater"),
            [""; 0]
        );
        assert_eq!(otherwise("", "Emergency: yes"), ["emergency"]);
        let window = "Window: 2026-01-31T20:00Z/2026-01-31T22:00Z";
        assert_eq!(otherwise(window, ""), ["window"]);
        assert_eq!(
            otherwise("System: api", "Environment: staging, OPS-1"),
            ["assets", "environments", "links"]
        );
        assert_eq!(otherwise("", "Window: soon"), [""]);
    }
}
