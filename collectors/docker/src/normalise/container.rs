//! Containers.

use std::collections::HashMap;

use plimsoll_model::{Asset, Claim, RelationKind, Text, Value, fact, kind};

use super::basis::{self, reported, said, unknown};
use super::identity::Key;
use super::image::Images;
use super::network::{Known, Networks};
use super::ports::{self, Exposure, Way};
use super::{Piece, Site, hidden, mounts, process, security, short, word};
use crate::wire::{Inspect, Listed, Mount};

/// What a container's meaning hangs on besides itself. What could not be read is none.
pub(crate) struct Around<'a> {
    pub(crate) images: Option<&'a Images>,
    pub(crate) networks: Option<&'a Networks>,
    pub(crate) keys: &'a HashMap<&'a str, Key>,
}

/// A container that was looked at closely, and what leads to it.
pub(crate) fn container(
    site: &Site<'_>,
    around: &Around<'_>,
    key: &Key,
    listed: &Listed,
    seen: &Inspect,
    exposure: Exposure,
) -> Piece {
    let mut asset = Asset::new(key.asset.clone(), kind::CONTAINER, key.name.clone());
    let config = seen.config.as_ref();
    let host = seen.host_config.as_ref();
    let network = seen.network_settings.as_ref();
    let given = config.map_or(&listed.labels, |config| &config.labels);
    asset.labels = hidden::labels(site.redactor, &asset.id, given);

    let status = seen.state.as_ref().and_then(|state| state.status.as_ref());
    asset.reading(fact::STATE, process::state_claim(status, &basis::STATE));
    asset.claim(fact::STATE_WANTED, process::wanted(site, seen));
    let health = seen.state.as_ref().and_then(|state| state.health.as_ref());
    let health = health.and_then(|health| health.status.as_ref());
    if let Some(health) = health.filter(|health| !health.is_empty() && *health != "none") {
        asset.reading(fact::HEALTH, reported(word(health), &basis::HEALTH));
    }
    // Restarting leaves it as it is, and making it anew is the change that a redeploy is.
    asset.claim("created", said(seen.created.as_ref(), &basis::CREATED));

    let asked_for = config.and_then(|config| config.image.as_ref());
    asset.claim(fact::IMAGE, said(asked_for, &basis::IMAGE));
    let image_id = seen.image.as_deref().or(listed.image_id.as_deref());
    asset.claim(
        fact::IMAGE_ID,
        said(image_id.map(Text::from).as_ref(), &basis::IMAGE_ID),
    );
    asset.claim(fact::IMAGE_DIGESTS, digests(around, image_id));

    let mode = host.and_then(|host| host.network_mode.as_deref());
    let joined = shared_network(around, mode);
    asset.claim(
        fact::NETWORK_MODE,
        network_mode(mode, joined, &basis::NETWORK_MODE),
    );
    let ports = ports::ports(seen, exposure, &way(around, seen));
    asset.claim(fact::PORTS, ports.published);
    if !ports.chosen.is_empty() {
        let chosen = reported(ports.chosen, &basis::PORTS_CHOSEN);
        asset.reading(fact::PORTS_CHOSEN, chosen);
    }
    if !ports.live.is_empty() {
        let live = reported(Value::texts(ports.live), &basis::PORTS_CHOSEN);
        asset.reading(fact::PORTS_LIVE, live);
    }

    security::claim(&mut asset, site, host, exposure);
    let image_user = image_id.and_then(|id| around.images?.user(id));
    process::claim(&mut asset, site, config, image_user);
    process::care(&mut asset, site, host);
    asset.claim(
        fact::MOUNTS,
        match &seen.mounts {
            Some(list) => reported(mounts::mounts(list, host), &basis::MOUNTS),
            None => unknown(&basis::UNSAID),
        },
    );

    let mut piece = Piece::new(asset);
    let list = seen.mounts.as_deref().unwrap_or_default();
    let asked_for = asked_for.map(Text::as_str);
    relate(&mut piece, site, around, image_id, asked_for, list);
    if let Some(other) = joined {
        piece.relate(RelationKind::Uses, other.asset.clone());
    }
    for (name, joined) in network.iter().flat_map(|network| &network.networks) {
        let id = joined
            .as_ref()
            .and_then(|joined| joined.network_id.as_deref());
        if let Some(network) = around.networks.and_then(|all| all.find(id, name)) {
            piece.relate(RelationKind::MemberOf, network.asset.clone());
        }
    }
    piece
}

