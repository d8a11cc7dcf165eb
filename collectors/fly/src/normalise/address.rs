//! Addresses of the platform's edge, and of its private network.

use plimsoll_model::{RelationKind, Table, fact, kind};

use super::{Piece, Site, address_id, edge, reported, time_claim, word, workload_id};
use crate::wire::Address;

/// An address, and where what comes in there is sent on.
///
/// One that many customers' apps share says nothing that is of one app alone.
///
/// `groups` are those of the app, each with the ports that the edge has for it.
pub(crate) fn address(
    site: &Site<'_>,
    app: &str,
    groups: &[(&str, Table)],
    address: &Address,
) -> Piece {
    let ip = word(&address.ip);
    let mut piece = Piece::new(address_id(&address.ip), kind::ADDRESS, ip, "ip address");
    let asset = &mut piece.asset;
    let shared = address.shared == Some(true);
    let private = edge::is_private(&address.ip);
    let family = if address.ip.contains(':') { "v6" } else { "v4" };
    let basis = "GET /apps/{app}/ip_assignments ip, shared";
    asset.claim("family", reported(family, basis));
    asset.claim("shared", reported(shared, basis));
    asset.claim(
        "reach",
        reported(if private { "private" } else { "public" }, basis),
    );
    if !shared {
        let basis = "GET /apps/{app}/ip_assignments region";
        super::claim_region(asset, site, address.region.as_ref(), basis);
        asset.claim(
            fact::CREATED,
            time_claim(
                address.created_at.as_ref(),
                "GET /apps/{app}/ip_assignments created_at",
            ),
        );
    }
    let led_to = groups
        .iter()
        .filter(|(_, ports)| edge::leads_to(address, ports));
    for (group, _) in led_to {
        piece.relate(RelationKind::RoutesTo, workload_id(app, group));
    }
    piece
}
