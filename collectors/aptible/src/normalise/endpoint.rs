//! Endpoints.

use std::collections::{HashMap, HashSet};

use plimsoll_kit::model::{Asset, AssetId, Claim, RelationKind, Text, Value, fact, kind};

use super::drain::Drains;
use super::environment::Site;
use super::ports::{self, Layer};
use super::tls::Settings;
use super::{Piece, certificate, dns_name, id_of, own, said, say, time, word};
use crate::wire::Vhost;

const BASIS: &str = "GET /accounts/{id}/vhosts";

/// The id of an endpoint's asset.
pub(crate) fn id(vhost: &Vhost) -> AssetId {
    id_of(kind::ENDPOINT, vhost.id.as_deref().unwrap_or_default())
}

/// An environment's endpoints by their numbers, each with what it is called in the environment.
pub(crate) type Called = HashMap<Text, Vec<Text>>;

/// What endpoints are called. An endpoint has no handle, so people go by its domain. Of several with one domain that with the lowest
/// number has it for itself, and the others have their numbers too.
pub(crate) fn called(vhosts: &[Vhost]) -> Called {
    let mut in_order: Vec<&Vhost> = vhosts.iter().collect();
    in_order.sort_by_key(|vhost| {
        let number = vhost.id.clone().unwrap_or_default();
        (number.len(), number)
    });
    let mut taken = HashSet::new();
    let mut called = Called::new();
    for vhost in in_order {
        let number = vhost.id.clone().unwrap_or_default();
        let name = name(vhost);
        let own = if taken.insert(name.clone()) {
            vec![name]
        } else {
            vec![name, number.clone()]
        };
        called.insert(number, own);
    }
    called
}

/// What people call an endpoint: its domain.
fn name(vhost: &Vhost) -> Text {
    let domains = [&vhost.user_domain, &vhost.virtual_domain];
    let mut domains = domains
        .into_iter()
        .flatten()
        .filter(|name| !name.is_empty());
    let number = vhost.id.as_deref().unwrap_or_default();
    domains.next().map_or_else(
        || format!("#{number}").into(),
        |name| word(name).to_ascii_lowercase(),
    )
}

/// An endpoint, and the names in the DNS under which it is reached. `target` is what it leads to.
pub(crate) fn endpoint(
    site: &Site<'_>,
    vhost: &Vhost,
    called: &[Text],
    settings: &Settings<'_>,
    target: Option<AssetId>,
    certificates: Option<&certificate::Known>,
    drains: &Drains,
) -> (Piece, Vec<Asset>) {
    let number = vhost.id.as_deref().unwrap_or_default();
    let called: Vec<&str> = called.iter().map(Text::as_str).collect();
    let mut asset = site.asset(
        id(vhost),
        kind::ENDPOINT,
        name(vhost),
        &called,
        ("vhosts", number),
    );
    asset.claim(fact::PLATFORM_KIND, Claim::reported("vhost"));
    say(
        &mut asset,
        "endpoint.type",
        said(vhost.kind.as_ref()),
        BASIS,
    );
    say(&mut asset, "endpoint.internal", vhost.internal, BASIS);
    say(&mut asset, "endpoint.default", vhost.default, BASIS);
    say(
        &mut asset,
        "endpoint.platform",
        said(vhost.platform.as_ref()),
        BASIS,
    );
    say(&mut asset, "endpoint.shared", vhost.shared, BASIS);
    say(
        &mut asset,
        "endpoint.token-header",
        Some(vhost.token_header),
        BASIS,
    );
    say(&mut asset, own::STATUS, said(vhost.status.as_ref()), BASIS);
    say(
        &mut asset,
        fact::CREATED,
        time(vhost.created_at.as_ref()),
        BASIS,
    );
    say(&mut asset, "certificate.acme", vhost.acme, BASIS);
    let acme = vhost
        .acme_status
        .as_ref()
        .filter(|_| vhost.acme == Some(true));
    say(
        &mut asset,
        fact::CERTIFICATE_STATE,
        said(acme),
        "GET /accounts/{id}/vhosts acme_status",
    );
    if let Some(sources) = ports::sources(vhost) {
        asset.claim(fact::SOURCES_ALLOWED, sources);
    }
    claim_tls(site, &mut asset, vhost, settings);
    asset.claim(fact::LOGS_DESTINATIONS, drains.of_proxies());

    let hosts = hosts(vhost);
    if !hosts.is_empty() {
        asset.claim(
            fact::HOSTNAMES,
            Claim::reported(Value::texts(hosts.clone())).by(BASIS),
        );
    }
    let mut piece = Piece::new(asset);
    piece.relate_from(site.id(), RelationKind::Contains);
    if let Some(target) = target {
        piece.relate(RelationKind::RoutesTo, target);
    }
    let certificate = vhost._links.certificate.as_ref();
    let certificate = certificate
        .zip(certificates)
        .and_then(|(link, known)| known.get(&link.id));
    if let Some(certificate) = certificate {
        piece.relate(RelationKind::Uses, certificate.id.clone());
    }
    drains.relate(&mut piece, |drain| drain.drain_proxies);
    let names: Vec<Asset> = hosts.iter().filter_map(|host| dns_name(host)).collect();
    for name in &names {
        piece.relate(RelationKind::Exposes, name.id.clone());
    }
    (piece, names)
}

fn claim_tls(site: &Site<'_>, asset: &mut Asset, vhost: &Vhost, settings: &Settings<'_>) {
    let layer = ports::layer(vhost);
    // The documented default is that of the application balancer; that of the older kind is not documented.
    let alb = vhost.platform.as_deref() == Some("alb");
    let lowest = settings.lowest(layer == Layer::Http && alb);
    let forced = settings.https_forced();
    if layer == Layer::Http || layer == Layer::Tls {
        asset.claim("tls.lowest", lowest.clone());
        if let Some(all) = settings.all(site.redactor, &asset.id) {
            asset.claim("settings", all);
        }
    }
    if layer == Layer::Http {
        asset.claim(fact::HTTPS_FORCED, forced.clone());
    }
    asset.claim(fact::PORTS, ports::ports(vhost, &lowest, &forced));
}

/// The names under which an endpoint is reached, each once.
fn hosts(vhost: &Vhost) -> Vec<Text> {
    let own = [&vhost.user_domain, &vhost.virtual_domain];
    let balancer = match vhost.internal {
        Some(true) => &vhost.internal_host,
        _ => &vhost.external_host,
    };
    let mut hosts: Vec<Text> = Vec::new();
    for host in own.into_iter().chain([balancer]).flatten() {
        let host = Text::from(word(host).trim_end_matches('.').to_ascii_lowercase());
        if !host.is_empty() && !hosts.contains(&host) {
            hosts.push(host);
        }
    }
    hosts
}
