//! Certificates of host names.

use plimsoll_model::{Claim, RelationKind, Text, fact, kind};

use super::{Piece, certificate_id, dns_name_id, reported, said, time, time_claim, word, yes};
use crate::wire::{Certificate, CertificateClosely};

/// What became of looking closely.
pub(crate) enum Closely<'a> {
    Seen(&'a CertificateClosely),
    /// There is no certificate yet whose end could be asked for.
    Nothing,
    /// It could not be, and why.
    Failed(&'a str),
}

/// A host name's certificate.
pub(crate) fn certificate(app: &str, listed: &Certificate, closely: &Closely<'_>) -> Piece {
    let id = certificate_id(app, &listed.hostname);
    let mut piece = Piece::new(id, kind::CERTIFICATE, word(&listed.hostname), "certificate");
    let asset = &mut piece.asset;
    let basis = "GET /apps/{app}/certificates";
    asset.claim(
        fact::CERTIFICATE_STATE,
        said(listed.status.as_ref(), &format!("{basis} status")),
    );
    asset.claim(
        "managed",
        yes(
            listed.has_fly_certificate,
            &format!("{basis} has_fly_certificate"),
        ),
    );
    asset.claim(
        "custom",
        yes(
            listed.has_custom_certificate,
            &format!("{basis} has_custom_certificate"),
        ),
    );
    asset.claim(
        fact::CREATED,
        time_claim(listed.created_at.as_ref(), &format!("{basis} created_at")),
    );
    match closely {
        Closely::Nothing => {}
        Closely::Failed(why) => {
            asset.partial = Some(Text::from(*why));
            asset.claim(fact::CERTIFICATE_ISSUER, Claim::unknown(*why));
            asset.reading(fact::CERTIFICATE_EXPIRES, Claim::unknown(*why));
        }
        Closely::Seen(seen) => claim_closely(asset, seen),
    }
    piece.relate(RelationKind::Exposes, dns_name_id(&listed.hostname));
    piece
}

/// The end of the certificate that is served, and who issued it. The platform renews its own by itself, so there the end is a reading.
fn claim_closely(asset: &mut plimsoll_model::Asset, seen: &CertificateClosely) {
    let basis = "GET /apps/{app}/certificates/{hostname} certificates";
    let active = |source: &str| {
        let entries = seen.certificates.iter();
        let mut fitting = entries.filter(|entry| entry.source.as_deref() == Some(source));
        fitting.find(|entry| entry.status.as_deref() == Some("active"))
    };
    // One's own certificate goes before the platform's.
    let entry = active("custom").or_else(|| active("fly"));
    let Some(entry) = entry else {
        let why = "the platform shows no certificate that is active";
        asset.claim(fact::CERTIFICATE_ISSUER, Claim::unknown(why));
        asset.reading(fact::CERTIFICATE_EXPIRES, Claim::unknown(why));
        return;
    };
    let issuer = entry.issuer.as_ref().filter(|issuer| !issuer.is_empty());
    let authority = entry
        .issued
        .iter()
        .find_map(|issued| issued.certificate_authority.as_ref());
    asset.claim(
        fact::CERTIFICATE_ISSUER,
        said(issuer.or(authority), &format!("{basis}.issuer")),
    );
    // The first of its keys' ends is when something stops working.
    let ends = entry.issued.iter().map(|issued| issued.expires_at.as_ref());
    let ends = ends.chain([entry.expires_at.as_ref()]).filter_map(time);
    let ends = match ends.min() {
        Some(end) => reported(end.to_string(), &format!("{basis}.expires_at")),
        None => Claim::unknown("the platform does not say when it ends"),
    };
    match entry.source.as_deref() {
        Some("custom") => asset.claim(fact::CERTIFICATE_EXPIRES, ends),
        _ => asset.reading(fact::CERTIFICATE_EXPIRES, ends),
    };
}
