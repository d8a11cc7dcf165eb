//! Images: which one, by its digest, and of which commit.

use plimsoll_kit::model::{Asset, Claim, Text, Value, fact};

use super::{said, say, time, word};
use crate::wire::Image;

/// Claims the image that runs, by the platform's repository and reference.
///
/// The reference is the registry's digest where it is one; a tag proves none.
pub(crate) fn claim(
    asset: &mut Asset,
    repo: Option<&Text>,
    reference: Option<&Text>,
    basis: &'static str,
) {
    let repo = repo.and_then(|repo| repository(repo));
    let reference = reference.filter(|text| !text.is_empty());
    let Some(repo) = repo else {
        asset.claim(
            fact::IMAGE,
            Claim::unknown(format!("{basis}: there is no repository")),
        );
        asset.claim(
            fact::IMAGE_DIGESTS,
            Claim::unknown(format!("{basis}: there is no repository")),
        );
        return;
    };
    let digest = reference.filter(|text| is_digest(text));
    let image = match (digest, reference) {
        (Some(digest), _) => format!("{repo}@{digest}"),
        (None, Some(tag)) => format!("{repo}:{}", word(tag)),
        (None, None) => repo.clone(),
    };
    asset.claim(fact::IMAGE, Claim::reported(image).by(basis));
    let digests = match digest {
        Some(digest) => {
            let known = format!("{repo}@{digest}");
            Claim::reported(Value::texts([known])).by(basis)
        }
        None => Claim::unknown(format!("{basis}: the reference is no digest")),
    };
    asset.claim(fact::IMAGE_DIGESTS, digests);
}

/// Claims of an app's image what the services do not say: the commit that it was built of, and when.
pub(crate) fn claim_source(asset: &mut Asset, image: &Image) {
    const BASIS: &str = "GET /images/{id} git_ref";
    let commit = image.git_ref.as_ref().filter(|text| is_reference(text));
    say(asset, fact::SOURCE_COMMIT, said(commit), BASIS);
    say(
        asset,
        fact::IMAGE_CREATED,
        time(image.created_at.as_ref()),
        "GET /images/{id} created_at",
    );
}

/// A repository's name without user info and the like; none where it is empty.
fn repository(text: &str) -> Option<String> {
    let text = text.split_once("://").map_or(text, |(_, rest)| rest);
    let text = text.split(['?', '#']).next().unwrap_or_default();
    // A name has no `@`: what is before one are credentials, and what is after one a digest, which comes by itself.
    let text = match text.split_once('@') {
        Some((name, digest)) if digest.starts_with("sha256:") => name,
        Some((_, name)) => name.rsplit('@').next().unwrap_or_default(),
        None => text,
    };
    let text = word(text.trim());
    (!text.is_empty()).then(|| text.into_string())
}

fn is_digest(text: &str) -> bool {
    let Some((algorithm, digits)) = text.split_once(':') else {
        return false;
    };
    matches!(algorithm, "sha256" | "sha512")
        && !digits.is_empty()
        && digits.len() <= 128
        && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Whether a text looks like a commit, branch or tag, and can be shown.
pub(crate) fn is_reference(text: &str) -> bool {
    let sound = |b: u8| b.is_ascii_alphanumeric() || b"-_./".contains(&b);
    (1..=200).contains(&text.len()) && text.bytes().all(sound)
}

/// An image's reference as people write it, if it can be shown: with no user info, query or space.
pub(crate) fn shown(reference: &str) -> Option<Text> {
    let sound = |b: u8| b.is_ascii_alphanumeric() || b"-_./:@+".contains(&b);
    let user_info = reference
        .split_once('@')
        .is_some_and(|(_, rest)| !rest.starts_with("sha256:"));
    let fits = (1..=400).contains(&reference.len()) && reference.bytes().all(sound);
    (fits && !user_info && !reference.contains("://")).then(|| reference.into())
}
