//! Organisations and their networks.

use plimsoll_model::{Alias, RelationKind, Text, fact, kind};

use super::{Piece, Site, app_id, network_id, organisation_id, word};
use crate::wire::App;

/// An organisation with its apps.
pub(crate) fn organisation(site: &Site<'_>, apps: &[App]) -> Piece {
    let infos = || apps.iter().filter_map(|app| app.organization.as_ref());
    let name = infos().find_map(|info| info.name.clone());
    let name = name
        .filter(|name| !name.is_empty())
        .unwrap_or(site.slug.clone());
    let id = organisation_id(&site.slug);
    let mut piece = Piece::new(id, kind::ORGANISATION, word(&name), "organization");
    // One organisation has several slugs, and one number.
    if let Some(number) = infos().find_map(|info| info.internal_numeric_id) {
        let alias = Alias::new("fly-organisation", &number.to_string());
        piece.asset.aliases.push(alias);
    }
    for app in apps {
        piece.relate(RelationKind::Contains, app_id(&app.name));
    }
    piece
}

/// A private network of an organisation.
pub(crate) fn network(site: &Site<'_>, name: &Text) -> Piece {
    let id = network_id(&site.slug, name);
    let mut piece = Piece::new(id, kind::NETWORK, name.clone(), "private network");
    piece.asset.claim(
        fact::DRIVER,
        plimsoll_model::Claim::attested(
            "WireGuard",
            "https://fly.io/docs/networking/private-networking/",
        ),
    );
    piece.relate(RelationKind::MemberOf, organisation_id(&site.slug));
    piece
}
