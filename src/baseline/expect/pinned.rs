//! `image-pinned`: the running image is known by digest and comes from an allowed registry.

use plimsoll_model::{Claim, RelationKind, Value, fact};
use plimsoll_settings::Section;

use super::sum::Sum;
use super::{Case, Check, shape};
use crate::baseline::image::{ImageName, ImagePattern};
use crate::baseline::index::Claims;
use crate::baseline::outcome::{Evidence, Outcome, known_as, misshapen};
use crate::baseline::rule::bad_pattern;

#[derive(Debug)]
struct Pinned {
    registries: Vec<ImagePattern>,
}

pub(super) fn read(section: &Section<'_>) -> Option<Box<dyn Check>> {
    let mut registries = Vec::new();
    for pattern in section.texts("registries").unwrap_or_default() {
        // A registry alone stands for everything in it.
        let whole = if pattern.contains('/') {
            pattern.clone()
        } else {
            format!("{pattern}/*")
        };
        match ImagePattern::new(&whole) {
            Ok(made) => registries.push(made),
            Err(why) => section.mistake_at("registries", bad_pattern("registries", &pattern, &why)),
        }
    }
    Some(Box::new(Pinned { registries }))
}

/// What the asset itself says, else what the image does that it was built from.
///
/// # Errors
/// Why neither does.
pub(super) fn says<'a, T>(
    case: &Case<'a>,
    fact: &'static str,
    take: impl FnOnce(&'a Value) -> Option<T>,
) -> Result<(T, Evidence<'a>), String> {
    let own = case.index.claim(fact).and_then(Claim::value);
    if own.is_none() {
        let mut images = case.estate.along(case.system.at, RelationKind::BuiltFrom);
        if let Some((_, image)) = images.find(|(_, image)| image.value(fact).is_some()) {
            return known_as(image, fact, take);
        }
    }
    known_as(case.index, fact, take)
}

impl Check for Pinned {
    fn expected(&self) -> String {
        if self.registries.is_empty() {
            return "an image with a registry digest".to_owned();
        }
        let names: Vec<&str> = self.registries.iter().map(ImagePattern::as_str).collect();
        format!("an image with a digest of {}", names.join(", "))
    }

    fn facts(&self) -> Vec<&str> {
        vec![fact::IMAGE_DIGESTS, fact::IMAGE, fact::IMAGES]
    }

    fn judge<'a>(&'a self, case: &Case<'a>) -> Outcome<'a> {
        if case.index.claim(fact::IMAGES).is_some() {
            return self.each(case);
        }
        let (digests, evidence) = match says(case, fact::IMAGE_DIGESTS, shape::digests) {
            Ok(known) => known,
            Err(reason) => return Outcome::Unknown(reason),
        };
        let names = digests.iter().filter_map(Value::as_str);
        if digests.is_empty() {
            // Known to be empty: it was built or loaded here, and no registry vouches for it.
            let actual = "a local image without registry digest";
            return Outcome::Fail(actual.to_owned(), evidence);
        }
        if self.registries.is_empty() {
            return Outcome::Pass(evidence);
        }
        self.allowed(case, names, evidence)
    }
}

impl Pinned {
    /// The images of a workload of several containers: what truly runs is known by digest, or asked for by it.
    fn each<'a>(&self, case: &Case<'a>) -> Outcome<'a> {
        let (images, evidence) = match known_as(case.index, fact::IMAGES, Value::as_table) {
            Ok(known) => known,
            Err(reason) => return Outcome::Unknown(reason),
        };
        let main = case.asset.value(fact::IMAGE).and_then(Value::as_str);
        let mut sum = Sum::default();
        for (container, row) in images.iter() {
            let part = |name: &str| row.as_table()?.get(name);
            let Some(image) = part("image").and_then(shape::word) else {
                sum.unknown(format!("the image of {container} is not known"));
                continue;
            };
            let own = says(case, fact::IMAGE_DIGESTS, shape::digests);
            let own = own.ok().filter(|_| main == Some(image));
            let asked = image.split_once('@').map(|(_, digest)| digest);
            let runs = part("digest").map(|digest| digest.as_str().unwrap_or_default());
            let given = || [asked, runs].into_iter().flatten();
            if given().any(|digest| !shape::is_digest(digest)) {
                sum.unknown(format!("the digest of {container} is none"));
                continue;
            }
            match own {
                _ if given().next().is_some() => {}
                Some(([], evidence)) => {
                    let what = format!("{container}: a local image without registry digest");
                    sum.bad(what, evidence);
                    continue;
                }
                Some(_) => {}
                None => {
                    sum.unknown(format!(
                        "which digest of {image} {container} runs is not known"
                    ));
                    continue;
                }
            }
            if self.registries.is_empty() || self.is_ours(image) {
                sum.good(evidence.clone());
            } else {
                let what = format!("{container}: {image} is from another registry");
                sum.bad(what, evidence.clone());
            }
        }
        sum.outcome("it runs no container")
    }

    fn is_ours(&self, reference: &str) -> bool {
        let name = ImageName::of(reference);
        self.registries.iter().any(|pattern| pattern.matches(&name))
    }

    /// Whether the image was asked for from an allowed registry, and that registry knows it.
    fn allowed<'a>(
        &self,
        case: &Case<'a>,
        mut digests: impl Iterator<Item = &'a str>,
        evidence: Evidence<'a>,
    ) -> Outcome<'a> {
        let good = |reference: &str| self.is_ours(reference);
        let image = case.asset.value(fact::IMAGE);
        let image = match image.map(|image| shape::word(image)) {
            Some(None) => return Outcome::Unknown(misshapen(fact::IMAGE)),
            Some(image) => image,
            None => None,
        };
        // An image id in the reference's place says nothing of the registry; the digests do.
        let foreign = image.filter(|image| !image.starts_with("sha256:") && !good(image));
        if let Some(image) = foreign {
            Outcome::Fail(format!("{image} is from another registry"), evidence)
        } else if digests.any(good) {
            Outcome::Pass(evidence)
        } else {
            // Any image can be given any name here, and only a registry gives it a digest.
            let actual = "no allowed registry has given it a digest";
            Outcome::Fail(actual.to_owned(), evidence)
        }
    }
}
