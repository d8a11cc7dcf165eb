//! Whether what an action says of itself is the very value that a change led to.

use plimsoll_model::{Action, Value};

use super::{Change, path_is_of};

/// What a record may say, and the facts that would then be new.
const PROOFS: &[(&str, &[&str], Same)] = &[
    ("image", &["image", "images"], same_image),
    ("commit", &["source.commit"], same_commit),
    ("release", &["release"], same_release),
];

type Same = fn(&str, &str) -> bool;

/// Whether the action names the image, commit or release that is new with the change.
pub(super) fn proves(action: &Action, change: &Change) -> bool {
    PROOFS.iter().any(|(detail, facts, same)| {
        let said = action
            .details
            .get(detail)
            .map(|said| said.trim())
            .filter(|said| !said.is_empty());
        said.is_some_and(|said| {
            let paths = change.paths.iter();
            let mut paths =
                paths.filter(|path| facts.iter().any(|fact| path_is_of(&path.path, fact)));
            paths.any(|path| {
                path.to
                    .as_ref()
                    .is_some_and(|to| any_text(to, &|text| same(said, text)))
            })
        })
    })
}

/// Whether a record's detail (`image`, `commit`, `release`) names this value: an image by reference or digest, a commit in
/// short too, a release with or without its letter.
pub fn names_value(detail: &str, said: &str, value: &Value) -> bool {
    PROOFS.iter().any(|(name, _, same)| {
        *name == detail
            && !said.trim().is_empty()
            && any_text(value, &|text| same(said.trim(), text))
    })
}

fn any_text(value: &Value, is: &dyn Fn(&str) -> bool) -> bool {
    match value {
        Value::Text(text) => is(text),
        Value::List(items) => items.iter().any(|item| any_text(item, is)),
        Value::Table(table) => table.iter().any(|(_, part)| any_text(part, is)),
        // A release may be a number.
        Value::Int(number) => is(&number.to_string()),
        Value::Bool(_) | Value::Float(_) => false,
    }
}

/// One reference, or one digest, whatever stands before it.
fn same_image(said: &str, new: &str) -> bool {
    let digest = |text: &str| {
        text.rsplit_once("sha256:")
            .map(|(_, digest)| digest.to_owned())
    };
    match (digest(said), digest(new)) {
        (Some(said), Some(new)) => said == new && said.len() >= 12,
        (said_digest, new_digest) => {
            let name = |text: &str, digest: bool| {
                let name = if digest {
                    text.split('@').next().unwrap_or_default()
                } else {
                    text
                };
                name.to_owned()
            };
            let (said, new) = (
                name(said, said_digest.is_some()),
                name(new, new_digest.is_some()),
            );
            // A bare digest leaves no name to compare.
            said == new && !said.starts_with("sha256:")
        }
    }
}

/// One commit, of which either may be given in short.
fn same_commit(said: &str, new: &str) -> bool {
    const SHORTEST: usize = 7;
    let hex =
        |text: &str| text.len() >= SHORTEST && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let (said, new) = (said.to_ascii_lowercase(), new.to_ascii_lowercase());
    said == new || (hex(&said) && hex(&new) && (said.starts_with(&new) || new.starts_with(&said)))
}

/// One release, `v12` or `12`.
fn same_release(said: &str, new: &str) -> bool {
    let number = |text: &str| text.trim_start_matches(['v', 'V']).to_owned();
    number(said) == number(new)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn images_are_one_by_name_or_digest() {
        let long = "a".repeat(64);
        assert!(same_image("shop/web:1.5", "shop/web:1.5"));
        assert!(same_image(
            &format!("shop/web@sha256:{long}"),
            &format!("sha256:{long}")
        ));
        assert!(same_image(
            "shop/web:1.5",
            &format!("shop/web:1.5@sha256:{long}")
        ));
        assert!(!same_image("shop/web:1.5", "shop/web:1.4"));
        assert!(!same_image(
            &format!("shop/web@sha256:{long}"),
            "shop/web@sha256:bbbbbbbbbbbbbbbb"
        ));
        assert!(!same_image("sha256:", "sha256:"));
    }

    #[test]
    fn commits_are_one_in_short_too() {
        let whole = "0123abcd0123abcd0123abcd0123abcd0123abcd";
        assert!(same_commit("0123abc", whole) && same_commit(whole, "0123ABCD"));
        assert!(!same_commit("0123ab", whole), "six digits are no proof");
        assert!(!same_commit("main", "maintenance") && same_commit("main", "main"));
    }

    #[test]
    fn releases_are_one_with_or_without_their_letter() {
        assert!(same_release("v12", "12") && same_release("12", "12"));
        assert!(!same_release("12", "120"));
    }
}
