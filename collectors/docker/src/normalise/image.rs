//! Images.
//!
//! An image is its reference on its host, so that pulling a newer one under the same reference is a change; one with several
//! references is several assets with one image id, and one without any goes by its id.

use std::collections::HashMap;

use jiff::Timestamp;
use plimsoll_model::{Asset, AssetId, Claim, Text, Value, fact, kind};

use super::basis::{self, reported, said, unknown};
use super::{Flavour, Piece, Site, architecture, hidden, short, word};
use crate::wire::{ImageInspect, ImageListed};

/// What is known of all images, by id.
pub(crate) struct Images(HashMap<Text, Known>);

struct Known {
    digests: Vec<Text>,
    user: Option<Text>,
    /// Reference and asset, sorted by reference.
    assets: Vec<(Text, AssetId)>,
}

impl Images {
    /// Makes the assets of all images, and keeps what containers need to know of them. Each comes from the list, from a
    /// closer look, or both.
    pub(crate) fn read(
        site: &Site<'_>,
        images: &[(Option<&ImageListed>, Option<ImageInspect>)],
    ) -> (Self, Vec<Piece>) {
        let mut known = HashMap::with_capacity(images.len());
        let mut pieces = Vec::with_capacity(images.len());
        for (listed, seen) in images {
            let (listed, seen) = (*listed, seen.as_ref());
            let Some(id) = listed
                .map(|image| &image.id)
                .or(seen.map(|image| &image.id))
            else {
                continue;
            };
            let (tags, digests) = match (listed, seen) {
                (Some(image), _) => (&image.repo_tags, &image.repo_digests),
                (None, Some(image)) => (&image.repo_tags, &image.repo_digests),
                (None, None) => continue,
            };
            let (tags, mut digests) = (named(tags), named(digests));
            digests.retain(|digest| !is_of_here(site, digest));
            let mut assets = Vec::new();
            for reference in references(id, &tags, &digests) {
                let piece = image(site, &reference, id, &digests, listed, seen);
                assets.push((reference, piece.asset.id.clone()));
                pieces.push(piece);
            }
            let config = seen.and_then(|image| image.config.as_ref());
            let user = config.map(|config| config.user.clone().unwrap_or_default());
            known.insert(
                id.clone(),
                Known {
                    digests,
                    user,
                    assets,
                },
            );
        }
        (Self(known), pieces)
    }

    /// The claim on the digests of an image.
    pub(crate) fn digests(&self, id: &str) -> Claim {
        match self.0.get(id) {
            Some(known) => reported(Value::texts(known.digests.iter().cloned()), &basis::DIGESTS),
            None => unknown(&basis::IMAGE_GONE),
        }
    }

    /// The user that an image asks for, empty for none. None where the image could not be looked at closely.
    pub(crate) fn user(&self, id: &str) -> Option<&Text> {
        self.0.get(id)?.user.as_ref()
    }

    /// The asset of an image, under the reference that was asked for if it still has that.
    pub(crate) fn asset(&self, id: &str, asked_for: &str) -> Option<&AssetId> {
        let assets = &self.0.get(id)?.assets;
        let asked_for = familiar(asked_for);
        let same = assets.iter().find(|(have, _)| familiar(have) == asked_for);
        same.or(assets.first()).map(|(_, asset)| asset)
    }
}

