//! What is known by its name alone: namespaces, config maps, secrets, and names in the DNS.

use plimsoll_model::{Asset, AssetId, Claim, fact, kind};

use super::{Piece, Site};
use crate::wire::Meta;

/// A namespace.
pub(crate) fn namespace(site: &Site<'_>, meta: &Meta) -> Piece {
    let id = site.namespace(&meta.name);
    let mut piece = Piece::new(id, kind::NAMESPACE, "Namespace", meta);
    piece.within(site.cluster_id());
    piece.created(meta);
    piece
}

/// A config map: its data stays with the server.
pub(crate) fn config_map(site: &Site<'_>, meta: &Meta) -> Piece {
    let id = site.in_space(kind::CONFIGURATION, meta.space(), &meta.name);
    let mut piece = Piece::new(id, kind::CONFIGURATION, "ConfigMap", meta);
    piece.within(site.namespace(meta.space()));
    piece.created(meta);
    piece
}

/// A secret that something refers to: whether it exists is not asked.
pub(crate) fn secret(site: &Site<'_>, space: &str, name: &str) -> Piece {
    let id = site.in_space(kind::SECRET, space, name);
    let mut piece = Piece::bare(id, kind::SECRET, name);
    let by = "named by what refers to it; secrets themselves are not read";
    let claim = Claim::reported("kubernetes").by(super::basis(by));
    piece.asset.claim(fact::PLATFORM, claim);
    piece
        .asset
        .claim(fact::PLATFORM_KIND, Claim::reported("Secret"));
    piece.within(site.namespace(space));
    piece
}

/// A name in the DNS, of which nothing is said.
pub(crate) fn dns(id: AssetId) -> Asset {
    let name = id.as_str().split_once(':').map_or("", |(_, name)| name);
    let name = plimsoll_model::Text::from(name);
    Asset::new(id, kind::DNS_NAME, name)
}
