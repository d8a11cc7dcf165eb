//! Certificates that cert-manager keeps. Those of others lie in secrets, which are not read.

use std::collections::BTreeMap;

use plimsoll_model::{Claim, RelationKind, Text, Value, fact, kind};

use super::{Piece, Site, dns_name, reported, unknown, word};
use crate::wire::Certificate;

/// When the certificate in a secret ends, by namespace and secret's name, with the certificate's name.
pub(crate) type Ends = BTreeMap<(Text, Text), (Text, Option<Text>)>;

/// Reads a certificate, and the names that it is for.
pub(crate) fn certificate(site: &Site<'_>, one: &Certificate) -> (Piece, Vec<Text>) {
    let (meta, spec) = (&one.metadata, &one.spec);
    let id = site.in_space(kind::CERTIFICATE, meta.space(), &meta.name);
    let mut piece = Piece::new(id, kind::CERTIFICATE, "Certificate", meta);
    piece.within(site.namespace(meta.space()));
    piece.created(meta);
    let names: Vec<Text> = spec
        .common_name
        .iter()
        .chain(spec.dns_names.iter())
        .map(|name| word(name))
        .collect();
    let claim = reported(
        Value::texts(names.clone()),
        "spec.dnsNames, spec.commonName",
    );
    piece.asset.claim(fact::HOSTNAMES, claim);
    let issuer = spec.issuer_ref.kind.as_deref().unwrap_or("Issuer");
    let issuer = word(&format!("{issuer} {}", spec.issuer_ref.name));
    piece.said(fact::CERTIFICATE_ISSUER, Some(&issuer), "spec.issuerRef");
    let mut conditions = one.status.conditions.iter();
    if let Some(ready) = conditions.find(|condition| condition.sort == "Ready") {
        let state = match ready.status.as_str() {
            "True" => "ready",
            "False" => "not ready",
            _ => "unknown",
        };
        let claim = reported(state, "condition Ready");
        piece.asset.claim(fact::CERTIFICATE_STATE, claim);
    }
    // It moves at every renewal, which nobody decides: judged, and no change.
    let ends = end(one);
    piece.asset.reading(fact::CERTIFICATE_EXPIRES, ends);
    if let Some(secret) = spec.secret_name.as_deref().filter(|name| !name.is_empty()) {
        let to = site.in_space(kind::SECRET, meta.space(), secret);
        piece.relate(RelationKind::Uses, to);
    }
    (piece, names)
}

fn end(one: &Certificate) -> Claim {
    match one.status.not_after.as_ref() {
        Some(end) => reported(word(end), "Certificate status.notAfter"),
        None => unknown("cert-manager has not said yet when it ends"),
    }
}

/// When the certificates of a namespace's secrets end.
pub(crate) fn ends(certificates: &[Certificate]) -> Ends {
    let mut ends = Ends::new();
    for one in certificates {
        let meta = &one.metadata;
        if let Some(secret) = &one.spec.secret_name {
            let key = (meta.space().into(), secret.clone());
            ends.insert(key, (meta.name.clone(), one.status.not_after.clone()));
        }
    }
    ends
}

/// Relates an endpoint to the certificates in the secrets that it names, and says when the first of them ends.
pub(crate) fn used(
    site: &Site<'_>,
    piece: &mut Piece,
    ends: Option<&Ends>,
    secrets: &[(Text, Text)],
) {
    if secrets.is_empty() {
        return;
    }
    let mut first: Option<&Text> = None;
    let mut all = true;
    for key in secrets {
        let to = site.in_space(kind::SECRET, &key.0, &key.1);
        piece.relate(RelationKind::Uses, to);
        match ends.and_then(|ends| ends.get(key)) {
            Some((name, end)) => {
                let to = site.in_space(kind::CERTIFICATE, &key.0, name);
                piece.relate(RelationKind::Uses, to);
                all &= end.is_some();
                first = [first, end.as_ref()].into_iter().flatten().min();
            }
            None => all = false,
        }
    }
    let claim = match first.filter(|_| all) {
        Some(end) => reported(
            word(end),
            "Certificate status.notAfter: the first of its certificates to end",
        ),
        None => unknown(
            "its certificate lies in a secret, which is not read, and no object of cert-manager's says when it ends",
        ),
    };
    piece.asset.reading(fact::CERTIFICATE_EXPIRES, claim);
}

/// Relates an endpoint to the names under which it is reached.
pub(crate) fn names(piece: &mut Piece, names: &[Text]) {
    for name in names.iter().filter_map(|name| dns_name(name)) {
        piece.relate(RelationKind::Exposes, name);
    }
}