/// The names that are names: engines write `<none>` where there is none.
fn named(names: &[Text]) -> Vec<Text> {
    let mut names: Vec<Text> = names
        .iter()
        .filter(|name| !name.is_empty() && !name.contains("<none>"))
        .map(|name| word(plimsoll_kit::image::without_credentials(name)))
        .collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// Whether no registry gave a digest: Podman computes one for what was built or loaded here, and calls the registry
/// `localhost`.
fn is_of_here(site: &Site<'_>, digest: &str) -> bool {
    site.flavour == Flavour::Podman && digest.starts_with("localhost/")
}

/// What an image goes by: its tags, else its first digest, else its id.
fn references(id: &str, tags: &[Text], digests: &[Text]) -> Vec<Text> {
    match (tags, digests.first()) {
        ([], Some(digest)) => vec![digest.clone()],
        ([], None) => vec![short(id)],
        (tags, _) => tags.to_vec(),
    }
}

/// A reference as docker writes it short: `docker.io/library/nginx` is `nginx:latest`.
fn familiar(reference: &str) -> String {
    let reference = reference.strip_prefix("docker.io/").unwrap_or(reference);
    let reference = reference.strip_prefix("library/").unwrap_or(reference);
    let last = reference.rsplit('/').next().unwrap_or_default();
    if last.contains([':', '@']) {
        reference.to_owned()
    } else {
        format!("{reference}:latest")
    }
}

fn image(
    site: &Site<'_>,
    reference: &Text,
    id: &Text,
    digests: &[Text],
    listed: Option<&ImageListed>,
    seen: Option<&ImageInspect>,
) -> Piece {
    let asset_id = site.id(kind::IMAGE, reference);
    let mut asset = Asset::new(asset_id, kind::IMAGE, reference.clone());
    let config = seen.and_then(|image| image.config.as_ref());
    let labels = listed
        .map(|image| &image.labels)
        .or(config.map(|config| &config.labels));
    if let Some(labels) = labels {
        asset.labels = hidden::labels(site.redactor, &asset.id, labels);
    }
    asset.claim(fact::IMAGE_ID, reported(word(id), &basis::IMAGES_ID));
    let digests = Value::texts(digests.iter().cloned());
    asset.claim(fact::IMAGE_DIGESTS, reported(digests, &basis::DIGESTS));
    let Some(seen) = seen else {
        asset.partial = Some("the image could not be looked at closely".into());
        let created = listed.and_then(|image| image.created);
        let created = created.and_then(|seconds| Timestamp::from_second(seconds).ok());
        asset.claim(
            fact::IMAGE_CREATED,
            match created {
                Some(time) => reported(time.to_string(), &basis::IMAGES_CREATED),
                None => unknown(&basis::UNSAID),
            },
        );
        return Piece::new(asset);
    };
    asset.claim(
        fact::IMAGE_CREATED,
        said(created(seen).as_ref(), &basis::IMAGE_CREATED),
    );
    asset.claim(fact::OS, said(seen.os.as_ref(), &basis::IMAGE_OS));
    let machine = seen.architecture.as_deref().map(architecture);
    asset.claim(
        fact::ARCHITECTURE,
        said(machine.as_ref(), &basis::IMAGE_ARCHITECTURE),
    );
    if let Some(config) = config {
        let user = config.user.as_deref().filter(|user| !user.is_empty());
        asset.claim(
            fact::USER,
            reported(word(user.unwrap_or("root")), &basis::IMAGE_USER),
        );
    }
    Piece::new(asset)
}

/// When the image was built, to the second as the list has it, so that both agree. Year 1 is Go's way of saying nothing.
fn created(seen: &ImageInspect) -> Option<Text> {
    let time: Timestamp = seen.created.as_deref()?.parse().ok()?;
    let time = Timestamp::from_second(time.as_second()).ok()?;
    (time > Timestamp::UNIX_EPOCH).then(|| Text::from(time.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::normalise::tests::site;

    fn read(json: &str) -> (Images, Vec<Piece>) {
        let listed: Vec<ImageListed> = serde_json::from_str(json).unwrap();
        let pairs: Vec<_> = listed.iter().map(|image| (Some(image), None)).collect();
        Images::read(&site(), &pairs)
    }

    #[test]
    fn an_image_goes_by_every_tag_or_its_digest_or_its_id() {
        let (images, pieces) = read(
            r#"[{"Id":"sha256:aa","RepoTags":["nginx:latest","mirror/nginx:1"],"RepoDigests":["nginx@sha256:01"]},
                {"Id":"sha256:bb","RepoTags":["<none>:<none>"],"RepoDigests":["<none>@<none>"]},
                {"Id":"sha256:cc","RepoTags":null,"RepoDigests":["nginx@sha256:02"]}]"#,
        );
        let ids: Vec<_> = pieces.iter().map(|piece| piece.asset.id.as_str()).collect();
        assert_eq!(
            ids,
            [
                "image:web-1/mirror/nginx:1",
                "image:web-1/nginx:latest",
                "image:web-1/sha256:bb",
                "image:web-1/nginx@sha256:02",
            ]
        );
        let find = |id, asked| images.asset(id, asked).map(AssetId::as_str);
        assert_eq!(find("sha256:aa", "nginx"), Some("image:web-1/nginx:latest"));
        assert_eq!(
            find("sha256:aa", "docker.io/library/nginx:latest"),
            Some("image:web-1/nginx:latest")
        );
        assert_eq!(
            find("sha256:aa", "retagged:9"),
            Some("image:web-1/mirror/nginx:1")
        );
        assert_eq!(find("sha256:dd", "nginx"), None);
    }

    #[test]
    fn no_digest_is_known_and_no_image_is_unknown() {
        let (images, _) = read(r#"[{"Id":"sha256:bb","RepoDigests":null}]"#);
        assert_eq!(
            images.digests("sha256:bb").value().unwrap().to_string(),
            "none"
        );
        assert_eq!(images.digests("sha256:zz").value(), None);
    }

    #[test]
    fn podmans_own_digests_are_no_registrys() {
        let json = r#"[{"Id":"sha256:aa","RepoTags":["localhost/shop:1"],"RepoDigests":["localhost/shop@sha256:01"]}]"#;
        let listed: Vec<ImageListed> = serde_json::from_str(json).unwrap();
        let pairs: Vec<_> = listed.iter().map(|image| (Some(image), None)).collect();
        let digests = |flavour| {
            let mut site = site();
            site.flavour = flavour;
            let (images, _) = Images::read(&site, &pairs);
            images.digests("sha256:aa").value().unwrap().to_string()
        };
        assert_eq!(digests(Flavour::Podman), "none");
        assert_eq!(digests(Flavour::Docker), "localhost/shop@sha256:01");
    }

    #[test]
    fn list_and_closer_look_agree_on_the_time() {
        let seen: ImageInspect =
            serde_json::from_str(r#"{"Created":"2026-11-22T04:06:23.57254648Z"}"#).unwrap();
        assert_eq!(created(&seen).unwrap(), "2026-11-22T04:06:23Z");
        let never: ImageInspect =
            serde_json::from_str(r#"{"Created":"0001-01-01T00:00:00Z"}"#).unwrap();
        assert_eq!(created(&never), None);
    }
}
