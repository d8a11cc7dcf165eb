//! Certificates.

use std::collections::{HashMap, HashSet};

use plimsoll_kit::model::{AssetId, Claim, RelationKind, Text, Value, fact, kind};

use super::environment::Site;
use super::{PLACE, Piece, name_of, said, say, time, word};
use crate::wire::{Certificate, Vhost};

const BASIS: &str = "GET /accounts/{id}/certificates";

/// An environment's certificates by their numbers, each with the id of its asset.
pub(crate) type Known = HashMap<Text, Name>;

/// What tells a certificate from the others of its environment: the name that it is for, and where others have that too its number.
pub(crate) struct Name {
    names: Vec<Text>,
    pub(crate) id: AssetId,
}

impl Name {
    fn new(site: &Site<'_>, names: Vec<Text>) -> Self {
        // The environment by its number: its handle may change.
        let mut parts = vec![PLACE, site.number()];
        parts.extend(names.iter().map(Text::as_str));
        Self {
            id: AssetId::of(kind::CERTIFICATE, &parts),
            names,
        }
    }
}

/// The ids of certificates. A renewed one has a new number and the same name: the one that an endpoint uses has the name as its
/// id, else the one that ends last, so that a renewal is a change. The others have their numbers too.
///
/// Where the endpoints could not be read, those of several with one name have no id: which is which cannot be told.
pub(crate) fn ids(
    site: &Site<'_>,
    certificates: &[Certificate],
    vhosts: Option<&[Vhost]>,
) -> Known {
    let links = vhosts.unwrap_or_default().iter();
    let used: HashSet<&Text> = links
        .filter_map(|vhost| Some(&vhost._links.certificate.as_ref()?.id))
        .collect();
    let mut names: HashMap<Text, Vec<&Certificate>> = HashMap::new();
    for certificate in certificates {
        names
            .entry(name(certificate))
            .or_default()
            .push(certificate);
    }
    let mut known = Known::new();
    for (name, mut alike) in names {
        if alike.len() > 1 && vhosts.is_none() {
            continue;
        }
        alike.sort_by_cached_key(|certificate| std::cmp::Reverse(rank(certificate, &used)));
        for (at, certificate) in alike.into_iter().enumerate() {
            let number = certificate.id.clone().unwrap_or_default();
            let names = match at {
                0 => vec![name.clone()],
                _ => vec![name.clone(), number.clone()],
            };
            known.insert(number, Name::new(site, names));
        }
    }
    known
}

/// In use before out of use, what ends later before what ends earlier, and then the newer.
fn rank(
    certificate: &Certificate,
    used: &HashSet<&Text>,
) -> (bool, Option<jiff::Timestamp>, usize, Text) {
    let number = certificate.id.clone().unwrap_or_default();
    let ends = certificate.not_after.as_ref();
    let ends = ends.and_then(|text| text.parse().ok());
    (used.contains(&number), ends, number.len(), number)
}

fn name(certificate: &Certificate) -> Text {
    let number = certificate.id.as_deref().unwrap_or_default();
    name_of(certificate.common_name.as_ref(), number)
}

/// A certificate.
pub(crate) fn certificate(
    site: &Site<'_>,
    certificate: &Certificate,
    known: &Known,
) -> Option<Piece> {
    let number = certificate.id.as_deref().unwrap_or_default();
    let known = known.get(number)?;
    let called: Vec<&str> = known.names.iter().map(Text::as_str).collect();
    let mut asset = site.asset(
        known.id.clone(),
        kind::CERTIFICATE,
        name(certificate),
        &called,
        ("certificates", number),
    );
    asset.claim(fact::PLATFORM_KIND, Claim::reported("certificate"));
    let ends = match time(certificate.not_after.as_ref()) {
        Some(ends) => Claim::reported(ends).by("GET /accounts/{id}/certificates not_after"),
        None => Claim::unknown("GET /accounts/{id}/certificates has no not_after that is a time"),
    };
    asset.claim(fact::CERTIFICATE_EXPIRES, ends);
    let begins = time(certificate.not_before.as_ref());
    say(
        &mut asset,
        "certificate.begins",
        begins,
        "GET /accounts/{id}/certificates not_before",
    );
    say(
        &mut asset,
        fact::CERTIFICATE_ISSUER,
        said(certificate.issuer_common_name.as_ref()),
        BASIS,
    );
    say(
        &mut asset,
        "certificate.trusted",
        certificate.trusted,
        BASIS,
    );
    say(
        &mut asset,
        "certificate.self-signed",
        certificate.self_signed,
        BASIS,
    );
    say(&mut asset, "certificate.acme", certificate.acme, BASIS);
    say(
        &mut asset,
        "certificate.key",
        said(certificate.private_key_algorithm.as_ref()),
        BASIS,
    );
    say(
        &mut asset,
        "certificate.sha256",
        said(certificate.sha256_fingerprint.as_ref()),
        BASIS,
    );
    let others = certificate.subject_alternative_names.iter().flatten();
    let names = certificate
        .common_name
        .iter()
        .chain(others)
        .map(|name| word(name));
    let names: Vec<Text> = names.filter(|name| !name.is_empty()).collect();
    say(
        &mut asset,
        fact::HOSTNAMES,
        (!names.is_empty()).then(|| Value::texts(names)),
        BASIS,
    );
    let mut piece = Piece::new(asset);
    piece.relate_from(site.id(), RelationKind::Contains);
    Some(piece)
}
