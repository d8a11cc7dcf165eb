//! Apps.

use std::collections::BTreeSet;

use plimsoll_model::{Alias, Claim, RelationKind, Table, Text, Value, fact, kind};

use super::edge::Reach;
use super::{
    Piece, Site, address_id, app_id, certificate_id, dns_name_id, network_id, organisation_id,
    reported, said, time_claim, volume_id, word, workload_id,
};
use crate::wire::{Address, App, Certificate, Secret, Volume};

/// What is known of an app besides its entry in the list. What could not be read is none.
pub(crate) struct Parts<'a> {
    pub(crate) groups: Vec<&'a str>,
    pub(crate) addresses: Option<&'a [Address]>,
    /// Those that are known, and whether they are all.
    pub(crate) certificates: (&'a [Certificate], bool),
    pub(crate) secrets: Option<&'a [Secret]>,
    pub(crate) volumes: &'a [Volume],
    /// When it was made; none where that could not be asked for.
    pub(crate) created: Option<Option<Text>>,
}

/// The network of an app that names none.
const DEFAULT_NETWORK: &str = "default";

/// The network that an app's machines are in.
pub(crate) fn network(app: &App) -> Text {
    let network = app.network.as_deref().filter(|name| !name.is_empty());
    word(network.unwrap_or(DEFAULT_NETWORK))
}

/// An app with what it contains, offers and uses, and the names that it goes by.
pub(crate) fn app(site: &Site<'_>, app: &App, parts: &Parts<'_>) -> Vec<Piece> {
    let mut piece = Piece::new(app_id(&app.name), kind::APP, app.name.clone(), "app");
    let asset = &mut piece.asset;
    if let Some(number) = app.internal_numeric_id {
        asset
            .aliases
            .push(Alias::new("fly-app", &number.to_string()));
    }
    asset.reading("status", said(app.status.as_ref(), "GET /apps status"));
    asset.claim(
        fact::CREATED,
        match &parts.created {
            Some(created) => time_claim(
                created.as_ref(),
                "POST /graphql organization.apps.createdAt",
            ),
            None => Claim::unknown("the query for it was not answered"),
        },
    );
    asset.claim(
        fact::SECRETS,
        match parts.secrets {
            Some(secrets) => reported(
                secret_table(secrets),
                "GET /apps/{app}/secrets name, digest",
            ),
            None => Claim::unknown("the names of its secrets could not be read"),
        },
    );
    let (certificates, whole) = parts.certificates;
    let names = names(app, parts);
    asset.claim(
        fact::HOSTNAMES,
        match whole && parts.addresses.is_some() {
            true => reported(
                Value::texts(names.iter().cloned()),
                "GET /apps/{app}/certificates hostname, and the platform's own name where it has a public address",
            ),
            false => Claim::unknown("its certificates or addresses could not be read"),
        },
    );
    piece.relate(RelationKind::MemberOf, organisation_id(&site.number));
    piece.relate(
        RelationKind::MemberOf,
        network_id(&site.number, &network(app)),
    );
    for group in &parts.groups {
        piece.relate(RelationKind::Contains, workload_id(&app.name, group));
    }
    for volume in parts.volumes {
        piece.relate(RelationKind::Contains, volume_id(&volume.id));
    }
    for address in parts.addresses.unwrap_or_default() {
        piece.relate(RelationKind::Exposes, address_id(&address.ip));
    }
    for certificate in certificates {
        piece.relate(
            RelationKind::Uses,
            certificate_id(&app.name, &certificate.hostname),
        );
    }
    let mut pieces = Vec::with_capacity(names.len() + 1);
    for name in &names {
        piece.relate(RelationKind::Exposes, dns_name_id(name));
        pieces.push(Piece::dns_name(name));
    }
    pieces.push(piece);
    pieces
}

/// The names under which an app is reached: those of its certificates, and the platform's own where a public address is behind it.
fn names(app: &App, parts: &Parts<'_>) -> BTreeSet<Text> {
    let addresses = parts.addresses.unwrap_or_default().iter();
    let certificates = parts.certificates.0.iter();
    let mut names: BTreeSet<Text> = certificates
        .map(|certificate| word(&certificate.hostname.to_ascii_lowercase()))
        .collect();
    if Reach::of(addresses).has_public() {
        names.insert(word(&format!("{}.fly.dev", app.name.to_ascii_lowercase())));
    }
    names
}

fn secret_table(secrets: &[Secret]) -> Table {
    let rows = secrets.iter();
    rows.map(|secret| (word(&secret.name), Value::Text(word(&secret.digest))))
        .collect()
}
