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
    let id = organisation_id(&site.number);
    let mut piece = Piece::new(id, kind::ORGANISATION, word(&name), "organization");
    let aliases = &mut piece.asset.aliases;
    aliases.push(Alias::new("fly-organisation", &site.number));
    aliases.push(Alias::called(&organisation_id(&site.slug)));
    for app in apps {
        piece.relate(RelationKind::Contains, app_id(&app.name));
    }
    piece
}

/// A private network of an organisation.
pub(crate) fn network(site: &Site<'_>, name: &Text) -> Piece {
    let id = network_id(&site.number, name);
    let mut piece = Piece::new(id, kind::NETWORK, name.clone(), "private network");
    let called = network_id(&site.slug, name);
    piece.asset.aliases.push(Alias::called(&called));
    piece.asset.claim(
        fact::DRIVER,
        plimsoll_model::Claim::attested(
            "WireGuard",
            "https://fly.io/docs/networking/private-networking/",
        ),
    );
    piece.relate(RelationKind::MemberOf, organisation_id(&site.number));
    piece
}