/// A container of which only the list tells, because looking at it closely failed.
pub(crate) fn listed(site: &Site<'_>, around: &Around<'_>, key: &Key, listed: &Listed) -> Piece {
    let mut asset = Asset::new(key.asset.clone(), kind::CONTAINER, key.name.clone());
    asset.partial = Some(Text::from(&**basis::NOT_INSPECTED));
    asset.labels = hidden::labels(site.redactor, &asset.id, &listed.labels);
    let state = process::state_claim(listed.state.as_ref(), &basis::LISTED_STATE);
    asset.reading(fact::STATE, state);
    asset.claim(
        fact::IMAGE,
        said(listed.image.as_ref(), &basis::LISTED_IMAGE),
    );
    let image_id = listed.image_id.as_deref();
    asset.claim(
        fact::IMAGE_ID,
        said(listed.image_id.as_ref(), &basis::LISTED_IMAGE_ID),
    );
    asset.claim(fact::IMAGE_DIGESTS, digests(around, image_id));
    let mode = listed.host_config.network_mode.as_deref();
    let joined = shared_network(around, mode);
    asset.claim(
        fact::NETWORK_MODE,
        network_mode(mode, joined, &basis::LISTED_MODE),
    );
    if let Some(list) = &listed.mounts {
        asset.claim(
            fact::MOUNTS,
            reported(mounts::mounts(list, None), &basis::LISTED_MOUNTS),
        );
    }
    // The list leaves out what a stopped container wants published: its ports are not claimed.
    let mut piece = Piece::new(asset);
    let list = listed.mounts.as_deref().unwrap_or_default();
    relate(
        &mut piece,
        site,
        around,
        image_id,
        listed.image.as_deref(),
        list,
    );
    piece
}

fn relate(
    piece: &mut Piece,
    site: &Site<'_>,
    around: &Around<'_>,
    image_id: Option<&str>,
    asked_for: Option<&str>,
    list: &[Mount],
) {
    // Both the engine and its host: a question about either is one step away.
    piece.relate(RelationKind::RunsOn, site.engine_id());
    piece.relate(RelationKind::RunsOn, site.host_id());
    let image = image_id.and_then(|id| around.images?.asset(id, asked_for.unwrap_or_default()));
    if let Some(image) = image {
        piece.relate(RelationKind::BuiltFrom, image.clone());
    }
    for volume in mounts::volumes(list) {
        piece.relate(RelationKind::StoresOn, site.id(kind::VOLUME, volume));
    }
}

fn digests(around: &Around<'_>, image_id: Option<&str>) -> Claim {
    match (around.images, image_id) {
        (None, _) => unknown(&basis::NO_IMAGES),
        (Some(_), None) => unknown(&basis::UNSAID),
        (Some(images), Some(id)) => images.digests(id),
    }
}

/// The container whose network this one shares, if it is listed.
fn shared_network<'a>(around: &Around<'a>, mode: Option<&str>) -> Option<&'a Key> {
    around.keys.get(mode?.strip_prefix("container:")?)
}

fn network_mode(mode: Option<&str>, joined: Option<&Key>, from: &basis::Basis) -> Claim {
    let mode = match (mode, joined) {
        (None | Some(""), _) => return unknown(&basis::UNSAID),
        // By name: the other's id is new at every deployment, and the mode is the same.
        (Some(_), Some(key)) => Text::from(format!("container:{}", key.name)),
        (Some("default"), None) => "bridge".into(),
        (Some(mode), None) => match mode.strip_prefix("container:") {
            Some(id) => Text::from(format!("container:{}", short(id))),
            None => word(mode),
        },
    };
    reported(mode, from)
}

/// The id of the container whose network this one shares, if it shares one.
pub(crate) fn joins(seen: &Inspect) -> Option<&str> {
    mode(seen).strip_prefix("container:")
}

/// What leads to a container that has a network of its own, or the host's.
pub(crate) fn exposure(around: &Around<'_>, seen: &Inspect) -> Exposure {
    if mode(seen) == "host" {
        return Exposure::Host;
    }
    let network = seen.network_settings.iter();
    for (name, joined) in network.flat_map(|network| &network.networks) {
        if around.networks.is_none() {
            return Exposure::Unlisted;
        }
        if name == "ingress" {
            return Exposure::Mesh;
        }
        let id = joined
            .as_ref()
            .and_then(|joined| joined.network_id.as_deref());
        let found = around.networks.and_then(|all| all.find(id, name));
        if found.is_some_and(|network| matches!(network.driver.as_str(), "macvlan" | "ipvlan")) {
            return Exposure::Lan;
        }
    }
    Exposure::Published
}

/// Where the engine publishes what it is asked to publish for a container, as far as its networks say.
fn way(around: &Around<'_>, seen: &Inspect) -> Way {
    let (mut way, mode) = (Way::default(), mode(seen));
    let named = match mode {
        "" | "default" => "bridge",
        mode => mode,
    };
    let joined = seen.network_settings.iter();
    let joined = joined.flat_map(|network| &network.networks);
    let joined = joined.filter_map(|(name, joined)| {
        let id = joined.as_ref()?.network_id.as_deref();
        around.networks?.find(id, name)
    });
    let first = around.networks.and_then(|all| all.called(named));
    let all: Vec<&Known> = first.into_iter().chain(joined).collect();
    way.closed = mode == "none" || (!all.is_empty() && all.iter().all(|network| network.internal));
    let open = all.iter().find(|network| !network.internal);
    if let Some(address) = open.and_then(|network| network.binding.clone()) {
        way.address = address;
    }
    way
}

fn mode(seen: &Inspect) -> &str {
    let host = seen.host_config.as_ref();
    host.and_then(|host| host.network_mode.as_deref())
        .unwrap_or_default()
}
